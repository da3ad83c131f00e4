//! Raw DEFLATE as a state machine without I/O: input in any pieces, output appended to a vector.
//!
//! Input gathers in a [`Window`] until the chunk is full. A full chunk is compressed only when the next byte arrives
//! or the stream ends, for the last block of the last chunk must carry BFINAL. Fragments are joined bit by bit, so
//! nothing in the output shows where a chunk ended.
//!
//! Invariants:
//! 1. Chunks end where [`chunk_bytes`] says, counted from the start of the stream or from the last flush; hence the
//!    output depends on the level, the input and the places of the flushes, and not on how the input was cut.
//! 2. `out` holds all bits of the chunks compressed so far but the last 0 to 7, which wait in the splicer.
//! 3. After a flush the output ends at a byte boundary and holds everything that was fed.
//!
//! Memory: one window (a chunk and 40 KiB), one fragment, the tables of the level. One call compresses at most one
//! chunk, so the output of one call is at most a chunk and a few bytes.

use alloc::vec::Vec;

use super::chunk::{ChunkEncoder, chunk_bytes};
use crate::bits::fragment::{Fragment, Splicer};
use crate::level::Level;
use crate::lz77::window::{MAX_DISTANCE, Window};

/// How much of what was fed must be decodable from the output after the call.
///
/// ```
/// use rigz::{Level, deflate::{Deflate, Encode, Flush}, inflate::{Inflate, Status}};
///
/// let (mut deflate, mut out, mut data) = (Deflate::new(Level::DEFAULT), Vec::new(), [0; 16]);
/// deflate.feed_all(b"now", &mut out);
/// deflate.flush(Flush::Sync, &mut out);
/// assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
/// let progress = Inflate::new().decode(&out, &mut data, 0);
/// assert_eq!((&data[..progress.written], progress.status), (&b"now"[..], Ok(Status::NeedsInput)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flush {
    /// Whatever is ready.
    #[default]
    None,
    /// All of it: the block is ended by an empty fixed block of 10 bits, of which up to 7 stay behind. Shorter than
    /// [`Flush::Sync`], but the output does not end at the end of the bits.
    Partial,
    /// All of it: the block is ended and an empty stored block pads the output to a byte boundary.
    Sync,
    /// As [`Flush::Sync`], and what follows can be decoded without what went before.
    Full,
    /// All of it, and the stream is over.
    Finish,
}

/// An encoder without I/O: raw DEFLATE, or a container around it. What is made is appended to the caller's vector.
///
/// ```
/// use rigz::{Level, deflate::{Encode, Flush}, zlib};
///
/// let (mut encoder, mut out) = (zlib::Encoder::new(Level::DEFAULT), Vec::new());
/// encoder.feed_all(b"a message", &mut out);
/// encoder.flush(Flush::Sync, &mut out);
/// // All of the message can be decoded from here on.
/// assert_eq!((encoder.total_in(), encoder.total_out()), (9, out.len() as u64));
/// encoder.feed_all(b", and another", &mut out);
/// encoder.flush(Flush::Finish, &mut out);
/// ```
pub trait Encode {
    /// Takes bytes from the front of `input` and appends the output that is ready to `out`. Returns how many bytes
    /// were taken: at least one, unless `input` is empty or the stream is over. At most one chunk is compressed.
    fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> usize;

    /// Appends to `out` what `how` asks for. A flush with nothing fed since the last one that asked as much appends
    /// nothing; nor does any after [`Flush::Finish`].
    fn flush(&mut self, how: Flush, out: &mut Vec<u8>);

    /// Back to the start of a stream, with level, header and buffers kept. What is started on a dictionary starts
    /// on it again.
    fn reset(&mut self);

    /// Bytes taken.
    fn total_in(&self) -> u64;

    /// Bytes appended.
    fn total_out(&self) -> u64;

    /// Feeds all of `input`. Nothing is taken once the stream is over.
    fn feed_all(&mut self, mut input: &[u8], out: &mut Vec<u8>) {
        while !input.is_empty() {
            match self.feed(input, out) {
                0 => return,
                taken => input = &input[taken..],
            }
        }
    }
}

/// Compresses to raw DEFLATE (RFC 1951).
///
/// ```
/// use rigz::{Level, deflate::{Deflate, Encode, Flush}};
/// let mut out = Vec::new();
/// let mut deflate = Deflate::new(Level::DEFAULT);
/// deflate.feed_all(b"in any ", &mut out);
/// deflate.feed_all(b"pieces", &mut out);
/// deflate.flush(Flush::Finish, &mut out);
/// ```
///
/// # Memory
///
/// About 2 MiB, most of it untouched as long as the input is short.
#[derive(Debug)]
pub struct Deflate {
    level: Level,
    encoder: ChunkEncoder,
    window: Window,
    dictionary: Vec<u8>,
    fragment: Fragment,
    splicer: Splicer,
    state: State,
    total_in: u64,
    total_out: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The output ends at a byte boundary and holds everything that was fed.
    Flushed,
    /// The output holds everything that was fed, up to 7 bits left out that are not needed.
    Partly,
    Open,
    Finished,
}

