//! What a decoder writes to: one symbol at a time, or where there is room in rounds of the fast loop.

use crate::raw::{Output, Rounds};
#[cfg(feature = "alloc")]
use crate::raw::{PAST_LIMIT, SLACK};

/// Takes literals and matches, in order.
pub(crate) trait Target {
    /// A place in it, with room for rounds.
    type Rounds<'t>: Rounds
    where
        Self: 't;
    /// How far it is filled.
    type Mark: Copy;

    /// The present place; none if there is no room to run over.
    fn rounds(&mut self) -> Option<Self::Rounds<'_>>;

    /// Where rounds have come to.
    fn mark(rounds: &Self::Rounds<'_>) -> Self::Mark;

    /// Goes to where rounds have come.
    fn go_to(&mut self, mark: Self::Mark);

    /// Whether there is room for a literal, or for some of a match.
    fn has_room(&self) -> bool;

    /// Whether a match may reach so far back.
    fn reaches(&self, distance: usize) -> bool;

    /// Adds a literal; there must be room.
    fn literal(&mut self, byte: u8);

    /// Adds the bytes there is room for; returns how many.
    fn bytes(&mut self, bytes: &[u8]) -> usize;

    /// Adds a match, or as much of it as there is room for; returns how much. It must not reach too far.
    fn copy(&mut self, distance: usize, length: usize) -> usize;
}

/// A slice, filled from the front.
pub(super) struct Slice<'a> {
    bytes: &'a mut [u8],
    at: usize,
    /// From here on it counts as full.
    end: usize,
    /// It is filled no farther.
    last: usize,
    /// Rounds write no farther.
    run_over: usize,
}

impl<'a> Slice<'a> {
    /// `bytes`, filled up to `at`, which is not past the end.
    pub(super) fn new(bytes: &'a mut [u8], at: usize) -> Self {
        assert!(at <= bytes.len(), "start past the end of the buffer");
        let len = bytes.len();
        Self { end: len, last: len, run_over: len, bytes, at }
    }

    /// The same, and full as soon as there is no room for rounds.
    #[cfg(feature = "alloc")]
    pub(super) fn with_slack(bytes: &'a mut [u8], at: usize) -> Self {
        Self { end: bytes.len().saturating_sub(SLACK), ..Self::new(bytes, at) }
    }

    /// `bytes` up to `end`, filled up to `at`. What is behind may be written, but is not filled.
    #[cfg(feature = "alloc")]
    pub(super) fn with_end(bytes: &'a mut [u8], at: usize, end: usize) -> Self {
        let run_over = bytes.len().min(end + SLACK - PAST_LIMIT);
        Self { end, last: end, run_over, ..Self::new(bytes, at) }
    }

    /// How far it is filled.
    pub(super) fn len(&self) -> usize {
        self.at
    }
}

impl Target for Slice<'_> {
    type Rounds<'t>
        = Output<'t>
    where
        Self: 't;
    type Mark = usize;

    #[inline(always)]
    fn rounds(&mut self) -> Option<Output<'_>> {
        Output::new(&mut self.bytes[..self.run_over], self.at)
    }

    #[inline(always)]
    fn mark(rounds: &Output<'_>) -> usize {
        rounds.at()
    }

    #[inline(always)]
    fn go_to(&mut self, mark: usize) {
        self.at = mark;
    }

    #[inline(always)]
    fn has_room(&self) -> bool {
        self.at < self.end
    }

    #[inline(always)]
    fn reaches(&self, distance: usize) -> bool {
        distance <= self.at
    }

    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        if let Some(to) = self.bytes.get_mut(self.at) {
            *to = byte;
            self.at += 1;
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> usize {
        let room = &mut self.bytes[self.at..self.last];
        let count = bytes.len().min(room.len());
        room[..count].copy_from_slice(&bytes[..count]);
        self.at += count;
        count
    }

    fn copy(&mut self, distance: usize, length: usize) -> usize {
        let length = length.min(self.last - self.at);
        let (from, to) = (self.at - distance, self.at + length);
        if distance == 1 {
            let byte = self.bytes[from];
            self.bytes[self.at..to].fill(byte);
            self.at = to;
        }
        // What is there of the repeated part doubles with each copy.
        while self.at < to {
            let count = (to - self.at).min(self.at - from);
            self.bytes.copy_within(from..from + count, self.at);
            self.at += count;
        }
        length
    }
}
