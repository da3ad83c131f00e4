//! Opening an operand and judging whether it may be taken.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};

use super::config::{Action, Config};
use super::operand::{TRIED, compressed_suffix, with_suffix};
use super::system::{self, Identity, Place, Stat};

/// An open operand.
#[derive(Debug)]
pub(super) struct Input {
    /// The path as given, with the suffix under which it was found.
    pub(super) path: OsString,
    pub(super) place: Place,
    pub(super) file: File,
    pub(super) stat: Stat,
    /// What stands under the name; with a link, the link.
    named: Identity,
}

impl Input {
    /// Opens `path`, or when decompressing and it is not there, `path` with a suffix.
    ///
    /// Links are followed only with `-f` or `-c`. Without `-c` a FIFO is not waited for: it will be refused.
    pub(super) fn open(path: &OsStr, config: &Config) -> io::Result<Self> {
        let (follows_links, waits) = (config.force || config.to_stdout, config.to_stdout);
        let open = |path: &OsStr| {
            let place = Place::of(path)?;
            let (file, stat) = system::open(&place, follows_links, waits)?;
            let named = place.stat()?.identity();
            Ok(Self { path: path.to_owned(), place, file, stat, named })
        };
        let first = open(path);
        let may_lack_suffix = config.action != Action::Compress
            && compressed_suffix(path, &config.suffix, !config.is_gnu).is_none();
        match first {
            Err(error) if is_absent(&error) && may_lack_suffix => std::iter::once(&*config.suffix)
                .chain(TRIED.map(OsStr::new))
                .map(|suffix| open(&with_suffix(path, suffix)))
                .find(|result| !matches!(result, Err(error) if is_absent(error)))
                .unwrap_or(Err(error)),
            first => first,
        }
    }

    pub(super) fn is_directory(&self) -> bool {
        self.stat.is_directory()
    }

    pub(super) fn is_regular(&self) -> bool {
        self.stat.is_regular()
    }

    /// Whether both are the same file.
    pub(super) fn is_same_file(&self, other: &Self) -> bool {
        self.stat.is_same_file(&other.stat)
    }

    /// Why the file must not be replaced, if it must not.
    pub(super) fn refusal(&self, config: &Config) -> Option<String> {
        if !self.is_regular() {
            return Some("is not a directory or a regular file - ignored".into());
        }
        self.stat.refusal(config.force)
    }

    /// Whether the file, and what stands under its name, are as they were when it was opened.
    pub(super) fn is_unchanged(&self) -> bool {
        let same_file = Stat::of(&self.file).is_ok_and(|stat| stat.identity() == self.stat.identity());
        same_file && self.place.stat().is_ok_and(|stat| stat.identity() == self.named)
    }
}

fn is_absent(error: &io::Error) -> bool {
    error.kind() == ErrorKind::NotFound
}
