//! What of the code can become strips, and what is known of an instruction that can.

use std::ops::Range;

use uphill_graph::{Op, Pair};

use super::step::Operation;
use crate::code::{Action, Code, Instruction, Layout, Operands, Single};

/// How many totals a strip has at most.
pub(in super::super) const MOST_SUMS: usize = 24;
/// How many instructions a strip has at most.
pub(super) const WINDOW: usize = 128;
/// Larger outer totals have kernels of their own.
pub(super) const PRODUCTS: usize = 4;

/// How many of these instructions make a strip.
pub(super) fn together<'c>(
    code: &Code,
    instructions: impl Iterator<Item = &'c Instruction>,
) -> usize {
    let mut sums = 0;
    instructions
        .take(WINDOW)
        .take_while(|instruction| {
            sums += sums_of(code, instruction);
            fits(code, instruction) && sums <= MOST_SUMS
        })
        .count()
}

/// Parts of the code that stand in no loop; of those that are no strip, a loop with its body or another instruction.
pub(super) fn parts(code: &Code) -> impl Iterator<Item = (Range<usize>, bool)> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = code.instructions.get(start)?;
        let count = together(code, code.instructions[start..].iter());
        let own = match first.action {
            Action::Loop => 1 + code.loops[first.x as usize].length as usize,
            _ => count.max(1),
        };
        let part = start..start + own;
        start = part.end;
        Some((part, count > 0))
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
fn fits(code: &Code, instruction: &Instruction) -> bool {
    match instruction.action {
        Action::OuterTotal => (1..=PRODUCTS).contains(&sums_of(code, instruction)),
        action if is_list(action) => instruction.y > 0,
        Action::Copy | Action::Total => true,
        action => operation(action).is_some(),
    }
}

/// Whether an action goes from one term of a list to the next.
pub(super) fn is_list(action: Action) -> bool {
    matches!(action, Action::Op(Op::Sum | Op::Product | Op::Mean | Op::Dot) | Action::Dot)
}

/// The step that is the same as an action with one, two or three operands.
pub(super) fn operation(action: Action) -> Option<Operation> {
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
            // Any other function of one number or two: by its row.
            _ => match action.operands() {
                Operands::Inline(1) => Operation::Curve,
                Operands::Inline(2) => Operation::Surface,
                _ => return None,
            },
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
pub(super) fn couples(singles: &[Single]) -> Vec<bool> {
    let mut couples = vec![false; singles.len()];
    for position in 1..singles.len() {
        let [one, other] = [&singles[position - 1], &singles[position]];
        let is_taken = position > 1 && couples[position - 2];
        let actions = (one.instruction.action, other.instruction.action);
        let (Action::Op(first), Action::Op(second)) = actions else { continue };
        if !is_taken && matches!(first.beside(second), Some(Pair::OfOne(_))) {
            // Places that move in different ways may be one.
            let (x, target) = (one.operands[0], one.target);
            let are_apart = target.path == x.path && target.address != x.address;
            couples[position - 1] = are_apart && x == other.operands[0] && target != other.target;
        }
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
pub(super) fn takes<T: Copy + PartialEq>(
    code: &Code,
    instruction: &Instruction,
    operands: &[T],
    value: T,
    fixed: impl Fn(u32) -> T,
) -> Option<usize> {
    let among = |operands: &[T]| operands.iter().position(|&operand| operand == value);
    match instruction.action {
        // Of a single term there would be nothing left to do.
        action if is_list(action) => operands.get(..2).and_then(among),
        Action::OuterTotal => {
            let outer = &code.outers[instruction.x as usize];
            match (outer.rows.as_slice(), outer.columns.as_slice()) {
                (&[row], _) if fixed(row) == value => Some(0),
                (_, &[column]) if fixed(column) == value => Some(1),
                _ => None,
            }
        }
        Action::MultiplyAdd | Action::NegativeMultiplyAdd | Action::MultiplySubtract => {
            // Multiply-adds one after the other pass the sum along.
            if operands[2] == value { Some(2) } else { among(&operands[..2]) }
        }
        Action::Op(Op::Select | Op::Clamp) => among(&operands[..1]),
        Action::Copy => None,
        _ => among(operands),
    }
}
