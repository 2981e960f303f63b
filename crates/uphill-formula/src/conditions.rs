//! What a problem is subject to: limits of inputs, which are bounds, and limits of what is computed, which are constraints.
//!
//! A condition with ranges is a loop that keeps one number for each turn, or written out where it can't be one, as entries
//! are that are defined by their index. Several ranges are one loop over the list of all turns.

use uphill_graph::{Inputs, Op};

use crate::counter::Even;
use crate::dependence::{Depends, Roles};
use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::repeat::WRITTEN_OUT;
use crate::syntax::{Condition, Relation};
use crate::tape::{Entry, Spot, Value, Vector, Whole};

/// What a condition says.
pub(crate) enum Meaning {
    /// Each of these inputs lies between two numbers.
    Bounds(Vec<(Limited, f64, f64)>),
    /// All of what is computed lies between two numbers.
    Constraint(Whole, f64, f64),
}

/// An input that has limits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limited {
    /// As an entry of the tape.
    Entry(usize),
    /// By its position among declared inputs.
    Position(usize),
}

/// A side that no input changes: one number, or one for each turn.
#[derive(Debug, Clone)]
enum Fixed {
    One(f64),
    Each(Vec<f64>),
}

impl Fixed {
    fn of(numbers: Vec<f64>) -> Fixed {
        let same = numbers.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits());
        match numbers.first() {
            Some(&first) if same => Fixed::One(first),
            _ => Fixed::Each(numbers),
        }
    }

    fn at(&self, turn: usize) -> f64 {
        match self {
            Fixed::One(number) => *number,
            Fixed::Each(numbers) => numbers[turn],
        }
    }
}

/// What has limits: a side, or how much the first is above the second.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Side(usize),
    Difference,
}

/// A subject with its limits, and the side that the limit of a single one comes from.
struct Limits {
    subject: Subject,
    low: Fixed,
    high: Fixed,
    side: Option<usize>,
}

const LOWEST: Fixed = Fixed::One(f64::NEG_INFINITY);
const HIGHEST: Fixed = Fixed::One(f64::INFINITY);

impl<'p> Evaluation<'p> {
    /// Computes what a condition compares.
    pub(crate) fn condition(&mut self, condition: &'p Condition) -> Result<Meaning, Error> {
        if condition.ranges.is_empty() {
            let values = self.sides(condition)?;
            return self.written(condition, vec![values]);
        }
        let mut turns = Vec::new();
        self.turns(condition, &mut Vec::new(), &mut turns)?;
        self.family(condition, &turns)
    }

    fn family(&mut self, condition: &'p Condition, turns: &[Vec<f64>]) -> Result<Meaning, Error> {
        if let ([first, ..], [.., last], true) =
            (&condition.ranges[..], &condition.ranges[..], turns.is_empty())
        {
            let span = first.from.span.start..last.to.span.end;
            return Err(self.wrong(
                "the range is empty, and the constraint says nothing",
                span,
                "",
            ));
        }
        if turns.len() > WRITTEN_OUT
            && let Some(meaning) =
                self.attempt(|evaluation| evaluation.condition_looped(condition, turns))?
        {
            return Ok(meaning);
        }
        self.charge(turns.len(), &condition.sides[0])?;
        let mut values = Vec::with_capacity(turns.len());
        for turn in turns {
            let outside = self.locals.len();
            for (range, now) in condition.ranges.iter().zip(turn) {
                self.locals.push((&range.index.name, Value::Known(*now)));
            }
            values.push(self.sides(condition)?);
            self.locals.truncate(outside);
        }
        self.written(condition, values)
    }

    fn sides(&mut self, condition: &'p Condition) -> Result<Vec<Value>, Error> {
        condition.sides.iter().map(|side| self.expression(side)).collect()
    }

