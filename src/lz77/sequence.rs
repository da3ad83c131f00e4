//! What a parse emits: literal runs and matches, four bytes each.
//!
//! ```text
//! bits  0..=14  distance - 1
//! bits 15..=22  length - 3
//! bits 23..=31  literals before the match, 0..=510; 511: that many literals and no match
//! ```
//!
//! Literals are not copied: they are read from the input again when tokens are made. A sequence store holds a unit;
//! literals after the last sequence are implied by the unit's end.

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

/// The sequences of a unit.
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

    /// The sequences so far.
    pub(crate) fn sequences(&self) -> &[Sequence] {
        &self.sequences
    }
}
