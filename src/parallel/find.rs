//! Finding places in the middle of a file where decoding can start.
//!
//! **Problem.** A block may start at any bit, and nothing marks it. A place that is none costs the time of the decoding
//! that starts there; a place that is missed costs the decoding up to the next one.
//!
//! **Method.** What is cheap to see comes first. Near the start of the piece, a member's magic number, or the empty
//! stored block that writers flush with (`00 00 ff ff`), is taken as it stands: either is wrong once in 2^27 bytes of
//! noise or less. Else the bits are searched for headers of blocks that are not the last:
//!
//! ```text
//! dynamic   0 01 hhhhh ddddd cccc lll lll ...    h, d: at most 29 (RFC 1951, 3.2.7)
//! stored    0 00 0... | LEN | NLEN               NLEN = !LEN (RFC 1951, 3.2.4)
//! ```
//!
//! - 48 bit positions at a time are tested for the first 13 bits of a dynamic header, by shifts and ANDs of one word:
//!   one in nine remains.
//! - The lengths of the code length code must satisfy Kraft's equation: their sum of 2^-length is looked up four at a
//!   time and must be 1. One in some hundreds remains.
//! - The rest of the header is decoded: both codes must be codes, and complete, as zlib wants it.
//! - A stored block must be followed by what can be a block.
//!
//! In a file that was seen to have members the whole claim is looked through for one first: behind its start there is
//! nothing that is not known, while from the start of a block all is noted as tokens up to the next member.
//!
//! The idea of testing in this order is Knespel's and Brunst's (rapidgzip, 2023).
//!
//! **Cost.** See `docs/scaling-decompression.md`. A header that passes all tests by accident is met once in 10^9
//! positions or so: decoding from there fails sooner or later, or does not meet the decoding that comes from before.

use std::ops::Range;

use crate::arch::{Isa, Kernel, Simd};
use crate::error::ErrorKind;
use crate::gzip::MAGIC;
use crate::gzip::members::Joint;
use crate::inflate::{Inflate, Joint as BlockJoint, Status};

/// The length of a piece that suits a search.
pub(super) const SEARCH_BYTES: usize = 64 << 10;
/// Bytes whose places are found at a time.
const BLOCK_BYTES: usize = 2 << 10;
/// Bit positions tested at a time, and bits of a header that are.
const STRIDE_BITS: usize = 48;
const TESTED_BITS: usize = 13;
const _: () = assert!(STRIDE_BITS + TESTED_BITS <= 64 && STRIDE_BITS.is_multiple_of(8));
/// Bytes that are looked at from a position on, at most: a stride, a header to its code length code, a load.
const AHEAD_BYTES: usize = 24;

/// A search over one piece of a file after the other.
pub(super) struct Finder {
    input: Vec<u8>,
    /// Where the piece starts in the file.
    offset: u64,
    /// Whether members and flushes were looked for.
    has_scanned: bool,
    /// Bytes whose places were all found.
    at: usize,
    /// Places found and not given out yet, the first last.
    found: Vec<Joint>,
    trial: Box<Inflate>,
    /// Room for the bits at which dynamic blocks may start: [`MOST_STARTS`].
    starts: Vec<u32>,
}

impl Finder {
    pub(super) fn new() -> Self {
        let (input, found, starts) = (Vec::with_capacity(SEARCH_BYTES), Vec::new(), vec![0; MOST_STARTS]);
        Self { input, offset: 0, has_scanned: false, at: 0, found, trial: Inflate::boxed(), starts }
    }

