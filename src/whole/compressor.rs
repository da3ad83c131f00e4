//! Compression of whole buffers.

use super::Format;
use crate::checksum::{Adler32, Crc32};
use crate::deflate::stream::{Deflate, Encode, Flush};
use crate::error::{Error, ErrorKind};
use crate::gzip::{HeaderBuilder, write};
use crate::level::Level;
use crate::zlib::write::Header;
use alloc::vec::Vec;

/// The most bytes that `bytes` bytes of input become, at any level and in any format.
///
/// What does not compress is stored, which costs at most five bytes for each block; no block that is not the last of
/// a chunk is shorter than 4 KiB.
///
/// ```
/// assert_eq!(rigz::compress_bound(0), 23);
/// assert!(rigz::compress_bound(1 << 20) < (1 << 20) + (2 << 10));
/// ```
#[must_use]
pub const fn compress_bound(bytes: usize) -> usize {
    /// Header and trailer of the plain gzip format.
    const AROUND: usize = 18;
    bytes.saturating_add(5 * (bytes / 4096 + 1) + AROUND)
}

/// Compresses whole buffers, one after the other, with the same tables and buffers.
///
/// The bytes are those of the streaming encoders and of [`gzip::compress`](crate::gzip::compress). Headers are plain;
/// for other ones use [`gzip::Encoder`](crate::gzip::Encoder).
///
/// ```
/// use rigz::{Compressor, Format, Level, compress_bound};
///
/// let mut compressor = Compressor::new(Level::DEFAULT);
/// let text = b"row, row, row your boat";
/// let mut member = vec![0; compress_bound(text.len())];
/// let length = compressor.compress(Format::Gzip, text, &mut member)?;
/// member.truncate(length);
///
/// let mut stream = Vec::new();
/// compressor.compress_to_vec(Format::Zlib, text, &mut stream);
/// # Ok::<(), rigz::Error>(())
/// ```
///
/// # Memory
///
/// The tables of the level (64 to 512 KiB), the largest input so far or 1 MiB, whichever is less, and the output of
/// as much input. Once they have grown, nothing is allocated.
#[derive(Debug)]
pub struct Compressor {
    deflate: Deflate,
    /// Output on its way to a slice.
    ready: Vec<u8>,
}

/// What a trailer holds.
enum Check {
    Gzip(Crc32),
    Zlib(Adler32),
    Raw,
}

impl Compressor {
    /// A compressor of `level`.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self { deflate: Deflate::for_length(level, 0), ready: Vec::new() }
    }

    /// The level.
    #[must_use]
    pub fn level(&self) -> Level {
        self.deflate.level()
    }

    /// Compresses `input` to the start of `output`; returns the number of bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutputFull`] if the output does not fit, and its offset is that of the input byte up to which it
    /// did. It always fits in [`compress_bound`] bytes.
    pub fn compress(&mut self, format: Format, input: &[u8], output: &mut [u8]) -> Result<usize, Error> {
        let mut ready = core::mem::take(&mut self.ready);
        let mut at = 0;
        let result = self.run(format, input, &mut ready, |ready, taken| {
            let room = output.get_mut(at..at + ready.len());
            let room = room.ok_or(Error::new(ErrorKind::OutputFull, taken as u64))?;
            room.copy_from_slice(ready);
            at += ready.len();
            ready.clear();
            Ok(())
        });
        ready.clear();
        self.ready = ready;
        result.map(|()| at)
    }

    /// Compresses `input` and appends the result to `output`.
    pub fn compress_to_vec(&mut self, format: Format, input: &[u8], output: &mut Vec<u8>) {
        let result = self.run(format, input, output, |_, _| Ok(()));
        debug_assert!(result.is_ok(), "a vector has room");
    }

    /// Appends the parts of the output to `out` and tells `put` after each how much of the input it has taken.
    fn run(
        &mut self,
        format: Format,
        input: &[u8],
        out: &mut Vec<u8>,
        mut put: impl FnMut(&mut Vec<u8>, usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.deflate.reset();
        self.deflate.make_room(input.len());
        let mut check = match format {
            Format::Gzip => {
                HeaderBuilder::new().write(self.level(), out);
                Check::Gzip(Crc32::new())
            }
            Format::Zlib => {
                out.extend_from_slice(Header::new(self.level(), None).bytes());
                Check::Zlib(Adler32::new())
            }
            Format::Raw => Check::Raw,
        };
        let mut taken = 0;
        while taken < input.len() {
            let count = self.deflate.feed(&input[taken..], out);
            let piece = &input[taken..taken + count];
            match &mut check {
                Check::Gzip(crc) => crc.update(piece),
                Check::Zlib(adler) => adler.update(piece),
                Check::Raw => {}
            }
            put(out, taken)?;
            taken += count;
        }
        self.deflate.flush(Flush::Finish, out);
        match check {
            Check::Gzip(crc) => out.extend_from_slice(&write::trailer(crc.value(), input.len() as u64)),
            Check::Zlib(adler) => out.extend_from_slice(&adler.value().to_be_bytes()),
            Check::Raw => {}
        }
        put(out, taken)
    }
}
