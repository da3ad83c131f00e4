//! What a block is counted and written from: a number for each literal, each length and each distance.
//!
//! ```text
//!     0..=255    a literal
//!   256..=511    a length - 3; the distance follows
//!   512..=33279  a distance - 1
//! ```
//!
//! **Problem.** Runs of literals have a few bytes, in no order a processor could predict, so counting or writing run by
//! run costs a mispredicted branch for every fourth match.
//!
//! **Method.** Each symbol is treated alike, as a number with a place in a table, and only what makes the numbers knows
//! runs: it copies 32 literals whatever their count, and goes on behind those that count.
//!
//! All of a chunk stand in one vector. A parse of several parts side by side (`super::single`) leaves gaps between the parts;
//! a way (`super::path`) puts a unit behind the other; other parses make sequences, of which tokens are made as soon as the
//! unit ends. What has no match has no tokens: they are made of its bytes whenever they are asked for.

use super::sequence::{Sequence, Store};
use super::{MAX_MATCH, MIN_MATCH};
use crate::arch::{BASE, Isa, Kernel, Simd};
use alloc::vec::Vec;
use core::ops::Range;

/// The number of the first length.
pub(crate) const FIRST_LENGTH: u16 = 256;
const _: () = assert!(BASE == FIRST_LENGTH + 256);

/// Literals that are copied whatever their count.
pub(crate) const COPIED: usize = 32;

/// Tokens that may be taken back.
pub(crate) const BEHIND: usize = 8;

/// Tokens that are put at once, of which some count: those that may be taken back, and the places of a match. A power of
/// two, and two.
const PUT: usize = 64 + 2;
const _: () = assert!(BEHIND + COPIED < 64);

/// Room in a region for tokens before the first, and for those that are put but do not count.
pub(crate) const ROOM: usize = BEHIND + PUT;

/// What a stretch of input was parsed to.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) run: Run,
    /// Where it ends in the chunk.
    pub(crate) input_end: usize,
}

/// Where the content of a piece stands.
#[derive(Clone, Debug)]
pub(crate) enum Run {
    Tokens(Range<usize>),
    /// All of it is literals: what cannot be compressed takes no memory here.
    Literals,
    /// All of it is noise (`super::noise`), and stored.
    Noise,
}

/// What a chunk was parsed to.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    pub(crate) tokens: Vec<u16>,
    /// How many are in use, unless parts have regions of their own.
    end: usize,
    /// How many the chunk can have, and room behind them.
    most: usize,
    /// What a parse has made since the last piece.
    pub(crate) store: Store,
    pub(crate) pieces: Vec<Piece>,
}

impl Tokens {
    /// Empties it and keeps its memory: a chunk of `bytes` bytes comes, or comes again.
    pub(crate) fn clear(&mut self, bytes: usize) {
        (self.end, self.most) = (0, bytes + MAX_MATCH + ROOM);
        self.store.clear();
        self.pieces.clear();
    }

    /// Makes room for the tokens of `bytes` bytes in `regions` regions.
    pub(crate) fn reserve(&mut self, bytes: usize, regions: usize) {
        let most = bytes + regions * ROOM;
        if self.tokens.len() < most {
            self.tokens = alloc::vec![0; most];
        }
    }

    /// Adds a piece: the sequences stored, and the literals after them, which stand for `input` and end at `input_end`.
    pub(crate) fn end_piece(&mut self, isa: Isa, input: &[u8], input_end: usize) {
        let mut count = input.len();
        if self.store.sequences().iter().any(|sequence| sequence.has_match()) {
            self.make_room(input.len());
            let region = Region::new(&mut self.tokens[self.end..]);
            count = isa.call(Unroll { sequences: self.store.sequences(), input, region });
        }
        self.store.clear();
        self.end_region(count, input.len(), input_end);
    }