    /// Starts anew, with a piece that starts at `offset`: what comes of `bytes`.
    pub(super) fn restart<'a>(&mut self, offset: u64, bytes: impl Iterator<Item = &'a [u8]>) {
        self.input.clear();
        bytes.for_each(|bytes| self.input.extend_from_slice(bytes));
        (self.offset, self.has_scanned, self.at) = (offset, false, 0);
        self.found.clear();
    }

    /// The byte before `joint`, which was found.
    pub(super) fn before(&self, joint: Joint) -> u8 {
        self.input[(joint.byte() - self.offset) as usize - 1]
    }

    /// The next place, or none: the piece has no other, or `must_stop` says so.
    pub(super) fn next(&mut self, must_stop: impl Fn() -> bool) -> Option<Joint> {
        if !self.has_scanned {
            self.has_scanned = true;
            let marked = |input: &[u8; 4]| is_member(input) || *input == FLUSH;
            let mut marks = positions(&self.input, 1..self.input.len(), marked).into_iter();
            if let Some(at) = marks.find(|&at| may_be_aligned(&self.input, at)) {
                return Some(self.aligned(at));
            }
        }
        let end = self.input.len().saturating_sub(AHEAD_BYTES);
        loop {
            if let Some(joint) = self.found.pop() {
                return Some(joint);
            }
            if self.at >= end || must_stop() {
                return None;
            }
            let next = end.min(self.at + BLOCK_BYTES);
            self.find_aligned(self.at.max(1), next);
            self.find_dynamic(self.at, next);
            self.found.sort_unstable_by_key(|joint| std::cmp::Reverse(joint.byte()));
            self.at = next;
        }
    }

    /// The member or stored block at `at`.
    fn aligned(&self, at: usize) -> Joint {
        let byte = self.offset + at as u64;
        match self.input[at..].first_chunk() {
            Some(input) if is_member(input) => Joint::Member(byte),
            _ => Joint::Block(BlockJoint::Stored(byte)),
        }
    }

    /// Finds members and stored blocks that start in `from..to`.
    fn find_aligned(&mut self, from: usize, to: usize) {
        let marked = |input: &[u8; 4]| is_member(input) || is_stored(input);
        for at in positions(&self.input, from..to, marked) {
            if may_be_aligned(&self.input, at) {
                self.found.push(self.aligned(at));
            }
        }
    }

    /// Finds dynamic blocks that start in `from..to`, which is at least [`AHEAD_BYTES`] before the end.
    fn find_dynamic(&mut self, from: usize, to: usize) {
        let mut starts = std::mem::take(&mut self.starts);
        let count = Isa::detect().call(Starts { input: &self.input, from, to, starts: &mut starts });
        for &bit in &starts[..count] {
            if self.is_dynamic(bit as usize + 3) {
                let joint = BlockJoint::Dynamic(u64::from(bit) + 3).shifted(self.offset);
                self.found.push(Joint::Block(joint));
            }
        }
        self.starts = starts;
    }

    /// Whether the header of a dynamic block is right whose counts start at `bit`.
    fn is_dynamic(&mut self, bit: usize) -> bool {
        let at = bit.div_ceil(8);
        self.trial.go_to(BlockJoint::Dynamic(bit as u64), self.input[at - 1]);
        // Without room the decoder stops at the first literal. A match has nothing to refer to.
        match self.trial.decode(&self.input[at..], &mut [], 0).status {
            Ok(Status::NeedsOutput) => true,
            Err(error) => error.kind() == ErrorKind::DistanceTooFar,
            Ok(_) => false,
        }
    }
}

/// Where a member may start in what comes of `bytes`, which starts at `offset`. One whose first bytes lie in two of them
/// is passed over.
pub(super) fn find_member<'a>(mut offset: u64, bytes: impl Iterator<Item = &'a [u8]>) -> Option<Joint> {
    for bytes in bytes {
        if let Some(&at) = positions(bytes, 0..bytes.len(), is_member).first() {
            return Some(Joint::Member(offset + at as u64));
        }
        offset += bytes.len() as u64;
    }
    None
}

/// What a flush leaves: a stored block of no bytes.
const FLUSH: [u8; 4] = [0, 0, 0xff, 0xff];

/// Whether a member can start so.
#[inline(always)]
fn is_member(input: &[u8; 4]) -> bool {
    (input[0] == MAGIC[0]) & (input[1] == MAGIC[1]) & (input[2] == 8) & (input[3] < 0x20)
}

/// Whether these can be the two lengths of a stored block.
#[inline(always)]
fn is_stored(input: &[u8; 4]) -> bool {
    (input[0] ^ input[2] == 0xff) & (input[1] ^ input[3] == 0xff)
}

/// Where in `range` four bytes are as `wanted` has it.
fn positions(input: &[u8], range: Range<usize>, wanted: impl Fn(&[u8; 4]) -> bool + Copy) -> Vec<usize> {
    Isa::detect().call(Positions { input, range, wanted })
}

/// See [`positions`].
struct Positions<'a, F> {
    input: &'a [u8],
    range: Range<usize>,
    wanted: F,
}

impl<F: Fn(&[u8; 4]) -> bool + Copy> Kernel for Positions<'_, F> {
    type Output = Vec<usize>;

    #[inline(always)]
    fn run<S: Simd>(self) -> Vec<usize> {
        /// Positions tested at a time without a branch.
        const STRIDE: usize = 64;
        let Self { input, range, wanted } = self;
        let mut found = Vec::new();
        for start in range.clone().step_by(STRIDE) {
            let may_be = input[start..].first_chunk::<{ STRIDE + 3 }>().is_none_or(|bytes| {
                let at = |i: usize| [bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]];
                (0..STRIDE).fold(false, |found, i| found | wanted(&at(i)))
            });
            if may_be {
                let is_wanted = |&at: &usize| input[at..].first_chunk().is_some_and(wanted);
                found.extend((start..range.end.min(start + STRIDE)).filter(is_wanted));
            }
        }
        found
    }
}

