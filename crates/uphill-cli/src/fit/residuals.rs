//! Passes over the rows of a table: the sum of squares of residuals, and their Jacobian folded into a triangle.
//!
//! A block of rows at a time goes through compiled programs, so memory does not grow with the table.

use uphill_engine::{Compiler, Program, Samples, Workspace};
use uphill_graph::Function;
use uphill_table::Store;

use super::triangle::Triangle;
use crate::error::Error;

/// Rows in a block: residuals and derivatives of these are in memory.
const BLOCK: usize = 4096;

/// A function of parameters, for each row of a table.
pub(super) struct Rows<'t> {
    store: &'t Store,
    program: Program,
    workspace: Workspace,
    numbers: Vec<f64>,
    results: Vec<f64>,
    outputs: usize,
    /// For each shared input of the program the place among the parameters.
    order: Vec<usize>,
    shared: Vec<f64>,
}

impl<'t> Rows<'t> {
    /// `columns` are those of the store, in its order; all other inputs are among the parameters.
    pub(super) fn new(
        function: &Function,
        columns: &[String],
        parameters: &[String],
        store: &'t Store,
    ) -> Result<Rows<'t>, Error> {
        let program =
            Compiler::new().columns(columns.iter().map(String::as_str)).compile(function)?;
        let shared = function.input_names().filter(|name| !columns.contains(name));
        let order = shared
            .filter_map(|name| parameters.iter().position(|parameter| *parameter == name))
            .collect();
        let workspace = program.workspace();
        let outputs = program.output_count();
        let (numbers, results, shared) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Rows { store, program, workspace, numbers, results, outputs, order, shared })
    }

    /// Calls a function with the results for each block of rows: all rows of the first output, of the second, ….
    pub(super) fn visit(
        &mut self,
        parameters: &[f64],
        mut block: impl FnMut(usize, &[f64]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.shared.clear();
        self.shared.extend(self.order.iter().map(|&place| parameters[place]));
        let (rows, width) = (self.store.row_count(), self.store.width());
        for first in (0..rows).step_by(BLOCK) {
            let count = BLOCK.min(rows - first);
            self.numbers.resize(count * width, 0.0);
            self.store
                .read(first, &mut self.numbers)
                .map_err(|source| Error::Read { what: "the temporary file".into(), source })?;
            let samples = Samples::rows(&self.numbers, width)?;
            self.results.resize(self.program.output_length(count), 0.0);
            self.program.run_samples(
                &mut self.workspace,
                &self.shared,
                &samples,
                &mut self.results,
            )?;
            block(count, &self.results)?;
        }
        Ok(())
    }
}

/// Residuals of a model, and their derivatives by its parameters.
pub(super) struct Residuals<'t> {
    values: Rows<'t>,
    derivatives: Rows<'t>,
    /// For each output of `derivatives` behind the first, the place among the parameters; none for columns.
    places: Vec<Option<usize>>,
    parameters: usize,
    columns: Vec<Vec<f64>>,
}

impl<'t> Residuals<'t> {
    /// `residual` has one output of this name.
    pub(super) fn new(
        residual: &Function,
        columns: &[String],
        parameters: &[String],
        store: &'t Store,
    ) -> Result<Residuals<'t>, Error> {
        let with = residual.with_gradient()?;
        let name = residual.output_names().next().unwrap_or_default();
        let before = format!("d{name}/d");
        let place = |output: &str| {
            let by = output.strip_prefix(&before)?;
            parameters.iter().position(|parameter| parameter == by)
        };
        Ok(Residuals {
            places: with.output_names().skip(1).map(place).collect(),
            values: Rows::new(residual, columns, parameters, store)?,
            derivatives: Rows::new(&with, columns, parameters, store)?,
            parameters: parameters.len(),
            columns: vec![Vec::new(); parameters.len() + 1],
        })
    }

    /// The sum of the squares; not finite where the model isn't.
    pub(super) fn squares(&mut self, parameters: &[f64]) -> Result<f64, Error> {
        // Neumaier's sum over blocks: a million rows lose nothing.
        let (mut sum, mut lost) = (0.0_f64, 0.0);
        self.values.visit(parameters, |_, residuals| {
            for block in residuals.chunks(64) {
                let part: f64 = block.iter().map(|r| r * r).sum();
                let next = sum + part;
                lost += if sum >= part { (sum - next) + part } else { (part - next) + sum };
                sum = next;
            }
            Ok(())
        })?;
        Ok(sum + lost)
    }

    /// Residuals and Jacobian at a point, folded.
    pub(super) fn linearised(&mut self, parameters: &[f64]) -> Result<Triangle, Error> {
        let mut triangle = Triangle::new(self.parameters);
        let (columns, places) = (&mut self.columns, &self.places);
        let outputs = self.derivatives.outputs;
        self.derivatives.visit(parameters, |count, results| {
            columns.iter_mut().for_each(|column| {
                column.clear();
                column.resize(count, 0.0);
            });
            let last = columns.len() - 1;
            columns[last].copy_from_slice(&results[..count]);
            for (output, place) in (1..outputs).zip(places) {
                if let Some(place) = place {
                    columns[*place].copy_from_slice(&results[output * count..(output + 1) * count]);
                }
            }
            triangle.absorb(columns);
            Ok(())
        })?;
        Ok(triangle)
    }
}
