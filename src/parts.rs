//! Parts of the library that `benches/` times and counts apart from the whole. Nothing here is a promise.

use crate::arch::{Isa, Kernel, Simd};
use crate::huffman::canonical::Canonical;
use crate::huffman::decode_table::{DistanceTable, EMPTY, LOOKUP_BITS, LitlenTable, Main};
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
pub struct DecodeTables(Box<([Main; 2], LitlenTable, DistanceTable)>);

impl DecodeTables {
    /// Tables not built yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only benches make one")]
    pub fn new() -> Self {
        Self(Box::new(([[EMPTY; 1 << LOOKUP_BITS]; 2], LitlenTable::new(), DistanceTable::new())))
    }

    /// Builds both; whether the lengths are codes.
    pub fn build(&mut self, litlen: &[u8; 288], distance: &[u8; 32]) -> bool {
        let ([litlen_main, distance_main], litlens, distances) = &mut *self.0;
        let (Ok(litlen_code), Ok(distance_code)) =
            (Canonical::new(litlen, false), Canonical::new(distance, true))
        else {
            return false;
        };
        litlens.build(litlen_main, LOOKUP_BITS, &litlen_code, litlen, true);
        distances.build(distance_main, LOOKUP_BITS, &distance_code);
        true
    }
}
