//! One function of a system with its derivatives by states and by parameters, compiled for the matrices of a solver.

use std::cell::RefCell;

use diffsol::matrix::sparsity::MatrixSparsity;
use diffsol::{Matrix, Vector, VectorIndex};
use uphill_graph::Function;

use crate::error::Error;
use crate::runner::Runner;
use crate::system::{By, System};

/// A function of time, states and parameters, and its derivatives.
pub(crate) struct Part<M: Matrix<T = f64>> {
    pub(crate) outputs: usize,
    pub(crate) value: Runner,
    /// None of a function of parameters alone.
    pub(crate) by_states: Option<Derived<M>>,
    /// None without parameters.
    pub(crate) by_parameters: Option<Derived<M>>,
}

/// Derivatives of a function by states or by parameters.
pub(crate) struct Derived<M: Matrix<T = f64>> {
    /// The Jacobian times a direction.
    pub(crate) tangent: Runner,
    /// The transposed Jacobian times adjoints.
    pub(crate) adjoint: Runner,
    pub(crate) matrix: Entries<M>,
}

/// The entries of a Jacobian that can be other than zero, and where they go.
pub(crate) struct Entries<M: Matrix<T = f64>> {
    /// None of a Jacobian that is zero.
    runner: Option<Runner>,
    pub(crate) plain: Pattern<M>,
    pub(crate) transposed: Pattern<M>,
    source: <M::V as Vector>::Index,
    values: RefCell<M::V>,
}

/// Where the entries of a matrix lie.
pub(crate) struct Pattern<M: Matrix<T = f64>> {
    pub(crate) sparsity: M::Sparsity,
    places: <M::V as Vector>::Index,
}

impl<M: Matrix<T = f64>> Part<M> {
    /// `is_start`: of parameters alone.
    pub(crate) fn new(
        system: &System,
        function: &Function,
        is_start: bool,
        context: &M::C,
    ) -> Result<Part<M>, Error> {
        let by_states = (!is_start).then(|| Derived::new(system, function, By::States, context));
        let by_parameters = (!system.parameters.is_empty())
            .then(|| Derived::new(system, function, By::Parameters, context));
        let value = Runner::new(&system.canonical(function, By::Both)?)?;
        Ok(Part {
            outputs: value.output_count(),
            value,
            by_states: by_states.transpose()?,
            by_parameters: by_parameters.transpose()?,
        })
    }
}

impl<M: Matrix<T = f64>> Derived<M> {
    fn new(
        system: &System,
        function: &Function,
        by: By,
        context: &M::C,
    ) -> Result<Derived<M>, Error> {
        let function = system.canonical(function, by)?;
        let jacobian = function.sparse_jacobian()?;
        let entries: Vec<(usize, usize)> = jacobian.entries.iter().collect();
        let turned = entries.iter().map(|&(row, column)| (column, row)).collect();
        let count = entries.len();
        let (rows, columns) = (jacobian.rows, jacobian.columns);
        let matrix = Entries {
            runner: (count > 0).then(|| Runner::new(&jacobian.function)).transpose()?,
            plain: Pattern::new(rows, columns, entries, context)?,
            transposed: Pattern::new(columns, rows, turned, context)?,
            source: VectorIndex::from_vec((0..count).collect(), context.clone()),
            values: RefCell::new(M::V::zeros(count, context.clone())),
        };
        let tangent = Runner::new(&function.jvp()?)?;
        let adjoint = Runner::new(&function.vjp()?)?;
        Ok(Derived { tangent, adjoint, matrix })
    }
}

impl<M: Matrix<T = f64>> Pattern<M> {
    fn new(
        rows: usize,
        columns: usize,
        entries: Vec<(usize, usize)>,
        context: &M::C,
    ) -> Result<Pattern<M>, Error> {
        let sparsity = M::Sparsity::try_from_indices(rows, columns, entries.clone());
        let sparsity = sparsity.map_err(diffsol::DiffsolError::from)?;
        let places = sparsity.get_index(&entries, context.clone());
        Ok(Pattern { sparsity, places })
    }
}

impl<M: Matrix<T = f64>> Entries<M> {
    /// Writes the Jacobian into a matrix of this pattern.
    pub(crate) fn fill(&self, t: f64, y: &M::V, p: &M::V, into: &mut M) {
        self.write(t, y, p, 1.0, &self.plain, into);
    }

    /// Writes the negative of the transposed Jacobian.
    pub(crate) fn fill_adjoint(&self, t: f64, y: &M::V, p: &M::V, into: &mut M) {
        self.write(t, y, p, -1.0, &self.transposed, into);
    }

    fn write(&self, t: f64, y: &M::V, p: &M::V, sign: f64, pattern: &Pattern<M>, into: &mut M) {
        let Some(runner) = &self.runner else { return };
        let mut values = self.values.borrow_mut();
        values.for_each_batch_host([y, p], |values, [y, p], _| {
            runner.run(&[&[t], y, p], values);
            values.iter_mut().for_each(|value| *value *= sign);
        });
        into.set_data_with_indices(&pattern.places, &self.source, &values);
    }
}
