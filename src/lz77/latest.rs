//! One match for every position: with the latest place of the same seven bytes, or else of the same three.
//!
//! **Problem.** A search whose next step depends on what it found waits for memory, and pays for each branch that was
//! foreseen wrongly. Here nothing depends on anything: each position is looked up, inserted and compared once,
//! or, with one candidate, three of four: what is found behind the fourth is taken for it, too (`super::path`).
//!
//! **Method.** Positions are inserted a block at a time, in three passes of a few instructions each: hashes, which the
//! compiler makes of whole vectors; entries looked up and replaced; distances, in vectors again. An entry for seven bytes
//! holds a tag beside the position, 16 bits of their hash, so that a candidate is chosen before any of its bytes are
//! loaded: that of seven bytes if its tag is the same and it is in the window, else that of three. The one finds matches
//! of seven bytes or more, the other near short ones. With two entries for seven bytes the older is a second candidate,
//! used if its match is longer. With one table, by four bytes, a position costs one exchange instead of two.
//!
//! ```text
//! entry for seven bytes:  bits 31..16  the position modulo 64 Ki
//!                         bits 15..0   tag
//! ```
//!
//! Then 32 bytes from each position on are compared, and 32 before it, for the match may be worth more to a position before
//! (`super::path`). At levels where that is enough each fourth position is skipped. If all 32 from the position on are equal,
//! the match is extended, and the positions inside it have what is left of it. So the lengths along a match are right
//! wherever a parse enters it.
//!
//! Positions are 16 bits and never rebased (as igzip does). A stale entry, or one of other bytes, is a place in the window
//! like any other once its distance is taken modulo 32 Ki, and its bytes are compared.
//!
//! Where nothing has matched for long, ever fewer blocks are compared, and few positions of the others inserted, so that
//! data that cannot be compressed passes quickly.
//!
//! **Invariants.** 1. No match reaches before the start of the history, farther than 32 KiB, or past the end of the chunk.
//! 2. All bytes of a match are compared. 3. Nothing that is found depends on what the window held before the history.
//! 4. So many bytes before a match as it claims are equal and belong to the history; but where 32 were compared and are, it
//! claims 64, and they have to be compared again before the 33rd is taken.
//!
//! **Cost.** 256 KiB of tables, 384 with two entries, 128 by four bytes. What is looked up and compared counts, not how
//! large the tables are: an exchange takes one and a half cycles in any of them.

use super::MAX_MATCH;
use super::found::{Candidate, CutAhead, CutBefore, Found, LENGTH_SHIFT, NEAREST, candidate, larger};
use super::window::{MAX_DISTANCE, View};
use crate::arch::{Isa, Kernel, Simd, scalar};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Positions inserted at once.
const BLOCK: usize = 256;

/// Positions inserted, or compared, in one round of a loop.
const GROUP: usize = 4;

/// Positions of a long match filled in at once.
const STEP: usize = 64;

/// Bytes compared at once. A match of so many is extended.
pub(crate) const LONG: usize = 32;

/// Positions held at most: a power of two.
pub(crate) const ROOM: usize = 1 << 13;

/// The most positions asked for at once: with those of a long match behind them, and blocks cut in two, they have room.
pub(crate) const MOST: usize = ROOM - MAX_MATCH - 2 * BLOCK;

/// log2 of the entries used for three and for seven bytes. The index of an entry is 16 bits.
const BITS3: u32 = 16;
const BITS7: u32 = 15;

/// What each of four bytes adds to their hash.
const FACTORS: [u16; 4] = [0x6F4F, 0x9E37, 0xC2B3, 0x85EB];

/// Positions without a match worth the name for which the number of blocks, of which one is compared, grows by one.
const QUIET: usize = 4096;
/// Of so many blocks one is compared in the end, and of so many positions in the others one inserted: enough for data that
/// cannot be compressed but is repeated.
const SPARSE: usize = 32;
const SPARSE_STEP: usize = 64;
/// A match worth the name, in bytes: a power of two. Chance makes few of them.
const WORTH: usize = 4;

