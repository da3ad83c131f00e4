//! What the threads of a caller's pool decode ahead of the frontier.
//!
//! ```text
//! a thread that reads:  desk -> plan: a place -> feed: its input -> ready, and a task is spawned
//! a task, once it runs: ready -> plan: a claim -> decode -> claim: what came of it; the desk is free again
//! ```
//!
//! A pool may be small, or busy for ever, or wait itself for the data that is read here. So one more thread of ours decodes
//! from the frontier, whether there are tasks or not, and what is left to tasks is what can be done without.
//!
//! Invariants:
//! 1. A task never waits: its input is there before it is spawned, it decodes one claim, and it ends.
//! 2. Nobody waits for a task that has not begun. Its place is claimed only when it begins; until then the frontier does not
//!    know of it, and goes on.
//! 3. A task that has not begun holds nothing, and one that has begun holds neither the reader nor the writer. Once all is over,
//!    the first does nothing, and the other ends at its next look.
//! 4. There is a desk for each task; so many are under way at most.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::ahead::Desk;
use super::plan::{Claim, Plan};

/// A pool of the caller's.
#[cfg(feature = "rayon")]
pub(super) type Pool = Arc<rayon::ThreadPool>;
/// Without the crate nobody has one.
#[cfg(not(feature = "rayon"))]
#[derive(Clone, Debug)]
pub(super) struct Pool(std::convert::Infallible);

/// Threads of `pool`.
#[cfg(feature = "rayon")]
pub(super) fn threads(pool: &Pool) -> usize {
    pool.current_num_threads()
}
#[cfg(not(feature = "rayon"))]
pub(super) fn threads(pool: &Pool) -> usize {
    match pool.0 {}
}

/// Has a thread of `pool` do `task` some time, or never.
#[cfg(feature = "rayon")]
fn spawn(pool: &Pool, task: impl FnOnce() + Send + 'static) {
    pool.spawn(task);
}
#[cfg(not(feature = "rayon"))]
fn spawn(pool: &Pool, _: impl FnOnce() + Send + 'static) {
    match pool.0 {}
}

/// The tasks of a pool that decode ahead of a frontier `F`.
pub(super) struct Helpers<F> {
    pool: Pool,
    desks: Arc<Desks<F>>,
}

struct Desks<F> {
    plan: Arc<Plan<F>>,
    state: Mutex<State>,
    changed: Condvar,
    /// Nothing more is of use.
    is_over: AtomicBool,
}

struct State {
    /// Where nobody works.
    free: Vec<Desk>,
    /// Whose input is there, which lies in this range.
    ready: VecDeque<(Desk, Range<u64>)>,
    /// How many there are.
    number: usize,
    /// Whether there may be a place that there was not when one was looked for.
    has_changed: bool,
    /// Whether who reads ahead waits.
    is_waiting: bool,
}

impl State {
    /// Whether nothing is under way, and nothing will be.
    fn rests(&self) -> bool {
        self.is_waiting && !self.has_changed && self.free.len() == self.number
    }
}

impl<F: Send + 'static> Helpers<F> {
    /// At most `number` tasks at a time.
    pub(super) fn new(pool: Pool, number: usize, plan: Arc<Plan<F>>) -> Self {
        let free = (0..number).map(|_| Desk::default()).collect();
        let state = State { free, ready: VecDeque::new(), number, has_changed: true, is_waiting: false };
        let (state, changed, is_over) = (Mutex::new(state), Condvar::new(), AtomicBool::new(false));
        Self { pool, desks: Arc::new(Desks { plan, state, changed, is_over }) }
    }

    /// The life of the thread that reads ahead. `reserve` finds a place, and puts its input on the desk.
    pub(super) fn read_ahead(&self, reserve: impl Fn(&mut Desk) -> Option<Range<u64>>) {
        while let Some(mut desk) = self.desk() {
            let place = reserve(&mut desk);
            let mut state = self.desks.lock();
            let Some(range) = place else {
                state.free.push(desk);
                continue;
            };
            state.ready.push_back((desk, range));
            // There may be another.
            state.has_changed = true;
            drop(state);
            let desks = Arc::downgrade(&self.desks);
            spawn(&self.pool, move || _ = desks.upgrade().map(|desks| desks.work()));
        }
    }

    /// Waits for a desk, and for a reason to look for a place; none once all is over.
    fn desk(&self) -> Option<Desk> {
        let mut state = self.desks.lock();
        loop {
            if self.desks.is_over() {
                return None;
            }
            if state.has_changed
                && let Some(desk) = state.free.pop()
            {
                state.has_changed = false;
                return Some(desk);
            }
            state.is_waiting = true;
            self.desks.changed.notify_all();
            state = self.desks.wait(state);
            state.is_waiting = false;
        }
    }

    /// Says that there may be a place.
    pub(super) fn wake(&self) {
        let mut state = self.desks.lock();
        state.has_changed = true;
        if !state.free.is_empty() {
            self.desks.changed.notify_all();
        }
    }

    /// For tests, where what happens must not hang on who is faster: waits until nothing is under way.
    pub(super) fn rest(&self) {
        let mut state = self.desks.lock();
        while !(self.desks.is_over() || state.rests()) {
            state = self.desks.wait(state);
        }
    }

    /// Ends all, at the end of the life of what it returns.
    pub(super) fn closing(&self) -> Closing<'_, F> {
        Closing(&self.desks)
    }
}

/// See [`Helpers::closing`].
pub(super) struct Closing<'a, F>(&'a Desks<F>);

impl<F> Drop for Closing<'_, F> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
        self.0.change(|state| state.ready.clear());
    }
}

impl<F> Desks<F> {
    /// Does what is ready, if anything is.
    fn work(&self) {
        let Some((mut desk, range)) = self.lock().ready.pop_front() else { return };
        if let Some((claim, speculation)) = self.plan.claim(range.start, range.end) {
            let _guard = OverUnless(&claim);
            _ = desk.speculate(&self.plan, &claim, speculation, || self.is_over());
        }
        desk.input.clear();
        self.change(|state| state.free.push(desk));
    }

    /// Makes a change that may be waited for.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        state.has_changed = true;
        self.changed.notify_all();
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says of a claim that it was for nothing, if the task unwinds that works on it.
struct OverUnless<'a, F>(&'a Claim<F>);

impl<F> Drop for OverUnless<'_, F> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.abandon();
        }
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
