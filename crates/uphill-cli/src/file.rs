//! Files: `-` for the standard streams, reading with errors that name the file, and writing whole or not at all.
//!
//! A file is written beside its place under another name, then moved into it: nobody sees half of it, and if anything
//! fails or Ctrl-C is pressed, the earlier file is as it was. What exists is kept unless the user says `--force`. Devices
//! and pipes, such as `/dev/stdout`, are written directly, since a move would replace them.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use uphill_nn::WholeFile;

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

    /// All of it, unless it is larger than what it is meant to be may be: no more than that is ever in memory.
    ///
    /// # Errors
    ///
    /// [`Error::Read`].
    pub fn read_all(&self, limit: &Limit) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let mut from = self.open()?.take(limit.bytes + 1);
        let mut read = |bytes: &mut Vec<u8>, count: u64| {
            let read = from.by_ref().take(count).read_to_end(bytes);
            read.map_err(|source| self.failed(source))
        };
        read(&mut bytes, Limit::FIRST)?;
        if (limit.can_begin)(&bytes) {
            read(&mut bytes, limit.bytes)?;
        }
        if bytes.len() as u64 > limit.bytes {
            let most = crate::numbers::size(limit.bytes);
            let what = format!("it is larger than {most}, the most that {} may have", limit.what);
            return Err(self.failed(io::Error::other(what)));
        }
        Ok(bytes)
    }

    /// An error in reading it.
    pub(crate) fn failed(&self, source: io::Error) -> Error {
        Error::Read { what: self.to_string(), source }
    }
}

/// How large a file may be that is held in memory as a whole.
pub struct Limit {
    /// What the file is meant to be, such as `a formula`.
    pub what: &'static str,
    /// The most bytes that it may have.
    pub bytes: u64,
    /// Whether one of its kind can begin so; what can't is not read further.
    pub can_begin: fn(&[u8]) -> bool,
}

impl Limit {
    /// How many bytes are looked at before the others are read.
    const FIRST: u64 = 4096;

    /// For texts of formulas.
    pub(crate) fn formula() -> Limit {
        let bytes = uphill_formula::Limits::default().bytes as u64;
        Limit { what: "a formula", bytes, can_begin: |_| true }
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
            Destination::File { path, force } => match place(path, *force)? {
                Place::Beside => temporary(path).map(|_| ()),
                Place::Direct => Ok(()),
            },
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
                let mut out = BufWriter::new(crate::output::standard());
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
            Place::Beside => {
                let (_listed, file) = temporary(path)?;
                let mut file = BufWriter::new(file);
                write(&mut file)?;
                // Without force, a file that came in the meantime is kept, too.
                let file = file.into_inner().map_err(io::IntoInnerError::into_error);
                file.and_then(|file| file.put(force)).map_err(|source| match source.kind() {
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
    /// A file: beside it, then moved there.
    Beside,
}

fn place(path: &Path, force: bool) -> Result<Place, Error> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(failed(path, folder())),
        Ok(metadata) if metadata.is_file() && !force => Err(Error::Exists { path: path.into() }),
        Ok(metadata) if metadata.is_file() => Ok(Place::Beside),
        Ok(_) => Ok(Place::Direct),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Place::Beside),
        Err(source) => Err(failed(path, source)),
    }
}

/// A file beside its place; Ctrl-C takes it away.
fn temporary(path: &Path) -> Result<(Listed, WholeFile), Error> {
    Listed::new(|| WholeFile::beside(path)).map_err(|source| failed(path, source))
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
