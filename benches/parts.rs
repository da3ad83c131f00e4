//! Times the parts of the library: `cargo bench`, or `cargo bench -- FILTER` for the lines that contain FILTER.
//!
//! **Method.** Each line runs until one sample lasts a fiftieth of a second, then takes 15 samples. The fastest is the
//! best estimate of what the code costs, for everything else on the machine only adds; the median beside it tells how
//! quiet the machine was. Speed is in bytes of uncompressed data.

#[path = "../tests/common/families.rs"]
mod families;

use families::{Random, families, records, text};
use rigz::Level;
use rigz::checksum::{Adler32, Crc32};
use rigz::deflate::{Encode, Flush};
use rigz::gzip::{self, Encoder, HeaderBuilder};
use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

const SAMPLE: Duration = Duration::from_millis(20);
const SAMPLES: usize = 15;

/// What to run, and where to print.
struct Bench {
    filter: Option<String>,
}

impl Bench {
    /// Times `run`, which handles `bytes` bytes each time.
    fn line(&self, name: &str, bytes: usize, mut run: impl FnMut()) -> io::Result<()> {
        if self.filter.as_ref().is_some_and(|filter| !name.contains(filter.as_str())) {
            return Ok(());
        }
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
        let speed = |sample: Duration| bytes as f64 / sample.as_secs_f64() / 1e6;
        writeln!(
            io::stdout(),
            "{name:<44}{bytes:>9} B{:>12?}{:>10.1} MB/s, median {:>8.1}",
            samples[0],
            speed(samples[0]),
            speed(samples[SAMPLES / 2]),
        )
    }
}

fn compress(input: &[u8], level: Level) -> Vec<u8> {
    let mut out = Vec::new();
    gzip::compress(input, level, &mut out);
    out
}

/// A member of blocks so short that the fixed codes are cheapest.
fn fixed_blocks(input: &[u8]) -> Vec<u8> {
    let (mut encoder, mut out) = (Encoder::new(Level::FAST, &HeaderBuilder::new()), Vec::new());
    for piece in input.chunks(100) {
        encoder.feed_all(piece, &mut out);
        encoder.flush(Flush::Sync, &mut out);
    }
    encoder.flush(Flush::Finish, &mut out);
    out
}

fn checksums(bench: &Bench) -> io::Result<()> {
    for size in [1 << 10, 16 << 10, 1 << 20] {
        let data = Random::new(1).bytes(size);
        bench.line(&format!("crc32 {} KiB", size >> 10), size, || {
            let mut crc = Crc32::new();
            crc.update(black_box(&data));
            black_box(crc.value());
        })?;
        bench.line(&format!("adler32 {} KiB", size >> 10), size, || {
            let mut adler = Adler32::new();
            adler.update(black_box(&data));
            black_box(adler.value());
        })?;
    }
    Ok(())
}

fn inflate(bench: &Bench) -> io::Result<()> {
    let text = text(1 << 20);
    let records = records(65_536);
    let random = Random::new(2).bytes(1 << 20);
    let zeros = vec![0; 1 << 20];
    let members = [
        ("stored", &text, compress(&text, Level::STORED)),
        ("fixed", &text, fixed_blocks(&text)),
        ("dynamic, text", &text, compress(&text, Level::BEST)),
        ("dynamic, records", &records, compress(&records, Level::BEST)),
        ("dynamic, one long match after the other", &zeros, compress(&zeros, Level::BEST)),
        ("random", &random, compress(&random, Level::BEST)),
    ];
    for (name, data, member) in &members {
        let mut out = vec![0; data.len()];
        bench.line(&format!("inflate {name}"), data.len(), || {
            let length = gzip::decompress(black_box(member), &mut out);
            assert_eq!(length, Ok(data.len()));
        })?;
    }
    for size in [1 << 10, 16 << 10] {
        let member = compress(&text[..size], Level::DEFAULT);
        let mut out = vec![0; size];
        bench.line(&format!("inflate {} KiB of text", size >> 10), size, || {
            assert_eq!(gzip::decompress(black_box(&member), &mut out), Ok(size));
        })?;
    }
    Ok(())
}

fn levels(bench: &Bench) -> io::Result<()> {
    let alice = include_bytes!("../tests/data/alice29.txt");
    let mix: Vec<u8> = families().into_iter().flat_map(|(_, input)| input).collect();
    let object = include_bytes!("../tests/data/object.bin");
    let inputs: [(&str, &[u8]); 5] = [
        ("alice29.txt", alice),
        ("object.bin", object),
        ("records", &records(32_768)),
        ("every family", &mix),
        ("1 KiB of text", &alice[..1024]),
    ];
    let mut out = Vec::new();
    for (name, input) in inputs {
        for level in (0..).map_while(Level::new) {
            bench.line(&format!("level {} {name}", level.number()), input.len(), || {
                out.clear();
                gzip::compress(black_box(input), level, &mut out);
            })?;
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    // Cargo adds `--bench`.
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let bench = Bench { filter };
    checksums(&bench)?;
    inflate(&bench)?;
    levels(&bench)
}
