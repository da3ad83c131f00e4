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
//! Where literals stand in runs, a table for one bit more is made from the main one in the same way: text in base 64 has
//! codes of 6 bits, other literals that come in pairs have 4 and 8.
//!
//! Cost: 2^11 entries of copying for each table, and as many stores as pairs fit, at most one per entry and level. For
//! little input neither pays: there are no pairs then, and the tables are for no more bits than the longest code has.

use super::canonical::{Canonical, Codes, MAX_CODE_BITS};

/// Literal/length symbols that can have a code; 286 and 287 only in the fixed code.
pub(crate) const LITLEN_SYMBOLS: usize = 288;
/// Distance symbols that can have a code; 30 and 31 only in the fixed code.
pub(crate) const DISTANCE_SYMBOLS: usize = 32;

/// Bits looked up at once, in either table. Together the tables fill 16 KiB, a third to half of a first-level cache.
pub(crate) const LOOKUP_BITS: usize = 11;

/// The entries by the next bits.
pub(crate) type Main = [u32; 1 << LOOKUP_BITS];

/// By how much bits are shifted before an index is made of them: it is an offset in bytes then.
pub(crate) const SHIFT: u32 = size_of::<u32>().ilog2();

/// Bits looked up at once in runs of literals.
pub(crate) const RUN_BITS: usize = 12;

/// The entries by the next bits, in runs of literals.
pub(crate) type Runs = [u32; 1 << RUN_BITS];

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

/// Writes the entry of each code wherever its bits occur: in the main table, of which so many bits are looked up, or in
/// subtables. If `bits` are fewer than [`LOOKUP_BITS`], no code is longer.
#[inline(always)]
fn fill<const N: usize, F: Filler>(
    main: &mut Main,
    bits: usize,
    subtables: &mut [u32],
    canonical: &Canonical<N>,
    filler: &mut F,
) {
    main[0] = EMPTY;
    let mut codes = Codes::new();
    for length in 1..=bits {
        double(main, 1 << (length - 1));
        for &symbol in canonical.of_length(length) {
            let code = codes.next(length);
            main[code % (1 << LOOKUP_BITS)] = filler.entry(usize::from(symbol), code, length);
        }
        filler.more(main, length);
    }
    let width = canonical.longest.saturating_sub(LOOKUP_BITS);
    let (mut index, mut end) = (0, 0);
    let mut prefix = usize::MAX;
    for length in LOOKUP_BITS + 1..=canonical.longest {
        for &symbol in canonical.of_length(length) {
            let code = codes.next(length);
            if code % main.len() != prefix {
                prefix = code % main.len();
                (index, end) = (end, end + (1 << width));
                main[prefix] = EXCEPTIONAL | SUBTABLE | (index as u32) << 16 | (width as u32) << 29;
            }
            let entry = filler.entry(usize::from(symbol), code, length);
            let places = subtables[index..end].iter_mut().skip(code >> LOOKUP_BITS);
            places.step_by(1 << (length - LOOKUP_BITS)).for_each(|place| *place = entry);
        }
    }
}

/// What a table is filled with.
trait Filler {
    /// The entry of a symbol, whose code is `code`, of `length` bits.
    fn entry(&mut self, symbol: usize, code: usize, length: usize) -> u32;

    /// Adds to a table of `length` bits that has the codes of this length and of all shorter ones.
    fn more(&mut self, main: &mut Main, length: usize);
}

/// Copies the first `half` entries of a table behind themselves, in blocks: what is written too much is not part of the
/// table yet.
#[inline(always)]
pub(super) fn double<T: Copy>(entries: &mut [T], half: usize) {
    const BLOCK: usize = 16;
    for at in (0..half).step_by(BLOCK) {
        let Some(block) = entries[at..].first_chunk::<BLOCK>().copied() else { return };
        if let Some(to) = entries.get_mut(half + at..).and_then(|rest| rest.first_chunk_mut::<BLOCK>()) {
            *to = block;
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
    /// A table not built yet. Nothing but zeros, for which no memory is touched where they are allocated.
    pub(crate) const fn new() -> Self {
        Self { subtables: [0; LITLEN_SUBTABLES], lengths: [0; LITLEN_SYMBOLS], pairs: Pairs::new() }
    }

    /// The entry at `index` of a subtable that `width` of `bits`, those after the main ones, lead to.
    pub(crate) fn in_subtable(&self, index: usize, width: u32, bits: u64) -> u32 {
        self.subtables[index + select(bits, width)]
    }

    /// The bits of the code of a literal.
    pub(crate) fn code_bits(&self, literal: u8) -> u32 {
        u32::from(self.lengths[usize::from(literal)])
    }

    /// Builds the tables of a code, the lengths of which are `lengths`, to look up so many bits at once; with pairs if
    /// these are all [`LOOKUP_BITS`] and they will pay.
    #[inline(always)]
    pub(crate) fn build(
        &mut self,
        main: &mut Main,
        bits: usize,
        canonical: &Canonical<LITLEN_SYMBOLS>,
        lengths: &[u8; LITLEN_SYMBOLS],
        with_pairs: bool,
    ) {
        self.lengths = *lengths;
        if with_pairs {
            self.pairs.clear();
            fill(main, bits, &mut self.subtables, canonical, &mut self.pairs);
        } else {
            fill(main, bits, &mut self.subtables, canonical, &mut Values(&LITLEN_VALUES));
        }
    }
}

impl LitlenTable {
    /// Builds the table of runs from `main`, which was built with pairs. It is good for literals only: other entries say
    /// that they are something else, and nothing more.
    #[inline(always)]
    pub(crate) fn build_runs(&self, main: &Main, runs: &mut Runs) {
        runs[..main.len()].copy_from_slice(main);
        for length in LOOKUP_BITS + 1..=RUN_BITS {
            double(runs, 1 << (length - 1));
            self.pairs.write(runs, length);
        }
    }
}

/// Entries of symbols, without their code lengths.
struct Values<'a>(&'a [u32]);

impl Filler for Values<'_> {
    #[inline(always)]
    fn entry(&mut self, symbol: usize, _: usize, length: usize) -> u32 {
        self.0[symbol] + length as u32 * CODE_BIT
    }

    #[inline(always)]
    fn more(&mut self, _: &mut Main, _: usize) {}
}

