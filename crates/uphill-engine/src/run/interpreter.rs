//! The reference: one instruction after the other, one number at a time. All other backends have its bits.

use std::ops::Range;

use smallvec::SmallVec;

use crate::code::{Action, Block, Code, Instruction, Moved, Partials, Turn};

/// Where totals go: the address of the first sum, their partials, and which of the eight the sample adds to.
pub(crate) struct Sums<'m> {
    pub(crate) first: u32,
    pub(crate) partials: &'m mut [Partials],
    pub(crate) lane: usize,
}

impl Sums<'_> {
    fn partial(&mut self, address: u32) -> &mut f64 {
        &mut self.partials[(address - self.first) as usize][self.lane]
    }
}

/// Runs code over a slice of memory. `sums` is needed by code of samples only.
pub(crate) fn run(code: &Code, memory: &mut [f64], sums: &mut Sums<'_>) {
    part(code, 0..code.instructions.len(), &mut [], memory, sums);
}

/// Some instructions, in these turns of the loops around them.
fn part(
    code: &Code,
    range: Range<usize>,
    turns: &mut [Turn],
    memory: &mut [f64],
    sums: &mut Sums<'_>,
) {
    let mut position = range.start;
    while position < range.end {
        let instruction = &code.instructions[position];
        position += 1;
        if instruction.action == Action::Loop {
            let repeat = code.loops[instruction.x as usize];
            let body = position..position + repeat.length as usize;
            position = body.end;
            let next_step = repeat.first_step;
            let mut inner: SmallVec<[Turn; 4]> = SmallVec::new();
            for iteration in 0..repeat.iterations {
                inner.clear();
                inner.extend_from_slice(turns);
                inner.push(Turn { iteration, next_step });
                part(code, body.clone(), &mut inner, memory, sums);
            }
            let places = code.places(&code.instructions[body]);
            turns.iter_mut().for_each(|turn| turn.next_step += places);
        } else if instruction.action == Action::Block {
            block(&code.blocks[instruction.x as usize], code.moved_block(turns), memory);
        } else {
            let target = code.moved(instruction.target, turns);
            let operands = code.operands(instruction).into_iter();
            let operands: SmallVec<[u32; 4]> = operands.map(|at| code.moved(at, turns)).collect();
            step(code, instruction, target, &operands, memory, sums);
        }
    }
}

fn step(
    code: &Code,
    instruction: &Instruction,
    target: u32,
    operands: &[u32],
    memory: &mut [f64],
    sums: &mut Sums<'_>,
) {
    let x: SmallVec<[f64; 8]> = operands.iter().map(|&at| memory[at as usize]).collect();
    let value = match instruction.action {
        Action::Op(op) => op.value(&x),
        Action::Copy => x[0],
        Action::MultiplyAdd => x[0].mul_add(x[1], x[2]),
        Action::NegativeMultiplyAdd => (-x[0]).mul_add(x[1], x[2]),
        Action::MultiplySubtract => x[0].mul_add(x[1], -x[2]),
        Action::SigmoidSlope => x[0] * (x[1] * (1.0 - x[1])),
        Action::TanhSlope => x[0] * (1.0 - x[1] * x[1]),
        Action::Dot => dot(x.chunks_exact(2).map(|pair| (pair[0], pair[1]))),
        Action::Total => {
            *sums.partial(target) += x[0];
            return;
        }
        Action::OuterTotal => {
            let outer = &code.outers[instruction.x as usize];
            let mut addresses = outer.sums.iter();
            for &row in &outer.rows {
                for (&column, &sum) in outer.columns.iter().zip(&mut addresses) {
                    let partial = sums.partial(sum);
                    let (x, y) = (memory[row as usize], memory[column as usize]);
                    *partial = x.mul_add(y, *partial);
                }
            }
            return;
        }
        // Dealt with above.
        Action::Block | Action::Loop => return,
    };
    memory[target as usize] = value;
}

fn block(block: &Block, moved: Moved, memory: &mut [f64]) {
    let at = |address: u32, by: u32| address.wrapping_add(by) as usize;
    for (row, &target) in block.targets.iter().enumerate() {
        let count = block.inputs.len();
        let pairs = block.inputs.iter().enumerate().map(|(k, &input)| {
            let weight = block.weights.address(row, k, count);
            (memory[at(input, moved.inputs)], memory[at(weight, moved.weights)])
        });
        memory[at(target, moved.targets)] = dot(pairs);
    }
}

/// The first product rounded, each further one added, rounded once.
fn dot(mut pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let Some((x, y)) = pairs.next() else { return 0.0 };
    pairs.fold(x * y, |sum, (x, y)| x.mul_add(y, sum))
}
