//! What one thread decodes ahead of the frontier, and what it keeps to go on from there.
//!
//! Behind a window that is not known, tokens are noted (`inflate/tokens.rs`). From where a member starts, or once nothing
//! has referred to that window for 32 KiB, bytes are written. The next speculation of the thread goes on in the same way
//! from where the last one ended: the decoder's state is copied, and the data before, if there is any.

use std::ops::Range;

use super::feed::Piece as Input;
use super::find::{Finder, SEARCH_BYTES, find_member};
use super::plan::{Claim, Plan, Start, Tail};
use super::strand::Strand;
use crate::error::Error;
use crate::gzip::members::{Body, Joint, Members, TRAILER_BYTES, Wait};
use crate::inflate::{self, Inflate, Status, Tokens};

/// Bytes that the tokens of a speculation take at most, and bytes after them.
pub(super) const MOST_BYTES: usize = 448 << 10;

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
    /// Whether tokens or bytes was decided.
    has_settled: bool,
    pub(super) strand: Strand,
}

impl Ahead {
    /// Starts anew, behind `history`, if that is known.
    pub(super) fn restart(&mut self, history: Option<&[u8]>) {
        self.tokens.clear();
        self.strand.restart(history.unwrap_or(&[]));
        (self.is_unknown, self.has_settled) = (history.is_none(), false);
    }

    /// Goes over to bytes, if 32 KiB of tokens refer to nothing before them: what follows cannot either. Not behind the
    /// end of a member, for its tokens come before its trailer. Looks until it is clear.
    pub(super) fn settle(&mut self) {
        if self.has_settled || !self.is_unknown || !self.strand.is_empty() {
            return;
        }
        let is_known = self.tokens.are_self_contained();
        self.has_settled = is_known.is_some();
        if is_known == Some(true) {
            let mut from = inflate::Place::default();
            self.strand.replay(&self.tokens, &mut from);
            if self.tokens.end_at(from) {
                self.tokens.clear();
                self.is_unknown = false;
            } else {
                self.strand.restart(&[]);
            }
        }
    }

    /// The data before what comes next, as far as a match may reach back, if that is known.
    pub(super) fn history(&self) -> Option<&[u8]> {
        (!self.is_unknown).then(|| self.strand.history())
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
        let (consumed, status) = inflate.decode_to(input, &mut self.tokens);
        *input = &input[consumed..];
        status
    }

    fn end(&mut self, trailer: [u8; TRAILER_BYTES], at: u64) -> Result<(), Error> {
        self.strand.end(trailer, at)
    }
}

