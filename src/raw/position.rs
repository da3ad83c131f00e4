//! Loads around a position of a compressor's window, in bounds by the types of their operands.
//!
//! **Problem.** A match finder makes several loads per input byte at addresses it computes from table entries. A
//! bounds check for each is measurable, and an unchecked load needs an argument for each place.
//!
//! **Method.** The window has 64 KiB of readable room before the chunk and 64 KiB + 64 behind it. One check per
//! position ([`Room::at`]) places it in the chunk; from there every 16-bit distance back and every 16-bit offset ahead
//! stays in the buffer, whatever its value.
//!
//! ```text
//! | lead: 65,536 | chunk: len | tail: 65,600 |
//!   ^ at - 65,535  ^ at         ^ at + 65,535 + 8
//! ```
//!
//! **Invariants.** 1. `chunk` points `LEAD` bytes into a live buffer of at least `LEAD + len + TAIL` initialised bytes,
//! borrowed for `'a`. 2. A [`Position`] points at most `len` bytes behind `chunk`, not before it. 3. A [`Candidate`]
//! points between `chunk - 65,535` and `chunk + len`.

#![expect(unsafe_code, reason = "loads proven in bounds by the geometry of the window")]

use crate::arch::Simd;
use core::marker::PhantomData;

/// Readable bytes before the chunk.
pub(crate) const LEAD: usize = 1 << 16;
/// Readable bytes behind the chunk.
pub(crate) const TAIL: usize = (1 << 16) + 64;

/// Bytes compared at once.
const BLOCK: u16 = 32;

/// The longest match the format has.
const MAX_MATCH: u16 = 258;

const _: () = assert!(TAIL > i16::MAX as usize + u8::MAX as usize + 8);
const _: () = assert!(LEAD > u16::MAX as usize && TAIL >= u16::MAX as usize + 2 * BLOCK as usize);

/// A chunk with room on both sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room<'a> {
    chunk: *const u8,
    len: usize,
    bytes: PhantomData<&'a [u8]>,
}

/// A place in the chunk or at its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position<'a>(*const u8, PhantomData<&'a [u8]>);

/// A place up to 64 KiB before a [`Position`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<'a>(*const u8, PhantomData<&'a [u8]>);

impl<'a> Room<'a> {
    /// The chunk in `buffer`: what is left without lead and tail. None if the buffer is too short for both.
    pub(crate) fn new(buffer: &'a [u8], len: usize) -> Option<Self> {
        if buffer.len() < LEAD + len + TAIL {
            return None;
        }
        // SAFETY: the buffer is longer than LEAD, as checked above.
        let chunk = unsafe { buffer.as_ptr().add(LEAD) };
        Some(Self { chunk, len, bytes: PhantomData })
    }

    /// The place `offset` bytes into the chunk.
    #[inline(always)]
    pub(crate) fn at(self, offset: usize) -> Position<'a> {
        assert!(offset <= self.len);
        // SAFETY: invariant 1 and the check above keep it in the buffer.
        Position(unsafe { self.chunk.add(offset) }, PhantomData)
    }
}

