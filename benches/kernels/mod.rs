//! Fixed pieces of work, to time and to count instructions of.

#[path = "../../tests/common/families.rs"]
mod families;

pub(crate) use families::{Random, families, records, text};

use miniz_oxide::deflate::core::{
    CompressionStrategy, CompressorOxide, TDEFLFlush, TDEFLStatus, create_comp_flags_from_zip_params,
};
use rigz::checksum::{Adler32, Crc32};
use rigz::gzip;
use rigz::parts::{self, DecodeTables, Matches};
use rigz::{Level, zlib};
use std::hint::black_box;

/// The sample text of the repository.
pub(crate) const ALICE: &[u8] = include_bytes!("../../tests/data/alice29.txt");
/// The sample object code of the repository.
pub(crate) const OBJECT: &[u8] = include_bytes!("../../tests/data/object.bin");

/// A piece of work that handles `bytes` bytes each time it is run.
pub(crate) struct Work {
    pub(crate) name: String,
    pub(crate) bytes: usize,
    pub(crate) run: Box<dyn FnMut()>,
}

fn work(name: impl Into<String>, bytes: usize, run: impl FnMut() + 'static) -> Work {
    Work { name: name.into(), bytes, run: Box::new(run) }
}

/// Every level there is.
pub(crate) fn levels() -> impl Iterator<Item = Level> {
    (0..).map_while(Level::new)
}

pub(crate) fn compress(input: &[u8], level: Level) -> Vec<u8> {
    let mut out = Vec::new();
    gzip::compress(input, level, &mut out);
    out
}

/// Compresses `input` at `level`, each piece of `piece` bytes for itself.
pub(crate) fn compressing(name: impl Into<String>, input: &[u8], piece: usize, level: Level) -> Work {
    let (input, mut out) = (input.to_vec(), Vec::new());
    work(name, input.len(), move || {
        for piece in black_box(&input).chunks(piece) {
            out.clear();
            gzip::compress(piece, level, &mut out);
        }
    })
}

/// Decompresses `data` from members of `piece` bytes each, made at `level`.
pub(crate) fn decompressing(name: impl Into<String>, data: &[u8], piece: usize, level: Level) -> Work {
    let members = data.chunks(piece).map(|raw| (compress(raw, level), raw.len())).collect();
    reading(name, members)
}

/// Decompresses members of known lengths.
fn reading(name: impl Into<String>, members: Vec<(Vec<u8>, usize)>) -> Work {
    let longest = members.iter().map(|&(_, length)| length).max().unwrap_or(0);
    let mut out = vec![0; longest];
    work(name, members.iter().map(|(_, length)| length).sum(), move || {
        for (member, length) in black_box(&members) {
            assert_eq!(gzip::decompress(member, &mut out[..*length]), Ok(*length));
        }
    })
}

/// `data` packed by another compressor, so that what is decompressed stays the same whatever ours does.
fn packed(data: &[u8], strategy: CompressionStrategy) -> Vec<u8> {
    let mut compressor = CompressorOxide::new(create_comp_flags_from_zip_params(6, -15, strategy as i32));
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut out = vec![0; data.len() + data.len() / 8 + 1024];
    let (status, _, length) =
        miniz_oxide::deflate::core::compress(&mut compressor, data, &mut out, TDEFLFlush::Finish);
    assert_eq!(status, TDEFLStatus::Done);
    member.extend_from_slice(&out[..length]);
    let mut crc = Crc32::new();
    crc.update(data);
    member.extend_from_slice(&crc.value().to_le_bytes());
    member.extend_from_slice(&(data.len() as u32).to_le_bytes());
    member
}

/// The CRC-32 of `size` random bytes.
pub(crate) fn crc32(size: usize) -> Work {
    let data = Random::new(1).bytes(size);
    work(format!("crc32 {} KiB", size >> 10), size, move || {
        let mut crc = Crc32::new();
        crc.update(black_box(&data));
        black_box(crc.value());
    })
}