    /// The numbers of all counters, turn by turn. A range may end where the counter of one before it is.
    fn turns(
        &mut self,
        condition: &'p Condition,
        now: &mut Vec<f64>,
        turns: &mut Vec<Vec<f64>>,
    ) -> Result<(), Error> {
        let Some(range) = condition.ranges.get(now.len()) else {
            turns.push(now.clone());
            return Ok(());
        };
        let (from, to) = (self.expression(&range.from)?, self.expression(&range.to)?);
        let from = self.whole(from, &range.from, || "the start of a range".into())?;
        let to = self.whole(to, &range.to, || "the end of a range".into())?;
        let count = (to - from + 1.0).max(0.0) as usize;
        if turns.len().saturating_add(count) > self.limits.operations.saturating_mul(10) {
            let place = self.program.source.place(&condition.span(), "so many constraints");
            return Err(Error::TooLarge { limit: self.limits.operations, place });
        }
        // What a list of turns costs that is made for each turn of another one.
        self.charge(now.len().min(1) * count, &range.to)?;
        for step in 0..count {
            let number = from + step as f64;
            now.push(number);
            self.locals.push((&range.index.name, Value::Known(number)));
            self.turns(condition, now, turns)?;
            self.locals.pop();
            now.pop();
        }
        Ok(())
    }

    /// As a loop. Errors may be no errors of the text: whoever calls this writes out what can't be a loop.
    fn condition_looped(
        &mut self,
        condition: &'p Condition,
        turns: &[Vec<f64>],
    ) -> Result<Meaning, Error> {
        let several = condition.ranges.len() > 1;
        let from = if several { 0 } else { turns[0][0] as i64 };
        let counter = self.tape.begin(from, turns.len());
        self.charge_run(1, &condition.sides[0])?;
        let outside = self.locals.len();
        for (place, range) in condition.ranges.iter().enumerate() {
            let value = match several {
                false => counter,
                true => {
                    let numbers = turns.iter().map(|turn| Value::Known(turn[place])).collect();
                    self.tape.vectors.push(Vector::Values(numbers, 0));
                    let vector = self.tape.vectors.len() - 1;
                    self.tape.read(vector, Spot::Even(Even::counter(0)))
                }
            };
            self.locals.push((&range.index.name, value));
        }
        let values = self.sides(condition)?;
        self.locals.truncate(outside);
        let mut fixed = Vec::with_capacity(values.len());
        for (&value, side) in values.iter().zip(&condition.sides) {
            fixed.push(match value {
                Value::Known(number) => Some(Fixed::One(number)),
                _ if self.tape.reach(value).is_counted() => {
                    let numbers = self.numbers(value, side)?;
                    let number = |value: &Value| match value {
                        Value::Known(number) => *number,
                        _ => f64::NAN,
                    };
                    Some(Fixed::of(numbers.iter().map(number).collect()))
                }
                _ => None,
            });
        }
        let limits = self.limits_of(condition, &fixed, turns.len())?;
        if let Subject::Side(side) = limits.subject {
            self.check_varies(condition, [values[side]])?;
            if let Some(inputs) = self.inputs_read(values[side], from, turns.len()) {
                self.tape.open.pop();
                return Ok(bounds(inputs, &limits));
            }
        }
        let (value, low, high) = self.shifted(condition, &limits, &values)?;
        self.check_varies(condition, [value])?;
        let (number, _) = self.tape.end_states(Vec::new(), &[value]);
        self.tape.vectors.push(Vector::Kept(number, 0));
        Ok(Meaning::Constraint(Whole::Kept(self.tape.vectors.len() - 1), low, high))
    }

    /// From the sides of each turn, or of a condition without ranges.
    fn written(
        &mut self,
        condition: &'p Condition,
        turns: Vec<Vec<Value>>,
    ) -> Result<Meaning, Error> {
        let alone = condition.ranges.is_empty();
        let mut fixed = Vec::with_capacity(condition.sides.len());
        for side in 0..condition.sides.len() {
            let mut numbers = Some(Vec::with_capacity(turns.len()));
            for values in &turns {
                let number = match values[side] {
                    Value::Known(number) => Some(number),
                    value if alone => self.computed(value)?,
                    _ => None,
                };
                numbers = numbers.zip(number).map(|(mut numbers, number)| {
                    numbers.push(number);
                    numbers
                });
            }
            fixed.push(numbers.map(Fixed::of));
        }
        let limits = self.limits_of(condition, &fixed, turns.len())?;
        if let Subject::Side(side) = limits.subject {
            self.check_varies(condition, turns.iter().map(|values| values[side]))?;
            let input = |values: &Vec<Value>| match values[side] {
                Value::Entry(entry) if matches!(self.tape.entries[entry], Entry::Input) => {
                    Some(Limited::Entry(entry))
                }
                _ => None,
            };
            if let Some(inputs) = turns.iter().map(input).collect() {
                return Ok(bounds(inputs, &limits));
            }
        }
        let mut entries = Vec::with_capacity(turns.len());
        let (mut low, mut high) = (f64::NAN, f64::NAN);
        for values in &turns {
            let value;
            (value, low, high) = self.shifted(condition, &limits, values)?;
            entries.push(value);
        }
        self.check_varies(condition, entries.iter().copied())?;
        let whole = match entries[..] {
            [value] if alone => Whole::One(value),
            _ => Whole::Entries(entries),
        };
        Ok(Meaning::Constraint(whole, low, high))
    }

