//! One candidate per position, four positions at a time: the fastest parse that still finds most long matches.
//!
//! **Problem.** At this speed a parse waits: for a table entry, for the bytes it names, and after each branch that was
//! not foreseen for the next instructions. Tests cost little beside that.
//!
//! **Method.** One table maps a hash of four or five bytes to the latest position that had it. Four positions in a row
//! are looked up and inserted together, so that their loads overlap, and up to eight equal bytes are counted at each.
//! Which of the four is used is decided without a branch: one with four bytes or more, unless a later one is longer. So
//! the parse is lazy inside a group of four, and greedy between groups; whether one of four matches is also easier to
//! foresee than which. A match is extended ahead, and back over literals by up to a word. Of the positions inside a match
//! only those of its group and the last few are inserted, as what repeats later mostly repeats from the same start.
//! Where nothing has matched for long, positions are skipped, ever more of them, so that data that cannot be compressed
//! passes at the speed of copying. Positions of 16 bits that are never rebased are igzip's idea.
//!
//! **Invariants.** 1. No match reaches before the start of the history, farther than 32 KiB, or past the end of the
//! chunk. Every candidate's bytes are compared, so an entry may hold anything.
//!
//! **Cost.** A table of 32 or 128 KiB; per position searched one load and one store of it and one compared word.

use super::sequence::Store;
use super::window::{MAX_DISTANCE, View};
use super::{Cursor, MAX_MATCH, MIN_MATCH, Match};
use crate::arch::{Kernel, Simd};
use alloc::boxed::Box;
use core::hint::select_unpredictable;

/// Five bytes: fewer and longer matches.
pub(crate) type Fast = Single<14, 5, 1>;
/// Four bytes, and more of the positions inside matches.
pub(crate) type Dense = Single<16, 4, 4>;

/// Positions looked up together.
const GROUP: usize = 4;

/// log2 of the literals in a row for which the step grows by one position.
const SKIP_SHIFT: u32 = 6;
/// The most positions passed over between two groups.
const MAX_SKIP: usize = 128;

/// The most bits of a hash.
const MAX_BITS: u32 = 16;

/// The finder's table, of 2^`BITS` entries for hashes of `BYTES` bytes; the last `LAST` positions of a match, at most four,
/// are inserted.
#[derive(Debug)]
pub(crate) struct Single<const BITS: u32, const BYTES: u32, const LAST: u16> {
    heads: Box<[u16; 1 << MAX_BITS]>,
    is_fresh: bool,
}

/// The number of the chunk's first position in the table: an empty entry, 0, is out of reach from there on.
const FIRST: u16 = MAX_DISTANCE as u16;

impl<const BITS: u32, const BYTES: u32, const LAST: u16> Single<BITS, BYTES, LAST> {
    /// An empty table.
    pub(crate) fn new() -> Self {
        const { assert!(BITS <= MAX_BITS && BYTES <= 8 && LAST <= 4) };
        Self { heads: super::zeroed(), is_fresh: true }
    }

    /// Forgets every position and inserts the history of `view`.
    pub(crate) fn start(&mut self, view: View<'_>) {
        if !self.is_fresh {
            self.heads[..1 << BITS].fill(0);
        }
        self.is_fresh = false;
        for back in (1..=view.history).rev() {
            *self.head(view.at(0).back(back as u16).u64(0)) = FIRST.wrapping_sub(back as u16);
        }
    }

    /// The entry for the first bytes of `bytes`.
    #[inline(always)]
    fn head(&mut self, bytes: u64) -> &mut u16 {
        let hash = (bytes << (64 - 8 * BYTES)).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - BITS);
        &mut self.heads[hash as usize]
    }
}

/// One call's work: parses from `cursor` until a sequence ends at or after `until`, or the chunk ends.
pub(crate) struct ParseSingle<'a, const BITS: u32, const BYTES: u32, const LAST: u16> {
    pub(crate) view: View<'a>,
    pub(crate) finder: &'a mut Single<BITS, BYTES, LAST>,
    pub(crate) cursor: Cursor,
    pub(crate) until: usize,
    pub(crate) store: &'a mut Store,
}

impl<const BITS: u32, const BYTES: u32, const LAST: u16> Kernel for ParseSingle<'_, BITS, BYTES, LAST> {
    type Output = Cursor;

    #[inline(always)]
    fn run<S: Simd>(self) -> Cursor {
        let Self { view, finder, cursor, until, store } = self;
        let Cursor { mut at, mut literals_from, mut quiet_from } = cursor;
        let stop = until.min(view.end);
        while at < stop {
            let place = view.at(at);
            let here = place.here();
            let number = FIRST.wrapping_add(at as u16);
            let reach = view.reach(at) as u32;
            let mut distances = [0; GROUP];
            let mut lengths = [0; GROUP];
            for i in 0..GROUP {
                let bytes = here.u64(i as u16);
                let number = number.wrapping_add(i as u16);
                let head = finder.head(bytes);
                let distance = number.wrapping_sub(*head);
                *head = number;
                let equal = (bytes ^ place.back(distance).u64(i as u16)).trailing_zeros() >> 3;
                let is_near = u32::from(distance).wrapping_sub(1) < reach;
                (distances[i], lengths[i]) = (distance, select_unpredictable(is_near, equal, 0));
            }
            // The lengths are those of a word at most, so the first of several long ones is used.
            let (mut first, mut length, mut distance) = (GROUP, 0, 0);
            for i in (0..GROUP).rev() {
                let is_match = lengths[i] >= 4 && lengths[i] >= length;
                first = select_unpredictable(is_match, i, first);
                length = select_unpredictable(is_match, lengths[i], length);
                distance = select_unpredictable(is_match, distances[i], distance);
            }
            if first == GROUP {
                at += GROUP + (at.saturating_sub(quiet_from) >> SKIP_SHIFT).min(MAX_SKIP);
                continue;
            }
            let start = at + first;
            let room = view.end.saturating_sub(start);
            if room < MIN_MATCH {
                break;
            }
            let place = view.at(start);
            let mut length = length as usize;
            if length == 8 {
                length = place.here().common_len::<S>(place.back(distance), 8) as usize;
            }
            let length = length.min(room);
            let before = place.back(8).u64(0) ^ place.back(distance + 8).u64(0);
            let back = ((before | 1).leading_zeros() as usize >> 3)
                .min(start - literals_from)
                .min(MAX_MATCH - length)
                .min(start + view.history - usize::from(distance));
            let found = Match { length: length + back, distance: usize::from(distance) };
            store.push(start - back - literals_from, found);
            // A match has four bytes or more unless the chunk's end cut it.
            for ahead in length.saturating_sub(LAST.into()) as u16..length as u16 {
                *finder.head(place.here().u64(ahead)) = FIRST.wrapping_add(start as u16).wrapping_add(ahead);
            }
            at = start + length;
            literals_from = at;
            quiet_from = at;
        }
        at = if at < until { view.end } else { at.min(view.end) };
        literals_from = at - store.push_literals(at - literals_from);
        Cursor { at, literals_from, quiet_from }
    }
}
