//! The steps of two threads, done one by one by the test in the order that matters.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::thread;

use super::{Crew, Desk, Feed, Frontier, Grain, Members, Order, Plan, Sink, Task};
use crate::{Level, gzip};

/// The length of a claim.
const CLAIM_BYTES: usize = 1 << 10;

#[test]
fn a_speculation_that_goes_on_is_not_joined_behind_symbols_of_the_same_byte() {
    // The bits of a byte that are left differ with the data before.
    let cases = (0..24).filter(|&literals| decodes_rightly_behind_symbols_of_a_byte(literals));
    assert!(cases.count() > 0, "no frontier stood still");
}

/// Whether the frontier stood still at a byte while it decoded symbols, with so many literals before the matches.
fn decodes_rightly_behind_symbols_of_a_byte(literals: u8) -> bool {
    // A claim finds the second member; of its data, four matches stand in each byte.
    let literals: Vec<u8> = (1..=literals).collect();
    let data = [&[7; 2 * CLAIM_BYTES][..], &literals, &[0; 600_000]].concat();
    let mut file = Vec::new();
    for (level, data) in
        [(Level::STORED, &data[..2 * CLAIM_BYTES]), (Level::DEFAULT, &data[2 * CLAIM_BYTES..])]
    {
        gzip::compress(data, level, &mut file);
    }
    let frontier =
        Frontier { members: Members::new(), ahead: None, joined: None, history: vec![], length: 0 };
    let crew = Crew {
        order: Order::new(Box::new(frontier), Sink::new(Vec::new()), 4),
        feed: Feed::new(&file[..]),
        plan: Arc::new(Plan::new(2, None, Grain::Fixed(CLAIM_BYTES as u64))),
        helpers: None,
        // Little more than a match.
        piece_bytes: 600,
        threads: 1,
        writes_slowly: AtomicBool::new(false),
        started: AtomicUsize::new(1),
        is_over: AtomicBool::new(false),
    };
    // One thread speculates until there is no room, and would go on from there.
    let mut desk = Desk::default();
    let (claim, speculation) = crew.claim(&mut desk).expect("nothing is claimed yet");
    assert!(desk.speculate(&crew.plan, &claim, speculation, || false).is_none());
    let at = desk.tail().expect("it went well").at;
    let place = crew.plan.reserve(desk.tail()).expect("the frontier is at the start");
    assert_eq!(place.start, at);
    // The frontier comes, joins, and decodes what is left of a byte.
    let mut is_decoded = false;
    let stood_still = thread::scope(|scope| {
        while !is_decoded {
            match crew.order.poll_task().expect("one works alone") {
                Task::Read { input, ticket, spare } => {
                    is_decoded = input.members.total_in() == at;
                    crew.advance(scope, (input, ticket, spare));
                }
                Task::Write { output, piece } => crew.write(output, piece),
                Task::Leave => panic!("the file goes on"),
            }
        }
        assert_eq!(crew.plan.used(), 1);
        // It still stands at that byte, where the other thread now claims one byte.
        let claim = crew.plan.claim(at, at + 1);
        let stood_still = claim.is_some();
        if let Some((claim, speculation)) = claim {
            crew.feed.pieces(at..at + 1, &mut desk.input);
            assert!(desk.speculate(&crew.plan, &claim, speculation, || false).is_none());
        }
        loop {
            match crew.order.poll_task().expect("one works alone") {
                Task::Read { input, ticket, spare } => crew.advance(scope, (input, ticket, spare)),
                Task::Write { output, piece } => crew.write(output, piece),
                Task::Leave => return stood_still,
            }
        }
    });
    assert_eq!(crew.plan.used(), 1, "what was decoded in between is not in the second claim");
    let sink = crew.order.into_output().expect("no failure");
    assert!(sink.writer == data);
    stood_still
}
