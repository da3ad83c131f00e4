//! The members of a gzip file, decoded by any number of threads.
//!
//! ```text
//! reader -> feed -> frontier: decode, CRC -----------------------\
//!             '---> claims: find a start, decode speculatively    > order -> check trailers -> writer
//!                     '-- joined: replay tokens, CRC ------------/
//! ```
//!
//! A thread does what is due first: write the next piece; take the frontier one piece on (decode it, or replay what was
//! speculated); speculate ahead of it (`plan.rs`). There is nothing that only one thread can do but to take the frontier on
//! and to call the reader and the writer.
//!
//! Invariants:
//! 1. The frontier's state is what one thread alone would have at that byte. A speculation is used only if it started
//!    exactly where the frontier stands, or went on from one that was used, and if nothing in it is wrong or reaches back before its member; so data,
//!    errors and their places are those of one thread, and a wrong guess costs time only.
//! 2. Every member's CRC-32 and length are checked before data behind its trailer is written.
//! 3. Pieces are written in order; an error is told after the data before it was written.
//!
//! **Memory** per thread: four speculations of at most 1 MiB, two of them under way and two on their way to the writer,
//! 1.5 MiB of input, two pieces of 288 KiB; in all below 64 MiB + 8 MiB for each thread, whatever the input.

use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};
use std::{error, fmt};

use super::ahead::{Course, Desk, Speculation};
use super::feed::{Feed, Next};
use super::order::{Order, Task, Ticket};
use super::plan::{Claim, Grain, Meeting, Plan, Start};
use super::strand::{Strand, Sum};
use super::{LOOKS, pause};
use crate::error::Error;
use crate::gzip::members::{Members, Wait};
use crate::gzip::{Header, Trailing};
use crate::inflate::Place;
use crate::inflate::window::MAX_DISTANCE;

/// How to decompress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Threads to use at most, the calling one included; more than [`std::thread::available_parallelism`] are not.
    pub threads: NonZeroUsize,
    /// The length of the input, if it is known: buffers and pieces of work suit it. Another length works, too.
    pub input_length: Option<u64>,
}

impl Options {
    /// Input of unknown length.
    #[must_use]
    pub const fn new(threads: NonZeroUsize) -> Self {
        Self { threads, input_length: None }
    }
}

/// What was decompressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Bytes of input used, with zeros behind the last member and up to two bytes of garbage.
    pub read: u64,
    /// Bytes written.
    pub written: u64,
    /// Members decoded and checked.
    pub members: u64,
    /// The checksum of the last member.
    pub crc: u32,
    /// The header of the first member.
    pub header: Header,
    /// What follows the last member.
    pub trailing: Trailing,
}

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// The reader failed.
    Read(io::Error),
    /// The writer failed.
    Write(io::Error),
    /// The input breaks a rule of the format.
    Data(Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "reading: {error}"),
            Self::Write(error) => write!(f, "writing: {error}"),
            Self::Data(error) => error.fmt(f),
        }
    }
}

impl error::Error for Failure {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Read(error) | Self::Write(error) => Some(error),
            Self::Data(error) => Some(error),
        }
    }
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Read(error) | Failure::Write(error) => error,
            Failure::Data(error) => error.into(),
        }
    }
}

/// Decompresses all members of the gzip file `reader` to `writer`.
///
/// CRC-32, length and header checksum of every member are checked. Zero bytes after the last member are accepted; other
/// bytes there end the data, and [`Summary::trailing`] tells of them. Output, result and place of an error are the same
/// whatever the number of threads. Output is written as soon as it is decoded and in order. Threads that cannot be
/// started are done without.
///
/// # Errors
///
/// The first error of the reader ([`io::ErrorKind::Interrupted`] is tried again), of the writer, or of the data; what
/// was decoded before it has been written. A call of the reader or the writer that blocks is waited for: a reader that
/// must not hold up the end may return `Interrupted` now and then.
///
/// # Memory
///
/// At most 64 MiB and 8 MiB per thread, whatever the data; with one thread or little input, about 400 KiB.
///
/// ```
/// use rigz::parallel::decompress::{Options, decompress};
/// use std::num::NonZeroUsize;
///
/// let file: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
/// let mut data = Vec::new();
/// let summary = decompress(file, &mut data, &Options::new(NonZeroUsize::MIN))?;
/// assert_eq!((data.as_slice(), summary.members), (&b"abcdef"[..], 1));
/// # Ok::<(), rigz::parallel::decompress::Failure>(())
/// ```
pub fn decompress<R: Read + Send, W: Write + Send>(
    reader: R,
    writer: W,
    options: &Options,
) -> Result<Summary, Failure> {
    let threads = match options.threads {
        NonZeroUsize::MIN => NonZeroUsize::MIN,
        threads => threads.min(thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)),
    };
    run(reader, writer, threads, options.input_length, Grain::Measured).0
}

