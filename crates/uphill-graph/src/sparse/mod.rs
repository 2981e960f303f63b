//! Jacobians and Hessians: which entries can be other than zero, and how few sweeps give them all.
//!
//! `search` finds the pattern in the graph, `colour` (with `divide` for Jacobians) groups its lines, `plan` says how each
//! sweep is seeded and where each entry is read, and here the sweeps are written. `matrix` is what comes out; `external`
//! makes other crates' matrices of it. Which colouring and why: docs/adr/0024-colouring.md.

mod colour;
mod divide;
#[cfg(any(feature = "faer", feature = "nalgebra", feature = "sprs"))]
mod external;
mod matrix;
mod pattern;
mod plan;
mod search;
#[cfg(test)]
mod tests;

pub use matrix::{Compressed, Sparse};

use crate::error::Error;
use crate::forward::tangents;
use crate::function::{Function, Output};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::reverse::Sweep;
use crate::scalar::Scalar;
use crate::var::Var;
use pattern::Pattern;
use plan::{Direction, Plan};

impl Function {
    /// The Jacobian by all variables: one output an entry, row by row, `dP1/dw1`, `dP1/dw2`, …, zeros included.
    ///
    /// Taken by rows (reverse), by columns (forward), or each for a part of the entries, whichever takes the fewest sweeps.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateName`] if two outputs and inputs give one derivative's name.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let o = Function::record_many(["w1", "w2", "w3"], |w| {
    ///     vec![w[0] - 2.0 * w[1] + 5.0 * w[2], 2.0 * w[0] - w[1] - 6.0]
    /// })?;
    /// assert_eq!(o.jacobian()?.eval(&[1.0, 1.0, 1.0])?, [1.0, -2.0, 5.0, 2.0, -1.0, 0.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn jacobian(&self) -> Result<Function, Error> {
        self.jacobian_at(&self.inputs().variable_positions(), Layout::Dense).map(|s| s.function)
    }

    /// The Jacobian by the inputs of these names.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`], or [`Error::DuplicateName`] for an input named twice.
    pub fn jacobian_wrt<N: AsRef<str>>(&self, names: &[N]) -> Result<Function, Error> {
        self.jacobian_at(&self.inputs().select(names)?, Layout::Dense).map(|s| s.function)
    }

    /// The entries of the Jacobian that can be other than zero.
    ///
    /// Columns that meet in no row are differentiated in one forward sweep, rows that meet in no column in one reverse
    /// sweep; a few full rows are taken by reverse sweeps where the rest goes forward, and a few full columns the other way
    /// round, if that is fewer in all. [`Sparse::sweeps`] says how many it came to.
    ///
    /// # Errors
    ///
    /// As [`Function::jacobian`]; [`Error::Unsupported`] beyond 2³² entries.
    ///
    /// # Complexity
    ///
    /// Each sweep is linear in nodes and edges. Finding the entries is a walk from each output that stops where the inputs
    /// behind a shared node are known; colouring takes time proportional to entries times colours.
    ///
    /// ```
    /// use uphill_graph::{Function, Inputs};
    /// let inputs = Inputs::new().variables("x", 100);
    /// let f = Function::record_many(inputs, |x| x.windows(2).map(|x| x[0] * x[1]).collect())?;
    /// let jacobian = f.sparse_jacobian()?;
    /// assert_eq!(jacobian.entries.len(), 198); // of 9900
    /// assert_eq!(jacobian.sweeps, 2);
    ///
    /// // Every output reads x[0], the first one reads all: one reverse sweep, two forward ones.
    /// let inputs = Inputs::new().variables("x", 100);
    /// let f = Function::record_many(inputs, |x| {
    ///     let all = x.iter().map(|&x| x * x).sum();
    ///     std::iter::once(all).chain(x[1..].iter().map(|&y| x[0] * y)).collect()
    /// })?;
    /// assert_eq!(f.sparse_jacobian()?.sweeps, 3);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn sparse_jacobian(&self) -> Result<Sparse, Error> {
        self.jacobian_at(&self.inputs().variable_positions(), Layout::Sparse)
    }

    /// The Hessian by all variables: one output an entry, row by row, `d2P/dw1dw1`, `d2P/dw1dw2`, …, zeros included.
    ///
    /// Exactly symmetric: both places of an entry have the same node.
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`] unless the function has exactly one output.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
    /// assert_eq!(f.hessian()?.eval(&[2.0, 3.0])?, [6.0, 4.0, 4.0, 0.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn hessian(&self) -> Result<Function, Error> {
        self.hessian_at(&self.inputs().variable_positions(), Layout::Dense).map(|s| s.function)
    }

    /// The Hessian by the inputs of these names.
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`], [`Error::UnknownName`], or [`Error::DuplicateName`] for an input named twice.
    pub fn hessian_wrt<N: AsRef<str>>(&self, names: &[N]) -> Result<Function, Error> {
        self.hessian_at(&self.inputs().select(names)?, Layout::Dense).map(|s| s.function)
    }

    /// The entries of the Hessian that can be other than zero, on both sides of the diagonal.
    ///
    /// Columns may share a sweep even if they meet in a row, as long as each entry can be read from one of the two places
    /// where it stands (star colouring). Both places have the same node; [`Sparse::lower`] and [`Sparse::upper`] leave one
    /// of them.
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`]; [`Error::Unsupported`] beyond 2³² entries.
    ///
    /// # Complexity
    ///
    /// As [`Function::sparse_jacobian`], of the gradient.
    ///
    /// ```
    /// use uphill_graph::{Function, Inputs, Var};
    /// let inputs = Inputs::new().variables("x", 100);
    /// let arrow = Function::record(inputs, |x| x[1..].iter().map(|&y| x[0] * y * y).sum::<Var<'_>>())?;
    /// let hessian = arrow.sparse_hessian()?;
    /// assert_eq!(hessian.entries.len(), 3 * 99); // of 10,000
    /// assert_eq!(hessian.sweeps, 2);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn sparse_hessian(&self) -> Result<Sparse, Error> {
        self.hessian_at(&self.inputs().variable_positions(), Layout::Sparse)
    }

    fn hessian_at(&self, wrt: &[usize], layout: Layout) -> Result<Sparse, Error> {
        let output = self.single_output("a Hessian")?.name.clone();
        let names = self.names_of(wrt);
        let gradient = self.gradient_wrt(&names)?;
        let pattern = search::pattern(&gradient, wrt)?.symmetric()?;
        let plan = Plan::symmetric(&pattern);
        let name =
            |row: usize, column: usize| format!("d2{output}/d{}d{}", names[row], names[column]);
        let (entries, function) = write(&gradient, wrt, &pattern, &plan, layout, name)?;
        let sweeps = plan.passes.len();
        let (rows, columns) = (names.len(), names.len());
        let (row_names, column_names) = (names.clone(), names);
        Ok(Sparse { rows, columns, row_names, column_names, entries, function, sweeps })
    }

    fn jacobian_at(&self, wrt: &[usize], layout: Layout) -> Result<Sparse, Error> {
        let row_names: Vec<String> = self.output_names().collect();
        let column_names = self.names_of(wrt);
        let function = &*self.with_loops_found();
        let pattern = search::pattern(function, wrt)?;
        let plan = Plan::rectangular(&pattern);
        let name =
            |row: usize, column: usize| format!("d{}/d{}", row_names[row], column_names[column]);
        let (entries, function) = write(function, wrt, &pattern, &plan, layout, name)?;
        let sweeps = plan.passes.len();
        let (rows, columns) = (row_names.len(), column_names.len());
        Ok(Sparse { rows, columns, row_names, column_names, entries, function, sweeps })
    }

    fn names_of(&self, wrt: &[usize]) -> Vec<String> {
        wrt.iter().map(|&position| self.inputs().name(position)).collect()
    }
}

