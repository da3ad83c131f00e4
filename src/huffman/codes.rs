//! Canonical codes from code lengths (RFC 1951, 3.2.2), bit-reversed as the format packs them.
//!
//! Codes of one length are consecutive numbers in the order of the symbols, and longer codes follow shorter ones.
//! DEFLATE packs a code starting from its most significant bit while everything else starts from the least, so a code
//! is stored reversed and can be written like any other number.

use super::canonical::REVERSED;
use super::{LITLEN_SYMBOLS, MAX_CODE_BITS};

/// A code packed for emission.
///
/// ```text
/// bits 31..8  code, bit-reversed (with extra bits above it where the table holds them)
/// bits  7..0  total bits
/// ```
pub(crate) type PackedCode = u32;

/// Lengths that are looked at together: most symbols have no code, and their neighbours have none either.
const GROUP: usize = 8;

/// Fills `codes` with the packed canonical code of each symbol; symbols without a code get 0.
///
/// The symbols that have one are listed first, each with its length; what is left takes a few instructions for each.
pub(crate) fn canonical_codes(lengths: &[u8], codes: &mut [PackedCode]) {
    codes.fill(0);
    // The symbol above its length.
    let mut list = [0u32; LITLEN_SYMBOLS + 2];
    let mut used = 0;
    for (at, group) in lengths.chunks(GROUP).enumerate().filter(|(_, group)| has_codes(group)) {
        for (i, &length) in group.iter().enumerate() {
            list[used] = ((GROUP * at + i) as u32) << LENGTH_BITS | u32::from(length);
            used += usize::from(length != 0);
        }
    }
    let list = &list[..used];
    // In turns in several tables: neighbours often have the same length, and would wait for each other.
    let mut counts = [[0u16; 1 << LENGTH_BITS]; 4];
    for (turn, &item) in list.iter().enumerate() {
        counts[turn % 4][item as usize % (1 << LENGTH_BITS)] += 1;
    }
    // `next[l]` is the next code of length l, the first of which is the count of shorter codes, shifted once per bit.
    let mut next = [0u16; 1 << LENGTH_BITS];
    for length in 2..next.len() {
        let shorter: u16 = counts.iter().map(|counts| counts[length - 1]).sum();
        next[length] = (next[length - 1] + shorter) << 1;
    }
    for &item in list {
        let (symbol, length) = (item >> LENGTH_BITS, item % (1 << LENGTH_BITS));
        let canonical = &mut next[length as usize];
        let [high, low] = canonical.to_be_bytes().map(|byte| REVERSED[usize::from(byte)]);
        *canonical = canonical.wrapping_add(1);
        // Two symbols of the fixed code take part in its construction alone.
        if let Some(code) = codes.get_mut(symbol as usize) {
            let reversed = u32::from(u16::from_be_bytes([low, high])) >> (16 - length);
            *code = reversed << 8 | length;
        }
    }
}

/// Bits of a code length.
const LENGTH_BITS: u32 = 4;
const _: () = assert!(MAX_CODE_BITS < 1 << LENGTH_BITS);

/// Whether one of them has a code.
#[inline(always)]
fn has_codes(group: &[u8]) -> bool {
    match group.first_chunk::<GROUP>() {
        Some(group) => u64::from_ne_bytes(*group) != 0,
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_example_of_rfc_1951() {
        let mut codes = [0; 8];
        canonical_codes(&[3, 3, 3, 3, 3, 2, 4, 4], &mut codes);
        let expected = ["010", "011", "100", "101", "110", "00", "1110", "1111"];
        for (code, text) in codes.iter().zip(expected) {
            let length = code & 0xff;
            assert_eq!(length as usize, text.len());
            for (i, bit) in text.bytes().enumerate() {
                assert_eq!(code >> (8 + i) & 1, u32::from(bit - b'0'), "{text}");
            }
        }
    }

    #[test]
    fn fixed_code_starts_where_rfc_1951_says() {
        let mut lengths = [8u8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        let mut codes = [0; 288];
        canonical_codes(&lengths, &mut codes);
        let plain = |code: u32| ((code >> 8) as u16).reverse_bits() >> (16 - (code & 0xff));
        assert_eq!(plain(codes[0]), 0b0011_0000);
        assert_eq!(plain(codes[144]), 0b1_1001_0000);
        assert_eq!(plain(codes[256]), 0);
        assert_eq!(plain(codes[280]), 0b1100_0000);
    }
}
