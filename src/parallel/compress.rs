//! One gzip member, zlib stream or raw stream, made by any number of threads.
//!
//! ```text
//! reader -> window (32 KiB before the chunk, the chunk) -> checksum, fragment -> splice -> writer
//!           '--------------------- one thread ---------------------'  '-- whoever is free, in order --'
//! ```
//!
//! Each thread owns a window and an encoder. It reads a chunk straight into its window, lets the next thread read,
//! compresses, hands the fragment in, and writes whatever is due. The chunk grid is that of [`chunk_bytes`] and each
//! chunk has the last 32 KiB before it as history, so the bytes are those of the streaming encoders
//! whatever the number of threads. The last block must carry BFINAL, so one byte is read beyond each full chunk.
//!
//! [`Cuts`] end chunks early, with the mark of a flush behind them; the grid starts anew there, as it does behind a flush
//! of an encoder. What was read beyond a cut waits for the next chunk.
//!
//! Cost of the parts that only one thread can do at a time, per chunk: two copies of 32 KiB, the shift of the
//! fragment, one combination of checksums, and the calls of the reader and the writer.
//!
//! Memory per thread: one window, one encoder, two fragments. Input of one chunk starts no
//! thread. Nothing is allocated per chunk once the buffers have grown.

use std::io::{self, ErrorKind, Read, Write};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Scope};
use std::{error, fmt, mem};

use super::cuts::{Cuts, Cutter};
use super::order::{Order, Task};
use crate::bits::fragment::{Fragment, Splicer};
use crate::checksum::{Adler32, Crc32};
use crate::deflate::chunk::{ChunkEncoder, chunk_bytes};
use crate::deflate::stream::push_empty_stored_block;
use crate::gzip::{self, HeaderBuilder};
use crate::level::Level;
use crate::lz77::window::{MAX_DISTANCE, Window};
use crate::whole::Format;
use crate::zlib;

/// How to compress.
///
/// ```
/// use rigz::{Format, Level, parallel::{Cuts, Options, compress}};
/// use std::num::NonZeroUsize;
///
/// // Zlib in blocks of 64 KiB, each of which can be decoded without those before.
/// let every = NonZeroUsize::new(64 << 10).map_or(Cuts::None, Cuts::Every);
/// let options = Options { format: Format::Zlib, cuts: every, is_independent: true, ..Options::new(Level::DEFAULT) };
/// let mut stream = Vec::new();
/// compress(&[7; 100_000][..], &mut stream, &options)?;
/// assert_eq!(stream.windows(4).filter(|bytes| *bytes == [0, 0, 0xff, 0xff]).count(), 1);
/// # Ok::<(), rigz::parallel::Failure>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The level.
    pub level: Level,
    /// Threads to use at most, the calling one included. [`std::thread::available_parallelism`] is a good number.
    pub threads: NonZeroUsize,
    /// What stands around the compressed data.
    pub format: Format,
    /// The header of a gzip member.
    pub header: HeaderBuilder,
    /// Where the data is cut into blocks, beside the chunks that it is cut into anyway.
    pub cuts: Cuts,
    /// Nothing behind a cut refers to what is before it: a reader may begin there.
    pub is_independent: bool,
    /// The length of the input, if it is known: buffers suit it. Longer input works, but is cut otherwise.
    pub input_length: Option<u64>,
}

impl Options {
    /// One thread, a gzip member with the plain header.
    #[must_use]
    pub const fn new(level: Level) -> Self {
        Self {
            level,
            threads: NonZeroUsize::MIN,
            format: Format::Gzip,
            header: HeaderBuilder::new(),
            cuts: Cuts::None,
            is_independent: false,
            input_length: None,
        }
    }

    /// One byte more than there is, so that the end is seen before a chunk is full.
    fn window_bytes(&self) -> usize {
        let grid = chunk_bytes(self.level);
        self.input_length
            .map_or(grid, |length| grid.min(usize::try_from(length).unwrap_or(grid).saturating_add(1)))
    }
}

/// How many bytes went in and came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes read.
    pub read: u64,
    /// Bytes written, header and trailer included.
    pub written: u64,
    /// The checksum of the bytes read: Adler-32 if a zlib stream was written, else CRC-32.
    pub checksum: u32,
}

/// Which side failed.
#[derive(Debug)]
pub enum Failure {
    /// The reader.
    Read(io::Error),
    /// The writer.
    Write(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "reading: {error}"),
            Self::Write(error) => write!(f, "writing: {error}"),
        }
    }
}

impl error::Error for Failure {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Read(error) | Self::Write(error) => Some(error),
        }
    }
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Read(error) | Failure::Write(error) => error,
        }
    }
}

