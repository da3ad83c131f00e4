//! `-b 1e9`: how small and how fast the levels are on this machine and this data, as a table with bars.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::time::{Duration, Instant};

use super::codec::{self, Failure, Labels};
use super::config::Config;
use super::options::Ask;
use super::report::{Cause, Report};
use rigz::Level;

/// Each measurement goes on until this time is over; the fastest run counts.
const TIME: Duration = Duration::from_millis(300);
/// More data than this is left out.
const MOST_BYTES: u64 = 256 << 20;
/// Cells of the longest bar.
const CELLS: usize = 24;

/// What one level does.
struct Row {
    level: u8,
    size: u64,
    /// Bytes of data per second.
    packs: f64,
    unpacks: f64,
}

/// Measures levels `from` to `to` on all operands together, standard input, or for want of both the command itself.
pub(super) fn run(from: u8, to: u8, config: &Config, report: &Report) {
    let data = match read_all(config) {
        Ok(data) if data.is_empty() => return report.failure("nothing to compress"),
        Ok(data) => data,
        Err(error) => return report.failure(Cause(&error)),
    };
    report.answer(format_args!(
        "{} bytes\n\n{:>5} {:>12} {:>7} {:>11} {:>13}\n",
        data.len(),
        "level",
        "size",
        "ratio",
        "compress",
        "decompress"
    ));
    let mut rows = Vec::new();
    for number in from..=to {
        if Level::new(number).is_none() {
            break;
        }
        match measure(number, &data, config) {
            Ok(row) => {
                let ratio = 100.0 * row.size as f64 / data.len() as f64;
                report.answer(format_args!(
                    "{:>5} {:>12} {ratio:>6.2}% {:>6.0} MB/s {:>8.0} MB/s\n",
                    row.level,
                    row.size,
                    row.packs / 1e6,
                    row.unpacks / 1e6
                ));
                rows.push(row);
            }
            Err(failure) => return report.failure(failure),
        }
    }
    report.answer(chart("\nsize\n", &rows, |row| row.size as f64));
    report.answer(chart("\nspeed of compression\n", &rows, |row| row.packs));
}

fn read_all(config: &Config) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    let mut add = |reader: &mut dyn Read| {
        let room = MOST_BYTES - data.len() as u64;
        reader.take(room).read_to_end(&mut data).map(drop)
    };
    for operand in &config.operands {
        if operand == "-" { add(&mut io::stdin())? } else { add(&mut File::open(operand)?)? }
    }
    match config.operands.is_empty() {
        true if io::stdin().is_terminal() => add(&mut File::open(std::env::current_exe()?)?)?,
        true => add(&mut io::stdin())?,
        false => {}
    }
    Ok(data)
}

fn measure(number: u8, data: &[u8], config: &Config) -> Result<Row, Failure> {
    let config = config.at_level(Ask::Level(number));
    let mut packed = Vec::new();
    let packs = fastest(data.len(), || {
        packed.clear();
        codec::compress(data, None, &mut packed, &Labels::default(), &config).map(drop)
    })?;
    let unpacks = fastest(data.len(), || codec::decompress(&*packed, None, io::sink(), &config).map(drop))?;
    Ok(Row { level: number, size: packed.len() as u64, packs, unpacks })
}

/// Bytes per second of the fastest of the runs that fit into the time.
fn fastest(bytes: usize, mut run: impl FnMut() -> Result<(), Failure>) -> Result<f64, Failure> {
    let start = Instant::now();
    let mut best = Duration::MAX;
    while start.elapsed() < TIME {
        let one = Instant::now();
        run()?;
        best = best.min(one.elapsed());
    }
    Ok(bytes as f64 / best.as_secs_f64().max(1e-9))
}

/// A bar for each row, the longest for the largest value.
fn chart(title: &str, rows: &[Row], value: impl Fn(&Row) -> f64) -> String {
    let largest = rows.iter().map(&value).fold(0.0, f64::max).max(1.0);
    let mut text = title.to_owned();
    for row in rows {
        text.push_str(&format!("{:>5} {}\n", row.level, bar(value(row) / largest)));
    }
    text
}

/// A bar of eighths of a cell.
fn bar(part: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = ((part * (8 * CELLS) as f64).round() as usize).max(1);
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion() {
        assert_eq!(bar(1.0), "█".repeat(CELLS));
        assert_eq!(bar(0.5), "█".repeat(CELLS / 2));
        assert_eq!(bar(0.0), "▏");
    }
}
