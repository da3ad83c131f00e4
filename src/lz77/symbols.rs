//! Lengths and distances as symbols and extra bits (RFC 1951, 3.2.5).

use super::MAX_MATCH;

/// Length symbols, from 257 on.
pub(crate) const LENGTH_SYMBOLS: usize = 29;

/// Extra bits of each length symbol from 257 on.
pub(crate) const LENGTH_EXTRA_BITS: [u8; LENGTH_SYMBOLS] =
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

/// Smallest length less 3 of each length symbol from 257 on.
pub(crate) const LENGTH_BASE: [u8; LENGTH_SYMBOLS] = {
    let mut base = [0u8; 29];
    let mut symbol = 1;
    while symbol < 28 {
        base[symbol] = base[symbol - 1] + (1 << LENGTH_EXTRA_BITS[symbol - 1]);
        symbol += 1;
    }
    // Length 258 has a symbol of its own; 284 with all extra bits set stands for nothing else.
    base[28] = (MAX_MATCH - 3) as u8;
    base
};

/// The length symbol, less 257, of each length less 3.
pub(crate) const LENGTH_SYMBOL: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut symbol = 0;
    while symbol < 29 {
        let mut length = LENGTH_BASE[symbol] as usize;
        let next = if symbol < 28 { LENGTH_BASE[symbol + 1] as usize } else { 256 };
        while length < next {
            table[length] = symbol as u8;
            length += 1;
        }
        symbol += 1;
    }
    table
};

/// The symbol of each distance less 1 below 256, and of each multiple of 128 behind them.
#[cfg(test)]
static DISTANCE_SYMBOL: [u8; DISTANCE_SLOTS] = {
    let mut table = [0u8; DISTANCE_SLOTS];
    let mut at = 0;
    while at < DISTANCE_SLOTS {
        let code = if at < 256 { at } else { (at - 256) << 7 };
        table[at] = if code < 4 {
            code as u8
        } else {
            // The position of the highest bit and the bit below it.
            let high = code.ilog2() as usize;
            (2 * high + (code >> (high - 1) & 1)) as u8
        };
        at += 1;
    }
    table
};

/// Slots of a table over all distances: those less 1 below 256 have one each, the others one for each 128.
pub(crate) const DISTANCE_SLOTS: usize = 512;

/// The slot of a distance less 1, which is below 32,768.
#[inline(always)]
pub(crate) const fn distance_slot(code: usize) -> usize {
    (if code < 256 { code } else { 256 + (code >> 7) }) & (DISTANCE_SLOTS - 1)
}

/// The symbol of the distances of a slot.
#[cfg(test)]
pub(crate) fn slot_symbol(slot: usize) -> usize {
    usize::from(DISTANCE_SYMBOL[slot])
}

/// The symbol of a distance less 1, which is below 32,768.
#[cfg(test)]
pub(crate) fn distance_symbol(code: usize) -> usize {
    slot_symbol(distance_slot(code))
}

/// How many slots of tokens the distances of a symbol have. Behind 512, where each 128 distances share one, two have one of
/// their own; see [`crate::arch::Slot`].
pub(crate) const fn slots_of(symbol: usize) -> usize {
    match symbol {
        0..16 => 1 << distance_extra_bits(symbol),
        16 => 3,
        _ => 1 << (distance_extra_bits(symbol) - 7),
    }
}

/// Extra bits of a distance symbol; their value is the low bits of the distance less 1.
#[inline(always)]
pub(crate) const fn distance_extra_bits(symbol: usize) -> u32 {
    if symbol < 4 { 0 } else { (symbol as u32 >> 1) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_and_distance_has_the_symbol_of_rfc_1951() {
        assert_eq!((LENGTH_SYMBOL[0], LENGTH_SYMBOL[7], LENGTH_SYMBOL[8]), (0, 7, 8));
        assert_eq!((LENGTH_SYMBOL[254], LENGTH_SYMBOL[255]), (27, 28));
        // First distance of each symbol, from the table of the RFC.
        let first =
            [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537];
        let rest = [2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577, 32769];
        let first: alloc::vec::Vec<usize> = first.into_iter().chain(rest).collect();
        for symbol in 0..30 {
            for distance in first[symbol]..first[symbol + 1] {
                assert_eq!(distance_symbol(distance - 1), symbol);
                assert_eq!(distance - 1 & ((1 << distance_extra_bits(symbol)) - 1), distance - first[symbol]);
            }
        }
    }
}
