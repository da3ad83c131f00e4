//! Reading the format of `compress` (`.Z`): LZW with codes of growing width.
//!
//! ```text
//! 1f 9d  flags             codes, lowest bit first
//!        |
//!        bits 0-4 widest code (9..=16), 5-6 reserved, 7 block mode: code 256 clears the table
//! ```
//!
//! Codes below 256 are bytes. Each code after the first adds an entry to the table: the string of the code before it
//! and the first byte of its own string. A code may be the entry that it is about to add itself; then its first byte is
//! that of the code before. Codes start 9 bits wide and grow by one when the next entry would not fit, up to the widest;
//! then the table stays as it is, until a clear code empties it.
//!
//! A peculiarity of the first writer is part of the format: codes stand in groups of eight, each as many bytes as a code
//! has bits. When the width changes, be it by growth or by a clear code, the rest of the group is padding.
//!
//! Another: a widest code of 9 bits means 10.
//!
//! The format has no length and no checksum, so a cut is seen only in the header. Bits at the end that are too few for
//! a code are padding.
//!
//! Invariants:
//! 1. A byte is its own entry, of length 1; the entry `c` has a prefix below `c`, and is one longer than that: at most
//!    65280 bytes.
//! 2. Every code that is followed is below `free`, or equal to it and replaced by `before` first.
//!
//! Cost: a step per byte of output, which is at most 65281 bytes for a code. Memory: 320 KiB, and the output waiting.

use super::{Format, Pending};
use crate::error::{Error, ErrorKind};
use alloc::vec;
use alloc::vec::Vec;

/// The first two bytes.
pub const MAGIC: [u8; 2] = [0x1f, 0x9d];

const FIRST_BITS: u32 = 9;
const MOST_BITS: u32 = 16;
const CLEAR: u16 = 256;
const HEADER_BYTES: usize = 3;

/// A decoder of one `.Z` file.
///
/// ```
/// use rigz::{inflate::{Decode, Step}, legacy::lzw::Decoder};
///
/// let mut input: &[u8] = b"\x1f\x9d\x90\x61\xc4\0";
/// let (mut decoder, mut data) = (Decoder::new(), Vec::new());
/// loop {
///     match decoder.decode(&mut input)? {
///         Step::Output => {
///             data.extend_from_slice(decoder.output());
///             decoder.consume(decoder.output().len());
///         }
///         Step::NeedsInput => decoder.end_of_input(),
///         Step::Done => break,
///     }
/// }
/// assert_eq!(data, b"ab");
/// # Ok::<(), rigz::Error>(())
/// ```
pub type Decoder = super::Decoder<Lzw>;

impl Decoder {
    /// A decoder at the start of a file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// What the bytes of a `.Z` file mean.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Lzw {
    header: [u8; HEADER_BYTES],
    header_have: usize,
    widest_bits: u32,
    has_clear: bool,
    /// Input bits not yet used, the next lowest.
    bits: u32,
    count: u32,
    /// Bits of padding to drop before the next code.
    padding: u32,
    /// Bits used of the present group of eight codes.
    group_used: u32,
    code_bits: u32,
    /// The next entry to be added.
    free: u32,
    /// The code before and the first byte of its string; none at the start and after a clear code.
    before: Option<(u16, u8)>,
    /// Of each entry: the one that its string goes on from, its last byte, its length.
    prefix: Vec<u16>,
    last: Vec<u8>,
    length: Vec<u16>,
}

impl Default for Lzw {
    fn default() -> Self {
        Self {
            header: [0; HEADER_BYTES],
            header_have: 0,
            widest_bits: 0,
            has_clear: false,
            bits: 0,
            count: 0,
            padding: 0,
            group_used: 0,
            code_bits: FIRST_BITS,
            free: 0,
            before: None,
            prefix: vec![0; 1 << MOST_BITS],
            last: (0..=255).chain(core::iter::repeat_n(0, (1 << MOST_BITS) - 256)).collect(),
            length: vec![1; 1 << MOST_BITS],
        }
    }
}

impl Format for Lzw {
    fn take(&mut self, byte: u8, at: u64, out: &mut Pending) -> Result<(), Error> {
        if self.header_have < HEADER_BYTES {
            self.header[self.header_have] = byte;
            self.header_have += 1;
            return self.check_header();
        }
        match self.next_code(byte) {
            Some(code) => self.take_code(code, at, out),
            None => Ok(()),
        }
    }

    fn is_complete(&self) -> bool {
        false
    }

