//! What was decoded behind a window that is not known: literals and matches, to be replayed once it is.
//!
//! Problem: a decoder that starts in the middle of a stream cannot copy what lies before. Decoding to units that stand for
//! bytes of the window lets it copy, but most units come to be such references, each takes two bytes of memory that is
//! written, read and looked up in the end, and copying them takes as long as copying bytes.
//!
//! Method. Most of a decoder's time goes into finding out what the symbols are, and for that no window is needed. So they
//! are only noted; the copying is done once, with bytes, when the window is there. Replaying has no bits to wait for.
//!
//! ```text
//! literals   a b c d e f ...                                  all literals, one after the other
//! matches    | literals before it, counted from the start: 32 | length: 16 | distance - 1: 16 |
//! ```
//!
//! Cost: a byte for each literal, eight for each match; see `docs/scaling-decompression.md` for the time.

use super::target::Target;
use super::window::MAX_DISTANCE;
use crate::arch::{Isa, Kernel, Simd};
use crate::raw::{Output, RUN, Rounds};
use alloc::vec::Vec;

/// The longest match (RFC 1951, 3.2.5).
const MAX_LENGTH: usize = 258;

/// Bytes that two pairs of literals can take, the second behind all that are kept of the first.
const PAIRS: usize = 3 + 2;

/// Literals and matches, up to a number of bytes that they stand for.
#[derive(Debug)]
pub(crate) struct Tokens {
    literals: Vec<u8>,
    matches: Vec<u64>,
    mark: Mark,
    most_bytes: usize,
}

/// How far tokens are filled.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mark {
    literals: usize,
    matches: usize,
    /// Bytes that both stand for.
    bytes: usize,
}

/// One match.
#[derive(Clone, Copy)]
struct Match(u64);

impl Match {
    #[inline(always)]
    fn new(literals: usize, distance: usize, length: usize) -> Self {
        Self(
            (literals as u64) << 32
                | (length as u64 & 0xffff) << 16
                | (distance as u64).wrapping_sub(1) & 0xffff,
        )
    }

    #[inline(always)]
    fn literals(self) -> usize {
        (self.0 >> 32) as usize
    }

    #[inline(always)]
    fn length(self) -> usize {
        (self.0 >> 16 & 0xffff) as usize
    }

    #[inline(always)]
    fn distance(self) -> usize {
        (self.0 & 0xffff) as usize + 1
    }
}

impl Tokens {
    /// Room for tokens that stand for so many bytes, and for so many matches.
    pub(crate) fn new(most_bytes: usize, most_matches: usize) -> Self {
        let literals = if most_bytes > 0 { most_bytes + PAIRS + RUN } else { 0 };
        Self {
            literals: alloc::vec![0; literals],
            matches: alloc::vec![0; most_matches],
            mark: Mark::default(),
            most_bytes,
        }
    }

    /// Drops all.
    pub(crate) fn clear(&mut self) {
        self.mark = Mark::default();
    }

    /// How far they reach back before their start, in bytes.
    pub(crate) fn reach(&self) -> usize {
        let (mut bytes, mut literals, mut reach) = (0, 0, 0);
        for &token in &self.matches[..self.mark.matches] {
            let token = Match(token);
            bytes += token.literals() - literals;
            literals = token.literals();
            reach = reach.max(token.distance().saturating_sub(bytes));
            bytes += token.length();
            if bytes >= MAX_DISTANCE {
                break;
            }
        }
        reach
    }

    /// The bytes they stand for.
    pub(crate) fn bytes(&self) -> usize {
        self.mark.bytes
    }

    /// Replays from `from` on into `bytes` from `at` on, as far as there is room for the next match at its longest, and
    /// goes on with both. What lies before `bytes` must not be referred to.
    pub(crate) fn replay(&self, from: &mut Place, bytes: &mut [u8], at: &mut usize) {
        (*from, *at) = Isa::detect().call(Replay { tokens: self, bytes, at: *at, from: *from });
    }

    /// Whether `place` is the end.
    pub(crate) fn end_at(&self, place: Place) -> bool {
        (place.literals, place.matches) == (self.mark.literals, self.mark.matches)
    }
}

/// A place between tokens.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    literals: usize,
    matches: usize,
}

/// The arguments of [`Tokens::replay`], to be done at some level.
struct Replay<'a> {
    tokens: &'a Tokens,
    bytes: &'a mut [u8],
    at: usize,
    from: Place,
}

