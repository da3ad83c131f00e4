//! Length-limited code lengths from symbol frequencies.
//!
//! **Problem.** Give each symbol that occurs a code length of at most `limit` bits so that the lengths make a complete
//! code and the coded text is as short as possible.
//!
//! **Method.** Huffman's algorithm by two queues (van Leeuwen 1976; in place after Moffat and Katajainen 1995): with
//! the leaves sorted by frequency, merged nodes come out in ascending order by themselves, so the two smallest nodes
//! are always at the front of the leaf queue or of the node queue. How many nodes each depth has follows from the root
//! down, without a depth for each. Where a depth
//! exceeds the limit, the leaf is put at the limit and the code space overdrawn by it is paid back one unit at a time:
//! the deepest leaf above the limit goes down one level and takes one leaf from the limit as its sibling. On skewed
//! counts and a limit of 7 it can lose a tenth against an optimal limited code; at 12 and more the tests bound it by 4 %.
//!
//! **Invariants.** 1. The lengths returned satisfy Kraft with equality. 2. A more frequent symbol never has a longer
//! code; equally frequent ones are ordered by symbol, so the result depends on the frequencies alone.
//!
//! **Cost.** A sort of the used symbols, by counting, and two linear passes.

use super::{LITLEN_SYMBOLS, MAX_CODE_BITS};

/// Low bits of a sort key that hold the symbol; the frequency stands above them.
const SYMBOL_BITS: u32 = 9;
const _: () = assert!(LITLEN_SYMBOLS <= 1 << SYMBOL_BITS);

/// Symbols that are looked at together: most do not occur, and their neighbours do not either.
const GROUP: usize = 8;

/// The largest frequency that fits beside a symbol in a sort key.
pub(crate) const MAX_FREQUENCY: u32 = (1 << (32 - SYMBOL_BITS)) - 1;

/// Writes the code length of each symbol to `lengths`: 0 for symbols that do not occur, else 1..=`limit`. Returns the bits of
/// all symbols.
///
/// If fewer than two symbols occur, the lowest unused ones are given codes too, so that the code is complete.
/// Frequencies are at most [`MAX_FREQUENCY`], together fewer than 2^30; `lengths` is as long as `frequencies`.
pub(crate) fn code_lengths(frequencies: &[u32], limit: u32, lengths: &mut [u8]) -> u64 {
    let mut keys = [0u32; LITLEN_SYMBOLS];
    let mut used = 0;
    for (at, group) in frequencies.chunks(GROUP).enumerate() {
        if group.iter().fold(0, |any, frequency| any | frequency) == 0 {
            continue;
        }
        for (i, &frequency) in group.iter().enumerate() {
            debug_assert!(frequency <= MAX_FREQUENCY);
            keys[used] = frequency << SYMBOL_BITS | (GROUP * at + i) as u32;
            used += usize::from(frequency != 0);
        }
    }
    lengths.fill(0);
    if used < 2 {
        let only = if used == 1 { keys[0] as usize & ((1 << SYMBOL_BITS) - 1) } else { 0 };
        lengths[only] = 1;
        lengths[usize::from(only == 0)] = 1;
        return (keys[0] >> SYMBOL_BITS).into();
    }
    let mut spare = [0; LITLEN_SYMBOLS];
    let keys = sort(&mut keys[..used], &mut spare[..used]);

    let mut counts = depth_counts(keys, limit);
    pay_back(&mut counts, limit);

    let (mut rest, mut bits) = (keys, 0);
    for length in (1..=limit).rev() {
        let (these, others) = rest.split_at((counts[length as usize] as usize).min(rest.len()));
        for &key in these {
            lengths[key as usize & ((1 << SYMBOL_BITS) - 1)] = length as u8;
            bits += u64::from(length * (key >> SYMBOL_BITS));
        }
        rest = others;
    }
    bits
}

/// Bits of a frequency that are sorted by at a time: all of them in a small block, a third in the largest.
const DIGIT_BITS: u32 = 7;
const DIGITS: usize = 1 << DIGIT_BITS;

/// The `keys`, which come in the order of their symbols, in ascending order: there or in `spare`, which is as long.
///
/// By counting, digit by digit, from the lowest on: what a comparison says of frequencies cannot be foreseen.
fn sort<'a>(mut keys: &'a mut [u32], mut spare: &'a mut [u32]) -> &'a [u32] {
    let all = keys.iter().fold(0, |all, key| all | key);
    let mut shift = SYMBOL_BITS;
    while all.checked_shr(shift).is_some_and(|higher| higher > 0) {
        let digit = |key: u32| (key >> shift) as usize % DIGITS;
        let mut places = [0u16; DIGITS];
        keys.iter().for_each(|&key| places[digit(key)] += 1);
        let mut before = 0;
        for place in &mut places {
            before += core::mem::replace(place, before);
        }
        for &key in &*keys {
            let place = &mut places[digit(key)];
            spare[usize::from(*place)] = key;
            *place += 1;
        }
        core::mem::swap(&mut keys, &mut spare);
        shift += DIGIT_BITS;
    }
    keys
}

/// More than all symbols together occur.
const NONE: u32 = 1 << 30;

