//! Lazy parsing: a match is used only if the next position, or the one after, has none that is clearly better.
//!
//! **Method.** With a match at `p` in hand, look at `p + 1` with half the effort (and, two steps, at `p + 2` with a
//! quarter). A later match wins if it is no shorter and its gain, four units a byte less one unit for each doubling of
//! the distance, passes a threshold; then the bytes before it become literals and the search goes on from there. The
//! rule and its weights are libdeflate's. Before that, a short match is refused if the prices of its length and
//! distance are not a bit less than those of its bytes as literals: on data whose literals are cheap, or far back, it
//! would make the output larger. Where a sample of the unit has few byte values, as DNA has, literals are so cheap, whatever
//! the prices of a parse that hardly used them say, that matches have to be longer to be looked at; libdeflate does the
//! same for whole blocks.
//!
//! The effort of a level is meant for the bytes of the input. Where matches are long, searches are few, and each goes the
//! deeper: most is to be gained there.
//!
//! Where nothing has matched for a kilobyte, positions are skipped, ever more of them, so that data that cannot be
//! compressed passes quickly.
//!
//! **Invariant.** A match never reaches past the end of the chunk.

use super::chain::{Chain, Effort};
use super::cost::{ONE_BIT, PRICED, Prices};
use super::histogram::Histogram;
use super::sequence::Store;
use super::window::View;
use super::{Cursor, MIN_MATCH, Match};
use crate::arch::{Kernel, Simd};
use crate::huffman::END_OF_BLOCK;

/// The knobs of a lazy parse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lazy {
    /// Effort of the first search at each position.
    pub(crate) effort: Effort,
    /// Positions looked ahead.
    pub(crate) steps: usize,
    /// A match of this length is used without looking ahead.
    pub(crate) enough: usize,
}

/// Bytes that a search serves when it goes as deep as the level says.
const BYTES_A_SEARCH: u32 = 2;
/// The most times deeper that it goes when it serves more.
const MOST_DEEPER: u32 = 4;

impl Lazy {
    /// The knobs for the unit behind one of `bytes` bytes with the counts of `histogram`.
    pub(crate) fn behind(mut self, histogram: &Histogram, bytes: usize) -> Self {
        let literals: u32 = histogram.litlen[..END_OF_BLOCK].iter().sum();
        let matches: u32 = histogram.distance.iter().sum();
        let depth = self.effort.depth;
        let scaled = depth * bytes as u32 / (BYTES_A_SEARCH * (literals + 2 * matches)).max(1);
        self.effort.depth = scaled.clamp(depth, MOST_DEEPER * depth);
        self
    }
}

/// log2 of the positions searched in vain for which the step grows by one position.
const SKIP_SHIFT: u32 = 10;
/// The longest step, in positions.
const MAX_STEP: usize = 63;

/// Distance of the bytes of a sample: a prime, which no record has as its length.
const SAMPLE_STEP: usize = 31;

/// The shortest match worth having, by how many values the sampled bytes of a unit have.
#[inline(always)]
fn shortest_match(view: View<'_>, from: usize, to: usize) -> u32 {
    let mut seen = [0u64; 4];
    for at in (from..to).step_by(SAMPLE_STEP) {
        let byte = view.at(at).here().u32(0) as u8;
        seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    match seen.iter().map(|word| word.count_ones()).sum() {
        0..=5 => 9,
        6..=7 => 8,
        8..=9 => 7,
        _ => MIN_MATCH as u32,
    }
}

/// Gain of `later` over `now`: four units a byte, less one for each doubling of the distance.
#[inline(always)]
fn gain(later: Match, now: Match) -> i32 {
    4 * (later.length as i32 - now.length as i32) + now.distance.ilog2() as i32
        - later.distance.ilog2() as i32
}

/// One call's work: parses from `cursor` until a sequence ends at or after `until`, or the chunk ends.
pub(crate) struct ParseLazy<'a> {
    pub(crate) view: View<'a>,
    pub(crate) chain: &'a mut Chain,
    pub(crate) prices: &'a Prices,
    pub(crate) knobs: Lazy,
    pub(crate) cursor: Cursor,
    pub(crate) until: usize,
    pub(crate) store: &'a mut Store,
}

impl Kernel for ParseLazy<'_> {
    type Output = Cursor;

    #[inline(always)]
    fn run<S: Simd>(self) -> Cursor {
        let Self { view, chain, prices, knobs, cursor, until, store } = self;
        let Cursor { mut at, mut literals_from, mut quiet_from } = cursor;
        let stop = until.min(view.end);
        let floor = shortest_match(view, at, stop) - 1;
        while at < stop {
            let step = (at - quiet_from) >> SKIP_SHIFT;
            chain.keep_ahead(view, at, step > 0);
            let mut now = chain.longest::<S>(view, at, floor, knobs.effort);
            if now.length < MIN_MATCH
                || (now.length <= PRICED
                    && prices.of_match(now) + ONE_BIT
                        > prices.of_literals(view.at(at).here().u64(0), now.length))
            {
                at += 1 + step.min(MAX_STEP);
                continue;
            }
            'better: while now.length < knobs.enough {
                chain.keep_ahead(view, at, false);
                let mut effort = knobs.effort;
                for step in 1..=knobs.steps {
                    let next = at + step;
                    if next >= view.end {
                        break 'better;
                    }
                    effort.depth = effort.depth.div_ceil(2);
                    let later = chain.longest::<S>(view, next, now.length as u32 - 1, effort);
                    if later.length >= now.length && gain(later, now) > 4 * step as i32 - 2 {
                        now = later;
                        at = next;
                        continue 'better;
                    }
                }
                break;
            }
            store.push(at - literals_from, now);
            at += now.length;
            literals_from = at;
            quiet_from = at;
        }
        at = at.min(view.end);
        literals_from = at - store.push_literals(at - literals_from);
        Cursor { at, literals_from, quiet_from }
    }
}
