//! Programs with the memory that they run in.

use uphill::Function;
use uphill::engine::{Compiler, OverSamples, Program, Samples, Workspace};

use crate::error::Error;

/// A program of one call, as machine code, with its outputs.
pub(crate) struct Compiled {
    program: Program,
    workspace: Workspace,
    /// Those of the last run.
    pub(crate) outputs: Vec<f64>,
}

impl Compiled {
    pub(crate) fn new(function: &Function) -> Result<Compiled, Error> {
        let program = Compiler::new().machine_code().compile(function)?;
        let outputs = vec![0.0; program.output_count()];
        Ok(Compiled { workspace: program.workspace(), program, outputs })
    }

    pub(crate) fn run(&mut self, inputs: &[f64]) -> Result<(), Error> {
        Ok(self.program.run(&mut self.workspace, inputs, &mut self.outputs)?)
    }
}

/// A program over samples, in lanes.
pub(crate) struct CompiledSamples {
    program: Program,
    workspace: Workspace,
    /// Those of the last run.
    pub(crate) outputs: Vec<f64>,
}

impl CompiledSamples {
    pub(crate) fn new(function: &OverSamples) -> Result<CompiledSamples, Error> {
        CompiledSamples::by(&Compiler::new(), function)
    }

    /// Without a look for loops in what is written out: in straight code, lanes keep values in registers.
    pub(crate) fn written_out(function: &OverSamples) -> Result<CompiledSamples, Error> {
        CompiledSamples::by(&Compiler::new().without_loops(), function)
    }

    fn by(compiler: &Compiler, function: &OverSamples) -> Result<CompiledSamples, Error> {
        let program = compiler.compile_samples(function)?;
        Ok(CompiledSamples { workspace: program.workspace(), program, outputs: Vec::new() })
    }

    pub(crate) fn run(&mut self, shared: &[f64], samples: &Samples<'_>) -> Result<(), Error> {
        self.outputs.resize(self.program.output_length(samples.len()), 0.0);
        Ok(self.program.run_samples(&mut self.workspace, shared, samples, &mut self.outputs)?)
    }
}
