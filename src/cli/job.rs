//! One operand, or standard input, from its name to the right way to treat it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal};
use std::path::Path;

use super::benchmark;
use super::codec::{self, Done, Failure, Labels};
use super::config::{Action, Config};
use super::input::Input;
use super::list::Listing;
use super::operand::{compressed_suffix, decompressed_name, with_suffix};
use super::progress::Progress;
use super::queue::Queue;
use super::report::{Cause, Escaped, Report};
use super::system::{Place, Stream, close, is_out_of_descriptors, standard_input, standard_output};

/// What all operands share.
pub(super) struct Jobs<'a> {
    pub(super) config: &'a Config,
    pub(super) report: &'a Report,
    pub(super) listing: Listing,
    /// Outputs that are written and not yet given their names.
    pub(super) queue: Queue,
}

/// Nothing more can be done: standard output takes no more.
pub(super) struct Stuck;

pub(super) type Continue = Result<(), Stuck>;

/// An open file to be read, or standard input.
pub(super) struct Origin<'a> {
    /// None: standard input.
    pub(super) input: Option<&'a Input>,
    pub(super) file: &'a File,
    /// If it is a regular file.
    pub(super) length: Option<u64>,
}

impl<'a> Origin<'a> {
    fn of(input: &'a Input) -> Self {
        let length = input.is_regular().then_some(input.stat.length());
        Self { input: Some(input), file: &input.file, length }
    }

    /// What it is called in messages.
    pub(super) fn shown(&self) -> &'a OsStr {
        self.input.map_or(OsStr::new("stdin"), |input| &input.path)
    }
}

