//! What can go wrong, each with the thing's name, what was expected and what came.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A model or performance that can't be recorded or differentiated.
    #[error(transparent)]
    Graph(#[from] uphill_graph::Error),
    /// A function that can't be compiled or run.
    #[error(transparent)]
    Engine(#[from] uphill_engine::Error),
    /// Another rank failed or is lost, where several share the rows.
    #[error(transparent)]
    Ranks(#[from] uphill_ranks::Error),
    /// Rows that can't be read.
    #[error("the rows can't be read: {0}")]
    Read(#[from] std::io::Error),
    /// A name that nothing has.
    #[error("no {kind} is named `{name}`; known: {known}")]
    UnknownName {
        /// What was looked for: a parameter, a column.
        kind: &'static str,
        /// The name that was given.
        name: String,
        /// The names that exist, the first few.
        known: String,
    },
    /// A setting that can't be followed.
    #[error("{what}")]
    Invalid {
        /// What was expected, what came, and what to do.
        what: String,
    },
    /// A number of one row that can't be used.
    #[error("row {}: {what}", row + 1)]
    Row {
        /// The row, from 0.
        row: usize,
        /// Its column, if one column is to blame.
        column: Option<String>,
        /// What was expected, what came, and what to do.
        what: String,
    },
    /// A climb that leads nowhere.
    #[error("{what}")]
    Climb {
        /// Where it was led to, and what to do.
        what: String,
    },
}

impl uphill_ranks::RankError for Error {}

impl Error {
    pub(crate) fn invalid(what: impl Into<String>) -> Error {
        Error::Invalid { what: what.into() }
    }

    /// An unknown name, with the first few that are known.
    pub(crate) fn unknown(kind: &'static str, name: &str, known: &[String]) -> Error {
        const SHOWN: usize = 8;
        let mut list = known.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        if known.len() > SHOWN {
            list.push_str(", …");
        }
        if list.is_empty() {
            list = "none".into();
        }
        Error::UnknownName { kind, name: name.into(), known: list }
    }
}
