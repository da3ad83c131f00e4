//! Pieces of DEFLATE output that can be placed at any bit offset, and the splice that joins them.
//!
//! A chunk of input becomes a [`Fragment`]: bits numbered from 0, as if it stood at the start of a byte. Where it
//! ends up depends on the chunks before it, so a [`Splicer`] shifts it to the current bit offset, in its own memory. Only
//! a stored block cares about byte boundaries (its LEN field starts at one). From the first place where the fragment
//! was padded to a byte boundary, everything moves by whole bytes, none or one, and the splicer pads there anew.
//!
//! ```text
//! fragment   bbbbbbbb bbbHHH00 LLLLLLLL NNNNNNNN ddddd...      H: stored header, 0: padding, L, N: LEN, NLEN
//!                           ^align
//! spliced    xxxbbbbb bbbbbbHH H0000000 LLLLLLLL NNNNNNNN ddddd...      x: the end of the fragment before
//! ```
//!
//! Invariants of a fragment:
//! 1. `bytes` holds at least `bit_len` bits; bits past `bit_len` in the last of their bytes are zero, and the bytes
//!    behind it hold anything.
//! 2. `align` is the bit position where padding starts first, if there is any; the padding is zero bits up to the next
//!    byte boundary.

use alloc::vec::Vec;

/// Bits of DEFLATE output, to be placed at any bit offset.
#[derive(Debug, Default)]
pub(crate) struct Fragment {
    pub(crate) bytes: Vec<u8>,
    pub(crate) bit_len: u64,
    pub(crate) align: Option<u64>,
}

impl Fragment {
    /// An empty fragment.
    #[must_use]
    pub(crate) const fn new() -> Self {
        Self { bytes: Vec::new(), bit_len: 0, align: None }
    }

    /// Makes room for `bytes` in all. Memory that is never written takes none.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes.saturating_sub(self.bytes.len()));
    }

    /// Empties the fragment and keeps its memory.
    pub(crate) fn clear(&mut self) {
        self.bit_len = 0;
        self.align = None;
    }

    /// A fragment of `bytes`, with the memory of this one.
    #[cfg(feature = "parallel")]
    pub(crate) fn restart(&mut self, bytes: &[u8]) {
        self.clear();
        self.bit_len = 8 * bytes.len() as u64;
        if self.bytes.len() < bytes.len() {
            self.bytes.resize(bytes.len(), 0);
        }
        self.bytes[..bytes.len()].copy_from_slice(bytes);
    }
}

/// Joins fragments bit by bit into bytes. The last 0 to 7 bits wait here for the next fragment.
#[derive(Debug, Default)]
pub(crate) struct Splicer {
    /// Bits not yet written, from the least significant up; the rest is zero.
    pending: u8,
    /// How many: 0..=7.
    pending_bits: u32,
}

impl Splicer {
    /// A splicer at a byte boundary.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Puts `fragment` at the current bit offset and returns the whole bytes that this completes. What the fragment
    /// holds afterwards is of no more use.
    pub(crate) fn place<'a>(&mut self, fragment: &'a mut Fragment) -> &'a [u8] {
        let Fragment { bytes, bit_len, align } = fragment;
        let end = bit_len.div_ceil(8) as usize;
        if bytes.len() <= end {
            bytes.resize(end + 1, 0);
        }
        if self.pending_bits > 0 {
            let shift = self.pending_bits;
            let shifted = align.unwrap_or(*bit_len);
            let (from, to) = (shifted.div_ceil(8), (shifted + u64::from(shift)).div_ceil(8));
            if from < to {
                bytes.copy_within(from as usize..end, to as usize);
                bytes[from as usize] = 0;
            }
            shift_up(&mut bytes[..to as usize], shift, self.pending);
            *bit_len += if align.is_some() { 8 * (to - from) } else { shift.into() };
        }
        let whole = (*bit_len / 8) as usize;
        self.pending_bits = (*bit_len % 8) as u32;
        self.pending = if self.pending_bits > 0 { bytes[whole] } else { 0 };
        &bytes[..whole]
    }

    /// Appends the low `count` bits (at most 32) of `bits`.
    pub(crate) fn push(&mut self, bits: u32, count: u32, out: &mut Vec<u8>) {
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
    pub(crate) fn align(&mut self, out: &mut Vec<u8>) {
        if self.pending_bits > 0 {
            out.push(self.pending);
            self.pending = 0;
            self.pending_bits = 0;
        }
    }
}

/// Moves all bits up by `shift`, 1 to 7, and puts the bits of `carry` below them; the highest bits are lost.
fn shift_up(bytes: &mut [u8], shift: u32, carry: u8) {
    let mut carry = u64::from(carry);
    let (words, tail) = bytes.as_chunks_mut::<8>();
    for word in words {
        let bits = u64::from_le_bytes(*word);
        *word = (carry | bits << shift).to_le_bytes();
        carry = bits >> (64 - shift);
    }
    for byte in tail {
        let bits = u64::from(*byte);
        *byte = (carry | bits << shift) as u8;
        carry = bits >> (8 - shift);
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
        /// Appends the first `bit_len` bits of `bytes`, which were padded at `aligns`.
        fn append(&mut self, bytes: &[u8], bit_len: u64, aligns: &[u64]) {
            let bit = |at: u64| bytes[(at / 8) as usize] >> (at % 8) & 1 == 1;
            let mut at = 0;
            for &align in aligns {
                self.0.extend((at..align).map(bit));
                self.0.resize(self.0.len().next_multiple_of(8), false);
                at = align.next_multiple_of(8);
            }
            self.0.extend((at..bit_len).map(bit));
        }

        fn bytes(&self) -> Vec<u8> {
            self.0.chunks(8).map(|c| c.iter().enumerate().map(|(i, &b)| u8::from(b) << i).sum()).collect()
        }
    }

    #[test]
    fn splices_at_every_offset_with_and_without_stored_blocks() {
        for lead in 0..8u32 {
            for bits in [0u64, 1, 7, 8, 9, 63, 64, 65, 130, 200] {
                for aligns in [vec![], vec![0], vec![bits / 2], vec![bits / 3, bits]] {
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
                    let (mut model, mut splicer, mut out) = (Model::default(), Splicer::new(), Vec::new());
                    splicer.push(0x55, lead, &mut out);
                    model.0.extend((0..lead).map(|i| 0x55 >> i & 1 == 1));
                    for room in [0, 1, 9] {
                        let mut bytes = bytes.clone();
                        bytes.resize(bytes.len() + room, 0xee);
                        model.append(&bytes, bit_len, &aligns);
                        let mut fragment = Fragment { bytes, bit_len, align: aligns.first().copied() };
                        out.extend_from_slice(splicer.place(&mut fragment));
                    }
                    splicer.align(&mut out);
                    assert_eq!(out, model.bytes(), "lead {lead} bits {bits}");
                }
            }
        }
    }
}
