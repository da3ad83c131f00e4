//! Where the stream is cut for the sake of what happens to the file later: `-b`, `-i` and `--rsyncable`.
//!
//! Each block ends at a byte border, with the mark of a sync flush, 00 00 ff ff. With `-i` the next block does not refer
//! to those before, so a reader may begin at any mark.
//!
//! **Rsyncable.** A change of the data must change the file near that place alone. So borders depend on the content: a
//! border follows where the rolling hash of the last 64 bytes has its 16 highest bits zero, once in 64 KiB, but not within
//! 32 KiB of the border before. A change moves the borders next to it; from the first one on that it did not move, and
//! 32 KiB more of history, the blocks are those of before.
//!
//! The hash shifts one bit to the left for each byte and adds a multiple of the byte; so 64 bytes later a byte is
//! shifted out. (The idea of cutting where the content says is that of R. Russell's patch to gzip.)

use std::num::NonZeroUsize;

use rigz::deflate::Flush;

use super::config::Config;

/// A block is no shorter, where the content decides.
const LEAST_BYTES: usize = 32 << 10;
/// Bits of the hash that are zero at a border.
const BORDER_BITS: u32 = 16;
/// Block size of `-i` alone, that of pigz.
const INDEPENDENT_BYTES: usize = 128 << 10;

/// Finds the ends of blocks.
#[derive(Debug)]
pub(super) struct Blocks {
    /// Bytes of a block; none: the content decides.
    size: Option<NonZeroUsize>,
    end: Flush,
    /// Bytes of the present block so far.
    length: usize,
    hash: u64,
}

impl Blocks {
    /// None if nobody asked for any, or for none smaller than the `chunk` that the stream is cut into anyway.
    pub(super) fn of(config: &Config, chunk: usize) -> Option<Self> {
        let end = if config.independent { Flush::Full } else { Flush::Sync };
        let size = match config.block_bytes {
            _ if config.rsyncable => None,
            None if config.independent => NonZeroUsize::new(INDEPENDENT_BYTES),
            Some(size) if config.independent || size.get() < chunk => Some(size),
            _ => return None,
        };
        Some(Self { size, end, length: 0, hash: 0 })
    }

    /// How many bytes of `piece` belong to the present block, and what is to be flushed behind them.
    pub(super) fn cut(&mut self, piece: &[u8]) -> (usize, Flush) {
        let (taken, is_end) = match self.size {
            Some(size) => {
                let taken = piece.len().min(size.get() - self.length);
                (taken, self.length + taken == size.get())
            }
            None => match piece.iter().enumerate().position(|(i, &byte)| self.is_border(i, byte)) {
                Some(last) => (last + 1, true),
                None => (piece.len(), false),
            },
        };
        self.length = if is_end { 0 } else { self.length + taken };
        (taken, if is_end { self.end } else { Flush::None })
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

    fn borders(data: &[u8], size: Option<usize>, piece: usize) -> Vec<usize> {
        let size = size.and_then(NonZeroUsize::new);
        let mut blocks = Blocks { size, end: Flush::Sync, length: 0, hash: 0 };
        let (mut at, mut found) = (0, Vec::new());
        while at < data.len() {
            let (taken, flush) = blocks.cut(&data[at..data.len().min(at + piece)]);
            at += taken;
            if flush != Flush::None {
                found.push(at);
            }
        }
        found
    }

    #[test]
    fn borders_do_not_depend_on_how_reads_were_cut() {
        let data = noise(1 << 20);
        for size in [None, Some(40_000)] {
            let expected = borders(&data, size, usize::MAX / 2);
            assert!(expected.len() > 4);
            assert_eq!(borders(&data, size, 1), expected);
            assert_eq!(borders(&data, size, 4097), expected);
        }
    }

    #[test]
    fn a_change_moves_few_borders() {
        let data = noise(4 << 20);
        let before = borders(&data, None, 1 << 16);
        let mut changed = data[..2 << 20].to_vec();
        changed.extend_from_slice(b"inserted");
        changed.extend_from_slice(&data[2 << 20..]);
        let after = borders(&changed, None, 1 << 16);
        let kept =
            before.iter().filter(|&&at| after.contains(&(if at < 2 << 20 { at } else { at + 8 }))).count();
        assert!(before.len() > 20 && kept + 4 >= before.len(), "{kept} of {}", before.len());
    }
}
