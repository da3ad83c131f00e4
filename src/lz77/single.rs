//! One candidate per position, a few positions at a time, three places of the chunk in turns: the fastest parse that still
//! finds most long matches.
//!
//! **Problem.** At this speed a parse waits: for a table entry, for the bytes it names, for the length that tells where to
//! look next, and after each branch that was not foreseen for the next instructions. Tests cost little beside that.
//!
//! **Method.** One table maps a hash of five bytes (of four in machine code) to the latest position that had it.
//! Four or five positions in a row are looked up and inserted together, so that their loads overlap, and up to 64 equal bits
//! are counted at each. Which of them is used is decided without a branch: the one with most, the first of equals, if that
//! is four bytes or more. So the parse is lazy inside a group, and greedy between groups. A match is extended ahead, and back
//! over literals by up to a word. A step ends with a match or without one, and does the same work either way: only what is
//! rare, a match of 64 bytes or more or a long run of literals, is a branch.
//!
//! Without branches a step is one long chain of loads, and the next cannot start before its end. So the chunk is cut into
//! three parts of equal length, each with a table of its own, and one step of each is made in turns, the same stage of all
//! three side by side:
//!
//! ```text
//! look up a | look up b | look up c | compare a | compare b | compare c | extend a | ... | look up a | ...
//! ```
//!
//! A processor takes instructions in order into a queue where they wait for their operands. If the stages of one part
//! followed each other, those that wait would fill the queue before the first of the next part came.
//!
//! Of the positions inside a match only those of its group and the last few are inserted, as what repeats later mostly
//! repeats from the same start. Where nothing has matched for long, positions are skipped, ever more of them, so that data
//! that cannot be compressed passes at the speed of copying. Positions of 16 bits that are never rebased are igzip's idea.
//!
//! A short chunk without history takes less time than a table to be cleared. So its positions have lower numbers than those
//! of the chunks before, whose entries then lie ahead of every position, and count as empty.
//!
//! **Invariants.** 1. No match reaches before the start of the history, farther than 32 KiB, or past the end of its part.
//! Every candidate's bytes are compared, so an entry may hold anything. 2. The first [`UNNAMED`] positions of the history
//! are never inserted, so a match extended back by a word starts inside it. 3. What is chosen never depends on bytes behind
//! the part: a candidate that is not behind its position loses to every other. 4. Neither tokens nor pieces depend on which
//! parts take turns: WebAssembly parses one after the other.
//!
//! **Cost.** Three tables of 64 or 128 KiB, and the 32 KiB before each part, of which every fourth or sixteenth position
//! is inserted; per position searched one load and one store of a table and one compared word.

use super::tokens::{BEHIND, COPIED, Piece, ROOM, Region, Run, Tokens};
use super::window::{MAX_DISTANCE, View};
use super::{MAX_MATCH, MIN_MATCH};
use crate::arch::{IS_FETCHED, Kernel, Simd, scalar, scalar16};
use crate::raw::position::Position;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hint::select_unpredictable;
use core::marker::PhantomData;
use core::ops::Range;

/// How positions are found and chosen.
pub(crate) trait Tuning: core::fmt::Debug {
    /// log2 of the entries of a table.
    const HASH_BITS: u32;
    /// Bytes that are hashed where the chunk looks like machine code; elsewhere five.
    const CODE_BYTES: u32;
    /// Positions looked up together.
    const GROUP: usize;
    /// Bits at the end of a match that do not count when the longer of two is chosen: 7 for whole bytes. 0 saves an
    /// instruction a position.
    const ODD_BITS: u32;
    /// Positions at the end of a match that are inserted, at most eight.
    const LAST: usize;
    /// Of so many positions before a part one is inserted where the chunk is large.
    const KNOWN: usize;
}

/// Fewer positions, and longer matches.
#[derive(Debug)]
pub(crate) struct ForSpeed;

impl Tuning for ForSpeed {
    const HASH_BITS: u32 = 15;
    const CODE_BYTES: u32 = 4;
    const GROUP: usize = 5;
    const ODD_BITS: u32 = 0;
    const LAST: usize = 1;
    const KNOWN: usize = 16;
}

/// More of the positions inside matches, and matches of four bytes where they pay.
#[derive(Debug)]
pub(crate) struct ForSize;

impl Tuning for ForSize {
    const HASH_BITS: u32 = 16;
    const CODE_BYTES: u32 = 4;
    const GROUP: usize = 4;
    const ODD_BITS: u32 = 7;
    const LAST: usize = 8;
    const KNOWN: usize = 4;
}

/// The most positions of a group.
const MOST_GROUP: usize = 5;

