//! The cheapest way through one match a position: a parse without branches.
//!
//! **Problem.** Whether a literal or a match comes next, and how long it is, cannot be foreseen: a parse that decides
//! from byte to byte pays for most of its decisions with a mispredicted branch or two, as much as for sixty other
//! instructions. And it decides before it knows what comes next.
//!
//! **Method.** One match is known for each position (`super::latest`), and how many bytes before it are equal, too. So each
//! position takes the match of one behind it, longer by their distance, where that reaches it and is longer than its own:
//! the latest place of the same few bytes is seldom the best, but one of the next positions finds the best. That is done in
//! passes of 1, 2, 4, 8 and 16 positions (`Way::farthest`), in vectors, and where more bytes are equal than were compared,
//! block by block.
//!
//! Then, from the last position of a stretch to the first, each gets the lower of two costs:
//!
//! ```text
//! cost[i] = min(literal(i) + cost[i + 1], match(i) + cost[i + length(i)])
//! run[i]  = run[i + 1] + 1, or 0 where the match is cheaper: the literals before the next match
//! ```
//!
//! Both stand in one word, so the lower word has the lower cost. Prices are those of the symbols of the unit before
//! (`super::cost`). Last, runs and matches are followed from the start. A match is used whole, or at a few bytes less if
//! that pays (`Way::cuts`); by how many is found again then, for the few matches that are used. Other lengths gain little:
//! the positions inside a match have matches of their own, or the rest of it.
//!
//! A few positions more than are followed get costs, behind which all costs are zero. Inside a long match the way leads
//! to its end, but for its last positions; their costs are those of its lengths, as far as a match from before reaches.
//!
//! **Cost.** About twenty instructions a position, and five for each byte by which matches may be cut.

use super::cost::Prices;
use super::found::Found;
use super::latest::{LONG, Latest, MOST, ROOM, Search, Span};
use super::noise::{self, Noise};
use super::symbols::DISTANCE_SLOTS;
use super::tokens::{BEHIND, COPIED, Piece, Region, Run, Tokens};
use super::window::View;
use super::{Cursor, MAX_MATCH, MIN_MATCH};
use crate::arch::{IS_FETCHED, Isa, Kernel, Simd, scalar};
use alloc::boxed::Box;
use core::cell::Cell;
use core::hint::select_unpredictable;

/// Positions weighed at once.
pub(crate) const STRETCH: usize = 2016 - AHEAD;
/// Positions in sight behind them.
const AHEAD: usize = 32;
/// The last positions of a long match that are weighed like those outside.
const TAIL: usize = 8;

/// Positions with a match of more than the least length that make noise of a stretch worth a parse.
const WORTH_A_PARSE: usize = 8;

/// So many literals do not wait for the match behind them.
const MOST_LITERALS: usize = 511;

/// Lengths that have a price, a power of two.
const LENGTHS: usize = 512;

/// The cheapest way from a position.
///
/// ```text
/// bits 31..11  its cost
/// bits 10..0   the literals before its first match
/// ```
type Step = u32;

/// The lowest bit of a cost.
const COST_SHIFT: u32 = 11;
/// The bits of a cost.
const COST: Step = !0 << COST_SHIFT;
/// More than a stretch of literals costs.
const FORBIDDEN: Step = 1 << (19 + COST_SHIFT);

// A length that has no span ends in sight.
const _: () = assert!(STRETCH + AHEAD <= MOST && AHEAD >= LONG && MAX_MATCH < LENGTHS);
// A run fits beside the cost.
const _: () = assert!(STRETCH + AHEAD < 1 << COST_SHIFT);

/// The most that is tried.
pub(crate) const MOST_CUTS: usize = 3;
const _: () = assert!(MOST_CUTS <= TAIL);

/// The most positions behind from which a match is taken in one pass.
pub(crate) const FARTHEST: usize = 16;

/// The knobs of a parse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) search: Search,
    /// The bytes by which a match may be shorter, at most [`MOST_CUTS`].
    pub(crate) cuts: usize,
    /// How many positions behind a match is taken from in one pass at most: 4, 8 or [`FARTHEST`].
    pub(crate) farthest: usize,
}

/// What a parse keeps from unit to unit.
#[derive(Debug)]
pub(crate) struct Path {
    /// Those of the chunk.
    knobs: Way,
    /// The cuts of the level.
    cuts: usize,
    finder: Latest,
    noise: Noise,
    /// From each position of a stretch, and those in reach behind it, to the last.
    steps: Box<[Step; STRETCH + AHEAD + LENGTHS + GROUP]>,
}

