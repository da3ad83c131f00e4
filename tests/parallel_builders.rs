//! Laws of the readers and writers over threads: the bytes of one thread, nothing lost by an error, no wait without end.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::io::{self, ErrorKind, Read, Write};
use std::num::NonZeroUsize;

use rigz::deflate::chunk_bytes;
use rigz::gzip::HeaderBuilder;
use rigz::parallel::{CompressBuilder, DecompressBuilder};
use rigz::{Level, gzip};

#[path = "common/pieces.rs"]
mod pieces;
#[path = "common/text.rs"]
mod text;

use pieces::{Pieces, in_time};
use text::sample;

fn threads(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).expect("threads")
}

fn builder(level: Level, number: usize) -> CompressBuilder {
    CompressBuilder::new(level).threads(threads(number))
}

/// What the writer of one thread makes, flushed at `flush_at`.
fn alone(input: &[u8], level: Level, flush_at: Option<usize>) -> Vec<u8> {
    let mut writer = rigz::io::Writer::gzip(Vec::new(), level);
    let (first, second) = input.split_at(flush_at.unwrap_or(0));
    writer.write_all(first).expect("a vector takes all");
    if flush_at.is_some() {
        writer.flush().expect("a vector takes all");
    }
    writer.write_all(second).expect("a vector takes all");
    writer.finish().expect("a vector takes all")
}

#[test]
fn writers_and_readers_make_the_bytes_of_one_thread() {
    for number in [0, 1, 6, 9] {
        let level = Level::new(number).expect("level");
        let chunk = chunk_bytes(level);
        for len in [0, 1, chunk, chunk + 1, 3 * chunk + 4321] {
            let input = sample(len);
            let expected = alone(&input, level, None);
            for count in [1, 2, 5] {
                let mut writer = builder(level, count).writer(Vec::new());
                input.chunks(77_777).for_each(|piece| writer.write_all(piece).expect("a vector takes all"));
                assert_eq!(writer.total_in(), len as u64);
                let made = writer.finish().expect("a vector takes all");
                assert!(made == expected, "written, level {number}, length {len}, {count} threads");
                let mut made = Vec::new();
                let mut reader = builder(level, count).reader(Pieces::new(&input, 99_999));
                reader.read_to_end(&mut made).expect("no error");
                assert!(made == expected, "read, level {number}, length {len}, {count} threads");
            }
        }
    }
}

#[test]
fn headers_and_flushes_are_those_of_one_thread() {
    let level = Level::DEFAULT;
    let input = sample(2 * chunk_bytes(level) + 1000);
    for flush_at in [0, 1000, chunk_bytes(level), chunk_bytes(level) + 5] {
        let mut writer = builder(level, 3).writer(Vec::new());
        writer.write_all(&input[..flush_at]).expect("a vector takes all");
        writer.flush().expect("a vector takes all");
        // All of it can be read now.
        let mut decoder = rigz::io::GzipReader::new(&writer.get_ref()[..]);
        let mut back = vec![0; flush_at];
        decoder.read_exact(&mut back).expect("flushed");
        assert!(back == input[..flush_at]);
        writer.flush().expect("a flush of nothing");
        writer.write_all(&input[flush_at..]).expect("a vector takes all");
        assert!(writer.finish().expect("a vector takes all") == alone(&input, level, Some(flush_at)));
    }
    let header = HeaderBuilder::new().mtime(7).name(b"name").expect("no zero byte");
    let mut member = Vec::new();
    builder(level, 2).header(header.clone()).reader(&b"a"[..]).read_to_end(&mut member).expect("no error");
    let mut expected = rigz::io::Writer::new(Vec::new(), gzip::Encoder::new(level, &header));
    expected.write_all(b"a").expect("a vector takes all");
    assert_eq!(member, expected.finish().expect("a vector takes all"));
}

/// Fails at every other call, and takes few bytes at the others.
struct Stubborn(Vec<u8>, bool);

