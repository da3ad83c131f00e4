//! CRC-32 where the size of the program counts: sixteen tables made when they are needed.
//!
//! **Problem.** Slicing takes sixteen bytes a step with sixteen tables of 256 words. As constants they are 16 KiB that do not
//! compress, more than half of a decompressor that is sent over a network.
//!
//! **Method.** A table is linear: the entry of a byte is the sum (XOR) of the entries of its bits. So 128 entries, each
//! one step of the shift register from the one before, give all 4096 by as many XORs, on the stack. That costs about
//! as much as checking 4 KiB; shorter pieces are checked byte by byte with one table that is a constant.

/// The reflected polynomial.
const POLYNOMIAL: u32 = 0xEDB8_8320;

/// Bytes a step.
const WIDTH: usize = 16;

/// Bytes from which the tables are worth making.
const WORTH_BYTES: usize = 4096;

type Table = [u32; 256];

/// One step of the shift register.
const fn step(crc: u32) -> u32 {
    (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg())
}

/// Fills in the entries of one table from those of its bits.
const fn spread(mut table: Table) -> Table {
    let mut byte = 1usize;
    while byte < 256 {
        let highest = 1 << byte.ilog2();
        table[byte] = table[highest] ^ table[byte - highest];
        byte += 1;
    }
    table
}

/// The entry of bit 7 is one step from that of bit 0 of the table before, and so on down.
const fn next(before: u32) -> Table {
    let mut table = [0; 256];
    let (mut crc, mut bit) = (before, 8);
    while bit > 0 {
        bit -= 1;
        crc = step(crc);
        table[1 << bit] = crc;
    }
    spread(table)
}

/// What a byte adds to the checksum when no byte follows.
const LAST: Table = next(1);

/// The checksum of some bytes whose checksum is `crc` and of `bytes` after them.
pub(super) fn update(crc: u32, bytes: &[u8]) -> u32 {
    let mut crc = !crc;
    let mut rest = bytes;
    if bytes.len() >= WORTH_BYTES {
        let mut tables = [LAST; WIDTH];
        for i in 1..WIDTH {
            tables[i] = next(tables[i - 1][1]);
        }
        let (blocks, tail) = bytes.as_chunks::<WIDTH>();
        for block in blocks {
            let mut block = *block;
            let first = crc.to_le_bytes();
            (0..4).for_each(|i| block[i] ^= first[i]);
            let at = |i: usize| tables[WIDTH - 1 - i][usize::from(block[i])];
            // Written out, for a loop of so many turns may stay one.
            let low = at(0) ^ at(1) ^ at(2) ^ at(3) ^ at(4) ^ at(5) ^ at(6) ^ at(7);
            crc = low ^ at(8) ^ at(9) ^ at(10) ^ at(11) ^ at(12) ^ at(13) ^ at(14) ^ at(15);
        }
        rest = tail;
    }
    !rest.iter().fold(crc, |crc, &byte| (crc >> 8) ^ LAST[usize::from(crc as u8 ^ byte)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn agrees_with_the_wide_one_around_every_border() {
        let bytes: Vec<u8> = (0..5_000u32).map(|i| (i.wrapping_mul(0x9E37_79B9) >> 13) as u8).collect();
        for len in [0, 1, 15, 16, 17, 4_095, 4_096, 4_097, 4_111, 4_112, 5_000] {
            for seed in [0, 1, u32::MAX, 0x1234_5678] {
                let mut wide = crc32fast::Hasher::new_with_initial(seed);
                wide.update(&bytes[..len]);
                assert_eq!(update(seed, &bytes[..len]), wide.finalize(), "{len} bytes from {seed:#x}");
            }
        }
    }
}