/// [`decompress`] for tests: with exactly so many threads, and with claims of so many bytes of input, which are made
/// before anything else, and even by one thread. Returns how many of them were of use, too.
#[doc(hidden)]
pub fn decompress_in_claims<R: Read + Send, W: Write + Send>(
    reader: R,
    writer: W,
    options: &Options,
    claim_bytes: u64,
) -> (Result<Summary, Failure>, u64) {
    run(reader, writer, options.threads, options.input_length, Grain::Fixed(claim_bytes))
}

/// [`decompress`] with exactly so many threads, and claims of a size.
fn run<R: Read + Send, W: Write + Send>(
    reader: R,
    writer: W,
    threads: NonZeroUsize,
    input_length: Option<u64>,
    grain: Grain,
) -> (Result<Summary, Failure>, u64) {
    let frontier =
        Frontier { members: Members::new(), ahead: None, joined: None, history: Vec::new(), length: 0 };
    let sink = Sink { writer, open: Sum::default(), written: 0, members: 0, crc: 0, summary: None };
    let is_short = grain == Grain::Measured && input_length.is_some_and(|length| length < SHORT_BYTES);
    let threads = if is_short { 1 } else { threads.get() };
    let crew = Crew {
        order: Order::new(Box::new(frontier), sink, threads.saturating_mul(PIECES_PER_THREAD)),
        feed: Feed::new(reader),
        plan: Plan::new(threads, input_length, grain),
        piece_bytes: input_length.map_or(PIECE_BYTES, piece_bytes),
        threads,
        writes_slowly: AtomicBool::new(false),
        started: AtomicUsize::new(1),
        is_over: AtomicBool::new(false),
    };
    thread::scope(|scope| work(scope, &crew));
    let used = crew.plan.used();
    let result = match crew.order.into_output() {
        Ok(Sink { summary: Some(summary), .. }) => Ok(summary),
        Ok(_) | Err(None) => Err(Failure::Read(io::ErrorKind::Other.into())),
        Err(Some(failure)) => Err(failure),
    };
    (result, used)
}

/// Pieces under way per thread: one being worked on and one waiting for its turn to be written.
const PIECES_PER_THREAD: usize = 2;

/// Writing a piece takes less if it only goes from memory to memory, or nowhere: then waking another thread to go on with
/// the frontier takes longer.
const WORTH_WAKING: Duration = Duration::from_micros(20);

/// Input that is not worth a second thread.
const SHORT_BYTES: u64 = 256 << 10;

/// Room for the data of a piece.
const PIECE_BYTES: usize = 256 << 10;

/// Room for the data of a piece when so much input is to come.
fn piece_bytes(input_length: u64) -> usize {
    input_length.saturating_mul(8).clamp(16 << 10, PIECE_BYTES as u64) as usize
}

/// What all threads share.
struct Crew<R, W> {
    order: Order<Box<Frontier>, Sink<W>, Piece, Failure>,
    feed: Feed<R>,
    plan: Plan<Visit>,
    /// Room for the data of a piece.
    piece_bytes: usize,
    /// Threads to start at most.
    threads: usize,
    /// Whether another thread can go on with the frontier while a piece is written.
    writes_slowly: AtomicBool,
    /// Threads that were started, the calling one included.
    started: AtomicUsize,
    /// No more input is needed.
    is_over: AtomicBool,
}

