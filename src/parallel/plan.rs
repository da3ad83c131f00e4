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
//! A thread starts far enough ahead ([`LEAD_BYTES`]) for the frontier to have something to do that needs no speculation,
//! and goes on behind what it has, claim by claim, without another search. The frontier comes, replays one claim after the
//! other, which takes much less time, and catches up with it. Claims are small, so that what is noted in them is still in
//! the caches when it is replayed, and their memory goes round. Where other threads have started further ahead, a thread
//! goes on up to there.
//!
//! A frontier that arrives too early is left at the door of the claim: the thread that speculates stops at once, goes on
//! as the frontier, and what it has done so far is used as it is.
//!
//! A claim is made when its input is there, so the frontier never waits for input beyond what it needs.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::ahead::{MOST_BYTES, Speculation};
use super::find::SEARCH_BYTES;
use crate::gzip::members::Joint;

/// What the data should come to that the frontier has to decode before it gets to where a thread starts.
const LEAD_BYTES: u64 = 2 << 20;
/// What the data of a claim should come to, and bounds of the length of a claim.
const WANTED_BYTES: u64 = 384 << 10;
const LEAST_CLAIM: u64 = 16 << 10;
const MOST_CLAIM: u64 = 384 << 10;
/// Claims for which there is room before the start of another thread.
const RUN: u64 = 4;
/// Claims under way at most, for each thread and one more.
const CLAIMS_PER_THREAD: u64 = 2;
/// Data per byte of input from where on matches are so long that replaying them is nearly all the work.
const MOST_RATIO: u64 = 24;
/// Input after which the ratio is that of what came later.
const RECENT_BYTES: u64 = 768 << 10;
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

/// A piece of the input that one thread has taken on. `F` is a frontier that may be left with it.
pub(super) struct Claim<F> {
    pub(super) start: u64,
    pub(super) end: u64,
    state: Mutex<(Progress, Option<F>)>,
    must_stop: AtomicBool,
    ended: Condvar,
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

/// Where the last claim of a thread ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    pub(super) at: u64,
    /// Up to where the thread may go on.
    pub(super) until: u64,
}

/// Where a claim may be made.
pub(super) struct Place {
    pub(super) start: u64,
    pub(super) end: u64,
    /// Up to where its thread may go on.
    pub(super) until: u64,
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
        Self { start, end, state, must_stop: AtomicBool::new(false), ended: Condvar::new() }
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
        self.ended.notify_all();
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

