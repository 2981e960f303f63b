//! Runs in single precision: what there is one of a sample is `f32`, what there is one of a call stays `f64`.
//!
//! Samples are many, so theirs are half the memory and twice the lanes in a register. Weights and sums are few, and
//! those who climb a gradient need their small differences: so code before and after the samples is that of an `f64`
//! run, and each tile's sum is added to the others in `f64` (docs/adr/0018-single-precision.md).

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::backend::{Backend, Made, Needed};
use super::gathering::Gathered;
use super::tiles::{Call, Pool, Runner};
use super::tree;
use super::workspace::Workspace;
use crate::error::{Error, ask};
use crate::lanes::{InstructionSet, Prepared};
use crate::program::Program;
use crate::samples::Samples;

/// What a run in single precision needs besides the program: memory, used again and again, and settings.
///
/// As [`Workspace`], for [`Program::run_samples_f32`]. Lanes run the samples; code that runs once a call is run as in a
/// workspace whose backend is chosen by itself.
///
/// ```
/// use uphill_engine::{Compiler, OverSamples, Samples};
/// use uphill_graph::{Function, Scalar};
///
/// let function = Function::record(["w", "x"], |v| (v[0] * v[1]).sigmoid())?;
/// let program = Compiler::new().compile_samples(&OverSamples::new(function, ["x"])?)?;
/// let mut workspace = program.workspace_f32();
/// let x = [0.0_f32, 0.5, 1.0];
/// let mut results = [0.0_f32; 3];
/// program.run_samples_f32(&mut workspace, &[2.0], &Samples::rows(&x, 1)?, &mut [], &mut results)?;
/// assert_eq!(results, [0.5, 0.731_058_6, 0.880_797_1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WorkspaceF32 {
    /// and the memory of code that runs once a call.
    call: Workspace,
    set: InstructionSet,
    limit: Option<usize>,
    /// What the memory was made for.
    made: Made,
    /// The numbers of the call, rounded.
    numbers: Vec<f32>,
    prepared: Option<Prepared<f32>>,
    pool: Pool<f32>,
    gathered: Gathered<f32>,
}

/// What a program gives in single precision, in the order of its outputs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OutputsF32 {
    /// One number for each output that is a sum or a function of sums.
    pub per_call: Vec<f64>,
    /// For each other output, one number a sample; one output after the other.
    pub per_sample: Vec<f32>,
}

impl WorkspaceF32 {
    /// Chooses the instructions for lanes. The results don't depend on it.
    #[must_use]
    pub fn instruction_set(mut self, set: InstructionSet) -> WorkspaceF32 {
        self.set = set;
        self.made = Made::default();
        self
    }

    /// Runs samples on so many threads, as [`Workspace::threads`] says. The results don't depend on it.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if threads can't be started.
    #[cfg(feature = "threads")]
    pub fn threads(mut self, threads: usize) -> Result<WorkspaceF32, Error> {
        self.call = self.call.threads(threads)?;
        Ok(self)
    }

    /// Refuses to run what takes more memory than this many bytes, before it is taken: see [`Workspace::limit`].
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> WorkspaceF32 {
        self.limit = Some(bytes);
        self.made = Made::default();
        self
    }

    /// Leaves a run in the middle once this flag is raised, as [`Workspace::interrupted_by`] says.
    #[must_use]
    pub fn interrupted_by(mut self, flag: Option<Arc<AtomicBool>>) -> WorkspaceF32 {
        self.call = self.call.interrupted_by(flag);
        self
    }

    fn fit(&mut self, program: &Program, samples: usize) -> Result<(), Error> {
        let run = Made::over(program, self.call.threads.count(), samples);
        if self.made.is_enough_for(program, run) { Ok(()) } else { self.make(program, run) }
    }

    #[cold]
    fn make(&mut self, program: &Program, run: Made) -> Result<(), Error> {
        let Made { leaves, threads, samples, .. } = run;
        let backend = Backend::Lanes(self.set);
        let needed = Needed { program, backend, leaves, threads, samples };
        let numbers = program.layout.per_call as usize;
        let bytes = needed.bytes::<f32>().saturating_add(numbers * size_of::<f32>());
        let what = || format!("running {} in single precision", program.signature());
        if let Some(limit) = self.limit.filter(|&limit| bytes > limit) {
            return Err(Error::TooLarge { what: what(), needed: bytes, limit });
        }
        // The old memory makes room first.
        (self.made, self.prepared, self.pool) = (Made::default(), None, Pool::default());
        self.numbers = Vec::new();
        ask(bytes, what)?;
        self.call.fit(program)?;
        self.numbers = vec![0.0; numbers];
        if leaves > 0 {
            self.prepared = Some(Prepared::new(self.set, program));
            self.pool.fill(program, true, needed.scratches(), needed.sums());
        }
        self.made = run;
        Ok(())
    }
}

impl Program {
    /// An empty workspace for [`Program::run_samples_f32`]; the first run takes the memory.
    #[must_use]
    pub fn workspace_f32(&self) -> WorkspaceF32 {
        WorkspaceF32 {
            call: self.workspace(),
            set: InstructionSet::best(),
            limit: None,
            made: Made::default(),
            numbers: Vec::new(),
            prepared: None,
            pool: Pool::default(),
            gathered: Gathered::default(),
        }
    }

