//! The zlib container (RFC 1950): a header of two bytes, a DEFLATE stream, and its Adler-32.

mod read;
mod write;

pub use read::{Decoder, decompress};
pub use write::{Encoder, compress};
