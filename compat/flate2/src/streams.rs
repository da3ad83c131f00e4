//! The types of zlib and of raw DEFLATE: an encoder and a decoder, behind a buffered reader, behind any reader, and
//! before a writer.

/// The six types of a format.
macro_rules! streams {
    ($module:ident, $format:literal, $has_header:literal, $Encoder:ident, $Decoder:ident) => {
        pub(crate) mod $module {
            pub(crate) mod bufread {
                use crate::pull::Pull;
                use crate::{Compress, Compression, Decompress};
                use std::io::{self, BufRead, Read, Write};

                #[doc = concat!("Reads ", $format, " of what a reader gives.")]
                #[derive(Debug)]
                pub struct $Encoder<R>(pub(crate) Pull<R, Compress>);

                #[doc = concat!("Reads the data of a stream of ", $format, ". Bytes after the stream stay in the reader.")]
                #[derive(Debug)]
                pub struct $Decoder<R>(pub(crate) Pull<R, Decompress>);

                impl<R: BufRead> $Encoder<R> {
                    /// Compresses what `r` gives.
                    pub fn new(r: R, level: Compression) -> Self {
                        Self(Pull::new(r, Compress::new(level, $has_header)))
                    }
                }

                impl<R: BufRead> $Decoder<R> {
                    /// Decompresses what `r` gives.
                    pub fn new(r: R) -> Self {
                        Self(Pull::new(r, Decompress::new($has_header)))
                    }
                }

                streams!(@reader $Encoder);
                streams!(@reader $Decoder);
            }

            pub(crate) mod read {
                use super::bufread;
                use crate::Compression;
                use crate::buffered::Buffered;
                use std::io::{self, Read, Write};

                #[doc = concat!("Reads ", $format, " of what a reader gives.")]
                #[derive(Debug)]
                pub struct $Encoder<R>(pub(crate) bufread::$Encoder<Buffered<R>>);

                #[doc = concat!("Reads the data of a stream of ", $format, ".")]
                ///
                /// More is read of the reader than the stream, in advance.
                #[derive(Debug)]
                pub struct $Decoder<R>(pub(crate) bufread::$Decoder<Buffered<R>>);

                impl<R: Read> $Encoder<R> {
                    /// Compresses what `r` gives.
                    pub fn new(r: R, level: Compression) -> Self {
                        Self(bufread::$Encoder::new(Buffered::new(r), level))
                    }
                }

                impl<R: Read> $Decoder<R> {
                    /// Decompresses what `r` gives.
                    pub fn new(r: R) -> Self {
                        Self(bufread::$Decoder::new(Buffered::new(r)))
                    }

                    /// As `new`, with the memory of `buf` as its buffer.
                    pub fn new_with_buf(r: R, buf: Vec<u8>) -> Self {
                        Self(bufread::$Decoder::new(Buffered::with_buffer(r, buf)))
                    }
                }

                streams!(@buffered $Encoder);
                streams!(@buffered $Decoder);
            }

            pub(crate) mod write {
                use crate::push::Push;
                use crate::{Compress, Compression, Decompress};
                use std::io::{self, Read, Write};

                #[doc = concat!("Writes ", $format, " of what is written to it.")]
                ///
                /// Dropping it ends the stream, too, but tells of no error: call `finish`.
                #[derive(Debug)]
                pub struct $Encoder<W: Write>(pub(crate) Push<W, Compress>);

                #[doc = concat!("Writes the data of the ", $format, " that is written to it.")]
                ///
                /// Bytes after the stream are not taken: `write` returns 0. `finish` tells whether the stream was whole.
                #[derive(Debug)]
                pub struct $Decoder<W: Write>(pub(crate) Push<W, Decompress>);

                impl<W: Write> $Encoder<W> {
                    /// Compresses to `w`.
                    pub fn new(w: W, level: Compression) -> Self {
                        Self(Push::new(w, Compress::new(level, $has_header)))
                    }

                    /// Flushes what was written so far, and gives the writer back without the end of the stream.
                    ///
                    /// # Errors
                    ///
                    /// Those of the writer.
                    pub fn flush_finish(mut self) -> io::Result<W> {
                        self.0.flush()?;
                        Ok(self.0.take_inner())
                    }

                    /// Ends the stream and starts another to `w`. Returns the writer before.
                    ///
                    /// # Errors
                    ///
                    /// Those of the writer before.
                    pub fn reset(&mut self, w: W) -> io::Result<W> {
                        self.0.finish()?;
                        Ok(self.0.replace(w))
                    }
                }

                impl<W: Write> $Decoder<W> {
                    /// Decompresses to `w`.
                    pub fn new(w: W) -> Self {
                        Self(Push::new(w, Decompress::new($has_header)))
                    }

                    /// Writes what is known of the stream, whole or not, and starts another to `w`. Returns the writer
                    /// before.
                    ///
                    /// # Errors
                    ///
                    /// Those of the writer before.
                    pub fn reset(&mut self, w: W) -> io::Result<W> {
                        self.0.end()?;
                        Ok(self.0.replace(w))
                    }
                }

                streams!(@writer $Encoder);
                streams!(@writer $Decoder);
            }
        }
    };

    (@reader $Name:ident) => {
        impl<R> $Name<R> {
            /// Starts a stream from another reader. Returns the one before.
            pub fn reset(&mut self, r: R) -> R {
                self.0.reset(r)
            }

            /// The reader inside.
            pub fn get_ref(&self) -> &R {
                &self.0.inner
            }

            /// The reader inside. What is taken from it is missing from the stream.
            pub fn get_mut(&mut self) -> &mut R {
                &mut self.0.inner
            }

            /// The reader inside.
            pub fn into_inner(self) -> R {
                self.0.inner
            }

            /// Bytes taken from the reader.
            pub fn total_in(&self) -> u64 {
                self.0.engine.total_in()
            }

            /// Bytes read.
            pub fn total_out(&self) -> u64 {
                self.0.engine.total_out()
            }
        }

        impl<R: BufRead> Read for $Name<R> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                self.0.read(into)
            }
        }

        /// Past the stream, to what is inside.
        impl<R: BufRead + Write> Write for $Name<R> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.get_mut().write(bytes)
            }

            fn flush(&mut self) -> io::Result<()> {
                self.get_mut().flush()
            }
        }
    };

    (@buffered $Name:ident) => {
        impl<R> $Name<R> {
            /// Starts a stream from another reader; what was buffered is dropped. Returns the reader before.
            pub fn reset(&mut self, r: R) -> R {
                crate::pull::Engine::restart(&mut self.0.0.engine);
                self.0.0.inner.replace(r)
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
                self.0.0.inner.into_inner()
            }

            /// Bytes of input used. More may have been read.
            pub fn total_in(&self) -> u64 {
                self.0.total_in()
            }

            /// Bytes read.
            pub fn total_out(&self) -> u64 {
                self.0.total_out()
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

    (@writer $Name:ident) => {
        impl<W: Write> $Name<W> {
            /// The writer inside.
            pub fn get_ref(&self) -> &W {
                self.0.get_ref()
            }

            /// The writer inside. What is written to it lands in the middle of the stream.
            pub fn get_mut(&mut self) -> &mut W {
                self.0.get_mut()
            }

            /// Ends the stream. After an error it can be called again.
            ///
            /// # Errors
            ///
            /// Those of the writer; of a decoder, that the stream is not whole, or broken.
            pub fn try_finish(&mut self) -> io::Result<()> {
                self.0.finish()
            }

            /// Ends the stream and gives the writer back.
            ///
            /// # Errors
            ///
            /// Those of `try_finish`.
            pub fn finish(mut self) -> io::Result<W> {
                self.0.finish()?;
                Ok(self.0.take_inner())
            }

            /// Bytes taken.
            pub fn total_in(&self) -> u64 {
                self.0.engine.total_in()
            }

            /// Bytes made. Some may not have been written yet.
            pub fn total_out(&self) -> u64 {
                self.0.engine.total_out()
            }
        }

        impl<W: Write> Write for $Name<W> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.write(bytes)
            }

            fn flush(&mut self) -> io::Result<()> {
                self.0.flush()
            }
        }

        /// Past the stream, to what is inside.
        impl<W: Read + Write> Read for $Name<W> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                self.get_mut().read(into)
            }
        }
    };
}

