//! What a formula computes, as a list of operations in which everything has been looked up.
//!
//! The text is computed once, when it is read, and so every error has a place. A function is then a copy of the part of
//! the tape that its outputs need.

use std::collections::BTreeMap;

use uphill_graph::{Function, Inputs, Op, Recorder, Scalar, Var};

use crate::error::Error;

/// A number that is known as the text is read, or one that depends on inputs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Known(f64),
    Entry(usize),
}

#[derive(Debug, Clone, Copy)]
enum Entry {
    /// The input of this number, in the order in which they were met.
    Input(usize),
    /// An operation, and where its operands begin; they end where the next entry's begin.
    Operation(Op, usize),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Tape {
    entries: Vec<Entry>,
    operands: Vec<Value>,
    names: BTreeMap<usize, String>,
    inputs: usize,
}

impl Tape {
    /// The next input.
    pub(crate) fn input(&mut self) -> Value {
        self.entries.push(Entry::Input(self.inputs));
        self.inputs += 1;
        Value::Entry(self.entries.len() - 1)
    }

    /// The operation on these operands; of numbers alone it is computed at once.
    ///
    /// The number of operands must fit, and those that must be constant must be numbers that the operation takes.
    pub(crate) fn apply(&mut self, op: Op, operands: &[Value]) -> Value {
        let numbers: Option<Vec<f64>> = operands
            .iter()
            .map(|operand| match operand {
                Value::Known(number) => Some(*number),
                Value::Entry(_) => None,
            })
            .collect();
        if let Some(numbers) = numbers {
            return Value::Known(op.value(&numbers));
        }
        self.entries.push(Entry::Operation(op, self.operands.len()));
        self.operands.extend_from_slice(operands);
        Value::Entry(self.entries.len() - 1)
    }

    /// Names the value of an operation; the first name stays.
    pub(crate) fn name(&mut self, value: Value, name: &str) {
        if let Value::Entry(entry) = value
            && matches!(self.entries[entry], Entry::Operation(..))
        {
            self.names.entry(entry).or_insert_with(|| name.to_owned());
        }
    }

    fn operands(&self, entry: usize) -> &[Value] {
        let Entry::Operation(_, begin) = self.entries[entry] else { return &[] };
        let later = self.entries[entry + 1..].iter().find_map(|later| match later {
            Entry::Operation(_, begin) => Some(*begin),
            Entry::Input(_) => None,
        });
        &self.operands[begin..later.unwrap_or(self.operands.len())]
    }

    /// The outputs as a function of the inputs. `positions` has the place of each input of the tape among them.
    pub(crate) fn function(
        &self,
        inputs: &Inputs,
        positions: &[usize],
        outputs: &[(&str, Value)],
    ) -> Result<Function, Error> {
        let mut needed = vec![false; self.entries.len()];
        for (_, value) in outputs {
            if let Value::Entry(entry) = value {
                needed[*entry] = true;
            }
        }
        for entry in (0..self.entries.len()).rev() {
            if needed[entry] {
                for operand in self.operands(entry) {
                    if let Value::Entry(operand) = operand {
                        needed[*operand] = true;
                    }
                }
            }
        }
        let recorder = Recorder::new();
        let variables = recorder.inputs(inputs.clone())?;
        let mut values: Vec<Option<Var<'_>>> = Vec::with_capacity(self.entries.len());
        let mut operands = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let value = needed[index].then(|| match *entry {
                Entry::Input(input) => variables[positions[input]],
                Entry::Operation(op, _) => {
                    operands.clear();
                    for operand in self.operands(index) {
                        operands.push(number(&values, *operand));
                    }
                    let value = Var::apply(op, &operands);
                    match self.names.get(&index) {
                        Some(name) => value.named(name),
                        None => value,
                    }
                }
            });
            values.push(value);
        }
        for (name, value) in outputs {
            recorder.output(*name, number(&values, *value));
        }
        Ok(recorder.finish()?)
    }
}

fn number<'r>(values: &[Option<Var<'r>>], value: Value) -> Var<'r> {
    match value {
        Value::Known(number) => Var::constant(number),
        // What is needed comes before what needs it.
        Value::Entry(entry) => values[entry].unwrap_or_else(|| Var::constant(f64::NAN)),
    }
}
