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
#[derive(Debug)]
pub struct Encoder {
    deflate: Deflate,
    /// The header, until it is written.
    header: Vec<u8>,
    adler: Adler32,
}

impl Encoder {
    /// A stream compressed at `level`.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self::around(Deflate::new(level), header(level, None))
    }

    /// A stream that the reader needs `dictionary` for, of which the last 32 KiB count for compression.
    #[must_use]
    pub fn with_dictionary(level: Level, dictionary: &[u8]) -> Self {
        Self::around(Deflate::with_dictionary(level, dictionary), header(level, Some(dictionary)))
    }

    fn around(deflate: Deflate, header: Vec<u8>) -> Self {
        Self { deflate, header, adler: Adler32::new() }
    }
}

fn header(level: Level, dictionary: Option<&[u8]>) -> Vec<u8> {
    let effort = match level.number() {
        0..=1 => 0,
        2..=5 => 1,
        6 => 2,
        _ => 3,
    };
    let flags = effort << 6 | if dictionary.is_some() { FDICT } else { 0 };
    let check = 31 - (u16::from(CMF) << 8 | u16::from(flags)) % 31;
    let mut out = alloc::vec![CMF, flags | check as u8];
    if let Some(dictionary) = dictionary {
        let mut id = Adler32::new();
        id.update(dictionary);
        out.extend_from_slice(&id.value().to_be_bytes());
    }
    out
}

impl Encode for Encoder {
    fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> usize {
        out.append(&mut self.header);
        let taken = self.deflate.feed(input, out);
        self.adler.update(&input[..taken]);
        taken
    }

    fn flush(&mut self, how: Flush, out: &mut Vec<u8>) {
        if how == Flush::None || self.deflate.is_finished() {
            return;
        }
        out.append(&mut self.header);
        self.deflate.flush(how, out);
        if how == Flush::Finish {
            out.extend_from_slice(&self.adler.value().to_be_bytes());
        }
    }
}

/// Compresses `input` to one zlib stream, appended to `out`.
pub fn compress(input: &[u8], level: Level, out: &mut Vec<u8>) {
    let mut stream = Encoder::around(Deflate::for_length(level, input.len()), header(level, None));
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
            assert_eq!(header(level, None), [0x78, flags]);
        }
        assert_eq!(header(Level::DEFAULT, Some(b"abc")), [0x78, 0xbb, 0x02, 0x4d, 0x01, 0x27]);
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
