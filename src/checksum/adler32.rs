//! Adler-32 as in RFC 1950, section 8.2: two sums modulo 65521.
//!
//! `a = 1 + sum of bytes`, `b = sum of all values a took`. Over a block of n bytes `d[0..n]`:
//! `b += n * a + sum((n - i) * d[i])` and `a += sum(d[i])`, which has no chain from byte to byte. The sums are reduced
//! once per [`LAZY_BYTES`], as long as 32 bits hold them.

/// The largest prime below 2^16.
const MODULUS: u32 = 65_521;

/// Bytes that can be added before the sums must be reduced.
const LAZY_BYTES: usize = 5_536;

/// Bytes whose weighted sum is taken at once.
const BLOCK: usize = 32;

const _: () = assert!(LAZY_BYTES.is_multiple_of(BLOCK));
const _: () = {
    let (n, m) = (LAZY_BYTES as u64, MODULUS as u64 - 1);
    assert!(m + n * m + 255 * n * (n + 1) / 2 <= u32::MAX as u64);
};

/// A running Adler-32.
///
/// ```
/// let mut adler = rigz::checksum::Adler32::new();
/// adler.update(b"Wikipedia");
/// assert_eq!(adler.value(), 0x11E6_0398);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Adler32 {
    a: u32,
    b: u32,
}

impl Default for Adler32 {
    fn default() -> Self {
        Self::new()
    }
}

impl Adler32 {
    /// The checksum of no bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self { a: 1, b: 0 }
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(LAZY_BYTES) {
            let (blocks, rest) = piece.as_chunks::<BLOCK>();
            for block in blocks {
                let (mut sum, mut weighted) = (0, 0);
                for (i, &byte) in block.iter().enumerate() {
                    sum += u32::from(byte);
                    weighted += (BLOCK - i) as u32 * u32::from(byte);
                }
                self.b += BLOCK as u32 * self.a + weighted;
                self.a += sum;
            }
            for &byte in rest {
                self.a += u32::from(byte);
                self.b += self.a;
            }
            self.a %= MODULUS;
            self.b %= MODULUS;
        }
    }

    /// The value for what was added.
    #[must_use]
    pub const fn value(&self) -> u32 {
        self.b << 16 | self.a
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn edges_of_blocks_and_reduction_with_the_largest_bytes_and_sums() {
        let mixed: Vec<u8> = (0..12_000u32).map(|i| (i.wrapping_mul(0x9E37_79B9) >> 21) as u8).collect();
        let largest = alloc::vec![255; 12_000];
        for bytes in [&mixed, &largest] {
            for start in [Adler32::new(), Adler32 { a: MODULUS - 1, b: MODULUS - 1 }] {
                let (mut a, mut b) = (start.a, start.b);
                for len in 0..=bytes.len() {
                    if len > 0 {
                        a = (a + u32::from(bytes[len - 1])) % MODULUS;
                        b = (b + a) % MODULUS;
                    }
                    if len < 200 || len % LAZY_BYTES < 3 || len % 997 == 0 {
                        let mut adler = start;
                        adler.update(&bytes[..len]);
                        assert_eq!(adler.value(), b << 16 | a, "len {len}");
                    }
                }
            }
        }
    }
}
