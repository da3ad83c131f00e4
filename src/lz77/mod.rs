//! Finding and choosing matches: RFC 1951 leaves both to the compressor.
//!
//! A *finder* keeps positions by the hash of the bytes that stand there and returns candidates; a *parser* decides
//! which matches to use and calls a finder. Neither knows a level number: `crate::level` composes them.

pub(crate) mod candidates;
pub(crate) mod cost;
pub(crate) mod found;
pub(crate) mod histogram;
pub(crate) mod insert;
pub(crate) mod latest;
pub(crate) mod noise;
pub(crate) mod optimal;
pub(crate) mod path;
pub(crate) mod runs;
pub(crate) mod sequence;
pub(crate) mod single;
pub(crate) mod symbols;
pub(crate) mod tokens;
pub(crate) mod window;

use alloc::boxed::Box;

/// The shortest match the format has.
pub(crate) const MIN_MATCH: usize = 3;
/// The longest match the format has.
pub(crate) const MAX_MATCH: usize = 258;

/// A match found: `length` bytes here equal those `distance` back. A length of 0 means none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) length: usize,
    pub(crate) distance: usize,
}

/// Where a parse stands: everything before `at` is inserted, or passed over for good.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursor {
    /// The next position to search.
    pub(crate) at: usize,
    /// Where the literals start that no sequence holds yet.
    pub(crate) literals_from: usize,
}

/// A table of zeros on the heap.
pub(crate) fn zeroed<T: Copy + Default, const N: usize>() -> Box<[T; N]> {
    let zeros = alloc::vec![T::default(); N].into_boxed_slice();
    match zeros.try_into() {
        Ok(table) => table,
        Err(_) => unreachable!("the vector has the length of the array"),
    }
}
