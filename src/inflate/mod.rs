//! The decompressor: DEFLATE (RFC 1951) to bytes, strict as zlib is.
//!
//! [`inflate`] decodes a whole stream from one slice into another. [`Inflate`] decodes in pieces of any size.
//!
//! | file | what it knows |
//! |---|---|
//! | `stream` | blocks and their headers, suspension at any element |
//! | `careful` | the meaning of symbols: the specification, and the work near the ends of input and output |
//! | `fast` | the same where there is room |
//! | `tables` | the codes of a block |
//! | `target` | what is decoded to: bytes in a slice, or |
//! | `tokens` | what they will be once the window before them is known |
//! | `whole` | all of a stream at once |
//! | `window` | output with 32 KiB of history, for the containers |
//! | `decode` | what decoders without I/O have in common |

mod careful;
#[cfg(feature = "alloc")]
pub(crate) mod decode;
mod fast;
mod stream;
mod tables;
mod target;
#[cfg(feature = "alloc")]
#[cfg(test)]
mod tests;
#[cfg(feature = "parallel")]
mod tokens;
pub(crate) mod whole;
#[cfg(feature = "alloc")]
pub(crate) mod window;

#[cfg(feature = "alloc")]
pub use decode::{Decode, Decoder, Step};
#[cfg(feature = "parallel")]
pub(crate) use stream::Joint;
pub use stream::{Inflate, Progress, Status};
#[cfg(feature = "parallel")]
pub(crate) use tokens::{Place, Tokens};

use crate::error::Error;

/// What [`inflate`] used and made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inflated {
    /// Bytes of the input up to the end of the stream.
    pub consumed: usize,
    /// Bytes written.
    pub written: usize,
}

/// Decodes the raw DEFLATE stream at the start of `input` into `output`. Bytes after the stream are not looked at.
///
/// Allocates nothing; uses about 48 KiB of stack. To decode many streams, keep an [`Inflate`].
///
/// # Errors
///
/// The rule that is broken, [`ErrorKind::UnexpectedEnd`] when the input ends first, or [`ErrorKind::OutputFull`].
///
/// [`ErrorKind::UnexpectedEnd`]: crate::ErrorKind::UnexpectedEnd
/// [`ErrorKind::OutputFull`]: crate::ErrorKind::OutputFull
///
/// ```
/// let mut output = [0; 16];
/// let done = rigz::inflate::inflate(&[0x4b, 0x4c, 0x4a, 0x4e, 0x49, 0x4d, 0x03, 0x00], &mut output)?;
/// assert_eq!((done.consumed, &output[..done.written]), (8, &b"abcdef"[..]));
/// # Ok::<(), rigz::Error>(())
/// ```
pub fn inflate(input: &[u8], output: &mut [u8]) -> Result<Inflated, Error> {
    whole::decode(&mut Inflate::new(), input, output, 0, |_| ())
}
