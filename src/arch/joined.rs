//! The codes of sixteen numbers, looked up and joined to few words: the inner loop of writing a block.
//!
//! **Problem.** A code has a handful of bits, and to add one to a stream takes ten instructions, each of which waits for
//! the one before. Joined to words that still fit a bit buffer, most codes need a fourth of them.
//!
//! **Method.** Each number has an entry in a table, and an entry a code, how many bits it has, and how many low bits of the
//! number less [`BASE`] stand above it. A number below [`SHARED`] has an entry of its own, each 128 of those from there on
//! share one. Sixteen entries are loaded one by one, since a gather takes more than twice the time, and the rest is done in
//! a vector: what stands above the code, two codes to a word, and two words to one if all of them are short.
//!
//! The default method is the specification, and what processors without an implementation of their own run. It joins two.

/// Numbers that are treated at once.
pub(crate) const GROUP: usize = 16;

/// What is taken off a number before its low bits are used.
pub(crate) const BASE: u16 = 512;

/// The numbers from here on share entries. A multiple of 128.
pub(crate) const SHARED: u16 = 768;

/// What is added to a number's multiple of 128 where it shares an entry. Two more than would be needed, so that up to
/// there the number itself is the lower.
const SHIFTED: u16 = SHARED - (SHARED >> 7) + 2;

/// Entries of a table.
pub(crate) const SLOTS: usize = SHIFTED as usize + (1 << 9);

/// The most bits of two numbers in a row.
pub(crate) const MAX_PAIR_BITS: u32 = 48;

/// The most bits of a joined word: what a buffer of 64 has room for behind the 7 of a byte that is not full.
pub(crate) const MAX_JOINED_BITS: u32 = 56;
const _: () = assert!(MAX_PAIR_BITS <= MAX_JOINED_BITS);

/// Where the entry of a number stands: less than [`SLOTS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slot(u16);

impl Slot {
    /// The slot of `number`: its own, the two first that share one have, too, or 770 for 770 to 895 and so on.
    #[inline(always)]
    pub(crate) fn of(number: u16) -> Self {
        Self(number.min(SHIFTED + (number >> 7)))
    }

    /// The slot as an index.
    #[inline(always)]
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What is written for a number.
///
/// ```text
/// bits 25..=29  bits of all
/// bits 20..=24  bits of the code
/// bits  0..=19  code
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry(u32);

impl Entry {
    /// A code of `code_bits` bits, 20 at most, with `number_bits` bits of the number above it.
    #[inline(always)]
    pub(crate) fn new(code: u32, code_bits: u32, number_bits: u32) -> Self {
        debug_assert!(code_bits <= 20 && code >> code_bits == 0 && code_bits + number_bits < 32);
        Self(code | code_bits << 20 | (code_bits + number_bits) << 25)
    }

    /// What is written for `number`, and how many bits that is.
    #[inline(always)]
    pub(crate) fn bits(self, number: u16) -> (u64, u32) {
        let (code_bits, bits) = (self.0 >> 20 & 31, self.0 >> 25);
        let above = number.wrapping_sub(BASE) & !(u32::MAX << (bits - code_bits)) as u16;
        (u64::from(self.0 & 0xf_ffff) | u64::from(above) << code_bits, bits)
    }
}

/// The entries of all numbers.
pub(crate) type Table = [Entry; SLOTS];

/// What is written for sixteen numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joined {
    /// Two numbers each; with `is_short` four in every second and nothing to be used in the others.
    pub(crate) words: [u64; GROUP / 2],
    /// Bits of each word, at most 56.
    pub(crate) bits: [u64; GROUP / 2],
    pub(crate) is_short: bool,
}

/// Looking up and joining.
pub(crate) trait Join {
    /// Joins what is written for `numbers`, whose slots are `slots`. Two numbers in a row have 48 bits at most.
    #[inline(always)]
    fn join(table: &Table, numbers: &[u16; GROUP], slots: &[Slot; GROUP]) -> Joined {
        let mut joined = Joined { words: [0; GROUP / 2], bits: [0; GROUP / 2], is_short: false };
        for i in 0..GROUP / 2 {
            let (low, low_bits) = table[slots[2 * i].index()].bits(numbers[2 * i]);
            let (high, high_bits) = table[slots[2 * i + 1].index()].bits(numbers[2 * i + 1]);
            debug_assert!(low_bits + high_bits <= MAX_PAIR_BITS);
            joined.words[i] = low | high << low_bits;
            joined.bits[i] = u64::from(low_bits + high_bits);
        }
        joined
    }
}

