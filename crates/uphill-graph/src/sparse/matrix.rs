//! A sparse derivative: its places and their names, the function that computes them, and its forms: triplets, compressed
//! rows or columns, one triangle.

use crate::error::Error;
use crate::function::Function;

/// The entries of a Jacobian or Hessian that can be other than zero, and the function that computes them.
///
/// ```
/// use uphill_graph::Function;
/// let f = Function::record(["x", "y", "z"], |v| v[0] * v[0] * v[1] + v[2] * v[2])?;
/// let hessian = f.sparse_hessian()?;
/// let numbers = hessian.function.eval(&[2.0, 3.0, 1.0])?;
/// let triplets: Vec<_> = hessian.entries.iter().zip(numbers).collect();
/// assert_eq!(triplets, [(&(0, 0), 6.0), (&(0, 1), 4.0), (&(1, 0), 4.0), (&(2, 2), 2.0)]);
/// assert_eq!(hessian.row_names, ["x", "y", "z"]);
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sparse {
    /// The number of rows: outputs, or for a Hessian inputs.
    pub rows: usize,
    /// The number of columns: inputs by which the derivatives were taken.
    pub columns: usize,
    /// What each row is the derivative of: an output, or for a Hessian the input by which was derived first.
    pub row_names: Vec<String>,
    /// The input by which each column is derived.
    pub column_names: Vec<String>,
    /// Row and column of each entry, row by row.
    pub entries: Vec<(usize, usize)>,
    /// One output an entry, in the order of [`Sparse::entries`].
    pub function: Function,
    /// How many sweeps it took, forward and reverse ones together.
    pub sweeps: usize,
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
        let order = (0..self.entries.len()).collect();
        compressed(self.rows, order, |at| self.entries[at])
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
        // Sorted by counting: where each column starts, then each entry to its column, rows in order.
        let mut next = vec![0; self.columns + 1];
        for &(_, column) in &self.entries {
            next[column + 1] += 1;
        }
        for column in 0..self.columns {
            next[column + 1] += next[column];
        }
        let mut order = vec![0; self.entries.len()];
        for (number, &(_, column)) in self.entries.iter().enumerate() {
            order[next[column]] = number;
            next[column] += 1;
        }
        compressed(self.columns, order, |at| {
            let (row, column) = self.entries[at];
            (column, row)
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
        let kept = self.entries.iter().zip(self.function.outputs());
        let kept = kept.filter(|((row, column), _)| wanted(*row, *column));
        let (entries, outputs) = kept.map(|(&entry, output)| (entry, output.clone())).unzip();
        let function = Function::from_pass(self.function.graph().clone(), outputs);
        Sparse {
            rows: self.rows,
            columns: self.columns,
            row_names: self.row_names.clone(),
            column_names: self.column_names.clone(),
            entries,
            function: function.into_simplified(),
            sweeps: self.sweeps,
        }
    }
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

/// Entries in an order by lines; `place` gives line and index.
fn compressed(
    lines: usize,
    order: Vec<usize>,
    place: impl Fn(usize) -> (usize, usize),
) -> Compressed {
    let mut starts = vec![0; lines + 1];
    let mut indices = Vec::with_capacity(order.len());
    for &number in &order {
        let (line, index) = place(number);
        starts[line + 1] += 1;
        indices.push(index);
    }
    for line in 0..lines {
        starts[line + 1] += starts[line];
    }
    Compressed { starts, indices, order }
}
