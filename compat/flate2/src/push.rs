//! A state machine before a writer.

use crate::Status;
use crate::pull::{Engine, Goal};
use std::io::{self, Write};

/// Output that is gathered before it is written.
const BUFFER_BYTES: usize = 32 << 10;

/// A writer to another writer of what a state machine makes of the bytes written.
///
/// Dropping it ends the stream, and nothing is told of errors then: that is how flate2 has it.
#[derive(Debug)]
pub(crate) struct Push<W: Write, E: Engine> {
    /// Gone only with `self`.
    inner: Option<W>,
    pub(crate) engine: E,
    buffer: Vec<u8>,
    /// What waits in the buffer: from here to there.
    from: usize,
    to: usize,
    is_over: bool,
}

impl<W: Write, E: Engine> Push<W, E> {
    pub(crate) fn new(inner: W, engine: E) -> Self {
        let buffer = vec![0; BUFFER_BYTES];
        Self { inner: Some(inner), engine, buffer, from: 0, to: 0, is_over: false }
    }

    #[expect(clippy::expect_used, reason = "it is taken by the method that consumes the outer object alone")]
    pub(crate) fn get_ref(&self) -> &W {
        self.inner.as_ref().expect("the writer is there")
    }

    #[expect(clippy::expect_used, reason = "it is taken by the method that consumes the outer object alone")]
    pub(crate) fn get_mut(&mut self) -> &mut W {
        self.inner.as_mut().expect("the writer is there")
    }

    /// The writer, from an object that is about to go.
    #[expect(clippy::expect_used, reason = "it is taken by the method that consumes the outer object alone")]
    pub(crate) fn take_inner(&mut self) -> W {
        self.inner.take().expect("the writer is there")
    }

    pub(crate) fn is_present(&self) -> bool {
        self.inner.is_some()
    }

    /// Starts a stream to another writer. What the one before lacked of its end is missing.
    pub(crate) fn replace(&mut self, inner: W) -> W {
        self.engine.restart();
        (self.from, self.to, self.is_over) = (0, 0, false);
        std::mem::replace(self.get_mut(), inner)
    }

    /// Whether the stream is over.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Starts another stream to the same writer, once the one before is over and nothing waits.
    pub(crate) fn restart(&mut self) {
        self.engine.restart();
        self.is_over = false;
    }

    /// Ends the stream.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if !self.end()? && E::NEEDS_END {
            return Err(self.engine.unexpected_end());
        }
        Ok(())
    }

    /// Writes all that can be known without more input. Whether the stream is over.
    pub(crate) fn end(&mut self) -> io::Result<bool> {
        self.drain()?;
        while !self.is_over {
            if self.step(&[], Goal::End)?.1 == 0 && !self.is_over {
                return Ok(false);
            }
            self.drain()?;
        }
        Ok(true)
    }

    /// One step into the buffer, which is empty. Returns what was read and written.
    fn step(&mut self, input: &[u8], goal: Goal) -> io::Result<(usize, usize)> {
        let (before_in, before_out) = (self.engine.total_in(), self.engine.total_out());
        let status = self.engine.step(input, &mut self.buffer, goal)?;
        self.is_over |= status == Status::StreamEnd;
        self.from = 0;
        self.to = (self.engine.total_out() - before_out) as usize;
        Ok(((self.engine.total_in() - before_in) as usize, self.to))
    }

    /// Empties the buffer into the writer; after an error the rest stays.
    fn drain(&mut self) -> io::Result<()> {
        while self.from < self.to {
            let waiting = &self.buffer[self.from..self.to];
            let writer = self.inner.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
            match writer.write(waiting)? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                count => self.from += count,
            }
        }
        Ok(())
    }
}

impl<W: Write, E: Engine> Write for Push<W, E> {
    /// What is made of `input` may wait in the buffer, so that an error means that nothing of it was taken.
    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        self.drain()?;
        while !input.is_empty() && !self.is_over {
            let (read, written) = self.step(input, Goal::Progress)?;
            if read > 0 || written == 0 {
                return Ok(read);
            }
            self.drain()?;
        }
        Ok(0)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.drain()?;
        while !self.is_over && self.step(&[], Goal::Flush)?.1 > 0 {
            self.drain()?;
        }
        self.get_mut().flush()
    }
}

impl<W: Write, E: Engine> Drop for Push<W, E> {
    fn drop(&mut self) {
        if self.is_present() {
            _ = self.finish();
        }
    }
}
