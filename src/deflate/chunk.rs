//! One chunk of input to one fragment: the unit that is compressed in parallel.

use super::block::{self, Codes};
use super::split::{Block, merge};
use crate::arch::Isa;
use crate::bits::fragment::Fragment;
use crate::level::{Level, Method, Params};
use crate::lz77::chain::Chain;
use crate::lz77::cost::Prices;
use crate::lz77::histogram::Histogram;
use crate::lz77::lazy::ParseLazy;
use crate::lz77::optimal::{Optimizer, ParseOptimal};
use crate::lz77::path::Path;
use crate::lz77::runs;
use crate::lz77::sequence::{Sequence, Store};
use crate::lz77::single::{ForSize, ForSpeed, ParseSingle, Single};
use crate::lz77::window::{View, Window};
use crate::lz77::{Cursor, MIN_MATCH};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Bytes of input in each chunk but the last at `level`: the grid that every compressor of this crate cuts its
/// input on, so that the same bytes come out whatever the thread count.
///
/// Swept from 128 KiB to 4 MiB: smaller chunks cost size, and time to fill tables with their history; larger ones cost
/// memory and leave the cache. 1 MiB is the fastest at every level, and at most 0.05 % larger than one unbroken stream.
///
/// ```
/// assert_eq!(rigz::deflate::chunk_bytes(rigz::Level::BEST), 1 << 20);
/// ```
#[must_use]
pub const fn chunk_bytes(_level: Level) -> usize {
    1 << 20
}

/// The tables of a level's method.
#[derive(Debug)]
enum Finder {
    None,
    Fast(Single<ForSpeed>),
    Dense(Single<ForSize>),
    Path(Path),
    Chain(Box<Chain>),
    Optimizer(Optimizer),
}