const _: () =
    assert!(BITS3 <= 16 && BITS7 <= 16 && MAX_DISTANCE.is_multiple_of(BLOCK) && BLOCK.is_multiple_of(GROUP));

/// Entries by a hash of 16 bits.
type Heads3 = [u16; 1 << 16];
/// The same, or two for each hash.
type Heads7 = [u32; 2 << 16];

/// Which places of the same bytes are known; as a number, how many by seven bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Places {
    /// The latest of the same four.
    Four,
    /// The latest of the same seven, and of the same three.
    Seven,
    /// The two latest of the same seven, and the latest of the same three: two candidates are compared.
    SevenTwice,
}

/// The knobs of a finder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    pub(crate) places: Places,
    /// Whether each fourth position is inserted but has no match of its own.
    pub(crate) skips: bool,
}

/// A long match: where it starts and where it ends.
pub(crate) type Span = core::ops::Range<usize>;

/// The finder's tables, and what it found.
#[derive(Debug)]
pub(crate) struct Latest {
    knobs: Search,
    /// By three bytes, or by four.
    heads3: Box<Heads3>,
    /// One entry for each hash, or two, the latest first.
    heads7: Box<Heads7>,
    /// The match at each position from `base` on.
    pub(crate) found: Box<[Found; ROOM]>,
    /// The candidate of each.
    candidates: Box<[Candidate; ROOM]>,
    /// The second.
    older: Box<[Candidate; ROOM]>,
    /// Matches of [`LONG`] bytes or more among them, in order.
    pub(crate) spans: Vec<Span>,
    /// The position of the first of `found`.
    base: usize,
    /// The first position that is not compared.
    done: usize,
    /// The first position that is not inserted, nor passed over: a multiple of [`BLOCK`].
    inserted: usize,
    /// A bit for each block inserted last, by its number: whether it was passed over.
    passed_over: u64,
    /// Where the last block ends that had a match worth the name.
    quiet_from: usize,
    /// Whether the tables are as they were allocated.
    is_fresh: bool,
    /// Whether the history was passed over.
    lacks_history: bool,
    /// Bits by which the indexes of entries are shorter.
    shift: u32,
}

impl Latest {
    /// Empty tables.
    pub(crate) fn new(knobs: Search) -> Self {
        Self {
            knobs,
            older: super::zeroed(),
            candidates: super::zeroed(),
            heads3: super::zeroed(),
            heads7: super::zeroed(),
            found: super::zeroed(),
            spans: Vec::new(),
            base: 0,
            done: 0,
            inserted: 0,
            passed_over: 0,
            quiet_from: 0,
            is_fresh: true,
            lacks_history: false,
            shift: 0,
        }
    }

    /// Forgets every position and inserts the history of `view`, unless it is passed over.
    pub(crate) fn start(&mut self, isa: Isa, view: View<'_>, is_passed_over: bool) {
        // Two to four entries for each position.
        let positions = (view.history + view.end).max(BLOCK).next_power_of_two();
        self.shift = BITS3.saturating_sub(1 + positions.ilog2());
        if !self.is_fresh {
            self.heads3[..1 << (BITS3 - self.shift)].fill(0);
            // As many tables of entries as places by seven bytes.
            self.heads7[..(self.knobs.places as usize) << (BITS7 - self.shift)].fill(0);
        }
        self.is_fresh = false;
        (self.base, self.inserted, self.quiet_from) = (0, 0, 0);
        self.spans.clear();
        self.lacks_history = is_passed_over;
        if !is_passed_over {
            self.insert_history(isa, view);
        }
        // The first byte of all has nothing before it.
        self.done = usize::from(view.history == 0);
        self.found[0] = Found::NONE;
    }

    /// Inserts the history of `view`.
    fn insert_history(&mut self, isa: Isa, view: View<'_>) {
        let history = view.history.next_multiple_of(BLOCK);
        for behind in (0..history).step_by(BLOCK) {
            let first = if behind == 0 { history - view.history } else { 0 };
            self.insert(isa, view, 0, history - behind, first, false);
        }
    }

