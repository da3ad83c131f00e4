//! An encoder with any header, any trailer, and a window of any size.
//!
//! rigz looks back 32 KiB. For a smaller window of `w` bytes it is made to forget: after every `w / 2` bytes it is given
//! those bytes, and nothing else, as a dictionary. So no match reaches back farther than `w`, at the cost of a block
//! for every `w / 2` bytes.

use rigz::checksum::{Adler32, Crc32};
use rigz::deflate::{Deflate, Encode, Flush};
use rigz::{Level, gzip};

/// What stands around the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Raw,
    Zlib,
    Gzip,
}

/// The largest window, as the binary logarithm of its bytes.
pub(crate) const MOST_WINDOW_BITS: u8 = 15;

/// The encoder of one stream.
#[derive(Debug)]
pub(crate) struct Framed {
    deflate: Deflate,
    frame: Frame,
    window_bits: u8,
    /// The level the stream starts at, of which its header tells.
    first_level: Level,
    /// The dictionary that a zlib header names.
    dictionary_id: Option<u32>,
    /// Bytes since the encoder last forgot, of a window that is not the largest.
    recent: Vec<u8>,
    adler: Adler32,
    crc: Crc32,
    header_bytes: u64,
    trailer_bytes: u64,
}

impl Framed {
    pub(crate) fn new(level: Level, frame: Frame, window_bits: u8) -> Self {
        Self {
            deflate: Deflate::new(level),
            frame,
            window_bits,
            first_level: level,
            dictionary_id: None,
            recent: Vec::new(),
            adler: Adler32::new(),
            crc: Crc32::new(),
            header_bytes: 0,
            trailer_bytes: 0,
        }
    }

    /// Compresses what follows at `level`.
    pub(crate) fn set_level(&mut self, level: Level, out: &mut Vec<u8>) {
        if self.deflate.total_in() == 0 && self.header_bytes == 0 {
            self.first_level = level;
        }
        self.put_header(out);
        self.deflate.set_level(level, out);
    }

    /// Lets what follows refer to `dictionary`. Returns its Adler-32, or nothing if the format has no place for it.
    pub(crate) fn set_dictionary(&mut self, dictionary: &[u8], out: &mut Vec<u8>) -> Option<u32> {
        let mut adler = Adler32::new();
        adler.update(dictionary);
        match self.frame {
            Frame::Raw => {}
            Frame::Zlib if self.header_bytes == 0 => self.dictionary_id = Some(adler.value()),
            _ => return None,
        }
        let dictionary = match self.half() {
            Some(half) => &dictionary[dictionary.len().saturating_sub(half)..],
            None => dictionary,
        };
        self.deflate.set_dictionary(dictionary, out);
        self.recent.clear();
        Some(adler.value())
    }

    /// Half the window, if it is not the largest.
    fn half(&self) -> Option<usize> {
        (self.window_bits < MOST_WINDOW_BITS).then(|| 1 << (self.window_bits - 1))
    }

    fn put_header(&mut self, out: &mut Vec<u8>) {
        if self.header_bytes > 0 {
            return;
        }
        let before = out.len();
        match self.frame {
            Frame::Raw => {}
            Frame::Gzip => gzip::HeaderBuilder::new().write(self.first_level, out),
            // RFC 1950, 2.2.
            Frame::Zlib => {
                let cmf = (self.window_bits - 8) << 4 | 8;
                let effort = match self.first_level.number() {
                    0 | 1 => 0u8,
                    2..=5 => 1,
                    6 => 2,
                    _ => 3,
                };
                let flags = effort << 6 | u8::from(self.dictionary_id.is_some()) << 5;
                let check = 31 - (u16::from(cmf) << 8 | u16::from(flags)) % 31;
                out.extend([cmf, flags | check as u8]);
                out.extend(self.dictionary_id.iter().flat_map(|id| id.to_be_bytes()));
            }
        }
        self.header_bytes = (out.len() - before) as u64;
    }

    fn put_trailer(&mut self, out: &mut Vec<u8>) {
        let before = out.len();
        match self.frame {
            Frame::Raw => {}
            Frame::Zlib => out.extend(self.adler.value().to_be_bytes()),
            Frame::Gzip => {
                out.extend(self.crc.value().to_le_bytes());
                out.extend((self.deflate.total_in() as u32).to_le_bytes());
            }
        }
        self.trailer_bytes = (out.len() - before) as u64;
    }
}

impl Encode for Framed {
    fn feed(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> usize {
        if input.is_empty() || self.deflate.is_finished() {
            return 0;
        }
        self.put_header(out);
        if let Some(half) = self.half() {
            if self.recent.len() == half {
                self.deflate.set_dictionary(&self.recent, out);
                self.recent.clear();
            }
            input = &input[..input.len().min(half - self.recent.len())];
        }
        let taken = self.deflate.feed(input, out);
        let input = &input[..taken];
        match self.frame {
            Frame::Raw => {}
            Frame::Zlib => self.adler.update(input),
            Frame::Gzip => self.crc.update(input),
        }
        if self.half().is_some() {
            self.recent.extend_from_slice(input);
        }
        taken
    }

    fn flush(&mut self, how: Flush, out: &mut Vec<u8>) {
        if how == Flush::None || self.deflate.is_finished() {
            return;
        }
        self.put_header(out);
        self.deflate.flush(how, out);
        match how {
            Flush::Full => self.recent.clear(),
            Flush::Finish => self.put_trailer(out),
            _ => {}
        }
    }

    /// The level stays, a dictionary does not.
    fn reset(&mut self) {
        self.deflate.reset();
        self.recent.clear();
        self.first_level = self.deflate.level();
        self.dictionary_id = None;
        (self.header_bytes, self.trailer_bytes) = (0, 0);
        (self.adler, self.crc) = (Adler32::new(), Crc32::new());
    }

    fn total_in(&self) -> u64 {
        self.deflate.total_in()
    }

    fn total_out(&self) -> u64 {
        self.header_bytes + self.deflate.total_out() + self.trailer_bytes
    }
}
