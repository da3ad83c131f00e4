//! Bytes from the front of a buffer and words from its back, until they meet.
//!
//! ```text
//! | bytes ... | room | ... words |
//!             ^bytes ^words
//! ```
//!
//! Invariant: `bytes <= words <= buffer.len()`.

use core::ptr;

/// Room without which nothing is written: five bytes that two pairs may take, and a word, which may touch them.
pub(crate) const LEAST_ROOM: usize = 16;
const _: () = assert!(LEAST_ROOM >= 3 + 3 + size_of::<u32>());

/// A buffer that is filled from both ends.
pub(crate) struct Notes<'a> {
    buffer: &'a mut [u8],
    bytes: usize,
    words: usize,
}

impl<'a> Notes<'a> {
    /// A buffer of which so many bytes from the front, and all from `words` on, are taken; none if that is not so.
    #[inline(always)]
    pub(crate) fn new(buffer: &'a mut [u8], bytes: usize, words: usize) -> Option<Self> {
        (bytes <= words && words <= buffer.len()).then_some(Self { buffer, bytes, words })
    }

    /// How many bytes there are.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Where the words start.
    #[inline(always)]
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// Writes the first so many, at most 3, of two pairs of bytes, and a word, if `is_kept`. False, and nothing done,
    /// if there is little room.
    #[inline(always)]
    #[expect(unsafe_code, reason = "one check for three stores")]
    pub(crate) fn write(
        &mut self,
        first: ([u8; 2], usize),
        second: ([u8; 2], usize),
        word: u32,
        is_kept: bool,
    ) -> bool {
        if self.words - self.bytes < LEAST_ROOM {
            return false;
        }
        let middle = self.bytes + (first.1 & 3);
        let next_word = self.words - size_of::<u32>();
        let start = self.buffer.as_mut_ptr();
        // SAFETY: bytes + LEAST_ROOM <= words <= buffer.len(), by the check and the invariant.
        let first_to = unsafe { start.add(self.bytes) };
        // SAFETY: two bytes from there are inside, as above; no alignment is needed.
        unsafe { ptr::write_unaligned(first_to.cast::<[u8; 2]>(), first.0) };
        // SAFETY: at most three bytes further.
        let second_to = unsafe { start.add(middle) };
        // SAFETY: two bytes from there are inside: 3 + 2 <= LEAST_ROOM.
        unsafe { ptr::write_unaligned(second_to.cast::<[u8; 2]>(), second.0) };
        // SAFETY: LEAST_ROOM, and so a word's size, is at most `words`, by the check.
        let word_to = unsafe { start.add(next_word) };
        // SAFETY: a word from there ends at `words`, which is inside; no alignment is needed.
        unsafe { ptr::write_unaligned(word_to.cast::<[u8; size_of::<u32>()]>(), word.to_le_bytes()) };
        // Six bytes and a word at most are less than LEAST_ROOM, which keeps the invariant.
        self.bytes = middle + (second.1 & 3);
        self.words = if is_kept { next_word } else { self.words };
        true
    }

    /// Takes back the last `count` bytes.
    pub(crate) fn go_back(&mut self, count: usize) {
        self.bytes = self.bytes.saturating_sub(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_meet_and_neither_runs_over_the_other() {
        for len in 0..60 {
            let mut buffer = alloc::vec![0xee; len];
            let (mut bytes, mut words) = (alloc::vec::Vec::new(), alloc::vec::Vec::new());
            let Some(mut notes) = Notes::new(&mut buffer, 0, len) else { panic!("an empty buffer is right") };
            for round in 0u8.. {
                let (first, second) = (usize::from(round % 3), usize::from(round / 3 % 3));
                let word = 0x0101_0101 * u32::from(round);
                if !notes.write(([round, 1], first), ([round, 2], second), word, round % 2 == 0) {
                    break;
                }
                bytes.extend(&[round, 1][..first]);
                bytes.extend(&[round, 2][..second]);
                words.extend((round % 2 == 0).then_some(round));
            }
            let (to, from) = (notes.bytes(), notes.words());
            assert!(from - to < LEAST_ROOM && to == bytes.len() && from == len - 4 * words.len());
            assert_eq!(buffer[..to], bytes);
            let words: alloc::vec::Vec<u8> = words.iter().rev().flat_map(|&word| [word; 4]).collect();
            assert_eq!(buffer[from..], words);
        }
    }

    #[test]
    fn what_does_not_fit_the_buffer_is_refused() {
        let mut buffer = [0; 20];
        for (bytes, words) in [(0, 21), (11, 10), (usize::MAX, 20)] {
            assert!(Notes::new(&mut buffer, bytes, words).is_none());
        }
        let mut notes = Notes::new(&mut buffer, 4, 20).expect("both are inside");
        assert!(
            notes.write(([1, 2], 2), ([3, 4], 2), 0, true) && !notes.write(([0; 2], 0), ([0; 2], 0), 0, true)
        );
        notes.go_back(3);
        assert_eq!((notes.bytes(), notes.words()), (5, 16));
    }
}
