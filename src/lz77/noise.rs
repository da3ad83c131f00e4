//! Noise: bytes that are packed, enciphered or random. They are stored, so they are not parsed.
//!
//! **Problem.** A match finder that finds nothing, and a code that saves nothing, take as much time as those that do; and
//! prices learnt from noise are wrong for what comes next.
//!
//! **Method.** Of 256 random bytes 162 are different, give or take five. Where that holds block by block, bytes are spread as
//! evenly as they can be, and no code makes them fewer: 148 on average stand for two or three percent. Text, code, records and
//! samples have at most 140. That leaves matches. So noise begins only where a stretch has hardly any (`super::path`), and
//! that is asked again every 8 to 32 KiB. And what noise repeats of the noise before it is found by anchors: places that
//! start with one of the 256 values, by a hash of eight bytes from there on. Two blocks of three have one, so a repetition is
//! seen within a few hundred bytes, and then everything in reach is inserted (`super::latest`).
//!
//! Levels that parse a whole chunk first, at the speed of copying where nothing matches, only do not count such pieces, and cut
//! those at whose end noise starts, or at whose start it ends.
//!
//! **Cost.** A store for each byte, and a lookup for each block. Elsewhere the last block of each stretch is looked at.

use super::window::{MAX_DISTANCE, View};
use crate::raw::position::Candidate;
use alloc::boxed::Box;
use core::ops::Range;

/// Bytes whose values are counted together.
pub(crate) const BLOCK: usize = 256;
/// A block of fewer different values is no noise. Chance makes none, but one of half text.
const LEAST: usize = 120;
/// Nor are many blocks of fewer than these.
const LEAST_MEAN: usize = 148;
/// So many values more than that are remembered, to be set against fewer.
const CREDIT: usize = 64;
/// So many fewer are forgiven in the first blocks that are looked at.
const SLACK: usize = 8;

/// Blocks at the end of a stretch that make noise there worth a border.
const WORTH: usize = 2;

/// Bytes of noise after which matches are looked for again: as many as there have been, but no fewer and no more.
const AGAIN: [usize; 2] = [8 << 10, 32 << 10];

/// Fewer bytes before noise are taken for noise.
const LEAST_TEXT: usize = 32;

/// The value that an anchor starts with.
const ANCHOR: usize = 0xA5;
/// log2 of the anchors that are known: some 80 blocks of a window have one.
const BITS: u32 = 10;

/// What is known of noise in a chunk and before it. Places are numbered from the farthest of the history on.
#[derive(Debug)]
pub(crate) struct Noise {
    /// The latest place of each hash; 0 if there is none.
    anchors: Box<[u32; 1 << BITS]>,
    /// Where the noise before `end` starts.
    from: usize,
    end: usize,
}

/// Where each value stands last in a block, counted from 1; 0 if nowhere.
#[inline(always)]
fn last_places(block: &[u8; BLOCK]) -> [u16; 256] {
    let mut places = [0; 256];
    block.iter().zip(1..).for_each(|(&byte, place)| places[usize::from(byte)] = place);
    places
}

/// How many different values a block has.
#[inline(always)]
fn values(places: &[u16; 256]) -> usize {
    usize::from(places.iter().map(|&place| u16::from(place > 0)).sum::<u16>())
}

/// Whether about half of the values of a block are in the upper half, which tells text from noise faster.
#[inline(always)]
fn is_even(block: &[u8; BLOCK]) -> bool {
    let upper: u16 = block.iter().map(|&byte| u16::from(byte >> 7)).sum();
    upper.abs_diff(BLOCK as u16 / 2) <= BLOCK as u16 / 5
}

/// How many of the first of `blocks` are noise together, if they are worth a border; else none.
fn noisy<'a>(blocks: impl Iterator<Item = &'a [u8]>) -> usize {
    let (mut count, mut sum) = (0, 0);
    for block in blocks.filter_map(|block| block.first_chunk()).take_while(|block| is_even(block)) {
        let values = values(&last_places(block));
        if values < LEAST || sum + values + SLACK < (count + 1) * LEAST_MEAN {
            break;
        }
        (count, sum) = (count + 1, sum + values);
    }
    if count >= WORTH && sum >= count * LEAST_MEAN { count } else { 0 }
}

/// From where on all of `stretch` looks like noise, counted from its start; its length if that is not worth a border.
pub(crate) fn start(input: &[u8], stretch: Range<usize>) -> usize {
    let count = noisy(input[stretch.clone()].rchunks_exact(BLOCK));
    if count == 0 {
        return stretch.len();
    }
    // The block before may be half of each.
    let to = stretch.end - count * BLOCK;
    let from = to.saturating_sub(BLOCK).max(stretch.start);
    let border = from + like(&input[from.saturating_sub(BLOCK)..from], input[from..to].iter());
    match border - stretch.start {
        0..LEAST_TEXT => 0,
        text => text,
    }
}

