//! The table of the code that the code lengths of a block are written in (RFC 1951, 3.2.7).
//!
//! Problem: a block of a KiB has a hundred code lengths, and whether the next element is a length or repeats one cannot
//! be predicted. So each entry says the same of every element: so many times the length before, or this one; a reader
//! does the same work for all of them.

use super::canonical::{Canonical, CodeError, Codes};
use super::decode_table::double;

/// Symbols of the code length code (RFC 1951, 3.2.7).
pub(crate) const CODE_LENGTH_SYMBOLS: usize = 19;
/// Longest code of the code length code.
const CODE_LENGTH_BITS: usize = 7;

/// Most bits of an element of the code length code.
pub(crate) const CODE_LENGTH_MOST: usize = CODE_LENGTH_BITS + 7;

/// What the table of the code length code says of the next bits.
///
/// ```text
/// 31  30 24 23     16 15    8 7     0
/// | last | repeat | length | code | total |   extra bits (total - code) are added to `repeat`
/// ```
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeLengthEntry(u32);

impl CodeLengthEntry {
    /// The symbol that this code of so many bits is of.
    const fn new(symbol: usize, code_bits: u32) -> Self {
        let (last, repeat, length, extra) = match symbol {
            16 => (1, 3, 0, 2),
            17 => (0, 3, 0, 3),
            18 => (0, 11, 0, 7),
            _ => (0, 1, symbol as u32, 0),
        };
        Self(last << 31 | repeat << 24 | length << 16 | code_bits << 8 | code_bits + extra)
    }

    /// Its bits, extra ones included.
    #[inline(always)]
    pub(crate) fn total_bits(self) -> u32 {
        self.0 & 255
    }

    /// How many code lengths there are, where `bits` start with its code.
    #[inline(always)]
    pub(crate) fn repeat(self, bits: u64) -> usize {
        let extra = (bits & !(u64::MAX << self.total_bits())) as usize >> (self.0 >> 8 & 7);
        (self.0 >> 24 & 127) as usize + extra
    }

    /// Whether they are all the one before.
    #[inline(always)]
    pub(crate) fn repeats_last(self) -> bool {
        self.0 >> 31 != 0
    }

    /// What they all are otherwise.
    #[inline(always)]
    pub(crate) fn length(self) -> u8 {
        (self.0 >> 16) as u8
    }
}

/// The table of the code that code lengths are written in, by the next 7 bits.
#[derive(Clone, Debug)]
pub(crate) struct CodeLengthTable {
    entries: [CodeLengthEntry; 1 << CODE_LENGTH_BITS],
}

impl CodeLengthTable {
    /// A table not built yet.
    pub(crate) const fn new() -> Self {
        Self { entries: [CodeLengthEntry(0); 1 << CODE_LENGTH_BITS] }
    }

    /// Builds the table of the code with these lengths (0: no code, at most 7), which must be complete.
    ///
    /// # Errors
    ///
    /// When they are not a complete code; the table is not usable then.
    #[inline(always)]
    pub(crate) fn build(&mut self, lengths: &[u8; CODE_LENGTH_SYMBOLS]) -> Result<(), CodeError> {
        let canonical = Canonical::new(lengths, false)?;
        if canonical.longest == 1 && canonical.of_length(1).len() == 1 {
            return Err(CodeError::Incomplete);
        }
        let mut codes = Codes::new();
        for length in 1..=CODE_LENGTH_BITS {
            double(&mut self.entries, 1 << (length - 1));
            for &symbol in canonical.of_length(length) {
                self.entries[codes.next(length)] = CodeLengthEntry::new(usize::from(symbol), length as u32);
            }
        }
        Ok(())
    }

    /// What `bits` start with.
    #[inline(always)]
    pub(crate) fn get(&self, bits: u64) -> CodeLengthEntry {
        self.entries[bits as usize % (1 << CODE_LENGTH_BITS)]
    }
}
