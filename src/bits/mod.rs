//! Bits in the order of RFC 1951, 3.1.1: packed into bytes from the least significant bit up.

#[cfg(feature = "alloc")]
pub(crate) mod fragment;
pub(crate) mod reader;
#[cfg(feature = "alloc")]
pub(crate) mod writer;
