//! Programs of sample code alone, put together by hand.

use uphill_graph::Op;

use crate::code::{
    Action, Block, Code, Instruction, Layout, Operands, Outer, Place, Step, Weights,
};
use crate::program::Lowered;
use crate::program::{Fused, Names, Program};

/// A program in the making. How many numbers, sums and columns there are is settled first: then addresses are.
pub(super) struct Sketch {
    numbers: Vec<f64>,
    sums: u32,
    pub(super) columns: Vec<Vec<f64>>,
    slots: u32,
    pub(super) code: Code,
    tile: u32,
    /// What is read in the end: all slots, unless only some are.
    pub(super) outputs: Option<Vec<u32>>,
}

impl Sketch {
    pub(super) fn new(numbers: Vec<f64>, sums: u32, columns: Vec<Vec<f64>>, tile: u32) -> Sketch {
        Sketch { numbers, sums, columns, slots: 0, code: Code::default(), tile, outputs: None }
    }

    pub(super) fn per_call(&self) -> Vec<f64> {
        let mut numbers = self.numbers.clone();
        // Sums and the number of samples, which sample code doesn't read.
        numbers.resize(self.numbers.len() + self.sums as usize + 1, f64::NAN);
        numbers
    }

    pub(super) fn number(&self, index: usize) -> u32 {
        index as u32
    }

    pub(super) fn sum(&self, index: usize) -> u32 {
        (self.numbers.len() + index) as u32
    }

    fn first_vector(&self) -> u32 {
        self.numbers.len() as u32 + self.sums + 1
    }

    pub(super) fn column(&self, index: usize) -> u32 {
        self.first_vector() + index as u32
    }

    /// A new slot.
    pub(super) fn slot(&mut self) -> u32 {
        self.slots += 1;
        self.first_vector() + self.columns.len() as u32 + self.slots - 1
    }

    pub(super) fn slots(&mut self, count: usize) -> Vec<u32> {
        (0..count).map(|_| self.slot()).collect()
    }

    /// Adds an instruction that writes `target`.
    pub(super) fn push(&mut self, action: Action, target: u32, operands: &[u32]) {
        let place = |k: usize| operands.get(k).copied().unwrap_or(0);
        let [x, y, z] = match action.operands() {
            Operands::Inline(count) => {
                assert_eq!(operands.len(), count, "{action:?}");
                [place(0), place(1), place(2)]
            }
            Operands::Pool => {
                self.code.pool.extend(operands);
                let count = operands.len();
                [(self.code.pool.len() - count) as u32, count as u32, 0]
            }
            Operands::None => [place(0), 0, 0],
        };
        self.code.instructions.push(Instruction { action, target, x, y, z });
    }

    /// Adds an instruction that writes a new slot.
    pub(super) fn act(&mut self, action: Action, operands: &[u32]) -> u32 {
        let target = self.slot();
        self.push(action, target, operands);
        target
    }

    pub(super) fn op(&mut self, op: Op, operands: &[u32]) -> u32 {
        self.act(Action::Op(op), operands)
    }

    pub(super) fn block(&mut self, inputs: Vec<u32>, rows: usize, weights: Weights) -> Vec<u32> {
        let targets = self.slots(rows);
        self.code.blocks.push(Block { inputs, targets: targets.clone(), weights });
        self.push(Action::Block, 0, &[self.code.blocks.len() as u32 - 1]);
        targets
    }

    pub(super) fn outer(&mut self, rows: Vec<u32>, columns: Vec<u32>, sums: Vec<u32>) {
        self.code.outers.push(Outer { rows, columns, sums });
        self.push(Action::OuterTotal, 0, &[self.code.outers.len() as u32 - 1]);
    }

    /// Repeats the instructions that `body` adds; each has as many steps as it has a target and operands.
    pub(super) fn repeat(
        &mut self,
        iterations: u32,
        steps: &[Step],
        body: impl FnOnce(&mut Sketch),
    ) {
        let first_step = self.code.steps.len() as u32;
        self.code.steps.extend(steps);
        self.push(Action::Loop, 0, &[self.code.loops.len() as u32]);
        let start = self.code.instructions.len();
        body(self);
        let length = (self.code.instructions.len() - start) as u32;
        self.code.loops.push(crate::code::Loop { iterations, length, first_step });
    }

    pub(super) fn program(&self) -> Program {
        let count = self.numbers.len() as u32;
        let per_call = self.first_vector();
        let columns = self.columns.len() as u32;
        let first = per_call + columns;
        let all = || (first..first + self.slots).collect();
        let outputs = self.outputs.clone().unwrap_or_else(all).into_iter();
        let lowered = Lowered {
            layout: Layout {
                constants: self.numbers.clone(),
                shared: count,
                shared_count: 0,
                sums: count,
                sum_count: self.sums,
                sample_count: count + self.sums,
                targets: 0,
                target_count: 0,
                per_call,
                column_count: columns,
                end: first + self.slots,
            },
            before: Code::default(),
            sample: self.code.clone(),
            after: Code::default(),
            outputs: outputs.map(|address| (String::new(), Place::PerSample(address))).collect(),
        };
        let program = Program::new(lowered, Names::default(), Fused::default(), true);
        Program { tile: self.tile, ..program.expect("the sketch is sound") }
    }
}

/// Numbers in [-1, 1) that depend on the seed alone.
pub(super) fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}