impl Write for Stubborn {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let count = bytes.len().min(100_000);
        self.0.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn errors_of_the_inner_side_lose_nothing() {
    let level = Level::FAST;
    let input = sample(5 * chunk_bytes(level) + 5);
    let expected = alone(&input, level, None);
    let mut writer = builder(level, 3).writer(Stubborn(Vec::new(), false));
    let mut rest = &input[..];
    while !rest.is_empty() {
        rest = &rest[writer.write(rest).unwrap_or(0)..];
    }
    while writer.try_finish().is_err() {}
    assert!(writer.get_ref().0 == expected);
    assert_eq!(writer.write(b"late").expect("refused, not failed"), 0);

    let failing = Pieces::new(&input, 300_000).failing(Some((9, ErrorKind::TimedOut)));
    let mut reader = builder(level, 3).reader(failing);
    let mut made = Vec::new();
    let error = reader.read_to_end(&mut made).expect_err("it fails");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    reader.read_to_end(&mut made).expect("once");
    assert!(made == expected);
}

#[test]
fn what_is_dropped_unfinished_ends_at_once_and_what_is_abandoned_has_no_end() {
    let input = sample(8 << 20);
    in_time(move || {
        let mut written = Vec::new();
        let mut writer = builder(Level::BEST, 3).writer(&mut written);
        writer.write_all(&input).expect("a vector takes all");
        drop(writer);
        let mut back = Vec::new();
        rigz::io::GzipReader::new(&written[..]).read_to_end(&mut back).expect("a whole member");
        assert!(back == input);

        written.clear();
        let mut writer = builder(Level::BEST, 3).writer(&mut written);
        writer.write_all(&input).expect("a vector takes all");
        let mut decoder = rigz::io::GzipReader::new(&writer.abandon()[..]);
        let error = io::copy(&mut decoder, &mut io::sink()).expect_err("the member has no end");
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        let mut reader = builder(Level::BEST, 3).reader(&input[..]);
        reader.read_exact(&mut [0; 100]).expect("some of it");
    });
}

#[test]
fn small_limits_of_memory_change_no_byte() {
    let input = sample(6 << 20);
    let expected = alone(&input, Level::FAST, None);
    for limit in [0, 8 << 20, 20 << 20, 40 << 20] {
        let mut made = Vec::new();
        let mut reader = builder(Level::FAST, 4).memory_limit(limit).reader(&input[..]);
        reader.read_to_end(&mut made).expect("no error");
        assert!(made == expected, "limit {limit}");
        let builder = DecompressBuilder::new().threads(threads(3)).memory_limit(limit);
        let mut back = Vec::new();
        builder.reader(io::Cursor::new(made)).expect("a thread").read_to_end(&mut back).expect("valid");
        assert!(back == input, "limit {limit}");
    }
}

#[test]
fn data_comes_before_the_error_and_the_summary_after_the_data() {
    let input = sample(3 << 20);
    let file = [alone(&input, Level::DEFAULT, None), alone(b"second", Level::FAST, None)].concat();
    for count in [1, 2] {
        let (input, file) = (input.clone(), file.clone());
        in_time(move || {
            let builder = DecompressBuilder::new().threads(threads(count)).input_length(file.len() as u64);
            let mut reader = builder.clone().reader(io::Cursor::new(file.clone())).expect("a thread");
            let mut back = Vec::new();
            reader.read_to_end(&mut back).expect("valid");
            assert!(back == [&input[..], b"second"].concat());
            let summary = reader.summary().expect("at the end");
            assert_eq!((summary.members, summary.read), (2, file.len() as u64));
            assert_eq!(reader.read(&mut [0; 9]).expect("still the end"), 0);

            let cut = io::Cursor::new(file[..file.len() - 9].to_vec());
            let mut reader = builder.clone().reader(cut).expect("a thread");
            back.clear();
            let error = reader.read_to_end(&mut back).expect_err("cut");
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
            assert!(back.starts_with(&input) && reader.summary().is_none());

            // Dropped in the middle of the data.
            let mut reader = builder.reader(io::Cursor::new(file)).expect("a thread");
            reader.read_exact(&mut [0; 9]).expect("some of it");
        });
    }
}

#[cfg(feature = "rayon")]
mod pool {
    use super::*;
    use std::sync::Arc;

    fn pool(threads: usize) -> Arc<rayon::ThreadPool> {
        Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool"))
    }

    #[test]
    fn a_pool_makes_the_bytes_of_one_thread() {
        let input = sample(5 << 20);
        for level in [Level::FAST, Level::BEST] {
            let expected = alone(&input, level, None);
            for pool in [pool(1), pool(3)] {
                let mut writer = CompressBuilder::new(level).pool(Arc::clone(&pool)).writer(Vec::new());
                writer.write_all(&input).expect("a vector takes all");
                assert!(writer.finish().expect("a vector takes all") == expected);
                let mut made = Vec::new();
                let mut reader =
                    CompressBuilder::new(level).pool(pool).memory_limit(16 << 20).reader(&input[..]);
                reader.read_to_end(&mut made).expect("no error");
                assert!(made == expected);
            }
        }
    }

    #[test]
    fn a_task_of_a_full_pool_finds_its_end() {
        let input = sample(5 << 20);
        let expected = alone(&input, Level::FAST, None);
        in_time(move || {
            let pool = pool(1);
            let inner = Arc::clone(&pool);
            let made = pool.install(move || {
                let mut writer = CompressBuilder::new(Level::FAST).pool(inner).writer(Vec::new());
                writer.write_all(&input).expect("a vector takes all");
                writer.finish().expect("a vector takes all")
            });
            assert!(made == expected);
        });
    }
}
