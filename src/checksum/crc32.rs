//! CRC-32 as in RFC 1952, section 8: reflected polynomial 0xEDB88320, all ones before and after.

use super::sliced;
use crate::arch::IS_FETCHED;
use crc32fast::Hasher;

/// A running CRC-32.
///
/// ```
/// let mut crc = rigz::checksum::Crc32::new();
/// crc.update(b"1234");
/// crc.update(b"56789");
/// assert_eq!(crc.value(), 0xCBF4_3926);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Crc32 {
    hasher: Hasher,
    /// Bytes added, where [`IS_FETCHED`].
    len: u64,
}

impl Crc32 {
    /// The checksum of no bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The checksum of `len` bytes whose value is known.
    #[must_use]
    pub fn resume(value: u32, len: u64) -> Self {
        Self { hasher: Hasher::new_with_initial_len(value, len), len }
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        if IS_FETCHED {
            *self = Self::resume(sliced::update(self.value(), bytes), self.len + bytes.len() as u64);
        } else {
            self.hasher.update(bytes);
        }
    }

    /// Adds the bytes that `next` is the checksum of.
    pub fn combine(&mut self, next: &Self) {
        self.hasher.combine(&next.hasher);
        self.len += next.len;
    }

    /// The value for what was added.
    #[must_use]
    pub fn value(&self) -> u32 {
        self.hasher.clone().finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// One bit at a time, as the definition has it.
    fn model(seed: u32, bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!seed, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
        })
    }

    #[test]
    fn edges_of_wide_folding_length_by_alignment_by_seed() {
        let bytes: Vec<u8> = (0..1400u32).map(|i| (i.wrapping_mul(0x9E37_79B9) >> 13) as u8).collect();
        for seed in [0, 1, u32::MAX, 0x1234_5678] {
            for align in 0..16 {
                // The model of each prefix follows from the one before it.
                let mut expected = seed;
                for len in 0..=1100 {
                    let piece = &bytes[align..align + len];
                    if let Some(&last) = piece.last() {
                        expected = model(expected, &[last]);
                    }
                    if len < 80 || len % 61 < 3 || (len % 64).abs_diff(32) > 30 {
                        let mut crc = Crc32::resume(seed, 5);
                        crc.update(piece);
                        assert_eq!(crc.value(), expected, "seed {seed:#x} align {align} len {len}");
                    }
                }
            }
        }
    }

    #[test]
    fn combined_parts_equal_the_whole() {
        let bytes: Vec<u8> = (0..999u32).map(|i| ((i * i) >> 3) as u8).collect();
        for cut in [0, 1, 7, 500, 998, 999] {
            let (mut left, mut right) = (Crc32::new(), Crc32::new());
            left.update(&bytes[..cut]);
            right.update(&bytes[cut..]);
            left.combine(&right);
            assert_eq!(left.value(), model(0, &bytes));
        }
    }
}
