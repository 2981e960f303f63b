//! Histories of trainings as CSV: `uphill train --history` writes them, pictures are made of them.

use uphill_nn::{Network, Outcome, Row};
use uphill_table::{Format, Reader};

use crate::error::Error;
use crate::file::{Destination, Input};
use crate::numbers::exact;
use crate::table;

/// What the numbers in `performance` and `validation` are called in pictures: both are means over rows.
pub(crate) const PERFORMANCE: &str = "P a row";

/// The rows of a training's history with P a row of the table in place of P, so that training and validation compare.
pub(crate) fn by_row(outcome: &Outcome) -> Vec<Row> {
    let mut rows = outcome.history.clone();
    rows.iter_mut().for_each(|row| row.performance = row.per_sample);
    rows
}

/// Writes all rows, with a column for each weight if they were kept.
///
/// # Errors
///
/// [`Error::Write`], [`Error::Exists`].
pub(crate) fn write(to: &Destination, network: &Network, history: &[Row]) -> Result<(), Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let columns = ["change", "pass", "rate", "performance", "gradient_length", "validation"];
    let weights = history.first().and_then(|row| row.weights.as_ref());
    let names = network.weights().iter().map(|weight| weight.name.as_str());
    let names = names.take(weights.map_or(0, Vec::len));
    let failed = |error: csv::Error| to.failed(std::io::Error::other(error));
    csv.write_record(columns.into_iter().chain(names)).map_err(failed)?;
    for row in history {
        let numbers = [row.rate, row.performance, row.gradient_length].map(exact);
        let validation = row.validation.map_or(String::new(), exact);
        let weights = row.weights.iter().flatten().map(|&weight| exact(weight));
        let start = [row.change.to_string(), row.pass.to_string()];
        csv.write_record(start.into_iter().chain(numbers).chain([validation]).chain(weights))
            .map_err(failed)?;
    }
    let bytes = csv.into_inner().map_err(|error| to.failed(error.into_error()))?;
    to.write(|file| file.write_all(&bytes).map_err(|source| to.failed(source)))
}

/// Where the parts of a row stand in the file.
struct Places {
    change: usize,
    performance: usize,
    length: usize,
    pass: Option<usize>,
    rate: Option<usize>,
    validation: Option<usize>,
    /// One for each weight of the network, or none at all.
    weights: Vec<usize>,
}

/// Reads all rows. With a network, its weights too, if the file has columns for them.
///
/// # Errors
///
/// [`Error::UnknownName`] for a column that is missing, [`Error::Table`] for a text that is no number or a file without
/// rows, [`Error::Read`].
pub(crate) fn read(file: &str, network: Option<&Network>) -> Result<Vec<Row>, Error> {
    let mut reader = table::open(&Input::from(file), Format::default())?;
    // No option says how a history is written.
    rows(&mut reader, network).map_err(|error| error.without_advice().into())
}

fn rows(reader: &mut Reader, network: Option<&Network>) -> Result<Vec<Row>, uphill_table::Error> {
    let places = Places::new(reader, network)?;
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        let whole = |column: usize| match row.number(column)? {
            number if number >= 0.0 && number.fract() == 0.0 => Ok(number as usize),
            number => Err(row.error(column, &format!("expected a whole number, got {number}"))),
        };
        let mut read = Row::new(
            whole(places.change)?,
            row.number(places.performance)?,
            row.number(places.length)?,
        );
        read.pass = places.pass.map(whole).transpose()?.unwrap_or(0);
        read.rate = places.rate.map(|place| row.number(place)).transpose()?.unwrap_or(0.0);
        if let Some(place) = places.validation
            && row.fields().nth(place).is_some_and(|field| !field.is_empty())
        {
            read.validation = Some(row.number(place)?);
        }
        if !places.weights.is_empty() {
            let weights = places.weights.iter().map(|&place| row.number(place));
            read.weights = Some(weights.collect::<Result<_, _>>()?);
        }
        rows.push(read);
    }
    if rows.is_empty() {
        return Err(reader.error("it has a header but no rows of data"));
    }
    Ok(rows)
}

impl Places {
    fn new(reader: &Reader, network: Option<&Network>) -> Result<Places, uphill_table::Error> {
        let found = |name: &str| reader.find(name);
        let names = || network.iter().flat_map(|network| network.weights()).map(|w| &w.name);
        // None of them is a history without weights; some of them are those of another network.
        let weights = match names().any(|name| found(name).is_some()) {
            true => names().map(|name| reader.column(name)).collect::<Result<_, _>>()?,
            false => Vec::new(),
        };
        Ok(Places {
            change: reader.column("change")?,
            performance: reader.column("performance")?,
            length: reader.column("gradient_length")?,
            pass: found("pass"),
            rate: found("rate"),
            validation: found("validation"),
            weights,
        })
    }
}
