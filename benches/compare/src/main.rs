//! Times the library beside other crates, in one process:
//!
//! ```text
//! cargo run --release -- [--json | --cells | --streams] FILE...
//!
//!     --json      one JSON object per line
//!     --cells     what is compared in one line: rigz beside the crate that comes nearest in speed, and in size
//!     --streams   input in pieces of 16 KiB beside one call
//! ```
//!
//! **Method.** Each file is cut into pieces of 1 KiB to 16 MiB. All libraries handle all the pieces in turn, round after
//! round, and the fastest round of each counts. Decompression reads what zlib-ng wrote at level 6, into a slice of the
//! right length where the crate can do that: raw DEFLATE, and zlib with its checksum verified. Compression makes zlib.
//! What a library can keep between calls, it keeps. What is written is read back.

mod cells;
mod libraries;
mod streams;

use libraries::{Compressor, Decompressor, compressors, decompressors, reference};
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Piece size, and the most bytes of a file that are used with it.
const PIECES: [(usize, usize); 7] = [
    (1 << 10, 1 << 20),
    (4 << 10, 1 << 20),
    (16 << 10, 2 << 20),
    (64 << 10, 8 << 20),
    (256 << 10, 8 << 20),
    (1 << 20, 8 << 20),
    (16 << 20, 16 << 20),
];
const LEVELS: [u8; 3] = [1, 6, 9];
/// Rounds are run until they have lasted this long, and at least this many.
const LONG_ENOUGH: Duration = Duration::from_millis(150);
const ROUNDS: u32 = 3;

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Rows,
    Json,
    Cells,
}

/// What was measured of one library.
struct Row<'a> {
    file: &'a str,
    piece: usize,
    operation: &'static str,
    name: &'static str,
    level: Option<u8>,
    input: usize,
    output: usize,
    seconds: f64,
}

impl Row<'_> {
    fn speed(&self) -> f64 {
        self.input.max(self.output) as f64 / self.seconds / 1e6
    }

    fn print(&self, json: bool) -> io::Result<()> {
        let Row { file, piece, operation, name, level, output, .. } = self;
        let speed = self.speed();
        let mut out = io::stdout().lock();
        if json {
            let level = level.map_or_else(|| "null".into(), |level| level.to_string());
            writeln!(
                out,
                "{{\"file\": {file:?}, \"piece\": {piece}, \"operation\": \"{operation}\", \"library\": \"{name}\", \
                 \"level\": {level}, \"bytes\": {}, \"mb_per_s\": {speed:.1}}}",
                output
            )
        } else {
            let level = level.map_or_else(String::new, |level| format!("-{level}"));
            let piece = piece >> 10;
            writeln!(
                out,
                "{file:<16}{piece:>6} KiB {operation:<11}{name:<13}{level:<3}{output:>10} B{speed:>9.1} MB/s"
            )
        }
    }
}

/// The fastest round of each contender; every round starts with another one.
fn race<C>(contenders: &mut [C], mut run: impl FnMut(&mut C)) -> Vec<f64> {
    let mut best = vec![f64::INFINITY; contenders.len()];
    let started = Instant::now();
    let mut round = 0;
    let patience = LONG_ENOUGH * contenders.len() as u32;
    while round < ROUNDS || started.elapsed() < patience {
        for turn in 0..contenders.len() {
            let index = (turn + round as usize) % contenders.len();
            let start = Instant::now();
            run(&mut contenders[index]);
            best[index] = best[index].min(start.elapsed().as_secs_f64());
        }
        round += 1;
    }
    best
}

fn decompress<'a>(file: &'a str, data: &[u8], piece: usize, container: bool) -> Vec<Row<'a>> {
    let packed: Vec<(Vec<u8>, usize)> =
        data.chunks(piece).map(|raw| (reference(raw, container), raw.len())).collect();
    let mut out = vec![0; piece.min(data.len())];
    let mut contenders = decompressors(container);
    for Decompressor { name, run } in &mut contenders {
        for (raw, (packed, _)) in data.chunks(piece).zip(&packed) {
            run(packed, &mut out[..raw.len()]);
            assert!(out[..raw.len()] == *raw, "{name} reads something else");
        }
    }
    let seconds = race(&mut contenders, |contender| {
        packed.iter().for_each(|(packed, len)| (contender.run)(packed, &mut out[..*len]));
    });
    let input = packed.iter().map(|(packed, _)| packed.len()).sum();
    let operation = if container { "decompress" } else { "inflate" };
    let row = |(contender, seconds): (&Decompressor, f64)| {
        let name = contender.name;
        Row { file, piece, operation, name, level: None, input, output: data.len(), seconds }
    };
    contenders.iter().zip(seconds).map(row).collect()
}

fn compress<'a>(file: &'a str, data: &[u8], piece: usize, level: u8) -> Vec<Row<'a>> {
    let mut contenders = compressors(level);
    let mut out = Vec::new();
    let mut sizes = Vec::new();
    for Compressor { name, run } in &mut contenders {
        let (mut size, mut back) = (0, vec![0; piece.min(data.len())]);
        for raw in data.chunks(piece) {
            run(raw, &mut out);
            size += out.len();
            (decompressors(true)[0].run)(&out, &mut back[..raw.len()]);
            assert!(back[..raw.len()] == *raw, "{name} writes something else");
        }
        sizes.push(size);
    }
    let seconds = race(&mut contenders, |contender| {
        data.chunks(piece).for_each(|raw| (contender.run)(raw, &mut out));
    });
    let row = |((contender, seconds), output): ((&Compressor, f64), usize)| {
        let (name, level) = (contender.name, Some(level));
        Row { file, piece, operation: "compress", name, level, input: data.len(), output, seconds }
    };
    contenders.iter().zip(seconds).zip(sizes).map(row).collect()
}

fn compare(file: &str, data: &[u8], form: Form) -> io::Result<()> {
    let print = |rows: Vec<Row>| match form {
        Form::Cells => cells::print(&rows),
        _ => rows.iter().try_for_each(|row| row.print(form == Form::Json)),
    };
    for (piece, most) in PIECES {
        let data = &data[..data.len().min(most)];
        print(decompress(file, data, piece, false))?;
        print(decompress(file, data, piece, true))?;
        for level in LEVELS {
            print(compress(file, data, piece, level))?;
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let (options, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    for path in &files {
        let data = std::fs::read(path)?;
        let name = path.rsplit('/').next().unwrap_or(path);
        match options.first().map(String::as_str) {
            Some("--streams") => streams::compare(name, &data)?,
            Some("--cells") => compare(name, &data, Form::Cells)?,
            Some("--json") => compare(name, &data, Form::Json)?,
            None => compare(name, &data, Form::Rows)?,
            Some(other) => return Err(io::Error::new(io::ErrorKind::InvalidInput, other)),
        }
    }
    Ok(())
}
