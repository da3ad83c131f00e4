//! The output of a decoder: bytes written in order, with matches copied from what was written before.
//!
//! Writes may run over: a literal store always writes two bytes and a copy writes whole blocks, so up to
//! [`SLACK`] bytes behind the position hold anything. They are overwritten by what comes next, and never read
//! before that.
//!
//! Invariants:
//! 1. `limit + SLACK` is the length of the slice.
//! 2. `at <= limit + 12`: [`Output::round`] writes a match only up to `limit`, and at most 3 bytes behind it;
//!    [`Output::run`] starts at `limit` at most, and goes on by four times 3 bytes at most.
//!
//! A copy of `length` bytes from `distance` back, in blocks of `BLOCK`:
//!
//! ```text
//! distance >= min(length, BLOCK)   blocks in ascending order: each reads only what is final
//! distance < min(length, BLOCK)    the pattern overlaps itself inside a block: it is first repeated up to a period
//!                                  of at least BLOCK, doubling each time, then copied as above with that period
//! ```

use crate::arch::IS_FETCHED;
use core::hint::select_unpredictable as select;
use core::ptr;

/// Bytes that may be overwritten behind the position.
pub(crate) const SLACK: usize = BLOCK + 2;
const _: () = assert!(SLACK >= 12 + 2, "two literals at the last position");

/// How far past the limit, which is [`SLACK`] before the end of the slice, the position may come.
#[cfg(feature = "alloc")]
pub(crate) const PAST_LIMIT: usize = 12;

/// Literals written at once by [`Output::literals`].
#[cfg(feature = "parallel")]
pub(crate) const RUN: usize = 16;
#[cfg(feature = "parallel")]
const _: () = assert!(RUN <= SLACK);

/// Bytes moved at once: a whole match, most often, so that its length decides no branch.
const BLOCK: usize = 64;

/// What the fast loop makes.
pub(crate) trait Rounds {
    /// Adds literals; then, if so, a match of a distance and a length; then literals again. Of the literals
    /// the first so many, at most 3, are kept. False, and nothing kept, if there is no room for that, or the match starts
    /// before the output.
    fn round(
        &mut self,
        first: ([u8; 2], usize),
        copied: (bool, usize, usize),
        second: ([u8; 2], usize),
    ) -> bool;

    /// Whether [`Rounds::run`] does anything.
    const TAKES_RUNS: bool = false;

    /// Adds literals, of each pair the first so many. False, and nothing kept, if there is no room for that.
    #[inline(always)]
    fn run(&mut self, _pairs: [([u8; 2], usize); 4]) -> bool {
        false
    }

    /// Takes back the last `count` literals.
    fn go_back(&mut self, count: usize);
}

/// A slice with at least [`SLACK`] bytes and the position of the next write.
pub(crate) struct Output<'a> {
    bytes: &'a mut [u8],
    at: usize,
    limit: usize,
}

impl<'a> Output<'a> {
    /// Output into `bytes` from `at` on; `None` when there is no room to run over.
    #[inline(always)]
    pub(crate) fn new(bytes: &'a mut [u8], at: usize) -> Option<Self> {
        let limit = bytes.len().checked_sub(SLACK)?;
        (at <= limit).then_some(Self { bytes, at, limit })
    }

    /// Where the next byte goes.
    #[inline(always)]
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Writes the first `count`, at most [`RUN`], of `literals`. False, and nothing kept, if they do not end within the
    /// limit.
    #[cfg(feature = "parallel")]
    #[inline(always)]
    #[expect(unsafe_code, reason = "one check for a block")]
    pub(crate) fn literals(&mut self, literals: &[u8; RUN], count: usize) -> bool {
        let end = self.at + count.min(RUN);
        if end > self.limit {
            return false;
        }
        // SAFETY: at <= end <= limit < bytes.len() (invariant 1).
        let to = unsafe { self.bytes.as_mut_ptr().add(self.at) };
        // SAFETY: RUN bytes from `at` end before limit + SLACK; no alignment is needed.
        unsafe { ptr::write_unaligned(to.cast::<[u8; RUN]>(), *literals) };
        self.at = end;
        true
    }
}

