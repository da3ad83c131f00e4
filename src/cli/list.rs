//! The table of `-l`, in gzip's layout.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::codec::{Done, Ratio};
use super::config::Config;
use super::operand::decompressed_name;
use super::report::{Escaped, Report};

const TITLE: &str = "         compressed        uncompressed  ratio uncompressed_name\n";

/// Rows so far, and their sums.
#[derive(Debug, Default)]
pub(super) struct Listing {
    rows: u64,
    compressed: u64,
    uncompressed: u64,
}

impl Listing {
    /// Prints the row of a file, or standard input, that was read to its end.
    pub(super) fn add(&mut self, path: Option<&OsStr>, done: &Done, config: &Config, report: &Report) {
        if self.rows == 0 && !config.quiet {
            report.answer(TITLE);
        }
        self.rows += 1;
        self.compressed += done.read;
        self.uncompressed += done.written;
        report.answer(row(done.read, done.written, done.ratio(false), &shown_name(path, config)));
    }

    /// Prints the sums if there is something to sum.
    pub(super) fn end(&self, config: &Config, report: &Report) {
        if self.rows > 1 && !config.quiet {
            let ratio = Ratio { data: self.uncompressed, packed: self.compressed };
            report.answer(row(self.compressed, self.uncompressed, ratio, OsStr::new("(totals)")));
        }
    }
}

fn row(compressed: u64, uncompressed: u64, ratio: Ratio, name: &OsStr) -> String {
    format!("{compressed:>19} {uncompressed:>19} {ratio:>6} {}\n", Escaped(name))
}

/// The name that the file would have when decompressed.
fn shown_name(path: Option<&OsStr>, config: &Config) -> OsString {
    let Some(path) = path.map(Path::new) else { return "stdout".into() };
    let name = path.file_name().and_then(|name| decompressed_name(name, &config.suffix));
    name.map_or_else(|| path.into(), |name| path.with_file_name(name)).into()
}
