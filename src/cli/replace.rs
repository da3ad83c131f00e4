//! Making a file out of another, up to the point where only its name is missing.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal};

use super::codec::{self, Done, Failure};
use super::config::{Action, Sync};
use super::input::Input;
use super::job::{Jobs, Origin, shown_beside};
use super::operand::safe_name;
use super::queue::Finished;
use super::report::{Cause, Escaped};
use super::system::{Output, Place, Stream, is_out_of_descriptors};

impl Jobs<'_> {
    /// Makes the file `target`, shown as `shown`, of `input`, and unless it is to be kept, removes `input`.
    pub(super) fn replace(&mut self, input: Input, target: Place, shown: OsString) {
        let origin = Origin { input: Some(&input), file: &input.file, length: Some(input.stat.length()) };
        let origin = if input.is_regular() { origin } else { Origin { length: None, ..origin } };
        let Some((output, done, may_replace)) = self.write(&origin, target, &shown) else { return };
        let restores = self.config.action == Action::Decompress;
        let mtime =
            Some(done.labels.mtime).filter(|&mtime| restores && self.config.restore_time && mtime > 0);
        if let Err(error) = output.set_attributes(&input.stat, mtime) {
            self.report.warning(format_args!("{}: {}", Escaped(output.name()), Cause(&error)));
        }
        let shown =
            if output.name() == Place::name_of(&shown) { shown } else { shown_beside(&shown, output.name()) };
        let removes = !self.config.keep && input.is_regular();
        let finished = Finished { input: Some(input), output, shown, done, may_replace, removes };
        self.finish(finished);
    }

    /// Makes the file `target` of standard input.
    pub(super) fn replace_from_stdin(&mut self, origin: &Origin<'_>, target: Place, shown: OsString) {
        let Some((output, done, may_replace)) = self.write(origin, target, &shown) else { return };
        if let Err(error) = output.set_default_mode() {
            self.report.warning(format_args!("{}: {}", Escaped(&shown), Cause(&error)));
        }
        self.finish(Finished { input: None, output, shown, done, may_replace, removes: false });
    }

    /// Into the queue if the disk has to be waited for, else to its name at once.
    fn finish(&mut self, finished: Finished) {
        let waits = match self.config.sync {
            Sync::Never => false,
            Sync::BeforeRemoval => finished.removes,
            Sync::Always => true,
        };
        if let Err(error) = finished.output.check() {
            return self.report.error(&finished.shown, Cause(&error));
        }
        if !waits {
            self.commit_all();
        }
        self.queue.push(finished);
        if !waits || self.queue.is_full() {
            self.commit_all_synced(waits);
        }
    }

    /// Writes the output, and reads it back before its input may go. None if that failed, which was said.
    fn write(&mut self, origin: &Origin<'_>, target: Place, shown: &OsStr) -> Option<(Output, Done, bool)> {
        // With -N the name is known only once the header was read.
        let restores_name = self.config.action == Action::Decompress && self.config.restore_name;
        let restores_name = restores_name && self.config.output.is_none();
        let is_taken = !restores_name && target.stat().is_ok();
        if is_taken && !self.may_replace(shown) {
            return None;
        }
        let mut output = match self.create(target) {
            Ok(output) => output,
            Err(error) => {
                self.report.error(shown, Cause(&error));
                return None;
            }
        };
        let result = self.convert(origin, Stream::new(&output.file, true));
        let result = result.and_then(|done| {
            if self.config.action == Action::Compress && !self.config.keep && origin.input.is_some() {
                codec::verify(&output.file, &done, self.config)?;
            }
            Ok(done)
        });
        match result {
            Ok(done) if done.has_more_entries => {
                let text = "has more than one entry -- unchanged";
                self.report.error_beside(origin.shown(), text);
                None
            }
            Ok(done) => {
                if let Some(name) = done.labels.name.as_deref().filter(|_| restores_name).and_then(safe_name)
                {
                    output.rename(name);
                }
                Some((output, done, is_taken || self.config.force))
            }
            Err(Failure::Write(error)) => {
                self.report.error(shown, Cause(&error));
                None
            }
            Err(failure @ Failure::Verify(_)) => {
                self.report.error(shown, failure);
                None
            }
            Err(failure) => {
                self.report.data_error(origin.shown(), &failure);
                None
            }
        }
    }

    /// Creates an output; if descriptors are out, those of the queue are given back first.
    fn create(&mut self, target: Place) -> io::Result<Output> {
        let again = target.sibling(target.name.clone())?;
        match Output::create(target) {
            Err(error) if is_out_of_descriptors(&error) && !self.queue.is_empty() => {
                self.commit_all();
                Output::create(again)
            }
            result => result,
        }
    }

    /// Whether the file shown as `shown`, which exists, may be replaced.
    fn may_replace(&self, shown: &OsStr) -> bool {
        if self.config.force {
            return true;
        }
        let exists = format!("{} already exists;", Escaped(shown));
        let is_terminal = io::stdin().is_terminal() || self.config.presume_terminal;
        let yes =
            is_terminal && self.report.confirm(format_args!("{exists} do you wish to overwrite (y or n)?"));
        if !yes {
            self.report.warning(format_args!("{exists}\tnot overwritten"));
        }
        yes
    }
}
