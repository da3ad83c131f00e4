//! The CRC-32 of gzip, by itself and of what passes through.

use rigz::checksum::Crc32;
use std::io::{self, BufRead, Read, Write};

/// A CRC-32 and the number of bytes it is of.
///
/// ```
/// let mut crc = flate2::Crc::new();
/// crc.update(b"123456789");
/// assert_eq!((crc.sum(), crc.amount()), (0xcbf4_3926, 9));
/// ```
#[derive(Debug, Default)]
pub struct Crc {
    crc: Crc32,
    bytes: u64,
}

impl Crc {
    /// Of no bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The CRC-32.
    #[must_use]
    pub fn sum(&self) -> u32 {
        self.crc.value()
    }

    /// The number of bytes modulo 2^32, as a gzip trailer has it.
    #[must_use]
    pub fn amount(&self) -> u32 {
        self.bytes as u32
    }

    /// Adds bytes.
    pub fn update(&mut self, data: &[u8]) {
        self.crc.update(data);
        self.bytes += data.len() as u64;
    }

    /// Back to no bytes.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Adds bytes of which only the CRC is known.
    pub fn combine(&mut self, additional_crc: &Self) {
        self.crc.combine(&additional_crc.crc);
        self.bytes += additional_crc.bytes;
    }

    /// The trailer of a gzip member.
    pub(crate) fn trailer(&self) -> [u8; 8] {
        let (crc, length) = (self.sum().to_le_bytes(), self.amount().to_le_bytes());
        std::array::from_fn(|i| if i < 4 { crc[i] } else { length[i - 4] })
    }
}

/// A reader that keeps the CRC of what was read.
///
/// ```
/// let mut reader = flate2::CrcReader::new(&b"123456789"[..]);
/// std::io::copy(&mut reader, &mut std::io::sink())?;
/// assert_eq!(reader.crc().sum(), 0xcbf4_3926);
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct CrcReader<R> {
    inner: R,
    crc: Crc,
}

impl<R: Read> CrcReader<R> {
    /// A reader of what `r` gives.
    pub fn new(r: R) -> Self {
        Self { inner: r, crc: Crc::new() }
    }
}

/// A writer that keeps the CRC of what was written.
///
/// ```
/// use std::io::Write;
///
/// let mut writer = flate2::CrcWriter::new(Vec::new());
/// writer.write_all(b"123456789")?;
/// assert_eq!(writer.crc().sum(), 0xcbf4_3926);
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct CrcWriter<W> {
    inner: W,
    crc: Crc,
}

impl<W: Write> CrcWriter<W> {
    /// A writer to `w`.
    pub fn new(w: W) -> Self {
        Self { inner: w, crc: Crc::new() }
    }
}

/// What both have.
macro_rules! around {
    ($name:ident) => {
        impl<T> $name<T> {
            /// The CRC so far.
            pub fn crc(&self) -> &Crc {
                &self.crc
            }

            /// What is inside.
            pub fn into_inner(self) -> T {
                self.inner
            }

            /// What is inside.
            pub fn get_ref(&self) -> &T {
                &self.inner
            }

            /// What is inside. What passes there is not counted.
            pub fn get_mut(&mut self) -> &mut T {
                &mut self.inner
            }

            /// Starts the CRC anew.
            pub fn reset(&mut self) {
                self.crc.reset();
            }
        }
    };
}

around!(CrcReader);
around!(CrcWriter);

impl<R: Read> Read for CrcReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.crc.update(&into[..count]);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for CrcReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        if let Ok(buffered) = self.inner.fill_buf() {
            self.crc.update(&buffered[..count]);
        }
        self.inner.consume(count);
    }
}

impl<W: Write> Write for CrcWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.crc.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
