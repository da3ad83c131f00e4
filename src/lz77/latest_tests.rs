//! Tests of the finder of one match a position.

use super::*;
use crate::lz77::symbols::distance_slot;
use crate::lz77::window::Window;

const ALL: [Search; 4] = [
    Search { places: Places::Four, skips: true },
    Search { places: Places::Seven, skips: true },
    Search { places: Places::Seven, skips: false },
    Search { places: Places::SevenTwice, skips: false },
];

/// Copies of uneven lengths from all over, long runs, and noise between them.
fn mixed(len: usize) -> Vec<u8> {
    let mut state = 7u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (state >> 33) as usize % bound
    };
    let mut bytes = Vec::new();
    while bytes.len() < len {
        let length = [0, 3, 5, 9, 40, 700][below(6)];
        let distance = 1 + below(bytes.len().clamp(1, 40_000));
        for _ in 0..length {
            let from = bytes.len().wrapping_sub(distance);
            bytes.push(bytes.get(from).copied().unwrap_or(0));
        }
        (0..below(8)).for_each(|_| bytes.push(below(256) as u8));
    }
    bytes.truncate(len);
    bytes
}

/// What is found for every position of the chunk.
fn found(finder: &mut Latest, isa: Isa, window: &Window, step: usize) -> Vec<Found> {
    let Some(view) = window.view() else { panic!("the window has room") };
    finder.start(isa, view, false);
    let mut found = Vec::new();
    for from in (0..view.end).step_by(step) {
        let to = (from + step).min(view.end);
        finder.find(isa, view, from, to);
        found.extend(&finder.found[..to - from]);
    }
    found
}

#[test]
fn every_match_is_in_reach_and_as_long_as_its_bytes_are_equal() {
    let len = if cfg!(miri) { 1_500 } else { 150_000 };
    let bytes = mixed(len);
    let histories = [0, 300, len / 3, len / 2];
    for (history, knobs) in histories.into_iter().flat_map(|history| ALL.map(|knobs| (history, knobs))) {
        let mut window = Window::new(len);
        window.restart(&bytes[..history]);
        window.fill(&bytes[history..]);
        let content = window.content();
        let before = content.len() - window.chunk().len();
        let mut finder = Latest::new(knobs);
        for (at, found) in found(&mut finder, Isa::detect(), &window, 4000).into_iter().enumerate() {
            let (length, distance) = (found.length(), usize::from(found.offset().wrapping_neg()));
            let equal = if found.before() > 32 { 32 } else { found.before() };
            if length + equal == 0 {
                continue;
            }
            let start = before + at - equal;
            assert!(distance <= start, "{at}: more before it than there is");
            assert_eq!(content[start..before + at], content[start - distance..][..equal], "{at}");
            assert!(length + equal <= MAX_MATCH, "{at}: longer than the format allows");
            assert_eq!(found.slot(), distance_slot(distance - 1));
            let here = &content[before + at..];
            assert!(length <= here.len().min(MAX_MATCH), "{at}: past the end");
            if length >= 3 {
                assert!(distance <= (before + at).min(MAX_DISTANCE), "{at}: before the history");
                let there = &content[before + at - distance..];
                assert_eq!(here[..length], there[..length], "{at}");
                let is_whole = length == here.len() || length >= LONG || here[length] != there[length];
                // What is left of a match that was cut at the longest length may go on.
                assert!(is_whole || finder_has_cut(content, before + at, distance), "{at}: too short");
            }
        }
    }
}

/// Whether the bytes before `at` belong to a match at that distance that is longer than the format allows.
fn finder_has_cut(content: &[u8], at: usize, distance: usize) -> bool {
    let equal = (1..at - distance).take_while(|&back| content[at - back] == content[at - back - distance]);
    equal.count() + LONG > MAX_MATCH
}

#[test]
fn what_is_found_depends_neither_on_the_instruction_set_nor_on_earlier_input() {
    let bytes = mixed(if cfg!(miri) { 1_000 } else { 100_000 });
    for knobs in ALL {
        for history in [0, 1, 255, bytes.len() / 2] {
            let mut window = Window::new(bytes.len());
            window.restart(&bytes[..history]);
            window.fill(&bytes[history..]);
            let expected = found(&mut Latest::new(knobs), Isa::portable(), &window, 4000);
            let mut finder = Latest::new(knobs);
            for isa in Isa::all() {
                // Other bytes before the history and behind the chunk, and tables that are not fresh.
                let mut used = Window::new(bytes.len());
                used.fill(&bytes.iter().map(|byte| byte ^ 0x55).collect::<Vec<_>>());
                used.slide();
                found(&mut finder, isa, &used, 4000);
                used.restart(&bytes[..history]);
                used.fill(&bytes[history..]);
                assert_eq!(found(&mut finder, isa, &used, 4000), expected, "{isa:?}, {history} before");
            }
        }
    }
}

#[test]
fn which_of_two_equally_long_matches_is_found_does_not_depend_on_what_was_before_the_history() {
    let bytes = b"0123456a.0123456b,0123456c";
    for history in [0, 3, 9] {
        let choices = [0, b','].map(|before| {
            let mut window = Window::new(100);
            window.fill(&[before; 100]);
            window.slide();
            window.restart(&bytes[..history]);
            window.fill(&bytes[history..]);
            found(&mut Latest::new(ALL[3]), Isa::detect(), &window, 100)
        });
        assert_eq!(choices[0], choices[1], "{history}");
    }
}
