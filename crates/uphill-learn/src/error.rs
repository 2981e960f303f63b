//! What can go wrong between a table and a network: sentences that name the thing, what was expected, what came.

use std::io;

/// Larger numbers have squares, and so means, widths and errors, that are infinite.
pub const LARGEST: f64 = 1e150;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// From the table.
    #[error(transparent)]
    Table(#[from] uphill_table::Error),
    /// From networks and training.
    #[error(transparent)]
    Network(#[from] uphill_nn::Error),
    /// Another rank failed or is lost, where several share the rows.
    #[error(transparent)]
    Ranks(#[from] uphill_ranks::Error),
    /// A performance whose formula can't be read.
    #[error("the formula can't be used: {0}")]
    Formula(#[from] uphill_formula::Error),
    /// A performance whose formula can't be one.
    #[error("{0}")]
    Performance(String),
    /// A performance that speaks of something else than what is desired and computed.
    #[error("no number of a row is named `{0}` in the performance; known: desired, computed")]
    UnknownNumber(String),
    /// A number of a table whose square is infinite.
    #[error(
        "{table}, row {} of data, column `{column}`: {number:?} is too large; give numbers up to {:e}, whose squares are \
         finite, in another unit, say",
        row + 1, LARGEST
    )]
    TooLarge {
        /// What the table is called.
        table: String,
        /// The place of the row among those that are not skipped, from 0.
        row: usize,
        /// The column.
        column: String,
        /// The number.
        number: f64,
    },
    /// A model that is damaged, of another kind, or of another version.
    #[error("the model can't be used: {0}")]
    Model(String),
    /// A model that ONNX can't hold.
    #[cfg(feature = "onnx")]
    #[error(transparent)]
    Onnx(#[from] uphill_onnx::Error),
    /// Reading or writing failed.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl uphill_ranks::RankError for Error {}
