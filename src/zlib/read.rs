//! Reading zlib streams.
//!
//! ```text
//! CMF = CINFO(7..4) CM=8(3..0)   FLG = FLEVEL(7..6) FDICT(5) FCHECK(4..0)   [DICTID(4)]   body   ADLER32(4)
//! ```
//!
//! `CMF * 256 + FLG` is a multiple of 31; the window is 2^(CINFO + 8) bytes, at most 32 KiB; numbers have their highest
//! byte first. As in zlib, a match may reach farther back than the declared window.

use crate::checksum::Adler32;
use crate::error::{Error, ErrorKind};
use crate::gzip::Step;
use crate::inflate::window::Window;
use crate::inflate::{Inflate, Status};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A decoder of one zlib stream, fed with pieces of any size.
///
/// Bytes after the stream are left in the input. The Adler-32 is checked.
///
/// # Memory
///
/// About 320 KiB, whatever the data; less for small inputs with [`Decoder::with_input_len`].
#[derive(Clone, Debug)]
pub struct Decoder {
    state: State,
    input_ended: bool,
    inflate: Box<Inflate>,
    window: Window,
    dictionary: Option<Vec<u8>>,
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
            inflate: Box::new(Inflate::new()),
            window: Window::new(bytes),
            dictionary: None,
            adler: Adler32::new(),
            field: [0; 4],
            have: 0,
            total_in: 0,
            total_out: 0,
        }
    }

    /// Gives the preset dictionary that a stream may ask for.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) {
        self.dictionary = Some(dictionary.to_vec());
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
            let result = match self.state {
                State::Header => self.header_step(input),
                State::DictionaryId => self.dictionary_step(input),
                State::Body => self.body_step(input),
                State::Trailer => self.trailer_step(input),
                State::Done => Ok(Some(Status::Done)),
                State::Failed(error) => Err(error),
            };
            self.total_in += (before - input.len()) as u64;
            let wait = match result {
                Ok(None) => continue,
                Ok(Some(Status::NeedsInput)) if self.input_ended => {
                    Err(Error::new(ErrorKind::UnexpectedEnd, self.total_in))
                }
                Ok(Some(wait)) => Ok(wait),
                Err(error) => Err(error),
            };
            if let Err(error) = wait {
                self.state = State::Failed(error);
            }
            if !self.window.pending().is_empty() {
                return Ok(Step::Output);
            }
            match wait? {
                Status::NeedsOutput => {}
                Status::NeedsInput => return Ok(Step::NeedsInput),
                Status::Done => return Ok(Step::Done),
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
        let mismatch = Error::new(ErrorKind::DictionaryMismatch, start);
        let dictionary = self.dictionary.as_ref().ok_or(mismatch)?;
        let mut adler = Adler32::new();
        adler.update(dictionary);
        if adler.value() != u32::from_be_bytes(self.field) {
            return Err(mismatch);
        }
        self.window.start_with(dictionary);
        self.state = State::Body;
        Ok(None)
    }

    fn body_step(&mut self, input: &mut &[u8]) -> Result<Option<Status>, Error> {
        let start = self.total_in - self.inflate.total_in();
        let (written, status) = self.window.decode(&mut self.inflate, input);
        self.adler.update(written);
        self.total_out += written.len() as u64;
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

/// Checks the two bytes of a header; whether a dictionary identifier follows.
fn check_header(cmf: u8, flags: u8) -> Result<bool, Error> {
    if (u32::from(cmf) << 8 | u32::from(flags)) % 31 != 0 {
        return Err(Error::new(ErrorKind::HeaderChecksum, 0));
    }
    if cmf & 15 != 8 {
        return Err(Error::new(ErrorKind::UnknownMethod, 0));
    }
    if cmf >> 4 > 7 {
        return Err(Error::new(ErrorKind::WindowTooLarge, 0));
    }
    Ok(flags & 0x20 != 0)
}

/// Decodes the zlib stream at the start of `input` into `output`; returns the number of bytes. Bytes after the stream
/// are not looked at. A stream that asks for a dictionary needs a [`Decoder`].
///
/// Allocates nothing; uses about 32 KiB of stack.
///
/// # Errors
///
/// The rule of the format that is broken, or [`ErrorKind::OutputFull`].
pub fn decompress(input: &[u8], output: &mut [u8]) -> Result<usize, Error> {
    let end = Error::new(ErrorKind::UnexpectedEnd, input.len() as u64);
    let [cmf, flags, body @ ..] = input else { return Err(end) };
    if check_header(*cmf, *flags)? {
        return Err(Error::new(ErrorKind::DictionaryMismatch, 2));
    }
    let progress = Inflate::new().decode(body, output, 0);
    let at = 2 + progress.consumed;
    match progress.status.map_err(|error| error.shifted(2))? {
        Status::Done => {}
        Status::NeedsInput => return Err(end),
        Status::NeedsOutput => return Err(Error::new(ErrorKind::OutputFull, at as u64)),
    }
    let trailer = input[at..].first_chunk::<4>().ok_or(end)?;
    let mut adler = Adler32::new();
    adler.update(&output[..progress.written]);
    if adler.value() != u32::from_be_bytes(*trailer) {
        return Err(Error::new(ErrorKind::AdlerMismatch, at as u64));
    }
    Ok(progress.written)
}
