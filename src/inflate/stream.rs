//! The decoder of one DEFLATE stream: a state machine over pieces of input and output.
//!
//! ```text
//!                  +-----------------------------------------------+
//!                  v                                               |
//!  BlockHeader --00--> StoredHeader --> Stored --------------------+--> Done
//!        |-------01-----------------------------------> Symbols ---+
//!        |-------10--> CodeCounts -> CodeLengthCode -> CodeLengths-^ |
//!        +-------11--> Failed                          Match <-------+
//! ```
//!
//! Each state is left only when all of its element is there, so a piece of input may end at any bit and a piece of
//! output at any byte. Between two calls at most 47 bits of an incomplete element are kept.
//!
//! Invariant: when a call returns, the bits kept are fewer than 8, or all input was used. So at the end of the stream
//! whole unused bytes can always be given back to the slice they came from: an element that was incomplete before the
//! slice ends inside it.

#[cfg(feature = "parallel")]
mod joint;

#[cfg(feature = "parallel")]
pub(crate) use joint::Joint;

use super::careful::{self, Stop};
use super::fast;
use super::tables::{CodeLengths, Tables};
use super::target::{Slice, Target};
use crate::arch::{Isa, Kernel, Simd};
use crate::bits::reader::BitReader;
use crate::error::{Error, ErrorKind};
use crate::huffman::canonical::CodeError;
use crate::huffman::code_length_table::{CODE_LENGTH_MOST, CODE_LENGTH_SYMBOLS, CodeLengthTable};
use crate::huffman::decode_table::{DISTANCE_SYMBOLS, END_OF_BLOCK, LITLEN_SYMBOLS};
#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::hint::select_unpredictable as select;

/// What a call of [`Inflate::decode`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes used of the input.
    pub consumed: usize,
    /// Bytes written to the buffer.
    pub written: usize,
    /// Why it returned. Output written before an error is good.
    pub status: Result<Status, Error>,
}

/// Why a call of [`Inflate::decode`] returned without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All input was used, and the stream goes on.
    NeedsInput,
    /// The buffer is full, and the stream goes on.
    NeedsOutput,
    /// The stream ended; what was not consumed of the input comes after it.
    Done,
}

/// A decoder of one raw DEFLATE stream, in pieces of any size.
///
/// About 48 KiB, no allocation. It holds no history: the caller's buffer does.
///
/// ```
/// use rigz::inflate::{Inflate, Status};
///
/// let stream = [0x4b, 0x4c, 0x4a, 0x4e, 0x49, 0x4d, 0x03, 0x00];
/// let (mut inflate, mut buffer) = (Inflate::new(), [0; 16]);
/// let first = inflate.decode(&stream[..3], &mut buffer, 0);
/// assert_eq!((first.consumed, first.status), (3, Ok(Status::NeedsInput)));
/// let second = inflate.decode(&stream[3..], &mut buffer, first.written);
/// assert_eq!(second.status, Ok(Status::Done));
/// assert_eq!(&buffer[..first.written + second.written], b"abcdef");
/// ```
#[derive(Clone, Debug)]
pub struct Inflate {
    state: State,
    is_final: bool,
    /// Bits of an incomplete element.
    bits: u64,
    bit_count: u32,
    /// Bytes used so far, those of `bits` included.
    total_in: u64,
    /// Where the code length code of the block starts, in bits of the stream.
    code_start: i64,
    /// Code length symbols, literal/length codes, distance codes of the block.
    counts: [usize; 3],
    code_length_lengths: [u8; CODE_LENGTH_SYMBOLS],
    code_length_table: CodeLengthTable,
    lengths: CodeLengths,
    tables: Tables,
    /// What the fast loop runs with; without it, everything is done carefully.
    isa: Option<Isa>,
}

/// The element that comes next. The first one is zero.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
enum State {
    BlockHeader,
    StoredHeader,
    Stored {
        left: usize,
    },
    CodeCounts,
    CodeLengthCode {
        have: usize,
    },
    CodeLengths {
        have: usize,
    },
    Symbols,
    /// The rest of a match.
    Match {
        length: usize,
        distance: usize,
    },
    Done,
    Failed(Error),
}

/// What a step of the state machine leads to.
enum Step {
    Next(State),
    Wait(Status),
    Fail(ErrorKind, i64),
}

impl Default for Inflate {
    fn default() -> Self {
        Self::new()
    }
}

