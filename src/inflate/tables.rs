//! The two decode tables of a block.

use crate::error::ErrorKind;
use crate::huffman::decode_table::{
    CodeError, DISTANCE_SYMBOLS, DistanceTable, EMPTY, LITLEN_SYMBOLS, LOOKUP_BITS, LitlenTable, Main,
};

/// Code lengths of the literal/length symbols and, from [`LITLEN_SYMBOLS`] on, of the distance symbols.
pub(super) type CodeLengths = [u8; LITLEN_SYMBOLS + DISTANCE_SYMBOLS];

/// What a block's symbols are decoded with.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    /// The main tables: of literals and lengths, and of distances.
    pub(super) main: [Main; 2],
    pub(super) litlen: LitlenTable,
    pub(super) distance: DistanceTable,
    /// Whether they are those of the fixed code.
    is_fixed: bool,
}

impl Tables {
    /// Tables not built yet.
    pub(super) const fn new() -> Self {
        let main = [[EMPTY; 1 << LOOKUP_BITS]; 2];
        Self { main, litlen: LitlenTable::new(), distance: DistanceTable::new(), is_fixed: false }
    }

    /// Builds the tables of a dynamic block.
    pub(super) fn set_dynamic(&mut self, lengths: &CodeLengths) -> Result<(), ErrorKind> {
        self.is_fixed = false;
        let (litlen, distance) = lengths.split_at(LITLEN_SYMBOLS);
        let litlen = litlen.first_chunk().unwrap_or(&[0; LITLEN_SYMBOLS]);
        let distance = distance.first_chunk().unwrap_or(&[0; DISTANCE_SYMBOLS]);
        let [litlen_main, distance_main] = &mut self.main;
        self.litlen.build(litlen_main, litlen).map_err(|error| match error {
            CodeError::OverSubscribed => ErrorKind::LitlenCodeOverSubscribed,
            CodeError::Incomplete => ErrorKind::LitlenCodeIncomplete,
        })?;
        self.distance.build(distance_main, distance).map_err(|error| match error {
            CodeError::OverSubscribed => ErrorKind::DistanceCodeOverSubscribed,
            CodeError::Incomplete => ErrorKind::DistanceCodeIncomplete,
        })
    }

    /// Makes them the tables of the fixed code (RFC 1951, 3.2.6), if they are not.
    pub(super) fn set_fixed(&mut self) {
        if !self.is_fixed {
            let built = self.set_dynamic(&FIXED_LENGTHS);
            debug_assert!(built.is_ok(), "the fixed code is complete");
            self.is_fixed = true;
        }
    }
}

/// Code lengths of the fixed code.
const FIXED_LENGTHS: CodeLengths = {
    let mut lengths = [8; LITLEN_SYMBOLS + DISTANCE_SYMBOLS];
    let mut symbol = 144;
    while symbol < lengths.len() {
        lengths[symbol] = match symbol {
            144..256 => 9,
            256..280 => 7,
            280..LITLEN_SYMBOLS => 8,
            _ => 5,
        };
        symbol += 1;
    }
    lengths
};
