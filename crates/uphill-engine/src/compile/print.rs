//! A draft as text, so that one can see what a pass has done.

use std::fmt::{Display, Formatter};

use super::draft::{Definition, Draft, Output, Wide};
use crate::code::Action;

/// One line a statement: `v12 = sigmoid(v3)`; per-sample values with an accent, `v12'`.
impl Display for Draft {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let name = |value: u32| match self.definitions[value as usize] {
            Definition::Constant(number) => format!("{number}"),
            Definition::Shared(position) => format!("w{position}"),
            Definition::Column(position) => format!("x{position}"),
            Definition::Sum(position) => format!("sum{position}"),
            Definition::Target(position) => format!("target{position}"),
            Definition::SampleCount => "samples".into(),
            Definition::Computed { varying: true } => format!("v{value}'"),
            Definition::Computed { varying: false } => format!("v{value}"),
            Definition::Fed { .. } => format!("i{value}"),
            Definition::Vector { length, .. } => format!("v{value}[0..{length}]"),
            Definition::Entry { of, place, .. } => format!("v{of}[{place}]"),
        };
        let list = |values: &[u32]| values.iter().map(|&v| name(v)).collect::<Vec<_>>().join(", ");
        for statement in &self.statements {
            match statement.action {
                Action::Block => {
                    let block = &self.blocks[statement.first as usize];
                    let (rows, inputs) = (block.results.len(), block.inputs.len());
                    writeln!(
                        f,
                        "({}) = {rows} dots with ({})",
                        list(&block.results),
                        list(&block.inputs)
                    )?;
                    for row in block.weights.chunks(inputs.max(1)) {
                        writeln!(f, "    · ({})", list(row))?;
                    }
                }
                Action::OuterTotal => {
                    let outer = &self.outers[statement.first as usize];
                    writeln!(f, "sums += ({}) × ({})", list(&outer.rows), list(&outer.columns))?;
                }
                Action::Loop => match &self.wide[statement.value as usize] {
                    Wide::Vector { result } => {
                        writeln!(f, "{} = ({})", name(*result), list(self.operands(statement)))?;
                    }
                    Wide::Loop(repeated) => {
                        let times = repeated.repeated.iterations();
                        let reads = list(self.operands(statement));
                        writeln!(
                            f,
                            "({}) = {times} times with ({reads})",
                            list(&repeated.results)
                        )?;
                        for line in repeated.body.to_string().lines() {
                            writeln!(f, "    {line}")?;
                        }
                    }
                },
                Action::Total => {
                    writeln!(f, "sum{} += {}", statement.value, list(self.operands(statement)))?;
                }
                action => {
                    let operands = list(self.operands(statement));
                    writeln!(f, "{} = {}({operands})", name(statement.value), action.name())?;
                }
            }
        }
        for (output, place) in &self.outputs {
            match place {
                Output::Value(value) => writeln!(f, "{output}: {}", name(*value))?,
                Output::Entries { of, first, count } => {
                    writeln!(f, "{output}[0..{count}]: v{of}[{first}..{}]", first + count)?;
                }
                Output::Sum(position) => writeln!(f, "{output}: sum{position}")?,
            }
        }
        Ok(())
    }
}
