//! Readers and writers over threads, or over a pool of the caller's.

use std::io::{self, BufRead, Read, Write};
use std::num::NonZeroUsize;
#[cfg(feature = "rayon")]
use std::sync::Arc;
use std::thread;

use super::compress::read_some;
use super::crew::Staff;
use super::member::{Crowd, Member};
use crate::gzip::HeaderBuilder;
use crate::io::{Held, write_some};
use crate::level::Level;

/// Makes writers and readers that compress to gzip on many threads: the bytes of one thread, as they flow.
///
/// ```
/// use rigz::{Level, io::GzipReader, parallel::CompressBuilder};
/// use std::io::{Read, Write};
/// use std::num::NonZeroUsize;
///
/// let builder = CompressBuilder::new(Level::BEST).threads(NonZeroUsize::new(4).ok_or("zero")?).memory_limit(64 << 20);
/// let mut writer = builder.writer(Vec::new());
/// writer.write_all(b"from many threads")?;
/// let member = writer.finish()?;
///
/// let mut text = String::new();
/// GzipReader::new(&member[..]).read_to_string(&mut text)?;
/// assert_eq!(text, "from many threads");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Memory
///
/// At most 8 MiB for each thread and 4 MiB, while input is long enough for all of them; see
/// [`CompressBuilder::memory_limit`].
#[derive(Clone, Debug)]
pub struct CompressBuilder {
    level: Level,
    header: HeaderBuilder,
    threads: NonZeroUsize,
    memory_limit: usize,
    #[cfg(feature = "rayon")]
    pool: Option<Arc<rayon::ThreadPool>>,
}

impl CompressBuilder {
    /// As many threads as the process may use, the plain header, no limit.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self {
            level,
            header: HeaderBuilder::new(),
            threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            memory_limit: usize::MAX,
            #[cfg(feature = "rayon")]
            pool: None,
        }
    }

    /// The header of the member.
    #[must_use]
    pub fn header(self, header: HeaderBuilder) -> Self {
        Self { header, ..self }
    }

    /// Threads to use at most, the calling one included: it compresses, too, when it would have to wait. Threads that
    /// cannot be started are done without.
    #[must_use]
    pub fn threads(self, threads: NonZeroUsize) -> Self {
        Self { threads, ..self }
    }

    /// Has the threads of `pool` compress, and the calling one when it would have to wait, which may be one of the pool's.
    ///
    /// Each chunk ([`chunk_bytes`](crate::deflate::chunk_bytes)) is a task, and no task ever waits for input, for output,
    /// or for another task. At most as many are under way as are of use to all threads of the pool, or to fewer with
    /// [`CompressBuilder::memory_limit`].
    ///
    /// ```
    /// use rigz::{Level, parallel::CompressBuilder};
    /// use std::io::Write;
    /// use std::sync::Arc;
    ///
    /// let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build()?);
    /// let mut writer = CompressBuilder::new(Level::BEST).pool(pool).writer(Vec::new());
    /// writer.write_all(b"in the pool of the caller")?;
    /// assert_eq!(writer.finish()?[..2], [0x1f, 0x8b]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "rayon")]
    #[must_use]
    pub fn pool(self, pool: Arc<rayon::ThreadPool>) -> Self {
        Self { pool: Some(pool), ..self }
    }

    /// Bytes of memory to use at most, for which threads and pieces of work are done without. There is a least: 9.5 MiB,
    /// with which the calling thread compresses alone.
    #[must_use]
    pub fn memory_limit(self, bytes: usize) -> Self {
        Self { memory_limit: bytes, ..self }
    }

    /// Compresses what is written to it to `inner`.
    pub fn writer<W: Write>(self, inner: W) -> Writer<W> {
        Writer { inner: Held::new(inner), member: self.member(), lacks_end: true }
    }

    /// Reads one member of what `inner` gives, to its end.
    pub fn reader<R: Read>(self, inner: R) -> CompressReader<R> {
        CompressReader { inner, member: self.member(), ahead: None }
    }

    fn member(self) -> Member {
        #[cfg(feature = "rayon")]
        if let Some(pool) = self.pool {
            let threads = NonZeroUsize::new(pool.current_num_threads()).unwrap_or(NonZeroUsize::MIN);
            let crowd = Crowd::within(threads, self.memory_limit);
            return Member::new(self.level, &self.header, crowd, Staff::Pool(pool));
        }
        let crowd = Crowd::within(self.threads, self.memory_limit);
        let staff = Staff::Threads { most: crowd.threads, started: Vec::new() };
        Member::new(self.level, &self.header, crowd, staff)
    }
}

