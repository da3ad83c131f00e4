//! Decode tables: from the next bits of the stream to what they mean, in one lookup for almost every symbol.
//!
//! Problem: RFC 1951, 3.2.2 gives each symbol a canonical code of 1 to 15 bits. Reading a code bit by bit is slow, and
//! even one lookup per symbol makes the chain *bits -> entry -> shift -> bits* the limit of the decoder. So one entry
//! of the literal/length table holds as much as fits: one symbol, or two literals, or a literal and the length that
//! follows it; with the number of bits of all of it, extra bits included, ready to shift by.
//!
//! # Entries
//!
//! Both tables have one layout and one size, so that a decoder can go from any entry to the next by arithmetic on its
//! bits: [`MATCH`] selects the table of the next lookup, and the number of literals is 0 wherever there are none.
//!
//! ```text
//!            31    24 23    16  15  14  13 12   8 7 6 5   0
//! literal    |   -   |   A    | 0 | 0 | 0 |   c  | 1 |  c  |   literal A
//! pair       |   B   |   A    | 0 | 0 | 0 |   -  | 2 |total|   literals A, B
//! match      | len-3 |   -    | 0 | 0 | 1 | code | 0 |total|   length: code bits, then total - code extra bits
//! lit+match  | len-3 |   A    | 0 | 0 | 1 | code | 1 |total|   literal A, then a length; code counts both codes
//! distance   |      base      | 0 | 1 | 0 | code | 0 |total|   base 1..=24577, then total - code extra bits
//! subtable   |width|  index   | 1 | - | 0 |   0  | 2 |  0  |   width 31..29, index 28..16
//! end        |     -      | 1 | 1 | 0 | 0 |   c  | 0 |  c  |   end of block
//! invalid    |     -      | 0 | 1 | - | 0 |   c  | 0 |  c  |   no such symbol, or bits that no code has
//!                               ^EXCEPTIONAL        ^number of literals
//! ```
//!
//! Codes longer than the main table go through a subtable, whose entries count their bits from the start of the
//! code, so that nothing about the main entry needs to be remembered. All subtables of a table have one width.
//!
//! # Building
//!
//! Canonical codes, reversed because the stream has their first bit lowest, are generated in order of length. While
//! the table has 2^L entries, the codes of length L are written at their reversed value; then the table is doubled by
//! copying, which puts each entry wherever its low bits occur. Pairs come the same way: when the table has 2^L entries,
//! a literal of c bits followed by a symbol of L - c bits is *one* entry, at `r1 | r2 << c`, and its value is the
//! sum of the two parts, for the fields do not overlap. The pair entry replaces the single literal that the doubling
//! left there. Every entry is decodable alone; pairs only add.
//!
//! Cost: 2^11 entries of copying for each table, and as many stores as pairs fit, at most one per entry and level.
//!
//! # What is a valid code
//!
//! As in zlib: codes are complete; but a single code of length 1, or (for distances) none at all, is allowed, and using
//! the missing code is an error then.

/// Longest code (RFC 1951, 3.2.7).
pub(crate) const MAX_CODE_BITS: usize = 15;
/// Literal/length symbols that can have a code; 286 and 287 only in the fixed code.
pub(crate) const LITLEN_SYMBOLS: usize = 288;
/// Distance symbols that can have a code; 30 and 31 only in the fixed code.
pub(crate) const DISTANCE_SYMBOLS: usize = 32;

/// Bits looked up at once, in either table. Together the tables fill 16 KiB, a third to half of a first-level cache.
pub(crate) const LOOKUP_BITS: usize = 11;

/// The entries by the next bits.
pub(crate) type Main = [u32; 1 << LOOKUP_BITS];

// Two or more codes share each subtable, since codes longer than one bit are complete.
const LITLEN_SUBTABLES: usize = (LITLEN_SYMBOLS / 2) << (MAX_CODE_BITS - LOOKUP_BITS);
const DISTANCE_SUBTABLES: usize = (DISTANCE_SYMBOLS / 2) << (MAX_CODE_BITS - LOOKUP_BITS);
const _: () = assert!(LITLEN_SUBTABLES <= 1 << 13 && DISTANCE_SUBTABLES <= 1 << 13, "subtable indices");
const _: () = assert!(MAX_CODE_BITS - LOOKUP_BITS < 1 << 3, "widths");

/// The end-of-block symbol.
pub(crate) const END_OF_BLOCK: usize = 256;

