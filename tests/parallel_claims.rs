//! Laws of decompression in parallel: whatever the number of threads and the size of claims, the result is that of one
//! decoder that goes through the file from its start.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

use std::io::{self, Read, Write};
use std::num::NonZeroUsize;

use rigz::checksum::Crc32;
use rigz::gzip::{Decoder, Step};
use rigz::parallel::decompress::{Failure, Options, Summary, decompress_in_claims};
use rigz::{Error, Level, gzip};
use streams::{Numbers, sample, valid_stream};

#[path = "support/streams.rs"]
#[expect(dead_code, reason = "not all that makes streams is used here")]
mod streams;

/// A decompression as it can be seen: data, and how it ended.
type Outcome = (Vec<u8>, Result<Summary, Error>);

/// What one decoder makes of `file`.
fn expected(file: &[u8]) -> Outcome {
    let (mut decoder, mut input, mut data) = (Decoder::new(), file, Vec::new());
    let result = loop {
        match decoder.decode(&mut input) {
            Ok(Step::Output) => {
                data.extend_from_slice(decoder.output());
                decoder.consume(decoder.output().len());
            }
            Ok(Step::NeedsInput) => decoder.end_of_input(),
            Ok(Step::Done) => {
                break Ok(Summary {
                    read: decoder.total_in(),
                    written: data.len() as u64,
                    members: decoder.members(),
                    crc: decoder.crc(),
                    header: decoder.header().cloned().expect("a header was read"),
                    trailing: decoder.trailing(),
                });
            }
            Err(error) => break Err(error),
        }
    };
    (data, result)
}

/// A reader that gives at most `piece` bytes a call.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.1);
        self.0.read(&mut buffer[..count])
    }
}

/// What `threads` make of `file`, and how many claims were of use.
fn outcome(file: &[u8], threads: usize, claim: u64, piece: usize) -> (Outcome, u64) {
    let mut data = Vec::new();
    let made = decompress_in_claims(Pieces(file, piece), &mut data, &options(file, threads, piece), claim);
    seen(made, data)
}

fn options(file: &[u8], threads: usize, piece: usize) -> Options {
    let threads = NonZeroUsize::new(threads).expect("a thread");
    Options { threads, input_length: (piece > 50_000).then_some(file.len() as u64) }
}

fn seen((result, used): (Result<Summary, Failure>, u64), data: Vec<u8>) -> (Outcome, u64) {
    let result = result.map_err(|failure| match failure {
        Failure::Data(error) => error,
        other => panic!("{other}"),
    });
    ((data, result), used)
}

fn member(deflated: &[u8], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc32::new();
    crc.update(data);
    [
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
        deflated,
        &crc.value().to_le_bytes(),
        &(data.len() as u32).to_le_bytes(),
    ]
    .concat()
}

