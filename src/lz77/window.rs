//! The input of one chunk: up to 32 KiB of history, the chunk, and readable room on both sides.
//!
//! ```text
//! | lead: 64 KiB, the history at its end | chunk (0..=capacity) | tail: 64 KiB + 64 |
//! ^0                                     ^LEAD            ^end
//! ```
//!
//! The room makes every load of a match finder safe by the types of its operands: from a position in the chunk, any
//! 16-bit distance back stays in the lead, and from there any 16-bit length ahead stays in the tail. The chunk starts
//! at a multiple of 64 Ki, so the low 16 bits of a buffer position are the position modulo 64 Ki.
//!
//! **Invariant.** The first `ZERO_BYTES` bytes of the tail are zero, and the last of the lead before the history, so that a
//! search which reads past the end of the chunk, or before the history, reads the same there whatever the buffer held
//! before. Lengths are cut at both.

use crate::raw::position::{LEAD, Position, Room, TAIL};
use alloc::vec::Vec;

/// The farthest a match may reach back (RFC 1951, 2).
pub(crate) const MAX_DISTANCE: usize = 32_768;

/// Bytes behind the chunk and before the history that are zero: the longest match and a word.
const ZERO_BYTES: usize = 258 + 8;

const _: () = assert!(MAX_DISTANCE + ZERO_BYTES <= LEAD && ZERO_BYTES <= TAIL);

/// The buffer of one chunk with the history before it.
#[derive(Debug)]
pub(crate) struct Window {
    bytes: Vec<u8>,
    history_len: usize,
    chunk_len: usize,
}

impl Window {
    /// A window for chunks of up to `capacity` bytes. Pages that are never written cost no memory.
    #[must_use]
    pub(crate) fn new(capacity: usize) -> Self {
        Self { bytes: alloc::vec![0; LEAD + capacity + TAIL], history_len: 0, chunk_len: 0 }
    }

    /// Largest chunk, in bytes.
    #[must_use]
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.len() - LEAD - TAIL
    }

    /// Starts an empty chunk after `history`, of which the last 32 KiB count.
    pub(crate) fn restart(&mut self, history: &[u8]) {
        let history = &history[history.len().saturating_sub(MAX_DISTANCE)..];
        self.history_len = history.len();
        self.chunk_len = 0;
        self.bytes[LEAD - history.len()..LEAD].copy_from_slice(history);
        self.zero_lead();
        self.zero_tail();
    }

    /// Starts an empty chunk after what this window holds: its last 32 KiB become the history.
    pub(crate) fn slide(&mut self) {
        let end = LEAD + self.chunk_len;
        let len = (self.history_len + self.chunk_len).min(MAX_DISTANCE);
        self.bytes.copy_within(end - len..end, LEAD - len);
        self.history_len = len;
        self.chunk_len = 0;
        self.zero_lead();
        self.zero_tail();
    }

    /// Where the next bytes of the chunk go; tell [`Window::advance`] how many came.
    pub(crate) fn spare(&mut self) -> &mut [u8] {
        let (from, to) = (LEAD + self.chunk_len, self.bytes.len() - TAIL);
        &mut self.bytes[from..to]
    }

    /// Adds `count` bytes that were written to [`Window::spare`] to the chunk.
    ///
    /// # Panics
    ///
    /// If the chunk would outgrow the capacity.
    pub(crate) fn advance(&mut self, count: usize) {
        assert!(count <= self.capacity() - self.chunk_len, "advanced past the window's capacity");
        self.chunk_len += count;
        self.zero_tail();
    }

    /// Restores the invariant after the history changed.
    fn zero_lead(&mut self) {
        let start = LEAD - self.history_len;
        self.bytes[start - ZERO_BYTES..start].fill(0);
    }

    /// Restores the invariant after the chunk's end moved.
    fn zero_tail(&mut self) {
        let end = LEAD + self.chunk_len;
        self.bytes[end..end + ZERO_BYTES].fill(0);
    }

    /// Copies as much of `input` into the chunk as fits; returns how many bytes that was.
    pub(crate) fn fill(&mut self, input: &[u8]) -> usize {
        let spare = self.spare();
        let count = spare.len().min(input.len());
        spare[..count].copy_from_slice(&input[..count]);
        self.advance(count);
        count
    }

    /// The chunk.
    #[must_use]
    pub(crate) fn chunk(&self) -> &[u8] {
        &self.bytes[LEAD..LEAD + self.chunk_len]
    }

    /// History and chunk together, the last 32 KiB of which are the history of the next chunk.
    #[must_use]
    pub(crate) fn content(&self) -> &[u8] {
        &self.bytes[LEAD - self.history_len..LEAD + self.chunk_len]
    }

    /// Whether the chunk has reached the capacity.
    #[must_use]
    pub(crate) fn is_full(&self) -> bool {
        self.chunk_len == self.capacity()
    }

    /// What a match finder reads.
    pub(crate) fn view(&self) -> Option<View<'_>> {
        let room = Room::new(&self.bytes, self.chunk_len)?;
        Some(View { room, history: self.history_len, end: self.chunk_len })
    }
}

/// A window as match finders see it. Positions count from the start of the chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    room: Room<'a>,
    /// Bytes of history before the chunk.
    pub(crate) history: usize,
    /// Length of the chunk.
    pub(crate) end: usize,
}

impl<'a> View<'a> {
    /// The place `at` in the chunk.
    #[inline(always)]
    pub(crate) fn at(self, at: usize) -> Position<'a> {
        self.room.at(at)
    }

    /// How far a match at `at` may reach back.
    #[inline(always)]
    pub(crate) fn reach(self, at: usize) -> usize {
        (at + self.history).min(MAX_DISTANCE)
    }
}