/// Prices by what the loop has at hand, as costs.
struct Tables {
    lengths: [Step; LENGTHS],
    distances: [Step; DISTANCE_SLOTS],
    /// Each with a literal before the match.
    literals: [Step; 256],
}

impl Tables {
    fn new(prices: &Prices) -> Self {
        let cost = |price: u16| u32::from(price) << COST_SHIFT;
        let mut tables =
            Self { lengths: [FORBIDDEN; LENGTHS], distances: [0; DISTANCE_SLOTS], literals: [0; 256] };
        for (lengths, price) in prices.length_ranges() {
            tables.lengths[MIN_MATCH..][lengths].fill(cost(price));
        }
        for (slots, price) in prices.slot_ranges() {
            tables.distances[slots].fill(cost(price));
        }
        let literals = tables.literals.iter_mut().zip(prices.literals());
        literals.for_each(|(literal, &price)| *literal = cost(price) + 1);
        tables
    }
}

impl Path {
    /// Nothing is known yet.
    pub(crate) fn new(knobs: Way) -> Self {
        Self {
            knobs,
            cuts: knobs.cuts,
            finder: Latest::new(knobs.search),
            noise: Noise::new(),
            steps: super::zeroed(),
        }
    }

    /// Begins a chunk. A short one is parsed with fewer cuts: what they gain grows with what is known.
    pub(crate) fn start(&mut self, isa: Isa, view: View<'_>) {
        let most = if view.history + view.end <= STRETCH { 1 } else { MOST_CUTS };
        self.knobs.cuts = self.cuts.min(most);
        let is_noise = self.noise.restart(view);
        self.finder.start(isa, view, is_noise);
    }

    /// Whether what looks like noise is, for hardly anything in it matches.
    fn is_noise(&mut self, isa: Isa, view: View<'_>, from: usize, to: usize) -> bool {
        let is_worth = |found: &&Found| found.length() > MIN_MATCH;
        !self.finder.find(isa, view, from, to)
            || self.finder.found[..to - from].iter().filter(is_worth).count() < WORTH_A_PARSE
    }

    /// Where the noise ends that starts at `at`, a place in `input`; none if there is none, or matches are found.
    fn pass(&mut self, isa: Isa, (view, input): (View<'_>, &[u8]), at: usize) -> Option<usize> {
        let goes_on = self.noise.ends_at(at);
        if !goes_on && noise::start(input, at..(at + STRETCH).min(view.end)) > 0 {
            return None;
        }
        let ahead = if goes_on { noise::BLOCK } else { STRETCH };
        if !self.is_noise(isa, view, at, (at + ahead).min(view.end)) {
            return None;
        }
        let (end, is_repeated) = self.noise.end(view, at);
        let is_long = end >= at + noise::BLOCK;
        if is_long || is_repeated {
            self.finder.pass(isa, view, end, is_repeated);
        }
        is_long.then_some(end)
    }

    /// Parses `input`, the bytes of `view`, from `cursor` until a match ends at or after `until`, or the chunk ends, to a
    /// piece of `tokens`. Noise makes a piece of its own.
    pub(crate) fn parse(
        &mut self,
        isa: Isa,
        (view, input): (View<'_>, &[u8]),
        prices: &Prices,
        cursor: Cursor,
        until: usize,
        tokens: &mut Tokens,
    ) -> Cursor {
        let Cursor { mut at, mut literals_from, .. } = cursor;
        if let Some(end) = self.pass(isa, (view, input), at) {
            tokens.pieces.push(Piece { run: Run::Noise, input_end: end });
            return Cursor { at: end, literals_from: end };
        }
        let until = until.min(view.end);
        let tables = Tables::new(prices);
        let from = literals_from;
        let mut region = tokens.region(until + MAX_MATCH - from);
        let mut is_noise = false;
        while at < until && !is_noise {
            let mut stop = (at + STRETCH).min(until);
            let noise = noise::start(input, at..stop);
            if noise > 0 {
                is_noise = noise < stop - at;
                stop = at + noise;
            }
            let to = (stop + AHEAD).min(view.end);
            if noise == 0 && at > cursor.at && self.is_noise(isa, view, at, stop) {
                is_noise = true;
                break;
            }
            if !self.finder.find(isa, view, at, to) {
                at = stop;
                continue;
            }
            self.weigh(isa, view, &tables, &input[at..to], at);
            let (finder, steps) = (&self.finder, &self.steps[..]);
            let region = &mut region;
            literals_from = isa.call(Follow {
                view,
                finder,
                steps,
                tables: &tables,
                cuts: self.knobs.cuts,
                at,
                stop,
                literals_from,
                region,
            });
            at = literals_from.max(stop);
        }
        // The literals before the next match are tokens of its unit, if they are few.
        let ends_here = at == view.end || is_noise || at - literals_from >= MOST_LITERALS;
        let end = if ends_here { at } else { literals_from };
        // Without a match they need no tokens.
        let count = if region.count == 0 {
            end - from
        } else {
            region.put_literals(&input[literals_from..end]);
            region.count
        };
        literals_from = end;
        tokens.end_region(count, end - from, end);
        Cursor { at, literals_from }
    }

    /// Fills `steps` for the positions of `bytes`, the first of which is `from`.
    fn weigh(&mut self, isa: Isa, view: View<'_>, tables: &Tables, bytes: &[u8], from: usize) {
        let Self { knobs, finder: Latest { found, spans, .. }, steps, .. } = self;
        let (found, steps) = (&mut found[..], &mut steps[..]);
        let weigh = Weigh { bytes, view, from, spans, found, steps, tables, knobs: *knobs };
        match knobs.cuts {
            _ if IS_FETCHED => isa.call(Cutting::<ANY>(weigh)),
            0 => isa.call(Cutting::<0>(weigh)),
            1 => isa.call(Cutting::<1>(weigh)),
            _ => isa.call(Cutting::<MOST_CUTS>(weigh)),
        }
    }
}

/// Gives each position its step, from the last to the first.
struct Weigh<'a> {
    bytes: &'a [u8],
    view: View<'a>,
    /// The first position; spans count from the start of the chunk.
    from: usize,
    spans: &'a [Span],
    found: &'a mut [Found],
    /// At least [`LENGTHS`] + [`GROUP`] more than positions.
    steps: &'a mut [Step],
    tables: &'a Tables,
    knobs: Way,
}

/// As many as `Way::cuts` says: where code is fetched, one loop for all.
const ANY: usize = usize::MAX;

/// Weighs each match at up to `CUTS` bytes less, too.
struct Cutting<'a, const CUTS: usize>(Weigh<'a>);

