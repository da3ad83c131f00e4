//! Adapters to the traits of `std::io`.

mod read;
mod write;

pub use read::{GzipReader, ZlibReader};
pub use write::Writer;
