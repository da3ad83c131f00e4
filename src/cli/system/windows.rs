//! Windows, through the standard library alone.
//!
//! What it does not promise: there are no files without names, so an end by force may leave a file `.rigz-...` behind; a
//! name that is free when it is looked for may be taken when it is given; a directory is not put on the disk; owners and
//! access lists are those of the directory. A file counts as unchanged if length and times are.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileTimes, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::os::windows::io::AsHandle;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::cli::remove;

/// To be called before anything is opened.
pub(in crate::cli) fn set_up() {}

/// A name of these bytes; what cannot be in a name is replaced.
pub(in crate::cli) fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// Standard input as a file.
pub(in crate::cli) fn standard_input() -> io::Result<File> {
    io::stdin().as_handle().try_clone_to_owned().map(File::from)
}

/// Standard output as a file.
pub(in crate::cli) fn standard_output() -> io::Result<File> {
    io::stdout().as_handle().try_clone_to_owned().map(File::from)
}

/// Whether `error` says that there are too many open files.
pub(in crate::cli) fn is_out_of_descriptors(error: &io::Error) -> bool {
    const ERROR_TOO_MANY_OPEN_FILES: i32 = 4;
    error.raw_os_error() == Some(ERROR_TOO_MANY_OPEN_FILES)
}

/// Bytes of addresses that the process may use, if that is limited: it is not.
pub(in crate::cli) fn most_addresses() -> Option<u64> {
    None
}

/// Closes `file`. Whether all data arrived is not told.
pub(in crate::cli) fn close(file: File) -> io::Result<()> {
    drop(file);
    Ok(())
}

/// A name in a directory.
#[derive(Debug)]
pub(in crate::cli) struct Place {
    dir: PathBuf,
    pub(in crate::cli) name: OsString,
}

impl Place {
    /// The place that `path` leads to; only its last part need not exist.
    pub(in crate::cli) fn of(path: &OsStr) -> io::Result<Self> {
        let path = Path::new(path);
        let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(Self { dir: path.to_owned(), name: ".".into() });
        };
        Ok(Self { dir: dir.to_owned(), name: name.to_owned() })
    }

    /// Another name in the same directory.
    pub(in crate::cli) fn sibling(&self, name: OsString) -> io::Result<Self> {
        Ok(Self { dir: self.dir.clone(), name })
    }

    /// The last part of `path`.
    pub(in crate::cli) fn name_of(path: &OsStr) -> &OsStr {
        Path::new(path).file_name().unwrap_or_default()
    }

    /// Whether both stand in one directory.
    pub(in crate::cli) fn is_same_directory(&self, other: &Self) -> bool {
        self.dir == other.dir
    }

    /// What stands here, links not followed.
    pub(in crate::cli) fn stat(&self) -> io::Result<Stat> {
        fs::symlink_metadata(self.path()).map(Stat)
    }

    /// Takes the name away. To be called where deleting is decided.
    #[expect(clippy::disallowed_methods, reason = "what the one that deletes calls")]
    pub(in crate::cli) fn unlink(&self) -> io::Result<()> {
        fs::remove_file(self.path())
    }

    pub(in crate::cli) fn sync_dir(&self) {}

    fn path(&self) -> PathBuf {
        self.dir.join(&self.name)
    }
}

