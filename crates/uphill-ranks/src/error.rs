//! What can go wrong between ranks: one that failed, one that is silent, rows that don't lie as they must.

/// Why ranks can't go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another rank failed, and told why.
    #[error("rank {rank}: {what}")]
    Elsewhere {
        /// The rank; the first one, if several failed.
        rank: usize,
        /// Its own sentence.
        what: String,
    },
    /// Some rank was asked to stop.
    #[error("it was interrupted")]
    Interrupted,
    /// Another rank doesn't answer.
    #[error("rank {rank} doesn't answer: {why}")]
    Silent {
        /// The rank.
        rank: usize,
        /// How that shows.
        why: String,
    },
    /// Another rank sent something else than this one waits for.
    #[error(
        "rank {rank} sent another kind of message than expected; all ranks must make the same calls in the same order"
    )]
    Strange {
        /// The rank.
        rank: usize,
    },
    /// The rows of the ranks don't make whole grains.
    #[error(
        "rank {rank} begins with row {first} of all; expected a multiple of {}, as `share` gives them",
        crate::GRAIN
    )]
    Rows {
        /// The rank.
        rank: usize,
        /// The number of rows of the ranks before it.
        first: usize,
    },
}

/// Why a rank has nothing to add to what ranks do together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It was asked to stop.
    Interrupted,
    /// It failed; a sentence.
    Failed(String),
}

/// An error of work that ranks do together: it can be one between ranks, and the others can be told of it.
pub trait RankError: From<Error> + std::fmt::Display {
    /// What the others are told: its sentence, unless it says that this rank was asked to stop.
    fn failure(&self) -> Failure {
        Failure::Failed(self.to_string())
    }
}

impl RankError for Error {
    fn failure(&self) -> Failure {
        match self {
            Error::Interrupted => Failure::Interrupted,
            error => Failure::Failed(error.to_string()),
        }
    }
}

impl Failure {
    /// What it is to all, if it is that of this rank.
    pub(crate) fn told_by(self, rank: usize) -> Error {
        match self {
            Failure::Interrupted => Error::Interrupted,
            Failure::Failed(what) => Error::Elsewhere { rank, what },
        }
    }
}
