//! What the command does by default, by the name it is called with.

use std::env::consts::EXE_SUFFIX;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// A name and what it stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Personality {
    pub(super) name: &'static str,
    pub(super) decompress: bool,
    pub(super) to_stdout: bool,
    /// As GNU gzip has it: `-11` is two options, `-b` is a number of bits, zlib streams are unknown, messages are word
    /// for word those of gzip, and no progress is shown.
    pub(super) is_gnu: bool,
}

const fn is(name: &'static str, decompress: bool, to_stdout: bool) -> Personality {
    Personality { name, decompress, to_stdout, is_gnu: false }
}

const fn gnu(name: &'static str, decompress: bool, to_stdout: bool) -> Personality {
    Personality { name, decompress, to_stdout, is_gnu: true }
}

/// The first is the one for all other names.
const PERSONALITIES: [Personality; 9] = [
    is("rigz", false, false),
    is("unrigz", true, false),
    is("rigzcat", true, true),
    gnu("gzip", false, false),
    gnu("gunzip", true, false),
    gnu("zcat", true, true),
    gnu("gzcat", true, true),
    is("pigz", false, false),
    is("unpigz", true, false),
];

/// The personality of `argv[0]`.
pub(super) fn of(argv0: Option<OsString>) -> Personality {
    let called = argv0.unwrap_or_default();
    let base = Path::new(&called).file_name().and_then(OsStr::to_str).unwrap_or_default();
    let base = base.strip_suffix(EXE_SUFFIX).unwrap_or(base);
    let known = PERSONALITIES.iter().find(|p| p.name == base);
    *known.unwrap_or(&PERSONALITIES[0])
}
