//! Huffman codes as DEFLATE uses them: canonical, at most 15 bits, sent as a list of code lengths (RFC 1951, 3.2.2).
//!
//! A code is complete when its lengths fill the code space exactly: the sum of 2^-length over its symbols is 1
//! (Kraft). The compressor here only ever sends complete codes of at least two symbols.

pub(crate) mod canonical;
pub(crate) mod code_length_table;
#[cfg(feature = "alloc")]
pub(crate) mod code_lengths;
#[cfg(feature = "alloc")]
pub(crate) mod codes;
pub(crate) mod decode_table;
#[cfg(feature = "alloc")]
pub(crate) mod entropy;
#[cfg(feature = "alloc")]
pub(crate) mod lengths;

/// Symbols of the literal/length alphabet that may occur: 0..=255 literals, 256 end of block, 257..=285 lengths.
pub(crate) const LITLEN_SYMBOLS: usize = 286;
/// Symbols of the distance alphabet that may occur.
pub(crate) const DISTANCE_SYMBOLS: usize = 30;
/// Symbols of the code length alphabet.
pub(crate) const CODE_LENGTH_SYMBOLS: usize = 19;
/// The longest code of a literal, length or distance, in bits.
pub(crate) const MAX_CODE_BITS: u32 = 15;
/// The longest code of a code length, in bits.
pub(crate) const MAX_CODE_LENGTH_CODE_BITS: u32 = 7;
/// The end-of-block symbol.
pub(crate) const END_OF_BLOCK: usize = 256;