/// log2 of the literals in a row for which the step grows by one position.
const SKIP_SHIFT: u32 = 6;
/// The least literals in a row for which it does.
const QUIET: usize = (1 << SKIP_SHIFT) - MOST_GROUP;
/// The most positions passed over between two groups.
const MAX_SKIP: usize = 128;

/// Parts of a chunk that are parsed in turns.
const PARTS: usize = 3;
/// The least bytes of a part, unless the chunk ends.
const MIN_PART: usize = 16 << 10;
/// With no more bytes than this more is known before a part: what is before the parts is a good part of all.
const SMALL: usize = 256 << 10;
/// Bytes before a part of which more is known then.
const NEAR: usize = 10 << 10;
/// Of so many positions in them one is inserted.
const KNOWN_IF_SMALL: usize = 4;
/// No step starts with fewer bytes left of its part: a match found has room for four.
const STEP_ROOM: usize = MOST_GROUP + 4;
/// With this many bytes left a match that does not go on behind the first block compared ends in the part.
const FAST_ROOM: usize = MOST_GROUP + LONG;

/// Bytes a match is extended back at most.
const WORD: usize = 8;
/// The first positions of the history, which no match names: invariant 2.
const UNNAMED: usize = WORD;
const _: () = assert!(WORD == BEHIND);

/// The most bits of a hash.
const MAX_BITS: u32 = 16;

/// The table of one part: the low bits of positions, counted from [`FIRST`].
type Heads = [u16; 1 << MAX_BITS];

/// The least number of the chunk's first position in a table: an empty entry, 0, is out of reach from there on.
const FIRST: u16 = MAX_DISTANCE as u16 + 1;
/// The highest number, which none has.
const EMPTY: u16 = u16::MAX;

/// The finder's tables.
#[derive(Debug)]
pub(crate) struct Single<T> {
    tuning: PhantomData<T>,
    /// The tables of all parts, one behind the other.
    heads: Box<[u16; PARTS << MAX_BITS]>,
    /// The lowest number that each of them holds, or [`EMPTY`].
    lowest: [u16; PARTS],
}

impl<T: Tuning> Single<T> {
    /// Empty tables.
    pub(crate) fn new() -> Self {
        const { assert!(T::HASH_BITS <= MAX_BITS && T::CODE_BYTES <= 8) };
        const { assert!(T::LAST <= 8 && T::GROUP <= MOST_GROUP) };
        Self { tuning: PhantomData, heads: super::zeroed(), lowest: [EMPTY; PARTS] }
    }
}

/// The bytes whose hash finds the entry of a position.
const HASH_BYTES: u32 = 5;

/// What a word is multiplied with to hash the bytes that count: the others are shifted out.
#[inline(always)]
fn multiplier<T: Tuning>(view: View<'_>) -> u64 {
    let bytes = if T::CODE_BYTES != HASH_BYTES && is_code(view) { T::CODE_BYTES } else { HASH_BYTES };
    0x9E37_79B1_85EB_CA87 << (64 - 8 * bytes)
}

/// Whether a quarter of a sample of the chunk has the highest bit set, as in machine code: there a literal costs so much
/// that matches of four bytes pay. In text they cost as much as their bytes, and hide longer ones.
fn is_code(view: View<'_>) -> bool {
    let (mut count, mut high) = (0, 0);
    for at in (0..view.end).step_by(view.end / SAMPLE | 1) {
        let [byte] = view.at(at).here().array();
        (count, high) = (count + 1, high + u32::from(byte >> 7));
    }
    4 * high >= count
}

/// Bytes of a sample, or twice as many.
const SAMPLE: usize = 1024;

/// The entry for a word.
#[inline(always)]
fn head<T: Tuning>(heads: &mut Heads, multiplier: u64, word: u64) -> &mut u16 {
    &mut heads[(word.wrapping_mul(multiplier) >> (64 - T::HASH_BITS)) as usize]
}

/// Parses a chunk to tokens, in pieces of `piece_bytes` bytes.
pub(crate) struct ParseSingle<'a, T> {
    pub(crate) view: View<'a>,
    pub(crate) finder: &'a mut Single<T>,
    pub(crate) piece_bytes: usize,
    pub(crate) tokens: &'a mut Tokens,
}

/// A part of the chunk that is being parsed.
struct Part<'a> {
    heads: &'a mut Heads,
    multiplier: u64,
    /// The number of the chunk's first position.
    first: u16,
    region: Region<'a>,
    /// Where its tokens start among all tokens.
    first_token: usize,
    /// Tokens that pieces hold.
    in_pieces: usize,
    /// The next position to search.
    at: usize,
    /// Literals before it.
    quiet: usize,
    /// The piece is cut behind the step that comes here.
    cut_at: usize,
    /// From where on no step starts before that, or for want of room.
    stop: usize,
    end: usize,
}

