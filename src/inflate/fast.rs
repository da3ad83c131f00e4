//! The fast loop: what the careful loop does, where there is room for it.
//!
//! Problem: decoding is one chain of dependent steps, *bits -> table entry -> shift -> bits*, and whether a literal or a
//! match comes next cannot be predicted: a branch on it is wrong every third time or so, and costs more than the work
//! it skips.
//!
//! Method. So nothing branches on the kind of a symbol. The entry that was found selects, by arithmetic, the table of
//! the next lookup (see `huffman::decode_table`). One round takes two entries. Since a length and its distance are two
//! entries that follow each other, at most one match is complete in it, and the work of a round is always the same:
//!
//! ```text
//! pending     the entry before: a length that waits for its distance, or anything else
//! first       its literals, 0 to 2     (0 if it is the distance of the pending length)
//! match       of the pending length, or of a length that was first and its distance that is second; or of no bytes
//! second      its literals, 0 to 2     (0 if it is a distance)
//! ```
//!
//! Tables of little input are for fewer bits. How many is known only then, and takes a register that the loop does not
//! have: so there are two of it, one of them for tables of all bits.
//!
//! What is rare stops the loop: entries that lead to a subtable or end the block, distances too far, the last bytes of
//! room or input. The loop then goes back to the token it stands in, the careful loop does one token, and the fast one
//! goes on.
//!
//! Invariants:
//! 1. Bit budget. A refill leaves 56 counted bits or more, and 64 that can be looked up. A round uses a length and a
//!    distance of them at most (a distance is never followed by another), and the pending entry's bits and those of its
//!    distance, but not more, are still there when both are taken apart or taken back.
//! 2. Input and output are checked before the round changes what cannot be undone: [`Words::read`], [`Rounds::round`].
//! 3. When the loop stops, the reader stands before a token and all earlier ones are written.
//!
//! `count` is exact in its low six bits only; an entry is subtracted as it is, flags and all.
//!
//! Cost: about 100 instructions and twice the latency of a lookup (7 cycles) a round. Measured on text and binaries, a
//! match takes 1.2 to 1.9 rounds.

use super::careful::{self, Stop};
use super::tables::Tables;
use super::target::Target;
use crate::arch::{Isa, Kernel, Simd};
use crate::bits::reader::BitReader;
use crate::huffman::decode_table::{
    DISTANCE, EXCEPTIONAL, LOOKUP_BITS, MATCH, literals, match_distance, match_length, total_bits,
};
use crate::raw::{Rounds, Words, load_now};
use core::hint::select_unpredictable as select;

/// Most bits of an entry of the main tables: of a length or a pair, and of a distance.
const LITLEN_MOST: usize = LOOKUP_BITS + 5;
const DISTANCE_MOST: usize = LOOKUP_BITS + 13;
const _: () = assert!(LITLEN_MOST + DISTANCE_MOST <= 56, "a round uses counted bits");
const _: () = assert!(LITLEN_MOST + DISTANCE_MOST + LOOKUP_BITS <= 64, "a lookup before the refill");
const _: () = assert!(LITLEN_MOST + DISTANCE_MOST <= 64 - DISTANCE_MOST, "a pending length and its distance");

/// Decodes the symbols of a block into `target`, until something stops it.
pub(super) fn decode<T: Target>(
    isa: Isa,
    reader: &mut BitReader<'_>,
    tables: &Tables,
    target: &mut T,
) -> Stop {
    loop {
        reader.refill();
        let Some(words) = Words::new(reader.input, reader.at) else {
            return end(isa, reader, tables, target);
        };
        let Some(out) = target.rounds() else { return end(isa, reader, tables, target) };
        let place = Place { words, out, bits: reader.bits, count: reader.count };
        let place = if tables.are_wide() {
            isa.call(FastLoop::<_, true> { place, tables })
        } else {
            isa.call(FastLoop::<_, false> { place, tables })
        };
        (reader.bits, reader.count, reader.at) = (place.bits, place.count, place.words.at());
        let mark = T::mark(&place.out);
        drop(place);
        target.go_to(mark);
        if let Some(stop) = careful::token(reader, tables, target) {
            return stop;
        }
    }
}

/// What is done where input or output is short: what lacks does not come back.
fn end<T: Target>(isa: Isa, reader: &mut BitReader<'_>, tables: &Tables, target: &mut T) -> Stop {
    isa.call(End { reader, tables, target })
}

/// The careful loop at the end of input or output, to be run at some level.
struct End<'a, 'i, T> {
    reader: &'a mut BitReader<'i>,
    tables: &'a Tables,
    target: &'a mut T,
}

