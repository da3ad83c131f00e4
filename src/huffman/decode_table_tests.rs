//! The tables against codes read bit by bit.

use super::super::canonical::CodeError;
use super::super::code_length_table::{CODE_LENGTH_SYMBOLS, CodeLengthTable};
use super::*;
use alloc::vec::Vec;

/// Canonical codes as RFC 1951, 3.2.2 computes them: (symbol, length, code with its first bit highest).
fn codes(lengths: &[u8]) -> Vec<(usize, u32, u32)> {
    let mut result = Vec::new();
    let mut code = 0;
    for length in 1..=15 {
        code <<= 1;
        for (symbol, _) in lengths.iter().enumerate().filter(|&(_, &l)| u32::from(l) == length) {
            result.push((symbol, length, code));
            code += 1;
        }
    }
    result
}

/// The symbol that `bits` start with, and its length.
fn read(codes: &[(usize, u32, u32)], bits: u64) -> Option<(usize, u32)> {
    codes
        .iter()
        .find(|&&(_, length, code)| {
            (0..length).all(|i| bits >> i & 1 == u64::from(code >> (length - 1 - i) & 1))
        })
        .map(|&(symbol, length, _)| (symbol, length))
}

/// Sum of 2^-length in units of 2^-15.
fn kraft(lengths: &[u8]) -> u32 {
    lengths.iter().filter(|&&l| l > 0).map(|&l| 1 << (15 - l)).sum()
}

/// What zlib accepts.
fn expected(lengths: &[u8], allow_empty: bool) -> Result<(), CodeError> {
    let longest = lengths.iter().max().copied().unwrap_or(0);
    match kraft(lengths).cmp(&(1 << 15)) {
        core::cmp::Ordering::Greater => Err(CodeError::OverSubscribed),
        core::cmp::Ordering::Equal => Ok(()),
        core::cmp::Ordering::Less if longest == 1 || longest == 0 && allow_empty => Ok(()),
        core::cmp::Ordering::Less => Err(CodeError::Incomplete),
    }
}

/// A small generator of numbers (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % bound
    }

    /// Lengths of a complete code over some of `lengths`: leaves are split until there are `count` of them.
    fn complete(&mut self, lengths: &mut [u8], count: usize, skew: usize) {
        let mut leaves = alloc::vec![1u8, 1];
        while leaves.len() < count {
            let at = if self.below(4) < skew { leaves.len() - 1 } else { self.below(leaves.len()) };
            if leaves[at] < 15 {
                leaves[at] += 1;
                let twin = leaves[at];
                leaves.push(twin);
            } else if let Some(other) = leaves.iter().position(|&l| l < 15) {
                leaves[other] += 1;
                let twin = leaves[other];
                leaves.push(twin);
            }
        }
        lengths.fill(0);
        for leaf in leaves {
            loop {
                let symbol = self.below(lengths.len());
                if lengths[symbol] == 0 {
                    lengths[symbol] = leaf;
                    break;
                }
            }
        }
    }
}

/// Base and extra bits of a length symbol, by counting.
fn length_of(symbol: usize) -> (u32, u32) {
    let extra = |s: usize| if s < 265 || s == 285 { 0 } else { (s as u32 - 261) / 4 };
    if symbol == 285 {
        return (258, 0);
    }
    (3 + (257..symbol).map(|s| 1 << extra(s)).sum::<u32>(), extra(symbol))
}

/// The tables of both codes, with their main tables.
struct Both {
    litlen_main: Main,
    distance_main: Main,
    litlen: LitlenTable,
    distance: DistanceTable,
    /// Bits looked up at once, in either.
    bits: [usize; 2],
}

impl Both {
    fn new() -> Self {
        let main = [EMPTY; 1 << LOOKUP_BITS];
        Self {
            litlen_main: main,
            distance_main: main,
            litlen: LitlenTable::new(),
            distance: DistanceTable::new(),
            bits: [LOOKUP_BITS; 2],
        }
    }

    fn build_litlen(&mut self, lengths: &[u8; LITLEN_SYMBOLS], with_pairs: bool) -> Result<(), CodeError> {
        let canonical = Canonical::new(lengths, false)?;
        // Without pairs as narrow as may be.
        self.bits[0] = if with_pairs { LOOKUP_BITS } else { canonical.longest.min(LOOKUP_BITS) };
        self.litlen.build(&mut self.litlen_main, self.bits[0], &canonical, lengths, with_pairs);
        Ok(())
    }

