//! What can go wrong, as sentences: the thing, what was expected, what came, what to do; and the exit code.

use std::io;
use std::path::PathBuf;

use crate::list::NotAList;
use crate::{advice, names, synonyms};

/// An error of a command.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Options that can't be followed.
    #[error("{0}")]
    Use(String),
    /// A file that would be replaced.
    #[error("`{}` exists and is kept; give --force to replace it, or another name", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A name on the command line that nothing has.
    #[error("no {kind} is named `{name}`{place}{nearest}; {known}")]
    UnknownName {
        /// What was looked for: a column, a section.
        kind: &'static str,
        /// The name that was given.
        name: String,
        /// Where it was looked for, ` in …`, or nothing.
        place: String,
        /// `: did you mean …?`, or nothing.
        nearest: String,
        /// The names that exist, the first few.
        known: String,
    },
    /// Reading failed.
    #[error("can't read {what}: {}", words(source))]
    Read {
        /// What was to be read.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// Writing failed.
    #[error("can't write {what}: {}", words(source))]
    Write {
        /// What was to be written.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A table with something wrong in it.
    #[error("{table}{place}: {what}")]
    Table {
        /// The file, or `standard input`.
        table: String,
        /// `, line 3, column …`, as far as known.
        place: String,
        /// What was expected and what came.
        what: String,
    },
    /// A model file that is damaged, of another kind, or of another version.
    #[error("can't use the model {file}: {what}")]
    Model {
        /// The file, or `standard input`.
        file: String,
        /// What was expected and what came.
        what: String,
    },
    /// A formula that can't be read.
    #[error("the formula can't be used: {0}{more}", more = for_problems(.0))]
    Formula(#[from] uphill_formula::Error),
    /// A problem that can't be read.
    #[error("the problem can't be used: {0}")]
    Problem(uphill_formula::Error),
    /// A search that ended without an optimum, in a word.
    #[error("no optimum was found: {0}")]
    NotOptimal(&'static str),
    /// From the graph of a formula.
    #[error(transparent)]
    Graph(#[from] uphill_graph::Error),
    /// From pictures.
    #[error("no picture can be drawn: {0}")]
    Picture(#[from] uphill_pictures::Error),
    /// Derivatives that independent means don't confirm.
    #[error("{0}")]
    Disagrees(String),
    /// Outputs that are NaN, so that they have no derivatives: a number left the domain of an operation.
    #[error("{0}")]
    Outside(String),
    /// From fits.
    #[error(transparent)]
    Solve(uphill_solve::Error),
    /// From compiled programs.
    #[error(transparent)]
    Engine(#[from] uphill_engine::Error),
    /// From numerical oracles.
    #[error(transparent)]
    Check(#[from] uphill_check::Error),
    /// From networks and training.
    #[error(transparent)]
    Network(uphill_nn::Error),
    /// From what can't be written as ONNX.
    #[error(transparent)]
    Onnx(#[from] uphill_onnx::Error),
    /// Another rank failed or is lost.
    #[error(transparent)]
    Ranks(#[from] uphill_ranks::Error),
    /// The work failed, and why was told already; with this exit code.
    #[error("the work failed")]
    Told(u8),
    /// What is wrong with something that has a name, a file most often.
    #[error("{about}: {source}")]
    About {
        /// Its name.
        about: String,
        /// What is wrong.
        source: Box<Error>,
    },
    /// From the lecture's text; no input of a user leads there.
    #[error("{0}")]
    Lecture(uphill_lecture::Error),
}

/// Why the system refused, in the same words on every system for what happens most.
fn words(source: &io::Error) -> String {
    let known = match source.kind() {
        // What was put into words here keeps them.
        _ if source.raw_os_error().is_none() => return source.to_string(),
        io::ErrorKind::NotFound => "there is no such file",
        io::ErrorKind::PermissionDenied => "permission denied",
        io::ErrorKind::IsADirectory => "it is a folder",
        io::ErrorKind::NotADirectory => "a part of its path is no folder",
        io::ErrorKind::StorageFull => "no room is left on the device",
        io::ErrorKind::ReadOnlyFilesystem => "its file system can only be read",
        _ => return source.to_string(),
    };
    known.to_owned()
}

/// Where to go with a problem that isn't a formula.
fn for_problems(error: &uphill_formula::Error) -> &'static str {
    match error {
        uphill_formula::Error::NotAFormula { .. } => "\n`uphill solve` is for problems",
        _ => "",
    }
}

impl From<uphill_solve::Error> for Error {
    fn from(error: uphill_solve::Error) -> Error {
        match error {
            uphill_solve::Error::Graph(error) => error.into(),
            uphill_solve::Error::Engine(error) => error.into(),
            uphill_solve::Error::Ranks(error) => error.into(),
            uphill_solve::Error::Read(source) => {
                Error::Read { what: "the temporary file".into(), source }
            }
            error => Error::Solve(error),
        }
    }
}

impl From<uphill_nn::Error> for Error {
    fn from(error: uphill_nn::Error) -> Error {
        match error {
            uphill_nn::Error::Ranks(error) => error.into(),
            error => Error::Network(error),
        }
    }
}

impl From<uphill_table::Error> for Error {
    /// What helps is told by the options that say it.
    fn from(error: uphill_table::Error) -> Error {
        use uphill_table::Error as Of;
        match error {
            Of::Content { table, position, column, what, advice: helps } => {
                let place = uphill_table::place(position, column.as_deref());
                Error::Table { table, place, what: what + &advice::told(&helps) }
            }
            Of::UnknownColumn { table, name, nearest, known } => {
                Error::unknown_name("column", &name, &table, nearest, known)
            }
            Of::Format(what) => Error::Use(what),
            Of::Encoding { table, line, encoding } => {
                let why =
                    format!("line {line} holds bytes that are not {encoding}; see --encoding");
                Error::Read { what: format!("`{table}`"), source: io::Error::other(why) }
            }
            Of::Read { what, source } => Error::Read { what, source },
            Of::Write { what, source } => Error::Write { what, source },
            other => Error::Use(other.to_string()),
        }
    }
}

impl From<NotAList> for Error {
    fn from(NotAList(what): NotAList) -> Error {
        Error::Use(what)
    }
}

impl From<uphill_learn::Error> for Error {
    fn from(error: uphill_learn::Error) -> Error {
        use uphill_learn::Error as Of;
        match error {
            Of::Table(error) => error.into(),
            Of::Network(error) => error.into(),
            Of::Ranks(error) => error.into(),
            Of::Formula(error) => error.into(),
            Of::Onnx(error) => error.into(),
            Of::UnknownNumber(name) => {
                let known = ["desired", "computed"].into_iter();
                Error::unknown("number of a row", &name, "the performance", known)
            }
            Of::File { file, source } => Error::Read { what: file, source },
            other => Error::Use(other.to_string()),
        }
    }
}

impl uphill_ranks::RankError for Error {}

impl Error {
    /// The exit code: 2 if the command line can't be followed, 1 if the work failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::About { source, .. } => source.exit_code(),
            Error::Told(code) => *code,
            Error::Use(_)
            | Error::Exists { .. }
            | Error::UnknownName { .. }
            | Error::Formula(_)
            | Error::Problem(_)
            | Error::Solve(
                uphill_solve::Error::Invalid { .. } | uphill_solve::Error::UnknownName { .. },
            )
            | Error::Network(
                uphill_nn::Error::Setting { .. } | uphill_nn::Error::DuplicateName { .. },
            ) => 2,
            _ => 1,
        }
    }

    /// Whether it was told already, or another rank has it as its own and tells it.
    pub(crate) fn is_told(&self) -> bool {
        match self {
            Error::About { source, .. } => source.is_told(),
            Error::Told(_) => true,
            Error::Ranks(error) => matches!(error, uphill_ranks::Error::Elsewhere { .. }),
            _ => false,
        }
    }

    /// Whether somebody stopped reading what was written, as `head` does: no reason to complain.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        match self {
            Error::About { source, .. } => source.is_closed_pipe(),
            Error::Write { source, .. } => source.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }

    pub(crate) fn unknown<'a>(
        kind: &'static str,
        name: &str,
        place: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Error {
        let nearest = synonyms::value(name, known.clone());
        Error::unknown_name(kind, name, place, nearest, names::few(known))
    }

    fn unknown_name(
        kind: &'static str,
        name: &str,
        place: &str,
        nearest: Option<String>,
        known: String,
    ) -> Error {
        let meant = |nearest| format!(": did you mean `{nearest}`?");
        Error::UnknownName {
            kind,
            name: name.into(),
            place: if place.is_empty() { String::new() } else { format!(" in {place}") },
            nearest: nearest.map_or(String::new(), meant),
            known: format!("known: {known}"),
        }
    }
}
