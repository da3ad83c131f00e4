//! A line that tells on a terminal how far a long job is: only on one, only after a second, and gone at the end.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, IsTerminal, Read};
use std::time::{Duration, Instant};

use super::config::Config;
use super::job::Origin;
use super::report::{self, Escaped};
use super::system::Stream;

/// Shorter jobs say nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time between two lines.
const INTERVAL: Duration = Duration::from_millis(200);

/// An input that tells how much of it was read.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    stream: Stream<'a>,
    meter: Option<Meter>,
}

#[derive(Debug)]
struct Meter {
    label: String,
    total: Option<u64>,
    read: u64,
    started: Instant,
    /// When the next line is due.
    due: Instant,
    is_shown: bool,
}

impl<'a> Progress<'a> {
    pub(super) fn new(origin: &Origin<'a>, config: &Config) -> Self {
        let stream = Stream::input(origin.file, origin.length.is_some());
        let data_is_shown = config.to_stdout && io::stdout().is_terminal();
        let is_wanted = !config.quiet && !config.is_gnu && io::stderr().is_terminal() && !data_is_shown;
        let meter = is_wanted.then(|| Meter::new(origin.shown(), origin.length, Instant::now()));
        Self { stream, meter }
    }
}

impl Read for Progress<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.stream.read(buffer);
        if let Some(meter) = &mut self.meter {
            meter.read += *result.as_ref().unwrap_or(&0) as u64;
            let now = Instant::now();
            if now >= meter.due {
                meter.due = now + INTERVAL;
                meter.is_shown = true;
                report::live_line(format_args!("{}", meter.at(now)));
            }
        }
        result
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.is_shown {
            report::live_line(format_args!(""));
        }
    }
}

impl Meter {
    fn new(name: &OsStr, total: Option<u64>, now: Instant) -> Self {
        let label = Escaped(name).to_string();
        Self { label, total, read: 0, started: now, due: now + PATIENCE, is_shown: false }
    }

    fn at(&self, now: Instant) -> Line<'_> {
        let seconds = (now - self.started).as_secs_f64().max(1e-3);
        Line { meter: self, seconds }
    }
}

/// What the line says: the part that was read, how fast, and how long it will take.
struct Line<'a> {
    meter: &'a Meter,
    seconds: f64,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = self.meter.read as f64;
        let rate = read / self.seconds;
        write!(f, "{}: ", self.meter.label)?;
        match self.meter.total.filter(|&total| total > 0) {
            Some(total) => {
                let left = (total as f64 - read).max(0.0) / rate.max(1.0);
                let (minutes, seconds) = (left as u64 / 60, left as u64 % 60);
                write!(
                    f,
                    "{:.1}%  {:.0} MB/s  {minutes}:{seconds:02} left",
                    100.0 * read / total as f64,
                    rate / 1e6
                )
            }
            None => write!(f, "{:.1} MB  {:.0} MB/s", read / 1e6, rate / 1e6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_part_rate_and_time_left() {
        let now = Instant::now();
        let mut meter = Meter::new(OsStr::new("a\x1b"), Some(400_000_000), now);
        meter.read = 100_000_000;
        let line = meter.at(now + Duration::from_secs(20)).to_string();
        assert_eq!(line, "a\\x1b: 25.0%  5 MB/s  1:00 left");
        meter.total = None;
        assert_eq!(meter.at(now + Duration::from_secs(20)).to_string(), "a\\x1b: 100.0 MB  5 MB/s");
    }
}
