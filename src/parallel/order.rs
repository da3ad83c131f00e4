//! The ordering core: pieces are read in order, worked on side by side, and written in order.
//!
//! There are no reading or writing threads. The input and the output are batons: whoever holds one reads or writes,
//! then puts it back and goes on as a worker. A thread that asks for its next task gets the first of
//!
//! 1. `Write`: the output lies free and the piece that is due has been handed in;
//! 2. `Read`: the input lies free and less than `depth` pieces are between their reading and the end of their writing;
//! 3. `Leave`: the input has ended, or a thread has failed;
//!
//! and sleeps until one of them comes up.
//!
//! ```text
//!             head               next
//! pieces  ... | w | r | - | r | - | free ...     w being written, r handed in, - being worked on
//!             '------ at most depth -----'
//! ```
//!
//! Invariants:
//! 1. `head <= next <= head + depth`; piece `k` waits in `ring[k % depth]`, so no two pieces share a place.
//! 2. The output is away exactly while piece `head` is being written.
//! 3. Nobody sleeps on work that can be done. A baton put back, and so a place set free, wakes one sleeper, and the
//!    thread that put it back looks for a task itself; where that is enough (`keep_input`, `keep_output`), nobody is woken. A
//!    piece handed in needs no waking: the thread that hands it in looks for a task next, and if the output is away, the
//!    thread that has it looks again afterwards.
//! 4. A thread may leave once the input has ended: each piece still being worked on is followed by a look for a task
//!    by the thread that hands it in, so every piece finds its writer.
//! 5. At most `depth` values of `T` are ever made; they go round.
//!
//! A pool with work stealing fits badly: its threads must not sleep on reads, writes and each other's order, and it
//! starts all or fails. Here a thread that cannot be started is merely absent.
//!
//! The tests run small crews through every interleaving of their steps.

use std::sync::PoisonError;

#[cfg(all(test, loom))]
use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(all(test, loom)))]
use std::sync::{Condvar, Mutex, MutexGuard};

