//! Vector primitives behind one signature, one implementation for each kind of processor.
//!
//! A kernel is generic over [`Simd`]; `Isa::call` names the implementation that its level has. The portable one is the
//! specification of the others.

/// Vector operations of an instruction set.
pub(crate) trait Simd: super::joined::Join + super::lanes::Arithmetic {
    /// How many leading bytes of `a` and `b` are equal: 0..=32.
    fn common_prefix(a: &[u8; 32], b: &[u8; 32]) -> u32;

    /// How many leading bytes of `a` and `b` are equal: 0..=64, without a branch.
    #[inline(always)]
    fn common_prefix_of_two(a: &[u8; 64], b: &[u8; 64]) -> u32 {
        let ([a, a_behind], [b, b_behind]) = (blocks(a), blocks(b));
        let first = Self::common_prefix(a, b);
        first + (Self::common_prefix(a_behind, b_behind) & (first >> 5).wrapping_neg())
    }
}

/// The two blocks of 32 bytes.
#[inline(always)]
fn blocks(bytes: &[u8; 64]) -> [&[u8; 32]; 2] {
    match bytes.as_chunks::<32>().0 {
        [first, second] => [first, second],
        _ => unreachable!("64 bytes are two blocks"),
    }
}

/// Words of the machine.
#[cfg(any(test, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[derive(Debug)]
pub(super) struct Portable;

#[cfg(any(test, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
impl Simd for Portable {
    #[inline(always)]
    fn common_prefix(a: &[u8; 32], b: &[u8; 32]) -> u32 {
        let (a, b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
        for (i, (a, b)) in a.iter().zip(b).enumerate() {
            let diff = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
            if diff != 0 {
                return 8 * i as u32 + (diff.trailing_zeros() >> 3);
            }
        }
        32
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector loads, and entry into code compiled for detected features")]
mod x86_64 {
    use core::arch::x86_64::{
        __m128i, __m256i, __m512i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_movemask_epi8, _mm512_cmpeq_epi8_mask, _mm512_loadu_si512,
    };

    /// SSE2, which every x86-64 processor has.
    #[derive(Debug)]
    pub(in crate::arch) struct Sse2;

    /// AVX2, and AVX-512 if `WIDE`. Only code that was entered after its detection names this type.
    #[derive(Debug)]
    pub(in crate::arch) struct Vex<const WIDE: bool>;

    /// See [`Vex`].
    pub(in crate::arch) type Avx2 = Vex<false>;

    /// See [`Vex`].
    pub(in crate::arch) type Avx512 = Vex<true>;

    impl super::Simd for Sse2 {
        #[inline(always)]
        fn common_prefix(a: &[u8; 32], b: &[u8; 32]) -> u32 {
            let ([a0, a1], [b0, b1]) = (super::halves(a), super::halves(b));
            // SAFETY: SSE2 is part of the target.
            let low = unsafe { equal_sse2(a0, b0) };
            // SAFETY: SSE2 is part of the target.
            let high = unsafe { equal_sse2(a1, b1) };
            (!(low | high << 16)).trailing_zeros()
        }
    }

    impl<const WIDE: bool> super::Simd for Vex<WIDE>
    where
        Self: crate::arch::joined::Join,
    {
        #[inline(always)]
        fn common_prefix(a: &[u8; 32], b: &[u8; 32]) -> u32 {
            // SAFETY: the type is named only where AVX2 was detected, see its documentation.
            (!unsafe { equal_avx2(a, b) }).trailing_zeros()
        }

        #[inline(always)]
        fn common_prefix_of_two(a: &[u8; 64], b: &[u8; 64]) -> u32 {
            let equal = if WIDE {
                // SAFETY: the type is named only where AVX-512 was detected, see its documentation.
                unsafe { equal_avx512(a, b) }
            } else {
                let ([a, a_behind], [b, b_behind]) = (super::blocks(a), super::blocks(b));
                // SAFETY: the type is named only where AVX2 was detected, see its documentation.
                let first = unsafe { equal_avx2(a, b) };
                // SAFETY: as above.
                u64::from(first) | u64::from(unsafe { equal_avx2(a_behind, b_behind) }) << 32
            };
            (!equal).trailing_zeros()
        }
    }

    /// A bit for each byte: set where it is equal.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn equal_sse2(a: &[u8; 16], b: &[u8; 16]) -> u32 {
        // SAFETY: the array has the 16 bytes that are loaded.
        let a = unsafe { _mm_loadu_si128(a.as_ptr().cast::<__m128i>()) };
        // SAFETY: the array has the 16 bytes that are loaded.
        let b = unsafe { _mm_loadu_si128(b.as_ptr().cast::<__m128i>()) };
        _mm_movemask_epi8(_mm_cmpeq_epi8(a, b)).cast_unsigned()
    }

    /// A bit for each byte: set where it is equal.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn equal_avx512(a: &[u8; 64], b: &[u8; 64]) -> u64 {
        // SAFETY: the array has the 64 bytes that are loaded.
        let a = unsafe { _mm512_loadu_si512(a.as_ptr().cast::<__m512i>()) };
        // SAFETY: the array has the 64 bytes that are loaded.
        let b = unsafe { _mm512_loadu_si512(b.as_ptr().cast::<__m512i>()) };
        _mm512_cmpeq_epi8_mask(a, b)
    }

    /// A bit for each byte: set where it is equal.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn equal_avx2(a: &[u8; 32], b: &[u8; 32]) -> u32 {
        // SAFETY: the array has the 32 bytes that are loaded.
        let a = unsafe { _mm256_loadu_si256(a.as_ptr().cast::<__m256i>()) };
        // SAFETY: the array has the 32 bytes that are loaded.
        let b = unsafe { _mm256_loadu_si256(b.as_ptr().cast::<__m256i>()) };
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b)).cast_unsigned()
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::{Avx2, Avx512, Sse2, Vex};

