//! The gzip container (RFC 1952): members of a header, a DEFLATE stream, and a trailer with CRC-32 and length.

mod header;
#[cfg(feature = "alloc")]
pub(crate) mod members;
#[cfg(feature = "alloc")]
pub(crate) mod read;
pub(crate) mod whole;
#[cfg(feature = "alloc")]
pub(crate) mod write;

#[cfg(feature = "alloc")]
pub use self::{
    header::Header,
    read::{Decoder, Trailing},
    write::{Encoder, HeaderBuilder, compress},
};
#[cfg(feature = "alloc")]
pub use crate::inflate::Step;
pub use whole::decompress;

use crate::checksum::Crc32;
use crate::error::{Error, ErrorKind};

/// What every member starts with.
pub(crate) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Compares a trailer with the data; offsets of errors count from its first byte.
pub(crate) fn check_trailer(trailer: [u8; 8], crc: &Crc32, length: u64) -> Result<(), Error> {
    let [c0, c1, c2, c3, l0, l1, l2, l3] = trailer;
    if u32::from_le_bytes([c0, c1, c2, c3]) != crc.value() {
        return Err(Error::new(ErrorKind::CrcMismatch, 0));
    }
    if u32::from_le_bytes([l0, l1, l2, l3]) != length as u32 {
        return Err(Error::new(ErrorKind::SizeMismatch, 4));
    }
    Ok(())
}
