//! Candidates for a minimum-cost parse: for every position matches of many lengths, each from as near as can be found.
//!
//! **Problem.** A parse of minimum cost wants, for each length, the nearest match that long: short ones because near
//! ones are cheap, long ones because they save most. A search that deep at every position costs too much.
//!
//! **Method.** Four tables. `heads3`, `heads4` and `heads5` hold the latest position with the same three, four and five
//! bytes: the nearest match of these lengths, compared without a branch. `heads7` starts chains on seven bytes, walked
//! from near to far for matches ever longer than seven.
//!
//! With a match in hand, the positions inside it inherit what is left of it, and are not searched while that is seven
//! bytes or more. Nothing is lost: a match from one of them that reaches farther contains the seven bytes whose last is
//! the first behind the match in hand. These have a position of their own, which is searched; what is found there is
//! extended back over the positions that were passed, up to where the match in hand starts. The chain of these seven
//! bytes is also the best one to walk, as all its candidates break out of the match in hand.
//!
//! ```text
//! in hand    ├─────────────────┤          searched at the bars, the first
//! passed      ...........                 of them where seven bytes reach
//! searched   |           ||||||           one byte past the match in hand
//! found       ◀──────────├────────────┤   and extended back
//! ```
//!
//! Each position is inserted while the one before is searched, so that the tables are read early. Where no four bytes
//! have matched for a kilobyte, positions are skipped, ever more of them.
//!
//! Positions are 16 bits, modulo 64 Ki, and never rebased (as igzip does). A stale entry for few bytes is a candidate like any
//! other, and its bytes are compared. One of `heads7` would start a walk into a chain of other bytes: so these are swept
//! before they can be taken for positions in the window.
//!
//! **Invariants.** 1. No candidate reaches before the start of the history, farther than 32 KiB, or past the end of the
//! chunk. 2. A candidate of three bytes or more equals the bytes it names.
//!
//! **Cost.** 512 KiB of tables and 24 bytes a position found; per position four loads and five stores of tables, per
//! position searched three compared words, per link a load and a compared word.

use super::MAX_MATCH;
use super::window::{MAX_DISTANCE, View};
use crate::arch::Simd;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Bytes of a chain's hash, and the least that a position inherits to be passed without a search.
const CHAINED: u32 = 7;

const HEADS7_BITS: u32 = 16;
const HEADS5_BITS: u32 = 16;
const HEADS4_BITS: u32 = 16;
const HEADS3_BITS: u32 = 15;
const LINK_MASK: usize = MAX_DISTANCE - 1;

// All tables stand in one array, so that one address reaches them all.
const LINKS: usize = 0;
const HEADS7: usize = LINKS + MAX_DISTANCE;
const HEADS5: usize = HEADS7 + (1 << HEADS7_BITS);
const HEADS4: usize = HEADS5 + (1 << HEADS5_BITS);
const HEADS3: usize = HEADS4 + (1 << HEADS4_BITS);
const TABLES: usize = HEADS3 + (1 << HEADS3_BITS);

/// The number of the chunk's first position in the tables: an empty entry, 0, is out of reach from there on.
const FIRST: u16 = MAX_DISTANCE as u16;

/// log2 of the positions searched in vain for which the step grows by one position.
const SKIP_SHIFT: u32 = 10;
/// The longest step, in positions.
const MAX_STEP: usize = 63;
/// Matches shorter than this come about by chance.
const LOUD: u32 = 4;

/// A match a parse may use, or part of it from its start.
///
/// ```text
/// bits  0..=14  distance - 1
/// bits 16..=24  length; below 3: no match
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Candidate(u32);

impl Candidate {
    #[inline(always)]
    fn new(length: u32, distance: u32) -> Self {
        Self(length << 16 | distance.wrapping_sub(1) & 0x7fff)
    }

    /// Length of the match.
    #[inline(always)]
    pub(crate) fn length(self) -> usize {
        (self.0 >> 16) as usize
    }

    /// Distance of the match less 1.
    #[inline(always)]
    pub(crate) fn distance_code(self) -> usize {
        (self.0 & 0x7fff) as usize
    }

    /// The longer, of equal ones the nearer.
    #[inline(always)]
    fn longer(self, other: Self) -> Self {
        Self((self.0 ^ 0x7fff).max(other.0 ^ 0x7fff) ^ 0x7fff)
    }

    /// What is left of the match from its next byte on.
    #[inline(always)]
    fn rest(self) -> Self {
        if self.length() > 0 { Self(self.0 - (1 << 16)) } else { self }
    }
}

