//! What machine code is to do with each result, found before it is made: whether it has to be in memory, and when
//! registers lose what they hold.
//!
//! A call of a Rust function may change all registers for numbers. So what is needed behind a call is stored once, when
//! it is computed, and read from memory; what is not needed there is never stored.

use uphill_graph::Pair;

use super::spots::outside_of_loops;
use crate::code::{
    Action, Code, Item, Layout, Nest, Operands, Outputs, Paths, Single, Spot, Weights,
    takes_few_instructions,
};

/// How many instructions go into one function.
pub(crate) const LENGTH: usize = 1000;
/// Up to how many instructions the slow and careful register allocator is used.
pub(super) const CAREFUL: usize = 600;
/// For how many instructions values are remembered in long code. The simple register allocator takes long for values that
/// live long, and spills them anyway.
const REMEMBERED: usize = 100;
/// Up to how many operands, an operation on a list is written out.
pub(super) const WRITTEN_OUT: usize = 192;
/// Up to how many outputs are written by machine code.
const OUTPUTS: usize = 64;

/// How a piece of code is called.
#[derive(Debug, Clone, Copy)]
pub(super) enum Use<'u> {
    /// `(memory, partial sums, lane)`: whoever reads a result finds it in memory.
    InMemory,
    /// `(memory, inputs, outputs)`: all that counts is the outputs.
    Whole(&'u Outputs),
}

/// See the module.
pub(super) struct Plan {
    notes: Vec<u8>,
    /// Where code is cut into functions: at loops or between instructions that are in none.
    pub(super) pieces: Vec<std::ops::Range<usize>>,
    /// Whether inputs are read where the caller has them, instead of in memory.
    pub(super) direct_inputs: bool,
    /// Whether machine code writes the outputs.
    pub(super) direct_outputs: bool,
}

const STORED: u8 = 1;
const FORGETS: u8 = 2;
const PAIRED: u8 = 4;

/// Moments of an instruction, in units of a fourth: operands are read, then a call may happen, then the result is there,
/// then the function may end.
const CALL: u64 = 1;
const RESULT: u64 = 2;
const CUT: u64 = 3;

impl Plan {
    pub(super) fn new(code: &Code, layout: &Layout, how: Use<'_>, pairs: bool) -> Plan {
        let count = code.instructions.len();
        let positions = outside_of_loops(code);
        let is_plain =
            |action| !matches!(action, Action::Loop | Action::Block | Action::OuterTotal);
        let is_straight = code.instructions.iter().all(|each| is_plain(each.action));
        let mut plan = Plan {
            notes: vec![0; count],
            pieces: pieces(&positions, count),
            direct_inputs: is_straight && matches!(how, Use::Whole(_)),
            direct_outputs: matches!(how, Use::Whole(outputs) if outputs.len() <= OUTPUTS),
        };
        if pairs {
            plan.pair(code, &positions);
        }
        plan.forget(code, &positions);
        match how {
            Use::InMemory => plan.notes.iter_mut().for_each(|note| *note |= STORED),
            Use::Whole(outputs) => plan.store(code, &positions, outputs, layout.per_call),
        }
        plan
    }

    fn has(&self, position: usize, what: u8) -> bool {
        self.notes[position] & what != 0
    }

    /// Whether the result has to be in memory.
    pub(super) fn is_stored(&self, position: usize) -> bool {
        self.has(position, STORED)
    }

    /// Whether registers lose what they hold, between the operands and the result.
    pub(super) fn forgets(&self, position: usize) -> bool {
        self.has(position, FORGETS)
    }

    /// Whether the instruction before has computed this one's result too.
    pub(super) fn is_second(&self, position: usize) -> bool {
        position > 0 && self.has(position - 1, PAIRED)
    }

    /// Whether this instruction and the next are computed by one call.
    pub(super) fn is_paired(&self, position: usize) -> bool {
        self.has(position, PAIRED)
    }

    fn pair(&mut self, code: &Code, positions: &[usize]) {
        let cuts: Vec<usize> = self.pieces.iter().map(|piece| piece.end).collect();
        for pair in positions.windows(2) {
            let [one, other] = [0, 1].map(|k| &code.instructions[pair[k]]);
            if other.action == Action::Loop
                || pair[1] != pair[0] + 1
                || cuts.binary_search(&pair[1]).is_ok()
                || one.target == other.x
            {
                continue;
            }
            self.note(code, pair[0], one.x == other.x);
        }
        for &position in positions {
            if code.instructions[position].action == Action::Loop {
                let mut paths = Paths::default();
                let nest = Nest::of(code, position, &mut paths);
                self.pair_in(code, &nest, &paths);
            }
        }
    }

    /// In the body of a loop.
    fn pair_in(&mut self, code: &Code, nest: &Nest, paths: &Paths) {
        for pair in nest.items.windows(2) {
            let [Item::Single(one), Item::Single(other)] = pair else { continue };
            let first = |single: &Single| single.operands.first().copied();
            if let (Some(x), Some(y)) = (first(one), first(other))
                && other.position == one.position + 1
                && !paths.may_meet(code, one.target, y, &nest.iterations)
            {
                self.note(code, one.position, x == y);
            }
        }
        for item in &nest.items {
            if let Item::Nest(inner) = item {
                self.pair_in(code, inner, paths);
            }
        }
    }

    /// Notes a pair, if these two instructions can be one: the second does not read what the first writes.
    fn note(&mut self, code: &Code, position: usize, is_same_number: bool) {
        let action = |position: usize| code.instructions[position].action;
        let are_fit = match (action(position), action(position + 1)) {
            (Action::Op(one), Action::Op(other)) => match one.beside(other) {
                Some(Pair::OfOne(_)) => is_same_number,
                Some(Pair::OfTwo(_)) => true,
                None => false,
            },
            _ => false,
        };
        let is_second = position > 0 && self.notes[position - 1] & PAIRED != 0;
        if are_fit && !is_second {
            self.notes[position] |= PAIRED;
        }
    }

