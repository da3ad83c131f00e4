//! Hash chains on six bytes, walked along their rarest branch, with single candidates for shorter matches.
//!
//! **Method.** `heads6` maps a hash of six bytes to the latest position that has it; `links` maps each position to the
//! distance to the one before it with the same hash, so a walk visits candidates from near to far. Nearly every
//! candidate of such a chain is a match of six bytes or more, which is what a search is for; chains on four bytes need
//! about three times the depth for the same result. Matches of four and five bytes, and of three, are worth having only
//! when near: `heads4` and `heads3` hold the latest position alone.
//!
//! A match longer than the best one so far, of `L` bytes, has the six bytes that end one byte behind it, which start at
//! `L - 5`. Where those stood last is a bound for how near it can be, and their chain leads to it as well as that of the
//! first six bytes does. So whenever `L` grows, the walk goes over to that chain if it leads farther at once (the rule of
//! Nosov's fast_zlib, for one position instead of all); often it leads out of the window, and the search is over.
//!
//! Positions are inserted a block at a time ahead of the search: nothing there depends on where matches end, so no branch
//! is mispredicted, and a search finds what it needs in the order of the positions instead of all over the tables.
//!
//! Positions are 16 bits, modulo 64 Ki, and never rebased (as igzip does). A stale entry of `heads4` or `heads3` is a
//! candidate like any other and its bytes are compared. A stale entry of `heads6` would start a walk into the chain of
//! some other position, so every 32 Ki positions the entries that left the window are moved to its far edge. Links at the
//! far end of the window are overwritten by those of the positions ahead; they lead to candidates like any other.
//!
//! **Invariants.** 1. No match is returned that reaches before the start of the history or farther than 32 KiB.
//! 2. No length reaches past the end of the chunk.
//!
//! **Cost.** 384 KiB of tables, of which a small input uses two to four entries a byte and clears no others; per position
//! four loads and six stores; per candidate one link and one compared word.

use super::window::{MAX_DISTANCE, View};
use super::{MAX_MATCH, Match};
use crate::arch::{Simd, scalar};
use crate::raw::position::Candidate;
use alloc::boxed::Box;

const HEADS6_BITS: u32 = 16;
const HEADS4_BITS: u32 = 16;
const HEADS3_BITS: u32 = 15;
const LINK_MASK: usize = MAX_DISTANCE - 1;

// All tables stand in one array, so that one address reaches them all.
const LINKS: usize = 0;
const HEADS6: usize = LINKS + MAX_DISTANCE;
const HEADS4: usize = HEADS6 + (1 << HEADS6_BITS);
const HEADS3: usize = HEADS4 + (1 << HEADS4_BITS);
const TABLES: usize = HEADS3 + (1 << HEADS3_BITS);

/// The most bits of the heads of a small input: two to four heads of each kind but the last for each of its bytes. So it
/// neither pays for clearing tables nor for the first use of their memory. What is larger gains more by the loop that is
/// made for all of them.
const SMALL_BITS: u32 = HEADS6_BITS - 2;

/// Positions inserted at once, ahead of the search.
const BLOCK: usize = 1 << 10;
/// Positions a parse searches before it asks again, less one.
pub(crate) const MOST_STEPS: usize = 2;
/// Positions of the matches of those.
const LOOK_AHEAD: usize = MOST_STEPS + MAX_MATCH;
/// Room for the candidates of the positions inserted but not yet searched.
const NEAR: usize = 1 << 12;

const _: () = assert!(LOOK_AHEAD < BLOCK && 2 * BLOCK + LOOK_AHEAD <= NEAR);

/// The finder's tables.
#[derive(Debug)]
pub(crate) struct Chain {
    tables: Box<[u16; TABLES]>,
    /// Distances to the latest positions with the same four and the same three bytes.
    near: [[u16; 2]; NEAR],
    /// Positions before this one are inserted, or passed over for good.
    inserted: usize,
    /// Where `heads6` was last swept.
    swept_at: usize,
    /// Whether the tables are as they were allocated.
    is_fresh: bool,
    /// Bits by which the indexes of heads are shorter.
    shift: u32,
}

