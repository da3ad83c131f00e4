//! Laws of the decoder, at every instruction-set level of the host: the fast loop does what the careful one does, and
//! both do what other decoders do.

#[path = "../../tests/support/streams.rs"]
#[expect(dead_code, reason = "not all that makes streams is used here")]
pub(super) mod streams;

use super::*;
use crate::arch::Isa;
use alloc::vec::Vec;
use streams::{Bits, Numbers, canonical, code_lengths, sample, valid_stream};

/// The careful loop alone, and the fast one at every level.
fn decoders() -> Vec<Inflate> {
    [None].into_iter().chain(Isa::all().map(Some)).map(Inflate::with_isa).collect()
}

/// Everything that can be seen of a decoding into `room` bytes.
fn outcome(decoder: &mut Inflate, stream: &[u8], room: usize) -> (Vec<u8>, usize, Result<Status, Error>) {
    let mut output = alloc::vec![0xaa; room];
    decoder.reset();
    let progress = decoder.decode(stream, &mut output, 0);
    output.truncate(progress.written);
    (output, progress.consumed, progress.status)
}

/// The verdict of another decoder: the data and the bytes used, or `None` if it is not a whole and right stream.
fn zlib(stream: &[u8], room: usize) -> Option<(Vec<u8>, usize)> {
    let mut output = alloc::vec![0; room];
    let mut oracle = zlib_rs::Inflate::new(false, 15);
    let status = oracle.decompress(stream, &mut output, zlib_rs::InflateFlush::Finish);
    output.truncate(oracle.total_out() as usize);
    (status == Ok(zlib_rs::Status::StreamEnd)).then_some((output, oracle.total_in() as usize))
}

/// All decoders agree on `stream`, and with zlib.
fn agree(decoders: &mut [Inflate], stream: &[u8], room: usize) {
    let expected = outcome(&mut decoders[0], stream, room);
    for decoder in &mut decoders[1..] {
        assert_eq!(outcome(decoder, stream, room), expected, "{stream:02x?}");
    }
    let (data, consumed, status) = expected;
    let whole = (status == Ok(Status::Done)).then_some((data, consumed));
    assert_eq!(whole, zlib(stream, room), "{stream:02x?}");
}

/// Small streams of real encoders and of the generator.
fn small_streams() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut numbers = Numbers(2);
    let mut streams = Vec::new();
    for (len, level) in [(0, 6), (1, 1), (300, 0), (900, 1), (900, 6), (1500, 9)] {
        let data = sample(&mut numbers, len);
        streams.push((miniz_oxide::deflate::compress_to_vec(&data, level), data));
    }
    streams.extend((0..8).map(|_| valid_stream(&mut numbers, 2, 60)));
    streams
}

#[test]
fn valid_streams_of_every_shape_give_their_data() {
    let mut numbers = Numbers(1);
    let mut decoders = decoders();
    for round in 0..1500 {
        let tokens = 1 << (round % 12);
        let (stream, data) = valid_stream(&mut numbers, 1 + round % 5, tokens);
        // In a buffer of its size, and in one with room to spare.
        for decoder in &mut decoders {
            for room in [data.len(), data.len() + 400] {
                let (output, consumed, status) = outcome(decoder, &stream, room);
                assert_eq!((consumed, status), (stream.len(), Ok(Status::Done)));
                assert!(output == data, "wrong data in round {round}");
            }
        }
        assert!(miniz_oxide::inflate::decompress_to_vec(&stream).is_ok_and(|other| other == data));
    }
}

#[test]
fn every_prefix_ends_too_early_and_the_same_way() {
    let mut decoders = decoders();
    for (stream, data) in small_streams() {
        for cut in 0..stream.len() {
            let expected = outcome(&mut decoders[0], &stream[..cut], data.len() + 300);
            assert_eq!(expected.2, Ok(Status::NeedsInput));
            assert_eq!(expected.1, cut);
            assert!(data.starts_with(&expected.0));
            for decoder in &mut decoders[1..] {
                assert_eq!(outcome(decoder, &stream[..cut], data.len() + 300), expected);
            }
        }
    }
}

#[test]
fn every_flipped_bit_gets_the_verdict_of_zlib() {
    let mut decoders = decoders();
    for (stream, data) in small_streams() {
        for bit in 0..8 * stream.len() {
            let mut flipped = stream.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            agree(&mut decoders, &flipped, data.len() + 700);
        }
    }
}

