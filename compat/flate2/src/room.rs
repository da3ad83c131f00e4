//! Where output goes: slices, memory that was not written before, and what a vector has room for.

use std::mem::MaybeUninit;

/// A place for output.
pub(crate) trait Room {
    /// Bytes that still fit.
    fn left(&self) -> usize;

    /// Writes `bytes`, which fit.
    fn put(&mut self, bytes: &[u8]);
}

/// The rest of a slice.
impl Room for &mut [u8] {
    fn left(&self) -> usize {
        self.len()
    }

    fn put(&mut self, bytes: &[u8]) {
        let (to, rest) = std::mem::take(self).split_at_mut(bytes.len());
        to.copy_from_slice(bytes);
        *self = rest;
    }
}

/// The rest of a slice that may not have been written.
impl Room for &mut [MaybeUninit<u8>] {
    fn left(&self) -> usize {
        self.len()
    }

    fn put(&mut self, bytes: &[u8]) {
        let (to, rest) = std::mem::take(self).split_at_mut(bytes.len());
        to.iter_mut().zip(bytes).for_each(|(to, &byte)| _ = to.write(byte));
        *self = rest;
    }
}

/// What a vector holds without growing.
impl Room for &mut Vec<u8> {
    fn left(&self) -> usize {
        self.capacity() - self.len()
    }

    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}
