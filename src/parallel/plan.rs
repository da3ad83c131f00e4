//! Who decodes what ahead of the frontier.
//!
//! The frontier is where everything before is known. One thread decodes from there, which costs least; the others
//! *claim* pieces of the input ahead of it and decode them speculatively: behind a window that they do not know, from
//! a place that they think is the start of a block. When the frontier comes to a claim whose speculation started
//! exactly where it stands, it replays what was speculated.
//!
//! ```text
//! input  ... done ... | frontier >>> | claim | gap | claim |  gap  | read ahead ...
//!                           known              '-- decoded by the frontier --'
//! ```
//!
//! A claim is placed so that the frontier has half as much again as its length ([`LEAD`]) to decode before it gets there,
//! or half its length beside the claims before it: then it finds the speculation done, and there is always something to do
//! that needs no speculation. A claim that lies too far ahead is followed by the next without a gap, so too large a lead
//! costs only some memory. A thread that claims where its last speculation ended goes on from there, and searches nothing.
//!
//! A frontier that arrives too early is left at the door of the claim: the thread that speculates stops at once, goes on
//! as the frontier, and what it has done so far is used as it is.
//!
//! A claim is made when its input is there, so the frontier never waits for input beyond what it needs.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::strand::Strand;
use crate::error::Error;
use crate::gzip::members::{Body, Joint, Members, TRAILER_BYTES};
use crate::inflate::window::MAX_DISTANCE;
use crate::inflate::{Inflate, Place, Status, Tokens};

/// How far, in halves of the length of a claim, the frontier should have to decode before it gets there.
const LEAD: u64 = 3;
/// Bytes that the tokens of a speculation stand for at most, and bytes after them.
const MOST_BYTES: usize = 1280 << 10;
/// Of them, for each match there is room for; data with shorter ones ends a speculation early.
const BYTES_PER_MATCH: usize = 6;
/// What the data of a claim should come to, and bounds of the length of a claim.
const WANTED_BYTES: u64 = 1 << 20;
const LEAST_CLAIM: u64 = 32 << 10;
const MOST_CLAIM: u64 = 768 << 10;
/// Data per byte of input from where on matches are so long that replaying them is nearly all the work.
const MOST_RATIO: u64 = 24;
/// Claims in a row that may be for nothing before there is a pause, each longer than the one before.
const PATIENCE: u32 = 4;

/// The size of claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    /// As measured best.
    Measured,
    /// As a test wants it. Then claims come before the frontier, and one thread makes some, too: what happens does not
    /// hang on which thread is faster.
    Fixed(u64),
}

/// Data decoded ahead of the frontier, and where its decoder stands.
pub(super) struct Speculation {
    pub(super) members: Members,
    pub(super) ahead: Ahead,
}

/// What was decoded: tokens up to where a member starts, and bytes from there on; or bytes alone.
pub(super) struct Ahead {
    pub(super) tokens: Tokens,
    /// Whether what comes next is tokens.
    is_unknown: bool,
    pub(super) strand: Strand,
}

impl Ahead {
    /// Starts anew, behind a window that may not be known.
    pub(super) fn restart(&mut self, is_unknown: bool) {
        self.tokens.clear();
        self.strand.restart(&[]);
        self.is_unknown = is_unknown;
    }

    /// Goes over to bytes, if 32 KiB of tokens refer to nothing before them: what follows cannot either. Not behind the end of
    /// a member, for its tokens come before its trailer.
    pub(super) fn settle(&mut self) {
        let is_open = self.is_unknown && self.strand.is_empty();
        if is_open && self.tokens.bytes() >= MAX_DISTANCE && self.tokens.reach() == 0 {
            let mut from = Place::default();
            self.strand.replay(&self.tokens, &mut from);
            if self.tokens.end_at(from) {
                self.tokens.clear();
                self.is_unknown = false;
            } else {
                self.strand.restart(&[]);
            }
        }
    }

    /// Whether the window before what comes next is unknown.
    pub(super) fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    /// The length of the data.
    pub(super) fn length(&self) -> usize {
        self.tokens.bytes() + self.strand.length()
    }
}

impl Body for Ahead {
    fn start(&mut self) {
        self.is_unknown = false;
        self.strand.start();
    }

    fn decode(&mut self, inflate: &mut Inflate, input: &mut &[u8]) -> Result<Status, Error> {
        if !self.is_unknown {
            return self.strand.decode(inflate, input);
        }
        let progress = inflate.decode_to(input, &mut self.tokens);
        *input = &input[progress.consumed..];
        progress.status
    }

    fn end(&mut self, trailer: [u8; TRAILER_BYTES], at: u64) -> Result<(), Error> {
        self.strand.end(trailer, at)
    }
}

