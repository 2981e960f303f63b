//! A program on its way: statements in order of evaluation, each with a value of its own, not yet in slots.
//!
//! Passes rewrite a draft and leave its values numbered as they are; what nobody needs any more is swept. Every draft
//! prints, so that one can see what a pass has done.

use std::sync::Arc;

use smallvec::SmallVec;
use uphill_graph::{Loop, Op};

use crate::code::Action;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Definition {
    Constant(f64),
    /// A shared input, by its position among these.
    Shared(u32),
    /// A column, by its position among these.
    Column(u32),
    /// A sum over samples, by its position: for code after the sums.
    Sum(u32),
    /// What samples add to at places of their own, by its position: for code after the sums.
    Target(u32),
    /// The number of samples: for code after the sums.
    SampleCount,
    /// The result of a statement; whether it differs from sample to sample.
    Computed {
        varying: bool,
    },
    /// An input of a loop's body.
    Fed {
        varying: bool,
    },
    /// A vector: so many values, one after the other.
    Vector {
        of: Source,
        length: u32,
        varying: bool,
    },
    /// The entry at a place of a vector.
    Entry {
        of: u32,
        place: u32,
        varying: bool,
    },
}

/// Where a vector comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Shared inputs, from this position among these on.
    Shared(u32),
    /// Columns, from this position among these on.
    Columns(u32),
    /// Sums over samples, from this position on.
    Sums(u32),
    /// What samples add to, from this position on.
    Targets(u32),
    /// Numbers: a list of the draft.
    Numbers(u32),
    /// A statement, or what is fed to a loop's body.
    Other,
}

impl Definition {
    pub(crate) fn is_varying(self) -> bool {
        match self {
            Definition::Column(_) => true,
            Definition::Computed { varying }
            | Definition::Fed { varying }
            | Definition::Vector { varying, .. }
            | Definition::Entry { varying, .. } => varying,
            Definition::Constant(_)
            | Definition::Shared(_)
            | Definition::Sum(_)
            | Definition::Target(_)
            | Definition::SampleCount => false,
        }
    }
}

/// One step: `value = action(pool[first .. first + count])`.
///
/// [`Action::Block`] and [`Action::OuterTotal`] have their operands in `blocks[first]` and `outers[first]`, and no value;
/// [`Action::Total`] has as value the position of its sum. [`Action::Loop`] is a loop or a vector put together: it has what
/// it reads in the pool, and what it gives in `wide[value]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Statement {
    pub(crate) action: Action,
    pub(crate) value: u32,
    pub(crate) first: u32,
    pub(crate) count: u32,
}

/// Dot products that share their left factors, as values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DraftBlock {
    pub(crate) inputs: Vec<u32>,
    pub(crate) results: Vec<u32>,
    /// Row after row.
    pub(crate) weights: Vec<u32>,
}

/// Products that are added up over all samples, as values and positions of sums.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DraftOuter {
    pub(crate) rows: Vec<u32>,
    pub(crate) columns: Vec<u32>,
    pub(crate) sums: Vec<u32>,
}

/// What gives more than one value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wide {
    /// A vector of the values that the statement reads.
    Vector {
        result: u32,
    },
    Loop(Box<DraftLoop>),
}

/// A loop with a draft of its body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DraftLoop {
    pub(crate) repeated: Arc<Loop>,
    pub(crate) body: Draft,
    /// The body's values for its inputs, and for its outputs.
    pub(crate) inputs: Vec<u32>,
    pub(crate) outputs: Vec<u32>,
    /// For each input the value outside at which its walk starts, or its first value; nothing for counters.
    pub(crate) operands: Vec<Option<u32>>,
    /// The values outside for the loop's results.
    pub(crate) results: Vec<u32>,
}

/// What an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// This value: one number a call, or one a sample.
    Value(u32),
    /// So many entries of a vector, from this one on.
    Entries { of: u32, first: u32, count: u32 },
    /// The sum over samples at this position.
    Sum(u32),
}

