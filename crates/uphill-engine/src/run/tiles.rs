//! A tile of samples, by whatever runs it; a leaf, which is some tiles in order; and the memory that threads share.

use std::ops::{ControlFlow, Range};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::gathering;
use super::interpreter::{self, Sums};
use crate::code::{LEAVES, Partials, tile_total};
use crate::lanes::{Element, LaneMemory, Prepared, run_tile};
use crate::program::Program;
use crate::samples::Samples;
use crate::threads::Threads;

/// More bytes than it takes to hand work out to a thread.
pub(super) const HANDED_OUT: usize = 128;

/// How many leaves so many samples have.
pub(super) fn leaves(program: &Program, samples: usize) -> usize {
    tiles(program, samples).min(LEAVES)
}

fn tiles(program: &Program, samples: usize) -> usize {
    samples.div_ceil(program.tile as usize)
}

/// What runs a tile.
pub(crate) enum Runner<'w, E: Element> {
    /// One sample after the other, by the reference interpreter.
    Interpreter,
    Lanes(&'w Prepared<E>),
    #[cfg(feature = "jit")]
    Jit(&'w crate::jit::Compiled),
}

/// What one thread works with. It is used again and again.
#[derive(Debug)]
pub(crate) struct Scratch<E: Element> {
    memory: Vec<f64>,
    partials: Vec<Partials>,
    lanes: Option<LaneMemory<E>>,
}

impl<E: Element> Default for Scratch<E> {
    fn default() -> Scratch<E> {
        Scratch { memory: Vec::new(), partials: Vec::new(), lanes: None }
    }
}

/// Scratch memory and vectors of sums that no thread is using.
#[derive(Debug)]
pub(crate) struct Pool<E: Element> {
    pub(super) scratch: Mutex<Vec<Scratch<E>>>,
    pub(super) sums: Mutex<Vec<Vec<f64>>>,
}

impl<E: Element> Default for Pool<E> {
    fn default() -> Pool<E> {
        Pool { scratch: Mutex::default(), sums: Mutex::default() }
    }
}

impl<E: Element> Pool<E> {
    /// Memory for so many leaves at once, and so many vectors of sums.
    pub(super) fn fill(&mut self, program: &Program, lanes: bool, leaves: usize, sums: usize) {
        let layout = &program.layout;
        let scratch = || {
            let mut scratch = Scratch::default();
            if lanes {
                scratch.lanes = Some(LaneMemory::new(program));
            } else {
                scratch.memory = vec![0.0; layout.end as usize];
                scratch.partials = vec![[0.0; 8]; layout.sum_count as usize];
            }
            scratch
        };
        self.scratch = Mutex::new((0..leaves).map(|_| scratch()).collect());
        let sum = || Vec::with_capacity(layout.sum_count as usize);
        self.sums = Mutex::new((0..sums).map(|_| sum()).collect());
    }

    pub(super) fn take<T: Default>(list: &Mutex<Vec<T>>) -> T {
        let mut list = list.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        list.pop().unwrap_or_default()
    }

    #[cfg(feature = "threads")]
    pub(super) fn take_first<T: Default>(list: &Mutex<Vec<T>>) -> T {
        let mut list = list.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if list.is_empty() { T::default() } else { list.remove(0) }
    }

    #[cfg(feature = "threads")]
    pub(super) fn give_first<T>(list: &Mutex<Vec<T>>, item: T) {
        list.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(0, item);
    }

    pub(super) fn give<T>(list: &Mutex<Vec<T>>, item: T) {
        list.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(item);
    }
}

/// What a leaf takes that runs one sample after the other.
pub(super) fn bytes_one_by_one(program: &Program) -> usize {
    let layout = &program.layout;
    layout.end as usize * size_of::<f64>() + layout.sum_count as usize * size_of::<Partials>()
}

/// One call over samples.
pub(crate) struct Call<'w, 's, E: Element> {
    pub(crate) program: &'w Program,
    pub(crate) samples: &'w Samples<'s, E>,
    /// Numbers of the call: constants, shared inputs and what `before` made of them.
    pub(crate) per_call: &'w [E],
    /// For each column of indices those of all samples.
    pub(crate) indices: &'w [Vec<u32>],
    pub(crate) runner: Runner<'w, E>,
    pub(crate) pool: &'w Pool<E>,
    /// Addresses of the outputs that are one number a sample.
    pub(crate) outputs: &'w [u32],
    #[cfg_attr(not(feature = "threads"), expect(dead_code, reason = "one thread never asks"))]
    pub(crate) threads: &'w Threads,
    /// Looked at before each tile: once it is raised, nothing more is computed.
    pub(crate) interrupt: Option<&'w AtomicBool>,
}

impl<E: Element> Call<'_, '_, E> {
    /// The number of tiles.
    fn tiles(&self) -> usize {
        tiles(self.program, self.samples.len())
    }

    /// The first sample of a leaf.
    pub(super) fn start(&self, leaf: usize) -> usize {
        let tiles = self.tiles();
        let tile = leaf * tiles / tiles.min(LEAVES);
        (tile * self.program.tile as usize).min(self.samples.len())
    }

    /// Adds the sums of these samples, unless it is interrupted before.
    pub(super) fn leaf(
        &self,
        samples: Range<usize>,
        mut outputs: Vec<&mut [E]>,
        sums: &mut [f64],
        scratch: &mut Scratch<E>,
    ) -> ControlFlow<()> {
        let size = self.program.tile as usize;
        for first in samples.clone().step_by(size) {
            if self.interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                return ControlFlow::Break(());
            }
            let count = size.min(samples.end - first);
            let at = first - samples.start;
            match &self.runner {
                Runner::Lanes(prepared) => {
                    self.lanes(prepared, first, count, at, &mut outputs, sums, scratch);
                }
                one_by_one => {
                    self.one_by_one(one_by_one, first, count, at, &mut outputs, sums, scratch);
                }
            }
        }
        ControlFlow::Continue(())
    }

    #[allow(clippy::too_many_arguments)]
    fn lanes(
        &self,
        prepared: &Prepared<E>,
        first: usize,
        count: usize,
        at: usize,
        outputs: &mut [&mut [E]],
        sums: &mut [f64],
        scratch: &mut Scratch<E>,
    ) {
        let lanes = scratch.lanes.get_or_insert_with(|| LaneMemory::new(self.program));
        self.samples.load(first, count, lanes);
        let samples = first..first + count;
        gathering::load(self.program, self.indices, self.per_call, samples, lanes);
        run_tile(prepared, self.program, self.per_call, lanes, count, sums);
        for (output, &address) in outputs.iter_mut().zip(self.outputs) {
            let vector = lanes.vector((address - self.program.layout.per_call) as usize);
            output[at..at + count].copy_from_slice(&vector[..count]);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn one_by_one(
        &self,
        runner: &Runner<'_, E>,
        first: usize,
        count: usize,
        at: usize,
        outputs: &mut [&mut [E]],
        sums: &mut [f64],
        scratch: &mut Scratch<E>,
    ) {
        let layout = &self.program.layout;
        scratch.memory.resize(layout.end as usize, 0.0);
        for (to, number) in scratch.memory.iter_mut().zip(self.per_call) {
            *to = number.to_f64();
        }
        scratch.partials.clear();
        scratch.partials.resize(layout.sum_count as usize, [0.0; 8]);
        let columns = layout.per_call as usize..;
        for sample in 0..count {
            self.samples.load_one(first + sample, &mut scratch.memory[columns.clone()]);
            gathering::load_one(self.program, self.indices, first + sample, &mut scratch.memory);
            let Scratch { memory, partials, .. } = &mut *scratch;
            match runner {
                #[cfg(feature = "jit")]
                Runner::Jit(compiled) => compiled.sample(memory, partials, sample % 8),
                _ => {
                    let mut sums = Sums { first: layout.sums, partials, lane: sample % 8 };
                    interpreter::run(&self.program.sample, memory, &mut sums);
                }
            }
            for (output, &address) in outputs.iter_mut().zip(self.outputs) {
                output[at + sample] = E::from_f64(scratch.memory[address as usize]);
            }
        }
        for (sum, partials) in sums.iter_mut().zip(&scratch.partials) {
            *sum += tile_total(partials);
        }
    }
}