/// One literal, in the two bits that count them.
const LITERAL: u32 = 1 << LITERALS_SHIFT;
const LITERALS_SHIFT: u32 = 6;
/// A literal/length entry that ends with a match length: a distance follows.
pub(crate) const MATCH: u32 = 1 << 13;
/// A distance entry.
pub(crate) const DISTANCE: u32 = 1 << 14;
/// An entry that is not what its table is for: subtable, end or invalid.
pub(crate) const EXCEPTIONAL: u32 = 1 << 15;
/// Exceptional entry: a subtable.
const SUBTABLE: u32 = 1 << 7;
/// Exceptional entry: end of block.
const END: u32 = 1 << 16;

/// Adds a code length to the total and to the bits before the extra bits.
const CODE_BIT: u32 = 0x101;

/// The kind of an exceptional entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exception {
    /// The code is longer than the main table: look up at `index` plus the next `width` bits after the main ones.
    Subtable {
        /// First entry of the subtable.
        index: usize,
        /// Bits that select within it.
        width: u32,
    },
    /// End of block.
    End,
    /// No symbol.
    Invalid,
}

/// The total bits of any entry: codes and extra bits.
#[inline(always)]
pub(crate) fn total_bits(entry: u32) -> u32 {
    entry & 63
}

/// The literals of an entry, and how many of them there are: 0, 1 or 2.
#[inline(always)]
pub(crate) fn literals(entry: u32) -> ([u8; 2], usize) {
    ([(entry >> 16) as u8, (entry >> 24) as u8], (entry >> LITERALS_SHIFT & 3) as usize)
}

/// The length of a match entry, where `bits` start with its code.
#[inline(always)]
pub(crate) fn match_length(entry: u32, bits: u64) -> usize {
    3 + (entry >> 24) as usize + extra_bits(entry, bits) as usize
}

/// The distance of a distance entry, where `bits` start with its code.
#[inline(always)]
pub(crate) fn match_distance(entry: u32, bits: u64) -> usize {
    (entry >> 16) as usize + extra_bits(entry, bits) as usize
}

/// The value of the extra bits of an entry, where `bits` start with its code.
#[inline(always)]
fn extra_bits(entry: u32, bits: u64) -> u32 {
    (bits & !(u64::MAX << total_bits(entry))) as u32 >> (entry >> 8 & 31)
}

/// What an exceptional entry says.
pub(crate) fn exception(entry: u32) -> Exception {
    if entry & SUBTABLE != 0 {
        Exception::Subtable { index: (entry >> 16 & 0x1fff) as usize, width: entry >> 29 }
    } else if entry & END != 0 {
        Exception::End
    } else {
        Exception::Invalid
    }
}

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
const REVERSED: [u8; 256] = {
    let mut reversed = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        reversed[byte] = (byte as u8).reverse_bits();
        byte += 1;
    }
    reversed
};

/// Symbols in the order of their codes.
pub(super) struct Canonical<const N: usize> {
    /// Index into `symbols` of the first code of each length.
    starts: [usize; MAX_CODE_BITS + 2],
    /// Symbols by length, then by value; behind them, those without a code.
    pub(super) symbols: [u16; N],
    /// The code of each of `symbols`, first bit lowest.
    pub(super) codes: [u16; N],
    /// Longest length.
    pub(super) longest: usize,
}