/// The Adler-32 of `size` random bytes.
pub(crate) fn adler32(size: usize) -> Work {
    let data = Random::new(1).bytes(size);
    work(format!("adler32 {} KiB", size >> 10), size, move || {
        let mut adler = Adler32::new();
        adler.update(black_box(&data));
        black_box(adler.value());
    })
}

/// Match lengths at every 16th position of the sample text, to where its four bytes stood last.
fn match_lengths() -> Work {
    let mut last = std::collections::HashMap::new();
    let mut pairs = Vec::new();
    for (at, four) in ALICE.windows(4).enumerate() {
        let before = last.insert(four, at);
        let distance = before.and_then(|before| u16::try_from(at - before).ok());
        if let (Some(distance), 0) = (distance, at % 16) {
            pairs.push((at, distance));
        }
    }
    let matches = Matches::new(ALICE, pairs);
    let total = matches.total_length() as usize;
    work("match lengths", total, move || assert_eq!(black_box(&matches).total_length() as usize, total))
}

/// How often each literal stands in each 4 KiB of the sample text, with an end of block.
fn frequencies() -> Vec<[u32; 286]> {
    let count = |piece: &[u8]| {
        let mut counts = [0; 286];
        piece.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
        counts[256] = 1;
        (257..286).for_each(|symbol| counts[symbol] = counts[symbol - 200] / 2);
        counts
    };
    ALICE.chunks(4096).map(count).collect()
}

fn code_lengths() -> Work {
    let frequencies = frequencies();
    let symbols = 286 * frequencies.len();
    let mut lengths = [0; 286];
    work("code lengths", symbols, move || {
        black_box(&frequencies).iter().for_each(|counts| parts::code_lengths(counts, 15, &mut lengths));
    })
}

fn decode_tables() -> Work {
    let codes: Vec<[u8; 288]> = frequencies()
        .iter()
        .map(|counts| {
            let mut lengths = [0; 288];
            parts::code_lengths(counts, 15, &mut lengths[..286]);
            lengths
        })
        .collect();
    let distance: [u8; 32] =
        std::array::from_fn(|symbol| if symbol < 30 { 5 - u8::from(symbol < 2) } else { 0 });
    let mut tables = DecodeTables::new();
    work("decode tables", 318 * codes.len(), move || {
        black_box(&codes).iter().for_each(|litlen| assert!(tables.build(litlen, &distance)));
    })
}

/// One part of the library, ready to run.
pub(crate) type Part = (&'static str, fn() -> Work);

/// The parts that are neither checksum nor level.
pub(crate) const PARTS: [Part; 3] =
    [("match lengths", match_lengths), ("code lengths", code_lengths), ("decode tables", decode_tables)];

/// Decompression of every kind of block.
pub(crate) const INFLATE: [Part; 7] = [
    ("inflate stored", || {
        let random = Random::new(2).bytes(INPUT);
        decompressing("inflate stored", &random, INPUT, Level::STORED)
    }),
    ("inflate fixed", || {
        reading("inflate fixed", vec![(packed(&text(INPUT), CompressionStrategy::Fixed), INPUT)])
    }),
    ("inflate text", || dynamic("inflate text", &text(INPUT))),
    ("inflate records", || dynamic("inflate records", &records(INPUT / 16))),
    ("inflate object code", || dynamic("inflate object code", OBJECT)),
    ("inflate zeros", || dynamic("inflate zeros", &vec![0; INPUT])),
    ("inflate text in zlib", || {
        let mut out = vec![0; INPUT];
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(&text(INPUT), 6);
        work("inflate text in zlib", INPUT, move || {
            assert_eq!(zlib::decompress(black_box(&packed), &mut out), Ok(INPUT));
        })
    }),
];

/// Bytes that are decompressed.
const INPUT: usize = 256 << 10;

fn dynamic(name: &str, data: &[u8]) -> Work {
    reading(name, vec![(packed(data, CompressionStrategy::Default), data.len())])
}
