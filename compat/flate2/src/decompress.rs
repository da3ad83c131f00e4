//! Decompression over slices.

use crate::Status;
use crate::compress::check_window_bits;
use crate::framed::MOST_WINDOW_BITS;
use crate::room::Room;
use rigz::checksum::Adler32;
use rigz::inflate::{Decode, Decoder, Step};
use rigz::{ErrorKind, gzip, zlib};
use std::mem::MaybeUninit;
use std::{error, fmt, io};

/// What the caller expects of a call. All of them give as much output as there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushDecompress {
    /// Nothing.
    None = 0,
    /// As much output as possible.
    Sync = 2,
    /// The end of the stream.
    Finish = 4,
}

/// Input that breaks a rule of the format, or that needs a dictionary.
#[derive(Clone, Debug)]
pub struct DecompressError {
    message: Option<&'static str>,
    dictionary: Option<u32>,
}

impl DecompressError {
    /// The Adler-32 of the dictionary that the stream needs, if that is what is wrong.
    #[must_use]
    pub fn needs_dictionary(&self) -> Option<u32> {
        self.dictionary
    }

    /// The rule, in the words of zlib.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message
    }
}

impl fmt::Display for DecompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deflate decompression error")?;
        match (self.dictionary, self.message) {
            (Some(_), _) => f.write_str(": requires a dictionary"),
            (None, Some(message)) => write!(f, ": {message}"),
            (None, None) => Ok(()),
        }
    }
}

impl error::Error for DecompressError {}

impl From<DecompressError> for io::Error {
    fn from(error: DecompressError) -> Self {
        Self::other(error)
    }
}

#[derive(Debug)]
enum Kind {
    Raw(Box<Decoder>),
    Zlib(Box<zlib::Decoder>),
    Gzip(Box<gzip::Decoder>),
}

/// Decompresses one stream, from slices to slices.
///
/// ```
/// use flate2::{Decompress, FlushDecompress, Status};
///
/// let mut decompress = Decompress::new(false);
/// let mut output = [0; 16];
/// let status = decompress.decompress(b"\x4b\x4c\x4a\x4e\x49\x4d\x03\0", &mut output, FlushDecompress::Finish)?;
/// assert_eq!((status, &output[..6]), (Status::StreamEnd, &b"abcdef"[..]));
/// # Ok::<(), flate2::DecompressError>(())
/// ```
///
/// # Memory
///
/// About 320 KiB.
#[derive(Debug)]
pub struct Decompress {
    kind: Kind,
    window_bits: u8,
    /// Whether a raw stream was given something to refer back to.
    has_dictionary: bool,
}

impl Decompress {
    /// A decompressor of zlib with `zlib_header`, else of raw DEFLATE.
    #[must_use]
    pub fn new(zlib_header: bool) -> Self {
        let kind = if zlib_header { Kind::Zlib(Box::default()) } else { Kind::Raw(Box::default()) };
        Self { kind, window_bits: MOST_WINDOW_BITS, has_dictionary: false }
    }

    /// As [`Decompress::new`], for streams whose matches reach back at most 2^`window_bits` bytes. A zlib header that
    /// promises more is refused; the memory is the same.
    ///
    /// # Panics
    ///
    /// If `window_bits` is not within 9 to 15.
    #[must_use]
    pub fn new_with_window_bits(zlib_header: bool, window_bits: u8) -> Self {
        check_window_bits(window_bits);
        Self { window_bits, ..Self::new(zlib_header) }
    }

    /// A decompressor of one gzip member.
    ///
    /// # Panics
    ///
    /// If `window_bits` is not within 9 to 15.
    #[must_use]
    pub fn new_gzip(window_bits: u8) -> Self {
        check_window_bits(window_bits);
        let kind = Kind::Gzip(Box::new(gzip::Decoder::new().single_member()));
        Self { kind, window_bits, has_dictionary: false }
    }

    /// Whether the streams have a header.
    pub(crate) fn has_header(&self) -> bool {
        !matches!(self.kind, Kind::Raw(_))
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

    /// Decompresses as much as there is input and room for.
    ///
    /// # Errors
    ///
    /// The rule that is broken, once all that was decoded before it is in the output, and again in every call after
    /// that; or the dictionary that is needed, after which the stream goes on with [`Decompress::set_dictionary`].
    pub fn decompress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        flush: FlushDecompress,
    ) -> Result<Status, DecompressError> {
        self.run(input, output, flush)
    }