impl Inflate {
    /// A decoder at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::with_isa(Some(Isa::detect()))
    }

    /// A decoder that uses the instructions of `isa`, or only the careful loop.
    pub(crate) const fn with_isa(isa: Option<Isa>) -> Self {
        Self {
            state: State::BlockHeader,
            is_final: false,
            bits: 0,
            bit_count: 0,
            total_in: 0,
            code_start: 0,
            counts: [0; 3],
            code_length_lengths: [0; CODE_LENGTH_SYMBOLS],
            code_length_table: const { CodeLengthTable::new() },
            lengths: [0; LITLEN_SYMBOLS + DISTANCE_SYMBOLS],
            tables: const { Tables::new() },
            isa,
        }
    }

    /// A decoder at the start of a stream, made where it stays: all but one byte of it is zero, so the memory it is not
    /// going to use is never touched.
    #[cfg(feature = "alloc")]
    #[inline(never)]
    pub(crate) fn boxed() -> Box<Self> {
        let mut inflate = Box::write(Box::new_uninit(), const { Self::with_isa(Some(Isa::portable())) });
        inflate.isa = Some(Isa::detect());
        inflate
    }

    /// Back to the start of a stream; cheaper than a new decoder.
    pub fn reset(&mut self) {
        self.state = State::BlockHeader;
        self.is_final = false;
        self.bits = 0;
        self.bit_count = 0;
        self.total_in = 0;
    }

    /// Bytes of the stream consumed so far.
    #[must_use]
    pub fn total_in(&self) -> u64 {
        self.total_in
    }

    /// Decodes `input` into `buffer` from `start` on.
    ///
    /// `buffer[..start]` is what was decoded before: at least the last 32 KiB, or all there is (a match that reaches
    /// back before the buffer is an error). Call again with the rest of the input, or more of it, and the place where
    /// this call stopped; the buffer may be moved between calls. After an error every call returns that error; its
    /// offset counts from the start of the stream.
    ///
    /// # Panics
    ///
    /// If `start` is past the end of `buffer`.
    pub fn decode(&mut self, input: &[u8], buffer: &mut [u8], start: usize) -> Progress {
        let mut target = Slice::new(buffer, start);
        let (consumed, status) = self.decode_to(input, &mut target);
        Progress { consumed, written: target.len() - start, status }
    }

    /// [`Inflate::decode`] to anything. Tells how many bytes were used, and why it returned.
    pub(crate) fn decode_to(
        &mut self,
        input: &[u8],
        target: &mut impl Target,
    ) -> (usize, Result<Status, Error>) {
        let mut reader = BitReader::new(input, self.bits, self.bit_count);
        let status = loop {
            let step = match self.state {
                State::BlockHeader => self.block_header(&mut reader),
                State::StoredHeader => stored_header(&mut reader),
                State::Stored { left } => self.stored(&mut reader, target, left),
                State::CodeCounts => self.code_counts(&mut reader),
                State::CodeLengthCode { have } => self.code_length_code(&mut reader, have),
                State::CodeLengths { have } => self.code_lengths(&mut reader, have),
                State::Symbols => self.symbols(&mut reader, target),
                State::Match { length, distance } => self.rest_of_match(target, length, distance),
                State::Done => Step::Wait(Status::Done),
                State::Failed(error) => break Err(error),
            };
            match step {
                Step::Next(state) => self.state = state,
                Step::Wait(status) => break Ok(status),
                Step::Fail(kind, position) => {
                    let position = 8 * self.total_in as i64 + position;
                    self.state = State::Failed(Error::new(kind, position as u64 / 8));
                }
            }
        };
        if status != Ok(Status::NeedsInput) {
            reader.give_back();
        }
        self.bits = reader.bits & ((1 << reader.count) - 1);
        self.bit_count = reader.count;
        self.total_in += reader.at as u64;
        (reader.at, status)
    }

    /// The three bits before each block (RFC 1951, 3.2.3).
    fn block_header(&mut self, reader: &mut BitReader<'_>) -> Step {
        let Some(header) = reader.take(3) else { return Step::Wait(Status::NeedsInput) };
        self.is_final = header & 1 != 0;
        match header >> 1 {
            0 => {
                reader.align();
                Step::Next(State::StoredHeader)
            }
            1 => {
                self.tables.set_fixed(self.level());
                Step::Next(State::Symbols)
            }
            2 => Step::Next(State::CodeCounts),
            _ => Step::Fail(ErrorKind::ReservedBlockType, reader.position() - 2),
        }
    }

    /// The bytes of a stored block.
    fn stored(&mut self, reader: &mut BitReader<'_>, target: &mut impl Target, left: usize) -> Step {
        reader.give_back();
        let input = &reader.input[reader.at..];
        let count = target.bytes(&input[..left.min(input.len())]);
        reader.at += count;
        if count == left {
            return Step::Next(self.after_block());
        }
        let status = if count == input.len() { Status::NeedsInput } else { Status::NeedsOutput };
        self.later(State::Stored { left: left - count }, status)
    }

    /// What follows the end of a block.
    fn after_block(&self) -> State {
        if self.is_final { State::Done } else { State::BlockHeader }
    }

    /// HLIT, HDIST and HCLEN (RFC 1951, 3.2.7).
    fn code_counts(&mut self, reader: &mut BitReader<'_>) -> Step {
        let Some(counts) = reader.take(14) else { return Step::Wait(Status::NeedsInput) };
        let counts = counts as usize;
        self.counts = [(counts >> 10) + 4, (counts & 31) + 257, (counts >> 5 & 31) + 1];
        self.code_start = 8 * self.total_in as i64 + reader.position();
        self.code_length_lengths = [0; CODE_LENGTH_SYMBOLS];
        if self.counts[1] > 286 {
            Step::Fail(ErrorKind::TooManyLitlenCodes, reader.position() - 14)
        } else if self.counts[2] > 30 {
            Step::Fail(ErrorKind::TooManyDistanceCodes, reader.position() - 9)
        } else {
            Step::Next(State::CodeLengthCode { have: 0 })
        }
    }

    /// The lengths of the code length code.
    fn code_length_code(&mut self, reader: &mut BitReader<'_>, have: usize) -> Step {
        /// The order they come in.
        const ORDER: [u8; CODE_LENGTH_SYMBOLS] =
            [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        for (i, &symbol) in ORDER[..self.counts[0]].iter().enumerate().skip(have) {
            let Some(length) = reader.take(3) else {
                return self.later(State::CodeLengthCode { have: i }, Status::NeedsInput);
            };
            self.code_length_lengths[usize::from(symbol)] = length as u8;
        }
        let start = self.code_start - 8 * self.total_in as i64;
        let level = self.level();
        let build = BuildTable(&mut self.code_length_table, &self.code_length_lengths);
        match level.call(build) {
            Ok(()) => {
                self.code_start = 8 * self.total_in as i64 + reader.position();
                Step::Next(State::CodeLengths { have: 0 })
            }
            Err(CodeError::OverSubscribed) => Step::Fail(ErrorKind::CodeLengthCodeOverSubscribed, start),
            Err(CodeError::Incomplete) => Step::Fail(ErrorKind::CodeLengthCodeIncomplete, start),
        }
    }

    /// The code lengths of both codes, which are one sequence: repeats run from one into the other.
    fn code_lengths(&mut self, reader: &mut BitReader<'_>, mut have: usize) -> Step {
        let [_, litlen_count, distance_count] = self.counts;
        let end = litlen_count + distance_count;
        let place = LengthsPlace { reader: reader.clone(), have };
        let level = self.level();
        let lengths = ReadLengths { place, end, table: &self.code_length_table, lengths: &mut self.lengths };
        let (place, broken) = level.call(lengths);
        (*reader, have) = (place.reader, place.have);
        if let Some(kind) = broken {
            return Step::Fail(kind, reader.position());
        }
        if have < end {
            return self.later(State::CodeLengths { have }, Status::NeedsInput);
        }
        // Apart, with zeros for the symbols that are not declared.
        if let Some(distances) = self.lengths[litlen_count..].first_chunk::<DISTANCE_SYMBOLS>().copied() {
            let (litlen, distance) = self.lengths.split_at_mut(LITLEN_SYMBOLS);
            for (i, (to, length)) in distance.iter_mut().zip(distances).enumerate() {
                *to = if i < distance_count { length } else { 0 };
            }
            let undeclared = litlen.last_chunk_mut::<{ LITLEN_SYMBOLS - END_OF_BLOCK }>();
            for (symbol, length) in (END_OF_BLOCK..).zip(undeclared.into_iter().flatten()) {
                *length = if symbol < litlen_count { *length } else { 0 };
            }
        }
        let start = self.code_start - 8 * self.total_in as i64;
        if self.lengths[END_OF_BLOCK] == 0 {
            return Step::Fail(ErrorKind::MissingEndOfBlock, start);
        }
        // What came before this piece tells as well that there is much.
        let input =
            (reader.input.len() - reader.at).max(usize::try_from(self.total_in).unwrap_or(usize::MAX));
        match self.tables.set_dynamic(self.level(), &self.lengths, input) {
            Ok(()) => Step::Next(State::Symbols),
            Err(kind) => Step::Fail(kind, start),
        }
    }

    /// What tables are built with.
    fn level(&self) -> Isa {
        self.isa.unwrap_or(Isa::portable())
    }

    /// The symbols of a block: fast where there is room, else carefully.
    fn symbols(&mut self, reader: &mut BitReader<'_>, target: &mut impl Target) -> Step {
        let stop = match self.isa {
            Some(isa) => fast::decode(isa, reader, &self.tables, target),
            None => careful::decode(reader, &self.tables, target),
        };
        match stop {
            Stop::EndOfBlock => Step::Next(self.after_block()),
            Stop::NeedsInput => Step::Wait(Status::NeedsInput),
            Stop::NeedsOutput => Step::Wait(Status::NeedsOutput),
            Stop::Cut { length, distance } => {
                self.later(State::Match { length, distance }, Status::NeedsOutput)
            }
            Stop::Broken(kind, position) => Step::Fail(kind, position),
        }
    }

    /// What an earlier buffer had no room for.
    fn rest_of_match(&mut self, target: &mut impl Target, length: usize, distance: usize) -> Step {
        if !target.reaches(distance) {
            // The caller did not keep the history.
            return Step::Fail(ErrorKind::DistanceTooFar, 0);
        }
        let left = length - target.copy(distance, length);
        if left == 0 {
            return Step::Next(State::Symbols);
        }
        self.later(State::Match { length: left, distance }, Status::NeedsOutput)
    }

    /// Returns to the caller, to go on with `state`.
    fn later(&mut self, state: State, status: Status) -> Step {
        self.state = state;
        Step::Wait(status)
    }
}

