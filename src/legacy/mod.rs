//! Reading what gzip also reads: the formats of `compress` (`.Z`) and `pack` (`.z`).
//!
//! Both decoders take input cut anywhere, and use bounded memory. A format says what each byte means; what is the same for
//! both is in [`Decoder`].

pub mod lzw;
pub mod pack;

use crate::error::{Error, ErrorKind};
use crate::inflate::{Decode, Step};

/// What the bytes of a file mean.
pub(crate) trait Format: Default {
    /// Takes the byte at offset `at`, and gives to `out` what it completes.
    ///
    /// # Errors
    ///
    /// The rule of the format that is broken.
    fn take(&mut self, byte: u8, at: u64, out: &mut Pending) -> Result<(), Error>;

    /// Whether the file is complete, and bytes behind do not belong to it.
    fn is_complete(&self) -> bool;

    /// Whether the file may end where it is.
    fn may_end(&self) -> bool;
}

/// A decoder of one file of format `F`, fed with pieces of any size through [`Decode`].
///
/// ```
/// use rigz::{inflate::{Decode, Step}, legacy::lzw::Decoder};
///
/// let mut decoder = Decoder::new();
/// assert_eq!(decoder.decode(&mut &b"\x1f\x9d\x90\x61\xc4\0"[..])?, Step::Output);
/// assert_eq!(decoder.output(), b"ab");
/// # Ok::<(), rigz::Error>(())
/// ```
///
/// Bytes behind the file are left in the input. A limit of output is not kept to the byte: what one byte of input stands
/// for is decoded at once.
#[derive(Clone, Debug)]
pub struct Decoder<F> {
    format: F,
    pending: Pending,
    /// Decoding pauses when this many bytes wait.
    enough: usize,
    input_ended: bool,
    failed: Option<Error>,
    total_in: u64,
}

/// Decoding pauses when this many bytes wait, if there is no other limit.
const ENOUGH: usize = 1 << 15;

impl<F: Format> Default for Decoder<F> {
    fn default() -> Self {
        let (format, pending) = (F::default(), Pending::default());
        Self { format, pending, enough: ENOUGH, input_ended: false, failed: None, total_in: 0 }
    }
}

impl<F: Format> Decode for Decoder<F> {
    fn decode(&mut self, input: &mut &[u8]) -> Result<Step, Error> {
        loop {
            let is_complete = self.format.is_complete();
            let is_over = is_complete || self.failed.is_some();
            let waiting = self.pending.rest().len();
            if waiting >= self.enough || waiting > 0 && (is_over || input.is_empty()) {
                return Ok(Step::Output);
            }
            if let Some(error) = self.failed {
                return Err(error);
            }
            if is_complete {
                return Ok(Step::Done);
            }
            let Some((&byte, rest)) = input.split_first() else {
                if !self.input_ended {
                    return Ok(Step::NeedsInput);
                }
                if self.format.may_end() {
                    return Ok(Step::Done);
                }
                self.failed = Some(Error::new(ErrorKind::UnexpectedEnd, self.total_in));
                continue;
            };
            *input = rest;
            let at = self.total_in;
            self.total_in += 1;
            self.failed = self.format.take(byte, at, &mut self.pending).err();
        }
    }

    fn end_of_input(&mut self) {
        self.input_ended = true;
    }

    fn output(&self) -> &[u8] {
        self.pending.rest()
    }

    fn consume(&mut self, count: usize) {
        self.pending.take(count);
    }

    fn total_in(&self) -> u64 {
        self.total_in
    }

    fn total_out(&self) -> u64 {
        self.pending.total
    }

    fn reset(&mut self) {
        *self = Self { enough: self.enough, ..Self::default() };
    }

    fn set_limit(&mut self, bytes: usize) {
        self.enough = bytes.clamp(1, ENOUGH);
    }
}

/// Decoded bytes that were not taken yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    bytes: alloc::vec::Vec<u8>,
    taken: usize,
    /// Bytes that were put, taken or not.
    total: u64,
}

impl Pending {
    fn rest(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    fn put(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
    }

    /// Room for `count` bytes behind the others.
    fn room(&mut self, count: usize) -> &mut [u8] {
        let end = self.bytes.len();
        self.bytes.resize(end + count, 0);
        self.total += count as u64;
        &mut self.bytes[end..]
    }

    fn take(&mut self, count: usize) {
        assert!(count <= self.rest().len(), "more taken than there is");
        self.taken += count;
        if self.taken == self.bytes.len() {
            self.bytes.clear();
            self.taken = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// Data and bytes used, of `bytes` in pieces.
    pub(super) fn decoded<F: Format>(bytes: &[u8], piece: usize) -> Result<(Vec<u8>, u64), Error> {
        let (mut decoder, mut out) = (Decoder::<F>::default(), Vec::new());
        let mut pieces = bytes.chunks(piece);
        let mut input: &[u8] = &[];
        loop {
            match decoder.decode(&mut input)? {
                Step::Output => {
                    out.extend_from_slice(decoder.output());
                    decoder.consume(decoder.output().len());
                }
                Step::NeedsInput => match pieces.next() {
                    Some(piece) => input = piece,
                    None => decoder.end_of_input(),
                },
                Step::Done => {
                    assert_eq!(decoder.total_out(), out.len() as u64);
                    return Ok((out, decoder.total_in()));
                }
            }
        }
    }
}