impl Deflate {
    /// A compressor of `level`.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self::with_capacity(level, chunk_bytes(level))
    }

    /// A compressor of `level` for a stream that refers back to `dictionary`, of which the last 32 KiB count.
    #[must_use]
    pub fn with_dictionary(level: Level, dictionary: &[u8]) -> Self {
        let mut deflate = Self::new(level);
        deflate.dictionary = dictionary[dictionary.len().saturating_sub(MAX_DISTANCE)..].to_vec();
        deflate.reset();
        deflate
    }

    /// A compressor for an input of exactly `bytes` bytes: a short one gets a short window.
    pub(crate) fn for_length(level: Level, bytes: usize) -> Self {
        Self::with_capacity(level, bytes.clamp(1, chunk_bytes(level)))
    }

    fn with_capacity(level: Level, capacity: usize) -> Self {
        Self {
            level,
            encoder: ChunkEncoder::new(level),
            window: Window::new(capacity),
            dictionary: Vec::new(),
            fragment: Fragment::new(),
            splicer: Splicer::new(),
            state: State::Flushed,
            total_in: 0,
            total_out: 0,
        }
    }

    /// Makes the window large enough for an input of `bytes` bytes. Only before the first byte of a stream.
    pub(crate) fn make_room(&mut self, bytes: usize) {
        let wanted = bytes.min(chunk_bytes(self.level));
        if self.window.capacity() < wanted {
            self.window = Window::new(wanted.next_power_of_two().min(chunk_bytes(self.level)));
            self.window.restart(&self.dictionary);
        }
    }

    /// The level.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Compresses what is fed from here on at `level`; what was fed before is compressed at the level before and
    /// appended to `out`.
    pub fn set_level(&mut self, level: Level, out: &mut Vec<u8>) {
        if level == self.level {
            return;
        }
        if self.state == State::Open {
            self.counted(out, |deflate, out| deflate.emit(false, out));
        }
        let mut window = Window::new(chunk_bytes(level));
        window.restart(self.window.content());
        self.window = window;
        self.level = level;
        self.encoder = ChunkEncoder::new(level);
    }

    /// Lets what follows refer back to `dictionary`, of which the last 32 KiB count, and to nothing before it. For
    /// raw streams, of which the reader does the same at the same place; what was fed before is compressed first. In the
    /// middle of a stream flush before, with [`Flush::Sync`], so that the reader can stop there.
    pub fn set_dictionary(&mut self, dictionary: &[u8], out: &mut Vec<u8>) {
        if self.state == State::Open {
            self.counted(out, |deflate, out| deflate.emit(false, out));
        }
        self.window.restart(dictionary);
    }

    /// Whether the stream is over.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.state == State::Finished
    }

    /// Does `work` and counts what it appends.
    fn counted(&mut self, out: &mut Vec<u8>, work: impl FnOnce(&mut Self, &mut Vec<u8>)) {
        let before = out.len();
        work(self, out);
        self.total_out += (out.len() - before) as u64;
    }

    fn emit(&mut self, is_final: bool, out: &mut Vec<u8>) {
        self.fragment.clear();
        self.encoder.encode(&self.window, is_final, &mut self.fragment);
        out.extend_from_slice(self.splicer.place(&mut self.fragment));
        if !is_final {
            self.window.slide();
        }
    }
}

impl Encode for Deflate {
    fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> usize {
        if input.is_empty() || self.is_finished() {
            return 0;
        }
        if self.window.is_full() {
            self.counted(out, |deflate, out| deflate.emit(false, out));
        }
        self.state = State::Open;
        let taken = self.window.fill(input);
        self.total_in += taken as u64;
        taken
    }

    fn flush(&mut self, how: Flush, out: &mut Vec<u8>) {
        self.counted(out, |deflate, out| deflate.flush_now(how, out));
    }

    fn reset(&mut self) {
        self.window.restart(&self.dictionary);
        self.splicer = Splicer::new();
        self.state = State::Flushed;
        (self.total_in, self.total_out) = (0, 0);
    }

    fn total_in(&self) -> u64 {
        self.total_in
    }

    fn total_out(&self) -> u64 {
        self.total_out
    }
}