/// How many leaves Huffman's algorithm puts at each depth; deeper ones are counted at `limit`.
///
/// Each node is made of the two smallest of two leaves and two nodes: the smallest of three sums, and no branch. Nodes are
/// numbered in the order they are made and used, so those of one depth follow each other, and all their children, too.
fn depth_counts(keys: &[u32], limit: u32) -> [u32; MAX_CODE_BITS as usize + 1] {
    let mut leaves = [NONE; LITLEN_SYMBOLS + 2];
    leaves.iter_mut().zip(keys).for_each(|(leaf, key)| *leaf = key >> SYMBOL_BITS);
    let mut nodes = [NONE; LITLEN_SYMBOLS + 2];
    let mut first_child = [0u16; LITLEN_SYMBOLS];
    let (mut leaf, mut node) = (0, 0);
    for made in 0..keys.len() - 1 {
        let ([a, b], [c, d]) = ([leaves[leaf], leaves[leaf + 1]], [nodes[node], nodes[node + 1]]);
        first_child[made] = node as u16;
        nodes[made] = (a + b).min(c + d).min(a + c);
        let leaf_children = 1 + usize::from(b <= c) - usize::from(d < a);
        leaf += leaf_children;
        node += 2 - leaf_children;
    }
    let mut counts = [0u32; MAX_CODE_BITS as usize + 1];
    // The nodes of one depth, from the last, the root, on.
    let (mut first, mut end, mut below) = (keys.len() - 2, keys.len() - 1, 1);
    while first < end {
        let next = usize::from(first_child[first]);
        counts[below] += (2 * (end - first) - (first - next)) as u32;
        below = (below + 1).min(limit as usize);
        (first, end) = (next, first);
    }
    counts
}

/// Restores Kraft equality after leaves were moved up to `limit`.
fn pay_back(counts: &mut [u32; MAX_CODE_BITS as usize + 1], limit: u32) {
    let limit = limit as usize;
    let used: u32 = (1..=limit).map(|length| counts[length] << (limit - length)).sum();
    let mut overdrawn = used - (1 << limit);
    while overdrawn > 0 {
        let mut above = limit - 1;
        while counts[above] == 0 {
            above -= 1;
        }
        counts[above] -= 1;
        counts[above + 1] += 2;
        counts[limit] -= 1;
        overdrawn -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn kraft(lengths: &[u8]) -> u32 {
        lengths.iter().filter(|&&l| l > 0).map(|&l| 1 << (15 - l)).sum()
    }

    fn cost(frequencies: &[u32], lengths: &[u8]) -> u64 {
        frequencies.iter().zip(lengths).map(|(&f, &l)| u64::from(f) * u64::from(l)).sum()
    }

    /// The optimal limited cost, by package-merge (Larmore and Hirschberg 1990): the sum of the 2n-2 cheapest items.
    fn package_merge_cost(frequencies: &[u32], limit: u32) -> u64 {
        let mut leaves: Vec<u64> = frequencies.iter().filter(|&&f| f > 0).map(|&f| u64::from(f)).collect();
        leaves.sort_unstable();
        let mut row = leaves.clone();
        for _ in 1..limit {
            let mut next: Vec<u64> = row.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
            next.extend(&leaves);
            next.sort_unstable();
            row = next;
        }
        row.iter().take(2 * leaves.len() - 2).sum()
    }

    fn families() -> Vec<Vec<u32>> {
        let mut seed = 1u64;
        let mut random = move |bound: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % bound
        };
        let mut all = Vec::new();
        for size in [2usize, 3, 5, 19, 30, 100, 286] {
            all.push(alloc::vec![1; size]);
            all.push((0..size).map(|i| 1 << i.min(20)).collect());
            let (mut a, mut b) = (1u32, 1u32);
            all.push(
                (0..size)
                    .map(|_| {
                        let c = a;
                        (a, b) = (b, (a + b).min(1 << 20));
                        c
                    })
                    .collect(),
            );
            for _ in 0..20 {
                all.push((0..size).map(|_| random(1000) as u32).collect());
                all.push((0..size).map(|_| (1 << random(20)) - 1).collect());
            }
        }
        all
    }

    #[test]
    fn codes_are_complete_and_near_optimal_at_every_limit() {
        for frequencies in families() {
            let used = frequencies.iter().filter(|&&f| f > 0).count();
            for limit in [7, 12, 14, 15] {
                if used < 2 || used > 1 << limit {
                    continue;
                }
                let mut lengths = alloc::vec![0; frequencies.len()];
                code_lengths(&frequencies, limit, &mut lengths);
                assert_eq!(kraft(&lengths), 1 << 15);
                assert!(
                    lengths
                        .iter()
                        .zip(&frequencies)
                        .all(|(&l, &f)| (l > 0) == (f > 0) && u32::from(l) <= limit)
                );
                let (ours, best) = (cost(&frequencies, &lengths), package_merge_cost(&frequencies, limit));
                assert!(
                    ours >= best && ours * 100 <= best * if limit == 7 { 120 } else { 104 },
                    "{ours} {best} limit {limit} {frequencies:?}"
                );
                if limit == 15 && frequencies.iter().sum::<u32>() < 900 {
                    assert_eq!(ours, best, "no depth can pass the limit");
                }
            }
        }
    }

    #[test]
    fn fewer_than_two_symbols_still_make_a_complete_code() {
        for only in [None, Some(0), Some(1), Some(255)] {
            let mut frequencies = [0; 286];
            if let Some(symbol) = only {
                frequencies[symbol] = 7;
            }
            let mut lengths = [9; 286];
            code_lengths(&frequencies, 15, &mut lengths);
            assert_eq!(kraft(&lengths), 1 << 15);
            assert!(only.is_none_or(|symbol| lengths[symbol] == 1));
        }
    }
}
