//! Every address of every instruction, looked at once: so that what runs a program need not look again.

use super::{Action, Code, Instruction, Layout, Operands, Place, Step, Weights};
use crate::error::Error;

/// Code whose addresses all lie in a memory of known size, whose lists lie in its pool and whose loops have bodies.
#[derive(Debug, Clone, PartialEq, Default)]
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
pub(crate) fn verify_layout(layout: &Layout, outputs: &[(String, Place)]) -> Result<(), Error> {
    let in_order = layout.constants.len() as u64 <= u64::from(layout.shared)
        && u64::from(layout.shared) + u64::from(layout.shared_count) <= u64::from(layout.sums)
        && u64::from(layout.sums) + u64::from(layout.sum_count) <= u64::from(layout.sample_count)
        && layout.sample_count < layout.per_call
        && u64::from(layout.per_call) + u64::from(layout.column_count) <= u64::from(layout.end);
    if !in_order {
        return Err(wrong("the parts of the memory overlap".into()));
    }
    for (name, place) in outputs {
        let fits = match *place {
            Place::PerCall(address) => address < layout.per_call,
            Place::PerSample(address) => (layout.per_call..layout.end).contains(&address),
        };
        if !fits {
            return Err(wrong(format!("output `{name}` lies at {place:?}")));
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

impl Check<'_> {
    fn all(&self) -> Result<(), Error> {
        let mut rest = self.code.instructions.as_slice();
        while let Some((instruction, behind)) = rest.split_first() {
            rest = behind;
            if instruction.action == Action::Loop {
                let body = self.body(instruction, rest)?;
                rest = &rest[body.len()..];
                self.repeated(instruction, body)?;
            } else {
                self.one(instruction)?;
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

    fn repeated(&self, instruction: &Instruction, body: &[Instruction]) -> Result<(), Error> {
        let repeat = self.code.loops[instruction.x as usize];
        let mut at = repeat.first_step as usize;
        for instruction in body {
            if matches!(instruction.action, Action::Loop | Action::Block | Action::OuterTotal) {
                return Err(wrong(format!("{:?} in a loop", instruction.action)));
            }
            self.arity(instruction)?;
            for (place, address) in
                [instruction.target].into_iter().chain(self.code.operands(instruction)).enumerate()
            {
                let step = *self
                    .code
                    .steps
                    .get(at)
                    .ok_or_else(|| wrong(format!("loop {instruction:?} lacks steps")))?;
                at += 1;
                let check = |address: u32| match place {
                    0 => self.target(instruction, address),
                    _ => self.reads(instruction, address),
                };
                match step {
                    Step::By(by) => {
                        let last = i64::from(by) * (i64::from(repeat.iterations) - 1);
                        let last = u32::try_from(i64::from(address) + last.max(i64::MIN / 2));
                        let outside = |_| wrong(format!("{instruction:?} runs out of the memory"));
                        if repeat.iterations > 0 {
                            check(address)?;
                            check(last.map_err(outside)?)?;
                        }
                    }
                    Step::Table(start) => {
                        let range = start as usize..start as usize + repeat.iterations as usize;
                        let table = self.code.pool.get(range);
                        let table =
                            table.ok_or_else(|| wrong("a table outside the pool".into()))?;
                        table.iter().try_for_each(|&address| check(address))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn one(&self, instruction: &Instruction) -> Result<(), Error> {
        match instruction.action {
            Action::Block => self.block(instruction),
            Action::OuterTotal => self.outer(instruction),
            _ => {
                self.arity(instruction)?;
                for address in self.code.operands(instruction) {
                    self.reads(instruction, address)?;
                }
                self.target(instruction, instruction.target)
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

    fn block(&self, instruction: &Instruction) -> Result<(), Error> {
        let block = self.code.blocks.get(instruction.x as usize);
        let block = block.ok_or_else(|| wrong(format!("no block {}", instruction.x)))?;
        let (rows, columns) = (block.targets.len(), block.inputs.len());
        for &input in &block.inputs {
            self.reads(instruction, input)?;
            if self.section == Section::PerSample && !self.layout.is_per_sample(input) {
                return Err(wrong(format!("a block reads input {input}, one number a call")));
            }
            if block.targets.contains(&input) {
                return Err(wrong(format!("a block writes its own input {input}")));
            }
        }
        for &target in &block.targets {
            self.target(instruction, target)?;
        }
        let weight = |address: i64| {
            if (0..i64::from(self.layout.per_call)).contains(&address) {
                return Ok(());
            }
            Err(wrong(format!("a block has a weight at {address}")))
        };
        match &block.weights {
            Weights::Table(table) if table.len() == rows * columns => {
                table.iter().try_for_each(|&address| weight(i64::from(address)))
            }
            Weights::Table(table) => {
                Err(wrong(format!("{} weights for {rows} rows of {columns}", table.len())))
            }
            &Weights::Affine { first, row_step, column_step } => {
                let row = i64::from(row_step) * (rows as i64 - 1);
                let column = i64::from(column_step) * (columns as i64 - 1);
                if rows * columns == 0 {
                    return Ok(());
                }
                [0, row, column, row + column]
                    .into_iter()
                    .try_for_each(|corner| weight(i64::from(first) + corner))
            }
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
