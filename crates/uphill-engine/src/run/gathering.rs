//! Columns of indices while a program runs: gathered inputs before each sample, and what samples add behind all of them.

use std::ops::Range;

use crate::error::Error;
use crate::lanes::{Element, LaneMemory};
use crate::program::{Gathering, Program};
use crate::samples::Samples;

/// The indices of a run, and what samples are to add.
#[derive(Debug)]
pub(super) struct Gathered<E> {
    /// For each column of indices those of all samples.
    pub(super) indices: Vec<Vec<u32>>,
    /// For each number that is scattered those of all samples, one behind the other.
    pub(super) added: Vec<E>,
}

impl<E> Default for Gathered<E> {
    fn default() -> Gathered<E> {
        Gathered { indices: Vec::new(), added: Vec::new() }
    }
}

impl<E: Element> Gathered<E> {
    /// What it takes for so many samples.
    pub(super) fn bytes(program: &Program, samples: usize) -> usize {
        let Gathering { indices, scatters, .. } = &program.gathering;
        // A column on its way to indices is there once.
        let column = if indices.is_empty() { 0 } else { size_of::<E>() };
        let each = indices.len() * size_of::<u32>() + scatters.len() * size_of::<E>() + column;
        samples.saturating_mul(each)
    }

    /// Reads and checks all indices.
    pub(super) fn read(
        &mut self,
        program: &Program,
        samples: &Samples<'_, E>,
    ) -> Result<(), Error> {
        let gathering = &program.gathering;
        self.indices.clear();
        for index in &gathering.indices {
            let column = index.column as usize;
            let name = &program.names.columns[column];
            self.indices.push(samples.indices(column, index.rows, name, &index.of)?);
        }
        self.added.clear();
        self.added.resize(gathering.scatters.len() * samples.len(), E::from_f64(0.0));
        Ok(())
    }

    /// Adds what samples gave to the targets: sample after sample, whoever ran them.
    pub(super) fn scatter(&self, program: &Program, targets: &mut [f64]) {
        let scatters = &program.gathering.scatters;
        let samples = self.added.len() / scatters.len().max(1);
        if samples == 0 {
            return;
        }
        let parts = || scatters.iter().zip(self.added.chunks_exact(samples));
        for sample in 0..samples {
            for (scatter, added) in parts() {
                let index = self.indices[scatter.index as usize][sample];
                targets[(scatter.first + scatter.stride * index) as usize] +=
                    added[sample].to_f64();
            }
        }
    }
}

/// Loads what samples from `first` on gather, so many of them, into lanes.
pub(super) fn load<E: Element>(
    program: &Program,
    indices: &[Vec<u32>],
    per_call: &[E],
    samples: Range<usize>,
    lanes: &mut LaneMemory<E>,
) {
    for gather in &program.gathering.gathers {
        let indices = &indices[gather.index as usize][samples.clone()];
        for entry in 0..gather.width {
            let from = &per_call[(gather.from + entry) as usize..];
            let to = lanes.vector_mut((gather.to + entry) as usize);
            for (to, &index) in to.iter_mut().zip(indices) {
                *to = from[(index * gather.width) as usize];
            }
        }
    }
}

/// Loads what one sample gathers: numbers of the call lie in front of the columns.
pub(super) fn load_one(program: &Program, indices: &[Vec<u32>], sample: usize, memory: &mut [f64]) {
    for gather in &program.gathering.gathers {
        let index = indices[gather.index as usize][sample];
        let from = (gather.from + index * gather.width) as usize;
        let to = (program.layout.per_call + gather.to) as usize;
        memory.copy_within(from..from + gather.width as usize, to);
    }
}
