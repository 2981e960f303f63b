//! The files of a command, told apart before any work: no output takes the place of another, or of an input.
//!
//! Names are compared as places: `a.csv`, `./a.csv` and a link to it are one file, and so is standard input that comes
//! from it. Devices may be written twice.

use std::path::{Path, PathBuf};

use uphill_table::Files;

use crate::error::Error;
use crate::file::Destination;

/// What a file is in the words of the command line, such as `the table` or `--save`, and its name, if there is one.
type Read<'f> = (&'f str, Option<&'f str>);
type Written<'f> = (&'f str, Option<&'f Destination>);

/// Checks that each output has a file of its own.
///
/// # Errors
///
/// [`Error::Use`] that names the file and both of its roles.
pub(crate) fn tell_apart(read: &[Read<'_>], written: &[Written<'_>]) -> Result<(), Error> {
    let wrong = |what: String| Err(Error::Use(what));
    let mut standard: Option<&str> = None;
    let mut places: Vec<(&str, PathBuf)> = Vec::new();
    for &(role, to) in written {
        let (path, to) = match to {
            None => continue,
            Some(Destination::Standard) => {
                if let Some(other) = standard.replace(role) {
                    let what = "are written to standard output; name a file for one of them";
                    return wrong(format!("both {other} and {role} {what}"));
                }
                continue;
            }
            Some(to @ Destination::File { path, .. }) => (path, to),
        };
        let Some(here) = place(path) else { continue };
        if let Some((other, _)) = places.iter().find(|(_, there)| *there == here) {
            let what = "give each a file of its own";
            return wrong(format!("both {other} and {role} are written to {to}; {what}"));
        }
        for &(source, name) in read {
            let is_here = match name {
                Some("-") => is_standard_input(&here),
                // What can't be found is told by whoever reads it.
                Some(name) => Files::named(name).is_ok_and(|files| {
                    files.paths().iter().any(|path| place(path).as_ref() == Some(&here))
                }),
                None => false,
            };
            if is_here {
                let what = format!("{to} is {source}, which is read, and would be replaced by");
                return wrong(format!("{what} {role}; give another name"));
            }
        }
        places.push((role, here));
    }
    Ok(())
}

/// Where a file is or will be; none for what is no file, and for what can't be found, which is told elsewhere.
fn place(path: &Path) -> Option<PathBuf> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => path.canonicalize().ok(),
        Ok(_) => None,
        Err(_) => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
            Some(folder.join(path.file_name()?))
        }
    }
}

/// Whether standard input is read from this file.
#[cfg(unix)]
fn is_standard_input(path: &Path) -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;
    let input = std::io::stdin().as_fd().try_clone_to_owned().map(std::fs::File::from);
    match (input.and_then(|input| input.metadata()), path.metadata()) {
        (Ok(input), Ok(file)) => (input.dev(), input.ino()) == (file.dev(), file.ino()),
        _ => false,
    }
}

/// Elsewhere the system doesn't tell.
#[cfg(not(unix))]
fn is_standard_input(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::tell_apart;
    use crate::file::Destination;

    #[test]
    fn names_of_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let name = |file: &str| folder.path().join(file).to_str().unwrap().to_owned();
        std::fs::write(name("a"), "").unwrap();
        let told = |read: &str, first: &str, second: &str| {
            let [first, second] = [first, second].map(|name| Destination::new(name, true));
            let written = [("--save", Some(&first)), ("--history", Some(&second)), ("--x", None)];
            match tell_apart(&[("the table", Some(read)), ("--y", None)], &written) {
                Ok(()) => String::new(),
                Err(error) => error.to_string().replace(folder.path().to_str().unwrap(), "…"),
            }
        };
        assert_eq!(told(&name("a"), &name("b"), &name("c")), "");
        assert_eq!(
            told(&name("a"), &name("b"), &name("./b")),
            "both --save and --history are written to `…/./b`; give each a file of its own"
        );
        assert_eq!(
            told(&name("a"), &name("b"), &name("a")),
            "`…/a` is the table, which is read, and would be replaced by --history; give another name"
        );
        assert_eq!(
            told("-", "-", "-"),
            "both --save and --history are written to standard output; name a file for one of them"
        );
        // What isn't there is told by whoever reads or writes it.
        assert_eq!(told(&name("none/a"), &name("none/a"), &name("b")), "");
        #[cfg(unix)]
        {
            assert_eq!(told("/dev/null", "/dev/null", "/dev/null"), "");
            std::os::unix::fs::symlink(name("a"), name("link")).unwrap();
            assert!(told(&name("a"), &name("b"), &name("link")).contains("/link` is the table"));
        }
    }
}
