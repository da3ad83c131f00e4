//! One match for every position: with the latest place of the same seven bytes, or else of the same three.
//!
//! **Problem.** A search whose next step depends on what it found waits for memory, and pays for each branch that was
//! foreseen wrongly. Here nothing depends on anything: each position is looked up, inserted and compared once,
//! or, with one candidate, three of four: what is found behind the fourth is taken for it, too (`super::path`).
//!
//! **Method.** Positions are inserted a block at a time, which gives each a candidate or two (`super::insert`). Then 32 bytes
//! from each position on are compared, and 32 before it, for the match may be worth more to a position before
//! (`super::path`). At levels where that is enough each fourth position is skipped. If all 32 from the position on are equal,
//! the match is extended, and the positions inside it have what is left of it. So the lengths along a match are right
//! wherever a parse enters it. Where none is skipped, the last positions of a long match are compared, too: what reaches
//! farther than it often starts before its end. And of two candidates of 32 bytes the one is taken that reaches farther.
//!
//! Where nothing has matched for long, ever fewer blocks are compared, and few positions of the others inserted, so that
//! data that cannot be compressed passes quickly.
//!
//! **Invariants.** 1. No match reaches before the start of the history, farther than 32 KiB, or past the end of the chunk.
//! 2. All bytes of a match are compared. 3. Nothing that is found depends on what the window held before the history.
//! 4. So many bytes before a match as it claims are equal and belong to the history; but where 32 were compared and are, it
//! claims 64, and they have to be compared again before the 33rd is taken.
//!
//! **Cost.** That of the insertion, and two blocks of 32 bytes compared for each candidate.

use super::MAX_MATCH;
use super::found::{Candidate, CutAhead, CutBefore, Found, LENGTH_SHIFT, NEAREST, larger};
use super::insert::{BITS3, BITS7, BLOCK, Double, Four, GROUP, Heads3, Heads7, Insert};
use super::window::{MAX_DISTANCE, View};
use crate::arch::{Isa, Kernel, Simd};
use crate::raw::position::Position;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Positions of a long match filled in at once.
const STEP: usize = 64;

/// Bytes compared at once. A match of so many is extended.
pub(crate) const LONG: usize = 32;

/// The last positions of a long match that are searched where its end is, for one that reaches farther.
const AGAIN: usize = 4;

/// Positions held at most: a power of two.
pub(crate) const ROOM: usize = 1 << 13;

/// The most positions asked for at once: with those of a long match behind them, and blocks cut in two, they have room.
pub(crate) const MOST: usize = ROOM - MAX_MATCH - 2 * BLOCK;

/// Positions without a match worth the name for which the number of blocks, of which one is compared, grows by one.
const QUIET: usize = 4096;
/// Of so many blocks one is compared in the end: enough for data that cannot be compressed but is repeated.
const SPARSE: usize = 32;
/// A match worth the name, in bytes: a power of two. Chance makes few of them.
const WORTH: usize = 4;

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
    /// Whether each fourth position is inserted but has no match of its own. Else the end of a long match is searched, too.
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
    /// Matches of [`LONG`] bytes or more among them, in order; one may start in the last positions of the one before.
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

/// Work with one candidate at three positions of four.
struct Skipping<T>(T);

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
            for (at, ((group, nearer), farther)) in (from..).step_by(GROUP).zip(groups) {
                let place = view.at(at);
                let mut longest = 0;
                for i in 0..GROUP {
                    let compare = |candidate| compared::<S>(place, i, candidate);
                    if SKIPS && i == GROUP - 1 {
                        group[i] = Found::NONE;
                        continue;
                    }
                    group[i] = compare(nearer[i]);
                    if IS_DOUBLE {
                        group[i] = larger(group[i], compare(farther[i]));
                    }
                    longest |= group[i].0;
                }
                let longest = Found(longest);
                any |= longest.0;
                if longest.length() >= LONG
                    && let Some(first) = group.iter().position(|found| found.length() == LONG)
                    && at + first < to
                {
                    let at = at + first;
                    let place = view.at(at);
                    let whole = |candidate: Candidate, known| {
                        let offset = (candidate >> 16) as i16;
                        let length = place.here().common_len::<S>(place.offset(offset), known);
                        Found::new(length, place.common_before::<S>(offset, 0), candidate)
                    };
                    let longest = if IS_DOUBLE {
                        larger(whole(nearer[first], 0), whole(farther[first], 0))
                    } else {
                        whole(group[first].0 as u32, LONG as u16)
                    };
                    let length = longest.length().min(view.end - at);
                    fill(found, longest, at - base..at - base + length);
                    spans.push(at..at + length);
                    from = at + length;
                    if !SKIPS && from < view.end && length < MAX_MATCH {
                        from =
                            search_end::<S, IS_DOUBLE>(view, (found, candidates, older), base, at + 1..from);
                    }
                    continue 'long;
                }
            }
            from += count;
        }
        *done = from;
        Found(any).length() >= WORTH
    }
}

/// What is equal at a candidate of the position `i` behind `place`, as far as it is compared.
#[inline(always)]
fn compared<S: Simd>(place: Position<'_>, i: usize, candidate: Candidate) -> Found {
    let offset = (candidate >> 16) as i16;
    let length = place.here().common_block::<S>(place.offset(offset), i as u16);
    Found::new(length, place.common_before::<S>(offset, i as u8), candidate)
}

/// What is equal at a candidate of `place`, as far as it is compared. Where code is fetched one copy is enough.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn compared_here<S: Simd>(place: Position<'_>, candidate: Candidate) -> Found {
    compared::<S>(place, 0, candidate)
}

/// Searches the last positions `inside` a long match for matches that reach farther. Returns the first that has a long one,
/// or the end.
#[inline(always)]
fn search_end<S: Simd, const IS_DOUBLE: bool>(
    view: View<'_>,
    (found, candidates, older): (&mut [Found; ROOM], &[Candidate; ROOM], &[Candidate; ROOM]),
    base: usize,
    inside: Span,
) -> usize {
    let end = inside.end;
    for at in inside.start.max(end - AGAIN)..end {
        let (place, index) = (view.at(at), at - base);
        let mut longer = compared_here::<S>(place, candidates[index]);
        if IS_DOUBLE {
            longer = larger(longer, compared_here::<S>(place, older[index]));
        }
        if longer.length() >= LONG {
            return at;
        }
        found[index] = larger(found[index], longer);
    }
    end
}

/// Fills in what is left of a long match at each of its positions.
///
/// By steps, most of them one: how often a loop goes round for each position could not be foreseen. Behind the end are
/// positions that are not compared.
// Where code is fetched one copy is enough.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
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