impl<const CUTS: usize> Kernel for Cutting<'_, CUTS> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        self.0.weigh::<S, CUTS>();
    }
}

impl Weigh<'_> {
    #[inline(always)]
    fn weigh<S: Simd, const CUTS: usize>(mut self) {
        let Self { bytes, spans, from, tables, .. } = self;
        self.steps[bytes.len()..bytes.len() + LENGTHS].fill(0);
        self.extend::<S>();
        let (mut to, mut next) = (bytes.len(), 0);
        for span in spans.iter().rev() {
            let (start, end) = (span.start.max(from) - from, span.end - from);
            let mut inside = start..end.saturating_sub(TAIL).min(to);
            while !inside.is_empty() {
                // Whole groups are weighed.
                inside.end = to.saturating_sub((to - inside.end).next_multiple_of(GROUP)).max(start);
                next = self.positions::<CUTS>(inside.end..to, next);
                to = inside.end;
                let found = self.found[to];
                if found.length() == end - to && to > start {
                    let base = tables.distances[found.slot()] + (self.steps[end] & COST);
                    // No match from before it reaches the others.
                    let prices = tables.lengths[..=end - start].iter().rev();
                    let steps = self.steps[start..to.min(start + LONG)].iter_mut();
                    steps.zip(prices).for_each(|(step, price)| *step = base + price);
                    (to, next) = (start, self.steps[start]);
                    break;
                }
                inside.end = to.saturating_sub(TAIL).max(start);
            }
        }
        self.positions::<CUTS>(0..to, next);
    }

    /// Gives each position the match behind it where that is longer.
    #[inline(always)]
    fn extend<S: Simd>(&mut self) {
        let count = self.bytes.len();
        let found = &mut self.found[..count];
        extend_by::<1>(found);
        extend_by::<2>(found);
        extend_by::<4>(found);
        if self.knobs.farthest >= 8 {
            extend_by::<8>(found);
        }
        if self.knobs.farthest >= FARTHEST {
            extend_by::<FARTHEST>(found);
        }
        for start in (0..count.saturating_sub(LONG)).rev().step_by(LONG) {
            let block = &mut found[start..start + LONG + 1];
            let last = block[LONG];
            if last.before() >= LONG {
                let known = known::<S>(self.view, self.from + start + LONG, last);
                for (i, found) in block[..LONG].iter_mut().enumerate() {
                    *found = known.extended((LONG - i) as u64, *found);
                }
            }
        }
    }

    /// Weighs the positions outside; `next` is the step of the one behind the last. Returns that of the first.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    #[cfg_attr(target_family = "wasm", inline(never))]
    fn positions<const CUTS: usize>(&mut self, positions: Span, mut next: Step) -> Step {
        let (tables, cuts) = (self.tables, if CUTS == ANY { self.knobs.cuts } else { CUTS });
        let (bytes, found) = (&self.bytes[positions.clone()], &self.found[positions.clone()]);
        let steps = &mut self.steps[positions.start..positions.end + LENGTHS + GROUP];
        let steps = Cell::from_mut(steps).as_slice_of_cells();
        let (head, bytes) = bytes.as_rchunks::<GROUP>();
        let (found_head, found) = found.as_rchunks::<GROUP>();
        for (k, (bytes, found)) in bytes.iter().zip(found).enumerate().rev() {
            let Some(steps) = steps[head.len() + k * GROUP..].first_chunk() else { break };
            for i in (0..GROUP).rev() {
                next = step((tables, cuts), bytes[i], found[i], steps, i, next);
            }
        }
        for (i, (&byte, &found)) in head.iter().zip(found_head).enumerate().rev() {
            let Some(steps) = steps[i..].first_chunk() else { break };
            next = step((tables, cuts), byte, found, steps, 0, next);
        }
        next
    }
}