/// The number of the chunk's first position in the tables: an empty entry, 0, is out of reach from there on.
const FIRST: u16 = MAX_DISTANCE as u16;

/// How hard to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Candidates compared at most.
    pub(crate) depth: u32,
    /// A match of this length ends the search.
    pub(crate) nice: u32,
}

/// Index of the head of the chain for six bytes, in tables of which `mask` makes indexes.
#[inline(always)]
fn head6(bytes: u64, mask: usize) -> usize {
    let hash = (bytes << 16).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - HEADS6_BITS);
    HEADS6 + (hash as usize & mask)
}

/// Index of the candidate for four bytes, likewise.
#[inline(always)]
fn head4(bytes: u64, mask: usize) -> usize {
    let hash = (bytes << 32).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - HEADS4_BITS);
    HEADS4 + (hash as usize & mask)
}

/// Index of the candidate for three bytes, likewise.
#[inline(always)]
fn head3(bytes: u64, mask: usize) -> usize {
    let hash = (bytes as u32).wrapping_mul(0x9E37_79B1 << 8) >> (32 - HEADS3_BITS);
    HEADS3 + (hash as usize & mask)
}

/// Index of the link of position `at`.
#[inline(always)]
fn link(at: u32) -> usize {
    LINKS + (at as usize & LINK_MASK)
}

impl Chain {
    /// Empty tables.
    pub(crate) fn new() -> Self {
        Self {
            tables: super::zeroed(),
            near: [[0; 2]; NEAR],
            inserted: 0,
            swept_at: 0,
            is_fresh: true,
            shift: 0,
        }
    }

    /// Forgets every position and inserts the history of `view`.
    pub(crate) fn start(&mut self, view: View<'_>) {
        let bits = 1 + (view.history + view.end).next_power_of_two().ilog2();
        self.shift = if bits <= SMALL_BITS { HEADS6_BITS - bits } else { 0 };
        if !self.is_fresh {
            self.clear(view);
        }
        self.is_fresh = false;
        self.swept_at = 0;
        self.inserted = 0;
        let history = view.history as u16;
        self.insert(view.at(0).back(history), FIRST.wrapping_sub(history), history);
    }

    /// Zeros the heads in use, and the links that a search may look at before they are written.
    fn clear(&mut self, view: View<'_>) {
        for (heads, bits) in [(HEADS6, HEADS6_BITS), (HEADS4, HEADS4_BITS), (HEADS3, HEADS3_BITS)] {
            self.tables[heads..heads + (1 << (bits - self.shift))].fill(0);
        }
        self.tables[LINKS..LINKS + (view.end + MAX_MATCH).min(MAX_DISTANCE)].fill(0);
    }

    /// Sees to it that `at` and [`MOST_STEPS`] positions behind it can be searched, and that the positions of their matches
    /// are inserted; with `is_quiet` only the former, and positions before `at` that are not inserted are passed over.
    #[inline(always)]
    pub(crate) fn keep_ahead(&mut self, view: View<'_>, at: usize, is_quiet: bool) {
        if at + LOOK_AHEAD < self.inserted {
            return;
        }
        let (from, to) = if is_quiet {
            (self.inserted.max(at), at + 1 + MOST_STEPS)
        } else {
            (self.inserted, (at + BLOCK).next_multiple_of(BLOCK))
        };
        self.inserted = to;
        let to = to.min(view.end);
        if to + MAX_MATCH - self.swept_at >= MAX_DISTANCE {
            self.sweep(from);
        }
        let from = from.min(to);
        self.insert(view.at(from).here(), FIRST.wrapping_add(from as u16), (to - from) as u16);
    }

    /// Moves entries of `heads6` that are out of reach from `at` to the edge of the window.
    #[inline(always)]
    fn sweep(&mut self, at: usize) {
        let newest = FIRST.wrapping_add(at as u16).wrapping_sub(1);
        for head in &mut self.tables[HEADS6..HEADS4] {
            *head = newest.wrapping_sub(newest.wrapping_sub(*head).min(MAX_DISTANCE as u16 - 1));
        }
        self.swept_at = at;
    }

