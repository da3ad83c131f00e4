//! Outputs on their way to the disk, to their names, and to the removal of their inputs: many at a time, for one wait
//! for the disk serves all.
//!
//! ```text
//! written, attributes set  ─▶  all data to the disk  ─▶  all names  ─▶  their directories to the disk  ─▶  inputs removed
//! ```
//!
//! Invariant: an input is removed only after its output, and the name of it, are on the disk (unless told otherwise).
//! While they wait, outputs have no names that anyone knows, so that an end at any moment leaves all inputs and no part
//! of an output.
//!
//! Cost: two to three descriptors per waiting file.

use std::ffi::OsString;
use std::io::ErrorKind;

use super::codec::Done;
use super::input::Input;
use super::job::{Jobs, Origin};
use super::remove;
use super::report::{Cause, Escaped};
use super::system::{Output, Place};

/// Most files and bytes that wait.
const MAX_FILES: usize = 120;
/// From this many files on, one wait for the whole file system is shorter than one for each file.
const WORTH_ALL: usize = 16;
const MAX_BYTES: u64 = 256 << 20;

/// An output that only needs its name.
pub(super) struct Finished {
    /// None: standard input.
    pub(super) input: Option<Input>,
    pub(super) output: Output,
    pub(super) shown: OsString,
    pub(super) done: Done,
    /// Whether it may replace a file of its name.
    pub(super) may_replace: bool,
    pub(super) removes: bool,
}

/// What waits.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Vec<Finished>,
    bytes: u64,
}

impl Queue {
    pub(super) fn push(&mut self, finished: Finished) {
        self.bytes += finished.done.written;
        self.waiting.push(finished);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_FILES || self.bytes >= MAX_BYTES
    }

    /// Whether `input` is the input of one that waits.
    pub(super) fn reads(&self, input: &Input) -> bool {
        let is_same = |other: &Input| other.is_same_file(input);
        self.waiting.iter().filter_map(|finished| finished.input.as_ref()).any(is_same)
    }
}

impl Jobs<'_> {
    /// Completes all that wait.
    pub(super) fn commit_all(&mut self) {
        self.commit_all_synced(true);
    }

    /// Completes all that wait, on the disk if `syncs`.
    pub(super) fn commit_all_synced(&mut self, syncs: bool) {
        let mut waiting = std::mem::take(&mut self.queue).waiting;
        if syncs && !self.sync_together(&waiting) {
            waiting.retain(|finished| match finished.output.sync() {
                Ok(()) => true,
                Err(error) => {
                    self.report.error(&finished.shown, Cause(&error));
                    false
                }
            });
        }
        let mut named: Vec<(Option<Input>, OsString, Done, bool)> = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        for Finished { input, output, shown, done, may_replace, removes } in waiting {
            match output.commit(may_replace) {
                Ok(place) => {
                    named.push((input, shown, done, removes));
                    if syncs && !places.iter().any(|other| other.is_same_directory(&place)) {
                        places.push(place);
                    }
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    self.report.warning(format_args!("{} already exists;\tnot overwritten", Escaped(&shown)));
                }
                Err(error) => self.report.error(&shown, Cause(&error)),
            }
        }
        places.iter().for_each(Place::sync_dir);
        for (input, shown, done, removes) in named {
            let Some(input) = input else { continue };
            let verb = if self.config.keep { "created" } else { "replaced with" };
            let origin = Origin { input: Some(&input), file: &input.file, length: None };
            self.tell_done(&origin, &done, verb, &shown);
            if removes {
                self.remove(input);
            }
        }
    }

    /// Puts all of the file system of the outputs on the disk, if they are many and on one; false if that is to be done
    /// file by file.
    fn sync_together(&self, waiting: &[Finished]) -> bool {
        waiting.len() >= WORTH_ALL
            && waiting.iter().all(|finished| finished.output.is_beside(&waiting[0].output))
            && waiting[0].output.sync_file_system()
    }

    fn remove(&self, input: Input) {
        let path = input.path.clone();
        match remove::input(input) {
            Ok(true) => {}
            Ok(false) => {
                self.report.warning(format_args!("{}: file changed meanwhile -- kept", Escaped(&path)));
            }
            Err(error) => self.report.warning(format_args!("{}: {}", Escaped(&path), Cause(&error))),
        }
    }
}
