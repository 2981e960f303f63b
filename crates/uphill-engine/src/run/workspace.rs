//! Memory to run a program with: how much it takes is told before it is taken.
//!
//! A workspace is empty until its first run. Then all that the run needs is added up, compared with the limit, asked of
//! the system in one piece, and only then taken; later runs of the same shape take nothing.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::backend::{Backend, Made, Needed};
use super::gathering::Gathered;
use super::tiles::{self, Pool};
use crate::error::{Error, ask};
use crate::lanes::Prepared;
use crate::program::Program;
#[cfg(feature = "jit")]
use crate::steps::Running;
use crate::steps::Steps;
use crate::threads::Threads;

/// What a run needs besides the program: memory, used again and again, and settings. One for each thread that calls.
///
/// Memory is taken by the first run, and again by one that has more samples or another program. Other runs on one thread
/// allocate nothing, unless outputs are one number a sample, or the reference interpreter runs.
///
/// ```
/// use uphill_engine::{Backend, Compiler};
/// use uphill_graph::{Function, Scalar};
///
/// let program = Compiler::new().compile(&Function::record(["x"], |x| x[0].exp())?)?;
/// let mut workspace = program.workspace().backend(Backend::Reference);
/// let mut result = [0.0];
/// program.run(&mut workspace, &[1.0], &mut result)?;
/// assert_eq!(result, [std::f64::consts::E]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Workspace {
    pub(super) backend: Backend,
    pub(super) threads: Threads,
    limit: Option<usize>,
    /// Once it is raised, runs over samples end with an error.
    pub(super) interrupt: Option<Arc<AtomicBool>>,
    /// What the memory was made for.
    made: Made,
    pub(super) memory: Vec<f64>,
    pub(super) sums: Vec<f64>,
    /// Code before and after the samples, from when the scalar interpreter first runs it: for machine code that is
    /// hardly ever.
    pub(super) before: Option<Steps>,
    pub(super) after: Option<Steps>,
    /// Loops that machine code runs abreast, before and after the samples.
    #[cfg(feature = "jit")]
    pub(super) machine_loops: [Option<Vec<Running>>; 2],
    /// Addresses of what is read of each sample.
    pub(super) per_sample: Vec<u32>,
    pub(super) prepared: Option<Prepared<f64>>,
    pub(super) pool: Pool<f64>,
    pub(super) gathered: Gathered<f64>,
}

impl Workspace {
    fn new() -> Workspace {
        Workspace {
            backend: Backend::Automatic,
            threads: Threads::One,
            limit: None,
            interrupt: None,
            made: Made::default(),
            memory: Vec::new(),
            sums: Vec::new(),
            before: None,
            after: None,
            #[cfg(feature = "jit")]
            machine_loops: [None, None],
            per_sample: Vec::new(),
            prepared: None,
            pool: Pool::default(),
            gathered: Gathered::default(),
        }
    }

    /// Chooses what runs the program.
    #[must_use]
    pub fn backend(mut self, backend: Backend) -> Workspace {
        self.backend = backend;
        self.made.program = None;
        self
    }

