//! A sparse derivative: its places, the function that computes them, and its forms: triplets, compressed rows or columns,
//! one triangle.

use super::entries::{Entries, Names};
use super::pattern::Pattern;
use crate::error::Error;
use crate::function::{Function, Output};
use crate::loop_writer::LoopWriter;
use crate::record::Recorder;
use crate::walk::{Feed, Outcome, Walk};

/// The entries of a Jacobian or Hessian that can be other than zero, and the function that computes them.
///
/// ```
/// use uphill_graph::Function;
/// let f = Function::record(["x", "y", "z"], |v| v[0] * v[0] * v[1] + v[2] * v[2])?;
/// let hessian = f.sparse_hessian()?;
/// let numbers = hessian.function.eval(&[2.0, 3.0, 1.0])?;
/// let triplets: Vec<_> = hessian.entries.iter().zip(numbers).collect();
/// assert_eq!(triplets, [((0, 0), 6.0), ((0, 1), 4.0), ((1, 0), 4.0), ((2, 2), 2.0)]);
/// assert_eq!(hessian.row_names, ["x", "y", "z"]);
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Sparse {
    /// The number of rows: outputs, or for a Hessian inputs.
    pub rows: usize,
    /// The number of columns: inputs by which the derivatives were taken.
    pub columns: usize,
    /// What each row is the derivative of: an output, or for a Hessian the input by which was derived first.
    pub row_names: Names,
    /// The input by which each column is derived.
    pub column_names: Names,
    /// Row and column of each entry, row by row.
    pub entries: Entries,
    /// The entries' numbers, in the order of [`Sparse::entries`]: an output each, named as [`Sparse::entry_name`] tells, or
    /// of a function with loops one vector, `jacobian` or `hessian`.
    pub function: Function,
    /// How many sweeps over the whole function it took, forward and reverse ones together. Loops whose own entries were
    /// written need none.
    pub sweeps: usize,
    /// What the names of entries begin with, if all do: `d2P`.
    pub(super) performance: Option<String>,
}

/// The places of a sparse matrix, row by row (CSR) or column by column (CSC).
///
/// Made once; the numbers of each point are put in its order by [`Compressed::values`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compressed {
    /// Where each row (CSR) or column (CSC) starts in `indices`, then the number of all entries.
    pub starts: Vec<usize>,
    /// The column (CSR) or row (CSC) of each entry, ascending in each line.
    pub indices: Vec<usize>,
    /// For each entry its number among the outputs of [`Sparse::function`]; for rows they are in order.
    pub order: Vec<usize>,
}

