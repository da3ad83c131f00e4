//! Laws of decompression in parallel as a user of the library sees it: prompt output, faults of reader, writer and data.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::io::{self, ErrorKind, Read, Write};
use std::num::NonZeroUsize;
use std::sync::mpsc;
use std::time::Duration;

use rigz::gzip::Trailing;
use rigz::parallel::decompress::{Failure, Options, decompress};
use rigz::{ErrorKind as Rule, Level, gzip};

#[path = "common/families.rs"]
#[expect(dead_code, reason = "not all families are used here")]
mod families;
#[path = "common/pieces.rs"]
mod pieces;

use pieces::{Pieces, in_time};

fn options(threads: usize) -> Options {
    Options::new(NonZeroUsize::new(threads).expect("threads"))
}

fn packed(data: &[u8], level: u8) -> Vec<u8> {
    let mut out = Vec::new();
    gzip::compress(data, Level::new(level).expect("level"), &mut out);
    out
}

/// Several megabytes in one member.
fn large() -> (Vec<u8>, Vec<u8>) {
    let data = families::text(6_000_000);
    let file = packed(&data, 1);
    (file, data)
}

#[test]
fn any_threads_and_reads_give_the_data_and_an_account_of_it() {
    let (file, data) = large();
    for threads in [1, 2, 64] {
        for (piece, fail_at) in [(usize::MAX, None), (4096, Some((3, ErrorKind::Interrupted)))] {
            for input_length in [None, Some(file.len() as u64), Some(1), Some(u64::MAX)] {
                let reader = Pieces::new(&file, piece).failing(fail_at);
                let options = Options { input_length, ..options(threads) };
                let (result, back) = in_time(move || {
                    let mut back = Vec::new();
                    (decompress(reader, &mut back, &options), back)
                });
                let summary = result.expect("a good file");
                assert!(back == data);
                assert_eq!((summary.read, summary.written), (file.len() as u64, data.len() as u64));
                assert_eq!((summary.members, summary.trailing), (1, Trailing::None));
            }
        }
    }
}

#[test]
fn every_prefix_is_an_error_that_keeps_the_data_before_it() {
    let text = families::text(9_000);
    let files = [
        packed(&text, 6),
        packed(&text[..600], 0),
        text.chunks(500).flat_map(|data| packed(data, 6)).collect(),
    ];
    for file in files {
        let mut whole = Vec::new();
        decompress(&file[..], &mut whole, &options(1)).expect("a good file");
        for threads in [1, 2] {
            for cut in 0..file.len() {
                let mut back = Vec::new();
                match decompress(&file[..cut], &mut back, &options(threads)) {
                    Err(Failure::Data(error)) => {
                        assert_eq!((error.kind(), error.offset()), (Rule::UnexpectedEnd, cut as u64));
                    }
                    // At the end of a member that is not the last.
                    Ok(summary) => assert!(summary.members > 0 && summary.written < whole.len() as u64),
                    Err(other) => panic!("{other}"),
                }
                assert!(whole.starts_with(&back));
            }
        }
    }
}

#[test]
fn damage_in_the_middle_keeps_the_data_before_it_whatever_the_threads() {
    let (file, data) = large();
    for at in [file.len() / 3, file.len() / 2, file.len() - 6, file.len() - 2] {
        let mut file = file.clone();
        file[at] ^= 0x10;
        let outcome = |threads| {
            let mut back = Vec::new();
            match decompress(&file[..], &mut back, &options(threads)) {
                Err(Failure::Data(error)) => (error, back),
                other => panic!("{other:?}"),
            }
        };
        let one = outcome(1);
        assert!(one.1.len() > data.len() / 4, "much was good");
        for threads in [2, 8] {
            assert!(outcome(threads) == one, "damage at {at}, {threads} threads");
        }
    }
}

#[test]
fn a_failing_reader_is_told_after_all_that_came_before() {
    let (file, data) = large();
    for kind in [ErrorKind::WouldBlock, ErrorKind::Other] {
        for call in [1, 2, 9, 20] {
            let mut shown = Vec::new();
            for threads in [1, 2] {
                let fail_at = Some((call, kind));
                let reader = Pieces::new(&file, 30_000).failing(fail_at);
                let (result, back) = in_time(move || {
                    let mut back = Vec::new();
                    (decompress(reader, &mut back, &options(threads)), back)
                });
                match result {
                    Err(Failure::Read(error)) => assert_eq!(error.kind(), kind),
                    other => panic!("{other:?}"),
                }
                assert!(data.starts_with(&back));
                shown.push(back.len());
            }
            assert_eq!(shown[0], shown[1], "call {call}");
        }
    }
}

#[test]
fn a_failing_writer_ends_everything_and_gets_nothing_more() {
    /// Fails at the call with this number, counted down.
    struct Closed(usize);
    impl Write for Closed {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            assert!(self.0 > 0, "called after an error");
            self.0 -= 1;
            if self.0 == 0 { Err(ErrorKind::BrokenPipe.into()) } else { Ok(bytes.len()) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (file, _) = large();
    for call in [1, 2, 7] {
        for threads in [1, 2, 8] {
            let file = file.clone();
            match in_time(move || decompress(&file[..], Closed(call), &options(threads))) {
                Err(Failure::Write(error)) => assert_eq!(error.kind(), ErrorKind::BrokenPipe),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn output_flows_while_the_input_is_still_open() {
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
    struct Outlet(mpsc::Sender<Vec<u8>>);
    impl Write for Outlet {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (file, data) = large();
    let (to_reader, pieces) = mpsc::channel::<Vec<u8>>();
    let (to_test, written) = mpsc::channel::<Vec<u8>>();
    let run = std::thread::Builder::new()
        .spawn(move || decompress(Inlet(pieces, Vec::new()), Outlet(to_test), &options(2)))
        .expect("a thread");
    let mut back = Vec::new();
    for piece in file.chunks(100_000) {
        to_reader.send(piece.to_vec()).expect("still reading");
        // Something of each piece comes out before the next is sent; the end of the last one may be a trailer only.
        if back.len() < data.len() {
            back.extend(written.recv_timeout(Duration::from_secs(30)).expect("output for each piece"));
        }
        back.extend(written.try_iter().flatten());
    }
    drop(to_reader);
    assert_eq!(run.join().expect("no panic").expect("a good file").members, 1);
    back.extend(written.iter().flatten());
    assert!(back == data);
}
