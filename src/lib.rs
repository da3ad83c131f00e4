//! gzip made new: a DEFLATE compressor and decompressor in pure Rust.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod arch;
pub mod bits;
pub mod checksum;
pub mod deflate;
mod error;
pub mod gzip;
mod huffman;
pub mod inflate;
#[cfg(feature = "std")]
pub mod io;
mod level;
pub mod lz77;
#[cfg(feature = "parallel")]
pub mod parallel;
#[cfg(feature = "alloc")]
#[doc(hidden)]
pub mod parts;
mod raw;
pub mod zlib;

pub use error::{Error, ErrorKind};
pub use level::Level;

/// The examples of the README are tests.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;
