//! Strong products as plain ones, watched: the few that meet an infinity are noticed afterwards.
//!
//! A strong product differs from a plain one only where the plain one is NaN. As a rule a NaN goes on to an output: through
//! sums, products and other arithmetic. Then machine code computes the plain product, which takes one instruction instead
//! of six, and the caller looks at the outputs: if one is NaN, the interpreter runs once more and is exact. What is found
//! here is for which products that holds: going backwards, from the outputs to what is noticed in them.

use std::collections::HashMap;

use uphill_graph::Op;

use super::spots::{Body, Spot, may_meet, outside_of_loops};
use crate::program::{Action, Code};

/// For each instruction, whether it may be computed with plain products; `None` if none may.
///
/// In code that selects, branches not taken meet infinities all the time: it is left as it is.
pub(super) fn watched(code: &Code, outputs: &[u32], end: u32) -> Option<Vec<bool>> {
    let actions = || code.instructions.iter().map(|instruction| instruction.action);
    if actions().any(|action| action == Action::Op(Op::Select)) || !actions().any(is_strong) {
        return None;
    }
    let mut plain = vec![false; code.instructions.len()];
    let mut noticed = Noticed { at: vec![0; end as usize], time: 1 };
    for &output in outputs {
        noticed.set(output, true);
    }
    for position in outside_of_loops(code).into_iter().rev() {
        match code.instructions[position].action {
            Action::Loop => looped(code, position, &mut noticed, &mut plain),
            _ => one(code, position, &mut noticed, &mut plain),
        }
    }
    plain.contains(&true).then_some(plain)
}

/// At which addresses a NaN is noticed, whatever else there is.
struct Noticed {
    /// The time of the latest change, if it is so; 0 if not.
    at: Vec<u32>,
    /// All that is older counts as 0.
    time: u32,
}

impl Noticed {
    fn get(&self, address: u32) -> bool {
        self.at[address as usize] == self.time
    }

    fn set(&mut self, address: u32, is: bool) {
        self.at[address as usize] = if is { self.time } else { 0 };
    }

    fn forget_all(&mut self) {
        self.time += 1;
    }
}

fn one(code: &Code, position: usize, noticed: &mut Noticed, plain: &mut [bool]) {
    let instruction = &code.instructions[position];
    if instruction.action == Action::Block {
        let block = &code.blocks[instruction.x as usize];
        let every = block.targets.iter().all(|&target| noticed.get(target));
        block.targets.iter().for_each(|&target| noticed.set(target, false));
        // A NaN on the right is skipped where the input is 0.
        if every {
            block.inputs.iter().for_each(|&input| noticed.set(input, true));
        }
        return;
    }
    let is_noticed = noticed.get(instruction.target);
    plain[position] = is_noticed && is_strong(instruction.action);
    noticed.set(instruction.target, false);
    if is_noticed && hands_on(instruction.action) {
        code.operands(instruction).iter().for_each(|&operand| noticed.set(operand, true));
    }
}

/// A loop: what holds for one iteration must hold for all.
fn looped(code: &Code, position: usize, noticed: &mut Noticed, plain: &mut [bool]) {
    let body = Body::of(code, position);
    if body.has_tables() || may_meet(&body) {
        noticed.forget_all();
        return;
    }
    // What is noticed behind an iteration: places that don't move, if the next one notices them and what follows does…
    let mut behind: HashMap<Spot, bool> = HashMap::new();
    for &(_, target, ref operands) in &body.instructions {
        for &spot in operands.iter().chain([&target]) {
            if let Spot::Even(address, 0) = spot {
                behind.insert(spot, noticed.get(address));
            }
        }
    }
    // …and what the next iteration reads of this one.
    let handed: Vec<(Spot, Spot)> = body.handed_on();
    for &(written, _) in &handed {
        let last = written.address_in(body.iterations - 1);
        behind.insert(written, last.is_some_and(|address| noticed.get(address)));
    }
    loop {
        let before = through(&body, behind.clone(), |_| {});
        let mut changed = false;
        for (spot, is) in &mut behind {
            let reader = handed.iter().find(|(written, _)| written == spot).map(|(_, read)| read);
            let next = before.get(reader.unwrap_or(spot)).copied().unwrap_or(false);
            changed |= *is && !next;
            *is &= next;
        }
        if !changed {
            break;
        }
    }
    let first = position + 1;
    let before = through(&body, behind, |k| plain[first + k] = true);
    for &(_, target, _) in &body.instructions {
        if let Spot::Even(_, by) = target
            && by != 0
        {
            let places = (0..body.iterations).filter_map(|iteration| target.address_in(iteration));
            places.for_each(|address| noticed.set(address, false));
        }
    }
    for (spot, is) in before {
        if let Spot::Even(address, 0) = spot {
            noticed.set(address, is);
        }
    }
}

/// What is noticed in front of an iteration; tells which strong products are.
fn through(
    body: &Body,
    mut noticed: HashMap<Spot, bool>,
    mut found: impl FnMut(usize),
) -> HashMap<Spot, bool> {
    for (k, (instruction, target, operands)) in body.instructions.iter().enumerate().rev() {
        let is_noticed = noticed.insert(*target, false).unwrap_or(false);
        if is_noticed && is_strong(instruction.action) {
            found(k);
        }
        if is_noticed && hands_on(instruction.action) {
            noticed.extend(operands.iter().map(|&operand| (operand, true)));
        }
    }
    noticed
}

/// Whether the action has strong products in it.
fn is_strong(action: Action) -> bool {
    matches!(
        action,
        Action::Op(Op::StrongProduct)
            | Action::StrongDot
            | Action::SigmoidSlope
            | Action::TanhSlope
    )
}

/// Whether the result is NaN if any operand is; strong products count as plain ones.
fn hands_on(action: Action) -> bool {
    match action {
        Action::Copy
        | Action::MultiplyAdd
        | Action::NegativeMultiplyAdd
        | Action::MultiplySubtract
        | Action::SigmoidSlope
        | Action::TanhSlope
        | Action::Dot
        | Action::StrongDot => true,
        // Others may, but for arithmetic it is certain.
        Action::Op(op) => matches!(
            op,
            Op::Add
                | Op::Sub
                | Op::Mul
                | Op::Div
                | Op::Neg
                | Op::Recip
                | Op::Square
                | Op::Sqrt
                | Op::Abs
                | Op::Sum
                | Op::Product
                | Op::Mean
                | Op::Dot
                | Op::StrongProduct
        ),
        Action::Block | Action::Total | Action::OuterTotal | Action::Loop => false,
    }
}
