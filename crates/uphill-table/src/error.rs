//! What can go wrong with a table: sentences that name file, line and column, what was expected, what came, what helps.

use std::io;

use crate::advice::Advice;
use crate::position::Position;
use crate::words::{few, nearest, shortened};

/// An error about a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something in a table that can't be used.
    #[error("{table}{}: {what}{}", place(*position, column.as_deref()), told(advice))]
    Content {
        /// What the table is called: the name of its file, most often.
        table: String,
        /// The line or row, if it is about one.
        position: Option<Position>,
        /// The column, if it is about one.
        column: Option<String>,
        /// What was expected and what came.
        what: String,
        /// What may help, the likeliest first.
        advice: Vec<Advice>,
    },
    /// A column that the table has not.
    #[error("no column is named `{name}` in {table}{}; known: {known}", meant(nearest.as_deref()))]
    UnknownColumn {
        /// What the table is called.
        table: String,
        /// The name that was given.
        name: String,
        /// The one that may have been meant.
        nearest: Option<String>,
        /// The first few that exist.
        known: String,
    },
    /// A format that contradicts itself.
    #[error("tables can't be written so: {0}")]
    Format(String),
    /// A file that is not in the encoding by which it is read.
    #[error(
        "can't read `{table}`: line {line} holds bytes that are not {encoding}; set another encoding"
    )]
    Encoding {
        /// What the table is called.
        table: String,
        /// The line.
        line: usize,
        /// The encoding by which it was read.
        encoding: &'static str,
    },
    /// Reading failed.
    #[error("can't read {what}: {source}")]
    Read {
        /// What was to be read.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// Writing failed.
    #[error("can't write {what}: {source}")]
    Write {
        /// What was to be written.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl Error {
    /// An error about a row and a column of a table, as far as known, without advice.
    #[must_use]
    pub fn at(table: &str, position: Option<Position>, column: Option<&str>, what: &str) -> Error {
        let (table, column) = (table.into(), column.map(str::to_owned));
        Error::Content { table, position, column, what: what.into(), advice: Vec::new() }
    }

    /// The same error without advice, where whoever sees it can follow none.
    #[must_use]
    pub fn without_advice(mut self) -> Error {
        if let Error::Content { advice, .. } = &mut self {
            advice.clear();
        }
        self
    }

    /// The same error with more advice, if it is about what a table holds.
    pub(crate) fn with(mut self, more: impl IntoIterator<Item = Advice>) -> Error {
        if let Error::Content { advice, .. } = &mut self {
            advice.extend(more);
        }
        self
    }

    pub(crate) fn unknown_column<'n>(
        table: &str,
        name: &str,
        known: impl Iterator<Item = &'n str> + Clone,
    ) -> Error {
        let nearest = nearest(name, known.clone()).map(str::to_owned);
        Error::UnknownColumn { table: table.into(), name: name.into(), nearest, known: few(known) }
    }
}

/// `, line 3, column …`, as far as known.
#[must_use]
pub fn place(position: Option<Position>, column: Option<&str>) -> String {
    let position = position.map_or(String::new(), |position| format!(", {position}"));
    position + &column.map_or(String::new(), |column| format!(", column `{}`", shortened(column)))
}

fn told(advice: &[Advice]) -> String {
    advice.iter().map(Advice::to_string).collect()
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or(String::new(), |nearest| format!(": did you mean `{nearest}`?"))
}
