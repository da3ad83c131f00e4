//! One gzip member, made by any number of threads.
//!
//! ```text
//! reader -> window (32 KiB before the chunk, the chunk) -> CRC, fragment -> splice -> writer
//!           '----------------- one thread -----------------'  '-- whoever is free, in order --'
//! ```
//!
//! Each thread owns a window and an encoder. It reads a chunk straight into its window, lets the next thread read,
//! compresses, hands the fragment in, and writes whatever is due. The chunk grid is that of [`chunk_bytes`] and each
//! chunk has the last 32 KiB before it as history, so the bytes are those of [`gzip::Encoder`]
//! whatever the number of threads. The last block must carry BFINAL, so one byte is read beyond each full chunk.
//!
//! Cost of the parts that only one thread can do at a time, per chunk: two copies of 32 KiB, the shift of the
//! fragment, one combination of CRCs, and the calls of the reader and the writer.
//!
//! Memory per thread: one window, one encoder, two fragments. Input of one chunk starts no
//! thread. Nothing is allocated per chunk once the buffers have grown.

use std::io::{self, ErrorKind, Read, Write};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Scope};
use std::{error, fmt, mem};

use super::order::{Order, Task};
use crate::bits::fragment::{Fragment, Splicer};
use crate::checksum::Crc32;
use crate::deflate::chunk::{ChunkEncoder, chunk_bytes};
use crate::gzip::{self, HeaderBuilder};
use crate::level::Level;
use crate::lz77::window::{MAX_DISTANCE, Window};

/// How to compress.
#[derive(Clone, Debug)]
pub struct Options {
    /// The level.
    pub level: Level,
    /// Threads to use at most, the calling one included. [`std::thread::available_parallelism`] is a good number.
    pub threads: NonZeroUsize,
    /// The header of the member.
    pub header: HeaderBuilder,
}

impl Options {
    /// One thread, the plain header.
    #[must_use]
    pub const fn new(level: Level) -> Self {
        Self { level, threads: NonZeroUsize::MIN, header: HeaderBuilder::new() }
    }
}

/// How many bytes went in and came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes read.
    pub read: u64,
    /// Bytes written, header and trailer included.
    pub written: u64,
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

/// Compresses all of `reader` to one gzip member on `writer`.
///
/// The bytes depend on the input, the level and the header alone. Output is written while later chunks are still being
/// compressed. Threads that cannot be started are done without.
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
    options.header.write(options.level, &mut header);
    let source = Source { reader, header, history: Vec::new(), ahead: None };
    let sink = Sink::new(writer);
    let threads = options.threads.get();
    let crew = Crew {
        order: Order::new(source, sink, threads.saturating_mul(PIECES_PER_THREAD)),
        level: options.level,
        threads,
        started: AtomicUsize::new(1),
    };
    thread::scope(|scope| work(scope, &crew));
    match crew.order.into_output() {
        Ok(sink) => sink.finish().map_err(Failure::Write),
        Err(failure) => Err(failure.unwrap_or_else(|| Failure::Read(ErrorKind::Other.into()))),
    }
}

/// Pieces under way per thread: one being worked on and one waiting for its turn to be written.
const PIECES_PER_THREAD: usize = 2;

/// What all threads share.
struct Crew<R, W> {
    order: Order<Source<R>, Sink<W>, Piece, Failure>,
    level: Level,
    /// Threads to start at most.
    threads: usize,
    /// Threads that were started, the calling one included.
    started: AtomicUsize,
}

/// The life of one thread.
fn work<'scope, R: Read + Send, W: Write + Send>(scope: &'scope Scope<'scope, '_>, crew: &'scope Crew<R, W>) {
    let _guard = crew.order.guard();
    let mut window = Window::new(chunk_bytes(crew.level));
    let mut encoder = ChunkEncoder::new(crew.level);
    loop {
        match crew.order.next_task() {
            Task::Read { mut input, ticket, mut spare } => {
                match input.read_chunk(&mut window, || crew.order.has_failed()) {
                    Ok(is_last) => {
                        spare.fragment.restart(&mem::take(&mut input.header));
                        crew.order.put_input(input, is_last);
                        if !is_last {
                            crew.start_another(scope);
                        }
                        crew.order.hand_in(ticket, spare.fill(&mut encoder, &window, is_last));
                    }
                    Err(error) => crew.order.fail(Failure::Read(error)),
                }
            }
            Task::Write { mut output, mut piece } => match output.put(&mut piece) {
                Ok(()) => crew.order.put_output(output, piece),
                Err(error) => crew.order.fail(Failure::Write(error)),
            },
            Task::Leave => return,
        }
    }
}

impl<R: Read + Send, W: Write + Send> Crew<R, W> {
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

/// A compressed chunk.
#[derive(Debug, Default)]
struct Piece {
    fragment: Fragment,
    crc: Crc32,
    length: u64,
    is_last: bool,
}

impl Piece {
    /// This piece, with the window's chunk compressed behind what its fragment holds.
    fn fill(mut self, encoder: &mut ChunkEncoder, window: &Window, is_last: bool) -> Self {
        self.crc = Crc32::new();
        self.crc.update(window.chunk());
        self.length = window.chunk().len() as u64;
        self.is_last = is_last;
        encoder.encode(window, is_last, &mut self.fragment);
        self
    }
}

/// The reader, and what the next chunk needs of those before it.
struct Source<R> {
    reader: R,
    /// What stands before the first chunk; empty behind it.
    header: Vec<u8>,
    /// The last 32 KiB before the next chunk.
    history: Vec<u8>,
    /// The byte that showed that there is a next chunk.
    ahead: Option<u8>,
}

impl<R: Read> Source<R> {
    /// Reads the next chunk into `window`, and tells whether it is the last.
    fn read_chunk(&mut self, window: &mut Window, has_failed: impl Fn() -> bool) -> io::Result<bool> {
        window.restart(&self.history);
        window.fill(self.ahead.take().as_slice());
        while !window.is_full() {
            match self.read(window.spare(), &has_failed)? {
                0 => return Ok(true),
                count => window.advance(count),
            }
        }
        let mut byte = [0];
        if self.read(&mut byte, &has_failed)? == 0 {
            return Ok(true);
        }
        self.ahead = Some(byte[0]);
        let content = window.content();
        self.history.clear();
        self.history.extend_from_slice(&content[content.len() - content.len().min(MAX_DISTANCE)..]);
        Ok(false)
    }

    fn read(&mut self, buffer: &mut [u8], has_failed: &impl Fn() -> bool) -> io::Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Ok(count) if count > buffer.len() => {
                    return Err(io::Error::other("the reader claims more bytes than it was given room for"));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted && !has_failed() => {}
                result => return result,
            }
        }
    }
}

/// The writer, and what the member needs at its end.
struct Sink<W> {
    writer: W,
    splicer: Splicer,
    crc: Crc32,
    totals: Totals,
}

impl<W: Write> Sink<W> {
    fn new(writer: W) -> Self {
        Self { writer, splicer: Splicer::new(), crc: Crc32::new(), totals: Totals::default() }
    }

    /// Writes all whole bytes up to the end of `piece`, which is the next, and behind the last piece the trailer.
    fn put(&mut self, piece: &mut Piece) -> io::Result<()> {
        self.crc.combine(&piece.crc);
        self.totals.read += piece.length;
        let mut len = self.splicer.place(&mut piece.fragment).len();
        let bytes = &mut piece.fragment.bytes;
        if piece.is_last {
            bytes.truncate(len);
            self.splicer.align(bytes);
            bytes.extend_from_slice(&gzip::write::trailer(self.crc.value(), self.totals.read));
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
