//! The compressor: chunks of input to fragments of DEFLATE bits.

mod block;
pub mod chunk;
mod split;
pub mod stream;

pub use chunk::{ChunkEncoder, chunk_bytes};
pub use stream::{Deflate, Encode, Flush, Sliced, Step, compress};
