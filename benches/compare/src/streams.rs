//! Streams in pieces of 16 KiB beside one call, each with what it keeps between inputs.
//!
//! One call fills a vector, which it first fills with zeros. Pieces of data go through one buffer, as in a program that
//! hands them on, or to such a vector: then there is a copy to memory that is not in the nearer caches.

use crate::race;
use rigz::deflate::{Encode, Flush};
use rigz::inflate::{Decode, Step};
use rigz::io::GzipReader;
use rigz::{Compressor, Decompressor, Format, Level, gzip};
use std::io::{self, BufReader, Read, Write};

const PIECE: usize = 16 << 10;
const LENGTHS: [usize; 4] = [64 << 10, 256 << 10, 1 << 20, 16 << 20];

/// A way to do the same.
type Way = Box<dyn FnMut(&[u8], &mut Vec<u8>)>;

/// Gzip in pieces of input.
fn packed_in_pieces(level: Level) -> Way {
    let mut encoder = gzip::Encoder::new(level, &gzip::HeaderBuilder::new());
    Box::new(move |data, out| {
        encoder.reset();
        data.chunks(PIECE).for_each(|piece| encoder.feed_all(piece, out));
        encoder.flush(Flush::Finish, out);
    })
}

/// Data from pieces of gzip, in pieces.
fn unpacked_in_pieces(length: usize) -> Way {
    let mut decoder = gzip::Decoder::new();
    Box::new(move |data, out| {
        decoder.reset();
        out.resize(length, 0);
        let mut at = 0;
        for mut piece in data.chunks(PIECE) {
            loop {
                let end = length.min(at + PIECE);
                let Ok((count, step)) = decoder.decode_into(&mut piece, &mut out[at..end]) else { return };
                at += count;
                if step != Step::Output {
                    break;
                }
            }
        }
    })
}

/// Data from pieces of gzip, in pieces that are dropped: all go through the same buffer.
fn passed_through() -> Way {
    let mut decoder = gzip::Decoder::new();
    let mut buffer = vec![0; PIECE];
    Box::new(move |data, _| {
        decoder.reset();
        let mut last = Step::NeedsInput;
        for mut piece in data.chunks(PIECE) {
            while let Ok((_, step)) = decoder.decode_into(&mut piece, &mut buffer) {
                last = step;
                if step != Step::Output {
                    break;
                }
            }
        }
        decoder.end_of_input();
        let end = decoder.decode_into(&mut &[][..], &mut buffer);
        assert!(matches!((last, end), (Step::NeedsInput, Ok((0, Step::Done)))), "not all of it");
    })
}

/// Data read from gzip through `std::io`, in pieces of input and output.
fn read_in_pieces(length: usize) -> Way {
    Box::new(move |data, out| {
        let mut reader = GzipReader::new(BufReader::with_capacity(PIECE, data));
        out.resize(length, 0);
        for mut piece in out.chunks_mut(PIECE) {
            while let Ok(count @ 1..) = reader.read(piece) {
                piece = &mut piece[count..];
            }
        }
    })
}

/// Prints how fast streams are beside one call.
pub fn compare(file: &str, data: &[u8]) -> io::Result<()> {
    let levels = [0, 1, 3, 6, 9].map(|number| Level::new(number).unwrap_or_default());
    for length in LENGTHS {
        let data = &data[..data.len().min(length)];
        for level in levels {
            let mut whole = Compressor::new(level);
            let one: Way = Box::new(move |data, out| whole.compress_to_vec(Format::Gzip, data, out));
            print(file, data, &format!("compress -{}", level.number()), [one, packed_in_pieces(level)])?;
        }
        let mut packed = Vec::new();
        gzip::compress(data, Level::DEFAULT, &mut packed);
        for (what, pieces) in [
            ("decompress", passed_through()),
            ("keep all", unpacked_in_pieces(data.len())),
            ("read", read_in_pieces(data.len())),
        ] {
            let mut whole = Decompressor::new();
            let one: Way = Box::new(move |packed, out| {
                let done = whole.decompress_to_vec(Format::Gzip, packed, out, usize::MAX);
                assert!(done.is_ok());
            });
            print(file, &packed, what, [one, pieces])?;
        }
    }
    Ok(())
}

fn print(file: &str, data: &[u8], what: &str, mut ways: [Way; 2]) -> io::Result<()> {
    let [one, pieces] = ways.each_mut().map(|way| {
        let mut out = Vec::new();
        way(data, &mut out);
        out
    });
    // What keeps nothing has its checksum.
    assert!(one == pieces || what == "decompress", "other bytes");
    let mut out = Vec::with_capacity(one.len());
    let seconds = race(&mut ways, |way| {
        out.clear();
        way(data, &mut out);
    });
    let raw = data.len().max(one.len());
    writeln!(
        io::stdout().lock(),
        "{file:<12}{:>6} KiB {what:<12} {:>7.1} MB/s in pieces, {:.2} of one call",
        raw >> 10,
        raw as f64 / seconds[1] / 1e6,
        seconds[0] / seconds[1],
    )
}
