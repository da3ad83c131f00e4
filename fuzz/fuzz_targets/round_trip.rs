//! Law: whatever the data, the level, the cuts and the flushes, four independent decoders give the data back; and
//! without flushes the bytes are those of one call, whatever the number of threads and the size of the reads. Cut into
//! blocks, they do not depend on the number of threads either.

#![no_main]

use libfuzzer_sys::{arbitrary, arbitrary::Arbitrary, fuzz_target};
use rigz::Level;
use rigz::deflate::{Encode, Flush, chunk_bytes};
use rigz::gzip::{self, Decoder, Encoder, HeaderBuilder, Step};
use rigz::parallel::{Cuts, Options};
use std::num::NonZeroUsize;

#[derive(Arbitrary, Debug)]
struct Plan<'a> {
    level: u8,
    threads: u8,
    /// Cuts the data in pieces of `cut + 1` bytes, each followed by a flush.
    cuts: Vec<(u16, Kind)>,
    /// A few are repeated until they fill more than two chunks, which takes long.
    size: u16,
    data: &'a [u8],
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Kind {
    None,
    Sync,
    Full,
}

fn decode(mut input: &[u8]) -> Vec<u8> {
    let (mut decoder, mut out) = (Decoder::new(), Vec::new());
    loop {
        match decoder.decode(&mut input).expect("valid") {
            Step::Output => {
                out.extend_from_slice(decoder.output());
                decoder.consume(decoder.output().len());
            }
            Step::NeedsInput => decoder.end_of_input(),
            Step::Done => return out,
        }
    }
}

fn check(member: &[u8], data: &[u8]) {
    assert!(decode(member) == data, "rigz");
    let body = &member[10..member.len() - 8];
    let miniz = miniz_oxide::inflate::decompress_to_vec(body).expect("miniz_oxide");
    assert!(miniz == data, "miniz_oxide");
    let zune = zune_inflate::DeflateDecoder::new(member).decode_gzip().expect("zune-inflate");
    assert!(zune == data, "zune-inflate");
    let mut out = vec![0; data.len()];
    let (out, code) = zlib_rs::decompress_slice(&mut out, member, zlib_rs::InflateConfig { window_bits: 31 });
    assert!(code == zlib_rs::ReturnCode::Ok && out == data, "zlib-rs");
}

fuzz_target!(|plan: Plan<'_>| {
    let level = Level::new(plan.level % 11).expect("in range");
    let repeat = if plan.size % 509 == 7 && level <= Level::DEFAULT && !plan.data.is_empty() {
        2 * chunk_bytes(level) / plan.data.len() + 1
    } else {
        1
    };
    let data = plan.data.repeat(repeat);

    let mut whole = Vec::new();
    gzip::compress(&data, level, &mut whole);
    check(&whole, &data);

    let (mut encoder, mut flushed) = (Encoder::new(level, &HeaderBuilder::new()), Vec::new());
    let mut rest = &data[..];
    for (cut, kind) in &plan.cuts {
        let (piece, tail) = rest.split_at(rest.len().min(usize::from(*cut) + 1));
        encoder.feed_all(piece, &mut flushed);
        match kind {
            Kind::None => encoder.flush(Flush::None, &mut flushed),
            Kind::Sync => encoder.flush(Flush::Sync, &mut flushed),
            Kind::Full => encoder.flush(Flush::Full, &mut flushed),
        }
        rest = tail;
    }
    encoder.feed_all(rest, &mut flushed);
    encoder.flush(Flush::Finish, &mut flushed);
    if plan.cuts.iter().all(|(_, kind)| matches!(kind, Kind::None)) {
        assert!(flushed == whole, "the cut of the input shows");
    } else {
        check(&flushed, &data);
    }

    let mut options = Options::new(level);
    options.threads = NonZeroUsize::new(usize::from(plan.threads % 4) + 1).expect("not zero");
    let mut parallel = Vec::new();
    rigz::parallel::compress(&data[..], &mut parallel, &options).expect("reads and writes memory");
    assert!(parallel == whole, "the number of threads shows");

    let every = NonZeroUsize::new(512 + usize::from(plan.size)).expect("not zero");
    options.cuts = if plan.level & 32 == 0 { Cuts::Every(every) } else { Cuts::ByContent };
    options.is_independent = plan.level & 64 != 0;
    let mut cut = |threads| {
        options.threads = threads;
        let mut out = Vec::new();
        rigz::parallel::compress(&data[..], &mut out, &options).expect("reads and writes memory");
        out
    };
    let alone = cut(NonZeroUsize::MIN);
    assert!(alone == cut(NonZeroUsize::new(3).expect("not zero")), "the number of threads shows in cuts");
    assert!(decode(&alone) == data, "cut into blocks");
});
