//! The fast loop: what the careful loop does, where there is room for it.
//!
//! Problem: decoding is one chain of dependent steps, *bits -> table entry -> shift -> bits*, and branches that are hard
//! to predict. Nothing else may stand in the chain, and what a branch leads to should be under way before it is
//! decided.
//!
//! Method. An entry of the literal/length table holds up to two symbols (see `huffman::decode_table`). One round:
//!
//! ```text
//!   entry   is consumed: `bits` stand behind it, `before` are the bits from its start (for the extra bits)
//!   next    the literal/length entry that follows if `entry` is no match   } both loaded before it is known
//!   distance  the distance entry that follows if it is                     } which is needed
//!
//!   literals:  write two, keep one or two           match:  consume `distance`, load `next` behind it
//!   refill                                                  refill
//!   consume `next`, load both that can follow it            consume `next`, load both that can follow it
//!                                                           and only now copy the match
//! ```
//!
//! So the copy, which nothing waits for, runs beside the next lookups.
//!
//! Invariants:
//! 1. Bit budget. A refill leaves 56 counted bits or more, and 64 that can be looked up. A round uses at most 20 (length)
//!    and 28 (distance) of them until the next refill, and looks 12 further.
//! 2. Input and output are checked before the round changes anything: [`Words::read`] and [`Output::fits`].
//! 3. When the loop pauses, the reader stands before a token and all earlier ones are written. What it does not do (the
//!    ends of input and output, wrong codes and distances) is found again, and done or reported, by the careful loop.
//!    To stand before a token that is half done, `bits` go back to `before` and its bits are counted again.
//!
//! `count` is exact in its low eight bits only; an entry is subtracted as it is, flags and all.

use super::careful::Stop;
use super::tables::Tables;
use crate::arch::{Isa, Kernel, Simd};
use crate::bits::reader::BitReader;
use crate::huffman::decode_table::{
    DISTANCE_BITS, DISTANCE_EXCEPTIONAL, DistanceTable, EXCEPTIONAL, EXTRA_LITERAL, Exception, LITLEN_BITS,
    LitlenTable, MATCH, MAX_CODE_BITS, distance_exception, extra_bits, litlen_exception,
};
use crate::raw::{Element, Output, Words, load_now};

/// Most bits of a length or a pair, and of a distance.
const LITLEN_MOST: usize = if LITLEN_BITS > MAX_CODE_BITS { LITLEN_BITS } else { MAX_CODE_BITS } + 5;
const DISTANCE_MOST: usize = MAX_CODE_BITS + 13;
const _: () = assert!(LITLEN_MOST + DISTANCE_MOST <= 56, "a round uses counted bits");
const _: () = assert!(LITLEN_MOST + DISTANCE_MOST + LITLEN_BITS <= 64, "a lookup before the refill");
const _: () = assert!(EXTRA_LITERAL == 1 << 14, "the number of further literals is a shift away");

/// The arguments of the loop, to be run at some level.
struct FastLoop<'l, 'i, E> {
    reader: &'l mut BitReader<'i>,
    tables: &'l Tables,
    out: &'l mut [E],
    at: &'l mut usize,
}

/// Decodes the symbols of a block into `out` from `at` on, until it ends or the loop has to pause.
pub(super) fn decode<E: Element>(
    isa: Isa,
    reader: &mut BitReader<'_>,
    tables: &Tables,
    out: &mut [E],
    at: &mut usize,
) -> Stop {
    isa.call(FastLoop { reader, tables, out, at })
}

impl<E: Element> Kernel for FastLoop<'_, '_, E> {
    type Output = Stop;

    #[inline(always)]
    fn run<S: Simd>(self) -> Stop {
        let Self { reader, tables, out, at } = self;
        let (Some(words), Some(out)) = (Words::new(reader.input, reader.at), Output::new(out, *at)) else {
            return Stop::Paused;
        };
        let mut state = State { words, out, bits: reader.bits, count: reader.count };
        let stop = rounds(&mut state, &tables.litlen, &tables.distance);
        (reader.bits, reader.count) = (state.bits, state.count & 63);
        (reader.at, *at) = (state.words.at(), state.out.at());
        stop
    }
}

/// What the loop changes.
struct State<'a, E> {
    words: Words<'a>,
    out: Output<'a, E>,
    /// As in [`BitReader`].
    bits: u64,
    /// As in [`BitReader`] modulo 256.
    count: u32,
}

