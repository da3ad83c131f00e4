//! Memory access that the borrow checker cannot prove: the only `unsafe` of the library outside `arch`.

#[cfg(feature = "parallel")]
mod notes;
mod output;
#[cfg(feature = "alloc")]
pub(crate) mod position;
#[cfg(feature = "alloc")]
pub(crate) mod room;
mod words;

#[cfg(feature = "parallel")]
pub(crate) use notes::{LEAST_ROOM, Notes};
#[cfg(feature = "parallel")]
pub(crate) use output::RUN;
pub(crate) use output::{Output, Rounds};
#[cfg(feature = "alloc")]
pub(crate) use output::{PAST_LIMIT, SLACK};
pub(crate) use words::{Words, load_now};
