//! Units that stand for bytes, some of them for bytes of a window that is not known yet; and how they become bytes.
//!
//! ```text
//! unit  0..=255            that byte
//!       256..256 + 32768   the byte at unit - 256 of the 32 KiB before the first unit
//! ```
//!
//! A match copies units like bytes, so the decoder is the same for both. Once the window is known, a table of all
//! values takes the units to bytes: the identity, then the window. Most runs of units have no reference among them, and
//! are only narrowed.
//!
//! The bytes replace the units in place, at the front: byte `i` goes where unit `i / 2` was, which has been read.

use crate::arch::{Isa, Kernel, Simd};
use crate::checksum::Crc32;
use crate::inflate::window::MAX_DISTANCE;

/// The first unit that refers to the window.
const FIRST_REFERENCE: u16 = 256;

/// Units that become bytes at once, and are checked for references together.
const GROUP: usize = 32;

/// Bytes that are made before they are added to the checksum, while they are near.
const STRIP: usize = 16 << 10;

/// The window before the first unit: what a decoder is given as history.
pub(super) fn unknown_window() -> impl Iterator<Item = u16> {
    (0..MAX_DISTANCE as u16).map(|at| FIRST_REFERENCE + at)
}

/// Whether none of `units` refers to the window.
pub(super) fn are_bytes(units: &[u16]) -> bool {
    // Backwards, since references fade out.
    units.rchunks(512).all(|units| units.iter().fold(0, |all, unit| all | unit) < FIRST_REFERENCE)
}

/// The farthest that `units` reach back before the first of them, in bytes.
pub(super) fn reach(units: &[u16]) -> usize {
    let references = units.iter().filter(|&&unit| unit >= FIRST_REFERENCE);
    references.min().map_or(0, |&first| MAX_DISTANCE - usize::from(first - FIRST_REFERENCE))
}

/// What each unit stands for.
pub(super) struct Table(Box<[u8; 1 << 16]>);

impl Table {
    /// For units behind `window`, which is at most 32 KiB. What lies before it must not be referred to.
    pub(super) fn new() -> Self {
        let mut bytes = Box::new([0; 1 << 16]);
        bytes.iter_mut().zip(0..=u8::MAX).for_each(|(to, byte)| *to = byte);
        Self(bytes)
    }

    /// Sets the window, which is at most 32 KiB. References to what is before it give anything.
    pub(super) fn set_window(&mut self, window: &[u8]) {
        let end = usize::from(FIRST_REFERENCE) + MAX_DISTANCE;
        self.0[end - window.len()..end].copy_from_slice(window);
    }

    /// The bytes of `units`.
    pub(super) fn bytes<'a>(&'a self, units: &'a [u16]) -> impl Iterator<Item = u8> + 'a {
        table_bytes(&self.0, units)
    }

    /// Replaces `units` by their bytes; returns those and their checksum.
    pub(super) fn resolve<'u>(&self, units: &'u mut [u16]) -> (&'u [u8], Crc32) {
        let (count, mut crc) = (units.len(), Crc32::new());
        let isa = Isa::detect();
        for start in (0..count).step_by(STRIP) {
            let end = count.min(start + STRIP);
            isa.call(Narrow { table: self, units, start, end });
            crc.update(&bytemuck::cast_slice(units)[start..end]);
        }
        (&bytemuck::cast_slice(units)[..count], crc)
    }
}

/// Puts the bytes of the units from `start` to `end` in their places; those before are there.
struct Narrow<'t, 'u> {
    table: &'t Table,
    units: &'u mut [u16],
    start: usize,
    end: usize,
}

impl Kernel for Narrow<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self { table: Table(table), units, start, end } = self;
        let (mut at, whole) = (start, start + (end - start) / GROUP * GROUP);
        while at < whole {
            let (done, rest) = bytemuck::cast_slice_mut::<u16, u8>(units).split_at_mut(2 * at);
            let (Some(group), bytes) = (rest.first_chunk::<{ 2 * GROUP }>(), done.get_mut(at..at + GROUP))
            else {
                return;
            };
            match bytes.and_then(|bytes| bytes.first_chunk_mut()) {
                Some(bytes) => narrow(table, group, bytes),
                None => {
                    // The first group: its bytes come to lie in its units.
                    let mut bytes = [0; GROUP];
                    narrow(table, group, &mut bytes);
                    rest[..GROUP].copy_from_slice(&bytes);
                }
            }
            at += GROUP;
        }
        for at in whole..end {
            let byte = table[usize::from(units[at])];
            bytemuck::cast_slice_mut::<_, u8>(units)[at] = byte;
        }
    }
}

/// The bytes of one group.
#[inline(always)]
fn narrow(table: &[u8; 1 << 16], group: &[u8; 2 * GROUP], bytes: &mut [u8; GROUP]) {
    let unit = |i: usize| u16::from_ne_bytes([group[2 * i], group[2 * i + 1]]);
    if (0..GROUP).fold(0, |all, i| all | unit(i)) < FIRST_REFERENCE {
        *bytes = core::array::from_fn(|i| unit(i) as u8);
        return;
    }
    // Four units to a load, a store for each byte.
    let (words, _) = group.as_chunks::<8>();
    let (quads, _) = bytes.as_chunks_mut::<4>();
    for (quad, word) in quads.iter_mut().zip(words) {
        let word = u64::from_ne_bytes(*word);
        for (i, byte) in quad.iter_mut().enumerate() {
            let shift = if cfg!(target_endian = "little") { 16 * i } else { 48 - 16 * i };
            *byte = table[(word >> shift) as usize & 0xffff];
        }
    }
}

fn table_bytes<'a>(table: &'a [u8; 1 << 16], units: &'a [u16]) -> impl Iterator<Item = u8> + 'a {
    units.iter().map(|&unit| table[usize::from(unit)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_the_bytes_they_stand_for_whatever_their_number_and_mixture() {
        let window: Vec<u8> = (0..MAX_DISTANCE).map(|at| (at * 7 + at / 251) as u8).collect();
        let mut table = Table::new();
        table.set_window(&window);
        for len in (0..200).chain([STRIP - 1, STRIP, STRIP + 1, 3 * STRIP + 77]) {
            for step in [1, 7, 100, usize::MAX] {
                let mut units: Vec<u16> = (0..len)
                    .map(|i| {
                        if i % step == step - 1 {
                            256 + (i * 119 % MAX_DISTANCE) as u16
                        } else {
                            (i % 256) as u16
                        }
                    })
                    .collect();
                let model: Vec<u8> = units
                    .iter()
                    .map(|&unit| if unit < 256 { unit as u8 } else { window[usize::from(unit) - 256] })
                    .collect();
                assert_eq!(are_bytes(&units), units.iter().all(|&unit| unit < 256));
                let mut crc = Crc32::new();
                crc.update(&model);
                assert!(table.bytes(&units).eq(model.iter().copied()));
                let (bytes, sum) = table.resolve(&mut units);
                assert!(bytes == model && sum.value() == crc.value(), "{len} units, every {step}");
            }
        }
    }

    #[test]
    fn the_reach_is_that_of_the_oldest_reference() {
        let unknown: Vec<u16> = unknown_window().collect();
        assert_eq!(reach(&unknown), MAX_DISTANCE);
        assert_eq!(reach(&unknown[MAX_DISTANCE - 1..]), 1);
        assert_eq!(reach(&[0, 255]), 0);
        assert!(are_bytes(&[0, 255]) && !are_bytes(&[255, 256]));
    }
}