    /// Which side has limits, and which.
    fn limits_of(
        &self,
        condition: &Condition,
        fixed: &[Option<Fixed>],
        count: usize,
    ) -> Result<Limits, Error> {
        let span = condition.span();
        let within = |relation: Relation, limit: &Fixed| match relation {
            Relation::AtMost => (LOWEST, limit.clone()),
            Relation::AtLeast => (limit.clone(), HIGHEST),
            Relation::Equal => (limit.clone(), limit.clone()),
        };
        let turned = match condition.relation {
            Relation::AtMost => Relation::AtLeast,
            Relation::AtLeast => Relation::AtMost,
            Relation::Equal => Relation::Equal,
        };
        let (subject, (low, high), side) = match fixed {
            [None, None] => {
                let zero = Fixed::One(0.0);
                (Subject::Difference, within(condition.relation, &zero), None)
            }
            [None, Some(limit)] => (Subject::Side(0), within(condition.relation, limit), Some(1)),
            [Some(limit), None] => (Subject::Side(1), within(turned, limit), Some(0)),
            [Some(first), None, Some(last)] => {
                let limits = match condition.relation {
                    Relation::AtLeast => (last.clone(), first.clone()),
                    _ => (first.clone(), last.clone()),
                };
                (Subject::Side(1), limits, None)
            }
            [_, None, _] => {
                let hint = "write two constraints";
                return Err(self.wrong("the limits of both sides are numbers", span, hint));
            }
            _ => return Err(self.says_nothing(condition, fixed)),
        };
        let (mut least, mut most) = (false, false);
        for turn in 0..count {
            let (low, high) = (low.at(turn), high.at(turn));
            if low.is_nan() || high.is_nan() {
                return Err(self.wrong("a limit is NaN", span, ""));
            }
            if low > high || low == f64::INFINITY || high == f64::NEG_INFINITY {
                let what = format!("no number is at least {low} and at most {high}");
                return Err(self.wrong(&what, span, ""));
            }
            least |= low > f64::NEG_INFINITY;
            most |= high < f64::INFINITY;
        }
        if !least && !most {
            return Err(self.wrong("an infinite limit says nothing", span, ""));
        }
        Ok(Limits { subject, low, high, side })
    }

    fn says_nothing(&self, condition: &Condition, fixed: &[Option<Fixed>]) -> Error {
        let sides: Vec<&Fixed> = fixed.iter().flatten().collect();
        let holds = |turn: usize| {
            sides.windows(2).all(|pair| {
                let (x, y) = (pair[0].at(turn), pair[1].at(turn));
                match condition.relation {
                    Relation::AtMost => x <= y,
                    Relation::AtLeast => x >= y,
                    Relation::Equal => x == y,
                }
            })
        };
        let count = sides.iter().map(|side| match side {
            Fixed::One(_) => 1,
            Fixed::Each(numbers) => numbers.len(),
        });
        let hint = match sides.len() == fixed.len() {
            false => "",
            true if (0..count.max().unwrap_or(1)).all(holds) => "it always holds",
            true => "it never holds",
        };
        self.wrong("the constraint says nothing of any variable", condition.span(), hint)
    }

    pub(crate) fn wrong(&self, what: &str, span: std::ops::Range<usize>, hint: &str) -> Error {
        Error::Constraint { what: what.into(), place: self.program.source.place(&span, hint) }
    }

