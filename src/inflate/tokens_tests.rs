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
            let mut tokens = Tokens::new(2 * data.len());
            assert_eq!(decoder.decode_to(&stream, &mut tokens), (stream.len(), Ok(Status::Done)));
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
    let progress = decoder.decode(&stream, &mut first, 0);
    let (mut input, mut known) = (&stream[progress.consumed..], first);
    let mut farthest = 0;
    for room in [300, 50, 5_000, 2_000].into_iter().cycle() {
        let mut tokens = Tokens::new(room);
        let (consumed, status) = decoder.decode_to(input, &mut tokens);
        input = &input[consumed..];
        let window = &known[known.len() - MAX_DISTANCE..];
        let (reach, bytes) = tokens.reach(usize::MAX);
        farthest = farthest.max(reach);
        let more = replayed(&tokens, window, 1_000);
        assert!(more.len() == bytes || bytes >= MAX_DISTANCE && more.len() > bytes);
        known.extend(more);
        match status {
            Ok(Status::NeedsOutput) => {}
            status => {
                assert_eq!(status, Ok(Status::Done));
                break;
            }
        }
    }
    assert!(known == data && (30_000..=MAX_DISTANCE).contains(&farthest), "reach {farthest}");
}

#[test]
fn the_reach_is_that_of_the_oldest_reference() {
    let reach = |tokens: &[(usize, usize, usize)]| {
        let mut all = Tokens::new(100_000);
        for &(literals, distance, length) in tokens {
            (0..literals).for_each(|_| all.literal(7));
            assert_eq!(all.copy(distance, length), length);
        }
        all.reach(usize::MAX).0
    };
    assert_eq!(reach(&[]), 0);
    assert_eq!(reach(&[(5, 5, 258)]), 0);
    assert_eq!(reach(&[(5, 6, 3)]), 1);
    assert_eq!(reach(&[(0, 32_768, 3), (1, 32_768, 258)]), 32_768);
    assert_eq!(reach(&[(9, 10, 200), (1, 300, 3)]), 90);
}

#[test]
fn tokens_are_self_contained_only_once_32_kib_of_them_refer_to_nothing_before() {
    let mut tokens = Tokens::new(100_000);
    (0..MAX_DISTANCE - 3).for_each(|_| tokens.literal(7));
    assert_eq!(tokens.are_self_contained(), None);
    assert_eq!(tokens.copy(MAX_DISTANCE - 3, 3), 3);
    assert_eq!(tokens.are_self_contained(), Some(true));
    for before in [0, 9, MAX_DISTANCE - 4] {
        tokens.clear();
        (0..before).for_each(|_| tokens.literal(7));
        assert_eq!((tokens.are_self_contained(), tokens.copy(before + 1, 3)), (None, 3));
        assert_eq!(tokens.are_self_contained(), Some(false));
    }
}

#[test]
fn any_number_of_literals_stands_between_matches_however_they_come() {
    for first in [0, 1, 127, 128, 129, 255, 256, 257, 1_000, 70_000] {
        for count in [1, 15, 16, 17, 127, 128, 250, 256, 300] {
            for together in [1, 2, 3, 4, 255] {
                let literals: Vec<u8> = (0..first + count).map(|i| (i * 31 % 251) as u8).collect();
                let mut tokens = Tokens::new(100_000);
                let mut bytes = Vec::new();
                for run in [&literals[..first], &literals[first..]] {
                    run.chunks(together).for_each(|few| assert_eq!(tokens.bytes(few), few.len()));
                    bytes.extend_from_slice(run);
                    if bytes.len() >= 9 {
                        assert_eq!(tokens.copy(9, 5), 5);
                        bytes.extend_from_within(bytes.len() - 9..bytes.len() - 4);
                    }
                }
                assert!(replayed(&tokens, &[], 1 << 20) == bytes, "{first}, {count} by {together}");
            }
        }
    }
}

#[test]
fn full_tokens_take_nothing_and_keep_what_they_have() {
    let mut tokens = Tokens::new(1_000);
    let taken = tokens.bytes(&[7; 2_000]);
    assert!((900..1_000).contains(&taken) && !tokens.has_room());
    assert_eq!((tokens.bytes(&[8; 9]), tokens.copy(3, 4)), (0, 0));
    assert!(replayed(&tokens, &[], 1 << 20) == alloc::vec![7; taken]);
    tokens.clear();
    assert!(tokens.has_room() && replayed(&tokens, &[], 1 << 20).is_empty());
}
