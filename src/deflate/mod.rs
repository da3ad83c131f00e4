//! The compressor: chunks of input to fragments of DEFLATE bits.

mod block;
pub(crate) mod chunk;
mod split;
pub(crate) mod stream;

pub use chunk::chunk_bytes;
pub use stream::{Deflate, Encode, Flush, Sliced, Step, compress};
