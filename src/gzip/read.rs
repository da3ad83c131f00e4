//! Reading gzip files: members one after the other, each checked.
//!
//! ```text
//! Start -> Header -> Body -> Trailer -> Between --1f 8b--> Header
//!                                          | 0...  -> Zeros -> Done
//!                                          | other -> Done, garbage
//! ```
//!
//! What may follow the last member is as GNU gzip has it: nothing, or zero bytes (tapes pad with them); anything else
//! is not data, and reported as [`Trailing::Garbage`]. But a single byte that is not zero is an unexpected end, since
//! it may be half of a magic number; and after a complete magic number the rest of a member must be right.

use super::MAGIC;
use super::header::{Header, HeaderReader};
use crate::checksum::Crc32;
use crate::error::{Error, ErrorKind};
use crate::inflate::window::Window;
use crate::inflate::{Inflate, Status};
use alloc::boxed::Box;

/// What the user has to do for [`Decoder::decode`] to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Take [`Decoder::output`].
    Output,
    /// Bring more input, or tell [`Decoder::end_of_input`]. All of the present input was used.
    NeedsInput,
    /// Nothing: the file is complete and all of its members are right.
    Done,
}

/// What follows the last member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trailing {
    /// Nothing.
    None,
    /// Zero bytes up to the end.
    Zeros {
        /// Offset of the first.
        offset: u64,
    },
    /// Bytes that are not a member. They were not all read.
    Garbage {
        /// Offset of the first byte after the last member.
        offset: u64,
    },
}

/// A decoder of gzip files, fed with pieces of any size.
///
/// All members are decoded, one after the other, and CRC-32, length and header checksum of each are checked.
/// Trailing zero bytes are accepted, other trailing bytes end the data and are told by [`Decoder::trailing`].
///
/// # Memory
///
/// About 320 KiB, whatever the data; less for small inputs with [`Decoder::with_input_len`].
///
/// ```
/// use rigz::gzip::{Decoder, Step};
///
/// let mut input: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
/// let mut decoder = Decoder::new();
/// let mut data = Vec::new();
/// loop {
///     match decoder.decode(&mut input)? {
///         Step::Output => {
///             data.extend_from_slice(decoder.output());
///             decoder.consume(decoder.output().len());
///         }
///         Step::NeedsInput => decoder.end_of_input(),
///         Step::Done => break,
///     }
/// }
/// assert_eq!(data, b"abcdef");
/// # Ok::<(), rigz::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decoder {
    state: State,
    input_ended: bool,
    inflate: Box<Inflate>,
    window: Window,
    reader: HeaderReader,
    first_header: Option<Header>,
    crc: Crc32,
    /// Bytes of output of the present member.
    length: u64,
    trailer: [u8; 8],
    members: u64,
    total_in: u64,
    total_out: u64,
    trailing: Trailing,
}