/// What was found at one position.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    /// The latest positions with the same three, four and five bytes; up to eight bytes are compared.
    pub(crate) short: [Candidate; 3],
    /// What is left of the longest match of the position before.
    pub(crate) inherited: Candidate,
    /// A match found farther on and extended back to here.
    pub(crate) extended: Candidate,
    /// Where its candidates from the chain start, ever longer ones; they end where those of the next position start.
    pub(crate) chained_from: u32,
}

/// How far back the latest positions are that have the same bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Latest {
    three: u16,
    four: u16,
    five: u16,
    seven: u16,
}

/// What is known of the next position.
#[derive(Clone, Copy, Debug, Default)]
struct Next {
    latest: Latest,
    inherited: Candidate,
    /// The last position searched.
    searched: usize,
    /// End of the last match that is no chance.
    quiet_from: usize,
}

/// The finder's tables, and what it has found.
#[derive(Debug)]
pub(crate) struct Finder {
    tables: Box<[u16; TABLES]>,
    /// Where `heads7` was last swept.
    swept_at: usize,
    /// Whether the tables are as they were allocated.
    is_fresh: bool,
    next: Next,
    /// The position of the first of `found`.
    from: usize,
    pub(crate) found: Vec<Found>,
    pub(crate) chained: Vec<Candidate>,
}

/// Index of the head of the chain for seven bytes.
#[inline(always)]
fn head7(bytes: u64) -> usize {
    HEADS7 + ((bytes << 8).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - HEADS7_BITS)) as usize
}

/// Index of the candidate for five bytes.
#[inline(always)]
fn head5(bytes: u64) -> usize {
    HEADS5 + ((bytes << 24).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - HEADS5_BITS)) as usize
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

/// Inserts the position with number `at`, whose bytes are `bytes`.
#[inline(always)]
fn insert(tables: &mut [u16; TABLES], bytes: u64, at: u16) -> Latest {
    let mut replace = |head: usize| {
        let distance = at.wrapping_sub(tables[head]);
        tables[head] = at;
        distance
    };
    let latest = Latest {
        seven: replace(head7(bytes)),
        three: replace(head3(bytes)),
        four: replace(head4(bytes)),
        five: replace(head5(bytes)),
    };
    tables[link(u32::from(at))] = latest.seven;
    latest
}

impl Finder {
    /// Empty tables.
    pub(crate) fn new() -> Self {
        Self {
            tables: super::zeroed(),
            swept_at: 0,
            is_fresh: true,
            next: Next::default(),
            from: 0,
            found: Vec::new(),
            chained: Vec::new(),
        }
    }

    /// Forgets every position and inserts the history of `view`.
    pub(crate) fn start(&mut self, view: View<'_>) {
        if !self.is_fresh {
            self.tables.fill(0);
        }
        self.is_fresh = false;
        self.swept_at = 0;
        self.from = 0;
        self.found.clear();
        self.chained.clear();
        for back in (1..=view.history).rev() {
            let bytes = view.at(0).back(back as u16).u64(0);
            insert(&mut self.tables, bytes, FIRST.wrapping_sub(back as u16));
        }
        let latest = insert(&mut self.tables, view.at(0).here().u64(0), FIRST);
        self.next = Next { latest, ..Next::default() };
    }

    /// Makes `found` that of `from..to`. Neither may be lower than in the call before, and not more than 32 Ki less 2
    /// positions may be new.
    #[inline(always)]
    pub(crate) fn find<S: Simd>(&mut self, view: View<'_>, depth: u32, from: usize, to: usize) {
        let known = self.from + self.found.len();
        self.found.drain(..from - self.from);
        self.from = from;
        let dropped = self.found.first().map_or(self.chained.len() as u32, |found| found.chained_from);
        self.chained.drain(..dropped as usize);
        self.found.iter_mut().for_each(|found| found.chained_from -= dropped);
        self.found.resize(to - from, Found::default());
        if to + 1 - self.swept_at >= MAX_DISTANCE {
            self.sweep(known);
        }
        let Self { tables, next, found, chained, .. } = self;
        let mut walk = Walk { view, depth, tables, from, found, chained, next: *next };
        let mut at = known;
        while at < to {
            at = if walk.next.inherited.length() >= CHAINED as usize {
                walk.pass(at, to)
            } else {
                walk.search::<S>(at);
                walk.skip(at, to)
            };
        }
        self.next = walk.next;
    }

    /// Whether no match from `at` on was worth a search.
    pub(crate) fn is_quiet_from(&self, at: usize) -> bool {
        self.next.quiet_from + (1 << SKIP_SHIFT) <= at
    }

