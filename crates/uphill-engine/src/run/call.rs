//! The order of a call: code before the samples, the samples, code behind them, and what runs each.

use super::backend::Backend;
use super::gathering::Gathered;
use super::interpreter::{self, Sums};
use super::tiles::{Call, Runner};
use super::tree;
use super::workspace::Workspace;
use crate::code::Code;
use crate::error::Error;
use crate::lanes::Element;
use crate::program::Program;
use crate::samples::Samples;
use crate::steps;
#[cfg(feature = "jit")]
use crate::steps::Loops;

impl Program {
    /// All outputs at these inputs, for a program that does not run over samples.
    ///
    /// # Arguments
    ///
    /// `inputs`: one number an input, in the order of the function's. `outputs`: one an output.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`]; [`Error::Invalid`] if the program is one over samples.
    ///
    /// # Complexity
    ///
    /// One pass over the instructions. Allocates nothing.
    #[inline]
    pub fn run(
        &self,
        workspace: &mut Workspace,
        inputs: &[f64],
        outputs: &mut [f64],
    ) -> Result<(), Error> {
        #[cfg(feature = "jit")]
        if let Some(compiled) = &self.compiled
            && workspace.is_for_machine_code(self)
            && compiled.at_once(&mut workspace.memory, inputs, outputs)
        {
            return Ok(());
        }
        self.run_checked(workspace, inputs, outputs)
    }

    fn run_checked(
        &self,
        workspace: &mut Workspace,
        inputs: &[f64],
        outputs: &mut [f64],
    ) -> Result<(), Error> {
        let is_ready = !self.over_samples
            && inputs.len() == self.layout.shared_count as usize
            && outputs.len() == self.outputs.len()
            && workspace.fits(self);
        if !is_ready {
            self.get_ready(workspace, inputs.len(), outputs.len())?;
        }
        #[cfg(feature = "jit")]
        if let Some(compiled) = &self.compiled
            && workspace.is_for_machine_code(self)
        {
            let Workspace { memory, machine_loops: [loops, _], threads, .. } = workspace;
            let loops = &mut Loops::of(&self.before, loops, threads);
            let is_given = |at| self.before.gives(at);
            if compiled.whole(memory, inputs, &self.outputs, outputs, loops, &is_given) {
                return Ok(());
            }
        }
        if matches!(workspace.backend, Backend::Reference) {
            self.before(workspace, inputs);
            self.outputs.copy(&workspace.memory, 0, outputs);
            return Ok(());
        }
        self.load(workspace, inputs);
        let Workspace { memory, before, threads, .. } = workspace;
        steps::run(&self.before, before, memory, threads, Some(&mut *outputs));
        self.outputs.copy_but(memory, 0, outputs, &|at| self.before.gives(at));
        Ok(())
    }

    /// What only the first run does, or one that is refused.
    #[cold]
    #[inline(never)]
    fn get_ready(
        &self,
        workspace: &mut Workspace,
        inputs: usize,
        outputs: usize,
    ) -> Result<(), Error> {
        if self.over_samples {
            return Err(Error::Invalid {
                what: "this program runs over samples: use `run_samples`".into(),
            });
        }
        self.check("inputs", self.layout.shared_count as usize, inputs)?;
        self.check("outputs", self.outputs.len(), outputs)?;
        workspace.fit(self)
    }

    /// All outputs at these inputs, in new memory: [`Program::run`] for occasional use.
    ///
    /// # Errors
    ///
    /// As [`Program::run`].
    pub fn eval(&self, inputs: &[f64]) -> Result<Vec<f64>, Error> {
        let mut outputs = vec![0.0; self.outputs.len()];
        self.run(&mut self.workspace(), inputs, &mut outputs)?;
        Ok(outputs)
    }

    /// The number of outputs.
    #[must_use]
    pub fn output_count(&self) -> usize {
        self.outputs.len()
    }