/// Up to where everything is known.
struct Frontier {
    members: Members,
    /// A speculation that is not all replayed, and how far it is. The members stand behind it.
    ahead: Option<(Box<Speculation>, Place)>,
    /// Where the last speculation ended that was joined, if nothing was decoded since: a byte may hold many symbols.
    joined: Option<u64>,
    /// The data before, as far as a match may reach back.
    history: Vec<u8>,
    /// The length of the open member so far.
    length: u64,
}

/// The frontier, and the piece that it is to be taken on by.
type Visit = (Box<Frontier>, Ticket, Piece);

/// Decoded data on its way to the writer.
#[derive(Default)]
struct Piece {
    /// What the frontier decoded.
    strand: Option<Box<Strand>>,
    /// What it skipped instead.
    skipped: Option<Box<Speculation>>,
    /// How it ended, in the last piece.
    end: Option<Result<Summary, Failure>>,
}

impl Piece {
    /// The data, and what is known of it.
    fn made(&self) -> Option<&Strand> {
        self.skipped.as_ref().map(|skipped| &skipped.ahead.strand).or(self.strand.as_deref())
    }
}

/// The life of one thread.
fn work<'scope, R: Read + Send, W: Write + Send>(scope: &'scope Scope<'scope, '_>, crew: &'scope Crew<R, W>) {
    let _guard = crew.order.guard();
    let mut desk = Desk::default();
    let mut looks = 0;
    loop {
        let goes_on = crew.plan.is_eager() || desk.tail.is_some();
        let mut task = if goes_on { None } else { crew.order.poll_task() };
        if task.is_none() {
            if let Some((claim, speculation)) = crew.claim(&mut desk) {
                if let Some(visit) = crew.speculate(&claim, speculation, &mut desk) {
                    crew.advance(scope, visit);
                }
                looks = 0;
                continue;
            }
            looks += 1;
            if looks <= LOOKS {
                pause();
                continue;
            }
            task = crew.order.wait_task();
        }
        let Some(task) = task else { continue };
        looks = 0;
        match task {
            Task::Read { input, ticket, spare } => crew.advance(scope, (input, ticket, spare)),
            Task::Write { output, piece } => crew.write(output, piece),
            Task::Leave => return,
        }
    }
}

/// What comes after some steps of the frontier.
enum Turn {
    /// The piece is to be handed in.
    Piece,
    /// The bytes of the speculation are to be handed in instead of a piece.
    Skip(Box<Speculation>),
    /// The frontier is to be left at this claim.
    Early(Arc<Claim<Visit>>),
    /// That was all.
    End(Result<(), Failure>),
}

