//! Reading the format of `pack` (`.z`): bytes in a Huffman code, with the length of the data.
//!
//! ```text
//! 1f 1e  length(4, highest byte first)  levels  leaves of level 1, 2, ... levels  the leaves' bytes  codes, highest bit first
//! ```
//!
//! The code is a tree; level `n` holds the codes of `n` bits. Of the nodes of a level, counted from all zero bits up,
//! inner nodes come first and leaves last; so a level's leaves are the values from its number of inner nodes on. The last
//! leaf of the deepest level is the end of the data. It stands in no list, and the deepest level's number of leaves is
//! stored less two.
//!
//! The number of leaves and the number of inner nodes above give the inner nodes of each level:
//! `inner(n) = 2 * inner(n - 1) - leaves(n)`, with `inner(0) = 1`. A tree is sound if `inner` is positive for all levels
//! but the deepest, and 0 there; so every run of bits leads to a leaf.
//!
//! Cost: a step per bit. Memory: the leaves, and the output waiting.

use super::{Format, Pending};
use crate::error::{Error, ErrorKind};
use alloc::vec::Vec;

/// The first two bytes.
pub const MAGIC: [u8; 2] = [0x1f, 0x1e];

/// The most levels that writers made.
const MAX_LEVELS: usize = 25;

/// Where a level's leaves are.
#[derive(Clone, Copy, Debug)]
struct Level {
    leaves: u32,
    inner: u32,
    /// Position of its first leaf among all.
    first: usize,
}

/// The element that comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Fixed,
    Leaves,
    Bytes,
    Codes,
    Done,
}

/// A decoder of one packed file.
///
/// ```
/// use rigz::{inflate::{Decode, Step}, legacy::pack::Decoder};
///
/// // One level with two leaves: the byte `a`, and the end.
/// let mut input: &[u8] = b"\x1f\x1e\0\0\0\x03\x01\0a\x10";
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
/// assert_eq!(data, b"aaa");
/// # Ok::<(), rigz::Error>(())
/// ```
pub type Decoder = super::Decoder<Pack>;

impl Decoder {
    /// A decoder at the start of a file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// What the bytes of a packed file mean.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Pack {
    state: State,
    fixed: Vec<u8>,
    levels: Vec<Level>,
    /// Bytes of the leaves, without the end.
    bytes: Vec<u8>,
    expected_bytes: usize,
    /// The bits of the present code so far, and how many.
    code: u32,
    depth: usize,
}

impl Format for Pack {
    fn take(&mut self, byte: u8, at: u64, out: &mut Pending) -> Result<(), Error> {
        let taken = match self.state {
            State::Fixed => self.take_fixed(byte),
            State::Leaves => self.take_leaves(byte),
            State::Bytes => {
                self.bytes.push(byte);
                if self.bytes.len() == self.expected_bytes {
                    self.state = State::Codes;
                }
                Ok(())
            }
            State::Codes => (0..8).rev().try_for_each(|bit| self.take_bit(byte >> bit & 1, out)),
            State::Done => Ok(()),
        };
        taken.map_err(|kind| Error::new(kind, at))
    }

    fn is_complete(&self) -> bool {
        self.state == State::Done
    }

    fn may_end(&self) -> bool {
        false
    }
}

impl Pack {
    fn take_fixed(&mut self, byte: u8) -> Result<(), ErrorKind> {
        self.fixed.push(byte);
        let have = self.fixed.len();
        if have <= MAGIC.len() && byte != MAGIC[have - 1] {
            return Err(ErrorKind::NotPack);
        }
        if have == 7 {
            if !(1..=MAX_LEVELS).contains(&usize::from(byte)) {
                return Err(ErrorKind::InvalidPackTree);
            }
            self.state = State::Leaves;
        }
        Ok(())
    }