    /// How many numbers [`Program::run_samples`] gives for so many samples: one for each output that is a sum or a
    /// function of sums, and `samples` for each other.
    #[must_use]
    pub fn output_length(&self, samples: usize) -> usize {
        self.outputs.per_call() + self.outputs.per_sample() * samples
    }

    /// All outputs over these samples, one after the other: one number for an output that is a sum or a function of
    /// sums, one a sample for each other.
    ///
    /// No samples are no error: sums are 0.
    ///
    /// # Arguments
    ///
    /// `shared`: one number for each shared input, in order. `samples`: a number for each column.
    /// `outputs`: room for [`Program::output_length`] numbers.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`]; [`Error::Invalid`] if the program is not one over samples, or for an index out of range;
    /// [`Error::Interrupted`] where the workspace has a flag for that, and it was raised: then outputs hold anything.
    ///
    /// # Complexity
    ///
    /// Linear in samples times instructions; memory in proportion to the slots and the number of threads, not to the
    /// samples, unless inputs are gathered.
    pub fn run_samples(
        &self,
        workspace: &mut Workspace,
        shared: &[f64],
        samples: &Samples<'_>,
        outputs: &mut [f64],
    ) -> Result<(), Error> {
        self.check_over_samples(shared)?;
        self.check("outputs", self.output_length(samples.len()), outputs.len())?;
        self.fit(workspace, samples)?;
        self.before(workspace, shared);
        self.over(workspace, samples, outputs)?;
        self.scatter(&workspace.gathered, &mut workspace.memory);
        self.after(workspace, samples.len(), outputs);
        Ok(())
    }

    pub(super) fn check_over_samples(&self, shared: &[f64]) -> Result<(), Error> {
        if !self.over_samples {
            return Err(Error::Invalid {
                what: "this program is not one over samples: use `run`".into(),
            });
        }
        self.check("shared inputs", self.layout.shared_count as usize, shared.len())
    }

    /// Memory for these samples, and their indices.
    pub(super) fn fit(
        &self,
        workspace: &mut Workspace,
        samples: &Samples<'_>,
    ) -> Result<(), Error> {
        self.check("columns", self.gathering.given as usize, samples.width())?;
        workspace.fit_samples(self, samples.len())?;
        workspace.gathered.read(self, samples)
    }

    /// Adds what samples gave to the targets.
    pub(super) fn scatter<E: Element>(&self, gathered: &Gathered<E>, memory: &mut [f64]) {
        let first = self.layout.targets as usize;
        gathered.scatter(self, &mut memory[first..first + self.layout.target_count as usize]);
    }

    /// All outputs over these samples, in new memory: [`Program::run_samples`] for occasional use.
    ///
    /// # Errors
    ///
    /// As [`Program::run_samples`].
    pub fn eval_samples(&self, shared: &[f64], samples: &Samples<'_>) -> Result<Vec<f64>, Error> {
        let mut outputs = vec![0.0; self.output_length(samples.len())];
        self.run_samples(&mut self.workspace(), shared, samples, &mut outputs)?;
        Ok(outputs)
    }

    pub(super) fn check(&self, what: &str, expected: usize, got: usize) -> Result<(), Error> {
        if expected == got {
            return Ok(());
        }
        Err(Error::WrongLength { what: format!("{what} of {}", self.signature()), expected, got })
    }

    /// Puts numbers that are shared where they belong.
    #[inline]
    fn load(&self, workspace: &mut Workspace, shared: &[f64]) {
        let first = self.layout.shared as usize;
        workspace.memory[first..first + shared.len()].copy_from_slice(shared);
        let targets = self.layout.targets as usize;
        workspace.memory[targets..targets + self.layout.target_count as usize].fill(0.0);
    }

