//! A program as text, one line an instruction, for people and for snapshots.

use std::fmt::{Display, Formatter, Result};

use super::{Action, Code, Instruction, Place, Program, Step, Weights};

/// Constants and inputs by value and name; `r7` holds one number a call, `s7` one a sample.
///
/// ```text
/// for each sample
///   s0 = multiply_add(w1, x, w2)
///   s0 = sigmoid(s0)
///   sum0 += s0
/// P = sum0
/// ```
impl Display for Program {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.section(f, &self.before, if self.over_samples { "once" } else { "" })?;
        if self.over_samples {
            self.section(f, &self.sample, "for each sample")?;
            self.section(f, &self.after, "then")?;
        }
        for (name, place) in &self.outputs {
            let (Place::PerCall(address) | Place::PerSample(address)) = *place;
            writeln!(f, "{name} = {}", self.name(address))?;
        }
        Ok(())
    }
}

impl Program {
    /// What an address holds: a number, an input, a sum or a slot.
    fn name(&self, address: u32) -> String {
        let layout = &self.layout;
        if let Some(number) = layout.constants.get(address as usize) {
            return number.to_string();
        }
        let within = |start: u32, count: u32| {
            (start..start + count).contains(&address).then(|| (address - start) as usize)
        };
        if let Some(input) = within(layout.shared, layout.shared_count) {
            return self.names.shared[input].clone();
        }
        if let Some(sum) = within(layout.sums, layout.sum_count) {
            return format!("sum{sum}");
        }
        if let Some(column) = within(layout.per_call, layout.column_count) {
            return self.names.columns[column].clone();
        }
        if address == layout.sample_count {
            "samples".into()
        } else if layout.is_per_sample(address) {
            format!("s{}", address - layout.per_call - layout.column_count)
        } else {
            format!("r{}", address - layout.shared - layout.shared_count)
        }
    }

    fn section(&self, f: &mut Formatter<'_>, code: &Code, title: &str) -> Result {
        if code.instructions.is_empty() {
            return Ok(());
        }
        let indent = if title.is_empty() { "" } else { "  " };
        if !title.is_empty() {
            writeln!(f, "{title}")?;
        }
        let mut rest = code.instructions.as_slice();
        while let Some((instruction, behind)) = rest.split_first() {
            rest = behind;
            if instruction.action == Action::Loop {
                let repeat = code.loops[instruction.x as usize];
                writeln!(f, "{indent}{} times", repeat.iterations)?;
                let (body, behind) = rest.split_at(repeat.length as usize);
                let mut steps = code.steps[repeat.first_step as usize..].iter();
                for instruction in body {
                    let mut name = |address| {
                        self.name(address)
                            + &match steps.next() {
                                None | Some(Step::By(0)) => String::new(),
                                Some(Step::By(by)) => format!("[{by:+}]"),
                                Some(Step::Table(_)) => "[table]".into(),
                            }
                    };
                    write!(f, "{indent}  ")?;
                    self.line(f, code, instruction, &mut name)?;
                }
                rest = behind;
            } else {
                write!(f, "{indent}")?;
                self.line(f, code, instruction, &mut |address| self.name(address))?;
            }
        }
        Ok(())
    }

    fn line(
        &self,
        f: &mut Formatter<'_>,
        code: &Code,
        instruction: &Instruction,
        name: &mut dyn FnMut(u32) -> String,
    ) -> Result {
        match instruction.action {
            Action::Block => {
                let block = &code.blocks[instruction.x as usize];
                let (rows, columns) = (block.targets.len(), block.inputs.len());
                let weights = match &block.weights {
                    Weights::Affine { first, row_step, column_step } => {
                        let first = self.name(*first);
                        format!("{first} on, {row_step:+} a row, {column_step:+} an input")
                    }
                    Weights::Table(_) => "a table".into(),
                };
                let (inputs, targets) = (self.list(&block.inputs), self.list(&block.targets));
                writeln!(f, "({targets}) = {rows}×{columns} block, ({inputs}) by {weights}")
            }
            Action::OuterTotal => {
                let outer = &code.outers[instruction.x as usize];
                let (rows, columns) = (self.list(&outer.rows), self.list(&outer.columns));
                writeln!(f, "({}) += ({rows}) × ({columns})", self.list(&outer.sums))
            }
            action => {
                let target = name(instruction.target);
                let operands: Vec<String> =
                    code.operands(instruction).into_iter().map(name).collect();
                match action {
                    Action::Total => writeln!(f, "{target} += {}", operands[0]),
                    _ => writeln!(f, "{target} = {}({})", action.name(), operands.join(", ")),
                }
            }
        }
    }

    /// The first few names.
    fn list(&self, addresses: &[u32]) -> String {
        const SHOWN: usize = 4;
        let mut names: Vec<String> =
            addresses.iter().take(SHOWN).map(|&address| self.name(address)).collect();
        if addresses.len() > SHOWN {
            names.push("…".into());
        }
        names.join(", ")
    }
}

impl Action {
    /// The name in text.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Action::Op(op) => op.name(),
            Action::Copy => "copy",
            Action::MultiplyAdd => "multiply_add",
            Action::NegativeMultiplyAdd => "negative_multiply_add",
            Action::MultiplySubtract => "multiply_subtract",
            Action::SigmoidSlope => "sigmoid_slope",
            Action::TanhSlope => "tanh_slope",
            Action::Dot => "fused_dot",
            Action::Block => "block",
            Action::Total => "total",
            Action::OuterTotal => "outer_total",
            Action::Loop => "loop",
        }
    }
}