    /// Moves entries of `heads7` that are out of reach from `at` to the edge of the window.
    #[inline(always)]
    fn sweep(&mut self, at: usize) {
        let newest = FIRST.wrapping_add(at as u16).wrapping_sub(1);
        for head in &mut self.tables[HEADS7..HEADS5] {
            *head = newest.wrapping_sub(newest.wrapping_sub(*head).min(MAX_DISTANCE as u16 - 1));
        }
        self.swept_at = at;
    }
}

/// A call of [`Finder::find`] under way.
struct Walk<'a> {
    view: View<'a>,
    depth: u32,
    tables: &'a mut [u16; TABLES],
    from: usize,
    found: &'a mut [Found],
    chained: &'a mut Vec<Candidate>,
    next: Next,
}

impl Walk<'_> {
    /// Inserts the position behind `at`, in advance.
    #[inline(always)]
    fn advance(&mut self, at: usize) {
        let bytes = self.view.at(at).here().u64(1);
        self.next.latest = insert(self.tables, bytes, FIRST.wrapping_add((at + 1) as u16));
    }

    /// Passes the positions from `at` on that inherit enough; returns the first that does not.
    #[inline(always)]
    fn pass(&mut self, at: usize, to: usize) -> usize {
        let mut inherited = self.next.inherited;
        let run = (to - at).min(inherited.length() + 1 - CHAINED as usize);
        let place = self.view.at(at).here();
        let number = FIRST.wrapping_add(at as u16);
        let chained_from = self.chained.len() as u32;
        let mut ahead = 0;
        for found in &mut self.found[at - self.from..][..run] {
            ahead += 1;
            self.next.latest = insert(self.tables, place.u64(ahead), number.wrapping_add(ahead));
            *found = Found { inherited, chained_from, ..Found::default() };
            inherited = inherited.rest();
        }
        self.next.inherited = inherited;
        at + run
    }

    /// The next position to search after `at`; what lies between has no candidates.
    #[inline(always)]
    fn skip(&mut self, at: usize, to: usize) -> usize {
        let step = (at.saturating_sub(self.next.quiet_from) >> SKIP_SHIFT).min(MAX_STEP);
        let next = (at + 1 + step).min(to);
        if next == at + 1 {
            return next;
        }
        let chained_from = self.chained.len() as u32;
        self.found[at + 1 - self.from..next - self.from]
            .iter_mut()
            .for_each(|found| found.chained_from = chained_from);
        self.next.inherited = Candidate::default();
        self.advance(next - 1);
        next
    }

    /// Searches `at`.
    #[inline(always)]
    fn search<S: Simd>(&mut self, at: usize) {
        let Next { latest, inherited, .. } = self.next;
        let place = self.view.at(at);
        let here = place.here();
        let bytes = here.u64(0);
        let reach = self.view.reach(at) as u32;
        let left = (self.view.end - at).min(MAX_MATCH) as u32;
        let number = u32::from(FIRST.wrapping_add(at as u16));
        self.advance(at);

        let short = [latest.three, latest.four, latest.five].map(|distance| {
            let equal = (place.back(distance).u64(0) ^ bytes).trailing_zeros() >> 3;
            let is_near = u32::from(distance).wrapping_sub(1) < reach;
            Candidate::new(if is_near { equal.min(left) } else { 0 }, distance.into())
        });
        let mut longest = short.into_iter().fold(inherited, Candidate::longer);
        let chained_from = self.chained.len() as u32;
        self.found[at - self.from] = Found { short, inherited, chained_from, ..Found::default() };

        let mut best = CHAINED - 1;
        let mut distance = u32::from(latest.seven);
        let mut links = self.depth;
        // The word that ends where a longer match would have to go on.
        let mut tail_at = best - 3;
        let mut tail = here.u32(tail_at as u16);
        while distance.wrapping_sub(1) < reach {
            let next = self.tables[link(number.wrapping_sub(distance))];
            let there = place.back(distance as u16);
            if there.u32(tail_at as u16) == tail && there.u32(0) == bytes as u32 {
                let length = here.common_len::<S>(there, 4);
                if length > best {
                    best = length;
                    longest = Candidate::new(length.min(left), distance);
                    self.chained.push(longest);
                    self.extend_back(at, longest);
                    if length == MAX_MATCH as u32 {
                        break;
                    }
                    tail_at = length - 3;
                    tail = here.u32(tail_at as u16);
                }
            }
            links -= 1;
            if links == 0 {
                break;
            }
            distance += u32::from(next);
        }
        self.next.inherited = longest.rest();
        self.next.searched = at;
        if longest.length() >= LOUD as usize {
            self.next.quiet_from = at + longest.length();
        }
    }

    /// Extends a match at `at` back over the positions that were passed, to the one before them.
    #[inline(always)]
    fn extend_back(&mut self, at: usize, candidate: Candidate) {
        let searched = self.next.searched;
        if at - searched < 2 {
            return;
        }
        let distance = candidate.distance_code() + 1;
        let room = (at - searched.max(self.from)).min(at + self.view.history - distance);
        for back in 1..=room {
            let place = self.view.at(at - back);
            if place.here().u32(0) as u8 != place.back(distance as u16).u32(0) as u8 {
                break;
            }
            let length = (candidate.length() + back).min(MAX_MATCH);
            let extended = &mut self.found[at - back - self.from].extended;
            if length > extended.length() {
                *extended = Candidate::new(length as u32, distance as u32);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::{Isa, Kernel};
    use crate::lz77::window::Window;

    struct Find<'a>(View<'a>, &'a mut Finder, usize, usize);

    impl Kernel for Find<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self) {
            let Self(view, finder, from, to) = self;
            finder.find::<S>(view, 20, from, to);
        }
    }

    /// All candidates of position `i` of those found.
    fn candidates(finder: &Finder, i: usize) -> Vec<Candidate> {
        let found = &finder.found[i];
        let chained_to =
            finder.found.get(i + 1).map_or(finder.chained.len(), |next| next.chained_from as usize);
        let chained = &finder.chained[found.chained_from as usize..chained_to];
        let fixed = found.short.into_iter().chain([found.inherited, found.extended]);
        fixed.chain(chained.iter().copied()).filter(|candidate| candidate.length() >= 3).collect()
    }

    #[test]
    fn every_candidate_equals_what_it_names_however_the_chunk_is_cut() {
        // Blocks that repeat at distances around that of the window, with runs and noise between them.
        let mut state = 5u64;
        let mut number = || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            (state >> 33) as usize
        };
        let mut content: Vec<u8> = Vec::new();
        while content.len() < if cfg!(miri) { 2_000 } else { 150_000 } {
            let back = [1, 2, 7, 300, 32_767, 32_768, 32_769][number() % 7];
            for _ in 0..number() % 400 {
                let copied = if back <= content.len() { content[content.len() - back] } else { 0 };
                content.push(copied);
            }
            for _ in 0..number() % 9 {
                content.push(number() as u8);
            }
        }
        for history in [0, 1, 1_000, 40_000].into_iter().filter(|&history| history < content.len()) {
            let (before, chunk) = content.split_at(history);
            let mut window = Window::new(chunk.len());
            window.restart(before);
            window.fill(chunk);
            let Some(view) = window.view() else { panic!("the window has room") };
            let mut finder = Finder::new();
            finder.start(view);
            let (mut from, mut to) = (0, 0);
            while to < chunk.len() {
                to = (to + 1 + number() % 9_000).min(chunk.len());
                Isa::detect().call(Find(view, &mut finder, from, to));
                for at in from..to {
                    for candidate in candidates(&finder, at - from) {
                        let (length, distance) = (candidate.length(), candidate.distance_code() + 1);
                        let here = history.min(MAX_DISTANCE) + at;
                        let bytes = window.content();
                        assert!(distance <= here && length <= (chunk.len() - at).min(MAX_MATCH), "at {at}");
                        let there = &bytes[here - distance..][..length];
                        assert!(
                            bytes[here..][..length] == *there,
                            "{length} bytes, {distance} back, at {at}"
                        );
                    }
                }
                from += number() % (to - from + 1);
            }
        }
    }

    #[test]
    fn a_match_that_breaks_out_of_the_one_in_hand_reaches_back_to_where_that_starts() {
        // The near copy of the alphabet and the hyphen before it break off at `q`; the far one goes on, and starts with `a`.
        let content = b"abcdefghijklmnopqrstuvwxyz-0123-abcdefghijklmnopq!-4567-abcdefghijklmnopqrstuvwxyz.";
        let mut window = Window::new(content.len());
        window.fill(content);
        let Some(view) = window.view() else { panic!("the window has room") };
        let mut finder = Finder::new();
        finder.start(view);
        Isa::detect().call(Find(view, &mut finder, 0, content.len()));
        let start = content.len() - 27;
        assert_eq!(candidates(&finder, start).iter().map(|c| c.length()).max(), Some(26));
        // The positions that were not searched have what is left of both.
        let inside = &finder.found[start + 5];
        assert_eq!((inside.inherited.length(), inside.extended.length()), (12, 21));
    }
}
