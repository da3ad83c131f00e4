//! From an open input to an open output: the calls of the library.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::num::NonZeroUsize;
use std::thread;

use rigz::deflate::chunk_bytes;
use rigz::gzip::{self, Header, HeaderBuilder, Trailing};
use rigz::parallel::{self, Cuts, Options, Totals};
use rigz::zip::{self, Rest};
use rigz::{Error, ErrorKind as Rule, legacy, zlib};

use super::config::{Action, Config, Format};
use super::feed::Feed;
use super::report::Cause;
use super::system;

/// CRC-32 and length.
const TRAILER_BYTES: u64 = 8;

/// What compressed data says of itself, or shall say.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    pub(super) name: Option<Vec<u8>>,
    pub(super) comment: Option<Vec<u8>>,
    /// Seconds since 1970, 0 for none.
    pub(super) mtime: u32,
}

/// What a file was found to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Gzip,
    Zlib,
    Zip,
    Lzw,
    Pack,
    /// Not compressed, and passed on as it is.
    Plain,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) kind: Kind,
    pub(super) read: u64,
    pub(super) written: u64,
    /// Bytes of header and trailer of the first member.
    pub(super) overhead: u64,
    pub(super) labels: Labels,
    pub(super) members: u64,
    /// Of the last member, if the format has one.
    pub(super) crc: Option<u32>,
    /// Where bytes begin that belong to no member, when decompressing.
    pub(super) garbage_at: Option<u64>,
    /// A zip file has entries that were not read.
    pub(super) has_more_entries: bool,
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

impl Ratio {
    /// In percent of the data.
    pub(super) fn percent(self) -> f64 {
        let saved = self.data as f64 - self.packed as f64;
        if self.data == 0 && self.packed == 0 { 0.0 } else { 100.0 * saved / self.data as f64 }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.percent();
        f.pad(&if percent.is_finite() { format!("{percent:5.1}%") } else { " -Inf%".into() })
    }
}

/// Why nothing came of it.
#[derive(Debug)]
pub(super) enum Failure {
    Read(io::Error),
    Write(io::Error),
    Data(Error),
    /// What was written does not say what was read.
    Verify(Box<str>),
}

impl From<parallel::Failure> for Failure {
    fn from(failure: parallel::Failure) -> Self {
        match failure {
            parallel::Failure::Read(error) => Self::Read(error),
            parallel::Failure::Write(error) => Self::Write(error),
        }
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

/// gzip's words for what is wrong. The alternate form adds in brackets the rule and the byte.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = match self {
            Self::Read(error) | Self::Write(error) => return Cause(error).fmt(f),
            Self::Verify(text) => return f.write_str(text),
            Self::Data(error) => error,
        };
        let words = match error.kind() {
            Rule::UnexpectedEnd if f.alternate() => {
                return write!(f, "unexpected end of file at byte {}", error.offset());
            }
            Rule::UnexpectedEnd => return f.write_str("unexpected end of file"),
            Rule::NotGzip if error.offset() == 0 => return f.write_str("not in gzip format"),
            Rule::UnknownMethod | Rule::ReservedFlags | Rule::ZipNotSupported => {
                return write!(f, "{error} -- not supported");
            }
            Rule::HeaderChecksum => return error.fmt(f),
            Rule::CrcMismatch | Rule::AdlerMismatch => "crc error",
            Rule::SizeMismatch => "length error",
            _ => "format violated",
        };
        write!(f, "invalid compressed data--{words}")?;
        if f.alternate() { write!(f, " ({error})") } else { Ok(()) }
    }
}

/// Compressed bytes that are worth a second thread.
const WORTH_BYTES: u64 = 1 << 20;

/// Memory that each thread needs at most. All of these are bounds, not estimates: threads need less.
const THREAD_BYTES: u64 = 8 << 20;
/// Memory that all threads together need beside that, at most.
const COMPRESS_BYTES: u64 = 8 << 20;
const DECOMPRESS_BYTES: u64 = 64 << 20;

/// Addresses that each thread takes at most: its memory, its stack, and what the C library sets apart for it. Where
/// there are no more, a thread cannot be started, which is done without, or memory not be had, which ends the process.
const THREAD_ADDRESSES: u64 = 80 << 20;

/// Threads to use: not more than the memory and the addresses allowed have room for, beside `base` bytes.
fn threads(config: &Config, base: u64) -> NonZeroUsize {
    let wanted = config.threads.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let room = |bytes: Option<u64>, each| {
        bytes.map_or(usize::MAX, |bytes| {
            usize::try_from(bytes.saturating_sub(base) / each).unwrap_or(usize::MAX)
        })
    };
    let most = room(config.memory_bytes, THREAD_BYTES).min(room(system::most_addresses(), THREAD_ADDRESSES));
    NonZeroUsize::new(most).map_or(NonZeroUsize::MIN, |most| most.min(wanted))
}

