//! The checksums of the containers: CRC-32 (gzip, RFC 1952) and Adler-32 (zlib, RFC 1950).

mod adler32;
mod crc32;
mod sliced;

pub use adler32::Adler32;
pub use crc32::Crc32;
