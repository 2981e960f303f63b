//! What instructions touch, and how: addresses one by one, or by rule inside of a loop.

use crate::program::{Action, Block, Code, Instruction, Layout, Outer, Step, Weights};

/// Up to so many products a block or an outer total is written out.
const WRITTEN_OUT: usize = 24;

/// What is written in one go: an instruction, or a loop with its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit<'c> {
    One(&'c Instruction),
    Loop(u32, &'c [Instruction]),
}

/// The units of a list of instructions, in parts of some `length` statements, which become a function each.
pub(super) fn parts(code: &Code, length: usize) -> Vec<Vec<Unit<'_>>> {
    let mut parts = vec![Vec::new()];
    let mut size = 0;
    let mut rest = code.instructions.as_slice();
    while let Some((instruction, behind)) = rest.split_first() {
        rest = behind;
        let unit = if instruction.action == Action::Loop {
            let length = code.loops[instruction.x as usize].length as usize;
            let (body, behind) = rest.split_at(length);
            rest = behind;
            Unit::Loop(instruction.x, body)
        } else {
            Unit::One(instruction)
        };
        let own = match unit {
            Unit::One(instruction) => 1 + code.operands(instruction).len() / 4,
            Unit::Loop(_, body) => 1 + body.len(),
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

/// Addresses from `low` to `high`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) low: u32,
    pub(super) high: u32,
}

/// A rule for addresses inside of a loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    /// `first + index·step`, for so many.
    Even {
        first: u32,
        step: i64,
        count: usize,
    },
    /// `first + row·row_step + column·column_step`.
    Grid {
        first: u32,
        steps: [i64; 2],
        counts: [usize; 2],
    },
    Table(Vec<u32>),
}

impl Rule {
    /// The entries of a list, in order.
    pub(super) fn list(list: &[u32]) -> Rule {
        let step = match list {
            [] | [_] => 0,
            [first, second, ..] => i64::from(*second) - i64::from(*first),
        };
        let goes_on = |pair: &[u32]| i64::from(pair[1]) - i64::from(pair[0]) == step;
        match list.first() {
            Some(&first) if list.windows(2).all(goes_on) => {
                Rule::Even { first, step, count: list.len() }
            }
            _ => Rule::Table(list.to_vec()),
        }
    }

    /// An address in a loop's body.
    pub(super) fn step(code: &Code, address: u32, step: Step, iterations: u32) -> Rule {
        match step {
            Step::By(by) => {
                Rule::Even { first: address, step: by.into(), count: iterations as usize }
            }
            Step::Table(start) => {
                Rule::list(&code.pool[start as usize..(start + iterations) as usize])
            }
        }
    }

    /// The weights of a block.
    pub(super) fn weights(block: &Block) -> Rule {
        match &block.weights {
            &Weights::Affine { first, row_step, column_step } => Rule::Grid {
                first,
                steps: [row_step.into(), column_step.into()],
                counts: [block.targets.len(), block.inputs.len()],
            },
            Weights::Table(table) => Rule::list(table),
        }
    }

    /// All addresses, and those between. None for a rule of none.
    pub(super) fn span(&self) -> Option<Span> {
        let (low, high) = match self {
            Rule::Even { count: 0, .. } | Rule::Grid { counts: [0, _] | [_, 0], .. } => {
                return None;
            }
            &Rule::Even { first, step, count } => {
                let reach = step * (count as i64 - 1);
                (i64::from(first) + reach.min(0), i64::from(first) + reach.max(0))
            }
            &Rule::Grid { first, steps, counts } => {
                let reach = [0, 1].map(|k| steps[k] * (counts[k] as i64 - 1));
                let low = reach[0].min(0) + reach[1].min(0);
                let high = reach[0].max(0) + reach[1].max(0);
                (i64::from(first) + low, i64::from(first) + high)
            }
            Rule::Table(table) => {
                return Some(Span { low: *table.iter().min()?, high: *table.iter().max()? });
            }
        };
        Some(Span { low: low as u32, high: high as u32 })
    }

    /// Whether it reaches this address.
    pub(super) fn has(&self, address: u32) -> bool {
        match self {
            Rule::Table(table) => table.contains(&address),
            Rule::Even { .. } | Rule::Grid { .. } => {
                self.span().is_some_and(|span| (span.low..=span.high).contains(&address))
            }
        }
    }

    /// Whether the two may give one address in the same iteration, unless they are known to be apart.
    pub(super) fn may_meet(&self, other: &Rule) -> bool {
        match (self, other) {
            (Rule::Even { first, step, .. }, Rule::Even { first: f, step: s, .. }) if step == s => {
                first == f
            }
            _ => match (self.span(), other.span()) {
                (Some(one), Some(two)) => one.low <= two.high && two.low <= one.high,
                _ => false,
            },
        }
    }
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
            Unit::Loop(number, body) => all.repeated(code, number, body),
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

    fn repeated(&mut self, code: &Code, number: u32, body: &[Instruction]) {
        let repeat = code.loops[number as usize];
        let mut steps = code.steps[repeat.first_step as usize..].iter();
        for instruction in body {
            let target = steps.next().map(|&step| (true, instruction.target, step));
            let operands = code.operands(instruction);
            let operands = operands
                .iter()
                .filter_map(|&address| steps.next().map(|&step| (false, address, step)));
            for (is_target, address, step) in target.into_iter().chain(operands) {
                if is_target && instruction.action == Action::Total {
                    continue;
                }
                let rule = Rule::step(code, address, step, repeat.iterations);
                if !is_target && matches!(rule, Rule::Even { step: 0, .. }) {
                    self.reads.push(address);
                    continue;
                }
                let list = if is_target { &mut self.ruled_writes } else { &mut self.ruled_reads };
                list.push(rule);
            }
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