impl<const N: usize> Canonical<N> {
    /// Orders the symbols; checks that the lengths are a code, where `allow_empty` says whether none is one.
    #[inline(always)]
    pub(super) fn new(lengths: &[u8; N], allow_empty: bool) -> Result<Self, CodeError> {
        // The symbols are counted and ordered in parts side by side: neighbours have the same length often, and
        // counting up one place in memory again and again takes its time.
        let part = N.div_ceil(PARTS);
        let mut places = [[0u16; MAX_CODE_BITS + 1]; PARTS];
        for i in 0..part {
            for (p, places) in places.iter_mut().enumerate() {
                if let Some(&length) = lengths.get(p * part + i) {
                    places[usize::from(length & 15)] += 1;
                }
            }
        }
        let counts: [usize; MAX_CODE_BITS + 1] =
            core::array::from_fn(|length| places.iter().map(|places| usize::from(places[length])).sum());
        let mut starts = [0; MAX_CODE_BITS + 2];
        let (mut longest, mut unused) = (0, 1i32);
        for length in 1..=MAX_CODE_BITS {
            starts[length + 1] = starts[length] + counts[length];
            unused = 2 * unused - counts[length] as i32;
            if unused < 0 {
                return Err(CodeError::OverSubscribed);
            }
            longest = if counts[length] > 0 { length } else { longest };
        }
        if unused > 0 && longest > 1 || longest == 0 && !allow_empty {
            return Err(CodeError::Incomplete);
        }
        // Symbols without a code go behind the others, so that none needs to be told apart.
        let mut next = starts.map(|start| start as u16);
        next[0] = next[MAX_CODE_BITS + 1];
        for places in &mut places {
            for (place, next) in places.iter_mut().zip(&mut next) {
                *next += core::mem::replace(place, *next);
            }
        }
        let mut symbols = [0u16; N];
        for i in 0..part {
            for (p, places) in places.iter_mut().enumerate() {
                let symbol = p * part + i;
                if let Some(&length) = lengths.get(symbol) {
                    let place = &mut places[usize::from(length & 15)];
                    symbols[usize::from(*place)] = symbol as u16;
                    *place += 1;
                }
            }
        }
        let mut codes = [0u16; N];
        let mut code = 0u16;
        for (reversed, &symbol) in codes.iter_mut().zip(&symbols[..starts[MAX_CODE_BITS + 1]]) {
            let [low, high] = code.to_le_bytes();
            *reversed = u16::from_le_bytes([REVERSED[usize::from(high)], REVERSED[usize::from(low)]]);
            code = code.wrapping_add(1 << ((16 - lengths[usize::from(symbol)]) & 15));
        }
        Ok(Self { starts, symbols, codes, longest })
    }

    /// How many codes there are.
    #[inline(always)]
    fn len(&self) -> usize {
        self.starts[MAX_CODE_BITS + 1]
    }

    /// Writes the codes not longer than the main table. Once all of a length or shorter are there, `more` may add to
    /// the entries of so many bits.
    #[inline(always)]
    fn fill(&self, main: &mut Main, entries: &[u32; N], mut more: impl FnMut(&mut Main, usize)) {
        // Shorter bits than the shortest code have no entry.
        let shortest = (1..LOOKUP_BITS).find(|&length| self.starts[length + 1] > 0).unwrap_or(LOOKUP_BITS);
        main[..1 << (shortest - 1)].fill(EMPTY);
        for length in shortest..=LOOKUP_BITS {
            main.copy_within(..1 << (length - 1), 1 << (length - 1));
            for k in self.of_length(length) {
                main[usize::from(self.codes[k]) % (1 << LOOKUP_BITS)] = entries[k];
            }
            more(main, length);
        }
    }

    /// The indices of the codes of `length`.
    #[inline(always)]
    pub(super) fn of_length(&self, length: usize) -> core::ops::Range<usize> {
        self.starts[length]..self.starts[length + 1]
    }
}

/// Writes the codes longer than the main table: the entries that lead to subtables, and those there.
#[inline(always)]
fn fill_subtables<const N: usize>(
    main: &mut Main,
    subtables: &mut [u32],
    canonical: &Canonical<N>,
    values: &[u32; N],
) {
    let width = canonical.longest.saturating_sub(LOOKUP_BITS);
    let (mut index, mut end) = (0, 0);
    let mut prefix = usize::MAX;
    for length in LOOKUP_BITS + 1..=canonical.longest {
        for k in canonical.of_length(length) {
            let code = usize::from(canonical.codes[k]);
            if code % main.len() != prefix {
                prefix = code % main.len();
                (index, end) = (end, end + (1 << width));
                main[prefix] = EXCEPTIONAL | SUBTABLE | (index as u32) << 16 | (width as u32) << 29;
            }
            let places = subtables[index..end].iter_mut().skip(code >> LOOKUP_BITS);
            places.step_by(1 << (length - LOOKUP_BITS)).for_each(|entry| *entry = values[k]);
        }
    }
}

/// What the literal/length code of a block needs beside its main table.
#[derive(Clone, Debug)]
pub(crate) struct LitlenTable {
    subtables: [u32; LITLEN_SUBTABLES],
    /// The code length of each symbol.
    lengths: [u8; LITLEN_SYMBOLS],
    pairs: Pairs,
}

