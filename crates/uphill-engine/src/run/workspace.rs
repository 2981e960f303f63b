//! Memory to run a program with: how much it takes is told before it is taken.
//!
//! A workspace is empty until its first run. Then all that the run needs is added up, compared with the limit, asked of
//! the system in one piece, and only then taken; later runs of the same shape take nothing.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::Backend;
use super::abreast::Running;
use super::gathering::Gathered;
use super::steps::Steps;
use super::tiles::{self, Pool};
use crate::error::Error;
use crate::lanes::{Element, InstructionSet, LaneMemory, Prepared};
use crate::program::{Program, Verified};

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

/// What memory was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Made {
    /// The identity of a program; `None` before the first run.
    pub(super) program: Option<u64>,
    pub(super) leaves: usize,
    pub(super) threads: usize,
    /// Samples for which there is memory of their own.
    pub(super) samples: usize,
}

impl Made {
    /// For one run of a program.
    fn once(program: &Program) -> Made {
        Made { program: Some(program.identity), ..Made::default() }
    }

    /// For so many samples on so many threads.
    pub(super) fn over(program: &Program, threads: usize, samples: usize) -> Made {
        Made { leaves: tiles::leaves(program, samples), threads, samples, ..Made::once(program) }
    }

    /// Whether there is all that a run of this program takes.
    pub(super) fn is_enough_for(&self, program: &Program, run: Made) -> bool {
        self.program == run.program
            && self.leaves >= run.leaves
            && self.threads >= run.threads
            && (self.samples >= run.samples || program.gathering.indices.is_empty())
    }
}

#[derive(Debug)]
pub(crate) enum Threads {
    One,
    #[cfg(feature = "threads")]
    Global,
    /// These, and the caller.
    #[cfg(feature = "threads")]
    Own(rayon::ThreadPool),
}

impl Threads {
    pub(crate) fn count(&self) -> usize {
        match self {
            Threads::One => 1,
            #[cfg(feature = "threads")]
            Threads::Global => rayon::current_num_threads(),
            #[cfg(feature = "threads")]
            Threads::Own(pool) => pool.current_num_threads() + 1,
        }
    }
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

/// What a run takes.
pub(super) struct Needed<'p> {
    pub(super) program: &'p Program,
    pub(super) backend: Backend,
    pub(super) leaves: usize,
    pub(super) threads: usize,
    pub(super) samples: usize,
}

impl Needed<'_> {
    /// The instructions for lanes, if lanes run the samples.
    pub(super) fn set(&self) -> Option<InstructionSet> {
        match self.backend {
            Backend::Reference => None,
            #[cfg(feature = "jit")]
            Backend::MachineCode if self.program.compiled.is_some() => None,
            Backend::Lanes(set) => Some(set),
            Backend::Automatic | Backend::Scalar | Backend::MachineCode => {
                Some(InstructionSet::best())
            }
        }
    }

    /// Whether the scalar interpreter runs what is run once a call, or may have to.
    fn is_stepped(&self) -> bool {
        match self.backend {
            Backend::Reference => false,
            #[cfg(feature = "jit")]
            Backend::Automatic | Backend::MachineCode => {
                self.program.compiled.is_none() || !self.program.over_samples
            }
            _ => true,
        }
    }

    /// As many leaves as can run at once.
    pub(super) fn scratches(&self) -> usize {
        self.leaves.min(self.threads.max(1))
    }

    /// Vectors of sums that are in use at once: one for each node on the way to a leaf, or, since threads help each
    /// other, for any node of the tree.
    pub(super) fn sums(&self) -> usize {
        match self.leaves {
            0 => 0,
            leaves if self.threads > 1 => leaves - 1,
            leaves => leaves.next_power_of_two().ilog2() as usize,
        }
    }

    pub(super) fn bytes<E: Element>(&self) -> usize {
        let (program, layout) = (self.program, &self.program.layout);
        let numbers = layout.per_call as usize + layout.sum_count as usize;
        let read = program.outputs.per_sample() + program.gathering.scatters.len();
        let lists = read * size_of::<u32>();
        let mut bytes = numbers * size_of::<f64>() + lists;
        bytes = bytes.saturating_add(Gathered::<E>::bytes(program, self.samples));
        if self.is_stepped() {
            let steps = |code: &Verified| Steps::bytes(code, self.threads);
            bytes = bytes.saturating_add(steps(&program.before) + steps(&program.after));
        } else if self.backend != Backend::Reference {
            let loops = |code: &Verified| Running::bytes(code, self.threads);
            bytes = bytes.saturating_add(loops(&program.before) + loops(&program.after));
        }
        // Lists of the outputs' parts, cut in two at each node of the tree, while they grow.
        let cuts = read * 4 * size_of::<&[f64]>();
        bytes += cuts;
        if self.leaves > 0 {
            let scratch = if self.set().is_some() {
                bytes = bytes.saturating_add(Prepared::<E>::bytes(program));
                LaneMemory::<E>::bytes(program)
            } else {
                // The reference interpreter gathers operands, and their addresses.
                let lists = program.sample.instructions.iter();
                let longest = lists.map(|each| program.sample.operands(each).len()).max();
                let list = longest.unwrap_or(0) * (size_of::<f64>() + 3 * size_of::<u32>());
                tiles::bytes_one_by_one(program) + list
            };
            let scratch = scratch + size_of::<tiles::Scratch<E>>();
            let sums = layout.sum_count as usize * size_of::<f64>() + size_of::<Vec<f64>>();
            bytes = bytes.saturating_add(scratch.saturating_mul(self.scratches()));
            bytes = bytes.saturating_add((sums + cuts).saturating_mul(self.sums()));
            if self.scratches() > 1 {
                // What is handed out to each thread.
                bytes = bytes.saturating_add(self.scratches() * tiles::HANDED_OUT);
            }
        }
        bytes
    }
}

/// Asks the system for so many bytes in one piece, and gives them back: whether what follows is likely to get them.
pub(crate) fn ask(bytes: usize, what: impl Fn() -> String) -> Result<(), Error> {
    let mut all = Vec::<u8>::new();
    all.try_reserve_exact(bytes).map_err(|_| Error::OutOfMemory { what: what(), needed: bytes })
}