    /// Code that runs once a call, before samples.
    #[inline]
    pub(super) fn before(&self, workspace: &mut Workspace, shared: &[f64]) {
        self.load(workspace, shared);
        match workspace.backend {
            Backend::Reference => by_reference(&self.before, &mut workspace.memory),
            #[cfg(feature = "jit")]
            Backend::Automatic | Backend::MachineCode
                if self.over_samples && self.compiled.is_some() =>
            {
                if let Some(compiled) = &self.compiled {
                    let Workspace { memory, machine_loops: [loops, _], threads, .. } = workspace;
                    compiled.before(memory, &mut Loops::of(&self.before, loops, threads));
                }
            }
            _ => {
                let Workspace { memory, before, threads, .. } = workspace;
                steps::run(&self.before, before, memory, threads, None);
            }
        }
    }

    pub(super) fn over(
        &self,
        workspace: &mut Workspace,
        samples: &Samples<'_>,
        outputs: &mut [f64],
    ) -> Result<(), Error> {
        let Workspace {
            memory,
            sums,
            per_sample,
            prepared,
            pool,
            backend,
            threads,
            interrupt,
            gathered: Gathered { indices, added },
            ..
        } = workspace;
        let per_call = &memory[..self.layout.per_call as usize];
        let runner = match *backend {
            Backend::Reference => Runner::Interpreter,
            #[cfg(feature = "jit")]
            Backend::MachineCode if self.compiled.is_some() => match &self.compiled {
                Some(compiled) => Runner::Jit(compiled),
                None => Runner::Interpreter,
            },
            Backend::Automatic | Backend::Scalar | Backend::MachineCode | Backend::Lanes(_) => {
                match prepared {
                    Some(prepared) => {
                        prepared.load(self, per_call);
                        Runner::Lanes(prepared)
                    }
                    // There are no samples.
                    None => Runner::Interpreter,
                }
            }
        };
        let (program, interrupt) = (self, interrupt.as_deref());
        let call = Call {
            program,
            samples,
            per_call,
            indices,
            runner,
            pool,
            outputs: per_sample,
            threads,
            interrupt,
        };
        let mut slices = Vec::with_capacity(per_sample.len());
        let mut rest = outputs;
        // Most programs have none, and many outputs.
        let is_each = per_sample.len() > self.gathering.scatters.len();
        let runs = if is_each { self.outputs.runs() } else { &[] };
        for run in runs {
            let (count, samples) = (run.count as usize, samples.len());
            let is_each = run.place.per_sample().is_some();
            let (here, others) = rest.split_at_mut(if is_each { count * samples } else { count });
            rest = others;
            if is_each {
                slices.extend(here.chunks_exact_mut(samples.max(1)));
            }
        }
        slices.extend(added.chunks_exact_mut(samples.len().max(1)));
        tree::run(&call, slices, sums)
    }

    /// Code that runs on the sums.
    pub(super) fn on_sums(&self, workspace: &mut Workspace, samples: usize) {
        let layout = &self.layout;
        let Workspace { memory, sums, after, threads, backend, .. } = workspace;
        memory[layout.sums as usize..][..sums.len()].copy_from_slice(sums);
        memory[layout.sample_count as usize] = samples as f64;
        match *backend {
            Backend::Reference => by_reference(&self.after, memory),
            #[cfg(feature = "jit")]
            Backend::Automatic | Backend::MachineCode if self.compiled.is_some() => {
                if let Some(compiled) = &self.compiled {
                    let [_, loops] = &mut workspace.machine_loops;
                    compiled.after(memory, &mut Loops::of(&self.after, loops, threads));
                }
            }
            _ => steps::run(&self.after, after, memory, threads, None),
        }
    }

    /// Code that runs on the sums; then the outputs that are one number a call.
    pub(super) fn after(&self, workspace: &mut Workspace, samples: usize, outputs: &mut [f64]) {
        self.on_sums(workspace, samples);
        self.outputs.copy(&workspace.memory, samples, outputs);
    }
}

/// Code without sums, by the reference interpreter.
#[cold]
#[inline(never)]
fn by_reference(code: &Code, memory: &mut [f64]) {
    interpreter::run(code, memory, &mut Sums { first: 0, partials: &mut [], lane: 0 });
}
