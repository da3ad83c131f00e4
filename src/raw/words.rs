//! Unaligned little-endian words of a byte slice, one after the other.

use core::marker::PhantomData;
use core::ptr;

/// A place in a slice, from where eight bytes are read at a time.
///
/// Invariants:
/// 1. `start <= next <= last + 8`, all in one slice of which `last + 8` is the end.
/// 2. The slice has at least eight bytes.
pub(crate) struct Words<'a> {
    start: *const u8,
    next: *const u8,
    last: *const u8,
    slice: PhantomData<&'a [u8]>,
}

impl<'a> Words<'a> {
    /// The words of `bytes` from `at` on; `None` when there is not a whole one.
    #[inline(always)]
    #[expect(unsafe_code, reason = "one comparison per word instead of the two of a slice index")]
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Option<Self> {
        let last = bytes.len().checked_sub(8)?;
        if at > last {
            return None;
        }
        let start = bytes.as_ptr();
        // SAFETY: at <= last < bytes.len().
        let next = unsafe { start.add(at) };
        // SAFETY: last < bytes.len().
        let last = unsafe { start.add(last) };
        Some(Self { start, next, last, slice: PhantomData })
    }

    /// Reads a word, and goes on by the low three bits of `bytes`; `None`, and nothing done, when the word would reach
    /// past the end.
    #[inline(always)]
    #[expect(unsafe_code, reason = "one comparison per word instead of the two of a slice index")]
    pub(crate) fn read(&mut self, bytes: usize) -> Option<u64> {
        if self.next > self.last {
            return None;
        }
        // SAFETY: next <= last, so eight bytes from `next` are inside (invariant 1); no alignment is needed.
        let word = unsafe { ptr::read_unaligned(self.next.cast::<u64>()) };
        // SAFETY: next <= last, and 7 bytes more are before last + 8 (invariant 1).
        self.next = unsafe { self.next.add(bytes & 7) };
        Some(u64::from_le(word))
    }

    /// How far the place is from the start of the slice, in bytes.
    #[inline(always)]
    pub(crate) fn at(&self) -> usize {
        self.next.addr() - self.start.addr()
    }
}

/// Reads `value` here and now: the compiler neither drops the load nor moves it past a branch.
#[inline(always)]
#[expect(unsafe_code, reason = "a volatile read has no safe form")]
pub(crate) fn load_now(value: &u32) -> u32 {
    // SAFETY: a reference is valid for reads.
    unsafe { ptr::read_volatile(value) }
}
