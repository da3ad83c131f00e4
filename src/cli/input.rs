//! Opening an operand and judging whether it may be taken.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;

use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, openat};
use rustix::io::Errno;

use super::config::{Action, Config};
use super::operand::{TRIED, compressed_suffix, with_suffix};
use super::place::{Identity, Place};

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
        let mut flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
        if !config.force && !config.to_stdout {
            flags |= OFlags::NOFOLLOW;
        }
        if !config.to_stdout {
            flags |= OFlags::NONBLOCK;
        }
        let open = |path: &OsStr| {
            let place = Place::of(path)?;
            let file = File::from(openat(place.dir(), &place.name, flags, Mode::empty())?);
            let (stat, named) = (fstat(&file)?, Identity::of(&place.stat()?));
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
        FileType::from_raw_mode(self.stat.st_mode) == FileType::Directory
    }

    pub(super) fn is_regular(&self) -> bool {
        FileType::from_raw_mode(self.stat.st_mode) == FileType::RegularFile
    }

    /// Whether both are the same file.
    pub(super) fn is_same_file(&self, other: &Self) -> bool {
        (self.stat.st_dev, self.stat.st_ino) == (other.stat.st_dev, other.stat.st_ino)
    }

    /// Why the file must not be replaced, if it must not.
    pub(super) fn refusal(&self, config: &Config) -> Option<String> {
        let mode = Mode::from_raw_mode(self.stat.st_mode);
        if !self.is_regular() {
            Some("is not a directory or a regular file - ignored".into())
        } else if mode.contains(Mode::SUID) {
            Some("is set-user-ID on execution - ignored".into())
        } else if mode.contains(Mode::SGID) {
            Some("is set-group-ID on execution - ignored".into())
        } else if config.force {
            None
        } else if mode.contains(Mode::SVTX) {
            Some("has the sticky bit set - file ignored".into())
        } else {
            match self.stat.st_nlink {
                0 | 1 => None,
                2 => Some("has 1 other link -- file ignored".into()),
                links => Some(format!("has {} other links -- file ignored", links - 1)),
            }
        }
    }

    /// Whether the file, and what stands under its name, are as they were when it was opened.
    pub(super) fn is_unchanged(&self) -> bool {
        let same_file = fstat(&self.file).is_ok_and(|stat| Identity::of(&stat) == Identity::of(&self.stat));
        same_file && self.place.stat().is_ok_and(|stat| Identity::of(&stat) == self.named)
    }
}

fn is_absent(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::NOENT.raw_os_error())
}