/// Whether the member or stored block at `at` (at least 1), as its first four bytes have it, may be one by what stands
/// around it.
fn may_be_aligned(input: &[u8], at: usize) -> bool {
    let Some(&start) = input[at..].first_chunk::<4>() else { return false };
    if is_member(&start) {
        return true;
    }
    // Before it: 0, 00 and padding.
    let length = usize::from(u16::from_le_bytes([start[0], start[1]]));
    input[at - 1] < 0x20 && (length == 0 || may_be_block(input, at + 4 + length))
}

/// Whether a block may start at byte `at`. What lies too near the end to be seen may be one.
fn may_be_block(input: &[u8], at: usize) -> bool {
    if at + AHEAD_BYTES > input.len() {
        return true;
    }
    match input[at] >> 1 & 3 {
        0 => input[at + 1..].first_chunk().is_some_and(is_stored),
        1 => true,
        2 => has_code_length_code(input, 8 * at),
        _ => false,
    }
}

/// Places noted at once, without a branch for each; a stride seldom has more.
const NOTED: usize = 10;
/// Room for the places of a block. Of three bits in a row, one at most starts with 001 from the lowest bit.
const MOST_STARTS: usize = BLOCK_BYTES.div_ceil(STRIDE_BITS / 8) * STRIDE_BITS / 3 + NOTED;

/// Leaves in `starts`, and counts, the bits in bytes `from..to` of `input` at which a dynamic block may start, by its header up to the
/// code length code.
struct Starts<'a> {
    input: &'a [u8],
    from: usize,
    to: usize,
    starts: &'a mut [u32],
}

impl Kernel for Starts<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self) -> usize {
        let Self { input, from, to, starts } = self;
        let mut count = 0;
        for at in (from..to).step_by(STRIDE_BITS / 8) {
            let mut bits = dynamic_starts(word(input, at)) & ((1 << STRIDE_BITS) - 1);
            let next = count + bits.count_ones() as usize;
            let mut note = |places: &mut [u32]| {
                for place in places {
                    *place = (8 * at) as u32 + bits.trailing_zeros();
                    bits &= bits.wrapping_sub(1);
                }
            };
            if let Some(places) = starts[count..].first_chunk_mut::<NOTED>() {
                note(places);
            }
            if next > count + NOTED {
                note(&mut starts[count + NOTED..next]);
            }
            count = next;
        }
        let mut kept = 0;
        for i in 0..count {
            let bit = starts[i];
            if has_code_length_code(input, bit as usize) {
                starts[kept] = bit;
                kept += 1;
            }
        }
        kept
    }
}

/// The eight bytes from `at` on.
#[inline(always)]
fn word(input: &[u8], at: usize) -> u64 {
    input[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The bits of `word` at which a dynamic block that is not the last can start, as far as its first
/// [`TESTED_BITS`] bits are in the word.
#[inline(always)]
fn dynamic_starts(word: u64) -> u64 {
    let header = !word & !(word >> 1) & word >> 2;
    let twos = word & word >> 1;
    // Four ones: a count of 30 or 31 more, above its lowest bit.
    let fours = twos & twos >> 2;
    header & !(fours >> 4) & !(fours >> 9)
}

/// Whether the lengths of the code length code of the dynamic block that starts at `bit` make a complete code.
#[inline(always)]
fn has_code_length_code(input: &[u8], bit: usize) -> bool {
    let (counts, lengths) = (bit + 13, bit + 17);
    let count = word(input, counts / 8) >> (counts % 8) & 15;
    let lengths = word(input, lengths / 8) >> (lengths % 8) & !(u64::MAX << (3 * (count + 4)));
    let sum = |shift: u64| KRAFT_SUMS[(lengths >> shift) as usize % KRAFT_SUMS.len()];
    sum(0) + sum(12) + sum(24) + sum(36) + sum(48) == 128
}

/// 128 times the sum of 2^-length over the lengths that are not 0 of four, three bits each.
static KRAFT_SUMS: [u16; 1 << 12] = {
    let mut sums = [0; 1 << 12];
    let mut lengths = 0;
    while lengths < sums.len() {
        let mut rest = lengths;
        while rest > 0 {
            sums[lengths] += 128 >> (rest & 7) & 127;
            rest >>= 3;
        }
        lengths += 1;
    }
    sums
};
