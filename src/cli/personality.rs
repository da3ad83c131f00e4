//! What the command does by default, by the name it is called with.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A name and what it stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Personality {
    pub(super) name: &'static str,
    pub(super) decompress: bool,
    pub(super) to_stdout: bool,
}

const fn is(name: &'static str, decompress: bool, to_stdout: bool) -> Personality {
    Personality { name, decompress, to_stdout }
}

/// The first is the one for all other names.
const PERSONALITIES: [Personality; 9] = [
    is("rigz", false, false),
    is("unrigz", true, false),
    is("rigzcat", true, true),
    is("gzip", false, false),
    is("gunzip", true, false),
    is("zcat", true, true),
    is("gzcat", true, true),
    is("pigz", false, false),
    is("unpigz", true, false),
];

/// The personality of `argv[0]`.
pub(super) fn of(argv0: Option<OsString>) -> Personality {
    let called = argv0.unwrap_or_default();
    let base = Path::new(&called).file_name().map(OsStrExt::as_bytes);
    let known = PERSONALITIES.iter().find(|p| Some(p.name.as_bytes()) == base);
    *known.unwrap_or(&PERSONALITIES[0])
}
