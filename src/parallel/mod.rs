//! Threads: chunks compressed side by side, the same bytes as without; and files decompressed so, whoever wrote them.
//!
//! | file | what it knows |
//! |---|---|
//! | `order` | what is read in order, worked on side by side, and written in order |
//! | `compress` | chunks of data to one member |
//! | `cuts` | where data is cut, beside the chunks |
//! | `decompress` | members to data: the frontier, and its threads |
//! | `plan` | what is decoded ahead of the frontier, and by whom |
//! | `find` | places where decoding can start |
//! | `resolve` | data behind a window that is not known yet |
//! | `strand` | a stretch of data, and how it is checked |
//! | `feed` | the compressed input, shared |

pub mod compress;
mod cuts;
pub mod decompress;
mod feed;
mod find;
mod order;
mod plan;
mod resolve;
mod strand;

pub use compress::{Failure, Options, Totals, compress};
pub use cuts::Cuts;
pub use decompress::decompress;
