//! Decompression of whole buffers.

use super::Format;
use crate::error::Error;
use crate::inflate::{Inflate, Inflated};
use crate::{gzip, inflate, zlib};
#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// How far one call of a [`Decompressor`] went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decompressed {
    /// Bytes of the input up to the end of the stream, or of its last member.
    pub consumed: usize,
    /// Bytes written to the output.
    pub written: usize,
}

impl From<Inflated> for Decompressed {
    fn from(Inflated { consumed, written }: Inflated) -> Self {
        Self { consumed, written }
    }
}

/// Decompresses whole buffers, one after the other, with the same tables.
///
/// All members of a gzip file are read, one after the other, unless [`Decompressor::single_member`] says otherwise.
/// What follows the stream, or the last member, is left alone: compare [`Decompressed::consumed`] with the length of
/// the input where that matters. Checksums are always checked.
///
/// ```
/// use rigz::{Decompressor, Format};
///
/// let file = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0, and more";
/// let mut decompressor = Decompressor::new();
/// let mut output = [0; 16];
/// let done = decompressor.decompress(Format::Gzip, file, &mut output)?;
/// assert_eq!((&output[..done.written], &file[done.consumed..]), (&b"abcdef"[..], &b", and more"[..]));
/// # Ok::<(), rigz::Error>(())
/// ```
///
/// # Memory
///
/// About 32 KiB, in the object itself. Nothing is allocated, but the vector of
/// [`Decompressor::decompress_to_vec`].
#[derive(Clone, Debug, Default)]
pub struct Decompressor {
    inflate: Inflate,
    is_single: bool,
}

impl Decompressor {
    /// A decompressor that reads all members of a gzip file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that reads the first member of a gzip file alone.
    #[must_use]
    pub fn single_member() -> Self {
        Self { is_single: true, ..Self::default() }
    }

    /// Decompresses the stream at the start of `input` to the start of `output`, which may be exactly as long as the
    /// data.
    ///
    /// # Errors
    ///
    /// The rule of the format that is broken, or [`ErrorKind::OutputFull`](crate::ErrorKind::OutputFull). What is in
    /// `output` then is unspecified.
    pub fn decompress(
        &mut self,
        format: Format,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<Decompressed, Error> {
        self.run(format, input, output, 0)
    }

    /// Decompresses the stream at the start of `input` and appends the data, at most `max_output` bytes, to `output`.
    ///
    /// The length in a gzip trailer is used as a guess, within what the input can hold.
    ///
    /// # Errors
    ///
    /// The rule of the format that is broken, or [`ErrorKind::OutputFull`](crate::ErrorKind::OutputFull) if there is
    /// more data. `output` is then as it was.
    ///
    /// # Memory
    ///
    /// The vector grows by at most twice what is written or 16 times the input, whichever is more, and never by more
    /// than `max_output` bytes.
    ///
    /// ```
    /// use rigz::{Decompressor, ErrorKind, Format};
    ///
    /// let stream = [0x4b, 0x4c, 0x4a, 0x4e, 0x49, 0x4d, 0x03, 0x00];
    /// let mut data = Vec::new();
    /// Decompressor::new().decompress_to_vec(Format::Raw, &stream, &mut data, 6)?;
    /// assert_eq!(data, b"abcdef");
    /// let error = Decompressor::new().decompress_to_vec(Format::Raw, &stream, &mut data, 5);
    /// assert_eq!(error.map_err(|e| e.kind()), Err(ErrorKind::OutputFull));
    /// # Ok::<(), rigz::Error>(())
    /// ```
    #[cfg(feature = "alloc")]
    pub fn decompress_to_vec(
        &mut self,
        format: Format,
        input: &[u8],
        output: &mut Vec<u8>,
        max_output: usize,
    ) -> Result<Decompressed, Error> {
        let start = output.len();
        let guess = start.saturating_add(guess(format, input));
        let limit = start.saturating_add(max_output);
        let mut target = inflate::whole::Growing { bytes: output, guess, limit };
        let result = self.run(format, input, &mut target, start);
        output.truncate(start + result.map_or(0, |done| done.written));
        result
    }

    fn run(
        &mut self,
        format: Format,
        input: &[u8],
        target: &mut (impl inflate::whole::Target + ?Sized),
        start: usize,
    ) -> Result<Decompressed, Error> {
        let inflate = &mut self.inflate;
        let done = match format {
            Format::Gzip => gzip::whole::decode(inflate, input, target, start, self.is_single),
            Format::Zlib => zlib::whole::decode(inflate, input, target, start),
            Format::Raw => inflate::whole::decode(inflate, input, target, start, |_| ()),
        };
        done.map(Decompressed::from)
    }
}

/// Bytes of data that `input` is likely to hold.
#[cfg(feature = "alloc")]
fn guess(format: Format, input: &[u8]) -> usize {
    /// What a trailer that nobody has checked is believed.
    const BELIEVED_RATIO: usize = 16;
    match (format, input.last_chunk::<4>()) {
        (Format::Gzip, Some(length)) => {
            (u32::from_le_bytes(*length) as usize).min(input.len().saturating_mul(BELIEVED_RATIO))
        }
        _ => input.len().saturating_mul(4),
    }
}
