//! Where the rows lie to which something is fitted: in memory as columns, or wherever a [`Rows`] reads them from.

use crate::error::Error;

/// Rows of numbers that can be read again and again, a block at a time: so a table may be larger than memory.
///
/// What it gives must be the same each time.
pub trait Rows {
    /// The name of each column, in the order in which [`Rows::read`] gives them.
    fn column_names(&self) -> &[String];

    /// The number of rows.
    fn row_count(&self) -> usize;

    /// Reads consecutive rows from `first` on, as many as `into` has room for, one row after the other.
    ///
    /// # Errors
    ///
    /// Those of whatever keeps the rows.
    fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()>;
}

/// Columns of numbers in memory, each with its name.
///
/// ```
/// use uphill_solve::{Columns, Rows};
///
/// let table = Columns::new([("t", vec![0.0, 1.0]), ("y", vec![8.0, 4.1])])?;
/// assert_eq!((table.row_count(), table.column_names().len()), (2, 2));
/// # Ok::<(), uphill_solve::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

impl Columns {
    /// Columns of equal length, each with a name of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for columns of different lengths, or of one name.
    pub fn new<N: Into<String>, C: Into<Vec<f64>>>(
        columns: impl IntoIterator<Item = (N, C)>,
    ) -> Result<Columns, Error> {
        let (names, columns): (Vec<String>, Vec<Vec<f64>>) =
            columns.into_iter().map(|(name, column)| (name.into(), column.into())).unzip();
        let rows = columns.first().map_or(0, Vec::len);
        for (place, (name, column)) in names.iter().zip(&columns).enumerate() {
            if column.len() != rows {
                return Err(Error::invalid(format!(
                    "column `{name}` has {} numbers, but column `{}` has {rows}; give each the same number of rows",
                    column.len(),
                    names[0]
                )));
            }
            if names[..place].contains(name) {
                let what = format!("two columns are named `{name}`; give each a name of its own");
                return Err(Error::invalid(what));
            }
        }
        Ok(Columns { names, columns })
    }

    /// The numbers of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        let place = self.names.iter().position(|other| other == name)?;
        Some(&self.columns[place])
    }
}

impl Rows for Columns {
    fn column_names(&self) -> &[String] {
        &self.names
    }

    fn row_count(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()> {
        let width = self.columns.len().max(1);
        for (row, numbers) in into.chunks_mut(width).enumerate() {
            for (number, column) in numbers.iter_mut().zip(&self.columns) {
                *number = column[first + row];
            }
        }
        Ok(())
    }
}
