//! `Read` and `BufRead`: decompression and compression of what another reader gives.

use crate::deflate::stream::{Deflate, Encode, Flush};
use crate::error::{Error, ErrorKind};
use crate::inflate::{self, Decode, Step};
use crate::level::Level;
use crate::{gzip, zlib};
use std::io::{self, BufRead, Read};

/// Reads decompressed data: what a decoder makes of the bytes of `R`.
///
/// Wrap a reader that is not buffered in [`std::io::BufReader`]. Exactly the bytes of the stream are taken from it, so
/// that what follows can be read afterwards: see [`Reader::into_inner`].
///
/// # Errors
///
/// Those of `R`; [`io::ErrorKind::UnexpectedEof`] if the input ends too early; [`io::ErrorKind::InvalidData`] if it
/// breaks a rule. The [`Error`](crate::Error) with rule and offset is inside. What was decoded before an error is read
/// first.
///
/// # Memory
///
/// That of the decoder: about 150 KiB.
///
/// ```
/// use rigz::{gzip, io::Reader};
/// use std::io::Read;
///
/// let file: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
/// let mut reader = Reader::with_decoder(file, gzip::Decoder::with_input_len(file.len() as u64));
/// let mut text = String::new();
/// reader.read_to_string(&mut text)?;
/// assert_eq!((&*text, reader.decoder().members()), ("abcdef", 1));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader<R, D> {
    inner: R,
    decoder: D,
}

/// Reads the data of a gzip file: all members, each checked (see [`gzip::Decoder`]).
///
/// Zero bytes after the last member are accepted; other bytes there end the data, and [`gzip::Decoder::trailing`]
/// tells of them.
///
/// ```
/// use std::io::Read;
///
/// let file: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
/// let mut text = String::new();
/// rigz::io::GzipReader::new(file).read_to_string(&mut text)?;
/// assert_eq!(text, "abcdef");
/// # Ok::<(), std::io::Error>(())
/// ```
pub type GzipReader<R> = Reader<R, gzip::Decoder>;

/// Reads the data of one zlib stream (see [`zlib::Decoder`]). Bytes after it stay in the inner reader.
///
/// ```
/// use std::io::Read;
///
/// let stream: &[u8] = b"\x78\x9c\x4b\x4c\x4a\x4e\x49\x4d\x03\0\x08\x1e\x02\x56";
/// let mut text = String::new();
/// rigz::io::ZlibReader::new(stream).read_to_string(&mut text)?;
/// assert_eq!(text, "abcdef");
/// # Ok::<(), std::io::Error>(())
/// ```
pub type ZlibReader<R> = Reader<R, zlib::Decoder>;

/// Reads the data of one raw DEFLATE stream. Bytes after it stay in the inner reader.
///
/// ```
/// use std::io::Read;
///
/// let stream: &[u8] = b"\x4b\x4c\x4a\x4e\x49\x4d\x03\0, and more";
/// let mut reader = rigz::io::DeflateReader::new(stream);
/// let mut text = String::new();
/// reader.read_to_string(&mut text)?;
/// assert_eq!((&*text, reader.into_inner()), ("abcdef", &b", and more"[..]));
/// # Ok::<(), std::io::Error>(())
/// ```
pub type DeflateReader<R> = Reader<R, inflate::Decoder>;

impl<R: BufRead, D: Decode + Default> Reader<R, D> {
    /// Reads compressed data from `inner`.
    pub fn new(inner: R) -> Self {
        Self::with_decoder(inner, D::default())
    }
}

impl<R: BufRead> Reader<R, gzip::Decoder> {
    /// Reads the first member of `inner` alone; what follows it stays there.
    ///
    /// ```
    /// use std::io::Read;
    ///
    /// let file: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0rest";
    /// let mut reader = rigz::io::GzipReader::single_member(file);
    /// let mut text = String::new();
    /// reader.read_to_string(&mut text)?;
    /// assert_eq!((&*text, reader.into_inner()), ("abcdef", &b"rest"[..]));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn single_member(inner: R) -> Self {
        Self::with_decoder(inner, gzip::Decoder::new().single_member())
    }
}