    /// Finds the matches of all positions from `from` to `to`, at most [`MOST`]; forgets those before. Whether there
    /// may be any.
    pub(crate) fn find(&mut self, isa: Isa, view: View<'_>, from: usize, to: usize) -> bool {
        let kept = from - self.base..self.inserted.max(from) - self.base;
        self.found.copy_within(kept.clone(), 0);
        self.candidates.copy_within(kept.clone(), 0);
        if self.knobs.places == Places::SevenTwice {
            self.older.copy_within(kept, 0);
        }
        self.base = from;
        self.done = self.done.max(from);
        let new = self.done;
        self.spans.retain(|span| span.end > from);
        while self.done < to {
            let block = self.done / BLOCK;
            let end = ((block + 1) * BLOCK).min(view.end);
            while self.inserted < (end + MAX_MATCH).min(view.end) {
                self.insert_next(isa, view);
            }
            if self.passed_over >> (block % 64) & 1 == 1 {
                self.found[self.done - from..end - from].fill(Found::NONE);
                self.done = end;
            } else {
                let Search { places, skips } = self.knobs;
                let compare = Compare { view, to: end, latest: self };
                let is_worth = match places {
                    Places::SevenTwice => isa.call(Double(compare)),
                    _ if skips => isa.call(Skipping(compare)),
                    _ => isa.call(compare),
                };
                if is_worth {
                    self.quiet_from = self.done;
                }
            }
        }
        let near_end = new.max(view.end.saturating_sub(MAX_MATCH))..self.done.min(view.end);
        if !near_end.is_empty() {
            let left = view.end - near_end.start;
            isa.call(CutAhead { found: &mut self.found[near_end.start - from..near_end.end - from], left });
        }
        let near_start = new..self.done.min(view.end).min(MAX_DISTANCE.saturating_sub(view.history));
        if !near_start.is_empty() {
            let behind = near_start.start + view.history;
            let found = &mut self.found[near_start.start - from..near_start.end - from];
            isa.call(CutBefore { found, behind });
        }
        self.quiet_from > from
    }

    /// Passes over all positions before `end`; with `is_repeated` those in reach are inserted.
    pub(crate) fn pass(&mut self, isa: Isa, view: View<'_>, end: usize, is_repeated: bool) {
        let from = if is_repeated { end.saturating_sub(MAX_DISTANCE) } else { end };
        if is_repeated && self.lacks_history && end < MAX_DISTANCE {
            self.lacks_history = false;
            self.insert_history(isa, view);
        }
        (self.inserted, self.passed_over) = (from / BLOCK * BLOCK, 0);
        while self.inserted < end {
            (self.base, self.quiet_from) = (self.inserted, self.inserted);
            self.insert_next(isa, view);
        }
        (self.base, self.done, self.quiet_from) = (end / BLOCK * BLOCK, end, end);
        self.spans.clear();
    }

    /// Inserts the next block, or passes it over.
    fn insert_next(&mut self, isa: Isa, view: View<'_>) {
        let block = self.inserted / BLOCK;
        let quiet = self.inserted.saturating_sub(self.quiet_from) / QUIET;
        let is_passed_over = quiet > 0 && !block.is_multiple_of(quiet.min(SPARSE));
        self.passed_over =
            self.passed_over & !(1 << (block % 64)) | u64::from(is_passed_over) << (block % 64);
        self.insert(isa, view, self.inserted, 0, 0, is_passed_over);
        if is_passed_over {
            let at = self.inserted - self.base;
            self.candidates[at..at + BLOCK].fill(NEAREST);
            if self.knobs.places == Places::SevenTwice {
                self.older[at..at + BLOCK].fill(NEAREST);
            }
        }
        self.inserted += BLOCK;
    }

