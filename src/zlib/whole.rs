//! A whole zlib stream from one slice.

use super::check_header;
use crate::checksum::Adler32;
use crate::error::{Error, ErrorKind};
use crate::inflate::whole::{self, Target};
use crate::inflate::{Inflate, Inflated};

/// Decodes the zlib stream at the start of `input` into `output`; returns the number of bytes. Bytes after the stream
/// are not looked at. A stream that asks for a dictionary needs a [`Decoder`](super::Decoder).
///
/// Allocates nothing; uses about 32 KiB of stack. To decode many streams, keep a
/// [`Decompressor`](crate::Decompressor).
///
/// # Errors
///
/// The rule of the format that is broken, or [`ErrorKind::OutputFull`].
///
/// ```
/// let stream = b"\x78\x9c\x4b\x4c\x4a\x4e\x49\x4d\x03\0\x08\x1e\x02\x56";
/// let mut output = [0; 16];
/// let length = rigz::zlib::decompress(stream, &mut output)?;
/// assert_eq!(&output[..length], b"abcdef");
/// # Ok::<(), rigz::Error>(())
/// ```
pub fn decompress(input: &[u8], output: &mut [u8]) -> Result<usize, Error> {
    Ok(decode(&mut Inflate::new(), input, output, 0)?.written)
}

/// Decodes the stream at the start of `input` into `target` from `start` on.
pub(crate) fn decode(
    inflate: &mut Inflate,
    input: &[u8],
    target: &mut (impl Target + ?Sized),
    start: usize,
) -> Result<Inflated, Error> {
    let end = Error::new(ErrorKind::UnexpectedEnd, input.len() as u64);
    let [cmf, flags, body @ ..] = input else { return Err(end) };
    if check_header(*cmf, *flags)? {
        return Err(Error::new(ErrorKind::DictionaryMismatch, 2));
    }
    let mut adler = Adler32::new();
    let done = whole::decode(inflate, body, target, start, |piece| adler.update(piece));
    let Inflated { consumed, written } = done.map_err(|error| error.shifted(2))?;
    let at = 2 + consumed;
    let trailer = input[at..].first_chunk::<4>().ok_or(end)?;
    if adler.value() != u32::from_be_bytes(*trailer) {
        return Err(Error::new(ErrorKind::AdlerMismatch, at as u64));
    }
    Ok(Inflated { consumed: at + 4, written })
}