impl<E: Element> State<'_, E> {
    /// Counts 56 bits or more. False, and nothing done, when there is no whole word of input.
    #[inline(always)]
    fn refill(&mut self) -> bool {
        let Some(word) = self.words.read(!self.count as usize >> 3) else { return false };
        self.bits |= word << (self.count & 63);
        self.count |= 56;
        true
    }

    /// Uses the bits of an entry; returns those before.
    #[inline(always)]
    fn consume(&mut self, entry: u32) -> u64 {
        let before = self.bits;
        self.bits >>= entry & 63;
        self.count = self.count.wrapping_sub(entry);
        before
    }

    /// Goes back to `before`, from where the entries were consumed whose sum is `consumed`.
    #[inline(always)]
    fn go_back(&mut self, before: u64, consumed: u32) -> Stop {
        self.bits = before;
        self.count = self.count.wrapping_add(consumed);
        Stop::Paused
    }
}

/// The literal/length entry that `bits` start with.
#[inline(always)]
fn litlen_entry(table: &LitlenTable, bits: u64) -> u32 {
    load_now(&table.entries[bits as usize % (1 << LITLEN_BITS)])
}

/// The distance entry that `bits` start with.
#[inline(always)]
fn distance_entry(table: &DistanceTable, bits: u64) -> u32 {
    load_now(&table.entries[bits as usize % (1 << DISTANCE_BITS)])
}

/// The loop itself.
#[inline(always)]
fn rounds<E: Element>(state: &mut State<'_, E>, litlen: &LitlenTable, distances: &DistanceTable) -> Stop {
    if !state.refill() {
        return Stop::Paused;
    }
    let mut next = litlen_entry(litlen, state.bits);
    'literals: loop {
        let mut entry = next;
        let mut before = state.consume(entry);
        next = litlen_entry(litlen, state.bits);
        let mut distance = distance_entry(distances, state.bits);
        loop {
            if entry & MATCH != 0 {
                let length = 3 + (entry >> 24) as usize + extra_bits(entry, before) as usize;
                let lead = (entry >> 14 & 1) as usize;
                if distance & DISTANCE_EXCEPTIONAL != 0 {
                    distance = in_subtable(distances, distance, state.bits);
                    if distance & DISTANCE_EXCEPTIONAL != 0 {
                        return state.go_back(before, entry);
                    }
                }
                let before_distance = state.consume(distance);
                let back = (distance >> 16) as usize + extra_bits(distance, before_distance) as usize;
                if !state.out.fits(lead, back, length) {
                    return state.go_back(before, entry.wrapping_add(distance));
                }
                let literal = (entry >> 16) as u8;
                next = litlen_entry(litlen, state.bits);
                if !state.refill() {
                    state.out.copy(literal, lead, back, length);
                    return Stop::Paused;
                }
                entry = next;
                before = state.consume(entry);
                next = litlen_entry(litlen, state.bits);
                distance = distance_entry(distances, state.bits);
                state.out.copy(literal, lead, back, length);
                continue;
            }
            if entry & EXCEPTIONAL == 0 {
                let kept = 1 + (entry >> 14 & 1) as usize;
                if !state.out.literals([(entry >> 16) as u8, (entry >> 24) as u8], kept) {
                    return state.go_back(before, entry);
                }
                if !state.refill() {
                    return Stop::Paused;
                }
                continue 'literals;
            }
            match litlen_exception(entry) {
                Exception::End => return Stop::EndOfBlock,
                Exception::Invalid => return state.go_back(before, entry),
                Exception::Subtable { index, width } => {
                    // Consumed with no bits so far; its subtable entry counts them all.
                    let select = before >> LITLEN_BITS & !(u64::MAX << width);
                    entry = litlen.entries[index + select as usize];
                    before = state.consume(entry);
                    next = litlen_entry(litlen, state.bits);
                    distance = distance_entry(distances, state.bits);
                }
            }
        }
    }
}

/// The entry an exceptional one leads to for `bits`, or itself when it is invalid.
#[inline(always)]
fn in_subtable(distances: &DistanceTable, exceptional: u32, bits: u64) -> u32 {
    match distance_exception(exceptional) {
        Exception::Subtable { index, width } => {
            let select = bits >> DISTANCE_BITS & !(u64::MAX << width);
            distances.entries[index + select as usize]
        }
        _ => exceptional,
    }
}