#[test]
fn mutated_streams_get_the_verdict_of_zlib() {
    let mut numbers = Numbers(3);
    let mut decoders = decoders();
    let streams = small_streams();
    for _ in 0..12_000 {
        let mut stream = streams[numbers.below(streams.len())].0.clone();
        for _ in 0..1 + numbers.below(4) {
            let at = numbers.below(stream.len());
            match numbers.below(4) {
                0 => stream[at] = numbers.below(256) as u8,
                1 => stream.insert(at, numbers.below(256) as u8),
                2 if stream.len() > 1 => drop(stream.remove(at)),
                _ => {
                    let other = &streams[numbers.below(streams.len())].0;
                    stream.truncate(at + 1);
                    stream.extend_from_slice(&other[numbers.below(other.len())..]);
                }
            }
        }
        agree(&mut decoders, &stream, 4000);
    }
}

#[test]
fn short_inputs_of_every_bit_pattern_get_the_verdict_of_zlib() {
    let mut decoders = decoders();
    for bytes in 0..=0xffffu16 {
        agree(&mut decoders[..2], &bytes.to_le_bytes(), 300);
    }
}

#[test]
fn any_split_of_input_and_output_gives_the_same_bytes() {
    let mut numbers = Numbers(4);
    let mut decoders = decoders();
    for (stream, data) in small_streams() {
        for round in 0..60 {
            let decoder = &mut decoders[round % 2];
            decoder.reset();
            let most = [1, 2, 9, 80, 700][round % 5];
            let mut output = alloc::vec![0; data.len()];
            let (mut used, mut at) = (0, 0);
            loop {
                let input = &stream[used..(used + numbers.below(most + 1)).min(stream.len())];
                let end = (at + numbers.below(most + 1)).min(data.len());
                let progress = decoder.decode(input, &mut output[..end], at);
                used += progress.consumed;
                at += progress.written;
                match progress.status {
                    Ok(Status::Done) => break,
                    Ok(Status::NeedsInput) => assert_eq!(progress.consumed, input.len()),
                    Ok(Status::NeedsOutput) => assert_eq!(at, end),
                    Err(error) => panic!("{error}"),
                }
            }
            assert_eq!((used, decoder.total_in()), (stream.len(), stream.len() as u64));
            assert!(output == data && at == data.len());
        }
    }
}

/// Streams that are long enough for tables of all bits, with runs of literals and without, with few bytes that are two to
/// an entry and with many.
fn long_streams() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut numbers = Numbers(9);
    let noise = |numbers: &mut Numbers, bytes: usize| -> Vec<u8> {
        let mut data: Vec<u8> =
            (0..5000).map(|_| (numbers.below(bytes) * numbers.below(bytes) / bytes) as u8).collect();
        for _ in 0..8 {
            let (from, to) = (numbers.below(2000), 2500 + numbers.below(2000));
            data.copy_within(from..from + 4 + numbers.below(90), to);
        }
        data
    };
    let data = [sample(&mut numbers, 9000), noise(&mut numbers, 256), noise(&mut numbers, 50)];
    data.map(|data| (miniz_oxide::deflate::compress_to_vec(&data, 6), data)).into()
}

#[test]
fn long_streams_end_everywhere_as_the_careful_loop_says() {
    let mut numbers = Numbers(10);
    let mut decoders = decoders();
    for (stream, data) in long_streams() {
        assert!(stream.len() > 2048);
        for _ in 0..if cfg!(miri) { 2 } else { 1200 } {
            let cut = &stream[..stream.len() - numbers.below(stream.len() - 1024)];
            agree(&mut decoders, cut, data.len());
            agree(&mut decoders, &stream, numbers.below(data.len()));
            let mut flipped = stream.clone();
            flipped[numbers.below(stream.len())] ^= 1 << numbers.below(8);
            agree(&mut decoders, &flipped, data.len() + 700);
        }
    }
}

#[test]
fn room_may_end_among_tokens_of_as_many_bits_as_there_are() {
    let mut numbers = Numbers(8);
    let mut bits = Bits::default();
    bits.number(0, 3);
    bits.bytes(&[0x00, 0xa0, 0xff, 0x5f]);
    (0..0xa000).for_each(|i| bits.bytes(&[(i * i >> 7) as u8]));
    // A literal and a length in 11 bits and 5 more, a distance in 11 bits and 13 more.
    let mut litlen = [0; 286];
    for (length, symbol) in [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (7, 6), (8, 7), (9, 256)] {
        litlen[symbol] = length;
    }
    (litlen[281], litlen[282]) = (10, 10);
    let mut distance = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 10, 11, 11].to_vec();
    distance.splice(9..9, [0; 17]);
    bits.number(0b101, 3);
    code_lengths(&mut numbers, &mut bits, &litlen, &distance);
    let (litlen, distance) = (canonical(&litlen), canonical(&distance));
    for token in 0..300 {
        (0..token % 3).for_each(|_| bits.code(litlen[0]));
        bits.code(litlen[281 + token % 2]);
        bits.number(numbers.below(32) as u32, 5);
        bits.code(distance[29]);
        bits.number(numbers.below(1 << 13) as u32, 13);
    }
    bits.code(litlen[256]);
    let stream = bits.finish();
    let mut decoders = decoders();
    for room in (0xa000..0xa000 + 300 * 150).step_by(if cfg!(miri) { 999 } else { 7 }) {
        let expected = outcome(&mut decoders[0], &stream, room);
        for decoder in &mut decoders[1..] {
            assert!(outcome(decoder, &stream, room) == expected, "{room}");
        }
    }
}

