//! Sixteen 16-bit numbers that are treated alike: what a vector register of 256 bits holds.
//!
//! The default methods are the specification, and what processors without an implementation of their own run: the
//! compiler makes vector code of some of them. Those for AVX2 are compared with them in the tests.

/// Sixteen numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(32))]
pub(crate) struct Lanes(pub(crate) [u16; 16]);

/// Arithmetic on [`Lanes`].
pub(crate) trait Arithmetic {
    /// Sixteen times the same number.
    #[inline(always)]
    fn splat(value: u16) -> Lanes {
        Lanes([value; 16])
    }

    /// The lower of each two numbers.
    #[inline(always)]
    fn lower(a: Lanes, b: Lanes) -> Lanes {
        Lanes(core::array::from_fn(|i| a.0[i].min(b.0[i])))
    }

    /// The sum of each two numbers, at most 65,535.
    #[inline(always)]
    fn add_saturating(a: Lanes, b: Lanes) -> Lanes {
        Lanes(core::array::from_fn(|i| a.0[i].saturating_add(b.0[i])))
    }

    /// The difference of each two numbers, modulo 65,536.
    #[inline(always)]
    fn sub_wrapping(a: Lanes, b: Lanes) -> Lanes {
        Lanes(core::array::from_fn(|i| a.0[i].wrapping_sub(b.0[i])))
    }

    /// All numbers one place up, the last gone, and `first` before them.
    #[inline(always)]
    fn push_front(a: Lanes, first: u16) -> Lanes {
        Lanes(core::array::from_fn(|i| if i == 0 { first } else { a.0[i - 1] }))
    }

    /// The lowest number, and the first place where it stands.
    #[inline(always)]
    fn lowest(a: Lanes) -> (u16, usize) {
        let lowest = a.0.iter().fold(u16::MAX, |lowest, &value| lowest.min(value));
        (lowest, a.0.iter().position(|&value| value == lowest).unwrap_or(0))
    }
}

#[cfg(any(test, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
impl Arithmetic for super::simd::Portable {}

#[cfg(target_arch = "aarch64")]
impl Arithmetic for super::simd::Neon {}

#[cfg(target_arch = "x86_64")]
impl Arithmetic for super::simd::Sse2 {}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector loads, and entry into code compiled for detected features")]
mod avx2 {
    use super::{Arithmetic, Lanes};
    use crate::arch::simd::Vex;
    use core::arch::x86_64::{
        __m256i, _mm_cvtsi128_si32, _mm_min_epu16, _mm_minpos_epu16, _mm256_adds_epu16, _mm256_alignr_epi8,
        _mm256_broadcastw_epi16, _mm256_castsi256_si128, _mm256_cmpeq_epi16, _mm256_extracti128_si256,
        _mm256_load_si256, _mm256_min_epu16, _mm256_movemask_epi8, _mm256_permute2x128_si256,
        _mm256_set1_epi16, _mm256_store_si256, _mm256_sub_epi16,
    };

    impl<const WIDE: bool> Arithmetic for Vex<WIDE> {
        #[inline(always)]
        fn splat(value: u16) -> Lanes {
            // SAFETY: `Vex` is named only where it was detected, see its documentation.
            unsafe { splat(value) }
        }

        #[inline(always)]
        fn lower(a: Lanes, b: Lanes) -> Lanes {
            // SAFETY: `Vex` is named only where it was detected, see its documentation.
            unsafe { lower(a, b) }
        }

        #[inline(always)]
        fn add_saturating(a: Lanes, b: Lanes) -> Lanes {
            // SAFETY: `Vex` is named only where it was detected, see its documentation.
            unsafe { add_saturating(a, b) }
        }

        #[inline(always)]
        fn sub_wrapping(a: Lanes, b: Lanes) -> Lanes {
            // SAFETY: `Vex` is named only where it was detected, see its documentation.
            unsafe { sub_wrapping(a, b) }
        }

        #[inline(always)]
        fn push_front(a: Lanes, first: u16) -> Lanes {
            // SAFETY: `Vex` is named only where it was detected, see its documentation.
            unsafe { push_front(a, first) }
        }

        #[inline(always)]
        fn lowest(a: Lanes) -> (u16, usize) {
            // SAFETY: `Vex` is named only where it was detected, see its documentation.
            unsafe { lowest(a) }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn register(a: Lanes) -> __m256i {
        // SAFETY: `a` has the 32 bytes that are loaded, at a multiple of 32.
        unsafe { _mm256_load_si256((&raw const a).cast::<__m256i>()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn lanes(register: __m256i) -> Lanes {
        let mut lanes = Lanes([0; 16]);
        // SAFETY: `lanes` has the 32 bytes that are stored, at a multiple of 32.
        unsafe { _mm256_store_si256((&raw mut lanes).cast::<__m256i>(), register) };
        lanes
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn splat(value: u16) -> Lanes {
        lanes(_mm256_set1_epi16(value.cast_signed()))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn lower(a: Lanes, b: Lanes) -> Lanes {
        lanes(_mm256_min_epu16(register(a), register(b)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn add_saturating(a: Lanes, b: Lanes) -> Lanes {
        lanes(_mm256_adds_epu16(register(a), register(b)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn sub_wrapping(a: Lanes, b: Lanes) -> Lanes {
        lanes(_mm256_sub_epi16(register(a), register(b)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn push_front(a: Lanes, first: u16) -> Lanes {
        let a = register(a);
        // `first` in the low half, the low half of `a` in the high half.
        let before = _mm256_permute2x128_si256::<0x02>(a, _mm256_set1_epi16(first.cast_signed()));
        lanes(_mm256_alignr_epi8::<14>(a, before))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn lowest(a: Lanes) -> (u16, usize) {
        let a = register(a);
        let half = _mm_min_epu16(_mm256_castsi256_si128(a), _mm256_extracti128_si256::<1>(a));
        let lowest = _mm_minpos_epu16(half);
        let equal = _mm256_cmpeq_epi16(a, _mm256_broadcastw_epi16(lowest));
        let place = _mm256_movemask_epi8(equal).trailing_zeros() >> 1;
        (_mm_cvtsi128_si32(lowest) as u16, place as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::{Arithmetic, Lanes};
    use crate::arch::simd::Portable;
    use crate::arch::{Isa, Kernel, Simd};

    /// All operations on two operands.
    struct All(Lanes, Lanes);

    impl Kernel for All {
        type Output = ([Lanes; 5], (u16, usize));

        #[inline(always)]
        fn run<S: Simd>(self) -> Self::Output {
            let Self(a, b) = self;
            let first = b.0[7];
            let vectors = [
                S::splat(first),
                S::lower(a, b),
                S::add_saturating(a, b),
                S::sub_wrapping(a, b),
                S::push_front(a, first),
            ];
            (vectors, S::lowest(a))
        }
    }

    #[test]
    fn arithmetic_agrees_with_the_portable_one_on_every_instruction_set() {
        let mut state = 1u64;
        let mut number = || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            // Few bits, so that equal numbers and both ends of the range are common.
            [0, 1, 255, 256, 32_767, 32_768, 65_534, 65_535][(state >> 61) as usize]
        };
        for _ in 0..if cfg!(miri) { 20 } else { 2_000 } {
            let (a, b) =
                (Lanes(core::array::from_fn(|_| number())), Lanes(core::array::from_fn(|_| number())));
            let expected = All(a, b).run::<Portable>();
            for isa in Isa::all() {
                assert_eq!(isa.call(All(a, b)), expected, "{isa:?}");
            }
        }
        assert_eq!(Portable::lowest(Lanes([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3])), (1, 1));
    }
}
