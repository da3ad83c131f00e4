//! Whole buffers: one object per direction, used again and again without allocating.

#[cfg(feature = "alloc")]
mod compressor;
mod decompressor;

#[cfg(feature = "alloc")]
pub use compressor::{Compressor, compress_bound};
pub use decompressor::{Decompressed, Decompressor};

/// The three ways in which DEFLATE data is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// RFC 1952: a header, the data, its CRC-32 and length.
    Gzip,
    /// RFC 1950: two bytes, the data, its Adler-32.
    Zlib,
    /// RFC 1951: the data alone. Nothing tells whether it is right.
    Raw,
}
