//! A match in one word, so that the longer of two is the larger number.

use super::symbols::{DISTANCE_SLOTS, distance_slot};
use crate::arch::{Kernel, Simd, scalar};
use core::hint::select_unpredictable;

/// A place that may start with the same bytes.
///
/// ```text
/// bits 31..16  its distance, below 0, modulo 64 Ki
/// bits 15..0   the slot of its distance
/// ```
pub(crate) type Candidate = u32;

/// The one at distance 1.
pub(crate) const NEAREST: Candidate = 0xffff << 16;

/// The one at that distance less 1, modulo 32 Ki.
#[inline(always)]
pub(crate) fn candidate(code: u16) -> Candidate {
    let code = code & 0x7fff;
    u32::from(!code) << 16 | distance_slot(code.into()) as u32
}

/// A match.
///
/// ```text
/// bits 63..55  length; less than three: none
/// bits 54..32  so many bytes before it are equal, too; 32 more than are known to be, if there may be more
/// bits 31..0   its candidate
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found(pub(crate) u64);

/// Bits before a length.
pub(crate) const LENGTH_SHIFT: u32 = 55;

impl Found {
    /// No match.
    pub(crate) const NONE: Self = Self(NEAREST as u64);

    /// A match and the bytes before it.
    #[inline(always)]
    pub(crate) fn new(length: u32, before: u32, candidate: Candidate) -> Self {
        Self(u64::from(length << (LENGTH_SHIFT - 32) | before) << 32 | u64::from(candidate))
    }

    /// Its length.
    #[inline(always)]
    pub(crate) fn length(self) -> usize {
        (self.0 >> LENGTH_SHIFT) as usize
    }

    /// So many bytes before it are equal, too, or 32 fewer.
    #[inline(always)]
    pub(crate) fn before(self) -> usize {
        (self.0 << (64 - LENGTH_SHIFT) >> (96 - LENGTH_SHIFT)) as usize
    }

    /// Its distance, below 0, modulo 64 Ki.
    #[inline(always)]
    pub(crate) fn offset(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The slot of its distance.
    #[inline(always)]
    pub(crate) fn slot(self) -> usize {
        self.0 as usize % DISTANCE_SLOTS
    }

    /// The match `count` positions before, if it is longer than `own` and the bytes there are equal; else `own`.
    #[inline(always)]
    pub(crate) fn extended(self, count: u64, own: Self) -> Self {
        let extended = self.0.wrapping_add(count * ((1 << LENGTH_SHIFT) - (1 << 32)));
        let is_equal = self.0 & ((1 << LENGTH_SHIFT) - (1 << 32)) >= count << 32;
        if is_equal & (extended > own.0) { Self(extended) } else { own }
    }

    /// The same match with what is equal before it, `most` of it.
    #[inline(always)]
    pub(crate) fn preceded(self, before: usize, most: usize) -> Self {
        self.cut(self.length(), if most < 64 { before.min(32).min(most) } else { before })
    }

    /// The same match, at most `most` bytes long.
    #[inline(always)]
    pub(crate) fn no_longer_than(self, most: u64) -> Self {
        Self((self.0 >> LENGTH_SHIFT).min(most) << LENGTH_SHIFT | self.0 & ((1 << LENGTH_SHIFT) - 1))
    }

    /// The same match with no more before it than is inside, where it is `at` bytes behind the first.
    #[inline(always)]
    pub(crate) fn inside(self, at: u64) -> Self {
        let most = at + (self.0 >> 16 & 0xffff) - (1 << 16);
        // Of so much no more is claimed than was compared.
        let most = if most < 64 { most.min(32) } else { most };
        let before = self.0 << (64 - LENGTH_SHIFT) >> (96 - LENGTH_SHIFT);
        self.cut(self.length(), before.min(most) as usize)
    }

    /// The same match, `length` bytes long, with what is known to be equal before it.
    #[inline(always)]
    pub(crate) fn cut(self, length: usize, before: usize) -> Self {
        Self((length as u64) << LENGTH_SHIFT | (before as u64) << 32 | self.0 & 0xffff_ffff)
    }
}

/// The larger of two.
#[inline(always)]
pub(crate) fn larger(a: Found, b: Found) -> Found {
    Found(select_unpredictable(b > a, scalar(b.0), a.0))
}

/// Cuts the lengths of matches at the end of the chunk, `left` bytes from the first.
pub(crate) struct CutAhead<'a> {
    pub(crate) found: &'a mut [Found],
    pub(crate) left: usize,
}

impl Kernel for CutAhead<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        for (found, left) in self.found.iter_mut().zip((0..=self.left as u64).rev()) {
            *found = found.no_longer_than(left);
        }
    }
}

/// Cuts what is equal before matches at the start of the history, `behind` bytes before the first.
pub(crate) struct CutBefore<'a> {
    pub(crate) found: &'a mut [Found],
    pub(crate) behind: usize,
}

impl Kernel for CutBefore<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        for (found, behind) in self.found.iter_mut().zip(self.behind as u64..) {
            *found = found.inside(behind);
        }
    }
}
