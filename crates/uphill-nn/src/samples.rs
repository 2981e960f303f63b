//! Labelled samples: input vectors with their desired outputs, checked as they come in.
//!
//! Two flat tables behind shared pointers, so that clones cost nothing, or a [`RowSource`] that is asked for rows again
//! and again. Rows and columns count from 0, as in slices.

mod table;

use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use crate::error::Error;
use crate::network::Network;
use crate::ranks::Ranks;
use crate::row_source::{BLOCK, RowSource, Rows};
use table::Table;
use uphill_ranks::{GRAIN, gather};

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
    kept: Kept,
    rows: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum Kept {
    Tables { inputs: Table, desired: Table },
    Elsewhere(Elsewhere),
}

/// Rows of a source, with the numbers of its columns asked once.
#[derive(Clone)]
struct Elsewhere {
    source: Arc<dyn RowSource>,
    inputs: usize,
    desired: usize,
}

impl PartialEq for Elsewhere {
    fn eq(&self, other: &Elsewhere) -> bool {
        Arc::ptr_eq(&self.source, &other.source)
    }
}

impl std::fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Elsewhere")
            .field("inputs", &self.inputs)
            .field("desired", &self.desired)
            .finish_non_exhaustive()
    }
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

    /// From rows that are kept elsewhere, in a file say: each training pass reads them again, and no table is made.
    ///
    /// # Errors
    ///
    /// As [`Samples::new`], after one look at all rows; [`Error::Io`] if they can't be read.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use uphill_nn::{RowSource, Samples};
    ///
    /// struct Squares;
    ///
    /// impl RowSource for Squares {
    ///     fn row_count(&self) -> usize { 1_000_000 }
    ///     fn input_count(&self) -> usize { 1 }
    ///     fn desired_count(&self) -> usize { 1 }
    ///     fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()> {
    ///         for (place, row) in into.chunks_exact_mut(2).enumerate() {
    ///             let x = (first + place) as f64;
    ///             row.copy_from_slice(&[x, x * x]);
    ///         }
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let samples = Samples::from_source(Arc::new(Squares))?;
    /// let mut sum = 0.0;
    /// samples.visit(0..3, |_, inputs, desired| {
    ///     sum += inputs[0] + desired[0];
    ///     Ok(())
    /// })?;
    /// assert_eq!((samples.len(), sum), (1_000_000, 8.0));
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn from_source(source: Arc<dyn RowSource>) -> Result<Samples, Error> {
        if source.row_count() == 0 {
            return Err(none());
        }
        Samples::part_from_source(source)
    }

    /// The same for the part of one of several ranks ([`Problem::among`](crate::Problem::among)), which may have no rows.
    ///
    /// # Errors
    ///
    /// As [`Samples::from_source`], but for no rows.
    pub fn part_from_source(source: Arc<dyn RowSource>) -> Result<Samples, Error> {
        let (inputs, desired) = (source.input_count(), source.desired_count());
        let rows = source.row_count();
        let samples =
            Samples { kept: Kept::Elsewhere(Elsewhere { source, inputs, desired }), rows };
        samples.check_rows(Side::Inputs, f64::is_finite, "give finite numbers")?;
        samples.check_rows(Side::Desired, f64::is_finite, "give finite numbers")?;
        Ok(samples)
    }

    fn checked(
        inputs: Table,
        rows: usize,
        desired: Table,
        labels: usize,
    ) -> Result<Samples, Error> {
        if rows != labels {
            return Err(wrong(format!(
                "{rows} row{} of inputs but {labels} of desired outputs; each sample has both",
                if rows == 1 { "" } else { "s" }
            )));
        }
        if rows == 0 {
            return Err(none());
        }
        inputs.check(f64::is_finite, "give finite numbers")?;
        desired.check(f64::is_finite, "give finite numbers")?;
        Ok(Samples { kept: Kept::Tables { inputs, desired }, rows })
    }

    /// The number of samples, `M` on the slides.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none, as on a rank whose part is empty; else that is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The number of inputs of each sample.
    #[must_use]
    pub fn input_count(&self) -> usize {
        match &self.kept {
            Kept::Tables { inputs, .. } => inputs.columns,
            Kept::Elsewhere(rows) => rows.inputs,
        }
    }

    /// The number of desired outputs of each sample, `Z` on the slides.
    #[must_use]
    pub fn desired_count(&self) -> usize {
        match &self.kept {
            Kept::Tables { desired, .. } => desired.columns,
            Kept::Elsewhere(rows) => rows.desired,
        }
    }

    /// The inputs of a sample.
    ///
    /// # Panics
    ///
    /// If there is no such row, or if the rows are [kept elsewhere](Samples::from_source); [`Samples::visit`] reads both.
    #[must_use]
    pub fn inputs(&self, row: usize) -> &[f64] {
        self.tables().0.row(row)
    }

    /// The desired outputs of a sample.
    ///
    /// # Panics
    ///
    /// If there is no such row, or if the rows are [kept elsewhere](Samples::from_source); [`Samples::visit`] reads both.
    #[must_use]
    pub fn desired(&self, row: usize) -> &[f64] {
        self.tables().1.row(row)
    }

    /// Inputs and desired outputs of each sample.
    ///
    /// # Panics
    ///
    /// If the rows are [kept elsewhere](Samples::from_source); [`Samples::visit`] reads both.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&[f64], &[f64])> {
        let (inputs, desired) = self.tables();
        (0..self.rows).map(|row| (inputs.row(row), desired.row(row)))
    }

    fn tables(&self) -> (&Table, &Table) {
        match &self.kept {
            Kept::Tables { inputs, desired } => (inputs, desired),
            Kept::Elsewhere(_) => panic!("these samples are kept elsewhere: read them by `visit`"),
        }
    }

    /// Calls a function with row, inputs and desired outputs of each of these rows, wherever they are kept.
    ///
    /// # Errors
    ///
    /// Those of the function; [`Error::Io`] if rows can't be read; [`Error::Samples`] for rows that aren't there.
    pub fn visit(
        &self,
        rows: Range<usize>,
        mut visit: impl FnMut(usize, &[f64], &[f64]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if rows.end > self.rows {
            return Err(wrong(format!("there is no row {}, only {}", rows.end - 1, self.rows)));
        }
        let width = self.input_count() + self.desired_count();
        for part in Rows::Range(rows).parts(BLOCK) {
            let block = self.read(&part)?;
            for (row, numbers) in part.runs(usize::MAX).flatten().zip(block.chunks_exact(width)) {
                let (inputs, desired) = numbers.split_at(self.input_count());
                visit(row, inputs, desired)?;
            }
        }
        Ok(())
    }

    /// Rows in memory: all inputs, all desired outputs. `None` if they are kept elsewhere.
    pub(crate) fn in_memory(&self) -> Option<(&[f64], &[f64])> {
        match &self.kept {
            Kept::Tables { inputs, desired } => Some((&inputs.values, &desired.values)),
            Kept::Elsewhere(_) => None,
        }
    }

    /// Reads rows, wherever they are kept: each its inputs, then its desired outputs.
    pub(crate) fn read(&self, rows: &Rows<'_>) -> Result<Vec<f64>, Error> {
        let width = self.input_count() + self.desired_count();
        let mut block = vec![0.0; rows.len() * width];
        let mut rest = block.as_mut_slice();
        for run in rows.runs(usize::MAX) {
            let (into, others) = rest.split_at_mut(run.len() * width);
            rest = others;
            match &self.kept {
                Kept::Tables { inputs, desired } => {
                    for (row, into) in run.zip(into.chunks_exact_mut(width)) {
                        let (x, d) = into.split_at_mut(inputs.columns);
                        x.copy_from_slice(inputs.row(row));
                        d.copy_from_slice(desired.row(row));
                    }
                }
                Kept::Elsewhere(kept) => {
                    kept.source.read(run.start, into).map_err(|source| Error::Io {
                        what: format!("can't read samples {} to {}", run.start, run.end - 1),
                        source,
                    })?;
                }
            }
        }
        Ok(block)
    }

    /// Checks every number on one side.
    fn check_rows(
        &self,
        side: Side,
        fits: impl Fn(f64) -> bool,
        expected: &str,
    ) -> Result<(), Error> {
        let (what, all) = (side.name(), 0..self.rows);
        self.visit(all, |row, inputs, desired| {
            let numbers = side.of(inputs, desired);
            match numbers.iter().position(|&number| !fits(number)) {
                None => Ok(()),
                Some(column) => Err(wrong(format!(
                    "{what}, row {row}, column {column}: {}; {expected}",
                    numbers[column]
                ))),
            }
        })
    }

    fn only_in_memory(&self, what: &str) -> Result<(&Table, &Table), Error> {
        match &self.kept {
            Kept::Tables { inputs, desired } => Ok((inputs, desired)),
            Kept::Elsewhere(_) => Err(wrong(format!(
                "can't {what} rows that are kept elsewhere; do so at the source"
            ))),
        }
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
        let (inputs, all) = self.only_in_memory("choose columns of")?;
        let rows = (0..self.rows).map(|row| all.row(row));
        let rows = rows.map(|row| columns.iter().map(|&column| row[column]).collect::<Vec<f64>>());
        let (desired, labels) = Table::from_rows("desired outputs", rows)?;
        Samples::checked(inputs.clone(), self.rows, desired, labels)
    }

    /// The same samples, split into the rows before and from this one on: training data and validation data.
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
        let (inputs, desired) = self.only_in_memory("split")?;
        let part = |range: Range<usize>| Samples {
            kept: Kept::Tables {
                inputs: inputs.part(range.clone()),
                desired: desired.part(range.clone()),
            },
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
        self.check_range(Side::Inputs, &range)
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
        self.check_range(Side::Desired, &range)
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

    fn check_range(&self, side: Side, range: &RangeInclusive<f64>) -> Result<(), Error> {
        let expected = format!("expected {} to {}", range.start(), range.end());
        self.check_rows(side, |value| range.contains(&value), &expected)
    }

    /// A number that differs, almost surely, if any bit of the samples of all ranks does: FNV-1a over shape and values, all
    /// inputs first. Of more than a grain of samples, each grain has a number of its own, and these have one.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if rows can't be read; [`Error::Ranks`].
    pub(crate) fn fingerprint(&self, ranks: &Ranks) -> Result<u64, Error> {
        let shape = [ranks.all() as u64, self.input_count() as u64, self.desired_count() as u64];
        let mut begun = crate::save::Fnv1a::default();
        begun.add(shape.into_iter().flat_map(u64::to_le_bytes));
        let is_one = ranks.all() <= GRAIN;
        let own = (0..self.rows).step_by(GRAIN).map(|first| {
            let mut hash = if is_one { begun.clone() } else { crate::save::Fnv1a::default() };
            for side in [Side::Inputs, Side::Desired] {
                self.visit(first..self.rows.min(first + GRAIN), |_, inputs, desired| {
                    let numbers = side.of(inputs, desired).iter();
                    hash.add(numbers.flat_map(|number| number.to_bits().to_le_bytes()));
                    Ok(())
                })?;
            }
            Ok(hash.value().to_le_bytes())
        });
        let own: Result<Vec<[u8; 8]>, Error> = own.collect();
        let all = gather(ranks.communicator(), own.map(|own| own.concat()))?.concat();
        match <[u8; 8]>::try_from(all.as_slice()) {
            Ok(only) if is_one => Ok(u64::from_le_bytes(only)),
            _ => {
                begun.add(all);
                Ok(begun.value())
            }
        }
    }
}

/// One of the two halves of a row.
#[derive(Debug, Clone, Copy)]
enum Side {
    Inputs,
    Desired,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Side::Inputs => "inputs",
            Side::Desired => "desired outputs",
        }
    }

    fn of<'s>(self, inputs: &'s [f64], desired: &'s [f64]) -> &'s [f64] {
        match self {
            Side::Inputs => inputs,
            Side::Desired => desired,
        }
    }
}

fn none() -> Error {
    wrong("there are none; give at least one".into())
}

fn wrong(what: String) -> Error {
    Error::Samples { what }
}
