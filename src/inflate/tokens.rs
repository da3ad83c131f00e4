//! What was decoded behind a window that is not known: literals and matches, to be replayed once it is.
//!
//! Problem: a decoder that starts in the middle of a stream cannot copy what lies before. Decoding to units that stand for
//! bytes of the window lets it copy, but most units come to be such references, each takes two bytes of memory that is
//! written, read and looked up in the end, and copying them takes as long as copying bytes.
//!
//! Method. Most of a decoder's time goes into finding out what the symbols are, and for that no window is needed. So they
//! are only noted; the copying is done once, with bytes, when the window is there. Replaying has no bits to wait for.
//! Literals come from the front of a buffer, one after the other, matches from its back:
//!
//! ```text
//! | a b c d e f ...  room  ... | match | match |
//!
//! match    | literals before it, the low bits of their count: 8 | length: 9 | distance - 1: 15 |
//! ```
//!
//! A match of length 0 is noted, too, each time that the literals come to a multiple of [`FILL`], so that no more of them
//! stand between two matches than eight bits can tell. How many bytes all stand for is not counted: nothing hangs on it.
//!
//! Cost: a byte for each literal, four for each match; see `docs/scaling-decompression.md` for the time.

use super::target::Target;
use super::window::MAX_DISTANCE;
use crate::arch::{Isa, Kernel, Simd};
use crate::raw::{LEAST_ROOM, Notes, Output, RUN, Rounds};
use alloc::vec::Vec;

/// The bytes of a match.
const MATCH_BYTES: usize = size_of::<u32>();
/// Literals after which there is a match, if only one of length 0.
const FILL: usize = 128;
/// Bits of the fields of a match.
const LITERAL_BITS: u32 = 8;
const LENGTH_BITS: u32 = 9;
const DISTANCE_BITS: u32 = 15;
const _: () = assert!(LITERAL_BITS + LENGTH_BITS + DISTANCE_BITS == u32::BITS);
const _: () = assert!(1 << DISTANCE_BITS == MAX_DISTANCE && 258 < 1 << LENGTH_BITS);
const _: () = assert!(FILL + 2 * 3 < 1 << LITERAL_BITS, "a round more than what is filled up");

/// Literals and matches, up to the size of a buffer.
#[derive(Debug)]
pub(crate) struct Tokens {
    buffer: Vec<u8>,
    mark: Mark,
}

/// How far tokens are filled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    literals: usize,
    /// Where the matches start.
    matches: usize,
}

/// One match.
#[derive(Clone, Copy)]
struct Match(u32);

impl Match {
    /// A match behind so many literals. Of distance and length, the low bits count.
    #[inline(always)]
    fn new(literals: usize, distance: usize, length: usize) -> Self {
        let distance = (distance as u32).wrapping_sub(1) & ((1 << DISTANCE_BITS) - 1);
        Self(
            (literals as u32) << (u32::BITS - LITERAL_BITS)
                | (length as u32 & ((1 << LENGTH_BITS) - 1)) << DISTANCE_BITS
                | distance,
        )
    }

    /// How many literals stand before it, when all matches before it stand behind the first so many.
    #[inline(always)]
    fn literals_behind(self, literals: usize) -> usize {
        usize::from(((self.0 >> (u32::BITS - LITERAL_BITS)) as u8).wrapping_sub(literals as u8))
    }

    #[inline(always)]
    fn length(self) -> usize {
        (self.0 >> DISTANCE_BITS & ((1 << LENGTH_BITS) - 1)) as usize
    }

    #[inline(always)]
    fn distance(self) -> usize {
        (self.0 & ((1 << DISTANCE_BITS) - 1)) as usize + 1
    }
}

