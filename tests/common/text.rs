//! Data for the tests of readers and writers over threads.

/// Text-like bytes with repeats near and far.
pub(crate) fn sample(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut out = Vec::with_capacity(len + 16);
    while out.len() < len {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let word = (state >> 16) % 2000;
        out.extend_from_slice((word * word).to_string().as_bytes());
        out.push(b' ');
    }
    out.truncate(len);
    out
}
