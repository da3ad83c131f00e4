//! The bits of a byte slice, least significant first, with exact account of what was used.
//!
//! ```text
//! input   ... | used | <- count bits of `bits` -> | at: next byte | ...
//! ```
//!
//! Invariants:
//! 1. The low `count` (0..=63) bits of `bits` are the next ones of the stream.
//! 2. The bits of `bits` above `count` are zero, or what the input has there. Adding the same bytes again by OR
//!    therefore changes nothing, and a peek may see more bits than are counted, never wrong ones.
//! 3. The next bit stands `count` bits before byte `at`. Bits may stem from before the slice: what was left of an
//!    earlier one.

/// A reader of bits over a slice.
#[derive(Clone, Debug)]
pub(crate) struct BitReader<'a> {
    pub(crate) input: &'a [u8],
    pub(crate) at: usize,
    pub(crate) bits: u64,
    pub(crate) count: u32,
}

impl<'a> BitReader<'a> {
    /// A reader that starts with `count` bits left from before `input`.
    pub(crate) fn new(input: &'a [u8], bits: u64, count: u32) -> Self {
        Self { input, at: 0, bits, count }
    }

    /// Counts 56 bits or more, or all that are left.
    #[inline(always)]
    pub(crate) fn refill(&mut self) {
        if let Some(word) = self.input.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            self.bits |= u64::from_le_bytes(*word) << self.count;
            self.at += ((63 - self.count) >> 3) as usize;
            self.count |= 56;
        } else {
            while self.count < 56 && self.at < self.input.len() {
                self.bits |= u64::from(self.input[self.at]) << self.count;
                self.at += 1;
                self.count += 8;
            }
        }
    }

    /// Uses `count` bits, which must be counted.
    #[inline(always)]
    pub(crate) fn consume(&mut self, count: u32) {
        debug_assert!(count <= self.count, "used more bits than there are");
        self.bits >>= count;
        self.count -= count;
    }

    /// Uses `count` bits, which must be there or in the input.
    pub(crate) fn skip(&mut self, count: usize) {
        let Some(beyond) = count.checked_sub(self.count as usize) else {
            return self.consume(count as u32);
        };
        (self.at, self.bits, self.count) = (self.at + beyond / 8, 0, 0);
        self.refill();
        self.consume(beyond as u32 % 8);
    }

    /// Uses and returns the next `count` (at most 32) bits; `None`, and nothing used, when there are not as many.
    #[inline]
    pub(crate) fn take(&mut self, count: u32) -> Option<u32> {
        if self.count < count {
            self.refill();
            if self.count < count {
                return None;
            }
        }
        let value = self.bits & ((1 << count) - 1);
        self.consume(count);
        Some(value as u32)
    }

    /// Uses the bits up to the next byte boundary.
    pub(crate) fn align(&mut self) {
        self.consume(self.count & 7);
    }

    /// Returns whole unused bytes to the slice, as far as they came from it.
    pub(crate) fn give_back(&mut self) {
        let bytes = (self.count as usize >> 3).min(self.at);
        self.at -= bytes;
        self.count -= 8 * bytes as u32;
        self.bits &= (1 << self.count) - 1;
    }

    /// Where the next bit stands, in bits from the start of the slice; negative if it came before.
    pub(crate) fn position(&self) -> i64 {
        8 * self.at as i64 - i64::from(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_split_of_the_input_reads_the_same_bits() {
        let bytes: [u8; 40] = core::array::from_fn(|i| (i as u8).wrapping_mul(73).wrapping_add(19));
        let bit = |at: usize| u32::from(bytes[at / 8] >> (at % 8) & 1);
        for cut in 0..=bytes.len() {
            for width in 1..=32 {
                let mut reader = BitReader::new(&bytes[..cut], 0, 0);
                let (mut at, mut second) = (0, false);
                loop {
                    let Some(value) = reader.take(width) else {
                        if second {
                            break;
                        }
                        second = true;
                        reader.give_back();
                        assert!(reader.at == cut || reader.count < 8);
                        let before = reader.at;
                        reader = BitReader::new(&bytes[before..], reader.bits, reader.count);
                        continue;
                    };
                    assert_eq!(value, (0..width).map(|i| bit(at + i as usize) << i).sum::<u32>());
                    at += width as usize;
                }
                assert!(8 * bytes.len() - at < width as usize);
            }
        }
    }
}
