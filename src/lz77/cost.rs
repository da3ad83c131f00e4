//! What symbols cost: prices in fractions of a bit from how often each symbol occurred a moment ago.
//!
//! A parse cannot know the code its symbols will get, since the code depends on the parse. The symbol counts of the
//! unit before are a good guess: within a block neighbouring units have much the same statistics. Of the first unit the
//! bytes are known, and that lengths and distances are spread much the same way in most data.

use super::histogram::Histogram;
use super::symbols::{
    LENGTH_BASE, LENGTH_EXTRA_BITS, LENGTH_SYMBOL, LENGTH_SYMBOLS, distance_extra_bits, distance_slot,
};
use super::window::MAX_DISTANCE;
use crate::huffman::entropy::{self, log2};
use crate::huffman::{DISTANCE_SYMBOLS, END_OF_BLOCK};
use core::hint::select_unpredictable;
use core::ops::Range;

/// One bit in the unit of prices.
pub(crate) const ONE_BIT: u32 = 16;

/// Distance of the bytes of a sample: a prime, which no record has as its length.
const SAMPLE_STEP: usize = 31;

/// So many values are few.
const FEW_VALUES: u32 = 9;

/// Prices of all literals, lengths and distances, in units of 1 / [`ONE_BIT`] bit.
#[derive(Clone, Debug)]
pub(crate) struct Prices {
    literal: [u16; 256],
    /// With extra bits, by symbol.
    length: [u16; LENGTH_SYMBOLS],
    /// With extra bits, by symbol.
    distance: [u16; DISTANCE_SYMBOLS],
}

/// What lengths cost where a thousand matches, as text, code, records and pages have them in their first few thousand
/// bytes, come with [`LITERALS`] literals.
const TYPICAL_LENGTHS: [u16; LENGTH_SYMBOLS] = {
    let shares = [
        220, 150, 95, 75, 60, 45, 30, 23, 40, 40, 33, 27, 35, 27, 15, 10, 14, 10, 5, 4, 5, 3, 2, 2, 2, 2, 1,
        1, 3,
    ];
    let mut prices = [0; LENGTH_SYMBOLS];
    let mut symbol = 0;
    while symbol < LENGTH_SYMBOLS {
        prices[symbol] =
            price(shares[symbol], 1000 + LITERALS) + LENGTH_EXTRA_BITS[symbol] as u16 * ONE_BIT as u16;
        symbol += 1;
    }
    prices
};

/// What distances cost there; the farther ones as if there were as much history.
const TYPICAL_DISTANCES: [u16; DISTANCE_SYMBOLS] = {
    let shares = [
        20, 10, 2, 4, 10, 12, 22, 20, 42, 36, 60, 45, 75, 58, 85, 62, 95, 68, 70, 50, 70, 40, 60, 40, 40, 30,
        40, 20, 30, 20,
    ];
    let (mut prices, mut total, mut symbol) = ([0; DISTANCE_SYMBOLS], 0, 0);
    while symbol < DISTANCE_SYMBOLS {
        total += shares[symbol];
        symbol += 1;
    }
    while symbol > 0 {
        symbol -= 1;
        prices[symbol] = price(shares[symbol], total) + (distance_extra_bits(symbol) * ONE_BIT) as u16;
    }
    prices
};

/// Literals for a thousand matches.
const LITERALS: u32 = 2500;
/// Bytes looked at to learn how literals are distributed.
const SAMPLE: usize = 1 << 9;
/// Counters for those that repeat the one before.
const REPEATED: usize = 16;

/// Price of a symbol that occurs `n` times among `total`.
const fn price(n: u32, total: u32) -> u16 {
    ((log2(total) - log2(n)) / (entropy::ONE_BIT / ONE_BIT)) as u16
}

/// log2(2n) in units of 1 / [`ONE_BIT`] bit; a symbol that occurred less than twice counts as two.
static LOG2_DOUBLE: [u16; 1024] = {
    let mut table = [2 * ONE_BIT as u16; 1024];
    let mut n = 2;
    while n < 1024 {
        table[n] = (log2(2 * n as u32) / (entropy::ONE_BIT / ONE_BIT)) as u16;
        n += 1;
    }
    table
};

/// Sets `prices` to the bits of each symbol of an ideal code for `counts`, plus its extra bits.
fn set(prices: &mut [u16], counts: &[u32], total: u32, extra_bits: impl Fn(usize) -> u32) {
    let total = (log2(2 * total.max(1)) / (entropy::ONE_BIT / ONE_BIT)) as u16;
    for (symbol, (price, &n)) in prices.iter_mut().zip(counts).enumerate() {
        *price =
            total.saturating_sub(LOG2_DOUBLE[(n as usize).min(1023)]) + (extra_bits(symbol) * ONE_BIT) as u16;
    }
}

