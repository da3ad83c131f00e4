//! What the command asks of the operating system. The same names stand for the same promises on all systems; what one
//! cannot promise, its folder says.
//!
//! | name | what it is |
//! |---|---|
//! | `Place` | a name in a directory |
//! | `Stat`, `Identity` | what is known of a file; what tells one, in one state, from another |
//! | `open` | opens an input |
//! | `Output` | an output that nobody sees before it is complete |
//! | `Stream` | a file, pipe or terminal, read and written with patience |
//! | `close` | closes, and tells if data did not arrive |
//! | `most_addresses` | how much memory the process may ever name |
//! | `set_up` | to be called first |

mod local_time;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub(super) use local_time::local_time;
#[cfg(unix)]
pub(super) use unix::*;
#[cfg(windows)]
pub(super) use windows::*;
