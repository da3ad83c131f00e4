//! Output with 32 KiB of history, in one buffer that the decoder writes and the user reads in place.
//!
//! ```text
//! | history | taken | pending | room |
//! ^floor            ^taken    ^end   ^len
//! ```
//!
//! Invariants:
//! 1. `floor <= end`, `taken <= end <= buffer.len()`.
//! 2. `buffer[floor..end]` is the end of the current stream: all of it, or at least 32 KiB.
//!
//! When the room gets scarce and nothing is pending, the last 32 KiB move to the front: one byte in two or fewer is
//! moved once. The buffer stays in the second-level cache, so what is decoded is still there when it is checked and
//! written out. It is small because each page of it that is touched for the first time costs as much as decoding a KiB,
//! and starts smaller still for little input.
//!
//! The decoder stops a little before the end of the room: what it writes past the end of a match always fits, so it is
//! never slowed down there. Only where output is limited does it fill all of the room, and runs over into what is free
//! behind it.

use super::decode::Room;
use super::target::Slice;
use super::{Inflate, Status};
#[cfg(feature = "parallel")]
use super::{Place, Tokens};
use crate::error::Error;
use crate::raw::SLACK;
use alloc::vec::Vec;

/// The farthest a match may reach back (RFC 1951, 2).
pub(crate) const MAX_DISTANCE: usize = 32_768;
/// Room for new output in a full-sized window.
const WORK_BYTES: usize = 64 << 10;
/// The same for little input.
const LEAST_WORK_BYTES: usize = 32 << 10;

/// The buffer of a streaming decoder.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    buffer: Vec<u8>,
    /// What the buffer grows to.
    full: usize,
    floor: usize,
    taken: usize,
    end: usize,
    /// Bytes that may be pending after a call.
    limit: usize,
}

impl Window {
    /// A window for `input_bytes` of compressed input: small for little input.
    pub(crate) fn new(input_bytes: u64) -> Self {
        let input = usize::try_from(input_bytes).unwrap_or(usize::MAX);
        let full = MAX_DISTANCE + (input / 4).clamp(LEAST_WORK_BYTES, WORK_BYTES) + SLACK;
        let first = input.saturating_mul(4).saturating_add(1 << 10).min(full);
        Self { buffer: alloc::vec![0; first], full, floor: 0, taken: 0, end: 0, limit: usize::MAX }
    }

    /// A window with room for `work` bytes beside the history.
    #[cfg(feature = "parallel")]
    pub(crate) fn with_room(work: usize) -> Self {
        let full = MAX_DISTANCE + work;
        Self { buffer: alloc::vec![0; full], full, floor: 0, taken: 0, end: 0, limit: usize::MAX }
    }

    /// Starts a stream: what came before is no history of it.
    pub(crate) fn start_stream(&mut self) {
        self.floor = self.end;
    }

    /// Starts a stream with `dictionary` before it, which is not output. Nothing may be pending.
    pub(crate) fn start_with(&mut self, dictionary: &[u8]) {
        let kept = &dictionary[dictionary.len().saturating_sub(MAX_DISTANCE)..];
        self.buffer.resize(self.full, 0);
        self.buffer[..kept.len()].copy_from_slice(kept);
        (self.floor, self.taken, self.end) = (0, kept.len(), kept.len());
    }

    /// Decodes until input or room is used up or the stream ends. Returns what was written, and how it went.
    pub(crate) fn decode(
        &mut self,
        inflate: &mut Inflate,
        input: &mut &[u8],
    ) -> (&[u8], Result<Status, Error>) {
        let (start, room_end) = self.make_room();
        let is_limited = room_end - self.taken >= self.limit;
        let (buffer, at) = (&mut self.buffer[self.floor..], start - self.floor);
        let mut target = if is_limited {
            Slice::with_end(buffer, at, room_end - self.floor)
        } else {
            Slice::with_slack(buffer, at)
        };
        let (consumed, status) = inflate.decode_to(input, &mut target);
        *input = &input[consumed..];
        self.end += target.len() - at;
        (&self.buffer[start..self.end], status)
    }

    /// The same, and shows `see` what was written, which goes to `room` at once if there is one; then nothing may be
    /// pending before. Returns how much was written.
    pub(crate) fn decode_seen(
        &mut self,
        inflate: &mut Inflate,
        input: &mut &[u8],
        room: Option<&mut Room<'_>>,
        mut see: impl FnMut(&[u8]),
    ) -> (usize, Result<Status, Error>) {
        if let Some(room) = &room {
            self.limit = room.left();
        }
        let (written, status) = self.decode(inflate, input);
        // Looked at after it was copied: the stores take place meanwhile.
        let taken = room.map_or(0, |room| room.put(written));
        see(written);
        let count = written.len();
        self.take(taken);
        (count, status)
    }

    /// Copies from the front of `input`, which is advanced past what was used, at most `most` bytes. Returns them.
    pub(crate) fn copy(&mut self, input: &mut &[u8], most: usize) -> &[u8] {
        let (start, room_end) = self.make_room();
        let (taken, rest) = input.split_at(most.min(input.len()).min(room_end - start));
        *input = rest;
        self.end += taken.len();
        self.buffer[start..self.end].copy_from_slice(taken);
        &self.buffer[start..self.end]
    }

    /// The room that one call may fill.
    fn make_room(&mut self) -> (usize, usize) {
        let wanted = (self.buffer.len() / 4).min(self.limit.saturating_add(SLACK));
        if self.taken == self.end && self.buffer.len() - self.end < wanted {
            if self.buffer.len() < self.full {
                self.buffer.resize(self.full, 0);
            } else {
                self.slide();
            }
        }
        (self.end, self.buffer.len().min(self.taken.saturating_add(self.limit)).max(self.end))
    }

    /// Replays tokens from `from` on until they end or room is used up. Returns what was written.
    #[cfg(feature = "parallel")]
    pub(crate) fn replay(&mut self, tokens: &Tokens, from: &mut Place) -> &[u8] {
        let (start, room_end) = self.make_room();
        let mut at = start - self.floor;
        tokens.replay(from, &mut self.buffer[self.floor..room_end], &mut at);
        self.end = self.floor + at;
        &self.buffer[start..self.end]
    }

    /// The end of the present stream, as far as a match may reach back.
    #[cfg(feature = "parallel")]
    pub(crate) fn history(&self) -> &[u8] {
        &self.buffer[self.end - (self.end - self.floor).min(MAX_DISTANCE)..self.end]
    }

    /// Lets each call write no more than that at most `bytes` bytes are pending.
    pub(crate) fn set_limit(&mut self, bytes: usize) {
        self.limit = bytes;
    }

    /// What was written and not taken.
    pub(crate) fn pending(&self) -> &[u8] {
        &self.buffer[self.taken..self.end]
    }

    /// Takes `count` of the pending bytes.
    pub(crate) fn take(&mut self, count: usize) {
        assert!(count <= self.end - self.taken, "took more than was there");
        self.taken += count;
    }

    /// Drops everything.
    pub(crate) fn clear(&mut self) {
        (self.floor, self.taken, self.end) = (0, 0, 0);
    }

    /// Moves the history to the front.
    fn slide(&mut self) {
        let kept = (self.end - self.floor).min(MAX_DISTANCE);
        self.buffer.copy_within(self.end - kept..self.end, 0);
        (self.floor, self.taken, self.end) = (0, kept, kept);
    }
}
