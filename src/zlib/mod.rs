//! The zlib container (RFC 1950): a header of two bytes, a DEFLATE stream, and its Adler-32.

#[cfg(feature = "alloc")]
mod read;
pub(crate) mod whole;
#[cfg(feature = "alloc")]
pub(crate) mod write;

#[cfg(feature = "alloc")]
pub use self::{
    read::Decoder,
    write::{Encoder, compress},
};
pub use whole::decompress;

use crate::error::{Error, ErrorKind};

/// Checks the two bytes of a header; whether a dictionary identifier follows.
fn check_header(cmf: u8, flags: u8) -> Result<bool, Error> {
    if (u32::from(cmf) << 8 | u32::from(flags)) % 31 != 0 {
        return Err(Error::new(ErrorKind::HeaderChecksum, 0));
    }
    if cmf & 15 != 8 {
        return Err(Error::new(ErrorKind::UnknownMethod, 0));
    }
    if cmf >> 4 > 7 {
        return Err(Error::new(ErrorKind::WindowTooLarge, 0));
    }
    Ok(flags & 0x20 != 0)
}
