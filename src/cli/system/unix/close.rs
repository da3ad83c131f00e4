//! Closing with a look at the answer: some file systems tell only then that data did not arrive.

#![expect(unsafe_code, reason = "the standard library closes without a look")]

use std::fs::File;
use std::io;
use std::os::fd::IntoRawFd;

/// Closes `file`.
pub(in crate::cli) fn close(file: File) -> io::Result<()> {
    let descriptor = file.into_raw_fd();
    // SAFETY: `into_raw_fd` gave the descriptor to this function alone, and it is not used afterwards.
    match unsafe { libc::close(descriptor) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()).or_else(|error| match error.kind() {
            // The descriptor is closed all the same.
            io::ErrorKind::Interrupted => Ok(()),
            _ => Err(error),
        }),
    }
}