impl LitlenTable {
    /// A table not built yet; its main table is [`EMPTY`].
    pub(crate) const fn new() -> Self {
        Self { subtables: [EMPTY; LITLEN_SUBTABLES], lengths: [0; LITLEN_SYMBOLS], pairs: Pairs::new() }
    }

    /// The entry at `index` of a subtable that `width` of `bits`, those after the main ones, lead to.
    pub(crate) fn in_subtable(&self, index: usize, width: u32, bits: u64) -> u32 {
        self.subtables[index + select(bits, width)]
    }

    /// The bits of the code of a literal.
    pub(crate) fn code_bits(&self, literal: u8) -> u32 {
        u32::from(self.lengths[usize::from(literal)])
    }

    /// Builds the tables of the code with these lengths (0: no code); without pairs if they will not pay.
    ///
    /// # Errors
    ///
    /// When they are not a code; the tables are not usable then.
    #[inline(always)]
    pub(crate) fn build(
        &mut self,
        main: &mut Main,
        lengths: &[u8; LITLEN_SYMBOLS],
        with_pairs: bool,
    ) -> Result<(), CodeError> {
        let canonical = Canonical::new(lengths, false)?;
        self.lengths = *lengths;
        let mut entries = [0u32; LITLEN_SYMBOLS];
        for (entry, &symbol) in entries.iter_mut().zip(&canonical.symbols[..canonical.len()]) {
            let symbol = usize::from(symbol);
            *entry = LITLEN_VALUES[symbol] + u32::from(lengths[symbol] & 15) * CODE_BIT;
        }
        if with_pairs {
            self.pairs.find(&canonical, lengths);
        }
        canonical.fill(main, &entries, |main, length| {
            if with_pairs {
                self.pairs.fill(main, length, &canonical, &entries);
            }
        });
        fill_subtables(main, &mut self.subtables, &canonical, &entries);
        Ok(())
    }
}

/// What pairs are made of, in the order of the codes.
#[derive(Clone, Debug)]
struct Pairs {
    /// The end of the literals of each length.
    literal_ends: [usize; MAX_CODE_BITS + 2],
    /// The end of the seconds of each length.
    second_ends: [usize; MAX_CODE_BITS + 2],
    /// What can be second: its code, and what it means then.
    codes: [u16; LITLEN_SYMBOLS],
    seconds: [u32; LITLEN_SYMBOLS],
}

impl Pairs {
    const fn new() -> Self {
        let ends = [0; MAX_CODE_BITS + 2];
        Self {
            literal_ends: ends,
            second_ends: ends,
            codes: [0; LITLEN_SYMBOLS],
            seconds: [0; LITLEN_SYMBOLS],
        }
    }

    /// Finds what can be first and second.
    #[inline(always)]
    fn find(&mut self, canonical: &Canonical<LITLEN_SYMBOLS>, lengths: &[u8; LITLEN_SYMBOLS]) {
        self.literal_ends = canonical.starts;
        self.second_ends = [0; MAX_CODE_BITS + 2];
        let mut count = 0;
        for (k, &symbol) in canonical.symbols[..canonical.len()].iter().enumerate() {
            let symbol = usize::from(symbol);
            let length = usize::from(lengths[symbol] & 15);
            self.seconds[count] = SECOND_VALUES[symbol] + length as u32 * CODE_BIT;
            self.codes[count] = canonical.codes[k];
            count += usize::from(SECOND_VALUES[symbol] != 0);
            self.second_ends[length] = count;
            if symbol < END_OF_BLOCK {
                self.literal_ends[length] = k + 1;
            }
        }
        for length in 1..=MAX_CODE_BITS {
            self.second_ends[length] = self.second_ends[length].max(self.second_ends[length - 1]);
        }
    }

    /// Writes the pairs of `length` bits.
    #[inline(always)]
    fn fill(
        &self,
        main: &mut Main,
        length: usize,
        canonical: &Canonical<LITLEN_SYMBOLS>,
        entries: &[u32; LITLEN_SYMBOLS],
    ) {
        for (first_length, &end) in self.literal_ends.iter().enumerate().take(length).skip(1) {
            let firsts = canonical.starts[first_length]..end;
            let second_length = length - first_length;
            let range = self.second_ends[second_length - 1]..self.second_ends[second_length];
            let (codes, seconds) = (&self.codes[range.clone()], &self.seconds[range]);
            for (&code, &entry) in canonical.codes[firsts.clone()].iter().zip(&entries[firsts]) {
                for (&second_code, &second) in codes.iter().zip(seconds) {
                    let at = usize::from(code) | usize::from(second_code) << first_length;
                    main[at % (1 << LOOKUP_BITS)] = entry + second;
                }
            }
        }
    }
}

