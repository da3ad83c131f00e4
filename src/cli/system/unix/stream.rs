//! A descriptor that may be a pipe or a terminal, read and written with patience.
//!
//! Waiting for a pipe is cut into short waits: a read that waited in vain returns `Interrupted`, so that a failure
//! elsewhere is not held up by an input that says nothing. Descriptors that others have made non-blocking work too.
//!
//! An input that is a pipe is made longer where the system can: then who writes to it has not to wait for each piece to
//! be read, and both go on side by side.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
#[cfg(target_os = "linux")]
use rustix::pipe::fcntl_setpipe_size;

/// How long to wait at a time.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 500_000_000 };

/// What a pipe should hold: as much as everyone may ask for (Linux, `/proc/sys/fs/pipe-max-size`).
#[cfg(target_os = "linux")]
const PIPE_BYTES: usize = 1 << 20;

/// A file that may have to be waited for.
#[derive(Debug)]
pub(in crate::cli) struct Stream<'a> {
    file: &'a File,
    /// Regular files are always ready.
    is_regular: bool,
}

impl<'a> Stream<'a> {
    pub(in crate::cli) fn new(file: &'a File, is_regular: bool) -> Self {
        Self { file, is_regular }
    }

    /// A file that only is read.
    pub(in crate::cli) fn input(file: &'a File, is_regular: bool) -> Self {
        #[cfg(target_os = "linux")]
        if !is_regular {
            // What is no pipe, or may not grow, stays as it is.
            _ = fcntl_setpipe_size(file, PIPE_BYTES);
        }
        Self::new(file, is_regular)
    }

    fn wait(&self, flags: PollFlags) -> io::Result<usize> {
        Ok(poll(&mut [PollFd::new(self.file, flags)], Some(&PATIENCE))?)
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.is_regular && self.wait(PollFlags::IN)? == 0 {
            return Err(ErrorKind::Interrupted.into());
        }
        match self.file.read(buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Err(ErrorKind::Interrupted.into()),
            result => result,
        }
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.file.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait(PollFlags::OUT).map(drop)?,
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