    /// The value that is compared with two numbers, which are the same in all turns.
    fn shifted(
        &mut self,
        condition: &'p Condition,
        limits: &Limits,
        values: &[Value],
    ) -> Result<(Value, f64, f64), Error> {
        let x = &condition.sides[0];
        let value = match limits.subject {
            Subject::Side(side) => values[side],
            Subject::Difference => self.operation(Op::Sub, &[values[0], values[1]], x)?,
        };
        match (&limits.low, &limits.high, limits.side) {
            (Fixed::One(low), Fixed::One(high), _) => Ok((value, *low, *high)),
            (low, high, Some(side)) => {
                let value = self.operation(Op::Sub, &[value, values[side]], x)?;
                let from_limit = |limit: &Fixed| match limit {
                    Fixed::One(number) if number.is_infinite() => *number,
                    _ => 0.0,
                };
                Ok((value, from_limit(low), from_limit(high)))
            }
            (_, _, None) => {
                let what = "two limits that change from one constraint to the next";
                Err(self.wrong(what, condition.span(), "write two constraints, one for each limit"))
            }
        }
    }

    /// The inputs that a value is in turn, if it is nothing else.
    fn inputs_read(&self, value: Value, from: i64, count: usize) -> Option<Vec<Limited>> {
        let Value::Entry(entry) = value else { return None };
        let (vector, spot) = match self.tape.entries[entry] {
            Entry::Input => return Some(vec![Limited::Entry(entry); count]),
            Entry::Read(vector, spot) => (vector, spot),
            _ => return None,
        };
        let turn = |turn: usize| {
            let now = [from + turn as i64];
            let place = match spot {
                Spot::Even(even) => even.at(&now),
                Spot::LookedUp(table, even) => {
                    i64::from(*self.tape.tables[table].get(even.at(&now) as usize)?)
                }
            };
            match &self.tape.vectors[vector] {
                Vector::Declared(name) => {
                    let start = self.declared?.positions(name).ok()?.start;
                    Some(Limited::Position(start + place as usize))
                }
                Vector::Values(values, before) => {
                    let Value::Entry(entry) = values[(place + *before as i64) as usize] else {
                        return None;
                    };
                    let is_input = matches!(self.tape.entries[entry], Entry::Input);
                    is_input.then_some(Limited::Entry(entry))
                }
                Vector::Kept(..) => None,
            }
        };
        (0..count).map(turn).collect()
    }

    /// A value that no input changes, though loops compute it, as a number.
    fn computed(&mut self, value: Value) -> Result<Option<f64>, Error> {
        if self.depends(value).on_inputs {
            return Ok(None);
        }
        let function = self.tape.function(&Inputs::new(), &[], &[("limit", Whole::One(value))])?;
        Ok(Some(function.value(&[])?))
    }

    /// Parameters stay as they are, and what they alone decide can't be met or missed.
    fn check_varies(
        &mut self,
        condition: &Condition,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), Error> {
        let mut hint = "";
        for value in values {
            let depends = self.depends(value);
            if depends.on_variables {
                return Ok(());
            }
            if depends.on_inputs {
                hint = "parameters stay as they are";
            }
        }
        Err(self.wrong("the constraint says nothing of any variable", condition.span(), hint))
    }

    /// What a value depends on.
    fn depends(&mut self, value: Value) -> Depends {
        let (declared, tape, inputs) = (self.declared, &self.tape, &self.inputs);
        let is_variable = |name: &str| {
            let Some(declared) = declared else { return true };
            declared.positions(name).is_ok_and(|all| declared.is_variable(all.start))
        };
        let roles = Roles {
            entry: &|entry| {
                let input = tape.inputs.binary_search(&entry);
                input.is_ok_and(|input| is_variable(&inputs[input]))
            },
            vector: &is_variable,
        };
        self.dependence.update(tape, &roles);
        self.dependence.of(tape, &roles, value)
    }
}

/// Limits of inputs, turn by turn.
fn bounds(inputs: Vec<Limited>, limits: &Limits) -> Meaning {
    let limited = inputs.into_iter().enumerate();
    let limited = limited.map(|(turn, input)| (input, limits.low.at(turn), limits.high.at(turn)));
    Meaning::Bounds(limited.collect())
}
