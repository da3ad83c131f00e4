//! The compressed input, read once and in order by whoever needs more of it, and kept as long as someone may.
//!
//! There is no reading thread. The reader is a baton: who needs bytes that are not there takes it, reads a piece, and puts
//! it back; others who need bytes meanwhile sleep. So bytes are passed on as soon as they were read, and one thread that
//! reads ahead never keeps another from what has arrived.
//!
//! An error of the reader is the end of the input for all; it is told once to who comes there.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes asked for at a time.
const PIECE_BYTES: usize = 64 << 10;

/// The input between a reader and the threads.
pub(super) struct Feed<R> {
    state: Mutex<State<R>>,
    arrived: Condvar,
}

struct State<R> {
    reader: Option<R>,
    pieces: VecDeque<Piece>,
    /// Buffers to be read into.
    spare: Vec<Vec<u8>>,
    /// Where the pieces end in the input.
    end: u64,
    has_ended: bool,
    failure: Option<io::Error>,
    /// Threads that wait for another's reading.
    waiting: usize,
}

/// Some bytes of the input.
#[derive(Clone)]
pub(super) struct Piece {
    /// Where they start in the input.
    offset: u64,
    bytes: Arc<Vec<u8>>,
    length: usize,
}

impl Piece {
    /// The bytes from `at` on, which is in the piece.
    pub(super) fn from(&self, at: u64) -> &[u8] {
        &self.bytes[(at - self.offset) as usize..self.length]
    }

    /// The bytes in `range`, which may lie elsewhere.
    pub(super) fn within(&self, range: Range<u64>) -> &[u8] {
        let place = |at: u64| at.clamp(self.offset, self.end()) - self.offset;
        &self.bytes[place(range.start) as usize..place(range.end) as usize]
    }

    fn end(&self) -> u64 {
        self.offset + self.length as u64
    }
}

/// What there is at some place of the input.
pub(super) enum Next {
    Piece(Piece),
    /// Nothing yet.
    Unknown,
    End,
}

impl<R: Read> Feed<R> {
    pub(super) fn new(reader: R) -> Self {
        let state = State {
            reader: Some(reader),
            pieces: VecDeque::new(),
            spare: Vec::new(),
            end: 0,
            has_ended: false,
            failure: None,
            waiting: 0,
        };
        Self { state: Mutex::new(state), arrived: Condvar::new() }
    }

    /// What there is at `at`. Nobody may ask for what is before it any more.
    pub(super) fn next(&self, at: u64) -> Next {
        let mut state = self.lock();
        while state.pieces.front().is_some_and(|piece| piece.end() <= at) {
            if let Some(piece) = state.pieces.pop_front()
                && let Ok(buffer) = Arc::try_unwrap(piece.bytes)
                && buffer.len() == PIECE_BYTES
            {
                state.spare.push(buffer);
            }
        }
        match state.pieces.front() {
            Some(piece) => Next::Piece(piece.clone()),
            None if state.has_ended => Next::End,
            None => Next::Unknown,
        }
    }

    /// The error that ended the input, if it was one.
    pub(super) fn take_failure(&self) -> Option<io::Error> {
        self.lock().failure.take()
    }

    /// Waits until the input is there up to `end`, or ends; or `must_stop` says so. Tells how far it is there.
    pub(super) fn read_to(&self, end: u64, must_stop: impl Fn() -> bool) -> u64 {
        let mut state = self.lock();
        loop {
            if state.end >= end || state.has_ended || must_stop() {
                return state.end;
            }
            state = match state.reader.take() {
                Some(reader) => self.read(state, reader),
                None => {
                    state.waiting += 1;
                    let mut state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
                    state.waiting -= 1;
                    state
                }
            };
        }
    }

    /// Puts the pieces into `pieces` that hold the bytes in `range`, as far as those are there; none if the first are not
    /// there any more.
    pub(super) fn pieces(&self, range: Range<u64>, pieces: &mut Vec<Piece>) {
        let state = self.lock();
        let first = state.pieces.partition_point(|piece| piece.end() <= range.start);
        pieces.clear();
        pieces.extend(state.pieces.range(first..).take_while(|piece| piece.offset < range.end).cloned());
        if pieces.first().is_none_or(|piece| piece.offset > range.start) {
            pieces.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one piece while others may look at the state.
    fn read<'s>(&'s self, mut state: MutexGuard<'s, State<R>>, reader: R) -> MutexGuard<'s, State<R>> {
        let mut buffer = state.spare.pop().unwrap_or_else(|| vec![0; PIECE_BYTES]);
        drop(state);
        let mut baton = Baton { feed: self, reader: Some(reader) };
        let result = baton.reader.as_mut().map_or(Ok(0), |reader| reader.read(&mut buffer));
        let reader = baton.reader.take();
        let mut state = self.lock();
        state.reader = reader;
        match result {
            Ok(0) => state.has_ended = true,
            Ok(count) if count > buffer.len() => {
                state.fail(io::Error::other("the reader claims more bytes than it was given room for"));
            }
            Ok(count) => {
                let offset = state.end;
                let bytes = if count < PIECE_BYTES / 4 {
                    buffer[..count].to_vec()
                } else {
                    std::mem::take(&mut buffer)
                };
                state.pieces.push_back(Piece { offset, bytes: Arc::new(bytes), length: count });
                state.end += count as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => state.fail(error),
        }
        if !buffer.is_empty() {
            state.spare.push(buffer);
        }
        if state.waiting > 0 {
            self.arrived.notify_all();
        }
        state
    }
}

impl<R> State<R> {
    fn fail(&mut self, error: io::Error) {
        self.has_ended = true;
        self.failure = Some(error);
    }
}

/// The reader while it reads. If it unwinds, the input has ended, so that nobody waits for more.
struct Baton<'f, R> {
    feed: &'f Feed<R>,
    reader: Option<R>,
}

impl<R> Drop for Baton<'_, R> {
    fn drop(&mut self) {
        if self.reader.is_some() {
            self.feed.state.lock().unwrap_or_else(PoisonError::into_inner).has_ended = true;
            self.feed.arrived.notify_all();
        }
    }
}
