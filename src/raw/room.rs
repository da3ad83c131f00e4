//! A growable byte buffer for a bit writer: eight bytes are stored at a time, checked by one comparison.
//!
//! **Invariant.** `limit + 8 <= bytes.len()`, so a store at any `at <= limit` is inside.

#![expect(unsafe_code, reason = "a store of eight bytes checked by one comparison")]

use alloc::vec::Vec;

/// Bytes with room for stores of eight at a time.
#[derive(Debug)]
pub(crate) struct StoreRoom {
    bytes: Vec<u8>,
    limit: usize,
}

impl StoreRoom {
    /// `bytes`, extended with zeros where they are fewer than `len` and eight more.
    pub(crate) fn new(mut bytes: Vec<u8>, len: usize) -> Self {
        if bytes.len() < len + 8 {
            bytes.resize(len + 8, 0);
        }
        Self { limit: len, bytes }
    }

    /// The bytes, with what room is left behind them.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Stores `word`, its low byte at `at`. Past the room nothing is stored.
    #[inline(always)]
    pub(crate) fn store(&mut self, at: usize, word: u64) {
        debug_assert!(at <= self.limit, "stored past the room");
        if at <= self.limit {
            // SAFETY: `at <= limit` was checked, and the invariant puts eight bytes from there inside.
            let room = unsafe { self.bytes.as_mut_ptr().add(at) };
            // SAFETY: the eight bytes are inside, by the same check, and no alignment is assumed.
            unsafe { room.cast::<u64>().write_unaligned(word.to_le()) };
        }
    }

    /// Copies whole `bytes` to `at`.
    pub(crate) fn copy(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_store_ends_at_the_last_byte_of_the_room() {
        let mut room = StoreRoom::new(alloc::vec![9; 3], 5);
        room.store(0, 0x0807_0605_0403_0201);
        room.store(5, u64::MAX);
        assert_eq!(room.into_bytes(), [1, 2, 3, 4, 5, 255, 255, 255, 255, 255, 255, 255, 255]);
    }
}
