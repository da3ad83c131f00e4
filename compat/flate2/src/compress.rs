//! Compression over slices.

use crate::framed::{Frame, Framed, MOST_WINDOW_BITS};
use crate::room::Room;
use crate::{Compression, Status};
use rigz::deflate::{Encode, Flush};
use std::mem::MaybeUninit;
use std::{error, fmt, io};

/// How much of the input must be decodable from the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushCompress {
    /// Whatever is ready.
    None = 0,
    /// All of it, up to a few bits of padding.
    Partial = 1,
    /// All of it, and the output ends at a byte.
    Sync = 2,
    /// As [`FlushCompress::Sync`], and what follows does not refer back.
    Full = 3,
    /// All of it, and the stream is over.
    Finish = 4,
}

/// A call of [`Compress`] that the state of the stream does not allow.
#[derive(Clone, Debug)]
pub struct CompressError(());

impl CompressError {
    /// What was wrong.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        Some("stream error")
    }
}

impl fmt::Display for CompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deflate compression error: stream error")
    }
}

impl error::Error for CompressError {}

impl From<CompressError> for io::Error {
    fn from(error: CompressError) -> Self {
        Self::other(error)
    }
}

/// Compresses one stream, from slices to slices.
///
/// ```
/// use flate2::{Compress, Compression, FlushCompress, Status};
///
/// let mut compress = Compress::new(Compression::default(), true);
/// let mut output = [0; 64];
/// let status = compress.compress(b"hello hello", &mut output, FlushCompress::Finish)?;
/// assert_eq!((status, compress.total_in()), (Status::StreamEnd, 11));
/// # Ok::<(), flate2::CompressError>(())
/// ```
///
/// # Memory
///
/// That of [`rigz::deflate::Deflate`], and output that found no room.
#[derive(Debug)]
pub struct Compress {
    encoder: Framed,
    /// Output on its way, of which `given` bytes are gone.
    ready: Vec<u8>,
    given: usize,
    total_out: u64,
    /// Whether all of the stream was given out.
    is_over: bool,
}

impl Compress {
    /// A compressor to zlib with `zlib_header`, else to raw DEFLATE.
    #[must_use]
    pub fn new(level: Compression, zlib_header: bool) -> Self {
        Self::with(level, if zlib_header { Frame::Zlib } else { Frame::Raw }, MOST_WINDOW_BITS)
    }

    /// As [`Compress::new`], with matches that reach back at most 2^`window_bits` bytes. Fewer than 15 cost much
    /// compression.
    ///
    /// # Panics
    ///
    /// If `window_bits` is not within 9 to 15.
    #[must_use]
    pub fn new_with_window_bits(level: Compression, zlib_header: bool, window_bits: u8) -> Self {
        check_window_bits(window_bits);
        Self::with(level, if zlib_header { Frame::Zlib } else { Frame::Raw }, window_bits)
    }

    /// A compressor to gzip, with matches that reach back at most 2^`window_bits` bytes.
    ///
    /// # Panics
    ///
    /// If `window_bits` is not within 9 to 15.
    #[must_use]
    pub fn new_gzip(level: Compression, window_bits: u8) -> Self {
        check_window_bits(window_bits);
        Self::with(level, Frame::Gzip, window_bits)
    }

    fn with(level: Compression, frame: Frame, window_bits: u8) -> Self {
        let encoder = Framed::new(level.of_rigz(), frame, window_bits);
        Self { encoder, ready: Vec::new(), given: 0, total_out: 0, is_over: false }
    }

    /// Bytes read.
    #[must_use]
    pub fn total_in(&self) -> u64 {
        self.encoder.total_in()
    }

    /// Bytes written.
    #[must_use]
    pub fn total_out(&self) -> u64 {
        self.total_out
    }

    /// Lets what follows refer to `dictionary`: for zlib before the first byte, for raw data at any time. Returns its
    /// Adler-32.
    ///
    /// # Errors
    ///
    /// For gzip, or too late.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<u32, CompressError> {
        self.encoder.set_dictionary(dictionary, &mut self.ready).ok_or(CompressError(()))
    }

    /// Back to the start of a stream. The level stays, a dictionary does not.
    pub fn reset(&mut self) {
        self.encoder.reset();
        self.ready.clear();
        (self.given, self.total_out, self.is_over) = (0, 0, false);
    }

    /// Compresses what follows at another level.
    ///
    /// # Errors
    ///
    /// None; the type is that of flate2.
    pub fn set_level(&mut self, level: Compression) -> Result<(), CompressError> {
        self.encoder.set_level(level.of_rigz(), &mut self.ready);
        Ok(())
    }

    /// Compresses as much as there is input and room for. What has no room waits inside: call again with more, and the
    /// same `flush`.
    ///
    /// # Errors
    ///
    /// For input after the end, or a flush that is not [`FlushCompress::Finish`] there.
    pub fn compress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        flush: FlushCompress,
    ) -> Result<Status, CompressError> {
        self.run(input, output, flush)
    }

    /// [`Compress::compress`] into memory that may not have been written before.
    ///
    /// # Errors
    ///
    /// Those of [`Compress::compress`].
    pub fn compress_uninit(
        &mut self,
        input: &[u8],
        output: &mut [MaybeUninit<u8>],
        flush: FlushCompress,
    ) -> Result<Status, CompressError> {
        self.run(input, output, flush)
    }

    /// [`Compress::compress`] into the spare capacity of `output`, which does not grow.
    ///
    /// # Errors
    ///
    /// Those of [`Compress::compress`].
    pub fn compress_vec(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        flush: FlushCompress,
    ) -> Result<Status, CompressError> {
        self.run(input, output, flush)
    }

    fn run(
        &mut self,
        mut input: &[u8],
        mut output: impl Room,
        flush: FlushCompress,
    ) -> Result<Status, CompressError> {
        if self.is_over && (flush != FlushCompress::Finish || !input.is_empty()) {
            return Err(CompressError(()));
        }
        let how = match flush {
            FlushCompress::None => Flush::None,
            FlushCompress::Partial => Flush::Partial,
            FlushCompress::Sync => Flush::Sync,
            FlushCompress::Full => Flush::Full,
            FlushCompress::Finish => Flush::Finish,
        };
        let before = (self.total_in(), self.total_out);
        while self.give(&mut output) {
            match self.encoder.feed(input, &mut self.ready) {
                0 => self.encoder.flush(how, &mut self.ready),
                taken => {
                    input = &input[taken..];
                    continue;
                }
            }
            if self.ready.is_empty() {
                self.is_over = flush == FlushCompress::Finish;
                break;
            }
        }
        Ok(match before == (self.total_in(), self.total_out) {
            _ if self.is_over => Status::StreamEnd,
            true => Status::BufError,
            false => Status::Ok,
        })
    }

    /// Moves what is ready to `output`. Whether all had room.
    fn give(&mut self, output: &mut impl Room) -> bool {
        let waiting = &self.ready[self.given..];
        let count = waiting.len().min(output.left());
        output.put(&waiting[..count]);
        self.given += count;
        self.total_out += count as u64;
        if self.given < self.ready.len() {
            return false;
        }
        self.ready.clear();
        self.given = 0;
        true
    }
}

/// What flate2 says of a window that does not exist.
pub(crate) fn check_window_bits(bits: u8) {
    assert!((9..=15).contains(&bits), "window_bits must be within 9 ..= 15");
}