/// The element that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    Body,
    Trailer { have: usize },
    Between { have: usize },
    Zeros,
    Done,
    Failed(Error),
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder for input of unknown length.
    #[must_use]
    pub fn new() -> Self {
        Self::with_input_len(u64::MAX)
    }

    /// A decoder with buffers that suit `bytes` of compressed input. Longer input works, a little slower.
    #[must_use]
    pub fn with_input_len(bytes: u64) -> Self {
        Self {
            state: State::Header,
            input_ended: false,
            inflate: Box::new(Inflate::new()),
            window: Window::new(bytes),
            reader: HeaderReader::new(),
            first_header: None,
            crc: Crc32::new(),
            length: 0,
            trailer: [0; 8],
            members: 0,
            total_in: 0,
            total_out: 0,
            trailing: Trailing::None,
        }
    }

    /// Decodes from the front of `input`, which is advanced past what was used.
    ///
    /// # Errors
    ///
    /// The rule of the format that is broken; offsets count from the first byte ever given. What was decoded before
    /// is output first. After an error every call returns it.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Step, Error> {
        loop {
            let before = input.len();
            let wait = self.step(input);
            self.total_in += (before - input.len()) as u64;
            let Some(wait) = wait else { continue };
            if !self.window.pending().is_empty() {
                return Ok(Step::Output);
            }
            match wait {
                Wait::Room => {}
                Wait::Input if !self.input_ended => return Ok(Step::NeedsInput),
                Wait::Input => {
                    self.state = State::Failed(Error::new(ErrorKind::UnexpectedEnd, self.total_in))
                }
                Wait::Nothing => {
                    return match self.state {
                        State::Failed(error) => Err(error),
                        _ => Ok(Step::Done),
                    };
                }
            }
        }
    }

    /// Says that no input follows what was given.
    pub fn end_of_input(&mut self) {
        self.input_ended = true;
    }

    /// Decoded bytes that were not taken yet.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        self.window.pending()
    }

    /// Takes the first `count` bytes of [`Decoder::output`].
    ///
    /// # Panics
    ///
    /// If there are fewer.
    pub fn consume(&mut self, count: usize) {
        self.window.take(count);
    }

    /// The header of the first member, once it was read.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.first_header.as_ref()
    }

    /// Members decoded and checked.
    #[must_use]
    pub fn members(&self) -> u64 {
        self.members
    }

    /// Bytes of input used.
    #[must_use]
    pub fn total_in(&self) -> u64 {
        self.total_in
    }

    /// Bytes decoded, taken or not.
    #[must_use]
    pub fn total_out(&self) -> u64 {
        self.total_out
    }

    /// What follows the last member; meaningful after [`Step::Done`].
    #[must_use]
    pub fn trailing(&self) -> Trailing {
        self.trailing
    }

    /// Back to the start of a file, with the buffers kept. What was not taken is dropped.
    pub fn reset(&mut self) {
        self.window.clear();
        self.state = State::Header;
        self.reader = HeaderReader::new();
        self.first_header = None;
        self.trailing = Trailing::None;
        self.input_ended = false;
        (self.members, self.total_in, self.total_out) = (0, 0, 0);
    }

    /// One step of the state machine; `None` when another can follow at once.
    fn step(&mut self, input: &mut &[u8]) -> Option<Wait> {
        match self.state {
            State::Header => self.header_step(input),
            State::Body => self.body_step(input),
            State::Trailer { have } => self.trailer_step(input, have),
            State::Between { have } => self.between_step(input, have),
            State::Zeros => self.zeros_step(input),
            State::Done | State::Failed(_) => Some(Wait::Nothing),
        }
    }

    fn header_step(&mut self, input: &mut &[u8]) -> Option<Wait> {
        let start = self.total_in - self.reader.length();
        match self.reader.read(input) {
            Ok(false) => return Some(Wait::Input),
            Ok(true) => {}
            Err(error) => return self.fail(error.shifted(start)),
        }
        let header = core::mem::replace(&mut self.reader, HeaderReader::new()).header;
        self.first_header.get_or_insert(header);
        self.inflate.reset();
        self.window.start_stream();
        self.crc = Crc32::new();
        self.length = 0;
        self.state = State::Body;
        None
    }

    fn body_step(&mut self, input: &mut &[u8]) -> Option<Wait> {
        let start = self.total_in - self.inflate.total_in();
        let (written, status) = self.window.decode(&mut self.inflate, input);
        self.crc.update(written);
        self.length += written.len() as u64;
        self.total_out += written.len() as u64;
        match status {
            Ok(Status::NeedsInput) => Some(Wait::Input),
            Ok(Status::NeedsOutput) => Some(Wait::Room),
            Ok(Status::Done) => {
                self.state = State::Trailer { have: 0 };
                None
            }
            Err(error) => self.fail(error.shifted(start)),
        }
    }

    fn trailer_step(&mut self, input: &mut &[u8], have: usize) -> Option<Wait> {
        let start = self.total_in - have as u64;
        let (taken, rest) = input.split_at((8 - have).min(input.len()));
        self.trailer[have..have + taken.len()].copy_from_slice(taken);
        *input = rest;
        let have = have + taken.len();
        if have < 8 {
            self.state = State::Trailer { have };
            return Some(Wait::Input);
        }
        if let Err(error) = check_trailer(self.trailer, &self.crc, self.length) {
            return self.fail(error.shifted(start));
        }
        self.members += 1;
        self.state = State::Between { have: 0 };
        None
    }

    /// The first two bytes after a member, of which `have` are known and not zero.
    fn between_step(&mut self, input: &mut &[u8], have: usize) -> Option<Wait> {
        let Some((&byte, rest)) = input.split_first() else {
            if have == 0 && self.input_ended {
                self.state = State::Done;
                return Some(Wait::Nothing);
            }
            return Some(Wait::Input);
        };
        *input = rest;
        let offset = self.total_in - have as u64;
        match (have, byte) {
            (0, 0) => {
                self.trailing = Trailing::Zeros { offset };
                self.state = State::Zeros;
            }
            (0, _) => {
                self.trailer[0] = byte;
                self.state = State::Between { have: 1 };
            }
            _ if [self.trailer[0], byte] == MAGIC => {
                // The start of the header, read again from here.
                let magic = self.reader.read(&mut &MAGIC[..]);
                debug_assert_eq!(magic, Ok(false), "the magic number starts a header");
                self.state = State::Header;
            }
            _ => {
                self.trailing = Trailing::Garbage { offset };
                self.state = State::Done;
            }
        }
        None
    }

    /// Zero bytes after the last member.
    fn zeros_step(&mut self, input: &mut &[u8]) -> Option<Wait> {
        if let Some(other) = input.iter().position(|&byte| byte != 0) {
            *input = &input[other..];
            if let Trailing::Zeros { offset } = self.trailing {
                self.trailing = Trailing::Garbage { offset };
            }
            self.state = State::Done;
            return None;
        }
        *input = &[];
        if !self.input_ended {
            return Some(Wait::Input);
        }
        self.state = State::Done;
        None
    }

    fn fail(&mut self, error: Error) -> Option<Wait> {
        self.state = State::Failed(error);
        None
    }
}