    /// Where tokens may be put that stand for `bytes` bytes at most.
    pub(crate) fn region(&mut self, bytes: usize) -> Region<'_> {
        self.make_room(bytes);
        Region::new(&mut self.tokens[self.end..])
    }

    /// Adds a piece: `count` tokens put there, which stand for `bytes` bytes and end at `input_end`.
    pub(crate) fn end_region(&mut self, count: usize, bytes: usize, input_end: usize) {
        // A match has fewer tokens than bytes.
        let run = if count == bytes {
            Run::Literals
        } else {
            let from = self.end + BEHIND;
            self.end += count;
            Run::Tokens(from..from + count)
        };
        self.pieces.push(Piece { run, input_end });
    }

    /// Makes room for the tokens of `bytes` more bytes: before the first of a chunk, for all that it can have. Memory that is
    /// never written takes none.
    fn make_room(&mut self, bytes: usize) {
        debug_assert!(self.end + bytes + ROOM <= self.most, "a chunk has at most a token a byte");
        if self.end == 0 && self.tokens.len() < self.most {
            self.tokens = alloc::vec![0; self.most];
        }
    }

    /// Cuts piece `at`, which starts at `from` in the chunk, behind the first token that ends at `to` or later,
    /// if that leaves something on both sides.
    #[inline(never)]
    pub(crate) fn cut(&mut self, at: usize, from: usize, to: usize) {
        let Piece { run: Run::Tokens(range), input_end } = self.pieces[at].clone() else { return };
        if to <= from || to >= input_end {
            return;
        }
        let (mut input_at, mut token) = (from, range.start);
        for (literals, length, _) in matches(&self.tokens[range.clone()]) {
            if input_at + literals >= to {
                break;
            }
            (input_at, token) = (input_at + literals + length, token + literals + 2);
        }
        let literals = to.saturating_sub(input_at);
        (input_at, token) = (input_at + literals, token + literals);
        if input_at < input_end {
            self.pieces[at].run = Run::Tokens(token..range.end);
            self.pieces.insert(at, Piece { run: Run::Tokens(range.start..token), input_end: input_at });
        }
    }

    /// Whether piece `at` has `count` literals at its start, and at its end.
    pub(crate) fn have_literals(&self, at: usize, count: usize) -> (bool, bool) {
        let Run::Tokens(range) = &self.pieces[at].run else { return (false, false) };
        let tokens = &self.tokens[range.clone()];
        let are_literals = |tokens: &[u16]| tokens.iter().all(|&token| token < FIRST_LENGTH);
        let (start, end) = (tokens.get(..count), tokens.len().checked_sub(count));
        (start.is_some_and(are_literals), end.is_some_and(|from| are_literals(&tokens[from..])))
    }

    /// How many tokens `piece` has in its region.
    pub(crate) fn count(&self, piece: &Piece) -> usize {
        if let Run::Tokens(range) = &piece.run { range.len() } else { 0 }
    }

    /// Hands the tokens of `piece`, which stands for `input`, to `work`, in one run or several.
    #[inline(always)]
    pub(crate) fn fold<A>(
        &self,
        piece: &Piece,
        input: &[u8],
        sum: A,
        mut work: impl FnMut(A, &[u16]) -> A,
    ) -> A {
        match &piece.run {
            Run::Tokens(range) => work(sum, &self.tokens[range.clone()]),
            Run::Literals | Run::Noise => input.chunks(BATCH).fold(sum, |sum, literals| {
                let mut tokens = [0; BATCH];
                tokens.iter_mut().zip(literals).for_each(|(token, &literal)| *token = literal.into());
                work(sum, &tokens[..literals.len()])
            }),
        }
    }
}

/// Literals that are made tokens at once.
const BATCH: usize = 4096;

/// Makes tokens of sequences and of the literals after them.
struct Unroll<'a> {
    sequences: &'a [Sequence],
    input: &'a [u8],
    region: Region<'a>,
}

impl Kernel for Unroll<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self) -> usize {
        let Self { sequences, input, mut region } = self;
        let mut rest = input;
        for &sequence in sequences {
            let literals = sequence.literals();
            let (here, others) = rest.split_at(sequence.bytes());
            let found = (sequence.length_code(), sequence.distance_code());
            match rest.first_chunk() {
                Some(copied) if literals <= COPIED => {
                    region.put(copied, BEHIND + literals, found);
                    region.count += literals;
                }
                _ => {
                    region.put_literals(&here[..literals]);
                    region.put(&[0; COPIED], BEHIND, found);
                }
            }
            region.count += if sequence.has_match() { 2 } else { 0 };
            rest = others;
        }
        region.put_literals(rest);
        region.count
    }
}

