//! The output has the same bytes on every machine: length and CRC-32 of each sample at each level, as recorded in
//! `golden.txt`. A change of the compressor that changes bytes updates the record with `scripts/update-golden`.

#[path = "common/families.rs"]
mod families;

use families::families;
use rigz::{Level, gzip};
use std::fmt::Write;

const RECORD: &str = include_str!("golden.txt");

/// One line per sample and level: `level bytes crc32 sample`.
fn table() -> String {
    let mut samples: Vec<(String, Vec<u8>)> = vec![
        ("alice29.txt".into(), include_bytes!("data/alice29.txt").to_vec()),
        ("object.bin".into(), include_bytes!("data/object.bin").to_vec()),
    ];
    samples.extend(families());
    let mut table = String::new();
    for (name, input) in samples {
        for level in (0..).map_while(Level::new) {
            let mut out = Vec::new();
            gzip::compress(&input, level, &mut out);
            let crc32 = crc32fast::hash(&out);
            let _ = writeln!(table, "{:>2} {:>7} {crc32:08x} {name}", level.number(), out.len());
        }
    }
    table
}

#[test]
fn the_bytes_are_those_on_record() {
    let table = table();
    let changed: Vec<&str> =
        table.lines().filter(|line| !RECORD.lines().any(|known| known == *line)).collect();
    assert!(changed.is_empty(), "not on record:\n{}", changed.join("\n"));
    assert_eq!(table.lines().count(), RECORD.lines().count(), "the record has lines that nothing makes");
}

#[test]
#[ignore = "prints the table for scripts/update-golden"]
fn print_the_table() {
    println!("{}", table());
}