/// Opens what stands at `place`; reparse points, links among them, only if they are to be followed.
pub(in crate::cli) fn open(place: &Place, follows_links: bool, _waits: bool) -> io::Result<(File, Stat)> {
    /// Needed to open a directory.
    const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
    if !follows_links && place.stat()?.0.file_type().is_symlink() {
        return Err(io::Error::other("is a link"));
    }
    let file = File::options().read(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(place.path())?;
    let stat = Stat::of(&file)?;
    Ok((file, stat))
}

/// What is known of a file.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Stat(Metadata);

/// What tells one file, in one state, from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Identity([u64; 3]);

impl Stat {
    pub(in crate::cli) fn of(file: &File) -> io::Result<Self> {
        file.metadata().map(Self)
    }

    pub(in crate::cli) fn is_directory(&self) -> bool {
        self.0.is_dir()
    }

    pub(in crate::cli) fn is_regular(&self) -> bool {
        self.0.is_file()
    }

    pub(in crate::cli) fn length(&self) -> u64 {
        self.0.len()
    }

    /// Seconds since 1970 of the last modification.
    pub(in crate::cli) fn mtime(&self) -> i64 {
        let since = |time: SystemTime| match time.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_secs().cast_signed(),
            Err(before) => -before.duration().as_secs().cast_signed(),
        };
        self.0.modified().map_or(0, since)
    }

    /// Whether both are of the same file, as far as can be seen.
    pub(in crate::cli) fn is_same_file(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }

    pub(in crate::cli) fn identity(&self) -> Identity {
        Identity([self.0.file_size(), self.0.creation_time(), self.0.last_write_time()])
    }

    /// Why a file must not be replaced, if it must not.
    pub(in crate::cli) fn refusal(&self, _force: bool) -> Option<String> {
        None
    }
}

/// An output file under a private name, which is deleted when it is dropped before [`Output::commit`].
#[derive(Debug)]
pub(in crate::cli) struct Output {
    pub(in crate::cli) file: File,
    target: Place,
    temporary: Temporary,
}

#[derive(Debug)]
struct Temporary {
    place: Place,
    is_gone: bool,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_gone {
            remove::temporary(&self.place);
        }
    }
}

impl Output {
    /// Opens an output that is to stand at `target`.
    pub(in crate::cli) fn create(target: Place) -> io::Result<Self> {
        const ATTEMPTS: u32 = 100;
        let mut attempt = 0;
        loop {
            let mut name = OsString::from(format!(".rigz-{}-{attempt}.", std::process::id()));
            name.push(&target.name);
            let place = target.sibling(name)?;
            match File::options().read(true).write(true).create_new(true).open(place.path()) {
                Ok(file) => return Ok(Self { file, target, temporary: Temporary { place, is_gone: false } }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Another name in the same directory.
    pub(in crate::cli) fn rename(&mut self, name: OsString) {
        self.target.name = name;
    }

    pub(in crate::cli) fn name(&self) -> &OsStr {
        &self.target.name
    }

    /// Gives the output the times of `stat`.
    pub(in crate::cli) fn set_attributes(&self, stat: &Stat, mtime: Option<u32>) -> io::Result<()> {
        let modified = match mtime {
            Some(seconds) => UNIX_EPOCH + Duration::from_secs(seconds.into()),
            None => stat.0.modified()?,
        };
        self.file.set_times(FileTimes::new().set_modified(modified).set_accessed(stat.0.accessed()?))
    }

    pub(in crate::cli) fn set_default_mode(&self) -> io::Result<()> {
        Ok(())
    }

    /// Whether both are on one file system: of no use without [`Output::sync_file_system`].
    pub(in crate::cli) fn is_beside(&self, _other: &Self) -> bool {
        false
    }

    pub(in crate::cli) fn sync_file_system(&self) -> bool {
        false
    }

    pub(in crate::cli) fn check(&self) -> io::Result<()> {
        Ok(())
    }

    /// Puts the data on the disk.
    pub(in crate::cli) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Gives the output its name. `AlreadyExists` if the name is taken and `replace` is false.
    pub(in crate::cli) fn commit(self, replace: bool) -> io::Result<Place> {
        let Self { file, target, mut temporary } = self;
        drop(file);
        if !replace && target.stat().is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        fs::rename(temporary.place.path(), target.path())?;
        temporary.is_gone = true;
        Ok(target)
    }
}

/// A file that may have to be waited for.
#[derive(Debug)]
pub(in crate::cli) struct Stream<'a>(&'a File);

impl<'a> Stream<'a> {
    pub(in crate::cli) fn new(file: &'a File, _is_regular: bool) -> Self {
        Self(file)
    }

    pub(in crate::cli) fn input(file: &'a File, is_regular: bool) -> Self {
        Self::new(file, is_regular)
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer) {
            // The end of a pipe whose other side is closed.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(0),
            result => result,
        }
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