#[cfg(any(test, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
impl Join for super::simd::Portable {}

#[cfg(target_arch = "aarch64")]
impl Join for super::simd::Neon {}

#[cfg(target_arch = "x86_64")]
impl Join for super::simd::Sse2 {}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector loads, and entry into code compiled for detected features")]
mod x86_64 {
    use super::{BASE, Entry, GROUP, Join, Joined, MAX_JOINED_BITS, SHIFTED, SLOTS, Slot, Table};
    use crate::arch::simd::{Avx2, Avx512};
    use core::arch::x86_64::{
        __m128i, __m256i, __m512i, _mm_cvtsi32_si128, _mm_insert_epi32, _mm256_castsi128_si256,
        _mm256_inserti128_si256, _mm256_loadu_si256, _mm256_set1_epi16, _mm256_sub_epi16, _mm512_add_epi64,
        _mm512_and_si512, _mm512_andnot_si512, _mm512_castsi256_si512, _mm512_cvtepu16_epi32,
        _mm512_inserti64x4, _mm512_mask_cmpgt_epu64_mask, _mm512_maskz_mov_epi32, _mm512_or_si512,
        _mm512_set1_epi32, _mm512_set1_epi64, _mm512_sllv_epi32, _mm512_sllv_epi64, _mm512_srli_epi32,
        _mm512_srli_epi64, _mm512_storeu_si512, _mm512_sub_epi32, _mm512_unpackhi_epi64,
    };

    impl Join for Avx2 {}

    impl Join for Avx512 {
        #[inline(always)]
        fn join(table: &Table, numbers: &[u16; GROUP], slots: &[Slot; GROUP]) -> Joined {
            // SAFETY: `Avx512` is named only where it was detected, see its documentation.
            unsafe { join(table, numbers, slots) }
        }
    }

    /// An entry as the lane of a vector.
    #[inline(always)]
    fn lane(table: &Table, slot: Slot) -> i32 {
        const { assert!(SHIFTED + (u16::MAX >> 7) < SLOTS as u16) };
        // SAFETY: a slot is at most SHIFTED and what is left of a u16, by its only constructor, which is below SLOTS.
        let entry: Entry = *unsafe { table.get_unchecked(slot.index()) };
        entry.0.cast_signed()
    }