    fn may_end(&self) -> bool {
        self.header_have == HEADER_BYTES
    }
}

impl Lzw {
    /// Checks the byte of the header that came last.
    fn check_header(&mut self) -> Result<(), Error> {
        let at = self.header_have - 1;
        if at < MAGIC.len() {
            let is_right = self.header[at] == MAGIC[at];
            return if is_right { Ok(()) } else { Err(Error::new(ErrorKind::NotLzw, 0)) };
        }
        let flags = self.header[at];
        self.widest_bits = u32::from(flags & 0x1f);
        self.has_clear = flags & 0x80 != 0;
        if flags & 0x60 != 0 || !(FIRST_BITS..=MOST_BITS).contains(&self.widest_bits) {
            return Err(Error::new(ErrorKind::InvalidLzwHeader, at as u64));
        }
        self.widest_bits = self.widest_bits.max(FIRST_BITS + 1);
        self.free = self.first_free();
        Ok(())
    }

    fn first_free(&self) -> u32 {
        u32::from(CLEAR) + u32::from(self.has_clear)
    }

    /// The code that `byte` completes, if it does. No code is shorter than a byte, so there is at most one.
    fn next_code(&mut self, byte: u8) -> Option<u16> {
        if self.free >> self.code_bits != 0 && self.code_bits < self.widest_bits {
            self.start_group(self.code_bits + 1);
        }
        self.bits |= u32::from(byte) << self.count;
        self.count += 8;
        let dropped = self.padding.min(self.count);
        self.bits >>= dropped;
        self.count -= dropped;
        self.padding -= dropped;
        if self.count < self.code_bits {
            return None;
        }
        let code = self.bits & ((1 << self.code_bits) - 1);
        self.bits >>= self.code_bits;
        self.count -= self.code_bits;
        self.group_used = (self.group_used + self.code_bits) % (8 * self.code_bits);
        Some(code as u16)
    }

    /// Goes on with codes of another width, after the padding of the present group.
    fn start_group(&mut self, code_bits: u32) {
        if self.group_used != 0 {
            self.padding += 8 * self.code_bits - self.group_used;
        }
        self.group_used = 0;
        self.code_bits = code_bits;
    }

    fn take_code(&mut self, code: u16, at: u64, out: &mut Pending) -> Result<(), Error> {
        if self.has_clear && code == CLEAR {
            self.start_group(FIRST_BITS);
            self.free = self.first_free();
            self.before = None;
            return Ok(());
        }
        let invalid = Error::new(ErrorKind::InvalidLzwCode, at - u64::from(self.count.div_ceil(8)));
        let Some((before, first_before)) = self.before else {
            let byte = u8::try_from(code).map_err(|_| invalid)?;
            self.emit(code, None, out);
            self.before = Some((code, byte));
            return Ok(());
        };
        let first = match u32::from(code).cmp(&self.free) {
            core::cmp::Ordering::Less => self.emit(code, None, out),
            core::cmp::Ordering::Equal => self.emit(before, Some(first_before), out),
            core::cmp::Ordering::Greater => return Err(invalid),
        };
        if self.free >> self.widest_bits == 0 {
            self.prefix[self.free as usize] = before;
            self.last[self.free as usize] = first;
            self.length[self.free as usize] = self.length[usize::from(before)] + 1;
            self.free += 1;
        }
        self.before = Some((code, first));
        Ok(())
    }

