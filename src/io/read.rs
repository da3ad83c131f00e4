//! `Read` and `BufRead` over the decoders.

use crate::error::{Error, ErrorKind};
use crate::gzip::{self, Step};
use crate::zlib;
use std::io::{self, BufRead, Read};

macro_rules! reader {
    ($(#[$doc:meta])* $name:ident, $decoder:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<R> {
            inner: R,
            decoder: $decoder,
        }

        impl<R: BufRead> $name<R> {
            /// Reads compressed data from `inner`.
            pub fn new(inner: R) -> Self {
                Self { inner, decoder: <$decoder>::new() }
            }

            /// The decoder: how far it is, and what it found.
            pub fn decoder(&self) -> &$decoder {
                &self.decoder
            }

            /// The reader of compressed data; it stands behind what was decoded so far.
            pub fn into_inner(self) -> R {
                self.inner
            }
        }

        impl<R: BufRead> BufRead for $name<R> {
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

        impl<R: BufRead> Read for $name<R> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let count = self.fill_buf()?.read(buffer)?;
                self.consume(count);
                Ok(count)
            }
        }
    };
}

reader! {
    /// Reads the data of a gzip file: all members, each checked (see [`gzip::Decoder`]).
    ///
    /// Zero bytes after the last member are accepted; other bytes there end the data, and
    /// [`gzip::Decoder::trailing`] tells of them.
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
    GzipReader, gzip::Decoder
}

reader! {
    /// Reads the data of one zlib stream (see [`zlib::Decoder`]). Bytes after it stay in the inner reader.
    ZlibReader, zlib::Decoder
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
