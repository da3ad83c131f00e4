//! A buffered reader that can be given another reader whatever that is, as [`std::io::BufReader`] cannot.

use std::io::{self, BufRead, Read};

/// Bytes that are read at a time.
const BUFFER_BYTES: usize = 32 << 10;

/// `R`, buffered.
#[derive(Debug)]
pub(crate) struct Buffered<R> {
    inner: R,
    buffer: Vec<u8>,
    /// What was read and not consumed: from here to there.
    from: usize,
    to: usize,
}

impl<R> Buffered<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self::with_buffer(inner, vec![0; BUFFER_BYTES])
    }

    /// With the memory of `buffer`, whatever is in it.
    pub(crate) fn with_buffer(inner: R, mut buffer: Vec<u8>) -> Self {
        buffer.resize(buffer.capacity().max(1), 0);
        Self { inner, buffer, from: 0, to: 0 }
    }

    pub(crate) fn get_ref(&self) -> &R {
        &self.inner
    }

    pub(crate) fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    pub(crate) fn into_inner(self) -> R {
        self.inner
    }

    /// Goes on with another reader; what was buffered is dropped. Returns the reader before.
    pub(crate) fn replace(&mut self, inner: R) -> R {
        (self.from, self.to) = (0, 0);
        std::mem::replace(&mut self.inner, inner)
    }
}

impl<R: Read> Read for Buffered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Buffered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.from == self.to {
            (self.from, self.to) = (0, 0);
            self.to = self.inner.read(&mut self.buffer)?;
        }
        Ok(&self.buffer[self.from..self.to])
    }

    fn consume(&mut self, count: usize) {
        self.from = self.to.min(self.from + count);
    }
}