#[cfg(target_arch = "aarch64")]
#[expect(unsafe_code, reason = "vector loads, and entry into code compiled for features of the target")]
mod aarch64 {
    use core::arch::aarch64::{
        vceqq_u8, vget_lane_u64, vld1q_u8, vreinterpret_u64_u8, vreinterpretq_u16_u8, vshrn_n_u16,
    };

    /// NEON, which is part of the target.
    #[derive(Debug)]
    pub(in crate::arch) struct Neon;

    impl super::Simd for Neon {
        #[inline(always)]
        fn common_prefix(a: &[u8; 32], b: &[u8; 32]) -> u32 {
            let ([a0, a1], [b0, b1]) = (super::halves(a), super::halves(b));
            // SAFETY: NEON is part of the target.
            let low = (!unsafe { equal_neon(a0, b0) }).trailing_zeros() >> 2;
            // SAFETY: NEON is part of the target.
            let high = (!unsafe { equal_neon(a1, b1) }).trailing_zeros() >> 2;
            if low < 16 { low } else { 16 + high }
        }
    }

    /// Four bits for each byte: set where it is equal.
    #[inline]
    #[target_feature(enable = "neon")]
    fn equal_neon(a: &[u8; 16], b: &[u8; 16]) -> u64 {
        // SAFETY: the array has the 16 bytes that are loaded.
        let a = unsafe { vld1q_u8(a.as_ptr()) };
        // SAFETY: the array has the 16 bytes that are loaded.
        let b = unsafe { vld1q_u8(b.as_ptr()) };
        vget_lane_u64::<0>(vreinterpret_u64_u8(vshrn_n_u16::<4>(vreinterpretq_u16_u8(vceqq_u8(a, b)))))
    }
}

#[cfg(target_arch = "aarch64")]
pub(super) use aarch64::Neon;

/// The two halves of a block.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[inline(always)]
fn halves(block: &[u8; 32]) -> [&[u8; 16]; 2] {
    match block.as_chunks::<16>().0 {
        [low, high] => [low, high],
        _ => unreachable!("32 bytes are two halves"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Portable, Simd};
    use crate::arch::{Isa, Kernel};

    struct Prefix<'a>(&'a [u8; 32], &'a [u8; 32]);

    impl Kernel for Prefix<'_> {
        type Output = u32;

        #[inline(always)]
        fn run<S: Simd>(self) -> u32 {
            S::common_prefix(self.0, self.1)
        }
    }

    #[test]
    fn prefixes_agree_with_the_portable_ones_wherever_bytes_differ() {
        let a: [u8; 32] = core::array::from_fn(|i| (i * 37) as u8);
        for first in 0..=32 {
            for second in first..=32 {
                let mut b = a;
                b.iter_mut()
                    .enumerate()
                    .filter(|&(i, _)| i == first || i == second)
                    .for_each(|(_, byte)| *byte ^= 1);
                assert_eq!(Portable::common_prefix(&a, &b), first as u32);
                for isa in Isa::all() {
                    assert_eq!(isa.call(Prefix(&a, &b)), first as u32, "{isa:?}");
                }
            }
        }
    }
}