    fn take_leaves(&mut self, byte: u8) -> Result<(), ErrorKind> {
        let depth = usize::from(self.fixed[6]);
        let is_deepest = self.levels.len() + 1 == depth;
        let leaves = u32::from(byte) + if is_deepest { 2 } else { 0 };
        let (above, first) = match self.levels.last() {
            Some(level) => (level.inner, level.first + level.leaves as usize),
            None => (1, 0),
        };
        // At most 2^25 inner nodes: no overflow.
        let inner = (2 * above).checked_sub(leaves).ok_or(ErrorKind::InvalidPackTree)?;
        if (inner == 0) != is_deepest {
            return Err(ErrorKind::InvalidPackTree);
        }
        self.levels.push(Level { leaves, inner, first });
        if is_deepest {
            self.expected_bytes = first + leaves as usize - 1;
            if self.expected_bytes > 256 {
                return Err(ErrorKind::InvalidPackTree);
            }
            self.state = State::Bytes;
        }
        Ok(())
    }

    fn take_bit(&mut self, bit: u8, out: &mut Pending) -> Result<(), ErrorKind> {
        // Bits of the last byte behind the end are padding.
        if self.state != State::Codes {
            return Ok(());
        }
        self.code = self.code << 1 | u32::from(bit);
        let level = self.levels[self.depth];
        self.depth += 1;
        let Some(leaf) = self.code.checked_sub(level.inner) else { return Ok(()) };
        (self.code, self.depth) = (0, 0);
        match self.bytes.get(level.first + leaf as usize) {
            Some(&byte) => out.put(&[byte]),
            None => {
                let length = self.fixed[2..6].iter().fold(0, |sum, &byte| sum << 8 | u32::from(byte));
                if out.total as u32 != length {
                    return Err(ErrorKind::SizeMismatch);
                }
                self.state = State::Done;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], piece: usize) -> Result<(Vec<u8>, u64), Error> {
        crate::legacy::tests::decoded::<Pack>(bytes, piece)
    }

    /// Levels of 1, 1 and 2 leaves: a = 1, n = 01, b = 000, end = 001.
    const BANANA: &[u8] = b"\x1f\x1e\0\0\0\x06\x03\x01\x01\x00anb\x16\xc8";

    #[test]
    fn every_cut_and_every_prefix() {
        for piece in 1..=BANANA.len() {
            assert_eq!(decoded(BANANA, piece), Ok((b"banana".to_vec(), BANANA.len() as u64)));
        }
        for len in 0..BANANA.len() {
            let end = Error::new(ErrorKind::UnexpectedEnd, len as u64);
            assert_eq!(decoded(&BANANA[..len], 3), Err(end));
        }
        let followed = [BANANA, b"more"].concat();
        assert_eq!(decoded(&followed, 100), Ok((b"banana".to_vec(), BANANA.len() as u64)));
    }

    #[test]
    fn much_output_comes_in_portions() {
        // a = 1; 100,000 of them, then the end, 001.
        let mut file = [&b"\x1f\x1e\x00\x01\x86\xa0"[..], &BANANA[6..13]].concat();
        file.extend([0xff; 12_500]);
        file.push(0b0010_0000);
        assert_eq!(decoded(&file, 4096), Ok((alloc::vec![b'a'; 100_000], file.len() as u64)));
    }

    #[test]
    fn what_breaks_a_rule_names_rule_and_byte() {
        let error = |kind, at| Err(Error::new(kind, at));
        let with = |at: usize, byte: u8| {
            let mut file = BANANA.to_vec();
            file[at] = byte;
            decoded(&file, 100)
        };
        assert_eq!(with(1, 0x1f), error(ErrorKind::NotPack, 1));
        assert_eq!(with(5, 7), error(ErrorKind::SizeMismatch, 14));
        assert_eq!(with(6, 0), error(ErrorKind::InvalidPackTree, 6));
        assert_eq!(with(6, 26), error(ErrorKind::InvalidPackTree, 6));
        assert_eq!(with(7, 2), error(ErrorKind::InvalidPackTree, 7), "no inner node left");
        assert_eq!(with(7, 3), error(ErrorKind::InvalidPackTree, 7), "more leaves than nodes");
        assert_eq!(with(9, 1), error(ErrorKind::InvalidPackTree, 9), "more leaves than nodes");
        assert_eq!(with(8, 0), error(ErrorKind::InvalidPackTree, 9), "an inner node at the deepest level");
    }
}
