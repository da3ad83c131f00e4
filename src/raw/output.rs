//! The output of a decoder: elements written in order, with matches copied from what was written before.
//!
//! Writes may run over: a literal store always writes two elements and a copy writes whole blocks, so up to
//! [`SLACK`] elements behind the position hold anything. They are overwritten by what comes next, and never read
//! before that.
//!
//! Invariants:
//! 1. `start`, `next` and `limit` point into one slice that starts at `start` and ends `SLACK` elements after `limit`.
//! 2. `next <= limit`: each method checks it for the new position before it writes, and refuses otherwise.
//!
//! A copy of `length` elements from `distance` back, in blocks of `BLOCK`:
//!
//! ```text
//! distance >= min(length, BLOCK)   blocks in ascending order: each reads only what is final
//! distance < min(length, BLOCK)    the pattern overlaps itself inside a block: it is first repeated up to a period
//!                                  of at least BLOCK, doubling each time, then copied as above with that period
//! ```

use bytemuck::Pod;
use core::ptr;

/// Elements that may be overwritten behind the position.
pub(crate) const SLACK: usize = BLOCK + 2;

/// Elements moved at once: a whole match, most often, so that its length decides no branch.
const BLOCK: usize = 64;

/// What a decoder writes: bytes, or 16-bit units that are bytes or references into an unknown window.
pub(crate) trait Element: Pod {
    /// The element of a literal byte.
    fn literal(byte: u8) -> Self;
}

impl Element for u8 {
    #[inline(always)]
    fn literal(byte: u8) -> Self {
        byte
    }
}

impl Element for u16 {
    #[inline(always)]
    fn literal(byte: u8) -> Self {
        Self::from(byte)
    }
}

/// A slice with at least [`SLACK`] elements and the position of the next write.
pub(crate) struct Output<'a, E> {
    elements: &'a mut [E],
    at: usize,
    limit: usize,
}

impl<'a, E: Element> Output<'a, E> {
    /// Output into `elements` from `at` on; `None` when there is no room to run over.
    #[inline(always)]
    pub(crate) fn new(elements: &'a mut [E], at: usize) -> Option<Self> {
        let limit = elements.len().checked_sub(SLACK)?;
        (at <= limit).then_some(Self { elements, at, limit })
    }

    /// Where the next element goes.
    #[inline(always)]
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Writes two literals, of which the first `count` (1 or 2) are kept. False, and nothing written, without room.
    #[inline(always)]
    #[expect(unsafe_code, reason = "one check for both literals")]
    pub(crate) fn literals(&mut self, pair: [u8; 2], count: usize) -> bool {
        let end = self.at + count;
        if end > self.limit {
            return false;
        }
        // SAFETY: at <= limit (invariant 2), and SLACK >= 2 elements follow (invariant 1).
        let to = unsafe { self.elements.as_mut_ptr().add(self.at) };
        // SAFETY: the two elements from `to` are inside the slice, as above.
        unsafe { ptr::write_unaligned(to.cast::<[E; 2]>(), pair.map(E::literal)) };
        self.at = end;
        true
    }

    /// Whether a match of `length` from `distance` (at least 1) back, after `lead` literals, stays inside: both what
    /// it reads and what it writes.
    #[inline(always)]
    pub(crate) fn fits(&self, lead: usize, distance: usize, length: usize) -> bool {
        let start = self.at + lead;
        distance.wrapping_sub(1) < start && start + length <= self.limit
    }

    /// Writes `literal` if `lead` is 1 (nothing if it is 0), then `length` elements from `distance` back.
    ///
    /// # Panics
    ///
    /// Unless [`Output::fits`] holds.
    #[inline(always)]
    #[expect(unsafe_code, reason = "block copies without a check each")]
    pub(crate) fn copy(&mut self, literal: u8, lead: usize, distance: usize, length: usize) {
        assert!(self.fits(lead, distance, length), "match outside the output");
        // SAFETY: at <= limit < elements.len() (invariants 1 and 2).
        let literal_to = unsafe { self.elements.as_mut_ptr().add(self.at) };
        // SAFETY: `literal_to` is inside the slice, as above.
        unsafe { ptr::write(literal_to, E::literal(literal)) };
        let start = self.at + lead;
        self.at = start + length;
        // SAFETY: start <= limit, since `fits` checked start + length.
        let to = unsafe { self.elements.as_mut_ptr().add(start) };
        // SAFETY: distance <= start, by `fits`.
        let from = unsafe { to.sub(distance) };
        if distance >= length.min(BLOCK) {
            // SAFETY: to + length <= limit with SLACK behind it; distance >= min(length, BLOCK).
            unsafe { copy_blocks(from, to, length) };
        } else {
            // SAFETY: to + length <= limit with SLACK behind it; distance < BLOCK.
            unsafe { copy_pattern(from, to, distance, length) };
        }
    }
}

/// Copies `length` elements in ascending blocks; writes fewer than `BLOCK` elements past the end.
///
/// # Safety
///
/// `from` and `to` point into one slice, `from < to`; from `to` on there are `length + BLOCK` elements. Either
/// `to - from >= BLOCK` or `length <= to - from`.
#[inline(always)]
#[expect(unsafe_code, reason = "block copies without a check each")]
unsafe fn copy_blocks<E: Element>(mut from: *const E, mut to: *mut E, length: usize) {
    let mut left = length;
    loop {
        // SAFETY: fewer than `length` elements were written (none, the first time), so BLOCK more are inside.
        unsafe { copy_block(from, to) };
        if left <= BLOCK {
            return;
        }
        left -= BLOCK;
        // SAFETY: fewer than `length` elements past the start.
        to = unsafe { to.add(BLOCK) };
        // SAFETY: as `to`, which is ahead.
        from = unsafe { from.add(BLOCK) };
    }
}

