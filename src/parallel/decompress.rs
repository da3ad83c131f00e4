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
//! With a pool of the caller's, one thread does all that but to speculate, another reads ahead, and tasks speculate
//! (`pool.rs`). Then the frontier stays where it is, and waits for the end of the task that it came to too early.
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
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};
use std::{error, fmt};

use super::ahead::{Desk, Speculation};
use super::feed::{Feed, Next};
use super::order::{Order, Task, Ticket};
use super::plan::{Claim, Grain, Meeting, Plan, Start};
use super::pool::{Helpers, Pool};
use super::sink::{Piece, Sink};
use super::strand::Strand;
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
    run(reader, writer, threads, None, options.input_length, Grain::Measured).0
}

/// [`decompress`] with the tasks of a pool in place of all threads but two: one decodes, the other reads ahead.
pub(super) fn decompress_in_pool<R: Read + Send, W: Write + Send>(
    reader: R,
    writer: W,
    options: &Options,
    pool: Pool,
) -> Result<Summary, Failure> {
    run(reader, writer, options.threads, Some(pool), options.input_length, Grain::Measured).0
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
    run(reader, writer, options.threads, None, options.input_length, Grain::Fixed(claim_bytes))
}

/// [`decompress_in_claims`] with tasks of `pool` in place of all threads but one.
#[cfg(feature = "rayon")]
#[doc(hidden)]
pub fn decompress_in_tasks<R: Read + Send, W: Write + Send>(
    reader: R,
    writer: W,
    options: &Options,
    claim_bytes: u64,
    pool: Arc<rayon::ThreadPool>,
) -> (Result<Summary, Failure>, u64) {
    run(reader, writer, options.threads, Some(pool), options.input_length, Grain::Fixed(claim_bytes))
}

/// [`decompress`] with exactly so many threads, of which all but one may be tasks of a pool, and claims of a size.
fn run<R: Read + Send, W: Write + Send>(
    reader: R,
    writer: W,
    threads: NonZeroUsize,
    pool: Option<Pool>,
    input_length: Option<u64>,
    grain: Grain,
) -> (Result<Summary, Failure>, u64) {
    let frontier =
        Frontier { members: Members::new(), ahead: None, joined: None, history: Vec::new(), length: 0 };
    let is_short = grain == Grain::Measured && input_length.is_some_and(|length| length < SHORT_BYTES);
    let threads = if is_short { 1 } else { threads.get() };
    let plan = Arc::new(Plan::new(threads, input_length, grain));
    let pool = pool.filter(|_| threads > 1);
    let helpers = pool.map(|pool| Helpers::new(pool, threads - 1, plan.clone()));
    // Beside a pool, one that decodes and one that reads ahead.
    let threads = if helpers.is_some() { 2 } else { threads };
    let crew = Crew {
        order: Order::new(Box::new(frontier), Sink::new(writer), threads.saturating_mul(PIECES_PER_THREAD)),
        feed: Feed::new(reader),
        plan,
        helpers,
        piece_bytes: input_length.map_or(PIECE_BYTES, piece_bytes),
        threads,
        writes_slowly: AtomicBool::new(false),
        started: AtomicUsize::new(1),
        is_over: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        let _closing = crew.helpers.as_ref().map(Helpers::closing);
        work(scope, &crew);
    });
    let used = crew.plan.used();
    let unknown = || Failure::Read(io::ErrorKind::Other.into());
    let result = match crew.order.into_output() {
        Ok(sink) => sink.into_summary().ok_or_else(unknown),
        Err(failure) => Err(failure.unwrap_or_else(unknown)),
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
    plan: Arc<Plan<Visit>>,
    /// Who decodes ahead, if the threads do not.
    helpers: Option<Helpers<Visit>>,
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

/// The life of one thread.
fn work<'scope, R: Read + Send, W: Write + Send>(scope: &'scope Scope<'scope, '_>, crew: &'scope Crew<R, W>) {
    let _guard = crew.order.guard();
    let mut desk = Desk::default();
    let mut looks = 0;
    loop {
        let goes_on = crew.goes_ahead_first(scope, &desk);
        let mut task = if goes_on { None } else { crew.order.poll_task() };
        if task.is_none() {
            if let Some((claim, speculation)) = crew.claim(&mut desk) {
                let left = desk.speculate(&crew.plan, &claim, speculation, || crew.must_stop());
                if let Some(visit) = left {
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
            Turn::Early(claim) if self.helpers.is_some() => {
                claim.wait();
                return self.advance(scope, (frontier, ticket, piece));
            }
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
        let Range { start, end } = self.reserve(desk)?;
        let claim = self.plan.claim(start, end);
        if claim.is_none() {
            desk.input.clear();
        }
        claim
    }

    /// What should be claimed, once its input is there, which is put on `desk`.
    fn reserve(&self, desk: &mut Desk) -> Option<Range<u64>> {
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
        if end <= place.start {
            self.plan.let_go();
            return None;
        }
        self.feed.pieces(place.start..end, &mut desk.input);
        Some(place.start..end)
    }

    /// Whether what lies ahead comes before the frontier.
    fn goes_ahead_first<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, desk: &Desk) -> bool {
        let Some(helpers) = &self.helpers else { return self.plan.is_eager() || desk.tail.is_some() };
        if self.plan.is_eager() {
            self.start_another(scope);
            helpers.rest();
        }
        false
    }

    fn must_stop(&self) -> bool {
        self.is_over.load(Ordering::Relaxed) || self.order.has_failed()
    }

    /// Starts one more thread if there may be more. If it cannot be started, no other is tried.
    fn start_another<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        if let Some(helpers) = &self.helpers
            && self.plan.is_wanting()
        {
            helpers.wake();
        }
        let below = |started| (started < self.threads).then_some(started + 1);
        if self.started.fetch_update(Ordering::Relaxed, Ordering::Relaxed, below).is_ok() {
            let thread = thread::Builder::new().name("rigz".into());
            let life = || match &self.helpers {
                None => work(scope, self),
                Some(helpers) => helpers.read_ahead(|desk| self.reserve(desk)),
            };
            if thread.spawn_scoped(scope, life).is_err() {
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

#[cfg(test)]
#[path = "decompress_tests.rs"]
mod tests;
