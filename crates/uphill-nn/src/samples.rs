//! Labelled samples: input vectors with their desired outputs, checked as they come in.
//!
//! Two flat tables behind shared pointers, so that clones cost nothing. Rows and columns count from 0, as in slices.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::error::Error;
use crate::network::Network;

/// Labelled training data, pairs `{x, d}` on the slides: `M` rows of inputs and of desired outputs.
///
/// ```
/// use uphill_nn::Samples;
///
/// let samples = Samples::new([[0.0, 1.0], [1.0, 1.0]], [[1.0], [0.0]])?;
/// assert_eq!((samples.len(), samples.input_count(), samples.desired_count()), (2, 2, 1));
///
/// let error = Samples::new([[0.0, f64::NAN]], [[1.0]]).unwrap_err();
/// assert_eq!(error.to_string(), "samples: inputs, row 0, column 1: NaN; give finite numbers");
/// # Ok::<(), uphill_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    inputs: Table,
    desired: Table,
    rows: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct Table {
    what: &'static str,
    columns: usize,
    values: Arc<[f64]>,
}

impl Samples {
    /// From rows of inputs and rows of desired outputs.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if there are none, if rows differ in length or number, or if a number is infinite or NaN.
    pub fn new<X: AsRef<[f64]>, D: AsRef<[f64]>>(
        inputs: impl IntoIterator<Item = X>,
        desired: impl IntoIterator<Item = D>,
    ) -> Result<Samples, Error> {
        let (inputs, rows) = Table::from_rows("inputs", inputs)?;
        let (desired, labels) = Table::from_rows("desired outputs", desired)?;
        Samples::checked(inputs, rows, desired, labels)
    }

    /// From pairs of inputs and desired outputs.
    ///
    /// # Errors
    ///
    /// As [`Samples::new`].
    pub fn from_pairs<X: AsRef<[f64]>, D: AsRef<[f64]>>(
        pairs: impl IntoIterator<Item = (X, D)>,
    ) -> Result<Samples, Error> {
        let (inputs, desired): (Vec<X>, Vec<D>) = pairs.into_iter().unzip();
        Samples::new(inputs, desired)
    }

    /// From two flat slices, row after row.
    ///
    /// # Errors
    ///
    /// As [`Samples::new`]; also if a slice does not divide into rows of that many columns.
    pub fn from_flat(
        inputs: &[f64],
        input_count: usize,
        desired: &[f64],
        desired_count: usize,
    ) -> Result<Samples, Error> {
        let (inputs, rows) = Table::from_flat("inputs", inputs, input_count)?;
        let (desired, labels) = Table::from_flat("desired outputs", desired, desired_count)?;
        Samples::checked(inputs, rows, desired, labels)
    }

    fn checked(
        inputs: Table,
        rows: usize,
        desired: Table,
        labels: usize,
    ) -> Result<Samples, Error> {
        if rows != labels {
            return Err(wrong(format!(
                "{rows} rows of inputs but {labels} of desired outputs; each sample has both"
            )));
        }
        if rows == 0 {
            return Err(wrong("there are none; give at least one".into()));
        }
        inputs.check(f64::is_finite, "give finite numbers")?;
        desired.check(f64::is_finite, "give finite numbers")?;
        Ok(Samples { inputs, desired, rows })
    }

    /// The number of samples, `M` on the slides.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none: never, as that is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The number of inputs of each sample.
    #[must_use]
    pub fn input_count(&self) -> usize {
        self.inputs.columns
    }

    /// The number of desired outputs of each sample, `Z` on the slides.
    #[must_use]
    pub fn desired_count(&self) -> usize {
        self.desired.columns
    }

