//! Threads: chunks compressed side by side, the same bytes as without.

pub mod compress;
mod order;

pub use compress::{Failure, Options, Totals, compress};