impl<R: Read + Send, W: Write + Send> Crew<R, W> {
    /// Takes the frontier one piece on.
    fn advance<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, visit: Visit) {
        let (mut frontier, ticket, mut piece) = visit;
        let strand = piece.strand.get_or_insert_with(|| Box::new(Strand::new(self.piece_bytes)));
        strand.restart(&frontier.history);
        let mut is_last = false;
        match self.decode(&mut frontier, strand) {
            Turn::Piece => {}
            Turn::Skip(speculation) => piece.skipped = Some(speculation),
            Turn::Early(claim) => match claim.leave((frontier, ticket, piece)) {
                Ok(()) => return,
                Err(visit) => return self.advance(scope, visit),
            },
            Turn::End(result) => {
                is_last = true;
                self.is_over.store(true, Ordering::Relaxed);
                piece.end = Some(result.map(|()| frontier.summary()));
            }
        }
        if let Some(strand) = piece.made() {
            self.plan.end_members(strand.members());
            frontier.length = strand.open_length(frontier.length);
            frontier.history.clear();
            frontier.history.extend_from_slice(strand.history());
        }
        if is_last || self.writes_slowly.load(Ordering::Relaxed) || self.plan.is_wanting() {
            self.order.put_input(frontier, is_last);
        } else {
            self.order.keep_input(frontier);
        }
        if !is_last {
            self.start_another(scope);
        }
        self.order.hand_in(ticket, piece);
    }

    /// Checks and writes a piece.
    fn write(&self, mut output: Sink<W>, mut piece: Piece) {
        let start = Instant::now();
        match output.put(&mut piece) {
            Ok(()) => {
                if let Some(used) = piece.skipped.take() {
                    self.plan.give_back(used);
                }
                let is_slow = start.elapsed() > WORTH_WAKING;
                self.writes_slowly.store(is_slow, Ordering::Relaxed);
                if is_slow {
                    self.order.put_output(output, piece);
                } else {
                    self.order.keep_output(output, piece);
                }
            }
            Err(failure) => {
                self.is_over.store(true, Ordering::Relaxed);
                self.order.fail(failure);
            }
        }
    }

    /// Decodes from the frontier on into `strand`, until that is full or something else is to be done.
    fn decode(&self, frontier: &mut Frontier, strand: &mut Strand) -> Turn {
        loop {
            if let Some((speculation, from)) = &mut frontier.ahead {
                let before = strand.length();
                strand.replay(&speculation.ahead.tokens, from);
                self.plan.advance(frontier.members.total_in(), (strand.length() - before) as u64);
                if !speculation.ahead.tokens.end_at(*from)
                    || !speculation.ahead.strand.is_empty() && !strand.is_empty()
                {
                    return Turn::Piece;
                }
                if let Some((speculation, _)) = frontier.ahead.take() {
                    if !speculation.ahead.strand.is_empty() {
                        let made = speculation.ahead.strand.length() as u64;
                        self.plan.advance(frontier.members.total_in(), made);
                        return Turn::Skip(speculation);
                    }
                    self.plan.give_back(speculation);
                }
            }
            let at = frontier.members.total_in();
            let mut limit = u64::MAX;
            if let Some(claim) = self.plan.next() {
                match claim.meet(at, &frontier.starts(), strand.is_empty()) {
                    Meeting::Free(byte) => limit = byte,
                    Meeting::Door => return Turn::Piece,
                    Meeting::Join(speculation) => {
                        self.plan.pass(true);
                        if let Err(useless) = frontier.join(speculation) {
                            self.plan.give_back(useless);
                        }
                        continue;
                    }
                    Meeting::Early => return Turn::Early(claim),
                    Meeting::Miss => {
                        self.plan.pass(false);
                        continue;
                    }
                }
            }
            let next = self.feed.next(at);
            let mut input = match &next {
                Next::Piece(piece) => piece.from(at),
                Next::Unknown if !strand.is_empty() => return Turn::Piece,
                Next::Unknown => {
                    self.feed.read_to(at + 1, || self.must_stop());
                    if self.must_stop() {
                        return Turn::Piece;
                    }
                    continue;
                }
                Next::End => match self.feed.take_failure() {
                    Some(error) => return Turn::End(Err(Failure::Read(error))),
                    None => {
                        frontier.members.end_of_input();
                        &[]
                    }
                },
            };
            input = &input[..input.len().min((limit - at) as usize)];
            let before = strand.length();
            frontier.joined = None;
            let wait = frontier.members.decode(&mut input, strand);
            self.plan.advance(frontier.members.total_in(), (strand.length() - before) as u64);
            match wait {
                Wait::Input => {}
                Wait::Room => return Turn::Piece,
                Wait::Done => return Turn::End(Ok(())),
                Wait::Failed(error) => return Turn::End(Err(Failure::Data(error))),
            }
        }
    }

    /// A claim for this thread, if there should be one more.
    fn claim(&self, desk: &mut Desk) -> Option<(Arc<Claim<Visit>>, Box<Speculation>)> {
        if self.must_stop() {
            return None;
        }
        let place = self.plan.reserve(desk.tail());
        if place.as_ref().is_none_or(|place| desk.tail().is_some_and(|tail| tail.at != place.start)) {
            desk.tail = None;
        }
        let place = place?;
        desk.until = place.until;
        let end = self.feed.read_to(place.end, || self.must_stop()).min(place.end);
        self.plan.claim(place.start, end)
    }

    /// Decodes what `claim` is about. Returns the frontier if it was left here.
    fn speculate(
        &self,
        claim: &Claim<Visit>,
        mut speculation: Box<Speculation>,
        desk: &mut Desk,
    ) -> Option<Visit> {
        let must_stop = || claim.must_stop() || self.must_stop();
        let tail = desk.tail.take();
        let mut course = Course::Wrong;
        let is_there = self.feed.pieces(claim.start..claim.end, &mut desk.input);
        if let Some(tail) = tail.filter(|_| is_there) {
            claim.run(Start::Continued);
            speculation.go_on(tail, desk);
            course = speculation.decode(&desk.input, claim.start..claim.end, must_stop);
        } else if is_there {
            course = speculation.search(claim, desk, self.plan.has_members(), must_stop);
        }
        desk.input.clear();
        if course == Course::GoesOn {
            desk.keep(&speculation);
        }
        let made = if course == Course::Wrong { Err(speculation) } else { Ok(speculation) };
        let (visit, useless) = claim.finish(made);
        if let Some(useless) = useless {
            desk.tail = None;
            self.plan.give_back(useless);
        }
        visit
    }

    fn must_stop(&self) -> bool {
        self.is_over.load(Ordering::Relaxed) || self.order.has_failed()
    }

    /// Starts one more thread if there may be more. If it cannot be started, no other is tried.
    fn start_another<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        let below = |started| (started < self.threads).then_some(started + 1);
        if self.started.fetch_update(Ordering::Relaxed, Ordering::Relaxed, below).is_ok() {
            let thread = thread::Builder::new().name("rigz".into());
            if thread.spawn_scoped(scope, || work(scope, self)).is_err() {
                self.started.store(self.threads, Ordering::Relaxed);
            }
        }
    }
}