    /// [`Decompress::decompress`] into memory that may not have been written before.
    ///
    /// # Errors
    ///
    /// Those of [`Decompress::decompress`].
    pub fn decompress_uninit(
        &mut self,
        input: &[u8],
        output: &mut [MaybeUninit<u8>],
        flush: FlushDecompress,
    ) -> Result<Status, DecompressError> {
        self.run(input, output, flush)
    }

    /// [`Decompress::decompress`] into the spare capacity of `output`, which does not grow.
    ///
    /// # Errors
    ///
    /// Those of [`Decompress::decompress`].
    pub fn decompress_vec(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        flush: FlushDecompress,
    ) -> Result<Status, DecompressError> {
        self.run(input, output, flush)
    }

    /// Gives the dictionary that a zlib stream asks for, or that a raw one refers to. Returns its Adler-32.
    ///
    /// # Errors
    ///
    /// If the stream asks for another, or none; for gzip.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<u32, DecompressError> {
        let mut adler = Adler32::new();
        adler.update(dictionary);
        let id = adler.value();
        let refused = |message| Err(DecompressError { message: Some(message), dictionary: None });
        match &mut self.kind {
            Kind::Raw(decoder) => {
                decoder.set_dictionary(dictionary);
                self.has_dictionary = true;
            }
            Kind::Zlib(decoder) => match decoder.wanted_dictionary() {
                Some(wanted) if wanted == id => decoder.set_dictionary(dictionary),
                Some(_) => return refused("incorrect dictionary"),
                None => return refused("stream error"),
            },
            Kind::Gzip(_) => return refused("stream error"),
        }
        Ok(id)
    }

    /// Back to the start of a stream, of zlib with `zlib_header`, else of raw DEFLATE. What was made for gzip stays so.
    pub fn reset(&mut self, zlib_header: bool) {
        match (&mut self.kind, zlib_header) {
            (Kind::Raw(decoder), false) if !self.has_dictionary => decoder.reset(),
            (Kind::Gzip(decoder), true) => decoder.reset(),
            // A zlib decoder keeps a dictionary, which flate2 forgets.
            (Kind::Zlib(decoder), true) if decoder.wanted_dictionary().is_none() => decoder.reset(),
            _ => *self = Self { window_bits: self.window_bits, ..Self::new(zlib_header) },
        }
    }

    fn run(
        &mut self,
        input: &[u8],
        mut output: impl Room,
        flush: FlushDecompress,
    ) -> Result<Status, DecompressError> {
        self.check_window(input)?;
        let (mut rest, room) = (input, output.left());
        let result = output.fill(self.decoder(), &mut rest);
        let has_moved = rest.len() < input.len() || output.left() < room;
        match result {
            Ok(Step::Done) => Ok(Status::StreamEnd),
            Ok(_) if !has_moved || flush == FlushDecompress::Finish => Ok(Status::BufError),
            Ok(_) => Ok(Status::Ok),
            // The error comes again when it is asked for.
            Err(_) if output.left() < room => Ok(Status::Ok),
            Err(error) => Err(self.explain(error)),
        }
    }

    /// Refuses a zlib stream whose header promises a larger window than was asked for. What else is wrong with a header
    /// comes first.
    fn check_window(&self, input: &[u8]) -> Result<(), DecompressError> {
        let is_start = matches!(&self.kind, Kind::Zlib(decoder) if decoder.total_in() == 0);
        let [first, rest @ ..] = input else { return Ok(()) };
        let is_wrong = rest.first().is_some_and(|&second| u16::from_be_bytes([*first, second]) % 31 != 0);
        if is_start
            && !is_wrong
            && first & 15 == 8
            && (self.window_bits + 1..=15).contains(&((first >> 4) + 8))
        {
            return Err(DecompressError { message: Some("invalid window size"), dictionary: None });
        }
        Ok(())
    }

    fn explain(&self, error: rigz::Error) -> DecompressError {
        let dictionary = match (error.kind(), &self.kind) {
            (ErrorKind::DictionaryMismatch, Kind::Zlib(decoder)) => decoder.wanted_dictionary(),
            _ => None,
        };
        DecompressError { message: dictionary.is_none().then(|| message(error.kind())), dictionary }
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