/// Compresses `input`, whose length is known if it is a regular file's.
pub(super) fn compress(
    input: impl Read + Send,
    length: Option<u64>,
    mut output: impl Write + Send,
    labels: &Labels,
    config: &Config,
) -> Result<Done, Failure> {
    let chunk = chunk_bytes(config.level);
    let is_small = length.is_some_and(|length| length <= chunk as u64);
    let mut header = HeaderBuilder::new().mtime(labels.mtime);
    if let Some(name) = &labels.name {
        header = header.clone().name(name).unwrap_or(header);
    }
    if let Some(comment) = &labels.comment {
        header = header.clone().comment(comment).unwrap_or(header);
    }
    let mut options = Options {
        threads: if is_small { NonZeroUsize::MIN } else { threads(config, COMPRESS_BYTES) },
        cuts: cuts(config, chunk),
        is_independent: config.independent,
        input_length: length,
        ..Options::new(config.level)
    };
    match config.format {
        Format::Gzip => {
            let mut fields = Vec::new();
            header.write(config.level, &mut fields);
            options.header = header;
            let Totals { read, written, .. } = parallel::compress(input, output, &options)?;
            let overhead = fields.len() as u64 + TRAILER_BYTES;
            Ok(Done { read, written, overhead, ..Done::default() })
        }
        Format::Zlib => {
            options.format = rigz::Format::Zlib;
            let Totals { read, written, .. } = parallel::compress(input, output, &options)?;
            Ok(Done { kind: Kind::Zlib, read, written, overhead: 6, ..Done::default() })
        }
        Format::Zip => {
            options.format = rigz::Format::Raw;
            let entry = zip::Entry {
                name: labels.name.clone().unwrap_or_else(|| b"-".to_vec()),
                mtime: labels.mtime,
                may_be_large: length.is_none_or(|length| length > SURELY_SMALL),
            };
            let mut frame = Vec::new();
            zip::start(&entry, &mut frame);
            output.write_all(&frame).map_err(Failure::Write)?;
            let start = frame.len();
            let Totals { read, written, checksum } = parallel::compress(input, &mut output, &options)?;
            zip::end(&entry, checksum, written, read, &mut frame);
            output.write_all(&frame[start..]).map_err(Failure::Write)?;
            let overhead = frame.len() as u64;
            Ok(Done { kind: Kind::Zip, read, written: written + overhead, overhead, ..Done::default() })
        }
    }
}

/// Well below 4 GiB, so that data that does not shrink, and a file that still grows, stay below too.
const SURELY_SMALL: u64 = 2 << 30;

/// Block size of `-i` alone, that of pigz.
const INDEPENDENT_BYTES: usize = 128 << 10;

/// Where to cut, beside the chunks of `chunk` bytes that input is cut into anyway.
fn cuts(config: &Config, chunk: usize) -> Cuts {
    match config.block_bytes {
        _ if config.rsyncable => Cuts::ByContent,
        None if config.independent => NonZeroUsize::new(INDEPENDENT_BYTES).map_or(Cuts::None, Cuts::Every),
        Some(size) if config.independent || size.get() < chunk => Cuts::Every(size),
        _ => Cuts::None,
    }
}

