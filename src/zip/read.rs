//! Reading the first entry of a zip file, front to back.
//!
//! ```text
//! PK\3\4  version(2) flags(2) method(2) time(4) crc(4) packed(4) size(4) name length(2) extra length(2)  name  extra
//! data
//! [PK\7\8]  crc(4)  packed(4 or 8)  size(4 or 8)      the descriptor, if flag bit 3 is set
//! ```
//!
//! With bit 3 the header's CRC and sizes do not count. Sizes have 8 bytes in the descriptor if the header has the extra
//! field for large files. The descriptor's signature may be missing: its first four bytes are the CRC then.
//!
//! The directory behind the entries is not read: an entry stands for itself here. [`Decoder::rest`] tells what follows
//! the entry, for a file with more of them must not be taken for decompressed.
//!
//! Entries are stored or DEFLATE, not encrypted. A stored entry must have its size in the header, for nothing else ends
//! it. Of name and extra field the first 4096 bytes are kept.

use super::{
    ARCHIVE_EXTRA, CENTRAL, DESCRIPTOR, END, END_64, EXTRA_64, FLAG_DESCRIPTOR, LOCAL, METHOD_DEFLATE,
    METHOD_STORED,
};
use crate::checksum::Crc32;
use crate::error::{Error, ErrorKind};
use crate::gzip::Step;
use crate::inflate::decode::{Room, decode_by_methods, stop, tell};
use crate::inflate::window::Window;
use crate::inflate::{Inflate, Status};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The first four bytes.
pub const MAGIC: [u8; 4] = LOCAL.to_le_bytes();

const FIXED_BYTES: usize = 30;
const KEPT_BYTES: usize = 4096;
const FLAG_ENCRYPTED: u16 = 1;
/// The value of a 32-bit size that stands in the extra field instead.
const ELSEWHERE: u32 = u32::MAX;

/// What follows the first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing at all.
    Nothing,
    /// What ends a zip file of one entry.
    Directory,
    /// Another entry.
    Entry,
    /// Something else.
    Garbage {
        /// Offset of its first byte.
        offset: u64,
    },
}

/// A decoder of the first entry of a zip file, fed with pieces of any size.
///
/// CRC-32 and size are checked.
///
/// ```
/// use rigz::{Level, checksum::Crc32, deflate, inflate::Step, zip};
///
/// let (data, mut packed, mut file) = (b"zipped", Vec::new(), Vec::new());
/// deflate::compress(data, Level::DEFAULT, &mut packed);
/// let mut crc = Crc32::new();
/// crc.update(data);
/// let entry = zip::Entry { name: b"name".to_vec(), ..zip::Entry::default() };
/// zip::start(&entry, &mut file);
/// file.extend_from_slice(&packed);
/// zip::end(&entry, crc.value(), packed.len() as u64, data.len() as u64, &mut file);
///
/// let (mut input, mut decoder, mut back) = (&file[..], zip::Decoder::new(), Vec::new());
/// loop {
///     match decoder.decode(&mut input)? {
///         Step::Output => {
///             back.extend_from_slice(decoder.output());
///             decoder.consume(decoder.output().len());
///         }
///         Step::NeedsInput => decoder.end_of_input(),
///         Step::Done => break,
///     }
/// }
/// assert_eq!((&back[..], decoder.name()), (&data[..], Some(&b"name"[..])));
/// # Ok::<(), rigz::Error>(())
/// ```
///
/// # Memory
///
/// About 150 KiB, whatever the data.
#[derive(Clone, Debug)]
pub struct Decoder {
    state: State,
    input_ended: bool,
    inflate: Box<Inflate>,
    window: Window,
    /// The present field so far, and the offset of its first byte.
    field: Vec<u8>,
    field_start: u64,
    header: Header,
    crc: Crc32,
    /// Bytes of the entry's data, packed.
    packed: u64,
    rest: Rest,
    total_in: u64,
    total_out: u64,
}

/// What counts of the local header.
#[derive(Clone, Debug, Default)]
struct Header {
    has_descriptor: bool,
    is_large: bool,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    name: Option<Vec<u8>>,
    name_bytes: usize,
    extra_bytes: usize,
}

