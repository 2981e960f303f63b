//! Samples that come block after block, for data that is not in memory at once.

use super::workspace::Workspace;
use crate::error::Error;
use crate::program::Program;
use crate::samples::Samples;

/// A run over samples that come in blocks, as [`Program::total`] begins it.
#[derive(Debug)]
pub struct Total<'r> {
    program: &'r Program,
    workspace: &'r mut Workspace,
    /// The sums of all blocks so far; none before the first.
    sums: Option<Vec<f64>>,
    samples: usize,
}

impl Program {
    /// Begins a run over samples that come in blocks: sums are those of all of them, block after block, each in the shape
    /// that it has alone.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`]; [`Error::Invalid`] unless the program is one over samples whose outputs are all one number a
    /// call.
    ///
    /// ```
    /// use uphill_engine::{Compiler, OverSamples, Samples};
    /// use uphill_graph::Function;
    ///
    /// let term = Function::record(["w", "x"], |v| v[0] * v[1])?;
    /// let sum = OverSamples::new(term, ["x"])?.sum();
    /// let program = Compiler::new().compile_samples(&sum)?;
    /// let (mut workspace, mut outputs) = (program.workspace(), [0.0]);
    /// let mut total = program.total(&mut workspace, &[2.0])?;
    /// for block in [[1.0, 2.0], [3.0, 4.0]] {
    ///     total.add(&Samples::rows(&block, 1)?)?;
    /// }
    /// total.finish(&mut outputs)?;
    /// assert_eq!(outputs, [20.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn total<'r>(
        &'r self,
        workspace: &'r mut Workspace,
        shared: &[f64],
    ) -> Result<Total<'r>, Error> {
        self.check_over_samples(shared)?;
        if self.output_length(1) != self.output_length(0) {
            return Err(Error::Invalid {
                what: format!("{} gives a number a sample: use `run_samples`", self.signature()),
            });
        }
        workspace.fit_samples(self, 0)?;
        self.before(workspace, shared);
        Ok(Total { program: self, workspace, sums: None, samples: 0 })
    }
}

impl Total<'_> {
    /// Adds a block of samples.
    ///
    /// # Errors
    ///
    /// As [`Program::run_samples`]; after one, the run can't go on.
    pub fn add(&mut self, samples: &Samples<'_>) -> Result<(), Error> {
        let Total { program, workspace, sums, samples: count } = self;
        program.check("columns", program.gathering.given as usize, samples.width())?;
        // Numbers of the call stay when memory is taken for more samples.
        let memory = std::mem::take(&mut workspace.memory);
        let fit = workspace.fit_samples(program, samples.len());
        workspace.memory = memory;
        fit?;
        workspace.gathered.read(program, samples)?;
        program.over(workspace, samples, &mut [])?;
        program.scatter(&workspace.gathered, &mut workspace.memory);
        *count += samples.len();
        match sums {
            None => *sums = Some(workspace.sums.clone()),
            Some(sums) => {
                sums.iter_mut().zip(&workspace.sums).for_each(|(sum, block)| *sum += block);
            }
        }
        Ok(())
    }

    /// The sums of all blocks since the beginning, or since they were last taken; none if there was none. The run goes on as
    /// if it had just begun: for whoever adds up sums in a shape of their own, [`Total::put`] gives them back.
    pub fn take(&mut self) -> Option<Vec<f64>> {
        self.samples = 0;
        self.sums.take()
    }

    /// Sums over so many samples, wherever they were computed, in the place of those of the blocks so far.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    ///
    /// ```
    /// use uphill_engine::{Compiler, OverSamples, Samples};
    /// use uphill_graph::Function;
    ///
    /// let term = Function::record(["w", "x"], |v| v[0] * v[1])?;
    /// let mean = Function::record(["P", "samples"], |v| v[0] / v[1])?;
    /// let mean = OverSamples::new(term, ["x"])?.sum().outer(&mean)?;
    /// let program = Compiler::new().compile_samples(&mean)?;
    /// let (mut workspace, mut outputs) = (program.workspace(), [0.0]);
    /// let mut total = program.total(&mut workspace, &[2.0])?;
    /// total.add(&Samples::rows(&[1.0, 2.0, 3.0], 1)?)?;
    /// let sums = total.take().unwrap_or_default();
    /// assert_eq!(sums, [12.0]);
    /// total.put(vec![sums[0] + 8.0], 4)?; // another machine's sample
    /// total.finish(&mut outputs)?;
    /// assert_eq!(outputs, [5.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put(&mut self, sums: Vec<f64>, samples: usize) -> Result<(), Error> {
        self.program.check("sums", self.workspace.sums.len(), sums.len())?;
        (self.sums, self.samples) = (Some(sums), samples);
        Ok(())
    }

    /// All outputs; without any block those of no samples.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    pub fn finish(self, outputs: &mut [f64]) -> Result<(), Error> {
        let Total { program, workspace, sums, samples } = self;
        program.check("outputs", program.output_count(), outputs.len())?;
        match sums {
            Some(sums) => workspace.sums.copy_from_slice(&sums),
            None => workspace.sums.fill(0.0),
        }
        program.after(workspace, samples, outputs);
        Ok(())
    }
}