/// Decompresses all of `input`, whose length is known if it is a regular file's.
pub(super) fn decompress(
    input: impl Read + Send,
    length: Option<u64>,
    output: impl Write + Send,
    config: &Config,
) -> Result<Done, Failure> {
    let mut feed = Feed::new(input, length);
    let start = feed.peek(zip::MAGIC.len()).map_err(Failure::Read)?;
    let passes_on = config.force && config.to_stdout && config.action != Action::List;
    let kind = match start {
        [0x1f, 0x8b, ..] => Kind::Gzip,
        [0x1f, 0x9d, ..] => Kind::Lzw,
        [0x1f, 0x1e, ..] => Kind::Pack,
        _ if start.starts_with(&zip::MAGIC) => Kind::Zip,
        // Text may look so too.
        _ if (config.format == Format::Zlib || !config.is_gnu && !passes_on) && is_zlib(start) => Kind::Zlib,
        _ if passes_on => Kind::Plain,
        _ => Kind::Gzip,
    };
    let mut done = match kind {
        Kind::Gzip
            if passes_on
                || length.is_some_and(|length| length < WORTH_BYTES)
                || threads(config, DECOMPRESS_BYTES) == NonZeroUsize::MIN =>
        {
            let mut output = output;
            let mut decoder = gzip::Decoder::with_input_len(length.unwrap_or(u64::MAX));
            feed.pump(&mut decoder, &mut output)?;
            let mut done = of_gzip(&decoder);
            if passes_on && let Some(offset) = done.garbage_at.take() {
                let tail = decoder.total_in() - offset;
                done.written += feed.pass_on(tail, &mut output)?;
            }
            done
        }
        Kind::Gzip => gunzip(feed, length, output, threads(config, DECOMPRESS_BYTES))?,
        Kind::Zlib => feed.only(zlib::Decoder::new(), output)?,
        Kind::Zip => {
            let mut decoder = zip::Decoder::new();
            feed.pump(&mut decoder, output)?;
            let labels = Labels { name: decoder.name().map(<[u8]>::to_vec), ..Labels::default() };
            let garbage_at = match decoder.rest() {
                Rest::Garbage { offset } => Some(offset),
                _ => None,
            };
            let has_more_entries = decoder.rest() == Rest::Entry;
            let crc = Some(decoder.crc());
            Done { labels, garbage_at, has_more_entries, crc, ..feed.totals(&decoder) }
        }
        Kind::Lzw => feed.only(legacy::lzw::Decoder::new(), output)?,
        Kind::Pack => feed.only(legacy::pack::Decoder::new(), output)?,
        Kind::Plain => {
            let written = feed.pass_on(0, output)?;
            Done { read: written, written, ..Done::default() }
        }
    };
    done.kind = kind;
    Ok(done)
}

/// Decompresses all members of `feed` with up to `threads` threads.
fn gunzip(
    feed: Feed<impl Read + Send>,
    length: Option<u64>,
    output: impl Write + Send,
    threads: NonZeroUsize,
) -> Result<Done, Failure> {
    let options = parallel::decompress::Options { threads, input_length: length };
    let summary = parallel::decompress(feed, output, &options)?;
    Ok(Done {
        read: summary.read,
        written: summary.written,
        members: summary.members,
        crc: Some(summary.crc),
        ..of_member(Some(&summary.header), summary.trailing)
    })
}

fn of_gzip(decoder: &gzip::Decoder) -> Done {
    Done {
        read: decoder.total_in(),
        written: decoder.total_out(),
        members: decoder.members(),
        crc: Some(decoder.crc()),
        ..of_member(decoder.header(), decoder.trailing())
    }
}

/// What the first header says, and what follows the last member.
fn of_member(header: Option<&Header>, trailing: Trailing) -> Done {
    Done {
        overhead: header.map_or(0, header_bytes) + TRAILER_BYTES,
        labels: header.map_or_else(Labels::default, |header| Labels {
            name: header.name.clone(),
            comment: header.comment.clone(),
            mtime: header.mtime,
        }),
        garbage_at: match trailing {
            Trailing::Garbage { offset } => Some(offset),
            _ => None,
        },
        ..Done::default()
    }
}

fn header_bytes(header: &Header) -> u64 {
    let texts = [&header.name, &header.comment].into_iter().flatten().map(|text| text.len() + 1);
    let extra = header.extra.iter().map(|extra| extra.len() + 2);
    10 + texts.chain(extra).sum::<usize>() as u64
}

/// A zlib header (RFC 1950, 2.2): method 8, a window of at most 32 KiB, and a check that one pair in 31 passes.
fn is_zlib(start: &[u8]) -> bool {
    matches!(start, [cmf, flags, ..] if cmf & 0x8f == 8 && (u32::from(*cmf) << 8 | u32::from(*flags)) % 31 == 0)
}

/// Reads back what was written to `file` and checks that it decompresses to as many bytes as were read. That they are
/// the same bytes follows from the checksum, which was computed from the input.
pub(super) fn verify(mut file: &File, done: &Done, config: &Config) -> Result<(), Failure> {
    let failed =
        |text: &dyn fmt::Display| Failure::Verify(format!("reading back what was written: {text}").into());
    file.rewind().map_err(|error| failed(&Cause(&error)))?;
    let back = decompress(file, Some(done.written), io::sink(), config)
        .map_err(|failure| failed(&format!("{failure:#}")))?;
    // The directory behind a zip entry is not read.
    if back.written == done.read && (back.kind == Kind::Zip || back.read == done.written) {
        Ok(())
    } else {
        Err(failed(&"another length"))
    }
}

/// Reads until there is something or the end, whatever interrupts.
pub(super) fn read_some(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
