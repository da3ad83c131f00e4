//! A state machine behind a reader.

use crate::{Compress, Decompress, FlushCompress, FlushDecompress, Status};
use std::io::{self, BufRead};

/// What is expected of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// Nothing.
    Progress,
    /// All that is known so far.
    Flush,
    /// The end of the stream, for there is no more input.
    End,
}

/// A state machine from slices to slices.
pub(crate) trait Engine {
    /// Whether input that ends before the stream does is an error.
    const NEEDS_END: bool;

    fn total_in(&self) -> u64;
    fn total_out(&self) -> u64;
    fn restart(&mut self);

    /// One step.
    fn step(&mut self, input: &[u8], output: &mut [u8], goal: Goal) -> io::Result<Status>;

    /// What is wrong with an input that ends here.
    fn unexpected_end(&self) -> io::Error {
        incomplete_deflate()
    }
}

impl Engine for Compress {
    const NEEDS_END: bool = false;

    fn total_in(&self) -> u64 {
        self.total_in()
    }

    fn total_out(&self) -> u64 {
        self.total_out()
    }

    fn restart(&mut self) {
        self.reset();
    }

    fn step(&mut self, input: &[u8], output: &mut [u8], goal: Goal) -> io::Result<Status> {
        let flush = match goal {
            Goal::Progress => FlushCompress::None,
            Goal::Flush => FlushCompress::Sync,
            Goal::End => FlushCompress::Finish,
        };
        self.compress(input, output, flush).map_err(|_| corrupt_deflate())
    }
}

impl Engine for Decompress {
    const NEEDS_END: bool = true;

    fn total_in(&self) -> u64 {
        self.total_in()
    }

    fn total_out(&self) -> u64 {
        self.total_out()
    }

    fn restart(&mut self) {
        self.reset(self.has_header());
    }

    fn step(&mut self, input: &[u8], output: &mut [u8], goal: Goal) -> io::Result<Status> {
        let flush = match goal {
            Goal::Progress => FlushDecompress::None,
            Goal::Flush => FlushDecompress::Sync,
            Goal::End => FlushDecompress::Finish,
        };
        self.decompress(input, output, flush).map_err(|_| corrupt_deflate())
    }
}

/// The errors of flate2's readers and writers, which say no more.
pub(crate) fn corrupt_deflate() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "corrupt deflate stream")
}

pub(crate) fn incomplete_deflate() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "incomplete deflate stream")
}

/// A reader of what a state machine makes of another reader's bytes.
#[derive(Debug)]
pub(crate) struct Pull<R, E> {
    pub(crate) inner: R,
    pub(crate) engine: E,
}

impl<R, E: Engine> Pull<R, E> {
    pub(crate) fn new(inner: R, engine: E) -> Self {
        Self { inner, engine }
    }

    /// Starts a stream from another reader.
    pub(crate) fn reset(&mut self, inner: R) -> R {
        self.engine.restart();
        std::mem::replace(&mut self.inner, inner)
    }
}

impl<R: BufRead, E: Engine> Pull<R, E> {
    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            let input = self.inner.fill_buf()?;
            let has_ended = input.is_empty();
            let goal = if has_ended { Goal::End } else { Goal::Progress };
            let (before_in, before_out) = (self.engine.total_in(), self.engine.total_out());
            let status = self.engine.step(input, into, goal);
            self.inner.consume((self.engine.total_in() - before_in) as usize);
            let count = (self.engine.total_out() - before_out) as usize;
            if status? == Status::StreamEnd || count > 0 {
                return Ok(count);
            }
            // Nothing would be taken for the end.
            if has_ended {
                return Err(incomplete_deflate());
            }
        }
    }
}