    /// The inputs of a sample.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    pub fn inputs(&self, row: usize) -> &[f64] {
        self.inputs.row(row)
    }

    /// The desired outputs of a sample.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    pub fn desired(&self, row: usize) -> &[f64] {
        self.desired.row(row)
    }

    /// The inputs of all samples, one sample after the other.
    pub(crate) fn all_inputs(&self) -> &[f64] {
        &self.inputs.values
    }

    /// The desired outputs of all samples, one sample after the other.
    pub(crate) fn all_desired(&self) -> &[f64] {
        &self.desired.values
    }

    /// Inputs and desired outputs of each sample.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&[f64], &[f64])> {
        (0..self.rows).map(|row| (self.inputs(row), self.desired(row)))
    }

    /// The same samples with these of the desired outputs, by column.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] for a column that isn't there.
    pub fn with_desired(&self, columns: &[usize]) -> Result<Samples, Error> {
        if let Some(column) = columns.iter().find(|&&column| column >= self.desired_count()) {
            return Err(wrong(format!(
                "desired outputs have no column {column}, only {}",
                self.desired_count()
            )));
        }
        let rows = (0..self.rows).map(|row| self.desired(row));
        let rows = rows.map(|row| columns.iter().map(|&column| row[column]).collect::<Vec<f64>>());
        let (desired, labels) = Table::from_rows("desired outputs", rows)?;
        Samples::checked(self.inputs.clone(), self.rows, desired, labels)
    }

    /// The same samples, split into the rows before and from this one on: training data and held-out data.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if either part would be empty.
    pub fn split(&self, at: usize) -> Result<(Samples, Samples), Error> {
        if at == 0 || at >= self.rows {
            return Err(wrong(format!(
                "can't split {} rows at {at}: both parts need a row",
                self.rows
            )));
        }
        let part = |range: std::ops::Range<usize>| Samples {
            inputs: self.inputs.part(range.clone()),
            desired: self.desired.part(range.clone()),
            rows: range.len(),
        };
        Ok((part(0..at), part(at..self.rows)))
    }

    /// Checks that all inputs are in a range.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] with the first row and column that is not.
    pub fn check_inputs(&self, range: RangeInclusive<f64>) -> Result<(), Error> {
        self.inputs.check_range(&range)
    }

    /// Checks that all desired outputs are in a range: 0 to 1, say, where sigmoid nodes are to compute them.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] with the first row and column that is not.
    ///
    /// ```
    /// use uphill_nn::Samples;
    /// let samples = Samples::new([[0.0], [1.0]], [[1.0], [1.5]])?;
    /// let error = samples.check_desired(0.0..=1.0).unwrap_err();
    /// let expected = "samples: desired outputs, row 1, column 0: 1.5; expected 0 to 1";
    /// assert_eq!(error.to_string(), expected);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn check_desired(&self, range: RangeInclusive<f64>) -> Result<(), Error> {
        self.desired.check_range(&range)
    }

    /// Checks that rows fit a network.
    pub(crate) fn check_shape(&self, network: &Network) -> Result<(), Error> {
        let columns = [
            ("inputs", self.input_count(), network.inputs().len()),
            ("desired outputs", self.desired_count(), network.output_count()),
        ];
        for (what, got, expected) in columns {
            if got != expected {
                return Err(wrong(format!(
                    "rows of {what} have {got} columns, the network has {expected}"
                )));
            }
        }
        Ok(())
    }

    /// A number that differs, almost surely, if any bit does: FNV-1a over shape and values.
    pub(crate) fn fingerprint(&self) -> u64 {
        let shape = [self.rows as u64, self.input_count() as u64, self.desired_count() as u64];
        let values = self.inputs.values.iter().chain(self.desired.values.iter());
        let words = shape.into_iter().chain(values.map(|value| value.to_bits()));
        crate::save::fnv1a(words.flat_map(u64::to_le_bytes))
    }
}

impl Table {
    fn from_rows<R: AsRef<[f64]>>(
        what: &'static str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(Table, usize), Error> {
        let mut columns = None;
        let mut values = Vec::new();
        let mut count = 0;
        for row in rows {
            let row = row.as_ref();
            let expected = *columns.get_or_insert(row.len());
            if row.len() != expected {
                return Err(wrong(format!(
                    "{what}, row {count}: {} columns, but row 0 has {expected}",
                    row.len()
                )));
            }
            values.extend_from_slice(row);
            count += 1;
        }
        Ok((Table { what, columns: columns.unwrap_or(0), values: values.into() }, count))
    }

    fn from_flat(
        what: &'static str,
        values: &[f64],
        columns: usize,
    ) -> Result<(Table, usize), Error> {
        if columns == 0 || !values.len().is_multiple_of(columns) {
            return Err(wrong(format!(
                "{what}: {} numbers don't divide into rows of {columns}",
                values.len()
            )));
        }
        Ok((Table { what, columns, values: values.into() }, values.len() / columns))
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    fn part(&self, rows: std::ops::Range<usize>) -> Table {
        let values = &self.values[rows.start * self.columns..rows.end * self.columns];
        Table { what: self.what, columns: self.columns, values: values.into() }
    }

    fn check_range(&self, range: &RangeInclusive<f64>) -> Result<(), Error> {
        let expected = format!("expected {} to {}", range.start(), range.end());
        self.check(|value| range.contains(&value), &expected)
    }

    fn check(&self, fits: impl Fn(f64) -> bool, expected: &str) -> Result<(), Error> {
        match self.values.iter().position(|&value| !fits(value)) {
            None => Ok(()),
            Some(place) => Err(wrong(format!(
                "{}, row {}, column {}: {}; {expected}",
                self.what,
                place / self.columns,
                place % self.columns,
                self.values[place]
            ))),
        }
    }
}

fn wrong(what: String) -> Error {
    Error::Samples { what }
}
