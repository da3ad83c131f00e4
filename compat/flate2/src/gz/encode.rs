//! Writing members: a header, raw DEFLATE with the CRC of what goes in, and a trailer, each by itself.

/// Behind a buffered reader.
pub(crate) mod bufread {
    use crate::pull::Pull;
    use crate::{Compress, Compression, CrcReader, GzBuilder};
    use std::io::{self, BufRead, Read, Write};

    /// Reads a gzip member of what a reader gives.
    #[derive(Debug)]
    pub struct GzEncoder<R> {
        body: Pull<CrcReader<R>, Compress>,
        /// What is to be read before the body, or after it.
        edge: Vec<u8>,
        /// How much of it was.
        given: usize,
        place: Place,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Place {
        Header,
        Body,
        Trailer,
    }

    impl<R: BufRead> GzEncoder<R> {
        /// Compresses what `r` gives, with the plain header.
        pub fn new(r: R, level: Compression) -> Self {
            GzBuilder::new().buf_read(r, level)
        }

        pub(crate) fn with_header(header: Vec<u8>, r: R, level: Compression) -> Self {
            let body = Pull::new(CrcReader::new(r), Compress::new(level, false));
            Self { body, edge: header, given: 0, place: Place::Header }
        }
    }

    impl<R> GzEncoder<R> {
        /// The reader inside.
        pub fn get_ref(&self) -> &R {
            self.body.inner.get_ref()
        }

        /// The reader inside. What is taken from it is missing from the stream.
        pub fn get_mut(&mut self) -> &mut R {
            self.body.inner.get_mut()
        }

        /// The reader inside.
        pub fn into_inner(self) -> R {
            self.body.inner.into_inner()
        }
    }

    impl<R: BufRead> Read for GzEncoder<R> {
        /// The header is read by itself, before anything is asked of the reader inside.
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if into.is_empty() {
                return Ok(0);
            }
            loop {
                let count = (&self.edge[self.given..]).read(into)?;
                self.given += count;
                if count > 0 {
                    return Ok(count);
                }
                match self.place {
                    Place::Header => self.place = Place::Body,
                    Place::Body => match self.body.read(into)? {
                        0 => {
                            self.edge = self.body.inner.crc().trailer().to_vec();
                            self.given = 0;
                            self.place = Place::Trailer;
                        }
                        count => return Ok(count),
                    },
                    Place::Trailer => return Ok(0),
                }
            }
        }
    }

    /// Past the stream, to what is inside.
    impl<R: BufRead + Write> Write for GzEncoder<R> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.get_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.get_mut().flush()
        }
    }
}

/// Behind any reader.
pub(crate) mod read {
    use super::bufread;
    use crate::buffered::Buffered;
    use crate::{Compression, GzBuilder};
    use std::io::{self, Read, Write};

    /// Reads a gzip member of what a reader gives.
    #[derive(Debug)]
    pub struct GzEncoder<R>(pub(crate) bufread::GzEncoder<Buffered<R>>);

    impl<R: Read> GzEncoder<R> {
        /// Compresses what `r` gives, with the plain header.
        pub fn new(r: R, level: Compression) -> Self {
            GzBuilder::new().read(r, level)
        }
    }

    impl<R> GzEncoder<R> {
        /// The reader inside.
        pub fn get_ref(&self) -> &R {
            self.0.get_ref().get_ref()
        }

        /// The reader inside. What is taken from it is missing from the stream.
        pub fn get_mut(&mut self) -> &mut R {
            self.0.get_mut().get_mut()
        }

        /// The reader inside; what was buffered is lost.
        pub fn into_inner(self) -> R {
            self.0.into_inner().into_inner()
        }
    }

    impl<R: Read> Read for GzEncoder<R> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }

    /// Past the stream, to what is inside.
    impl<R: Read + Write> Write for GzEncoder<R> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.get_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.get_mut().flush()
        }
    }
}

/// Before a writer.
pub(crate) mod write {
    use crate::push::Push;
    use crate::{Compress, Compression, Crc, GzBuilder};
    use std::io::{self, Read, Write};

    /// Writes a gzip member of what is written to it.
    ///
    /// Dropping it ends the member, too, but tells of no error: call [`GzEncoder::finish`].
    #[derive(Debug)]
    pub struct GzEncoder<W: Write> {
        body: Push<W, Compress>,
        crc: Crc,
        /// What is to be written before the body.
        header: Vec<u8>,
        /// How much of the header, and of the trailer, was written.
        header_written: usize,
        trailer_written: usize,
    }

    impl<W: Write> GzEncoder<W> {
        /// Compresses to `w`, with the plain header.
        pub fn new(w: W, level: Compression) -> Self {
            GzBuilder::new().write(w, level)
        }

        pub(crate) fn with_header(header: Vec<u8>, w: W, level: Compression) -> Self {
            let body = Push::new(w, Compress::new(level, false));
            Self { body, crc: Crc::new(), header, header_written: 0, trailer_written: 0 }
        }

        /// The writer inside.
        pub fn get_ref(&self) -> &W {
            self.body.get_ref()
        }

        /// The writer inside. What is written to it lands in the middle of the stream.
        pub fn get_mut(&mut self) -> &mut W {
            self.body.get_mut()
        }

        /// Ends the member. After an error it can be called again.
        ///
        /// # Errors
        ///
        /// Those of the writer.
        pub fn try_finish(&mut self) -> io::Result<()> {
            self.write_header()?;
            self.body.finish()?;
            write_rest(self.body.get_mut(), &self.crc.trailer(), &mut self.trailer_written)
        }

        /// Ends the member and gives the writer back.
        ///
        /// # Errors
        ///
        /// Those of the writer.
        pub fn finish(mut self) -> io::Result<W> {
            self.try_finish()?;
            Ok(self.body.take_inner())
        }

        fn write_header(&mut self) -> io::Result<()> {
            write_rest(self.body.get_mut(), &self.header, &mut self.header_written)
        }
    }

    /// Writes what is left of `bytes`; after an error the rest is left.
    fn write_rest(writer: &mut impl Write, bytes: &[u8], written: &mut usize) -> io::Result<()> {
        while *written < bytes.len() {
            match writer.write(&bytes[*written..])? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                count => *written += count,
            }
        }
        Ok(())
    }

    impl<W: Write> Write for GzEncoder<W> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.write_header()?;
            let count = self.body.write(bytes)?;
            self.crc.update(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.write_header()?;
            self.body.flush()
        }
    }

    /// Past the stream, to what is inside.
    impl<W: Read + Write> Read for GzEncoder<W> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.get_mut().read(into)
        }
    }

    impl<W: Write> Drop for GzEncoder<W> {
        fn drop(&mut self) {
            if self.body.is_present() {
                _ = self.try_finish();
            }
        }
    }
}
