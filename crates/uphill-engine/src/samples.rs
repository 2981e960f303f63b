//! Numbers for a program's columns: as columns, or as rows of one or more tables.

use smallvec::SmallVec;

use crate::error::Error;
use crate::lanes::{Element, LaneMemory};

/// Samples: for each, one number for every column of a program, of type `f64`, or `f32` for
/// `Program::run_samples_f32` (feature `f32`).
///
/// ```
/// use uphill_engine::Samples;
///
/// let columns: [&[f64]; 2] = [&[1.0, 2.0, 3.0], &[0.5, 0.25, 0.125]];
/// assert_eq!(Samples::columns(&columns)?.len(), 3);
///
/// // Two tables side by side, and of their rows the last and the first.
/// let inputs = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let desired = [0.0, 1.0, 0.0];
/// let samples = Samples::rows(&inputs, 2)?.beside(&desired, 1)?.taking(&[2, 0])?;
/// assert_eq!(samples.len(), 2);
/// # Ok::<(), uphill_engine::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Samples<'a, E = f64> {
    source: Source<'a, E>,
    count: usize,
}

#[derive(Debug, Clone)]
enum Source<'a, E> {
    Columns(&'a [&'a [E]]),
    Rows { tables: SmallVec<[(&'a [E], usize); 2]>, taken: Option<&'a [usize]> },
}

impl<'a, E> Samples<'a, E> {
    /// One slice a column, all of one length.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if their lengths differ.
    pub fn columns(columns: &'a [&'a [E]]) -> Result<Samples<'a, E>, Error> {
        let count = columns.first().map_or(0, |column| column.len());
        if let Some(other) = columns.iter().position(|column| column.len() != count) {
            return Err(Error::Invalid {
                what: format!(
                    "samples: column 0 has {count} numbers, column {other} has {}; give as many in each",
                    columns[other].len()
                ),
            });
        }
        Ok(Samples { source: Source::Columns(columns), count })
    }

    /// One slice, row after row, of so many numbers each.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it does not divide into such rows.
    pub fn rows(table: &'a [E], width: usize) -> Result<Samples<'a, E>, Error> {
        let count = table.len().checked_div(width).unwrap_or(0);
        if count * width != table.len() {
            return Err(Error::Invalid {
                what: format!("samples: {} numbers don't make rows of {width}", table.len()),
            });
        }
        let tables = [(table, width)].into_iter().collect();
        Ok(Samples { source: Source::Rows { tables, taken: None }, count })
    }

    /// Another table with as many rows, whose columns come after those so far.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it has another number of rows, or if the samples so far are columns or chosen rows.
    pub fn beside(mut self, table: &'a [E], width: usize) -> Result<Samples<'a, E>, Error> {
        let other = Samples::rows(table, width)?;
        match &mut self.source {
            Source::Rows { tables, taken: None } if other.count == self.count => {
                tables.push((table, width));
                Ok(self)
            }
            Source::Rows { taken: None, .. } => Err(Error::Invalid {
                what: format!(
                    "samples: a table of {} rows beside one of {}",
                    other.count, self.count
                ),
            }),
            _ => Err(Error::Invalid {
                what: "samples: tables go beside tables, before rows are chosen".into(),
            }),
        }
    }

    /// Only these rows, in this order; they may repeat.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a row that does not exist, or if the samples are columns.
    pub fn taking(mut self, rows: &'a [usize]) -> Result<Samples<'a, E>, Error> {
        if let Some(row) = rows.iter().find(|&&row| row >= self.count) {
            return Err(Error::Invalid {
                what: format!("samples: row {row} of {} rows, counted from 0", self.count),
            });
        }
        match &mut self.source {
            Source::Rows { taken, .. } if taken.is_none() => *taken = Some(rows),
            _ => {
                return Err(Error::Invalid {
                    what: "samples: rows are chosen once, of tables of rows".into(),
                });
            }
        }
        self.count = rows.len();
        Ok(self)
    }

    /// So many samples without any column: for programs that sum what is the same for all.
    ///
    /// They may stand where samples of borrowed numbers do:
    ///
    /// ```
    /// # use uphill_engine::Samples;
    /// fn samples<'a>(columns: &'a [&'a [f64]], count: usize) -> Result<Samples<'a>, uphill_engine::Error> {
    ///     if columns.is_empty() { Ok(Samples::without_columns(count)) } else { Samples::columns(columns) }
    /// }
    /// let numbers = [1.0, 2.0];
    /// assert_eq!(samples(&[&numbers], 2)?.width(), 1);
    /// assert_eq!(samples(&[], 2)?.len(), 2);
    /// # Ok::<(), uphill_engine::Error>(())
    /// ```
    #[must_use]
    pub fn without_columns(count: usize) -> Samples<'a, E> {
        Samples { source: Source::Columns(&[]), count }
    }

    /// The number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        match &self.source {
            Source::Columns(columns) => columns.len(),
            Source::Rows { tables, .. } => tables.iter().map(|(_, width)| width).sum(),
        }
    }

    /// The numbers of a column.
    pub(crate) fn column(&self, column: usize) -> Vec<E>
    where
        E: Copy,
    {
        match &self.source {
            Source::Columns(columns) => columns[column].to_vec(),
            Source::Rows { tables, taken } => {
                let (mut number, mut at) = (column, 0);
                while number >= tables[at].1 {
                    number -= tables[at].1;
                    at += 1;
                }
                let (table, width) = tables[at];
                match taken {
                    None => table.iter().skip(number).step_by(width).copied().collect(),
                    Some(rows) => rows.iter().map(|row| table[row * width + number]).collect(),
                }
            }
        }
    }

    /// The numbers of a column of this name as those of rows of a vector that has so many.
    pub(crate) fn indices(
        &self,
        column: usize,
        rows: u32,
        name: &str,
        of: &str,
    ) -> Result<Vec<u32>, Error>
    where
        E: Element,
    {
        let index = |(sample, number): (usize, E)| {
            let number = number.to_f64();
            if number >= 0.0 && number < f64::from(rows) && number.fract() == 0.0 {
                return Ok(number as u32);
            }
            let row = match &self.source {
                Source::Rows { taken: Some(taken), .. } => taken[sample],
                _ => sample,
            };
            Err(Error::Invalid {
                what: format!(
                    "samples: row {row} of column `{name}` is {number}: expected the number of a row of `{of}`, a whole \
                     number less than {rows}"
                ),
            })
        };
        self.column(column).into_iter().enumerate().map(index).collect()
    }

    /// Copies samples from `first` on into lanes, one vector a column.
    pub(crate) fn load(&self, first: usize, count: usize, lanes: &mut LaneMemory<E>)
    where
        E: Element,
    {
        match &self.source {
            Source::Columns(columns) => {
                for (number, from) in columns.iter().enumerate() {
                    lanes.vector_mut(number)[..count].copy_from_slice(&from[first..first + count]);
                }
            }
            Source::Rows { tables, taken } => {
                let mut offset = 0;
                for &(table, width) in tables {
                    for number in 0..width {
                        let to = &mut lanes.vector_mut(offset + number)[..count];
                        match taken {
                            None => {
                                let from = table[first * width + number..].iter().step_by(width);
                                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                            }
                            Some(rows) => {
                                for (to, &row) in to.iter_mut().zip(&rows[first..]) {
                                    *to = table[row * width + number];
                                }
                            }
                        }
                    }
                    offset += width;
                }
            }
        }
    }

    /// The row of the tables that a sample is.
    pub(crate) fn row(&self, sample: usize) -> usize {
        match &self.source {
            Source::Rows { taken: Some(rows), .. } => rows[sample],
            _ => sample,
        }
    }

    /// Copies one sample.
    pub(crate) fn load_one(&self, sample: usize, to: &mut [f64])
    where
        E: Element,
    {
        match &self.source {
            Source::Columns(columns) => {
                to.iter_mut().zip(*columns).for_each(|(to, column)| *to = column[sample].to_f64());
            }
            Source::Rows { tables, taken } => {
                let row = taken.map_or(sample, |rows| rows[sample]);
                let numbers =
                    tables.iter().flat_map(|(table, width)| &table[row * width..][..*width]);
                to.iter_mut().zip(numbers).for_each(|(to, number)| *to = number.to_f64());
            }
        }
    }
}
