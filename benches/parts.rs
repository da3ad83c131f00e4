//! Times the parts of the library: `cargo bench --bench parts`, or `... -- FILTER` for the lines that contain FILTER.
//!
//! **Method.** Each line runs until one sample lasts a fiftieth of a second, then takes 15 samples. The fastest is the
//! best estimate of what the code costs, for everything else on the machine only adds; the median beside it tells how
//! quiet the machine was. Speed is in bytes of uncompressed data; of symbols for codes, of matched bytes for matches.
//!
//! For `scripts/check-costs`: `--list` prints the names of what is counted, `--count NAME` runs it once inside
//! [`measured`], and `--sizes` prints what each level makes of the samples.

mod kernels;

use kernels::{ALICE, INFLATE, OBJECT, PARTS, Work, adler32, compress, compressing, crc32, decompressing};
use kernels::{families, levels, records, text};
use rigz::Level;
use std::io::{self, Write};
use std::time::{Duration, Instant};

const SAMPLE: Duration = Duration::from_millis(20);
const SAMPLES: usize = 15;

/// Times one piece of work and prints its line.
fn line(Work { name, bytes, run }: &mut Work) -> io::Result<()> {
    let mut time = |count: u32| {
        let start = Instant::now();
        (0..count).for_each(|_| run());
        start.elapsed()
    };
    let mut count = 1;
    while time(count) < SAMPLE {
        count *= 2;
    }
    let mut samples: Vec<Duration> = (0..SAMPLES).map(|_| time(count) / count).collect();
    samples.sort_unstable();
    let speed = |sample: Duration| *bytes as f64 / sample.as_secs_f64() / 1e6;
    writeln!(
        io::stdout(),
        "{name:<44}{bytes:>9} B{:>12?}{:>10.1} MB/s, median {:>8.1}",
        samples[0],
        speed(samples[0]),
        speed(samples[SAMPLES / 2]),
    )
}

/// Each level on each kind of data.
fn kinds_of_data() -> Vec<Work> {
    let mix: Vec<u8> = families().into_iter().flat_map(|(_, input)| input).collect();
    let inputs = [
        ("alice29.txt", ALICE.to_vec()),
        ("object.bin", OBJECT.to_vec()),
        ("records", records(32_768)),
        ("every family", mix),
    ];
    let works = inputs.into_iter().flat_map(|(name, input)| {
        levels().map(move |level| {
            compressing(format!("level {} {name}", level.number()), &input, input.len(), level)
        })
    });
    works.collect()
}

/// Buffers of 1 KiB to 16 MiB, both ways. Small ones are pieces of a long text, for a processor learns a short one by
/// heart.
fn sizes_of_buffers() -> Vec<Work> {
    let text = text(16 << 20);
    let mut works = Vec::new();
    for kib in [1, 4, 16, 64, 1 << 10, 16 << 10] {
        let data = &text[..text.len().min((kib << 10).max(1 << 20))];
        for level in [Level::FAST, Level::DEFAULT, Level::BEST] {
            works.push(compressing(
                format!("buffers of {kib} KiB, level {}", level.number()),
                data,
                kib << 10,
                level,
            ));
        }
        works.push(decompressing(format!("buffers of {kib} KiB, inflate"), data, kib << 10, Level::DEFAULT));
    }
    works
}

/// Times everything whose name contains `filter`.
fn time(filter: &str) -> io::Result<()> {
    let groups: [fn() -> Vec<Work>; 5] = [
        || [1 << 10, 16 << 10, 1 << 20].into_iter().flat_map(|size| [crc32(size), adler32(size)]).collect(),
        || PARTS.iter().map(|(_, make)| make()).collect(),
        || INFLATE.iter().map(|(_, make)| make()).collect(),
        kinds_of_data,
        sizes_of_buffers,
    ];
    groups
        .iter()
        .try_for_each(|group| group().iter_mut().filter(|work| work.name.contains(filter)).try_for_each(line))
}

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
        // Cargo adds `--bench`.
        _ => time(
            arguments
                .iter()
                .map(String::as_str)
                .find(|argument| !argument.starts_with("--"))
                .unwrap_or_default(),
        ),
    }
}
