//! A value kept out of vectors.

/// Returns `value`, which the compiler holds in a general register at this point.
///
/// Of a few independent loads whose results are compared it would otherwise make a gather, which takes longer than all of
/// them, or a branch for each.
#[inline(always)]
#[cfg_attr(
    all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)),
    expect(unsafe_code, reason = "an empty instruction is the only way to say so")
)]
pub(crate) fn scalar(value: u64) -> u64 {
    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    {
        let mut value = value;
        // SAFETY: no instruction is executed, and nothing but the register is named.
        unsafe {
            core::arch::asm!("/* {0} */", inout(reg) value, options(pure, nomem, nostack, preserves_flags))
        };
        value
    }
    #[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri))))]
    value
}

/// [`scalar`] for a number of 16 bits, which is computed at this point and not where it is used.
#[inline(always)]
#[cfg_attr(
    all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)),
    expect(unsafe_code, reason = "an empty instruction is the only way to say so")
)]
pub(crate) fn scalar16(value: i16) -> i16 {
    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    {
        let mut value = value;
        // SAFETY: no instruction is executed, and nothing but the register is named.
        unsafe {
            core::arch::asm!("/* {0:x} */", inout(reg) value, options(pure, nomem, nostack, preserves_flags))
        };
        value
    }
    #[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri))))]
    value
}