    /// Inserts the block that starts `back` bytes before `at`, from its position `first` on; only some if `is_sparse`.
    fn insert(&mut self, isa: Isa, view: View<'_>, at: usize, back: usize, first: usize, is_sparse: bool) {
        let from = at - self.base;
        let (heads3, heads7) = (&mut *self.heads3, &mut *self.heads7);
        let blocks = [&mut self.candidates, &mut self.older].map(|found| found[from..].first_chunk_mut());
        let [Some(candidates), Some(older)] = blocks else { return };
        let insert = Insert {
            view,
            at: at.min(view.end),
            back: back as u16,
            first,
            is_sparse,
            shift: self.shift,
            heads3,
            heads7,
            found: [candidates, older],
        };
        match self.knobs.places {
            Places::Four => isa.call(Four(insert)),
            Places::Seven => isa.call(insert),
            Places::SevenTwice => isa.call(Double(insert)),
        }
    }
}

/// Insertion by four bytes.
struct Four<T>(T);

impl Kernel for Four<Insert<'_>> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        self.0.insert_by_four();
    }
}

/// Work with two candidates a position.
struct Double<T>(T);

/// Work with one candidate at three positions of four.
struct Skipping<T>(T);

impl Kernel for Double<Insert<'_>> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        self.0.insert::<true>();
    }
}

impl Kernel for Insert<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        self.insert::<false>();
    }
}

impl Kernel for Double<Compare<'_, '_>> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self) -> bool {
        self.0.compare::<S, true, false>()
    }
}

impl Kernel for Skipping<Compare<'_, '_>> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self) -> bool {
        self.0.compare::<S, false, true>()
    }
}

impl Kernel for Compare<'_, '_> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self) -> bool {
        self.compare::<S, false, false>()
    }
}

/// Inserts a block and finds the candidate of each of its positions.
struct Insert<'a> {
    view: View<'a>,
    at: usize,
    back: u16,
    /// The first position that is inserted.
    first: usize,
    /// Whether only every [`SPARSE_STEP`]th is.
    is_sparse: bool,
    shift: u32,
    heads3: &'a mut Heads3,
    heads7: &'a mut Heads7,
    found: [&'a mut [Candidate; BLOCK]; 2],
}

