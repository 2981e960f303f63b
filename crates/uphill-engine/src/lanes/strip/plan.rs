//! From instructions to strips: which instructions belong together, and which steps they take.
//!
//! Runs of instructions that have steps are cut into windows. Within one, `order` chooses what follows what; then each
//! instruction takes one of its operands from the value that is passed along, if that is it, and the rest from where
//! they lie. A result is kept if anything reads it from there: a later step, code behind the strip, or an output.

use std::collections::HashMap;
use std::ops::Range;

use uphill_graph::Op;

use super::super::elementary::{Curve, curve_for};
use super::super::set::InstructionSet;
use super::join::join;
use super::order::order;
use super::pieces::{
    PRODUCTS, Piece, TERMS, WINDOW, couples, each_read, operation, pieces, sums_of, takes, written,
};
use super::step::{Operation, Step, Strip, Strips, form};
use crate::code::{Action, Code, Instruction, Layout, Nest, Operands, Outer, Paths, Sampled, Spot};

impl Strips {
    /// Finds the strips of a program's sample code; with elementary functions in them, which is for `f64` alone, or
    /// without.
    ///
    /// # Panics
    ///
    /// If an instruction of a strip refers to an address that the layout doesn't have: a bug of the compiler's.
    pub(in super::super) fn of(set: InstructionSet, program: &dyn Sampled, curves: bool) -> Strips {
        let code = program.sample().code();
        let mut strips = Strips::default();
        strips.ops.reserve_exact(most_curves(code));
        strips.curves.reserve_exact(most_curves(code));
        let mut all = Vec::with_capacity(pieces(code, curves).count());
        all.extend(pieces(code, curves));
        strips.strips.reserve_exact(all.iter().filter(|piece| piece.fits).count());
        strips.sums.reserve_exact(sums(code));
        strips.steps.reserve_exact(room(code));
        let mut planner = Planner::new(program, &mut strips);
        // Backwards, since what is read later decides what is kept.
        for piece in all.into_iter().rev() {
            if piece.fits {
                planner.strip(piece.instructions);
            } else {
                planner.skip(piece.instructions);
            }
        }
        strips.strips.reverse();
        strips
            .curves
            .extend(strips.ops.iter().filter_map(|&(op, other)| curve_for(set, op, other)));
        assert_eq!(strips.curves.len(), strips.ops.len(), "a function of one number has a row");
        strips
    }

    /// The most that finding and keeping them takes.
    pub(in super::super) fn bytes(program: &dyn Sampled, curves: bool) -> usize {
        let code = program.sample().code();
        let (mut all, mut strips) = (0, 0);
        for piece in pieces(code, curves) {
            all += 1;
            strips += usize::from(piece.fits);
        }
        let kept = room(code) * size_of::<Step>()
            + strips * size_of::<Strip>()
            + sums(code) * size_of::<u32>()
            + most_curves(code) * (size_of::<Curve>() + size_of::<(Op, Option<Op>)>());
        // What lives where, and the tables of one window: what each instruction gives, reads, and waits for.
        let window = code.instructions.len().min(WINDOW);
        kept + all * size_of::<Piece>() + program.layout().per_sample() + window * TABLES
    }
}

/// Bytes for each instruction while the order is chosen.
const TABLES: usize = 1024;

/// More steps than all strips have.
fn room(code: &Code) -> usize {
    let steps = |each: &Instruction| match each.action {
        Action::OuterTotal => 2 * PRODUCTS,
        action if action.operands() == Operands::Pool => each.y.min(TERMS) as usize + 1,
        _ => 2,
    };
    code.instructions.iter().map(steps).sum()
}

/// At least as many as there are different curves.
fn most_curves(code: &Code) -> usize {
    let is_curve = |each: &&Instruction| operation(each.action, true) == Some(Operation::Curve);
    // Alone, or beside another one.
    code.instructions.iter().filter(is_curve).count().min(2 * Op::ALL.len())
}

/// More sums than all strips add to.
fn sums(code: &Code) -> usize {
    let sums = code.instructions.iter().map(|each| sums_of(code, each));
    sums.filter(|&sums| sums <= PRODUCTS).sum()
}

struct Planner<'p> {
    layout: &'p Layout,
    code: &'p Code,
    strips: &'p mut Strips,
    /// By vector: whether what it holds is read behind the code that is being looked at.
    live: Vec<bool>,
    /// Within a strip: the step that gave the value at an address.
    givers: HashMap<u32, usize>,
    /// The address whose value is passed along.
    value: Option<u32>,
}

