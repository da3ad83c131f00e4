//! One operand, or standard input, from beginning to end.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal};
use std::os::fd::AsFd;
use std::path::Path;

use rigz::gzip::HeaderBuilder;

use super::close::close;
use super::codec::{self, Done, Failure};
use super::config::{Action, Config};
use super::input::Input;
use super::list::Listing;
use super::operand::{compressed_suffix, decompressed_name, safe_name, with_suffix};
use super::output::Output;
use super::remove;
use super::report::{Cause, Escaped, Report};
use super::stream::Stream;

/// What all operands share.
pub(super) struct Jobs<'a> {
    pub(super) config: &'a Config,
    pub(super) report: &'a Report,
    pub(super) listing: Listing,
}

/// Nothing more can be done: standard output takes no more.
pub(super) struct Stuck;

type Continue = Result<(), Stuck>;

impl Jobs<'_> {
    /// Takes standard input to standard output.
    pub(super) fn standard_input(&mut self) -> Continue {
        let input = match io::stdin().as_fd().try_clone_to_owned() {
            Ok(descriptor) => File::from(descriptor),
            Err(error) => {
                self.report.error(shown_input(None), Cause(&error));
                return Ok(());
            }
        };
        let reads_terminal = self.config.action != Action::Compress && input.is_terminal();
        if reads_terminal && !self.config.force {
            self.report.refuse_terminal("read from", "decompression");
            return Ok(());
        }
        let length = input.metadata().ok().filter(|data| data.is_file()).map(|data| data.len());
        self.onto_stdout(None, &input, length, HeaderBuilder::new())
    }

    /// Takes the file at `path`, or with `-r` the files under it.
    pub(super) fn file(&mut self, path: &OsStr) -> Continue {
        let input = match Input::open(path, self.config) {
            Ok(input) => input,
            Err(error) => {
                self.report.error(path, Cause(&error));
                return Ok(());
            }
        };
        if input.is_directory() {
            if self.config.recursive {
                return self.directory(path);
            }
            self.report.warning(format_args!("{} is a directory -- ignored", Escaped(path)));
            return Ok(());
        }
        if self.config.to_stdout {
            let length = input.is_regular().then_some(input.stat.st_size as u64);
            return self.onto_stdout(Some(&input.path), &input.file, length, self.header(&input));
        }
        if let Some(refusal) = input.refusal(self.config) {
            self.report.warning(format_args!("{} {refusal}", Escaped(path)));
        } else if let Some(name) = self.output_name(&input) {
            self.replace(&input, name);
        }
        Ok(())
    }

    /// Takes all files in a directory, as they were when it was opened.
    fn directory(&mut self, path: &OsStr) -> Continue {
        let names = std::fs::read_dir(path).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()
        });
        match names {
            Ok(names) => {
                names.into_iter().try_for_each(|name| self.file(Path::new(path).join(name).as_os_str()))
            }
            Err(error) => {
                self.report.error(path, Cause(&error));
                Ok(())
            }
        }
    }

    /// The header of the member that `input` becomes.
    fn header(&self, input: &Input) -> HeaderBuilder {
        let plain = HeaderBuilder::new();
        if self.config.action != Action::Compress || !self.config.save_name || !input.is_regular() {
            return plain;
        }
        let mtime = u32::try_from(input.stat.st_mtime).ok().filter(|&mtime| mtime > 0).unwrap_or_else(|| {
            if input.stat.st_mtime != 0 {
                let text = "warning: file timestamp out of range for gzip format";
                self.report.warning(format_args!("{}: {text}", Escaped(&input.path)));
            }
            0
        });
        let plain = plain.mtime(mtime);
        plain.clone().name(input.place.name.as_encoded_bytes()).unwrap_or(plain)
    }

    /// The name of the output beside `input`, or none if it has the wrong suffix.
    fn output_name(&self, input: &Input) -> Option<OsString> {
        let (name, suffix) = (&input.place.name, &self.config.suffix);
        if self.config.action == Action::Decompress {
            let found = decompressed_name(name, suffix);
            if found.is_none() && !self.config.recursive {
                self.report.warning(format_args!("{}: unknown suffix -- ignored", Escaped(&input.path)));
            }
            return found;
        }
        let Some(present) = compressed_suffix(name, suffix) else {
            return Some(with_suffix(name, suffix));
        };
        if self.config.verbose || !self.config.recursive {
            let (path, present) = (Escaped(&input.path), Escaped(present));
            self.report.note(format_args!("{path} already has {present} suffix -- unchanged"));
        }
        None
    }

    /// Does the action on an open input, towards standard output, or nowhere with `-t` and `-l`.
    fn onto_stdout(
        &mut self,
        path: Option<&OsStr>,
        input: &File,
        length: Option<u64>,
        header: HeaderBuilder,
    ) -> Continue {
        let stream = Stream::new(input, length.is_some());
        let result = match self.config.action {
            Action::Test | Action::List => codec::decompress(stream, length, io::sink(), self.config),
            action => {
                if action == Action::Compress && io::stdout().is_terminal() && !self.config.force {
                    self.report.refuse_terminal("written to", "compression");
                    return Ok(());
                }
                let output = io::stdout().as_fd().try_clone_to_owned().map(File::from);
                output.map_err(Failure::Write).and_then(|output| {
                    let is_regular = output.metadata().is_ok_and(|data| data.is_file());
                    let out = Stream::new(&output, is_regular);
                    let done = self.convert(stream, length, out, header)?;
                    close(output).map_err(Failure::Write)?;
                    Ok(done)
                })
            }
        };
        match result {
            Ok(done) => self.tell_done(path, &done, "replaced with", OsStr::new("stdout")),
            // Only if SIGPIPE is ignored; else the signal has ended the process.
            Err(Failure::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {
                self.report.warning(format_args!("stdout: {}", Cause(&error)));
                return Err(Stuck);
            }
            Err(Failure::Write(error)) => {
                self.report.error(OsStr::new("stdout"), Cause(&error));
                return Err(Stuck);
            }
            Err(failure) => self.report.error(shown_input(path), failure),
        }
        Ok(())
    }

    fn convert(
        &self,
        input: Stream<'_>,
        length: Option<u64>,
        output: Stream<'_>,
        header: HeaderBuilder,
    ) -> Result<Done, Failure> {
        if self.config.action == Action::Compress {
            codec::compress(input, length, output, header, self.config)
        } else {
            codec::decompress(input, length, output, self.config)
        }
    }

    /// Makes the file `name` beside `input`, and unless it is to be kept, removes `input`.
    fn replace(&mut self, input: &Input, name: OsString) {
        let shown = shown_beside(&input.path, &name);
        let target = match input.place.sibling(name) {
            Ok(target) => target,
            Err(error) => return self.report.error(&shown, Cause(&error)),
        };
        // With -N the name is known only once the header was read.
        let is_taken = !self.restores_name() && target.stat().is_ok();
        if is_taken && !self.may_replace(&shown) {
            return;
        }
        let mut output = match Output::create(target) {
            Ok(output) => output,
            Err(error) => return self.report.error(&shown, Cause(&error)),
        };
        let (length, header) = (Some(input.stat.st_size as u64), self.header(input));
        let streams = (Stream::new(&input.file, true), Stream::new(&output.file, true));
        let done = match self.convert(streams.0, length, streams.1, header) {
            Ok(done) => done,
            Err(Failure::Write(error)) => return self.report.error(&shown, Cause(&error)),
            Err(failure) => return self.report.error(&input.path, failure),
        };
        let stored = done.header.as_ref().filter(|_| self.restores_name());
        let stored_name = stored.and_then(|header| safe_name(header.name.as_deref()?));
        if let Some(name) = stored_name {
            output.rename(name);
        }
        let shown = shown_beside(&input.path, output.name());
        let mtime = stored.map(|header| header.mtime).filter(|&mtime| mtime > 0);
        if let Err(error) = self.complete(input, output, mtime, is_taken || self.config.force) {
            if error.kind() == ErrorKind::AlreadyExists {
                self.report.warning(format_args!("{} already exists;\tnot overwritten", Escaped(&shown)));
            } else {
                self.report.error(&shown, Cause(&error));
            }
            return;
        }
        let verb = if self.config.keep { "created" } else { "replaced with" };
        self.tell_done(Some(&input.path), &done, verb, &shown);
        if !self.config.keep {
            self.remove(input);
        }
    }

    fn restores_name(&self) -> bool {
        self.config.action == Action::Decompress && self.config.restore_name
    }

    /// Whether the file shown as `shown`, which exists, may be replaced.
    fn may_replace(&self, shown: &OsStr) -> bool {
        if self.config.force {
            return true;
        }
        let exists = format!("{} already exists;", Escaped(shown));
        if !io::stdin().is_terminal() {
            self.report.warning(format_args!("{exists}\tnot overwritten"));
            return false;
        }
        let yes = self.report.confirm(format_args!("{exists} do you wish to overwrite (y or n)?"));
        if !yes {
            self.report.warning(format_args!("{exists}\tnot overwritten"));
        }
        yes
    }

    /// Gives the written output its attributes and its name, on the disk before the input may go.
    fn complete(&self, input: &Input, output: Output, mtime: Option<u32>, replace: bool) -> io::Result<()> {
        if let Err(error) = output.set_attributes(&input.stat, mtime) {
            self.report.warning(format_args!("{}: {}", Escaped(output.name()), Cause(&error)));
        }
        let must_last = !self.config.keep || self.config.synchronous;
        output.check()?;
        if must_last {
            output.sync()?;
        }
        let place = output.commit(replace)?;
        if must_last {
            place.sync_dir();
        }
        Ok(())
    }

    fn remove(&self, input: &Input) {
        match remove::input(input) {
            Ok(true) => {}
            Ok(false) => {
                self.report.warning(format_args!("{}: file changed meanwhile -- kept", Escaped(&input.path)));
            }
            Err(error) => self.report.warning(format_args!("{}: {}", Escaped(&input.path), Cause(&error))),
        }
    }

    /// Says with `-v`, `-t` or `-l` what was done, and always what was left over. No path: standard input.
    fn tell_done(&mut self, path: Option<&OsStr>, done: &Done, verb: &str, output: &OsStr) {
        if let Some(at) = done.garbage_at {
            let text = "decompression OK, trailing garbage ignored";
            self.report.warning(format_args!("{}: {text} from byte {at}", Escaped(shown_input(path))));
        }
        let start = path.map_or(String::new(), |path| format!("{}:\t", Escaped(path)));
        match self.config.action {
            Action::List => self.listing.add(path, done, self.config, self.report),
            _ if !self.config.verbose => {}
            Action::Test => self.report.line(format_args!("{start} OK")),
            action => {
                let ratio = done.ratio(action == Action::Compress);
                let end = path.map_or(String::new(), |_| format!(" -- {verb} {}", Escaped(output)));
                self.report.line(format_args!("{start}{ratio}{end}"));
            }
        }
    }
}

/// What an input is called in messages.
fn shown_input(path: Option<&OsStr>) -> &OsStr {
    path.unwrap_or(OsStr::new("stdin"))
}

/// The path of `name` in the directory of `path`.
fn shown_beside(path: &OsStr, name: &OsStr) -> OsString {
    Path::new(path).with_file_name(name).into_os_string()
}
