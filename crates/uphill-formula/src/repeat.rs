//! `sum(i, 1..n, …)` and its like: loops.
//!
//! What is repeated is read once, with a counter that stands for all numbers of the range. Where that can't be — a range
//! ends at the counter of another one, an exponent or an order must be a number — it is written out, term by term. So
//! are short ranges, as people write them.

use uphill_graph::{Op, Scalar};

use crate::counter::{DEEPEST, each};
use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::functions::{self, Builtin};
use crate::members::State;
use crate::syntax::{Expression, Over};
use crate::tape::{self, Value};

/// Ranges of so many numbers are written out: a loop is no shorter.
pub(crate) const WRITTEN_OUT: usize = 8;

/// How far an evaluation is, to come back to.
struct Mark {
    path: usize,
    locals: usize,
    visible: usize,
    depth: usize,
    open: usize,
    members: usize,
}

/// What a loop makes of its terms.
enum Reduction {
    Sum,
    Mean,
    /// The operation on what has come so far and the next term.
    Fold(Op),
}

fn reduction(builtin: Builtin) -> Option<Reduction> {
    Some(match builtin {
        Builtin::Op(Op::Sum) => Reduction::Sum,
        Builtin::Op(Op::Mean) => Reduction::Mean,
        Builtin::Op(Op::Product) => Reduction::Fold(Op::Mul),
        Builtin::Op(Op::LogSumExp) => Reduction::Fold(Op::LogSumExp),
        Builtin::Fold(op) => Reduction::Fold(op),
        Builtin::Composed(composition) if composition.name == "norm" => Reduction::Fold(Op::Hypot),
        _ => return None,
    })
}

impl<'p> Evaluation<'p> {
    /// `sum(i, 1..5, …)`.
    pub(crate) fn over(&mut self, over: &'p Over, x: &'p Expression) -> Result<Value, Error> {
        let (from, to) = (self.expression(&over.from)?, self.expression(&over.to)?);
        let from = self.whole(from, &over.from, || "the start of a range".into())?;
        let to = self.whole(to, &over.to, || "the end of a range".into())?;
        let Some(builtin) = functions::reduction(&over.function) else {
            return Err(self.program.unknown_function(&over.function, &x.span));
        };
        let count = (to - from + 1.0).max(0.0) as usize;
        if count > WRITTEN_OUT
            && let Some(reduction) = reduction(builtin)
        {
            let attempt = |evaluation: &mut Self| {
                evaluation.looped(over, (from as i64, count), builtin, &reduction, x)
            };
            if let Some(value) = self.attempt(attempt)? {
                return Ok(value);
            }
        }
        self.charge(count, x)?;
        let mut values = Vec::with_capacity(count);
        for step in 0..count {
            values.push(self.term(over, Value::Known(from + step as f64))?);
        }
        match (builtin, values.as_slice()) {
            (Builtin::Op(Op::Sum), []) => Ok(Value::Known(0.0)),
            (Builtin::Op(Op::Product), []) => Ok(Value::Known(1.0)),
            (_, []) => {
                let range = format!("{from}..{to}");
                let place = self.program.source.place(&x.span, "");
                Err(Error::EmptyRange { range, reduction: over.function.clone(), place })
            }
            (Builtin::Op(Op::Sum | Op::Product | Op::Mean), [value]) => Ok(*value),
            (_, values) => self.builtin(builtin, values, x),
        }
    }

    fn term(&mut self, over: &'p Over, index: Value) -> Result<Value, Error> {
        self.locals.push((&over.index, index));
        let value = self.expression(&over.body)?;
        self.locals.pop();
        Ok(value)
    }