    /// Runs samples, and long loops whose iterations don't need each other, on so many threads: the caller, and others that
    /// are started now; 0 for as many as rayon's global pool has, whose threads then help the caller. Without the feature
    /// `threads` there is one.
    ///
    /// The results don't depend on it.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if threads can't be started.
    #[cfg(feature = "threads")]
    pub fn threads(mut self, threads: usize) -> Result<Workspace, Error> {
        self.threads = match threads {
            0 => Threads::Global,
            1 => Threads::One,
            _ => {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads - 1).build();
                Threads::Own(pool.map_err(|error| Error::Invalid {
                    what: format!("{threads} threads can't be started: {error}"),
                })?)
            }
        };
        self.made.program = None;
        Ok(self)
    }

    /// Refuses to run what takes more memory than this many bytes, before it is taken.
    ///
    /// Counted is what the workspace holds, [`Program::workspace_bytes`]; not the program, samples and outputs.
    ///
    /// ```
    /// use uphill_engine::{Compiler, Error, OverSamples, Samples};
    /// use uphill_graph::Function;
    ///
    /// let function = Function::record(["w", "x"], |v| v[0] * v[1])?;
    /// let program = Compiler::new().compile_samples(&OverSamples::new(function, ["x"])?.sum())?;
    /// let needed = program.workspace_bytes(1000, 1);
    /// let samples = Samples::rows(&[1.0; 1000], 1)?;
    ///
    /// let mut workspace = program.workspace().limit(needed - 1);
    /// let error = program.run_samples(&mut workspace, &[2.0], &samples, &mut [0.0]).unwrap_err();
    /// assert!(matches!(error, Error::TooLarge { .. }));
    ///
    /// let mut workspace = program.workspace().limit(needed);
    /// program.run_samples(&mut workspace, &[2.0], &samples, &mut [0.0])?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Workspace {
        self.limit = Some(bytes);
        self.made.program = None;
        self
    }

    /// Leaves a run over samples in the middle, with [`Error::Interrupted`], once this flag is raised; `None` for runs
    /// that always come to their end.
    ///
    /// It is looked at before each tile of at most 192 samples, by every thread. Whoever raises it, a handler of Ctrl-C or
    /// another thread, waits for no more than one tile. The workspace is good for other runs afterwards; as long as the
    /// flag is up, these end at once, too.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use uphill_engine::{Compiler, Error, OverSamples, Samples};
    /// use uphill_graph::Function;
    ///
    /// let function = Function::record(["w", "x"], |v| v[0] * v[1])?;
    /// let program = Compiler::new().compile_samples(&OverSamples::new(function, ["x"])?.sum())?;
    /// let flag = Arc::new(AtomicBool::new(false));
    /// let mut workspace = program.workspace().interrupted_by(Some(Arc::clone(&flag)));
    /// let (samples, mut sum) = (Samples::rows(&[1.0; 1000], 1)?, [0.0]);
    ///
    /// flag.store(true, Ordering::Relaxed);
    /// let stopped = program.run_samples(&mut workspace, &[2.0], &samples, &mut sum);
    /// assert_eq!(stopped, Err(Error::Interrupted));
    ///
    /// flag.store(false, Ordering::Relaxed);
    /// program.run_samples(&mut workspace, &[2.0], &samples, &mut sum)?;
    /// assert_eq!(sum, [2000.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn interrupted_by(mut self, flag: Option<Arc<AtomicBool>>) -> Workspace {
        self.interrupt = flag;
        self
    }

    /// Whether there is memory for one run of this program.
    #[inline]
    pub(super) fn fits(&self, program: &Program) -> bool {
        self.made.program == Some(program.identity)
    }

    /// Memory for one run of this program.
    pub(super) fn fit(&mut self, program: &Program) -> Result<(), Error> {
        if self.fits(program) {
            return Ok(());
        }
        let threads = self.threads.count();
        self.make(program, Made { threads, ..Made::once(program) })
    }

    /// Whether the memory was made for this program, to run by machine code.
    #[cfg(feature = "jit")]
    #[inline]
    pub(super) fn is_for_machine_code(&self, program: &Program) -> bool {
        self.made.program == Some(program.identity)
            && matches!(self.backend, Backend::Automatic | Backend::MachineCode)
    }

    /// Memory for so many samples.
    pub(super) fn fit_samples(&mut self, program: &Program, samples: usize) -> Result<(), Error> {
        let run = Made::over(program, self.threads.count(), samples);
        if self.made.is_enough_for(program, run) { Ok(()) } else { self.make(program, run) }
    }

    #[cold]
    fn make(&mut self, program: &Program, run: Made) -> Result<(), Error> {
        let Made { leaves, threads, samples, .. } = run;
        let needed = Needed { program, backend: self.backend, leaves, threads, samples };
        let bytes = needed.bytes::<f64>();
        let what = || match threads.min(leaves) {
            0 | 1 => format!("running {}", program.signature()),
            _ => format!("running {} on {threads} threads", program.signature()),
        };
        if let Some(limit) = self.limit.filter(|&limit| bytes > limit) {
            return Err(Error::TooLarge { what: what(), needed: bytes, limit });
        }
        // The old memory makes room first.
        let (backend, limit, interrupt) = (self.backend, self.limit, self.interrupt.take());
        let threads_of = std::mem::replace(&mut self.threads, Threads::One);
        *self = Workspace { threads: threads_of, backend, limit, interrupt, ..Workspace::new() };
        ask(bytes, what)?;

        let layout = &program.layout;
        self.memory = vec![0.0; layout.per_call as usize];
        self.memory[..layout.constants.len()].copy_from_slice(&layout.constants);
        self.sums = vec![0.0; layout.sum_count as usize];
        let read = program.outputs.per_sample() + program.gathering.scatters.len();
        self.per_sample = Vec::with_capacity(read);
        self.per_sample.extend(program.read_of_samples());
        if leaves > 0 {
            let set = needed.set();
            self.prepared = set.map(|set| Prepared::new(set, program));
            self.pool.fill(program, set.is_some(), needed.scratches(), needed.sums());
        }
        self.made = run;
        Ok(())
    }
}

impl Program {
    /// An empty workspace for this program; the first run takes the memory.
    #[must_use]
    pub fn workspace(&self) -> Workspace {
        Workspace::new()
    }

    /// The most bytes that a workspace takes for so many samples on so many threads, with the backend that is chosen by
    /// itself.
    ///
    /// Grows with the samples until there are 64 pieces of work, and then no more; unless inputs are gathered, whose indices
    /// and derivatives are kept for each sample until all are there.
    #[must_use]
    pub fn workspace_bytes(&self, samples: usize, threads: usize) -> usize {
        let leaves = if self.over_samples { tiles::leaves(self, samples) } else { 0 };
        Needed { program: self, backend: Backend::Automatic, leaves, threads, samples }
            .bytes::<f64>()
    }
}
