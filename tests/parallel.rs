//! Laws of compression in parallel: the same bytes whatever the threads and the reads, and a prompt end of everything
//! when a reader or a writer fails.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::io::{self, ErrorKind, Read, Write};
use std::num::NonZeroUsize;
use std::sync::mpsc;
use std::time::Duration;

use rigz::deflate::{Deflate, Encode, Flush, chunk_bytes};
use rigz::gzip::{Encoder, HeaderBuilder};
use rigz::parallel::{Cuts, Failure, Options, Totals, compress};
use rigz::{Format, Level, gzip, zlib};

#[path = "common/pieces.rs"]
mod pieces;

use pieces::{Pieces, in_time};

/// Text-like bytes with repeats near and far.
fn sample(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut step = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize
    };
    let words: Vec<Vec<u8>> =
        (0..2000).map(|_| (0..step() % 9 + 2).map(|_| b'a' + (step() % 26) as u8).collect()).collect();
    let mut out = Vec::with_capacity(len + 16);
    while out.len() < len {
        out.extend_from_slice(&words[step() % words.len()]);
        out.push(b' ');
    }
    out.truncate(len);
    out
}

fn options(level: Level, threads: usize) -> Options {
    Options { threads: NonZeroUsize::new(threads).expect("threads"), ..Options::new(level) }
}

/// A writer that takes `piece` bytes a call, and at call `fail_at` gives an error.
struct Taker {
    taken: Vec<u8>,
    piece: usize,
    calls: usize,
    fail_at: Option<(usize, ErrorKind)>,
}

impl Taker {
    fn new(piece: usize) -> Self {
        Self { taken: Vec::new(), piece, calls: 0, fail_at: None }
    }
}

impl Write for Taker {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls += 1;
        match self.fail_at {
            Some((call, kind)) if call == self.calls => return Err(kind.into()),
            _ => {}
        }
        let count = self.piece.min(bytes.len());
        self.taken.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn streamed(input: &[u8], level: Level) -> Vec<u8> {
    let (mut member, mut out) = (Encoder::new(level, &HeaderBuilder::new()), Vec::new());
    member.feed_all(input, &mut out);
    member.flush(Flush::Finish, &mut out);
    out
}

#[test]
fn any_number_of_threads_makes_the_bytes_of_the_streaming_encoder() {
    for number in 0..=10 {
        let level = Level::new(number).expect("level");
        let chunk = chunk_bytes(level);
        for len in [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk + 4321] {
            let input = sample(len);
            let expected = streamed(&input, level);
            let (mut back, mut one_shot) = (Vec::new(), Vec::new());
            gzip::compress(&input, level, &mut one_shot);
            assert!(one_shot == expected, "one shot, level {number}, length {len}");
            let all = [1, 2, 3, 8, 64];
            for threads in if len > 2 * chunk { &all[..] } else { &all[1..2] }.iter().copied() {
                back.clear();
                let totals =
                    compress(&input[..], &mut back, &options(level, threads)).expect("no failing side");
                assert!(back == expected, "level {number}, length {len}, {threads} threads");
                let (read, written) = (len as u64, expected.len() as u64);
                assert_eq!(totals, Totals { read, written, checksum: crc32fast::hash(&input) });
            }
        }
    }
}

/// What an encoder makes of `input` with a flush behind each of `blocks`.
fn flushed(mut encoder: impl Encode, input: &[u8], block: usize, how: Flush) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, block) in input.chunks(block).enumerate() {
        encoder.flush(if i > 0 { how } else { Flush::None }, &mut out);
        encoder.feed_all(block, &mut out);
    }
    encoder.flush(Flush::Finish, &mut out);
    out
}

#[test]
fn cuts_and_formats_make_the_bytes_of_a_flushed_encoder_on_any_number_of_threads() {
    let level = Level::new(2).expect("level");
    let chunk = chunk_bytes(level);
    for (len, block) in
        [(0, 9), (1 << 20, 1 << 18), ((1 << 20) + 1, 1 << 18), (3 * chunk + 9, chunk + (chunk >> 1))]
    {
        let input = sample(len);
        for (is_independent, how) in [(false, Flush::Sync), (true, Flush::Full)] {
            let raw = flushed(Deflate::new(level), &input, block, how);
            let zlib = flushed(zlib::Encoder::new(level), &input, block, how);
            let gzip = flushed(Encoder::new(level, &HeaderBuilder::new()), &input, block, how);
            for (format, expected) in [(Format::Raw, raw), (Format::Zlib, zlib), (Format::Gzip, gzip)] {
                for threads in [1, 3] {
                    let cuts = Cuts::Every(NonZeroUsize::new(block).expect("a size"));
                    let options = Options { format, cuts, is_independent, ..options(level, threads) };
                    let mut out = Vec::new();
                    compress(Pieces::new(&input, 100_000), &mut out, &options).expect("no failing side");
                    assert!(out == expected, "{format:?}, {len} bytes, {how:?}, {threads} threads");
                }
            }
        }
    }
}

#[test]
fn cuts_by_content_come_back_and_do_not_depend_on_threads_or_reads() {
    let level = Level::new(1).expect("level");
    let input = sample(1 << 21);
    let run = |threads, piece| {
        let mut out = Vec::new();
        let options = Options { cuts: Cuts::ByContent, ..options(level, threads) };
        compress(Pieces::new(&input, piece), &mut out, &options).expect("no failing side");
        out
    };
    let expected = run(1, usize::MAX);
    let marks = expected.windows(4).filter(|bytes| bytes == b"\0\0\xff\xff").count();
    assert!((10..40).contains(&marks), "{marks} cuts");
    assert!(run(3, 1 << 16) == expected && run(2, 4099) == expected);
    let mut back = vec![0; input.len()];
    assert_eq!(gzip::decompress(&expected, &mut back), Ok(input.len()));
    assert!(back == input);
}