/// Gives each position the match `BY` positions behind it where that is longer.
#[inline(always)]
fn extend_by<const BY: usize>(found: &mut [Found]) {
    let found = Cell::from_mut(found).as_slice_of_cells();
    let count = found.len().saturating_sub(BY);
    for (own, later) in found[..count].iter().zip(&found[found.len() - count..]) {
        own.set(later.get().extended(BY as u64, own.get()));
    }
}

/// Positions weighed in one round of a loop.
const GROUP: usize = 8;

/// The match at `at` with what is equal before it, if that was not known.
#[inline(always)]
fn known<S: Simd>(view: View<'_>, at: usize, found: Found) -> Found {
    if found.before() < LONG {
        return found;
    }
    let equal = view.at(at).common_before::<S>(found.offset().cast_signed(), 0) as usize;
    let inside = (at + view.history).saturating_sub(usize::from(found.offset().wrapping_neg()));
    found.preceded(equal, inside.min(MAX_MATCH - found.length().min(MAX_MATCH)))
}

/// Weighs one position.
#[inline(always)]
fn step(
    (tables, cuts): (&Tables, usize),
    byte: u8,
    best: Found,
    steps: &[Cell<Step>; LENGTHS + GROUP],
    i: usize,
    mut next: Step,
) -> Step {
    let (whole, _) = cheapest(tables, best, cuts, |length| steps[i % GROUP + length].get());
    let literal = next + tables.literals[usize::from(byte)];
    next = select_unpredictable(whole < literal, whole, scalar(literal.into()) as u32);
    steps[i % GROUP].set(next);
    next
}

/// The step that starts with `found`, at up to `cuts` bytes less; by how many.
#[inline(always)]
fn cheapest(tables: &Tables, found: Found, cuts: usize, behind: impl Fn(usize) -> Step) -> (Step, usize) {
    let price = tables.distances[found.slot()];
    let at = |length: usize| price + tables.lengths[length] + (behind(length) & COST);
    let mut best = (at(found.length() % LENGTHS), 0);
    for cut in 1..=cuts {
        let shorter = at(found.length().wrapping_sub(cut) % LENGTHS);
        let is_better = shorter < best.0;
        best =
            (select_unpredictable(is_better, shorter, best.0), select_unpredictable(is_better, cut, best.1));
    }
    best
}

/// Follows the cheapest way from `at` until a match would start at `stop`; returns where literals start that are no
/// tokens.
struct Follow<'a, 'b> {
    view: View<'a>,
    finder: &'a Latest,
    steps: &'a [Step],
    tables: &'a Tables,
    cuts: usize,
    at: usize,
    stop: usize,
    literals_from: usize,
    region: &'a mut Region<'b>,
}