impl Tokens {
    /// Room for tokens of so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        let mut tokens = Self { buffer: alloc::vec![0; bytes + RUN], mark: Mark { literals: 0, matches: 0 } };
        tokens.clear();
        tokens
    }

    /// Drops all.
    pub(crate) fn clear(&mut self) {
        self.mark = Mark { literals: 0, matches: self.end() };
    }

    /// Where the matches end. What follows may be read over.
    #[inline(always)]
    fn end(&self) -> usize {
        self.buffer.len() - RUN
    }

    /// Whether none refers to what lies before them, and at least 32 KiB of bytes; once it is clear. The first that does
    /// refer there decides, which is among the first few in most data.
    pub(crate) fn are_self_contained(&self) -> Option<bool> {
        match self.reach(1) {
            (0, MAX_DISTANCE..) => Some(true),
            (0, _) => None,
            _ => Some(false),
        }
    }

    /// How far they reach back before their start, in bytes, or at least `enough`; and for how many bytes they stand up to
    /// there, or at least 32 KiB.
    pub(crate) fn reach(&self, enough: usize) -> (usize, usize) {
        let (mut bytes, mut literals, mut reach) = (0, 0, 0);
        for token in self.matches(0) {
            if bytes >= MAX_DISTANCE || reach >= enough {
                return (reach, bytes);
            }
            let run = token.literals_behind(literals);
            (literals, bytes) = (literals + run, bytes + run);
            if token.length() > 0 {
                reach = reach.max(token.distance().saturating_sub(bytes));
            }
            bytes += token.length();
        }
        (reach, bytes + self.mark.literals - literals)
    }

    /// The matches but the first so many.
    #[inline(always)]
    fn matches(&self, first: usize) -> impl Iterator<Item = Match> {
        let noted = &self.buffer[self.mark.matches..self.end() - MATCH_BYTES * first];
        noted.as_chunks().0.iter().rev().map(|&token| Match(u32::from_le_bytes(token)))
    }

    /// Replays from `from` on into `bytes` from `at` on, as far as there is room for the next match at its longest, and
    /// goes on with both. What lies before `bytes` must not be referred to.
    pub(crate) fn replay(&self, from: &mut Place, bytes: &mut [u8], at: &mut usize) {
        (*from, *at) = Isa::detect().call(Replay { tokens: self, bytes, at: *at, from: *from });
    }

    /// Whether `place` is the end.
    pub(crate) fn end_at(&self, place: Place) -> bool {
        place.literals == self.mark.literals && self.mark.matches + MATCH_BYTES * place.matches == self.end()
    }

    /// Adds `literals`, as far as there is room; tells how many.
    fn add(&mut self, literals: &[u8]) -> usize {
        let Some(mut rounds) = self.rounds() else { return 0 };
        let mut count = 0;
        for few in literals.chunks(2) {
            let pair = [few[0], few[few.len() - 1]];
            if !rounds.round((pair, few.len()), NO_MATCH, NO_PAIR) {
                break;
            }
            count += few.len();
        }
        let mark = Self::mark(&rounds);
        self.mark = mark;
        count
    }
}

/// What a round may lack.
const NO_PAIR: ([u8; 2], usize) = ([0; 2], 0);
const NO_MATCH: (bool, usize, usize) = (false, 0, 0);

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
        let Self { tokens, bytes, at, from: mut place } = self;
        let Some(mut out) = Output::new(bytes, at) else { return (place, at) };
        let literals = &tokens.buffer[..];
        for token in tokens.matches(place.matches) {
            let mut left = token.literals_behind(place.literals);
            while left > RUN
                && let Some(run) = literals[place.literals..].first_chunk()
                && out.literals(run, RUN)
            {
                (place.literals, left) = (place.literals + RUN, left - RUN);
            }
            let Some(run) = literals[place.literals..].first_chunk() else { return (place, out.at()) };
            if left > RUN || !out.run_and_copy(run, left, token.distance(), token.length()) {
                return (place, out.at());
            }
            place.literals += left;
            place.matches += 1;
        }
        while place.literals < tokens.mark.literals
            && let Some(run) = literals[place.literals..].first_chunk()
            && let count = (tokens.mark.literals - place.literals).min(RUN)
            && out.literals(run, count)
        {
            place.literals += count;
        }
        (place, out.at())
    }
}

impl Target for Tokens {
    type Rounds<'t> = TokenRounds<'t>;
    type Mark = Mark;

    #[inline(always)]
    fn rounds(&mut self) -> Option<TokenRounds<'_>> {
        let Self { buffer, mark } = self;
        Notes::new(buffer, mark.literals, mark.matches).map(TokenRounds)
    }

    #[inline(always)]
    fn mark(rounds: &TokenRounds<'_>) -> Mark {
        Mark { literals: rounds.0.bytes(), matches: rounds.0.words() }
    }

    #[inline(always)]
    fn go_to(&mut self, mark: Mark) {
        self.mark = mark;
    }

    #[inline(always)]
    fn has_room(&self) -> bool {
        self.mark.matches - self.mark.literals >= LEAST_ROOM
    }

    #[inline(always)]
    fn reaches(&self, distance: usize) -> bool {
        distance <= MAX_DISTANCE
    }

    #[inline(always)]
    fn literal(&mut self, byte: u8) {
        self.add(&[byte]);
    }

    fn bytes(&mut self, bytes: &[u8]) -> usize {
        self.add(bytes)
    }

    fn copy(&mut self, distance: usize, length: usize) -> usize {
        let Some(mut rounds) = self.rounds() else { return 0 };
        if !rounds.round(NO_PAIR, (true, distance, length), NO_PAIR) {
            return 0;
        }
        let mark = Self::mark(&rounds);
        self.mark = mark;
        length
    }
}

/// See [`Target::rounds`].
pub(crate) struct TokenRounds<'a>(Notes<'a>);

impl Rounds for TokenRounds<'_> {
    #[inline(always)]
    fn round(
        &mut self,
        first: ([u8; 2], usize),
        (is_match, distance, length): (bool, usize, usize),
        second: ([u8; 2], usize),
    ) -> bool {
        let start = self.0.bytes();
        let middle = start + (first.1 & 3);
        let end = middle + (second.1 & 3);
        let length = core::hint::select_unpredictable(is_match, length, 0);
        let is_kept = is_match | ((start ^ end) & FILL != 0);
        self.0.write(first, second, Match::new(middle, distance, length).0, is_kept)
    }

    fn go_back(&mut self, count: usize) {
        self.0.go_back(count);
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
