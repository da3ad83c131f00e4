//! Runs fixed pieces of work for `scripts/check-costs`, which counts their instructions: `--list` prints their names,
//! `--count NAME` runs one, once, inside [`measured`], and `--sizes` prints what each level makes of the samples.

#[expect(dead_code, unused_imports, reason = "the rest is timed by benches/parts")]
mod kernels;

use kernels::{ALICE, INFLATE, OBJECT, PARTS, Work, adler32, compress, compressing, crc32, levels};
use rigz::Level;
use std::io::{self, Write};

/// Names of what is counted. Stored blocks are left out: they are the system's way to copy memory, not ours.
fn counted() -> impl Iterator<Item = String> {
    let parts = ["crc32", "adler32"].into_iter().chain(PARTS.iter().chain(&INFLATE).map(|&(name, _)| name));
    let levels = levels().skip(1).map(|level| format!("level {}", level.number()));
    parts.filter(|&name| name != "inflate stored").map(String::from).chain(levels)
}

/// The work of that name. Only this one is set up, for that is counted too, if not shown.
fn made(name: &str) -> Option<Work> {
    match name.split_once(' ') {
        None if name == "crc32" => Some(crc32(64 << 10)),
        None if name == "adler32" => Some(adler32(64 << 10)),
        Some(("level", number)) => {
            let samples = [&ALICE[..64 << 10], &OBJECT[..64 << 10]].concat();
            Some(compressing(name, &samples, samples.len(), Level::new(number.parse().ok()?)?))
        }
        _ => PARTS.iter().chain(&INFLATE).find(|part| part.0 == name).map(|(_, make)| make()),
    }
}

/// The function whose instructions are counted.
#[inline(never)]
fn measured(run: &mut dyn FnMut()) {
    run();
}

fn count(name: &str) -> io::Result<()> {
    match made(name) {
        Some(mut work) => {
            measured(&mut *work.run);
            Ok(())
        }
        None => Err(io::Error::other(format!("no work `{name}`"))),
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = io::stdout();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--list"] => counted().try_for_each(|name| writeln!(out, "{name}")),
        ["--count", name] => count(name),
        ["--sizes"] => levels().try_for_each(|level| {
            let [alice, object] = [ALICE, OBJECT].map(|sample| compress(sample, level).len());
            writeln!(out, "{} {alice} {object}", level.number())
        }),
        _ => Err(io::Error::other("one of --list, --count NAME, --sizes")),
    }
}