/// Why a step cannot be followed by another at once.
enum Wait {
    Input,
    Room,
    Nothing,
}

/// Decodes the gzip file `input`, all of its members, into `output`; returns the number of bytes. Zero bytes may
/// follow the last member; other bytes after it are ignored (a [`Decoder`] tells of them).
///
/// Allocates only for the fields of headers.
///
/// # Errors
///
/// The rule of the format that is broken, or [`ErrorKind::OutputFull`].
pub fn decompress(input: &[u8], output: &mut [u8]) -> Result<usize, Error> {
    let mut inflate = Inflate::new();
    let (mut at, mut done) = (0, 0);
    loop {
        let here = |at: usize| move |error: Error| error.shifted(at as u64);
        let mut rest = &input[at..];
        if !HeaderReader::new().read(&mut rest).map_err(here(at))? {
            return Err(Error::new(ErrorKind::UnexpectedEnd, input.len() as u64));
        }
        let body = input.len() - rest.len();
        inflate.reset();
        let progress = inflate.decode(rest, &mut output[done..], 0);
        let data = &output[done..done + progress.written];
        done += progress.written;
        at = body + progress.consumed;
        match progress.status.map_err(here(body))? {
            Status::Done => {}
            Status::NeedsInput => return Err(Error::new(ErrorKind::UnexpectedEnd, input.len() as u64)),
            Status::NeedsOutput => return Err(Error::new(ErrorKind::OutputFull, at as u64)),
        }
        let Some((trailer, after)) = input[at..].split_first_chunk::<8>() else {
            return Err(Error::new(ErrorKind::UnexpectedEnd, input.len() as u64));
        };
        let mut crc = Crc32::new();
        crc.update(data);
        check_trailer(*trailer, &crc, data.len() as u64).map_err(here(at))?;
        at += 8;
        match after {
            [] => return Ok(done),
            [first] if *first != 0 => {
                return Err(Error::new(ErrorKind::UnexpectedEnd, input.len() as u64));
            }
            after if !after.starts_with(&MAGIC) => return Ok(done),
            _ => {}
        }
    }
}

/// Compares a trailer with the data; offsets of errors count from its first byte.
fn check_trailer(trailer: [u8; 8], crc: &Crc32, length: u64) -> Result<(), Error> {
    let [c0, c1, c2, c3, l0, l1, l2, l3] = trailer;
    if u32::from_le_bytes([c0, c1, c2, c3]) != crc.value() {
        return Err(Error::new(ErrorKind::CrcMismatch, 0));
    }
    if u32::from_le_bytes([l0, l1, l2, l3]) != length as u32 {
        return Err(Error::new(ErrorKind::SizeMismatch, 4));
    }
    Ok(())
}
