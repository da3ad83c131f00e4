//! Decompression.

use crate::{GZIP_BITS, Status, adler32};
use rigz::inflate::{Decode, Decoder, Step};
use rigz::{ErrorKind, gzip, zlib};
use std::mem::MaybeUninit;

/// What the caller expects of the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InflateFlush {
    /// Nothing.
    #[default]
    NoFlush = 0,
    /// As much output as possible, which is always given.
    SyncFlush = 2,
    /// The end of the stream.
    Finish = 4,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InflateError {
    /// The stream wants the dictionary of this Adler-32.
    NeedDict {
        /// The Adler-32.
        dict_id: u32,
    },
    /// The input breaks a rule of the format.
    DataError,
    /// A call that the state of the stream does not allow.
    StreamError,
}

#[derive(Debug)]
enum Kind {
    Raw(Box<Decoder>),
    Zlib(Box<zlib::Decoder>),
    Gzip(Box<gzip::Decoder>),
}

/// Decompresses one stream.
#[derive(Debug)]
pub struct Inflate {
    kind: Kind,
    window_bits: u8,
    message: Option<&'static str>,
}

impl Inflate {
    /// For zlib with `zlib_header`, else raw; for gzip if `window_bits` is 16 above the size of a window.
    #[must_use]
    pub fn new(zlib_header: bool, window_bits: u8) -> Self {
        let kind = match zlib_header {
            true if window_bits >= GZIP_BITS => Kind::Gzip(Box::new(gzip::Decoder::new().single_member())),
            true => Kind::Zlib(Box::default()),
            false => Kind::Raw(Box::default()),
        };
        Self { kind, window_bits, message: None }
    }

    fn decoder(&mut self) -> &mut dyn Decode {
        match &mut self.kind {
            Kind::Raw(decoder) => &mut **decoder,
            Kind::Zlib(decoder) => &mut **decoder,
            Kind::Gzip(decoder) => &mut **decoder,
        }
    }

    /// Bytes read.
    #[must_use]
    pub fn total_in(&self) -> u64 {
        match &self.kind {
            Kind::Raw(decoder) => decoder.total_in(),
            Kind::Zlib(decoder) => decoder.total_in(),
            Kind::Gzip(decoder) => decoder.total_in(),
        }
    }

    /// Bytes written.
    #[must_use]
    pub fn total_out(&self) -> u64 {
        match &self.kind {
            Kind::Raw(decoder) => decoder.total_out(),
            Kind::Zlib(decoder) => decoder.total_out(),
            Kind::Gzip(decoder) => decoder.total_out(),
        }
    }

