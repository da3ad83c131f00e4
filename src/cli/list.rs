//! The table of `-l`, in gzip's layout, and its twin for programs: one JSON object a line.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::Path;

use super::codec::{Done, Failure, Kind, Ratio};
use super::config::Config;
use super::job::Origin;
use super::operand::decompressed_name;
use super::report::{Escaped, Report};
use super::system::{Stat, local_time};

/// Before the title with `-v`.
const DETAILS: &str = "method  crc     date  time  ";
const TITLE: &str = "         compressed        uncompressed  ratio uncompressed_name\n";

/// Rows so far, and their sums.
#[derive(Debug, Default)]
pub(super) struct Listing {
    rows: u64,
    compressed: u64,
    uncompressed: u64,
    overhead: u64,
}

impl Listing {
    /// Prints the row of a file, or standard input, that was read to its end.
    pub(super) fn add(&mut self, origin: &Origin<'_>, done: &Done, config: &Config, report: &Report) {
        let path = origin.input.map(|input| &*input.path);
        if config.json {
            return report.answer(success(origin.shown(), done));
        }
        if self.rows == 0 && !config.quiet {
            report.answer(format_args!("{}{TITLE}", if config.verbose { DETAILS } else { "" }));
        }
        self.rows += 1;
        self.compressed += done.read;
        self.uncompressed += done.written;
        self.overhead = done.overhead;
        let details = if config.verbose { details(origin, done, config) } else { String::new() };
        let row = row(done.read, done.written, done.ratio(false), &shown_name(path, config));
        report.answer(details + &row);
    }

    /// Prints that a file is wrong, if that is to be told to programs.
    pub(super) fn add_failure(
        &self,
        origin: &Origin<'_>,
        failure: &Failure,
        config: &Config,
        report: &Report,
    ) {
        if config.json {
            let (name, error) =
                (quoted(origin.shown().as_encoded_bytes()), quoted(format!("{failure:#}").as_bytes()));
            report.answer(format_args!("{{\"name\":{name},\"ok\":false,\"error\":{error}}}\n"));
        }
    }

    /// Prints the sums if there is something to sum.
    pub(super) fn end(&self, config: &Config, report: &Report) {
        if self.rows > 1 && !config.quiet && self.compressed > 0 && self.uncompressed > 0 {
            let packed = self.compressed.saturating_sub(self.overhead);
            let ratio = Ratio { data: self.uncompressed, packed };
            let blank = if config.verbose { " ".repeat(DETAILS.len()) } else { String::new() };
            report.answer(blank + &row(self.compressed, self.uncompressed, ratio, OsStr::new("(totals)")));
        }
    }
}

fn row(compressed: u64, uncompressed: u64, ratio: Ratio, name: &OsStr) -> String {
    format!("{compressed:>19} {uncompressed:>19} {ratio:>6} {}\n", Escaped(name))
}

/// Method, checksum of the last member, and time: that of the file, or with `-N` the one inside.
fn details(origin: &Origin<'_>, done: &Done, config: &Config) -> String {
    let method = match done.kind {
        Kind::Gzip | Kind::Zlib | Kind::Zip => "defla",
        Kind::Lzw => "compr",
        Kind::Pack => "pack ",
        Kind::Plain => "store",
    };
    let of_file = || match origin.input {
        Some(input) => input.stat.mtime(),
        None => Stat::of(origin.file).map_or(0, |stat| stat.mtime()),
    };
    let inside = Some(done.labels.mtime).filter(|&mtime| config.restore_time && mtime > 0);
    let time = inside.map_or_else(of_file, i64::from);
    format!("{method} {:08x} {} ", done.crc.unwrap_or(u32::MAX), shown_time(time))
}

/// A time as `ls` shows it, such as `Feb  3 04:05`.
fn shown_time(seconds: i64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    match local_time(seconds) {
        Some([month, day, hour, minute]) => {
            let month = MONTHS.get(month as usize).unwrap_or(&"???");
            format!("{month}{day:3} {hour:02}:{minute:02}")
        }
        None => "??? ?? ??:??".into(),
    }
}

/// The name that the file would have when decompressed.
fn shown_name(path: Option<&OsStr>, config: &Config) -> OsString {
    let Some(path) = path.map(Path::new) else { return "stdout".into() };
    let name = path.file_name().and_then(|name| decompressed_name(name, &config.suffix, !config.is_gnu));
    name.map_or_else(|| path.into(), |name| path.with_file_name(name)).into()
}

fn success(name: &OsStr, done: &Done) -> String {
    let format = match done.kind {
        Kind::Gzip => "gzip",
        Kind::Zlib => "zlib",
        Kind::Zip => "zip",
        Kind::Lzw => "compress",
        Kind::Pack => "pack",
        Kind::Plain => "plain",
    };
    let mut line = format!(
        "{{\"name\":{},\"ok\":true,\"format\":\"{format}\",\"members\":{},\"compressed\":{},\"uncompressed\":{}",
        quoted(name.as_encoded_bytes()),
        done.members,
        done.read,
        done.written,
    );
    if let Some(crc) = done.crc.filter(|_| done.members == 1) {
        let _ = write!(line, ",\"crc32\":\"{crc:08x}\"");
    }
    if let Some(stored) = &done.labels.name {
        let _ = write!(line, ",\"stored_name\":{}", quoted(stored));
    }
    if done.labels.mtime > 0 {
        let _ = write!(line, ",\"stored_mtime\":{}", done.labels.mtime);
    }
    if let Some(at) = done.garbage_at {
        let _ = write!(line, ",\"garbage_at\":{at}");
    }
    line.push_str("}\n");
    line
}

/// A JSON string; what is no UTF-8 is replaced.
fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for c in String::from_utf8_lossy(bytes).chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_beyond_all_calendars_are_question_marks() {
        assert_eq!(shown_time(i64::MAX), "??? ?? ??:??");
        assert_eq!(shown_time(1_000_000_000).len(), 12);
    }

    #[test]
    fn any_name_is_a_string_of_one_line() {
        assert_eq!(
            quoted(b"a\"b\\c\n\x1b\xff\xc3\xa4\xc2\x9b"),
            "\"a\\\"b\\\\c\\u000a\\u001b\u{fffd}\u{e4}\\u009b\""
        );
    }
}
