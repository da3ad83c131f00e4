//! Minimum-cost parsing: of all ways to write a stretch of input with the matches found, the one of the lowest price.
//!
//! **Problem.** Which matches to use, and how much of each, is a shortest path: positions are nodes, a literal leads to
//! the next one, a match to as many positions as it has lengths, and every edge has a price (`super::cost`). The edges
//! are many; the path is needed for every byte.
//!
//! **Method.** Unit by unit. Candidates are found for the unit and 258 positions more (`super::candidates`). From the
//! last of them to the first, each position gets the lowest cost of all that follows:
//!
//! ```text
//! cost[i] = min(literal(i) + cost[i + 1],
//!               length(l) + distance(d) + cost[i + l])    for each candidate d and each length l it allows
//! ```
//!
//! Lengths from 3 to 18 are compared all at once, one lane each: the price of the nearest candidate that allows the
//! length, plus the price of the length, plus the cost at its end. The sixteen costs ahead stand in a register that each
//! position shifts by one; loading them would wait for the store of the last. Of a longer candidate only its length and
//! one less are tried: of what lies between, the next positions inherit the rest. Behind the last position all costs are
//! zero.
//!
//! Then the path is followed from the first position into the sequence store, to the first position at or behind the
//! unit's end. The next unit starts there, with prices made of the symbols of this one. What lies behind a unit's end is
//! in sight when its last matches are chosen, so units leave no mark.
//!
//! **Invariants.** 1. Costs differ by less than 2^16 less `BIAS` within 18 positions, where prices of literals are below
//! 16 bits: sixteen bits are enough for their differences. 2. A length is chosen only if a candidate allows it.
//!
//! **Cost.** Five candidates and one comparison of sixteen lanes a position; about a third of the time of this method.

use super::candidates::{Candidate, Finder, Found};
use super::cost::Prices;
use super::sequence::Store;
use super::window::{MAX_DISTANCE, View};
use super::{Cursor, MAX_MATCH, MIN_MATCH, Match};
use crate::arch::{Kernel, Lanes, Simd};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The knobs of a minimum-cost parse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Optimal {
    /// Candidates compared at most in each search of a chain.
    pub(crate) depth: u32,
}

/// Positions in sight behind a unit: the last match of a unit ends in it.
const AHEAD: usize = MAX_MATCH;

/// The longest length that has a lane.
const LAST_LANE: usize = MIN_MATCH + 15;

/// Costs in reach of a match, a power of two.
const REACH: usize = 512;

/// Added to differences of costs, so that none is negative: more than 15 literals cost.
const BIAS: u16 = 1 << 13;

const _: () = assert!(MAX_MATCH < REACH);

/// Added to prices of a candidate of each length: nothing in the lanes of lengths it allows, all there is in the others.
static ALLOWED: [Lanes; 32] = {
    let mut rows = [Lanes([u16::MAX; 16]); 32];
    let mut length = MIN_MATCH;
    while length < 32 {
        let mut lane = 0;
        while lane < 16 && lane + MIN_MATCH <= length {
            rows[length].0[lane] = 0;
            lane += 1;
        }
        length += 1;
    }
    rows
};

/// What a parse keeps from unit to unit.
#[derive(Debug)]
pub(crate) struct Optimizer {
    pub(crate) finder: Finder,
    /// Cost from each position of the unit, and those in reach behind it, to the last.
    costs: Vec<u32>,
    /// What the cheapest way takes at each position: 1 is a literal.
    lengths: Vec<u16>,
    /// Price of each distance less 1.
    distance_prices: Box<[u16; MAX_DISTANCE]>,
}

/// One call's work: parses from `cursor` until a sequence ends at or after `until`, or the chunk ends.
pub(crate) struct ParseOptimal<'a> {
    pub(crate) view: View<'a>,
    pub(crate) optimizer: &'a mut Optimizer,
    pub(crate) prices: &'a Prices,
    pub(crate) knobs: Optimal,
    pub(crate) cursor: Cursor,
    pub(crate) until: usize,
    pub(crate) store: &'a mut Store,
}

