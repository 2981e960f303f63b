//! Compiled programs with the memory that they run in: as many pieces of it as there are threads that ask.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use uphill_engine::{Compiler, OverSamples, Program, Samples as Table, Total, Workspace};
use uphill_graph::{Function, Node};
use uphill_ranks::{GRAIN, Tree};

use crate::error::Error;
use crate::ranks::Ranks;
use crate::row_source::Rows;
use crate::samples::Samples;

/// A flag that, once raised, ends what is computed with [`uphill_engine::Error::Interrupted`].
pub(crate) type Interrupt = Option<Arc<AtomicBool>>;

/// A program with workspaces that nobody is using.
pub(crate) struct Ready {
    program: Program,
    free: Mutex<Vec<Workspace>>,
}

impl Ready {
    fn new(program: Program) -> Ready {
        Ready { program, free: Mutex::default() }
    }

    fn with<T>(
        &self,
        interrupt: &Interrupt,
        work: impl FnOnce(&Program, &mut Workspace) -> T,
    ) -> Result<T, Error> {
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let known = free().pop();
        let mut workspace = match known {
            Some(workspace) => workspace,
            None => new_workspace(&self.program)?,
        };
        workspace = workspace.interrupted_by(interrupt.clone());
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
pub(crate) struct OverRows(Ready);

impl OverRows {
    pub(crate) fn new(function: &OverSamples) -> Result<OverRows, Error> {
        Ok(OverRows(Ready::new(Compiler::new().compile_samples(function)?)))
    }

    /// All outputs over these rows and those of the other ranks: each grain in the engine's shape, all grains in the shape of
    /// their tree.
    pub(crate) fn total(
        &self,
        shared: &[f64],
        samples: &Samples,
        rows: &Rows<'_>,
        ranks: &Ranks,
        interrupt: &Interrupt,
    ) -> Result<Vec<f64>, Error> {
        let mut outputs = vec![0.0; self.0.program.output_count()];
        self.0.with(interrupt, |program, workspace| -> Result<(), Error> {
            let mut total = program.total(workspace, shared)?;
            let mut tree =
                Tree::new(ranks.first(), |left: &mut Vec<f64>, right: &[f64]| add(left, right));
            let add = |grain: Rows<'_>| {
                add_block(&mut total, samples, &grain)?;
                tree.push(total.take().unwrap_or_default());
                Ok(())
            };
            // A rank without samples has nothing that could be interrupted, but may be asked to stop.
            let own = asked(interrupt)
                .and_then(|()| rows.parts(GRAIN).filter(|part| part.len() > 0).try_for_each(add));
            if let Some(sums) = tree.finish(ranks.communicator(), own)? {
                total.put(sums, ranks.all_of(rows.len()))?;
            }
            Ok(total.finish(&mut outputs)?)
        })??;
        Ok(outputs)
    }

    /// All outputs of a program whose columns are the inputs alone, one output after the other, for one block of rows.
    pub(crate) fn columns(
        &self,
        shared: &[f64],
        samples: &Samples,
        rows: &Rows<'_>,
        interrupt: &Interrupt,
    ) -> Result<Vec<f64>, Error> {
        let inputs = samples.input_count();
        if let (Some((x, _)), Rows::Range(rows)) = (samples.in_memory(), rows) {
            let x = &x[rows.start * inputs..rows.end * inputs];
            return self.run(shared, &Table::rows(x, inputs)?, interrupt);
        }
        let block = samples.read(rows)?;
        let rows = block.chunks_exact(inputs + samples.desired_count());
        let x: Vec<f64> = rows.flat_map(|row| &row[..inputs]).copied().collect();
        self.run(shared, &Table::rows(&x, inputs)?, interrupt)
    }

    fn run(
        &self,
        shared: &[f64],
        table: &Table<'_>,
        interrupt: &Interrupt,
    ) -> Result<Vec<f64>, Error> {
        let mut outputs = vec![0.0; self.0.program.output_length(table.len())];
        self.0.with(interrupt, |program, workspace| {
            program.run_samples(workspace, shared, table, &mut outputs)
        })??;
        Ok(outputs)
    }
}

/// Whether to go on.
fn asked(interrupt: &Interrupt) -> Result<(), Error> {
    match interrupt {
        Some(flag) if flag.load(Ordering::Relaxed) => Err(uphill_engine::Error::Interrupted.into()),
        _ => Ok(()),
    }
}

/// Adds sums on the right to those on their left.
fn add(left: &mut [f64], right: &[f64]) {
    left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
}

/// Adds a block of rows.
fn add_block(total: &mut Total<'_>, samples: &Samples, rows: &Rows<'_>) -> Result<(), Error> {
    let (inputs, desired) = (samples.input_count(), samples.desired_count());
    let Some((x, d)) = samples.in_memory() else {
        let block = samples.read(rows)?;
        return Ok(total.add(&Table::rows(&block, inputs + desired)?)?);
    };
    let table = |rows: Range<usize>| -> Result<Table<'_>, Error> {
        let table = Table::rows(&x[rows.start * inputs..rows.end * inputs], inputs)?;
        Ok(table.beside(&d[rows.start * desired..rows.end * desired], desired)?)
    };
    match rows {
        Rows::Range(range) => total.add(&table(range.clone())?)?,
        Rows::List(list) => total.add(&table(0..samples.len())?.taking(list)?)?,
    }
    Ok(())
}

/// A program of weights alone; or numbers, where no weight counts.
pub(crate) enum Weights {
    Program(Box<Ready>),
    Known(Vec<f64>),
}

impl Weights {
    pub(crate) fn new(function: &Function) -> Result<Weights, Error> {
        let graph = function.graph();
        let known = function.outputs().iter().map(|output| match graph.node(output.node) {
            Node::Constant(number) => Some(number),
            _ => None,
        });
        Ok(match known.collect() {
            Some(numbers) => Weights::Known(numbers),
            None => Weights::Program(Box::new(Ready::new(Compiler::new().compile(function)?))),
        })
    }

    pub(crate) fn eval(&self, weights: &[f64]) -> Result<Vec<f64>, Error> {
        match self {
            Weights::Known(numbers) => Ok(numbers.clone()),
            Weights::Program(ready) => {
                let mut outputs = vec![0.0; ready.program.output_count()];
                ready.with(&None, |program, workspace| {
                    program.run(workspace, weights, &mut outputs)
                })??;
                Ok(outputs)
            }
        }
    }
}
