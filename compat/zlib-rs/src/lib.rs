//! The part of zlib-rs that flate2 uses, over rigz: see `README.md`.
//!
//! Names, arguments and results are those of zlib-rs 0.6; what they mean is in the manual of zlib. Two things differ:
//! the compressed bytes are those of rigz, and windows are always 32 KiB, whatever smaller size is asked for.

mod deflate;
mod inflate;

pub use deflate::{Deflate, DeflateError, DeflateFlush};
pub use inflate::{Inflate, InflateError, InflateFlush};

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Something was read or written.
    Ok,
    /// Nothing could be done: there was no input, or no room.
    BufError,
    /// The stream is over, and all of it is written.
    StreamEnd,
}

/// The checksum of gzip.
pub mod crc32 {
    use rigz::checksum::Crc32;

    /// The CRC-32 of bytes whose CRC-32 is `start` and `bytes` behind them.
    #[must_use]
    pub fn crc32(start: u32, bytes: &[u8]) -> u32 {
        let mut crc = Crc32::resume(start, 0);
        crc.update(bytes);
        crc.value()
    }

    /// The CRC-32 of bytes whose CRC-32 is `first` and `length` bytes behind them whose CRC-32 is `second`.
    #[must_use]
    pub fn crc32_combine(first: u32, second: u32, length: u64) -> u32 {
        let mut crc = Crc32::resume(first, 0);
        crc.combine(&Crc32::resume(second, length));
        crc.value()
    }
}

/// The Adler-32 of `bytes`, which names a dictionary.
fn adler32(bytes: &[u8]) -> u32 {
    let mut adler = rigz::checksum::Adler32::new();
    adler.update(bytes);
    adler.value()
}

/// What is added to the window's size to ask for gzip.
const GZIP_BITS: u8 = 16;