impl Jobs<'_> {
    /// Takes all operands, or standard input if there are none.
    pub(super) fn run(&mut self) -> Continue {
        if let Action::Benchmark(from, to) = self.config.action {
            benchmark::run(from, to, self.config, self.report);
            return Ok(());
        }
        if self.config.operands.is_empty() {
            self.standard_input()?;
        }
        for operand in &self.config.operands {
            if operand == "-" { self.standard_input() } else { self.file(operand) }?;
        }
        Ok(())
    }

    /// Takes standard input to where output goes, standard output unless told otherwise.
    fn standard_input(&mut self) -> Continue {
        let input = match standard_input() {
            Ok(input) => input,
            Err(error) => {
                self.report.error(OsStr::new("stdin"), Cause(&error));
                return Ok(());
            }
        };
        let reads_terminal = self.config.action != Action::Compress && input.is_terminal();
        if reads_terminal && !self.config.force {
            self.report.refuse_terminal("read from", "decompression");
            return Ok(());
        }
        let length = input.metadata().ok().filter(|data| data.is_file()).map(|data| data.len());
        self.onto_output(&Origin { input: None, file: &input, length })
    }

    /// Takes the file at `path`, or with `-r` the files under it.
    fn file(&mut self, path: &OsStr) -> Continue {
        let input = match self.open(path) {
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
        if self.config.to_stdout || self.config.output.is_some() {
            return self.onto_output(&Origin::of(&input));
        }
        if let Some(refusal) = input.refusal(self.config) {
            self.report.warning(format_args!("{} {refusal}", Escaped(path)));
        } else if let Some(name) = self.output_name(&input) {
            match input.place.sibling(name) {
                Ok(target) => {
                    let shown = shown_beside(&input.path, &target.name);
                    self.replace(input, target, shown);
                }
                Err(error) => self.report.error(&input.path, Cause(&error)),
            }
        }
        Ok(())
    }

    /// Opens `path`. What waits in the queue goes first if it is the same file, or holds the last descriptors.
    fn open(&mut self, path: &OsStr) -> io::Result<Input> {
        let first = Input::open(path, self.config);
        let is_in_the_way = match &first {
            Ok(input) => self.queue.reads(input),
            Err(error) => is_out_of_descriptors(error),
        };
        if !is_in_the_way || self.queue.is_empty() {
            return first;
        }
        drop(first);
        self.commit_all();
        Input::open(path, self.config)
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

    /// What the compressed form of `origin` shall say of it.
    pub(super) fn labels(&self, origin: &Origin<'_>) -> Labels {
        let config = self.config;
        if config.action != Action::Compress {
            return Labels::default();
        }
        let comment = config.comment.clone();
        let alias = config.alias.clone();
        let Some(input) = origin.input.filter(|input| input.is_regular()) else {
            return Labels { name: alias, comment, mtime: 0 };
        };
        let name = if config.save_name { Some(input.place.name.as_encoded_bytes().to_vec()) } else { None };
        let mtime = if config.save_time { self.saved_time(input) } else { 0 };
        Labels { name, comment, mtime }
    }

    /// The time of `input` as far as the header can hold it, and not after what SOURCE_DATE_EPOCH allows.
    fn saved_time(&self, input: &Input) -> u32 {
        let mtime = input.stat.mtime();
        let latest = self.config.latest_time.and_then(|latest| i64::try_from(latest).ok());
        if latest.is_some_and(|latest| mtime > latest) {
            return latest.and_then(|latest| u32::try_from(latest).ok()).unwrap_or(0);
        }
        u32::try_from(mtime).ok().filter(|&mtime| mtime > 0).unwrap_or_else(|| {
            let text = "warning: file timestamp out of range for gzip format";
            self.report.warning(format_args!("{}: {text}", Escaped(&input.path)));
            0
        })
    }

    /// The name of the output beside `input`, or none if it has the wrong suffix.
    fn output_name(&self, input: &Input) -> Option<OsString> {
        let (name, suffix) = (&input.place.name, &self.config.suffix);
        if self.config.action == Action::Decompress {
            let found = decompressed_name(name, suffix, !self.config.is_gnu);
            if found.is_none() && !self.config.recursive {
                self.report.warning(format_args!("{}: unknown suffix -- ignored", Escaped(&input.path)));
            }
            return found;
        }
        let Some(present) = compressed_suffix(name, suffix, false) else {
            return Some(with_suffix(name, suffix));
        };
        if self.config.verbose || !self.config.recursive {
            let (path, present) = (Escaped(&input.path), Escaped(&present));
            self.report.note(format_args!("{path} already has {present} suffix -- unchanged"));
        }
        None
    }

    /// Does the action on `origin`, towards the file of `-o`, standard output, or nowhere with `-t` and `-l`.
    fn onto_output(&mut self, origin: &Origin<'_>) -> Continue {
        match &self.config.output {
            Some(name) if name != "-" => {
                self.onto_named(origin, name);
                Ok(())
            }
            _ => self.onto_stdout(origin),
        }
    }

    /// Towards the file `name`: replaced as a whole if it is a regular file, else written to as it is.
    fn onto_named(&mut self, origin: &Origin<'_>, name: &OsStr) {
        let target = match Place::of(name) {
            Ok(target) => target,
            Err(error) => return self.report.error(name, Cause(&error)),
        };
        let special = std::fs::metadata(name).is_ok_and(|data| !data.is_file() && !data.is_dir());
        if !special {
            return match origin.input {
                None => self.replace_from_stdin(origin, target, name.to_owned()),
                // The input is opened anew, to be owned by the queue.
                Some(input) => match self.open(&input.path) {
                    Ok(input) => self.replace(input, target, name.to_owned()),
                    Err(error) => self.report.error(&input.path, Cause(&error)),
                },
            };
        }
        let output = File::options().write(true).open(name);
        let result = output.map_err(Failure::Write).and_then(|output| self.through(origin, output));
        match result {
            Ok(done) => self.tell_done(origin, &done, "written to", name),
            Err(Failure::Write(error)) => self.report.error(name, Cause(&error)),
            Err(failure) => self.report.data_error(origin.shown(), &failure),
        }
    }

    /// Through the codec to `output`, and closes that.
    fn through(&self, origin: &Origin<'_>, output: File) -> Result<Done, Failure> {
        let is_regular = output.metadata().is_ok_and(|data| data.is_file());
        let done = self.convert(origin, Stream::new(&output, is_regular))?;
        close(output).map_err(Failure::Write)?;
        Ok(done)
    }

    fn onto_stdout(&mut self, origin: &Origin<'_>) -> Continue {
        let result = match self.config.action {
            Action::Test | Action::List => {
                let input = Progress::new(origin, self.config);
                codec::decompress(input, origin.length, io::sink(), self.config)
            }
            action => {
                if action == Action::Compress && io::stdout().is_terminal() && !self.config.force {
                    self.report.refuse_terminal("written to", "compression");
                    return Ok(());
                }
                let output = standard_output();
                output.map_err(Failure::Write).and_then(|output| self.through(origin, output))
            }
        };
        match result {
            Ok(done) => {
                if done.has_more_entries {
                    let text = "has more than one entry--rest ignored";
                    self.report.warning(format_args!("{} {text}", Escaped(origin.shown())));
                }
                self.tell_done(origin, &done, "replaced with", OsStr::new("stdout"));
            }
            // Only if SIGPIPE is ignored; else the signal has ended the process.
            Err(Failure::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {
                self.report.warning(format_args!("stdout: {}", Cause(&error)));
                return Err(Stuck);
            }
            Err(Failure::Write(error)) => {
                self.report.error(OsStr::new("stdout"), Cause(&error));
                return Err(Stuck);
            }
            Err(failure) => {
                self.report.data_error(origin.shown(), &failure);
                self.listing.add_failure(origin, &failure, self.config, self.report);
            }
        }
        Ok(())
    }

    /// Runs `origin` through the codec to `output`.
    pub(super) fn convert(&self, origin: &Origin<'_>, output: Stream<'_>) -> Result<Done, Failure> {
        let input = Progress::new(origin, self.config);
        if self.config.action == Action::Compress {
            codec::compress(input, origin.length, output, &self.labels(origin), self.config)
        } else {
            codec::decompress(input, origin.length, output, self.config)
        }
    }

    /// Says with `-v`, `-t` or `-l` what was done, and always what was left over.
    pub(super) fn tell_done(&mut self, origin: &Origin<'_>, done: &Done, verb: &str, output: &OsStr) {
        if let Some(at) = done.garbage_at {
            let text = "decompression OK, trailing garbage ignored";
            if self.config.is_gnu {
                self.report.warning(format_args!("{}: {text}", Escaped(origin.shown())));
            } else {
                self.report.warning(format_args!("{}: {text} from byte {at}", Escaped(origin.shown())));
            }
        }
        let start = origin.input.map_or(String::new(), |input| format!("{}:\t", Escaped(&input.path)));
        match self.config.action {
            Action::List => self.listing.add(origin, done, self.config, self.report),
            Action::Test if self.config.json => self.listing.add(origin, done, self.config, self.report),
            _ if !self.config.verbose => {}
            Action::Test => self.report.line(format_args!("{start} OK")),
            action => {
                let ratio = done.ratio(action == Action::Compress);
                let end = origin.input.map_or(String::new(), |_| format!(" -- {verb} {}", Escaped(output)));
                self.report.line(format_args!("{start}{ratio}{end}"));
            }
        }
    }
}

/// The path of `name` in the directory of `path`.
pub(super) fn shown_beside(path: &OsStr, name: &OsStr) -> OsString {
    Path::new(path).with_file_name(name).into_os_string()
}