/// Compresses what is written to it to one gzip member on `W`, on many threads; [`CompressBuilder`] makes it.
///
/// The bytes are those of [`io::Writer::gzip`](crate::io::Writer::gzip), whatever the threads. `W` is written to by the
/// calling thread alone, in calls of `write`, `flush` and `finish`.
///
/// [`Write::flush`] makes everything written so far decodable, waits for it, and flushes `W`.
///
/// ```
/// use rigz::{Level, parallel::CompressBuilder};
/// use std::io::Write;
///
/// let mut writer = CompressBuilder::new(Level::DEFAULT).writer(Vec::new());
/// writer.write_all(b"to be read ")?;
/// writer.flush()?;
/// writer.write_all(b"as soon as it is written")?;
/// assert!(writer.finish()?.starts_with(&[0x1f, 0x8b]));
/// # std::io::Result::Ok(())
/// ```
///
/// Call [`Writer::finish`] at the end, which tells whether all of it was written. Dropping the writer ends the member, or
/// leaves it without its end, in the same cases as [`io::Writer`](crate::io::Writer).
///
/// # Errors
///
/// Those of `W`. They lose nothing: what could not be written is kept, and the next call goes on with it.
#[derive(Debug)]
#[must_use = "only `finish` tells whether all of the member was written"]
pub struct Writer<W: Write> {
    inner: Held<W>,
    member: Member,
    /// Whether the member has no end, and nobody was told of a failure.
    lacks_end: bool,
}

impl<W: Write> Writer<W> {
    /// Ends the member and gives `W` back.
    ///
    /// # Errors
    ///
    /// Those of `W`; the member is then not complete. To try again, use [`Writer::try_finish`].
    pub fn finish(mut self) -> io::Result<W> {
        self.try_finish()?;
        Ok(self.inner.take())
    }

    /// Gives `W` back and leaves the member without its end, so that no reader takes it for whole.
    pub fn abandon(mut self) -> W {
        self.lacks_end = false;
        self.inner.take()
    }

    /// Ends the member. After an error it can be called again.
    ///
    /// # Errors
    ///
    /// Those of `W`.
    pub fn try_finish(&mut self) -> io::Result<()> {
        self.lacks_end = false;
        self.drain()?;
        self.member.finish()?;
        self.collect_all()
    }

    /// Bytes taken so far.
    pub fn total_in(&self) -> u64 {
        self.member.total_in()
    }

    /// The writer underneath.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The writer underneath. What is written to it directly lands in the middle of the member.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// Waits for all pieces, writes them, and flushes.
    fn collect_all(&mut self) -> io::Result<()> {
        loop {
            self.drain()?;
            if !self.member.collect_due()? {
                return self.inner.flush();
            }
        }
    }

    /// Writes what is ready; on an error the rest stays ready.
    fn drain(&mut self) -> io::Result<()> {
        while !self.member.output().is_empty() {
            let count = write_some(&mut *self.inner, self.member.output())?;
            self.member.consume(count);
        }
        Ok(())
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        self.lacks_end = false;
        self.drain()?;
        if input.is_empty() || self.member.is_finished() {
            return Ok(0);
        }
        if self.member.is_full() {
            self.member.make_room()?;
        }
        self.lacks_end = true;
        let room = self.member.room();
        let count = room.len().min(input.len());
        room[..count].copy_from_slice(&input[..count]);
        self.member.fed(count);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lacks_end = false;
        self.drain()?;
        self.member.flush()?;
        self.collect_all()?;
        self.lacks_end = true;
        Ok(())
    }
}

impl<W: Write> Drop for Writer<W> {
    fn drop(&mut self) {
        if self.lacks_end && !thread::panicking() {
            _ = self.try_finish();
        }
    }
}

/// Reads one gzip member of what `R` gives, to its end, compressed on many threads; [`CompressBuilder`] makes it.
///
/// The bytes are those of [`io::CompressReader::gzip`](crate::io::CompressReader::gzip), whatever the threads. `R` is read
/// by the calling thread alone, ahead of what is given out.
///
/// ```
/// use rigz::{Level, io::GzipReader, parallel::CompressBuilder};
/// use std::io::Read;
///
/// let reader = CompressBuilder::new(Level::DEFAULT).reader(&b"to be sent"[..]);
/// let mut text = String::new();
/// GzipReader::new(reader).read_to_string(&mut text)?;
/// assert_eq!(text, "to be sent");
/// # std::io::Result::Ok(())
/// ```
///
/// # Errors
///
/// Those of `R`. They lose nothing: the next call goes on.
#[derive(Debug)]
pub struct CompressReader<R> {
    inner: R,
    member: Member,
    /// A byte that showed that a full chunk is not the last.
    ahead: Option<u8>,
}

impl<R: Read> CompressReader<R> {
    /// The reader of data.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader of data. What is taken from it is missing from the member.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader of data, which was read ahead.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// Reads a chunk and lets it go.
    fn read_chunk(&mut self) -> io::Result<()> {
        if let Some(byte) = self.ahead.take() {
            self.member.room()[0] = byte;
            self.member.fed(1);
        }
        while !self.member.is_full() {
            let count = read_some(&mut self.inner, self.member.room(), || false)?;
            if count == 0 {
                return self.member.finish();
            }
            self.member.fed(count);
        }
        let mut byte = [0];
        if read_some(&mut self.inner, &mut byte, || false)? == 0 {
            return self.member.finish();
        }
        self.ahead = Some(byte[0]);
        self.member.make_room()
    }
}

impl<R: Read> BufRead for CompressReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.member.output().is_empty() {
            if !self.member.is_finished() {
                self.read_chunk()?;
                self.member.collect_done();
            } else if !self.member.collect_due()? {
                break;
            }
        }
        Ok(self.member.output())
    }

    fn consume(&mut self, count: usize) {
        self.member.consume(count);
    }
}

impl<R: Read> Read for CompressReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