impl Output {
    /// The value or the vector that it is, or is of.
    pub(crate) fn value(self) -> Option<u32> {
        match self {
            Output::Value(value) | Output::Entries { of: value, .. } => Some(value),
            Output::Sum(_) => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Draft {
    pub(crate) definitions: Vec<Definition>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) pool: Vec<u32>,
    pub(crate) blocks: Vec<DraftBlock>,
    pub(crate) outers: Vec<DraftOuter>,
    pub(crate) wide: Vec<Wide>,
    pub(crate) numbers: Vec<Vec<f64>>,
    /// With their names; entries have that of their vector, in which they are counted from 0.
    pub(crate) outputs: Vec<(String, Output)>,
    pub(crate) sum_count: u32,
    one: Option<u32>,
    ones: Option<u32>,
}

pub(crate) type Values = SmallVec<[u32; 8]>;

impl Draft {
    pub(crate) fn operands(&self, statement: &Statement) -> &[u32] {
        &self.pool[statement.first as usize..(statement.first + statement.count) as usize]
    }

    /// All values that a statement reads; of an entry of a vector, the vector too, which must live as long.
    pub(crate) fn each_operand(&self, statement: &Statement, mut visit: impl FnMut(u32)) {
        let mut visit_all = |values: &[u32]| {
            for &value in values {
                visit(value);
                if let Definition::Entry { of, .. } = self.definitions[value as usize] {
                    visit(of);
                }
            }
        };
        match statement.action {
            Action::Block => {
                let block = &self.blocks[statement.first as usize];
                visit_all(&block.inputs);
                visit_all(&block.weights);
            }
            Action::OuterTotal => {
                let outer = &self.outers[statement.first as usize];
                visit_all(&outer.rows);
                visit_all(&outer.columns);
            }
            _ => visit_all(self.operands(statement)),
        }
    }

    /// All values that a statement gives.
    pub(crate) fn each_result(&self, statement: &Statement, mut visit: impl FnMut(u32)) {
        match statement.action {
            Action::Block => {
                self.blocks[statement.first as usize].results.iter().for_each(|&v| visit(v));
            }
            Action::OuterTotal | Action::Total => {}
            Action::Loop => match &self.wide[statement.value as usize] {
                Wide::Vector { result } => visit(*result),
                Wide::Loop(repeated) => repeated.results.iter().for_each(|&value| visit(value)),
            },
            _ => visit(statement.value),
        }
    }

    /// Whether a statement runs once a sample.
    pub(crate) fn is_varying(&self, statement: &Statement) -> bool {
        match statement.action {
            Action::OuterTotal | Action::Total => true,
            Action::Block => {
                let results = &self.blocks[statement.first as usize].results;
                self.definitions[results[0] as usize].is_varying()
            }
            Action::Loop => {
                let mut varying = false;
                self.each_result(statement, |value| {
                    varying |= self.definitions[value as usize].is_varying();
                });
                varying
            }
            _ => self.definitions[statement.value as usize].is_varying(),
        }
    }

    pub(crate) fn statement(&mut self, action: Action, value: u32, operands: &[u32]) -> Statement {
        let first = self.pool.len() as u32;
        self.pool.extend_from_slice(operands);
        Statement { action, value, first, count: operands.len() as u32 }
    }

    /// A new value, computed by a statement to come.
    pub(crate) fn new_value(&mut self, varying: bool) -> u32 {
        self.definitions.push(Definition::Computed { varying });
        self.definitions.len() as u32 - 1
    }

    /// The value 1.
    pub(crate) fn one(&mut self) -> u32 {
        *self.one.get_or_insert_with(|| {
            let known = self.definitions.iter().position(|d| *d == Definition::Constant(1.0));
            known.unwrap_or_else(|| {
                self.definitions.push(Definition::Constant(1.0));
                self.definitions.len() - 1
            }) as u32
        })
    }

    /// The value 1 as one number a sample; whoever uses it first adds the copy that gives it.
    pub(crate) fn ones(&mut self) -> u32 {
        match self.ones {
            Some(ones) => ones,
            None => {
                let ones = self.new_value(true);
                *self.ones.insert(ones)
            }
        }
    }

    /// The length of a value: 1, or of a vector.
    pub(crate) fn width(&self, value: u32) -> u32 {
        match self.definitions[value as usize] {
            Definition::Vector { length, .. } => length,
            _ => 1,
        }
    }

    /// Every loop, to run passes on its body.
    pub(crate) fn loops(&mut self) -> impl Iterator<Item = &mut DraftLoop> {
        self.wide.iter_mut().filter_map(|wide| match wide {
            Wide::Loop(repeated) => Some(&mut **repeated),
            Wide::Vector { .. } => None,
        })
    }

    /// The constant that a value is.
    pub(crate) fn constant(&self, value: u32) -> Option<f64> {
        match self.definitions[value as usize] {
            Definition::Constant(number) => Some(number),
            _ => None,
        }
    }

    /// How often each value is read, by statements and outputs.
    pub(crate) fn use_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.definitions.len()];
        for statement in &self.statements {
            self.each_operand(statement, |value| counts[value as usize] += 1);
        }
        for (_, output) in &self.outputs {
            if let Some(value) = output.value() {
                counts[value as usize] += 1;
            }
        }
        counts
    }