impl Deflate {
    fn flush_now(&mut self, how: Flush, out: &mut Vec<u8>) {
        if how == Flush::None || self.is_finished() {
            return;
        }
        if how == Flush::Finish {
            self.emit(true, out);
            self.splicer.align(out);
            self.state = State::Finished;
            return;
        }
        if self.state == State::Open {
            self.emit(false, out);
        }
        match (how, self.state) {
            (Flush::Partial, State::Open) => {
                push_empty_fixed_block(&mut self.splicer, out);
                self.state = State::Partly;
            }
            (Flush::Sync | Flush::Full, State::Open | State::Partly) => {
                push_empty_stored_block(&mut self.splicer, out);
                self.state = State::Flushed;
            }
            _ => {}
        }
        if how == Flush::Full {
            self.window.restart(&[]);
        }
    }
}

/// BFINAL 0, BTYPE 01, and the seven zero bits of the end of block (RFC 1951, 3.2.6): the mark of a partial flush.
fn push_empty_fixed_block(splicer: &mut Splicer, out: &mut Vec<u8>) {
    splicer.push(0b010, 10, out);
}

/// BFINAL 0, BTYPE 00, padding, LEN 0, NLEN 65535 (RFC 1951, 3.2.4): the mark of a sync flush.
pub(crate) fn push_empty_stored_block(splicer: &mut Splicer, out: &mut Vec<u8>) {
    splicer.push(0b000, 3, out);
    splicer.align(out);
    splicer.push(0xffff_0000, 32, out);
}

/// Compresses `input` to raw DEFLATE, appended to `out`: the bytes that [`Deflate`] makes of it.
///
/// ```
/// use rigz::{Level, deflate, inflate};
///
/// let (mut out, mut data) = (Vec::new(), [0; 8]);
/// deflate::compress(b"12345678", Level::DEFAULT, &mut out);
/// inflate::inflate(&out, &mut data)?;
/// assert_eq!(&data, b"12345678");
/// # Ok::<(), rigz::Error>(())
/// ```
pub fn compress(input: &[u8], level: Level, out: &mut Vec<u8>) {
    let mut deflate = Deflate::for_length(level, input.len());
    deflate.feed_all(input, out);
    deflate.flush(Flush::Finish, out);
}

/// An encoder that writes to slices of the caller's instead of a vector.
///
/// What does not fit the slice waits inside: up to the output of one chunk.
///
/// ```
/// use rigz::{Level, deflate::{Flush, Sliced}, gzip};
///
/// let mut encoder = Sliced::new(gzip::Encoder::new(Level::DEFAULT, &gzip::HeaderBuilder::new()));
/// let (mut input, mut buffer, mut member) = (&b"in any pieces, to any pieces"[..], [0; 7], Vec::new());
/// loop {
///     let step = encoder.step(input, &mut buffer, Flush::Finish);
///     input = &input[step.read..];
///     member.extend_from_slice(&buffer[..step.written]);
///     if step.is_done {
///         break;
///     }
/// }
/// let mut data = [0; 100];
/// assert_eq!(gzip::decompress(&member, &mut data), Ok(28));
/// ```
#[derive(Debug)]
pub struct Sliced<E> {
    encoder: E,
    ready: Vec<u8>,
    given: usize,
}

/// What one call of [`Sliced::step`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Bytes taken from the input.
    pub read: usize,
    /// Bytes put into the output.
    pub written: usize,
    /// All input was taken and everything that the flush asked for is in the output.
    pub is_done: bool,
}

impl<E: Encode> Sliced<E> {
    /// `encoder`, writing to slices.
    #[must_use]
    pub fn new(encoder: E) -> Self {
        Self { encoder, ready: Vec::new(), given: 0 }
    }

    /// The encoder; its totals count what waits inside as appended.
    #[must_use]
    pub fn encoder(&self) -> &E {
        &self.encoder
    }

    /// Does `work` with the encoder; what it appends goes out with the next step.
    pub fn with_encoder<T>(&mut self, work: impl FnOnce(&mut E, &mut Vec<u8>) -> T) -> T {
        work(&mut self.encoder, &mut self.ready)
    }

    /// Back to the start of a stream. What waits inside is dropped.
    pub fn reset(&mut self) {
        self.encoder.reset();
        self.ready.clear();
        self.given = 0;
    }

    /// Takes what it can of `input` and fills what it can of `output`. Until [`Step::is_done`], call again with the
    /// rest of the input, more room, and the same `flush`.
    pub fn step(&mut self, input: &[u8], output: &mut [u8], flush: Flush) -> Step {
        let (mut read, mut written) = (0, 0);
        loop {
            let count = (self.ready.len() - self.given).min(output.len() - written);
            output[written..written + count].copy_from_slice(&self.ready[self.given..self.given + count]);
            written += count;
            self.given += count;
            if self.given < self.ready.len() {
                return Step { read, written, is_done: false };
            }
            self.ready.clear();
            self.given = 0;
            match self.encoder.feed(&input[read..], &mut self.ready) {
                0 => self.encoder.flush(flush, &mut self.ready),
                taken => {
                    read += taken;
                    continue;
                }
            }
            if self.ready.is_empty() {
                return Step { read, written, is_done: true };
            }
        }
    }
}

