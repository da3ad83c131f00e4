//! `Write`: compression and decompression of what is written.

use std::io::{self, Write};
use std::ops::{Deref, DerefMut};

use crate::deflate::stream::{Deflate, Encode, Flush};
use crate::error::{Error, ErrorKind};
use crate::inflate::{Decode, Step};
use crate::level::Level;
use crate::{gzip, zlib};

/// Compresses what is written to it and writes the result to `W`.
///
/// [`Write::flush`] makes everything written so far decodable ([`Flush::Sync`]) and flushes `W`; each such flush costs a
/// few bytes and some compression.
///
/// A call that fails has lost nothing: what could not be written is kept, and the next call goes on with it.
///
/// # The end
///
/// Call [`Writer::finish`] at the end, which tells whether all of it was written. Dropping the writer ends the stream, too,
/// and then nobody learns of a failure. It leaves the stream without its end, so that no reader takes it for whole, where
/// the last call has failed, or the thread panics. Where what was to be written has failed, only the caller knows it: have
/// it written within [`Writer::scope`], or call [`Writer::abandon`].
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
#[must_use = "only `finish` tells whether all of the stream was written"]
pub struct Writer<W: Write, E: Encode> {
    inner: Held<W>,
    encoder: E,
    ready: Vec<u8>,
    written: usize,
    /// Whether the stream has no end, and nobody was told of a failure.
    lacks_end: bool,
}

/// Writes some of `bytes`, which are not none, whatever interrupts.
pub(crate) fn write_some(writer: &mut impl Write, bytes: &[u8]) -> io::Result<usize> {
    loop {
        match writer.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// What can be taken out of an object that ends its stream when it is dropped.
#[derive(Debug)]
pub(crate) struct Held<W>(Option<W>);

impl<W> Held<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self(Some(inner))
    }

    /// Takes it, once, from an object that is about to go.
    pub(crate) fn take(&mut self) -> W {
        self.0.take().unwrap_or_else(|| Self::gone())
    }

    fn gone() -> ! {
        unreachable!("it is taken by those methods alone that consume the object")
    }
}

impl<W> Deref for Held<W> {
    type Target = W;

    fn deref(&self) -> &W {
        self.0.as_ref().unwrap_or_else(|| Self::gone())
    }
}

impl<W> DerefMut for Held<W> {
    fn deref_mut(&mut self) -> &mut W {
        self.0.as_mut().unwrap_or_else(|| Self::gone())
    }
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
        Self { inner: Held::new(inner), encoder, ready: Vec::new(), written: 0, lacks_end: true }
    }

    /// Lets `work` write, then ends the stream and gives `W` back. If `work` fails, the stream is left without its end.
    ///
    /// ```
    /// use std::io::{self, Write};
    /// use rigz::{Level, io::Writer};
    ///
    /// let member = Writer::gzip(Vec::new(), Level::DEFAULT).scope(|writer| {
    ///     io::copy(&mut &b"all of it"[..], writer)?;
    ///     writer.write_all(b", or an error")
    /// })?;
    /// assert_eq!(member[..2], [0x1f, 0x8b]);
    /// # io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// That of `work`, or that of `W` at the end.
    pub fn scope(mut self, work: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<W> {
        let result = work(&mut self);
        self.lacks_end &= result.is_ok();
        result?;
        self.finish()
    }

    /// Ends the stream and gives `W` back.
    ///
    /// # Errors
    ///
    /// Those of `W`; the stream is then not complete. To try again, use [`Writer::try_finish`].
    pub fn finish(mut self) -> io::Result<W> {
        self.try_finish()?;
        Ok(self.inner.take())
    }

    /// Gives `W` back and leaves the stream without its end, so that no reader takes it for whole.
    pub fn abandon(mut self) -> W {
        self.lacks_end = false;
        self.inner.take()
    }

    /// Ends the stream. After an error it can be called again.
    ///
    /// # Errors
    ///
    /// Those of `W`.
    pub fn try_finish(&mut self) -> io::Result<()> {
        let result = self.end(Flush::Finish);
        self.lacks_end = false;
        result
    }

    /// The encoder: how far it is.
    pub fn encoder(&self) -> &E {
        &self.encoder
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
            self.written += write_some(&mut *self.inner, &self.ready[self.written..])?;
        }
        self.ready.clear();
        self.written = 0;
        Ok(())
    }
}

impl<W: Write, E: Encode> Write for Writer<W, E> {
    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        self.lacks_end = false;
        self.drain()?;
        self.lacks_end = true;
        Ok(self.encoder.feed(input, &mut self.ready))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lacks_end = false;
        self.end(Flush::Sync)?;
        self.lacks_end = true;
        Ok(())
    }
}

impl<W: Write, E: Encode> Drop for Writer<W, E> {
    fn drop(&mut self) {
        if self.lacks_end && !std::thread::panicking() {
            _ = self.try_finish();
        }
    }
}

/// Decompresses what is written to it and writes the data to `W`.
///
/// [`DecompressWriter::finish`] tells whether the stream was whole. Bytes after its end are not taken: `write` returns
/// fewer than it was given, and then 0.
///
/// ```
/// use std::io::Write;
/// use rigz::{gzip, io::DecompressWriter};
///
/// let file = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
/// let mut writer = DecompressWriter::new(Vec::new(), gzip::Decoder::new());
/// writer.write_all(file)?;
/// assert_eq!(writer.finish()?, b"abcdef");
/// # std::io::Result::Ok(())
/// ```
///
/// # Errors
///
/// Those of `W`, after which nothing is lost and the next call goes on; [`io::ErrorKind::InvalidData`] for data that
/// breaks a rule, with the [`Error`] inside. What was decoded before is written first.
///
/// # Memory
///
/// That of the decoder: about 150 KiB.
#[derive(Debug)]
#[must_use = "only `finish` tells whether the stream was whole"]
pub struct DecompressWriter<W, D> {
    inner: W,
    decoder: D,
}

