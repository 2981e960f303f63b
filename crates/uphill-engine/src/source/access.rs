//! What instructions touch, and how: addresses one by one, or by rule inside of a loop.

use super::rule::{Rule, Span};
use crate::code::{Action, Block, Code, Instruction, Layout, Nest, Outer, Paths, Single, Spot};

/// Up to so many products a block or an outer total is written out.
const WRITTEN_OUT: usize = 24;

/// What is written in one go: an instruction, or a loop with its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit<'c> {
    One(&'c Instruction),
    /// The position of a loop.
    Loop(usize),
}

/// The units of a list of instructions, in parts of some `length` statements, which become a function each.
pub(super) fn parts(code: &Code, length: usize) -> Vec<Vec<Unit<'_>>> {
    let mut parts = vec![Vec::new()];
    let mut size = 0;
    let mut next = 0;
    while let Some(instruction) = code.instructions.get(next) {
        let position = next;
        next += 1;
        let (unit, own) = if instruction.action == Action::Loop {
            let length = code.body(instruction.x, next).len();
            next += length;
            (Unit::Loop(position), 1 + length)
        } else {
            (Unit::One(instruction), 1 + code.operands(instruction).len() / 4)
        };
        if size > 0 && size + own > length {
            parts.push(Vec::new());
            size = 0;
        }
        size += own;
        if let Some(part) = parts.last_mut() {
            part.push(unit);
        }
    }
    parts
}

/// What a unit reads and writes.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Read by name.
    pub(super) reads: Vec<u32>,
    /// Written by name.
    pub(super) writes: Vec<u32>,
    /// Read by rule.
    pub(super) ruled_reads: Vec<Rule>,
    /// Written by rule.
    pub(super) ruled_writes: Vec<Rule>,
}

impl Touched {
    pub(super) fn by(code: &Code, unit: Unit<'_>) -> Touched {
        let mut all = Touched::default();
        match unit {
            Unit::One(instruction) => match instruction.action {
                Action::Block => all.block(&code.blocks[instruction.x as usize]),
                Action::OuterTotal => all.outer(&code.outers[instruction.x as usize]),
                Action::Total => all.reads.push(instruction.x),
                _ => {
                    all.reads.extend(code.operands(instruction));
                    all.writes.push(instruction.target);
                }
            },
            Unit::Loop(position) => all.nest(code, position),
        }
        all
    }

    fn block(&mut self, block: &Block) {
        let (rows, count) = (block.targets.len(), block.inputs.len());
        if is_written_out(rows, count) {
            self.reads.extend(&block.inputs);
            let weights = (0..rows).flat_map(|row| (0..count).map(move |k| (row, k)));
            self.reads.extend(weights.map(|(row, k)| block.weights.address(row, k, count)));
            self.writes.extend(&block.targets);
            return;
        }
        self.ruled_reads.extend([Rule::list(&block.inputs), Rule::weights(block)]);
        self.ruled_writes.push(Rule::list(&block.targets));
    }

    fn outer(&mut self, outer: &Outer) {
        if is_written_out(outer.rows.len(), outer.columns.len()) {
            self.reads.extend(outer.rows.iter().chain(&outer.columns));
            return;
        }
        self.ruled_reads.extend([Rule::list(&outer.rows), Rule::list(&outer.columns)]);
    }

    fn nest(&mut self, code: &Code, position: usize) {
        let mut paths = Paths::default();
        let nest = Nest::of(code, position, &mut paths);
        nest.each(&mut |single, iterations| {
            if single.instruction.action == Action::Block {
                let block = &code.blocks[single.instruction.x as usize];
                self.moved_block(code, &paths, single, block, iterations);
                return;
            }
            if single.instruction.action != Action::Total {
                self.ruled_writes.push(Rule::spot(code, &paths, single.target, iterations));
            }
            for &spot in &single.operands {
                self.spot(code, &paths, spot, iterations);
            }
        });
    }

    /// An operand in a loop.
    fn spot(&mut self, code: &Code, paths: &Paths, spot: Spot, iterations: &[u32]) {
        if spot.stays() {
            self.reads.push(spot.address);
        } else {
            self.ruled_reads.push(Rule::spot(code, paths, spot, iterations));
        }
    }

    fn moved_block(
        &mut self,
        code: &Code,
        paths: &Paths,
        single: &Single,
        block: &Block,
        iterations: &[u32],
    ) {
        let (rows, count) = (block.targets.len(), block.inputs.len());
        let [inputs, weights] = [0, 1].map(|k| single.operands[k]);
        let moved =
            |rule: Rule, spot: Spot| Rule::moved(rule, code, paths.get(spot.path), iterations);
        // What does not move is still written in each iteration, so it lies in memory.
        self.ruled_writes.push(moved(Rule::list(&block.targets), single.target));
        if !is_written_out(rows, count) {
            self.ruled_reads.push(moved(Rule::list(&block.inputs), inputs));
            self.ruled_reads.push(moved(Rule::weights(block), weights));
            return;
        }
        for &address in &block.inputs {
            self.spot(code, paths, Spot { address, ..inputs }, iterations);
        }
        for (row, k) in (0..rows).flat_map(|row| (0..count).map(move |k| (row, k))) {
            let address = block.weights.address(row, k, count);
            self.spot(code, paths, Spot { address, ..weights }, iterations);
        }
    }
}

/// Whether so many products are written one by one.
pub(super) fn is_written_out(rows: usize, columns: usize) -> bool {
    rows * columns <= WRITTEN_OUT
}

/// Where numbers are found by rule: each part of the addresses is an array of its own in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Region {
    /// Numbers known when the text is written.
    Constants,
    /// The inputs that are the same for all samples.
    Inputs,
    /// The columns of one sample.
    Row,
    /// All that is computed, and what a rule reads beside it.
    Memory,
}

impl Region {
    /// The region that has all addresses of a span.
    pub(super) fn of(layout: &Layout, span: Span) -> Region {
        let within = |start: u32, count: u32| span.low >= start && span.high < start + count;
        if (span.high as usize) < layout.constants.len() {
            Region::Constants
        } else if within(layout.shared, layout.shared_count) {
            Region::Inputs
        } else if within(layout.per_call, layout.column_count) {
            Region::Row
        } else {
            Region::Memory
        }
    }
}