streams!(deflate, "raw DEFLATE", false, DeflateEncoder, DeflateDecoder);
streams!(zlib, "zlib", true, ZlibEncoder, ZlibDecoder);

use crate::buffered::Buffered;
use crate::pull::Pull;
use crate::push::Push;
use crate::{Compress, Decompress};
use std::io::{BufRead, Read, Write};

impl<R> deflate::bufread::DeflateDecoder<R> {
    /// Starts a stream from the same reader.
    pub fn reset_data(&mut self) {
        self.0.engine.reset(false);
    }
}

impl<R: BufRead> zlib::bufread::ZlibEncoder<R> {
    /// Compresses what `r` gives with `compression`.
    pub fn new_with_compress(r: R, compression: Compress) -> Self {
        Self(Pull::new(r, compression))
    }
}

impl<R: BufRead> zlib::bufread::ZlibDecoder<R> {
    /// Decompresses what `r` gives with `decompression`.
    pub fn new_with_decompress(r: R, decompression: Decompress) -> Self {
        Self(Pull::new(r, decompression))
    }
}

impl<R: Read> zlib::read::ZlibEncoder<R> {
    /// Compresses what `r` gives with `compression`.
    pub fn new_with_compress(r: R, compression: Compress) -> Self {
        Self(zlib::bufread::ZlibEncoder::new_with_compress(Buffered::new(r), compression))
    }
}

impl<R: Read> zlib::read::ZlibDecoder<R> {
    /// Decompresses what `r` gives with `decompression`.
    pub fn new_with_decompress(r: R, decompression: Decompress) -> Self {
        Self(zlib::bufread::ZlibDecoder::new_with_decompress(Buffered::new(r), decompression))
    }

    /// As `new_with_decompress`, with the memory of `buf` as its buffer.
    pub fn new_with_decompress_and_buf(r: R, buf: Vec<u8>, decompression: Decompress) -> Self {
        let r = Buffered::with_buffer(r, buf);
        Self(zlib::bufread::ZlibDecoder::new_with_decompress(r, decompression))
    }
}

impl<W: Write> zlib::write::ZlibEncoder<W> {
    /// Compresses to `w` with `compression`.
    pub fn new_with_compress(w: W, compression: Compress) -> Self {
        Self(Push::new(w, compression))
    }
}

impl<W: Write> zlib::write::ZlibDecoder<W> {
    /// Decompresses to `w` with `decompression`.
    pub fn new_with_decompress(w: W, decompression: Decompress) -> Self {
        Self(Push::new(w, decompression))
    }
}