impl Kernel for ParseOptimal<'_> {
    type Output = Cursor;

    #[inline(always)]
    fn run<S: Simd>(self) -> Cursor {
        let Self { view, optimizer, prices, knobs, cursor, until, store } = self;
        let from = cursor.at;
        let to = (until + AHEAD).min(view.end);
        optimizer.finder.find::<S>(view, knobs.depth, from, to);
        let stop = until.min(view.end);
        let (at, literals_from) = if optimizer.finder.is_quiet_from(from) {
            (stop, cursor.literals_from)
        } else {
            prices.distances(&mut optimizer.distance_prices);
            optimizer.weigh::<S>(view, prices, from);
            optimizer.follow(cursor, stop, store)
        };
        let literals_from = at - store.push_literals(at - literals_from);
        Cursor { at, literals_from }
    }
}

/// A cost and the length that leads to it, to be compared as one number.
#[inline(always)]
fn choice(cost: u32, length: usize) -> u64 {
    u64::from(cost) << 16 | length as u64
}

impl Optimizer {
    /// Nothing is known yet.
    pub(crate) fn new() -> Self {
        Self {
            finder: Finder::new(),
            costs: Vec::new(),
            lengths: Vec::new(),
            distance_prices: super::zeroed(),
        }
    }

    /// Fills `costs` and `lengths` for all positions found, the first of which is `from`.
    #[inline(always)]
    fn weigh<S: Simd>(&mut self, view: View<'_>, prices: &Prices, from: usize) {
        let Self { finder: Finder { found, chained, .. }, costs, lengths, distance_prices } = self;
        let len = found.len();
        lengths.resize(len, 0);
        costs.resize(len + REACH, 0);
        let (lengths, costs) = (&mut lengths[..len], &mut costs[..len + REACH]);
        costs[len..].fill(0);
        let length_prices = prices.lengths();
        let short_prices = Lanes(core::array::from_fn(|lane| length_prices[lane]));
        let price = |candidate: Candidate| distance_prices[candidate.distance_code()];
        let lanes = |candidate: Candidate, length: usize| {
            S::add_saturating(S::splat(price(candidate)), ALLOWED[length])
        };

        // Costs of the next three positions, and of those 3 to 18 ahead.
        let [mut first, mut second, mut third] = [0; MIN_MATCH];
        let mut ahead = S::splat(0);
        let mut chained_to = chained.len();
        for (i, &Found { short, inherited, extended, chained_from }) in found.iter().enumerate().rev() {
            let literal = view.at(from + i).here().u32(0) as u8;
            let mut best = choice(first + prices.literal(literal), 1);
            let mut take_long = |candidate: Candidate| {
                if candidate.length() > LAST_LANE
                    && let Some(costs) = costs[i..].first_chunk::<REACH>()
                {
                    for length in [candidate.length() - 1, candidate.length()] {
                        let price = u32::from(price(candidate))
                            + u32::from(length_prices[(length - MIN_MATCH) & 0xff]);
                        best = best.min(choice(costs[length & (REACH - 1)] + price, length));
                    }
                }
            };

            let mut cheapest = S::splat(u16::MAX);
            for candidate in short {
                cheapest = S::lower(cheapest, lanes(candidate, candidate.length() & 15));
            }
            for candidate in [inherited, extended] {
                cheapest = S::lower(cheapest, lanes(candidate, candidate.length().min(LAST_LANE)));
                take_long(candidate);
            }
            let chained_from = chained_from as usize;
            if chained_from < chained_to {
                for &candidate in &chained[chained_from..chained_to] {
                    cheapest = S::lower(cheapest, lanes(candidate, candidate.length().min(LAST_LANE)));
                    take_long(candidate);
                }
                chained_to = chained_from;
            }

            ahead = S::push_front(ahead, third as u16);
            let base = S::splat((third as u16).wrapping_sub(BIAS));
            let ends = S::add_saturating(S::sub_wrapping(ahead, base), short_prices);
            let (lowest, lane) = S::lowest(S::add_saturating(ends, cheapest));
            let short = (third + u32::from(lowest)).wrapping_sub(BIAS.into());
            best = best.min(choice(short, lane + MIN_MATCH));

            let cost = (best >> 16) as u32;
            (first, second, third) = (cost, first, second);
            costs[i] = cost;
            lengths[i] = best as u16;
        }
    }

