//! Compressed input in pieces, and the loop that runs it through a decoder.

use std::io::{self, Read, Write};

use rigz::inflate::{Decode, Step};

use super::codec::{Done, Failure, read_some};

/// Bytes of compressed input read at a time.
const READ_BYTES: usize = 128 << 10;
/// The same of little input: a few more reads cost less than as many more pages of memory.
const LEAST_READ_BYTES: u64 = 32 << 10;

/// A reader and the bytes of it that are at hand.
///
/// ```text
/// buffer   | used | at hand | room |
///                 ^from     ^to
/// ```
#[derive(Debug)]
pub(super) struct Feed<R> {
    input: R,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    /// The last byte before the buffer.
    before: u8,
}

impl<R: Read> Feed<R> {
    /// Of a reader of `length` bytes, if that is known.
    pub(super) fn new(input: R, length: Option<u64>) -> Self {
        let size = length.map_or(READ_BYTES, |length| {
            (length / 8).clamp(LEAST_READ_BYTES, READ_BYTES as u64).min(length + 1).max(16) as usize
        });
        Self { input, buffer: vec![0; size], from: 0, to: 0, before: 0 }
    }

    /// The bytes at hand, more if there are none; none at the end.
    pub(super) fn more(&mut self) -> io::Result<&[u8]> {
        if self.from == self.to {
            self.before = self.to.checked_sub(1).map_or(self.before, |last| self.buffer[last]);
            (self.from, self.to) = (0, read_some(&mut self.input, &mut self.buffer)?);
        }
        Ok(&self.buffer[self.from..self.to])
    }

    /// The bytes at hand: at least `count`, unless there are fewer up to the end. Only at the start.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.to < count {
            match read_some(&mut self.input, &mut self.buffer[self.to..])? {
                0 => break,
                more => self.to += more,
            }
        }
        Ok(&self.buffer[self.from..self.to])
    }

    /// What is at hand was used.
    pub(super) fn clear(&mut self) {
        self.from = self.to;
    }

    /// Runs the input through `decoder` up to the end of what it understands.
    pub(super) fn pump(&mut self, decoder: &mut impl Decode, mut output: impl Write) -> Result<(), Failure> {
        loop {
            let mut piece = &self.buffer[self.from..self.to];
            let step = decoder.decode(&mut piece);
            self.from = self.to - piece.len();
            match step.map_err(Failure::Data)? {
                Step::Output => {
                    let ready = decoder.output().len();
                    output.write_all(decoder.output()).map_err(Failure::Write)?;
                    decoder.consume(ready);
                }
                Step::NeedsInput => {
                    if self.more().map_err(Failure::Read)?.is_empty() {
                        decoder.end_of_input();
                    }
                }
                Step::Done => return Ok(()),
            }
        }
    }

    /// As [`Feed::pump`], for a format that has one stream and says nothing of what follows: zero bytes are padding,
    /// others are garbage.
    pub(super) fn only(mut self, mut decoder: impl Decode, output: impl Write) -> Result<Done, Failure> {
        self.pump(&mut decoder, output)?;
        let mut garbage_at = None;
        while garbage_at.is_none() {
            let piece = self.more().map_err(Failure::Read)?;
            if piece.is_empty() {
                break;
            }
            if piece.iter().any(|&byte| byte != 0) {
                garbage_at = Some(decoder.total_in());
            }
            self.clear();
        }
        Ok(Done { garbage_at, ..self.totals(&decoder) })
    }

    /// What `decoder` did.
    pub(super) fn totals(&self, decoder: &impl Decode) -> Done {
        Done { read: decoder.total_in(), written: decoder.total_out(), members: 1, ..Done::default() }
    }

    /// Copies the last `used` bytes that were used, and the rest of the input. Used bytes that are no longer at hand are
    /// zero, but for the last of them.
    pub(super) fn pass_on(mut self, used: u64, mut output: impl Write) -> Result<u64, Failure> {
        let at_hand = used.min(self.from as u64);
        let gone = used - at_hand;
        let mut written = used;
        let mut zeros = io::repeat(0).take(gone.saturating_sub(1));
        io::copy(&mut zeros, &mut output).map_err(Failure::Write)?;
        if gone > 0 {
            output.write_all(&[self.before]).map_err(Failure::Write)?;
        }
        self.from -= at_hand as usize;
        loop {
            let piece = self.more().map_err(Failure::Read)?;
            if piece.is_empty() {
                return Ok(written);
            }
            output.write_all(piece).map_err(Failure::Write)?;
            written += piece.len() as u64;
            self.clear();
        }
    }
}

/// What is at hand first, then the reader.
impl<R: Read> Read for Feed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.from == self.to {
            return self.input.read(buffer);
        }
        let count = (self.to - self.from).min(buffer.len());
        buffer[..count].copy_from_slice(&self.buffer[self.from..self.from + count]);
        self.from += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rigz::gzip;

    /// Gives one byte a call.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1);
            self.0.read(&mut buffer[..count])
        }
    }

    #[test]
    fn a_tail_is_passed_on_whole_wherever_the_reads_were_cut() {
        let mut member = Vec::new();
        gzip::compress(b"data", rigz::Level::DEFAULT, &mut member);
        for tail in [&b"tail"[..], b"\x1fx", b"\0\0\0x", b"ab"] {
            let file = [&member[..], tail].concat();
            let run = |mut feed: Feed<_>| {
                let (mut decoder, mut out) = (gzip::Decoder::new(), Vec::new());
                feed.pump(&mut decoder, &mut out).expect("valid");
                let gzip::Trailing::Garbage { offset } = decoder.trailing() else { panic!("no tail") };
                feed.pass_on(decoder.total_in() - offset, &mut out).expect("no failing side");
                out
            };
            let expected = [b"data", tail].concat();
            assert_eq!(run(Feed::new(Box::new(&file[..]) as Box<dyn Read>, None)), expected);
            assert_eq!(run(Feed::new(Box::new(Slow(&file)), None)), expected, "{tail:?}");
        }
    }

    #[test]
    fn padding_that_is_no_longer_at_hand_is_written_in_large_pieces() {
        struct Counted(Vec<u8>, usize);
        impl Write for Counted {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 += 1;
                self.0.write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut file = Vec::new();
        gzip::compress(b"data", rigz::Level::DEFAULT, &mut file);
        file.resize(file.len() + 4 * READ_BYTES, 0);
        file.extend_from_slice(b"tail");
        let (mut feed, mut decoder) = (Feed::new(&file[..], None), gzip::Decoder::new());
        let mut out = Counted(Vec::new(), 0);
        feed.pump(&mut decoder, &mut out).expect("valid");
        let gzip::Trailing::Garbage { offset } = decoder.trailing() else { panic!("no tail") };
        let used = decoder.total_in() - offset;
        assert!(used > 3 * READ_BYTES as u64);
        feed.pass_on(used, &mut out).expect("no failing side");
        assert!(out.0.starts_with(b"data\0") && out.0.ends_with(b"\0tail"));
        assert!(out.0.len() == 8 + 4 * READ_BYTES && out.1 < 100, "{} writes", out.1);
    }
}
