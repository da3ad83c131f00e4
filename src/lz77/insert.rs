//! Insertion of a block of positions, and the candidates of each: places that start with the same bytes.
//!
//! **Method.** Positions are inserted a block at a time, in three passes of a few instructions each: hashes, which the
//! compiler makes of whole vectors; entries looked up and replaced; distances, in vectors again. An entry for seven bytes
//! holds a tag beside the position, 16 bits of their hash, so that a candidate is chosen before any of its bytes are
//! loaded: that of seven bytes if its tag is the same and it is in the window, else that of three. The one finds matches
//! of seven bytes or more, the other near short ones. With two entries for seven bytes the older is a second candidate,
//! used if its match is longer. With one table, by four bytes, a position costs one exchange instead of two.
//!
//! ```text
//! entry for seven bytes:  bits 31..16  the position modulo 64 Ki
//!                         bits 15..0   tag
//! ```
//!
//! Positions are 16 bits and never rebased (as igzip does). A stale entry, or one of other bytes, is a place in the window
//! like any other once its distance is taken modulo 32 Ki, and its bytes are compared.
//!
//! **Invariants.** 1. No candidate is before the start of the history, or farther than 32 KiB. 2. None depends on what the
//! window held before the history: a table knows positions of the history and the chunk alone.
//!
//! **Cost.** 256 KiB of tables, 384 with two entries, 128 by four bytes. What is looked up and compared counts, not how
//! large the tables are: an exchange takes one and a half cycles in any of them.

use super::found::{Candidate, NEAREST, candidate};
use super::window::{MAX_DISTANCE, View};
use crate::arch::{Kernel, Simd, scalar};

/// Positions inserted at once.
pub(super) const BLOCK: usize = 256;

/// Positions inserted, or compared, in one round of a loop.
pub(super) const GROUP: usize = 4;

/// log2 of the entries used for three and for seven bytes. The index of an entry is 16 bits.
pub(super) const BITS3: u32 = 16;
pub(super) const BITS7: u32 = 15;

/// What each of four bytes adds to their hash.
const FACTORS: [u16; 4] = [0x6F4F, 0x9E37, 0xC2B3, 0x85EB];

/// Of so many positions one is inserted where insertion is sparse.
const SPARSE_STEP: usize = 64;

/// Entries by a hash of 16 bits.
pub(super) type Heads3 = [u16; 1 << 16];
/// The same, or two for each hash.
pub(super) type Heads7 = [u32; 2 << 16];

const _: () =
    assert!(BITS3 <= 16 && BITS7 <= 16 && MAX_DISTANCE.is_multiple_of(BLOCK) && BLOCK.is_multiple_of(GROUP));

/// Insertion by four bytes.
pub(super) struct Four<T>(pub(super) T);

/// Work with two candidates a position.
pub(super) struct Double<T>(pub(super) T);

impl Kernel for Four<Insert<'_>> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        self.0.insert_by_four();
    }
}

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

/// Inserts a block and finds the candidate of each of its positions.
pub(super) struct Insert<'a> {
    pub(super) view: View<'a>,
    pub(super) at: usize,
    pub(super) back: u16,
    /// The first position that is inserted.
    pub(super) first: usize,
    /// Whether only every [`SPARSE_STEP`]th is.
    pub(super) is_sparse: bool,
    pub(super) shift: u32,
    pub(super) heads3: &'a mut Heads3,
    pub(super) heads7: &'a mut Heads7,
    pub(super) found: [&'a mut [Candidate; BLOCK]; 2],
}

