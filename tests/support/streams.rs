//! Making DEFLATE streams, valid ones and others, field by field.

extern crate alloc;

use self::alloc::vec;
use self::alloc::vec::Vec;

/// Writes bits as RFC 1951, 3.1.1 packs them.
#[derive(Default)]
pub(crate) struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    /// Appends a number, lowest bit first.
    pub(crate) fn number(&mut self, value: u32, count: usize) {
        for i in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= (value >> i & 1) as u8 * (1 << (self.used % 8));
            self.used += 1;
        }
    }

    /// Appends a code, highest bit first.
    pub(crate) fn code(&mut self, (code, length): (u32, usize)) {
        (0..length).rev().for_each(|i| self.number(code >> i & 1, 1));
    }

    /// Appends zeros up to a byte boundary.
    pub(crate) fn align(&mut self) {
        self.used = self.used.next_multiple_of(8);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.align();
        self.bytes.extend_from_slice(bytes);
        self.used += 8 * bytes.len();
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// A stream of the fields written like `"1 10 | 0000000"`: each group of digits is a number in binary (highest bit first,
/// as it is read by people), `<` before a group marks a code, which is stored from its highest bit; `x12` is a byte in
/// hexadecimal at the next byte boundary; `|` is for the eye.
pub(crate) fn fields(text: &str) -> Vec<u8> {
    let mut bits = Bits::default();
    for field in text.split_whitespace().filter(|&field| field != "|") {
        if let Some(byte) = field.strip_prefix('x') {
            bits.bytes(&[u8::from_str_radix(byte, 16).unwrap()]);
        } else if let Some(code) = field.strip_prefix('<') {
            bits.code((u32::from_str_radix(code, 2).unwrap(), code.len()));
        } else {
            bits.number(u32::from_str_radix(field, 2).unwrap(), field.len());
        }
    }
    bits.finish()
}

/// Numbers that look random (xorshift), the same in every run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % bound
    }

    /// Lengths of a complete code with `count` (2 or more) codes, among them one for each of `needed`. The higher
    /// `skew` (0..=3), the longer the longest codes.
    pub(crate) fn complete_code(
        &mut self,
        symbols: usize,
        needed: &[usize],
        count: usize,
        skew: usize,
    ) -> Vec<u8> {
        let mut leaves = vec![1u8, 1];
        while leaves.len() < count {
            let deepest = self.below(4) < skew;
            let at = if deepest { leaves.len() - 1 } else { self.below(leaves.len()) };
            let at = if leaves[at] < 15 { at } else { leaves.iter().position(|&l| l < 15).unwrap() };
            leaves[at] += 1;
            leaves.push(leaves[at]);
        }
        let mut lengths = vec![0; symbols];
        let mut needed = needed.iter();
        while !leaves.is_empty() {
            let leaf = leaves.swap_remove(self.below(leaves.len()));
            let symbol = needed.next().copied().unwrap_or_else(|| {
                loop {
                    let symbol = self.below(symbols);
                    if lengths[symbol] == 0 {
                        break symbol;
                    }
                }
            });
            lengths[symbol] = leaf;
        }
        lengths
    }
}

/// The canonical code of each symbol (RFC 1951, 3.2.2); length 0 where there is none.
pub(crate) fn canonical(lengths: &[u8]) -> Vec<(u32, usize)> {
    let mut codes = vec![(0, 0); lengths.len()];
    let mut next = 0;
    for length in 1..=15 {
        next <<= 1;
        for (symbol, _) in lengths.iter().enumerate().filter(|&(_, &l)| usize::from(l) == length) {
            codes[symbol] = (next, length);
            next += 1;
        }
    }
    codes
}

/// Base and number of extra bits of a length symbol.
pub(crate) fn length_symbol(symbol: usize) -> (usize, usize) {
    let extra = |s: usize| if s < 265 || s == 285 { 0 } else { (s - 261) / 4 };
    if symbol == 285 {
        (258, 0)
    } else {
        (3 + (257..symbol).map(|s| 1 << extra(s)).sum::<usize>(), extra(symbol))
    }
}

/// Base and number of extra bits of a distance symbol.
pub(crate) fn distance_symbol(symbol: usize) -> (usize, usize) {
    let extra = |s: usize| if s < 4 { 0 } else { (s - 2) / 2 };
    (1 + (0..symbol).map(|s| 1 << extra(s)).sum::<usize>(), extra(symbol))
}

/// A valid stream with blocks of all kinds, codes of all shapes and all kinds of matches; and its data.
pub(crate) fn valid_stream(numbers: &mut Numbers, blocks: usize, tokens: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut bits, mut data) = (Bits::default(), Vec::new());
    for block in 0..blocks {
        let kind = numbers.below(6).min(2);
        bits.number(u32::from(block + 1 == blocks), 1);
        bits.number(kind as u32, 2);
        if kind == 0 {
            let stored: Vec<u8> = (0..numbers.below(2 * tokens)).map(|_| numbers.below(256) as u8).collect();
            bits.bytes(&(stored.len() as u16).to_le_bytes());
            bits.bytes(&(!(stored.len() as u16)).to_le_bytes());
            bits.bytes(&stored);
            data.extend_from_slice(&stored);
            continue;
        }
        let (litlen, distance) = if kind == 1 {
            let litlen = (0..288)
                .map(|s| [8, 9, 7, 8][usize::from(s > 143) + usize::from(s > 255) + usize::from(s > 279)]);
            (litlen.collect(), vec![5; 32])
        } else {
            dynamic_header(numbers, &mut bits)
        };
        symbols(numbers, &mut bits, &mut data, &litlen, &distance, tokens);
    }
    (bits.finish(), data)
}

