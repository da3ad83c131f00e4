//! A stretch of decoded data, and what is needed to check it once its place is known.
//!
//! ```text
//! data     | units: behind an unknown window | bytes: behind a known one |
//! members  ---- head ----| trailer | whole members, checked at once | ---- tail ----
//! ```
//!
//! The head belongs to a member that may have started before, so its checksum is only part of what the first trailer
//! speaks of; who puts strands in their order combines them and checks that trailer. Members that lie wholly inside are
//! checked as they end. The tail goes on in the next strand. Without a trailer all is head.
//!
//! Decoding goes over from units to bytes, for good, as soon as 32 KiB without a reference to the unknown window lie
//! behind it, or a member starts.

use super::resolve::{Table, are_bytes, reach, unknown_window};
use crate::checksum::Crc32;
use crate::error::Error;
use crate::gzip::check_trailer;
use crate::gzip::members::{Body, TRAILER_BYTES};
use crate::inflate::window::{MAX_DISTANCE, Window};
use crate::inflate::{Inflate, Status};

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
    /// The unknown window, then units; empty if windows are always known.
    units: Vec<u16>,
    /// Where the units end.
    units_end: usize,
    /// Whether what comes next is units.
    is_unknown: bool,
    window: Window,
    /// Checksum of the bytes of the head; of its units, too, once they were resolved.
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
    /// A strand with room for `units` behind an unknown window, if any, and `bytes` behind a known one.
    pub(super) fn new(units: usize, bytes: usize) -> Self {
        let units = if units > 0 { vec![0; MAX_DISTANCE + units] } else { Vec::new() };
        Self {
            units,
            units_end: 0,
            is_unknown: false,
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
        (self.units_end, self.is_unknown) = (MAX_DISTANCE, false);
        (self.head, self.trailer, self.tail) = (Sum::default(), None, Sum::default());
        (self.members, self.last_crc) = (0, None);
    }

    /// Starts anew behind a window that is not known.
    pub(super) fn restart_unknown(&mut self) {
        self.restart(&[]);
        self.is_unknown = true;
        self.units.iter_mut().zip(unknown_window()).for_each(|(to, unit)| *to = unit);
    }

    /// Goes over to bytes if that is possible.
    pub(super) fn settle(&mut self) {
        if self.is_unknown && self.units_end >= 2 * MAX_DISTANCE {
            let last = &self.units[self.units_end - MAX_DISTANCE..self.units_end];
            if are_bytes(last) {
                let history: Vec<u8> = last.iter().map(|&unit| unit as u8).collect();
                self.window.start_with(&history);
                self.is_unknown = false;
            }
        }
    }

    /// Whether nothing happened yet.
    pub(super) fn is_empty(&self) -> bool {
        self.head.length == 0 && self.trailer.is_none() && self.units().is_empty()
    }

    /// The length of the data.
    pub(super) fn length(&self) -> usize {
        self.units().len() + self.window.pending().len()
    }

    /// How far the data reaches back before its start.
    pub(super) fn reach(&self) -> usize {
        reach(self.units())
    }

    /// The length of the open member after this strand, when it was `before` before it.
    pub(super) fn open_length(&self, before: u64) -> u64 {
        if self.trailer.is_some() {
            self.tail.length
        } else {
            before + self.units().len() as u64 + self.head.length
        }
    }

    /// Puts the history after this strand into `history`; `table` knows the window before it, and `length` is that of
    /// the open member.
    pub(super) fn history(&self, table: &Table, length: u64, history: &mut Vec<u8>) {
        history.clear();
        if self.is_unknown {
            let count = length.min(MAX_DISTANCE as u64) as usize;
            history.extend(table.bytes(&self.units[self.units_end - count..self.units_end]));
        } else {
            history.extend_from_slice(self.window.history());
        }
    }

    /// Puts bytes in the place of the units. To be done once.
    pub(super) fn resolve(&mut self, table: &Table) {
        let units = &mut self.units[MAX_DISTANCE..self.units_end];
        if !units.is_empty() {
            let (bytes, crc) = table.resolve(units);
            let mut head = Sum { crc, length: bytes.len() as u64 };
            head.append(&self.head);
            self.head = head;
        }
    }

    /// The data, in two parts; units must be resolved.
    pub(super) fn data(&self) -> [&[u8]; 2] {
        let units = if self.units.is_empty() { &[] } else { &self.units[MAX_DISTANCE..] };
        [&bytemuck::cast_slice(units)[..self.units().len()], self.window.pending()]
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

    /// The checksum of the last member that ended here, once its trailer was checked.
    pub(super) fn last_crc(&self) -> Option<u32> {
        self.last_crc
    }

    fn units(&self) -> &[u16] {
        if self.units.is_empty() { &[] } else { &self.units[MAX_DISTANCE..self.units_end] }
    }
}

impl Body for Strand {
    fn start(&mut self) {
        self.is_unknown = false;
        self.window.start_stream();
    }

    fn decode(&mut self, inflate: &mut Inflate, input: &mut &[u8]) -> Result<Status, Error> {
        if self.is_unknown {
            let progress = inflate.decode_elements(input, &mut self.units, self.units_end);
            *input = &input[progress.consumed..];
            self.units_end += progress.written;
            return progress.status;
        }
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