    /// Inserts `count` positions from `place` on, the first of which has the number `number`.
    #[inline(always)]
    fn insert(&mut self, place: Candidate<'_>, number: u16, count: u16) {
        if self.shift > 0 {
            self.insert_small(place, number, count);
        } else {
            self.insert_shifted(place, number, count, usize::MAX);
        }
    }

    /// Apart from the code for large inputs, which must not share its registers.
    #[cold]
    #[inline(never)]
    fn insert_small(&mut self, place: Candidate<'_>, number: u16, count: u16) {
        self.insert_shifted(place, number, count, usize::from(u16::MAX >> self.shift));
    }

    #[inline(always)]
    fn insert_shifted(&mut self, place: Candidate<'_>, number: u16, count: u16, mask: usize) {
        for ahead in 0..count {
            let bytes = place.u64(ahead);
            let at = number.wrapping_add(ahead);
            let mut replace = |index: usize| {
                let head = &mut self.tables[index];
                let distance = at.wrapping_sub(*head);
                *head = at;
                distance
            };
            let distance = replace(head6(bytes, mask));
            self.near[usize::from(at) % NEAR] = [replace(head4(bytes, mask)), replace(head3(bytes, mask))];
            self.tables[link(u32::from(at))] = distance;
        }
    }

    /// The longest match at `at` if it is longer than `floor`, else one of length 0.
    ///
    /// `floor` is 2 or the length to beat; `effort.nice >= floor`.
    #[inline(always)]
    pub(crate) fn longest<S: Simd>(&self, view: View<'_>, at: usize, floor: u32, effort: Effort) -> Match {
        let place = view.at(at);
        let here = place.here();
        let bytes = here.u64(0);
        let reach = view.reach(at) as u32;
        let number = FIRST.wrapping_add(at as u16);
        let [near4, near3] = self.near[usize::from(number) % NEAR];
        let mut distance = u32::from(self.tables[link(u32::from(number))]);

        let mut best_length = floor.max(5);
        let mut best_distance = 0;
        // The chain that is walked: that of the position `root` bytes ahead.
        let mut root = 0;
        if best_length > 5 {
            let further = u32::from(self.tables[link(u32::from(number) + best_length - 5)]);
            if further > distance {
                (root, distance) = (best_length - 5, further);
            }
        }
        if best_length < MAX_MATCH as u32 {
            let mut left = effort.depth;
            // The word that ends where a longer match would have to go on.
            let mut tail_at = best_length - 3;
            let mut tail = here.u32(tail_at as u16);
            while distance.wrapping_sub(1) < reach {
                let mut next =
                    u32::from(self.tables[link((u32::from(number) + root).wrapping_sub(distance))]);
                let there = place.back(distance as u16);
                if there.u32(tail_at as u16) == tail && there.u32(0) == bytes as u32 {
                    let length = here.common_len::<S>(there, 4);
                    if length > best_length {
                        (best_length, best_distance) = (length, distance);
                        if length >= effort.nice {
                            break;
                        }
                        tail_at = length - 3;
                        tail = here.u32(tail_at as u16);
                        let further = u32::from(self.tables[link(u32::from(number) + length - 5)]);
                        if further > distance + next {
                            (root, next) = (length - 5, further - distance);
                        }
                    }
                }
                left -= 1;
                if left == 0 {
                    break;
                }
                distance += next;
            }
        }
        if best_distance == 0 {
            if floor > 5 {
                return Match::default();
            }
            // Both are looked at, without a branch, since which of them matches is hard to predict.
            let equal = |distance: u16| {
                let is_out = u64::from(u32::from(distance).wrapping_sub(1) >= reach);
                scalar((place.back(distance).u64(0) ^ bytes) | is_out).trailing_zeros() >> 3
            };
            let (length4, length3) = (equal(near4), equal(near3));
            let near = if length4 > length3 { near4 } else { near3 };
            (best_length, best_distance) = (length4.max(length3), u32::from(near));
            if best_length <= floor.max(2) {
                return Match::default();
            }
            if best_length == 8 {
                best_length = here.common_len::<S>(place.back(near), 8);
            }
        }
        Match { length: (best_length as usize).min(view.end - at), distance: best_distance as usize }
    }
}