impl Insert<'_> {
    #[inline(always)]
    fn insert<const IS_DOUBLE: bool>(self) {
        let Self { view, at, back, first, is_sparse, shift, heads3, heads7, found } = self;
        let [candidates, older] = found;
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
        for i in (first.next_multiple_of(GROUP)..BLOCK).step_by(GROUP) {
            let (packed3, packed7) = (packed(&indexes3, i), packed(&indexes7, i));
            let mut old = 0;
            for k in 0..GROUP {
                let index = ((packed3 >> (16 * k)) as u16, (packed7 >> (16 * k)) as u16);
                let (old3, old7, older) = put(i + k, (index.0, index.1, entries[i + k]));
                old |= u64::from(old3) << (16 * k);
                (before7[i + k], older7[i + k]) = (old7, older);
            }
            unpack(old, &mut before3, i);
        }

        for i in 0..BLOCK {
            // Tags that differ are in the high half, and make it more than any distance.
            let distance7 = entries[i].wrapping_sub(before7[i]).rotate_left(16);
            let distance3 = u32::from(number(i).wrapping_sub(before3[i]));
            let distance = if distance7 < 1 << 15 { distance7 } else { distance3 };
            candidates[i] = candidate(distance.wrapping_sub(1) as u16);
            if IS_DOUBLE {
                let older7 = entries[i].wrapping_sub(older7[i]).rotate_left(16);
                let distance = if older7 < 1 << 15 { older7 } else { distance3 };
                older[i] = candidate(distance.wrapping_sub(1) as u16);
            }
        }
        let reach = at + view.history;
        cut(reach, candidates);
        if IS_DOUBLE {
            cut(reach, older);
        }
    }

    /// Inserts by four bytes alone.
    #[inline(always)]
    fn insert_by_four(self) {
        let Self { view, at, back, first, is_sparse, shift, heads3: heads, found: [candidates, ..], .. } =
            self;
        let place = view.at(at).back(back);
        let bytes: &[u8; BLOCK + 3] = place.array();
        let number = |i: usize| (at as u16).wrapping_sub(back).wrapping_add(i as u16);
        // Sixteen bits of a product for each byte: what a vector has most lanes for.
        let hash = |i: usize| {
            let products = FACTORS.iter().zip(&bytes[i..i + 4]).map(|(f, &byte)| f.wrapping_mul(byte.into()));
            products.fold(0, u16::wrapping_add) >> shift
        };
        let mut put = |i: usize, index: u16| core::mem::replace(&mut heads[usize::from(index)], number(i));
        if is_sparse {
            for i in (first..BLOCK).step_by(SPARSE_STEP) {
                put(i, hash(i));
            }
            return;
        }
        let indexes: [u16; BLOCK] = core::array::from_fn(hash);
        let mut before = [0; BLOCK];
        for i in (first.next_multiple_of(GROUP)..BLOCK).step_by(GROUP) {
            let indexes = packed(&indexes, i);
            let old = (0..GROUP).map(|k| u64::from(put(i + k, (indexes >> (16 * k)) as u16)) << (16 * k));
            unpack(old.fold(0, |old, next| old | next), &mut before, i);
        }
        for i in 0..BLOCK {
            candidates[i] = candidate(number(i).wrapping_sub(before[i]).wrapping_sub(1));
        }
        cut(at + view.history, candidates);
    }
}

/// Four numbers of a block in one register, the first in the low bits.
#[inline(always)]
fn packed(numbers: &[u16; BLOCK], i: usize) -> u64 {
    let numbers = &numbers[i..i + GROUP];
    scalar((0..GROUP).fold(0, |packed, k| packed | u64::from(numbers[k]) << (16 * k)))
}

/// The inverse.
#[inline(always)]
fn unpack(packed: u64, numbers: &mut [u16; BLOCK], i: usize) {
    let packed = scalar(packed);
    let numbers = &mut numbers[i..i + GROUP];
    (0..GROUP).for_each(|k| numbers[k] = (packed >> (16 * k)) as u16);
}

/// Removes what a block found farther back than the `reach` of its first position.
#[inline(always)]
fn cut(reach: usize, candidates: &mut [Candidate; BLOCK]) {
    if reach >= MAX_DISTANCE {
        return;
    }
    for (i, candidate) in candidates.iter_mut().enumerate() {
        if (!*candidate >> 16) as usize >= reach + i {
            *candidate = NEAREST;
        }
    }
}
