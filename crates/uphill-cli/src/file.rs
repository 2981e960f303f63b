//! Files: `-` for the standard streams, reading with errors that name the file, and writing whole or not at all.
//!
//! A file is written beside its place under another name, then moved into it: nobody sees half of it, and if anything
//! fails or Ctrl-C is pressed, the earlier file is as it was. What exists is kept unless the user says `--force`. Devices
//! and pipes, such as `/dev/stdout`, are written directly, since a move would replace them.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::interrupt::Listed;

/// A file to be read, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// `-`.
    Standard,
    /// Anything else.
    File(PathBuf),
}

impl From<&str> for Input {
    fn from(text: &str) -> Input {
        if text == "-" { Input::Standard } else { Input::File(text.into()) }
    }
}

impl std::fmt::Display for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Input::Standard => f.write_str("standard input"),
            Input::File(path) => write!(f, "`{}`", path.display()),
        }
    }
}

impl Input {
    /// Opens it.
    ///
    /// # Errors
    ///
    /// [`Error::Read`].
    pub fn open(&self) -> Result<Box<dyn Read>, Error> {
        match self {
            Input::Standard => Ok(Box::new(io::stdin().lock())),
            Input::File(path) => {
                let file = File::open(path).map_err(|source| self.failed(source))?;
                if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
                    return Err(self.failed(folder()));
                }
                Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
            }
        }
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// [`Error::Read`].
    pub fn read_all(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes).map_err(|source| self.failed(source))?;
        Ok(bytes)
    }

    /// An error in reading it.
    pub(crate) fn failed(&self, source: io::Error) -> Error {
        Error::Read { what: self.to_string(), source }
    }
}

/// A file to be written, or standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// `-`.
    Standard,
    /// A file.
    File {
        /// Its name.
        path: PathBuf,
        /// Whether an earlier file may be replaced.
        force: bool,
    },
}

impl Destination {
    /// From a word on the command line and whether `--force` was given.
    #[must_use]
    pub fn new(text: &str, force: bool) -> Destination {
        match text {
            "-" => Destination::Standard,
            path => Destination::File { path: path.into(), force },
        }
    }

    /// Whether any of these goes to standard output, which then has no room for a report in JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] with `--json`.
    pub(crate) fn any_is_standard<'d>(
        mut list: impl Iterator<Item = &'d Destination>,
        json: bool,
    ) -> Result<bool, Error> {
        let standard = list.any(|to| *to == Destination::Standard);
        if standard && json {
            let what = "--json prints on standard output, so nothing else can be written there; name a file";
            return Err(Error::Use(what.into()));
        }
        Ok(standard)
    }

    /// Checks that it can be written, before long work is done for it: nothing is changed.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`], [`Error::Write`].
    pub fn check(&self) -> Result<(), Error> {
        match self {
            Destination::Standard => Ok(()),
            Destination::File { path, force } => {
                if let Place::Beside { target, .. } = place(path, *force)? {
                    temporary(&target).map_err(|source| failed(path, source))?;
                }
                Ok(())
            }
        }
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`], [`Error::Write`], and those of `write`; then the earlier file is as it was.
    pub fn write(
        &self,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (path, force) = match self {
            Destination::Standard => {
                let mut out = BufWriter::new(io::stdout().lock());
                write(&mut out)?;
                return out.flush().map_err(|source| self.failed(source));
            }
            Destination::File { path, force } => (path, *force),
        };
        match place(path, force)? {
            Place::Direct => {
                let file = File::options().write(true).open(path);
                let mut file = BufWriter::new(file.map_err(|source| failed(path, source))?);
                write(&mut file)?;
                file.flush().map_err(|source| failed(path, source))
            }
            Place::Beside { target } => {
                let (_listed, temporary) =
                    temporary(&target).map_err(|source| failed(path, source))?;
                let mut file = BufWriter::new(temporary);
                write(&mut file)?;
                let whole = || -> io::Result<()> {
                    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                    file.as_file().sync_all()?;
                    // Without force, a file that came in the meantime is kept, too.
                    if force {
                        file.persist(&target).map_err(|error| error.error)?;
                    } else {
                        file.persist_noclobber(&target).map_err(|error| error.error)?;
                    }
                    Ok(())
                };
                whole().map_err(|source| match source.kind() {
                    io::ErrorKind::AlreadyExists => Error::Exists { path: path.clone() },
                    _ => failed(path, source),
                })
            }
        }
    }

    /// An error in writing it.
    pub(crate) fn failed(&self, source: io::Error) -> Error {
        Error::Write { what: self.to_string(), source }
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Destination::Standard => f.write_str("standard output"),
            Destination::File { path, .. } => write!(f, "`{}`", path.display()),
        }
    }
}

/// How a path is written.
enum Place {
    /// A device or pipe.
    Direct,
    /// A file: beside it, then moved there. Links are followed.
    Beside { target: PathBuf },
}

fn place(path: &Path, force: bool) -> Result<Place, Error> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(failed(path, folder())),
        Ok(metadata) if metadata.is_file() => {
            if !force {
                return Err(Error::Exists { path: path.into() });
            }
            let target = path.canonicalize().map_err(|source| failed(path, source))?;
            Ok(Place::Beside { target })
        }
        Ok(_) => Ok(Place::Direct),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(Place::Beside { target: path.into() })
        }
        Err(source) => Err(failed(path, source)),
    }
}

/// A file beside its place; Ctrl-C takes it away.
fn temporary(target: &Path) -> io::Result<(Listed, tempfile::NamedTempFile)> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    // As for any new file: readable as the process's mask allows, not by its owner alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".uphill-");
    Listed::new(|| builder.tempfile_in(folder)).map_err(|error| {
        // The temporary file's name would only confuse.
        match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(error.kind(), "there is no such folder"),
            kind => match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => kind.into(),
            },
        }
    })
}

fn folder() -> io::Error {
    io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Write { what: format!("`{}`", path.display()), source }
}

#[cfg(test)]
mod tests {
    use super::{Destination, Error};
    use std::fs;

    #[test]
    fn an_interrupted_save_leaves_the_earlier_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.json");
        fs::write(&path, "earlier").unwrap();
        let destination = Destination::File { path: path.clone(), force: true };
        let interrupted = destination.write(|file| {
            file.write_all(b"half of it").and_then(|()| file.flush()).unwrap();
            Err(Error::Use("the lights went out".into()))
        });
        assert_eq!(interrupted.unwrap_err().to_string(), "the lights went out");
        assert_eq!(fs::read_to_string(&path).unwrap(), "earlier");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        destination
            .write(|file| file.write_all(b"all").map_err(|e| destination.failed(e)))
            .unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "all");
    }

    #[test]
    fn what_exists_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let kept = Destination::File { path: path.clone(), force: false };
        kept.check().unwrap();
        assert!(!path.exists());
        // It comes while the work is being done.
        let late = kept.write(|_| {
            fs::write(&path, "earlier").unwrap();
            Ok(())
        });
        assert!(matches!(late, Err(Error::Exists { .. })));
        assert!(matches!(kept.check(), Err(Error::Exists { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "earlier");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "earlier").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let through = Destination::File { path: link.clone(), force: true };
        through.write(|file| file.write_all(b"new").map_err(|e| through.failed(e))).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert!(link.is_symlink());
        let nowhere = Destination::new("/dev/null", false);
        nowhere.write(|file| file.write_all(b"x").map_err(|e| nowhere.failed(e))).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
