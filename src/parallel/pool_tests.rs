//! What a frontier may wait for.

use std::sync::mpsc;
use std::thread;

use super::OverUnless;
use crate::parallel::plan::{Grain, Meeting, Plan, Start};

#[test]
fn a_frontier_that_comes_early_waits_for_the_task_and_joins_what_it_made() {
    let plan = Plan::<()>::new(2, None, Grain::Fixed(10));
    _ = plan.reserve(None);
    let (claim, speculation) = plan.claim(10, 20).expect("the frontier is at the start");
    claim.run(Start::Continued);
    let starts = [Some(Start::Continued)];
    assert!(matches!(claim.meet(10, &starts, true), Meeting::Early));
    thread::scope(|scope| {
        let task = claim.clone();
        scope.spawn(move || {
            // It decodes until it is told to stop.
            while !task.must_stop() {
                thread::yield_now();
            }
            assert!(task.finish(Ok(speculation)).0.is_none());
        });
        claim.wait();
        assert!(matches!(claim.meet(10, &starts, true), Meeting::Join(_)));
    });
}

#[test]
fn a_task_that_unwinds_leaves_no_frontier_waiting() {
    let plan = Plan::<()>::new(2, None, Grain::Fixed(10));
    _ = plan.reserve(None);
    let (claim, _) = plan.claim(10, 20).expect("the frontier is at the start");
    claim.run(Start::Continued);
    let (begun, begins) = mpsc::channel();
    let task = claim.clone();
    let task = thread::Builder::new().spawn(move || {
        let _guard = OverUnless(&task);
        begun.send(()).expect("the test waits");
        panic!("as if there was something wrong");
    });
    begins.recv().expect("it begins");
    claim.wait();
    assert!(matches!(claim.meet(10, &[Some(Start::Continued)], true), Meeting::Miss));
    assert!(task.expect("a thread").join().is_err());
}
