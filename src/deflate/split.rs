//! Where blocks begin: a chunk's tokens are cut into small units, and neighbours are merged while that pays.
//!
//! **Problem.** Each block has Huffman codes of its own. A border pays when the codes it separates differ by more bits
//! than the second block's header costs.
//!
//! **Method.** Start with a border after every `unit_bytes` of input. The cost of a block is estimated as the entropy
//! of its symbols plus the size of a header for as many symbols as it uses. Merge the two neighbours whose union
//! saves most, until no merge saves anything. Merging can only go wrong by what the estimate is off; starting from
//! every possible border, it never misses one that a drift test would have to notice in time.
//!
//! **Cost.** About three estimates per unit, each one pass over 316 counters.

use crate::huffman::entropy::{ONE_BIT, log2};
use crate::lz77::histogram::Histogram;
use alloc::vec::Vec;

/// A run of pieces that becomes a block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// End of its pieces.
    pub(crate) pieces_end: usize,
    /// End of its input in the chunk.
    pub(crate) input_end: usize,
    pub(crate) histogram: Histogram,
    /// Estimated size in units of 1 / [`ONE_BIT`] bit.
    cost: u64,
    /// What merging it with the next block would save, in the same units.
    saving: i64,
}

impl Block {
    /// A block of one unit.
    pub(crate) fn new(pieces_end: usize, input_end: usize, histogram: Histogram) -> Self {
        Self { pieces_end, input_end, histogram, cost: 0, saving: i64::MIN }
    }
}

/// Estimated size of a block with these symbol counts, without extra bits.
fn estimate(histogram: &Histogram) -> u64 {
    let one_bit = u64::from(ONE_BIT);
    let mut bits = HEADER_BITS * one_bit;
    for counts in [&histogram.litlen[..], &histogram.distance[..]] {
        let mut total = 0;
        let mut sum = 0;
        let mut used = 0;
        for group in counts.chunks(GROUP).filter(|group| group.iter().any(|&n| n > 0)) {
            for &n in group {
                total += n;
                sum += u64::from(n) * u64::from(log2(n.max(1)));
                used += u64::from(n > 0);
            }
        }
        if total > 0 {
            bits += u64::from(total) * u64::from(log2(total)) - sum + used * SYMBOL_BITS * one_bit;
        }
    }
    bits
}

/// Symbols that are looked at together: most do not occur, and their neighbours do not either.
const GROUP: usize = 8;

/// Bits of a header that do not depend on its symbols.
const HEADER_BITS: u64 = 70;
/// Bits a used symbol adds to a header.
const SYMBOL_BITS: u64 = 4;

/// Merges neighbours, the pair that saves most first.
pub(crate) fn merge(blocks: &mut Vec<Block>) {
    if blocks.len() < 2 {
        return;
    }
    blocks.iter_mut().for_each(|block| block.cost = estimate(&block.histogram));
    for at in 0..blocks.len() {
        weigh(blocks, at);
    }
    while let Some((at, best)) = blocks.iter().map(|block| block.saving).enumerate().max_by_key(|&(_, s)| s) {
        if best <= 0 {
            break;
        }
        let second = blocks.remove(at + 1);
        let first = &mut blocks[at];
        first.histogram.add(&second.histogram);
        first.cost = (first.cost + second.cost).wrapping_sub(best as u64);
        (first.pieces_end, first.input_end) = (second.pieces_end, second.input_end);
        weigh(blocks, at);
        if at > 0 {
            weigh(blocks, at - 1);
        }
    }
}

/// Finds what merging block `at` with the next would save; nothing can pay at the end.
fn weigh(blocks: &mut [Block], at: usize) {
    blocks[at].saving = match &blocks[at..] {
        [a, b, ..] => {
            let mut both = a.histogram.clone();
            both.add(&b.histogram);
            (a.cost + b.cost) as i64 - estimate(&both) as i64
        }
        _ => i64::MIN,
    };
}