impl Speculation {
    /// Room for tokens of so many bytes, and for so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        let (tokens, strand) = (Tokens::new(bytes), Strand::new(bytes));
        let ahead = Ahead { tokens, is_unknown: false, has_settled: false, strand };
        Self { members: Members::new(), ahead }
    }

    /// Goes on behind what is on `desk`, whose tail is `tail`.
    pub(super) fn go_on(&mut self, tail: Members, desk: &Desk) {
        self.members = tail;
        self.ahead.restart(desk.history.as_deref());
    }

    /// Goes to `joint`; `before` is the byte before [`Joint::byte`].
    pub(super) fn start(&mut self, joint: Joint, before: u8) {
        self.members.go_to(joint, before);
        self.ahead.restart(match joint {
            Joint::Block(_) => None,
            Joint::Member(_) => Some(&[]),
        });
    }

    /// Looks for a place in the input of `claim`, which is on `desk`, and decodes from there on. Where there are members,
    /// from the start of one if it can: behind that nothing is unknown.
    pub(super) fn search<F>(
        &mut self,
        claim: &Claim<F>,
        desk: &mut Desk,
        has_members: bool,
        must_stop: impl Fn() -> bool + Copy,
    ) -> Course {
        let (input, end) = (&desk.input, claim.end);
        let mut decode_from = |joint: Joint, before| {
            claim.run(Start::Joint(joint));
            self.start(joint, before);
            let course = self.decode(input, joint.byte()..end, must_stop);
            if course == Course::Wrong {
                claim.search();
            }
            course
        };
        let mut course = Course::Wrong;
        let pieces = input.iter().map(|piece| piece.within(claim.start..end));
        if has_members && let Some(joint) = find_member(claim.start, pieces) {
            course = decode_from(joint, 0);
        }
        let finder = desk.finder.get_or_insert_with(Finder::new);
        let mut from = claim.start;
        while course == Course::Wrong && from < end && !must_stop() {
            let to = end.min(from + SEARCH_BYTES as u64);
            finder.restart(from, input.iter().map(|piece| piece.within(from..to)));
            while course == Course::Wrong
                && let Some(joint) = finder.next(must_stop)
            {
                course = decode_from(joint, finder.before(joint));
            }
            from = to;
        }
        course
    }

    /// Decodes the bytes in `range` of `input`: to their end, as far as there is room, or until `must_stop` says so.
    pub(super) fn decode(
        &mut self,
        input: &[Input],
        range: Range<u64>,
        must_stop: impl Fn() -> bool,
    ) -> Course {
        /// Bytes of input between two looks at what was decoded.
        const SLICE_BYTES: usize = 8 << 10;
        for mut slice in input.iter().flat_map(|piece| piece.within(range.clone()).chunks(SLICE_BYTES)) {
            match self.members.decode(&mut slice, &mut self.ahead) {
                Wait::Input => self.ahead.settle(),
                Wait::Room => return Course::GoesOn,
                Wait::Done => return Course::Ends,
                Wait::Failed(_) => return Course::Wrong,
            }
            if must_stop() {
                return Course::Ends;
            }
        }
        Course::GoesOn
    }
}

/// How a speculation went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// Another can go on where it ended.
    GoesOn,
    Ends,
    /// Something in it is wrong.
    Wrong,
}

/// What a thread keeps for the next claim.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) finder: Option<Finder>,
    pub(super) input: Vec<Input>,
    /// Up to where it may go on.
    pub(super) until: u64,
    pub(super) tail: Option<Members>,
    /// Before the tail; none if it is not known.
    history: Option<Vec<u8>>,
}

impl Desk {
    /// Where its last claim ended, if it can go on there.
    pub(super) fn tail(&self) -> Option<Tail> {
        self.tail.as_ref().map(|tail| Tail { at: tail.total_in(), until: self.until })
    }

    /// Decodes what `claim` is about, of which the input is here, unless it is gone. Returns the frontier if it was left there.
    pub(super) fn speculate<F>(
        &mut self,
        plan: &Plan<F>,
        claim: &Claim<F>,
        mut speculation: Box<Speculation>,
        is_over: impl Fn() -> bool + Copy,
    ) -> Option<F> {
        let must_stop = || claim.must_stop() || is_over();
        let tail = self.tail.take();
        let mut course = Course::Wrong;
        let is_there = !self.input.is_empty();
        if let Some(tail) = tail.filter(|_| is_there) {
            claim.run(Start::Continued);
            speculation.go_on(tail, self);
            course = speculation.decode(&self.input, claim.start..claim.end, must_stop);
        } else if is_there {
            course = speculation.search(claim, self, plan.has_members(), must_stop);
        }
        self.input.clear();
        if course == Course::GoesOn {
            self.keep(&speculation);
        }
        let made = if course == Course::Wrong { Err(speculation) } else { Ok(speculation) };
        let (visit, useless) = claim.finish(made);
        if let Some(useless) = useless {
            self.tail = None;
            plan.give_back(useless);
        }
        visit
    }

    /// Notes where `speculation` ended, to go on there.
    fn keep(&mut self, speculation: &Speculation) {
        self.tail = Some(speculation.members.clone());
        self.history = speculation.ahead.history().map(<[u8]>::to_vec);
    }
}