impl Speculation {
    fn new(grain: Grain) -> Self {
        let bytes = match grain {
            Grain::Measured => MOST_BYTES,
            Grain::Fixed(length) => 16 * length as usize,
        };
        let tokens = Tokens::new(bytes, bytes / BYTES_PER_MATCH);
        let ahead = Ahead { tokens, is_unknown: false, strand: Strand::new(bytes) };
        Self { members: Members::new(), ahead }
    }
}

/// A piece of the input that one thread has taken on. `F` is a frontier that may be left with it.
pub(super) struct Claim<F> {
    pub(super) start: u64,
    pub(super) end: u64,
    state: Mutex<(Progress, Option<F>)>,
    must_stop: AtomicBool,
}

/// How far a claim is.
enum Progress {
    /// A place to start at is looked for.
    Searching,
    /// Decoding from this place.
    Running(Start),
    Done(Start, Box<Speculation>),
    Over,
}

/// Where a speculation starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// At a place where the frontier can stand.
    Joint(Joint),
    /// Where the one before it ended, in the middle of anything: it is good if the frontier joined that one.
    Continued,
}

/// What a frontier finds ahead.
pub(super) enum Meeting {
    /// It may go to this byte.
    Free(u64),
    /// It is there, and may not join now.
    Door,
    /// It is there, and the speculation goes on where it stands.
    Join(Box<Speculation>),
    /// It is there, and the thread of the claim is not ready.
    Early,
    /// The claim was for nothing.
    Miss,
}

impl<F> Claim<F> {
    fn new(start: u64, end: u64) -> Self {
        let state = Mutex::new((Progress::Searching, None));
        Self { start, end, state, must_stop: AtomicBool::new(false) }
    }

    /// Whether nobody needs more of this claim: a hint.
    pub(super) fn must_stop(&self) -> bool {
        self.must_stop.load(Ordering::Relaxed)
    }

    /// Says that decoding starts at `start`.
    pub(super) fn run(&self, start: Start) {
        self.go_on(Progress::Running(start));
    }

    /// Says that there is nothing to be decoded where it was tried.
    pub(super) fn search(&self) {
        self.go_on(Progress::Searching);
    }

    fn go_on(&self, progress: Progress) {
        let mut state = self.lock();
        if !matches!(state.0, Progress::Over) {
            state.0 = progress;
        }
    }

    /// Ends the work on this claim; what came of it, if it is good, is for the frontier. Returns the frontier if it was
    /// left here, and what nobody wants.
    pub(super) fn finish(
        &self,
        made: Result<Box<Speculation>, Box<Speculation>>,
    ) -> (Option<F>, Option<Box<Speculation>>) {
        let mut state = self.lock();
        let (progress, useless) = match (&state.0, made) {
            (&Progress::Running(start), Ok(made)) => (Progress::Done(start, made), None),
            (_, Ok(made) | Err(made)) => (Progress::Over, Some(made)),
        };
        state.0 = progress;
        (state.1.take(), useless)
    }

    /// What the frontier finds that has come to byte `at`, where it stands at `starts`, if it `may_join`.
    pub(super) fn meet(&self, at: u64, starts: &[Option<Start>], may_join: bool) -> Meeting {
        let mut state = self.lock();
        let start = match &state.0 {
            Progress::Searching => None,
            Progress::Running(start) | Progress::Done(start, _) => Some(*start),
            Progress::Over => return Meeting::Miss,
        };
        let byte = match start {
            Some(Start::Joint(joint)) => joint.byte(),
            Some(Start::Continued) | None => self.start,
        };
        if at < byte {
            return Meeting::Free(byte);
        }
        if at > byte || start.is_some() && !starts.contains(&start) {
            return Meeting::Miss;
        }
        if !may_join {
            return Meeting::Door;
        }
        match std::mem::replace(&mut state.0, Progress::Over) {
            Progress::Done(_, made) => Meeting::Join(made),
            progress => {
                state.0 = progress;
                Meeting::Early
            }
        }
    }