impl Part<'_> {
    /// Whether there is room for a step that leaves `room` bytes.
    #[inline(always)]
    fn has_room(&self, room: usize) -> bool {
        self.at + room <= self.end
    }

    /// Sets where the piece is cut, or the last step with room starts.
    fn next_stop(&mut self, room: usize) {
        self.stop = self.cut_at.min((self.end + 1).saturating_sub(room));
    }

    /// Adds `count` bytes from `from` on as literals.
    #[cold]
    #[inline(never)]
    fn put_literals(&mut self, view: &View<'_>, from: usize, count: usize) {
        let (mut at, end) = (from, from + count);
        while at + COPIED <= end {
            self.region.put_literals(view.at(at).here().array::<COPIED>());
            at += COPIED;
        }
        self.region.put_literals(&view.at(at).here().array::<COPIED>()[..end - at]);
    }

    /// Ends a piece before the literals that may be taken back.
    fn cut(&mut self, pieces: &mut Vec<Piece>) {
        let open = self.quiet.min(WORD);
        let count = self.region.count - open;
        if count > self.in_pieces {
            let tokens = self.first_token + self.in_pieces..self.first_token + count;
            pieces.push(Piece { run: Run::Tokens(tokens), input_end: self.at - open });
            self.in_pieces = count;
        }
    }
}

/// What one step knows of its part.
#[derive(Clone, Copy)]
struct Step<'a> {
    place: Position<'a>,
    /// How far the candidate of each position is ahead: negative if it can be used.
    ahead: [i16; MOST_GROUP],
    /// All bits if there is a match, else none.
    is_match: usize,
    /// Where it is, from `place` on; without one the last of the group.
    offset: usize,
    distance: usize,
    back: usize,
    length: usize,
}

/// The candidate with most equal bits, the first of equals, is the largest number.
///
/// ```text
/// bits 20..=26  equal bits, 0..=64
/// bits 16..=18  how many positions of the group are behind it
/// bits  0..=14  distance - 1
/// ```
///
/// All higher bits are set, which makes it negative, if the candidate is out of reach.
type Choice = i64;

/// No match, but the last position of the group: more than every candidate of fewer than four bytes.
const NONE: Choice = 31 << 20 | 1 << 19;
const _: () = assert!(MOST_GROUP <= 8 && MAX_DISTANCE <= 1 << 15);

impl<T: Tuning> Kernel for ParseSingle<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self { view, finder, piece_bytes, tokens } = self;
        tokens.reserve(view.end, PARTS);
        let Tokens { tokens, pieces, .. } = tokens;
        let Single { heads, lowest, .. } = finder;
        let [a, b, c] = heads.as_chunks_mut().0 else { unreachable!("there are three tables") };
        let multiplier = multiplier::<T>(view);
        let part_bytes = view.end.div_ceil(PARTS).max(MIN_PART);
        let (mut rest, mut first_token) = (&mut tokens[..], 0);
        let mut start = |part: usize, heads| {
            let range = view.end.min(part * part_bytes)..view.end.min((part + 1) * part_bytes);
            let room = range.len() + ROOM;
            let (tokens, others) = core::mem::take(&mut rest).split_at_mut(room);
            rest = others;
            let part = start::<T>(
                view,
                (heads, multiplier),
                (Region::new(tokens), first_token + BEHIND),
                range,
                &mut lowest[part],
            );
            first_token += room;
            part
        };
        let mut parts = [start(0, a), start(1, b), start(2, c)];
        parts.iter_mut().for_each(|part| part.cut_at = part.at + piece_bytes);
        if !IS_FETCHED {
            parts = together::<S, T, PARTS>(view, parts, piece_bytes, pieces);
            // One has come to its end; the other two go on in turns, and then each alone.
            parts.sort_unstable_by_key(|part| !part.has_room(FAST_ROOM));
            let [a, b, c] = parts;
            let [a, b] = together::<S, T, 2>(view, [a, b], piece_bytes, pieces);
            parts = [a, b, c];
        }
        for part in parts {
            let [mut part] = together::<S, T, 1>(view, [part], piece_bytes, pieces);
            part.put_literals(&view, part.at, part.end - part.at);
            (part.at, part.quiet) = (part.end, 0);
            part.cut(pieces);
        }
        if !IS_FETCHED {
            pieces.sort_unstable_by_key(|piece| piece.input_end);
        }
    }
}

