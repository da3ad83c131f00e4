//! The header of a dynamic block: two lists of code lengths, run-length coded and Huffman coded (RFC 1951, 3.2.7).
//!
//! ```text
//! HLIT:5 HDIST:5 HCLEN:4 | (HCLEN + 4) x 3 bits: lengths of the code length code, in a fixed odd order
//!                        | the code lengths of litlen and distance symbols as one list, so that runs may cross
//! 0..=15 a length   16 + 2 bits: previous length 3..=6 times   17 + 3 bits: 3..=10 zeros   18 + 7 bits: 11..=138 zeros
//! ```

use super::codes::{PackedCode, canonical_codes};
use super::lengths::code_lengths;
use super::{CODE_LENGTH_SYMBOLS, DISTANCE_SYMBOLS, LITLEN_SYMBOLS, MAX_CODE_LENGTH_CODE_BITS};
use crate::bits::writer::{BitWriter, FLUSH_BITS};

/// The order in which the lengths of the code length code are sent: likely ones first, so that the tail can be cut.
pub(crate) const CODE_LENGTH_ORDER: [u8; CODE_LENGTH_SYMBOLS] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Bytes compared at once.
const WORD: usize = 8;
/// What ends every run.
const NO_LENGTH: u8 = 0xff;

/// How many bytes at the start of `bytes`, behind which are [`WORD`] that differ, are the same.
#[inline(always)]
fn first_run(bytes: &[u8]) -> usize {
    let mut run = 0;
    while let Some(word) = bytes[run..].first_chunk() {
        let differing = u64::from_le_bytes(*word) ^ u64::from(bytes[0]) * 0x0101_0101_0101_0101;
        run += differing.trailing_zeros() as usize / 8;
        if differing != 0 {
            break;
        }
    }
    run
}

/// Extra bits after a code length symbol.
const fn extra_bits(symbol: usize) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

/// One for each code length, and room for three that do not count.
const MOST_ITEMS: usize = LITLEN_SYMBOLS + DISTANCE_SYMBOLS + 3;

/// Items between two flushes of the writer.
const BATCH: usize = 4;
const _: () = assert!(BATCH as u32 * (MAX_CODE_LENGTH_CODE_BITS + 7) <= FLUSH_BITS);

/// A dynamic block's header, ready to be priced and written.
pub(crate) struct Header {
    /// `symbol | extra << 8` of each item of the run-length coded list.
    items: [u16; MOST_ITEMS],
    item_count: usize,
    litlen_count: usize,
    distance_count: usize,
    code_lengths: [u8; CODE_LENGTH_SYMBOLS],
    sent: usize,
    bits: u32,
}

impl Header {
    /// The header that sends these code lengths; trailing unused symbols are cut.
    pub(crate) fn new(litlen: &[u8; LITLEN_SYMBOLS], distance: &[u8; DISTANCE_SYMBOLS]) -> Self {
        let used = |lengths: &[u8], least| {
            lengths.iter().rposition(|&l| l > 0).map_or(least, |at| (at + 1).max(least))
        };
        let (litlen_count, distance_count) = (used(litlen, 257), used(distance, 1));
        let mut list = [NO_LENGTH; LITLEN_SYMBOLS + DISTANCE_SYMBOLS + WORD];
        list[..litlen_count].copy_from_slice(&litlen[..litlen_count]);
        list[litlen_count..litlen_count + distance_count].copy_from_slice(&distance[..distance_count]);

        let mut header = Self {
            items: [0; MOST_ITEMS],
            item_count: 0,
            litlen_count,
            distance_count,
            code_lengths: [0; CODE_LENGTH_SYMBOLS],
            sent: 0,
            bits: 0,
        };
        let frequencies = header.run_lengths(&list, litlen_count + distance_count);
        code_lengths(&frequencies, MAX_CODE_LENGTH_CODE_BITS, &mut header.code_lengths);
        let last = CODE_LENGTH_ORDER.iter().rposition(|&symbol| header.code_lengths[usize::from(symbol)] > 0);
        header.sent = last.map_or(4, |at| (at + 1).max(4));
        header.bits = 5 + 5 + 4 + 3 * header.sent as u32;
        for (symbol, &frequency) in frequencies.iter().enumerate() {
            header.bits += frequency * (u32::from(header.code_lengths[symbol]) + extra_bits(symbol));
        }
        header
    }

    /// Size in bits, without the three bits of the block header.
    pub(crate) fn bits(&self) -> u32 {
        self.bits
    }

    /// Writes the header after the block type.
    pub(crate) fn write(&self, out: &mut BitWriter) {
        out.put(self.litlen_count as u64 - 257, 5);
        out.put(self.distance_count as u64 - 1, 5);
        out.put(self.sent as u64 - 4, 4);
        for &symbol in &CODE_LENGTH_ORDER[..self.sent] {
            out.put(u64::from(self.code_lengths[usize::from(symbol)]), 3);
        }
        let mut codes: [PackedCode; CODE_LENGTH_SYMBOLS] = [0; CODE_LENGTH_SYMBOLS];
        canonical_codes(&self.code_lengths, &mut codes);
        let more: [u32; CODE_LENGTH_SYMBOLS] = core::array::from_fn(extra_bits);
        for batch in self.items[..self.item_count].chunks(BATCH) {
            for &item in batch {
                let symbol = usize::from(item & 0xff);
                let (code, bits) = (codes[symbol] >> 8, codes[symbol] & 0xff);
                out.add(u64::from(code) | u64::from(item >> 8) << bits, bits + more[symbol]);
            }
            out.flush();
        }
    }

    fn push(&mut self, symbol: u16, extra: usize) {
        self.items[self.item_count] = symbol | (extra as u16) << 8;
        self.item_count += 1;
    }

    /// Codes the first `count` of `list` as runs; returns how often each code length symbol occurs. Behind them is
    /// [`NO_LENGTH`].
    fn run_lengths(&mut self, list: &[u8], count: usize) -> [u32; CODE_LENGTH_SYMBOLS] {
        let mut rest = list;
        while rest.len() > list.len() - count
            && let Some(&length) = rest.first()
        {
            let mut run = first_run(rest);
            rest = &rest[run..];
            if length == 0 {
                while run >= 11 {
                    let zeros = run.min(138);
                    self.push(18, zeros - 11);
                    run -= zeros;
                }
                if run >= 3 {
                    self.push(17, run - 3);
                    run = 0;
                }
            } else if run >= 4 {
                self.push(length.into(), 0);
                run -= 1;
                while run >= 3 {
                    // 6 + 1 or 6 + 2 would leave single lengths: cut 7 and 8 into two repeats.
                    let repeat = match run {
                        7 => 4,
                        8 => 5,
                        _ => run.min(6),
                    };
                    self.push(16, repeat - 3);
                    run -= repeat;
                }
            }
            // Three at most, put without a branch on how many.
            if let Some(items) = self.items[self.item_count..].first_chunk_mut::<3>() {
                *items = [length.into(); 3];
            }
            self.item_count += run;
        }
        let mut frequencies = [0; CODE_LENGTH_SYMBOLS];
        for &item in &self.items[..self.item_count] {
            frequencies[usize::from(item & 0xff)] += 1;
        }
        frequencies
    }
}
