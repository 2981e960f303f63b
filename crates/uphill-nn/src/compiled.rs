//! Compiled programs with the memory that they run in: as many pieces of it as there are threads that ask.

use std::sync::{Mutex, PoisonError};

use uphill_engine::{Compiler, Program, Samples as Table, Workspace};
use uphill_graph::Function;

use crate::error::Error;
use crate::samples::Samples;

/// A program with workspaces that nobody is using.
struct Ready {
    program: Program,
    free: Mutex<Vec<Workspace>>,
}

impl Ready {
    fn new(compiler: &Compiler, function: &Function) -> Result<Ready, Error> {
        Ok(Ready { program: compiler.compile(function)?, free: Mutex::default() })
    }

    fn with<T>(&self, work: impl FnOnce(&Program, &mut Workspace) -> T) -> Result<T, Error> {
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let known = free().pop();
        let mut workspace = match known {
            Some(workspace) => workspace,
            None => new_workspace(&self.program)?,
        };
        let result = work(&self.program, &mut workspace);
        free().push(workspace);
        Ok(result)
    }
}

#[cfg(feature = "threads")]
fn new_workspace(program: &Program) -> Result<Workspace, Error> {
    Ok(program.workspace().threads(0)?)
}

#[cfg(not(feature = "threads"))]
fn new_workspace(program: &Program) -> Result<Workspace, Error> {
    Ok(program.workspace())
}

/// A program over samples: shared inputs first, then one column for each input and desired output, or input alone.
pub(crate) struct OverSamples(Ready);

impl OverSamples {
    pub(crate) fn new(compiler: Compiler, function: &Function) -> Result<OverSamples, Error> {
        Ok(OverSamples(Ready::new(&compiler, function)?))
    }

    /// All outputs, summed over these rows, or all.
    pub(crate) fn sums(
        &self,
        shared: &[f64],
        samples: &Samples,
        rows: Option<&[usize]>,
    ) -> Result<Vec<f64>, Error> {
        let table = Table::rows(samples.all_inputs(), samples.input_count())?;
        let table = table.beside(samples.all_desired(), samples.desired_count())?;
        self.run(
            shared,
            &match rows {
                Some(rows) => table.taking(rows)?,
                None => table,
            },
        )
    }

    /// All outputs of a program whose columns are the inputs alone, one output after the other.
    pub(crate) fn columns(&self, shared: &[f64], samples: &Samples) -> Result<Vec<f64>, Error> {
        self.run(shared, &Table::rows(samples.all_inputs(), samples.input_count())?)
    }

    fn run(&self, shared: &[f64], table: &Table<'_>) -> Result<Vec<f64>, Error> {
        let mut outputs = vec![0.0; self.0.program.output_length(table.len())];
        self.0.with(|program, workspace| {
            program.run_samples(workspace, shared, table, &mut outputs)
        })??;
        Ok(outputs)
    }
}

/// A program of weights alone.
pub(crate) struct Weights(Ready);

impl Weights {
    pub(crate) fn new(function: &Function) -> Result<Weights, Error> {
        Ok(Weights(Ready::new(&Compiler::new(), function)?))
    }

    pub(crate) fn eval(&self, weights: &[f64]) -> Result<Vec<f64>, Error> {
        let mut outputs = vec![0.0; self.0.program.output_count()];
        self.0.with(|program, workspace| program.run(workspace, weights, &mut outputs))??;
        Ok(outputs)
    }
}