impl<'p> Planner<'p> {
    fn new(program: &'p dyn Sampled, strips: &'p mut Strips) -> Planner<'p> {
        let layout = program.layout();
        let mut live = vec![false; layout.per_sample()];
        for address in program.kept() {
            live[(address - layout.per_call) as usize] = true;
        }
        let code = program.sample().code();
        Planner { layout, code, strips, live, givers: HashMap::new(), value: None }
    }

    /// Code that is no strip: in loops nothing is known to be overwritten.
    fn skip(&mut self, instructions: Range<usize>) {
        let (code, layout) = (self.code, self.layout);
        let first = &code.instructions[instructions.start];
        let mut mark = |address: u32, live: bool| {
            if layout.is_per_sample(address) {
                self.live[(address - layout.per_call) as usize] = live;
            }
        };
        if first.action == Action::Loop {
            let mut paths = Paths::default();
            let nest = Nest::of(code, instructions.start, &mut paths);
            nest.each(&mut |single, iterations| {
                if single.instruction.action == Action::Block {
                    let block = &code.blocks[single.instruction.x as usize];
                    for &address in &block.inputs {
                        let spot = Spot { address, ..single.operands[0] };
                        paths.each(code, spot, iterations, |address| mark(address, true));
                    }
                    return;
                }
                for &spot in &single.operands {
                    paths.each(code, spot, iterations, |address| mark(address, true));
                }
            });
            return;
        }
        match first.action {
            Action::Block => {
                let block = &code.blocks[first.x as usize];
                block.targets.iter().for_each(|&target| mark(target, false));
            }
            Action::Total | Action::OuterTotal => {}
            _ => mark(first.target, false),
        }
        each_read(layout, code, first, |address| mark(address, true));
    }

    fn strip(&mut self, range: Range<usize>) {
        let instructions = &self.code.instructions[range.clone()];
        self.givers.clear();
        self.value = None;
        let first_step = self.strips.steps.len();
        let first_sum = self.strips.sums.len();
        // Totals are added in the order of the code.
        let mut first_of: Vec<u32> = Vec::with_capacity(instructions.len());
        for instruction in instructions {
            first_of.push((self.strips.sums.len() - first_sum) as u32);
            self.sums(instruction);
        }
        let couples = couples(instructions);
        for position in order(self.layout, self.code, instructions, &couples) {
            match couples[position] {
                true => self.couple(&instructions[position], &instructions[position + 1]),
                false => self.instruction(&instructions[position], first_of[position]),
            }
        }
        for (&address, &giver) in &self.givers {
            if self.live[(address - self.layout.per_call) as usize] {
                self.strips.steps[giver].keep = true;
            }
        }
        join(&mut self.strips.steps, first_step);
        self.strips.strips.push(Strip {
            instructions: range,
            steps: first_step..self.strips.steps.len(),
            sums: first_sum..self.strips.sums.len(),
        });
        for instruction in instructions.iter().rev() {
            if let Some(target) = written(instruction) {
                self.live[(target - self.layout.per_call) as usize] = false;
            }
            each_read(self.layout, self.code, instruction, |address| {
                self.live[(address - self.layout.per_call) as usize] = true;
            });
        }
    }

    /// Notes the sums that an instruction adds to.
    fn sums(&mut self, instruction: &Instruction) {
        let outer;
        let addresses = match instruction.action {
            Action::Total => std::slice::from_ref(&instruction.target),
            Action::OuterTotal => {
                outer = &self.code.outers[instruction.x as usize];
                outer.sums.as_slice()
            }
            _ => return,
        };
        for &address in addresses {
            let sum = address.wrapping_sub(self.layout.sums);
            assert!(sum < self.layout.sum_count, "no sum at address {address}");
            self.strips.sums.push(sum);
        }
    }

    /// The steps of one instruction; `sum` is the first of its totals.
    fn instruction(&mut self, instruction: &Instruction, sum: u32) {
        let code = self.code;
        let Instruction { action, target, x, y, z } = *instruction;
        let place = self.value.and_then(|value| takes(code, instruction, value));
        match action {
            Action::Total => {
                self.value(place, x);
                self.total(Operation::Total, sum, 0);
                return;
            }
            Action::OuterTotal => {
                self.outer(&code.outers[x as usize], place, sum);
                return;
            }
            Action::Copy => self.step(Operation::Load, 0, &[x]),
            Action::Op(Op::Sum | Op::Product) => {
                let next =
                    if action == Action::Op(Op::Sum) { Operation::Add } else { Operation::Mul };
                let list = code.pool(instruction);
                let taken = place.unwrap_or(0);
                if list.len() == 1 {
                    self.step(Operation::Load, 0, list);
                } else {
                    self.value(place, list[taken]);
                }
                for (k, &term) in list.iter().enumerate() {
                    if k != taken {
                        self.step(next, 0, &[term]);
                    }
                }
            }
            Action::Dot => {
                let list = code.pool(instruction);
                let taken = self.taken(place, [list[0], list[1]]);
                self.value(place, list[taken]);
                self.step(Operation::Mul, last(taken == 1), &[list[1 - taken]]);
                for pair in list[2..].chunks_exact(2) {
                    self.step(Operation::MultiplyAdd, form::LAST, pair);
                }
            }
            Action::MultiplyAdd | Action::NegativeMultiplyAdd | Action::MultiplySubtract => {
                let Some(operation) = operation(action, true) else { return };
                match place {
                    Some(0) => self.step(operation, 0, &[y, z]),
                    // The factors can be exchanged: a sign comes out of either alike.
                    Some(1) => self.step(operation, 0, &[x, z]),
                    _ => {
                        self.value(place, z);
                        self.step(operation, form::LAST, &[x, y]);
                    }
                }
            }
            _ => {
                let Some(operation) = operation(action, true) else { return };
                let taken = match action.operands() {
                    Operands::Inline(2) => self.taken(place, [x, y]),
                    _ => 0,
                };
                self.value(place, [x, y][taken]);
                match action.operands() {
                    Operands::Inline(1) => self.step(operation, 0, &[]),
                    Operands::Inline(2) => {
                        self.step(operation, last(taken == 1), &[[y, x][taken]]);
                    }
                    _ => self.step(operation, 0, &[y, z]),
                }
            }
        }
        let giver = self.strips.steps.len() - 1;
        if let (Operation::Curve, Action::Op(op)) = (self.strips.steps[giver].operation, action) {
            self.strips.steps[giver].x = self.curve(op, None);
        }
        self.strips.steps[giver].target = self.vector(target);
        self.givers.insert(target, giver);
        self.value = Some(target);
    }

    /// Two functions of one number.
    fn couple(&mut self, one: &Instruction, other: &Instruction) {
        let (Action::Op(first), Action::Op(second)) = (one.action, other.action) else { return };
        let place = self.value.and_then(|value| takes(self.code, one, value));
        self.value(place, one.x);
        self.step(Operation::Curves, 0, &[]);
        let giver = self.strips.steps.len() - 1;
        self.strips.steps[giver].x = self.curve(first, Some(second));
        self.strips.steps[giver].target = self.vector(one.target);
        self.strips.steps[giver].y = self.vector(other.target);
        self.givers.insert(one.target, giver);
        self.givers.insert(other.target, giver);
        self.value = Some(other.target);
    }

    /// The number of an operation, or of two at once, among the curves.
    fn curve(&mut self, op: Op, other: Option<Op>) -> u32 {
        let known = self.strips.ops.iter().position(|&known| known == (op, other));
        known.unwrap_or_else(|| {
            self.strips.ops.push((op, other));
            self.strips.ops.len() - 1
        }) as u32
    }

    /// Which of two operands is passed along: at best a vector, which is loaded on the way.
    fn taken(&self, place: Option<usize>, [x, y]: [u32; 2]) -> usize {
        let is_vector = |address| self.layout.is_per_sample(address);
        place.unwrap_or(usize::from(is_vector(y) && !is_vector(x)))
    }

    /// The products of an outer total, row after row; one row or column is passed along.
    fn outer(&mut self, outer: &Outer, place: Option<usize>, sum: u32) {
        let columns = outer.columns.len();
        let by_column = place == Some(1) || place.is_none() && columns == 1 && outer.rows.len() > 1;
        let (outside, inside) =
            if by_column { (&outer.columns, &outer.rows) } else { (&outer.rows, &outer.columns) };
        for (i, &along) in outside.iter().enumerate() {
            self.value(place, along);
            for (j, &other) in inside.iter().enumerate() {
                let (row, column) = if by_column { (j, i) } else { (i, j) };
                self.total(Operation::TotalProduct, sum + (row * columns + column) as u32, 0);
                let x = self.operand(other);
                if let Some(step) = self.strips.steps.last_mut() {
                    (step.x, step.form) = (x, last(by_column));
                }
            }
        }
    }

    /// Sees to it that the value at an address is passed along, unless it is there already.
    fn value(&mut self, place: Option<usize>, address: u32) {
        if place.is_none() || self.value != Some(address) {
            self.step(Operation::Load, 0, &[address]);
            self.value = Some(address);
        }
    }

    fn step(&mut self, operation: Operation, mut form: u8, operands: &[u32]) {
        let mut places = [0; 2];
        for (k, &address) in operands.iter().enumerate() {
            if !self.layout.is_per_sample(address) {
                form |= [form::X, form::Y][k];
            }
            places[k] = self.operand(address);
        }
        let [x, y] = places;
        self.strips.steps.push(Step { operation, form, keep: false, target: 0, x, y });
    }

    fn total(&mut self, operation: Operation, target: u32, x: u32) {
        self.strips.steps.push(Step { operation, form: 0, keep: false, target, x, y: 0 });
    }

    /// Where a step finds what is at an address: it must have been kept there.
    fn operand(&mut self, address: u32) -> u32 {
        if !self.layout.is_per_sample(address) {
            return address;
        }
        if let Some(&giver) = self.givers.get(&address) {
            self.strips.steps[giver].keep = true;
        }
        self.vector(address)
    }

    fn vector(&self, address: u32) -> u32 {
        let index = address.wrapping_sub(self.layout.per_call);
        let exists = (index as usize) < self.layout.per_sample();
        assert!(exists, "no vector of lanes at address {address}");
        index
    }
}

fn last(last: bool) -> u8 {
    if last { form::LAST } else { 0 }
}
