//! Data read from a gzip file that threads decompress ahead.
//!
//! A thread runs [`decompress`] on the reader, with others or with tasks of a pool, and its output comes through a pipe of a
//! few buffers, which go back and forth. A reader that is dropped closes the pipe, which ends the thread at its next write.

use std::io::{self, BufRead, Read, Write};
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use super::decompress::{Failure, Options, Summary, decompress, decompress_in_pool};
use super::pool::{self, Pool};

/// Buffers in the pipe, and their bytes at most.
const BUFFERS: usize = 4;
const BUFFER_BYTES: usize = 256 << 10;

/// Memory of [`decompress`] with more than one thread, in bytes, and what each of them adds.
const SHARED_BYTES: usize = 64 << 20;
const THREAD_BYTES: usize = 8 << 20;

/// Makes readers that decompress gzip files on many threads, ahead of what is read.
///
/// ```
/// use rigz::parallel::DecompressBuilder;
/// use std::io::Read;
///
/// let file: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
/// let mut text = String::new();
/// DecompressBuilder::new().reader(file)?.read_to_string(&mut text)?;
/// assert_eq!(text, "abcdef");
/// # std::io::Result::Ok(())
/// ```
///
/// Data is copied from those threads to the one that reads. Where all of it goes to a writer,
/// [`decompress`](crate::parallel::decompress()) is quicker.
///
/// # Memory
///
/// At most 64 MiB and 8 MiB for each thread, with a pool for each of its threads and one more; or 2 MiB with one thread;
/// see [`DecompressBuilder::memory_limit`].
#[derive(Clone, Debug)]
pub struct DecompressBuilder {
    options: Options,
    memory_limit: usize,
    pool: Option<Pool>,
}

impl Default for DecompressBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl DecompressBuilder {
    /// As many threads as the process may use, no limit.
    #[must_use]
    pub fn new() -> Self {
        let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { options: Options::new(threads), memory_limit: usize::MAX, pool: None }
    }

    /// Threads to decompress with at most, beside the one that reads.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.options.threads = threads;
        self
    }

    /// Has the threads of `pool` decompress ahead.
    ///
    /// What they do are tasks of some hundred kilobytes each, as many at a time as the pool has threads, or fewer with
    /// [`DecompressBuilder::memory_limit`]. No task ever waits: for input, for whoever reads, or for another task. What has to
    /// wait are two threads of the reader's own, of which one reads `inner`, and the other decompresses what no task has
    /// decompressed. So data comes though the pool be busy for ever, or read from within it.
    ///
    /// ```
    /// use rigz::parallel::DecompressBuilder;
    /// use std::io::Read;
    /// use std::sync::Arc;
    ///
    /// let file: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
    /// let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build()?);
    /// let mut text = String::new();
    /// DecompressBuilder::new().pool(pool).reader(file)?.read_to_string(&mut text)?;
    /// assert_eq!(text, "abcdef");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "rayon")]
    #[must_use]
    pub fn pool(self, pool: std::sync::Arc<rayon::ThreadPool>) -> Self {
        Self { pool: Some(pool), ..self }
    }

    /// The length of the compressed input, if it is known: buffers and pieces of work suit it.
    #[must_use]
    pub fn input_length(mut self, bytes: u64) -> Self {
        self.options.input_length = Some(bytes);
        self
    }

    /// Bytes of memory to use at most, for which threads are done without. There is a least: 2 MiB, with which one
    /// thread decompresses.
    #[must_use]
    pub fn memory_limit(self, bytes: usize) -> Self {
        Self { memory_limit: bytes, ..self }
    }

    /// Reads the data of the gzip file `inner`, all members, each checked.
    ///
    /// `inner` is read ahead and not given back. Where data follows that is not of the file, or one member alone is wanted,
    /// take [`io::GzipReader`](crate::io::GzipReader), which leaves what it has no use for.
    ///
    /// # Errors
    ///
    /// If no thread can be started.
    pub fn reader<R: Read + Send + 'static>(self, inner: R) -> io::Result<Reader> {
        let mut options = self.options;
        if let Some(pool) = &self.pool {
            options.threads = NonZeroUsize::MIN.saturating_add(pool::threads(pool));
        }
        let affordable = self.memory_limit.saturating_sub(SHARED_BYTES) / THREAD_BYTES;
        options.threads = NonZeroUsize::new(affordable).map_or(NonZeroUsize::MIN, |n| n.min(options.threads));
        let (full, from_thread) = sync_channel(BUFFERS);
        let (to_thread, empty) = channel();
        let pipe = Pipe { full, empty, made: 0 };
        let thread = thread::Builder::new().name("rigz".into());
        let thread = thread.spawn(move || match self.pool {
            Some(pool) => decompress_in_pool(inner, pipe, &options, pool),
            None => decompress(inner, pipe, &options),
        })?;
        Ok(Reader {
            thread: Some(thread),
            from_thread,
            to_thread,
            buffer: Vec::new(),
            taken: 0,
            summary: None,
        })
    }
}

/// The thread's end of the pipe.
struct Pipe {
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
    /// Buffers that were made.
    made: usize,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let closed = |_| io::ErrorKind::BrokenPipe;
        let mut buffer = if self.made < BUFFERS {
            self.made += 1;
            Vec::with_capacity(bytes.len().min(BUFFER_BYTES))
        } else {
            self.empty.recv().map_err(closed)?
        };
        let count = bytes.len().min(BUFFER_BYTES);
        buffer.clear();
        buffer.extend_from_slice(&bytes[..count]);
        self.full.send(buffer).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads the data of a gzip file that threads decompress ahead; [`DecompressBuilder`] makes it.
///
/// It can be dropped before the end, which waits for nothing: the threads end, and let go of what they read from, as soon
/// as a call to that returns.
///
/// ```
/// use rigz::parallel::DecompressBuilder;
/// use std::io::Read;
///
/// let file: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
/// let mut reader = DecompressBuilder::new().reader(file)?;
/// let mut data = Vec::new();
/// reader.read_to_end(&mut data)?;
/// assert_eq!(reader.summary().map(|summary| (summary.written, summary.members)), Some((6, 1)));
/// # std::io::Result::Ok(())
/// ```
///
/// # Errors
///
/// As [`io::GzipReader`](crate::io::GzipReader), after the data before the error. Each error is told once; the data ends
/// there.
#[derive(Debug)]
pub struct Reader {
    thread: Option<JoinHandle<Result<Summary, Failure>>>,
    from_thread: Receiver<Vec<u8>>,
    to_thread: Sender<Vec<u8>>,
    buffer: Vec<u8>,
    taken: usize,
    summary: Option<Summary>,
}

impl Reader {
    /// What was decompressed, once the data has ended without an error.
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    /// The result of the thread, which has closed the pipe.
    fn end(&mut self) -> io::Result<()> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        match thread.join() {
            Ok(result) => self.summary = Some(result?),
            Err(_) => return Err(io::Error::other("a thread of the decompressor panicked")),
        }
        Ok(())
    }
}

impl BufRead for Reader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken == self.buffer.len() {
            let buffer = std::mem::take(&mut self.buffer);
            self.taken = 0;
            if buffer.capacity() > 0 {
                // The thread may have left.
                _ = self.to_thread.send(buffer);
            }
            match self.from_thread.recv() {
                Ok(buffer) => self.buffer = buffer,
                Err(_) => self.end()?,
            }
        }
        Ok(&self.buffer[self.taken..])
    }

    fn consume(&mut self, count: usize) {
        self.taken = self.buffer.len().min(self.taken + count);
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
