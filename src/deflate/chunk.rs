//! One chunk of input to one fragment: the unit that is compressed in parallel.

use super::block::{self, Codes};
use super::split::{Block, merge};
use crate::arch::Isa;
use crate::bits::fragment::Fragment;
use crate::level::{Level, Method, Params};
use crate::lz77::Cursor;
use crate::lz77::cost::Prices;
use crate::lz77::histogram::Histogram;
use crate::lz77::noise;
use crate::lz77::optimal::{Optimizer, ParseOptimal};
use crate::lz77::path::{Path, STRETCH};
use crate::lz77::runs;
use crate::lz77::single::{ForSize, ForSpeed, ParseSingle, Single};
use crate::lz77::tokens::{Piece, Run, Tokens, matches};
use crate::lz77::window::{View, Window};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

/// Bytes of input in each chunk but the last at `level`: the grid that every compressor of this crate cuts its
/// input on, so that the same bytes come out whatever the thread count.
///
/// Swept from 128 KiB to 4 MiB: smaller chunks cost size, and time to fill tables with their history; larger ones cost
/// memory and leave the cache. 1 MiB is the fastest from level 2 on, and at most 0.05 % larger than one unbroken stream;
/// level 1 knows little of its history, and half of that serves it best, beside its tables in the cache.
///
/// ```
/// assert_eq!(rigz::deflate::chunk_bytes(rigz::Level::BEST), 1 << 20);
/// ```
#[must_use]
pub const fn chunk_bytes(level: Level) -> usize {
    if level.number() == Level::FAST.number() { 512 << 10 } else { 1 << 20 }
}

/// The least bytes of the last unit of a chunk, unless it is the only one.
const LEAST: usize = 1024;

/// The most bytes of a chunk whose units double at once.
const FEW: usize = 16 << 10;

/// Bytes of a piece that is noise or not, where units are longer.
const PIECE: usize = 32 << 10;

/// Bytes that a match by chance saves.
const FEW_SAVED: usize = 4;

/// The tables of a level's method.
#[derive(Debug)]
enum Finder {
    None,
    Fast(Single<ForSpeed>),
    Dense(Single<ForSize>),
    Path(Path),
    Optimizer(Optimizer),
}

/// Compresses chunks. Holds the tables of one thread; every chunk starts from the same state, so a chunk's
/// fragment depends on the level, the history and the chunk alone.
#[derive(Debug)]
pub(crate) struct ChunkEncoder {
    params: Params,
    isa: Isa,
    finder: Finder,
    tokens: Tokens,
    blocks: Vec<Block>,
    /// The fixed ones, and those of a block.
    codes: Box<[Codes; 2]>,
}

impl ChunkEncoder {
    /// An encoder for `level`.
    #[must_use]
    pub(crate) fn new(level: Level) -> Self {
        let params = level.params();
        let finder = match params.method {
            Method::Stored | Method::Runs { .. } => Finder::None,
            Method::Fast => Finder::Fast(Single::new()),
            Method::Dense => Finder::Dense(Single::new()),
            Method::Path(knobs) => Finder::Path(Path::new(knobs)),
            Method::Optimal(_) => Finder::Optimizer(Optimizer::new()),
        };
        Self {
            params,
            isa: Isa::detect(),
            finder,
            tokens: Tokens::default(),
            blocks: Vec::new(),
            codes: Box::new([Codes::fixed(), Codes::new()]),
        }
    }

    /// Appends the blocks of the window's chunk to `out`. With `is_final` the last block has BFINAL set (an empty
    /// chunk then still makes one empty block); without it an empty chunk adds nothing.
    pub(crate) fn encode(&mut self, window: &Window, is_final: bool, out: &mut Fragment) {
        let input = window.chunk();
        if input.is_empty() && !is_final {
            return;
        }
        if matches!(self.params.method, Method::Stored) {
            return block::write_stored(input, is_final, out);
        }
        // No chunk of this length takes more: no later one allocates.
        out.reserve(input.len() + input.len() / 256 + 64);
        self.parse(window);
        merge(self.isa, &mut self.blocks);
        let (mut from, mut input_from) = (0, 0);
        let last = self.blocks.len() - 1;
        for (i, block) in self.blocks.iter_mut().enumerate() {
            let pieces = (&self.tokens, &self.tokens.pieces[from..block.pieces_end]);
            let bytes = (input, input_from..block.input_end);
            let is_last = is_final && i == last;
            if block.is_stored {
                block::write_stored(&input[bytes.1], is_last, out);
            } else {
                let histogram = &mut block.histogram;
                block::write(pieces, bytes, histogram, is_last, self.isa, &mut self.codes, out);
            }
            (from, input_from) = (block.pieces_end, block.input_end);
        }
    }