impl<'a> Position<'a> {
    /// The place `distance` bytes back.
    #[inline(always)]
    pub(crate) fn back(self, distance: u16) -> Candidate<'a> {
        // SAFETY: invariants 1 and 2: LEAD bytes stand before the chunk, and LEAD exceeds every u16.
        Candidate(unsafe { self.0.sub(usize::from(distance)) }, PhantomData)
    }

    /// The eight bytes from `ahead + i` bytes on, the first in the low bits; `ahead` may be negative.
    #[inline(always)]
    pub(crate) fn near(self, ahead: i16, i: u8) -> u64 {
        // SAFETY: invariants 1 and 2: LEAD and TAIL bytes stand around the chunk, and both exceed every i16.
        let place = unsafe { self.0.offset(isize::from(ahead)) };
        // SAFETY: TAIL exceeds every i16 by more than every u8 and a word.
        let place = unsafe { place.add(usize::from(i)) };
        // SAFETY: eight bytes from there are in the buffer, by the same bound; no alignment is assumed.
        u64::from_le(unsafe { place.cast::<u64>().read_unaligned() })
    }

    /// The 32 bytes that end at `ahead + i`; `ahead` may be negative.
    #[inline(always)]
    fn block_before(&self, ahead: i16, i: u8) -> &[u8; BLOCK as usize] {
        const { assert!(LEAD > i16::MAX as usize + 1 + BLOCK as usize) };
        // SAFETY: invariants 1 and 2: LEAD bytes stand before the chunk, and LEAD exceeds every i16 by more than a block.
        let place = unsafe { self.0.offset(isize::from(ahead) - BLOCK as isize) };
        // SAFETY: TAIL exceeds every i16 by more than every u8.
        let place = unsafe { place.add(usize::from(i)) };
        // SAFETY: a block from there is in the buffer, by the same bounds, initialised, and borrowed for as long as `self`.
        unsafe { &*place.cast::<[u8; BLOCK as usize]>() }
    }

    /// How many bytes right before `i` equal those right before `offset + i`; 64 if all of 32 do.
    #[inline(always)]
    pub(crate) fn common_before<S: Simd>(self, offset: i16, i: u8) -> u32 {
        S::common_suffix(self.block_before(0, i), self.block_before(offset, i))
    }

    /// The place `offset` bytes ahead, back if it is negative.
    #[inline(always)]
    pub(crate) fn offset(self, offset: i16) -> Candidate<'a> {
        // SAFETY: invariants 1 and 2: LEAD bytes stand before the chunk and TAIL behind, and both exceed every i16.
        Candidate(unsafe { self.0.offset(isize::from(offset)) }, PhantomData)
    }

    /// The place itself, as a candidate.
    #[inline(always)]
    pub(crate) fn here(self) -> Candidate<'a> {
        Candidate(self.0, PhantomData)
    }
}

impl<'a> Candidate<'a> {
    /// The four bytes from `ahead` bytes on, the first in the low bits.
    #[inline(always)]
    pub(crate) fn u32(self, ahead: u16) -> u32 {
        // SAFETY: invariant 3; TAIL exceeds every u16 by eight.
        let at = unsafe { self.0.add(usize::from(ahead)) };
        // SAFETY: four bytes from there are in the buffer, by the same bound; no alignment is assumed.
        u32::from_le(unsafe { at.cast::<u32>().read_unaligned() })
    }

    /// The eight bytes from `ahead` bytes on, the first in the low bits.
    #[inline(always)]
    pub(crate) fn u64(self, ahead: u16) -> u64 {
        // SAFETY: invariant 3; TAIL exceeds every u16 by eight.
        let at = unsafe { self.0.add(usize::from(ahead)) };
        // SAFETY: eight bytes from there are in the buffer, by the same bound; no alignment is assumed.
        u64::from_le(unsafe { at.cast::<u64>().read_unaligned() })
    }

