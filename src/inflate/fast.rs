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
//! In a block whose code has few lengths, literals stand in runs. There a round is tried first that takes four entries of
//! literals, one or two each, and is given up if they are anything else: a branch that is foreseen most of the time. It
//! has a table of its own, for one bit more.
//!
//! Tables of little input are for fewer bits. How many is known only then, and takes a register that the loop does not
//! have. So there are three of it: for fewer bits, for all, and for all with runs.
//!
//! What is rare stops the loop: entries that lead to a subtable or end the block, distances too far, the last bytes of
//! room or input. The loop then says how many bits were used up to the token it stands in, the careful loop does one
//! token, and the fast one goes on.
//!
//! Invariants:
//! 1. Bit budget. A refill leaves [`COUNTED`] bits or more, and [`SEEN`] that can be looked up. A round uses a length and
//!    a distance of them at most (a distance is never followed by another), or four entries of a run; a length that is
//!    pending has its bits still, and its distance is taken from those of the round.
//! 2. Input and output are checked before the round changes what cannot be undone: [`Words::read`], [`Rounds::round`].
//! 3. When the loop stops, all tokens before the bits that count as used are written, and no others.
//!
//! `count` is exact in its low six bits only; an entry is subtracted as it is, flags and all.
//!
//! Cost: about 110 instructions and twice the latency of a lookup (6 cycles) a round. Measured on text and binaries, a
//! match takes 1.2 to 1.9 rounds. A run takes little more than the latency of its lookups: the bits are kept [`SHIFT`]
//! higher, which saves the scaling of the index, and the first lookup of a round precedes its refill.

use super::careful::{self, Stop};
use super::tables::{Tables, Width};
use super::target::Target;
use crate::arch::{Isa, Kernel, Simd};
use crate::bits::reader::BitReader;
use crate::huffman::decode_table::{
    DISTANCE, EXCEPTIONAL, LOOKUP_BITS, MATCH, Main, RUN_BITS, Runs, SHIFT, literals, match_distance,
    match_length, total_bits,
};
use crate::raw::{Rounds, Words, load_now};
use core::hint::select_unpredictable as select;

/// Bits that a refill leaves, counted ones and all.
const COUNTED: usize = 56 - SHIFT as usize;
const SEEN: usize = 64 - SHIFT as usize;
/// Most bits of an entry of the main tables: of a length or a pair, and of a distance.
const LITLEN_MOST: usize = LOOKUP_BITS + 5;
const DISTANCE_MOST: usize = LOOKUP_BITS + 13;
const _: () = assert!(LITLEN_MOST + DISTANCE_MOST <= COUNTED, "a round uses counted bits");
const _: () = assert!(LITLEN_MOST + DISTANCE_MOST + LOOKUP_BITS <= SEEN, "a lookup before the refill");
const _: () = assert!(LITLEN_MOST <= SEEN - DISTANCE_MOST, "a pending length");
const _: () = assert!(2 * LITLEN_MOST + DISTANCE_MOST < 64, "what is taken back, in six bits");
const _: () = assert!(4 * RUN_BITS <= COUNTED && 5 * RUN_BITS <= SEEN, "a run and the lookup after it");

/// Decodes the symbols of a block into `target`, until something stops it.
pub(super) fn decode<T: Target>(
    isa: Isa,
    reader: &mut BitReader<'_>,
    tables: &Tables,
    target: &mut T,
) -> Stop {
    loop {
        reader.refill();
        let Some(place) = Place::new(reader, target) else { return end(isa, reader, tables, target) };
        let (main, runs, width) = (&tables.main, &tables.runs, tables.width);
        let place = if tables.width != Width::WIDE {
            isa.call(FastLoop::<_, false, false> { place, main, runs, width })
        } else if tables.has_runs && T::Rounds::TAKES_RUNS {
            isa.call(FastLoop::<_, true, true> { place, main, runs, width })
        } else {
            isa.call(FastLoop::<_, true, false> { place, main, runs, width })
        };
        let (position, mark) = (place.position(), T::mark(&place.out));
        drop(place);
        reader.skip((position - reader.position()) as usize);
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

/// The arguments of the loop, to be run at some level; for wide tables, or for any; with runs or without.
///
/// Both tables have a pointer of their own, so that neither is reached with an offset: that would take a cycle more.
struct FastLoop<'a, R, const WIDE: bool, const RUNS: bool> {
    place: Place<'a, R>,
    main: &'a [Main; 2],
    runs: &'a Runs,
    width: Width,
}

/// Where the loop is: what it changes.
struct Place<'a, R> {
    words: Words<'a>,
    out: R,
    /// As in [`BitReader`], but [`SHIFT`] bits higher, whatever is below.
    bits: u64,
    /// As in [`BitReader`], and [`SHIFT`]; within the loop modulo 64.
    count: u32,
}