    fn build_distance(&mut self, lengths: &[u8; DISTANCE_SYMBOLS]) -> Result<(), CodeError> {
        let canonical = Canonical::new(lengths, true)?;
        self.bits[1] = self.bits[0].max(canonical.longest.min(LOOKUP_BITS));
        self.distance.build(&mut self.distance_main, self.bits[1], &canonical);
        Ok(())
    }

    fn check_litlen(&self, lengths: &[u8; LITLEN_SYMBOLS], bits: u64) {
        let codes = codes(lengths);
        let mut entry = self.litlen_main[bits as usize % (1 << self.bits[0])];
        if entry & EXCEPTIONAL != 0
            && let Exception::Subtable { index, width } = exception(entry)
        {
            entry = self.litlen.in_subtable(index, width, bits);
        }
        assert_eq!(entry & DISTANCE, 0);
        let Some((symbol, mut used)) = read(&codes, bits) else {
            assert_ne!(entry & EXCEPTIONAL, 0);
            assert_eq!(exception(entry), Exception::Invalid);
            return;
        };
        if symbol >= 256 && !(257..286).contains(&symbol) {
            assert_ne!(entry & EXCEPTIONAL, 0);
            assert_eq!(exception(entry), if symbol == 256 { Exception::End } else { Exception::Invalid });
            assert_eq!(total_bits(entry), used);
            return;
        }
        assert_eq!(entry & EXCEPTIONAL, 0);
        let ([first, other], count) = literals(entry);
        let mut last = symbol;
        if symbol < 256 {
            assert_eq!((usize::from(first), self.litlen.code_bits(first)), (symbol, used));
            if count == 1 && entry & MATCH == 0 {
                assert_eq!(total_bits(entry), used);
                return;
            }
            let (second, second_bits) = read(&codes, bits >> used).expect("a pair");
            used += second_bits;
            assert!(used <= LOOKUP_BITS as u32, "a pair lies within the bits looked up");
            last = second;
            assert_eq!(entry & MATCH != 0, second > 256);
            if second < 256 {
                assert_eq!((count, usize::from(other), total_bits(entry)), (2, second, used));
                return;
            }
            assert_eq!(count, 1);
        } else {
            assert_eq!(count, 0);
        }
        let (base, extra) = length_of(last);
        assert_eq!(entry & MATCH, MATCH);
        assert_eq!(total_bits(entry), used + extra);
        let value = (bits >> used & ((1 << extra) - 1)) as u32;
        assert_eq!(match_length(entry, bits) as u32, base + value);
    }

    fn check_distance(&self, lengths: &[u8; DISTANCE_SYMBOLS], bits: u64) {
        let mut entry = self.distance_main[bits as usize % (1 << self.bits[1])];
        if entry & EXCEPTIONAL != 0
            && let Exception::Subtable { index, width } = exception(entry)
        {
            entry = self.distance.in_subtable(index, width, bits);
        }
        assert_eq!(entry & MATCH, 0);
        match read(&codes(lengths), bits) {
            Some((symbol, used)) if symbol < 30 => {
                let extra = |s: usize| if s < 4 { 0 } else { (s as u32 - 2) / 2 };
                let base = 1 + (0..symbol).map(|s| 1 << extra(s)).sum::<u32>();
                let value = (bits >> used & ((1 << extra(symbol)) - 1)) as u32;
                assert_eq!((entry & (EXCEPTIONAL | DISTANCE), literals(entry).1), (DISTANCE, 0));
                assert_eq!(total_bits(entry), used + extra(symbol));
                assert_eq!(match_distance(entry, bits) as u32, base + value);
            }
            _ => {
                assert_ne!(entry & EXCEPTIONAL, 0);
                assert_eq!(exception(entry), Exception::Invalid);
            }
        }
    }
}

#[test]
fn complete_codes_of_every_shape_decode_as_bit_by_bit() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut both = Both::new();
    for round in 0..120 {
        let mut lengths = [0; LITLEN_SYMBOLS];
        let most = if round % 3 == 0 { 287 } else { 40 };
        let count = 2 + numbers.below(most);
        let skew = numbers.below(4);
        numbers.complete(&mut lengths, count, skew);
        assert_eq!(both.build_litlen(&lengths, round % 2 == 0), Ok(()));
        let mut distance_lengths = [0; DISTANCE_SYMBOLS];
        let count = 2 + numbers.below(31);
        numbers.complete(&mut distance_lengths, count, skew);
        assert_eq!(both.build_distance(&distance_lengths), Ok(()));
        for low in 0..400u64 {
            let [high, middle] = [32, 12].map(|place| (numbers.below(1 << 20) as u64) << place);
            let bits = high | middle | (low * 10);
            both.check_litlen(&lengths, bits);
            both.check_distance(&distance_lengths, bits);
        }
    }
}