impl Insert<'_> {
    #[inline(always)]
    fn insert<const IS_DOUBLE: bool>(self) {
        let Self { view, at, back, first, is_sparse, shift, heads3, heads7, found } = self;
        let [candidates, older] = found;
        let place = view.at(at).back(back);
        let bytes: &[u8; BLOCK + 7] = place.array();
        let number = |i: usize| (at as u16).wrapping_sub(back).wrapping_add(i as u16);

        let pair = |i: usize| u16::from(bytes[i]).wrapping_add(u16::from(bytes[i + 1]).wrapping_mul(257));
        // The indexes of a position, and its entry, from the pairs of bytes at 0, 2, 3 and 5 and the byte at 2.
        let hashes = |i: usize, pairs: [u16; 4], third: u8| {
            let [zero, two, three, five] = pairs.map(u32::from);
            let hash = (zero | two << 16)
                .wrapping_mul(0x85EB_CA6B)
                .wrapping_add((three | five << 16).wrapping_mul(0xC2B2_AE35));
            let index3 = (zero | u32::from(third) << 16).wrapping_mul(0x9E37_79B1) >> (32 - BITS3 + shift);
            let index7 = hash >> (32 - BITS7 + shift);
            (index3 as u16, index7 as u16, u32::from(number(i)) << 16 | hash & 0xffff)
        };
        // Puts a position where it belongs; returns what stood there.
        let mut put = |i: usize, (index3, index7, entry): (u16, u16, u32)| {
            let before3 = core::mem::replace(&mut heads3[usize::from(index3)], number(i));
            let index = usize::from(index7);
            if IS_DOUBLE {
                let before7 = core::mem::replace(&mut heads7[2 * index], entry);
                (before3, before7, core::mem::replace(&mut heads7[2 * index + 1], before7))
            } else {
                (before3, core::mem::replace(&mut heads7[index], entry), 0)
            }
        };
        if is_sparse {
            for i in (first..BLOCK).step_by(SPARSE_STEP) {
                put(i, hashes(i, [pair(i), pair(i + 2), pair(i + 3), pair(i + 5)], bytes[i + 2]));
            }
            return;
        }

        // By a factor of 256 the compiler would see what a pair is, and load words one by one.
        let pairs: [u16; BLOCK + 6] = core::array::from_fn(pair);
        let (mut indexes3, mut indexes7, mut entries) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
        for i in 0..BLOCK {
            (indexes3[i], indexes7[i], entries[i]) =
                hashes(i, [pairs[i], pairs[i + 2], pairs[i + 3], pairs[i + 5]], bytes[i + 2]);
        }
        let (mut before3, mut before7, mut older7) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
        for i in (first.next_multiple_of(GROUP)..BLOCK).step_by(GROUP) {
            let (packed3, packed7) = (packed(&indexes3, i), packed(&indexes7, i));
            let mut old = 0;
            for k in 0..GROUP {
                let index = ((packed3 >> (16 * k)) as u16, (packed7 >> (16 * k)) as u16);
                let (old3, old7, older) = put(i + k, (index.0, index.1, entries[i + k]));
                old |= u64::from(old3) << (16 * k);
                (before7[i + k], older7[i + k]) = (old7, older);
            }
            unpack(old, &mut before3, i);
        }

        for i in 0..BLOCK {
            // Tags that differ are in the high half, and make it more than any distance.
            let distance7 = entries[i].wrapping_sub(before7[i]).rotate_left(16);
            let distance3 = u32::from(number(i).wrapping_sub(before3[i]));
            let distance = if distance7 < 1 << 15 { distance7 } else { distance3 };
            candidates[i] = candidate(distance.wrapping_sub(1) as u16);
            if IS_DOUBLE {
                let older7 = entries[i].wrapping_sub(older7[i]).rotate_left(16);
                let distance = if older7 < 1 << 15 { older7 } else { distance3 };
                older[i] = candidate(distance.wrapping_sub(1) as u16);
            }
        }
        let reach = at + view.history;
        cut(reach, candidates);
        if IS_DOUBLE {
            cut(reach, older);
        }
    }

    /// Inserts by four bytes alone.
    #[inline(always)]
    fn insert_by_four(self) {
        let Self { view, at, back, first, is_sparse, shift, heads3: heads, found: [candidates, ..], .. } =
            self;
        let place = view.at(at).back(back);
        let bytes: &[u8; BLOCK + 3] = place.array();
        let number = |i: usize| (at as u16).wrapping_sub(back).wrapping_add(i as u16);
        // Sixteen bits of a product for each byte: what a vector has most lanes for.
        let hash = |i: usize| {
            let products = FACTORS.iter().zip(&bytes[i..i + 4]).map(|(f, &byte)| f.wrapping_mul(byte.into()));
            products.fold(0, u16::wrapping_add) >> shift
        };
        let mut put = |i: usize, index: u16| core::mem::replace(&mut heads[usize::from(index)], number(i));
        if is_sparse {
            for i in (first..BLOCK).step_by(SPARSE_STEP) {
                put(i, hash(i));
            }
            return;
        }
        let indexes: [u16; BLOCK] = core::array::from_fn(hash);
        let mut before = [0; BLOCK];
        for i in (first.next_multiple_of(GROUP)..BLOCK).step_by(GROUP) {
            let indexes = packed(&indexes, i);
            let old = (0..GROUP).map(|k| u64::from(put(i + k, (indexes >> (16 * k)) as u16)) << (16 * k));
            unpack(old.fold(0, |old, next| old | next), &mut before, i);
        }
        for i in 0..BLOCK {
            candidates[i] = candidate(number(i).wrapping_sub(before[i]).wrapping_sub(1));
        }
        cut(at + view.history, candidates);
    }
}

/// Four numbers of a block in one register, the first in the low bits.
#[inline(always)]
fn packed(numbers: &[u16; BLOCK], i: usize) -> u64 {
    let numbers = &numbers[i..i + GROUP];
    scalar((0..GROUP).fold(0, |packed, k| packed | u64::from(numbers[k]) << (16 * k)))
}