/// The building of the table that code lengths are read with, to be done at some level.
struct BuildTable<'a>(&'a mut CodeLengthTable, &'a [u8; CODE_LENGTH_SYMBOLS]);

impl Kernel for BuildTable<'_> {
    type Output = Result<(), CodeError>;

    #[inline(always)]
    fn run<S: Simd>(self) -> Self::Output {
        self.0.build(self.1)
    }
}

/// The reading of code lengths, to be done at some level, until something stops it.
struct ReadLengths<'a, 'i> {
    place: LengthsPlace<'i>,
    end: usize,
    table: &'a CodeLengthTable,
    lengths: &'a mut CodeLengths,
}

/// Where the reading is.
struct LengthsPlace<'i> {
    reader: BitReader<'i>,
    /// How many code lengths were read.
    have: usize,
}

impl<'i> Kernel for ReadLengths<'_, 'i> {
    type Output = (LengthsPlace<'i>, Option<ErrorKind>);

    #[inline(always)]
    fn run<S: Simd>(self) -> Self::Output {
        let Self { place: LengthsPlace { mut reader, mut have }, end, table, lengths } = self;
        let mut last = have.checked_sub(1).map_or(0, |before| lengths[before]);
        'refill: while have < end {
            reader.refill();
            for _ in 0..56 / CODE_LENGTH_MOST {
                let entry = table.get(reader.bits);
                let bits = entry.total_bits();
                if have == end {
                    break;
                } else if bits > reader.count {
                    break 'refill;
                } else if entry.repeats_last() && have == 0 {
                    return (LengthsPlace { reader, have }, Some(ErrorKind::RepeatWithoutLength));
                }
                let length = select(entry.repeats_last(), last, entry.length());
                let repeat = entry.repeat(reader.bits);
                if have + repeat > end {
                    return (LengthsPlace { reader, have }, Some(ErrorKind::RepeatTooLong));
                }
                // Most often one store: what it writes too much is overwritten.
                match lengths[have..].first_chunk_mut() {
                    Some(few) if repeat <= FEW => *few = [length; FEW],
                    _ => lengths[have..have + repeat].fill(length),
                }
                (have, last) = (have + repeat, length);
                reader.consume(bits);
            }
        }
        (LengthsPlace { reader, have }, None)
    }
}

/// Equal code lengths that are written at once.
const FEW: usize = 16;

/// LEN and NLEN of a stored block (RFC 1951, 3.2.4).
fn stored_header(reader: &mut BitReader<'_>) -> Step {
    let Some(lengths) = reader.take(32) else { return Step::Wait(Status::NeedsInput) };
    if lengths >> 16 != !lengths & 0xffff {
        return Step::Fail(ErrorKind::StoredLengthMismatch, reader.position() - 32);
    }
    Step::Next(State::Stored { left: (lengths & 0xffff) as usize })
}