/// Files of every kind that is decoded in its own way, named.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mut numbers = Numbers(1);
    let text = sample(&mut numbers, 300_000);
    let noise: Vec<u8> = (0..150_000).map(|_| numbers.below(256) as u8).collect();
    let mixed: Vec<u8> =
        text.chunks(20_000).zip(noise.chunks(9_000)).flat_map(|(a, b)| [a, b].concat()).collect();
    let one = |data: &[u8], level: u8| {
        let mut out = Vec::new();
        gzip::compress(data, Level::new(level).expect("a level"), &mut out);
        out
    };
    // Blocks of a writer that ends them often, and knows fixed ones.
    let other = |data: &[u8], level: u8| member(&miniz_oxide::deflate::compress_to_vec(data, level), data);
    let blocks = |numbers: &mut Numbers, blocks, tokens| {
        let (stream, data) = valid_stream(numbers, blocks, tokens);
        member(&stream, &data)
    };
    let mut files = vec![
        ("text", one(&text, 6)),
        ("text of another writer", other(&text, 6)),
        ("fast", one(&text, 1)),
        ("noise", one(&noise, 6)),
        ("text and noise", one(&mixed, 6)),
        ("stored", one(&text, 0)),
        ("zeros", one(&[0; 2_000_000], 6)),
        ("all kinds of blocks", blocks(&mut numbers, 60, 300)),
        ("small blocks", blocks(&mut numbers, 600, 20)),
        ("two members", [one(&text, 6), other(&mixed, 9)].concat()),
        ("small members", text.chunks(900).flat_map(|data| one(data, 6)).collect()),
        (
            "tiny and empty members",
            text.chunks(7).take(3_000).flat_map(|data| [one(data, 6), one(b"", 6)].concat()).collect(),
        ),
        ("members of blocks", (0..40).flat_map(|i| blocks(&mut numbers, 1 + i % 4, 100)).collect()),
        ("zeros behind", [one(&text, 6), vec![0; 5_000]].concat()),
        ("garbage behind", [one(&text, 6), text[..5_000].to_vec()].concat()),
        ("half a magic number behind", [one(&text, 6), vec![0x1f]].concat()),
        ("a bad member behind", [one(&text, 6), b"\x1f\x8b\x07".to_vec()].concat()),
    ];
    // Words at random, in many blocks that refer to each other; a writer with little memory makes blocks of 127 symbols.
    let words: Vec<u8> = (0..60_000)
        .flat_map(|_| {
            let word = (numbers.below(3_000) as u32).wrapping_mul(0x9e37_79b1);
            word.to_string().into_bytes().into_iter().skip(2).chain(*b" ")
        })
        .collect();
    for (name, mem_level) in [("words", 8), ("words in small blocks", 1)] {
        let config = zlib_rs::DeflateConfig { mem_level, window_bits: 15, ..zlib_rs::DeflateConfig::new(6) };
        let mut buffer = vec![0; 1 << 20];
        let (stream, code) = zlib_rs::compress_slice(&mut buffer, &words, config);
        assert_eq!(code, zlib_rs::ReturnCode::Ok);
        // Without the header and the trailer of zlib.
        files.push((name, member(&stream[2..stream.len() - 4], &words)));
    }
    // Flushes: what comes behind may refer to what was before, or not.
    for is_independent in [false, true] {
        let mut flate = zlib_rs::Deflate::new(6, false, 15);
        let (mut stream, mut buffer) = (Vec::new(), vec![0; 1 << 20]);
        for piece in text.chunks(15_000) {
            let flush = if is_independent {
                zlib_rs::DeflateFlush::FullFlush
            } else {
                zlib_rs::DeflateFlush::SyncFlush
            };
            let before = flate.total_out();
            flate.compress(piece, &mut buffer, flush).expect("room");
            stream.extend_from_slice(&buffer[..(flate.total_out() - before) as usize]);
        }
        let before = flate.total_out();
        flate.compress(&[], &mut buffer, zlib_rs::DeflateFlush::Finish).expect("room");
        stream.extend_from_slice(&buffer[..(flate.total_out() - before) as usize]);
        files.push((if is_independent { "full flushes" } else { "flushes" }, member(&stream, &text)));
    }
    // Members whose data look like members and blocks.
    let inner = one(&text[..60_000], 6);
    files.push(("a stored file in a file", one(&inner, 0)));
    files.push(("files stored in files", [one(&[&inner[..], &inner, &inner].concat(), 0), inner].concat()));
    // In each stored block what looks like a member, with a block of no kind in it.
    let (mut stream, mut data) = (Vec::new(), Vec::new());
    for few in text[..120_000].chunks_exact(600) {
        let few = [few, b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xff"].concat();
        let length = few.len() as u16;
        stream.extend_from_slice(&[&[0][..], &length.to_le_bytes(), &(!length).to_le_bytes(), &few].concat());
        data.extend(few);
    }
    stream.extend_from_slice(b"\x01\0\0\xff\xff");
    files.push(("false members", [one(b"", 6), member(&stream, &data)].concat()));
    files
}

#[test]
fn any_threads_and_claims_give_the_data_of_one_decoder() {
    for (name, file) in files() {
        let one = expected(&file);
        for (threads, claim, piece) in [
            (1, 1 << 10, 1 << 20),
            (1, 30_000, 9_000),
            (2, 1 << 10, 1 << 20),
            (2, 3_000, 5_000),
            (3, 9_999, 777),
            (8, 2_000, 1 << 20),
            (4, 40_000, 1 << 16),
        ] {
            let (many, _) = outcome(&file, threads, claim, piece);
            assert_eq!(many.1, one.1, "{name}, {threads} threads, claims of {claim}");
            assert!(many.0 == one.0, "{name}, {threads} threads, claims of {claim}");
        }
    }
}

/// Damages `file` in one of three ways; tells where.
fn damage(file: &mut Vec<u8>, way: usize, numbers: &mut Numbers) -> usize {
    let at = numbers.below(file.len());
    match way % 3 {
        0 => file.truncate(at),
        1 => file[at] ^= 1 << numbers.below(8),
        _ => {
            let end = file.len().min(at + 40);
            file[at..end].iter_mut().for_each(|byte| *byte = numbers.below(256) as u8);
        }
    }
    at
}

#[test]
fn any_damage_gives_the_data_and_the_error_of_one_decoder() {
    let mut numbers = Numbers(2);
    for (name, file) in files() {
        for round in 0..12 {
            let mut file = file.clone();
            let at = damage(&mut file, round, &mut numbers);
            let one = expected(&file);
            let (many, _) = outcome(&file, 2 + round % 3, [1_024, 5_000][round % 2], 1 << 20);
            assert_eq!(many.1, one.1, "{name}, damage {} at {at}", round % 3);
            assert!(many.0 == one.0, "{name}, damage {} at {at}", round % 3);
        }
    }
}

