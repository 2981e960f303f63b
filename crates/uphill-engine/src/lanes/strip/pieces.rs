//! What of the code can become strips, and what is known of an instruction that can.

use std::ops::Range;

use uphill_graph::{Op, Pair};

use super::step::Operation;
use crate::code::{Action, Code, Instruction, Layout, Operands};

/// How many totals a strip has at most.
pub(in super::super) const MOST_SUMS: usize = 24;
/// How many instructions a strip has at most…
pub(super) const WINDOW: usize = 128;
/// …and how many terms a list of one of them.
pub(super) const TERMS: u32 = 16;
/// Larger outer totals have kernels of their own.
pub(super) const PRODUCTS: usize = 4;

/// A part of the code.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) instructions: Range<usize>,
    /// Whether it becomes a strip; else it is a loop with its body, or an instruction that is no step of a strip.
    pub(super) fits: bool,
}

pub(super) fn pieces(code: &Code, curves: bool) -> impl Iterator<Item = Piece> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = code.instructions.get(start)?;
        let mut end = start;
        let mut sums = 0;
        while let Some(instruction) = code.instructions.get(end) {
            sums += sums_of(code, instruction);
            if !fits(code, instruction, curves) || end - start == WINDOW || sums > MOST_SUMS {
                break;
            }
            end += 1;
        }
        let fits = end > start;
        if !fits {
            end += 1;
            if first.action == Action::Loop {
                end += code.loops[first.x as usize].length as usize;
            }
        }
        let instructions = start..end;
        start = end;
        Some(Piece { instructions, fits })
    })
}

/// How many sums an instruction adds to.
pub(super) fn sums_of(code: &Code, instruction: &Instruction) -> usize {
    match instruction.action {
        Action::Total => 1,
        Action::OuterTotal => code.outers[instruction.x as usize].sums.len(),
        _ => 0,
    }
}

/// Whether an instruction can be made of steps.
fn fits(code: &Code, instruction: &Instruction, curves: bool) -> bool {
    match instruction.action {
        Action::OuterTotal => (1..=PRODUCTS).contains(&sums_of(code, instruction)),
        Action::Op(Op::Sum | Op::Product) | Action::Dot => (1..=TERMS).contains(&instruction.y),
        Action::Copy | Action::Total => true,
        action => operation(action, curves).is_some(),
    }
}

/// The step that is the same as an action with one, two or three operands; elementary functions among them if `curves`.
pub(super) fn operation(action: Action, curves: bool) -> Option<Operation> {
    Some(match action {
        Action::Op(op) => match op {
            Op::Add => Operation::Add,
            Op::Sub => Operation::Sub,
            Op::Mul => Operation::Mul,
            Op::Div => Operation::Div,
            Op::Neg => Operation::Neg,
            Op::Recip => Operation::Recip,
            Op::Square => Operation::Square,
            Op::Sqrt => Operation::Sqrt,
            Op::Relu => Operation::Relu,
            Op::Abs => Operation::Abs,
            Op::Sign => Operation::Sign,
            Op::Min => Operation::Min,
            Op::Max => Operation::Max,
            Op::Clamp => Operation::Clamp,
            Op::Less => Operation::Less,
            Op::LessEqual => Operation::LessEqual,
            Op::Greater => Operation::Greater,
            Op::GreaterEqual => Operation::GreaterEqual,
            Op::Equal => Operation::Equal,
            Op::NotEqual => Operation::NotEqual,
            Op::Select => Operation::Select,
            // Any other function of one number: by its row.
            op if curves && Action::Op(op).operands() == Operands::Inline(1) => Operation::Curve,
            _ => return None,
        },
        Action::MultiplyAdd => Operation::MultiplyAdd,
        Action::NegativeMultiplyAdd => Operation::NegativeMultiplyAdd,
        Action::MultiplySubtract => Operation::MultiplySubtract,
        Action::SigmoidSlope => Operation::SigmoidSlope,
        Action::TanhSlope => Operation::TanhSlope,
        _ => return None,
    })
}

/// Of each instruction of a strip, whether it and the next are two functions of one number that are computed at once.
pub(super) fn couples(instructions: &[Instruction]) -> Vec<bool> {
    let mut couples = vec![false; instructions.len()];
    for position in 1..instructions.len() {
        let [one, other] = [&instructions[position - 1], &instructions[position]];
        let is_taken = position > 1 && couples[position - 2];
        let are_apart = one.target != other.target && one.target != one.x;
        let (Action::Op(first), Action::Op(second)) = (one.action, other.action) else { continue };
        couples[position - 1] = !is_taken
            && are_apart
            && one.x == other.x
            && matches!(first.beside(second), Some(Pair::OfOne(_)));
    }
    couples
}

/// The per-sample addresses that an instruction reads, each as often as it does.
pub(super) fn each_read(
    layout: &Layout,
    code: &Code,
    instruction: &Instruction,
    mut visit: impl FnMut(u32),
) {
    let mut visit = |address: u32| {
        if layout.is_per_sample(address) {
            visit(address);
        }
    };
    match instruction.action {
        Action::OuterTotal => {
            let outer = &code.outers[instruction.x as usize];
            outer.rows.iter().chain(&outer.columns).for_each(|&address| visit(address));
        }
        Action::Block => {
            code.blocks[instruction.x as usize].inputs.iter().for_each(|&address| visit(address));
        }
        _ => code.operands(instruction).into_iter().for_each(visit),
    }
}

/// The address that an instruction of a strip writes.
pub(super) fn written(instruction: &Instruction) -> Option<u32> {
    let totals = matches!(instruction.action, Action::Total | Action::OuterTotal);
    (!totals).then_some(instruction.target)
}

/// The place among its operands at which an instruction could take this value, if it can: first, second or third.
pub(super) fn takes(code: &Code, instruction: &Instruction, value: u32) -> Option<usize> {
    let Instruction { action, x, y, z, .. } = *instruction;
    let among = |operands: &[u32]| operands.iter().position(|&operand| operand == value);
    match action {
        Action::Op(Op::Sum | Op::Product) | Action::Dot => {
            let list = code.pool(instruction);
            // Of a single term there would be nothing left to do.
            if list.len() > 1 { among(&list[..2]) } else { None }
        }
        Action::OuterTotal => {
            let outer = &code.outers[x as usize];
            match (outer.rows.as_slice(), outer.columns.as_slice()) {
                (&[row], _) if row == value => Some(0),
                (_, &[column]) if column == value => Some(1),
                _ => None,
            }
        }
        Action::MultiplyAdd | Action::NegativeMultiplyAdd | Action::MultiplySubtract => {
            // Multiply-adds one after the other pass the sum along.
            if z == value { Some(2) } else { among(&[x, y]) }
        }
        Action::Op(Op::Select | Op::Clamp) => among(&[x]),
        Action::Copy => None,
        Action::Total => among(&[x]),
        _ => match action.operands() {
            Operands::Inline(count) => among(&[x, y][..count]),
            _ => None,
        },
    }
}