    /// What comes of it, or nothing if it must be written out: then all is as before, but for the operations that it took.
    pub(crate) fn attempt<T>(
        &mut self,
        attempt: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        if self.tape.open.len() > DEEPEST {
            return Ok(None);
        }
        let mark = Mark {
            path: self.path.len(),
            locals: self.locals.len(),
            visible: self.visible,
            depth: self.depth,
            open: self.tape.open.len(),
            members: self.open_members.len(),
        };
        match attempt(self) {
            Ok(value) => Ok(Some(value)),
            // Written out it would be larger still.
            Err(error @ Error::TooLarge { .. }) => Err(error),
            Err(_) => {
                for item in self.path.split_off(mark.path) {
                    self.states[item] = State::New;
                }
                for (item, entry) in self.open_members.split_off(mark.members) {
                    self.set_member(item, entry, State::New);
                }
                self.locals.truncate(mark.locals);
                self.tape.open.truncate(mark.open);
                (self.visible, self.depth) = (mark.visible, mark.depth);
                Ok(None)
            }
        }
    }

    /// As a loop. Errors may be no errors of the text: whoever calls this writes out what can't be a loop.
    fn looped(
        &mut self,
        over: &'p Over,
        (from, count): (i64, usize),
        builtin: Builtin,
        reduction: &Reduction,
        x: &'p Expression,
    ) -> Result<Value, Error> {
        self.charge_run(count, x)?;
        match reduction {
            Reduction::Sum | Reduction::Mean => {
                let counter = self.tape.begin(from, count);
                let term = self.term(over, counter)?;
                let own = self.tape.open.len() - 1;
                let reach = self.tape.reach(term);
                if reach.is_counted() && reach.depths().iter().all(|depth| *depth == own) {
                    let terms = self.numbers(term, x)?;
                    self.tape.open.pop();
                    return self.builtin(builtin, &terms, x);
                }
                let sum = self.tape.end_sum(term);
                match reduction {
                    Reduction::Mean => {
                        self.operation(Op::Div, &[sum, Value::Known(count as f64)], x)
                    }
                    _ => Ok(sum),
                }
            }
            Reduction::Fold(op) => {
                let first = self.term(over, Value::Known(from as f64))?;
                self.folded(over, (from + 1, count - 1), first, *op, x)
            }
        }
    }

    /// The operation on what has come so far and the next term, from a first value on.
    fn folded(
        &mut self,
        over: &'p Over,
        (from, count): (i64, usize),
        first: Value,
        op: Op,
        x: &'p Expression,
    ) -> Result<Value, Error> {
        let first_in_loop = self.tape.settle(first);
        let counter = self.tape.begin(from, count);
        let term = self.term(over, counter)?;
        let own = self.tape.open.len() - 1;
        let reach = self.tape.reach(term);
        if let Value::Known(first) = first
            && reach.is_counted()
            && reach.depths().iter().all(|depth| *depth == own)
        {
            let terms = self.numbers(term, x)?;
            self.tape.open.pop();
            let number = |value: &Value| match value {
                Value::Known(number) => *number,
                Value::Counted(_) | Value::Entry(_) | Value::Kept(..) => f64::NAN,
            };
            let value = terms.iter().fold(first, |x, y| f64::apply(op, &[x, number(y)]));
            return Ok(Value::Known(value));
        }
        let inside = self.tape.state(0);
        let next = self.operation(op, &[Value::Entry(inside), term], x)?;
        let state = tape::State { first: first_in_loop, inside, next };
        Ok(self.tape.end_states(vec![state], &[]).1[0])
    }

    /// The numbers that a value of the innermost counter alone has, in order.
    pub(crate) fn numbers(&mut self, value: Value, x: &Expression) -> Result<Vec<Value>, Error> {
        let counters = self.tape.counters();
        let own = counters.len() - 1;
        let steps = self.tape.steps(value).unwrap_or_default();
        self.charge_once(counters[own].count.saturating_mul(steps.len() + 1), x)?;
        let mut results = std::collections::HashMap::new();
        let mut numbers = Vec::with_capacity(counters[own].count);
        each(&counters, &[own], |now| {
            numbers.push(Value::Known(self.tape.number(value, &steps, now, &mut results)));
        });
        Ok(numbers)
    }
}
