//! One block: the exact cost of sending it stored, with the fixed codes and with codes of its own; the cheapest is
//! written (RFC 1951, 3.2.3 to 3.2.7).

use crate::arch::{Isa, Kernel, Simd};
use crate::bits::fragment::Fragment;
use crate::bits::writer::{BitWriter, FLUSH_BITS};
use crate::huffman::code_lengths::Header;
use crate::huffman::codes::{PackedCode, canonical_codes};
use crate::huffman::lengths::code_lengths;
use crate::huffman::{DISTANCE_SYMBOLS, END_OF_BLOCK, LITLEN_SYMBOLS, MAX_CODE_BITS};
use crate::lz77::histogram::Histogram;
use crate::lz77::sequence::Sequence;
use crate::lz77::symbols::{
    DISTANCE_SLOTS, LENGTH_BASE, LENGTH_EXTRA_BITS, LENGTH_SYMBOL, distance_extra_bits, distance_slot,
    slot_symbol,
};

/// The most bytes a stored block holds.
pub(crate) const MAX_STORED_BYTES: usize = 65_535;

/// Bits of a stored block beside its data, with the most padding it can need: header, padding, LEN, NLEN.
const STORED_HEADER_BITS: u64 = 3 + 7 + 32;

// Between two flushes: three literals, or a length and a distance with their extra bits.
const _: () = assert!(3 * MAX_CODE_BITS <= FLUSH_BITS && 2 * MAX_CODE_BITS + 5 + 13 <= FLUSH_BITS);

/// The code lengths of both alphabets.
struct Lengths {
    litlen: [u8; LITLEN_SYMBOLS],
    distance: [u8; DISTANCE_SYMBOLS],
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

/// The lengths of the fixed codes for the symbols that occur.
const FIXED: Lengths = {
    let (litlen, _) = FIXED_LITLEN.split_at(LITLEN_SYMBOLS);
    match litlen.first_chunk() {
        Some(litlen) => Lengths { litlen: *litlen, distance: [5; DISTANCE_SYMBOLS] },
        None => unreachable!(),
    }
};

impl Lengths {
    /// The best codes for `histogram`.
    fn best(histogram: &Histogram) -> Self {
        let mut best = Self { litlen: [0; LITLEN_SYMBOLS], distance: [0; DISTANCE_SYMBOLS] };
        code_lengths(&histogram.litlen, MAX_CODE_BITS, &mut best.litlen);
        code_lengths(&histogram.distance, MAX_CODE_BITS, &mut best.distance);
        best
    }

    /// Bits of all symbols, without extra bits. A chunk has fewer than 2^32.
    fn bits(&self, histogram: &Histogram) -> u64 {
        let dot = |counts: &[u32], lengths: &[u8]| -> u32 {
            counts.iter().zip(lengths).map(|(&n, &l)| n * u32::from(l)).sum()
        };
        u64::from(dot(&histogram.litlen, &self.litlen) + dot(&histogram.distance, &self.distance))
    }
}

/// Appends `sequences` and the literals after them to `out` as one block, or as several if it is stored.
/// `fixed_codes` are kept by the caller: they would take as long to make as all else of a small block.
pub(crate) fn write(
    sequences: &[Sequence],
    input: &[u8],
    histogram: &mut Histogram,
    is_final: bool,
    isa: Isa,
    fixed_codes: &Codes,
    out: &mut Fragment,
) {
    histogram.litlen[END_OF_BLOCK] = 1;
    let extra = histogram.extra_bits();
    let best = Lengths::best(histogram);
    let header = Header::new(&best.litlen, &best.distance);
    let dynamic = 3 + u64::from(header.bits()) + best.bits(histogram) + extra;
    let fixed = 3 + FIXED.bits(histogram) + extra;
    let stored_blocks = input.len().div_ceil(MAX_STORED_BYTES).max(1) as u64;
    let stored = stored_blocks * STORED_HEADER_BITS + 8 * input.len() as u64;

    if stored <= dynamic && stored <= fixed {
        write_stored(input, is_final, out);
        return;
    }
    let mut writer = BitWriter::new(out, dynamic.min(fixed));
    let own;
    let codes = if dynamic < fixed {
        writer.put(u64::from(is_final) | 2 << 1, 3);
        header.write(&mut writer);
        own = Codes::new(&best.litlen, &best.distance);
        &own
    } else {
        writer.put(u64::from(is_final) | 1 << 1, 3);
        fixed_codes
    };
    isa.call(Symbols { sequences, input, codes, writer }).finish(out);
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

/// Codes ready for emission.
#[derive(Debug)]
pub(crate) struct Codes {
    litlen: [PackedCode; LITLEN_SYMBOLS],
    /// Length symbol with its extra bits, by length less 3.
    length: [PackedCode; 256],
    /// By slot of the distance.
    distance: [DistanceCode; DISTANCE_SLOTS],
}

/// A distance symbol packed for emission. Its extra bits are the low bits of the distance less 1.
///
/// ```text
/// bits 30..16  code, bit-reversed
/// bits 15..8   bits of the code
/// bits  7..0   bits of the code and of the extra bits
/// ```
type DistanceCode = u32;

impl Codes {
    /// The fixed codes.
    pub(crate) fn fixed() -> Self {
        Self::new(&FIXED_LITLEN, &FIXED.distance)
    }

    fn new(litlen: &[u8], distance: &[u8]) -> Self {
        let mut codes = Self { litlen: [0; LITLEN_SYMBOLS], length: [0; 256], distance: [0; DISTANCE_SLOTS] };
        canonical_codes(litlen, &mut codes.litlen);
        let mut packed = [0; DISTANCE_SYMBOLS];
        canonical_codes(distance, &mut packed);
        for (symbol, code) in packed.iter_mut().enumerate() {
            let bits = *code & 0xff;
            *code = *code >> 8 << 16 | bits << 8 | (bits + distance_extra_bits(symbol));
        }
        for (slot, code) in codes.distance.iter_mut().enumerate() {
            *code = packed[slot_symbol(slot)];
        }
        for (length, code) in codes.length.iter_mut().enumerate() {
            let symbol = usize::from(LENGTH_SYMBOL[length]);
            let packed = codes.litlen[END_OF_BLOCK + 1 + symbol];
            let extra = (length - usize::from(LENGTH_BASE[symbol])) as u32;
            *code = (packed | extra << (8 + (packed & 0xff))) + u32::from(LENGTH_EXTRA_BITS[symbol]);
        }
        codes
    }
}

/// Writes the symbols of a block and its end.
///
/// The codes of three literals, or of a length and its distance, are joined before they are added, so that one sequence
/// waits for the one before it twice and not five times.
struct Symbols<'a> {
    sequences: &'a [Sequence],
    input: &'a [u8],
    codes: &'a Codes,
    writer: BitWriter,
}

impl Kernel for Symbols<'_> {
    type Output = BitWriter;