/// A part with a table that knows some of what stands before it, as far as a match may reach.
#[inline(always)]
fn start<'a, T: Tuning>(
    view: View<'_>,
    (heads, multiplier): (&'a mut Heads, u64),
    (region, first_token): (Region<'a>, usize),
    range: Range<usize>,
    lowest: &mut u16,
) -> Part<'a> {
    let Range { start: from, end } = range;
    let at = from.max((UNNAMED + T::LAST).saturating_sub(view.history)).min(end);
    let mut part = Part {
        heads,
        multiplier,
        first: FIRST,
        region,
        first_token,
        in_pieces: 0,
        at,
        quiet: at - from,
        cut_at: 0,
        stop: 0,
        end,
    };
    if from == end {
        return part;
    }
    part.put_literals(&view, from, at - from);
    // With lower numbers than those of the chunks before, these seem to lie ahead, where no candidate is.
    let fits = |lowest: u16| view.history == 0 && view.end <= usize::from(lowest - FIRST);
    if *lowest != EMPTY && !fits(*lowest) {
        part.heads[..1 << T::HASH_BITS].fill(0);
        *lowest = EMPTY;
    }
    if fits(*lowest) {
        part.first = *lowest - view.end as u16;
    }
    *lowest = part.first;
    let (heads, first) = (&mut *part.heads, part.first);
    let known = (from + view.history).saturating_sub(UNNAMED).min(MAX_DISTANCE);
    let place = view.at(from);
    let number = first.wrapping_add(from as u16);
    let near = if view.history + view.end <= SMALL { known.min(NEAR) } else { 0 };
    for (behind, until, step) in [(known, near, T::KNOWN), (near, 0, KNOWN_IF_SMALL)] {
        let mut back = behind / step * step;
        while back > until {
            *head::<T>(heads, multiplier, place.back(back as u16).u64(0)) = number.wrapping_sub(back as u16);
            back -= step;
        }
    }
    part
}

/// Does the same for each of `N` parts: written out, for a loop of so long a body would stay one.
macro_rules! in_turns {
    ($n:ident, $k:ident, $work:expr) => {
        const { assert!(PARTS == 3) };
        if $n > 0 {
            let $k = 0;
            $work;
        }
        if $n > 1 {
            let $k = 1 % $n;
            $work;
        }
        if $n > 2 {
            let $k = 2 % $n;
            $work;
        }
    };
}

/// Parses in turns until one part has no room for another step. One alone goes on to its end.
#[inline(always)]
fn together<'a, S: Simd, T: Tuning, const N: usize>(
    view: View<'_>,
    mut parts: [Part<'a>; N],
    piece_bytes: usize,
    pieces: &mut Vec<Piece>,
) -> [Part<'a>; N] {
    let room = if N == 1 { STEP_ROOM } else { FAST_ROOM };
    parts.iter_mut().for_each(|part| part.next_stop(room));
    while parts.iter().all(|part| part.has_room(room)) {
        until_a_stop::<S, T, N>(view, &mut parts);
        for part in parts.iter_mut().filter(|part| part.at >= part.cut_at) {
            part.cut(pieces);
            part.cut_at = part.at + piece_bytes;
            part.next_stop(room);
        }
    }
    parts
}

/// Parses in turns until a part has come to its stop.
#[inline(always)]
fn until_a_stop<S: Simd, T: Tuning, const N: usize>(view: View<'_>, parts: &mut [Part<'_>; N]) {
    while parts.iter().all(|part| part.at < part.stop) {
        let mut steps = parts.each_ref().map(|part| Step::new(view.at(part.at)));
        in_turns!(N, k, look_up::<T>(&mut parts[k], &mut steps[k]));
        in_turns!(N, k, choose::<T>(&mut steps[k]));
        in_turns!(N, k, extend::<S, T>(&parts[k], &mut steps[k]));
        if steps.iter().fold(0, |any, step| any | step.length & step.is_match) >= LONG {
            in_turns!(N, k, extend_far::<S>(view, &parts[k], &mut steps[k]));
        }
        if N == 1 {
            in_turns!(
                N,
                k,
                steps[k].length = steps[k].length.min(parts[k].end - parts[k].at - steps[k].offset)
            );
        }
        in_turns!(N, k, finish::<T>(&view, &mut parts[k], steps[k]));
    }
}

impl<'a> Step<'a> {
    /// A step that has not begun.
    #[inline(always)]
    fn new(place: Position<'a>) -> Self {
        let ahead = [0; MOST_GROUP];
        Self { place, ahead, is_match: 0, offset: 0, distance: 0, back: 0, length: 0 }
    }
}

