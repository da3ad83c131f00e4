//! Writing a gzip member (RFC 1952, 2.3).
//!
//! ```text
//! 1f 8b  CM=8  FLG  MTIME(4)  XFL  OS  [XLEN(2) extra] [name 00] [comment 00] [CRC16(2)]  deflate  CRC32(4)  ISIZE(4)
//!              |
//!              bit 0 FTEXT  1 FHCRC  2 FEXTRA  3 FNAME  4 FCOMMENT  5-7 reserved, zero
//! ```

use alloc::vec::Vec;

use crate::checksum::Crc32;
use crate::deflate::stream::{Deflate, Encode, Flush};
use crate::level::Level;

/// The fields of a gzip header that the writer chooses.
///
/// The default has no name, comment or extra field, no time, and the OS byte 3 (Unix), so that equal input makes
/// equal output everywhere.
///
/// ```
/// use rigz::{Level, gzip::HeaderBuilder};
///
/// let header = HeaderBuilder::new().mtime(1_000_000_000).name(b"a.txt").ok_or("a zero byte")?;
/// let mut out = Vec::new();
/// header.write(Level::DEFAULT, &mut out);
/// assert_eq!(out, b"\x1f\x8b\x08\x08\x00\xca\x9a\x3b\x00\x03a.txt\0");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderBuilder {
    name: Option<Vec<u8>>,
    comment: Option<Vec<u8>>,
    extra: Option<Vec<u8>>,
    mtime: u32,
    os: u8,
    is_text: bool,
    has_crc: bool,
}

impl Default for HeaderBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl HeaderBuilder {
    /// The plain header.
    #[must_use]
    pub const fn new() -> Self {
        Self { name: None, comment: None, extra: None, mtime: 0, os: 3, is_text: false, has_crc: false }
    }

    /// With the file's name (FNAME), Latin-1 by the format. None if it holds a zero byte.
    #[must_use]
    pub fn name(self, name: &[u8]) -> Option<Self> {
        (!name.contains(&0)).then(|| Self { name: Some(name.to_vec()), ..self })
    }

    /// With a comment (FCOMMENT), Latin-1 by the format. None if it holds a zero byte.
    #[must_use]
    pub fn comment(self, comment: &[u8]) -> Option<Self> {
        (!comment.contains(&0)).then(|| Self { comment: Some(comment.to_vec()), ..self })
    }

    /// With an extra field (FEXTRA). None above 65535 bytes.
    #[must_use]
    pub fn extra(self, extra: &[u8]) -> Option<Self> {
        (extra.len() <= 0xffff).then(|| Self { extra: Some(extra.to_vec()), ..self })
    }

    /// With a time of last change (MTIME), in seconds since 1970; 0 means none.
    #[must_use]
    pub fn mtime(self, seconds: u32) -> Self {
        Self { mtime: seconds, ..self }
    }

    /// With another OS byte; 255 means unknown.
    #[must_use]
    pub fn os(self, os: u8) -> Self {
        Self { os, ..self }
    }

    /// With the hint that the data is text (FTEXT).
    #[must_use]
    pub fn text(self, is_text: bool) -> Self {
        Self { is_text, ..self }
    }

    /// With a checksum of the header itself (FHCRC).
    #[must_use]
    pub fn crc(self, has_crc: bool) -> Self {
        Self { has_crc, ..self }
    }

    /// Appends the header of a member compressed at `level`, which XFL tells: 2 for the smallest, 4 for the fastest.
    pub fn write(&self, level: Level, out: &mut Vec<u8>) {
        let start = out.len();
        let flags = u8::from(self.is_text)
            | u8::from(self.has_crc) << 1
            | u8::from(self.extra.is_some()) << 2
            | u8::from(self.name.is_some()) << 3
            | u8::from(self.comment.is_some()) << 4;
        let xfl = match level {
            Level::FAST | Level::HUFFMAN | Level::RUNS => 4,
            _ if level >= Level::BEST => 2,
            _ => 0,
        };
        out.extend_from_slice(&[0x1f, 0x8b, 8, flags]);
        out.extend_from_slice(&self.mtime.to_le_bytes());
        out.extend_from_slice(&[xfl, self.os]);
        if let Some(extra) = &self.extra {
            out.extend_from_slice(&(extra.len() as u16).to_le_bytes());
            out.extend_from_slice(extra);
        }
        for text in [&self.name, &self.comment].into_iter().flatten() {
            out.extend_from_slice(text);
            out.push(0);
        }
        if self.has_crc {
            let mut crc = Crc32::new();
            crc.update(&out[start..]);
            out.extend_from_slice(&(crc.value() as u16).to_le_bytes());
        }
    }
}

/// The eight bytes behind the data: CRC-32 and length modulo 2^32.
pub(crate) fn trailer(crc: u32, length: u64) -> [u8; 8] {
    let (crc, isize) = (crc.to_le_bytes(), (length as u32).to_le_bytes());
    [crc[0], crc[1], crc[2], crc[3], isize[0], isize[1], isize[2], isize[3]]
}

