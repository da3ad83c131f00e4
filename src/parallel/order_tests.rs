//! Every interleaving of small crews: each piece is written once and in order, everybody leaves, and a failure on
//! either side is told. That somebody sleeps for ever is found by the model checker itself.
//!
//! Crews are as [`super::super::compress`] makes them: the first thread reads a piece before the second begins.

use super::{Order, Task};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

/// What is asked of a crew.
#[derive(Clone, Copy, Debug)]
struct Plan {
    threads: usize,
    depth: usize,
    pieces: u64,
    /// The piece whose reading, or writing, fails.
    unreadable: Option<u64>,
    unwritable: Option<u64>,
    /// The piece whose worker unwinds.
    unworkable: Option<u64>,
    lingers: Lingers,
    /// Whether batons are put back without waking anybody.
    is_quiet: bool,
}

/// Who holds on until another thread has read what may be read meanwhile: if that one sleeps, nobody goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lingers {
    Nobody,
    /// Whoever works on a piece, until the next one is read.
    Worker,
    /// Whoever writes a piece, until all places are taken.
    Writer,
}

struct Model {
    /// The input counts the pieces read, the output lists those written.
    order: Order<u64, Vec<u64>, u64, &'static str>,
    /// Pieces read, for those who linger.
    read: Mutex<u64>,
    was_read: Condvar,
}

impl Model {
    fn tell_read(&self, pieces: u64) {
        *self.read.lock().expect("no panic") = pieces;
        self.was_read.notify_all();
    }

    fn linger(&self, pieces: u64) {
        let mut read = self.read.lock().expect("no panic");
        while *read < pieces {
            read = self.was_read.wait(read).expect("no panic");
        }
    }
}

/// One thread, which starts the next after its first reading.
fn work(model: &Arc<Model>, plan: Plan, others: usize) {
    let order = &model.order;
    let mut next = (others > 0).then(|| {
        let model = Arc::clone(model);
        move || thread::spawn(move || work(&model, plan, others - 1))
    });
    let mut started = None;
    loop {
        match order.next_task() {
            Task::Read { mut input, ticket, .. } => {
                let piece = input;
                if plan.unreadable == Some(piece) {
                    order.fail("unreadable");
                    continue;
                }
                input += 1;
                let is_last = input == plan.pieces;
                if plan.lingers != Lingers::Nobody {
                    model.tell_read(input);
                }
                if plan.is_quiet && !is_last {
                    order.keep_input(input);
                } else {
                    order.put_input(input, is_last);
                }
                if !is_last && let Some(start) = next.take() {
                    started = Some(start());
                }
                if plan.unworkable == Some(piece) {
                    order.abandon();
                    break;
                }
                if plan.lingers == Lingers::Worker {
                    model.linger(plan.pieces.min(piece + 2));
                }
                order.hand_in(ticket, piece);
            }
            Task::Write { mut output, piece } => {
                if plan.unwritable == Some(piece) {
                    order.fail("unwritable");
                    continue;
                }
                if plan.lingers == Lingers::Writer {
                    model.linger(plan.pieces.min(piece + plan.depth as u64));
                }
                output.push(piece);
                if plan.is_quiet {
                    order.keep_output(output, piece);
                } else {
                    order.put_output(output, piece);
                }
            }
            Task::Leave => break,
        }
    }
    if let Some(thread) = started {
        thread.join().expect("no panic");
    }
}

/// Runs `plan` in every interleaving with at most `preemptions` switches away from a thread that could go on.
fn explore(plan: Plan, preemptions: usize) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        let order = Order::new(0, Vec::new(), plan.depth);
        let model = Arc::new(Model { order, read: Mutex::new(0), was_read: Condvar::new() });
        work(&model, plan, plan.threads - 1);
        let Ok(model) = Arc::try_unwrap(model) else { panic!("somebody has not left") };
        match model.order.into_output() {
            Ok(written) => {
                assert_eq!(written, (0..plan.pieces).collect::<Vec<_>>());
                assert!(plan.unreadable.is_none() && plan.unwritable.is_none() && plan.unworkable.is_none());
            }
            Err(Some(failure)) => {
                assert!(match failure {
                    "unreadable" => plan.unreadable.is_some(),
                    _ => plan.unwritable.is_some(),
                });
            }
            Err(None) => assert!(plan.unworkable.is_some()),
        }
    });
}

const PLAN: Plan = Plan {
    threads: 2,
    depth: 2,
    pieces: 4,
    unreadable: None,
    unwritable: None,
    unworkable: None,
    lingers: Lingers::Nobody,
    is_quiet: false,
};

#[test]
fn every_piece_is_written_in_order_and_everybody_leaves_in_every_interleaving() {
    for depth in 1..=4 {
        for pieces in 1..=4 {
            explore(Plan { depth, pieces, ..PLAN }, 3);
        }
    }
    for depth in 1..=3 {
        explore(Plan { threads: 3, depth, ..PLAN }, 3);
    }
    explore(Plan { threads: 4, depth: 1, ..PLAN }, 3);
}

#[test]
fn nobody_sleeps_on_work_that_can_be_done_in_any_interleaving() {
    for lingers in [Lingers::Worker, Lingers::Writer] {
        for depth in 2..=3 {
            explore(Plan { depth, lingers, ..PLAN }, 3);
        }
    }
}

#[test]
fn a_failure_at_any_piece_lets_everybody_leave_in_every_interleaving() {
    for at in 0..3 {
        for threads in 2..=3 {
            let plan = Plan { threads, pieces: 3, ..PLAN };
            explore(Plan { unreadable: Some(at), ..plan }, 2);
            explore(Plan { unwritable: Some(at), ..plan }, 2);
            explore(Plan { unworkable: Some(at), ..plan }, 2);
        }
    }
}

#[test]
fn batons_put_back_quietly_keep_nobody_from_writing_and_leaving() {
    for depth in 1..=3 {
        explore(Plan { depth, pieces: 3, is_quiet: true, ..PLAN }, 3);
    }
    explore(Plan { threads: 3, pieces: 3, is_quiet: true, ..PLAN }, 2);
}
