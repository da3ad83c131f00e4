//! A stretch of decoded data, and what is needed to check it once its place is known.
//!
//! ```text
//! members  ---- head ----| trailer | whole members, checked at once | ---- tail ----
//! ```
//!
//! The head belongs to a member that may have started before, so its checksum is only part of what the first trailer
//! speaks of; who puts strands in their order combines them and checks that trailer. Members that lie wholly inside are
//! checked as they end. The tail goes on in the next strand. Without a trailer all is head.

use crate::checksum::Crc32;
use crate::error::Error;
use crate::gzip::check_trailer;
use crate::gzip::members::{Body, TRAILER_BYTES};
use crate::inflate::window::Window;
use crate::inflate::{Inflate, Place, Status, Tokens};

/// Checksum and length of some data.
#[derive(Debug, Default)]
pub(super) struct Sum {
    crc: Crc32,
    pub(super) length: u64,
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// Adds the data that `next` is of.
    pub(super) fn append(&mut self, next: &Self) {
        if self.length == 0 {
            self.crc = next.crc.clone();
        } else {
            self.crc.combine(&next.crc);
        }
        self.length += next.length;
    }

    /// Whether the data is what `trailer` says.
    pub(super) fn check(&self, trailer: &Trailer) -> Result<(), Error> {
        check_trailer(trailer.bytes, &self.crc, self.length).map_err(|error| error.shifted(trailer.at))
    }
}

/// The trailer of a member.
#[derive(Debug)]
pub(super) struct Trailer {
    bytes: [u8; TRAILER_BYTES],
    /// Where it starts in the file.
    at: u64,
}

/// See the head of the file.
#[derive(Debug)]
pub(super) struct Strand {
    window: Window,
    head: Sum,
    /// What ends the head.
    trailer: Option<Trailer>,
    tail: Sum,
    /// Members that ended.
    members: u64,
    /// What the last trailer says the checksum is.
    last_crc: Option<u32>,
}

impl Strand {
    /// A strand with room for so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            window: Window::with_room(bytes),
            head: Sum::default(),
            trailer: None,
            tail: Sum::default(),
            members: 0,
            last_crc: None,
        }
    }

    /// Starts anew behind `history`.
    pub(super) fn restart(&mut self, history: &[u8]) {
        self.window.start_with(history);
        (self.head, self.trailer, self.tail) = (Sum::default(), None, Sum::default());
        (self.members, self.last_crc) = (0, None);
    }

    /// Whether nothing happened yet.
    pub(super) fn is_empty(&self) -> bool {
        self.head.length == 0 && self.trailer.is_none()
    }

    /// The length of the data.
    pub(super) fn length(&self) -> usize {
        self.window.pending().len()
    }

    /// The length of the open member after this strand, when it was `before` before it.
    pub(super) fn open_length(&self, before: u64) -> u64 {
        if self.trailer.is_some() { self.tail.length } else { before + self.head.length }
    }

    /// The data of the open member after this strand, as far as a match may reach back.
    pub(super) fn history(&self) -> &[u8] {
        self.window.history()
    }

    /// Replays tokens from `from` on until they end, or there is no room.
    pub(super) fn replay(&mut self, tokens: &Tokens, from: &mut Place) {
        let bytes = self.window.replay(tokens, from);
        if self.trailer.is_none() { &mut self.head } else { &mut self.tail }.add(bytes);
    }

    pub(super) fn data(&self) -> &[u8] {
        self.window.pending()
    }

    /// The length of the data up to its first trailer.
    pub(super) fn head_length(&self) -> u64 {
        self.head.length
    }

    /// Adds this strand to the open member, and leaves in `open` what is open after it. Tells how many members ended.
    ///
    /// # Errors
    ///
    /// What the first trailer says is not so.
    pub(super) fn account(&self, open: &mut Sum) -> Result<u64, Error> {
        open.append(&self.head);
        if let Some(trailer) = &self.trailer {
            open.check(trailer)?;
            *open = Sum { crc: self.tail.crc.clone(), length: self.tail.length };
        }
        Ok(self.members)
    }

    /// Members that ended.
    pub(super) fn members(&self) -> u64 {
        self.members
    }

    /// The checksum of the last member that ended here, once its trailer was checked.
    pub(super) fn last_crc(&self) -> Option<u32> {
        self.last_crc
    }
}

impl Body for Strand {
    fn start(&mut self) {
        self.window.start_stream();
    }

    fn decode(&mut self, inflate: &mut Inflate, input: &mut &[u8]) -> Result<Status, Error> {
        let (bytes, status) = self.window.decode(inflate, input);
        if self.trailer.is_none() { &mut self.head } else { &mut self.tail }.add(bytes);
        status
    }

    fn end(&mut self, bytes: [u8; TRAILER_BYTES], at: u64) -> Result<(), Error> {
        self.members += 1;
        self.last_crc = bytes.first_chunk().copied().map(u32::from_le_bytes);
        let trailer = Trailer { bytes, at };
        if self.trailer.is_none() {
            self.trailer = Some(trailer);
        } else {
            self.tail.check(&trailer)?;
            self.tail = Sum::default();
        }
        Ok(())
    }
}
