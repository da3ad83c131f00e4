//! Parts of the library that `benches/` times and counts apart from the whole. Nothing here is a promise.

use crate::arch::{Isa, Kernel, Simd};
use crate::huffman::decode_table::{DistanceTable, LitlenTable};
use crate::huffman::lengths;
use crate::raw::position::{LEAD, Room, TAIL};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A text and pairs of places in it.
#[derive(Debug)]
pub struct Matches {
    buffer: Vec<u8>,
    len: usize,
    pairs: Vec<(usize, u16)>,
}

impl Matches {
    /// `pairs` are positions in `text` and distances back from there.
    #[must_use]
    pub fn new(text: &[u8], pairs: Vec<(usize, u16)>) -> Self {
        let mut buffer = alloc::vec![0; LEAD];
        buffer.extend_from_slice(text);
        buffer.resize(buffer.len() + TAIL, 0);
        Self { buffer, len: text.len(), pairs }
    }

    /// The match lengths at all pairs, added up.
    #[must_use]
    pub fn total_length(&self) -> u32 {
        Isa::detect().call(self)
    }
}

impl Kernel for &Matches {
    type Output = u32;

    #[inline(always)]
    fn run<S: Simd>(self) -> u32 {
        let Some(room) = Room::new(&self.buffer, self.len) else { return 0 };
        let length = |&(at, distance)| {
            let place = room.at(at);
            place.here().common_len::<S>(place.back(distance), 0)
        };
        self.pairs.iter().map(length).sum()
    }
}

/// Length-limited code lengths from frequencies.
pub fn code_lengths(frequencies: &[u32], limit: u32, lengths: &mut [u8]) {
    lengths::code_lengths(frequencies, limit, lengths);
}

/// The two decode tables of a dynamic block.
#[derive(Debug)]
pub struct DecodeTables(Box<(LitlenTable, DistanceTable)>);

impl DecodeTables {
    /// Tables not built yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only benches make one")]
    pub fn new() -> Self {
        Self(Box::new((LitlenTable::new(), DistanceTable::new())))
    }

    /// Builds both; whether the lengths are codes.
    pub fn build(&mut self, litlen: &[u8; 288], distance: &[u8; 32]) -> bool {
        self.0.0.build(litlen).is_ok() && self.0.1.build(distance).is_ok()
    }
}