    /// The `N` bytes from here on.
    #[inline(always)]
    pub(crate) fn array<const N: usize>(self) -> &'a [u8; N] {
        const { assert!(N <= TAIL) };
        // SAFETY: invariants 1 and 3: TAIL bytes stand behind the chunk, initialised and borrowed for `'a`.
        unsafe { &*self.0.cast::<[u8; N]>() }
    }

    /// The 32 bytes from `ahead` bytes on.
    #[inline(always)]
    fn block(&self, ahead: u16) -> &[u8; BLOCK as usize] {
        // SAFETY: invariant 3; TAIL exceeds every u16 by a block.
        let at = unsafe { self.0.add(usize::from(ahead)) };
        // SAFETY: a block from there is in the buffer, by the same bound, initialised, and borrowed for as long as `self`.
        unsafe { &*at.cast::<[u8; BLOCK as usize]>() }
    }

    /// The 64 bytes from `ahead` bytes on.
    #[inline(always)]
    fn blocks(&self, ahead: u16) -> &[u8; 2 * BLOCK as usize] {
        // SAFETY: invariant 3; TAIL exceeds every u16 by two blocks.
        let at = unsafe { self.0.add(usize::from(ahead)) };
        // SAFETY: two blocks from there are in the buffer, by the same bound, initialised, and borrowed for as long as
        // `self`.
        unsafe { &*at.cast::<[u8; 2 * BLOCK as usize]>() }
    }

    /// How many bytes from here on equal those from `other` on, up to 32.
    #[inline(always)]
    pub(crate) fn common_block<S: Simd>(self, other: Self, ahead: u16) -> u32 {
        S::common_prefix(self.block(ahead), other.block(ahead))
    }

    /// How many bytes from `ahead` bytes on equal those of `other`, up to 64.
    #[inline(always)]
    pub(crate) fn common_blocks<S: Simd>(self, other: Self, ahead: u16) -> u32 {
        S::common_prefix_of_two(self.blocks(ahead), other.blocks(ahead))
    }

    /// How many bytes from here on equal those from `other` on, up to 258, given that the first `known` do.
    ///
    /// Most matches end within the first block, so that their length decides no branch.
    // Where code is fetched one copy is enough.
    #[cfg_attr(target_family = "wasm", inline(never))]
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(crate) fn common_len<S: Simd>(self, other: Self, known: u16) -> u32 {
        let mut len = known;
        while len < MAX_MATCH {
            let equal = S::common_prefix(self.block(len), other.block(len));
            len += equal as u16;
            if equal < u32::from(BLOCK) {
                break;
            }
        }
        u32::from(len.min(MAX_MATCH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::{Isa, Kernel, Simd};
    use alloc::vec;

    struct CommonLen<'a>(Candidate<'a>, Candidate<'a>, u16);

    impl Kernel for CommonLen<'_> {
        type Output = u32;

        #[inline(always)]
        fn run<S: Simd>(self) -> u32 {
            self.0.common_len::<S>(self.1, self.2)
        }
    }

    #[test]
    fn match_lengths_agree_with_a_byte_loop_on_every_instruction_set() {
        let len = 700;
        for equal in (0..=300).step_by(if cfg!(miri) { 37 } else { 1 }) {
            for alignment in [0, 1, 7, 31] {
                let mut buffer = vec![0; LEAD + len + TAIL];
                for i in 0..300 {
                    buffer[LEAD + alignment + i] = (i % 251) as u8;
                    buffer[LEAD + 350 + i] = (i % 251) as u8;
                }
                buffer[LEAD + 350 + equal] ^= 0x80;
                let Some(room) = Room::new(&buffer, len) else { panic!("the buffer is long enough") };
                let (here, there) = (room.at(350).here(), room.at(350).back(350 - alignment as u16));
                for known in [0, 3, 4, 8].into_iter().filter(|&known| usize::from(known) <= equal) {
                    for isa in Isa::all() {
                        assert_eq!(isa.call(CommonLen(here, there, known)), equal.min(258) as u32, "{isa:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_farthest_loads_stay_in_the_buffer() {
        let buffer = vec![7; LEAD + 5 + TAIL];
        let Some(room) = Room::new(&buffer, 5) else { panic!("the buffer is long enough") };
        assert!(Room::new(&buffer, 6).is_none());
        assert_eq!(room.at(0).back(u16::MAX).u32(0), 0x0707_0707);
        assert_eq!(room.at(5).here().u64(u16::MAX), 0x0707_0707_0707_0707);
        assert_eq!(room.at(0).near(i16::MIN, 0), 0x0707_0707_0707_0707);
        assert_eq!(room.at(5).near(i16::MAX, u8::MAX), 0x0707_0707_0707_0707);
    }

    #[test]
    #[should_panic(expected = "offset <= self.len")]
    fn a_place_past_the_chunk_is_refused() {
        let buffer = vec![0; LEAD + 5 + TAIL];
        let _ = Room::new(&buffer, 5).map(|room| room.at(6));
    }
}
