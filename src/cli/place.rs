//! Where a file stands: an open directory and a name in it, so that no later rename of a directory on the way there
//! can lead an operation elsewhere.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, Stat, fsync, openat, statat};

/// A name in an open directory.
#[derive(Debug)]
pub(super) struct Place {
    /// None: the current directory.
    dir: Option<Rc<OwnedFd>>,
    pub(super) name: OsString,
}

impl Place {
    /// The place that `path` leads to; only its last part need not exist.
    pub(super) fn of(path: &OsStr) -> io::Result<Self> {
        let bytes = path.as_bytes();
        let Some(at) = bytes.iter().rposition(|&byte| byte == b'/') else {
            return Ok(Self { dir: None, name: path.to_owned() });
        };
        let (dir, name) = (&bytes[..=at], OsStr::from_bytes(&bytes[at + 1..]));
        let name = if name.is_empty() { OsStr::new(".") } else { name };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = openat(CWD, OsStr::from_bytes(dir), flags, Mode::empty())?;
        Ok(Self { dir: Some(Rc::new(dir)), name: name.to_owned() })
    }

    /// Another name in the same directory.
    pub(super) fn sibling(&self, name: OsString) -> io::Result<Self> {
        Ok(Self { dir: self.dir.clone(), name })
    }

    /// The last part of `path`.
    pub(super) fn name_of(path: &OsStr) -> &OsStr {
        let bytes = path.as_bytes();
        let start = bytes.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
        OsStr::from_bytes(&bytes[start..])
    }

    /// Whether both stand in one directory.
    pub(super) fn is_same_directory(&self, other: &Self) -> bool {
        let identity =
            |place: &Self| statat(place.dir(), ".", AtFlags::empty()).map(|stat| (stat.st_dev, stat.st_ino));
        match (&self.dir, &other.dir) {
            (None, None) => true,
            (Some(one), Some(two)) if Rc::ptr_eq(one, two) => true,
            _ => identity(self).is_ok_and(|one| identity(other) == Ok(one)),
        }
    }

    pub(super) fn dir(&self) -> BorrowedFd<'_> {
        self.dir.as_ref().map_or(CWD, AsFd::as_fd)
    }

    /// What stands here, links not followed.
    pub(super) fn stat(&self) -> io::Result<Stat> {
        Ok(statat(self.dir(), &self.name, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Puts the directory on the disk, where the file system can.
    pub(super) fn sync_dir(&self) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let _ = openat(self.dir(), ".", flags, Mode::empty()).and_then(fsync);
    }
}

/// What tells one file, in one state, from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity([i128; 7]);

impl Identity {
    pub(super) fn of(stat: &Stat) -> Self {
        Self([
            stat.st_dev.into(),
            stat.st_ino.into(),
            stat.st_size.into(),
            stat.st_mtime.into(),
            stat.st_mtime_nsec.into(),
            stat.st_ctime.into(),
            stat.st_ctime_nsec.into(),
        ])
    }
}
