//! The meaning of sample code, told slowly: one sample at a time, one action at a time, in the element's arithmetic.

use std::ops::Range;

use uphill_graph::Op;

use crate::code::{Action, Instruction, Loop, Moved, Turn};
use crate::lanes::Element;
use crate::program::Program;

pub(super) struct Reference<'a, E> {
    program: &'a Program,
    numbers: &'a [E],
    /// Running sums.
    pub(super) totals: Vec<f64>,
    /// The partial sums of this tile.
    partials: Vec<Vec<E>>,
    sample: usize,
    memory: Vec<E>,
}

impl<'a, E: Element> Reference<'a, E> {
    pub(super) fn new(program: &'a Program, numbers: &'a [E]) -> Reference<'a, E> {
        let totals = vec![0.0; program.layout.sum_count as usize];
        Reference { program, numbers, totals, partials: Vec::new(), sample: 0, memory: Vec::new() }
    }

    /// The memory after each sample.
    pub(super) fn tile(
        &mut self,
        columns: &[Vec<f64>],
        start: usize,
        samples: usize,
    ) -> Vec<Vec<E>> {
        self.partials = vec![vec![E::ZERO; E::LINE]; self.totals.len()];
        let memories = (0..samples)
            .map(|sample| {
                self.sample = sample;
                self.memory = self.numbers.to_vec();
                self.memory
                    .extend(columns.iter().map(|column| E::from_f64(column[start + sample])));
                self.memory.resize(self.program.layout.end as usize, E::from_f64(f64::NAN));
                self.run();
                self.memory.clone()
            })
            .collect();
        for (total, partials) in self.totals.iter_mut().zip(&self.partials) {
            *total += fold(partials).to_f64();
        }
        memories
    }

    fn run(&mut self) {
        self.part(0..self.program.sample.instructions.len(), &[]);
    }

    fn part(&mut self, range: Range<usize>, around: &[Turn]) {
        let code = &self.program.sample;
        let mut turns = around.to_vec();
        let mut next = range.start;
        while next < range.end {
            let instruction = &code.instructions[next];
            next += 1;
            match instruction.action {
                Action::Loop => {
                    let Loop { iterations, first_step, .. } = code.loops[instruction.x as usize];
                    let body = code.body(instruction.x, next);
                    for iteration in 0..iterations {
                        let inner = Turn { iteration, next_step: first_step };
                        self.part(next..next + body.len(), &[turns.as_slice(), &[inner]].concat());
                    }
                    next += body.len();
                    turns.iter_mut().for_each(|turn| turn.next_step += code.places(body));
                }
                Action::Block => {
                    let moved = code.moved_block(&mut turns);
                    self.block(instruction.x as usize, moved);
                }
                _ => {
                    let target = code.moved(instruction.target, &mut turns);
                    let operands = code.operands(instruction).into_iter();
                    let operands: Vec<u32> =
                        operands.map(|address| code.moved(address, &mut turns)).collect();
                    self.instruction(instruction, target, &operands);
                }
            }
        }
    }

    fn instruction(&mut self, instruction: &Instruction, target: u32, operands: &[u32]) {
        let x: Vec<E> = operands.iter().map(|&address| self.memory[address as usize]).collect();
        let value = match instruction.action {
            Action::Op(op) => value(op, &x),
            Action::Copy => x[0],
            Action::MultiplyAdd => x[0].fused(x[1], x[2]),
            Action::NegativeMultiplyAdd => (-x[0]).fused(x[1], x[2]),
            Action::MultiplySubtract => x[0].fused(x[1], -x[2]),
            Action::SigmoidSlope => x[0] * (x[1] * (E::ONE - x[1])),
            Action::TanhSlope => x[0] * (E::ONE - x[1] * x[1]),
            Action::Dot => dot(&x),
            Action::Total => {
                let sum = (target - self.program.layout.sums) as usize;
                let partial = &mut self.partials[sum][self.sample % E::LINE];
                *partial = *partial + x[0];
                return;
            }
            Action::OuterTotal => return self.outer(instruction.x as usize),
            Action::Block | Action::Loop => unreachable!("run by `part`"),
        };
        self.memory[target as usize] = value;
    }

    fn block(&mut self, index: usize, moved: Moved) {
        let at = |address: u32, by: u32| address.wrapping_add(by) as usize;
        let block = &self.program.sample.blocks[index];
        for (row, &target) in block.targets.iter().enumerate() {
            let pairs: Vec<E> = (0..block.inputs.len())
                .flat_map(|k| {
                    let weight = block.weights.address(row, k, block.inputs.len());
                    let input = at(block.inputs[k], moved.inputs);
                    [self.memory[input], self.memory[at(weight, moved.weights)]]
                })
                .collect();
            self.memory[at(target, moved.targets)] = dot(&pairs);
        }
    }

    fn outer(&mut self, index: usize) {
        let outer = &self.program.sample.outers[index];
        let pairs =
            outer.rows.iter().flat_map(|row| outer.columns.iter().map(move |column| (row, column)));
        for (&sum, (&row, &column)) in outer.sums.iter().zip(pairs) {
            let (row, column) = (self.memory[row as usize], self.memory[column as usize]);
            let sum = (sum - self.program.layout.sums) as usize;
            let partial = &mut self.partials[sum][self.sample % E::LINE];
            *partial = row.fused(column, *partial);
        }
    }
}

/// Pairwise, the upper half to the lower.
fn fold<E: Element>(partials: &[E]) -> E {
    match partials {
        &[one] => one,
        _ => {
            let (lower, upper) = partials.split_at(partials.len() / 2);
            let sums: Vec<E> = lower.iter().zip(upper).map(|(&x, &y)| x + y).collect();
            fold(&sums)
        }
    }
}

/// The first product rounded, each further one added, rounded once.
fn dot<E: Element>(pairs: &[E]) -> E {
    let mut pairs = pairs.chunks_exact(2);
    let Some(first) = pairs.next() else { return E::ZERO };
    pairs.fold(first[0] * first[1], |sum, pair| pair[0].fused(pair[1], sum))
}

/// The operation in the element's precision: reductions step by step; of all others, the value for the widened operands,
/// rounded, which for arithmetic is the result of the element's own.
fn value<E: Element>(op: Op, x: &[E]) -> E {
    let wide: Vec<f64> = x.iter().map(|x| x.to_f64()).collect();
    let steps = |start: f64, step: fn(E, E) -> E, x: &[E]| {
        x.iter().copied().reduce(step).unwrap_or(E::from_f64(start))
    };
    match op {
        Op::Sum => steps(0.0, |x, y| x + y, x),
        Op::Product => steps(1.0, |x, y| x * y, x),
        Op::Mean => steps(0.0, |x, y| x + y, x) / E::from_f64(x.len() as f64),
        Op::Dot => {
            let products: Vec<E> = x.chunks_exact(2).map(|pair| pair[0] * pair[1]).collect();
            steps(0.0, |x, y| x + y, &products)
        }
        _ => E::from_f64(op.value(&wide)),
    }
}