    /// Fills `tokens` and `blocks`, one block a unit.
    fn parse(&mut self, window: &Window) {
        self.tokens.clear(window.chunk().len());
        self.blocks.clear();
        let Some(view) = window.view() else { return };
        let (tokens, piece_bytes) = (&mut self.tokens, self.params.unit_bytes.min(PIECE));
        match &mut self.finder {
            Finder::None => {}
            Finder::Fast(finder) => self.isa.call(ParseSingle { view, finder, piece_bytes, tokens }),
            Finder::Dense(finder) => self.isa.call(ParseSingle { view, finder, piece_bytes, tokens }),
            Finder::Path(path) => path.start(self.isa, view),
            Finder::Optimizer(optimizer) => optimizer.finder.start(view),
        }
        if let Finder::Fast(_) | Finder::Dense(_) = self.finder {
            self.count_units(window);
        } else {
            self.parse_units(window, view);
        }
        if self.blocks.is_empty() {
            self.blocks.push(Block::new(0, 0, Histogram::EMPTY));
        }
    }

    /// Makes blocks of the pieces of a chunk that is parsed: of noise, or as many as make a unit.
    fn count_units(&mut self, window: &Window) {
        let (mut from, mut input_from, mut input_end) = (0, 0, 0);
        let mut at = 0;
        while at < self.tokens.pieces.len() {
            let is_noise = self.is_noise(window.chunk(), at, input_end);
            if (is_noise || input_end - input_from >= self.params.unit_bytes) && at > from {
                self.end_unit(window, from..at, input_from);
                (from, input_from) = (at, input_end);
            }
            input_end = self.tokens.pieces[at].input_end;
            at += 1;
            if is_noise {
                self.blocks.push(Block::stored(at, input_end));
                (from, input_from) = (at, input_end);
            }
        }
        if input_end > input_from {
            self.end_unit(window, from..self.tokens.pieces.len(), input_from);
        }
    }

    /// Whether piece `at`, which starts at `from` in the chunk, is noise. It is cut where noise starts or ends.
    fn is_noise(&mut self, chunk: &[u8], at: usize, from: usize) -> bool {
        let until = self.tokens.pieces[at].input_end;
        if self.saves_little(at, from) && noise::fills(&chunk[from..until]) {
            return true;
        }
        let (starts, ends) = self.tokens.have_literals(at, noise::BLOCK);
        let end = if starts { noise::end(chunk, from..until) } else { 0 };
        if end > 0 {
            self.tokens.cut(at, from, from + end);
        } else if ends {
            self.tokens.cut(at, from, from + noise::start(chunk, from..until));
        }
        end > 0 && self.saves_little(at, from)
    }

    /// Whether piece `at`, which starts at `from` in the chunk, has hardly any match.
    fn saves_little(&self, at: usize, from: usize) -> bool {
        let piece = &self.tokens.pieces[at];
        let bytes = piece.input_end - from;
        bytes - self.tokens.count(piece) <= bytes / 1024 + FEW_SAVED
    }

    /// Counts the tokens of pieces that make a unit; returns their histogram.
    fn end_unit(&mut self, window: &Window, pieces: Range<usize>, input_from: usize) -> &Histogram {
        let mut histogram = Histogram::EMPTY;
        let mut input_end = input_from;
        for piece in &self.tokens.pieces[pieces.clone()] {
            let input = &window.chunk()[input_end..piece.input_end];
            debug_assert!(self.names_its_bytes(piece, window, input_end), "a match names other bytes");
            self.tokens.fold(piece, input, (), |(), tokens| histogram.count(self.isa, tokens));
            input_end = piece.input_end;
        }
        self.blocks.push(Block::new(pieces.end, input_end, histogram));
        match self.blocks.last() {
            Some(block) => &block.histogram,
            None => unreachable!("a block was pushed"),
        }
    }

