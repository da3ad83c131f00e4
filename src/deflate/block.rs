//! One block: the exact cost of sending it stored, with the fixed codes and with codes of its own; the cheapest is
//! written (RFC 1951, 3.2.3 to 3.2.7).

use crate::arch::{
    BASE, Entry, GROUP, Isa, Kernel, MAX_JOINED_BITS, MAX_PAIR_BITS, SLOTS, Simd, Slot, Table,
};
use crate::bits::fragment::Fragment;
use crate::bits::writer::{BitWriter, FLUSH_BITS};
use crate::huffman::code_lengths::Header;
use crate::huffman::codes::{PackedCode, canonical_codes};
use crate::huffman::lengths::code_lengths;
use crate::huffman::{DISTANCE_SYMBOLS, END_OF_BLOCK, LITLEN_SYMBOLS, MAX_CODE_BITS};
use crate::lz77::histogram::Histogram;
use crate::lz77::symbols::{LENGTH_BASE, LENGTH_EXTRA_BITS, distance_extra_bits, slots_of};
use crate::lz77::tokens::{FIRST_LENGTH, Piece, Tokens};
use core::ops::Range;

/// The most bytes a stored block holds.
pub(crate) const MAX_STORED_BYTES: usize = 65_535;

/// Bits of a stored block beside its data, with the most padding it can need: header, padding, LEN, NLEN.
const STORED_HEADER_BITS: u64 = 3 + 7 + 32;

// Two tokens: a length and a distance with their extra bits.
const _: () = assert!(2 * MAX_CODE_BITS + 5 + 13 <= MAX_PAIR_BITS && MAX_JOINED_BITS <= FLUSH_BITS);

/// The code lengths of both alphabets.
struct Lengths {
    litlen: [u8; LITLEN_SYMBOLS],
    distance: [u8; DISTANCE_SYMBOLS],
    /// Bits of all symbols, without extra bits.
    bits: u64,
}

