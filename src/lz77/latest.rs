//! One match for every position: with the latest place of the same seven bytes, or else of the same three.
//!
//! **Problem.** A search whose next step depends on what it found waits for memory, and pays for each branch that was
//! foreseen wrongly. Here nothing depends on anything: each position is looked up, inserted and compared once.
//!
//! **Method.** Positions are inserted a block at a time, in three passes of a few instructions each: hashes, which the
//! compiler makes of whole vectors; entries looked up and replaced; distances, in vectors again. An entry for seven bytes
//! holds a tag beside the position, 16 bits of their hash, so that a candidate is chosen before any of its bytes are
//! loaded: that of seven bytes if its tag is the same and it is in the window, else that of three. The one finds matches
//! of seven bytes or more, the other near short ones. With two entries for seven bytes the older is a second candidate,
//! used if its match is longer.
//!
//! ```text
//! entry for seven bytes:  bits 31..16  the position modulo 64 Ki
//!                         bits 15..0   tag
//! ```
//!
//! Then 32 bytes are compared at each position. If all are equal, the match is extended, and the positions inside it
//! have what is left of it. So the lengths along a match are right wherever a parse enters it.
//!
//! Positions are 16 bits and never rebased (as igzip does). A stale entry, or one of other bytes, is a place in the window
//! like any other once its distance is taken modulo 32 Ki, and its bytes are compared.
//!
//! Where nothing has matched for long, ever fewer blocks are compared, and few positions of the others inserted, so that
//! data that cannot be compressed passes quickly.
//!
//! **Invariants.** 1. No match reaches before the start of the history, farther than 32 KiB, or past the end of the chunk.
//! 2. All bytes of a match are compared. 3. Nothing that is found depends on what the window held before the history.
//!
//! **Cost.** 256 KiB of tables, 384 with two entries; about 35 instructions a position, 65 with two candidates.

use super::MAX_MATCH;
use super::symbols::distance_slot;
use super::window::{MAX_DISTANCE, View};
use crate::arch::{Isa, Kernel, Simd};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hint::select_unpredictable;

/// Positions inserted at once.
const BLOCK: usize = 256;

/// Positions compared in one round of a loop.
const GROUP: usize = 4;

/// Bytes compared at once. A match of so many is extended.
pub(crate) const LONG: usize = 32;

/// Positions held at most: a power of two.
pub(crate) const ROOM: usize = 1 << 13;

/// The most positions asked for at once: with those of a long match behind them, and blocks cut in two, they have room.
pub(crate) const MOST: usize = ROOM - MAX_MATCH - 2 * BLOCK;

/// log2 of the entries used for three and for seven bytes. The index of an entry is 16 bits.
const BITS3: u32 = 16;
const BITS7: u32 = 15;

/// Positions without a match worth the name for which the number of blocks, of which one is compared, grows by one.
const QUIET: usize = 4096;
/// Of so many blocks one is compared in the end, and of so many positions in the others one inserted: enough for data that
/// cannot be compressed but is repeated.
const SPARSE: usize = 16;
const SPARSE_STEP: usize = 32;
/// A match worth the name, in bytes: a power of two. Chance makes few of them.
const WORTH: u32 = 4;

const _: () =
    assert!(BITS3 <= 16 && BITS7 <= 16 && MAX_DISTANCE.is_multiple_of(BLOCK) && BLOCK.is_multiple_of(GROUP));

/// Entries by a hash of 16 bits.
type Heads3 = [u16; 1 << 16];
/// The same, or two for each hash.
type Heads7 = [u32; 2 << 16];

/// A long match: where it starts and where it ends.
pub(crate) type Span = core::ops::Range<usize>;

/// The finder's tables, and what it found.
#[derive(Debug)]
pub(crate) struct Latest {
    heads3: Box<Heads3>,
    /// One entry for each hash, or two if `is_double`, the latest first.
    heads7: Box<Heads7>,
    /// Whether two places of the same seven bytes are known, and two candidates compared.
    is_double: bool,
    /// Length of the match at each position from `base` on; less than three: none.
    pub(crate) lengths: Box<[u16; ROOM]>,
    /// Its distance, below 0, modulo 64 Ki.
    pub(crate) offsets: Box<[u16; ROOM]>,
    /// The slot of its distance.
    pub(crate) slots: Box<[u16; ROOM]>,
    /// The second candidate's.
    older_offsets: Box<[u16; ROOM]>,
    older_slots: Box<[u16; ROOM]>,
    /// Matches of [`LONG`] bytes or more among them, in order.
    pub(crate) spans: Vec<Span>,
    /// The position of the first of `lengths`.
    base: usize,
    /// The first position that is not compared.
    done: usize,
    /// The first position that is not inserted, nor passed over: a multiple of [`BLOCK`].
    inserted: usize,
    /// A bit for each block inserted last, by its number: whether it was passed over.
    passed_over: u64,
    /// Where the last block ends that had a match worth the name.
    quiet_from: usize,
    /// Whether the tables are as they were allocated.
    is_fresh: bool,
    /// Bits by which the indexes of entries are shorter.
    shift: u32,
}

