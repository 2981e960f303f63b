//! Files of histories: `uphill train --history` writes them, pictures are made of them.

use uphill_learn::history;
use uphill_nn::{Network, Row};
use uphill_table::Format;

use crate::error::Error;
use crate::file::{Destination, Input};
use crate::table;

/// What the numbers in `performance` and `validation` are called in pictures: both are means over rows.
pub(crate) const PERFORMANCE: &str = "P a row";

/// Writes all rows, with a column for each weight if they were kept.
///
/// # Errors
///
/// [`Error::Write`], [`Error::Exists`].
pub(crate) fn write(to: &Destination, network: &Network, rows: &[Row]) -> Result<(), Error> {
    to.write(|file| {
        history::write(file, network, rows).map_err(|error| match error {
            uphill_learn::Error::File { source, .. } => to.failed(source),
            other => other.into(),
        })
    })
}

/// Reads all rows. With a network, its weights too, if the file has columns for them.
///
/// # Errors
///
/// As [`history::read`].
pub(crate) fn read(file: &str, network: Option<&Network>) -> Result<Vec<Row>, Error> {
    let mut reader = table::open(&Input::from(file), Format::default())?;
    Ok(history::read(&mut reader, network)?)
}
