//! One candidate per position: the fastest parse that still finds most long matches.
//!
//! **Method.** One table maps a hash of four bytes to the latest position that had it. A position whose candidate has the
//! same four bytes starts a match, which is extended both ways; the parse is greedy. Of the positions inside a match
//! only the first and the last few are inserted, as what repeats later mostly repeats from the same start. Where nothing
//! has matched for long, positions are skipped, ever more of them, so that data that cannot be compressed passes at
//! the speed of copying. The shape is igzip's; extending backwards makes up for positions that were skipped.
//!
//! **Invariants.** 1. No match reaches before the start of the history, farther than 32 KiB, or past the end of the
//! chunk. Every candidate's bytes are compared, so an entry may hold anything.
//!
//! **Cost.** A table of 64 KiB; per position searched one load and one store of it and one compared word.

use super::cost::{PRICED, Prices};
use super::sequence::Store;
use super::window::{MAX_DISTANCE, View};
use super::{Cursor, MAX_MATCH, MIN_MATCH, Match};
use crate::arch::{Kernel, Simd};
use alloc::boxed::Box;

const HEADS_BITS: u32 = 15;

/// log2 of the literals in a row for which the step grows by one position.
const SKIP_SHIFT: u32 = 7;
/// The longest step, in positions.
const MAX_STEP: usize = 64;

/// The finder's table.
#[derive(Debug)]
pub(crate) struct Single {
    heads: Box<[u16; 1 << HEADS_BITS]>,
    is_fresh: bool,
}

/// The number of the chunk's first position in the table: an empty entry, 0, is out of reach from there on.
const FIRST: u16 = MAX_DISTANCE as u16;

#[inline(always)]
fn hash(bytes: u64) -> usize {
    ((bytes << 32).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - HEADS_BITS)) as usize
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
    pub(crate) prices: &'a Prices,
    pub(crate) cursor: Cursor,
    pub(crate) until: usize,
    pub(crate) store: &'a mut Store,
}

impl Kernel for ParseSingle<'_> {
    type Output = Cursor;

    #[inline(always)]
    fn run<S: Simd>(self) -> Cursor {
        let Self { view, finder, prices, cursor, until, store } = self;
        let Cursor { mut at, mut literals_from, mut quiet_from } = cursor;
        let stop = until.min(view.end);
        let heads = &mut *finder.heads;
        while at < stop {
            let place = view.at(at);
            let bytes = place.here().u64(0);
            let number = FIRST.wrapping_add(at as u16);
            let head = &mut heads[hash(bytes)];
            let distance = number.wrapping_sub(*head);
            *head = number;
            let there = place.back(distance);
            if there.u32(0) != bytes as u32 || usize::from(distance).wrapping_sub(1) >= view.reach(at) {
                at += 1 + ((at - quiet_from) >> SKIP_SHIFT).min(MAX_STEP);
                continue;
            }
            let mut length = place.here().common_len::<S>(there, 4) as usize;
            if length <= PRICED
                && prices.of_match(Match { length, distance: usize::from(distance) })
                    >= prices.of_literals(bytes, length)
            {
                at += 1;
                continue;
            }
            let mut back = 0;
            while at - back > literals_from
                && length < MAX_MATCH
                && usize::from(distance) < view.reach(at - back)
                && view.at(at - back - 1).here().u32(0) as u8
                    == view.at(at - back - 1).back(distance).u32(0) as u8
            {
                back += 1;
                length += 1;
            }
            at -= back;
            length = length.min(view.end - at);
            if length < MIN_MATCH {
                at += 1;
                continue;
            }
            store.push(at - literals_from, Match { length, distance: usize::from(distance) });
            let place = view.at(at).here();
            let number = FIRST.wrapping_add(at as u16);
            let first = back as u16 + 1;
            let resume = (first + 1).max(length as u16 - 2);
            heads[hash(place.u64(first))] = number.wrapping_add(first);
            for ahead in resume..length as u16 {
                heads[hash(place.u64(ahead))] = number.wrapping_add(ahead);
            }
            at += length;
            literals_from = at;
            quiet_from = at;
        }
        at = at.min(view.end);
        literals_from = at - store.push_literals(at - literals_from);
        Cursor { at, literals_from, quiet_from }
    }
}
