//! `gunzip <IN >OUT` in constant memory: all members, each checked.

use rigz::io::GzipReader;
use std::io;

fn main() -> io::Result<()> {
    let mut reader = GzipReader::new(io::stdin().lock());
    io::copy(&mut reader, &mut io::stdout().lock())?;
    Ok(())
}