    /// For each value the statement that gives it, or its vector; or `u32::MAX`.
    pub(crate) fn givers(&self) -> Vec<u32> {
        let mut givers = vec![u32::MAX; self.definitions.len()];
        for (position, statement) in self.statements.iter().enumerate() {
            self.each_result(statement, |value| givers[value as usize] = position as u32);
        }
        for (value, definition) in self.definitions.iter().enumerate() {
            if let Definition::Entry { of, .. } = *definition {
                givers[value] = givers[of as usize];
            }
        }
        givers
    }

    /// Puts statements behind those with the positions given; several behind one keep their order.
    pub(crate) fn insert(&mut self, insertions: Vec<(u32, Statement)>) {
        let none = vec![false; self.statements.len()];
        self.relocate(insertions, &none);
    }

    /// Puts statements elsewhere: those that are marked are taken out, and are inserted again as [`Draft::insert`] does.
    pub(crate) fn relocate(&mut self, mut insertions: Vec<(u32, Statement)>, marked: &[bool]) {
        insertions.sort_by_key(|(at, _)| *at);
        let old = std::mem::take(&mut self.statements);
        self.statements.reserve_exact(old.len() + insertions.len());
        let mut insertions = insertions.into_iter().peekable();
        for (position, statement) in old.into_iter().enumerate() {
            if !marked[position] {
                self.statements.push(statement);
            }
            while let Some((_, next)) = insertions.next_if(|(at, _)| *at as usize <= position) {
                self.statements.push(next);
            }
        }
        self.statements.extend(insertions.map(|(_, statement)| statement));
    }

    /// Makes each entry among the outputs one by itself, which may become a sum.
    pub(crate) fn single_outputs(&mut self) {
        for (name, output) in std::mem::take(&mut self.outputs) {
            let Output::Entries { of, first, count } = output else {
                self.outputs.push((name, output));
                continue;
            };
            let varying = self.definitions[of as usize].is_varying();
            for k in 0..count {
                let entry = Definition::Entry { of, place: first + k, varying };
                self.definitions.push(entry);
                let value = Output::Value(self.definitions.len() as u32 - 1);
                self.outputs.push((format!("{name}[{k}]"), value));
            }
        }
    }

    /// Marks the values that outputs are, and the vectors that these are entries of.
    pub(crate) fn mark_outputs(&self, marked: &mut [bool]) {
        for (_, output) in &self.outputs {
            let Some(value) = output.value() else { continue };
            marked[value as usize] = true;
            if let Definition::Entry { of, .. } = self.definitions[value as usize] {
                marked[of as usize] = true;
            }
        }
    }

    /// Drops the statements that no output and no sum needs.
    pub(crate) fn sweep(&mut self) {
        let mut needed = vec![false; self.definitions.len()];
        self.mark_outputs(&mut needed);
        let mut keep = vec![true; self.statements.len()];
        for (position, statement) in self.statements.iter().enumerate().rev() {
            let mut wanted = matches!(statement.action, Action::Total | Action::OuterTotal);
            self.each_result(statement, |value| wanted |= needed[value as usize]);
            keep[position] = wanted;
            if wanted {
                self.each_operand(statement, |value| needed[value as usize] = true);
            }
        }
        let mut keep = keep.into_iter();
        self.statements.retain(|_| keep.next().unwrap_or(true));
    }
}

/// Whether an action is this operation of the table.
pub(crate) fn is(action: Action, op: Op) -> bool {
    action == Action::Op(op)
}
