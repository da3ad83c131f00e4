//! The members of a file, one after the other: a state machine that knows the container and leaves the data to others.
//!
//! ```text
//! Header -> Body -> Trailer -> Between --1f 8b--> Header
//!                                 | 0...  -> Zeros -> Done
//!                                 | other -> Done, garbage
//! ```
//!
//! What may follow the last member is as GNU gzip has it: nothing, or zero bytes (tapes pad with them); anything else
//! is not data, and reported as [`Trailing::Garbage`]. But a single byte that is not zero is an unexpected end, since
//! it may be half of a magic number; and after a complete magic number the rest of a member must be right.
//!
//! Where the decoded bytes go, and whether they are what the trailer says, is the business of a [`Body`]. The machine
//! can also start in the middle of a file, at a [`Joint`].

use super::MAGIC;
use super::header::{Header, HeaderReader};
use super::read::Trailing;
use crate::error::{Error, ErrorKind};
#[cfg(feature = "parallel")]
use crate::inflate::Joint as BlockJoint;
use crate::inflate::{Inflate, Status};
use alloc::boxed::Box;

/// What becomes of the data of members.
pub(crate) trait Body {
    /// A member starts: what came before is no history of it.
    fn start(&mut self);

    /// Decodes from the front of `input`, which is advanced past what was used.
    fn decode(&mut self, inflate: &mut Inflate, input: &mut &[u8]) -> Result<Status, Error>;

    /// A member ended with the trailer that starts at byte `at` of the file.
    fn end(&mut self, trailer: [u8; TRAILER_BYTES], at: u64) -> Result<(), Error>;
}

/// CRC-32 and length.
pub(crate) const TRAILER_BYTES: usize = 8;

/// A place from where a file can be decoded by one who knows the 32 KiB of data before it.
#[cfg(feature = "parallel")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// A member, or what follows the last one, starts at this byte.
    Member(u64),
    /// In a member, after the header of a block that is not the last.
    Block(BlockJoint),
}

#[cfg(feature = "parallel")]
impl Joint {
    /// The first byte of which a decoder that stands here has used nothing.
    pub(crate) fn byte(self) -> u64 {
        match self {
            Self::Member(byte) => byte,
            Self::Block(joint) => joint.byte(),
        }
    }
}

/// Why [`Members::decode`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// All input was used, and the file goes on.
    Input,
    /// The body has no room.
    Room,
    /// The file is complete.
    Done,
    /// A rule of the format is broken.
    Failed(Error),
}

/// The state machine.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    state: State,
    input_ended: bool,
    inflate: Box<Inflate>,
    reader: HeaderReader<Header>,
    /// Whether the file ends after the first member.
    is_single: bool,
    first_header: Option<Header>,
    trailer: [u8; TRAILER_BYTES],
    total_in: u64,
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

impl Members {
    /// At the start of a file.
    pub(crate) fn new() -> Self {
        Self {
            state: State::Header,
            input_ended: false,
            inflate: Inflate::boxed(),
            reader: HeaderReader::new(),
            is_single: false,
            first_header: None,
            trailer: [0; TRAILER_BYTES],
            total_in: 0,
            trailing: Trailing::None,
        }
    }

    /// Ends after the first member; what follows it is left in the input.
    pub(crate) fn end_after_one(&mut self) {
        self.is_single = true;
    }

    /// Back to the start of a file.
    pub(crate) fn reset(&mut self) {
        self.state = State::Header;
        self.input_ended = false;
        self.reader = HeaderReader::new();
        self.first_header = None;
        self.total_in = 0;
        self.trailing = Trailing::None;
    }

    /// Goes to `joint`; `before` is the byte before [`Joint::byte`], some bits of which may not have been used.
    #[cfg(feature = "parallel")]
    pub(crate) fn go_to(&mut self, joint: Joint, before: u8) {
        self.reset();
        self.total_in = joint.byte();
        match joint {
            Joint::Member(_) => {}
            Joint::Block(joint) => {
                self.inflate.go_to(joint, before);
                self.state = State::Body;
            }
        }
    }

