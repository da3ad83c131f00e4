//! Where a file stands: an open directory and a name in it, so that no later rename of a directory on the way there
//! can lead an operation elsewhere.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fsync, openat, statat, unlinkat};

use super::stat::Stat;

/// A name in an open directory.
#[derive(Debug)]
pub(in crate::cli) struct Place {
    /// None: the current directory.
    dir: Option<Rc<OwnedFd>>,
    pub(in crate::cli) name: OsString,
}

impl Place {
    /// The place that `path` leads to; only its last part need not exist.
    pub(in crate::cli) fn of(path: &OsStr) -> io::Result<Self> {
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
    pub(in crate::cli) fn sibling(&self, name: OsString) -> io::Result<Self> {
        Ok(Self { dir: self.dir.clone(), name })
    }

    /// The last part of `path`.
    pub(in crate::cli) fn name_of(path: &OsStr) -> &OsStr {
        let bytes = path.as_bytes();
        let start = bytes.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
        OsStr::from_bytes(&bytes[start..])
    }

    /// Whether both stand in one directory.
    pub(in crate::cli) fn is_same_directory(&self, other: &Self) -> bool {
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
    pub(in crate::cli) fn stat(&self) -> io::Result<Stat> {
        Ok(Stat(statat(self.dir(), &self.name, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    /// Takes the name away. To be called where deleting is decided.
    pub(in crate::cli) fn unlink(&self) -> io::Result<()> {
        Ok(unlinkat(self.dir(), &self.name, AtFlags::empty())?)
    }

    /// Puts the directory on the disk, where the file system can.
    pub(in crate::cli) fn sync_dir(&self) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let _ = openat(self.dir(), ".", flags, Mode::empty()).and_then(fsync);
    }
}
