//! Where the stream is cut for the sake of what happens to the file later.
//!
//! Each block ends at a byte border, with the mark of a sync flush, 00 00 ff ff. If blocks are independent, none refers
//! to those before, so a reader may begin at any mark.
//!
//! **By content.** A change of the data must change the file near that place alone. So borders depend on the content: a
//! border follows where the rolling hash of the last 64 bytes has its 16 highest bits zero, once in 64 KiB, but not within
//! 32 KiB of the border before. A change moves the borders next to it; from the first one on that it did not move, and
//! 32 KiB more of history, the blocks are those of before.
//!
//! The hash shifts one bit to the left for each byte and adds a multiple of the byte; so 64 bytes later a byte is
//! shifted out. (The idea of cutting where the content says is that of R. Russell's patch to gzip.)

use std::num::NonZeroUsize;

/// Where data is cut into blocks, beside the chunks that it is cut into anyway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cuts {
    /// Nowhere.
    #[default]
    None,
    /// Behind every so many bytes.
    Every(NonZeroUsize),
    /// Where the content says, about every 96 KiB: a change of the data changes the output near that place alone.
    ByContent,
}

/// A block is no shorter, where the content decides.
const LEAST_BYTES: usize = 32 << 10;
/// Bits of the hash that are zero at a border.
const BORDER_BITS: u32 = 16;

/// Finds the ends of blocks.
#[derive(Debug)]
pub(super) struct Cutter {
    cuts: Cuts,
    /// Bytes of the present block so far.
    length: usize,
    hash: u64,
}

impl Cutter {
    pub(super) fn new(cuts: Cuts) -> Self {
        Self { cuts, length: 0, hash: 0 }
    }

    /// How many bytes should be given at a time, so that few of them belong to the next block.
    pub(super) fn piece_bytes(&self) -> usize {
        match self.cuts {
            Cuts::None => usize::MAX,
            Cuts::Every(size) => size.get() - self.length,
            Cuts::ByContent => LEAST_BYTES,
        }
    }

    /// How many bytes of `piece` belong to the present block, and whether it ends behind them.
    pub(super) fn cut(&mut self, piece: &[u8]) -> (usize, bool) {
        let (taken, is_end) = match self.cuts {
            Cuts::None => (piece.len(), false),
            Cuts::Every(size) => {
                let taken = piece.len().min(size.get() - self.length);
                (taken, self.length + taken == size.get())
            }
            Cuts::ByContent => {
                match piece.iter().enumerate().position(|(i, &byte)| self.is_border(i, byte)) {
                    Some(last) => (last + 1, true),
                    None => (piece.len(), false),
                }
            }
        };
        self.length = if is_end { 0 } else { self.length + taken };
        (taken, is_end)
    }

    fn is_border(&mut self, i: usize, byte: u8) -> bool {
        self.hash = (self.hash << 1).wrapping_add((u64::from(byte) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        self.hash >> (64 - BORDER_BITS) == 0 && self.length + i + 1 >= LEAST_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1u64;
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 40) as u8
            })
            .collect()
    }

    fn borders(data: &[u8], cuts: Cuts, piece: usize) -> Vec<usize> {
        let mut cutter = Cutter::new(cuts);
        let (mut at, mut found) = (0, Vec::new());
        while at < data.len() {
            let (taken, is_end) = cutter.cut(&data[at..data.len().min(at + piece)]);
            at += taken;
            if is_end {
                found.push(at);
            }
        }
        found
    }

    #[test]
    fn borders_do_not_depend_on_how_reads_were_cut() {
        let data = noise(1 << 20);
        for cuts in [Cuts::ByContent, NonZeroUsize::new(40_000).map_or(Cuts::None, Cuts::Every)] {
            let expected = borders(&data, cuts, usize::MAX / 2);
            assert!(expected.len() > 4);
            assert_eq!(borders(&data, cuts, 1), expected);
            assert_eq!(borders(&data, cuts, 4097), expected);
        }
    }

    #[test]
    fn a_change_moves_few_borders() {
        let data = noise(4 << 20);
        let before = borders(&data, Cuts::ByContent, 1 << 16);
        let mut changed = data[..2 << 20].to_vec();
        changed.extend_from_slice(b"inserted");
        changed.extend_from_slice(&data[2 << 20..]);
        let after = borders(&changed, Cuts::ByContent, 1 << 16);
        let kept =
            before.iter().filter(|&&at| after.contains(&(if at < 2 << 20 { at } else { at + 8 }))).count();
        assert!(before.len() > 20 && kept + 4 >= before.len(), "{kept} of {}", before.len());
    }
}