    /// The rule that the input breaks.
    #[must_use]
    pub fn error_message(&self) -> Option<&'static str> {
        self.message
    }

    /// Decompresses as much as there is input and room for.
    ///
    /// # Errors
    ///
    /// See [`InflateError`].
    pub fn decompress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        flush: InflateFlush,
    ) -> Result<Status, InflateError> {
        self.check_window(input)?;
        let mut rest = input;
        let result = self.decoder().decode_into(&mut rest, output);
        self.status(input.len() - rest.len(), result, flush)
    }

    /// [`Inflate::decompress`] into memory that was not written before.
    ///
    /// # Errors
    ///
    /// See [`InflateError`].
    pub fn decompress_uninit(
        &mut self,
        input: &[u8],
        output: &mut [MaybeUninit<u8>],
        flush: InflateFlush,
    ) -> Result<Status, InflateError> {
        self.check_window(input)?;
        let (mut rest, mut written) = (input, 0);
        let decoder = self.decoder();
        let result = loop {
            decoder.set_limit(output.len() - written);
            match decoder.decode(&mut rest) {
                Ok(Step::Output) if decoder.output().is_empty() => break Ok((written, Step::Output)),
                Ok(Step::Output) => {
                    let count = decoder.output().len();
                    let room = &mut output[written..written + count];
                    room.iter_mut().zip(decoder.output()).for_each(|(to, &byte)| _ = to.write(byte));
                    decoder.consume(count);
                    written += count;
                }
                Ok(step) => break Ok((written, step)),
                Err(_) if written > 0 => break Ok((written, Step::Output)),
                Err(error) => break Err(error),
            }
        };
        decoder.set_limit(usize::MAX);
        self.status(input.len() - rest.len(), result, flush)
    }

    /// Refuses a zlib stream whose header promises a larger window than was asked for, though there is room for it.
    fn check_window(&mut self, input: &[u8]) -> Result<(), InflateError> {
        let Some(first) = input.first() else { return Ok(()) };
        let is_start = matches!(&self.kind, Kind::Zlib(decoder) if decoder.total_in() == 0);
        if is_start && first & 15 == 8 && (first >> 4) + 8 > self.window_bits.max(8) {
            self.message = Some("invalid window size");
            return Err(InflateError::DataError);
        }
        Ok(())
    }

    fn status(
        &mut self,
        read: usize,
        result: Result<(usize, Step), rigz::Error>,
        flush: InflateFlush,
    ) -> Result<Status, InflateError> {
        match result {
            Ok((_, Step::Done)) => Ok(Status::StreamEnd),
            Ok((0, _)) if read == 0 => Ok(Status::BufError),
            Ok(_) if flush == InflateFlush::Finish => Ok(Status::BufError),
            Ok(_) => Ok(Status::Ok),
            Err(error) => {
                if let (ErrorKind::DictionaryMismatch, Kind::Zlib(decoder)) = (error.kind(), &self.kind)
                    && let Some(dict_id) = decoder.wanted_dictionary()
                {
                    return Err(InflateError::NeedDict { dict_id });
                }
                self.message = Some(message(error.kind()));
                Err(InflateError::DataError)
            }
        }
    }

    /// Back to the start of a stream, with a header or raw.
    pub fn reset(&mut self, zlib_header: bool) {
        self.message = None;
        match (&mut self.kind, zlib_header) {
            (Kind::Raw(decoder), false) => decoder.reset(),
            (Kind::Zlib(decoder), true) => decoder.reset(),
            (Kind::Gzip(decoder), true) => decoder.reset(),
            _ => {
                *self =
                    Self::new(zlib_header, if zlib_header { self.window_bits } else { self.window_bits & 15 })
            }
        }
    }

    /// Gives the dictionary that a zlib stream asks for, or that a raw one refers to. Returns its Adler-32.
    ///
    /// # Errors
    ///
    /// [`InflateError::DataError`] if the stream asks for another, [`InflateError::StreamError`] for gzip.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<u32, InflateError> {
        let id = adler32(dictionary);
        match &mut self.kind {
            Kind::Raw(decoder) => decoder.set_dictionary(dictionary),
            Kind::Zlib(decoder) if decoder.wanted_dictionary() == Some(id) => {
                decoder.set_dictionary(dictionary)
            }
            Kind::Zlib(_) => return Err(InflateError::DataError),
            Kind::Gzip(_) => return Err(InflateError::StreamError),
        }
        Ok(id)
    }
}

/// The words of zlib for a rule, which programs look for.
fn message(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ReservedBlockType => "invalid block type",
        ErrorKind::StoredLengthMismatch => "invalid stored block lengths",
        ErrorKind::TooManyLitlenCodes | ErrorKind::TooManyDistanceCodes => {
            "too many length or distance symbols"
        }
        ErrorKind::CodeLengthCodeOverSubscribed | ErrorKind::CodeLengthCodeIncomplete => {
            "invalid code lengths set"
        }
        ErrorKind::RepeatWithoutLength | ErrorKind::RepeatTooLong => "invalid bit length repeat",
        ErrorKind::MissingEndOfBlock => "invalid code -- missing end-of-block",
        ErrorKind::LitlenCodeOverSubscribed | ErrorKind::LitlenCodeIncomplete => {
            "invalid literal/lengths set"
        }
        ErrorKind::DistanceCodeOverSubscribed | ErrorKind::DistanceCodeIncomplete => "invalid distances set",
        ErrorKind::InvalidLitlenSymbol => "invalid literal/length code",
        ErrorKind::InvalidDistanceSymbol => "invalid distance code",
        ErrorKind::DistanceTooFar => "invalid distance too far back",
        ErrorKind::NotGzip | ErrorKind::HeaderChecksum => "incorrect header check",
        ErrorKind::UnknownMethod => "unknown compression method",
        ErrorKind::ReservedFlags => "unknown header flags set",
        ErrorKind::WindowTooLarge => "invalid window size",
        ErrorKind::CrcMismatch | ErrorKind::AdlerMismatch => "incorrect data check",
        ErrorKind::SizeMismatch => "incorrect length check",
        other => other.describe(),
    }
}
