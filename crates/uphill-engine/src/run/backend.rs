//! What runs a program, and how much memory that takes: told before it is taken.

use super::gathering::Gathered;
use super::tiles;
use crate::code::CallCode;
use crate::lanes::{Element, InstructionSet, LaneMemory, Prepared};
use crate::program::Program;
use crate::steps::{Running, Steps};

/// What runs a program. The bits are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Backend {
    /// The fastest that the program has: machine code if it was compiled with `Compiler::machine_code`, else lanes for
    /// samples and the scalar interpreter for the rest.
    #[default]
    Automatic,
    /// The reference interpreter: small, obvious and slow. Tests compare the others with it.
    Reference,
    /// One number at a time, for this processor.
    Scalar,
    /// Many samples at once, with these vector instructions.
    Lanes(InstructionSet),
    /// Machine code, one sample at a time. Feature `jit`.
    MachineCode,
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
    pub(super) fn once(program: &Program) -> Made {
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
            let steps = |code: &CallCode| Steps::bytes(code, self.threads);
            bytes = bytes.saturating_add(steps(&program.before) + steps(&program.after));
        } else if self.backend != Backend::Reference {
            let loops = |code: &CallCode| Running::bytes(code, self.threads);
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
