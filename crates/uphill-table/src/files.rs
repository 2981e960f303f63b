//! The files of one table: a single one, or parts whose names a pattern describes, in the order of the bytes of their names.
//!
//! `part-10.csv` stands before `part-2.csv`: the order asks neither what a number in a name means nor which language the
//! system speaks, so that a table has the same rows in the same order everywhere.

use std::io;
use std::path::{Path, PathBuf};

use glob::MatchOptions;

use crate::error::Error;

/// The files of one table, in order.
///
/// ```
/// use uphill_table::{Files, Format, Reader};
///
/// # let folder = tempfile::tempdir()?;
/// # for (name, text) in [("part-a.csv", "x,y\n1,2\n"), ("part-b.csv", "y,x\n4,3\n")] {
/// #     std::fs::write(folder.path().join(name), text)?;
/// # }
/// # let pattern = folder.path().join("part-*.csv").display().to_string();
/// let files = Files::named(&pattern)?; // "part-*.csv", say
/// assert_eq!(files.paths().len(), 2);
/// let mut reader = Reader::open_files(files, Format::default())?;
/// let x = reader.column("x")?;
/// let mut numbers = Vec::new();
/// while let Some(row) = reader.next_row()? {
///     numbers.push(row.number(x)?);
/// }
/// assert_eq!(numbers, [1.0, 3.0]); // found by the names of columns
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    name: String,
    paths: Vec<PathBuf>,
}

impl Files {
    /// The file of this name; if there is none, the files whose names match it, in the order of their bytes: `*` stands for
    /// any letters, `?` for one, `[a-z]` for one of some, `**` for folders within folders.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] for a pattern that can't be one, that matches no file, or a folder that can't be listed. That a file
    /// without such signs in its name isn't there is told when it is opened.
    pub fn named(name: &str) -> Result<Files, Error> {
        let failed = |source| Error::Read { what: format!("`{name}`"), source };
        if !name.contains(['*', '?', '[']) || Path::new(name).exists() {
            return Ok(Files { name: name.to_owned(), paths: vec![name.into()] });
        }
        let wrong = |what: String| failed(io::Error::new(io::ErrorKind::InvalidInput, what));
        // Names that begin with a point are hidden, as from a shell.
        let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::new() };
        let found = glob::glob_with(name, options).map_err(|error| {
            wrong(format!("it is no pattern of names: {} at letter {}", error.msg, error.pos + 1))
        })?;
        let mut paths = Vec::new();
        for path in found {
            let path = path.map_err(|error| failed(error.into()))?;
            if !path.is_dir() {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            let what = "no file's name matches this pattern";
            return Err(failed(io::Error::new(io::ErrorKind::NotFound, what)));
        }
        paths.sort_by(|one, other| {
            one.as_os_str().as_encoded_bytes().cmp(other.as_os_str().as_encoded_bytes())
        });
        Ok(Files { name: name.to_owned(), paths })
    }

    /// These files, in this order; `name` is what the table is called as a whole.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] if there is none.
    pub fn listed(name: impl Into<String>, paths: Vec<PathBuf>) -> Result<Files, Error> {
        let name = name.into();
        if paths.is_empty() {
            let source = io::Error::new(io::ErrorKind::NotFound, "it has no files");
            return Err(Error::Read { what: format!("`{name}`"), source });
        }
        Ok(Files { name, paths })
    }

    /// What the table is called: the name of its file, or the pattern.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The files, in order; never none.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}

#[cfg(test)]
mod tests {
    use super::Files;

    #[test]
    fn names_match_in_the_order_of_their_bytes() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["p-2.csv", "p-10.csv", "p-1.csv", "P-3.csv", "p-é.csv", "q.csv", "[a].csv", ".p-4.csv"]
        {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("p-0.csv")).unwrap();
        let found = |pattern: &str| {
            let pattern = folder.path().join(pattern).display().to_string();
            match Files::named(&pattern) {
                Ok(files) => {
                    let names = files.paths().iter().map(|path| path.file_name().unwrap());
                    names.map(|name| name.to_str().unwrap().to_owned()).collect::<Vec<_>>()
                }
                Err(error) => {
                    vec![error.to_string().replace(&folder.path().display().to_string(), "…")]
                }
            }
        };
        for (pattern, expected) in [
            ("p-*.csv", &["p-1.csv", "p-10.csv", "p-2.csv", "p-é.csv"][..]),
            ("*p-?.csv", &["p-1.csv", "p-2.csv", "p-é.csv"]),
            ("p-?.csv", &["p-1.csv", "p-2.csv", "p-é.csv"]),
            ("p-[0-9]*.csv", &["p-1.csv", "p-10.csv", "p-2.csv"]),
            // A file of this very name goes first.
            ("[a].csv", &["[a].csv"]),
            ("none.csv", &["none.csv"]),
            ("r*", &["can't read `…/r*`: no file's name matches this pattern"]),
            (
                "p-[",
                &[
                    "can't read `…/p-[`: it is no pattern of names: invalid range pattern at letter 3",
                ],
            ),
        ] {
            let told = found(pattern);
            let told: Vec<&str> = told.iter().map(String::as_str).collect();
            if expected[0].contains("at letter") {
                // The place counts from the beginning of the folder's name.
                assert!(told[0].starts_with(expected[0].trim_end_matches('3')), "{told:?}");
                continue;
            }
            assert_eq!(told, expected, "{pattern}");
        }
    }
}
