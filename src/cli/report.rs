//! The only printer, and the keeper of the exit status.

use super::codec::Failure;
use std::cell::Cell;
use std::ffi::OsStr;
use std::fmt::{self, Display, Write as _};
use std::io::{self, Write as _};

/// Messages of the form `rigz: name: text`, on standard error, one write each.
#[derive(Debug)]
pub(super) struct Report {
    program: &'static str,
    is_gnu: bool,
    is_quiet: Cell<bool>,
    status: Cell<Status>,
}

/// What the exit status will be: the worst that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Fine,
    Warned,
    Failed,
}

impl Report {
    pub(super) fn new(program: &'static str, is_gnu: bool) -> Self {
        Self { program, is_gnu, is_quiet: Cell::new(false), status: Cell::new(Status::Fine) }
    }

    /// Warnings are no longer printed; they still count.
    pub(super) fn be_quiet(&self) {
        self.is_quiet.set(true);
    }

    /// Something is wrong with `name`; exit status 1.
    pub(super) fn error(&self, name: &OsStr, text: impl Display) {
        self.status.set(Status::Failed);
        self.line(format_args!("{}: {}: {text}", self.program, Escaped(name)));
    }

    /// The input `name` failed. gzip's messages about data have an empty line before them, and do not say where.
    pub(super) fn data_error(&self, name: &OsStr, failure: &Failure) {
        match failure {
            Failure::Data(_) if self.is_gnu => {
                self.status.set(Status::Failed);
                self.line(format_args!("\n{}: {}: {failure}", self.program, Escaped(name)));
            }
            _ => self.error(name, format_args!("{failure:#}")),
        }
    }

    /// As an error, with the name as part of the sentence.
    pub(super) fn error_beside(&self, name: &OsStr, text: impl Display) {
        self.failure(format_args!("{} {text}", Escaped(name)));
    }

    /// Something is wrong with the command line or the world; exit status 1.
    pub(super) fn failure(&self, text: impl Display) {
        self.status.set(Status::Failed);
        self.line(format_args!("{}: {text}", self.program));
    }

    /// Something about `name` was not done, or not as it should; exit status 2 unless there are errors.
    pub(super) fn warning(&self, text: impl Display) {
        self.status.set(self.status.get().max(Status::Warned));
        self.note(text);
    }

    /// As a warning, without an effect on the exit status.
    pub(super) fn note(&self, text: impl Display) {
        if !self.is_quiet.get() {
            self.line(format_args!("{}: {text}", self.program));
        }
    }

    /// A line of what was asked for with `-v`.
    pub(super) fn line(&self, text: impl Display) {
        let mut line = String::new();
        let _ = writeln!(line, "{text}");
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }

    /// Asks a question on standard error and reads the answer from standard input.
    pub(super) fn confirm(&self, question: impl Display) -> bool {
        let mut line = String::new();
        let _ = write!(line, "{}: {question} ", self.program);
        let _ = io::stderr().lock().write_all(line.as_bytes());
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).is_ok() && answer.trim_start().starts_with(['y', 'Y'])
    }

    /// Compressed data does not go to or come from a terminal unless forced.
    pub(super) fn refuse_terminal(&self, direction: &str, action: &str) {
        let how = format_args!("Use -f to force {action}.\nFor help, type: {} -h", self.program);
        self.failure(format_args!("compressed data not {direction} a terminal. {how}"));
    }

    /// Prints the answer to a question of the caller, such as the help text, on standard output.
    pub(super) fn answer(&self, text: impl Display) {
        let mut out = io::stdout().lock();
        if let Err(error) = write!(out, "{text}").and_then(|()| out.flush()) {
            self.error(OsStr::new("stdout"), Cause(&error));
        }
    }

    /// 0, 1 for errors, 2 for warnings.
    pub(super) fn exit_status(&self) -> u8 {
        match self.status.get() {
            Status::Fine => 0,
            Status::Failed => 1,
            Status::Warned => 2,
        }
    }
}

/// Replaces the last line on a terminal's standard error, which stays unfinished; with nothing, erases it.
pub(super) fn live_line(text: fmt::Arguments<'_>) {
    let _ = io::stderr().lock().write_all(format!("\r\x1b[K{text}").as_bytes());
}

/// A name as it can be shown on a terminal: control and bidirectional characters and what is no UTF-8 are escaped.
pub(super) struct Escaped<'a>(pub(super) &'a OsStr);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.as_encoded_bytes().utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                        write!(f, "{}", c.escape_unicode())?;
                    }
                    c if c.is_control() => {
                        c.encode_utf8(&mut [0; 4]).bytes().try_for_each(|b| write!(f, "\\x{b:02x}"))?
                    }
                    c => f.write_char(c)?,
                }
            }
            chunk.invalid().iter().try_for_each(|b| write!(f, "\\x{b:02x}"))?;
        }
        Ok(())
    }
}

/// The text of an error of the system, without its number.
pub(super) struct Cause<'a>(pub(super) &'a io::Error);

impl Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        f.write_str(text.split(" (os error").next().unwrap_or_default())
    }
}

// Names and texts of errors are those of Unix.
#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::cli::system::os_string;

    #[test]
    fn names_cannot_speak_to_the_terminal() {
        let name = os_string(b"a\x1b[31m\n\xff\xe2\x80\xae\xc2\x9b\xc3\xa4");
        assert_eq!(Escaped(&name).to_string(), "a\\x1b[31m\\x0a\\xff\\u{202e}\\xc2\\x9b\u{e4}");
    }

    #[test]
    fn causes_have_no_numbers() {
        assert_eq!(Cause(&io::Error::from_raw_os_error(28)).to_string(), "No space left on device");
    }
}