impl Output<'_> {
    /// Writes the first `count`, at most [`RUN`], of `literals`, and a match of a distance and a length. False, and
    /// nothing kept, if there is no room for that, or the match starts before the output; one of length 0 may.
    #[cfg(feature = "parallel")]
    #[inline(always)]
    #[expect(unsafe_code, reason = "one check for the literals and all blocks")]
    pub(crate) fn run_and_copy(
        &mut self,
        literals: &[u8; RUN],
        count: usize,
        distance: usize,
        length: usize,
    ) -> bool {
        let start = self.at + count.min(RUN);
        let end = start + length;
        if end > self.limit {
            return false;
        }
        if distance > start || distance == 0 {
            return length == 0 && self.literals(literals, count);
        }
        let bytes = self.bytes.as_mut_ptr();
        // SAFETY: at <= end <= limit < bytes.len() (invariant 1).
        let run_to = unsafe { bytes.add(self.at) };
        // SAFETY: RUN bytes from `at` end before limit + SLACK; no alignment is needed.
        unsafe { ptr::write_unaligned(run_to.cast::<[u8; RUN]>(), *literals) };
        // SAFETY: start <= end <= limit.
        let to = unsafe { bytes.add(start) };
        // SAFETY: distance <= start.
        let from = unsafe { to.sub(distance) };
        if length > BLOCK || length > distance {
            // SAFETY: to + length <= limit with SLACK behind it; distance is not 0.
            unsafe { copy_long(from, to, distance, length) };
        } else {
            // SAFETY: to + length <= limit with SLACK behind it, and `from` is before `to`.
            unsafe { copy_block(from, to) };
        }
        self.at = end;
        true
    }
}

impl Rounds for Output<'_> {
    const TAKES_RUNS: bool = !IS_FETCHED;

    fn go_back(&mut self, count: usize) {
        self.at = self.at.saturating_sub(count);
    }

    #[inline(always)]
    #[expect(unsafe_code, reason = "one check for all literals")]
    fn run(&mut self, pairs: [([u8; 2], usize); 4]) -> bool {
        if self.at > self.limit {
            return false;
        }
        for (pair, count) in pairs {
            // SAFETY: at <= limit + 12 < bytes.len() (invariants 1 and 2).
            let to = unsafe { self.bytes.as_mut_ptr().add(self.at) };
            // SAFETY: at + 2 <= limit + SLACK, as above.
            unsafe { write_pair(to, pair) };
            self.at += count & 3;
        }
        true
    }

    /// What is done does not depend on `is_match`: else a copy without length is made.
    #[inline(always)]
    #[expect(unsafe_code, reason = "one check for the literals and all blocks")]
    fn round(
        &mut self,
        first: ([u8; 2], usize),
        (is_match, distance, length): (bool, usize, usize),
        second: ([u8; 2], usize),
    ) -> bool {
        let start = self.at + (first.1 & 3);
        let length = select(is_match, length, 0);
        let distance = select(is_match, distance, start);
        let end = start + length;
        if distance > start || end > self.limit {
            return false;
        }
        let bytes = self.bytes.as_mut_ptr();
        // SAFETY: at <= start <= end <= limit < bytes.len() (invariant 1).
        let first_to = unsafe { bytes.add(self.at) };
        // SAFETY: at + 2 <= limit + SLACK.
        unsafe { write_pair(first_to, first.0) };
        // SAFETY: start <= end <= limit.
        let to = unsafe { bytes.add(start) };
        // SAFETY: distance <= start.
        let from = unsafe { to.sub(distance) };
        if length > BLOCK || length > distance {
            if distance == 0 {
                return false;
            }
            // SAFETY: to + length <= limit with SLACK behind it; distance is not 0.
            unsafe { copy_long(from, to, distance, length) };
        } else {
            // SAFETY: to + length <= limit with SLACK behind it, and `from` is before `to`.
            unsafe { copy_block(from, to) };
        }
        // SAFETY: end <= limit.
        let second_to = unsafe { bytes.add(end) };
        // SAFETY: end + 2 <= limit + SLACK.
        unsafe { write_pair(second_to, second.0) };
        self.at = end + (second.1 & 3);
        true
    }
}

