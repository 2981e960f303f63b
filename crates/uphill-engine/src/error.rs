//! What can go wrong, each with the thing's name, what was expected and what came.

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name that is unknown or given twice.
    #[error(transparent)]
    Graph(#[from] uphill_graph::Error),
    /// A slice has the wrong number of entries.
    #[error("{what}: expected {expected} numbers, got {got}")]
    WrongLength {
        /// What the slice was for.
        what: String,
        /// How many entries it must have.
        expected: usize,
        /// How many it had.
        got: usize,
    },
    /// What the system has no memory for.
    #[error("{what} takes {needed} bytes, and the system gives no more memory")]
    OutOfMemory {
        /// What was to be done.
        what: String,
        /// How many bytes it takes.
        needed: usize,
    },
    /// What does not fit the limit that was set.
    #[error("{what} takes {needed} bytes, more than the limit of {limit}")]
    TooLarge {
        /// What was to be done.
        what: String,
        /// How many bytes it takes.
        needed: usize,
        /// How many it may take.
        limit: usize,
    },
    /// A run over samples that was left in the middle, since somebody asked for it by
    /// [`Workspace::interrupted_by`](crate::Workspace::interrupted_by).
    #[error(
        "the run over samples was interrupted: its flag was raised; what it was to give is not there"
    )]
    Interrupted,
    /// A result that is infinite or NaN where finite numbers were asked for.
    #[error("output `{output}` is {value}: {}{born}", in_row(*row))]
    NotFinite {
        /// The output's name.
        output: String,
        /// The row of the samples where it arose, from 0, if it arose in one.
        row: Option<usize>,
        /// Its value.
        value: f64,
        /// Where the first infinity or NaN arose, in words.
        born: String,
    },
    /// Something that can't be done, here or at all.
    #[error("not supported: {what}")]
    Unsupported {
        /// What was asked for.
        what: String,
    },
    /// Something that contradicts itself.
    #[error("{what}")]
    Invalid {
        /// What is wrong, and what to do.
        what: String,
    },
}

fn in_row(row: Option<usize>) -> String {
    row.map_or(String::new(), |row| format!("in row {row} "))
}

/// Asks the system for so many bytes in one piece, and gives them back: whether what follows is likely to get them.
pub(crate) fn ask(bytes: usize, what: impl Fn() -> String) -> Result<(), Error> {
    let mut all = Vec::<u8>::new();
    all.try_reserve_exact(bytes).map_err(|_| Error::OutOfMemory { what: what(), needed: bytes })
}
