//! Calls of the notation's functions: one operation, several, or the choice among arguments.

use uphill_graph::{Function, Inputs, Node, Op};

use crate::compositions::Composition;
use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::functions::Builtin;
use crate::syntax::Expression;
use crate::tape::Value;

impl Evaluation<'_> {
    pub(crate) fn builtin(
        &mut self,
        builtin: Builtin,
        values: &[Value],
        x: &Expression,
    ) -> Result<Value, Error> {
        match builtin {
            Builtin::Op(op) => self.operation(op, values, x),
            Builtin::Fold(op) => self.fold(op, values, x),
            Builtin::Logarithm => {
                let mut value = self.operation(Op::Ln, &values[..1], x)?;
                if let Some(base) = values.get(1) {
                    let base = self.operation(Op::Ln, &[*base], x)?;
                    value = self.operation(Op::Div, &[value, base], x)?;
                }
                Ok(value)
            }
            Builtin::Composed(composition) => self.composed(composition, values, x),
            Builtin::Softmax => self.softmax(values, x),
        }
    }

    /// The operations that the function is made of, one by one.
    fn composed(
        &mut self,
        composition: &Composition,
        values: &[Value],
        x: &Expression,
    ) -> Result<Value, Error> {
        let function =
            Function::record(Inputs::new().variables("x", values.len()), composition.code)?;
        let mut results: Vec<Value> = Vec::with_capacity(function.graph().len());
        for id in function.graph().ids() {
            let result = match function.graph().node(id) {
                Node::Input(position) => values[position],
                Node::Constant(number) => Value::Known(number),
                Node::Copy(of) => results[of.index()],
                // No composition has loops.
                Node::Result { .. } => Value::Known(f64::NAN),
                Node::Op(op, operands) => {
                    let operands: Vec<Value> =
                        operands.iter().map(|operand| results[operand.index()]).collect();
                    self.operation(op, &operands, x)?
                }
            };
            results.push(result);
        }
        Ok(results[function.outputs()[0].node.index()])
    }

    /// The sigmoid of what the chosen one is above all others together: so small shares and their slopes are exact.
    fn softmax(&mut self, values: &[Value], x: &Expression) -> Result<Value, Error> {
        let (choice, candidates) = (values[0], &values[1..]);
        let position = match choice {
            Value::Known(number) if (1..=candidates.len()).any(|k| k as f64 == number) => {
                number as usize - 1
            }
            _ => {
                let got = match choice {
                    Value::Known(number) => format!("got {number} of {}", candidates.len()),
                    Value::Counted(_) | Value::Entry(_) | Value::Kept(..) => {
                        "this depends on inputs".into()
                    }
                };
                let (what, expected) = (
                    "the first argument of `softmax`".into(),
                    "the number of one of the others, from 1",
                );
                let place = self.program.source.place(&x.span, "");
                return Err(Error::NotConstant { what, expected, got, place });
            }
        };
        let mut others = candidates.to_vec();
        let own = others.remove(position);
        let all_others = match others[..] {
            [] => return Ok(Value::Known(1.0)),
            [other] => other,
            _ => self.operation(Op::LogSumExp, &others, x)?,
        };
        let above = self.operation(Op::Sub, &[own, all_others], x)?;
        self.operation(Op::Sigmoid, &[above], x)
    }
}
