//! Law: on any bytes, rigz and zlib-rs agree whether a raw DEFLATE stream is complete, cut short, too long for the room
//! or invalid, where it ends, and on the data. Where the input ends, one may see a fault before the other has asked for the
//! bits behind it; then the other sees it once it has them. The loop that takes one symbol at a time, fed with pieces of a
//! byte, agrees with the fast one to the error's kind and offset; and so does the decoder that keeps the history, to the
//! bytes used for what there was room for. What rigz accepts, miniz_oxide reads as the same data.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rigz::Error;
use rigz::inflate::{Decode, Decoder, Inflate, Status, Step};
use zlib_rs::InflateFlush;

const ROOM: usize = 1 << 16;

#[derive(Debug, PartialEq)]
enum Verdict {
    Complete,
    CutShort,
    NoRoom,
    Invalid,
}

/// Decodes with input in pieces of `read` bytes and room for `write` more at a time: status, bytes used, data.
fn rigz(input: &[u8], read: usize, write: usize) -> (Result<Status, Error>, usize, Vec<u8>) {
    let (mut inflate, mut out) = (Inflate::new(), vec![0; ROOM]);
    let (mut used, mut made) = (0_usize, 0_usize);
    loop {
        let (end, room) = (input.len().min(used.saturating_add(read)), ROOM.min(made.saturating_add(write)));
        let progress = inflate.decode(&input[used..end], &mut out[..room], made);
        used += progress.consumed;
        made += progress.written;
        match progress.status {
            Ok(Status::NeedsInput) if end < input.len() => {}
            Ok(Status::NeedsOutput) if room < ROOM => {}
            status => {
                out.truncate(made);
                return (status, used, out);
            }
        }
    }
}

/// The same by a decoder that keeps the history.
fn decoder(input: &[u8], read: usize, write: usize) -> (Result<Status, Error>, usize, Vec<u8>) {
    let (mut decoder, mut out, mut buffer) = (Decoder::new(), Vec::new(), vec![0; ROOM]);
    let mut used = 0_usize;
    loop {
        let (end, room) = (input.len().min(used.saturating_add(read)), write.min(ROOM - out.len()));
        let mut rest = &input[used..end];
        let result = decoder.decode_into(&mut rest, &mut buffer[..room]);
        used = end - rest.len();
        let status = match result {
            Ok((count, step)) => {
                out.extend_from_slice(&buffer[..count]);
                match step {
                    Step::NeedsInput if end < input.len() => continue,
                    Step::Output if room > 0 => continue,
                    Step::NeedsInput => Ok(Status::NeedsInput),
                    Step::Output => Ok(Status::NeedsOutput),
                    Step::Done => Ok(Status::Done),
                }
            }
            Err(error) => Err(error),
        };
        assert_eq!(used as u64, decoder.total_in(), "the count of bytes used");
        return (status, used, out);
    }
}

fn zlib_rs(input: &[u8]) -> (Verdict, usize, Vec<u8>) {
    let (mut inflate, mut out) = (zlib_rs::Inflate::new(false, 15), vec![0; ROOM]);
    let status = inflate.decompress(input, &mut out, InflateFlush::Finish);
    let (used, made) = (inflate.total_in() as usize, inflate.total_out() as usize);
    out.truncate(made);
    let verdict = match status {
        Ok(zlib_rs::Status::StreamEnd) => Verdict::Complete,
        Ok(_) if made == ROOM => Verdict::NoRoom,
        Ok(_) => Verdict::CutShort,
        Err(_) => Verdict::Invalid,
    };
    (verdict, used, out)
}

fn verdict(status: Result<Status, Error>) -> Verdict {
    match status {
        Ok(Status::Done) => Verdict::Complete,
        Ok(Status::NeedsInput) => Verdict::CutShort,
        Ok(Status::NeedsOutput) => Verdict::NoRoom,
        Err(_) => Verdict::Invalid,
    }
}

fuzz_target!(|input: &[u8]| {
    let whole = rigz(input, usize::MAX, usize::MAX);
    let pieces = rigz(input, 1, 1 + input.len() % 7);
    assert_eq!(whole.0, pieces.0, "the cut shows in the verdict");
    assert!(whole.2 == pieces.2, "the cut shows in the data");
    for (read, write) in [(1 + input.len() % 600, 1 + input.len() % 700), (usize::MAX, 1 + input.len() % 300)]
    {
        let own = decoder(input, read, write);
        assert_eq!(whole.0, own.0, "its own history shows in the verdict");
        assert!(whole.2 == own.2, "its own history shows in the data");
        assert!(whole.0.is_err() || whole.1 == own.1, "its own history shows in the input used");
    }

    let (status, used, data) = whole;
    let (their_verdict, their_used, their_data) = zlib_rs(input);
    let longer = || [input, &[0; 2_048]].concat();
    let verdicts = match (verdict(status), their_verdict) {
        (Verdict::Invalid, Verdict::CutShort) => (Verdict::Invalid, zlib_rs(&longer()).0),
        (Verdict::CutShort, Verdict::Invalid) => {
            (verdict(rigz(&longer(), usize::MAX, usize::MAX).0), Verdict::Invalid)
        }
        verdicts => verdicts,
    };
    assert_eq!(verdicts.0, verdicts.1, "{status:?} after {} bytes of data", data.len());
    if verdicts.0 == Verdict::Complete {
        assert_eq!(used, their_used);
        assert!(data == their_data, "zlib-rs has other data");
        let miniz = miniz_oxide::inflate::decompress_to_vec(input).expect("miniz_oxide rejects it");
        assert!(data == miniz, "miniz_oxide has other data");
    } else {
        let common = data.len().min(their_data.len());
        assert!(data[..common] == their_data[..common], "zlib-rs has other data before the end");
    }
});
