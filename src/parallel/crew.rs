//! Chunks compressed by whoever is free: threads of our own, a pool of the caller's, or the caller.
//!
//! ```text
//! owner: submit -> queue -> [ worker, pool task, or the owner itself: encode ] -> done -> owner: take, in order
//! ```
//!
//! Invariants:
//! 1. Work never waits: who takes a job has all that it needs, and hands the result in. So a pool is never held up by
//!    a reader, a writer, or another job.
//! 2. The owner waits only for jobs that someone works on: as long as the one it needs is in the queue, it takes the next
//!    job itself. So it needs no worker, and may be a task of the same pool.
//! 3. A result depends on its job alone, whoever does it.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::bits::fragment::Fragment;
use crate::checksum::Crc32;
use crate::deflate::chunk::ChunkEncoder;
use crate::level::Level;
use crate::lz77::window::Window;

/// Who works beside the owner.
#[derive(Debug)]
pub(super) enum Staff {
    /// Threads, the owner counted among them, that are started as they are needed.
    Threads { most: NonZeroUsize, started: Vec<JoinHandle<()>> },
    /// The threads of a pool.
    #[cfg(feature = "rayon")]
    Pool(Arc<rayon::ThreadPool>),
}

/// A chunk to be compressed, with its place in the order.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) ticket: u64,
    pub(super) window: Window,
    /// Memory for the result.
    pub(super) fragment: Fragment,
    pub(super) is_last: bool,
}

/// A compressed chunk.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) fragment: Fragment,
    pub(super) crc: Crc32,
    /// What was compressed, to be used again.
    pub(super) window: Window,
}

/// A worker unwound.
#[derive(Debug)]
pub(super) struct Lost;

/// What all share.
#[derive(Debug)]
struct Desk {
    level: Level,
    state: Mutex<State>,
    /// There is a job, or there will be none.
    queued: Condvar,
    /// A job is done.
    finished: Condvar,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Job>,
    done: BTreeMap<u64, Done>,
    encoders: Vec<ChunkEncoder>,
    /// Threads that wait for a job.
    idle: usize,
    is_closed: bool,
    has_lost: bool,
}

/// The owner's end.
#[derive(Debug)]
pub(super) struct Crew {
    desk: Arc<Desk>,
    staff: Staff,
}

impl Crew {
    pub(super) fn new(level: Level, staff: Staff) -> Self {
        let state = Mutex::new(State::default());
        let desk = Desk { level, state, queued: Condvar::new(), finished: Condvar::new() };
        Self { desk: Arc::new(desk), staff }
    }

    /// Queues a job.
    pub(super) fn submit(&mut self, job: Job) {
        let idle = {
            let mut state = self.desk.lock();
            state.queue.push_back(job);
            state.idle
        };
        self.desk.queued.notify_one();
        match &mut self.staff {
            Staff::Threads { most, started } => {
                if idle == 0 && started.len() + 1 < most.get() {
                    let desk = Arc::clone(&self.desk);
                    let thread = thread::Builder::new().name("rigz".into());
                    // One that cannot be started is done without.
                    started.extend(thread.spawn(move || desk.work_until_closed()));
                }
            }
            #[cfg(feature = "rayon")]
            Staff::Pool(pool) => {
                let desk = Arc::clone(&self.desk);
                pool.spawn(move || _ = desk.work());
            }
        }
    }

    /// The result of a job, if it is there.
    pub(super) fn poll(&self, ticket: u64) -> Option<Done> {
        self.desk.lock().done.remove(&ticket)
    }

    /// The result of a job that was submitted.
    pub(super) fn take(&self, ticket: u64) -> Result<Done, Lost> {
        loop {
            let mut state = self.desk.lock();
            loop {
                if let Some(done) = state.done.remove(&ticket) {
                    return Ok(done);
                }
                if state.has_lost {
                    return Err(Lost);
                }
                if !state.queue.is_empty() {
                    break;
                }
                state = self.desk.finished.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            drop(state);
            self.desk.work();
        }
    }
}

impl Drop for Crew {
    /// Jobs that nobody has begun are dropped, the others waited for.
    fn drop(&mut self) {
        {
            let mut state = self.desk.lock();
            state.queue.clear();
            state.is_closed = true;
        }
        self.desk.queued.notify_all();
        match &mut self.staff {
            Staff::Threads { started, .. } => started.drain(..).for_each(|thread| _ = thread.join()),
            #[cfg(feature = "rayon")]
            Staff::Pool(_) => {}
        }
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of a thread.
    fn work_until_closed(&self) {
        loop {
            while self.work() {}
            let mut state = self.lock();
            while state.queue.is_empty() {
                if state.is_closed {
                    return;
                }
                state.idle += 1;
                state = self.queued.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }

    /// Does the next job, if there is one.
    fn work(&self) -> bool {
        let (job, encoder) = {
            let mut state = self.lock();
            let Some(job) = state.queue.pop_front() else { return false };
            (job, state.encoders.pop())
        };
        let guard = LostUnless { desk: self, is_done: false };
        let mut encoder = encoder.unwrap_or_else(|| ChunkEncoder::new(self.level));
        let Job { ticket, window, mut fragment, is_last } = job;
        let mut crc = Crc32::new();
        crc.update(window.chunk());
        encoder.encode(&window, is_last, &mut fragment);
        let mut state = self.lock();
        state.encoders.push(encoder);
        state.done.insert(ticket, Done { fragment, crc, window });
        drop(state);
        guard.done();
        true
    }
}

/// Tells the owner when a job is done, or when who did it unwinds.
struct LostUnless<'a> {
    desk: &'a Desk,
    is_done: bool,
}

impl LostUnless<'_> {
    fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for LostUnless<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.desk.lock().has_lost = true;
        }
        self.desk.finished.notify_one();
    }
}