impl Prices {
    /// Prices for data of which nothing is known but its `bytes`: literals as its bytes are, but for those that repeat the
    /// one before, of which few remain literals; typical lengths and distances.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut counts = [0; 256 + REPEATED];
        // An odd step meets the bytes of records at all their places.
        let step = (bytes.len() / SAMPLE) | 1;
        for (i, pair) in bytes.windows(2).step_by(step).enumerate() {
            // Those of a run are counted all over the place, or each would wait for the one before.
            let repeated = 256 + i % REPEATED;
            counts[select_unpredictable(pair[0] == pair[1], repeated, pair[1].into())] += 1;
        }
        let literals: u32 = counts[..256].iter().sum();
        let mut prices = Self { literal: [0; 256], length: TYPICAL_LENGTHS, distance: TYPICAL_DISTANCES };
        set(&mut prices.literal, &counts, literals + literals * 1000 / LITERALS, |_| 0);
        prices
    }

    /// Literals cost no more than their number among the values that a sample of `bytes` has, if those are few.
    ///
    /// A parse that thinks them dear finds matches for all, so that they stay rare, and dear, though as in DNA two bits would do.
    pub(crate) fn limit_literals(&mut self, bytes: &[u8]) {
        let mut seen = [0u64; 4];
        let sample = bytes.iter().step_by(SAMPLE_STEP);
        sample.for_each(|&byte| seen[usize::from(byte >> 6)] |= 1 << (byte & 63));
        let values: u32 = seen.iter().map(|word| word.count_ones()).sum();
        if values <= FEW_VALUES {
            let most = log2(values.max(2)) / (entropy::ONE_BIT / ONE_BIT);
            self.literal.iter_mut().for_each(|price| *price = (*price).min(most as u16));
        }
    }

    /// Sets the prices to those of the code that suits `histogram` best.
    pub(crate) fn update(&mut self, histogram: &Histogram) {
        let total = histogram.litlen.iter().sum();
        set(&mut self.literal, &histogram.litlen, total, |_| 0);
        set(&mut self.length, &histogram.litlen[END_OF_BLOCK + 1..], total, |symbol| {
            LENGTH_EXTRA_BITS[symbol].into()
        });
        let total = histogram.distance.iter().sum();
        set(&mut self.distance, &histogram.distance, total, distance_extra_bits);
    }

    /// Price of a literal.
    #[inline(always)]
    pub(crate) fn literal(&self, literal: u8) -> u32 {
        u32::from(self.literal[usize::from(literal)])
    }

    /// Fills in the price of each distance less 1.
    pub(crate) fn distances(&self, prices: &mut [u16; MAX_DISTANCE]) {
        let mut from = 0;
        for (symbol, &price) in self.distance.iter().enumerate() {
            let to = from + (1 << distance_extra_bits(symbol));
            prices[from..to].fill(price);
            from = to;
        }
    }

    /// The lengths less 3 that have the same price, and the price.
    pub(crate) fn length_ranges(&self) -> impl Iterator<Item = (Range<usize>, u16)> {
        self.length.iter().enumerate().map(|(symbol, &price)| {
            let end = LENGTH_BASE.get(symbol + 1).map_or(256, |&next| next.into());
            (LENGTH_BASE[symbol].into()..end, price)
        })
    }

    /// The slots of distances that have the same price, and the price.
    pub(crate) fn slot_ranges(&self) -> impl Iterator<Item = (Range<usize>, u16)> {
        let mut from = 0;
        self.distance.iter().enumerate().map(move |(symbol, &price)| {
            let start = distance_slot(from);
            from += 1 << distance_extra_bits(symbol);
            (start..distance_slot(from - 1) + 1, price)
        })
    }

    /// Price of each literal.
    pub(crate) fn literals(&self) -> &[u16; 256] {
        &self.literal
    }

    /// Price of each slot of distances.
    #[cfg(test)]
    pub(crate) fn slots(&self) -> [u16; super::symbols::DISTANCE_SLOTS] {
        core::array::from_fn(|slot| self.distance[super::symbols::slot_symbol(slot)])
    }

    /// Price of each length less 3.
    #[inline(always)]
    pub(crate) fn lengths(&self) -> [u16; 256] {
        core::array::from_fn(|length| self.length[usize::from(LENGTH_SYMBOL[length])])
    }
}