#[test]
fn any_cut_of_reads_and_writes_makes_the_same_bytes() {
    let level = Level::new(3).expect("level");
    let chunk = chunk_bytes(level);
    let input = sample(3 * chunk + 100);
    let expected = streamed(&input, level);
    for (piece, room) in [(chunk - 1, usize::MAX), (chunk + 1, 100_000), (4096, 4096), (77_777, 1009)] {
        for threads in [1, 3] {
            let reader = Pieces::new(&input, piece).failing(Some((2, ErrorKind::Interrupted)));
            let mut writer = Taker::new(room);
            writer.fail_at = Some((2, ErrorKind::Interrupted));
            let taken = in_time(move || {
                compress(reader, &mut writer, &options(level, threads))
                    .expect("interruptions are no failures");
                writer.taken
            });
            assert!(taken == expected, "reads of {piece}, writes of {room}, {threads} threads");
        }
    }
}

#[test]
fn a_failing_reader_ends_everything_at_any_call() {
    let level = Level::FAST;
    let input = sample(4 * chunk_bytes(level));
    for kind in [ErrorKind::WouldBlock, ErrorKind::Other] {
        for call in [1, 2, 5, 9, 12, 16, 17] {
            for threads in [1, 2, 8] {
                let reader = Pieces::new(&input, chunk_bytes(level) / 4).failing(Some((call, kind)));
                match in_time(move || compress(reader, io::sink(), &options(level, threads))) {
                    Err(Failure::Read(error)) => assert_eq!(error.kind(), kind),
                    other => panic!("call {call}, {threads} threads: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn a_failing_writer_ends_everything_at_any_call_and_gets_nothing_more() {
    let level = Level::STORED;
    let input = sample(6 * chunk_bytes(level));
    let expected = streamed(&input, level);
    let room = 200_000;
    for kind in [ErrorKind::BrokenPipe, ErrorKind::StorageFull, ErrorKind::WouldBlock] {
        for call in [1, 2, 6, 7, 20, expected.len() / room] {
            for threads in [1, 2, 8] {
                let reader = Pieces::new(&input, usize::MAX);
                let mut writer = Taker::new(room);
                writer.fail_at = Some((call, kind));
                let (result, writer) = in_time(move || {
                    let result = compress(reader, &mut writer, &options(level, threads));
                    (result, writer)
                });
                match result {
                    Err(Failure::Write(error)) => assert_eq!(error.kind(), kind),
                    other => panic!("call {call}, {threads} threads: {other:?}"),
                }
                assert_eq!(writer.calls, call, "the failing call is the last");
                assert!(expected.starts_with(&writer.taken), "what was written is a prefix");
            }
        }
    }
}

#[test]
fn a_writer_that_takes_nothing_is_a_failure_and_no_endless_loop() {
    let writer = Taker::new(0);
    match in_time(|| compress(&b"abc"[..], writer, &options(Level::DEFAULT, 2))) {
        Err(Failure::Write(error)) => assert_eq!(error.kind(), ErrorKind::WriteZero),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reader_that_claims_too_much_is_refused() {
    struct Liar;
    impl Read for Liar {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            Ok(buffer.len() + 1)
        }
    }
    assert!(matches!(compress(Liar, io::sink(), &options(Level::DEFAULT, 2)), Err(Failure::Read(_))));
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
    for threads in [1, 2, 8] {
        let input = sample(6 * chunk_bytes(Level::STORED));
        let ended = in_time(move || {
            std::panic::catch_unwind(|| {
                compress(&input[..], Fuse(2), &options(Level::STORED, threads)).is_ok()
            })
        });
        assert!(ended.is_err(), "the panic comes through");
    }
}

#[test]
fn output_flows_while_the_input_is_still_open() {
    let level = Level::STORED;
    let (to_reader, chunks) = mpsc::channel::<Vec<u8>>();
    let (to_test, written) = mpsc::channel::<usize>();
    struct Inlet(mpsc::Receiver<Vec<u8>>, Vec<u8>);
    impl Read for Inlet {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.1.is_empty() {
                self.1 = self.0.recv().unwrap_or_default();
            }
            let count = buffer.len().min(self.1.len());
            buffer[..count].copy_from_slice(&self.1[..count]);
            self.1.drain(..count);
            Ok(count)
        }
    }
    struct Outlet(mpsc::Sender<usize>);
    impl Write for Outlet {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.len()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let chunk = chunk_bytes(level);
    let run = std::thread::Builder::new()
        .spawn(move || compress(Inlet(chunks, Vec::new()), Outlet(to_test), &options(level, 2)))
        .expect("a thread");
    for _ in 0..5 {
        to_reader.send(sample(chunk)).expect("still reading");
        to_reader.send(vec![b'.']).expect("still reading");
        assert!(written.recv_timeout(Duration::from_secs(30)).expect("a write per chunk") > 0);
    }
    drop(to_reader);
    let totals = run.join().expect("no panic").expect("no failing side");
    assert_eq!(totals.read, 5 * chunk as u64 + 5);
}