/// What pairs are made of, in the order of the codes.
#[derive(Clone, Debug)]
struct Pairs {
    firsts: Parts,
    seconds: Parts,
}

/// Symbols that can be in one place of a pair.
#[derive(Clone, Debug)]
struct Parts {
    count: usize,
    /// The end of the codes of each length.
    ends: [usize; LOOKUP_BITS + 1],
    /// The code, and what it means there.
    codes: [u16; LITLEN_SYMBOLS],
    entries: [u32; LITLEN_SYMBOLS],
}

impl Parts {
    const fn new() -> Self {
        Self {
            count: 0,
            ends: [0; LOOKUP_BITS + 1],
            codes: [0; LITLEN_SYMBOLS],
            entries: [0; LITLEN_SYMBOLS],
        }
    }

    /// Adds a symbol, if it can be there.
    #[inline(always)]
    fn push(&mut self, code: usize, entry: u32, can_be: bool) {
        if let (Some(to), Some(entry_to)) = (self.codes.get_mut(self.count), self.entries.get_mut(self.count))
        {
            (*to, *entry_to) = (code as u16, entry);
        }
        self.count += usize::from(can_be);
    }

    /// Those whose codes have `length` bits.
    #[inline(always)]
    fn of_length(&self, length: usize) -> (&[u16], &[u32]) {
        let range = self.ends[length - 1]..self.ends[length];
        (&self.codes[range.clone()], &self.entries[range])
    }
}

impl Pairs {
    const fn new() -> Self {
        Self { firsts: Parts::new(), seconds: Parts::new() }
    }

    fn clear(&mut self) {
        (self.firsts.count, self.seconds.count) = (0, 0);
    }
}

impl Pairs {
    /// Writes the pairs of `length` bits.
    #[inline(always)]
    fn write<const N: usize>(&self, entries: &mut [u32; N], length: usize) {
        for first_length in 1.max(length.saturating_sub(LOOKUP_BITS))..length.min(LOOKUP_BITS + 1) {
            let (firsts, first_entries) = self.firsts.of_length(first_length);
            let (codes, seconds) = self.seconds.of_length(length - first_length);
            for (&code, &entry) in firsts.iter().zip(first_entries) {
                for (&second_code, &second) in codes.iter().zip(seconds) {
                    let at = usize::from(code) | usize::from(second_code) << first_length;
                    entries[at % N] = entry + second;
                }
            }
        }
    }
}

impl Filler for Pairs {
    #[inline(always)]
    fn entry(&mut self, symbol: usize, code: usize, length: usize) -> u32 {
        let entry = LITLEN_VALUES[symbol] + length as u32 * CODE_BIT;
        self.firsts.push(code, entry, symbol < END_OF_BLOCK);
        self.seconds.push(code, SECOND_VALUES[symbol] + length as u32 * CODE_BIT, SECOND_VALUES[symbol] != 0);
        entry
    }

    /// Writes the pairs of `length` bits.
    #[inline(always)]
    fn more(&mut self, main: &mut Main, length: usize) {
        (self.firsts.ends[length], self.seconds.ends[length]) = (self.firsts.count, self.seconds.count);
        self.write(main, length);
    }
}

/// What the distance code of a block needs beside its main table.
#[derive(Clone, Debug)]
pub(crate) struct DistanceTable {
    subtables: [u32; DISTANCE_SUBTABLES],
}

impl DistanceTable {
    /// A table not built yet. Nothing but zeros, for which no memory is touched where they are allocated.
    pub(crate) const fn new() -> Self {
        Self { subtables: [0; DISTANCE_SUBTABLES] }
    }

    /// The entry at `index` of a subtable that `width` of `bits`, those after the main ones, lead to.
    pub(crate) fn in_subtable(&self, index: usize, width: u32, bits: u64) -> u32 {
        self.subtables[index + select(bits, width)]
    }

    /// Builds the tables of a code, to look up so many bits at once.
    #[inline(always)]
    pub(crate) fn build(&mut self, main: &mut Main, bits: usize, canonical: &Canonical<DISTANCE_SYMBOLS>) {
        fill(main, bits, &mut self.subtables, canonical, &mut Values(&DISTANCE_VALUES));
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
