//! One line for each cell: how rigz stands beside the crate that comes nearest to it in speed, and in size.

use crate::Row;
use std::io::{self, Write};

/// Prints the cell of `rows`, in which rigz comes first. It is held if rigz is ahead of all in speed, and none is smaller.
/// zlib-ng, which has no crate of its own, is left out.
pub fn print(rows: &[Row]) -> io::Result<()> {
    let [own, others @ ..] = rows else { return Ok(()) };
    let others = || others.iter().filter(|row| row.name != "zlib-ng");
    let speed = |row: &Row| own.speed() / row.speed();
    let size = |row: &Row| own.output as f64 / row.output as f64;
    let (Some(fastest), Some(smallest)) =
        (others().min_by(|a, b| speed(a).total_cmp(&speed(b))), others().min_by_key(|row| row.output))
    else {
        return Ok(());
    };
    let is_held = speed(fastest) >= 1.0 && own.output <= smallest.output;
    // Of those that are as small, the fastest: what rigz is to be measured by where it is not both.
    let rival = others().filter(|row| row.output <= own.output).min_by(|a, b| speed(a).total_cmp(&speed(b)));
    let rival = rival.map_or_else(String::new, |row| format!("; as small: {} {:.2}x", row.name, speed(row)));
    let level = own.level.map_or_else(String::new, |level| format!(" -{level}"));
    writeln!(
        io::stdout().lock(),
        "{:<12}{:>6} KiB {:<14}{}  {:.2}x {:<12} {:+.2} % {:<12}{rival}",
        own.file,
        own.piece >> 10,
        format!("{}{level}", own.operation),
        if is_held { "held" } else { "    " },
        speed(fastest),
        fastest.name,
        100.0 * (size(smallest) - 1.0),
        smallest.name,
    )
}
