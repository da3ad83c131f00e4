//! An output file that nobody sees before it is complete.
//!
//! It is written to a file without a name (`O_TMPFILE`), or where there is no such thing, under a private name that
//! says what it is. [`Output::commit`] gives it its name in one step: without `replace` only if the name is free.
//! Dropped before, it is gone.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{
    AtFlags, CWD, Gid, Mode, OFlags, Timespec, Timestamps, Uid, fchmod, fchown, fstat, futimens, linkat,
    openat, renameat,
};
use rustix::io::Errno;
use rustix::process::umask;

use super::close::close;
use super::place::Place;
use super::signals;
use super::stat::Stat;
use crate::cli::remove;

/// An output file in the making.
#[derive(Debug)]
pub(in crate::cli) struct Output {
    pub(in crate::cli) file: File,
    target: Place,
    /// The private name, while there is one.
    named: Option<Temporary>,
}

impl Output {
    /// Opens an output that is to stand at `target`, readable by the owner alone.
    pub(in crate::cli) fn create(target: Place) -> io::Result<Self> {
        if let Some(file) = open_nameless(&target) {
            return Ok(Self { file, target, named: None });
        }
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let (temporary, file) = Temporary::make(&target, |place| {
            openat(place.dir(), &place.name, flags, Mode::RUSR | Mode::WUSR)
        })?;
        Ok(Self { file: file.into(), target, named: Some(temporary) })
    }

    /// Another name in the same directory.
    pub(in crate::cli) fn rename(&mut self, name: OsString) {
        self.target.name = name;
    }

    pub(in crate::cli) fn name(&self) -> &OsStr {
        &self.target.name
    }

    /// Gives the output the group, mode, owner and times of `stat`, by descriptor. Owner and group are for those who
    /// may; set-id bits are never passed on, and a group that could not be given gets no rights.
    pub(in crate::cli) fn set_attributes(&self, stat: &Stat, mtime: Option<u32>) -> io::Result<()> {
        let stat = &stat.0;
        let mut mode = Mode::from_raw_mode(stat.st_mode) & Mode::from_raw_mode(0o777);
        // What is right already is not worth an entry in the file system's journal.
        let made = fstat(&self.file)?;
        let (group, owner) = (Gid::from_raw(stat.st_gid), Uid::from_raw(stat.st_uid));
        if made.st_gid != stat.st_gid && fchown(&self.file, None, Some(group)).is_err() {
            mode -= Mode::RWXG;
        }
        let moded = fchmod(&self.file, mode);
        if made.st_uid != stat.st_uid {
            let _ = fchown(&self.file, Some(owner), None);
        }
        let time = |seconds: i64, nanoseconds| Timespec { tv_sec: seconds, tv_nsec: nanoseconds };
        let last_access = time(stat.st_atime, stat.st_atime_nsec as _);
        let last_modification =
            mtime.map_or(time(stat.st_mtime, stat.st_mtime_nsec as _), |seconds| time(seconds.into(), 0));
        futimens(&self.file, &Timestamps { last_access, last_modification })?;
        Ok(moded?)
    }

    /// Gives the output the mode that a file has which nothing is known about.
    pub(in crate::cli) fn set_default_mode(&self) -> io::Result<()> {
        let mask = umask(Mode::empty());
        umask(mask);
        Ok(fchmod(&self.file, Mode::from_raw_mode(0o666) - mask)?)
    }

    /// Whether both are on one file system.
    pub(in crate::cli) fn is_beside(&self, other: &Self) -> bool {
        let device = |output: &Self| fstat(&output.file).map(|stat| stat.st_dev);
        device(self).is_ok_and(|one| device(other) == Ok(one))
    }

    /// Puts everything on the file system of the output on the disk; false if that cannot be done, or went wrong.
    #[cfg(target_os = "linux")]
    pub(in crate::cli) fn sync_file_system(&self) -> bool {
        rustix::fs::syncfs(&self.file).is_ok()
    }

    #[cfg(not(target_os = "linux"))]
    pub(in crate::cli) fn sync_file_system(&self) -> bool {
        false
    }

