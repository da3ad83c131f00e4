//! Compressing writers.

use std::io::{self, Write};

use crate::deflate::stream::{Deflate, Encode, Flush};
use crate::level::Level;
use crate::{gzip, zlib};

/// Compresses what is written to it and writes the result to `W`.
///
/// Call [`Writer::finish`] at the end: dropping the writer leaves the stream without its end, for a failure to write
/// it could not be told. [`Write::flush`] makes everything written so far decodable ([`Flush::Sync`]) and flushes
/// `W`; each such flush costs a few bytes and some compression.
///
/// A call that fails has lost nothing: what could not be written is kept, and the next call goes on with it.
///
/// ```
/// use std::io::Write;
/// let mut writer = rigz::io::Writer::gzip(Vec::new(), rigz::Level::DEFAULT);
/// writer.write_all(b"hello")?;
/// let member = writer.finish()?;
/// # std::io::Result::Ok(())
/// ```
///
/// # Memory
///
/// That of the encoder, and its output of one chunk.
#[derive(Debug)]
pub struct Writer<W, E> {
    inner: W,
    encoder: E,
    ready: Vec<u8>,
    written: usize,
}

impl<W: Write> Writer<W, gzip::Encoder> {
    /// Writes one gzip member with the plain header.
    pub fn gzip(inner: W, level: Level) -> Self {
        Self::new(inner, gzip::Encoder::new(level, &gzip::HeaderBuilder::new()))
    }
}

impl<W: Write> Writer<W, zlib::Encoder> {
    /// Writes one zlib stream.
    pub fn zlib(inner: W, level: Level) -> Self {
        Self::new(inner, zlib::Encoder::new(level))
    }
}

impl<W: Write> Writer<W, Deflate> {
    /// Writes raw DEFLATE.
    pub fn deflate(inner: W, level: Level) -> Self {
        Self::new(inner, Deflate::new(level))
    }
}

impl<W: Write, E: Encode> Writer<W, E> {
    /// Writes what `encoder` makes.
    pub fn new(inner: W, encoder: E) -> Self {
        Self { inner, encoder, ready: Vec::new(), written: 0 }
    }

    /// Ends the stream and gives `W` back.
    ///
    /// # Errors
    ///
    /// Those of `W`; the stream is then not complete. To try again, use [`Writer::try_finish`].
    pub fn finish(mut self) -> io::Result<W> {
        self.try_finish()?;
        Ok(self.inner)
    }

    /// Ends the stream. After an error it can be called again.
    ///
    /// # Errors
    ///
    /// Those of `W`.
    pub fn try_finish(&mut self) -> io::Result<()> {
        self.end(Flush::Finish)
    }

    /// The writer underneath.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The writer underneath. What is written to it directly lands in the middle of the stream.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    fn end(&mut self, how: Flush) -> io::Result<()> {
        self.drain()?;
        self.encoder.flush(how, &mut self.ready);
        self.drain()?;
        self.inner.flush()
    }

    /// Writes what is ready; on an error the rest stays ready.
    fn drain(&mut self) -> io::Result<()> {
        while self.written < self.ready.len() {
            match self.inner.write(&self.ready[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.ready.clear();
        self.written = 0;
        Ok(())
    }
}

impl<W: Write, E: Encode> Write for Writer<W, E> {
    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        self.drain()?;
        Ok(self.encoder.feed(input, &mut self.ready))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.end(Flush::Sync)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes at most 3 bytes a call; every other call fails in one way or another.
    struct Stubborn {
        taken: Vec<u8>,
        calls: usize,
    }

    impl Write for Stubborn {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.calls += 1;
            match self.calls % 6 {
                1 => Err(io::ErrorKind::Interrupted.into()),
                3 => Err(io::ErrorKind::WouldBlock.into()),
                5 => Ok(0),
                _ => {
                    let count = bytes.len().min(3);
                    self.taken.extend_from_slice(&bytes[..count]);
                    Ok(count)
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Calls until it works.
    fn insist<T>(mut call: impl FnMut() -> io::Result<T>) -> T {
        loop {
            if let Ok(value) = call() {
                return value;
            }
        }
    }

    #[test]
    fn nothing_is_lost_when_the_writer_underneath_fails_now_and_then() {
        let input: Vec<u8> = (0..3000u32).map(|i| ((i * i) >> 3) as u8).collect();
        let mut writer = Writer::gzip(Stubborn { taken: Vec::new(), calls: 0 }, Level::DEFAULT);
        for (i, mut piece) in input.chunks(500).enumerate() {
            while !piece.is_empty() {
                let count = insist(|| writer.write(piece));
                piece = &piece[count..];
            }
            if i == 2 {
                insist(|| writer.flush());
            }
        }
        insist(|| writer.try_finish());
        let taken = &writer.get_ref().taken;
        assert!(zune_inflate::DeflateDecoder::new(taken).decode_gzip().expect("valid") == input);
        assert_eq!(writer.write(b"late").expect("refused, not failed"), 0);
    }
}
