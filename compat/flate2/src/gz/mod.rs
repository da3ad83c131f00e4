//! gzip: headers, and what reads and writes members.

pub(crate) mod decode;
pub(crate) mod encode;

use crate::Compression;
use crate::buffered::Buffered;
use rigz::gzip::{Header, HeaderBuilder};
use std::io::{self, BufRead, Read, Write};
use std::time::{Duration, SystemTime};

/// The fields of a member's header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GzHeader {
    extra: Option<Vec<u8>>,
    filename: Option<Vec<u8>>,
    comment: Option<Vec<u8>>,
    operating_system: u8,
    mtime: u32,
}

impl GzHeader {
    /// The file name, in Latin-1 by the standard. Of a longer one the first 65,535 bytes.
    #[must_use]
    pub fn filename(&self) -> Option<&[u8]> {
        self.filename.as_deref()
    }

    /// The extra field.
    #[must_use]
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// The comment, in Latin-1 by the standard. Of a longer one the first 65,535 bytes.
    #[must_use]
    pub fn comment(&self) -> Option<&[u8]> {
        self.comment.as_deref()
    }

    /// The operating system: 3 is Unix, 255 unknown.
    #[must_use]
    pub fn operating_system(&self) -> u8 {
        self.operating_system
    }

    /// The time of the last change, in seconds since 1970; 0 for none.
    #[must_use]
    pub fn mtime(&self) -> u32 {
        self.mtime
    }

    /// The time of the last change, if there is one.
    #[must_use]
    pub fn mtime_as_datetime(&self) -> Option<SystemTime> {
        (self.mtime != 0).then(|| SystemTime::UNIX_EPOCH + Duration::from_secs(self.mtime.into()))
    }
}

impl From<&Header> for GzHeader {
    fn from(header: &Header) -> Self {
        Self {
            extra: header.extra.clone(),
            filename: header.name.clone(),
            comment: header.comment.clone(),
            operating_system: header.os,
            mtime: header.mtime,
        }
    }
}

/// Makes encoders with a header of one's own. Without a system named, it is 255: unknown.
///
/// ```
/// use flate2::{Compression, GzBuilder, read::GzDecoder};
/// use std::io::Write;
///
/// let mut encoder = GzBuilder::new().filename("a.txt").mtime(1).write(Vec::new(), Compression::default());
/// encoder.write_all(b"a")?;
/// let member = encoder.finish()?;
/// let decoder = GzDecoder::new(&member[..]);
/// let header = decoder.header().ok_or(std::io::ErrorKind::InvalidData)?;
/// assert_eq!((header.filename(), header.mtime()), (Some(&b"a.txt"[..]), 1));
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct GzBuilder {
    header: HeaderBuilder,
}

impl Default for GzBuilder {
    fn default() -> Self {
        Self { header: HeaderBuilder::new().os(255) }
    }
}

impl GzBuilder {
    /// The plain header.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the time of the last change, in seconds since 1970.
    #[must_use]
    pub fn mtime(self, mtime: u32) -> Self {
        Self { header: self.header.mtime(mtime) }
    }

    /// With the operating system.
    #[must_use]
    pub fn operating_system(self, os: u8) -> Self {
        Self { header: self.header.os(os) }
    }

    /// With an extra field.
    ///
    /// # Panics
    ///
    /// Above 65,535 bytes.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the documented panic")]
    pub fn extra<T: Into<Vec<u8>>>(self, extra: T) -> Self {
        let header = self.header.extra(&extra.into());
        Self { header: header.expect("gzip extra field length cannot exceed u16::MAX") }
    }

    /// With a file name.
    ///
    /// # Panics
    ///
    /// If it holds a zero byte.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the documented panic")]
    pub fn filename<T: Into<Vec<u8>>>(self, filename: T) -> Self {
        Self { header: self.header.name(&filename.into()).expect("a file name without zero bytes") }
    }

    /// With a comment.
    ///
    /// # Panics
    ///
    /// If it holds a zero byte.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the documented panic")]
    pub fn comment<T: Into<Vec<u8>>>(self, comment: T) -> Self {
        Self { header: self.header.comment(&comment.into()).expect("a comment without zero bytes") }
    }

    /// An encoder before a writer.
    pub fn write<W: Write>(self, w: W, lvl: Compression) -> encode::write::GzEncoder<W> {
        encode::write::GzEncoder::with_header(self.bytes(lvl), w, lvl)
    }

    /// An encoder behind a reader.
    pub fn read<R: Read>(self, r: R, lvl: Compression) -> encode::read::GzEncoder<R> {
        encode::read::GzEncoder(self.buf_read(Buffered::new(r), lvl))
    }

    /// An encoder behind a buffered reader.
    pub fn buf_read<R: BufRead>(self, r: R, lvl: Compression) -> encode::bufread::GzEncoder<R> {
        encode::bufread::GzEncoder::with_header(self.bytes(lvl), r, lvl)
    }

    fn bytes(self, level: Compression) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.header.write(level.of_rigz(), &mut bytes);
        bytes
    }
}

/// What flate2 says of a header, and of a trailer.
pub(crate) fn bad_header() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "invalid gzip header")
}

pub(crate) fn corrupt_gzip() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "corrupt gzip stream does not have a matching checksum")
}
