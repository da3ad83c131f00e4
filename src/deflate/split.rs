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

use crate::arch::{Isa, Kernel, Simd};
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
    /// Whether it is stored, so that nothing is counted.
    pub(crate) is_stored: bool,
    /// Estimated size in units of 1 / [`ONE_BIT`] bit.
    cost: u64,
    /// What merging it with the next block would save, in the same units.
    saving: i64,
}

impl Block {
    /// A block of one unit.
    pub(crate) fn new(pieces_end: usize, input_end: usize, histogram: Histogram) -> Self {
        Self { pieces_end, input_end, histogram, is_stored: false, cost: 0, saving: i64::MIN }
    }

    /// A block that is stored.
    pub(crate) fn stored(pieces_end: usize, input_end: usize) -> Self {
        Self { is_stored: true, ..Self::new(pieces_end, input_end, Histogram::EMPTY) }
    }
}

/// Estimated size of a block with the symbols of both, without extra bits.
fn estimate(isa: Isa, a: &Histogram, b: &Histogram) -> u64 {
    HEADER_BITS * u64::from(ONE_BIT)
        + isa.call(Entropy(&a.litlen, &b.litlen))
        + isa.call(Entropy(&a.distance, &b.distance))
}

/// Estimated bits of an alphabet, with what its symbols add to a header.
struct Entropy<'a>(&'a [u32], &'a [u32]);

impl Kernel for Entropy<'_> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self) -> u64 {
        let Self(a, b) = self;
        let (mut total, mut sum, mut used) = (0, 0, 0);
        for (a, b) in a.chunks(GROUP).zip(b.chunks(GROUP)) {
            let mut counts = [0; GROUP];
            counts.iter_mut().zip(a.iter().zip(b)).for_each(|(n, (a, b))| *n = a + b);
            if counts == [0; GROUP] {
                continue;
            }
            for n in counts {
                total += n;
                sum += u64::from(n) * u64::from(log2(n.max(1)));
                used += u64::from(n > 0);
            }
        }
        u64::from(total) * u64::from(log2(total.max(1))) - sum + used * SYMBOL_BITS * u64::from(ONE_BIT)
    }
}

/// Symbols that are looked at together: most do not occur, and their neighbours do not either.
const GROUP: usize = 8;

/// Bits of a header that do not depend on its symbols.
const HEADER_BITS: u64 = 70;
/// Bits a used symbol adds to a header.
const SYMBOL_BITS: u64 = 4;

/// Merges neighbours, the pair that saves most first.
pub(crate) fn merge(isa: Isa, blocks: &mut Vec<Block>) {
    if blocks.len() < 2 {
        return;
    }
    for block in blocks.iter_mut().filter(|block| !block.is_stored) {
        block.cost = estimate(isa, &block.histogram, &Histogram::EMPTY);
    }
    for at in 0..blocks.len() {
        weigh(isa, blocks, at);
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
        weigh(isa, blocks, at);
        if at > 0 {
            weigh(isa, blocks, at - 1);
        }
    }
    if blocks.iter().any(|block| block.is_stored) {
        join_stored(blocks);
    }
}

/// Joins stored blocks and those that take no less than their bytes.
fn join_stored(blocks: &mut Vec<Block>) {
    let mut from = 0;
    for block in &mut *blocks {
        block.is_stored |= block.cost >= 8 * u64::from(ONE_BIT) * (block.input_end - from) as u64;
        from = block.input_end;
    }
    blocks.dedup_by(|next, block| {
        let are_stored = next.is_stored && block.is_stored;
        if are_stored {
            (block.pieces_end, block.input_end) = (next.pieces_end, next.input_end);
        }
        are_stored
    });
}

/// Finds what merging block `at` with the next would save; nothing can pay at the end.
fn weigh(isa: Isa, blocks: &mut [Block], at: usize) {
    blocks[at].saving = match &blocks[at..] {
        [a, b, ..] if !a.is_stored && !b.is_stored => {
            (a.cost + b.cost) as i64 - estimate(isa, &a.histogram, &b.histogram) as i64
        }
        _ => i64::MIN,
    };
}
