//! gzip made new: a DEFLATE compressor and decompressor in pure Rust, for gzip, zlib and raw streams.
//!
//! | what is at hand | compress | decompress | feature |
//! |---|---|---|---|
//! | a whole buffer, once | `gzip::compress`, `zlib::compress`, `deflate::compress` | `gzip::decompress`, `zlib::decompress`, `inflate::inflate` | none to decompress, `alloc` to compress |
//! | many whole buffers | `Compressor` | `Decompressor` | the same |
//! | pieces, no I/O | `gzip::Encoder`, `zlib::Encoder`, `deflate::Deflate` | `gzip::Decoder`, `zlib::Decoder`, `inflate::Decoder`; `inflate::Inflate` over the caller's memory | `alloc`; none for `Inflate` |
//! | `std::io` | `io::Writer`, `io::CompressReader` | `io::GzipReader` and its like, `io::DecompressWriter` | `std` |
//! | many cores | `parallel::CompressBuilder`, `parallel::compress` | `parallel::DecompressBuilder`, `parallel::decompress()` | `parallel`; `rayon` for a pool of the caller's |
//!
//! Readers of gzip read all members; `single_member` makes them stop behind the first and leave the rest. What is read is
//! checked, and what is wrong is an [`Error`]: the rule that was broken, and the byte where. No input makes the library
//! panic. Lengths, offsets, limits and memory are in bytes.
//!
//! ```
//! let member = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
//! let mut data = [0; 6];
//! assert_eq!(rigz::gzip::decompress(member, &mut data), Ok(6));
//! assert_eq!(&data, b"abcdef");
//!
//! let error = rigz::gzip::decompress(&member[..20], &mut data).map_err(|error| (error.kind(), error.offset()));
//! assert_eq!(error, Err((rigz::ErrorKind::UnexpectedEnd, 20)));
//! ```

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(not(feature = "alloc"), expect(dead_code, reason = "what only compression needs"))]
#![cfg_attr(not(feature = "alloc"), expect(unused_imports, reason = "what only compression needs"))]

#[cfg(any(feature = "alloc", test))]
extern crate alloc;

mod arch;
mod bits;
pub mod checksum;
#[cfg(feature = "alloc")]
pub mod deflate;
mod error;
pub mod gzip;
mod huffman;
pub mod inflate;
#[cfg(feature = "std")]
pub mod io;
#[cfg(feature = "alloc")]
pub mod legacy;
#[cfg(feature = "alloc")]
mod level;
#[cfg(feature = "alloc")]
mod lz77;
#[cfg(feature = "parallel")]
pub mod parallel;
#[cfg(feature = "alloc")]
#[doc(hidden)]
pub mod parts;
mod raw;
mod whole;
#[cfg(feature = "alloc")]
pub mod zip;
pub mod zlib;

pub use error::{Error, ErrorKind};
#[cfg(feature = "alloc")]
pub use level::Level;
#[cfg(feature = "alloc")]
pub use whole::{Compressor, compress_bound};
pub use whole::{Decompressed, Decompressor, Format};

/// The examples of the README are tests.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;
