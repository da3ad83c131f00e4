//! Memory access that the borrow checker cannot prove: the only `unsafe` of the library outside `arch`.

mod output;
#[cfg(feature = "alloc")]
pub(crate) mod position;
#[cfg(feature = "alloc")]
pub(crate) mod room;
mod words;

pub(crate) use output::{Element, Output};
pub(crate) use words::{Words, load_now};