impl Frontier {
    /// Goes on with what `speculation` made, which started here; gives it back if it reaches back too far.
    fn join(&mut self, mut speculation: Box<Speculation>) -> Result<(), Box<Speculation>> {
        let known = self.history.len();
        if known < MAX_DISTANCE && speculation.ahead.tokens.reach(known + 1).0 > known {
            return Err(speculation);
        }
        self.members.follow(&mut speculation.members);
        self.ahead = Some((speculation, Place::default()));
        self.joined = Some(self.members.total_in());
        Ok(())
    }

    /// Where this stands, as a speculation may have started.
    fn starts(&self) -> [Option<Start>; 2] {
        let continued = self.joined == Some(self.members.total_in());
        [self.members.joint().map(Start::Joint), continued.then_some(Start::Continued)]
    }

    fn summary(&self) -> Summary {
        Summary {
            read: self.members.total_in(),
            written: 0,
            members: 0,
            crc: 0,
            header: self.members.first_header().cloned().unwrap_or_default(),
            trailing: self.members.trailing(),
        }
    }
}

/// The writer, and what the data before it came to.
struct Sink<W> {
    writer: W,
    /// Of the open member.
    open: Sum,
    written: u64,
    members: u64,
    /// Of the last member that ended.
    crc: u32,
    summary: Option<Summary>,
}

impl<W: Write> Sink<W> {
    /// Checks and writes `piece`, which is the next.
    fn put(&mut self, piece: &mut Piece) -> Result<(), Failure> {
        if let Some(strand) = piece.made() {
            let data = strand.data();
            match strand.account(&mut self.open) {
                Ok(members) => {
                    self.members += members;
                    self.crc = strand.last_crc().unwrap_or(self.crc);
                }
                Err(error) => {
                    self.write(&data[..data.len().min(strand.head_length() as usize)])?;
                    return Err(Failure::Data(error));
                }
            }
            self.write(data)?;
        }
        match piece.end.take() {
            None => Ok(()),
            Some(Err(failure)) => Err(failure),
            Some(Ok(summary)) => {
                self.writer.flush().map_err(Failure::Write)?;
                let Self { written, members, crc, .. } = *self;
                self.summary = Some(Summary { written, members, crc, ..summary });
                Ok(())
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.writer.write_all(bytes).map_err(Failure::Write)?;
        self.written += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
#[path = "decompress_tests.rs"]
mod tests;