/// How far all of `stretch` looks like noise from its start on; 0 if that is not worth a border.
pub(crate) fn end(input: &[u8], stretch: Range<usize>) -> usize {
    let count = noisy(input[stretch.clone()].chunks_exact(BLOCK));
    if count == 0 {
        return 0;
    }
    // The last block, or the one behind it, may be half of each.
    let from = stretch.start + (count - 1) * BLOCK;
    let to = (from + 2 * BLOCK).min(stretch.end);
    let text = &input[to..input.len().min(to + BLOCK)];
    to - like(text, input[from..to].iter().rev()) - stretch.start
}

/// Whether all of `input` looks like noise, as far as one block of four tells.
pub(crate) fn fills(input: &[u8]) -> bool {
    let blocks = input.chunks_exact(BLOCK).step_by(4).filter_map(|block| block.first_chunk());
    let (mut count, mut sum) = (0, 0);
    for block in blocks {
        let values = values(&last_places(block));
        if values < LEAST {
            return false;
        }
        (count, sum) = (count + 1, sum + values);
    }
    count >= WORTH && sum >= count * LEAST_MEAN
}

/// How many of the first of `bytes` are more like `text` than like noise: most have a value that it has, too.
#[inline(never)]
fn like<'a>(text: &[u8], bytes: impl Iterator<Item = &'a u8>) -> usize {
    let mut is_known = [false; 256];
    text.iter().for_each(|&byte| is_known[usize::from(byte)] = true);
    let (mut score, mut best) = (0, (0, 0));
    for (&byte, count) in bytes.zip(1..) {
        score += if is_known[usize::from(byte)] { 1 } else { -3 };
        best = best.max((score, count));
    }
    best.1
}

impl Noise {
    /// Nothing is known.
    pub(crate) fn new() -> Self {
        Self { anchors: super::zeroed(), from: 0, end: 0 }
    }

    /// Forgets all there was; whether the history of `view` is noise, which is known then.
    pub(crate) fn restart(&mut self, view: View<'_>) -> bool {
        self.anchors.fill(0);
        let from = MAX_DISTANCE - view.history;
        (self.from, self.end) = (from, MAX_DISTANCE);
        let is_noise = view.history > 0 && self.pass(view, from, MAX_DISTANCE) == (MAX_DISTANCE, false);
        if !is_noise {
            self.end = 0;
        }
        is_noise
    }

    /// Whether noise ends at `at`.
    pub(crate) fn ends_at(&self, at: usize) -> bool {
        self.end == at + MAX_DISTANCE
    }

    /// Where the noise ends that starts at `at`, or goes on there, or where matches are to be looked for again; whether it ends
    /// because it repeats something.
    pub(crate) fn end(&mut self, view: View<'_>, at: usize) -> (usize, bool) {
        let at = at + MAX_DISTANCE;
        if self.end != at {
            self.from = at;
        }
        let most = (at - self.from).clamp(AGAIN[0], AGAIN[1]);
        let (end, is_repeated) = self.pass(view, at, (at + most).min(view.end + MAX_DISTANCE));
        self.end = end;
        (end - MAX_DISTANCE, is_repeated)
    }

    /// Goes on from `at` to the first block that is no noise, or repeats something, at most to `to`.
    fn pass(&mut self, view: View<'_>, mut at: usize, to: usize) -> (usize, bool) {
        let mut credit = CREDIT / 2;
        while at + BLOCK <= to {
            let places = last_places(place(view, at).array());
            let values = values(&places);
            credit = (credit + values).saturating_sub(LEAST_MEAN).min(CREDIT);
            if values < LEAST && at + 2 * BLOCK <= view.end + MAX_DISTANCE {
                let text: &[u8; BLOCK] = place(view, at + BLOCK).array();
                let block: &[u8; BLOCK] = place(view, at).array();
                return (at + BLOCK - like(text, block.iter().rev()), false);
            }
            if values < LEAST || credit == 0 {
                return (at, false);
            }
            let anchor = usize::from(places[ANCHOR]);
            if anchor > 0 && self.is_repeated(view, at + anchor - 1) {
                return (at, true);
            }
            at += BLOCK;
        }
        // What is less than a block belongs to those before it.
        (to, false)
    }

    /// Remembers the anchor at `at`; whether the one before repeats there.
    #[inline(always)]
    fn is_repeated(&mut self, view: View<'_>, at: usize) -> bool {
        let bytes: &[u8; 8] = place(view, at).array();
        let index = u64::from_le_bytes(*bytes).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS);
        let before = core::mem::replace(&mut self.anchors[index as usize], at as u32) as usize;
        before > 0 && at - before <= MAX_DISTANCE && place(view, before).array() == bytes
    }
}