    /// Outputs the string of `code`, and `behind` after it. Returns the string's first byte.
    fn emit(&self, mut code: u16, behind: Option<u8>, out: &mut Pending) -> u8 {
        let string = out.room(usize::from(self.length[usize::from(code)]));
        for byte in string.iter_mut().rev() {
            *byte = self.last[usize::from(code)];
            code = self.prefix[usize::from(code)];
        }
        let first = string[0];
        out.put(behind.as_slice());
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], piece: usize) -> Result<Vec<u8>, Error> {
        crate::legacy::tests::decoded::<Lzw>(bytes, piece).map(|(data, _)| data)
    }

    /// A writer of the format, plain and slow: strings in a map, each code's bits pushed one by one.
    fn encoded(data: &[u8], widest_bits: u32, clear_every: usize) -> Vec<u8> {
        use alloc::collections::BTreeMap;
        let mut bits: Vec<bool> = Vec::new();
        let mut group_start = 0;
        let (mut table, mut width) = (BTreeMap::<Vec<u8>, u32>::new(), FIRST_BITS);
        let mut free = 257;
        let mut codes = 0;
        let put = |code: u32, width: u32, bits: &mut Vec<bool>| {
            (0..width).for_each(|bit| bits.push(code >> bit & 1 != 0));
        };
        let pad = |width: u32, bits: &mut Vec<bool>, group_start: &mut usize| {
            let group = 8 * width as usize;
            let used = (bits.len() - *group_start) % group;
            if used != 0 {
                bits.resize(bits.len() + group - used, false);
            }
            *group_start = bits.len();
        };
        let code_of = |table: &BTreeMap<Vec<u8>, u32>, string: &[u8]| match string {
            [byte] => Some(u32::from(*byte)),
            _ => table.get(string).copied(),
        };
        let mut at = 0;
        while at < data.len() {
            let mut end = at + 1;
            while end < data.len() && code_of(&table, &data[at..=end]).is_some() {
                end += 1;
            }
            put(code_of(&table, &data[at..end]).expect("in the table"), width, &mut bits);
            codes += 1;
            // The reader adds an entry one code later, so its width grows one code later too.
            if codes > 1 && free < 1 << widest_bits {
                free += 1;
            }
            if end < data.len() && 257 + table.len() < 1 << widest_bits {
                let entry = 257 + table.len() as u32;
                table.insert(data[at..=end].to_vec(), entry);
            }
            at = end;
            if codes == clear_every {
                put(256, width, &mut bits);
                pad(width, &mut bits, &mut group_start);
                table.clear();
                (width, free, codes) = (FIRST_BITS, 257, 0);
            } else if free >> width != 0 && width < widest_bits {
                pad(width, &mut bits, &mut group_start);
                width += 1;
            }
        }
        let mut out = vec![MAGIC[0], MAGIC[1], 0x80 | widest_bits as u8];
        out.extend(
            bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, &bit| sum << 1 | u8::from(bit))),
        );
        out
    }

    fn sample(len: usize) -> Vec<u8> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 30) as u8
        };
        (0..len).map(|i| if i % 5000 < 2000 { b'r' } else { b'a' + next() }).collect()
    }

    #[test]
    fn every_width_every_cut_and_clear_codes() {
        let data = sample(400_000);
        for widest_bits in [10, 12, 16] {
            for clear_every in [usize::MAX, 3, 5000] {
                let file = encoded(&data, widest_bits, clear_every);
                for piece in [1, 7, 1 << 20] {
                    assert!(
                        decoded(&file, piece).expect("valid") == data,
                        "{widest_bits} bits, {clear_every}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_clear_code_at_the_end_and_nothing_at_all() {
        assert_eq!(decoded(b"\x1f\x9d\x90\0\0\0\xc4", 1), Ok(vec![0, 0]));
        assert_eq!(decoded(b"\x1f\x9d\x90", 1), Ok(vec![]));
    }

    #[test]
    fn what_breaks_a_rule_names_rule_and_byte() {
        let error = |kind, at| Err(Error::new(kind, at));
        assert_eq!(decoded(b"", 1), error(ErrorKind::UnexpectedEnd, 0));
        assert_eq!(decoded(b"\x1f\x9d", 1), error(ErrorKind::UnexpectedEnd, 2));
        assert_eq!(decoded(b"\x1f\x9e", 1), error(ErrorKind::NotLzw, 0));
        assert_eq!(decoded(b"\x1f\x9d\x88", 1), error(ErrorKind::InvalidLzwHeader, 2));
        assert_eq!(decoded(b"\x1f\x9d\xb0", 1), error(ErrorKind::InvalidLzwHeader, 2));
        // The first code must be a byte; the second may be 257 at most.
        assert_eq!(decoded(b"\x1f\x9d\x90\x01\x01", 1), error(ErrorKind::InvalidLzwCode, 3));
        assert_eq!(decoded(b"\x1f\x9d\x90a\x02\x02\x00", 1).err(), None);
        assert_eq!(decoded(b"\x1f\x9d\x90a\x04\x02\x00", 1), error(ErrorKind::InvalidLzwCode, 4));
    }

    #[test]
    fn any_bytes_end_in_a_verdict() {
        let mut state = 7u32;
        for _ in 0..300 {
            let mut file = vec![MAGIC[0], MAGIC[1], 0x80 | (9 + state % 8) as u8];
            for _ in 0..200 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                file.push((state >> 24) as u8 & if state & 1 == 0 { 0x81 } else { 0xff });
            }
            assert_eq!(decoded(&file, 1), decoded(&file, 1000));
        }
    }
}
