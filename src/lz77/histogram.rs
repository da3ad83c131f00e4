//! How often each symbol occurs in a stretch of tokens.

use super::symbols::{LENGTH_BASE, LENGTH_EXTRA_BITS, LENGTH_SYMBOL, distance_extra_bits, slots_of};
use super::tokens::FIRST_LENGTH;
use crate::arch::{BASE, Isa, Kernel, SLOTS, Simd, Slot};
use crate::huffman::{DISTANCE_SYMBOLS, END_OF_BLOCK, LITLEN_SYMBOLS};

/// Symbol counts of one or more stretches of input, without end of block.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    pub(crate) litlen: [u32; LITLEN_SYMBOLS],
    pub(crate) distance: [u32; DISTANCE_SYMBOLS],
}

impl Histogram {
    pub(crate) const EMPTY: Self = Self { litlen: [0; LITLEN_SYMBOLS], distance: [0; DISTANCE_SYMBOLS] };

    /// Counts `tokens`.
    pub(crate) fn count(&mut self, isa: Isa, tokens: &[u16]) {
        if tokens.len() < FEW {
            return self.count_few(tokens);
        }
        let slots = isa.call(Count(tokens));
        self.litlen.iter_mut().zip(&slots[..END_OF_BLOCK]).for_each(|(sum, &n)| *sum += n);
        let lengths = &slots[FIRST_LENGTH.into()..];
        for (symbol, sum) in self.litlen[END_OF_BLOCK + 1..].iter_mut().enumerate() {
            let first = usize::from(LENGTH_BASE[symbol]);
            let end = LENGTH_BASE.get(symbol + 1).map_or(256, |&next| next.into());
            *sum += lengths[first..end].iter().sum::<u32>();
        }
        let mut rest = &slots[BASE.into()..];
        for (symbol, sum) in self.distance.iter_mut().enumerate() {
            let (these, others) = rest.split_at(slots_of(symbol));
            *sum += these.iter().sum::<u32>();
            rest = others;
        }
    }

    /// The same, symbol by symbol.
    fn count_few(&mut self, tokens: &[u16]) {
        let mut counts = [0; SYMBOLS];
        for &token in tokens {
            counts[usize::from(SYMBOL[Slot::of(token).index()]) % SYMBOLS] += 1;
        }
        let (litlen, distance) = counts.split_at(LITLEN_SYMBOLS);
        self.litlen.iter_mut().zip(litlen).for_each(|(sum, &n)| *sum += n);
        self.distance.iter_mut().zip(distance).for_each(|(sum, &n)| *sum += n);
    }

    /// Adds the counts of `other`.
    pub(crate) fn add(&mut self, other: &Self) {
        self.litlen.iter_mut().zip(&other.litlen).for_each(|(sum, &n)| *sum += n);
        self.distance.iter_mut().zip(&other.distance).for_each(|(sum, &n)| *sum += n);
    }

    /// Extra bits of all lengths and distances.
    pub(crate) fn extra_bits(&self) -> u64 {
        let lengths = self.litlen[END_OF_BLOCK + 1..].iter().zip(&LENGTH_EXTRA_BITS);
        let distances = self.distance.iter().enumerate();
        lengths.map(|(&n, &bits)| u64::from(n) * u64::from(bits)).sum::<u64>()
            + distances.map(|(symbol, &n)| u64::from(n) * u64::from(distance_extra_bits(symbol))).sum::<u64>()
    }
}

/// Fewer tokens than this are counted by their symbols: the counters of all slots would take longer to add.
const FEW: usize = 1024;

/// Symbols of both alphabets, and room up to a power of two.
const SYMBOLS: usize = 512;

/// The symbol of each slot, those of distances behind the others.
static SYMBOL: [u16; SLOTS] = {
    let mut symbols = [0; SLOTS];
    let mut slot = 0;
    while slot < BASE as usize {
        symbols[slot] = match slot.checked_sub(FIRST_LENGTH as usize) {
            Some(length) => (END_OF_BLOCK + 1) as u16 + LENGTH_SYMBOL[length] as u16,
            None => slot as u16,
        };
        slot += 1;
    }
    let mut distance = 0;
    while distance < DISTANCE_SYMBOLS {
        let end = slot + slots_of(distance);
        while slot < end {
            symbols[slot] = (LITLEN_SYMBOLS + distance) as u16;
            slot += 1;
        }
        distance += 1;
    }
    symbols
};

/// Counts tokens by their slots.
struct Count<'a>(&'a [u16]);

/// Tokens whose slots are found together.
const GROUP: usize = 64;

impl Kernel for Count<'_> {
    type Output = [u32; SLOTS];

    #[inline(always)]
    fn run<S: Simd>(self) -> Self::Output {
        let mut counts = [0; SLOTS];
        let (groups, rest) = self.0.as_chunks::<GROUP>();
        for group in groups {
            for slot in group.map(Slot::of) {
                counts[slot.index()] += 1;
            }
        }
        rest.iter().for_each(|&token| counts[Slot::of(token).index()] += 1);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lz77::symbols::{LENGTH_SYMBOL, distance_symbol};

    #[test]
    fn every_token_is_counted_as_its_symbol() {
        // Each literal, length and distance, some of them more than once, in one odd number of tokens.
        let mut tokens: alloc::vec::Vec<u16> = (0..BASE + (1 << 15)).collect();
        tokens.extend([7, 7, 7, 256 + 255, BASE + 255, BASE + 256, BASE + 257]);
        let mut expected = Histogram::EMPTY;
        for &token in &tokens {
            if token < FIRST_LENGTH {
                expected.litlen[usize::from(token)] += 1;
            } else if token < BASE {
                let symbol = LENGTH_SYMBOL[usize::from(token - FIRST_LENGTH)];
                expected.litlen[END_OF_BLOCK + 1 + usize::from(symbol)] += 1;
            } else {
                expected.distance[distance_symbol((token - BASE).into())] += 1;
            }
        }
        // All at once, and a few at a time.
        for (isa, most) in Isa::all().flat_map(|isa| [(isa, tokens.len()), (isa, FEW - 1)]) {
            let mut histogram = Histogram::EMPTY;
            tokens.chunks(most).for_each(|tokens| histogram.count(isa, tokens));
            assert_eq!(
                (histogram.litlen, histogram.distance),
                (expected.litlen, expected.distance),
                "{isa:?}"
            );
        }
    }
}