impl Kernel for Replay<'_> {
    type Output = (Place, usize);

    #[inline(always)]
    fn run<S: Simd>(self) -> (Place, usize) {
        const NONE: ([u8; 2], usize) = ([0; 2], 0);
        let Self { tokens: Tokens { literals, matches, mark, .. }, bytes, at, from: mut place } = self;
        let Some(mut out) = Output::new(bytes, at) else { return (place, at) };
        'full: for &token in &matches[place.matches..mark.matches] {
            let token = Match(token);
            loop {
                let left = token.literals() - place.literals;
                let Some(run) = literals[place.literals..].first_chunk() else { break 'full };
                if !out.literals(run, left.min(RUN)) {
                    break 'full;
                }
                place.literals += left.min(RUN);
                if left <= RUN {
                    break;
                }
            }
            if !out.round(NONE, (true, token.distance(), token.length()), NONE) {
                break;
            }
            place.matches += 1;
        }
        if place.matches == mark.matches {
            while place.literals < mark.literals
                && let Some(run) = literals[place.literals..].first_chunk()
                && let count = (mark.literals - place.literals).min(RUN)
                && out.literals(run, count)
            {
                place.literals += count;
            }
        }
        (place, out.at())
    }
}

impl Target for Tokens {
    type Rounds<'t> = TokenRounds<'t>;
    type Mark = Mark;

    #[inline(always)]
    fn rounds(&mut self) -> Option<TokenRounds<'_>> {
        let Self { literals, matches, mark, most_bytes } = self;
        (mark.bytes + MAX_LENGTH <= *most_bytes).then_some(TokenRounds {
            literals,
            matches,
            mark: *mark,
            most_bytes: *most_bytes,
        })
    }

    #[inline(always)]
    fn mark(rounds: &TokenRounds<'_>) -> Mark {
        rounds.mark
    }

    #[inline(always)]
    fn go_to(&mut self, mark: Mark) {
        self.mark = mark;
    }

    #[inline(always)]
    fn has_room(&self) -> bool {
        self.mark.bytes + MAX_LENGTH <= self.most_bytes && self.mark.matches < self.matches.len()
    }

    #[inline(always)]
    fn reaches(&self, distance: usize) -> bool {
        distance <= MAX_DISTANCE
    }

    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        self.bytes(&[byte]);
    }

    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.most_bytes.saturating_sub(self.mark.bytes));
        self.literals[self.mark.literals..self.mark.literals + count].copy_from_slice(&bytes[..count]);
        self.mark.literals += count;
        self.mark.bytes += count;
        count
    }

    fn copy(&mut self, distance: usize, length: usize) -> usize {
        self.matches[self.mark.matches] = Match::new(self.mark.literals, distance, length).0;
        self.mark.matches += 1;
        self.mark.bytes += length;
        length
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.mark.bytes
    }
}

/// See [`Target::rounds`].
pub(crate) struct TokenRounds<'a> {
    literals: &'a mut [u8],
    matches: &'a mut [u64],
    mark: Mark,
    most_bytes: usize,
}

impl Rounds for TokenRounds<'_> {
    #[inline(always)]
    fn round(
        &mut self,
        first: ([u8; 2], usize),
        (is_match, distance, length): (bool, usize, usize),
        second: ([u8; 2], usize),
    ) -> bool {
        let (first_count, second_count) = (first.1 & 3, second.1 & 3);
        let length = core::hint::select_unpredictable(is_match, length, 0);
        let bytes = self.mark.bytes + first_count + length;
        let literals = self.literals[self.mark.literals..].first_chunk_mut::<PAIRS>();
        let (Some(literals), Some(place)) = (literals, self.matches.get_mut(self.mark.matches)) else {
            return false;
        };
        if bytes > self.most_bytes {
            return false;
        }
        literals[..2].copy_from_slice(&first.0);
        literals[first_count..first_count + 2].copy_from_slice(&second.0);
        *place = Match::new(self.mark.literals + first_count, distance, length).0;
        self.mark.literals += first_count + second_count;
        self.mark.matches += usize::from(is_match);
        self.mark.bytes = bytes + second_count;
        true
    }

    fn go_back(&mut self, count: usize) {
        self.mark.literals = self.mark.literals.saturating_sub(count);
        self.mark.bytes = self.mark.bytes.saturating_sub(count);
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
