//! Adler-32 as in RFC 1950, section 8.2: two sums modulo 65521.
//!
//! `a = 1 + sum of bytes`, `b = sum of all values a took`. Over a block of n bytes `d[0..n]`:
//! `b += n * a + sum((n - i) * d[i])` and `a += sum(d[i])`, which has no chain from byte to byte.
//!
//! The block is read as rows of [`ROW`] bytes, one below the other, and each column has two sums of 16 bits: that of its
//! bytes, `s`, and that of all values `s` took, `t`. In row r of R, byte j of a row has the weight
//! `ROW * (R - r) - j`, so that `sum((n - i) * d[i]) = ROW * sum(t[j]) - sum(j * s[j])`: only additions for a byte,
//! which the compiler does for a vector of columns at once, and multiplications for a block alone. A block has as many
//! rows as 16 bits hold the sums of; `a` and `b` are reduced once per [`LAZY_BYTES`], as long as 32 bits hold them.

use crate::arch::{Isa, Kernel, Simd};

/// The largest prime below 2^16.
const MODULUS: u32 = 65_521;

/// Bytes that can be added before the sums must be reduced.
const LAZY_BYTES: usize = 10 * ROWS * ROW;

/// Columns.
const ROW: usize = 32;
/// Most rows of a block.
const ROWS: usize = 16;

const _: () = assert!(255 * ROWS * (ROWS + 1) / 2 <= u16::MAX as usize);
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
        *self = Isa::detect().call(Update { adler: *self, bytes });
    }

    /// Adds the `length` bytes that `next` is the checksum of: each value that its `a` took would have been larger by what
    /// this `a` has beyond 1.
    pub fn combine(&mut self, next: &Self, length: u64) {
        let (modulus, before) = (u64::from(MODULUS), u64::from(self.a) + u64::from(MODULUS) - 1);
        self.b = ((u64::from(self.b) + u64::from(next.b) + length % modulus * before) % modulus) as u32;
        self.a = ((before + u64::from(next.a)) % modulus) as u32;
    }

    /// The value for what was added.
    #[must_use]
    pub const fn value(&self) -> u32 {
        self.b << 16 | self.a
    }
}

/// The arguments of an update, to be run at some level.
struct Update<'a> {
    adler: Adler32,
    bytes: &'a [u8],
}

impl Kernel for Update<'_> {
    type Output = Adler32;

    #[inline(always)]
    fn run<S: Simd>(self) -> Adler32 {
        let Adler32 { mut a, mut b } = self.adler;
        for piece in self.bytes.chunks(LAZY_BYTES) {
            let (rows, rest) = piece.as_chunks::<ROW>();
            for block in rows.chunks(ROWS) {
                let (mut s, mut t) = ([0u16; ROW], [0u16; ROW]);
                for row in block {
                    for j in 0..ROW {
                        s[j] += u16::from(row[j]);
                        t[j] += s[j];
                    }
                }
                let (mut sum, mut sums, mut before) = (0, 0, 0);
                for j in 0..ROW {
                    sum += u32::from(s[j]);
                    sums += u32::from(t[j]);
                    before += j as u32 * u32::from(s[j]);
                }
                b += (block.len() * ROW) as u32 * a + ROW as u32 * sums - before;
                a += sum;
            }
            for &byte in rest {
                a += u32::from(byte);
                b += a;
            }
            a %= MODULUS;
            b %= MODULUS;
        }
        Adler32 { a, b }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn combined_parts_equal_the_whole() {
        let bytes = alloc::vec![255; 70_000];
        for cut in [0, 1, 257, 65_520, 65_521, 65_522, 70_000] {
            let (mut left, mut right, mut whole) = (Adler32::new(), Adler32::new(), Adler32::new());
            left.update(&bytes[..cut]);
            right.update(&bytes[cut..]);
            left.combine(&right, (bytes.len() - cut) as u64);
            whole.update(&bytes);
            assert_eq!(left.value(), whole.value(), "{cut}");
        }
    }

    #[test]
    fn edges_of_blocks_and_reduction_with_the_largest_bytes_and_sums_at_every_level() {
        let mixed: Vec<u8> = (0..12_000u32).map(|i| (i.wrapping_mul(0x9E37_79B9) >> 21) as u8).collect();
        let largest = alloc::vec![255; 12_000];
        for bytes in [&mixed, &largest] {
            for start in [Adler32::new(), Adler32 { a: MODULUS - 1, b: MODULUS - 1 }, Adler32 { a: 0, b: 7 }]
            {
                for alignment in [0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 31, 33, 63] {
                    let bytes = &bytes[alignment..];
                    let (mut a, mut b) = (start.a, start.b);
                    for len in 0..=bytes.len() {
                        if len > 0 {
                            a = (a + u32::from(bytes[len - 1])) % MODULUS;
                            b = (b + a) % MODULUS;
                        }
                        let is_edge =
                            len < 200 || len % LAZY_BYTES < 3 || len % (ROWS * ROW) < 2 || len % 997 == 0;
                        for isa in Isa::all().filter(|_| is_edge) {
                            let adler = isa.call(Update { adler: start, bytes: &bytes[..len] });
                            assert_eq!(
                                adler.value(),
                                b << 16 | a,
                                "len {len}, alignment {alignment}, {isa:?}"
                            );
                        }
                    }
                }
            }
        }
    }
}