    fn forget(&mut self, code: &Code, positions: &[usize]) {
        let careful = code.instructions.len() <= CAREFUL;
        for position in 0..code.instructions.len() {
            let instruction = &code.instructions[position];
            let count = match instruction.action.operands() {
                Operands::Pool => instruction.y as usize,
                Operands::Inline(count) => count,
                Operands::None => 0,
            };
            if calls_out(instruction.action, count) && !self.is_second(position) {
                self.notes[position] |= FORGETS;
            }
        }
        let mut remembered = 0;
        for &position in positions {
            remembered += 1;
            if !careful && remembered > REMEMBERED {
                self.notes[position] |= FORGETS;
            }
            if self.forgets(position) {
                remembered = 0;
            }
        }
    }

    /// Marks what has to be in memory: what is read after a moment at which registers lose what they hold.
    fn store(&mut self, code: &Code, positions: &[usize], outputs: &Outputs, end: u32) {
        let moment = |position: usize| position as u64 * 4;
        // By address: the last moment at which what is there now is read.
        let mut last_read = vec![0_u64; end as usize];
        let behind = if self.direct_outputs { moment(code.instructions.len()) } else { u64::MAX };
        outputs.call_addresses().for_each(|output| last_read[output as usize] = behind);
        let mut next_loss = u64::MAX - 1;
        let mut cuts: Vec<usize> = self.pieces.iter().map(|piece| piece.end).collect();
        cuts.pop();
        for (k, &position) in positions.iter().enumerate().rev() {
            let instruction = &code.instructions[position];
            let behind_it = positions.get(k + 1).copied().unwrap_or(code.instructions.len());
            if cuts.pop_if(|cut| *cut == behind_it).is_some() {
                next_loss = moment(position) + CUT;
            }
            let mut read = |address: u32, at: u64| {
                let last = &mut last_read[address as usize];
                *last = (*last).max(at);
            };
            match instruction.action {
                Action::Loop => {
                    let mut paths = Paths::default();
                    let nest = Nest::of(code, position, &mut paths);
                    each_read(code, &nest, &paths, &mut |at| read(at, moment(position) + RESULT));
                    next_loss = moment(position) + CALL;
                }
                Action::Block => {
                    let block = &code.blocks[instruction.x as usize];
                    let columns = block.inputs.len();
                    for row in 0..block.targets.len() {
                        for column in 0..columns {
                            let weight = block.weights.address(row, column, columns);
                            read(weight, moment(position) + RESULT);
                        }
                    }
                    block.inputs.iter().for_each(|&input| read(input, moment(position) + RESULT));
                    next_loss = moment(position) + CALL;
                }
                // In code of samples only.
                Action::Total | Action::OuterTotal => {}
                _ => {
                    let target = instruction.target as usize;
                    if next_loss < last_read[target] {
                        self.notes[position] |= STORED;
                    }
                    last_read[target] = 0;
                    if self.forgets(position) {
                        next_loss = moment(position) + CALL;
                    }
                    // The second of a pair has been computed with the first.
                    let when = position - usize::from(self.is_second(position));
                    for &operand in &code.operands(instruction) {
                        let last = &mut last_read[operand as usize];
                        *last = (*last).max(moment(when));
                    }
                }
            }
        }
    }
}

/// The addresses whose numbers a nest may need, at least: those that it reads, and those whose registers it fills first.
fn each_read(code: &Code, nest: &Nest, paths: &Paths, visit: &mut dyn FnMut(u32)) {
    nest.each(&mut |single, iterations| {
        if single.instruction.action != Action::Block {
            for &spot in single.operands.iter().chain([&single.target]) {
                paths.each(code, spot, iterations, &mut *visit);
            }
            return;
        }
        let block = &code.blocks[single.instruction.x as usize];
        let [inputs, weights] = [0, 1].map(|k| single.operands[k]);
        for &address in &block.inputs {
            paths.each(code, Spot { address, ..inputs }, iterations, &mut *visit);
        }
        let (rows, columns) = (block.targets.len(), block.inputs.len());
        match &block.weights {
            Weights::Table(table) => table.iter().for_each(|&address| visit(address)),
            Weights::Affine { .. } if rows * columns == 0 => {}
            &Weights::Affine { first, row_step, column_step } => {
                let reach = paths.get(weights.path).reach(code, iterations);
                let reach = reach.and(row_step.into(), rows as u32);
                let reach = reach.and(column_step.into(), columns as u32);
                let first = i64::from(first);
                (first + reach.low..=first + reach.high).for_each(|address| visit(address as u32));
            }
        }
    });
}

/// Cuts code where no loop is cut.
fn pieces(positions: &[usize], count: usize) -> Vec<std::ops::Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for position in positions.iter().skip(1).copied().chain([count]) {
        if position - start >= LENGTH || position == count && start < position {
            pieces.push(start..position);
            start = position;
        }
    }
    pieces
}

/// Whether an action on so many operands is a call.
fn calls_out(action: Action, count: usize) -> bool {
    match action {
        Action::Op(op) => count > WRITTEN_OUT || !takes_few_instructions(op),
        Action::Block | Action::OuterTotal | Action::Loop => true,
        Action::Copy
        | Action::MultiplyAdd
        | Action::NegativeMultiplyAdd
        | Action::MultiplySubtract
        | Action::SigmoidSlope
        | Action::TanhSlope
        | Action::Dot
        | Action::Total => false,
    }
}