/// Compresses to one gzip member.
///
/// ```
/// use rigz::{Level, deflate::{Encode, Flush}, gzip::{Encoder, HeaderBuilder}};
/// let mut out = Vec::new();
/// let mut member = Encoder::new(Level::DEFAULT, &HeaderBuilder::new());
/// member.feed_all(b"hello", &mut out);
/// member.flush(Flush::Finish, &mut out);
/// assert!(out.starts_with(&[0x1f, 0x8b, 8]));
/// ```
#[derive(Debug)]
pub struct Encoder {
    deflate: Deflate,
    header: Vec<u8>,
    has_header: bool,
    has_trailer: bool,
    crc: Crc32,
}

impl Encoder {
    /// A member with `header`, compressed at `level`.
    #[must_use]
    pub fn new(level: Level, header: &HeaderBuilder) -> Self {
        Self::around(Deflate::new(level), level, header)
    }

    /// A member of `bytes` bytes or, with other flushes, fewer: the memory suits them. More bytes work, but are cut into
    /// chunks of that many.
    #[must_use]
    pub fn for_length(level: Level, header: &HeaderBuilder, bytes: usize) -> Self {
        Self::around(Deflate::for_length(level, bytes), level, header)
    }

    fn around(deflate: Deflate, level: Level, header: &HeaderBuilder) -> Self {
        let mut bytes = Vec::new();
        header.write(level, &mut bytes);
        Self { deflate, header: bytes, has_header: false, has_trailer: false, crc: Crc32::new() }
    }

    /// Compresses what is fed from here on at `level`; see [`Deflate::set_level`]. The header tells of the first.
    pub fn set_level(&mut self, level: Level, out: &mut Vec<u8>) {
        self.put_header(out);
        self.deflate.set_level(level, out);
    }

    /// The CRC-32 of what was fed.
    #[must_use]
    pub fn crc(&self) -> u32 {
        self.crc.value()
    }

    fn put_header(&mut self, out: &mut Vec<u8>) {
        if !self.has_header {
            out.extend_from_slice(&self.header);
            self.has_header = true;
        }
    }
}

impl Encode for Encoder {
    fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> usize {
        self.put_header(out);
        let taken = self.deflate.feed(input, out);
        self.crc.update(&input[..taken]);
        taken
    }

    fn flush(&mut self, how: Flush, out: &mut Vec<u8>) {
        if how == Flush::None || self.has_trailer {
            return;
        }
        self.put_header(out);
        self.deflate.flush(how, out);
        if how == Flush::Finish {
            out.extend_from_slice(&trailer(self.crc.value(), self.deflate.total_in()));
            self.has_trailer = true;
        }
    }

    fn reset(&mut self) {
        self.deflate.reset();
        (self.has_header, self.has_trailer) = (false, false);
        self.crc = Crc32::new();
    }

    fn total_in(&self) -> u64 {
        self.deflate.total_in()
    }

    fn total_out(&self) -> u64 {
        let header = if self.has_header { self.header.len() } else { 0 };
        let trailer = if self.has_trailer { 8 } else { 0 };
        self.deflate.total_out() + header as u64 + trailer
    }
}

/// Compresses `input` to one gzip member with the plain header, appended to `out`.
///
/// ```
/// use rigz::{Level, gzip};
///
/// let (mut member, mut data) = (Vec::new(), [0; 8]);
/// gzip::compress(b"12345678", Level::BEST, &mut member);
/// assert_eq!(gzip::decompress(&member, &mut data), Ok(8));
/// ```
pub fn compress(input: &[u8], level: Level, out: &mut Vec<u8>) {
    let mut member = Encoder::around(Deflate::for_length(level, input.len()), level, &HeaderBuilder::new());
    member.feed_all(input, out);
    member.flush(Flush::Finish, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_stands_where_the_format_says() {
        let header = HeaderBuilder::new().mtime(0x0403_0201).os(255).text(true).crc(true);
        let header =
            header.name(b"n").and_then(|h| h.comment(b"c")).and_then(|h| h.extra(b"xy")).expect("storable");
        let mut out = Vec::new();
        header.write(Level::BEST, &mut out);
        let expected = [
            0x1f, 0x8b, 8, 0b1_1111, 1, 2, 3, 4, 2,
            255, // fixed part: all flags, MTIME, XFL of the best level, OS
            2, 0, b'x', b'y', b'n', 0, b'c', 0, // XLEN and extra, name, comment
        ];
        let crc = crc32fast::hash(&expected).to_le_bytes();
        assert_eq!(out[..18], expected);
        assert_eq!(out[18..], crc[..2]);
    }

    #[test]
    fn fields_that_cannot_be_stored_are_refused() {
        assert!(HeaderBuilder::new().name(b"a\0b").is_none());
        assert!(HeaderBuilder::new().comment(b"\0").is_none());
        assert!(HeaderBuilder::new().extra(&[0; 65_535]).is_some());
        assert!(HeaderBuilder::new().extra(&[0; 65_536]).is_none());
    }

    #[test]
    fn members_read_back_elsewhere() {
        for input in [&b""[..], b"a", &[7; 300_000]] {
            let mut out = Vec::new();
            compress(input, Level::DEFAULT, &mut out);
            let mut pieces = Vec::new();
            let mut member = Encoder::new(Level::DEFAULT, &HeaderBuilder::new());
            input.chunks(977).for_each(|piece| member.feed_all(piece, &mut pieces));
            member.flush(Flush::Finish, &mut pieces);
            assert!(out == pieces);
            let back = zune_inflate::DeflateDecoder::new(&out).decode_gzip().expect("valid");
            assert!(back == input);
        }
    }
}