#[test]
fn arbitrary_lengths_get_the_verdict_of_zlib() {
    let mut numbers = Numbers(42);
    let mut both = Both::new();
    for round in 0..20_000 {
        let (mut lengths, mut distance_lengths) = ([0; LITLEN_SYMBOLS], [0; DISTANCE_SYMBOLS]);
        if round % 2 == 0 {
            // A complete code with one length changed.
            let count = 2 + numbers.below(60);
            numbers.complete(&mut lengths, count, 2);
            let count = 2 + numbers.below(31);
            numbers.complete(&mut distance_lengths, count, 2);
            lengths[numbers.below(LITLEN_SYMBOLS)] = numbers.below(16) as u8;
            distance_lengths[numbers.below(DISTANCE_SYMBOLS)] = numbers.below(16) as u8;
        } else {
            for _ in 0..numbers.below(6) {
                lengths[numbers.below(LITLEN_SYMBOLS)] = numbers.below(4) as u8;
                distance_lengths[numbers.below(DISTANCE_SYMBOLS)] = numbers.below(4) as u8;
            }
        }
        assert_eq!(both.build_litlen(&lengths, round % 4 < 2), expected(&lengths, false), "{lengths:?}");
        assert_eq!(both.build_distance(&distance_lengths), expected(&distance_lengths, true));
    }
}

#[test]
fn single_and_missing_codes_are_invalid_where_they_are_missing() {
    let mut both = Both::new();
    let mut lengths = [0; LITLEN_SYMBOLS];
    lengths[END_OF_BLOCK] = 1;
    assert_eq!(both.build_litlen(&lengths, true), Ok(()));
    let mut distance_lengths = [0; DISTANCE_SYMBOLS];
    for used in [false, true] {
        distance_lengths[3] = u8::from(used);
        assert_eq!(both.build_distance(&distance_lengths), Ok(()));
        for bits in 0..1 << 12 {
            both.check_litlen(&lengths, bits);
            both.check_distance(&distance_lengths, bits);
        }
    }
}

#[test]
fn code_length_code_must_be_complete() {
    let mut table = CodeLengthTable::new();
    let mut lengths = [0; CODE_LENGTH_SYMBOLS];
    assert_eq!(table.build(&lengths), Err(CodeError::Incomplete));
    lengths[18] = 1;
    assert_eq!(table.build(&lengths), Err(CodeError::Incomplete));
    lengths[0] = 1;
    assert_eq!(table.build(&lengths), Ok(()));
    let (none, many) = (table.get(0b00), table.get(0b11));
    assert_eq!((none.total_bits(), none.length(), none.repeat(0b00)), (1, 0, 1));
    assert_eq!((many.total_bits(), many.length(), many.repeat(0b11), many.repeat(0b1111)), (8, 0, 12, 18));
    lengths[7] = 7;
    assert_eq!(table.build(&lengths), Err(CodeError::OverSubscribed));
    let mut numbers = Numbers(7);
    for _ in 0..200 {
        let mut lengths = [0; CODE_LENGTH_SYMBOLS];
        let mut leaves = alloc::vec![1u8, 1];
        for _ in 0..numbers.below(17) {
            let at = numbers.below(leaves.len());
            if leaves[at] < 7 {
                leaves[at] += 1;
                leaves.push(leaves[at]);
            }
        }
        lengths[..leaves.len()].copy_from_slice(&leaves);
        lengths.rotate_right(numbers.below(CODE_LENGTH_SYMBOLS));
        assert_eq!(table.build(&lengths), Ok(()));
        let codes = codes(&lengths);
        for bits in 0..128 {
            let (symbol, code_bits) = read(&codes, bits).expect("a complete code");
            // RFC 1951, 3.2.7: how many lengths, which, and how many extra bits that number has.
            let (least, last, length, extra) = match symbol {
                16 => (3, true, 0, 2),
                17 => (3, false, 0, 3),
                18 => (11, false, 0, 7),
                length => (1, false, length, 0),
            };
            for more in 0..1u64 << extra {
                let bits = bits % (1 << code_bits) | more << code_bits | u64::MAX << (code_bits + extra);
                let entry = table.get(bits);
                assert_eq!(
                    (entry.total_bits(), entry.repeat(bits)),
                    (code_bits + extra, least + more as usize)
                );
                assert_eq!((entry.repeats_last(), usize::from(entry.length())), (last, length));
            }
        }
    }
}