    /// Leaves `frontier` to the thread of the claim; gives it back if that is ready meanwhile.
    pub(super) fn leave(&self, frontier: F) -> Result<(), F> {
        let mut state = self.lock();
        if matches!(state.0, Progress::Done(..) | Progress::Over) {
            return Err(frontier);
        }
        state.1 = Some(frontier);
        self.must_stop.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Says that nobody will come for this claim; gives back what was made.
    fn abandon(&self) -> Option<Box<Speculation>> {
        self.must_stop.store(true, Ordering::Relaxed);
        match std::mem::replace(&mut self.lock().0, Progress::Over) {
            Progress::Done(_, made) => Some(made),
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, (Progress, Option<F>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The claims, and where the next should lie.
pub(super) struct Plan<F> {
    state: Mutex<State<F>>,
    grain: Grain,
    threads: u64,
    input_length: Option<u64>,
}

struct State<F> {
    /// Where the frontier is in the input.
    at: u64,
    /// Input and data of late, for their ratio.
    recent: [u64; 2],
    /// In the order of their places.
    claims: VecDeque<Arc<Claim<F>>>,
    /// Claims whose input is being read.
    reserved: usize,
    /// Where the last claim ends.
    end: u64,
    /// Claims that were for nothing since one was not, and from where on claims are made again.
    misses: u32,
    pause_end: u64,
    /// Claims that were of use.
    used: u64,
    #[expect(clippy::vec_box, reason = "they go from hand to hand in their boxes")]
    spare: Vec<Box<Speculation>>,
}

impl<F> Plan<F> {
    /// A plan for `threads` threads.
    pub(super) fn new(threads: usize, input_length: Option<u64>, grain: Grain) -> Self {
        let state = State {
            at: 0,
            recent: [1, 3],
            claims: VecDeque::new(),
            reserved: 0,
            end: 0,
            misses: 0,
            pause_end: 0,
            used: 0,
            spare: Vec::new(),
        };
        Self { state: Mutex::new(state), grain, threads: threads as u64, input_length }
    }

    /// Whether claims come before the frontier.
    pub(super) fn is_eager(&self) -> bool {
        self.grain != Grain::Measured
    }

    /// Says that the frontier went to byte `to` and made `made` bytes.
    pub(super) fn advance(&self, to: u64, made: u64) {
        let mut state = self.lock();
        state.recent[0] += to - state.at;
        state.at = to;
        state.recent[1] += made;
        if state.recent[0] > MOST_CLAIM {
            state.recent = state.recent.map(|count| count / 2);
        }
    }

    /// The claim that the frontier comes to next.
    pub(super) fn next(&self) -> Option<Arc<Claim<F>>> {
        self.lock().claims.front().cloned()
    }

    /// Takes the next claim out: it was used, or for nothing.
    pub(super) fn pass(&self, was_used: bool) {
        let mut state = self.lock();
        state.misses = if was_used { 0 } else { state.misses + 1 };
        state.used += u64::from(was_used);
        if state.misses > PATIENCE && !self.is_eager() {
            state.pause_end = state.at + (MOST_CLAIM << (state.misses - PATIENCE).min(8));
        }
        if let Some(claim) = state.claims.pop_front() {
            state.spare.extend(claim.abandon());
        }
    }

    /// A place for a claim, of which the input is to be read: where it starts and ends. None if there should be no
    /// claim now.
    pub(super) fn reserve(&self) -> Option<(u64, u64)> {
        let mut state = self.lock();
        let busy = state.claims.len() + state.reserved;
        if self.threads < 2 && !self.is_eager()
            || state.at < state.pause_end
            || busy as u64 > self.threads + self.threads / 4 + 2
        {
            return None;
        }
        let [input, data] = state.recent;
        let length = match self.grain {
            Grain::Fixed(length) => length,
            Grain::Measured if data > MOST_RATIO * input => return None,
            Grain::Measured => {
                // Short near the start, where nothing is known, and near the end, where all should be done at a time.
                let left = self.input_length.map_or(u64::MAX, |all| all.saturating_sub(state.at));
                let wanted =
                    (WANTED_BYTES * input / data.max(1)).min(state.at / 2).min(left / (3 * self.threads));
                wanted.clamp(LEAST_CLAIM, MOST_CLAIM)
            }
        };
        let claimed: u64 = state.claims.iter().map(|claim| claim.end - claim.start).sum();
        let start = state.end.max(state.at + (LEAD * length / 2).max(claimed + length / 2));
        if self.input_length.is_some_and(|all| start + length > all) {
            return None;
        }
        state.end = start + length;
        state.reserved += 1;
        Some((start, start + length))
    }

    /// Makes the claim of a place whose input is there up to `end`, unless the frontier is too near by now.
    pub(super) fn claim(&self, start: u64, end: u64) -> Option<(Arc<Claim<F>>, Box<Speculation>)> {
        let mut state = self.lock();
        state.reserved -= 1;
        if end <= start || state.at + (end - start) / 2 > start {
            return None;
        }
        let claim = Arc::new(Claim::new(start, end));
        let place = state.claims.partition_point(|other| other.start < start);
        state.claims.insert(place, claim.clone());
        let spare = state.spare.pop();
        drop(state);
        Some((claim, spare.unwrap_or_else(|| Box::new(Speculation::new(self.grain)))))
    }

    /// Whether what goes on from a speculation may be of use: none was for nothing of late.
    pub(super) fn is_lucky(&self) -> bool {
        self.lock().misses == 0
    }

    /// How many claims were of use.
    pub(super) fn used(&self) -> u64 {
        self.lock().used
    }

    /// Takes back what was used.
    pub(super) fn give_back(&self, used: Box<Speculation>) {
        self.lock().spare.push(used);
    }

    fn lock(&self) -> MutexGuard<'_, State<F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