/// The place `number` bytes behind the farthest of the history.
#[inline(always)]
fn place(view: View<'_>, number: usize) -> Candidate<'_> {
    match number.checked_sub(MAX_DISTANCE) {
        Some(at) => view.at(at).here(),
        None => view.at(0).back((MAX_DISTANCE - number) as u16),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lz77::window::Window;
    use crate::{Level, deflate};
    use alloc::vec::Vec;

    fn random(len: usize, mut state: u64, below: u64) -> Vec<u8> {
        let mut next = || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            ((state >> 33) % below) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    /// Words at random, so that it has matches and is no line repeated.
    fn text(len: usize) -> Vec<u8> {
        let words = ["noise ", "is ", "what ", "nobody ", "can ", "make ", "shorter ", "than ", "it\n"];
        let of = random(len / 2, 9, words.len() as u64);
        let mut text: Vec<u8> = of.iter().flat_map(|&word| words[usize::from(word)].bytes()).collect();
        text.truncate(len);
        text
    }

    fn size(input: &[u8], level: u8) -> usize {
        let mut out = Vec::new();
        deflate::compress(input, Level::new(level).expect("a level"), &mut out);
        assert!(miniz_oxide::inflate::decompress_to_vec(&out).expect("valid") == input);
        out.len()
    }

    #[test]
    fn noise_starts_with_it_and_nothing_else_is_noise() {
        let noise = random(1984, 1, 256);
        let start = |bytes: &[u8]| super::start(bytes, 0..bytes.len());
        assert_eq!(start(&noise), 0);
        for bytes in [text(1984), random(1984, 2, 128), random(400, 3, 256), Vec::new()] {
            assert_eq!(start(&bytes), bytes.len());
            assert_eq!(end(&bytes, 0..bytes.len()), 0);
        }
        assert_eq!(end(&noise, 0..noise.len()), noise.len());
        for before in [350, 700, 950] {
            let mixed = [&text(before)[..], &noise[before..]].concat();
            let found = start(&mixed);
            assert!(found.abs_diff(before) <= 16, "{found}, {before} before it");
            // A stretch that starts within text has its border, too.
            let found = super::start(&mixed, before - 100..1984);
            assert!(found.abs_diff(100) <= 16, "{found}, {before} before it");
            // And so has one where text comes back.
            let mixed = [&noise[..before], &text(1984)].concat();
            let found = end(&mixed, 0..1984);
            let is_short = before < (WORTH + 1) * BLOCK;
            assert!(found.abs_diff(before) <= 16 || is_short && found == 0, "{found}, {before} of noise");
        }
    }

    #[test]
    fn noise_ends_where_text_starts_and_where_it_repeats_itself() {
        let noise = random(7_000, 4, 256);
        let mut window = Window::new(40_000);
        for (behind, is_repeated) in [(text(9_000), false), (noise.clone(), true)] {
            window.restart(&[]);
            window.fill(&[&noise[..], &behind].concat());
            let view = window.view().expect("the window has room");
            let mut known = Noise::new();
            assert!(!known.restart(view));
            let (end, repeats) = known.end(view, 0);
            assert_eq!(repeats, is_repeated);
            assert!(end + BLOCK > 7_000 && end < 7_000 + if repeats { 4 * BLOCK } else { 1 }, "{end}");
        }
        // It goes on from the history, and is known there.
        for history in [1_000, 7_000] {
            window.restart(&noise[..history]);
            window.fill(&noise);
            let mut known = Noise::new();
            let view = window.view().expect("the window has room");
            assert!(known.restart(view) && known.ends_at(0));
            assert!(known.end(view, 0).1);
        }
    }

    #[test]
    fn noise_costs_nothing_and_hides_nothing() {
        let (noise, text) = (random(300_000, 5, 256), text(300_000));
        for level in 1..=9 {
            assert!(size(&noise, level) <= noise.len() + noise.len() / 5_000);
            // Both in turns, and the text by itself.
            let pieces = || text.chunks(60_000).zip(noise.chunks(60_000));
            let mixed: Vec<u8> = pieces().flat_map(|(text, noise)| [text, noise].concat()).collect();
            let sum: usize = pieces().map(|(text, noise)| size(text, level) + noise.len()).sum();
            if level < 3 {
                // Tables know little of what is before each part of a chunk: only borders are looked at.
                let mixed = [&text[..61_000], &noise[..30_000], &text[61_000..90_000]].concat();
                let sum = size(&[&text[..61_000], &text[..29_000]].concat(), level) + 30_000;
                assert!(size(&mixed, level) <= sum + 500, "{} of {sum}, {level}", size(&mixed, level));
                continue;
            }
            assert!(size(&mixed, level) <= sum + sum / 2_000, "{} of {sum}, {level}", size(&mixed, level));
            // Noise that repeats what is in reach, and words of four random bytes that come again in any order.
            let again: Vec<u8> =
                noise[..100_000].chunks(20_000).flat_map(|part| [part, part].concat()).collect();
            assert!(size(&again, level) < 110_000, "{}", size(&again, level));
            let numbers = random(200_000, 6, 250);
            let words: Vec<u8> =
                numbers.iter().flat_map(|&n| noise[4 * usize::from(n)..][..4].to_vec()).collect();
            assert!(size(&words, level) < words.len() / 2, "{}", size(&words, level));
        }
    }
}
