//! Iterations abreast: a loop whose iterations don't need each other runs as samples do, in lanes.
//!
//! ```text
//! memory ──places that move──► columns ─┐                        ┌─► stored
//!        ──places that stay──► numbers ─┴─► a program over samples ┴─► added, in the order of iterations
//! ```
//!
//! A piece of iterations is read into columns, runs as a tile of samples, and its results go back to memory. So lanes need
//! to know nothing of loops, and the bits are those of one iteration after the other.

use std::sync::Arc;

use super::adds::{Values, add};
use crate::code::{Abreast, At, CallCode, Code, Source, Way};
use crate::lanes::{InstructionSet, LaneMemory, Prepared, run_tile};

/// A loop that runs abreast, with its memory.
#[derive(Debug)]
pub(super) struct Running {
    all: Arc<[Abreast]>,
    position: usize,
    prepared: Prepared<f64>,
    lanes: LaneMemory<f64>,
    /// What the iterations read in one place.
    numbers: Vec<f64>,
    /// Where the places that move begin in this run: of columns, of what is stored, of what is added.
    columns: Vec<At>,
    stored: Vec<At>,
    added: Vec<At>,
}

impl Running {
    /// All loops of a piece of code that can run so.
    pub(super) fn all(code: &CallCode) -> Vec<Running> {
        (0..code.abreast().len()).map(|position| Running::new(code.abreast(), position)).collect()
    }

    /// How many bytes these take.
    pub(super) fn bytes(code: &CallCode) -> usize {
        let bytes = |abreast: &Abreast| {
            let (plan, program) = (&abreast.plan, &abreast.program);
            let places = plan.columns.len() + plan.stores.len() + plan.tails.len();
            size_of::<Running>()
                + Prepared::<f64>::bytes(program)
                + LaneMemory::<f64>::bytes(program)
                + program.layout.per_call as usize * size_of::<f64>()
                + places * size_of::<At>()
        };
        code.abreast().iter().map(bytes).sum()
    }

    fn new(all: &Arc<[Abreast]>, position: usize) -> Running {
        let Abreast { plan, program, .. } = &all[position];
        Running {
            prepared: Prepared::new(InstructionSet::best(), program),
            lanes: LaneMemory::new(program),
            numbers: vec![0.0; program.layout.per_call as usize],
            columns: Vec::with_capacity(plan.columns.len()),
            stored: Vec::with_capacity(plan.stores.len()),
            added: Vec::with_capacity(plan.tails.len()),
            all: Arc::clone(all),
            position,
        }
    }

    /// Runs all iterations, in these iterations of the loops around.
    pub(super) fn run(&mut self, code: &Code, memory: &mut [f64], around: &[u32]) {
        let Running { all, position, prepared, lanes, numbers, columns, stored, added } = self;
        let Abreast { plan, program, .. } = &all[*position];
        for (number, way) in numbers.iter_mut().zip(&plan.numbers) {
            *number = memory[way.at(code, around).place(code, 0)];
        }
        let begin = |to: &mut Vec<At>, ways: &mut dyn Iterator<Item = &Way>| {
            to.clear();
            to.extend(ways.map(|way| way.at(code, around)));
        };
        begin(columns, &mut plan.columns.iter());
        begin(stored, &mut plan.stores.iter().map(|(way, _)| way));
        begin(added, &mut plan.tails.iter().map(|tail| &tail.target));
        let (tile, iterations) = (program.tile as usize, plan.iterations as usize);
        let has_code = !program.sample.instructions.is_empty();
        let mut first = 0;
        while first < iterations {
            let count = tile.min(iterations - first);
            for (column, at) in columns.iter().enumerate() {
                at.read(code, memory, first, &mut lanes.vector_mut(column)[..count]);
            }
            if has_code {
                run_tile(prepared, program, numbers, lanes, count, &mut []);
            }
            let lane = |vector: usize| Values::Each(&lanes.vector(vector)[..count]);
            let value = |source: Source| match source {
                Source::Number(number) => Values::Same(numbers[number as usize]),
                Source::Column(column) => lane(column as usize),
                Source::Computed(number) => lane(columns.len() + number as usize),
            };
            for ((_, source), at) in plan.stores.iter().zip(stored.iter()) {
                match value(*source) {
                    Values::Each(values) => at.write(code, memory, first, values),
                    Values::Same(number) => at.fill(code, memory, first, count, number),
                }
            }
            add(code, memory, plan, added, first..first + count, &value);
            first += count;
            if first == iterations {
                for (way, source) in &plan.lasts {
                    memory[way.at(code, around).place(code, 0)] = value(*source).at(count - 1);
                }
            }
        }
    }
}
