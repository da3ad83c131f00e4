//! Reading members, one or all of them.
//!
//! As flate2 has it, and other than in rigz itself, whatever follows a member must be another one, where more than one is
//! read: zero bytes and garbage are errors.

use super::{GzHeader, bad_header, corrupt_gzip};
use crate::Status;
use crate::pull::{Engine, Goal, corrupt_deflate, incomplete_deflate};
use rigz::inflate::{Decode, Step};
use rigz::{ErrorKind, gzip};
use std::io;

/// The bytes of a header without its optional fields. They are judged together.
const FIXED_BYTES: usize = 10;

/// The decoder of one member after the other.
#[derive(Debug)]
struct Member {
    decoder: gzip::Decoder,
    header: Option<GzHeader>,
    fixed: [u8; FIXED_BYTES],
    have: usize,
    total_out: u64,
}

impl Member {
    fn new() -> Self {
        let decoder = gzip::Decoder::new().single_member();
        Self { decoder, header: None, fixed: [0; FIXED_BYTES], have: 0, total_out: 0 }
    }

    fn reset(&mut self) {
        self.decoder.reset();
        self.header = None;
        (self.have, self.total_out) = (0, 0);
    }

    /// Decodes from the front of `input` to `output`. Returns what was written, and what is needed next.
    fn decode(&mut self, input: &mut &[u8], output: &mut [u8]) -> io::Result<(usize, Step)> {
        if self.have < FIXED_BYTES {
            let (taken, rest) = input.split_at(input.len().min(FIXED_BYTES - self.have));
            self.fixed[self.have..self.have + taken.len()].copy_from_slice(taken);
            self.have += taken.len();
            *input = rest;
            if self.have < FIXED_BYTES {
                return Ok((0, Step::NeedsInput));
            }
            let fixed = self.fixed;
            self.decoder.decode_into(&mut &fixed[..], &mut []).map_err(explain)?;
        }
        let result = self.decoder.decode_into(input, output).map_err(explain);
        if self.header.is_none() {
            self.header = self.decoder.header().map(GzHeader::from);
        }
        result
    }
}

impl Engine for Member {
    const NEEDS_END: bool = true;

    fn total_in(&self) -> u64 {
        if self.have < FIXED_BYTES { self.have as u64 } else { self.decoder.total_in() }
    }

    fn total_out(&self) -> u64 {
        self.total_out
    }

    fn restart(&mut self) {
        self.reset();
    }

    fn step(&mut self, mut input: &[u8], output: &mut [u8], _: Goal) -> io::Result<Status> {
        let before = input.len();
        let (written, step) = self.decode(&mut input, output)?;
        self.total_out += written as u64;
        Ok(match step {
            Step::Done => Status::StreamEnd,
            _ if written > 0 || input.len() < before => Status::Ok,
            _ => Status::BufError,
        })
    }

    fn unexpected_end(&self) -> io::Error {
        if self.header.is_none() { io::ErrorKind::UnexpectedEof.into() } else { incomplete_deflate() }
    }
}

/// The error of flate2 for an error of rigz.
fn explain(error: rigz::Error) -> io::Error {
    match error.kind() {
        ErrorKind::NotGzip | ErrorKind::UnknownMethod | ErrorKind::ReservedFlags => bad_header(),
        ErrorKind::HeaderChecksum | ErrorKind::CrcMismatch | ErrorKind::SizeMismatch => corrupt_gzip(),
        ErrorKind::UnexpectedEnd => incomplete_deflate(),
        _ => corrupt_deflate(),
    }
}

/// Behind a buffered reader.
pub(crate) mod bufread {
    use super::Member;
    use crate::GzHeader;
    use crate::pull::Engine;
    use rigz::inflate::Step;
    use std::io::{self, BufRead, Read, Write};

    /// Reads the data of one gzip member. Bytes after it stay in the reader.
    #[derive(Debug)]
    pub struct GzDecoder<R> {
        inner: R,
        member: Member,
        is_multi: bool,
        /// Whether the member is over; and whether all of them are.
        is_between: bool,
        is_over: bool,
        /// What was wrong with the header, until it is told.
        error: Option<io::Error>,
    }

    impl<R: BufRead> GzDecoder<R> {
        /// Decompresses what `r` gives. The header is read at once; what is wrong with it is told by the first `read`.
        pub fn new(r: R) -> Self {
            Self::with(r, false)
        }

        pub(super) fn with(r: R, is_multi: bool) -> Self {
            let mut decoder = Self {
                inner: r,
                member: Member::new(),
                is_multi,
                is_between: false,
                is_over: false,
                error: None,
            };
            match decoder.read_header() {
                // A reader that has nothing yet is asked again.
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => decoder.error = Some(error),
                _ => {}
            }
            decoder
        }