    /// All outputs over these samples in single precision: half the memory of samples, and up to twice the speed.
    ///
    /// Samples, what is calculated of each, and outputs that are one number a sample are `f32`. Shared inputs, what is
    /// calculated of them alone, sums over samples, and what is calculated of sums are `f64`.
    ///
    /// # Accuracy
    ///
    /// Constants, shared inputs and what is calculated of them are rounded to `f32` once, when samples use them; beyond
    /// 3.4·10³⁸ that is infinite. Then, relative to the exact result for its operands, with u = 2⁻²⁴ ≈ 6·10⁻⁸:
    ///
    /// - arithmetic and multiply-adds are rounded once: at most u;
    /// - each elementary function is that of `f64`, rounded: at most 1.02 u, that is 0.51 units in the last place;
    /// - sums, products and dot products of n terms are added in order: at most about n·u times the sum of the terms'
    ///   magnitudes, and as a rule √n·u;
    /// - a sum over samples adds those of a tile of at most 192 samples in `f32`, in sixteen parts, so at most 16 u of
    ///   the magnitudes; tiles are added in `f64`.
    ///
    /// For a network of sigmoid nodes, expect P to differ from that of an `f64` run by 10⁻⁷, and gradients by 10⁻⁶ of
    /// their largest entry. Differences of nearly equal numbers lose as many digits as they do in `f64`, of fewer: a
    /// model far from its data in many digits is no case for single precision.
    ///
    /// The bits are the same for all instruction sets and numbers of threads.
    ///
    /// # Arguments
    ///
    /// `shared`: one number for each input that is no column, in order. `samples`: a number for each column.
    /// `per_call`: room for a number for each output that is a sum or a function of sums, `self.output_length(0)` in
    /// all. `per_sample`: room for `samples.len()` numbers for each other output.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`]; [`Error::Invalid`] if the program is not one over samples; [`Error::TooLarge`] and
    /// [`Error::OutOfMemory`]; [`Error::Interrupted`].
    ///
    /// # Complexity
    ///
    /// As [`Program::run_samples`].
    ///
    /// ```
    /// use uphill_engine::{Compiler, OverSamples, Samples};
    /// use uphill_graph::{Function, Inputs, Scalar};
    ///
    /// let inputs = Inputs::new().variable("w").parameter("x").parameter("y");
    /// let term = Function::record(inputs, |v| -(v[2] - v[0] * v[1].exp()).square())?;
    /// let sum = OverSamples::new(term, ["x", "y"])?.sum();
    /// let program = Compiler::new().compile_samples(&sum.with_gradient()?)?;
    /// let columns: [&[f32]; 2] = [&[0.0, 0.5, 1.0], &[2.0, 3.5, 5.0]];
    /// let samples = Samples::columns(&columns)?;
    /// let mut sums = [0.0; 2];
    /// program.run_samples_f32(&mut program.workspace_f32(), &[1.9], &samples, &mut sums, &mut [])?;
    /// assert!((sums[0] + 0.172_142_3).abs() < 1e-6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_samples_f32(
        &self,
        workspace: &mut WorkspaceF32,
        shared: &[f64],
        samples: &Samples<'_, f32>,
        per_call: &mut [f64],
        per_sample: &mut [f32],
    ) -> Result<(), Error> {
        self.check_over_samples(shared)?;
        let sums = self.output_length(0);
        self.check("columns", self.gathering.given as usize, samples.width())?;
        self.check("outputs of the call", sums, per_call.len())?;
        let each = self.output_length(samples.len()) - sums;
        self.check("outputs of samples", each, per_sample.len())?;
        workspace.fit(self, samples.len())?;
        workspace.gathered.read(self, samples)?;
        self.before(&mut workspace.call, shared);
        self.over_f32(workspace, samples, per_sample)?;
        self.scatter(&workspace.gathered, &mut workspace.call.memory);
        self.on_sums(&mut workspace.call, samples.len());
        self.outputs.copy(&workspace.call.memory, 0, per_call);
        Ok(())
    }

    /// All outputs over these samples in single precision, in new memory: [`Program::run_samples_f32`] for occasional
    /// use.
    ///
    /// # Errors
    ///
    /// As [`Program::run_samples_f32`].
    pub fn eval_samples_f32(
        &self,
        shared: &[f64],
        samples: &Samples<'_, f32>,
    ) -> Result<OutputsF32, Error> {
        let sums = self.output_length(0);
        let each = self.output_length(samples.len()) - sums;
        let mut outputs = OutputsF32 { per_call: vec![0.0; sums], per_sample: vec![0.0; each] };
        let OutputsF32 { per_call, per_sample } = &mut outputs;
        self.run_samples_f32(&mut self.workspace_f32(), shared, samples, per_call, per_sample)?;
        Ok(outputs)
    }

    fn over_f32(
        &self,
        workspace: &mut WorkspaceF32,
        samples: &Samples<'_, f32>,
        outputs: &mut [f32],
    ) -> Result<(), Error> {
        let WorkspaceF32 { call, numbers, prepared, pool, gathered, .. } = workspace;
        let Gathered { indices, added } = gathered;
        let Some(prepared) = prepared.as_mut().filter(|_| !samples.is_empty()) else {
            call.sums.fill(0.0);
            return Ok(());
        };
        for (number, &exact) in numbers.iter_mut().zip(&call.memory) {
            *number = exact as f32;
        }
        prepared.load(self, numbers);
        let runner = Runner::Lanes(prepared);
        let per_call = numbers;
        let addresses = &call.per_sample;
        let (threads, interrupt) = (&call.threads, call.interrupt.as_deref());
        let (program, outputs_at) = (self, addresses);
        let run = Call {
            program,
            samples,
            per_call,
            indices,
            runner,
            pool,
            outputs: outputs_at,
            threads,
            interrupt,
        };
        let each = outputs.chunks_exact_mut(samples.len());
        let slices = each.chain(added.chunks_exact_mut(samples.len())).collect();
        tree::run(&run, slices, &mut call.sums)
    }
}