impl Latest {
    /// Empty tables.
    pub(crate) fn new(is_double: bool) -> Self {
        Self {
            is_double,
            older_offsets: super::zeroed(),
            older_slots: super::zeroed(),
            heads3: super::zeroed(),
            heads7: super::zeroed(),
            lengths: super::zeroed(),
            offsets: super::zeroed(),
            slots: super::zeroed(),
            spans: Vec::new(),
            base: 0,
            done: 0,
            inserted: 0,
            passed_over: 0,
            quiet_from: 0,
            is_fresh: true,
            shift: 0,
        }
    }

    /// Forgets every position and inserts the history of `view`.
    pub(crate) fn start(&mut self, isa: Isa, view: View<'_>) {
        self.shift = BITS3.saturating_sub(1 + (view.history + view.end).next_power_of_two().ilog2());
        if !self.is_fresh {
            self.heads3[..1 << (BITS3 - self.shift)].fill(0);
            self.heads7[..2 << (BITS7 - self.shift)].fill(0);
        }
        self.is_fresh = false;
        (self.base, self.inserted, self.quiet_from) = (0, 0, 0);
        self.spans.clear();
        let history = view.history.next_multiple_of(BLOCK);
        for behind in (0..history).step_by(BLOCK) {
            let first = if behind == 0 { history - view.history } else { 0 };
            self.insert(isa, view, 0, history - behind, first, false);
        }
        // The first byte of all has nothing before it.
        self.done = usize::from(view.history == 0);
        self.lengths[0] = 0;
    }

    /// Finds the matches of all positions from `from` to `to`, at most [`MOST`]; forgets those before. Whether there
    /// may be any.
    pub(crate) fn find(&mut self, isa: Isa, view: View<'_>, from: usize, to: usize) -> bool {
        let kept = from - self.base..self.inserted.max(from) - self.base;
        for found in [
            &mut self.lengths,
            &mut self.offsets,
            &mut self.slots,
            &mut self.older_offsets,
            &mut self.older_slots,
        ] {
            found.copy_within(kept.clone(), 0);
        }
        self.base = from;
        self.spans.retain(|span| span.end > from);
        while self.done < to {
            let block = self.done / BLOCK;
            let end = ((block + 1) * BLOCK).min(view.end);
            while self.inserted < end + MAX_MATCH {
                self.insert_next(isa, view);
            }
            if self.passed_over >> (block % 64) & 1 == 1 {
                self.lengths[self.done - from..end - from].fill(0);
                self.done = end;
            } else {
                let compare = Compare { view, to: end, latest: self };
                let is_worth =
                    if compare.latest.is_double { isa.call(Double(compare)) } else { isa.call(compare) };
                if is_worth {
                    self.quiet_from = self.done;
                }
            }
        }
        // Lengths are cut at the end of the chunk.
        for at in from.max(view.end.saturating_sub(MAX_MATCH))..self.done.min(view.end) {
            let length = &mut self.lengths[at - from];
            *length = (*length).min((view.end - at) as u16);
        }
        self.quiet_from > from
    }

    /// Inserts the next block, or passes it over.
    fn insert_next(&mut self, isa: Isa, view: View<'_>) {
        let block = self.inserted / BLOCK;
        let quiet = self.inserted.saturating_sub(self.quiet_from) / QUIET;
        let is_passed_over = quiet > 0 && !block.is_multiple_of(quiet.min(SPARSE));
        self.passed_over =
            self.passed_over & !(1 << (block % 64)) | u64::from(is_passed_over) << (block % 64);
        self.insert(isa, view, self.inserted, 0, 0, is_passed_over);
        if is_passed_over {
            let at = self.inserted - self.base;
            self.offsets[at..at + BLOCK].fill(!0);
            self.slots[at..at + BLOCK].fill(0);
            if self.is_double {
                self.older_offsets[at..at + BLOCK].fill(!0);
                self.older_slots[at..at + BLOCK].fill(0);
            }
        }
        self.inserted += BLOCK;
    }

