//! Pieces of DEFLATE output that can be placed at any bit offset, and the splice that joins them.
//!
//! A chunk of input becomes a [`Fragment`]: bits numbered from 0, as if it stood at the start of a byte. Where it
//! ends up depends on the chunks before it, so a [`Splicer`] shifts it to the current bit offset. Only a stored block
//! cares about byte boundaries (its LEN field starts at one); each place where the fragment was padded to a byte
//! boundary is recorded, and the splicer pads there anew.
//!
//! ```text
//! fragment   bbbbbbbb bbbHHH00 LLLLLLLL NNNNNNNN ddddd...      H: stored header, 0: padding, L, N: LEN, NLEN
//!                       ^end   ^resumes at the next byte
//! spliced    xxxbbbbb bbbbbbHH H0000000 LLLLLLLL NNNNNNNN ddddd...
//! ```
//!
//! Invariants of a fragment:
//! 1. `bytes.len() == bit_len.div_ceil(8)`, and bits past `bit_len` in the last byte are zero.
//! 2. `aligns` ascends; each entry is a bit position at which padding starts; the padding is zero bits up to the next
//!    byte boundary.

use alloc::vec::Vec;

/// Bits of DEFLATE output, to be placed at any bit offset.
#[derive(Debug, Default)]
pub struct Fragment {
    pub(crate) bytes: Vec<u8>,
    pub(crate) bit_len: u64,
    pub(crate) aligns: Vec<u64>,
}

impl Fragment {
    /// An empty fragment.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties the fragment and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bit_len = 0;
        self.aligns.clear();
    }

    /// Length in bits as it stands; padding may change when it is spliced.
    #[must_use]
    pub fn bit_len(&self) -> u64 {
        self.bit_len
    }
}

/// Joins fragments bit by bit into bytes.
///
/// Whole bytes are appended to the caller's vector; the last 0 to 7 bits wait here for the next fragment.
#[derive(Debug, Default)]
pub struct Splicer {
    /// Bits not yet written, from the least significant up; the rest is zero.
    pending: u8,
    /// How many: 0..=7.
    pending_bits: u32,
}

impl Splicer {
    /// A splicer at a byte boundary.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `fragment` at the current bit offset.
    pub fn append(&mut self, fragment: &Fragment, out: &mut Vec<u8>) {
        out.reserve(fragment.bytes.len() + 16 + fragment.aligns.len());
        let mut from = 0;
        for &align in &fragment.aligns {
            self.append_bits(&fragment.bytes[from..], align - 8 * from as u64, out);
            self.align(out);
            from = align.div_ceil(8) as usize;
        }
        self.append_bits(&fragment.bytes[from..], fragment.bit_len - 8 * from as u64, out);
    }

    /// Appends the low `count` bits (at most 32) of `bits`.
    pub fn push(&mut self, bits: u32, count: u32, out: &mut Vec<u8>) {
        let mut word = u64::from(self.pending) | (u64::from(bits) & ((1 << count) - 1)) << self.pending_bits;
        let mut have = self.pending_bits + count;
        while have >= 8 {
            out.push(word as u8);
            word >>= 8;
            have -= 8;
        }
        self.pending = word as u8;
        self.pending_bits = have;
    }

    /// Pads with zero bits to a byte boundary.
    pub fn align(&mut self, out: &mut Vec<u8>) {
        if self.pending_bits > 0 {
            out.push(self.pending);
            self.pending = 0;
            self.pending_bits = 0;
        }
    }

    /// Bits past the last whole byte: 0..=7.
    #[must_use]
    pub fn pending_bits(&self) -> u32 {
        self.pending_bits
    }

    fn append_bits(&mut self, bytes: &[u8], bit_len: u64, out: &mut Vec<u8>) {
        let whole = (bit_len / 8) as usize;
        let (whole_bytes, rest) = bytes.split_at(whole);
        if self.pending_bits == 0 {
            out.extend_from_slice(whole_bytes);
        } else {
            let shift = self.pending_bits;
            let mut carry = u64::from(self.pending);
            let (words, tail) = whole_bytes.as_chunks::<8>();
            for word in words {
                let word = u64::from_le_bytes(*word);
                out.extend_from_slice(&(carry | word << shift).to_le_bytes());
                carry = word >> (64 - shift);
            }
            for &byte in tail {
                out.push((carry | u64::from(byte) << shift) as u8);
                carry = u64::from(byte) >> (8 - shift);
            }
            self.pending = carry as u8;
        }
        let left = (bit_len % 8) as u32;
        if left > 0 {
            self.push(u32::from(rest[0]), left, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// One bit at a time.
    #[derive(Default)]
    struct Model(Vec<bool>);

    impl Model {
        fn append(&mut self, fragment: &Fragment) {
            let bit = |at: u64| fragment.bytes[(at / 8) as usize] >> (at % 8) & 1 == 1;
            let mut at = 0;
            for &align in &fragment.aligns {
                self.0.extend((at..align).map(bit));
                self.0.resize(self.0.len().next_multiple_of(8), false);
                at = align.next_multiple_of(8);
            }
            self.0.extend((at..fragment.bit_len).map(bit));
        }

        fn bytes(&self) -> Vec<u8> {
            self.0.chunks(8).map(|c| c.iter().enumerate().map(|(i, &b)| u8::from(b) << i).sum()).collect()
        }
    }

    #[test]
    fn splices_at_every_offset_with_and_without_stored_blocks() {
        for lead in 0..8u32 {
            for bits in [0u64, 1, 7, 8, 9, 63, 64, 65, 130, 200] {
                for aligns in [vec![], vec![bits / 2], vec![bits / 3, bits]] {
                    if aligns.len() == 2 && aligns[0].next_multiple_of(8) > aligns[1] {
                        continue;
                    }
                    let mut bytes: Vec<u8> = (0..bits.div_ceil(8))
                        .map(|i| (i as u8).wrapping_mul(37).wrapping_add(0x5b))
                        .collect();
                    let clear = |from: u64, to: u64, bytes: &mut Vec<u8>| {
                        (from..to.min(8 * bytes.len() as u64))
                            .for_each(|b| bytes[(b / 8) as usize] &= !(1 << (b % 8)));
                    };
                    clear(bits, bits.next_multiple_of(8), &mut bytes);
                    let mut bit_len = bits;
                    for &a in &aligns {
                        clear(a, a.next_multiple_of(8), &mut bytes);
                        bit_len = bit_len.max(a.next_multiple_of(8));
                    }
                    let fragment = Fragment { bytes, bit_len, aligns };
                    let (mut model, mut splicer, mut out) = (Model::default(), Splicer::new(), Vec::new());
                    splicer.push(0x55, lead, &mut out);
                    model.0.extend((0..lead).map(|i| 0x55 >> i & 1 == 1));
                    for _ in 0..3 {
                        splicer.append(&fragment, &mut out);
                        model.append(&fragment);
                    }
                    splicer.align(&mut out);
                    assert_eq!(out, model.bytes(), "lead {lead} bits {bits}");
                }
            }
        }
    }
}
