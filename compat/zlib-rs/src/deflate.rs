//! Compression.

use crate::{GZIP_BITS, Status, adler32};
use rigz::deflate::{self, Encode, Flush, Sliced, Step};
use rigz::{Level, gzip, zlib};
use std::mem::MaybeUninit;

/// How much of the input must be decodable from the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeflateFlush {
    /// Whatever is ready.
    #[default]
    NoFlush = 0,
    /// All of it.
    PartialFlush = 1,
    /// All of it, and the output ends at a byte.
    SyncFlush = 2,
    /// As before, and what follows does not refer back.
    FullFlush = 3,
    /// All of it, and the stream is over.
    Finish = 4,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeflateError {
    /// A call that the state of the stream does not allow.
    StreamError,
}

#[derive(Debug)]
enum Kind {
    Raw(Sliced<deflate::Deflate>),
    Zlib(Sliced<zlib::Encoder>),
    Gzip(Sliced<gzip::Encoder>),
}

/// Compresses one stream.
#[derive(Debug)]
pub struct Deflate {
    kind: Kind,
    level: Level,
    total_in: u64,
    total_out: u64,
    is_finished: bool,
}

/// Levels as in zlib: -1 is the default.
fn level(number: i32) -> Level {
    u8::try_from(number).ok().and_then(|number| Level::new(number.min(9))).unwrap_or_default()
}

impl Deflate {
    /// To zlib with `zlib_header`, else raw; to gzip if `window_bits` is 16 above the size of a window.
    #[must_use]
    pub fn new(level_number: i32, zlib_header: bool, window_bits: u8) -> Self {
        let level = level(level_number);
        let kind = match zlib_header {
            true if window_bits >= GZIP_BITS => {
                Kind::Gzip(Sliced::new(gzip::Encoder::new(level, &gzip::HeaderBuilder::new())))
            }
            true => Kind::Zlib(Sliced::new(zlib::Encoder::new(level))),
            false => Kind::Raw(Sliced::new(deflate::Deflate::new(level))),
        };
        Self { kind, level, total_in: 0, total_out: 0, is_finished: false }
    }

    /// Bytes read.
    #[must_use]
    pub fn total_in(&self) -> u64 {
        self.total_in
    }

    /// Bytes written.
    #[must_use]
    pub fn total_out(&self) -> u64 {
        self.total_out
    }

    /// Nothing: the only error is a wrong call.
    #[must_use]
    pub fn error_message(&self) -> Option<&'static str> {
        Some("stream error")
    }

    fn step(&mut self, input: &[u8], output: &mut [u8], flush: Flush) -> Step {
        match &mut self.kind {
            Kind::Raw(sliced) => sliced.step(input, output, flush),
            Kind::Zlib(sliced) => sliced.step(input, output, flush),
            Kind::Gzip(sliced) => sliced.step(input, output, flush),
        }
    }

    /// Compresses as much as there is input and room for.
    ///
    /// # Errors
    ///
    /// [`DeflateError::StreamError`] for input after the end.
    pub fn compress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        flush: DeflateFlush,
    ) -> Result<Status, DeflateError> {
        if self.is_finished && (flush != DeflateFlush::Finish || !input.is_empty()) {
            return Err(DeflateError::StreamError);
        }
        let how = match flush {
            DeflateFlush::NoFlush => Flush::None,
            DeflateFlush::PartialFlush => Flush::Partial,
            DeflateFlush::SyncFlush => Flush::Sync,
            DeflateFlush::FullFlush => Flush::Full,
            DeflateFlush::Finish => Flush::Finish,
        };
        let Step { read, written, is_done } = self.step(input, output, how);
        self.total_in += read as u64;
        self.total_out += written as u64;
        if is_done && flush == DeflateFlush::Finish {
            self.is_finished = true;
            return Ok(Status::StreamEnd);
        }
        Ok(if read + written == 0 { Status::BufError } else { Status::Ok })
    }

    /// [`Deflate::compress`] into memory that was not written before.
    ///
    /// # Errors
    ///
    /// Those of [`Deflate::compress`].
    pub fn compress_uninit(
        &mut self,
        mut input: &[u8],
        output: &mut [MaybeUninit<u8>],
        flush: DeflateFlush,
    ) -> Result<Status, DeflateError> {
        let (mut buffer, mut written, mut has_read) = ([0; 4096], 0, false);
        loop {
            let room = buffer.len().min(output.len() - written);
            let (total_in, total_out) = (self.total_in, self.total_out);
            let status = self.compress(input, &mut buffer[..room], flush)?;
            let (read, count) = ((self.total_in - total_in) as usize, (self.total_out - total_out) as usize);
            let to = output[written..written + count].iter_mut();
            to.zip(&buffer[..count]).for_each(|(to, &byte)| _ = to.write(byte));
            input = &input[read..];
            written += count;
            has_read |= read > 0;
            if status == Status::StreamEnd || written == output.len() || count < room {
                let nothing = status == Status::BufError && written == 0 && !has_read;
                return Ok(if nothing || status == Status::StreamEnd { status } else { Status::Ok });
            }
        }
    }

    /// Back to the start of a stream.
    pub fn reset(&mut self) {
        match &mut self.kind {
            Kind::Raw(sliced) => sliced.reset(),
            Kind::Zlib(sliced) => sliced.reset(),
            Kind::Gzip(sliced) => sliced.reset(),
        }
        (self.total_in, self.total_out, self.is_finished) = (0, 0, false);
    }

    /// Gives a dictionary: for zlib before the first byte, for raw data at any time. Returns its Adler-32.
    ///
    /// # Errors
    ///
    /// [`DeflateError::StreamError`] for gzip, or too late.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<u32, DeflateError> {
        match &mut self.kind {
            Kind::Raw(sliced) => sliced.with_encoder(|encoder, out| encoder.set_dictionary(dictionary, out)),
            Kind::Zlib(sliced) if sliced.encoder().total_in() == 0 => {
                *sliced = Sliced::new(zlib::Encoder::with_dictionary(self.level, dictionary));
            }
            _ => return Err(DeflateError::StreamError),
        }
        Ok(adler32(dictionary))
    }

    /// Compresses what follows at another level.
    ///
    /// # Errors
    ///
    /// None; the type is that of zlib-rs.
    pub fn set_level(&mut self, level_number: i32) -> Result<Status, DeflateError> {
        self.level = level(level_number);
        let level = self.level;
        match &mut self.kind {
            Kind::Raw(sliced) => sliced.with_encoder(|encoder, out| encoder.set_level(level, out)),
            Kind::Zlib(sliced) => sliced.with_encoder(|encoder, out| encoder.set_level(level, out)),
            Kind::Gzip(sliced) => sliced.with_encoder(|encoder, out| encoder.set_level(level, out)),
        }
        Ok(Status::Ok)
    }
}