/// The inverse.
#[inline(always)]
fn unpack(packed: u64, numbers: &mut [u16; BLOCK], i: usize) {
    let packed = scalar(packed);
    let numbers = &mut numbers[i..i + GROUP];
    (0..GROUP).for_each(|k| numbers[k] = (packed >> (16 * k)) as u16);
}

/// Removes what a block found farther back than the `reach` of its first position.
#[inline(always)]
fn cut(reach: usize, candidates: &mut [Candidate; BLOCK]) {
    if reach >= MAX_DISTANCE {
        return;
    }
    for (i, candidate) in candidates.iter_mut().enumerate() {
        if (!*candidate >> 16) as usize >= reach + i {
            *candidate = NEAREST;
        }
    }
}

/// Compares the bytes of candidates up to `to`, or the end of a match there. Whether a match was worth the name.
struct Compare<'a, 'b> {
    view: View<'a>,
    to: usize,
    latest: &'b mut Latest,
}

impl Compare<'_, '_> {
    #[inline(always)]
    fn compare<S: Simd, const IS_DOUBLE: bool, const SKIPS: bool>(self) -> bool {
        let Self { view, to, latest } = self;
        let Latest { found, candidates, older, spans, base, done, .. } = latest;
        let base = *base;
        let mut from = *done;
        let mut any = 0;
        'long: while from < to {
            let (index, count) = (from - base, (to - from).next_multiple_of(GROUP));
            let groups = found[index..index + count].as_chunks_mut::<GROUP>().0.iter_mut();
            let groups = groups.zip(candidates[index..index + count].as_chunks::<GROUP>().0);
            let groups = groups.zip(older[index..index + count].as_chunks::<GROUP>().0);
            for (at, ((group, candidates), older)) in (from..).step_by(GROUP).zip(groups) {
                let place = view.at(at);
                let mut longest = 0;
                for i in 0..GROUP {
                    let compare = |candidate: Candidate| {
                        let offset = (candidate >> 16) as i16;
                        let length = place.here().common_block::<S>(place.offset(offset), i as u16);
                        Found::new(length, place.common_before::<S>(offset, i as u8), candidate)
                    };
                    if SKIPS && i == GROUP - 1 {
                        group[i] = Found::NONE;
                        continue;
                    }
                    group[i] = compare(candidates[i]);
                    if IS_DOUBLE {
                        group[i] = larger(group[i], compare(older[i]));
                    }
                    longest |= group[i].0;
                }
                let longest = Found(longest);
                any |= longest.0;
                if longest.length() >= LONG
                    && let Some(first) = group.iter().position(|found| found.length() == LONG)
                    && at + first < to
                {
                    let (at, first) = (at + first, group[first]);
                    let place = view.at(at);
                    let there = place.offset(first.offset().cast_signed());
                    let length = place.here().common_len::<S>(there, LONG as u16) as usize;
                    let length = length.min(view.end - at);
                    fill(found, first, at - base..at - base + length);
                    spans.push(at..at + length);
                    from = at + length;
                    continue 'long;
                }
            }
            from += count;
        }
        *done = from;
        Found(any).length() >= WORTH
    }
}

/// Fills in what is left of a long match at each of its positions.
///
/// By steps, most of them one: how often a loop goes round for each position could not be foreseen. Behind the end are
/// positions that are not compared.
#[inline(always)]
fn fill(found: &mut [Found; ROOM], first: Found, span: Span) {
    for at in span.clone().step_by(STEP) {
        let left = first.cut(span.end - at, 0).0;
        found[at..at + STEP]
            .iter_mut()
            .zip(0..)
            .for_each(|(found, i)| found.0 = left.wrapping_sub(i << LENGTH_SHIFT));
    }
    found[span.start] = first.cut(span.len(), 0).preceded(first.before(), MAX_MATCH - span.len());
}

#[cfg(test)]
#[path = "latest_tests.rs"]
mod tests;