        fn read_header(&mut self) -> io::Result<()> {
            while self.member.header.is_none() {
                self.step(&mut [])?;
            }
            Ok(())
        }

        /// One call of the decoder.
        fn step(&mut self, into: &mut [u8]) -> io::Result<(usize, Step)> {
            let input = loop {
                match self.inner.fill_buf() {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    input => break input?,
                }
            };
            let mut rest = input;
            let result = self.member.decode(&mut rest, into);
            let (length, used) = (input.len(), input.len() - rest.len());
            self.inner.consume(used);
            match result? {
                (0, Step::NeedsInput) if length == 0 => Err(self.member.unexpected_end()),
                done => Ok(done),
            }
        }

        /// Goes on with the next member, if there may be one and there is.
        fn next_member(&mut self) -> io::Result<()> {
            self.is_over = !self.is_multi || self.inner.fill_buf()?.is_empty();
            if !self.is_over {
                self.is_between = false;
                self.member.reset();
            }
            Ok(())
        }
    }

    impl<R> GzDecoder<R> {
        /// The header, if it was read and right.
        pub fn header(&self) -> Option<&GzHeader> {
            self.member.header.as_ref()
        }

        /// The reader inside.
        pub fn get_ref(&self) -> &R {
            &self.inner
        }

        /// The reader inside. What is taken from it is missing from the stream.
        pub fn get_mut(&mut self) -> &mut R {
            &mut self.inner
        }

        /// The reader inside.
        pub fn into_inner(self) -> R {
            self.inner
        }

        /// Starts with another reader. Returns the one before.
        pub fn reset(&mut self, r: R) -> R {
            self.restart();
            std::mem::replace(&mut self.inner, r)
        }

        pub(super) fn restart(&mut self) {
            self.member.reset();
            (self.is_between, self.is_over, self.error) = (false, false, None);
        }
    }

    impl<R: BufRead> Read for GzDecoder<R> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if let Some(error) = self.error.take() {
                self.is_over = true;
                return Err(error);
            }
            loop {
                if self.is_over {
                    return Ok(0);
                }
                if into.is_empty() && self.member.header.is_some() {
                    return Ok(0);
                }
                if self.is_between {
                    self.next_member()?;
                    continue;
                }
                match self.step(into)? {
                    (0, Step::Done) => self.is_between = true,
                    (0, _) => {}
                    (count, _) => return Ok(count),
                }
            }
        }
    }

    /// Past the stream, to what is inside.
    impl<R: BufRead + Write> Write for GzDecoder<R> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.get_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.get_mut().flush()
        }
    }

    /// Reads the data of all members of a gzip file.
    #[derive(Debug)]
    pub struct MultiGzDecoder<R>(pub(super) GzDecoder<R>);

    impl<R: BufRead> MultiGzDecoder<R> {
        /// Decompresses what `r` gives. The first header is read at once.
        pub fn new(r: R) -> Self {
            Self(GzDecoder::with(r, true))
        }
    }

    impl<R> MultiGzDecoder<R> {
        /// The header of the present member, if it was read and right.
        pub fn header(&self) -> Option<&GzHeader> {
            self.0.header()
        }

        /// The reader inside.
        pub fn get_ref(&self) -> &R {
            self.0.get_ref()
        }

        /// The reader inside. What is taken from it is missing from the stream.
        pub fn get_mut(&mut self) -> &mut R {
            self.0.get_mut()
        }

        /// The reader inside.
        pub fn into_inner(self) -> R {
            self.0.into_inner()
        }
    }

    impl<R: BufRead> Read for MultiGzDecoder<R> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }
}

/// Behind any reader.
pub(crate) mod read {
    use super::bufread;
    use crate::GzHeader;
    use crate::buffered::Buffered;
    use std::io::{self, Read, Write};

    /// Reads the data of one gzip member. More is read of the reader than the member, in advance.
    #[derive(Debug)]
    pub struct GzDecoder<R>(bufread::GzDecoder<Buffered<R>>);

    impl<R: Read> GzDecoder<R> {
        /// Decompresses what `r` gives. The header is read at once; what is wrong with it is told by the first `read`.
        pub fn new(r: R) -> Self {
            Self(bufread::GzDecoder::new(Buffered::new(r)))
        }
    }

    impl<R> GzDecoder<R> {
        /// Starts with another reader; what was buffered is dropped. Returns the reader before.
        pub fn reset(&mut self, r: R) -> R {
            self.0.restart();
            self.0.get_mut().replace(r)
        }
    }

