//! One gzip member made of chunks that a [`Crew`] compresses: what the writer and the reader of this room share.
//!
//! The chunk grid, the flushes and so the bytes are those of [`gzip::Encoder`](crate::gzip::Encoder).

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;

use super::crew::{Crew, Done, Job, Lost, Staff};
use crate::bits::fragment::{Fragment, Splicer};
use crate::checksum::Crc32;
use crate::deflate::chunk::chunk_bytes;
use crate::deflate::stream::push_empty_stored_block;
use crate::gzip::{HeaderBuilder, write};
use crate::level::Level;
use crate::lz77::window::Window;

/// Pieces under way for each thread: one being worked on and one waiting for its turn.
const PIECES_PER_THREAD: usize = 2;

/// Memory of a piece, in bytes: its window and its fragment, each a little longer than the chunk.
const PIECE_BYTES: usize = 9 << 18;

/// Memory of a thread besides its pieces, in bytes: the tables and tokens of any level.
const THREAD_BYTES: usize = 7 << 19;

/// Memory of the output, in bytes: one piece of it.
const OUTPUT_BYTES: usize = 5 << 18;

/// How many threads and pieces there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crowd {
    pub(super) threads: NonZeroUsize,
    pieces: usize,
}

impl Crowd {
    /// The largest of at most `threads` threads that keeps within `limit` bytes; one thread with one piece if there is
    /// none.
    pub(super) fn within(threads: NonZeroUsize, limit: usize) -> Self {
        let bytes = |pieces: usize, threads: usize| {
            OUTPUT_BYTES + (pieces + 1) * PIECE_BYTES + threads * THREAD_BYTES
        };
        let fits = |threads: &usize| bytes(PIECES_PER_THREAD * threads, *threads) <= limit;
        // Doing without some of the threads is cheaper than with too few pieces.
        let most = (2..=threads.get().min(limit / THREAD_BYTES)).rev().find(fits).unwrap_or(1);
        let pieces = if most == 1 { 1 } else { PIECES_PER_THREAD * most };
        Self { threads: NonZeroUsize::new(most).unwrap_or(NonZeroUsize::MIN), pieces }
    }
}

/// What stands behind a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Nothing,
    /// The mark of a sync flush.
    Sync,
    /// The end of the member.
    End,
}

/// The member.
#[derive(Debug)]
pub(super) struct Member {
    crew: Crew,
    most_pieces: usize,
    /// The chunk that is being filled.
    window: Window,
    spare: Vec<(Window, Fragment)>,
    /// The pieces under way, from the one due: what stands behind each.
    marks: VecDeque<Mark>,
    /// The ticket of the one due.
    due: u64,
    /// Whether something was fed since the last flush.
    is_open: bool,
    is_finished: bool,
    splicer: Splicer,
    crc: Crc32,
    total_in: u64,
    /// Output, of which `taken` bytes are gone.
    out: Vec<u8>,
    taken: usize,
}

impl Member {
    pub(super) fn new(level: Level, header: &HeaderBuilder, crowd: Crowd, staff: Staff) -> Self {
        let mut out = Vec::new();
        header.write(level, &mut out);
        Self {
            crew: Crew::new(level, staff),
            most_pieces: crowd.pieces,
            window: Window::new(chunk_bytes(level)),
            spare: Vec::new(),
            marks: VecDeque::new(),
            due: 0,
            is_open: false,
            is_finished: false,
            splicer: Splicer::new(),
            crc: Crc32::new(),
            total_in: 0,
            out,
            taken: 0,
        }
    }

    /// Bytes fed.
    pub(super) fn total_in(&self) -> u64 {
        self.total_in
    }

    pub(super) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Output that was not taken.
    pub(super) fn output(&self) -> &[u8] {
        &self.out[self.taken..]
    }

    /// Takes the first `count` bytes of the output.
    pub(super) fn consume(&mut self, count: usize) {
        self.taken = self.out.len().min(self.taken + count);
        if self.taken == self.out.len() {
            self.out.clear();
            self.taken = 0;
        }
    }

    /// Whether nothing can be fed before [`Member::make_room`].
    pub(super) fn is_full(&self) -> bool {
        self.window.is_full()
    }

    /// Lets a full chunk go. Waits for the piece that is due if as many as there may be are under way.
    pub(super) fn make_room(&mut self) -> io::Result<()> {
        self.submit(Mark::Nothing)
    }

    /// Where input goes; tell [`Member::fed`] how much there came.
    pub(super) fn room(&mut self) -> &mut [u8] {
        self.window.spare()
    }

    pub(super) fn fed(&mut self, count: usize) {
        self.window.advance(count);
        self.total_in += count as u64;
        self.is_open |= count > 0;
    }

    /// Makes all that was fed decodable, once all pieces are collected.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.is_open && !self.is_finished {
            self.submit(Mark::Sync)?;
            self.is_open = false;
        }
        Ok(())
    }

    /// Ends the member. Its pieces may still be under way.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if !self.is_finished {
            self.submit(Mark::End)?;
            self.is_finished = true;
        }
        Ok(())
    }

    /// Waits for the piece that is due. False if there is none.
    pub(super) fn collect_due(&mut self) -> io::Result<bool> {
        if self.marks.is_empty() {
            return Ok(false);
        }
        let lost = |Lost| io::Error::other("a thread of the compressor panicked");
        let done = self.crew.take(self.due).map_err(lost)?;
        self.append(done);
        Ok(true)
    }

    /// Appends the piece that is due to the output if it is done.
    pub(super) fn collect_done(&mut self) {
        if !self.marks.is_empty()
            && let Some(done) = self.crew.poll(self.due)
        {
            self.append(done);
        }
    }

    /// Queues what the window holds; the next chunk starts.
    fn submit(&mut self, mark: Mark) -> io::Result<()> {
        self.collect_done();
        while self.marks.len() >= self.most_pieces {
            self.collect_due()?;
        }
        let (mut window, mut fragment) = self.spare.pop().unwrap_or_else(|| {
            let chunk = self.window.capacity();
            // What does not compress finds room without growing; pages that are never written cost no memory.
            let bytes = vec![0; chunk + chunk / 16];
            (Window::new(chunk), Fragment { bytes, ..Fragment::new() })
        });
        window.restart(self.window.content());
        let window = std::mem::replace(&mut self.window, window);
        fragment.clear();
        let ticket = self.due + self.marks.len() as u64;
        self.marks.push_back(mark);
        self.crew.submit(Job { ticket, window, fragment, is_last: mark == Mark::End });
        Ok(())
    }

    /// Appends the piece that is due.
    fn append(&mut self, done: Done) {
        let Done { mut fragment, crc, window } = done;
        self.crc.combine(&crc);
        self.out.extend_from_slice(self.splicer.place(&mut fragment));
        self.due += 1;
        match self.marks.pop_front() {
            Some(Mark::Sync) => push_empty_stored_block(&mut self.splicer, &mut self.out),
            Some(Mark::End) => {
                self.splicer.align(&mut self.out);
                self.out.extend_from_slice(&write::trailer(self.crc.value(), self.total_in));
            }
            Some(Mark::Nothing) | None => {}
        }
        self.spare.push((window, fragment));
    }
}