impl Sparse {
    /// The places row by row: row starts and columns.
    ///
    /// # Complexity
    ///
    /// Linear in rows and entries.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record_many(["x", "y"], |v| vec![v[0] * v[1], v[1]])?;
    /// let rows = f.sparse_jacobian()?.csr();
    /// assert_eq!((rows.starts, rows.indices), (vec![0, 2, 3], vec![0, 1, 1]));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn csr(&self) -> Compressed {
        compressed(self.entries.pattern(), (0..self.entries.len()).collect())
    }

    /// The places column by column: column starts and rows.
    ///
    /// # Complexity
    ///
    /// Linear in columns and entries.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record_many(["x", "y"], |v| vec![v[0] * v[1], v[1]])?;
    /// let jacobian = f.sparse_jacobian()?;
    /// let columns = jacobian.csc();
    /// assert_eq!((&columns.starts[..], &columns.indices[..]), (&[0, 1, 3][..], &[0, 0, 1][..]));
    /// // The entries are dP1/dx, dP1/dy, dP2/dy.
    /// let numbers = jacobian.function.eval(&[2.0, 3.0])?;
    /// assert_eq!(columns.values(&numbers)?, [3.0, 2.0, 1.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn csc(&self) -> Compressed {
        let (columns, slots) = self.entries.pattern().transposed();
        compressed(&columns, slots.into_iter().map(|slot| slot as usize).collect())
    }

    /// What the entry with this number is: `dP1/dw[2]`, `d2P/dxdy`; nothing if there is no such entry.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
    /// assert_eq!(f.sparse_hessian()?.entry_name(1).as_deref(), Some("d2P/dxdy"));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn entry_name(&self, number: usize) -> Option<String> {
        let (row, column) = self.entries.get(number)?;
        let (row, column) = (self.row_names.get(row)?, self.column_names.get(column)?);
        Some(match &self.performance {
            Some(performance) => format!("d2{performance}/d{row}d{column}"),
            None => format!("d{row}/d{column}"),
        })
    }

    /// The entries on the diagonal and below it, and a function that computes these alone: for a Hessian all there is to
    /// know, and what most factorizations ask for.
    ///
    /// # Complexity
    ///
    /// Linear in the function's nodes and edges.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
    /// let lower = f.sparse_hessian()?.lower();
    /// assert_eq!(lower.entries, [(0, 0), (1, 0)]);
    /// assert_eq!(lower.function.output_names().collect::<Vec<_>>(), ["d2P/dxdx", "d2P/dydx"]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn lower(&self) -> Sparse {
        self.part(|row, column| row >= column)
    }

    /// The entries on the diagonal and above it, and a function that computes these alone.
    ///
    /// # Complexity
    ///
    /// Linear in the function's nodes and edges.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
    /// assert_eq!(f.sparse_hessian()?.upper().entries, [(0, 0), (0, 1)]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn upper(&self) -> Sparse {
        self.part(|row, column| row <= column)
    }

    fn part(&self, wanted: impl Fn(usize, usize) -> bool) -> Sparse {
        let of_entries = || self.entries.iter().enumerate();
        let kept = of_entries().filter(|(_, (row, column))| wanted(*row, *column));
        let slots: Vec<u32> = kept.map(|(slot, _)| slot as u32).collect();
        let pattern = self.entries.pattern();
        let places = |place: &mut dyn FnMut(u32, u32)| {
            for (row, column) in self.entries.iter().filter(|&(row, column)| wanted(row, column)) {
                place(row as u32, column as u32);
            }
        };
        let kept = Pattern::of_places(pattern.rows(), pattern.width(), places);
        Sparse {
            entries: Entries::new(kept.expect("fewer entries than there were")),
            function: chosen(&self.function, slots),
            row_names: self.row_names.clone(),
            column_names: self.column_names.clone(),
            performance: self.performance.clone(),
            ..*self
        }
    }
}

/// A function with these of its outputs alone: of one vector, it gives one vector again.
fn chosen(function: &Function, slots: Vec<u32>) -> Function {
    let graph = function.graph().clone();
    let output = match function.outputs() {
        [output] if output.length.is_some() && !slots.is_empty() => output,
        outputs => {
            let single = outputs.iter().all(|output| output.length.is_none());
            let slots = slots.into_iter().filter(|_| single);
            let outputs = slots.map(|slot| outputs[slot as usize].clone()).collect();
            return Function::from_pass(graph, outputs).into_simplified();
        }
    };
    let (recorder, length) = (Recorder::continuing(graph), slots.len());
    let body = Recorder::new();
    let mut writer = LoopWriter::new(length);
    let entry = writer.feed(&body, Feed::Read(Walk::along(slots)), Some(output.node), 1);
    let read = writer.output(entry);
    writer.outcome(Outcome::Sequence { output: read });
    let first = writer.write(body.into_graph(), &recorder)[0];
    let output = Output { node: first, length: Some(length as u32), ..output.clone() };
    Function::from_pass(recorder.into_graph(), vec![output]).into_simplified()
}

impl Compressed {
    /// The outputs of [`Sparse::function`] at a point, in this order.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] unless there is one number an entry.
    pub fn values(&self, outputs: &[f64]) -> Result<Vec<f64>, Error> {
        if outputs.len() != self.order.len() {
            return Err(Error::WrongLength {
                what: "entries of a sparse matrix".into(),
                expected: self.order.len(),
                got: outputs.len(),
            });
        }
        Ok(self.order.iter().map(|&number| outputs[number]).collect())
    }
}

/// The lines of a pattern, whose entries have this order among all.
fn compressed(lines: &Pattern, order: Vec<usize>) -> Compressed {
    let wide = |list: &[u32]| list.iter().map(|&number| number as usize).collect();
    Compressed { starts: wide(lines.starts()), indices: wide(lines.columns()), order }
}
