//! Reading gzip files: members one after the other, each checked.

use super::MAGIC;
use super::header::{Header, HeaderReader};
use super::members::{Body, Members, TRAILER_BYTES, Wait};
use crate::checksum::Crc32;
use crate::error::{Error, ErrorKind};
use crate::inflate::window::Window;
use crate::inflate::{Inflate, Status};

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
    members: Members,
    data: Data,
}

/// The data of the present member, and how much of it there was so far.
#[derive(Clone, Debug)]
struct Data {
    window: Window,
    crc: Crc32,
    /// Bytes of output of the present member.
    length: u64,
    /// Members that were complete and right.
    members: u64,
    total_out: u64,
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
        let data =
            Data { window: Window::new(bytes), crc: Crc32::new(), length: 0, members: 0, total_out: 0 };
        Self { members: Members::new(), data }
    }

    /// Decodes from the front of `input`, which is advanced past what was used.
    ///
    /// # Errors
    ///
    /// The rule of the format that is broken; offsets count from the first byte ever given. What was decoded before
    /// is output first. After an error every call returns it.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Step, Error> {
        loop {
            let wait = self.members.decode(input, &mut self.data);
            if !self.data.window.pending().is_empty() {
                return Ok(Step::Output);
            }
            match wait {
                Wait::Room => {}
                Wait::Input => return Ok(Step::NeedsInput),
                Wait::Done => return Ok(Step::Done),
                Wait::Failed(error) => return Err(error),
            }
        }
    }

    /// Says that no input follows what was given.
    pub fn end_of_input(&mut self) {
        self.members.end_of_input();
    }

    /// Decoded bytes that were not taken yet.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        self.data.window.pending()
    }

    /// Takes the first `count` bytes of [`Decoder::output`].
    ///
    /// # Panics
    ///
    /// If there are fewer.
    pub fn consume(&mut self, count: usize) {
        self.data.window.take(count);
    }

    /// The header of the first member, once it was read.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.members.first_header()
    }

    /// Members decoded and checked.
    #[must_use]
    pub fn members(&self) -> u64 {
        self.data.members
    }

    /// Bytes of input used.
    #[must_use]
    pub fn total_in(&self) -> u64 {
        self.members.total_in()
    }

    /// Bytes decoded, taken or not.
    #[must_use]
    pub fn total_out(&self) -> u64 {
        self.data.total_out
    }

    /// What follows the last member; meaningful after [`Step::Done`].
    #[must_use]
    pub fn trailing(&self) -> Trailing {
        self.members.trailing()
    }

    /// Back to the start of a file, with the buffers kept. What was not taken is dropped.
    pub fn reset(&mut self) {
        self.members.reset();
        self.data.window.clear();
        (self.data.members, self.data.total_out) = (0, 0);
    }
}

impl Body for Data {
    fn start(&mut self) {
        self.window.start_stream();
        self.crc = Crc32::new();
        self.length = 0;
    }

    fn decode(&mut self, inflate: &mut Inflate, input: &mut &[u8]) -> Result<Status, Error> {
        let (written, status) = self.window.decode(inflate, input);
        self.crc.update(written);
        self.length += written.len() as u64;
        self.total_out += written.len() as u64;
        status
    }

    fn end(&mut self, trailer: [u8; TRAILER_BYTES], at: u64) -> Result<(), Error> {
        check_trailer(trailer, &self.crc, self.length).map_err(|error| error.shifted(at))?;
        self.members += 1;
        Ok(())
    }
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
        let Some((trailer, after)) = input[at..].split_first_chunk::<TRAILER_BYTES>() else {
            return Err(Error::new(ErrorKind::UnexpectedEnd, input.len() as u64));
        };
        let mut crc = Crc32::new();
        crc.update(data);
        check_trailer(*trailer, &crc, data.len() as u64).map_err(here(at))?;
        at += TRAILER_BYTES;
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
pub(crate) fn check_trailer(trailer: [u8; TRAILER_BYTES], crc: &Crc32, length: u64) -> Result<(), Error> {
    let [c0, c1, c2, c3, l0, l1, l2, l3] = trailer;
    if u32::from_le_bytes([c0, c1, c2, c3]) != crc.value() {
        return Err(Error::new(ErrorKind::CrcMismatch, 0));
    }
    if u32::from_le_bytes([l0, l1, l2, l3]) != length as u32 {
        return Err(Error::new(ErrorKind::SizeMismatch, 4));
    }
    Ok(())
}
