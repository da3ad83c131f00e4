//! Matches of distance 1 alone, or none: for data whose only repetition are runs, as images have it after prediction,
//! and for data that has none, but an uneven distribution of bytes.
//!
//! Greedy, one look at each byte, no table. A run shorter than [`MIN_MATCH`] stays literals.

use super::sequence::Store;
use super::window::Window;
use super::{Cursor, MAX_MATCH, MIN_MATCH, Match};

/// Parses the window's chunk from `cursor` until a sequence ends at or after `until`, or the chunk ends; without any
/// match unless `has_runs`.
pub(crate) fn parse(
    window: &Window,
    has_runs: bool,
    cursor: Cursor,
    until: usize,
    store: &mut Store,
) -> Cursor {
    let (content, chunk) = (window.content(), window.chunk());
    let history = content.len() - chunk.len();
    let Cursor { mut at, mut literals_from, .. } = cursor;
    let stop = until.min(chunk.len());
    if !has_runs {
        at = stop;
    }
    while at < stop {
        let length = match (history + at).checked_sub(1) {
            Some(before) => {
                let byte = content[before];
                chunk[at..].iter().take(MAX_MATCH).take_while(|&&here| here == byte).count()
            }
            None => 0,
        };
        if length < MIN_MATCH {
            at += length.max(1);
            continue;
        }
        store.push(at - literals_from, Match { length, distance: 1 });
        at += length;
        literals_from = at;
    }
    literals_from = at - store.push_literals(at - literals_from);
    Cursor { at, literals_from }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;
    use crate::deflate;
    use alloc::vec::Vec;

    #[test]
    fn runs_of_every_length_at_every_place_come_back() {
        let mut data = Vec::new();
        for length in 1..600usize {
            data.extend(core::iter::repeat_n(length as u8, length));
            data.extend((0..length % 7).map(|i| (i * 50) as u8));
        }
        for level in [Level::RUNS, Level::HUFFMAN] {
            let mut packed = Vec::new();
            deflate::compress(&data, level, &mut packed);
            assert!(miniz_oxide::inflate::decompress_to_vec(&packed).expect("valid") == data);
            assert_eq!(packed.len() < 10_000, level == Level::RUNS, "{} bytes", packed.len());
        }
    }

    #[test]
    fn a_run_may_start_in_the_history() {
        let mut window = Window::new(100);
        window.restart(b"xa");
        window.fill(b"aaaab");
        let mut store = Store::default();
        let cursor = parse(&window, true, Cursor::default(), 100, &mut store);
        assert_eq!((cursor.at, cursor.literals_from), (5, 4));
        let [run] = store.sequences() else { panic!("{:?}", store.sequences()) };
        assert_eq!((run.literals(), run.bytes(), run.distance_code()), (0, 4, 0));
    }
}
