//! Canonical codes from code lengths (RFC 1951, 3.2.2), bit-reversed as the format packs them.
//!
//! Codes of one length are consecutive numbers in the order of the symbols, and longer codes follow shorter ones.
//! DEFLATE packs a code starting from its most significant bit while everything else starts from the least, so a code
//! is stored reversed and can be written like any other number.

use super::MAX_CODE_BITS;

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
pub(crate) fn canonical_codes(lengths: &[u8], codes: &mut [PackedCode]) {
    let mut next = [0u32; MAX_CODE_BITS as usize + 2];
    for group in lengths.chunks(GROUP).filter(|group| has_codes(group)) {
        for &length in group {
            next[usize::from(length) + 1] += 1;
        }
    }
    next[1] = 0;
    for length in 2..next.len() {
        next[length] = (next[length] + next[length - 1]) << 1;
    }
    // `next[l]` is the first code of length l: the count of shorter codes, shifted once per bit.
    for (codes, group) in codes.chunks_mut(GROUP).zip(lengths.chunks(GROUP)) {
        codes.fill(0);
        if !has_codes(group) {
            continue;
        }
        for (code, &length) in codes.iter_mut().zip(group) {
            let canonical = &mut next[usize::from(length)];
            // None of its bits are left if the length is 0.
            let reversed = canonical.reverse_bits() >> 1 >> (31 - length);
            *code = reversed << 8 | u32::from(length);
            *canonical = canonical.wrapping_add(1);
        }
    }
}

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