    #[inline(always)]
    fn run<S: Simd>(self) -> BitWriter {
        let Self { sequences, input, codes, mut writer } = self;
        let mut rest = input;
        for &sequence in sequences {
            let literals = sequence.literals();
            let (here, tail) = rest.split_at(sequence.bytes());
            rest = tail;
            if !sequence.has_match() {
                add_literals(here, codes, &mut writer);
                continue;
            }
            // Behind the literals stand three bytes or more, so every group of three that holds a literal is there.
            let (mut left, mut literals) = (literals, here);
            while let [a, b, c, others @ ..] = literals {
                let code = |literal: u8, at| codes.litlen[usize::from(literal)] & mask(left, at);
                add_three(code(*a, 0), code(*b, 1), code(*c, 2), &mut writer);
                if left <= 3 {
                    break;
                }
                (left, literals) = (left - 3, others);
            }
            let length = codes.length[sequence.length_code()];
            let distance = sequence.distance_code();
            let code = codes.distance[distance_slot(distance)];
            let (code_bits, bits) = (code >> 8 & 0xff, code & 0xff);
            let extra = distance as u64 & ((1 << (bits - code_bits)) - 1);
            let code = u64::from(code >> 16) | extra << code_bits;
            writer.add(u64::from(length >> 8) | code << (length & 0x3f), length + bits);
            writer.flush();
        }
        add_literals(rest, codes, &mut writer);
        let end = codes.litlen[END_OF_BLOCK];
        writer.put(u64::from(end >> 8), end & 0xff);
        writer
    }
}

/// All bits if `at` of a group of three is among `left` literals, else none. Most runs have no more than three literals,
/// in no order a processor could predict, so this is read from a table, which a compiler cannot turn into a branch.
#[inline(always)]
fn mask(left: usize, at: usize) -> u32 {
    static MASKS: [u32; 8] = [0, 0, 0, !0, !0, !0, 0, 0];
    MASKS[(2 + left.min(3) - at) & 7]
}

/// Adds three codes of literals and flushes.
#[inline(always)]
fn add_three(a: PackedCode, b: PackedCode, c: PackedCode, writer: &mut BitWriter) {
    let ab = u64::from(a >> 8) | u64::from(b >> 8) << (a & 0x3f);
    let ab_bits = a.wrapping_add(b);
    writer.add(ab | u64::from(c >> 8) << (ab_bits & 0x3f), ab_bits.wrapping_add(c));
    writer.flush();
}

/// Adds literals, with a flush behind the last.
#[inline(always)]
fn add_literals(literals: &[u8], codes: &Codes, writer: &mut BitWriter) {
    let code = |literal: &u8| codes.litlen[usize::from(*literal)];
    let mut rest = literals;
    while let [a, b, c, tail @ ..] = rest {
        add_three(code(a), code(b), code(c), writer);
        rest = tail;
    }
    match rest {
        [a, b, ..] => add_three(code(a), code(b), 0, writer),
        [a] => add_three(code(a), 0, 0, writer),
        [] => {}
    }
}
