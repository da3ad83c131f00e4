//! The header of a gzip member (RFC 1952, 2.3), read in pieces of any size.
//!
//! ```text
//! 1f 8b  CM=8  FLG  MTIME(4)  XFL  OS  [XLEN(2) extra]  [name 0]  [comment 0]  [CRC16(2)]
//!              |
//!              bit 0 FTEXT, 1 FHCRC, 2 FEXTRA, 3 FNAME, 4 FCOMMENT, 5..7 reserved
//! ```
//!
//! Only the first [`KEPT_BYTES`] of extra field, name and comment are kept, so memory is bounded; time is linear.

use crate::checksum::Crc32;
use crate::error::{Error, ErrorKind};
#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// What is kept of each field of variable length, in bytes.
#[cfg(feature = "alloc")]
const KEPT_BYTES: usize = 65_535;

const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0xe0;

/// Who is told the fields as they are read.
pub(super) trait Fields: Default {
    /// FTEXT, MTIME, XFL and OS.
    fn fixed(&mut self, is_text: bool, mtime: u32, extra_flags: u8, os: u8);

    /// More bytes of a field, maybe none.
    fn bytes(&mut self, which: Which, bytes: &[u8]);
}

/// The fields of variable length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Extra,
    Name,
    Comment,
}

/// Nobody.
impl Fields for () {
    fn fixed(&mut self, _: bool, _: u32, _: u8, _: u8) {}
    fn bytes(&mut self, _: Which, _: &[u8]) {}
}

#[cfg(feature = "alloc")]
impl Fields for Header {
    fn fixed(&mut self, is_text: bool, mtime: u32, extra_flags: u8, os: u8) {
        *self = Self { is_text, mtime, extra_flags, os, ..Self::default() };
    }

    /// Appends what still fits.
    fn bytes(&mut self, which: Which, bytes: &[u8]) {
        let kept = match which {
            Which::Extra => &mut self.extra,
            Which::Name => &mut self.name,
            Which::Comment => &mut self.comment,
        };
        let kept = kept.get_or_insert_default();
        let room = KEPT_BYTES - kept.len();
        kept.extend_from_slice(&bytes[..room.min(bytes.len())]);
    }
}

/// The fields of a member's header. Of extra field, name and comment at most the first 65,535 bytes are kept.
///
/// ```
/// use rigz::{Level, gzip::{Decoder, HeaderBuilder}};
///
/// let mut bytes = Vec::new();
/// HeaderBuilder::new().name(b"notes.txt").ok_or("a zero byte")?.mtime(1_000_000_000).write(Level::BEST, &mut bytes);
/// let mut decoder = Decoder::new();
/// decoder.decode(&mut &bytes[..])?;
/// let header = decoder.header().ok_or("not all of it")?;
/// assert_eq!((header.name.as_deref(), header.mtime, header.extra_flags), (Some(&b"notes.txt"[..]), 1_000_000_000, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Whether the data is said to be text (FTEXT).
    pub is_text: bool,
    /// Modification time in seconds since 1970, 0 for none.
    pub mtime: u32,
    /// XFL: 2 for the smallest, 4 for the fastest compression.
    pub extra_flags: u8,
    /// The operating system; 3 is Unix, 255 unknown.
    pub os: u8,
    /// The extra field: subfields of two identifying bytes, a length (2 bytes), and data.
    pub extra: Option<Vec<u8>>,
    /// The original file name, without the zero byte; in Latin-1 by the standard, in any encoding in practice.
    pub name: Option<Vec<u8>>,
    /// A comment, without the zero byte.
    pub comment: Option<Vec<u8>>,
}

/// The field that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Fixed,
    ExtraLength,
    Extra { left: usize },
    Name,
    Comment,
    Checksum,
    End,
}

/// A header being read.
#[derive(Clone, Debug)]
pub(super) struct HeaderReader<F> {
    pub(super) header: F,
    field: Field,
    flags: u8,
    /// The bytes of the present fixed-size field so far.
    fixed: [u8; 10],
    have: usize,
    crc: Crc32,
    /// Bytes read.
    length: u64,
}

impl<F: Fields> HeaderReader<F> {
    pub(super) fn new() -> Self {
        Self {
            header: F::default(),
            field: Field::Fixed,
            flags: 0,
            fixed: [0; 10],
            have: 0,
            crc: Crc32::new(),
            length: 0,
        }
    }

