//! Model files of the command line: read within a bound, written whole or not at all, with errors that name the file.

use uphill_learn::{LARGEST_MODEL, TableModel};
use uphill_ranks::{Communicator, broadcast};

use crate::error::Error;
use crate::file::{Destination, Input, Limit};

/// Saved models are objects of JSON.
const LIMIT: Limit = Limit {
    what: "a saved model",
    bytes: LARGEST_MODEL,
    can_begin: |bytes| matches!(bytes.trim_ascii_start().first(), None | Some(b'{')),
};

/// Writes a model.
///
/// # Errors
///
/// [`Error::Exists`], [`Error::Write`]; [`Error::Network`] for numbers that JSON can't hold.
pub fn write(model: &TableModel, to: &Destination) -> Result<(), Error> {
    to.write(|file| {
        model.write(file).map_err(|error| match error {
            uphill_learn::Error::Model(what) => to.failed(std::io::Error::other(what)),
            uphill_learn::Error::File { source, .. } => to.failed(source),
            other => other.into(),
        })
    })
}

/// Reads a model, and checks it.
///
/// # Errors
///
/// [`Error::Read`]; [`Error::Model`] for what is no model, is damaged, or is of another version.
pub fn read(from: &Input) -> Result<TableModel, Error> {
    parse(from, &from.read_all(&LIMIT)?)
}

/// Reads a model on the first rank, for all.
///
/// # Errors
///
/// As [`read`]; [`Error::Ranks`].
pub(crate) fn read_among(from: &Input, ranks: &dyn Communicator) -> Result<TableModel, Error> {
    let is_first = ranks.rank() == 0;
    let bytes = if is_first { from.read_all(&LIMIT) } else { Ok(Vec::new()) };
    parse(from, &broadcast(ranks, bytes)?)
}

fn parse(from: &Input, bytes: &[u8]) -> Result<TableModel, Error> {
    TableModel::parse(bytes).map_err(|error| match error {
        uphill_learn::Error::Model(what) => Error::Model { file: from.to_string(), what },
        other => other.into(),
    })
}