impl<'a, R: Rounds> Place<'a, R> {
    /// Where `reader`, which was refilled, and `target` are.
    fn new<'t, T>(reader: &BitReader<'a>, target: &'t mut T) -> Option<Self>
    where
        T: Target<Rounds<'t> = R> + 't,
    {
        // A byte that would be shifted out is read again.
        let again = u32::from(reader.count + SHIFT > 63);
        let words = Words::new(reader.input, reader.at.checked_sub(again as usize)?)?;
        let (bits, count) = (reader.bits << SHIFT, reader.count + SHIFT - 8 * again);
        Some(Self { words, out: target.rounds()?, bits, count })
    }

    /// Where the next bit stands, in bits from the start of the slice.
    fn position(&self) -> i64 {
        8 * self.words.at() as i64 - i64::from(self.count - SHIFT)
    }
}

/// What a stopped loop takes back.
struct Undo {
    /// The sum of some entries.
    sum: u32,
    /// How many literals of them were written.
    literals: usize,
}

impl<'a, R: Rounds, const WIDE: bool, const RUNS: bool> Kernel for FastLoop<'a, R, WIDE, RUNS> {
    type Output = Place<'a, R>;

    #[inline(always)]
    fn run<S: Simd>(self) -> Place<'a, R> {
        let Self { place: Place { mut words, mut out, mut bits, mut count }, main, runs, width } = self;
        let (mut pending, mut pending_bits) = (0, bits);
        let mask = if WIDE { Width::WIDE.mask() } else { width.mask() };
        let mut first = lookup(main, mask, pending, bits);
        let undo = loop {
            let Some(word) = words.read(!count as usize >> 3) else { break Undo::pending(pending) };
            bits |= word << (count & 63);
            count |= 56;
            if RUNS && pending & MATCH == 0 {
                let mut rest = bits;
                let mut next = |before: u32| {
                    rest >>= total_bits(before);
                    lookup_run(runs, rest)
                };
                let second = next(first);
                let third = next(second);
                let fourth = next(third);
                let after = next(fourth);
                if (first | second | third | fourth) & (MATCH | EXCEPTIONAL) == 0
                    && out.run([first, second, third, fourth].map(literals))
                {
                    let sum = first.wrapping_add(second).wrapping_add(third).wrapping_add(fourth);
                    bits >>= total_bits(sum);
                    count = count.wrapping_sub(sum);
                    first = after;
                    continue;
                }
                first = lookup(main, mask, pending, bits);
            }
            if first & EXCEPTIONAL != 0 {
                break Undo::pending(pending);
            }
            // The length of the match, if there is one in this round.
            let was_pending = first & DISTANCE != 0;
            let length_entry = select(was_pending, pending, first);
            let length_bits = select(was_pending, pending_bits, bits);
            let undo = |more: u32| {
                let sum = length_entry.wrapping_add(if was_pending { first } else { 0 }).wrapping_add(more);
                Undo { sum, literals: literals(length_entry).1 - literals(first).1 }
            };

            let first_bits = bits;
            bits >>= total_bits(first);
            count = count.wrapping_sub(first);
            let second = lookup(main, mask, first, bits);
            if second & EXCEPTIONAL != 0 {
                break undo(0);
            }
            let distance_entry = select(was_pending, first, second);
            let distance_bits = select(was_pending, first_bits, bits);

            (pending, pending_bits) = (second, bits);
            bits >>= total_bits(second);
            count = count.wrapping_sub(second);
            let next = lookup(main, mask, second, bits);

            let is_match = length_entry & MATCH != 0;
            let length = match_length(length_entry, length_bits >> SHIFT);
            let distance = match_distance(distance_entry, distance_bits >> SHIFT);
            if !out.round(literals(first), (is_match, distance, length), literals(second)) {
                break undo(second);
            }
            first = next;
        };
        out.go_back(undo.literals);
        Place { words, out, bits, count: (count & 63) + total_bits(undo.sum) }
    }
}

impl Undo {
    /// Takes back the entry before this round, which is `entry`, if it waits for its distance.
    #[inline(always)]
    fn pending(entry: u32) -> Self {
        let sum = if entry & MATCH != 0 { entry } else { 0 };
        Self { sum, literals: literals(sum).1 }
    }
}

/// The entry that `bits` start with, where `after` is the entry before.
#[inline(always)]
fn lookup(main: &[Main; 2], mask: usize, after: u32, bits: u64) -> u32 {
    let main = &main[usize::from(after & MATCH != 0)];
    load_now(&main[(bits as usize & mask << SHIFT) >> SHIFT])
}

/// The same in a run.
#[inline(always)]
fn lookup_run(runs: &Runs, bits: u64) -> u32 {
    load_now(&runs[(bits as usize >> SHIFT) % (1 << RUN_BITS)])
}
