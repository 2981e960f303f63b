//! Files that are whole or not there: written beside their place, then moved into it.
//!
//! A temporary file is locked for as long as its program lives. One that nobody holds was left behind by a program that
//! was killed: the next file in its folder takes it away.

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;

/// What the names of temporary files begin and end with; between them are so many letters and digits.
const BEGIN: &str = ".uphill-";
const END: &str = ".unfinished";
const RANDOM: usize = 10;

/// Larger files are no models and no weights of this crate.
pub(super) const LARGEST: u64 = 1 << 30;

/// A file that nobody sees before it is whole: it is written beside its place, and [`WholeFile::put`] moves it there.
///
/// Links are followed, and the file that is replaced leaves its permissions (on Unix its owner and group as well, as
/// far as the system allows it) to the new one. Dropped before it is put, it leaves everything as it was.
///
/// ```
/// use std::io::Write;
/// use uphill_nn::WholeFile;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("weights");
/// let mut file = WholeFile::beside(&path)?;
/// file.write_all(b"1 2 3")?;
/// assert!(!path.exists());
/// file.put(false)?;
/// assert_eq!(std::fs::read(&path)?, b"1 2 3");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct WholeFile {
    file: NamedTempFile,
    target: PathBuf,
}

impl WholeFile {
    /// Begins a file whose place this is. Of files that killed programs left there half done, the folder is rid, too.
    ///
    /// # Errors
    ///
    /// Those of the system, without the temporary file's name: the folder is missing, or can't be written.
    pub fn beside(path: &Path) -> io::Result<WholeFile> {
        /// Whoever tidies up may take a file away in the moment before it is locked, hardly twice.
        const ATTEMPTS: usize = 16;
        let target = match path.canonicalize() {
            Ok(target) => target,
            Err(_) => path.to_owned(),
        };
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let earlier = std::fs::metadata(&target).ok();
        for _ in 0..ATTEMPTS {
            let file = temporary(folder, earlier.as_ref())?;
            // Where a file system has no locks, nobody tidies up.
            let _ = file.as_file().lock();
            if file.path().exists() {
                tidy(folder);
                if let Some(earlier) = &earlier {
                    keep_permissions(file.as_file(), earlier)?;
                }
                return Ok(WholeFile { file, target });
            }
        }
        Err(io::Error::other("its temporary file is taken away again and again"))
    }

    /// Where it is written before it is put: for programs that end by a signal, and tidy up before.
    #[must_use]
    pub fn temporary(&self) -> &Path {
        self.file.path()
    }

    /// Moves it to its place, all of it on the device. An earlier file there is replaced, or the reason for an error.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AlreadyExists`]; those of the system.
    pub fn put(self, replace: bool) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        let put = match replace {
            true => self.file.persist(&self.target),
            false => self.file.persist_noclobber(&self.target),
        };
        put.map(|_| ()).map_err(|error| error.error)
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Not by way of `NamedTempFile`, whose errors have the temporary file's name.
        self.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

fn temporary(folder: &Path, earlier: Option<&Metadata>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(BEGIN).suffix(END).rand_bytes(RANDOM);
    // A new file is readable as the process's mask allows, not by its owner alone; one that takes the place of another
    // must not be more open than that for a moment.
    #[cfg(unix)]
    if earlier.is_none() {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = earlier;
    builder.tempfile_in(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(error.kind(), "there is no such folder"),
        kind => match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => kind.into(),
        },
    })
}

/// Takes away what killed programs left in a folder. Whatever is in the way of that is no reason not to go on.
fn tidy(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let random = name
            .to_str()
            .and_then(|name| name.strip_prefix(BEGIN))
            .and_then(|name| name.strip_suffix(END));
        let is_ours = random.is_some_and(|random| {
            random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if !is_ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        // Held until it is gone: whoever is about to lock it finds out.
        let Ok(file) = File::options().write(true).open(entry.path()) else { continue };
        if file.try_lock().is_ok() {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Gives a file the permissions of the one that it will replace.
#[cfg(unix)]
fn keep_permissions(file: &File, earlier: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let now = file.metadata()?;
    if now.uid() != earlier.uid() {
        // The system may not allow it; then the file is of whoever writes it.
        let _ = fchown(file, Some(earlier.uid()), None);
    }
    let is_of_group = now.gid() == earlier.gid() || fchown(file, None, Some(earlier.gid())).is_ok();
    let mut mode = earlier.mode() & 0o777;
    if !is_of_group {
        // Another group may do what everybody may.
        mode &= !0o070 | (mode & 0o007) << 3;
    }
    file.set_permissions(PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn keep_permissions(file: &File, earlier: &Metadata) -> io::Result<()> {
    file.set_permissions(earlier.permissions())
}

/// Writes a file by way of a temporary one, so that no reader sees half of it and a failure leaves the earlier file as it
/// was. Devices and pipes are written directly, since a move would replace them.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"))
        }
        Ok(metadata) if !metadata.is_file() => {
            File::options().write(true).open(path)?.write_all(bytes)
        }
        _ => {
            let mut file = WholeFile::beside(path)?;
            file.write_all(bytes)?;
            file.put(true)
        }
    };
    write()
        .map_err(|source| Error::Io { what: format!("can't write `{}`", path.display()), source })
}

/// Reads a whole file, unless it is too large for one of ours.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Io { what: format!("can't read `{}`", path.display()), source };
    read_all(File::open(path).map_err(failed)?, LARGEST).map_err(failed)
}

/// All bytes, unless they are more than a limit.
pub(super) fn read_all(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let what = format!("it has more than {most} bytes, the most that are read");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_killed_programs_left_is_taken_away_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let left = ".uphill-0123456789.unfinished";
        let others = [
            ".uphill-012345678.unfinished",
            ".uphill-0123-56789.unfinished",
            ".uphill-0123456789",
            ".uphill-config",
            "a",
        ];
        for name in [left].into_iter().chain(others) {
            std::fs::write(path(name), "half").unwrap();
        }
        let held = WholeFile::beside(&path("held")).unwrap();
        let held_name = held.temporary().file_name().unwrap().to_str().unwrap().to_owned();
        let second = WholeFile::beside(&path("second")).unwrap();
        assert!(held.temporary().exists(), "it is being written");
        second.put(false).unwrap();
        let mut expected: Vec<&str> = others.into_iter().chain(["second", &held_name]).collect();
        expected.sort_unstable();
        assert_eq!(names(folder.path()), expected);
        held.put(false).unwrap();
        assert!(path("held").exists() && !path(&held_name).exists());
    }

    #[test]
    fn more_than_the_limit_is_not_read() {
        assert_eq!(read_all(io::repeat(7).take(10), 10).unwrap(), [7; 10]);
        let error = read_all(io::repeat(7), 10).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 10 bytes, the most that are read");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_links_and_devices_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&path, "earlier").unwrap();
        symlink(&path, &link).unwrap();
        for mode in [0o600, 0o644, 0o640, 0o444, 0o666, 0o777] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            for place in [&path, &link] {
                write(place, b"new").unwrap();
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
                assert!(link.is_symlink());
            }
        }
        write(Path::new("/dev/null"), b"x").unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
        let error = write(folder.path(), b"x").unwrap_err().to_string();
        assert!(error.ends_with("`: it is a folder"), "{error}");
    }

    #[test]
    fn errors_name_the_file_and_not_the_temporary_one() {
        let path = Path::new("/no/such/folder/model.json");
        let error = write(path, b"").unwrap_err().to_string();
        assert_eq!(error, "can't write `/no/such/folder/model.json`: there is no such folder");
    }
}
