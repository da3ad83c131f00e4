//! Who decodes what ahead of the frontier.
//!
//! The frontier is where everything before is known. One thread decodes from there, which costs least; the others
//! *claim* pieces of the input ahead of it and decode them speculatively: behind a window that they do not know, from
//! a place that they think is the start of a block. When the frontier comes to a claim whose speculation started
//! exactly where it stands, it skips what was speculated.
//!
//! ```text
//! input  ... done ... | frontier >>> | claim | gap | claim |  gap  | read ahead ...
//!                           known              '-- decoded by the frontier --'
//! ```
//!
//! A claim is placed so that the frontier has half as much again as its length ([`LEAD`]) to decode before it gets there: then it
//! finds the speculation done, and there is always something to do that needs no speculation. A claim that lies too
//! far ahead is followed by the next without a gap, so too large a lead costs only some memory.
//!
//! A frontier that arrives too early is left at the door of the claim: the thread that speculates stops at once, goes on
//! as the frontier, and what it has done so far is used as it is.
//!
//! A claim is made when its input is there, so the frontier never waits for input beyond what it needs.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::strand::Strand;
use crate::gzip::members::{Joint, Members};

/// How far, in halves of the length of a claim, the frontier should have to decode before it gets there.
const LEAD: u64 = 3;
/// Units that a speculation makes at most, and bytes after them.
const MOST_UNITS: usize = 1536 << 10;
const MOST_BYTES: usize = 1536 << 10;
/// What the data of a claim should come to, and bounds of the length of a claim.
const WANTED_BYTES: u64 = 1 << 20;
const LEAST_CLAIM: u64 = 32 << 10;
const MOST_CLAIM: u64 = 768 << 10;
/// Data per byte of input from where on the work on units costs more than it saves.
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
    pub(super) strand: Strand,
}

impl Speculation {
    fn new(grain: Grain) -> Self {
        let (units, bytes) = match grain {
            Grain::Measured => (MOST_UNITS, MOST_BYTES),
            Grain::Fixed(length) => (16 * length as usize, 16 * length as usize),
        };
        Self { members: Members::new(), strand: Strand::new(units, bytes) }
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
    Running(Joint),
    Done(Joint, Box<Speculation>),
    Over,
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

    /// Says that decoding starts at `joint`.
    pub(super) fn run(&self, joint: Joint) {
        self.go_on(Progress::Running(joint));
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
            (&Progress::Running(joint), Ok(made)) => (Progress::Done(joint, made), None),
            (_, Ok(made) | Err(made)) => (Progress::Over, Some(made)),
        };
        state.0 = progress;
        (state.1.take(), useless)
    }

    /// What the frontier finds that has come to byte `at`, where it stands at `joint`, if it `may_join`.
    pub(super) fn meet(&self, at: u64, joint: Option<Joint>, may_join: bool) -> Meeting {
        let mut state = self.lock();
        let start = match &state.0 {
            Progress::Searching => None,
            Progress::Running(start) | Progress::Done(start, _) => Some(*start),
            Progress::Over => return Meeting::Miss,
        };
        let byte = start.map_or(self.start, Joint::byte);
        if at < byte {
            return Meeting::Free(byte);
        }
        if at > byte || start.is_some() && start != joint {
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

    /// Says that the frontier went from `from` to `to` and made `made` bytes.
    pub(super) fn advance(&self, from: u64, to: u64, made: u64) {
        let mut state = self.lock();
        state.at = to;
        state.recent[0] += to - from;
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
        let start = state.end.max(state.at + claimed + LEAD * length / 2);
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
