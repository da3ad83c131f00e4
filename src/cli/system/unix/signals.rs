//! Signals: those that end the process while a temporary file has a name delete it first, and then end the process.
//!
//! A signal that was ignored when the process started stays ignored. SIGPIPE is left as it is, so a write to a closed
//! pipe ends the process as it ends any other. SIGXFSZ is ignored: the write fails and says why.

#![expect(unsafe_code, reason = "signal handlers are set and run by system calls without a safe form")]

use std::ffi::{CString, c_int};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::place::Place;

/// Signals that end the process by default and may come at any time.
const ENDING: [c_int; 5] = [libc::SIGHUP, libc::SIGINT, libc::SIGTERM, libc::SIGXCPU, libc::SIGPIPE];

/// The files to delete, or null. Whoever takes one out may use it; entries are never freed while a handler may run.
static COVERED: [AtomicPtr<Entry>; MAX_COVERED] = [const { AtomicPtr::new(ptr::null_mut()) }; MAX_COVERED];

/// More than there are ever temporary files at a time.
const MAX_COVERED: usize = 128;

#[derive(Debug)]
struct Entry {
    dir: RawFd,
    name: CString,
}

/// Makes writes beyond a file size limit fail.
pub(super) fn set_up() {
    set(libc::SIGXFSZ, libc::SIG_IGN);
}

/// While it lives, a signal that ends the process deletes the file it was made for first.
#[derive(Debug)]
pub(super) struct Cover {
    /// Its place in the table.
    place: usize,
}

impl Cover {
    pub(super) fn new(place: &Place) -> io::Result<Self> {
        let entry = Entry { dir: place.dir().as_raw_fd(), name: CString::new(place.name.as_bytes())? };
        let entry = Box::into_raw(Box::new(entry));
        let take = |slot: &AtomicPtr<Entry>| {
            slot.compare_exchange(ptr::null_mut(), entry, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        let Some(place) = COVERED.iter().position(take) else {
            return Err(io::Error::other("too many temporary files"));
        };
        let handler: extern "C" fn(c_int) = on_signal;
        for signal in ENDING.into_iter().filter(|&signal| !is_ignored(signal)) {
            set(signal, handler as libc::sighandler_t);
        }
        Ok(Self { place })
    }
}

impl Drop for Cover {
    fn drop(&mut self) {
        // The entry is left behind: a handler may be reading it. It is a few bytes per file.
        COVERED[self.place].store(ptr::null_mut(), Ordering::Release);
    }
}

/// Deletes the file, and lets the signal do what it does by default. Calls only what POSIX allows in a handler.
extern "C" fn on_signal(signal: c_int) {
    for slot in &COVERED {
        let entry = slot.swap(ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: not null means it came from `Box::into_raw` in `Cover::new` and was never freed.
        if let Some(entry) = unsafe { entry.as_ref() } {
            // SAFETY: the name is a C string; the call is safe in a handler.
            unsafe { libc::unlinkat(entry.dir, entry.name.as_ptr(), 0) };
        }
    }
    set(signal, libc::SIG_DFL);
    // SAFETY: a call without pointers, safe in a handler.
    unsafe { libc::raise(signal) };
}

fn is_ignored(signal: c_int) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: a null new action asks for the old one, which is written to `action`, valid for that.
    if unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: zeroed, then written by the successful call above.
    let action = unsafe { action.assume_init() };
    action.sa_sigaction == libc::SIG_IGN
}

fn set(signal: c_int, handler: libc::sighandler_t) {
    // SAFETY: the handler is a default one or `on_signal`, which does only what a handler may.
    unsafe { libc::signal(signal, handler) };
}
