//! Reading what gzip also reads: the formats of `compress` (`.Z`) and `pack` (`.z`).
//!
//! Both decoders are state machines as [`crate::gzip::Decoder`] is, take input cut anywhere, and use bounded memory.

pub mod lzw;
pub mod pack;

/// Decoded bytes that were not taken yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    bytes: alloc::vec::Vec<u8>,
    taken: usize,
}

impl Pending {
    /// Decoding pauses when this many bytes wait.
    pub(crate) const ENOUGH: usize = 1 << 15;

    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    pub(crate) fn is_enough(&self) -> bool {
        self.rest().len() >= Self::ENOUGH
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn take(&mut self, count: usize) {
        assert!(count <= self.rest().len(), "more taken than there is");
        self.taken += count;
        if self.taken == self.bytes.len() {
            self.bytes.clear();
            self.taken = 0;
        }
    }
}
