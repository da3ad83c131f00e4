//! Threads: chunks compressed side by side, the same bytes as without; and files decompressed so, whoever wrote them.
//!
//! [`CompressBuilder`] and [`DecompressBuilder`] make readers and writers; [`compress()`] and [`decompress()`] take all of a
//! reader to a writer, which is quickest.
//!
//! | file | what it knows |
//! |---|---|
//! | `builder` | writers and readers that compress: a thread count or a pool, a memory limit |
//! | `reader` | readers that decompress |
//! | `member`, `crew` | what the former are made of: chunks in order, and whoever is free to compress one |
//! | `order` | what is read in order, worked on side by side, and written in order |
//! | `compress` | chunks of data to one member |
//! | `cuts` | where data is cut, beside the chunks |
//! | `decompress` | members to data: the frontier, and its threads |
//! | `plan` | what is decoded ahead of the frontier, and by whom |
//! | `pool` | the same by tasks of the caller's pool |
//! | `ahead` | what one thread decodes there, and what it keeps to go on |
//! | `find` | places where decoding can start |
//! | `sink` | what is written, checked before |
//! | `strand` | a stretch of data, and how it is checked |
//! | `feed` | the compressed input, shared |

mod ahead;
mod builder;
pub mod compress;
mod crew;
mod cuts;
pub mod decompress;
mod feed;
mod find;
mod member;
mod order;
mod plan;
mod pool;
mod reader;
mod sink;
mod strand;

pub use builder::{CompressBuilder, CompressReader, Writer};
pub use compress::{Failure, Options, Totals, compress};
pub use cuts::Cuts;
pub use decompress::decompress;
pub use reader::{DecompressBuilder, Reader};

/// How often a thread that decompresses looks for what it waits for before it sleeps. What there is to wait for takes less
/// than a piece does; but who is woken may find itself on a processor that is taken, and wait for a tick of the scheduler
/// while another is idle.
const LOOKS: u32 = 4;

/// Lets some ten microseconds go by.
fn pause() {
    (0..1000).for_each(|_| std::hint::spin_loop());
}