/// Compresses chunks. Holds the tables of one thread; every chunk starts from the same state, so a chunk's
/// fragment depends on the level, the history and the chunk alone.
#[derive(Debug)]
pub(crate) struct ChunkEncoder {
    params: Params,
    isa: Isa,
    finder: Finder,
    store: Store,
    blocks: Vec<Block>,
    fixed_codes: Box<Codes>,
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
            Method::Lazy(_) => Finder::Chain(Box::new(Chain::new())),
            Method::Optimal(_) => Finder::Optimizer(Optimizer::new()),
        };
        Self {
            params,
            isa: Isa::detect(),
            finder,
            store: Store::default(),
            blocks: Vec::new(),
            fixed_codes: Box::new(Codes::fixed()),
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
        self.parse(window);
        merge(&mut self.blocks);
        let (mut from, mut input_from) = (0, 0);
        let last = self.blocks.len() - 1;
        for (i, block) in self.blocks.iter_mut().enumerate() {
            let sequences = &self.store.sequences()[from..block.sequences_end];
            let bytes = &input[input_from..block.input_end];
            let is_last = is_final && i == last;
            block::write(sequences, bytes, &mut block.histogram, is_last, self.isa, &self.fixed_codes, out);
            (from, input_from) = (block.sequences_end, block.input_end);
        }
    }

    /// Fills `store` and `blocks`, one block a unit; each unit is parsed with the prices of the one before.
    fn parse(&mut self, window: &Window) {
        self.store.clear();
        self.blocks.clear();
        let input = window.chunk();
        let Some(view) = window.view() else { return };
        match &mut self.finder {
            Finder::None => {}
            Finder::Fast(finder) => self.isa.call(ParseSingle { view, finder, store: &mut self.store }),
            Finder::Dense(finder) => self.isa.call(ParseSingle { view, finder, store: &mut self.store }),
            Finder::Path(path) => path.finder.start(self.isa, view),
            Finder::Chain(chain) => chain.start(view),
            Finder::Optimizer(optimizer) => optimizer.finder.start(view),
        }
        let mut method = self.params.method;
        let mut prices = match method {
            Method::Path(_) | Method::Lazy(_) => {
                Prices::of(&input[..input.len().min(self.params.unit_bytes)])
            }
            _ => Prices::UNKNOWN,
        };
        let uses_prices = matches!(method, Method::Path(_) | Method::Lazy(_) | Method::Optimal(_));
        let mut cursor = Cursor::default();
        let (mut from, mut input_from) = (0, 0);
        if matches!(method, Method::Optimal(_)) {
            // Of the first unit nothing is known: it is parsed once to learn its prices.
            let end = self.parse_unit(method, view, input, &prices, cursor, self.params.unit_bytes);
            let input_to = if end.at < input.len() { end.literals_from } else { input.len() };
            let mut histogram = Histogram::EMPTY;
            histogram.count(self.store.sequences(), &input[..input_to]);
            prices.update(&histogram);
            self.store.clear();
        }
        while input_from < input.len() {
            let until = cursor.at + self.params.unit_bytes;
            cursor = match method {
                Method::Runs { has_runs } => runs::parse(window, has_runs, cursor, until, &mut self.store),
                _ => self.parse_unit(method, view, input, &prices, cursor, until),
            };
            let mut sequences = &self.store.sequences()[from..];
            let mut input_to = if cursor.at < input.len() { cursor.literals_from } else { input.len() };
            if let Finder::Fast(_) | Finder::Dense(_) = self.finder {
                // These have parsed the whole chunk.
                let (count, bytes) = first_of(sequences, self.params.unit_bytes);
                if count < sequences.len() {
                    (sequences, input_to) = (&sequences[..count], input_from + bytes);
                }
            }
            let mut histogram = Histogram::EMPTY;
            debug_assert!(names_its_bytes(sequences, window, input_from), "a match names other bytes");
            histogram.count(sequences, &input[input_from..input_to]);
            if uses_prices && input_to < input.len() {
                prices.update(&histogram);
            }
            if let Method::Lazy(knobs) = self.params.method {
                method = Method::Lazy(knobs.behind(&histogram, input_to - input_from));
            }
            from += sequences.len();
            input_from = input_to;
            self.blocks.push(Block::new(from, input_to, histogram));
        }
        if self.blocks.is_empty() {
            self.blocks.push(Block::new(0, 0, Histogram::EMPTY));
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
        let store = &mut self.store;
        match (&mut self.finder, method) {
            (Finder::Path(path), _) => path.parse(self.isa, (view, input), prices, cursor, until, store),
            (Finder::Chain(chain), Method::Lazy(knobs)) => {
                self.isa.call(ParseLazy { view, chain, prices, knobs, cursor, until, store })
            }
            (Finder::Optimizer(optimizer), Method::Optimal(knobs)) => {
                self.isa.call(ParseOptimal { view, optimizer, prices, knobs, cursor, until, store })
            }
            _ => Cursor { at: view.end, ..cursor },
        }
    }
}

/// How many of `sequences` stand for `bytes` bytes or just more, and how many those are.
fn first_of(sequences: &[Sequence], bytes: usize) -> (usize, usize) {
    let mut sum = 0;
    for (i, sequence) in sequences.iter().enumerate() {
        if sum >= bytes {
            return (i, sum);
        }
        sum += sequence.bytes();
    }
    (sequences.len(), sum)
}

/// Whether every match of `sequences`, which start at `from` in the chunk, is in reach and equals what it names.
fn names_its_bytes(sequences: &[Sequence], window: &Window, from: usize) -> bool {
    let content = window.content();
    let mut at = content.len() - window.chunk().len() + from;
    sequences.iter().all(|sequence| {
        at += sequence.bytes();
        if !sequence.has_match() {
            return at <= content.len();
        }
        let (length, distance) = (sequence.length_code() + MIN_MATCH, sequence.distance_code() + 1);
        let start = at - length;
        at <= content.len()
            && distance <= start
            && content[start..at].iter().zip(&content[start - distance..]).all(|(here, there)| here == there)
    })
}
