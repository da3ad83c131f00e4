//! Symbols in the order of their canonical codes (RFC 1951, 3.2.2), as decode tables are made from.
//!
//! Problem: a block of a KiB takes as long for its codes as for its data. Counting and ordering symbols by length counts
//! up places in memory, and one place again and again takes its time: neighbours often have the same length, above all
//! those that have no code.
//!
//! Method. First the symbols that have a code are listed; most of a small block have none and stand together, so that
//! eight are passed over at once. The list is then counted and ordered in four parts side by side, each with places of
//! its own. Codes are computed on the way through the symbols in order, and never stored.
//!
//! # What is a valid code
//!
//! As in zlib: codes are complete; but a single code of length 1, or (for distances) none at all, is allowed, and using
//! the missing code is an error then.

/// Longest code (RFC 1951, 3.2.7).
pub(crate) const MAX_CODE_BITS: usize = 15;

/// Why lengths are not a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeError {
    /// More codes than bits allow.
    OverSubscribed,
    /// Some bits have no code.
    Incomplete,
}

/// Parts that symbols are counted and ordered in.
const PARTS: usize = 4;

/// Bytes with their first bit last. Not every processor has an instruction for it.
pub(super) static REVERSED: [u8; 256] = {
    let mut reversed = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        reversed[byte] = (byte as u8).reverse_bits();
        byte += 1;
    }
    reversed
};

/// Symbols in the order of their codes.
pub(crate) struct Canonical<const N: usize> {
    /// Index into `symbols` of the first code of each length.
    starts: [u16; MAX_CODE_BITS + 2],
    /// Symbols by length, then by value.
    symbols: [u16; N],
    /// Longest length.
    pub(crate) longest: usize,
}

impl<const N: usize> Canonical<N> {
    /// Orders the symbols; checks that the lengths are a code, where `allow_empty` says whether none is one.
    #[inline(always)]
    pub(crate) fn new(lengths: &[u8; N], allow_empty: bool) -> Result<Self, CodeError> {
        let (used, count) = used_symbols(lengths);
        let part = count.div_ceil(PARTS);
        let mut places = [[0u16; MAX_CODE_BITS + 1]; PARTS];
        for i in 0..part {
            for (p, places) in places.iter_mut().enumerate() {
                if let Some(&used) = used.get(p * part + i) {
                    places[used.length()] += 1;
                }
            }
        }
        let counts: [u16; MAX_CODE_BITS + 1] =
            core::array::from_fn(|length| places.iter().map(|places| places[length]).sum());
        let mut starts = [0; MAX_CODE_BITS + 2];
        let (mut longest, mut unused) = (0, 1i32);
        for length in 1..=MAX_CODE_BITS {
            starts[length + 1] = starts[length] + counts[length];
            unused = 2 * unused - i32::from(counts[length]);
            if unused < 0 {
                return Err(CodeError::OverSubscribed);
            }
            longest = if counts[length] > 0 { length } else { longest };
        }
        if unused > 0 && longest > 1 || longest == 0 && !allow_empty {
            return Err(CodeError::Incomplete);
        }
        // What fills the parts up goes behind the symbols.
        let mut next = starts;
        next[0] = next[MAX_CODE_BITS + 1];
        for places in &mut places {
            for (place, next) in places.iter_mut().zip(&mut next) {
                *next += core::mem::replace(place, *next);
            }
        }
        let mut symbols = [0u16; N];
        for i in 0..part {
            for (p, places) in places.iter_mut().enumerate() {
                if let Some(&used) = used.get(p * part + i) {
                    let place = &mut places[used.length()];
                    symbols[usize::from(*place)] = used.symbol();
                    *place += 1;
                }
            }
        }
        Ok(Self { starts, symbols, longest })
    }

    /// The symbols whose codes have `length` bits.
    #[inline(always)]
    pub(super) fn of_length(&self, length: usize) -> &[u16] {
        &self.symbols[usize::from(self.starts[length])..usize::from(self.starts[length + 1])]
    }
}

/// Codes one after the other, as numbers whose first bit is the highest of 16.
pub(super) struct Codes(u16);

impl Codes {
    /// From the first code on.
    pub(super) const fn new() -> Self {
        Self(0)
    }

    /// The next code, which has `length` bits, first bit lowest.
    #[inline(always)]
    pub(super) fn next(&mut self, length: usize) -> usize {
        let [low, high] = self.0.to_le_bytes();
        self.0 = self.0.wrapping_add(1 << ((16 - length) & 15));
        usize::from(REVERSED[usize::from(high)]) | usize::from(REVERSED[usize::from(low)]) << 8
    }
}

/// A symbol that has a code.
///
/// ```text
/// 15  13 12  9 8    0
/// |  0  |length|symbol|   0: none
/// ```
#[derive(Clone, Copy)]
struct Used(u16);

const SYMBOL_BITS: u32 = 9;

impl Used {
    #[inline(always)]
    fn new(symbol: usize, length: u8) -> Self {
        Self(symbol as u16 | u16::from(length & 15) << SYMBOL_BITS)
    }

    #[inline(always)]
    fn length(self) -> usize {
        usize::from(self.0 >> SYMBOL_BITS & 15)
    }

    #[inline(always)]
    fn symbol(self) -> u16 {
        self.0 & ((1 << SYMBOL_BITS) - 1)
    }
}

/// The symbols that have a code, and how many there are; behind them, none.
#[inline(always)]
fn used_symbols<const N: usize>(lengths: &[u8; N]) -> ([Used; N], usize) {
    const { assert!(N <= 1 << SYMBOL_BITS) }
    let (mut used, mut count) = ([Used(0); N], 0);
    let mut add = |symbol: usize, length: u8| {
        if let Some(to) = used.get_mut(count) {
            *to = Used::new(symbol, length);
        }
        count += usize::from(length != 0);
    };
    let (chunks, rest) = lengths.as_chunks::<8>();
    for (c, chunk) in chunks.iter().enumerate() {
        if *chunk != [0; 8] {
            chunk.iter().enumerate().for_each(|(i, &length)| add(8 * c + i, length));
        }
    }
    rest.iter().enumerate().for_each(|(i, &length)| add(8 * chunks.len() + i, length));
    (used, count)
}