impl Kernel for Follow<'_, '_> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self) -> usize {
        let Self { view, finder, steps, tables, cuts, at, stop, mut literals_from, region } = self;
        let mut i = 0;
        while let Some(&step) = steps[..stop - at].get(i) {
            let start = i + (step & !COST) as usize;
            if start >= stop - at {
                break;
            }
            let found = finder.found[start % ROOM];
            let (_, cut) = cheapest(tables, found, cuts, |length| steps[start + length]);
            let length = found.length() - cut;
            let mut literals = at + start - literals_from;
            while literals >= COPIED {
                region.put_literals(view.at(literals_from).here().array::<COPIED>());
                (literals, literals_from) = (literals - COPIED, literals_from + COPIED);
            }
            let copied = view.at(literals_from).here().array();
            let parts = (length.wrapping_sub(MIN_MATCH), usize::from(!found.offset()));
            region.put(copied, BEHIND + literals, parts);
            region.count += literals + 2;
            i = start + length;
            literals_from = at + i;
        }
        literals_from
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lz77::found::candidate;
    use crate::lz77::histogram::Histogram;
    use crate::lz77::latest::Places;
    use crate::lz77::window::Window;
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn no_way_through_the_matches_costs_less_on_any_instruction_set() {
        let mut state = 5u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            (state >> 33) % bound
        };
        let len = if cfg!(miri) { 200 } else { 2_000 };
        // Three values, and long stretches of a short period, so that little or much is equal before a place.
        let mut bytes: Vec<u8> = Vec::new();
        while bytes.len() < len {
            let (period, count) = (1 + below(6) as usize, [3, 40, 200][below(3) as usize]);
            (0..7).for_each(|_| bytes.push(below(3) as u8));
            (0..count).for_each(|_| bytes.push(bytes[bytes.len() - period]));
        }
        bytes.truncate(len);
        let mut window = Window::new(len);
        window.fill(&bytes);
        let Some(view) = window.view() else { panic!("the window has room") };
        let mut histogram = Histogram::EMPTY;
        bytes.iter().for_each(|&byte| histogram.litlen[usize::from(byte)] += 1);
        histogram.litlen[257..].iter_mut().for_each(|n| *n = 1 + below(100) as u32);
        histogram.distance.iter_mut().for_each(|n| *n = below(50) as u32);
        let mut prices = Prices::of(&bytes);
        prices.update(&histogram);
        let own: Vec<Found> = (0..len)
            .map(|at| {
                let distance = 1 + below(at.max(1) as u64) as usize;
                let equal = |back: usize| bytes[at - back] == bytes[at - back - distance];
                let before =
                    (1..=LONG.min(at.saturating_sub(distance))).take_while(|&back| equal(back)).count();
                let before = if before == LONG { 2 * LONG } else { before };
                let length = [0, 1, 2, 3, 4, 5, 9, 31][below(8) as usize];
                Found::new(length, before as u32, candidate(distance as u16 - 1))
            })
            .collect();
        for (cuts, farthest) in [(0, FARTHEST), (1, FARTHEST), (MOST_CUTS, FARTHEST), (0, 4), (0, 8)] {
            let search = Search { places: Places::Seven, skips: false };
            let mut path = Path::new(Way { search, cuts, farthest });
            let tables = Tables::new(&prices);
            for isa in Isa::all() {
                path.finder.found[..len].copy_from_slice(&own);
                path.weigh(isa, view, &tables, &bytes, 0);
                let mut lowest = vec![0; len + LENGTHS];
                let (mut next, mut missed) = (Found::NONE, 0);
                for (i, &byte) in bytes.iter().enumerate().rev() {
                    let found = path.finder.found[i];
                    let equal = |at: usize, found: Found| {
                        let distance = usize::from(found.offset().wrapping_neg());
                        at >= distance && bytes[at] == bytes[at - distance]
                    };
                    // It is that of a position behind, and all bytes up to there are equal.
                    let is_of = |p: &usize| {
                        let (own, behind) = (own[*p], *p - i);
                        found.offset() == own.offset() && found.length() == own.length() + behind
                    };
                    let p = (i..len.min(i + MAX_MATCH)).find(is_of);
                    assert!(p.is_some_and(|p| (i..p).all(|at| equal(at, found))), "{isa:?}, {i}");
                    assert!(found.length() >= own[i].length() && found.length() <= MAX_MATCH);
                    let is_longer = next.length() < MAX_MATCH && next.length() + 1 > found.length();
                    missed += usize::from(is_longer && equal(i, next));
                    next = found;

                    lowest[i] = lowest[i + 1] + prices.literal(byte);
                    for length in found.length().saturating_sub(cuts)..=found.length() {
                        if length >= MIN_MATCH {
                            let price = u32::from(
                                prices.lengths()[length - MIN_MATCH] + prices.slots()[found.slot()],
                            );
                            lowest[i] = lowest[i].min(lowest[i + length] + price);
                        }
                    }
                }
                let most = 5 + len / 20 * (FARTHEST / farthest);
                assert!(missed <= most, "{isa:?}: {missed} positions without the match behind them");
                let costs = path.steps[..len].iter().map(|step| step >> COST_SHIFT);
                assert!(costs.eq(lowest[..len].iter().copied()), "{isa:?}, cuts: {cuts}");
            }
        }
    }
}