const _: () = assert!(chunk_bytes(Level::BEST) >= MAX_DISTANCE && chunk_bytes(Level::STORED) >= MAX_DISTANCE);

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use miniz_oxide::inflate::decompress_to_vec;

    /// Bytes that compress a little and repeat at long distances.
    fn sample(len: usize) -> Vec<u8> {
        let mut state = 1u32;
        (0..len)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if i % 7 < 3 { b'a' + (i % 19) as u8 } else { (state >> 28) as u8 }
            })
            .collect()
    }

    fn in_pieces(input: &[u8], piece: usize) -> Vec<u8> {
        let (mut deflate, mut out) = (Deflate::new(Level::DEFAULT), Vec::new());
        input.chunks(piece).for_each(|p| deflate.feed_all(p, &mut out));
        deflate.flush(Flush::Finish, &mut out);
        out
    }

    #[test]
    fn the_cut_of_the_input_does_not_show() {
        let chunk = chunk_bytes(Level::DEFAULT);
        for len in [0, 1, 1000, chunk - 1, chunk, chunk + 1, 2 * chunk, 2 * chunk + 77] {
            let input = sample(len);
            let mut whole = Vec::new();
            compress(&input, Level::DEFAULT, &mut whole);
            assert!(decompress_to_vec(&whole).expect("valid") == input, "{len}");
            for piece in [999, 65_536, chunk, chunk + 1, usize::MAX] {
                assert!(in_pieces(&input, piece) == whole, "length {len}, pieces of {piece}");
            }
        }
    }

    #[test]
    fn flushed_output_holds_all_input_and_ends_with_the_sync_mark() {
        let input = sample(100_000);
        for how in [Flush::Sync, Flush::Full] {
            let (mut deflate, mut out) = (Deflate::new(Level::DEFAULT), Vec::new());
            deflate.flush(how, &mut out);
            assert!(out.is_empty(), "a flush of nothing");
            deflate.feed_all(&input[..50_000], &mut out);
            deflate.flush(how, &mut out);
            assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
            let (flushed, mut closed) = (out.len(), out.clone());
            closed.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
            assert!(decompress_to_vec(&closed).expect("valid") == input[..50_000]);
            deflate.flush(how, &mut out);
            assert_eq!(out.len(), flushed, "a second flush appends nothing");
            deflate.feed_all(&input[50_000..], &mut out);
            deflate.flush(Flush::Finish, &mut out);
            if how == Flush::Full {
                assert!(decompress_to_vec(&out[flushed..]).expect("stands alone") == input[50_000..]);
            }
            assert!(decompress_to_vec(&out).expect("valid") == input);
            let len = out.len();
            assert_eq!(deflate.feed(b"late", &mut out), 0);
            deflate.flush(Flush::Finish, &mut out);
            assert_eq!(out.len(), len, "nothing after the end");
        }
    }

    #[test]
    fn slices_of_any_size_get_the_same_bytes() {
        let input = sample(70_000);
        let mut whole = Vec::new();
        compress(&input, Level::DEFAULT, &mut whole);
        for (piece, room) in [(1, 1), (1000, 7), (7, 1000), (100_000, 100_000)] {
            let (mut sliced, mut out) = (Sliced::new(Deflate::new(Level::DEFAULT)), Vec::new());
            let mut buffer = vec![0; room];
            let mut at = 0;
            loop {
                let end = input.len().min(at + piece);
                let flush = if end == input.len() { Flush::Finish } else { Flush::None };
                let step = sliced.step(&input[at..end], &mut buffer, flush);
                at += step.read;
                out.extend_from_slice(&buffer[..step.written]);
                if step.is_done && flush == Flush::Finish {
                    break;
                }
            }
            assert!(out == whole, "pieces of {piece}, room for {room}");
        }
    }

    #[test]
    fn a_dictionary_is_history() {
        let dictionary = sample(40_000);
        let text = &dictionary[30_000..];
        let mut deflate = Deflate::with_dictionary(Level::BEST, &dictionary);
        assert_eq!(deflate.window.content(), &dictionary[40_000 - MAX_DISTANCE..]);
        let mut out = Vec::new();
        deflate.feed_all(text, &mut out);
        deflate.flush(Flush::Finish, &mut out);
        assert!(out.len() < text.len() / 10, "the text is in the dictionary: {} bytes", out.len());
    }
}
