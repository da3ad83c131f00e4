//! What is known of a file.

use std::fs::File;
use std::io;

use rustix::fs::{self, FileType, Mode, OFlags, fstat, openat};

use super::place::Place;

/// What is known of a file.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Stat(pub(super) fs::Stat);

/// What tells one file, in one state, from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Identity([i128; 7]);

/// Opens what stands at `place`. Without `waits` a FIFO is not waited for.
pub(in crate::cli) fn open(place: &Place, follows_links: bool, waits: bool) -> io::Result<(File, Stat)> {
    let mut flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
    flags.set(OFlags::NOFOLLOW, !follows_links);
    flags.set(OFlags::NONBLOCK, !waits);
    let file = File::from(openat(place.dir(), &place.name, flags, Mode::empty())?);
    let stat = Stat::of(&file)?;
    Ok((file, stat))
}

impl Stat {
    pub(in crate::cli) fn of(file: &File) -> io::Result<Self> {
        Ok(Self(fstat(file)?))
    }

    pub(in crate::cli) fn is_directory(&self) -> bool {
        FileType::from_raw_mode(self.0.st_mode) == FileType::Directory
    }

    pub(in crate::cli) fn is_regular(&self) -> bool {
        FileType::from_raw_mode(self.0.st_mode) == FileType::RegularFile
    }

    pub(in crate::cli) fn length(&self) -> u64 {
        self.0.st_size as u64
    }

    /// Seconds since 1970 of the last modification.
    pub(in crate::cli) fn mtime(&self) -> i64 {
        self.0.st_mtime
    }

    /// Whether both are of the same file.
    pub(in crate::cli) fn is_same_file(&self, other: &Self) -> bool {
        (self.0.st_dev, self.0.st_ino) == (other.0.st_dev, other.0.st_ino)
    }

    pub(in crate::cli) fn identity(&self) -> Identity {
        let stat = &self.0;
        Identity([
            stat.st_dev.into(),
            stat.st_ino.into(),
            stat.st_size.into(),
            stat.st_mtime.into(),
            stat.st_mtime_nsec.into(),
            stat.st_ctime.into(),
            stat.st_ctime_nsec.into(),
        ])
    }

    /// Why a file must not be replaced, if it must not.
    pub(in crate::cli) fn refusal(&self, force: bool) -> Option<String> {
        let mode = Mode::from_raw_mode(self.0.st_mode);
        if mode.contains(Mode::SUID) {
            Some("is set-user-ID on execution - ignored".into())
        } else if mode.contains(Mode::SGID) {
            Some("is set-group-ID on execution - ignored".into())
        } else if force {
            None
        } else if mode.contains(Mode::SVTX) {
            Some("has the sticky bit set - file ignored".into())
        } else {
            match self.0.st_nlink {
                0 | 1 => None,
                2 => Some("has 1 other link -- file ignored".into()),
                links => Some(format!("has {} other links -- file ignored", links - 1)),
            }
        }
    }
}