#[test]
fn streams_longer_than_the_window_slide_it() {
    let mut numbers = Numbers(6);
    let data = sample(&mut numbers, 1_500_000);
    let stream = miniz_oxide::deflate::compress_to_vec(&data, 6);
    for (input_len, piece) in [(u64::MAX, usize::MAX), (0, 3_000), (100_000, 65_536)] {
        let mut window = window::Window::new(input_len);
        let mut inflate = Inflate::new();
        let mut output = Vec::new();
        let mut done = false;
        for mut input in stream.chunks(piece.min(stream.len())) {
            while !done {
                let (written, status) = window.decode(&mut inflate, &mut input);
                output.extend_from_slice(written);
                window.take(window.pending().len());
                match status {
                    Ok(Status::NeedsInput) => break,
                    Ok(status) => done = status == Status::Done,
                    Err(error) => panic!("{error}"),
                }
            }
        }
        assert!(done && output == data);
    }
}

#[test]
fn what_runs_over_a_limit_is_neither_told_nor_takes_input() {
    // Runs of literals, long and short matches, stored blocks.
    let mut numbers = Numbers(8);
    let mut data = sample(&mut numbers, if cfg!(miri) { 3_000 } else { 90_000 });
    data.extend((0..data.len()).map(|_| numbers.below(8) as u8 * 30 + numbers.below(8).pow(2) as u8 / 3));
    for level in [0, 1, 6] {
        let stream = miniz_oxide::deflate::compress_to_vec(&data, level);
        let mut ways: Vec<_> =
            decoders().into_iter().map(|decoder| (decoder, window::Window::new(u64::MAX), 0)).collect();
        let mut output = Vec::new();
        for limit in (0..1 << 20).map(|i| if i % 64 == 63 { 16 << 10 } else { i % 300 }) {
            let mut told = None;
            for (inflate, window, used) in &mut ways {
                window.set_limit(limit);
                let mut input = &stream[*used..];
                let (written, status) = window.decode(inflate, &mut input);
                assert!(written.len() <= limit);
                *used = stream.len() - input.len();
                let now = (written.to_vec(), *used, status);
                window.take(now.0.len());
                assert!(*told.get_or_insert_with(|| now.clone()) == now, "{limit}");
            }
            let (written, _, status) = told.expect("some decoder");
            output.extend(written);
            if status == Ok(Status::Done) {
                break;
            }
        }
        assert!(output == data);
    }
}

#[test]
fn other_decoders_agree_on_real_data() {
    let mut numbers = Numbers(7);
    for level in 0..=9 {
        let data = sample(&mut numbers, 60_000);
        let stream = miniz_oxide::deflate::compress_to_vec(&data, level);
        let mut output = alloc::vec![0; data.len()];
        assert_eq!(inflate(&stream, &mut output).map(|done| done.written), Ok(data.len()));
        assert!(output == data);
        assert!(zune_inflate::DeflateDecoder::new(&stream).decode_deflate().is_ok_and(|other| other == data));
    }
}

#[test]
fn a_room_that_ends_in_a_row_of_the_longest_tokens_leaves_the_bits_of_the_next() {
    // Noise and short matches make the codes of other lengths and distances long; now and then long matches from far
    // back follow each other.
    let mut numbers = Numbers(11);
    let mut data: Vec<u8> = (0..40_000).map(|_| numbers.below(256) as u8).collect();
    let mut rows = Vec::new();
    for _ in 0..25 {
        for _ in 0..150 {
            data.extend((0..4).map(|_| numbers.below(256) as u8));
            let from = data.len() - 8 - numbers.below(4_000);
            data.extend_from_within(from..from + 7);
        }
        rows.push(data.len());
        for _ in 0..6 {
            let (from, length) = (data.len() - 17_000 - numbers.below(15_000), 130 + numbers.below(126));
            data.extend_from_within(from..from + length);
        }
    }
    let stream = miniz_oxide::deflate::compress_to_vec(&data, 9);
    let mut whole = alloc::vec![0; data.len()];
    for mut decoder in decoders() {
        for (i, &row) in rows.iter().enumerate() {
            for room in (1..13).map(|j| data.len().min(row + 109 * j + i)) {
                decoder.reset();
                let first = decoder.decode(&stream, &mut whole[..room], 0);
                let second = decoder.decode(&stream[first.consumed..], &mut whole, first.written);
                assert_eq!(second.status, Ok(Status::Done));
                assert!(whole == data, "room {room}");
            }
        }
    }
}
