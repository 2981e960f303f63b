//! Jacobians and Hessians: which entries can be other than zero, and how few sweeps give them all.
//!
//! Of loops, the entries that their bodies give are written once (`split`: `linear` says where that holds, `bodies` derives
//! performances and `rows` vectors, which gives `terms`; `places`, `families` and `assemble` bring these to their slots). All else is done by sweeps (`coloured`): `follow`, `depend` and
//! `search` find the pattern, `colour` (with `divide` for Jacobians) groups its lines, `plan` says how each sweep is seeded
//! and where each entry is read. `matrix` and `entries` are what comes out; `external` makes other crates' matrices of it.
//! Why: docs/adr/0024-colouring.md, docs/adr/0025-sparse-loops.md.

mod assemble;
mod bodies;
mod colour;
mod coloured;
mod depend;
mod divide;
mod entries;
#[cfg(any(feature = "faer", feature = "nalgebra", feature = "sprs"))]
mod external;
mod families;
mod follow;
mod linear;
mod matrix;
mod pattern;
mod places;
mod plan;
mod rows;
mod search;
mod split;
mod terms;
#[cfg(test)]
mod tests;

pub use entries::{Entries, Names};
pub use matrix::{Compressed, Sparse};

use crate::error::Error;
use crate::function::{Function, Output};
use crate::graph::Graph;
use crate::inputs::{InputGroup, Inputs, Role};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;
use coloured::{Coloured, Shape, coloured};
use pattern::Pattern;
use split::Split;

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
        self.dense_jacobian(&self.inputs().variable_positions())
    }

    /// The Jacobian by the inputs of these names.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`], or [`Error::DuplicateName`] for an input named twice.
    pub fn jacobian_wrt<N: AsRef<str>>(&self, names: &[N]) -> Result<Function, Error> {
        self.dense_jacobian(&self.inputs().select(names)?)
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
        let wrt = self.inputs().variable_positions();
        let function = &*self.rolled();
        let nodes = function.nodes_of(&wrt);
        let columns = Names::some(self.inputs().clone(), &wrt);
        let rows = self.outputs().iter().map(|output| InputGroup {
            name: output.name.clone(),
            length: output.length,
            role: Role::Variable,
        });
        let rows = Names::all(Inputs::from_iter(rows));
        let frame = Named { rows, columns, performance: None };
        if function.graph().has_loops()
            && let Some(split) = split::jacobian(function, &nodes)?
        {
            return whole(split, frame, "jacobian");
        }
        let outputs = function.outputs().to_vec();
        let all = all(function.graph().clone(), outputs, &nodes, Shape::Rectangular)?;
        entry_by_entry(all, frame, "jacobian")
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
        self.dense_hessian(&self.inputs().variable_positions())
    }

    /// The Hessian by the inputs of these names.
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`], [`Error::UnknownName`], or [`Error::DuplicateName`] for an input named twice.
    pub fn hessian_wrt<N: AsRef<str>>(&self, names: &[N]) -> Result<Function, Error> {
        self.dense_hessian(&self.inputs().select(names)?)
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
        let output = self.single_output("a Hessian")?;
        let wrt = self.inputs().variable_positions();
        let names = Names::some(self.inputs().clone(), &wrt);
        let frame =
            Named { rows: names.clone(), columns: names, performance: Some(output.name.clone()) };
        let function = &*self.rolled();
        if function.graph().has_loops()
            && let Some(split) =
                split::hessian(function, function.outputs()[0].node, &function.nodes_of(&wrt))?
        {
            return whole(split, frame, "hessian");
        }
        entry_by_entry(function.coloured_hessian(&wrt)?, frame, "hessian")
    }

    fn coloured_hessian(&self, wrt: &[usize]) -> Result<Coloured, Error> {
        let gradient = self.gradient_at(wrt, false)?;
        let (nodes, outputs) = (gradient.nodes_of(wrt), gradient.outputs().to_vec());
        all(gradient.into_graph(), outputs, &nodes, Shape::Symmetric)
    }

    fn dense_hessian(&self, wrt: &[usize]) -> Result<Function, Error> {
        let output = self.single_output("a Hessian")?.name.clone();
        let names = self.names_of(wrt);
        let all = self.coloured_hessian(wrt)?;
        dense(all, |row, column| format!("d2{output}/d{}d{}", names[row], names[column]))
    }

    fn dense_jacobian(&self, wrt: &[usize]) -> Result<Function, Error> {
        let row_names: Vec<String> = self.output_names().collect();
        let column_names = self.names_of(wrt);
        let function = &*self.rolled();
        let outputs = function.outputs().to_vec();
        let all =
            all(function.graph().clone(), outputs, &function.nodes_of(wrt), Shape::Rectangular)?;
        dense(all, |row, column| format!("d{}/d{}", row_names[row], column_names[column]))
    }

    fn names_of(&self, wrt: &[usize]) -> Vec<String> {
        wrt.iter().map(|&position| self.inputs().name(position)).collect()
    }

    fn nodes_of(&self, wrt: &[usize]) -> Vec<NodeId> {
        wrt.iter().map(|&position| self.graph().input_nodes()[position]).collect()
    }
}

/// All entries by coloured sweeps, however many these are.
fn all(
    graph: Graph,
    outputs: Vec<Output>,
    inputs: &[NodeId],
    shape: Shape,
) -> Result<Coloured, Error> {
    let all = coloured(graph, outputs, inputs, shape, usize::MAX)?;
    all.ok_or_else(|| Error::Unsupported {
        what: "a matrix of more entries than there can be".into(),
    })
}

/// Every place, zeros included, as an output each.
fn dense(all: Coloured, name: impl Fn(usize, usize) -> String) -> Result<Function, Error> {
    let Coloured { graph, pattern, values, .. } = all;
    let recorder = Recorder::continuing(graph);
    // The entries of the pattern come in the same order, with gaps.
    let mut written = pattern.entries().zip(values).peekable();
    for at in (0..pattern.rows()).flat_map(|row| (0..pattern.width()).map(move |c| (row, c))) {
        let value = match written.next_if(|(place, _)| *place == at) {
            Some((_, value)) => recorder.var(value),
            None => Var::constant(0.0),
        };
        recorder.output(name(at.0, at.1), value);
    }
    Ok(recorder.finish()?.into_simplified())
}

/// What a matrix and its entries are called.
struct Named {
    rows: Names,
    columns: Names,
    /// Of a Hessian, what is derived.
    performance: Option<String>,
}

impl Named {
    fn matrix(self, pattern: Pattern, function: Function, sweeps: usize) -> Sparse {
        Sparse {
            rows: pattern.rows(),
            columns: pattern.width(),
            row_names: self.rows,
            column_names: self.columns,
            entries: Entries::new(pattern),
            function,
            sweeps,
            performance: self.performance,
        }
    }
}

/// A matrix whose entries are nodes: outputs with a name each, or a vector of this name if there are loops.
fn entry_by_entry(all: Coloured, named: Named, vector: &str) -> Result<Sparse, Error> {
    let Coloured { graph, pattern, values, sweeps } = all;
    if graph.has_loops() && !values.is_empty() {
        let recorder = Recorder::continuing(graph);
        let first = recorder.push_vector(&values);
        recorder.vector_output(vector, first, values.len());
        return Ok(named.matrix(pattern, recorder.finish()?.into_simplified(), sweeps));
    }
    let mut sparse =
        named.matrix(pattern, Function::from_pass(Graph::default(), Vec::new()), sweeps);
    let names = (0..values.len()).filter_map(|number| sparse.entry_name(number));
    let outputs = names.zip(values).map(|(name, value)| Output::new(name, value)).collect();
    sparse.function = Function::new(graph, outputs)?.into_simplified();
    Ok(sparse)
}

/// A matrix whose entries are one vector.
fn whole(split: Split, named: Named, vector: &str) -> Result<Sparse, Error> {
    let Split { matrix, sweeps } = split;
    let outputs = matrix.numbers.map(|numbers| Output {
        name: vector.into(),
        node: numbers.first,
        length: Some(numbers.width as u32),
    });
    // Its parts are simplified already.
    let function = Function::new(matrix.graph, outputs.into_iter().collect())?.into_marked();
    Ok(named.matrix(matrix.pattern, function, sweeps))
}
