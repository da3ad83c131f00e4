//! Tests of the parse with one candidate a position.

use super::*;
use crate::arch::Isa;
use crate::lz77::tokens::matches;
use crate::lz77::window::Window;

/// Bytes that repeat now and then, up to far back, with noise between.
fn sample(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut bytes = Vec::with_capacity(len + 64);
    while bytes.len() < len {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (kind, count) = (state >> 30, 1 + (state >> 20 & 63) as usize);
        let distance = 1 + (state >> 4 & 0x7fff) as usize;
        for i in 0..count {
            let copied = bytes.len().checked_sub(distance).map(|from| bytes[from]);
            let noise = (state.rotate_left(i as u32) >> 7) as u8;
            bytes.push(if kind > 0 { copied.unwrap_or(noise) } else { noise });
        }
    }
    bytes.truncate(len);
    bytes
}

/// Pieces are short, so that they end in literals and in matches.
const PIECE_BYTES: usize = 5_000;

/// Parses, and panics if a match names other bytes than it stands for, or bytes before the history.
fn parse<T: Tuning>(isa: Isa, finder: &mut Single<T>, window: &Window) -> Vec<Vec<u16>> {
    let mut tokens = Tokens::default();
    let Some(view) = window.view() else { panic!("the window has room") };
    isa.call(ParseSingle { view, finder, piece_bytes: PIECE_BYTES, tokens: &mut tokens });
    let content = window.content();
    let history = content.len() - window.chunk().len();
    let mut at = history;
    let of = |piece: &Piece| match &piece.run {
        Run::Tokens(range) => tokens.tokens[range.clone()].to_vec(),
        Run::Literals | Run::Noise => panic!("tokens are made of all"),
    };
    for piece in &tokens.pieces {
        let piece_tokens = of(piece);
        let mut rest = &piece_tokens[..];
        for (literals, length, distance) in matches(rest) {
            let (runs, others) = rest.split_at(literals);
            assert!(content[at..].iter().zip(runs).all(|(&here, &token)| token == u16::from(here)));
            at += literals;
            assert!(distance <= at, "{distance} at {at}");
            assert!((at..at + length).all(|at| content[at] == content[at - distance]));
            (at, rest) = (at + length, &others[2..]);
        }
        assert!(rest.iter().zip(&content[at..]).all(|(&token, &here)| token == u16::from(here)));
        at += rest.len();
        assert_eq!(at, history + piece.input_end);
    }
    assert_eq!(at, content.len());
    tokens.pieces.iter().map(of).collect()
}

fn short_histories<T: Tuning>() {
    let mut window = Window::new(70_000);
    for history in 0..24 {
        for byte in [0, b'a'] {
            // What the window held before equals what follows, as far as a match could be extended back.
            window.restart(&[byte; 100]);
            window.fill(&[byte; 70_000]);
            window.restart(&[byte; 24][..history]);
            window.fill(&[byte; 300]);
            let pieces = parse(Isa::detect(), &mut Single::<T>::new(), &window);
            assert!(pieces.iter().any(|piece| matches(piece).next().is_some()));
        }
    }
}

#[test]
fn a_match_extended_back_stops_at_the_start_of_a_short_history() {
    short_histories::<ForSpeed>();
    short_histories::<ForSize>();
}

fn used_or_fresh<T: Tuning>() {
    let bytes = sample(if cfg!(miri) { 60_000 } else { 200_000 });
    let (mut window, mut finder) = (Window::new(bytes.len()), Single::<T>::new());
    window.fill(&bytes);
    assert!(parse(Isa::detect(), &mut finder, &window).len() > PARTS);
    for len in [0, 1, 8, 9, 13, 100, 16_383, 16_384, 16_385, 40_000, 49_200, 55_555] {
        window.restart(&bytes[100..1000]);
        window.fill(&bytes[1000..][..len]);
        let mut fresh = Window::new(len);
        fresh.restart(&bytes[100..1000]);
        fresh.fill(&bytes[1000..][..len]);
        let expected = parse(Isa::portable(), &mut Single::<T>::new(), &fresh);
        for isa in Isa::all() {
            assert_eq!(parse(isa, &mut finder, &window), expected, "{len} bytes, {isa:?}");
        }
    }
}

#[test]
fn what_was_parsed_before_and_what_stands_behind_the_chunk_do_not_show() {
    used_or_fresh::<ForSpeed>();
    used_or_fresh::<ForSize>();
}

#[test]
fn entries_of_earlier_chunks_count_as_none_however_long_those_were() {
    let bytes = sample(100_100);
    let mut finder = Single::<ForSpeed>::new();
    // Of one part or more, until all numbers are used, and longer than there are numbers.
    let lens = [1, 40, 5_000, 9_000, 17_000, 3, 30_000, 700, 100_000, 20_000, 800, 33_000, 800, 800];
    for (turn, len) in lens.into_iter().enumerate() {
        let mut window = Window::new(len);
        window.fill(&bytes[turn..][..len]);
        let expected = parse(Isa::detect(), &mut Single::<ForSpeed>::new(), &window);
        assert_eq!(parse(Isa::detect(), &mut finder, &window), expected, "turn {turn}");
    }
}