/// Looks up and inserts a group of positions, and inserts the last ones before it.
#[inline(always)]
fn look_up<T: Tuning>(part: &mut Part<'_>, step: &mut Step<'_>) {
    let place = step.place;
    let number = part.first.wrapping_add(part.at as u16);
    for back in (1..=T::LAST as u16).rev() {
        *head::<T>(part.heads, part.multiplier, place.back(back).u64(0)) = number.wrapping_sub(back);
    }
    for i in 0..T::GROUP {
        let number = number.wrapping_add(i as u16);
        let head = head::<T>(part.heads, part.multiplier, place.here().u64(i as u16));
        step.ahead[i] = scalar16(head.wrapping_sub(number).cast_signed());
        *head = number;
    }
}

/// Chooses one position of the group.
#[inline(always)]
fn choose<T: Tuning>(step: &mut Step<'_>) {
    let place = step.place;
    let mut choices = [NONE; MOST_GROUP];
    for (i, choice) in choices.iter_mut().enumerate().take(T::GROUP) {
        let ahead = step.ahead[i];
        let differing = place.here().u64(i as u16) ^ place.near(ahead, i as u8);
        let equal_bits = scalar((differing.trailing_zeros() & !T::ODD_BITS).into());
        // Joined first, as it does not wait for the candidate.
        let place = scalar(!i64::from(ahead).cast_unsigned() | ((T::GROUP - 1 - i) as u64) << 16);
        *choice = (equal_bits << 20 | place).cast_signed();
    }
    let more = |a: Choice, b: Choice| scalar(a.max(b).cast_unsigned()).cast_signed();
    // In pairs, so that none waits for all others.
    let [a, b, c, d, e] = choices;
    let best = more(more(more(a, b), more(c, d)), more(e, NONE));
    step.is_match = scalar(((NONE - best) >> 63).cast_unsigned()) as usize;
    step.distance = (best as usize & (MAX_DISTANCE - 1)) + 1;
    step.offset = T::GROUP - 1 - (best as usize >> 16 & 7);
}

/// A length that may go on behind the first block compared.
const LONG: usize = 64;

/// Counts equal bytes ahead, up to a block, and back.
#[inline(always)]
fn extend<S: Simd, T: Tuning>(part: &Part<'_>, step: &mut Step<'_>) {
    // The word before the match, and its candidate.
    let behind = WORD - step.offset;
    let here = step.place.back(behind as u16);
    let candidate = step.place.back((behind + step.distance) as u16);
    step.length = here.common_blocks::<S>(candidate, WORD as u16) as usize;
    let differing = here.u64(0) ^ candidate.u64(0);
    step.back = (differing.leading_zeros() as usize >> 3).min(part.quiet + step.offset);
}

/// Extends a match of a whole block to its end.
#[inline(always)]
fn extend_far<S: Simd>(view: View<'_>, part: &Part<'_>, step: &mut Step<'_>) {
    if step.length & step.is_match >= LONG {
        let start = part.at + step.offset;
        let place = view.at(start);
        let candidate = place.back(step.distance as u16);
        step.length = place.here().common_len::<S>(candidate, LONG as u16) as usize;
        step.length = step.length.min(MAX_MATCH - step.back).min(part.end - start);
    }
}

/// Adds the literals passed, and a match if there is one, and goes on behind it.
#[inline(always)]
fn finish<T: Tuning>(view: &View<'_>, part: &mut Part<'_>, step: Step<'_>) {
    let Step { place, is_match, offset, distance, back, length, .. } = step;
    let found = ((length + back).wrapping_sub(MIN_MATCH), distance - 1);
    // Without a match it stands behind all literals.
    part.region.put(place.here().array(), (BEHIND + offset - back) | !is_match, found);
    let mut passed = T::GROUP;
    if part.quiet >= QUIET {
        passed += ((part.quiet + T::GROUP) >> SKIP_SHIFT).min(MAX_SKIP);
        passed = passed.min(part.end - part.at);
        if passed & !is_match > COPIED {
            part.put_literals(view, part.at, passed);
            part.region.count -= passed;
        }
    }
    let is_match = is_match != 0;
    let tokens = select_unpredictable(is_match, (offset + 2).wrapping_sub(back), passed);
    part.region.count = part.region.count.wrapping_add(tokens);
    let forward = select_unpredictable(is_match, offset + length, passed);
    part.at += forward;
    part.quiet = select_unpredictable(is_match, 0, part.quiet + forward);
}

#[cfg(test)]
#[path = "single_tests.rs"]
mod tests;
