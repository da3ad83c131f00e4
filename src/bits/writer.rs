//! The bit writer of the compressor: a 64-bit buffer that is stored whole and advanced by its full bytes.
//!
//! Invariants:
//! 1. The low byte of `count` is how many bits of `buffer` are in use, the rest of which are zero; what stands above
//!    the low byte of `count` is arbitrary, so that a packed code can be added to it as it is.
//! 2. After [`BitWriter::flush`] at most 7 bits are in use; at most 56 may be added before the next flush.
//! 3. The caller asks for room for every bit it writes; a store past the room is dropped, never made.

use super::fragment::Fragment;
use crate::raw::room::StoreRoom;

/// Bits that may be added between two flushes.
pub(crate) const FLUSH_BITS: u32 = 56;

/// Appends bits to the bytes of a fragment, which it holds until [`BitWriter::finish`].
pub(crate) struct BitWriter {
    room: StoreRoom,
    at: usize,
    buffer: u64,
    count: u32,
}

impl BitWriter {
    /// A writer that goes on at the end of `fragment`, with room for `bits` more.
    pub(crate) fn new(fragment: &mut Fragment, bits: u64) -> Self {
        let bytes = core::mem::take(&mut fragment.bytes);
        let at = (fragment.bit_len / 8) as usize;
        let count = (fragment.bit_len % 8) as u32;
        let buffer = if count > 0 { u64::from(bytes[at]) } else { 0 };
        // One byte for the bits before, one for the part of the last byte.
        let room = StoreRoom::new(bytes, at + (bits / 8) as usize + 2);
        Self { room, at, buffer, count }
    }

    /// Gives the bytes back to `fragment`, longer by what was written.
    pub(crate) fn finish(mut self, fragment: &mut Fragment) {
        self.flush();
        fragment.bit_len = 8 * self.at as u64 + u64::from(self.count);
        fragment.bytes = self.room.into_bytes();
    }

    /// Adds the low `count` bits of `bits`, the rest of which is zero; only the low byte of `count` counts. See
    /// invariant 2.
    #[inline(always)]
    pub(crate) fn add(&mut self, bits: u64, count: u32) {
        debug_assert!((self.count & 0xff) + (count & 0xff) < 64 && bits >> (count & 0x3f) == 0);
        self.buffer |= bits << (self.count & 0x3f);
        self.count = self.count.wrapping_add(count);
    }

    /// Stores the full bytes of the buffer.
    #[inline(always)]
    pub(crate) fn flush(&mut self) {
        self.room.store(self.at, self.buffer);
        let bits = self.count & 0x38;
        self.at += (bits >> 3) as usize;
        self.buffer >>= bits;
        self.count &= 7;
    }

    /// [`BitWriter::add`] and [`BitWriter::flush`], for up to [`FLUSH_BITS`] bits outside hot loops.
    pub(crate) fn put(&mut self, bits: u64, count: u32) {
        debug_assert!(count <= FLUSH_BITS);
        self.add(bits, count);
        self.flush();
    }

    /// Pads to a byte boundary, which the splice keeps; returns where the padding starts.
    pub(crate) fn align(&mut self) -> u64 {
        let at = 8 * self.at as u64 + u64::from(self.count);
        self.count = self.count.next_multiple_of(8);
        self.flush();
        at
    }

    /// Appends whole bytes at a byte boundary.
    pub(crate) fn put_bytes(&mut self, bytes: &[u8]) {
        debug_assert_eq!(self.count, 0);
        self.room.copy(self.at, bytes);
        self.at += bytes.len();
    }
}
