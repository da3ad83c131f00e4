//! Instruction-set levels, and how a kernel written once is compiled for each of them.
//!
//! A kernel is safe portable code: a value with one method, [`Kernel::run`], that is always inlined. [`Isa::call`]
//! inlines it into a wrapper per level which has that level's instructions enabled, so the compiler uses wider
//! copies and flag-free shifts without a line of the kernel naming them. The choice is made once per call of a
//! kernel, never inside its loops. What a kernel computes does not depend on the level.

#[cfg(target_arch = "aarch64")]
use super::simd::Neon as Base;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use super::simd::Portable as Base;
use super::simd::Simd;
#[cfg(target_arch = "x86_64")]
use super::simd::{Avx2, Avx512, Sse2 as Base};

/// A set of instructions the running processor is known to have.
///
/// Invariant: a value exists only for levels that were detected, at run time with `std`, else at compile time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Isa(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(any(target_arch = "x86_64", test)),
    expect(dead_code, reason = "levels of another architecture")
)]
enum Level {
    /// What the compilation target has: SSE2 on x86-64, NEON on AArch64.
    Portable,
    /// AVX2 with BMI1, BMI2, LZCNT and POPCNT.
    Avx2,
    /// [`Level::Avx2`] with AVX-512 F, BW, VL, DQ, VBMI and VBMI2.
    Avx512,
}

/// Work to be compiled for every level.
pub(crate) trait Kernel {
    /// What the work returns.
    type Output;

    /// Does the work. Implementations are `#[inline(always)]`, and so is what they call in their loops.
    fn run<S: Simd>(self) -> Self::Output;
}

/// Whether the processor has a feature, by detection or because the target promises it.
#[cfg(all(target_arch = "x86_64", feature = "std"))]
macro_rules! has {
    ($($feature:tt),*) => { $(std::arch::is_x86_feature_detected!($feature))&&* };
}
#[cfg(all(target_arch = "x86_64", not(feature = "std")))]
macro_rules! has {
    ($($feature:tt),*) => { $(cfg!(target_feature = $feature))&&* };
}

impl Isa {
    /// The highest level of the running processor.
    #[must_use]
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if has!("avx2", "bmi1", "bmi2", "lzcnt", "popcnt") {
            if has!("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vbmi", "avx512vbmi2") {
                return Self(Level::Avx512);
            }
            return Self(Level::Avx2);
        }
        Self::portable()
    }

    /// The level every processor of the target has.
    #[must_use]
    pub(crate) const fn portable() -> Self {
        Self(Level::Portable)
    }

    /// Every level the running processor has, lowest first.
    #[cfg(test)]
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let highest = Self::detect();
        [Level::Portable, Level::Avx2, Level::Avx512]
            .into_iter()
            .filter(move |&level| level as u8 <= highest.0 as u8)
            .map(Self)
    }

    /// Runs `kernel` with this level's instructions.
    #[inline]
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "enters code compiled for detected features")
    )]
    pub(crate) fn call<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Level::Portable => kernel.run::<Base>(),
            // SAFETY: by the invariant of `Isa` the processor has the features of the level.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2(kernel) },
            // SAFETY: by the invariant of `Isa` the processor has the features of the level.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512(kernel) },
            #[cfg(not(target_arch = "x86_64"))]
            Level::Avx2 | Level::Avx512 => kernel.run::<Base>(),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2"
)]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx512>()
}