/// Copies a match whose distance is below its length and below `BLOCK`; writes at most `BLOCK` elements past the end.
///
/// # Safety
///
/// `from` is `distance` before `to` in one slice, `1 <= distance < BLOCK`; from `to` on there are `length + BLOCK`
/// elements.
#[inline(always)]
#[expect(unsafe_code, reason = "block copies without a check each")]
unsafe fn copy_pattern<E: Element>(from: *const E, mut to: *mut E, distance: usize, length: usize) {
    let mut left = length;
    if distance == 1 {
        // SAFETY: `from` is inside the slice.
        let element = unsafe { ptr::read(from) };
        loop {
            // SAFETY: fewer than `length` elements were written, so BLOCK more are inside.
            unsafe { ptr::write_unaligned(to.cast::<[E; BLOCK]>(), [element; BLOCK]) };
            if left <= BLOCK {
                return;
            }
            left -= BLOCK;
            // SAFETY: fewer than `length` elements past the start.
            to = unsafe { to.add(BLOCK) };
        }
    }
    let mut period = distance;
    while period < BLOCK {
        // SAFETY: fewer than `length` elements were written, so BLOCK more are inside.
        unsafe { copy_block(from, to) };
        if left <= period {
            return;
        }
        left -= period;
        // SAFETY: fewer than `length` elements past the start.
        to = unsafe { to.add(period) };
        period *= 2;
    }
    // SAFETY: `to` is now `period` past `from`, period >= BLOCK, and `left` of `length` elements remain.
    unsafe { copy_blocks(from, to, left) };
}

/// Copies one block: all of it is read before any of it is written.
///
/// # Safety
///
/// `BLOCK` elements from `from` can be read and from `to` written.
#[inline(always)]
#[expect(unsafe_code, reason = "block copies without a check each")]
unsafe fn copy_block<E: Element>(from: *const E, to: *mut E) {
    // SAFETY: the caller's promise; no alignment is needed.
    let block = unsafe { ptr::read_unaligned(from.cast::<[E; BLOCK]>()) };
    // SAFETY: the caller's promise; no alignment is needed.
    unsafe { ptr::write_unaligned(to.cast::<[E; BLOCK]>(), block) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::{Isa, Kernel, Simd};
    use alloc::vec::Vec;

    struct Copy<'a>(&'a mut [u8], usize, usize, usize);

    impl Kernel for Copy<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self) {
            let Copy(elements, start, distance, length) = self;
            if let Some(mut output) = Output::new(elements, start) {
                assert!(output.fits(0, distance, length));
                output.copy(0, 0, distance, length);
                assert_eq!(output.at(), start + length);
            }
        }
    }

    /// Room behind the match beyond what `fits` demands, 0..=64: writes end before `SLACK` elements after it.
    /// Every pair, or under Miri, which takes its time, one in so many.
    const STEP: usize = if cfg!(miri) { 149 } else { 1 };

    #[test]
    fn copies_of_every_distance_and_length_touch_nothing_outside() {
        const START: usize = 300;
        let history: Vec<u8> = (0..START).map(|i| (i * 89 % 251) as u8).collect();
        for isa in Isa::all() {
            for distance in (1..=300).step_by(STEP) {
                let mut expected = history.clone();
                (0..258).for_each(|_| expected.push(expected[expected.len() - distance]));
                for (length, slack) in
                    (3..=258).flat_map(|length| (0..=64).map(move |slack| (length, slack))).step_by(STEP)
                {
                    let mut elements = [0xee; START + 258 + SLACK + 64];
                    elements[..START].copy_from_slice(&history);
                    let end = START + length + SLACK;
                    isa.call(Copy(&mut elements[..end + slack], START, distance, length));
                    assert!(
                        elements[..START + length] == expected[..START + length],
                        "{distance} {length} {slack}"
                    );
                    assert!(
                        elements[end..] == [0xee; 258 + 64][..258 + 64 - length],
                        "{distance} {length}: too far"
                    );
                }
            }
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let mut elements = [7u8; SLACK + 10];
        let mut output = Output::new(&mut elements, 4).expect("room");
        assert!(output.fits(0, 4, 6) && output.fits(1, 5, 5));
        assert!(!output.fits(0, 5, 3), "before the start");
        assert!(!output.fits(0, 0, 3), "distance 0");
        assert!(!output.fits(0, 4, 7) && !output.fits(1, 4, 6), "past the end");
        assert!(output.literals([1, 2], 2) && output.literals([3, 4], 2) && output.literals([5, 6], 1));
        assert!(!output.literals([8, 9], 2) && output.literals([8, 9], 1) && !output.literals([8, 9], 1));
        assert_eq!(output.at(), 10);
        assert_eq!(elements[4..10], [1, 2, 3, 4, 5, 8]);
        assert!(Output::new(&mut elements[..SLACK - 1], 0).is_none());
        assert!(Output::new(&mut elements, 11).is_none());
    }
}
