//! The gzip container (RFC 1952): members of a header, a DEFLATE stream, and a trailer with CRC-32 and length.

mod header;
pub(crate) mod members;
pub(crate) mod read;
pub(crate) mod write;

pub use header::Header;
pub use read::{Decoder, Step, Trailing, decompress};
pub use write::{Encoder, HeaderBuilder, compress};

/// What every member starts with.
pub(crate) const MAGIC: [u8; 2] = [0x1f, 0x8b];
