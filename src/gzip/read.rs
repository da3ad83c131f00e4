//! Reading gzip files: members one after the other, each checked.

use super::check_trailer;
use super::header::Header;
use super::members::{Body, Members, TRAILER_BYTES, Wait};
use crate::checksum::Crc32;
use crate::error::Error;
use crate::inflate::decode::{Room, decode_by_methods, tell};
use crate::inflate::window::Window;
use crate::inflate::{Inflate, Status, Step};

/// What follows the last member.
///
/// ```
/// use rigz::gzip::{Decoder, Trailing};
///
/// let mut file: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0not of it";
/// let mut decoder = Decoder::new();
/// decoder.decode(&mut file)?;
/// assert_eq!(decoder.trailing(), Trailing::Garbage { offset: 20 });
/// # Ok::<(), rigz::Error>(())
/// ```
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
/// About 150 KiB, whatever the data; less for small inputs with [`Decoder::with_input_len`].
///
/// ```
/// use rigz::{gzip::Decoder, inflate::Step};
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

    /// A decoder of the first member alone: bytes after its trailer are left in the input.
    #[must_use]
    pub fn single_member(mut self) -> Self {
        self.members.end_after_one();
        self
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
    fn run(&mut self, input: &mut &[u8], room: Option<&mut Room<'_>>) -> Result<Status, Error> {
        match self.members.decode(input, &mut Running { data: &mut self.data, room }) {
            Wait::Input => Ok(Status::NeedsInput),
            Wait::Room => Ok(Status::NeedsOutput),
            Wait::Done => Ok(Status::Done),
            Wait::Failed(error) => Err(error),
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

    /// The checksum of the last member that was decoded and checked.
    #[must_use]
    pub fn crc(&self) -> u32 {
        self.data.crc.value()
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

/// The data, and where it may go at once.
struct Running<'a, 'r, 'o> {
    data: &'a mut Data,
    room: Option<&'r mut Room<'o>>,
}

impl Body for Running<'_, '_, '_> {
    fn start(&mut self) {
        self.data.window.start_stream();
        self.data.crc = Crc32::new();
        self.data.length = 0;
    }

    fn decode(&mut self, inflate: &mut Inflate, input: &mut &[u8]) -> Result<Status, Error> {
        let Data { window, crc, .. } = self.data;
        let room = self.room.as_deref_mut();
        let (written, status) = window.decode_seen(inflate, input, room, |piece| crc.update(piece));
        self.data.length += written as u64;
        self.data.total_out += written as u64;
        status
    }

    fn end(&mut self, trailer: [u8; TRAILER_BYTES], at: u64) -> Result<(), Error> {
        check_trailer(trailer, &self.data.crc, self.data.length).map_err(|error| error.shifted(at))?;
        self.data.members += 1;
        Ok(())
    }
}

decode_by_methods!(Decoder, data);
