//! Reading zlib streams.
//!
//! ```text
//! CMF = CINFO(7..4) CM=8(3..0)   FLG = FLEVEL(7..6) FDICT(5) FCHECK(4..0)   [DICTID(4)]   body   ADLER32(4)
//! ```
//!
//! `CMF * 256 + FLG` is a multiple of 31; the window is 2^(CINFO + 8) bytes, at most 32 KiB; numbers have their highest
//! byte first. As in zlib, a match may reach farther back than the declared window.

use super::check_header;
use crate::checksum::Adler32;
use crate::error::{Error, ErrorKind};
use crate::inflate::decode::{Room, decode_by_methods, stop, tell};
use crate::inflate::window::Window;
use crate::inflate::{Inflate, Status, Step};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A decoder of one zlib stream, fed with pieces of any size.
///
/// Bytes after the stream are left in the input. The Adler-32 is checked.
///
/// # Memory
///
/// About 150 KiB, whatever the data; less for small inputs with [`Decoder::with_input_len`].
///
/// ```
/// use rigz::{inflate::{Decode, Step}, zlib::Decoder};
///
/// let mut input = &b"\x78\x9c\x4b\x4c\x4a\x4e\x49\x4d\x03\0\x08\x1e\x02\x56 and what follows"[..];
/// let (mut decoder, mut buffer) = (Decoder::new(), [0; 100]);
/// let (count, step) = decoder.decode_into(&mut input, &mut buffer)?;
/// assert_eq!((&buffer[..count], step, input), (&b"abcdef"[..], Step::Done, &b" and what follows"[..]));
/// # Ok::<(), rigz::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decoder {
    state: State,
    input_ended: bool,
    inflate: Box<Inflate>,
    window: Window,
    dictionary: Option<Vec<u8>>,
    dictionary_id: Option<u32>,
    adler: Adler32,
    /// The bytes of the present field so far.
    field: [u8; 4],
    have: usize,
    total_in: u64,
    total_out: u64,
}

/// The element that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    DictionaryId,
    Body,
    Trailer,
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
            inflate: Inflate::boxed(),
            window: Window::new(bytes),
            dictionary: None,
            dictionary_id: None,
            adler: Adler32::new(),
            field: [0; 4],
            have: 0,
            total_in: 0,
            total_out: 0,
        }
    }

    /// Gives the preset dictionary that a stream may ask for. It is copied, and kept by [`Decoder::reset`].
    ///
    /// It may also be given when decoding failed for want of it; if it is the right one, decoding goes on.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) {
        if let State::Failed(error) = self.state
            && error.kind() == ErrorKind::DictionaryMismatch
            && self.dictionary_id == Some(id_of(dictionary))
        {
            self.window.start_with(dictionary);
            self.state = State::Body;
        }
        self.dictionary = Some(dictionary.to_vec());
    }

    /// The Adler-32 of the dictionary that the stream asks for, once its header was read.
    #[must_use]
    pub fn wanted_dictionary(&self) -> Option<u32> {
        self.dictionary_id
    }

    /// Back to the start of a stream, with buffers and dictionary kept. What was not taken is dropped.
    pub fn reset(&mut self) {
        self.window.clear();
        self.inflate.reset();
        self.state = State::Header;
        self.input_ended = false;
        self.adler = Adler32::new();
        self.dictionary_id = None;
        (self.have, self.total_in, self.total_out) = (0, 0, 0);
    }

    /// Decodes from the front of `input`, which is advanced past what was used.
    ///
    /// # Errors
    ///
    /// The rule of the format that is broken; offsets count from the first byte ever given. What was decoded before
    /// is output first. After an error every call returns it.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Step, Error> {
        let status = self.run(input, None);
        tell(status, !self.output().is_empty())
    }

    /// Decodes until something stops it.
    fn run(&mut self, input: &mut &[u8], mut room: Option<&mut Room<'_>>) -> Result<Status, Error> {
        loop {
            let before = input.len();
            let result = match self.state {
                State::Header => self.header_step(input),
                State::DictionaryId => self.dictionary_step(input),
                State::Body => self.body_step(input, room.as_deref_mut()),
                State::Trailer => self.trailer_step(input),
                State::Done => Ok(Some(Status::Done)),
                State::Failed(error) => Err(error),
            };
            self.total_in += (before - input.len()) as u64;
            let Some(status) = stop(result, self.input_ended, self.total_in) else { continue };
            if let Err(error) = status {
                self.state = State::Failed(error);
            }
            return status;
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

    /// Collects a field of `size` bytes; its offset once it is complete.
    fn fill(&mut self, input: &mut &[u8], size: usize) -> Option<u64> {
        let start = self.total_in - self.have as u64;
        let (taken, rest) = input.split_at((size - self.have).min(input.len()));
        self.field[self.have..self.have + taken.len()].copy_from_slice(taken);
        self.have += taken.len();
        *input = rest;
        (self.have == size).then(|| {
            self.have = 0;
            start
        })
    }

    fn header_step(&mut self, input: &mut &[u8]) -> Result<Option<Status>, Error> {
        let Some(start) = self.fill(input, 2) else { return Ok(Some(Status::NeedsInput)) };
        let [cmf, flags, ..] = self.field;
        self.state = if check_header(cmf, flags).map_err(|error| error.shifted(start))? {
            State::DictionaryId
        } else {
            State::Body
        };
        Ok(None)
    }

    fn dictionary_step(&mut self, input: &mut &[u8]) -> Result<Option<Status>, Error> {
        let Some(start) = self.fill(input, 4) else { return Ok(Some(Status::NeedsInput)) };
        let id = u32::from_be_bytes(self.field);
        self.dictionary_id = Some(id);
        let mismatch = Error::new(ErrorKind::DictionaryMismatch, start);
        let dictionary = self.dictionary.as_ref().ok_or(mismatch)?;
        if id_of(dictionary) != id {
            return Err(mismatch);
        }
        self.window.start_with(dictionary);
        self.state = State::Body;
        Ok(None)
    }

    fn body_step(&mut self, input: &mut &[u8], room: Option<&mut Room<'_>>) -> Result<Option<Status>, Error> {
        let start = self.total_in - self.inflate.total_in();
        let Self { window, inflate, adler, .. } = self;
        let (written, status) = window.decode_seen(inflate, input, room, |piece| adler.update(piece));
        self.total_out += written as u64;
        match status.map_err(|error| error.shifted(start))? {
            Status::Done => {
                self.state = State::Trailer;
                Ok(None)
            }
            wait => Ok(Some(wait)),
        }
    }

    fn trailer_step(&mut self, input: &mut &[u8]) -> Result<Option<Status>, Error> {
        let Some(start) = self.fill(input, 4) else { return Ok(Some(Status::NeedsInput)) };
        if u32::from_be_bytes(self.field) != self.adler.value() {
            return Err(Error::new(ErrorKind::AdlerMismatch, start));
        }
        self.state = State::Done;
        Ok(None)
    }
}

/// What names a dictionary in a header.
fn id_of(dictionary: &[u8]) -> u32 {
    let mut adler = Adler32::new();
    adler.update(dictionary);
    adler.value()
}

decode_by_methods!(Decoder);
