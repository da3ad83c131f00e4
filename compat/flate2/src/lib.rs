//! The interface of flate2 1.1 over rigz.
//!
//! A program that uses flate2, itself or through other crates, runs over rigz with one line:
//!
//! ```toml
//! [patch.crates-io]
//! flate2 = { path = ".../rigz/compat/flate2" }    # or git = "..."
//! ```
//!
//! ```
//! use flate2::{Compression, read::GzDecoder, write::GzEncoder};
//! use std::io::{Read, Write};
//!
//! let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
//! encoder.write_all(b"as ever")?;
//! let member = encoder.finish()?;
//!
//! let mut text = String::new();
//! GzDecoder::new(&member[..]).read_to_string(&mut text)?;
//! assert_eq!(text, "as ever");
//! # std::io::Result::Ok(())
//! ```
//!
//! Names, arguments, results and kinds of errors are those that flate2 documents, with all of its backends' features:
//! windows, dictionaries, levels that change. Compressed bytes are those of rigz. What differs is said at each item.
//!
//! | file | what it knows |
//! |---|---|
//! | `framed` | an encoder with any header, trailer and window |
//! | `compress`, `decompress` | the state machines over slices, vectors and unwritten memory (`room`) |
//! | `pull`, `push` | a state machine behind a reader, or before a writer |
//! | `buffered` | a reader with a buffer |
//! | `streams` | the six types of zlib and the six of raw DEFLATE, made of those |
//! | `gz` | headers, and the types of gzip |
//! | `crc` | the checksum |

mod buffered;
mod compress;
mod crc;
mod decompress;
mod framed;
mod gz;
mod pull;
mod push;
mod room;
mod streams;

pub use compress::{Compress, CompressError, FlushCompress};
pub use crc::{Crc, CrcReader, CrcWriter};
pub use decompress::{Decompress, DecompressError, FlushDecompress};
pub use gz::{GzBuilder, GzHeader};

/// Streams over [`std::io::Read`]. What is read of the inner reader is buffered: bytes after a stream are lost.
pub mod read {
    pub use crate::gz::decode::read::{GzDecoder, MultiGzDecoder};
    pub use crate::gz::encode::read::GzEncoder;
    pub use crate::streams::deflate::read::{DeflateDecoder, DeflateEncoder};
    pub use crate::streams::zlib::read::{ZlibDecoder, ZlibEncoder};
}

/// Streams over [`std::io::Write`].
pub mod write {
    pub use crate::gz::decode::write::{GzDecoder, MultiGzDecoder};
    pub use crate::gz::encode::write::GzEncoder;
    pub use crate::streams::deflate::write::{DeflateDecoder, DeflateEncoder};
    pub use crate::streams::zlib::write::{ZlibDecoder, ZlibEncoder};
}

/// Streams over [`std::io::BufRead`]. Exactly the bytes of a stream are taken from the inner reader.
pub mod bufread {
    pub use crate::gz::decode::bufread::{GzDecoder, MultiGzDecoder};
    pub use crate::gz::encode::bufread::GzEncoder;
    pub use crate::streams::deflate::bufread::{DeflateDecoder, DeflateEncoder};
    pub use crate::streams::zlib::bufread::{ZlibDecoder, ZlibEncoder};
}

/// How a call of [`Compress`] or [`Decompress`] went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Something was read or written.
    Ok,
    /// Nothing could be done: there was no input, or no room.
    BufError,
    /// The stream is over, and all of it is in the output.
    StreamEnd,
}

/// A level of compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression(u32);

impl Compression {
    /// The level of a number: 0 to 10, those of rigz; what is above is 10.
    #[must_use]
    pub const fn new(level: u32) -> Self {
        Self(level)
    }

    /// Level 0: stored, not compressed.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// Level 1.
    #[must_use]
    pub const fn fast() -> Self {
        Self(1)
    }

    /// Level 9.
    #[must_use]
    pub const fn best() -> Self {
        Self(9)
    }

    /// The number.
    #[must_use]
    pub const fn level(&self) -> u32 {
        self.0
    }

    /// The level of rigz.
    fn of_rigz(self) -> rigz::Level {
        rigz::Level::new(self.0.min(10) as u8).unwrap_or_default()
    }
}

impl Default for Compression {
    /// Level 6.
    fn default() -> Self {
        Self(6)
    }
}
