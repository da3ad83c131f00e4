//! Hash chains on six bytes, with single candidates for shorter matches.
//!
//! **Method.** `heads6` maps a hash of six bytes to the latest position that has it; `links` maps each position to the
//! distance to the one before it with the same hash, so a walk visits candidates from near to far. Nearly every
//! candidate of such a chain is a match of six bytes or more, which is what a search is for; chains on four bytes need
//! about three times the depth for the same result. Matches of four and five bytes, and of three, are worth having only
//! when near: `heads4` and `heads3` hold the latest position alone.
//!
//! Positions are 16 bits, modulo 64 Ki, and never rebased (as igzip does). A stale entry of `heads4` or `heads3` is a
//! candidate like any other and its bytes are compared. A stale entry of `heads6` would start a walk into the chain of
//! some other position, so every 32 Ki positions the entries that left the window are moved to its far edge.
//!
//! **Invariants.** 1. No match is returned that reaches before the start of the history or farther than 32 KiB.
//! 2. No length reaches past the end of the chunk.
//!
//! **Cost.** 384 KiB of tables; per position one load and four stores; per candidate one link and one compared word.

use super::window::{MAX_DISTANCE, View};
use super::{MAX_MATCH, MIN_MATCH, Match};
use crate::arch::Simd;
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

/// The finder's tables.
#[derive(Debug)]
pub(crate) struct Chain {
    tables: Box<[u16; TABLES]>,
    /// Where `heads6` was last swept.
    swept_at: usize,
    /// Whether the tables are as they were allocated.
    is_fresh: bool,
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

/// Index of the head of the chain for six bytes.
#[inline(always)]
fn head6(bytes: u64) -> usize {
    HEADS6 + ((bytes << 16).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - HEADS6_BITS)) as usize
}

/// Index of the candidate for four bytes.
#[inline(always)]
fn head4(bytes: u64) -> usize {
    HEADS4 + ((bytes as u32).wrapping_mul(0x9E37_79B1) >> (32 - HEADS4_BITS)) as usize
}

/// Index of the candidate for three bytes.
#[inline(always)]
fn head3(bytes: u64) -> usize {
    HEADS3 + ((bytes as u32).wrapping_mul(0x9E37_79B1 << 8) >> (32 - HEADS3_BITS)) as usize
}

/// Index of the link of position `at`.
#[inline(always)]
fn link(at: u32) -> usize {
    LINKS + (at as usize & LINK_MASK)
}

impl Chain {
    /// Empty tables.
    pub(crate) fn new() -> Self {
        Self { tables: super::zeroed(), swept_at: 0, is_fresh: true }
    }

    /// Forgets every position and inserts the history of `view`.
    pub(crate) fn start(&mut self, view: View<'_>) {
        if !self.is_fresh {
            self.tables.fill(0);
        }
        self.is_fresh = false;
        self.swept_at = 0;
        for back in (1..=view.history).rev() {
            self.insert(view.at(0).back(back as u16).u64(0), FIRST.wrapping_sub(back as u16));
        }
    }

    /// To be called with the next position `at` at least once every 32 Ki positions, `ahead` telling how many may
    /// pass until the next call (a match may go past them).
    #[inline(always)]
    pub(crate) fn keep_up(&mut self, at: usize, ahead: usize) {
        if at + ahead + 2 * MAX_MATCH - self.swept_at >= MAX_DISTANCE {
            self.sweep(at);
        }
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

    /// Inserts the position with number `at`, whose bytes are `bytes`; returns how far back its chain goes on.
    #[inline(always)]
    fn insert(&mut self, bytes: u64, at: u16) -> u16 {
        let head = &mut self.tables[head6(bytes)];
        let distance = at.wrapping_sub(*head);
        *head = at;
        self.tables[head4(bytes)] = at;
        self.tables[head3(bytes)] = at;
        self.tables[link(u32::from(at))] = distance;
        distance
    }

    /// Inserts `from..to`, where `to - from <= 65,535`.
    #[inline(always)]
    pub(crate) fn insert_range(&mut self, view: View<'_>, from: usize, to: usize) {
        let place = view.at(from).here();
        let number = FIRST.wrapping_add(from as u16);
        for ahead in 0..to.saturating_sub(from) as u16 {
            self.insert(place.u64(ahead), number.wrapping_add(ahead));
        }
    }

    /// Inserts `at` and returns the longest match there if it is longer than `floor`, else one of length 0.
    ///
    /// `floor` is 2 or the length to beat; `effort.nice >= floor`.
    #[inline(always)]
    pub(crate) fn longest<S: Simd>(
        &mut self,
        view: View<'_>,
        at: usize,
        floor: u32,
        effort: Effort,
    ) -> Match {
        let place = view.at(at);
        let here = place.here();
        let bytes = here.u64(0);
        let reach = view.reach(at) as u32;
        let number = FIRST.wrapping_add(at as u16);
        let near4 = number.wrapping_sub(self.tables[head4(bytes)]);
        let near3 = number.wrapping_sub(self.tables[head3(bytes)]);
        let mut distance = u32::from(self.insert(bytes, number));

        let mut best_length = floor.max(5);
        let mut best_distance = 0;
        if best_length < MAX_MATCH as u32 {
            let mut left = effort.depth;
            // The word that ends where a longer match would have to go on.
            let mut tail_at = best_length - 3;
            let mut tail = here.u32(tail_at as u16);
            while distance.wrapping_sub(1) < reach {
                let next = self.tables[link(u32::from(number).wrapping_sub(distance))];
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
                    }
                }
                left -= 1;
                if left == 0 {
                    break;
                }
                distance += u32::from(next);
            }
        }
        if best_distance == 0 && floor <= 5 {
            best_length = floor;
            let there = place.back(near4);
            if u32::from(near4).wrapping_sub(1) < reach && there.u32(0) == bytes as u32 {
                let length = here.common_len::<S>(there, 4);
                if length > floor {
                    (best_length, best_distance) = (length, u32::from(near4));
                }
            }
            if best_length < MIN_MATCH as u32 {
                let there = place.back(near3);
                if u32::from(near3).wrapping_sub(1) < reach && (there.u32(0) ^ bytes as u32) << 8 == 0 {
                    (best_length, best_distance) = (3, u32::from(near3));
                }
            }
        }
        if best_distance == 0 {
            return Match::default();
        }
        Match { length: (best_length as usize).min(view.end - at), distance: best_distance as usize }
    }
}
