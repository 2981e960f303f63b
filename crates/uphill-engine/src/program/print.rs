//! A program as text, one line an instruction, for people and for snapshots.

use std::fmt::{Display, Formatter, Result};

use super::Program;
use crate::code::{Action, Code, Instruction, Place, Step, Trail, Weights};

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
            for gather in &self.gathering.gathers {
                let (index, width) = (&self.gathering.indices[gather.index as usize], gather.width);
                let column = &self.names.columns[index.column as usize];
                let (first, last) = (gather.to as usize, (gather.to + width) as usize);
                let (of, to) = (&index.of, self.names.columns[first..last].join(", "));
                writeln!(f, "({to}) = row {column} of {of}")?;
            }
            self.section(f, &self.sample, "for each sample")?;
            self.section(f, &self.after, "then")?;
        }
        for scatter in &self.gathering.scatters {
            let (index, stride) = (&self.gathering.indices[scatter.index as usize], scatter.stride);
            let column = &self.names.columns[index.column as usize];
            let value = self.name(scatter.address);
            writeln!(f, "target[{} + {stride}*{column}] += {value}", scatter.first)?;
        }
        for output in self.outputs.list() {
            let (Place::PerCall(address) | Place::PerSample(address)) = output.place;
            let on = if output.count > 1 { " on" } else { "" };
            writeln!(f, "{} = {}{on}", output.all(), self.name(address))?;
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
            return self.names.shared.name(input);
        }
        if let Some(sum) = within(layout.sums, layout.sum_count) {
            return format!("sum{sum}");
        }
        if let Some(column) = within(layout.per_call, layout.column_count) {
            return self.names.columns[column].clone();
        }
        if let Some(target) = within(layout.targets, layout.target_count) {
            return format!("target{target}");
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
        self.part(f, code, &code.instructions, &mut Trail::default(), indent)
    }

    fn part(
        &self,
        f: &mut Formatter<'_>,
        code: &Code,
        instructions: &[Instruction],
        trail: &mut Trail,
        indent: &str,
    ) -> Result {
        let mut rest = instructions;
        while let Some((instruction, behind)) = rest.split_first() {
            rest = behind;
            write!(f, "{indent}")?;
            if instruction.action == Action::Loop {
                let repeat = code.loops[instruction.x as usize];
                writeln!(f, "{} times", repeat.iterations)?;
                let (body, behind) = rest.split_at(repeat.length as usize);
                self.part(f, code, body, &mut trail.inner(repeat), &format!("{indent}  "))?;
                trail.skip(code, body);
                rest = behind;
            } else {
                self.line(f, code, instruction, &mut || moves(code, trail))?;
            }
        }
        Ok(())
    }

    fn line(
        &self,
        f: &mut Formatter<'_>,
        code: &Code,
        instruction: &Instruction,
        moves: &mut dyn FnMut() -> String,
    ) -> Result {
        match instruction.action {
            Action::Block => {
                let block = &code.blocks[instruction.x as usize];
                let (rows, columns) = (block.targets.len(), block.inputs.len());
                let [by_targets, by_inputs, by_weights] = [moves(), moves(), moves()];
                let weights = match &block.weights {
                    Weights::Affine { first, row_step, column_step } => {
                        let first = format!("{}{by_weights}", self.name(*first));
                        format!("{first} on, {row_step:+} a row, {column_step:+} an input")
                    }
                    Weights::Table(_) => "a table".into(),
                };
                let (inputs, targets) = (self.list(&block.inputs), self.list(&block.targets));
                write!(f, "({targets}){by_targets} = {rows}×{columns} block, ")?;
                writeln!(f, "({inputs}){by_inputs} by {weights}")
            }
            Action::OuterTotal => {
                let outer = &code.outers[instruction.x as usize];
                let (rows, columns) = (self.list(&outer.rows), self.list(&outer.columns));
                writeln!(f, "({}) += ({rows}) × ({columns})", self.list(&outer.sums))
            }
            action => {
                let mut name = |address| self.name(address) + &moves();
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

/// How the next place moves: `[+4, +1]`, by 4 in each iteration of the outer loop and by 1 in each of the inner one.
fn moves(code: &Code, trail: &mut Trail) -> String {
    let mut moves = Vec::with_capacity(trail.0.len());
    let mut stays = true;
    for next_step in &mut trail.0 {
        let step = code.steps[*next_step as usize];
        *next_step += 1;
        stays &= step == Step::By(0);
        moves.push(match step {
            Step::By(0) => "0".into(),
            Step::By(by) => format!("{by:+}"),
            Step::Table(_) => "table".into(),
            Step::Row(by) => format!("row {by:+}"),
        });
    }
    if stays { String::new() } else { format!("[{}]", moves.join(", ")) }
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
