//! What a parse emits: literal runs and matches, four bytes each.
//!
//! ```text
//! bits  0..=14  distance - 1
//! bits 15..=22  length - 3
//! bits 23..=31  literals before the match, 0..=510; 511: that many literals and no match
//! ```
//!
//! Literals are not copied: they are read from the input again when the block is written. A sequence store holds a
//! chunk; literals after the last sequence are implied by the chunk's end.

use super::{MIN_MATCH, Match};
use alloc::vec::Vec;

/// Literals of a sequence that has no match.
pub(crate) const LITERAL_RUN: usize = 511;

/// A run of literals and the match behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sequence(u32);

impl Sequence {
    /// A whole run of literals without a match.
    pub(crate) const RUN: Self = Self((LITERAL_RUN as u32) << 23);

    /// `literals` literals, fewer than [`LITERAL_RUN`], and a match. What is no match makes some sequence.
    #[inline(always)]
    pub(crate) fn new(literals: usize, found: Match) -> Self {
        let (length, distance) =
            (found.length.wrapping_sub(MIN_MATCH) as u32, found.distance.wrapping_sub(1) as u32);
        Self((literals as u32) << 23 | length << 15 | distance)
    }

    /// The bits drawn above.
    #[inline(always)]
    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    /// Literals before the match.
    #[inline(always)]
    pub(crate) fn literals(self) -> usize {
        (self.0 >> 23) as usize
    }

    /// Whether there is a match behind the literals.
    #[inline(always)]
    pub(crate) fn has_match(self) -> bool {
        self.0 < (LITERAL_RUN as u32) << 23
    }

    /// Length of the match less 3.
    #[inline(always)]
    pub(crate) fn length_code(self) -> usize {
        (self.0 >> 15 & 0xff) as usize
    }

    /// Distance of the match less 1.
    #[inline(always)]
    pub(crate) fn distance_code(self) -> usize {
        (self.0 & 0x7fff) as usize
    }

    /// Input bytes the sequence stands for.
    #[inline(always)]
    pub(crate) fn bytes(self) -> usize {
        if self.has_match() { self.literals() + self.length_code() + MIN_MATCH } else { LITERAL_RUN }
    }
}

/// The sequences of a chunk.
#[derive(Debug, Default)]
pub(crate) struct Store {
    sequences: Vec<Sequence>,
}

impl Store {
    /// Empties the store and keeps its memory.
    pub(crate) fn clear(&mut self) {
        self.sequences.clear();
    }

    /// Adds whole runs of literals without a match; returns how many of `literals` are left over.
    #[inline(always)]
    pub(crate) fn push_literals(&mut self, mut literals: usize) -> usize {
        while literals >= LITERAL_RUN {
            self.sequences.push(Sequence::RUN);
            literals -= LITERAL_RUN;
        }
        literals
    }

    /// Adds `literals` literals and a match.
    #[inline(always)]
    pub(crate) fn push(&mut self, literals: usize, found: Match) {
        let literals = self.push_literals(literals);
        self.sequences.push(Sequence::new(literals, found));
    }

    /// Adds sequences, given as their bits, which follow `literals` more literals; returns how many of them are left over
    /// if there is no match.
    pub(crate) fn append(&mut self, sequences: &[u32], literals: usize) -> usize {
        let mut sequences = sequences.iter().map(|&bits| Sequence(bits));
        let mut literals = literals;
        for first in sequences.by_ref() {
            literals += first.literals();
            if first.has_match() {
                let (length, distance) = (first.length_code() + MIN_MATCH, first.distance_code() + 1);
                self.push(literals, Match { length, distance });
                self.sequences.extend(sequences);
                return 0;
            }
        }
        literals
    }

    /// The sequences so far.
    pub(crate) fn sequences(&self) -> &[Sequence] {
        &self.sequences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_at_a_seam_are_neither_lost_nor_doubled() {
        let found = Match { length: 5, distance: 9 };
        for carried in [0, 1, 510, 511, 512, 1021, 1022] {
            for runs in 0..3 {
                for own in [0, 1, 510] {
                    let mut sequences = alloc::vec![Sequence::RUN.bits(); runs];
                    let mut store = Store::default();
                    let expected = carried + runs * LITERAL_RUN;
                    assert_eq!(store.append(&sequences, carried), expected, "no match");
                    sequences.extend([Sequence::new(own, found).bits(), Sequence::new(2, found).bits()]);
                    assert_eq!(store.append(&sequences, carried), 0);
                    let bytes: usize = store.sequences().iter().map(|sequence| sequence.bytes()).sum();
                    assert_eq!(bytes, expected + own + 2 + 2 * found.length, "{carried} {runs} {own}");
                    assert_eq!(store.sequences().last(), Some(&Sequence::new(2, found)));
                }
            }
        }
    }
}