    /// Inserts the block that starts `back` bytes before `at`, from its position `first` on; only some if `is_sparse`.
    fn insert(&mut self, isa: Isa, view: View<'_>, at: usize, back: usize, first: usize, is_sparse: bool) {
        let from = at - self.base;
        let (heads3, heads7) = (&mut *self.heads3, &mut *self.heads7);
        let blocks = [&mut self.offsets, &mut self.slots, &mut self.older_offsets, &mut self.older_slots]
            .map(|found| found[from..].first_chunk_mut());
        let [Some(offsets), Some(slots), Some(older_offsets), Some(older_slots)] = blocks else { return };
        let insert = Insert {
            view,
            at: at.min(view.end),
            back: back as u16,
            first,
            is_sparse,
            shift: self.shift,
            heads3,
            heads7,
            found: [offsets, slots, older_offsets, older_slots],
        };
        if self.is_double { isa.call(Double(insert)) } else { isa.call(insert) }
    }
}

/// Work with two candidates a position.
struct Double<T>(T);

impl Kernel for Double<Insert<'_>> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        self.0.insert::<true>();
    }
}

impl Kernel for Insert<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        self.insert::<false>();
    }
}

impl Kernel for Double<Compare<'_, '_>> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self) -> bool {
        self.0.compare::<S, true>()
    }
}

impl Kernel for Compare<'_, '_> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self) -> bool {
        self.compare::<S, false>()
    }
}

/// Inserts a block and finds the candidate of each of its positions.
struct Insert<'a> {
    view: View<'a>,
    at: usize,
    back: u16,
    /// The first position that is inserted.
    first: usize,
    /// Whether only every [`SPARSE_STEP`]th is.
    is_sparse: bool,
    shift: u32,
    heads3: &'a mut Heads3,
    heads7: &'a mut Heads7,
    found: [&'a mut [u16; BLOCK]; 4],
}

impl Insert<'_> {
    #[inline(always)]
    fn insert<const IS_DOUBLE: bool>(self) {
        let Self { view, at, back, first, is_sparse, shift, heads3, heads7, found } = self;
        let [offsets, slots, older_offsets, older_slots] = found;
        let place = view.at(at).back(back);
        let bytes: &[u8; BLOCK + 7] = place.array();
        let number = |i: usize| (at as u16).wrapping_sub(back).wrapping_add(i as u16);

        let pair = |i: usize| u16::from(bytes[i]).wrapping_add(u16::from(bytes[i + 1]).wrapping_mul(257));
        // The indexes of a position, and its entry, from the pairs of bytes at 0, 2, 3 and 5 and the byte at 2.
        let hashes = |i: usize, pairs: [u16; 4], third: u8| {
            let [zero, two, three, five] = pairs.map(u32::from);
            let hash = (zero | two << 16)
                .wrapping_mul(0x85EB_CA6B)
                .wrapping_add((three | five << 16).wrapping_mul(0xC2B2_AE35));
            let index3 = (zero | u32::from(third) << 16).wrapping_mul(0x9E37_79B1) >> (32 - BITS3 + shift);
            let index7 = hash >> (32 - BITS7 + shift);
            (index3 as u16, index7 as u16, u32::from(number(i)) << 16 | hash & 0xffff)
        };
        // Puts a position where it belongs; returns what stood there.
        let mut put = |i: usize, (index3, index7, entry): (u16, u16, u32)| {
            let before3 = core::mem::replace(&mut heads3[usize::from(index3)], number(i));
            let index = usize::from(index7);
            if IS_DOUBLE {
                let before7 = core::mem::replace(&mut heads7[2 * index], entry);
                (before3, before7, core::mem::replace(&mut heads7[2 * index + 1], before7))
            } else {
                (before3, core::mem::replace(&mut heads7[index], entry), 0)
            }
        };
        if is_sparse {
            for i in (first..BLOCK).step_by(SPARSE_STEP) {
                put(i, hashes(i, [pair(i), pair(i + 2), pair(i + 3), pair(i + 5)], bytes[i + 2]));
            }
            return;
        }

        // By a factor of 256 the compiler would see what a pair is, and load words one by one.
        let pairs: [u16; BLOCK + 6] = core::array::from_fn(pair);
        let (mut indexes3, mut indexes7, mut entries) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
        for i in 0..BLOCK {
            (indexes3[i], indexes7[i], entries[i]) =
                hashes(i, [pairs[i], pairs[i + 2], pairs[i + 3], pairs[i + 5]], bytes[i + 2]);
        }
        let (mut before3, mut before7, mut older7) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
        for i in first..BLOCK {
            (before3[i], before7[i], older7[i]) = put(i, (indexes3[i], indexes7[i], entries[i]));
        }

        for i in 0..BLOCK {
            // Tags that differ are in the high half, and make it more than any distance.
            let distance7 = entries[i].wrapping_sub(before7[i]).rotate_left(16);
            let distance3 = u32::from(number(i).wrapping_sub(before3[i]));
            let distance = if distance7 < 1 << 15 { distance7 } else { distance3 };
            let code = distance.wrapping_sub(1) & 0x7fff;
            offsets[i] = !code as u16;
            slots[i] = distance_slot(code as usize) as u16;
            if IS_DOUBLE {
                let older = entries[i].wrapping_sub(older7[i]).rotate_left(16);
                let distance = if older < 1 << 15 { older } else { distance3 };
                let code = distance.wrapping_sub(1) & 0x7fff;
                older_offsets[i] = !code as u16;
                older_slots[i] = distance_slot(code as usize) as u16;
            }
        }
        if at + view.history < MAX_DISTANCE {
            for (offsets, slots) in [(offsets, slots), (older_offsets, older_slots)] {
                for (i, (offset, slot)) in offsets.iter_mut().zip(slots).enumerate() {
                    if usize::from(!*offset) >= at + i + view.history {
                        (*offset, *slot) = (!0, 0);
                    }
                }
            }
        }
    }
}

