//! Levels are data: one table, each knob with its unit.

use crate::lz77::latest::{Places, Search};
use crate::lz77::optimal::Optimal;
use crate::lz77::path::{FARTHEST, STRETCH, Way};

/// How a level compresses.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Method {
    /// Stored blocks.
    Stored,
    /// Literals, and matches of distance 1 if `has_runs`.
    Runs { has_runs: bool },
    /// One candidate per position, found by five bytes, in machine code by four.
    Fast,
    /// The same, and more positions inserted.
    Dense,
    /// One match a position, and the cheapest way through them.
    Path(Way),
    /// Candidates of many lengths and a parse of minimum cost.
    Optimal(Optimal),
}

/// The knobs of a level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Params {
    pub(crate) method: Method,
    /// Input bytes between possible block borders, and between two updates of the prices. Fewer follow the data more
    /// closely; each unit costs two passes over 316 counters. Swept at level 1: with half as many bytes the output is 0.2 %
    /// smaller and takes 2 % more time.
    pub(crate) unit_bytes: usize,
}

/// The cheapest way through one match a position: what the finder knows; whether it skips each fourth position; the bytes by
/// which matches may be shorter; from how far behind a match is taken in one pass; stretches in a unit. Seven bytes beside
/// three, not four alone, make the output 1.8 % smaller and take 11 % more time; one byte less 0.4 % and 9 %, three another
/// 0.2 % and 14 %; half as many stretches 0.4 % and 3 %; 8 positions behind, not 4, 1.6 % and 2.5 %, 16 another 1.1 % and 2.5 %.
const fn path(places: Places, skips: bool, cuts: usize, farthest: usize, stretches: usize) -> Params {
    let search = Search { places, skips };
    Params { method: Method::Path(Way { search, cuts, farthest }), unit_bytes: stretches * STRETCH }
}

/// A minimum-cost parse: candidates compared in a chain. Each doubling makes the output 0.15 % smaller and takes 4 % more
/// time.
const fn optimal(depth: u32) -> Params {
    Params { method: Method::Optimal(Optimal { depth }), unit_bytes: 8192 }
}

const LEVELS: [Params; 11] = [
    Params { method: Method::Stored, unit_bytes: 0 },
    Params { method: Method::Fast, unit_bytes: 131_072 },
    Params { method: Method::Dense, unit_bytes: 8192 },
    path(Places::Four, true, 0, 4, 32),
    path(Places::Four, true, 0, 8, 8),
    path(Places::Seven, true, 0, 8, 8),
    path(Places::Seven, false, 1, FARTHEST, 8),
    path(Places::SevenTwice, false, 1, FARTHEST, 8),
    path(Places::SevenTwice, false, 1, FARTHEST, 4),
    path(Places::SevenTwice, false, 3, FARTHEST, 4),
    optimal(40),
];

/// A compression level, 0 (stored) to 10 (smallest).
///
/// ```
/// use rigz::Level;
///
/// assert_eq!(Level::new(9), Some(Level::BEST));
/// assert_eq!(Level::new(99), None);
/// assert!(Level::FAST < Level::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// No compression: stored blocks only.
    pub const STORED: Self = Self(0);
    /// The fastest level that compresses.
    pub const FAST: Self = Self(1);
    /// Huffman codes alone, no matches; not in the order of levels.
    pub const HUFFMAN: Self = Self(254);
    /// Matches within runs of a byte alone; not in the order of levels.
    pub const RUNS: Self = Self(255);
    /// What `gzip` uses unless told otherwise.
    pub const DEFAULT: Self = Self(6);
    /// The flagship.
    pub const BEST: Self = Self(9);

    /// The level of that number; none above 10.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if (number as usize) < LEVELS.len() { Some(Self(number)) } else { None }
    }

    /// The knobs.
    pub(crate) const fn params(self) -> Params {
        match self {
            Self::HUFFMAN => Params { method: Method::Runs { has_runs: false }, unit_bytes: 8192 },
            Self::RUNS => Params { method: Method::Runs { has_runs: true }, unit_bytes: 8192 },
            Self(number) => LEVELS[number as usize],
        }
    }

    /// The number of the level.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::DEFAULT
    }
}