    /// Follows the cheapest way from `cursor` on until it reaches `stop`; returns where it does, and where the literals
    /// start that are not in `store`.
    fn follow(&self, cursor: Cursor, stop: usize, store: &mut Store) -> (usize, usize) {
        let Self { finder: Finder { found, chained, .. }, lengths, distance_prices, .. } = self;
        let Cursor { mut at, mut literals_from, .. } = cursor;
        while at < stop {
            let i = at - cursor.at;
            let length = usize::from(lengths[i]);
            if length > 1 {
                let Found { short, inherited, extended, chained_from } = found[i];
                let chained_to = found.get(i + 1).map_or(chained.len(), |next| next.chained_from as usize);
                let (mut distance, mut lowest) = (0, u16::MAX);
                let mut consider = |candidate: Candidate| {
                    let price = distance_prices[candidate.distance_code()];
                    if candidate.length() >= length && price < lowest {
                        (distance, lowest) = (candidate.distance_code() + 1, price);
                    }
                };
                short.into_iter().chain([inherited, extended]).for_each(&mut consider);
                chained[chained_from as usize..chained_to].iter().copied().for_each(consider);
                store.push(at - literals_from, Match { length, distance });
                literals_from = at + length;
            }
            at += length;
        }
        (at, literals_from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Isa;
    use crate::lz77::window::Window;
    use alloc::vec;

    /// Finds the candidates of the first unit of a chunk, weighs them and returns what it costs.
    struct Weigh<'a>(View<'a>, &'a Prices, &'a mut Optimizer);

    impl Kernel for Weigh<'_> {
        type Output = u32;

        #[inline(always)]
        fn run<S: Simd>(self) -> u32 {
            let Self(view, prices, optimizer) = self;
            optimizer.finder.start(view);
            optimizer.finder.find::<S>(view, 20, 0, view.end);
            prices.distances(&mut optimizer.distance_prices);
            optimizer.weigh::<S>(view, prices, 0);
            optimizer.costs[0]
        }
    }

    /// The lowest cost by the definition: every length a candidate may be used at is tried, one after the other.
    fn lowest_cost(input: &[u8], prices: &Prices, finder: &Finder) -> u32 {
        let lengths = prices.lengths();
        let mut distances = vec![0; MAX_DISTANCE];
        prices.distances((&mut distances[..]).try_into().expect("as long as the array"));
        let mut costs = vec![0; input.len() + 1];
        for (i, found) in finder.found.iter().enumerate().rev() {
            let chained_to =
                finder.found.get(i + 1).map_or(finder.chained.len(), |f| f.chained_from as usize);
            let chained = &finder.chained[found.chained_from as usize..chained_to];
            let fixed = found.short.into_iter().chain([found.inherited, found.extended]);
            costs[i] = costs[i + 1] + prices.literal(input[i]);
            for candidate in fixed.chain(chained.iter().copied()) {
                let longest = candidate.length();
                for length in (MIN_MATCH..=longest).filter(|&l| l <= LAST_LANE || l + 1 >= longest) {
                    let price = u32::from(distances[candidate.distance_code()])
                        + u32::from(lengths[length - MIN_MATCH]);
                    costs[i] = costs[i].min(costs[i + length] + price);
                }
            }
        }
        costs[0]
    }

    #[test]
    fn no_way_through_the_candidates_costs_less_on_any_instruction_set() {
        let mut state = 3u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            (state >> 33) % bound
        };
        for symbols in [2, 4, 30, 200] {
            // Copies of uneven lengths from all over, and symbols between them.
            let mut input: Vec<u8> = Vec::new();
            while input.len() < if cfg!(miri) { 300 } else { 6_000 } {
                let count = below(12) * below(12) * below(3);
                let back = below(input.len() as u64 + 1) as usize;
                for _ in 0..count {
                    let copied = if back > 0 { input[input.len() - back] } else { b'z' };
                    input.push(copied);
                }
                input.push(below(symbols) as u8);
            }
            let mut window = Window::new(input.len());
            window.fill(&input);
            let Some(view) = window.view() else { panic!("the window has room") };
            let mut histogram = crate::lz77::histogram::Histogram::EMPTY;
            input.iter().for_each(|&byte| histogram.litlen[usize::from(byte)] += 1);
            histogram.litlen[257..].iter_mut().for_each(|n| *n = 1 + below(100) as u32);
            histogram.distance.iter_mut().for_each(|n| *n = below(50) as u32);
            let mut learned = Prices::of(&input);
            learned.update(&histogram);
            for prices in [Prices::of(&input), learned] {
                for isa in Isa::all() {
                    let mut optimizer = Optimizer::new();
                    let cost = isa.call(Weigh(view, &prices, &mut optimizer));
                    let lowest = lowest_cost(&input, &prices, &optimizer.finder);
                    assert_eq!(cost, lowest, "{symbols} symbols, {isa:?}");
                }
            }
        }
    }
}