/// Compares the bytes of candidates up to `to`, or the end of a match there. Whether a match was worth the name.
struct Compare<'a, 'b> {
    view: View<'a>,
    to: usize,
    latest: &'b mut Latest,
}

impl Compare<'_, '_> {
    #[inline(always)]
    fn compare<S: Simd, const IS_DOUBLE: bool>(self) -> bool {
        let Self { view, to, latest } = self;
        let Latest { lengths, offsets, slots, older_offsets, older_slots, spans, base, done, .. } = latest;
        let base = *base;
        let mut from = *done;
        let mut any = 0;
        'long: while from < to {
            let (index, count) = (from - base, (to - from).next_multiple_of(GROUP));
            let groups = lengths[index..index + count].as_chunks_mut::<GROUP>().0.iter_mut();
            let groups = groups.zip(offsets[index..index + count].as_chunks_mut::<GROUP>().0);
            let groups = groups.zip(slots[index..index + count].as_chunks_mut::<GROUP>().0);
            let groups = groups.zip(older_offsets[index..index + count].as_chunks::<GROUP>().0);
            let groups = groups.zip(older_slots[index..index + count].as_chunks::<GROUP>().0);
            for (at, ((((found, offset), slot), older_offset), older_slot)) in
                (from..).step_by(GROUP).zip(groups)
            {
                let place = view.at(at);
                let mut longest = 0;
                for i in 0..GROUP {
                    let there = place.offset(offset[i].cast_signed());
                    let mut length = place.here().common_block::<S>(there, i as u16);
                    if IS_DOUBLE {
                        let there = place.offset(older_offset[i].cast_signed());
                        let older = place.here().common_block::<S>(there, i as u16);
                        let is_longer = older > length;
                        length = select_unpredictable(is_longer, older, length);
                        offset[i] = select_unpredictable(is_longer, older_offset[i], offset[i]);
                        slot[i] = select_unpredictable(is_longer, older_slot[i], slot[i]);
                    }
                    found[i] = length as u16;
                    longest |= length;
                }
                any |= longest;
                if longest >= LONG as u32
                    && let Some(first) = found.iter().position(|&length| usize::from(length) == LONG)
                    && at + first < to
                {
                    let at = at + first;
                    let index = at - base;
                    let (offset, slot) = (offsets[index], slots[index]);
                    let place = view.at(at);
                    let there = place.offset(offset.cast_signed());
                    let length = place.here().common_len::<S>(there, LONG as u16) as usize;
                    let length = length.min(view.end - at);
                    let inside = index..index + length;
                    for (i, left) in lengths[inside.clone()].iter_mut().enumerate() {
                        *left = (length - i) as u16;
                    }
                    offsets[inside.clone()].fill(offset);
                    slots[inside].fill(slot);
                    spans.push(at..at + length);
                    from = at + length;
                    continue 'long;
                }
            }
            from += count;
        }
        *done = from;
        any >= WORTH
    }
}

#[cfg(test)]
#[path = "latest_tests.rs"]
mod tests;