impl<R: BufRead, D: Decode> Reader<R, D> {
    /// Reads what `decoder` makes of `inner`.
    pub fn with_decoder(inner: R, decoder: D) -> Self {
        Self { inner, decoder }
    }

    /// The decoder: how far it is, and what it found.
    pub fn decoder(&self) -> &D {
        &self.decoder
    }

    /// The reader of compressed data.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader of compressed data. What is taken from it is missing from the stream.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader of compressed data; once all was read, it stands behind the stream.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: BufRead, D: Decode> BufRead for Reader<R, D> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.decoder.output().is_empty() {
            let available = match self.inner.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                available => available?,
            };
            if available.is_empty() {
                self.decoder.end_of_input();
            }
            let mut rest = available;
            let step = self.decoder.decode(&mut rest);
            let used = available.len() - rest.len();
            self.inner.consume(used);
            if step? == Step::Done {
                break;
            }
        }
        Ok(self.decoder.output())
    }

    fn consume(&mut self, count: usize) {
        self.decoder.consume(count);
    }
}

impl<R: BufRead, D: Decode> Read for Reader<R, D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// Reads compressed data: what an encoder makes of the bytes of `R`, to their end.
///
/// ```
/// use std::io::Read;
/// use rigz::{Level, io::{CompressReader, GzipReader}};
///
/// let mut member = Vec::new();
/// CompressReader::gzip(&b"to be sent"[..], Level::DEFAULT).read_to_end(&mut member)?;
/// let mut text = String::new();
/// GzipReader::new(&member[..]).read_to_string(&mut text)?;
/// assert_eq!(text, "to be sent");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// Those of `R`. They lose nothing: the next call goes on.
///
/// # Memory
///
/// That of the encoder, and its output of one chunk.
#[derive(Debug)]
pub struct CompressReader<R, E> {
    inner: R,
    encoder: E,
    ready: Vec<u8>,
    taken: usize,
    has_ended: bool,
}

impl<R: BufRead> CompressReader<R, gzip::Encoder> {
    /// Reads one gzip member with the plain header.
    pub fn gzip(inner: R, level: Level) -> Self {
        Self::new(inner, gzip::Encoder::new(level, &gzip::HeaderBuilder::new()))
    }
}

impl<R: BufRead> CompressReader<R, zlib::Encoder> {
    /// Reads one zlib stream.
    pub fn zlib(inner: R, level: Level) -> Self {
        Self::new(inner, zlib::Encoder::new(level))
    }
}

impl<R: BufRead> CompressReader<R, Deflate> {
    /// Reads raw DEFLATE.
    pub fn deflate(inner: R, level: Level) -> Self {
        Self::new(inner, Deflate::new(level))
    }
}

impl<R: BufRead, E: Encode> CompressReader<R, E> {
    /// Reads what `encoder` makes of `inner`.
    pub fn new(inner: R, encoder: E) -> Self {
        Self { inner, encoder, ready: Vec::new(), taken: 0, has_ended: false }
    }

    /// The encoder: how far it is.
    pub fn encoder(&self) -> &E {
        &self.encoder
    }

    /// The reader of data.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader of data. What is taken from it is missing from the stream.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader of data. What it gave may not all have been read.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: BufRead, E: Encode> BufRead for CompressReader<R, E> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.taken == self.ready.len() && !self.has_ended {
            self.ready.clear();
            self.taken = 0;
            let available = match self.inner.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                available => available?,
            };
            if available.is_empty() {
                self.encoder.flush(Flush::Finish, &mut self.ready);
                self.has_ended = true;
            } else {
                let taken = self.encoder.feed(available, &mut self.ready);
                self.inner.consume(taken);
            }
        }
        Ok(&self.ready[self.taken..])
    }

    fn consume(&mut self, count: usize) {
        self.taken = self.ready.len().min(self.taken + count);
    }
}

impl<R: BufRead, E: Encode> Read for CompressReader<R, E> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl From<Error> for io::Error {
    /// `UnexpectedEof` for [`ErrorKind::UnexpectedEnd`], else `InvalidData`; the error itself is inside.
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::UnexpectedEnd => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}