/// What the distance code of a block needs beside its main table.
#[derive(Clone, Debug)]
pub(crate) struct DistanceTable {
    subtables: [u32; DISTANCE_SUBTABLES],
}

impl DistanceTable {
    /// A table not built yet; its main table is [`EMPTY`].
    pub(crate) const fn new() -> Self {
        Self { subtables: [EMPTY; DISTANCE_SUBTABLES] }
    }

    /// The entry at `index` of a subtable that `width` of `bits`, those after the main ones, lead to.
    pub(crate) fn in_subtable(&self, index: usize, width: u32, bits: u64) -> u32 {
        self.subtables[index + select(bits, width)]
    }

    /// Builds the tables of the code with these lengths (0: no code).
    ///
    /// # Errors
    ///
    /// When they are not a code; the tables are not usable then.
    #[inline(always)]
    pub(crate) fn build(
        &mut self,
        main: &mut Main,
        lengths: &[u8; DISTANCE_SYMBOLS],
    ) -> Result<(), CodeError> {
        let canonical = Canonical::new(lengths, true)?;
        let mut entries = [0u32; DISTANCE_SYMBOLS];
        for (entry, &symbol) in entries.iter_mut().zip(&canonical.symbols[..canonical.len()]) {
            let symbol = usize::from(symbol);
            *entry = DISTANCE_VALUES[symbol] + u32::from(lengths[symbol]) * CODE_BIT;
        }
        canonical.fill(main, &entries, |_, _| ());
        fill_subtables(main, &mut self.subtables, &canonical, &entries);
        Ok(())
    }
}

/// Which entry of a subtable: `width` of `bits`, those after the ones of the main table.
fn select(bits: u64, width: u32) -> usize {
    (bits >> LOOKUP_BITS) as usize & ((1 << width) - 1)
}

/// Bits that no code has.
pub(crate) const EMPTY: u32 = EXCEPTIONAL | CODE_BIT;

/// Entries of the literal/length symbols, without their code lengths (RFC 1951, 3.2.5).
const LITLEN_VALUES: [u32; LITLEN_SYMBOLS] = {
    let mut values = [EXCEPTIONAL; LITLEN_SYMBOLS];
    let mut literal = 0;
    while literal < END_OF_BLOCK {
        values[literal] = LITERAL | (literal as u32) << 16;
        literal += 1;
    }
    values[END_OF_BLOCK] = EXCEPTIONAL | END;
    let (mut symbol, mut base) = (257, 3u32);
    while symbol < 285 {
        let extra = if symbol < 265 { 0 } else { (symbol as u32 - 261) / 4 };
        values[symbol] = MATCH | (base - 3) << 24 | extra;
        base += 1 << extra;
        symbol += 1;
    }
    assert!(base == 259, "symbols 257 to 284 cover the lengths to 258");
    values[285] = MATCH | (258 - 3) << 24;
    values
};

/// Entries of the symbols that can be second in a pair, literals and lengths, without their code lengths; 0 for others.
const SECOND_VALUES: [u32; LITLEN_SYMBOLS] = {
    let mut values = [0; LITLEN_SYMBOLS];
    let mut symbol = 0;
    while symbol < 286 {
        values[symbol] = LITLEN_VALUES[symbol];
        if symbol < END_OF_BLOCK {
            values[symbol] = LITERAL | (symbol as u32) << 24;
        }
        symbol += 1;
    }
    values[END_OF_BLOCK] = 0;
    values
};

/// Entries of the distance symbols, without their code lengths (RFC 1951, 3.2.5).
const DISTANCE_VALUES: [u32; DISTANCE_SYMBOLS] = {
    let mut values = [EXCEPTIONAL; DISTANCE_SYMBOLS];
    let (mut symbol, mut base) = (0, 1u32);
    while symbol < 30 {
        let extra = if symbol < 4 { 0 } else { (symbol as u32 - 2) / 2 };
        values[symbol] = DISTANCE | base << 16 | extra;
        base += 1 << extra;
        symbol += 1;
    }
    assert!(base == 32_769, "symbols 0 to 29 cover the distances to 32768");
    values
};

#[cfg(test)]
#[path = "decode_table_tests.rs"]
mod tests;