    /// Asks the file system whether all data arrived, as far as it knows.
    pub(in crate::cli) fn check(&self) -> io::Result<()> {
        close(self.file.try_clone()?)
    }

    /// Puts the data on the disk.
    pub(in crate::cli) fn sync(&self) -> io::Result<()> {
        match self.file.sync_all() {
            Err(error) if error.raw_os_error() == Some(Errno::INVAL.raw_os_error()) => Ok(()),
            result => result,
        }
    }

    /// Gives the output its name. `AlreadyExists` if the name is taken and `replace` is false.
    pub(in crate::cli) fn commit(self, replace: bool) -> io::Result<Place> {
        match self.named {
            None => match link_nameless(&self.file, &self.target) {
                Err(Errno::EXIST) if replace => {
                    let (temporary, ()) =
                        Temporary::make(&self.target, |place| link_nameless(&self.file, place))?;
                    temporary.become_target(&self.target, true)?;
                }
                result => result?,
            },
            Some(temporary) => temporary.become_target(&self.target, replace)?,
        }
        Ok(self.target)
    }
}

/// A file without a name in the directory of `target`, if it can be given one later.
#[cfg(target_os = "linux")]
fn open_nameless(target: &Place) -> Option<File> {
    /// Whether there is a `/proc` through which nameless files get names.
    static CAN_NAME: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
    let file = File::from(openat(target.dir(), ".", flags, Mode::RUSR | Mode::WUSR).ok()?);
    let can_be_named = || rustix::fs::statat(CWD, descriptor_path(&file), AtFlags::empty()).is_ok();
    CAN_NAME.get_or_init(can_be_named).then_some(file)
}

#[cfg(not(target_os = "linux"))]
fn open_nameless(_target: &Place) -> Option<File> {
    None
}

fn link_nameless(file: &File, place: &Place) -> Result<(), Errno> {
    linkat(CWD, descriptor_path(file), place.dir(), &place.name, AtFlags::SYMLINK_FOLLOW)
}

fn descriptor_path(file: &File) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// A private name of ours, deleted when dropped and when a signal ends the process.
#[derive(Debug)]
struct Temporary {
    place: Place,
    /// The name is gone: the file has become the target.
    is_gone: bool,
    _cover: signals::Cover,
}

impl Temporary {
    /// A private name beside `target`, under which `make` made something that was not there before.
    fn make<T>(target: &Place, make: impl Fn(&Place) -> Result<T, Errno>) -> io::Result<(Self, T)> {
        let mut attempt = 0;
        loop {
            let mut name = OsString::from(format!(".rigz-{}-{attempt}.", std::process::id()));
            name.push(OsStr::from_bytes(truncated(target.name.as_bytes())));
            let place = target.sibling(name)?;
            match make(&place) {
                Ok(made) => {
                    let cover = signals::Cover::new(&place)?;
                    return Ok((Self { place, is_gone: false, _cover: cover }, made));
                }
                Err(Errno::EXIST) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn become_target(mut self, target: &Place, replace: bool) -> io::Result<()> {
        let (place, rename) =
            (&self.place, || renameat(self.place.dir(), &self.place.name, target.dir(), &target.name));
        if replace {
            rename()?;
            self.is_gone = true;
            return Ok(());
        }
        match linkat(place.dir(), &place.name, target.dir(), &target.name, AtFlags::empty()) {
            // A file system without links: the check and the renaming are two steps there.
            Err(Errno::PERM | Errno::NOTSUP | Errno::NOSYS) if target.stat().is_ok() => {
                Err(Errno::EXIST.into())
            }
            Err(Errno::PERM | Errno::NOTSUP | Errno::NOSYS) => {
                rename()?;
                self.is_gone = true;
                Ok(())
            }
            result => Ok(result?),
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_gone {
            remove::temporary(&self.place);
        }
    }
}

/// How many private names are tried before the last answer counts.
const ATTEMPTS: u32 = 100;

/// As much of a name as leaves room for what a temporary name has before it.
fn truncated(name: &[u8]) -> &[u8] {
    &name[..name.len().min(200)]
}