/// Writes two literals.
///
/// # Safety
///
/// Two bytes from `to` can be written.
#[inline(always)]
#[expect(unsafe_code, reason = "one check for many stores")]
unsafe fn write_pair(to: *mut u8, pair: [u8; 2]) {
    // SAFETY: the caller's promise; no alignment is needed.
    unsafe { ptr::write_unaligned(to.cast::<[u8; 2]>(), pair) };
}

/// Copies a match that is longer than a block or than its distance; writes at most `BLOCK` bytes past the end.
///
/// # Safety
///
/// `from` is `distance` (not 0) before `to` in one slice; from `to` on there are `length + BLOCK` bytes.
#[inline(always)]
#[expect(unsafe_code, reason = "block copies without a check each")]
unsafe fn copy_long(from: *const u8, to: *mut u8, distance: usize, length: usize) {
    if distance >= BLOCK {
        // SAFETY: the caller's promise; distance >= BLOCK.
        unsafe { copy_blocks(from, to, length) };
    } else {
        // SAFETY: the caller's promise; distance < BLOCK.
        unsafe { copy_pattern(from, to, distance, length) };
    }
}

/// Copies `length` bytes in ascending blocks; writes fewer than `BLOCK` bytes past the end.
///
/// # Safety
///
/// `from` and `to` point into one slice, `from < to`; from `to` on there are `length + BLOCK` bytes. Either
/// `to - from >= BLOCK` or `length <= to - from`.
#[inline(always)]
#[expect(unsafe_code, reason = "block copies without a check each")]
unsafe fn copy_blocks(mut from: *const u8, mut to: *mut u8, length: usize) {
    let mut left = length;
    loop {
        // SAFETY: fewer than `length` bytes were written (none, the first time), so BLOCK more are inside.
        unsafe { copy_block(from, to) };
        if left <= BLOCK {
            return;
        }
        left -= BLOCK;
        // SAFETY: fewer than `length` bytes past the start.
        to = unsafe { to.add(BLOCK) };
        // SAFETY: as `to`, which is ahead.
        from = unsafe { from.add(BLOCK) };
    }
}

/// Copies a match whose distance is below its length and below `BLOCK`; writes at most `BLOCK` bytes past the end.
///
/// # Safety
///
/// `from` is `distance` before `to` in one slice, `1 <= distance < BLOCK`; from `to` on there are `length + BLOCK`
/// bytes.
#[inline(always)]
#[expect(unsafe_code, reason = "block copies without a check each")]
unsafe fn copy_pattern(from: *const u8, mut to: *mut u8, distance: usize, length: usize) {
    let mut left = length;
    if distance == 1 {
        // SAFETY: `from` is inside the slice.
        let byte = unsafe { ptr::read(from) };
        loop {
            // SAFETY: fewer than `length` bytes were written, so BLOCK more are inside.
            unsafe { ptr::write_unaligned(to.cast::<[u8; BLOCK]>(), [byte; BLOCK]) };
            if left <= BLOCK {
                return;
            }
            left -= BLOCK;
            // SAFETY: fewer than `length` bytes past the start.
            to = unsafe { to.add(BLOCK) };
        }
    }
    let mut period = distance;
    while period < BLOCK {
        // SAFETY: fewer than `length` bytes were written, so BLOCK more are inside.
        unsafe { copy_block(from, to) };
        if left <= period {
            return;
        }
        left -= period;
        // SAFETY: fewer than `length` bytes past the start.
        to = unsafe { to.add(period) };
        period *= 2;
    }
    // SAFETY: `to` is now `period` past `from`, period >= BLOCK, and `left` of `length` bytes remain.
    unsafe { copy_blocks(from, to, left) };
}

