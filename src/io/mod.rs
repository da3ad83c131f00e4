//! Adapters to the traits of `std::io`.
//!
//! | | compress | decompress |
//! |---|---|---|
//! | while reading | [`CompressReader`] | [`Reader`]: [`GzipReader`], [`ZlibReader`], [`DeflateReader`] |
//! | while writing | [`Writer`] | [`DecompressWriter`] |

mod read;
mod write;

pub use read::{CompressReader, DeflateReader, GzipReader, Reader, ZlibReader};
pub use write::{DecompressWriter, Writer};
#[cfg(feature = "parallel")]
pub(crate) use write::{Held, write_some};
