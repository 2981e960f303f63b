//! Histories of trainings as CSV, a row for each change that was kept: written after a training, read for pictures of it.

use std::io::Write;

use uphill_nn::{Network, Outcome, Row};
use uphill_table::Reader;

use crate::error::Error;

/// The rows of a training's history with P a row of the table in place of P, so that training and validation compare.
#[must_use]
pub fn by_row(outcome: &Outcome) -> Vec<Row> {
    let mut rows = outcome.history.clone();
    rows.iter_mut().for_each(|row| row.performance = row.per_sample);
    rows
}

/// Writes all rows, with a column for each weight if they were kept. Numbers read back to the same bits.
///
/// # Errors
///
/// [`Error::File`].
///
/// ```
/// use uphill_learn::history;
/// use uphill_nn::{Network, Row};
/// use uphill_table::{Format, Reader};
///
/// let network = Network::layered(&[1, 1]).build()?;
/// let mut file = Vec::new();
/// history::write(&mut file, &network, &[Row::new(0, -2.5, 1.0), Row::new(1, -2.25, 0.5)])?;
/// let mut reader = Reader::new(std::io::Cursor::new(file), "history.csv", Format::default())?;
/// let rows = history::read(&mut reader, None)?;
/// assert_eq!((rows.len(), rows[1].performance), (2, -2.25));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write(to: impl Write, network: &Network, history: &[Row]) -> Result<(), Error> {
    let mut csv = csv::Writer::from_writer(to);
    let mut written = || {
        let columns = ["change", "pass", "rate", "performance", "gradient_length", "validation"];
        let weights = history.first().and_then(|row| row.weights.as_ref());
        let names = network.weights().iter().map(|weight| weight.name.as_str());
        let names = names.take(weights.map_or(0, Vec::len));
        csv.write_record(columns.into_iter().chain(names))?;
        for row in history {
            let numbers = [row.rate, row.performance, row.gradient_length].map(exact);
            let validation = row.validation.map_or(String::new(), exact);
            let weights = row.weights.iter().flatten().map(|&weight| exact(weight));
            let start = [row.change.to_string(), row.pass.to_string()];
            let fields = start.into_iter().chain(numbers).chain([validation]).chain(weights);
            csv.write_record(fields)?;
        }
        csv.flush()
    };
    written().map_err(|source| Error::File { file: "the history".into(), source })
}

/// Shortest text that reads back to the same bits.
fn exact(number: f64) -> String {
    format!("{number:?}")
}

/// Reads all rows. With a network, its weights too, if the file has columns for them.
///
/// # Errors
///
/// [`UnknownColumn`](uphill_table::Error::UnknownColumn) for a column that is missing,
/// [`Content`](uphill_table::Error::Content) for a text that is no number or a file without rows, without advice, since the
/// format of a history is not to be chosen; [`Read`](uphill_table::Error::Read).
pub fn read(
    reader: &mut Reader,
    network: Option<&Network>,
) -> Result<Vec<Row>, uphill_table::Error> {
    rows(reader, network).map_err(uphill_table::Error::without_advice)
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
