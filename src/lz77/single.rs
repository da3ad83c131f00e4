//! One candidate per position, four positions at a time: the fastest parse that still finds most long matches.
//!
//! **Problem.** At this speed a parse waits: for a table entry, for the bytes it names, and after each branch that was
//! not foreseen for the next instructions. Tests cost little beside that.
//!
//! **Method.** One table maps a hash of five bytes to the latest position that had it. Four positions in a row are looked
//! up and inserted together, so that their loads overlap, and the first whose candidate begins with the same four bytes
//! is found without a branch: whether one of four matches is easier to foresee than which. The match is extended ahead,
//! and back over literals by up to a word; the parse is greedy. Of the positions inside a match only those of its group
//! and the last are inserted, as what repeats later mostly repeats from the same start. Where nothing has matched for
//! long, positions are skipped, ever more of them, so that data that cannot be compressed passes at the speed of copying.
//! Positions of 16 bits that are never rebased are igzip's idea.
//!
//! **Invariants.** 1. No match reaches before the start of the history, farther than 32 KiB, or past the end of the
//! chunk. Every candidate's bytes are compared, so an entry may hold anything.
//!
//! **Cost.** A table of 64 KiB; per position searched one load and one store of it and one compared word.

use super::sequence::Store;
use super::window::{MAX_DISTANCE, View};
use super::{Cursor, MAX_MATCH, MIN_MATCH, Match};
use crate::arch::{Kernel, Simd};
use alloc::boxed::Box;
use core::hint::select_unpredictable;

const HEADS_BITS: u32 = 15;

/// Positions looked up together.
const GROUP: usize = 4;

/// log2 of the literals in a row for which the step grows by one position.
const SKIP_SHIFT: u32 = 6;
/// The most positions passed over between two groups.
const MAX_SKIP: usize = 128;

/// The finder's table.
#[derive(Debug)]
pub(crate) struct Single {
    heads: Box<[u16; 1 << HEADS_BITS]>,
    is_fresh: bool,
}

/// The number of the chunk's first position in the table: an empty entry, 0, is out of reach from there on.
const FIRST: u16 = MAX_DISTANCE as u16;

/// Index of the entry for the first five bytes.
#[inline(always)]
fn hash(bytes: u64) -> usize {
    ((bytes << 24).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - HEADS_BITS)) as usize
}

impl Single {
    /// An empty table.
    pub(crate) fn new() -> Self {
        Self { heads: super::zeroed(), is_fresh: true }
    }

    /// Forgets every position and inserts the history of `view`.
    pub(crate) fn start(&mut self, view: View<'_>) {
        if !self.is_fresh {
            self.heads.fill(0);
        }
        self.is_fresh = false;
        for back in (1..=view.history).rev() {
            self.heads[hash(view.at(0).back(back as u16).u64(0))] = FIRST.wrapping_sub(back as u16);
        }
    }
}

/// One call's work: parses from `cursor` until a sequence ends at or after `until`, or the chunk ends.
pub(crate) struct ParseSingle<'a> {
    pub(crate) view: View<'a>,
    pub(crate) finder: &'a mut Single,
    pub(crate) cursor: Cursor,
    pub(crate) until: usize,
    pub(crate) store: &'a mut Store,
}

impl Kernel for ParseSingle<'_> {
    type Output = Cursor;

    #[inline(always)]
    fn run<S: Simd>(self) -> Cursor {
        let Self { view, finder, cursor, until, store } = self;
        let Cursor { mut at, mut literals_from, mut quiet_from } = cursor;
        let stop = until.min(view.end);
        let heads = &mut *finder.heads;
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
                let head = &mut heads[hash(bytes)];
                let distance = number.wrapping_sub(*head);
                *head = number;
                let equal = (bytes ^ place.back(distance).u64(i as u16)).trailing_zeros() >> 3;
                let is_near = u32::from(distance).wrapping_sub(1) < reach;
                (distances[i], lengths[i]) = (distance, select_unpredictable(is_near, equal, 0));
            }
            let (mut first, mut length, mut distance) = (GROUP, 0, 0);
            for i in (0..GROUP).rev() {
                let is_match = lengths[i] >= 4;
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
            let last = (length - 1) as u16;
            heads[hash(place.here().u64(last))] = FIRST.wrapping_add(start as u16).wrapping_add(last);
            at = start + length;
            literals_from = at;
            quiet_from = at;
        }
        at = if at < until { view.end } else { at.min(view.end) };
        literals_from = at - store.push_literals(at - literals_from);
        Cursor { at, literals_from, quiet_from }
    }
}
