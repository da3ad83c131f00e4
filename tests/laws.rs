//! What holds for every input: each test is a law of the library, tried on families of data of every kind.

#[path = "common/families.rs"]
mod families;
#[path = "common/oracles.rs"]
mod oracles;

use families::{Random, families, records, text};
use oracles::ORACLES;
use rigz::deflate::{Encode, Flush, chunk_bytes};
use rigz::gzip::{self, Decoder, Encoder, HeaderBuilder, Step};
use rigz::{Error, ErrorKind, Level};

fn levels() -> impl Iterator<Item = Level> {
    (0..).map_while(Level::new)
}

fn compress(input: &[u8], level: Level) -> Vec<u8> {
    let mut out = Vec::new();
    gzip::compress(input, level, &mut out);
    out
}

/// Data and verdict, the input in pieces of `read(n)` bytes, at most `write(n)` bytes of output taken at once.
fn decompress_in_pieces(
    mut rest: &[u8],
    mut read: impl FnMut(usize) -> usize,
    mut write: impl FnMut(usize) -> usize,
) -> (Vec<u8>, Result<(), Error>) {
    let mut decoder = Decoder::new();
    let mut piece: &[u8] = &[];
    let mut out = Vec::new();
    loop {
        match decoder.decode(&mut piece) {
            Ok(Step::Output) => {
                let count = write(decoder.output().len());
                out.extend_from_slice(&decoder.output()[..count]);
                decoder.consume(count);
            }
            Ok(Step::NeedsInput) if rest.is_empty() => decoder.end_of_input(),
            Ok(Step::NeedsInput) => (piece, rest) = rest.split_at(read(rest.len())),
            Ok(Step::Done) => return (out, Ok(())),
            Err(error) => return (out, Err(error)),
        }
    }
}

fn decompress(input: &[u8]) -> (Vec<u8>, Result<(), Error>) {
    decompress_in_pieces(input, |left| left, |ready| ready)
}

/// The most bytes a member may have: everything stored, each chunk cut anew into stored blocks.
fn bound(len: usize, level: Level) -> usize {
    let chunk = chunk_bytes(level);
    let stored = |bytes: usize| bytes + 5 * bytes.div_ceil(65_535).max(1);
    10 + (len / chunk) * stored(chunk) + stored(len % chunk) + 8
}

#[test]
fn every_decoder_reads_back_every_family_at_every_level() {
    for (name, input) in families() {
        for level in levels() {
            let member = compress(&input, level);
            let case = format!("{name}, level {}", level.number());
            assert!(member.len() <= bound(input.len(), level), "{case}: {} bytes", member.len());
            assert!(decompress(&member) == (input.clone(), Ok(())), "{case}: rigz");
            for (oracle, decode) in ORACLES {
                let data = decode(&member).unwrap_or_else(|error| panic!("{case}: {oracle}: {error}"));
                assert!(data == input, "{case}: {oracle}: other data");
            }
        }
    }
}

#[test]
fn lengths_around_the_borders_of_matches_windows_and_chunks_come_back() {
    let input: Vec<u8> = [text(90_000), records(3_000), vec![0; 40_000]].concat().repeat(13);
    for level in levels() {
        let chunk = chunk_bytes(level);
        let near = |at: usize| [at - 1, at, at + 1];
        for len in [3, 4, 258, 32_768, 65_535, 65_536, chunk].into_iter().flat_map(near) {
            let member = compress(&input[..len], level);
            assert!(
                decompress(&member) == (input[..len].to_vec(), Ok(())),
                "{len} bytes, level {}",
                level.number()
            );
        }
        let len = 2 * chunk + 1;
        let member = compress(&input[..len], level);
        for (oracle, decode) in ORACLES {
            assert!(decode(&member).as_deref() == Ok(&input[..len]), "{oracle}, level {}", level.number());
        }
    }
}

#[test]
fn the_cut_of_the_input_does_not_show_in_the_output() {
    let input = [text(70_000), records(2_000), Random::new(7).bytes(30_000)].concat();
    let mut random = Random::new(8);
    for level in levels() {
        let whole = compress(&input, level);
        for longest in [1, 300, 70_000] {
            let (mut encoder, mut out) = (Encoder::new(level, &HeaderBuilder::new()), Vec::new());
            let mut rest = &input[..];
            while !rest.is_empty() {
                let (piece, tail) = rest.split_at(rest.len().min(1 + random.below(longest)));
                encoder.feed_all(piece, &mut out);
                rest = tail;
            }
            encoder.flush(Flush::Finish, &mut out);
            assert!(out == whole, "pieces of up to {longest}, level {}", level.number());
        }
    }
}