/// The order of pieces `T` between an input `I` and an output `O`.
#[derive(Debug)]
pub(super) struct Order<I, O, T, E> {
    state: Mutex<State<I, O, T, E>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<I, O, T, E> {
    input: Option<I>,
    output: Option<O>,
    ring: Vec<Option<T>>,
    spare: Vec<T>,
    /// The piece to be written next.
    head: u64,
    /// The piece to be read next.
    next: u64,
    has_ended: bool,
    has_failed: bool,
    failure: Option<E>,
    /// Threads that wait: without one, none is woken, which would cost a system call.
    sleepers: usize,
}

type Guarded<'s, I, O, T, E> = MutexGuard<'s, State<I, O, T, E>>;

/// What to do next.
#[derive(Debug)]
pub(super) enum Task<I, O, T> {
    /// Read a piece, put the input back with [`Order::put_input`], work, and [`Order::hand_in`] the piece.
    Read { input: I, ticket: Ticket, spare: T },
    /// Write a piece and put the output back with [`Order::put_output`].
    Write { output: O, piece: T },
    /// Nothing is left for this thread.
    Leave,
}

/// The place of a piece in the order.
#[derive(Debug)]
pub(super) struct Ticket(u64);

impl<I, O, T: Default, E> Order<I, O, T, E> {
    /// An order with at most `depth` pieces under way.
    pub(super) fn new(input: I, output: O, depth: usize) -> Self {
        let state = State {
            input: Some(input),
            output: Some(output),
            ring: (0..depth).map(|_| None).collect(),
            spare: Vec::with_capacity(depth),
            head: 0,
            next: 0,
            has_ended: false,
            has_failed: false,
            failure: None,
            sleepers: 0,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Waits for a task.
    pub(super) fn next_task(&self) -> Task<I, O, T> {
        let mut state = self.lock();
        loop {
            if let Some(task) = state.take_task() {
                return task;
            }
            state = self.sleep(state);
        }
    }

    /// A task, if there is one now.
    pub(super) fn poll_task(&self) -> Option<Task<I, O, T>> {
        self.lock().take_task()
    }

    /// A task, if there is one now or at the next change.
    pub(super) fn wait_task(&self) -> Option<Task<I, O, T>> {
        let mut state = self.lock();
        if let Some(task) = state.take_task() {
            return Some(task);
        }
        self.sleep(state).take_task()
    }

    /// Puts the input back after a piece was read; `is_last` if no piece follows.
    pub(super) fn put_input(&self, input: I, is_last: bool) {
        let mut state = self.lock();
        if is_last {
            state.has_ended = true;
            self.changed.notify_all();
        } else {
            state.input = Some(input);
            self.wake_one(&state);
        }
    }

    /// Puts the input back as [`Order::put_input`] does, but wakes nobody: the caller looks for a task at once, and what
    /// it finds does not keep it long.
    pub(super) fn keep_input(&self, input: I) {
        self.lock().input = Some(input);
    }

    /// Hands in a piece that is ready to be written.
    pub(super) fn hand_in(&self, ticket: Ticket, piece: T) {
        let mut state = self.lock();
        let place = (ticket.0 % state.ring.len() as u64) as usize;
        state.ring[place] = Some(piece);
    }

    /// Puts the output back after a piece was written, and the piece for another use.
    pub(super) fn put_output(&self, output: O, spare: T) {
        let mut state = self.lock();
        self.wake_one(state.written(output, spare));
    }

    /// To [`Order::put_output`] what [`Order::keep_input`] is to [`Order::put_input`].
    pub(super) fn keep_output(&self, output: O, spare: T) {
        self.lock().written(output, spare);
    }

    /// Ends everything; the first failure counts. Batons need not be put back any more.
    pub(super) fn fail(&self, failure: E) {
        let mut state = self.lock();
        state.has_failed = true;
        state.failure.get_or_insert(failure);
        self.changed.notify_all();
    }

    /// Whether a thread has failed: a hint to stop early what can be stopped.
    pub(super) fn has_failed(&self) -> bool {
        self.lock().has_failed
    }

    /// Ends everything if this thread unwinds while the guard lives, so that no other thread waits for it.
    pub(super) fn guard(&self) -> Guard<'_, I, O, T, E> {
        Guard(self)
    }

    /// The output after all threads have left, or the failure; neither if a thread unwound.
    pub(super) fn into_output(self) -> Result<O, Option<E>> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.output {
            Some(output) if !state.has_failed => Ok(output),
            _ => Err(state.failure),
        }
    }
}

impl<I, O, T, E> Order<I, O, T, E> {
    /// Ends everything without a failure to tell.
    fn abandon(&self) {
        self.lock().has_failed = true;
        self.changed.notify_all();
    }

    /// Waits until something changes.
    fn sleep<'s>(&self, mut state: Guarded<'s, I, O, T, E>) -> Guarded<'s, I, O, T, E> {
        state.sleepers += 1;
        let mut state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.sleepers -= 1;
        state
    }

    fn wake_one(&self, state: &State<I, O, T, E>) {
        if state.sleepers > 0 {
            self.changed.notify_one();
        }
    }

    fn lock(&self) -> Guarded<'_, I, O, T, E> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<I, O, T: Default, E> State<I, O, T, E> {
    /// Takes the output back, and a piece that was written.
    fn written(&mut self, output: O, spare: T) -> &Self {
        self.output = Some(output);
        self.spare.push(spare);
        self.head += 1;
        self
    }

    fn take_task(&mut self) -> Option<Task<I, O, T>> {
        if self.has_failed {
            return Some(Task::Leave);
        }
        let depth = self.ring.len() as u64;
        if let Some(output) = self.output.take() {
            match self.ring[(self.head % depth) as usize].take() {
                Some(piece) => return Some(Task::Write { output, piece }),
                None => self.output = Some(output),
            }
        }
        if self.has_ended {
            return Some(Task::Leave);
        }
        if self.next < self.head + depth
            && let Some(input) = self.input.take()
        {
            let ticket = Ticket(self.next);
            self.next += 1;
            return Some(Task::Read { input, ticket, spare: self.spare.pop().unwrap_or_default() });
        }
        None
    }
}

/// See [`Order::guard`].
#[derive(Debug)]
pub(super) struct Guard<'a, I, O, T, E>(&'a Order<I, O, T, E>);

impl<I, O, T, E> Drop for Guard<'_, I, O, T, E> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.abandon();
        }
    }
}

#[cfg(all(test, loom))]
#[path = "order_tests.rs"]
mod tests;