/// Copies one block: all of it is read before any of it is written.
///
/// # Safety
///
/// `BLOCK` bytes from `from` can be read and from `to` written.
#[inline(always)]
#[expect(unsafe_code, reason = "block copies without a check each")]
unsafe fn copy_block(from: *const u8, to: *mut u8) {
    // SAFETY: the caller's promise; no alignment is needed.
    let block = unsafe { ptr::read_unaligned(from.cast::<[u8; BLOCK]>()) };
    // SAFETY: the caller's promise; no alignment is needed.
    unsafe { ptr::write_unaligned(to.cast::<[u8; BLOCK]>(), block) };
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
            let Copy(bytes, start, distance, length) = self;
            if let Some(mut output) = Output::new(bytes, start) {
                let none = ([0; 2], 0);
                assert!(output.round(none, (true, distance, length), none));
                assert_eq!(output.at(), start + length);
            }
        }
    }

    /// Room behind the match beyond what `fits` demands, 0..=64: writes end before `SLACK` bytes after it.
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
                    let mut bytes = [0xee; START + 258 + SLACK + 64];
                    bytes[..START].copy_from_slice(&history);
                    let end = START + length + SLACK;
                    isa.call(Copy(&mut bytes[..end + slack], START, distance, length));
                    assert!(
                        bytes[..START + length] == expected[..START + length],
                        "{distance} {length} {slack}"
                    );
                    assert!(
                        bytes[end..] == [0xee; 258 + 64][..258 + 64 - length],
                        "{distance} {length}: too far"
                    );
                }
            }
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        const NONE: ([u8; 2], usize) = ([0xcc; 2], 0);
        let mut bytes = [7u8; SLACK + 10];
        for (first, distance, length, fits) in [
            (0, 4, 6, true),
            (1, 5, 5, true),
            (0, 5, 3, false), // before the start
            (1, 6, 3, false),
            (0, 0, 3, false), // no distance
            (0, 4, 7, false), // past the end
            (1, 4, 6, false),
            (2, 4, 5, false),
        ] {
            let mut output = Output::new(&mut bytes, 4).expect("room");
            let did = output.round(([1, 2], first), (true, distance, length), NONE);
            assert_eq!(did, fits, "{first} {distance} {length}");
            assert_eq!(output.at(), if fits { 4 + first + length } else { 4 });
        }
        assert!(Output::new(&mut bytes[..SLACK - 1], 0).is_none());
        assert!(Output::new(&mut bytes, 11).is_none());
    }

    #[test]
    fn literals_stand_on_both_sides_of_a_match_and_without_one() {
        for first in 0..=2 {
            for second in 0..=2 {
                for is_match in [false, true] {
                    let mut bytes = [0u8; SLACK + 20];
                    bytes[..3].copy_from_slice(&[7, 8, 9]);
                    let mut expected = alloc::vec![7, 8, 9];
                    expected.extend(&[1, 2][..first]);
                    if is_match {
                        (0..5).for_each(|_| expected.push(expected[expected.len() - 2]));
                    }
                    expected.extend(&[3, 4][..second]);
                    let mut output = Output::new(&mut bytes, 3).expect("room");
                    // Where there is no match, its numbers mean nothing.
                    let (distance, length) = if is_match { (2, 5) } else { (60_000, 250) };
                    assert!(output.round(([1, 2], first), (is_match, distance, length), ([3, 4], second)));
                    let at = output.at();
                    assert_eq!(bytes[..at], expected);
                }
            }
        }
    }

    #[test]
    fn a_run_is_written_whole_or_not_at_all() {
        let pairs = [([1, 0], 1), ([2, 3], 2), ([4, 0], 1), ([5, 6], 2)];
        for (start, fits) in [(0, true), (10, true), (11, false)] {
            let mut bytes = [0u8; SLACK + 10];
            let Some(mut output) = Output::new(&mut bytes, start.min(10)) else { panic!("no room") };
            if start > 10 {
                assert!(output.round(([9, 9], 0), (false, 0, 0), ([9, 9], start - 10)));
            }
            assert_eq!(output.run(pairs), fits);
            assert_eq!(output.at(), start + if fits { 6 } else { 0 });
            assert!(!fits || bytes[start..start + 6] == [1, 2, 3, 4, 5, 6]);
        }
    }

    #[test]
    fn literals_stop_at_the_limit() {
        let mut bytes = [0u8; SLACK + 10];
        let mut output = Output::new(&mut bytes, 0).expect("room");
        let two = ([5, 6], 2);
        let rounds = (0..100).take_while(|_| output.round(two, (false, 0, 0), two)).count();
        assert_eq!((rounds, output.at()), (3, 12));
        output.go_back(2);
        assert!(output.round(([5, 6], 0), (false, 0, 0), ([5, 6], 1)));
        assert_eq!(output.at(), 11);
    }
}