impl<W: Write, D: Decode> DecompressWriter<W, D> {
    /// Writes what `decoder` makes.
    pub fn new(inner: W, decoder: D) -> Self {
        Self { inner, decoder }
    }

    /// Writes the rest and gives `W` back.
    ///
    /// # Errors
    ///
    /// Those of `W`; [`io::ErrorKind::UnexpectedEof`] if the stream is not whole.
    pub fn finish(mut self) -> io::Result<W> {
        self.try_finish()?;
        Ok(self.inner)
    }

    /// Writes the rest. After an error it can be called again.
    ///
    /// # Errors
    ///
    /// Those of [`DecompressWriter::finish`].
    pub fn try_finish(&mut self) -> io::Result<()> {
        self.decoder.end_of_input();
        match self.decode(&mut &[][..])? {
            Step::Done => self.inner.flush(),
            _ => Err(Error::new(ErrorKind::UnexpectedEnd, self.decoder.total_in()).into()),
        }
    }

    /// The decoder: how far it is, and what it found.
    pub fn decoder(&self) -> &D {
        &self.decoder
    }

    /// The writer underneath.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The writer underneath.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// Decodes until `input` is used up or the stream is over.
    fn decode(&mut self, input: &mut &[u8]) -> io::Result<Step> {
        loop {
            self.drain()?;
            match self.decoder.decode(input)? {
                Step::Output => {}
                step => return Ok(step),
            }
        }
    }

    /// Writes what is decoded; on an error the rest stays.
    fn drain(&mut self) -> io::Result<()> {
        while !self.decoder.output().is_empty() {
            let count = write_some(&mut self.inner, self.decoder.output())?;
            self.decoder.consume(count);
        }
        Ok(())
    }
}

impl<W: Write, D: Decode> Write for DecompressWriter<W, D> {
    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        // What is left from before goes first, so that an error means that nothing of `input` was taken.
        self.drain()?;
        let mut rest = input;
        match self.decode(&mut rest) {
            Err(error) if rest.len() == input.len() => Err(error),
            _ => Ok(input.len() - rest.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.drain()?;
        self.inner.flush()
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

    /// Whether `written` is a whole member, of `text`.
    fn is_whole(written: &[u8], text: &[u8]) -> bool {
        let mut back = Vec::new();
        let result =
            crate::Decompressor::new().decompress_to_vec(crate::Format::Gzip, written, &mut back, 1 << 20);
        assert!(result.is_ok() || result.is_err_and(|error| error.kind() == ErrorKind::UnexpectedEnd));
        result.is_ok() && back == text
    }

    #[test]
    fn a_stream_that_nobody_finished_is_whole_unless_something_failed() {
        let mut written = Vec::new();
        let mut writer = Writer::gzip(&mut written, Level::DEFAULT);
        writer.write_all(b"forgotten").expect("a vector takes all");
        drop(writer);
        assert!(is_whole(&written, b"forgotten"));

        written.clear();
        let result = Writer::gzip(&mut written, Level::DEFAULT).scope(|writer| {
            writer.write_all(b"half")?;
            Err(io::ErrorKind::TimedOut.into())
        });
        assert_eq!(result.expect_err("what the work says").kind(), io::ErrorKind::TimedOut);
        assert!(!is_whole(&written, b"half"));

        written.clear();
        let mut writer = Writer::gzip(&mut written, Level::DEFAULT);
        writer.write_all(b"half").expect("a vector takes all");
        assert!(!is_whole(writer.abandon(), b"half"));

        written.clear();
        let panicking = std::panic::AssertUnwindSafe(|| {
            let mut writer = Writer::gzip(&mut written, Level::DEFAULT);
            writer.write_all(b"half").expect("a vector takes all");
            panic!("on purpose");
        });
        assert!(std::panic::catch_unwind(panicking).is_err());
        assert!(!is_whole(&written, b"half"));
    }

    #[test]
    fn a_writer_whose_last_call_failed_writes_nothing_when_it_is_dropped() {
        /// Fails once, after `left` bytes.
        struct Failing<'a>(&'a mut Vec<u8>, Option<usize>);
        impl Write for Failing<'_> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                match self.1 {
                    Some(0) => {
                        self.1 = None;
                        Err(io::ErrorKind::StorageFull.into())
                    }
                    left => {
                        let count = bytes.len().min(left.unwrap_or(usize::MAX));
                        self.0.extend_from_slice(&bytes[..count]);
                        self.1 = left.map(|left| left - count);
                        Ok(count)
                    }
                }
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for is_finished in [false, true] {
            let mut written = Vec::new();
            let mut writer = Writer::gzip(Failing(&mut written, Some(12)), Level::DEFAULT);
            writer.write_all(b"all of it").expect("it is kept");
            if is_finished {
                drop(writer.finish().map(|_| ()).expect_err("it fails"));
            } else {
                writer.flush().expect_err("it fails");
                drop(writer);
            }
            assert_eq!(written.len(), 12);
        }
    }
}