    /// Parses unit by unit, each with the prices of the one before.
    fn parse_units(&mut self, window: &Window, view: View<'_>) {
        let input = window.chunk();
        let mut prices = Prices::of(&input[..input.len().min(STRETCH)]);
        let method = self.params.method;
        let is_path = matches!(method, Method::Path(_));
        let mut cursor = Cursor::default();
        let mut input_from = 0;
        // Units grow with what is known, and sooner where all of it is little: each takes as long as 500 bytes.
        let slowness = if input.len() <= FEW { 1 } else { 2 };
        if matches!(method, Method::Optimal(_)) {
            // Of the first unit nothing is known: it is parsed once to learn its prices.
            let end = self.parse_unit(method, view, input, &prices, cursor, self.params.unit_bytes);
            let input_to = if end.at < input.len() { end.literals_from } else { input.len() };
            self.tokens.end_piece(self.isa, &input[input_from..input_to], input_to);
            prices.update(self.end_unit(window, 0..1, 0));
            self.tokens.clear(window.chunk().len());
            self.blocks.clear();
        }
        while input_from < input.len() {
            // Of the first bytes nothing is known: small units learn their prices soon.
            let most = if is_path { STRETCH.max(cursor.at / slowness) } else { usize::MAX };
            let until = cursor.at + self.params.unit_bytes.min(most);
            // What is left is no unit of its own if it is short.
            let is_short = is_path && input.len().saturating_sub(until) < LEAST;
            let until = if is_short { input.len() } else { until };
            cursor = match method {
                Method::Runs { has_runs } => {
                    runs::parse(window, has_runs, cursor, until, &mut self.tokens.store)
                }
                _ => self.parse_unit(method, view, input, &prices, cursor, until),
            };
            let input_to = if cursor.at < input.len() { cursor.literals_from } else { input.len() };
            if !is_path {
                self.tokens.end_piece(self.isa, &input[input_from..input_to], input_to);
            }
            let piece = self.tokens.pieces.len() - 1;
            if let Run::Noise = self.tokens.pieces[piece].run {
                // The prices of what comes behind it are known if there was anything before.
                if self.blocks.iter().all(|block| block.is_stored) {
                    prices = Prices::of(&input[input_to..input.len().min(input_to + STRETCH)]);
                }
                self.blocks.push(Block::stored(piece + 1, input_to));
                input_from = input_to;
                continue;
            }
            let histogram = self.end_unit(window, piece..piece + 1, input_from);
            // A few bytes before noise teach no prices.
            let teaches = !is_path || input_to - input_from >= STRETCH / 4;
            if (is_path || matches!(method, Method::Optimal(_))) && input_to < input.len() && teaches {
                prices.update(histogram);
                if is_path {
                    prices.limit_literals(&input[input_from..input_to]);
                }
            }
            input_from = input_to;
        }
    }

    fn parse_unit(
        &mut self,
        method: Method,
        view: View<'_>,
        input: &[u8],
        prices: &Prices,
        cursor: Cursor,
        until: usize,
    ) -> Cursor {
        let tokens = &mut self.tokens;
        match (&mut self.finder, method) {
            (Finder::Path(path), _) => path.parse(self.isa, (view, input), prices, cursor, until, tokens),
            (Finder::Optimizer(optimizer), Method::Optimal(knobs)) => {
                let store = &mut tokens.store;
                self.isa.call(ParseOptimal { view, optimizer, prices, knobs, cursor, until, store })
            }
            _ => Cursor { at: view.end, ..cursor },
        }
    }

    /// Whether every match of `piece`, which starts at `from` in the chunk, is in reach and equals what it names.
    fn names_its_bytes(&self, piece: &Piece, window: &Window, from: usize) -> bool {
        let content = window.content();
        let history = content.len() - window.chunk().len();
        let input = &window.chunk()[from..piece.input_end];
        let end = self.tokens.fold(piece, input, Some(history + from), |at, tokens| {
            let (mut at, mut rest) = (at?, tokens.len());
            for (literals, length, distance) in matches(tokens) {
                let start = at + literals;
                (at, rest) = (start + length, rest - literals - 2);
                let (here, there) = (content.get(start..at)?, content.get(start.checked_sub(distance)?..)?);
                here.iter().zip(there).all(|(here, there)| here == there).then_some(())?;
            }
            Some(at + rest)
        });
        end == Some(history + piece.input_end)
    }
}
