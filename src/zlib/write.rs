//! Writing a zlib stream (RFC 1950, 2.2).
//!
//! ```text
//! CMF 0x78  FLG  [DICTID(4, big-endian)]  deflate  ADLER32(4, big-endian)
//!           |
//!           bits 0-4 FCHECK: CMF * 256 + FLG is a multiple of 31;  5 FDICT;  6-7 FLEVEL
//! ```

use alloc::vec::Vec;

use crate::checksum::Adler32;
use crate::deflate::stream::{Deflate, Encode, Flush};
use crate::level::Level;

/// Method 8 (DEFLATE) with a window of 32 KiB.
const CMF: u8 = 0x78;
const FDICT: u8 = 1 << 5;

/// Compresses to one zlib stream.
///
/// ```
/// use rigz::{Level, deflate::{Encode, Flush}, zlib};
///
/// let (mut encoder, mut out) = (zlib::Encoder::with_dictionary(Level::BEST, b"hello, world"), Vec::new());
/// encoder.feed_all(b"hello, hello", &mut out);
/// encoder.flush(Flush::Finish, &mut out);
/// assert_eq!(out[..2], [0x78, 0xf9]);
/// ```
///
/// # Memory
///
/// That of [`Deflate`]: about 2 MiB, most of it untouched as long as the input is short.
#[derive(Debug)]
pub struct Encoder {
    deflate: Deflate,
    header: Header,
    has_header: bool,
    has_trailer: bool,
    adler: Adler32,
}

/// The bytes of a header: two, or six with a dictionary.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    bytes: [u8; 6],
    len: usize,
}

impl Header {
    /// The header of a stream compressed at `level`.
    pub(crate) fn new(level: Level, dictionary: Option<&[u8]>) -> Self {
        let effort = match level.number() {
            _ if level == Level::HUFFMAN || level == Level::RUNS => 0,
            0..=1 => 0,
            2..=5 => 1,
            6 => 2,
            _ => 3,
        };
        let flags = effort << 6 | if dictionary.is_some() { FDICT } else { 0 };
        let check = 31 - (u16::from(CMF) << 8 | u16::from(flags)) % 31;
        let mut bytes = [CMF, flags | check as u8, 0, 0, 0, 0];
        let Some(dictionary) = dictionary else { return Self { bytes, len: 2 } };
        let mut id = Adler32::new();
        id.update(dictionary);
        bytes[2..].copy_from_slice(&id.value().to_be_bytes());
        Self { bytes, len: 6 }
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Encoder {
    /// A stream compressed at `level`.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self::around(Deflate::new(level), Header::new(level, None))
    }

    /// A stream that the reader needs `dictionary` for, of which the last 32 KiB count for compression.
    #[must_use]
    pub fn with_dictionary(level: Level, dictionary: &[u8]) -> Self {
        Self::around(Deflate::with_dictionary(level, dictionary), Header::new(level, Some(dictionary)))
    }

    fn around(deflate: Deflate, header: Header) -> Self {
        Self { deflate, header, has_header: false, has_trailer: false, adler: Adler32::new() }
    }

    /// Compresses what is fed from here on at `level`; see [`Deflate::set_level`]. The header tells of the first.
    pub fn set_level(&mut self, level: Level, out: &mut Vec<u8>) {
        self.put_header(out);
        self.deflate.set_level(level, out);
    }

    fn put_header(&mut self, out: &mut Vec<u8>) {
        if !self.has_header {
            out.extend_from_slice(self.header.bytes());
            self.has_header = true;
        }
    }
}

impl Encode for Encoder {
    fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> usize {
        self.put_header(out);
        let taken = self.deflate.feed(input, out);
        self.adler.update(&input[..taken]);
        taken
    }

    fn flush(&mut self, how: Flush, out: &mut Vec<u8>) {
        if how == Flush::None || self.has_trailer {
            return;
        }
        self.put_header(out);
        self.deflate.flush(how, out);
        if how == Flush::Finish {
            out.extend_from_slice(&self.adler.value().to_be_bytes());
            self.has_trailer = true;
        }
    }

    fn reset(&mut self) {
        self.deflate.reset();
        (self.has_header, self.has_trailer) = (false, false);
        self.adler = Adler32::new();
    }

    fn total_in(&self) -> u64 {
        self.deflate.total_in()
    }

    fn total_out(&self) -> u64 {
        let header = if self.has_header { self.header.len } else { 0 };
        let trailer = if self.has_trailer { 4 } else { 0 };
        self.deflate.total_out() + (header + trailer) as u64
    }
}

/// Compresses `input` to one zlib stream, appended to `out`.
///
/// ```
/// use rigz::{Level, zlib};
///
/// let (mut stream, mut data) = (Vec::new(), [0; 8]);
/// zlib::compress(b"12345678", Level::BEST, &mut stream);
/// assert_eq!(zlib::decompress(&stream, &mut data), Ok(8));
/// ```
pub fn compress(input: &[u8], level: Level, out: &mut Vec<u8>) {
    let mut stream = Encoder::around(Deflate::for_length(level, input.len()), Header::new(level, None));
    stream.feed_all(input, out);
    stream.flush(Flush::Finish, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_that_zlib_writes() {
        for (number, flags) in [(1, 0x01), (5, 0x5e), (6, 0x9c), (9, 0xda)] {
            let level = Level::new(number).expect("level");
            assert_eq!(Header::new(level, None).bytes(), [0x78, flags]);
        }
        assert_eq!(Header::new(Level::DEFAULT, Some(b"abc")).bytes(), [0x78, 0xbb, 0x02, 0x4d, 0x01, 0x27]);
    }

    #[test]
    fn streams_read_back_elsewhere() {
        for input in [&b""[..], b"a", &[7; 300_000]] {
            let mut out = Vec::new();
            compress(input, Level::DEFAULT, &mut out);
            assert!(miniz_oxide::inflate::decompress_to_vec_zlib(&out).expect("valid") == input);
        }
    }
}