    /// Where this stands, if that is a joint: all input up to [`Joint::byte`] was used, and nothing more is known.
    #[cfg(feature = "parallel")]
    pub(crate) fn joint(&self) -> Option<Joint> {
        match self.state {
            State::Between { have: 0 } => Some(Joint::Member(self.total_in)),
            State::Body => {
                let start = self.total_in - self.inflate.total_in();
                self.inflate.joint().map(|joint| Joint::Block(joint.shifted(start)))
            }
            _ => None,
        }
    }

    /// Goes on where `ahead` stands, which started where this stands; gives back what `ahead` had no use for.
    #[cfg(feature = "parallel")]
    pub(crate) fn follow(&mut self, ahead: &mut Self) {
        core::mem::swap(self, ahead);
        core::mem::swap(&mut self.first_header, &mut ahead.first_header);
    }

    /// Says that no input follows what was given.
    pub(crate) fn end_of_input(&mut self) {
        self.input_ended = true;
    }

    /// The header of the first member, once it was read.
    pub(crate) fn first_header(&self) -> Option<&Header> {
        self.first_header.as_ref()
    }

    /// Bytes of input used.
    pub(crate) fn total_in(&self) -> u64 {
        self.total_in
    }

    /// What follows the last member; meaningful when done.
    pub(crate) fn trailing(&self) -> Trailing {
        self.trailing
    }

    /// Decodes from the front of `input`, which is advanced past what was used, until something stops it. Offsets of
    /// errors count from the start of the file. After an error every call returns it.
    pub(crate) fn decode(&mut self, input: &mut &[u8], body: &mut impl Body) -> Wait {
        loop {
            let before = input.len();
            let wait = match self.state {
                State::Header => self.header_step(input, body),
                State::Body => self.body_step(input, body),
                State::Trailer { have } => self.trailer_step(input, have, body),
                State::Between { have } => self.between_step(input, have),
                State::Zeros => self.zeros_step(input),
                State::Done => Some(Wait::Done),
                State::Failed(error) => Some(Wait::Failed(error)),
            };
            self.total_in += (before - input.len()) as u64;
            match wait {
                None => {}
                Some(Wait::Input) if self.input_ended => {
                    self.state = State::Failed(Error::new(ErrorKind::UnexpectedEnd, self.total_in));
                }
                Some(wait) => return wait,
            }
        }
    }

    fn header_step(&mut self, input: &mut &[u8], body: &mut impl Body) -> Option<Wait> {
        let start = self.total_in - self.reader.length();
        match self.reader.read(input) {
            Ok(false) => return Some(Wait::Input),
            Ok(true) => {}
            Err(error) => return self.fail(error.shifted(start)),
        }
        let header = core::mem::replace(&mut self.reader, HeaderReader::new()).header;
        self.first_header.get_or_insert(header);
        self.inflate.reset();
        body.start();
        self.state = State::Body;
        None
    }

    fn body_step(&mut self, input: &mut &[u8], body: &mut impl Body) -> Option<Wait> {
        let start = self.total_in - self.inflate.total_in();
        match body.decode(&mut self.inflate, input) {
            Ok(Status::NeedsInput) => Some(Wait::Input),
            Ok(Status::NeedsOutput) => Some(Wait::Room),
            Ok(Status::Done) => {
                self.state = State::Trailer { have: 0 };
                None
            }
            Err(error) => self.fail(error.shifted(start)),
        }
    }

    fn trailer_step(&mut self, input: &mut &[u8], have: usize, body: &mut impl Body) -> Option<Wait> {
        let start = self.total_in - have as u64;
        let (taken, rest) = input.split_at((TRAILER_BYTES - have).min(input.len()));
        self.trailer[have..have + taken.len()].copy_from_slice(taken);
        *input = rest;
        let have = have + taken.len();
        if have < TRAILER_BYTES {
            self.state = State::Trailer { have };
            return Some(Wait::Input);
        }
        if let Err(error) = body.end(self.trailer, start) {
            return self.fail(error);
        }
        self.state = if self.is_single { State::Done } else { State::Between { have: 0 } };
        None
    }

    /// The first two bytes after a member, of which `have` are known and not zero.
    fn between_step(&mut self, input: &mut &[u8], have: usize) -> Option<Wait> {
        let Some((&byte, rest)) = input.split_first() else {
            if have == 0 && self.input_ended {
                self.state = State::Done;
                return None;
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
