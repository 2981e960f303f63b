//! Every address of every instruction, looked at once: so that what runs a program need not look again.

use std::collections::HashSet;

use smallvec::SmallVec;

use super::instructions::{
    Action, Block, Code, DEEPEST, Instruction, Layout, Operands, Step, Weights,
};
use super::nest::{Reach, Trail};
use super::outputs::{Outputs, Place};
use crate::error::Error;

/// Code whose addresses all lie in a memory of known size, whose lists lie in its pool and whose loops have bodies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verified {
    code: Code,
    memory: usize,
}

impl Verified {
    pub(crate) fn code(&self) -> &Code {
        &self.code
    }

    /// How many numbers the memory must have.
    pub(crate) fn memory(&self) -> usize {
        self.memory
    }
}

impl std::ops::Deref for Verified {
    type Target = Code;

    fn deref(&self) -> &Code {
        &self.code
    }
}

/// Which code it is: what it may read and write depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    PerCall,
    PerSample,
}

/// Checks code against a layout.
pub(crate) fn verify(code: Code, layout: &Layout, section: Section) -> Result<Verified, Error> {
    let check = Check { code: &code, layout, section };
    check.all()?;
    let memory = match section {
        Section::PerCall => layout.per_call,
        Section::PerSample => layout.end,
    };
    Ok(Verified { code, memory: memory as usize })
}

/// Checks the parts of a layout against each other, and the places of outputs.
pub(crate) fn verify_layout(layout: &Layout, outputs: &Outputs) -> Result<(), Error> {
    let in_order = layout.constants.len() as u64 <= u64::from(layout.shared)
        && u64::from(layout.shared) + u64::from(layout.shared_count) <= u64::from(layout.sums)
        && u64::from(layout.sums) + u64::from(layout.sum_count) <= u64::from(layout.sample_count)
        && layout.sample_count < layout.per_call
        && u64::from(layout.per_call) + u64::from(layout.column_count) <= u64::from(layout.end);
    if !in_order {
        return Err(wrong("the parts of the memory overlap".into()));
    }
    for output in outputs.list() {
        let (Place::PerCall(first) | Place::PerSample(first)) = output.place;
        let last = first.checked_add(output.count - 1);
        let fits = last.is_some_and(|last| match output.place {
            Place::PerCall(_) => last < layout.per_call,
            Place::PerSample(_) => layout.is_per_sample(first) && last < layout.end,
        });
        if !fits {
            return Err(wrong(format!("output `{}` lies at {:?}", output.all(), output.place)));
        }
    }
    Ok(())
}

fn wrong(what: String) -> Error {
    Error::Invalid { what: format!("the program is broken: {what}") }
}

struct Check<'c> {
    code: &'c Code,
    layout: &'c Layout,
    section: Section,
}

/// An own address that goes so far. Sums wrap around: it may be an offset before the first address.
fn signed(address: u32, reach: Reach) -> i64 {
    let own = i64::from(address);
    if own.saturating_add(reach.low) > u32::MAX.into() { own - (1 << 32) } else { own }
}

/// The loops around an instruction.
#[derive(Debug, Clone, Default)]
struct Around {
    trail: Trail,
    iterations: SmallVec<[u32; 4]>,
}

impl Around {
    /// Whether what stands here runs at all.
    fn runs(&self) -> bool {
        !self.iterations.contains(&0)
    }
}