/// The fixed literal/length code (RFC 1951, 3.2.6). Symbols 286 and 287 never occur but take part in its construction.
const FIXED_LITLEN: [u8; LITLEN_SYMBOLS + 2] = {
    let mut litlen = [8u8; LITLEN_SYMBOLS + 2];
    let mut symbol = 144;
    while symbol < 280 {
        litlen[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    litlen
};

/// The fixed distance code.
const FIXED_DISTANCE: [u8; DISTANCE_SYMBOLS] = [5; DISTANCE_SYMBOLS];

/// Bits of all symbols of `histogram` in the fixed codes, without extra bits.
fn fixed_bits(histogram: &Histogram) -> u64 {
    let sum = |counts: &[u32]| u64::from(counts.iter().sum::<u32>());
    let litlen = &histogram.litlen;
    8 * sum(litlen) + sum(&litlen[144..256]) - sum(&litlen[256..280]) + 5 * sum(&histogram.distance)
}

impl Lengths {
    /// The best codes for `histogram`.
    fn best(histogram: &Histogram) -> Self {
        let mut best = Self { litlen: [0; LITLEN_SYMBOLS], distance: [0; DISTANCE_SYMBOLS], bits: 0 };
        best.bits = code_lengths(&histogram.litlen, MAX_CODE_BITS, &mut best.litlen)
            + code_lengths(&histogram.distance, MAX_CODE_BITS, &mut best.distance);
        best
    }
}

/// Appends the pieces of a block, which stand for a range of `chunk`, to `out` as one block, or as several if it is stored.
/// The fixed codes and room for others are kept by the caller: in a small block they would take as long to make as all else.
pub(crate) fn write(
    (tokens, pieces): (&Tokens, &[Piece]),
    (chunk, range): (&[u8], Range<usize>),
    histogram: &mut Histogram,
    is_final: bool,
    isa: Isa,
    [fixed_codes, own]: &mut [Codes; 2],
    out: &mut Fragment,
) {
    let input = &chunk[range.clone()];
    histogram.litlen[END_OF_BLOCK] = 1;
    let extra = histogram.extra_bits();
    let best = Lengths::best(histogram);
    let header = Header::new(&best.litlen, &best.distance);
    let dynamic = 3 + u64::from(header.bits()) + best.bits + extra;
    let fixed = 3 + fixed_bits(histogram) + extra;
    let stored_blocks = input.len().div_ceil(MAX_STORED_BYTES).max(1) as u64;
    let stored = stored_blocks * STORED_HEADER_BITS + 8 * input.len() as u64;

    if stored <= dynamic && stored <= fixed {
        write_stored(input, is_final, out);
        return;
    }
    let mut writer = BitWriter::new(out, dynamic.min(fixed));
    let codes = if dynamic < fixed {
        writer.put(u64::from(is_final) | 2 << 1, 3);
        header.write(&mut writer);
        own.set(&best.litlen, &best.distance);
        own
    } else {
        writer.put(u64::from(is_final) | 1 << 1, 3);
        fixed_codes
    };
    let table = &codes.table;
    let mut from = range.start;
    for piece in pieces {
        let input = &chunk[from..piece.input_end];
        writer =
            tokens.fold(piece, input, writer, |writer, tokens| isa.call(Symbols { tokens, table, writer }));
        from = piece.input_end;
    }
    writer.put(u64::from(codes.end >> 8), codes.end & 0xff);
    writer.finish(out);
}

/// Appends `input` to `out` as stored blocks; empty input makes one empty block.
pub(crate) fn write_stored(input: &[u8], is_final: bool, out: &mut Fragment) {
    let blocks = input.len().div_ceil(MAX_STORED_BYTES).max(1);
    let mut writer = BitWriter::new(out, 8 * input.len() as u64 + blocks as u64 * STORED_HEADER_BITS);
    for block in 0..blocks {
        let data = &input[block * MAX_STORED_BYTES..input.len().min((block + 1) * MAX_STORED_BYTES)];
        let len = data.len() as u16;
        writer.put(u64::from(is_final && block + 1 == blocks), 3);
        let padded_at = writer.align();
        out.align.get_or_insert(padded_at);
        writer.put(u64::from(len) | u64::from(!len) << 16, 32);
        writer.put_bytes(data);
    }
    writer.finish(out);
}

/// Codes ready for emission: what is written for each token, and the end of the block.
#[derive(Debug)]
pub(crate) struct Codes {
    table: Table,
    end: PackedCode,
}

impl Codes {
    /// No codes yet.
    pub(crate) fn new() -> Self {
        Self { table: [Entry::default(); SLOTS], end: 0 }
    }

    /// The fixed codes.
    pub(crate) fn fixed() -> Self {
        let mut codes = Self::new();
        codes.set(&FIXED_LITLEN, &FIXED_DISTANCE);
        codes
    }

    /// Makes the codes of these lengths. Slots without a code, of which no block has a token, keep what they have.
    fn set(&mut self, litlen: &[u8], distance: &[u8]) {
        let Self { table, end } = self;
        let mut codes = [0; LITLEN_SYMBOLS];
        canonical_codes(litlen, &mut codes);
        for (entry, &code) in table.iter_mut().zip(&codes[..END_OF_BLOCK]) {
            *entry = Entry::new(code >> 8, code & 0xff, 0);
        }
        let lengths = &mut table[FIRST_LENGTH.into()..BASE.into()];
        for (symbol, &code) in codes[END_OF_BLOCK + 1..].iter().enumerate().filter(|&(_, &code)| code != 0) {
            let end = LENGTH_BASE.get(symbol + 1).map_or(lengths.len(), |&next| next.into());
            let (code, bits) = unpack(code);
            let all_bits = bits + u32::from(LENGTH_EXTRA_BITS[symbol]);
            for (extra, entry) in lengths[LENGTH_BASE[symbol].into()..end].iter_mut().enumerate() {
                *entry = Entry::new(code | (extra as u32) << bits, all_bits, 0);
            }
        }
        *end = codes[END_OF_BLOCK];
        let mut codes = [0; DISTANCE_SYMBOLS];
        canonical_codes(distance, &mut codes);
        let mut rest = &mut table[BASE.into()..];
        for (symbol, &code) in codes.iter().enumerate() {
            let (these, others) = rest.split_at_mut(slots_of(symbol));
            let (code, bits) = unpack(code);
            these.fill(Entry::new(code, bits, distance_extra_bits(symbol)));
            rest = others;
        }
    }
}

/// A code and how many bits it has.
fn unpack(code: PackedCode) -> (u32, u32) {
    (code >> 8, code & 0xff)
}

/// Writes the symbols of a piece.
struct Symbols<'a> {
    tokens: &'a [u16],
    table: &'a Table,
    writer: BitWriter,
}

/// Tokens whose slots are found before the first is written.
const BATCH: usize = 16 * GROUP;

impl Kernel for Symbols<'_> {
    type Output = BitWriter;

    #[inline(always)]
    fn run<S: Simd>(self) -> BitWriter {
        let Self { tokens, table, mut writer } = self;
        let mut slots = [Slot::default(); BATCH];
        for batch in tokens.chunks(BATCH) {
            slots.iter_mut().zip(batch).for_each(|(slot, &token)| *slot = Slot::of(token));
            let (groups, rest) = batch.as_chunks::<GROUP>();
            let (slot_groups, _) = slots.as_chunks::<GROUP>();
            for (group, slots) in groups.iter().zip(slot_groups) {
                let joined = S::join(table, group, slots);
                let mut add = |i: usize| {
                    writer.add(joined.words[i], joined.bits[i] as u32);
                    writer.flush();
                };
                if joined.is_short {
                    [0, 2, 4, 6].into_iter().for_each(add);
                } else {
                    (0..GROUP / 2).for_each(&mut add);
                }
            }
            for &token in rest {
                let (bits, count) = table[Slot::of(token).index()].bits(token);
                writer.add(bits, count);
                writer.flush();
            }
        }
        writer
    }
}