#[derive(Debug, Clone, Copy)]
enum Layout {
    Dense,
    Sparse,
}

/// Writes the sweeps of a plan behind a function; gives the entries and the function that computes them.
fn write(
    function: &Function,
    wrt: &[usize],
    pattern: &Pattern,
    plan: &Plan,
    layout: Layout,
    name: impl Fn(usize, usize) -> String,
) -> Result<(Vec<(usize, usize)>, Function), Error> {
    let recorder = Recorder::continuing(function.graph().clone());
    let values = run(function, &recorder, wrt, plan);
    let entries: Vec<(usize, usize)> = match layout {
        Layout::Sparse => pattern.entries().collect(),
        Layout::Dense => {
            let columns = 0..pattern.width();
            (0..pattern.rows()).flat_map(|row| columns.clone().map(move |c| (row, c))).collect()
        }
    };
    // The entries of the pattern come in the same order, with gaps.
    let mut written = pattern.entries().zip(&plan.reads).peekable();
    for &(row, column) in &entries {
        let value = match written.next_if(|&(at, _)| at == (row, column)) {
            Some((_, read)) => values[read.pass as usize][read.at as usize],
            None => Var::constant(0.0),
        };
        recorder.output(name(row, column), value);
    }
    let function = recorder.finish()?.into_simplified();
    Ok((entries, function))
}

/// What each sweep gives: a number for each row (forward) or column (reverse).
fn run<'g>(
    function: &Function,
    recorder: &'g Recorder,
    wrt: &[usize],
    plan: &Plan,
) -> Vec<Vec<Var<'g>>> {
    let inputs = function.graph().input_nodes();
    let outputs: Vec<NodeId> = function.outputs().iter().flat_map(Output::nodes).collect();
    let backward = Sweep::new(function, wrt);
    let one = Var::constant(1.0);
    let sweep = |pass: &plan::Pass| match pass.direction {
        Direction::Forward => {
            let seeds: Vec<_> =
                pass.seeds.iter().map(|&column| (inputs[wrt[column as usize]], one)).collect();
            let tangents = tangents(function, recorder, &seeds).into_iter();
            tangents.map(|tangent| tangent.unwrap_or(Var::constant(0.0))).collect()
        }
        Direction::Reverse => {
            let seeds: Vec<_> =
                pass.seeds.iter().map(|&row| (outputs[row as usize], one)).collect();
            backward.adjoints(recorder, &seeds)
        }
    };
    plan.passes.iter().map(sweep).collect()
}