impl<T: Target> Kernel for End<'_, '_, T> {
    type Output = Stop;

    #[inline(always)]
    fn run<S: Simd>(self) -> Stop {
        let mut reader = self.reader.clone();
        let stop = careful::decode(&mut reader, self.tables, self.target);
        *self.reader = reader;
        stop
    }
}

/// The arguments of the loop, to be run at some level; for wide tables, or for any.
struct FastLoop<'a, R, const WIDE: bool> {
    place: Place<'a, R>,
    tables: &'a Tables,
}

/// Where the loop is: what it changes.
struct Place<'a, R> {
    words: Words<'a>,
    out: R,
    /// As in [`BitReader`].
    bits: u64,
    /// As in [`BitReader`]; within the loop modulo 64.
    count: u32,
}

/// What a stopped loop takes back.
struct Undo {
    /// The bits before.
    bits: u64,
    /// The sum of the entries since.
    sum: u32,
    /// How many literals of them were written.
    literals: usize,
}

impl<'a, R: Rounds, const WIDE: bool> Kernel for FastLoop<'a, R, WIDE> {
    type Output = Place<'a, R>;

    #[inline(always)]
    fn run<S: Simd>(self) -> Place<'a, R> {
        let Self { place: Place { mut words, mut out, mut bits, mut count }, tables } = self;
        let (mut pending, mut pending_bits) = (0, bits);
        let mask = if WIDE { (1 << LOOKUP_BITS) - 1 } else { tables.mask() };
        let mut first = lookup(tables, mask, pending, bits);
        let undo = loop {
            let Some(word) = words.read(!count as usize >> 3) else {
                break Undo::pending(pending, pending_bits);
            };
            bits |= word << (count & 63);
            count |= 56;
            if first & EXCEPTIONAL != 0 {
                break Undo::pending(pending, pending_bits);
            }
            // The length of the match, if there is one in this round, and the bits from its entry on.
            let was_pending = first & DISTANCE != 0;
            let length_entry = select(was_pending, pending, first);
            let length_bits = select(was_pending, pending_bits, bits);
            let undo = || {
                let sum = length_entry.wrapping_add(if was_pending { first } else { 0 });
                Undo { bits: length_bits, sum, literals: literals(length_entry).1 - literals(first).1 }
            };

            bits >>= total_bits(first);
            count = count.wrapping_sub(first);
            let second = lookup(tables, mask, first, bits);
            if second & EXCEPTIONAL != 0 {
                break undo();
            }

            (pending, pending_bits) = (second, bits);
            bits >>= total_bits(second);
            count = count.wrapping_sub(second);
            let next = lookup(tables, mask, second, bits);

            let distance_entry = select(was_pending, first, second);
            let distance_bits = length_bits >> total_bits(length_entry);
            let is_match = length_entry & MATCH != 0;
            let length = match_length(length_entry, length_bits);
            let distance = match_distance(distance_entry, distance_bits);
            if !out.round(literals(first), (is_match, distance, length), literals(second)) {
                // `length_bits` may not reach to the end of the second entry.
                (bits, count) = (pending_bits, count.wrapping_add(second));
                break undo();
            }
            first = next;
        };
        undo.apply(Place { words, out, bits, count: count & 63 })
    }
}

impl Undo {
    /// Takes back the entry before this round, which is `entry`, if it waits for its distance.
    #[inline(always)]
    fn pending(entry: u32, bits: u64) -> Self {
        let entry = if entry & MATCH != 0 { entry } else { 0 };
        Self { bits, sum: entry, literals: literals(entry).1 }
    }

    /// Goes back. There can be more bits then than the reader holds: whole bytes of them are read again later.
    #[inline(always)]
    fn apply<R: Rounds>(self, mut place: Place<'_, R>) -> Place<'_, R> {
        let bits = total_bits(self.sum);
        place.bits = place.bits << bits | self.bits & !(u64::MAX << bits);
        place.count += bits;
        let bytes = place.count.saturating_sub(56) / 8;
        place.count -= 8 * bytes;
        place.words.go_back(bytes as usize);
        place.out.go_back(self.literals);
        place
    }
}

/// The entry that `bits` start with, where `after` is the entry before.
#[inline(always)]
fn lookup(tables: &Tables, mask: usize, after: u32, bits: u64) -> u32 {
    let main = &tables.main[usize::from(after & MATCH != 0)];
    load_now(&main[bits as usize & mask])
}
