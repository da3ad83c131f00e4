//! The one error type of the library: which rule of the format was broken, and at which byte.

use core::fmt;

/// What went wrong while reading a stream, and where.
///
/// Sixteen bytes, `Copy`, no allocation. The text is made by `Display`; programs match on [`Error::kind`].
///
/// ```
/// use rigz::{ErrorKind, gzip};
///
/// let error = gzip::decompress(b"\x1f\x8b\x07", &mut []).map_err(|error| (error.kind(), error.offset(), error.to_string()));
/// assert_eq!(error, Err((ErrorKind::UnknownMethod, 2, "unknown compression method at byte 2".into())));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    offset: u64,
}

impl Error {
    /// An error of `kind` found at byte `offset` of the compressed input.
    #[must_use]
    pub const fn new(kind: ErrorKind, offset: u64) -> Self {
        Self { kind, offset }
    }

    /// The rule that was broken.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Offset in bytes, from the start of the compressed input, of the byte that holds the first bit of the
    /// element that breaks the rule. For [`ErrorKind::UnexpectedEnd`] it is the length of the input.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The same error seen from an input that starts `bytes` earlier.
    #[must_use]
    pub const fn shifted(self, bytes: u64) -> Self {
        Self { kind: self.kind, offset: self.offset + bytes }
    }
}

/// The rules a stream can break, grouped by where they stand in the formats.
///
/// DEFLATE rules are those zlib enforces (RFC 1951); container rules are those of RFC 1950 and RFC 1952.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input ends before the stream does.
    UnexpectedEnd,
    /// The output buffer is too small for the data.
    OutputFull,

    /// Block type 3 is reserved (RFC 1951, 3.2.3).
    ReservedBlockType,
    /// The two length fields of a stored block are not complements (RFC 1951, 3.2.4).
    StoredLengthMismatch,
    /// More than 286 literal/length codes are declared.
    TooManyLitlenCodes,
    /// More than 30 distance codes are declared.
    TooManyDistanceCodes,
    /// The code length code is over-subscribed.
    CodeLengthCodeOverSubscribed,
    /// The code length code is incomplete.
    CodeLengthCodeIncomplete,
    /// "Repeat the previous code length" stands where there is no previous one.
    RepeatWithoutLength,
    /// A repeat of code lengths goes past the last declared code.
    RepeatTooLong,
    /// The end-of-block symbol has no code.
    MissingEndOfBlock,
    /// The literal/length code is over-subscribed.
    LitlenCodeOverSubscribed,
    /// The literal/length code is incomplete.
    LitlenCodeIncomplete,
    /// The distance code is over-subscribed.
    DistanceCodeOverSubscribed,
    /// The distance code is incomplete.
    DistanceCodeIncomplete,
    /// A literal/length symbol that the format does not define (286, 287), or bits that no code has.
    InvalidLitlenSymbol,
    /// A distance symbol that the format does not define (30, 31), or bits that no code has.
    InvalidDistanceSymbol,
    /// A match reaches back before the start of the data.
    DistanceTooFar,

    /// The input does not start with a gzip header.
    NotGzip,
    /// The compression method of a gzip or zlib header is not 8 (DEFLATE).
    UnknownMethod,
    /// Reserved flag bits are set in a gzip header.
    ReservedFlags,
    /// The header checksum (FHCRC, or FCHECK of zlib) does not fit the header.
    HeaderChecksum,
    /// The CRC-32 in the gzip trailer is not that of the data.
    CrcMismatch,
    /// The length in the gzip trailer is not that of the data modulo 2^32.
    SizeMismatch,
    /// The window size of a zlib header is above 32 KiB.
    WindowTooLarge,
    /// The zlib stream wants a preset dictionary that was not given, or another one.
    DictionaryMismatch,
    /// The Adler-32 in the zlib trailer is not that of the data.
    AdlerMismatch,

    /// The input does not start with the header of `compress`.
    NotLzw,
    /// The header of `compress` asks for codes that are not 9 to 16 bits wide, or has reserved bits set.
    InvalidLzwHeader,
    /// An LZW code has no string yet.
    InvalidLzwCode,
    /// The input does not start with the header of `pack`.
    NotPack,
    /// The tree of a packed file is not a complete tree of at most 256 bytes and an end.
    InvalidPackTree,
    /// The input does not start with a zip entry.
    NotZip,
    /// The zip entry is encrypted, or stored without its size.
    ZipNotSupported,
}

impl ErrorKind {
    /// A phrase that names the rule, for messages.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::UnexpectedEnd => "unexpected end of input",
            Self::OutputFull => "output buffer is full",
            Self::ReservedBlockType => "reserved block type",
            Self::StoredLengthMismatch => "stored block length does not match its complement",
            Self::TooManyLitlenCodes => "more than 286 literal/length codes",
            Self::TooManyDistanceCodes => "more than 30 distance codes",
            Self::CodeLengthCodeOverSubscribed => "over-subscribed code length code",
            Self::CodeLengthCodeIncomplete => "incomplete code length code",
            Self::RepeatWithoutLength => "repeated code length without a previous one",
            Self::RepeatTooLong => "code length repeat past the last code",
            Self::MissingEndOfBlock => "no code for end of block",
            Self::LitlenCodeOverSubscribed => "over-subscribed literal/length code",
            Self::LitlenCodeIncomplete => "incomplete literal/length code",
            Self::DistanceCodeOverSubscribed => "over-subscribed distance code",
            Self::DistanceCodeIncomplete => "incomplete distance code",
            Self::InvalidLitlenSymbol => "invalid literal/length symbol",
            Self::InvalidDistanceSymbol => "invalid distance symbol",
            Self::DistanceTooFar => "distance reaches before the start of the data",
            Self::NotGzip => "not in gzip format",
            Self::UnknownMethod => "unknown compression method",
            Self::ReservedFlags => "reserved header flags are set",
            Self::HeaderChecksum => "header checksum mismatch",
            Self::CrcMismatch => "crc-32 mismatch",
            Self::SizeMismatch => "length mismatch",
            Self::WindowTooLarge => "window size above 32 KiB",
            Self::DictionaryMismatch => "preset dictionary missing or different",
            Self::AdlerMismatch => "adler-32 mismatch",
            Self::NotLzw => "not in compress format",
            Self::InvalidLzwHeader => "invalid compress header",
            Self::InvalidLzwCode => "LZW code without a string",
            Self::NotPack => "not in pack format",
            Self::InvalidPackTree => "invalid tree of codes",
            Self::NotZip => "not in zip format",
            Self::ZipNotSupported => "zip entry encrypted or without its size",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind.describe(), self.offset)
    }
}

impl core::error::Error for Error {}
