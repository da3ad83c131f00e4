//! A whole stream from one slice, into a slice or a vector that grows to a limit.
//!
//! The output is decoded in pieces that stay in the second-level cache, so that a container can add each piece to its
//! checksum while it is still there. The target holds all of the output, so it is the history too.

use super::{Inflate, Inflated, Progress, Status};
use crate::error::{Error, ErrorKind};

/// Bytes decoded between two looks at the checksum.
const PIECE_BYTES: usize = 128 << 10;

/// Where the output goes.
pub(crate) trait Target {
    /// All of it, what is written and what is room.
    fn bytes(&mut self) -> &mut [u8];

    /// Adds room. False if there may be no more.
    fn grow(&mut self) -> bool;
}

impl Target for [u8] {
    fn bytes(&mut self) -> &mut [u8] {
        self
    }

    fn grow(&mut self) -> bool {
        false
    }
}

/// A vector that grows as far as `limit` bytes.
#[cfg(feature = "alloc")]
pub(crate) struct Growing<'a> {
    pub(crate) bytes: &'a mut alloc::vec::Vec<u8>,
    /// How long it becomes at first; at least its length.
    pub(crate) guess: usize,
    pub(crate) limit: usize,
}

#[cfg(feature = "alloc")]
impl Target for Growing<'_> {
    fn bytes(&mut self) -> &mut [u8] {
        self.bytes
    }

    /// To the guess at first, then to twice the length; never above the limit.
    fn grow(&mut self) -> bool {
        let len = self.bytes.len();
        let wanted = if len < self.guess { self.guess } else { len.saturating_mul(2).max(1 << 10) };
        let wanted = wanted.min(self.limit);
        if wanted <= len {
            return false;
        }
        self.bytes.reserve_exact(wanted - len);
        self.bytes.resize(wanted, 0);
        true
    }
}

/// Decodes the stream at the start of `input` into `target` from `start` on; no match may reach before that. `see` is
/// shown all output, piece by piece.
pub(crate) fn decode(
    inflate: &mut Inflate,
    input: &[u8],
    target: &mut (impl Target + ?Sized),
    start: usize,
    mut see: impl FnMut(&[u8]),
) -> Result<Inflated, Error> {
    inflate.reset();
    let (mut consumed, mut at) = (0, start);
    loop {
        let room = target.bytes();
        let end = room.len().min(at + PIECE_BYTES);
        let is_all = end == room.len();
        let progress: Progress = inflate.decode(&input[consumed..], &mut room[start..end], at - start);
        see(&room[at..at + progress.written]);
        consumed += progress.consumed;
        at += progress.written;
        match progress.status? {
            Status::Done => return Ok(Inflated { consumed, written: at - start }),
            Status::NeedsInput => return Err(Error::new(ErrorKind::UnexpectedEnd, input.len() as u64)),
            Status::NeedsOutput if is_all && !target.grow() => {
                return Err(Error::new(ErrorKind::OutputFull, consumed as u64));
            }
            Status::NeedsOutput => {}
        }
    }
}
