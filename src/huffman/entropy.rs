//! Logarithms in fixed point, for estimates that must be the same on every machine.

/// One bit in the unit of the estimates.
pub(crate) const ONE_BIT: u32 = 1 << 12;

/// log2(1 + i / 256) in units of 1 / [`ONE_BIT`].
const FRACTION: [u16; 256] = {
    let mut table = [0u16; 256];
    let mut i = 0;
    while i < 256 {
        // Squaring doubles the logarithm; each time the value passes two, the next bit of it is one.
        let mut value = (256 + i as u64) << 22;
        let mut bit = ONE_BIT >> 1;
        while bit > 0 {
            value = (value * value) >> 30;
            if value >= 2 << 30 {
                value >>= 1;
                table[i] += bit as u16;
            }
            bit >>= 1;
        }
        i += 1;
    }
    table
};

/// log2(n) in units of 1 / [`ONE_BIT`], by the highest bit and eight bits below it; n is not 0.
#[inline(always)]
pub(crate) const fn log2(n: u32) -> u32 {
    let high = n.ilog2();
    high * ONE_BIT + FRACTION[(n << (31 - high) >> 23 & 0xff) as usize] as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_within_a_hundredth_of_a_bit_and_ascend() {
        let mut before = 0;
        for n in (1..70_000u32).chain([1 << 20, u32::MAX]) {
            let ours = f64::from(log2(n)) / f64::from(ONE_BIT);
            assert!((ours - f64::from(n).log2()).abs() < 0.01, "{n}");
            assert!(log2(n) >= before);
            before = log2(n);
        }
    }
}