    /// Four entries.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn four(table: &Table, slots: &[Slot]) -> __m128i {
        let [a, b, c, d] = *slots else { unreachable!("a quarter of a group has four") };
        let lanes = _mm_cvtsi32_si128(lane(table, a));
        let lanes = _mm_insert_epi32::<1>(lanes, lane(table, b));
        let lanes = _mm_insert_epi32::<2>(lanes, lane(table, c));
        _mm_insert_epi32::<3>(lanes, lane(table, d))
    }

    /// Eight entries.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn eight(table: &Table, slots: &[Slot]) -> __m256i {
        let (low, high) = slots.split_at(4);
        _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(four(table, low)), four(table, high))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq")]
    fn join(table: &Table, numbers: &[u16; GROUP], slots: &[Slot; GROUP]) -> Joined {
        let (low, high) = slots.split_at(GROUP / 2);
        let entries = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(eight(table, low)), eight(table, high));
        // SAFETY: the array has the 32 bytes that are loaded.
        let numbers = unsafe { _mm256_loadu_si256(numbers.as_ptr().cast::<__m256i>()) };
        let numbers = _mm512_cvtepu16_epi32(_mm256_sub_epi16(numbers, _mm256_set1_epi16(BASE.cast_signed())));

        let bits = _mm512_srli_epi32::<25>(entries);
        let code_bits = _mm512_and_si512(_mm512_srli_epi32::<20>(entries), _mm512_set1_epi32(31));
        let higher = _mm512_sllv_epi32(_mm512_set1_epi32(-1), _mm512_sub_epi32(bits, code_bits));
        let above = _mm512_sllv_epi32(_mm512_andnot_si512(higher, numbers), code_bits);
        let codes = _mm512_or_si512(_mm512_and_si512(entries, _mm512_set1_epi32(0xf_ffff)), above);

        let low_bits = _mm512_maskz_mov_epi32(0x5555, bits);
        let high = _mm512_sllv_epi64(_mm512_srli_epi64::<32>(codes), low_bits);
        let pairs = _mm512_or_si512(_mm512_maskz_mov_epi32(0x5555, codes), high);
        let pair_bits = _mm512_add_epi64(low_bits, _mm512_srli_epi64::<32>(bits));

        let four_bits = _mm512_add_epi64(pair_bits, _mm512_unpackhi_epi64(pair_bits, pair_bits));
        let most = _mm512_set1_epi64(MAX_JOINED_BITS.into());
        if _mm512_mask_cmpgt_epu64_mask(0x55, four_bits, most) != 0 {
            return joined(pairs, pair_bits, false);
        }
        let high = _mm512_sllv_epi64(_mm512_unpackhi_epi64(pairs, pairs), pair_bits);
        joined(_mm512_or_si512(pairs, high), four_bits, true)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn joined(words: __m512i, bits: __m512i, is_short: bool) -> Joined {
        let mut joined = Joined { words: [0; GROUP / 2], bits: [0; GROUP / 2], is_short };
        // SAFETY: the array has the 64 bytes that are stored.
        unsafe { _mm512_storeu_si512(joined.words.as_mut_ptr().cast::<__m512i>(), words) };
        // SAFETY: the array has the 64 bytes that are stored.
        unsafe { _mm512_storeu_si512(joined.bits.as_mut_ptr().cast::<__m512i>(), bits) };
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::simd::Portable;
    use crate::arch::{Isa, Kernel, Simd};
    use alloc::vec::Vec;

    struct All<'a>(&'a Table, &'a [u16; GROUP]);

    impl Kernel for All<'_> {
        type Output = Joined;

        #[inline(always)]
        fn run<S: Simd>(self) -> Joined {
            S::join(self.0, self.1, &self.1.map(Slot::of))
        }
    }

    #[test]
    fn every_number_has_the_slot_of_those_it_shares_an_entry_with() {
        for number in 0..=u16::MAX {
            let slot = Slot::of(number).index();
            let expected = match number {
                0..770 => number,
                _ => 770 + (number - SHARED) / 128,
            };
            assert_eq!(slot, usize::from(expected));
        }
    }

    #[test]
    fn words_hold_the_bits_of_their_numbers_on_every_instruction_set() {
        let mut state = 1u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            (state >> 33) % bound
        };
        for round in 0..if cfg!(miri) { 8 } else { 400 } {
            // Short codes, such as fit four to a word; any; the longest.
            let [least, most] = [[1, 9], [0, 15], [15, 15]][round % 3];
            let mut table = [Entry::default(); SLOTS];
            for (slot, entry) in table.iter_mut().enumerate() {
                let bits = (least + below(most - least + 1)) as u32;
                let above = if slot < BASE.into() { 0 } else { below(most - 1) as u32 };
                *entry = Entry::new(below(1 << bits) as u32, bits, above);
            }
            // Every second number may have bits above its code, so that pairs keep to their bound.
            let numbers = core::array::from_fn(|i| below([512, 1 << 16][i % 2]) as u16);
            let expected: Vec<(u64, u32)> =
                numbers.iter().map(|&number| table[Slot::of(number).index()].bits(number)).collect();
            let join = |group: &[(u64, u32)]| {
                let mut word = (0, 0);
                group.iter().for_each(|&(bits, count)| word = (word.0 | bits << word.1, word.1 + count));
                (word.0, u64::from(word.1))
            };
            for isa in Isa::all() {
                let Joined { words, bits, is_short } = isa.call(All(&table, &numbers));
                for (i, group) in expected.chunks(if is_short { 4 } else { 2 }).enumerate() {
                    let i = if is_short { 2 * i } else { i };
                    assert_eq!((words[i], bits[i]), join(group), "{isa:?}");
                    assert!(bits[i] <= MAX_JOINED_BITS.into());
                }
            }
            let joined = All(&table, &numbers).run::<Portable>();
            assert!(!joined.is_short, "the portable one joins two");
        }
    }
}
