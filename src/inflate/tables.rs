//! The two decode tables of a block.

use crate::arch::{IS_FETCHED, Isa, Kernel, Simd};
use crate::error::ErrorKind;
use crate::huffman::canonical::{Canonical, CodeError, MAX_CODE_BITS};
use crate::huffman::decode_table::{
    DISTANCE_SYMBOLS, DistanceTable, END_OF_BLOCK, LITLEN_SYMBOLS, LOOKUP_BITS, LitlenTable, Main, RUN_BITS,
    Runs,
};

/// Bytes of input from which on pairs, and tables for all bits, pay for their making.
const PAIRS_PAY: usize = 1 << 10;

/// Code lengths of the literal/length symbols and, from [`LITLEN_SYMBOLS`] on, of the distance symbols.
pub(super) type CodeLengths = [u8; LITLEN_SYMBOLS + DISTANCE_SYMBOLS];

/// What a block's symbols are decoded with.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    /// The main tables: of literals and lengths, and of distances.
    pub(super) main: [Main; 2],
    pub(super) litlen: LitlenTable,
    pub(super) distance: DistanceTable,
    /// For how many bits the main tables are.
    pub(super) width: Width,
    /// The table of runs of literals, if the code has any.
    pub(super) runs: Runs,
    /// Whether most literals stand in runs.
    pub(super) has_runs: bool,
    /// Whether they are those of the fixed code.
    is_fixed: bool,
}

/// How many bits are looked up at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    /// Fewer than [`LOOKUP_BITS`] by so many.
    narrower: u32,
}

impl Width {
    /// [`LOOKUP_BITS`].
    pub(super) const WIDE: Self = Self { narrower: 0 };

    /// A mask of the bits looked up at once.
    #[inline(always)]
    pub(super) fn mask(self) -> usize {
        ((1 << LOOKUP_BITS) - 1) >> self.narrower
    }
}

impl Tables {
    /// Tables not built yet.
    pub(super) const fn new() -> Self {
        let main = [[0; 1 << LOOKUP_BITS]; 2];
        Self {
            main,
            litlen: LitlenTable::new(),
            distance: DistanceTable::new(),
            width: Width::WIDE,
            runs: [0; 1 << RUN_BITS],
            has_runs: false,
            is_fixed: false,
        }
    }

    /// Builds the tables of a dynamic block, for so many bytes of input at least.
    pub(super) fn set_dynamic(
        &mut self,
        isa: Isa,
        lengths: &CodeLengths,
        input: usize,
    ) -> Result<(), ErrorKind> {
        self.is_fixed = false;
        isa.call(Build { tables: self, lengths, with_pairs: input >= PAIRS_PAY })
    }

    /// Makes them the tables of the fixed code (RFC 1951, 3.2.6), if they are not.
    pub(super) fn set_fixed(&mut self, isa: Isa) {
        if !self.is_fixed {
            let built = self.set_dynamic(isa, &FIXED_LENGTHS, PAIRS_PAY);
            debug_assert!(built.is_ok(), "the fixed code is complete");
            self.is_fixed = true;
        }
    }
}

/// The arguments of a building, to be done at some level.
struct Build<'a> {
    tables: &'a mut Tables,
    lengths: &'a CodeLengths,
    with_pairs: bool,
}

impl Kernel for Build<'_> {
    type Output = Result<(), ErrorKind>;

    #[inline(always)]
    fn run<S: Simd>(self) -> Self::Output {
        let (litlen, distance) = self.lengths.split_at(LITLEN_SYMBOLS);
        let litlen = litlen.first_chunk().unwrap_or(&[0; LITLEN_SYMBOLS]);
        let distance = distance.first_chunk().unwrap_or(&[0; DISTANCE_SYMBOLS]);
        let [litlen_main, distance_main] = &mut self.tables.main;
        let litlen_code = Canonical::new(litlen, false).map_err(|error| match error {
            CodeError::OverSubscribed => ErrorKind::LitlenCodeOverSubscribed,
            CodeError::Incomplete => ErrorKind::LitlenCodeIncomplete,
        })?;
        let distance_code = Canonical::new(distance, true).map_err(|error| match error {
            CodeError::OverSubscribed => ErrorKind::DistanceCodeOverSubscribed,
            CodeError::Incomplete => ErrorKind::DistanceCodeIncomplete,
        })?;
        self.tables.has_runs = !IS_FETCHED && self.with_pairs && has_runs(litlen);
        let longest = litlen_code.longest.max(distance_code.longest);
        let bits = if self.with_pairs { LOOKUP_BITS } else { longest.min(LOOKUP_BITS) };
        self.tables.width = Width { narrower: (LOOKUP_BITS - bits) as u32 };
        self.tables.litlen.build(litlen_main, bits, &litlen_code, litlen, self.with_pairs);
        if self.tables.has_runs {
            self.tables.litlen.build_runs(litlen_main, &mut self.tables.runs);
        }
        self.tables.distance.build(distance_main, bits, &distance_code);
        Ok(())
    }
}

/// Whether one symbol in 16 or fewer is a length, as the lengths of their codes have it.
#[inline(always)]
fn has_runs(litlen: &[u8; LITLEN_SYMBOLS]) -> bool {
    let lengths = litlen[END_OF_BLOCK + 1..].iter().filter(|&&length| length > 0);
    lengths.map(|&length| 1u32 << (MAX_CODE_BITS - usize::from(length))).sum::<u32>()
        <= 1 << (MAX_CODE_BITS - 4)
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