/// The element that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fixed,
    Name,
    Extra,
    Deflated,
    Stored { left: u64 },
    Descriptor,
    Rest,
    Done,
    Failed(Error),
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: State::Fixed,
            input_ended: false,
            inflate: Inflate::boxed(),
            window: Window::new(u64::MAX),
            field: Vec::new(),
            field_start: 0,
            header: Header::default(),
            crc: Crc32::new(),
            packed: 0,
            rest: Rest::Nothing,
            total_in: 0,
            total_out: 0,
        }
    }

    /// Decodes from the front of `input`, which is advanced past what was used.
    ///
    /// # Errors
    ///
    /// The rule of the format that is broken; offsets count from the first byte ever given. What was decoded before is
    /// output first. After an error every call returns it.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Step, Error> {
        let status = self.run(input, None);
        tell(status, !self.output().is_empty())
    }

    /// Decodes until something stops it.
    fn run(&mut self, input: &mut &[u8], mut room: Option<&mut Room<'_>>) -> Result<Status, Error> {
        loop {
            let before = input.len();
            let result = self.step(input, room.as_deref_mut());
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

    /// The name of the entry, once it was read; at most its first 4096 bytes.
    #[must_use]
    pub fn name(&self) -> Option<&[u8]> {
        self.header.name.as_deref()
    }

    /// The checksum of the data, once it was checked.
    #[must_use]
    pub fn crc(&self) -> u32 {
        self.crc.value()
    }

    /// What follows the entry; meaningful after [`Step::Done`].
    #[must_use]
    pub fn rest(&self) -> Rest {
        self.rest
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

    /// Back to the start of a file, with the buffers kept. What was not taken is dropped.
    pub fn reset(&mut self) {
        self.inflate.reset();
        self.window.clear();
        self.field.clear();
        (self.state, self.input_ended, self.rest) = (State::Fixed, false, Rest::Nothing);
        (self.header, self.crc) = (Header::default(), Crc32::new());
        (self.packed, self.total_in, self.total_out) = (0, 0, 0);
    }

    /// One step; `None` when another can follow at once.
    fn step(&mut self, input: &mut &[u8], room: Option<&mut Room<'_>>) -> Result<Option<Status>, Error> {
        match self.state {
            State::Fixed => self.fixed_step(input),
            State::Name => self.name_step(input),
            State::Extra => self.extra_step(input),
            State::Deflated => self.deflated_step(input, room),
            State::Stored { left } => self.stored_step(input, left),
            State::Descriptor => self.descriptor_step(input),
            State::Rest => self.rest_step(input),
            State::Done => Ok(Some(Status::Done)),
            State::Failed(error) => Err(error),
        }
    }

    /// Adds to the present field; true when it has `size` bytes.
    fn fill(&mut self, input: &mut &[u8], size: usize) -> bool {
        if self.field.is_empty() {
            self.field_start = self.total_in;
        }
        let (taken, rest) = input.split_at((size - self.field.len()).min(input.len()));
        self.field.extend_from_slice(taken);
        *input = rest;
        self.field.len() == size
    }

    fn fixed_step(&mut self, input: &mut &[u8]) -> Result<Option<Status>, Error> {
        let is_complete = self.fill(input, FIXED_BYTES);
        let have = self.field.len().min(MAGIC.len());
        if self.field[..have] != MAGIC[..have] {
            return Err(Error::new(ErrorKind::NotZip, 0));
        }
        if !is_complete {
            return Ok(Some(Status::NeedsInput));
        }
        let field = core::mem::take(&mut self.field);
        let flags = word(&field, 6);
        if flags & FLAG_ENCRYPTED != 0 {
            return Err(Error::new(ErrorKind::ZipNotSupported, 6));
        }
        self.header = Header {
            has_descriptor: flags & FLAG_DESCRIPTOR != 0,
            is_large: false,
            method: word(&field, 8),
            crc: long(&field, 14),
            packed: long(&field, 18).into(),
            size: long(&field, 22).into(),
            name: None,
            name_bytes: word(&field, 26).into(),
            extra_bytes: word(&field, 28).into(),
        };
        if !matches!(self.header.method, METHOD_STORED | METHOD_DEFLATE) {
            return Err(Error::new(ErrorKind::UnknownMethod, 8));
        }
        self.state = State::Name;
        Ok(None)
    }

    fn name_step(&mut self, input: &mut &[u8]) -> Result<Option<Status>, Error> {
        if !self.fill(input, self.header.name_bytes) {
            return Ok(Some(Status::NeedsInput));
        }
        let mut name = core::mem::take(&mut self.field);
        name.truncate(KEPT_BYTES);
        self.header.name = Some(name);
        self.state = State::Extra;
        Ok(None)
    }

    fn extra_step(&mut self, input: &mut &[u8]) -> Result<Option<Status>, Error> {
        if !self.fill(input, self.header.extra_bytes) {
            return Ok(Some(Status::NeedsInput));
        }
        let extra = core::mem::take(&mut self.field);
        self.header.read_extra(&extra);
        self.state = if self.header.method == METHOD_DEFLATE {
            State::Deflated
        } else if self.header.has_descriptor && self.header.packed == 0 {
            return Err(Error::new(ErrorKind::ZipNotSupported, 6));
        } else {
            State::Stored { left: self.header.packed }
        };
        Ok(None)
    }

    fn deflated_step(
        &mut self,
        input: &mut &[u8],
        room: Option<&mut Room<'_>>,
    ) -> Result<Option<Status>, Error> {
        let start = self.total_in - self.inflate.total_in();
        let Self { window, inflate, crc, .. } = self;
        let (written, status) = window.decode_seen(inflate, input, room, |piece| crc.update(piece));
        self.total_out += written as u64;
        match status.map_err(|error| error.shifted(start))? {
            Status::Done => {
                self.packed = self.inflate.total_in();
                self.end_of_data(start + self.packed)
            }
            wait => Ok(Some(wait)),
        }
    }

    fn stored_step(&mut self, input: &mut &[u8], left: u64) -> Result<Option<Status>, Error> {
        if left == 0 {
            self.packed = self.header.packed;
            return self.end_of_data(self.total_in);
        }
        if input.is_empty() {
            return Ok(Some(Status::NeedsInput));
        }
        let taken = self.window.copy(input, usize::try_from(left).unwrap_or(usize::MAX));
        if taken.is_empty() {
            return Ok(Some(Status::NeedsOutput));
        }
        self.crc.update(taken);
        self.total_out += taken.len() as u64;
        self.state = State::Stored { left: left - taken.len() as u64 };
        Ok(None)
    }

    /// The data has ended at `offset`.
    fn end_of_data(&mut self, offset: u64) -> Result<Option<Status>, Error> {
        if self.header.has_descriptor {
            self.state = State::Descriptor;
        } else {
            self.check(offset, self.header.crc, self.header.packed, self.header.size)?;
        }
        Ok(None)
    }

    fn descriptor_step(&mut self, input: &mut &[u8]) -> Result<Option<Status>, Error> {
        let size_bytes = if self.header.is_large { 8 } else { 4 };
        if !self.fill(input, self.field.len().max(4)) {
            return Ok(Some(Status::NeedsInput));
        }
        let signature = if long(&self.field, 0) == DESCRIPTOR { 4 } else { 0 };
        if !self.fill(input, signature + 4 + 2 * size_bytes) {
            return Ok(Some(Status::NeedsInput));
        }
        let field = core::mem::take(&mut self.field);
        let size = |at: usize| {
            let bytes = &field[signature + at..][..size_bytes];
            bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
        };
        self.check(self.field_start, long(&field, signature), size(4), size(4 + size_bytes))?;
        Ok(None)
    }

    /// Compares what was said of the data, at `offset`, with what it is.
    fn check(&mut self, offset: u64, crc: u32, packed: u64, size: u64) -> Result<(), Error> {
        if crc != self.crc.value() {
            return Err(Error::new(ErrorKind::CrcMismatch, offset));
        }
        if packed != self.packed || size != self.total_out {
            return Err(Error::new(ErrorKind::SizeMismatch, offset));
        }
        self.state = State::Rest;
        Ok(())
    }

    fn rest_step(&mut self, input: &mut &[u8]) -> Result<Option<Status>, Error> {
        let is_complete = self.fill(input, 4);
        if !is_complete && !self.input_ended {
            return Ok(Some(Status::NeedsInput));
        }
        let offset = self.field_start;
        self.rest = match self.field[..] {
            [] => Rest::Nothing,
            [_, _, _, _] => match long(&self.field, 0) {
                LOCAL => Rest::Entry,
                CENTRAL | END | END_64 | ARCHIVE_EXTRA => Rest::Directory,
                _ => Rest::Garbage { offset },
            },
            _ => Rest::Garbage { offset },
        };
        self.state = State::Done;
        Ok(None)
    }
}

impl Header {
    /// Takes sizes of 64 bits from the extra field.
    fn read_extra(&mut self, mut extra: &[u8]) {
        while extra.len() >= 4 {
            let (id, size) = (word(extra, 0), usize::from(word(extra, 2)));
            let Some(mut data) = extra.get(4..4 + size) else { return };
            extra = &extra[4 + size..];
            if id != EXTRA_64 {
                continue;
            }
            self.is_large = true;
            for size in [&mut self.size, &mut self.packed] {
                if *size == u64::from(ELSEWHERE)
                    && let Some((bytes, rest)) = data.split_first_chunk()
                {
                    *size = u64::from_le_bytes(*bytes);
                    data = rest;
                }
            }
        }
    }
}

decode_by_methods!(Decoder);

fn word(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
