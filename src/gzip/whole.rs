//! A whole gzip file from one slice.

use super::header::HeaderReader;
use super::{MAGIC, check_trailer};
use crate::checksum::Crc32;
use crate::error::{Error, ErrorKind};
use crate::inflate::whole::{self, Target};
use crate::inflate::{Inflate, Inflated};

/// Decodes the gzip file `input`, all of its members, into `output`; returns the number of bytes. Zero bytes may
/// follow the last member; other bytes after it are ignored (a [`Decoder`](super::Decoder) tells of them).
///
/// Allocates nothing; uses about 32 KiB of stack. To decode many files, keep a
/// [`Decompressor`](crate::Decompressor).
///
/// # Errors
///
/// The rule of the format that is broken, or [`ErrorKind::OutputFull`].
///
/// ```
/// let file = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
/// let mut output = [0; 16];
/// let length = rigz::gzip::decompress(file, &mut output)?;
/// assert_eq!(&output[..length], b"abcdef");
/// # Ok::<(), rigz::Error>(())
/// ```
pub fn decompress(input: &[u8], output: &mut [u8]) -> Result<usize, Error> {
    Ok(decode(&mut Inflate::new(), input, output, 0, false)?.written)
}

/// Decodes the members at the start of `input`, or the first alone, into `target` from `start` on.
pub(crate) fn decode(
    inflate: &mut Inflate,
    input: &[u8],
    target: &mut (impl Target + ?Sized),
    start: usize,
    is_single: bool,
) -> Result<Inflated, Error> {
    let unexpected_end = Err(Error::new(ErrorKind::UnexpectedEnd, input.len() as u64));
    let (mut at, mut end) = (0, start);
    loop {
        let here = |at: usize| move |error: Error| error.shifted(at as u64);
        let mut rest = &input[at..];
        if !HeaderReader::<()>::new().read(&mut rest).map_err(here(at))? {
            return unexpected_end;
        }
        at = input.len() - rest.len();
        let mut crc = Crc32::new();
        let done = whole::decode(inflate, rest, target, end, |piece| crc.update(piece)).map_err(here(at))?;
        at += done.consumed;
        end += done.written;
        let Some((trailer, after)) = input[at..].split_first_chunk::<8>() else { return unexpected_end };
        check_trailer(*trailer, &crc, done.written as u64).map_err(here(at))?;
        at += 8;
        match after {
            [first] if *first != 0 && !is_single => return unexpected_end,
            after if is_single || !after.starts_with(&MAGIC) => {
                return Ok(Inflated { consumed: at, written: end - start });
            }
            _ => {}
        }
    }
}