    /// Bytes read of the header.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Reads on. True when the header is complete; else all input was used. Offsets of errors count from the first
    /// byte of the header.
    pub(super) fn read(&mut self, input: &mut &[u8]) -> Result<bool, Error> {
        loop {
            match self.field {
                Field::Fixed => {
                    let complete = self.fill(input, 10);
                    self.check_fixed()?;
                    if !complete {
                        return Ok(false);
                    }
                    let [_, _, _, flags, t0, t1, t2, t3, extra_flags, os] = self.fixed;
                    self.flags = flags;
                    let mtime = u32::from_le_bytes([t0, t1, t2, t3]);
                    self.header.fixed(flags & 1 != 0, mtime, extra_flags, os);
                    self.enter(Field::ExtraLength);
                }
                Field::ExtraLength => {
                    if self.flags & FEXTRA == 0 {
                        self.enter(Field::Name);
                        continue;
                    }
                    if !self.fill(input, 2) {
                        return Ok(false);
                    }
                    self.header.bytes(Which::Extra, &[]);
                    self.enter(Field::Extra { left: usize::from(self.word()) });
                }
                Field::Extra { left } => {
                    let (taken, rest) = input.split_at(left.min(input.len()));
                    self.account(taken);
                    self.header.bytes(Which::Extra, taken);
                    *input = rest;
                    self.field = Field::Extra { left: left - taken.len() };
                    if taken.len() < left {
                        return Ok(false);
                    }
                    self.enter(Field::Name);
                }
                Field::Name | Field::Comment => {
                    let is_name = self.field == Field::Name;
                    let next = if is_name { Field::Comment } else { Field::Checksum };
                    if self.flags & if is_name { FNAME } else { FCOMMENT } == 0 {
                        self.enter(next);
                        continue;
                    }
                    let zero = input.iter().position(|&byte| byte == 0);
                    let (text, _) = input.split_at(zero.unwrap_or(input.len()));
                    let (taken, rest) = input.split_at(zero.map_or(input.len(), |at| at + 1));
                    self.account(taken);
                    self.header.bytes(if is_name { Which::Name } else { Which::Comment }, text);
                    *input = rest;
                    if zero.is_none() {
                        return Ok(false);
                    }
                    self.enter(next);
                }
                Field::Checksum => {
                    if self.flags & FHCRC == 0 {
                        self.enter(Field::End);
                        continue;
                    }
                    let computed = self.crc.value() as u16;
                    // Bytes of this field do not count.
                    let crc = self.crc.clone();
                    let complete = self.fill(input, 2);
                    self.crc = crc;
                    if !complete {
                        return Ok(false);
                    }
                    if self.word() != computed {
                        return Err(Error::new(ErrorKind::HeaderChecksum, self.length - 2));
                    }
                    self.enter(Field::End);
                }
                Field::End => return Ok(true),
            }
        }
    }

    fn enter(&mut self, field: Field) {
        self.field = field;
        self.have = 0;
    }

    /// Adds to the present fixed-size field; true when it has `size` bytes.
    fn fill(&mut self, input: &mut &[u8], size: usize) -> bool {
        let (taken, rest) = input.split_at((size - self.have).min(input.len()));
        self.fixed[self.have..self.have + taken.len()].copy_from_slice(taken);
        self.have += taken.len();
        self.account(taken);
        *input = rest;
        self.have == size
    }

    fn account(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        // The checksum is needed only with FHCRC, which stands in the first field.
        if self.field == Field::Fixed || self.flags & FHCRC != 0 {
            self.crc.update(bytes);
        }
    }

    fn word(&self) -> u16 {
        u16::from_le_bytes([self.fixed[0], self.fixed[1]])
    }

    /// Checks the part of the fixed fields that was read.
    fn check_fixed(&self) -> Result<(), Error> {
        let have = &self.fixed[..self.have];
        let magic = &have[..have.len().min(2)];
        if !super::MAGIC.starts_with(magic) {
            return Err(Error::new(ErrorKind::NotGzip, 0));
        }
        if have.get(2).is_some_and(|&method| method != 8) {
            return Err(Error::new(ErrorKind::UnknownMethod, 2));
        }
        if have.get(3).is_some_and(|&flags| flags & RESERVED != 0) {
            return Err(Error::new(ErrorKind::ReservedFlags, 3));
        }
        Ok(())
    }
}