/// Compresses all of `reader` to one gzip member, zlib stream or raw stream on `writer`.
///
/// The bytes depend on the input and the options alone, and not on the number of threads. Output is written while later
/// chunks are still being compressed. Threads that cannot be started are done without.
///
/// ```
/// use rigz::{Level, parallel};
/// use std::num::NonZeroUsize;
///
/// let options = parallel::Options {
///     threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
///     ..parallel::Options::new(Level::BEST)
/// };
/// let mut member = Vec::new();
/// let totals = parallel::compress(&b"from any reader"[..], &mut member, &options)?;
/// assert_eq!((totals.read, totals.written), (15, member.len() as u64));
/// # Ok::<(), parallel::Failure>(())
/// ```
///
/// # Errors
///
/// The first error of the reader or the writer; [`ErrorKind::Interrupted`] is tried again. After an error nothing more
/// is written. A call of the reader or the writer that blocks is waited for: a reader that must not hold up the end may
/// return `Interrupted` now and then.
pub fn compress<R: Read + Send, W: Write + Send>(
    reader: R,
    writer: W,
    options: &Options,
) -> Result<Totals, Failure> {
    let mut header = Vec::new();
    match options.format {
        Format::Gzip => options.header.write(options.level, &mut header),
        Format::Zlib => header.extend_from_slice(zlib::write::Header::new(options.level, None).bytes()),
        Format::Raw => {}
    }
    let cutter = Cutter::new(options.cuts);
    let (is_independent, history, ahead) = (options.is_independent, Vec::new(), Vec::new());
    let source = Source { reader, header, cutter, is_independent, history, ahead };
    let sink = Sink {
        writer,
        splicer: Splicer::new(),
        format: options.format,
        sum: Sum::of(&[], options.format),
        totals: Totals::default(),
    };
    let threads = options.threads.get();
    let shared = Shared {
        order: Order::new(source, sink, threads.saturating_mul(PIECES_PER_THREAD)),
        level: options.level,
        format: options.format,
        window_bytes: options.window_bytes(),
        threads,
        started: AtomicUsize::new(1),
    };
    thread::scope(|scope| work(scope, &shared));
    match shared.order.into_output() {
        Ok(sink) => sink.finish().map_err(Failure::Write),
        Err(failure) => Err(failure.unwrap_or_else(|| Failure::Read(ErrorKind::Other.into()))),
    }
}

/// Pieces under way per thread: one being worked on and one waiting for its turn to be written.
const PIECES_PER_THREAD: usize = 2;

/// What all threads share.
struct Shared<R, W> {
    order: Order<Source<R>, Sink<W>, Piece, Failure>,
    level: Level,
    format: Format,
    /// Bytes of a chunk that a window has room for.
    window_bytes: usize,
    /// Threads to start at most.
    threads: usize,
    /// Threads that were started, the calling one included.
    started: AtomicUsize,
}

/// The life of one thread.
fn work<'scope, R: Read + Send, W: Write + Send>(
    scope: &'scope Scope<'scope, '_>,
    shared: &'scope Shared<R, W>,
) {
    let _guard = shared.order.guard();
    let mut window = Window::new(shared.window_bytes);
    let mut encoder = ChunkEncoder::new(shared.level);
    loop {
        match shared.order.next_task() {
            Task::Read { mut input, ticket, mut spare } => {
                match input.read_chunk(&mut window, || shared.order.has_failed()) {
                    Ok(end) => {
                        spare.fragment.restart(&mem::take(&mut input.header));
                        shared.order.put_input(input, end == End::Stream);
                        if end != End::Stream {
                            shared.start_another(scope);
                        }
                        spare.fill(&mut encoder, &window, end, shared.format);
                        shared.order.hand_in(ticket, spare);
                    }
                    Err(error) => shared.order.fail(Failure::Read(error)),
                }
            }
            Task::Write { mut output, mut piece } => match output.put(&mut piece) {
                Ok(()) => shared.order.put_output(output, piece),
                Err(error) => shared.order.fail(Failure::Write(error)),
            },
            Task::Leave => return,
        }
    }
}

impl<R: Read + Send, W: Write + Send> Shared<R, W> {
    /// Starts one more thread if there may be more. If it cannot be started, no other is tried.
    fn start_another<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        let below = |started| (started < self.threads).then_some(started + 1);
        if self.started.fetch_update(Ordering::Relaxed, Ordering::Relaxed, below).is_ok() {
            let thread = thread::Builder::new().name("rigz".into());
            if thread.spawn_scoped(scope, || work(scope, self)).is_err() {
                self.started.store(self.threads, Ordering::Relaxed);
            }
        }
    }
}

/// What ends with a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Chunk,
    /// A block: its end is marked.
    Block,
    Stream,
}

/// The checksum of some data, as its format has it.
#[derive(Clone, Debug)]
enum Sum {
    Crc(Crc32),
    Adler(Adler32),
}

impl Sum {
    fn of(bytes: &[u8], format: Format) -> Self {
        if format == Format::Zlib {
            let mut adler = Adler32::new();
            adler.update(bytes);
            return Self::Adler(adler);
        }
        let mut crc = Crc32::new();
        crc.update(bytes);
        Self::Crc(crc)
    }

