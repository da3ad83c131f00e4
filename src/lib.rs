//! gzip made new: a DEFLATE compressor and decompressor in pure Rust.

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