#[test]
fn a_distance_before_the_start_of_a_member_is_an_error_in_any_thread() {
    // The second member refers to the first, as if that was its history.
    let mut numbers = Numbers(3);
    let text = sample(&mut numbers, 80_000);
    let whole = miniz_oxide::deflate::compress_to_vec(&text, 6);
    let first = member(&miniz_oxide::deflate::compress_to_vec(&text[..30_000], 6), &text[..30_000]);
    // A stored block of little, then blocks that reach back farther.
    let mut flate = zlib_rs::Deflate::new(6, false, 15);
    let mut buffer = vec![0; 1 << 20];
    flate.compress(&text[..30_000], &mut buffer, zlib_rs::DeflateFlush::SyncFlush).expect("room");
    let cut = flate.total_out() as usize;
    flate.compress(&text[..], &mut buffer, zlib_rs::DeflateFlush::Finish).expect("room");
    let rest = &buffer[cut..flate.total_out() as usize];
    let file = [&first[..], &member(&[&b"\0\x05\0\xfa\xffhello"[..], rest].concat(), &text)].concat();
    let one = expected(&file);
    assert!(one.1.is_err() && whole.len() > 1000);
    for claim in [300, 1_024, 4_000] {
        for threads in [2, 4] {
            let (many, _) = outcome(&file, threads, claim, 1 << 20);
            assert!(many == one, "{threads} threads, claims of {claim}: {:?} {:?}", many.1, one.1);
        }
    }
}

#[test]
fn claims_are_used_wherever_there_are_places_to_start_at() {
    // Else the other tests would show nothing.
    let files = files();
    for (name, claim, least) in [
        ("words", 60_000, 1),
        ("words in small blocks", 1_024, 50),
        ("text and noise", 3_000, 10),
        ("small members", 1_024, 50),
        ("false members", 3_000, 20),
        ("flushes", 3_000, 5),
        ("full flushes", 3_000, 5),
    ] {
        let file = &files.iter().find(|(other, _)| *other == name).expect("such a file").1;
        for threads in [1, 2] {
            let (many, used) = outcome(file, threads, claim, 1 << 20);
            assert!(many == expected(file));
            assert!(used >= least, "{name}, {threads} threads: {used} claims used");
        }
    }
}

#[test]
fn a_panicking_writer_leaves_no_thread_waiting() {
    struct Fuse(usize);
    impl Write for Fuse {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            assert!(self.0 > 0, "blown");
            self.0 -= 1;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut file = Vec::new();
    gzip::compress(&sample(&mut Numbers(5), 3_000_000), Level::DEFAULT, &mut file);
    for threads in [1, 2, 5] {
        let threads = NonZeroUsize::new(threads).expect("a thread");
        let ended = std::panic::catch_unwind(|| {
            decompress_in_claims(&file[..], Fuse(3), &Options::new(threads), 20_000).0.is_ok()
        });
        assert!(ended.is_err(), "the panic comes through");
    }
}

#[cfg(feature = "rayon")]
mod pool {
    use super::*;
    use rigz::parallel::decompress::decompress_in_tasks;
    use std::sync::Arc;

    /// What tasks of a pool make of `file`, and how many claims were of use.
    fn outcome(file: &[u8], pool: &Arc<rayon::ThreadPool>, claim: u64, piece: usize) -> (Outcome, u64) {
        let mut data = Vec::new();
        let options = options(file, pool.current_num_threads() + 1, piece);
        let made = decompress_in_tasks(Pieces(file, piece), &mut data, &options, claim, Arc::clone(pool));
        seen(made, data)
    }

    fn pool(threads: usize) -> Arc<rayon::ThreadPool> {
        Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool"))
    }

    #[test]
    fn any_pool_and_claims_give_the_data_and_the_error_of_one_decoder() {
        let mut numbers = Numbers(4);
        let pools = [pool(1), pool(2), pool(5)];
        for (name, file) in files() {
            for round in 0..8 {
                let mut file = file.clone();
                let at = if round < 4 { 0 } else { damage(&mut file, round, &mut numbers) };
                let one = expected(&file);
                let pool = &pools[round % 3];
                let (claim, piece) =
                    [(1_024, 1 << 20), (30_000, 9_000), (3_000, 777), (5_000, 1 << 16)][round % 4];
                let (many, _) = outcome(&file, pool, claim, piece);
                assert_eq!(many.1, one.1, "{name}, round {round}, damage at {at}");
                assert!(many.0 == one.0, "{name}, round {round}, damage at {at}");
            }
        }
    }

    #[test]
    fn what_tasks_decode_ahead_is_used() {
        let (files, pool) = (files(), pool(2));
        for (name, claim, least) in
            [("words", 60_000, 1), ("words in small blocks", 1_024, 50), ("small members", 1_024, 20)]
        {
            let file = &files.iter().find(|(other, _)| *other == name).expect("such a file").1;
            let (many, used) = outcome(file, &pool, claim, 1 << 20);
            assert!(many == expected(file));
            assert!(used >= least, "{name}: {used} claims used");
        }
    }
}