    /// Adds the `length` bytes that `next` is of.
    fn combine(&mut self, next: &Self, length: u64) {
        match (self, next) {
            (Self::Crc(crc), Self::Crc(next)) => crc.combine(next),
            (Self::Adler(adler), Self::Adler(next)) => adler.combine(next, length),
            _ => debug_assert!(false, "a stream has one format"),
        }
    }

    fn value(&self) -> u32 {
        match self {
            Self::Crc(crc) => crc.value(),
            Self::Adler(adler) => adler.value(),
        }
    }
}

/// A compressed chunk.
#[derive(Debug, Default)]
struct Piece {
    fragment: Fragment,
    sum: Option<Sum>,
    length: u64,
    end: End,
}

impl Piece {
    /// Compresses the window's chunk behind what the fragment holds.
    fn fill(&mut self, encoder: &mut ChunkEncoder, window: &Window, end: End, format: Format) {
        self.sum = Some(Sum::of(window.chunk(), format));
        self.length = window.chunk().len() as u64;
        self.end = end;
        encoder.encode(window, end == End::Stream, &mut self.fragment);
    }
}

/// The reader, and what the next chunk needs of those before it.
struct Source<R> {
    reader: R,
    /// What stands before the first chunk; empty behind it.
    header: Vec<u8>,
    cutter: Cutter,
    is_independent: bool,
    /// The last 32 KiB before the next chunk.
    history: Vec<u8>,
    /// Bytes of the next chunk that were read already: at least the one that showed that there is a next chunk.
    ahead: Vec<u8>,
}

impl<R: Read> Source<R> {
    /// Reads the next chunk into `window`, and tells what ends with it.
    fn read_chunk(&mut self, window: &mut Window, has_failed: impl Fn() -> bool) -> io::Result<End> {
        window.restart(&self.history);
        let fits = self.ahead.len().min(window.spare().len());
        let (taken, mut is_cut) = self.cutter.cut(&self.ahead[..fits]);
        window.fill(&self.ahead[..taken]);
        self.ahead.drain(..taken);
        while !is_cut && !window.is_full() {
            let room = window.spare().len().min(self.cutter.piece_bytes());
            let count = read_some(&mut self.reader, &mut window.spare()[..room], &has_failed)?;
            if count == 0 {
                return Ok(End::Stream);
            }
            let piece = &window.spare()[..count];
            let (taken, ends) = self.cutter.cut(piece);
            self.ahead.extend_from_slice(&piece[taken..]);
            window.advance(taken);
            is_cut = ends;
        }
        if self.ahead.is_empty() {
            let mut byte = [0];
            if read_some(&mut self.reader, &mut byte, &has_failed)? == 0 {
                return Ok(End::Stream);
            }
            self.ahead.push(byte[0]);
        }
        self.history.clear();
        if !(is_cut && self.is_independent) {
            let content = window.content();
            self.history.extend_from_slice(&content[content.len() - content.len().min(MAX_DISTANCE)..]);
        }
        Ok(if is_cut { End::Block } else { End::Chunk })
    }
}

/// Reads some bytes, or none at the end, whatever interrupts, unless it is over.
pub(super) fn read_some(
    reader: &mut impl Read,
    buffer: &mut [u8],
    is_over: impl Fn() -> bool,
) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Ok(count) if count > buffer.len() => {
                return Err(io::Error::other("the reader claims more bytes than it was given room for"));
            }
            Err(error) if error.kind() == ErrorKind::Interrupted && !is_over() => {}
            result => return result,
        }
    }
}

/// The writer, and what the stream needs at its end.
struct Sink<W> {
    writer: W,
    splicer: Splicer,
    format: Format,
    /// Of what was written.
    sum: Sum,
    totals: Totals,
}

impl<W: Write> Sink<W> {
    /// Writes all whole bytes up to the end of `piece`, which is the next, and what stands behind it.
    fn put(&mut self, piece: &mut Piece) -> io::Result<()> {
        if let Some(next) = &piece.sum {
            self.sum.combine(next, piece.length);
        }
        self.totals.read += piece.length;
        let mut len = self.splicer.place(&mut piece.fragment).len();
        let bytes = &mut piece.fragment.bytes;
        if piece.end != End::Chunk {
            bytes.truncate(len);
            if piece.end == End::Block {
                push_empty_stored_block(&mut self.splicer, bytes);
            } else {
                self.splicer.align(bytes);
                self.totals.checksum = self.sum.value();
                match self.format {
                    Format::Gzip => {
                        bytes.extend_from_slice(&gzip::write::trailer(self.totals.checksum, self.totals.read))
                    }
                    Format::Zlib => bytes.extend_from_slice(&self.totals.checksum.to_be_bytes()),
                    Format::Raw => {}
                }
            }
            len = bytes.len();
        }
        self.writer.write_all(&bytes[..len])?;
        self.totals.written += len as u64;
        Ok(())
    }

    fn finish(mut self) -> io::Result<Totals> {
        self.writer.flush()?;
        Ok(self.totals)
    }
}
