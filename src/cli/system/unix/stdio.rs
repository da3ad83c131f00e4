//! Standard input, output and error are there, whatever the caller closed.
//!
//! A file that is opened takes the lowest free descriptor: with standard error closed, a message would land in the
//! output file. So a closed one is opened to something that fails at every use, as if it were still closed.

use std::io;
use std::os::fd::AsFd;
use std::os::fd::{BorrowedFd, IntoRawFd};

use rustix::fs::{Mode, OFlags, open};
use rustix::io::fcntl_getfd;

/// To be called before anything is opened.
pub(super) fn set_up() {
    let (input, output, error) = (io::stdin(), io::stdout(), io::stderr());
    let standard: [(BorrowedFd<'_>, OFlags); 3] =
        [(input.as_fd(), OFlags::WRONLY), (output.as_fd(), OFlags::RDONLY), (error.as_fd(), OFlags::RDONLY)];
    for (descriptor, useless) in standard {
        if fcntl_getfd(descriptor).is_err() {
            // The lowest free descriptor is the one that is closed, for those below were seen to.
            let _ = open("/dev/null", useless, Mode::empty()).map(IntoRawFd::into_raw_fd);
        }
    }
}
