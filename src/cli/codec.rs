//! From an open input to an open output: the calls of the library.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::num::NonZeroUsize;
use std::thread;

use rigz::deflate::chunk_bytes;
use rigz::gzip::{Header, HeaderBuilder, Trailing};
use rigz::parallel::{self, Options};
use rigz::{Error, ErrorKind as Rule};

use super::config::Config;
use super::report::Cause;

/// Bytes of compressed input read at a time.
const READ_BYTES: usize = 128 << 10;

/// CRC-32 and length.
const TRAILER_BYTES: u64 = 8;

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) read: u64,
    pub(super) written: u64,
    /// Bytes of header and trailer of the first member.
    overhead: u64,
    /// Of the first member, when decompressing.
    pub(super) header: Option<Header>,
    /// Where bytes begin that belong to no member, when decompressing.
    pub(super) garbage_at: Option<u64>,
}

impl Done {
    /// Bytes saved, in percent of the data, header and trailer left out.
    pub(super) fn ratio(&self, has_compressed: bool) -> Ratio {
        let (data, packed) =
            if has_compressed { (self.read, self.written) } else { (self.written, self.read) };
        Ratio { data, packed: packed.saturating_sub(self.overhead) }
    }
}

/// How much smaller the packed bytes are than the data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio {
    pub(super) data: u64,
    pub(super) packed: u64,
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let saved = self.data as f64 - self.packed as f64;
        let percent = if self.data == 0 { 0.0 } else { 100.0 * saved / self.data as f64 };
        f.pad(&format!("{percent:5.1}%"))
    }
}

/// Why nothing came of it.
#[derive(Debug)]
pub(super) enum Failure {
    Read(io::Error),
    Write(io::Error),
    Data(Error),
}

impl From<parallel::Failure> for Failure {
    fn from(failure: parallel::Failure) -> Self {
        match failure {
            parallel::Failure::Read(error) => Self::Read(error),
            parallel::Failure::Write(error) => Self::Write(error),
        }
    }
}

/// gzip's words for what is wrong, and in brackets the rule and the byte.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = match self {
            Self::Read(error) | Self::Write(error) => return Cause(error).fmt(f),
            Self::Data(error) => error,
        };
        let words = match error.kind() {
            Rule::UnexpectedEnd => return write!(f, "unexpected end of file at byte {}", error.offset()),
            Rule::NotGzip if error.offset() == 0 => return write!(f, "not in gzip format"),
            Rule::UnknownMethod | Rule::ReservedFlags => return write!(f, "{error} -- not supported"),
            Rule::HeaderChecksum => return error.fmt(f),
            Rule::CrcMismatch => "crc error",
            Rule::SizeMismatch => "length error",
            _ => "format violated",
        };
        write!(f, "invalid compressed data--{words} ({error})")
    }
}

impl From<parallel::decompress::Failure> for Failure {
    fn from(failure: parallel::decompress::Failure) -> Self {
        match failure {
            parallel::decompress::Failure::Read(error) => Self::Read(error),
            parallel::decompress::Failure::Write(error) => Self::Write(error),
            parallel::decompress::Failure::Data(error) => Self::Data(error),
        }
    }
}

/// Compresses `input`, whose length is known if it is a regular file's, to one member.
pub(super) fn compress(
    input: impl Read + Send,
    length: Option<u64>,
    output: impl Write + Send,
    header: HeaderBuilder,
    config: &Config,
) -> Result<Done, Failure> {
    let is_one_chunk = length.is_some_and(|length| length <= chunk_bytes(config.level) as u64);
    let threads = if is_one_chunk { NonZeroUsize::MIN } else { threads(config) };
    let mut fields = Vec::new();
    header.write(config.level, &mut fields);
    let overhead = fields.len() as u64 + TRAILER_BYTES;
    let options = Options { level: config.level, threads, header };
    let totals = parallel::compress(input, output, &options)?;
    Ok(Done { read: totals.read, written: totals.written, overhead, ..Done::default() })
}

/// Decompresses all members of `input`, whose length is known if it is a regular file's.
pub(super) fn decompress(
    mut input: impl Read + Send,
    length: Option<u64>,
    output: impl Write + Send,
    config: &Config,
) -> Result<Done, Failure> {
    let mut start = Vec::new();
    if config.force && config.to_stdout {
        read_start(&mut input, &mut start)?;
        if start != MAGIC {
            return copy(start.chain(input), output);
        }
    }
    let options = parallel::decompress::Options { threads: threads(config), input_length: length };
    let summary = parallel::decompress(start.chain(input), output, &options)?;
    Ok(Done {
        read: summary.read,
        written: summary.written,
        overhead: header_bytes(&summary.header) + TRAILER_BYTES,
        header: Some(summary.header),
        garbage_at: match summary.trailing {
            Trailing::Garbage { offset } => Some(offset),
            _ => None,
        },
    })
}

/// How many threads to use at most.
fn threads(config: &Config) -> NonZeroUsize {
    config.threads.unwrap_or_else(|| thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
}

fn header_bytes(header: &Header) -> u64 {
    let texts = [&header.name, &header.comment].into_iter().flatten().map(|text| text.len() + 1);
    let extra = header.extra.iter().map(|extra| extra.len() + 2);
    10 + texts.chain(extra).sum::<usize>() as u64
}

/// The first two bytes of a member.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Reads as many bytes of `input` as a magic number has, or all.
fn read_start(input: &mut impl Read, start: &mut Vec<u8>) -> Result<(), Failure> {
    while start.len() < MAGIC.len() {
        let mut rest = [0; MAGIC.len()];
        let count = fill(input, &mut rest[start.len()..])?.len();
        if count == 0 {
            break;
        }
        start.extend_from_slice(&rest[start.len()..][..count]);
    }
    Ok(())
}

/// What `-dcf` does with what is not compressed.
fn copy(mut input: impl Read, mut output: impl Write) -> Result<Done, Failure> {
    let mut done = Done::default();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let piece = fill(&mut input, &mut buffer)?;
        if piece.is_empty() {
            return Ok(done);
        }
        output.write_all(piece).map_err(Failure::Write)?;
        done.read += piece.len() as u64;
        done.written = done.read;
    }
}

/// The next bytes of `input`; none at the end.
fn fill<'a>(input: &mut impl Read, buffer: &'a mut [u8]) -> Result<&'a [u8], Failure> {
    loop {
        match input.read(buffer) {
            Ok(count) => return Ok(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::Read(error)),
        }
    }
}