#[test]
fn all_that_was_fed_before_a_flush_can_be_read_at_once() {
    let input = text(50_000);
    let mut random = Random::new(9);
    for level in levels() {
        for how in [Flush::Sync, Flush::Full] {
            let (mut encoder, mut out) = (Encoder::new(level, &HeaderBuilder::new()), Vec::new());
            let mut fed = 0;
            while fed < input.len() {
                let piece = &input[fed..input.len().min(fed + 1 + random.below(20_000))];
                encoder.feed_all(piece, &mut out);
                encoder.flush(how, &mut out);
                fed += piece.len();
                let (data, verdict) = decompress(&out);
                assert!(data == input[..fed], "{how:?} at {fed}, level {}", level.number());
                assert_eq!(verdict.map_err(|e| e.kind()), Err(ErrorKind::UnexpectedEnd));
            }
            encoder.flush(Flush::Finish, &mut out);
            assert!(decompress(&out) == (input.clone(), Ok(())), "{how:?}, level {}", level.number());
        }
    }
}

#[test]
fn the_cut_of_input_and_output_does_not_show_in_what_is_decoded() {
    let mut random = Random::new(10);
    for (name, input) in families() {
        let mut file = compress(&input, Level::DEFAULT);
        for damaged in [false, true] {
            if damaged {
                let at = random.below(file.len());
                file[at] ^= 1 << random.below(8);
            }
            let whole = decompress(&file);
            for (longest_read, longest_write) in
                [(1, usize::MAX), (usize::MAX, 1_000), (50, 77), (9_000, 40_000)]
            {
                let mut other = Random::new(random.next());
                let cut =
                    |left: usize, longest: usize, random: &mut Random| left.min(1 + random.below(longest));
                let pieces = decompress_in_pieces(
                    &file,
                    |left| cut(left, longest_read, &mut random),
                    |ready| cut(ready, longest_write, &mut other),
                );
                assert!(pieces == whole, "{name}, damaged: {damaged}, {longest_read}, {longest_write}");
            }
        }
    }
}

#[test]
fn members_one_after_the_other_are_their_data_one_after_the_other() {
    let families = families();
    let mut random = Random::new(11);
    for _ in 0..20 {
        let (mut file, mut data) = (Vec::new(), Vec::new());
        for _ in 0..random.below(5) + 1 {
            let (_, input) = &families[random.below(families.len())];
            file.extend(compress(input, Level::FAST));
            data.extend_from_slice(input);
        }
        assert!(decompress(&file) == (data, Ok(())));
    }
}

#[test]
fn every_prefix_is_an_error_that_keeps_the_data_before_it() {
    for level in levels() {
        for input in [&b""[..], b"a", &text(3_000), &records(100), &Random::new(12).bytes(500)] {
            let member = compress(input, level);
            for end in 0..member.len() {
                let (data, verdict) = decompress(&member[..end]);
                let expected = Err(Error::new(ErrorKind::UnexpectedEnd, end as u64));
                assert_eq!(verdict, expected, "{end} of {} bytes, level {}", member.len(), level.number());
                assert!(input.starts_with(&data), "other data: {end} bytes, level {}", level.number());
            }
        }
    }
}

#[test]
fn every_flipped_bit_is_an_error_or_the_same_data() {
    for level in levels() {
        for input in [&b"abc"[..], &text(1_500), &records(60), &[0; 2_000]] {
            let mut member = compress(input, level);
            for bit in 0..8 * member.len() {
                member[bit / 8] ^= 1 << (bit % 8);
                let (data, verdict) = decompress(&member);
                assert!(verdict.is_err() || data == input, "bit {bit}, level {}", level.number());
                member[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}

#[cfg(feature = "parallel")]
mod parallel {
    use super::*;
    use rigz::parallel::{Options, compress as compress_parallel};
    use std::io::{self, Read};
    use std::num::NonZeroUsize;

    /// A reader that gives a few bytes at a time, as a pipe does.
    struct Pipe<'a>(&'a [u8], Random);

    impl Read for Pipe<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(1 + self.1.below(100_000));
            let (piece, rest) = self.0.split_at(count);
            buffer[..count].copy_from_slice(piece);
            self.0 = rest;
            Ok(count)
        }
    }

    #[test]
    fn the_number_of_threads_does_not_show_in_the_output() {
        let piece = [text(200_000), records(5_000), Random::new(13).bytes(50_000)].concat();
        for level in levels() {
            let chunk = chunk_bytes(level);
            let input: Vec<u8> = piece.iter().copied().cycle().take(3 * chunk + 12_345).collect();
            for len in [0, 1, chunk, chunk + 1, input.len()] {
                let whole = compress(&input[..len], level);
                for threads in [1, 2, 3, 8] {
                    let mut options = Options::new(level);
                    options.threads = NonZeroUsize::new(threads).expect("not zero");
                    let mut out = Vec::new();
                    let totals = compress_parallel(Pipe(&input[..len], Random::new(14)), &mut out, &options);
                    assert!(out == whole, "{len} bytes, {threads} threads, level {}", level.number());
                    assert_eq!(
                        totals.map(|t| (t.read, t.written)).ok(),
                        Some((len as u64, whole.len() as u64))
                    );
                }
            }
        }
    }
}
