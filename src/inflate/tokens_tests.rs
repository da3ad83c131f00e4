//! Tokens, replayed, are the bytes.

use super::super::tests::streams::{Numbers, sample, valid_stream};
use super::super::{Inflate, Status};
use super::*;

/// The bytes of `tokens` behind `window`, replayed into rooms of `room` bytes with the window before each.
fn replayed(tokens: &Tokens, window: &[u8], room: usize) -> Vec<u8> {
    let (mut data, mut place) = (window.to_vec(), Place::default());
    while !tokens.end_at(place) {
        let start = data.len();
        let mut at = start;
        data.resize(start + room, 0xee);
        tokens.replay(&mut place, &mut data, &mut at);
        assert!(at > start, "no progress in {room}");
        data.truncate(at);
    }
    data.split_off(window.len())
}

#[test]
fn tokens_are_replayed_as_they_would_have_been_decoded_wherever_the_room_ends() {
    let mut numbers = Numbers(5);
    for isa in [None].into_iter().chain(Isa::all().map(Some)) {
        let mut decoder = Inflate::with_isa(isa);
        for round in 0..60 {
            let (stream, data) = valid_stream(&mut numbers, 3, 400);
            decoder.reset();
            let mut tokens = Tokens::new(data.len() + MAX_LENGTH, data.len());
            let progress = decoder.decode_to(&stream, &mut tokens);
            assert_eq!((progress.written, progress.status), (data.len(), Ok(Status::Done)));
            for room in [400 + 7 * round, 5_000, 1 << 20] {
                assert!(replayed(&tokens, &[], room) == data, "{isa:?}, room {room}");
            }
        }
    }
}

#[test]
fn a_decoder_that_starts_behind_an_unknown_window_goes_on_in_other_tokens_when_these_are_full() {
    let mut numbers = Numbers(6);
    let data = sample(&mut numbers, 200_000);
    let stream = miniz_oxide::deflate::compress_to_vec(&data, 6);
    // The decoder knows where it is, not what came before.
    let (mut decoder, mut first) = (Inflate::new(), alloc::vec![0; 70_000]);
    let mut progress = decoder.decode(&stream, &mut first, 0);
    let (mut input, mut known) = (&stream[progress.consumed..], first);
    let mut reach = 0;
    for (most_bytes, most_matches) in [(300, 900), (5_000, 100), (9_000, 9_000)].into_iter().cycle() {
        let mut tokens = Tokens::new(most_bytes, most_matches);
        progress = decoder.decode_to(input, &mut tokens);
        assert!(tokens.bytes() <= most_bytes + 3 && progress.written == tokens.bytes());
        input = &input[progress.consumed..];
        let window = &known[known.len() - MAX_DISTANCE..];
        reach = reach.max(tokens.reach());
        let more = replayed(&tokens, window, 1_000);
        assert_eq!(more.len(), tokens.bytes());
        known.extend(more);
        match progress.status {
            Ok(Status::NeedsOutput) => {}
            status => {
                assert_eq!(status, Ok(Status::Done));
                break;
            }
        }
    }
    assert!(known == data && (30_000..=MAX_DISTANCE).contains(&reach), "reach {reach}");
}

#[test]
fn the_reach_is_that_of_the_oldest_reference() {
    let reach = |tokens: &[(usize, usize, usize)]| {
        let mut all = Tokens::new(100_000, 100);
        for &(literals, distance, length) in tokens {
            (0..literals).for_each(|_| all.literal(7));
            assert_eq!(all.copy(distance, length), length);
        }
        all.reach()
    };
    assert_eq!(reach(&[]), 0);
    assert_eq!(reach(&[(5, 5, 258)]), 0);
    assert_eq!(reach(&[(5, 6, 3)]), 1);
    assert_eq!(reach(&[(0, 32_768, 3), (1, 32_768, 258)]), 32_768);
    assert_eq!(reach(&[(9, 10, 200), (1, 300, 3)]), 90);
}