    /// Reads the data of all members of a gzip file.
    #[derive(Debug)]
    pub struct MultiGzDecoder<R>(bufread::MultiGzDecoder<Buffered<R>>);

    impl<R: Read> MultiGzDecoder<R> {
        /// Decompresses what `r` gives. The first header is read at once.
        pub fn new(r: R) -> Self {
            Self(bufread::MultiGzDecoder::new(Buffered::new(r)))
        }
    }

    /// What both have.
    macro_rules! around {
        ($Name:ident) => {
            impl<R> $Name<R> {
                /// The header of the present member, if it was read and right.
                pub fn header(&self) -> Option<&GzHeader> {
                    self.0.header()
                }

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

            impl<R: Read> Read for $Name<R> {
                fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                    self.0.read(into)
                }
            }

            /// Past the stream, to what is inside.
            impl<R: Read + Write> Write for $Name<R> {
                fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                    self.get_mut().write(bytes)
                }

                fn flush(&mut self) -> io::Result<()> {
                    self.get_mut().flush()
                }
            }
        };
    }

    around!(GzDecoder);
    around!(MultiGzDecoder);
}

/// Before a writer.
pub(crate) mod write {
    use super::Member;
    use crate::GzHeader;
    use crate::push::Push;
    use std::io::{self, Read, Write};

    /// Writes the data of the gzip member that is written to it. Bytes after the member are not taken: `write` returns 0.
    ///
    /// [`GzDecoder::finish`] tells whether the member was whole. Dropping it writes what is left, but tells of no error.
    #[derive(Debug)]
    pub struct GzDecoder<W: Write>(Push<W, Member>);

    impl<W: Write> GzDecoder<W> {
        /// Decompresses to `w`.
        pub fn new(w: W) -> Self {
            Self(Push::new(w, Member::new()))
        }

        /// The header, once it was written, if it was right.
        pub fn header(&self) -> Option<&GzHeader> {
            self.0.engine.header.as_ref()
        }

        /// The writer inside.
        pub fn get_ref(&self) -> &W {
            self.0.get_ref()
        }

        /// The writer inside.
        pub fn get_mut(&mut self) -> &mut W {
            self.0.get_mut()
        }

        /// Writes the rest, and checks that the member was whole.
        ///
        /// # Errors
        ///
        /// Those of the writer; what is wrong with the member.
        pub fn try_finish(&mut self) -> io::Result<()> {
            self.0.finish()
        }

        /// Writes the rest, checks that the member was whole, and gives the writer back.
        ///
        /// # Errors
        ///
        /// Those of [`GzDecoder::try_finish`].
        pub fn finish(mut self) -> io::Result<W> {
            self.try_finish()?;
            Ok(self.0.take_inner())
        }
    }

    impl<W: Write> Write for GzDecoder<W> {
        fn write(&mut self, input: &[u8]) -> io::Result<usize> {
            self.0.write(input)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    /// Past the stream, to what is inside.
    impl<W: Read + Write> Read for GzDecoder<W> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.get_mut().read(into)
        }
    }

    /// Writes the data of all members of the gzip file that is written to it.
    ///
    /// [`MultiGzDecoder::finish`] tells whether the last one was whole.
    #[derive(Debug)]
    pub struct MultiGzDecoder<W: Write>(GzDecoder<W>);

    impl<W: Write> MultiGzDecoder<W> {
        /// Decompresses to `w`.
        pub fn new(w: W) -> Self {
            Self(GzDecoder::new(w))
        }

        /// The header of the present member, once it was written, if it was right.
        pub fn header(&self) -> Option<&GzHeader> {
            self.0.header()
        }

        /// The writer inside.
        pub fn get_ref(&self) -> &W {
            self.0.get_ref()
        }

        /// The writer inside.
        pub fn get_mut(&mut self) -> &mut W {
            self.0.get_mut()
        }

        /// Writes the rest, and checks that the last member was whole.
        ///
        /// # Errors
        ///
        /// Those of the writer; what is wrong with the member.
        pub fn try_finish(&mut self) -> io::Result<()> {
            self.0.try_finish()
        }

        /// Writes the rest, checks that the last member was whole, and gives the writer back.
        ///
        /// # Errors
        ///
        /// Those of [`MultiGzDecoder::try_finish`].
        pub fn finish(self) -> io::Result<W> {
            self.0.finish()
        }
    }

    impl<W: Write> Write for MultiGzDecoder<W> {
        fn write(&mut self, input: &[u8]) -> io::Result<usize> {
            match self.0.write(input)? {
                0 if !input.is_empty() && self.0.0.is_over() => {
                    self.0.0.restart();
                    self.0.write(input)
                }
                count => Ok(count),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }
}