/// Writes the header of a dynamic block with random codes; returns the code lengths.
fn dynamic_header(numbers: &mut Numbers, bits: &mut Bits) -> (Vec<u8>, Vec<u8>) {
    let most = [20, 100, 284][numbers.below(3)];
    let (count, skew) = (2 + numbers.below(most), numbers.below(4));
    let symbols = 257 + numbers.below(30);
    let litlen = numbers.complete_code(symbols, &[256], count.min(257), skew);
    let distance = match numbers.below(8) {
        0 => vec![0],
        1 => vec![0, 0, 1],
        _ => {
            let symbols = 2 + numbers.below(28) + 1;
            let (count, skew) = (2 + numbers.below(symbols - 1), numbers.below(4));
            numbers.complete_code(symbols.min(30), &[], count.min(30).min(symbols), skew)
        }
    };
    code_lengths(numbers, bits, &litlen, &distance);
    (litlen, distance)
}

/// Writes the code lengths of a dynamic block, in one of the many ways.
pub(crate) fn code_lengths(numbers: &mut Numbers, bits: &mut Bits, litlen: &[u8], distance: &[u8]) {
    bits.number(litlen.len() as u32 - 257, 5);
    bits.number(distance.len() as u32 - 1, 5);
    bits.number(15, 4);
    // Thirteen codes of 4 bits and six of 5 are complete.
    let code_lengths: Vec<u8> = (0..19).map(|symbol| if symbol < 13 { 4 } else { 5 }).collect();
    for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
        bits.number(u32::from(code_lengths[symbol]), 3);
    }
    let codes = canonical(&code_lengths);
    let all = [litlen, distance].concat();
    let mut at = 0;
    while at < all.len() {
        let run = all[at..].iter().take_while(|&&l| l == all[at]).count();
        let repeats = numbers.below(4) > 0;
        if repeats && all[at] == 0 && run >= 11 {
            bits.code(codes[18]);
            bits.number(run.min(138) as u32 - 11, 7);
            at += run.min(138);
        } else if repeats && all[at] == 0 && run >= 3 {
            bits.code(codes[17]);
            bits.number(run.min(10) as u32 - 3, 3);
            at += run.min(10);
        } else if repeats && at > 0 && all[at] == all[at - 1] && run >= 3 {
            bits.code(codes[16]);
            bits.number(run.min(6) as u32 - 3, 2);
            at += run.min(6);
        } else {
            bits.code(codes[usize::from(all[at])]);
            at += 1;
        }
    }
}

/// Writes tokens with these codes, and what they mean.
fn symbols(
    numbers: &mut Numbers,
    bits: &mut Bits,
    data: &mut Vec<u8>,
    litlen: &[u8],
    distance: &[u8],
    tokens: usize,
) {
    let (litlen, distance) = (canonical(litlen), canonical(distance));
    let coded = |codes: &[(u32, usize)], from: usize, to: usize| -> Vec<usize> {
        (from..to.min(codes.len())).filter(|&symbol| codes[symbol].1 > 0).collect()
    };
    let (literals, lengths) = (coded(&litlen, 0, 256), coded(&litlen, 257, 286));
    let distances = coded(&distance, 0, 30);
    let matches_in_8 = numbers.below(9);
    for _ in 0..numbers.below(tokens) {
        let near: Vec<usize> =
            distances.iter().copied().filter(|&symbol| distance_symbol(symbol).0 <= data.len()).collect();
        if !lengths.is_empty() && !near.is_empty() && numbers.below(8) < matches_in_8 {
            let symbol = lengths[numbers.below(lengths.len())];
            let (base, extra) = length_symbol(symbol);
            let more = numbers.below(1 << extra);
            bits.code(litlen[symbol]);
            bits.number(more as u32, extra);
            let length = base + more;
            let symbol = near[numbers.below(near.len())];
            let (base, extra) = distance_symbol(symbol);
            let more = numbers.below((1 << extra).min(data.len() - base + 1));
            bits.code(distance[symbol]);
            bits.number(more as u32, extra);
            for _ in 0..length {
                data.push(data[data.len() - base - more]);
            }
        } else if !literals.is_empty() {
            let symbol = literals[numbers.below(literals.len())];
            bits.code(litlen[symbol]);
            data.push(symbol as u8);
        }
    }
    bits.code(litlen[256]);
}

/// Text with repeats at all distances.
pub(crate) fn sample(numbers: &mut Numbers, len: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(len + 300);
    while data.len() < len {
        match numbers.below(4) {
            0 => (0..1 + numbers.below(20)).for_each(|_| data.push(b"etaoin shrdlu"[numbers.below(13)])),
            1 => (0..1 + numbers.below(4)).for_each(|_| data.push(numbers.below(256) as u8)),
            _ if !data.is_empty() => {
                let most = 1 << numbers.below(16);
                let back = 1 + numbers.below(data.len().min(most));
                let most = 1 << numbers.below(8);
                (0..3 + numbers.below(most)).for_each(|_| data.push(data[data.len() - back]));
            }
            _ => {}
        }
    }
    data.truncate(len);
    data
}