impl Check<'_> {
    fn all(&self) -> Result<(), Error> {
        self.part(&self.code.instructions, Around::default())
    }

    /// Instructions with the same loops around them.
    fn part(&self, instructions: &[Instruction], mut around: Around) -> Result<(), Error> {
        let mut rest = instructions;
        while let Some((instruction, behind)) = rest.split_first() {
            rest = behind;
            if instruction.action == Action::Loop {
                let body = self.body(instruction, rest)?;
                rest = &rest[body.len()..];
                let repeat = self.code.loops[instruction.x as usize];
                let mut inner = around.clone();
                inner.trail = around.trail.inner(repeat);
                inner.iterations.push(repeat.iterations);
                if inner.iterations.len() > DEEPEST {
                    return Err(wrong(format!("more than {DEEPEST} loops in one another")));
                }
                self.part(body, inner)?;
                around.trail.skip(self.code, body);
            } else {
                self.one(instruction, &mut around)?;
            }
        }
        Ok(())
    }

    fn body<'b>(
        &self,
        instruction: &Instruction,
        rest: &'b [Instruction],
    ) -> Result<&'b [Instruction], Error> {
        let repeat = self.code.loops.get(instruction.x as usize);
        let body = repeat.and_then(|repeat| rest.get(..repeat.length as usize));
        body.ok_or_else(|| wrong(format!("loop {} has no body", instruction.x)))
    }

    /// How far the next place of an instruction goes; if it never runs, nowhere.
    fn span(&self, instruction: &Instruction, around: &mut Around) -> Result<Reach, Error> {
        let (mut span, mut row) = (Reach::NONE, Reach::NONE);
        let runs = around.runs();
        for (next_step, &iterations) in around.trail.0.iter_mut().zip(&around.iterations) {
            let step = self.code.steps.get(*next_step as usize);
            let step = step.ok_or_else(|| wrong(format!("{instruction:?} lacks steps")))?;
            *next_step += 1;
            if !runs {
                continue;
            }
            match *step {
                Step::By(by) => span = span.and(by.into(), iterations),
                Step::Row(by) => row = row.and(by.into(), iterations),
                Step::Table(start) => {
                    let at = std::mem::take(&mut row).and(1, iterations);
                    let [low, high] = [at.low, at.high]
                        .map(|at| usize::try_from(at.saturating_add(start.into())));
                    let entries = match (low, high) {
                        (Ok(low), Ok(high)) => self.code.pool.get(low..=high),
                        _ => None,
                    };
                    let entries =
                        entries.ok_or_else(|| wrong("a table outside the pool".into()))?;
                    let entries = entries.iter().map(|&entry| i64::from(entry as i32));
                    span = span.plus(Reach::around(entries).unwrap_or_default());
                }
            }
        }
        if row == Reach::NONE {
            return Ok(span);
        }
        Err(wrong(format!("{instruction:?} has rows, and no table further in")))
    }

    /// Checks the lowest and the highest address.
    fn ends(
        &self,
        instruction: &Instruction,
        address: u32,
        span: Reach,
        check: impl Fn(u32) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let own = signed(address, span);
        for end in [span.low, span.high] {
            let end = u32::try_from(own.saturating_add(end));
            check(end.map_err(|_| wrong(format!("{instruction:?} runs out of the memory")))?)?;
        }
        Ok(())
    }

    fn one(&self, instruction: &Instruction, around: &mut Around) -> Result<(), Error> {
        match instruction.action {
            Action::Block => self.block(instruction, around),
            Action::OuterTotal if around.iterations.is_empty() => self.outer(instruction),
            Action::OuterTotal => Err(wrong("an outer total in a loop".into())),
            _ => {
                self.arity(instruction)?;
                let target = self.span(instruction, around)?;
                let runs = around.runs();
                if runs {
                    let check = |address| self.target(instruction, address);
                    self.ends(instruction, instruction.target, target, check)?;
                }
                for address in self.code.operands(instruction) {
                    let span = self.span(instruction, around)?;
                    if runs {
                        let check = |address| self.reads(instruction, address);
                        self.ends(instruction, address, span, check)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Whether the list lies in the pool and has a length that fits.
    fn arity(&self, instruction: &Instruction) -> Result<(), Error> {
        if instruction.action.operands() != Operands::Pool {
            return Ok(());
        }
        let end = u64::from(instruction.x) + u64::from(instruction.y);
        let fits = match instruction.action {
            Action::Op(op) => op.arity().accepts(instruction.y as usize),
            _ => instruction.y.is_multiple_of(2),
        };
        if fits && end <= self.code.pool.len() as u64 {
            return Ok(());
        }
        Err(wrong(format!("the operands of {instruction:?}")))
    }

    fn reads(&self, instruction: &Instruction, address: u32) -> Result<(), Error> {
        let end = match self.section {
            Section::PerCall => self.layout.per_call,
            Section::PerSample => self.layout.end,
        };
        if address < end {
            return Ok(());
        }
        Err(wrong(format!("{instruction:?} reads address {address} of {end}")))
    }

    fn target(&self, instruction: &Instruction, address: u32) -> Result<(), Error> {
        let layout = self.layout;
        let fits = match (self.section, instruction.action) {
            (Section::PerSample, Action::Total) => {
                (layout.sums..layout.sums + layout.sum_count).contains(&address)
            }
            (Section::PerCall, Action::Total) => false,
            (Section::PerCall, _) => {
                (layout.shared + layout.shared_count..layout.per_call).contains(&address)
            }
            (Section::PerSample, _) => {
                (layout.per_call + layout.column_count..layout.end).contains(&address)
            }
        };
        if fits {
            return Ok(());
        }
        Err(wrong(format!("{instruction:?} writes address {address}")))
    }

    fn block(&self, instruction: &Instruction, around: &mut Around) -> Result<(), Error> {
        let block = self.code.blocks.get(instruction.x as usize);
        let block = block.ok_or_else(|| wrong(format!("no block {}", instruction.x)))?;
        let (rows, columns) = (block.targets.len(), block.inputs.len());
        if let Weights::Table(table) = &block.weights
            && table.len() != rows * columns
        {
            return Err(wrong(format!("{} weights for {rows} rows of {columns}", table.len())));
        }
        let trail = around.trail.clone();
        let mut spans = [Reach::NONE; 3];
        for span in &mut spans {
            *span = self.span(instruction, around)?;
        }
        let [targets, inputs, weights] = spans;
        if !around.runs() {
            return Ok(());
        }
        for &input in &block.inputs {
            self.ends(instruction, input, inputs, |address| {
                self.reads_block(instruction, address)
            })?;
        }
        for &target in &block.targets {
            self.ends(instruction, target, targets, |address| self.target(instruction, address))?;
        }
        self.weights(block, weights)?;
        // What a block writes must not be what it reads: backends take several rows together.
        let written = (block.targets.as_slice(), targets);
        let inputs = (block.inputs.iter().copied(), inputs);
        let (columns, weight) = (block.inputs.len(), &block.weights);
        let all = (0..block.targets.len())
            .flat_map(move |row| (0..columns).map(move |k| weight.address(row, k, columns)));
        if self.is_apart(written, inputs, self.moves_alike(&trail, 1))
            && self.is_apart(written, (all, weights), self.moves_alike(&trail, 2))
        {
            return Ok(());
        }
        Err(wrong(format!("block {} may write what it reads", instruction.x)))
    }

    /// Whether a block's targets move as its inputs do, or its weights, by the steps from here on.
    fn moves_alike(&self, trail: &Trail, other: u32) -> bool {
        let step = |at: u32| self.code.steps.get(at as usize);
        trail.0.iter().all(|&next_step| step(next_step) == step(next_step + other))
    }

    /// Whether no address of one list ever is one of the other.
    fn is_apart(
        &self,
        (written, by): (&[u32], Reach),
        (read, read_by): (impl Iterator<Item = u32> + Clone, Reach),
        alike: bool,
    ) -> bool {
        let all = Reach::around(written.iter().map(|&address| signed(address, by)));
        let read_all = Reach::around(read.clone().map(|address| signed(address, read_by)));
        match (all, read_all) {
            (Some(all), Some(read_all)) if all.plus(by).meets(read_all.plus(read_by)) => {
                let written: HashSet<u32> = written.iter().copied().collect();
                alike && read.into_iter().all(|address| !written.contains(&address))
            }
            _ => true,
        }
    }

    fn reads_block(&self, instruction: &Instruction, address: u32) -> Result<(), Error> {
        self.reads(instruction, address)?;
        if self.section == Section::PerSample && !self.layout.is_per_sample(address) {
            return Err(wrong(format!("a block reads input {address}, one number a call")));
        }
        Ok(())
    }

    fn weights(&self, block: &Block, span: Reach) -> Result<(), Error> {
        let end = i64::from(self.layout.per_call);
        let own = match &block.weights {
            Weights::Table(table) => {
                if span != Reach::NONE {
                    return Err(wrong("a block has a table of weights, which moves".into()));
                }
                Reach::around(table.iter().map(|&address| i64::from(address)))
            }
            &Weights::Affine { first, row_step, column_step } => {
                let (rows, columns) = (block.targets.len() as u32, block.inputs.len() as u32);
                (rows > 0 && columns > 0).then(|| {
                    let own = Reach::NONE.and(row_step.into(), rows);
                    let own = own.and(column_step.into(), columns);
                    let first = signed(first, own.plus(span));
                    own.plus(Reach { low: first, high: first })
                })
            }
        };
        match own.map(|own| own.plus(span)) {
            Some(Reach { low, high }) if low < 0 || high >= end => {
                Err(wrong(format!("a block has weights from {low} to {high}")))
            }
            _ => Ok(()),
        }
    }

    fn outer(&self, instruction: &Instruction) -> Result<(), Error> {
        let outer = self.code.outers.get(instruction.x as usize);
        let outer = outer.ok_or_else(|| wrong(format!("no outer total {}", instruction.x)))?;
        if self.section == Section::PerCall
            || outer.sums.len() != outer.rows.len() * outer.columns.len()
        {
            return Err(wrong(format!("outer total {}", instruction.x)));
        }
        for &factor in outer.rows.iter().chain(&outer.columns) {
            self.reads(instruction, factor)?;
            if !self.layout.is_per_sample(factor) {
                return Err(wrong(format!("an outer total reads {factor}, one number a call")));
            }
        }
        let sums = self.layout.sums..self.layout.sums + self.layout.sum_count;
        match outer.sums.iter().find(|sum| !sums.contains(sum)) {
            Some(sum) => Err(wrong(format!("an outer total adds to {sum}"))),
            None => Ok(()),
        }
    }
}