    /// Has the work on this claim stop, and waits for that; for whoever cannot leave the frontier.
    pub(super) fn wait(&self) {
        self.must_stop.store(true, Ordering::Relaxed);
        let mut state = self.lock();
        while matches!(state.0, Progress::Searching | Progress::Running(_)) {
            state = self.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that nobody will come for this claim, or nothing of it; gives back what was made.
    pub(super) fn abandon(&self) -> Option<Box<Speculation>> {
        self.must_stop.store(true, Ordering::Relaxed);
        let progress = std::mem::replace(&mut self.lock().0, Progress::Over);
        self.ended.notify_all();
        match progress {
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
    /// Members that ended before the frontier.
    members: u64,
    /// In the order of their places.
    claims: VecDeque<Arc<Claim<F>>>,
    /// Claims whose input is being read.
    reserved: usize,
    /// Where what threads have taken on ends.
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
            members: 0,
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
        if state.recent[0] > RECENT_BYTES {
            state.recent = state.recent.map(|count| count / 2);
        }
    }

    /// Says that so many members ended.
    pub(super) fn end_members(&self, count: u64) {
        if count > 0 {
            self.lock().members += count;
        }
    }

    /// Whether the file is known to have more than one member.
    pub(super) fn has_members(&self) -> bool {
        self.lock().members > 0
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
            state.pause_end = state.at + (RECENT_BYTES << (state.misses - PATIENCE).min(8));
        }
        if let Some(claim) = state.claims.pop_front() {
            state.spare.extend(claim.abandon());
        }
    }

    /// A place for a claim, of which the input is to be read; where a thread's last one ended, if that is of use. None
    /// if there should be no claim now.
    pub(super) fn reserve(&self, tail: Option<Tail>) -> Option<Place> {
        let mut state = self.lock();
        let place = self.place(&state, tail)?;
        state.end = state.end.max(place.until);
        state.reserved += 1;
        Some(place)
    }

    /// Whether a thread that has nothing to do could claim something.
    pub(super) fn is_wanting(&self) -> bool {
        self.place(&self.lock(), None).is_some()
    }

    fn place(&self, state: &State<F>, tail: Option<Tail>) -> Option<Place> {
        let under_way = (state.claims.len() + state.reserved) as u64;
        let [input, data] = state.recent;
        let is_eager = self.is_eager();
        if self.threads < 2 && !is_eager
            || state.at < state.pause_end
            || under_way >= CLAIMS_PER_THREAD * (self.threads + 1)
            || data > MOST_RATIO * input && !is_eager
        {
            return None;
        }
        let all = self.input_length.unwrap_or(u64::MAX);
        let left = all.saturating_sub(state.at);
        let (length, lead) = match self.grain {
            Grain::Fixed(length) => (length, 3 * length / 2),
            Grain::Measured => {
                let of_data = |wanted| wanted * input / data.max(1);
                // Near the end, all should be done at a time.
                let lead = of_data(LEAD_BYTES).min(left / (8 * self.threads) * 7);
                (of_data(WANTED_BYTES).clamp(LEAST_CLAIM, MOST_CLAIM), lead)
            }
        };
        if let Some(Tail { at: start, until }) = tail
            && state.misses == 0
            && state.at + length / 2 <= start
        {
            let until = if until == state.end { until.max(start + length) } else { until };
            let end = all.min(until).min(start + length);
            if end > start {
                return Some(Place { start, end, until });
            }
        }
        let claimed: u64 = state.claims.iter().map(|claim| claim.end - claim.start).sum();
        let start = state.end.max(state.at + lead.max(claimed + lead / 3));
        // With room for a search; and for the start of a member, where there are many.
        let member = state.at.checked_div(state.members).unwrap_or(0);
        let length = if is_eager { length } else { length.max(SEARCH_BYTES as u64) };
        let reach = if is_eager { length } else { length.max((member + member / 4).min(MOST_CLAIM)) };
        let end = if start + reach <= all { start + reach } else { start + length };
        (lead >= LEAST_CLAIM || is_eager).then_some(())?;
        // With two threads, no other starts further ahead while this one goes on.
        let run = if self.threads > 2 { RUN } else { 1 };
        (end <= all).then_some(Place { start, end, until: end.max(start.saturating_add(run * length)) })
    }

    /// Lets go of a place that has no input.
    pub(super) fn let_go(&self) {
        self.lock().reserved -= 1;
    }

    /// Makes the claim of a place whose input is there up to `end`, unless the frontier is too near by now.
    pub(super) fn claim(&self, start: u64, end: u64) -> Option<(Arc<Claim<F>>, Box<Speculation>)> {
        let mut state = self.lock();
        state.reserved -= 1;
        if state.at + (end - start) / 2 > start {
            return None;
        }
        let claim = Arc::new(Claim::new(start, end));
        let place = state.claims.partition_point(|other| other.start < start);
        state.claims.insert(place, claim.clone());
        let spare = state.spare.pop();
        drop(state);
        Some((claim, spare.unwrap_or_else(|| Box::new(self.speculation()))))
    }

    /// A speculation with room for a claim.
    fn speculation(&self) -> Speculation {
        Speculation::new(match self.grain {
            Grain::Measured => MOST_BYTES,
            Grain::Fixed(length) => 16 * length as usize,
        })
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
