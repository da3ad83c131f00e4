//! Unix: everything by descriptor, straight from the kernel.

mod close;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod memory;
mod output;
mod place;
mod signals;
mod stat;
mod stdio;
mod stream;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt;

use rustix::io::Errno;

pub(in crate::cli) use close::close;
pub(in crate::cli) use output::Output;
pub(in crate::cli) use place::Place;
pub(in crate::cli) use stat::{Identity, Stat, open};
pub(in crate::cli) use stream::Stream;

/// To be called before anything is opened.
pub(in crate::cli) fn set_up() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    memory::set_up();
    stdio::set_up();
    signals::set_up();
}

/// A name of these bytes.
pub(in crate::cli) fn os_string(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

/// Standard input as a file.
pub(in crate::cli) fn standard_input() -> io::Result<File> {
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

/// Standard output as a file.
pub(in crate::cli) fn standard_output() -> io::Result<File> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

/// Whether `error` says that there are too many open files.
pub(in crate::cli) fn is_out_of_descriptors(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Bytes of addresses that the process may use, if that is limited.
pub(in crate::cli) fn most_addresses() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}