/// Where tokens are put one behind the other. What has no room is dropped, but there is room for a token a byte.
#[derive(Debug)]
pub(crate) struct Region<'a> {
    tokens: &'a mut [u16],
    /// How many count. The first stands behind [`BEHIND`] others.
    pub(crate) count: usize,
}

impl<'a> Region<'a> {
    /// An empty region.
    pub(crate) fn new(tokens: &'a mut [u16]) -> Self {
        Self { tokens, count: 0 }
    }

    /// Puts the bytes copied as literals, and a match, its length less 3 and its distance less 1, over them, `ahead` tokens
    /// from where [`BEHIND`] may be taken back, at most 62. None of them counts yet.
    #[inline(always)]
    pub(crate) fn put(&mut self, copied: &[u8; COPIED], ahead: usize, (length, distance): (usize, usize)) {
        if let Some(place) = self.tokens.get_mut(self.count..self.count + PUT) {
            place[BEHIND..][..COPIED].copy_from_slice(&copied.map(u16::from));
            place[ahead % 64] = FIRST_LENGTH.wrapping_add(length as u16);
            place[ahead % 64 + 1] = BASE.wrapping_add(distance as u16);
        }
    }

    /// Adds literals, however many.
    pub(crate) fn put_literals(&mut self, literals: &[u8]) {
        let place = self.tokens[BEHIND + self.count..].iter_mut();
        place.zip(literals).for_each(|(place, &literal)| *place = literal.into());
        self.count += literals.len();
    }
}

/// The tokens of `tokens` one match at a time: literals before it, length and distance.
pub(crate) fn matches(tokens: &[u16]) -> impl Iterator<Item = (usize, usize, usize)> {
    let mut rest = tokens;
    core::iter::from_fn(move || {
        let literals = rest.iter().position(|&token| token >= FIRST_LENGTH)?;
        let [length, distance, tail @ ..] = &rest[literals..] else { return None };
        rest = tail;
        let length = usize::from(length - FIRST_LENGTH) + MIN_MATCH;
        Some((literals, length, usize::from(distance - BASE) + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lz77::Match;

    #[test]
    fn runs_of_any_length_keep_their_literals_wherever_the_input_ends() {
        let input: Vec<u8> = (0..12_000u32).map(|i| (i * 7 >> 2) as u8).collect();
        let (length, distance) = (9, 1_234);
        for literals in [0, 1, 31, 32, 33, 64, 510, 511, 512, 1_022, 9_000] {
            for behind in [0, 1, 22, 23, 24, 700] {
                let input = &input[..literals + length + behind];
                let mut expected: Vec<u16> = input[..literals].iter().map(|&byte| byte.into()).collect();
                expected.extend([FIRST_LENGTH + 6, BASE + 1_233]);
                expected.extend(input[literals + length..].iter().map(|&byte| u16::from(byte)));
                assert_eq!(matches(&expected).collect::<Vec<_>>(), [(literals, length, distance)]);
                for isa in Isa::all() {
                    let mut tokens = Tokens::default();
                    tokens.clear(3 * input.len());
                    for end in 1..3 {
                        tokens.store.push(literals, Match { length, distance });
                        tokens.end_piece(isa, input, end * input.len());
                    }
                    tokens.end_piece(isa, input, 3 * input.len());
                    let of = |piece: &Piece| {
                        tokens.fold(piece, input, Vec::new(), |all, some| [&all[..], some].concat())
                    };
                    assert_eq!(of(&tokens.pieces[0]), expected, "{literals}, {behind}, {isa:?}");
                    assert_eq!(of(&tokens.pieces[1]), expected, "{literals}, {behind}, {isa:?}");
                    let all: Vec<u16> = input.iter().map(|&byte| byte.into()).collect();
                    assert_eq!(of(&tokens.pieces[2]), all, "without a match");
                }
            }
        }
    }
}
