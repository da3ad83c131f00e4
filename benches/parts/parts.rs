//! Times the parts of the library: each primitive, decompression of every kind of block, each level on each kind of data,
//! and buffers of 1 KiB to 16 MiB. Speeds are in bytes of uncompressed data; of symbols for codes, of matched bytes for
//! matches.

#[path = "../kernels/mod.rs"]
mod kernels;

use criterion::{Criterion, Throughput};
use kernels::{ALICE, INFLATE, OBJECT, PARTS, Work, adler32, compressing, crc32, decompressing};
use kernels::{families, levels, records, text};
use rigz::Level;
use std::time::Duration;

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

/// Checksums at the sizes of a header, a buffer and a chunk.
fn checksums() -> Vec<Work> {
    [1 << 10, 16 << 10, 1 << 20].into_iter().flat_map(|size| [crc32(size), adler32(size)]).collect()
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
        .configure_from_args();
    let mut time = |group, works: Vec<Work>| {
        let mut group = criterion.benchmark_group(group);
        for Work { name, bytes, mut run } in works {
            group.throughput(Throughput::Bytes(bytes as u64));
            group.bench_function(name, |bencher| bencher.iter(&mut run));
        }
        group.finish();
    };
    time("checksums", checksums());
    time("primitives", PARTS.iter().map(|(_, make)| make()).collect());
    time("inflate", INFLATE.iter().map(|(_, make)| make()).collect());
    time("levels", kinds_of_data());
    time("buffers", sizes_of_buffers());
    criterion.final_summary();
}
