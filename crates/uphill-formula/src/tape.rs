//! What a formula computes, as a list of operations in which everything has been looked up.
//!
//! The text is computed once, when it is read, and so every error has a place. What is repeated is on the tape once: a
//! loop has a list of its own, whose operations may move with the loop's counter. A function is then a copy of the part
//! of the tape that its outputs need: see `replay.rs`.

use std::collections::{BTreeMap, HashMap};

use uphill_graph::Op;

use crate::counter::{Counter, Even};

/// A number that is known as the text is read, one that moves evenly with counters of open loops, an entry of the
/// tape, or what a loop keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Known(f64),
    Counted(Even),
    Entry(usize),
    /// An entry of a vector that a loop keeps.
    Kept(usize, usize),
}

/// An output: one value, or a vector of them.
#[derive(Debug, Clone)]
pub(crate) enum Whole {
    One(Value),
    Entries(Vec<Value>),
    /// All that a loop keeps in this vector.
    Kept(usize),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry {
    Input,
    /// An operation, and where its operands lie.
    Operation(Op, usize, usize),
    /// The value of a counter.
    Counter(Even),
    /// An entry of this vector.
    Read(usize, Spot),
    /// What this loop carries, in its body: the state of this number.
    State(usize, usize),
    /// The same behind the loop.
    Last(usize, usize),
    /// What this loop adds up.
    Sum(usize),
}

/// A place in a vector.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spot {
    Even(Even),
    /// Looked up in this table.
    LookedUp(usize, Even),
}

/// Values that loops read by subscripts; all of them are known or computed outside of every loop.
#[derive(Debug, Clone)]
pub(crate) enum Vector {
    /// In order, and how many lie before the one that has place 0.
    Values(Vec<Value>, usize),
    /// A declared vector of inputs.
    Declared(String),
    /// What this loop keeps at this place, one an iteration.
    Kept(usize, usize),
}

/// What is repeated.
#[derive(Debug, Clone)]
pub(crate) struct Repeated {
    pub(crate) depth: usize,
    pub(crate) count: usize,
    pub(crate) from: i64,
    pub(crate) body: Vec<Item>,
    pub(crate) result: Outcome,
}

#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Sum(Value),
    /// What is carried, and what is kept of each iteration.
    States(Vec<State>, Vec<Value>),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    pub(crate) first: Value,
    pub(crate) inside: usize,
    pub(crate) next: Value,
}

/// What is done, in order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Item {
    Entry(usize),
    Loop(usize),
}

/// What an entry depends on: a bit for each depth of loops, and one for inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach(u32);

impl Reach {
    pub(crate) const NOTHING: Reach = Reach(0);
    const INPUTS: Reach = Reach(1 << 31);

    fn with(self, other: Reach) -> Reach {
        Reach(self.0 | other.0)
    }

    /// Whether counters alone decide.
    pub(crate) fn is_counted(self) -> bool {
        self.0 & Reach::INPUTS.0 == 0
    }

    /// The depths of the loops.
    pub(crate) fn depths(self) -> Vec<usize> {
        (0..31).filter(|depth| self.0 >> depth & 1 == 1).collect()
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Tape {
    pub(crate) entries: Vec<Entry>,
    reach: Vec<Reach>,
    operands: Vec<Value>,
    pub(crate) names: BTreeMap<usize, String>,
    /// The entries that are inputs, in the order in which they were met.
    pub(crate) inputs: Vec<usize>,
    pub(crate) vectors: Vec<Vector>,
    pub(crate) tables: Vec<Vec<u32>>,
    pub(crate) loops: Vec<Repeated>,
    /// What is done outside of all loops.
    pub(crate) outside: Vec<Item>,
    /// The loops that are open, from the outermost on.
    pub(crate) open: Vec<Open>,
}

/// A loop whose body is being read.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    number: usize,
    pub(crate) counter: Counter,
    body: Vec<Item>,
    /// The entries that hold a counter's value.
    counted: HashMap<Even, usize>,
}

impl Tape {
    /// The next input.
    pub(crate) fn input(&mut self) -> Value {
        self.entries.push(Entry::Input);
        self.reach.push(Reach::INPUTS);
        self.inputs.push(self.entries.len() - 1);
        Value::Entry(self.entries.len() - 1)
    }

    fn push(&mut self, entry: Entry, reach: Reach) -> usize {
        self.entries.push(entry);
        self.reach.push(reach);
        let id = self.entries.len() - 1;
        self.list().push(Item::Entry(id));
        id
    }

    fn list(&mut self) -> &mut Vec<Item> {
        match self.open.last_mut() {
            Some(open) => &mut open.body,
            None => &mut self.outside,
        }
    }

    pub(crate) fn counters(&self) -> Vec<Counter> {
        self.open.iter().map(|open| open.counter).collect()
    }

    pub(crate) fn reach(&self, value: Value) -> Reach {
        match value {
            Value::Known(_) => Reach::NOTHING,
            Value::Counted(even) => {
                even.terms().fold(Reach::NOTHING, |reach, (depth, _)| reach.with(Reach(1 << depth)))
            }
            Value::Entry(entry) => self.reach[entry],
            Value::Kept(..) => Reach::INPUTS,
        }
    }

    /// The operation on these operands; of numbers alone it is computed at once.
    ///
    /// The number of operands must fit, and those that must be constant must be numbers that the operation takes.
    pub(crate) fn apply(&mut self, op: Op, operands: &[Value]) -> Value {
        let numbers: Option<Vec<f64>> = operands
            .iter()
            .map(|operand| match operand {
                Value::Known(number) => Some(*number),
                Value::Counted(_) | Value::Entry(_) | Value::Kept(..) => None,
            })
            .collect();
        if let Some(numbers) = numbers {
            return Value::Known(op.value(&numbers));
        }
        if let Some(even) = self.counted(op, operands) {
            return Value::Counted(even);
        }
        let reach = operands.iter().fold(Reach::NOTHING, |reach, x| reach.with(self.reach(*x)));
        let begin = self.operands.len();
        for &operand in operands {
            let operand = self.settled(operand);
            self.operands.push(operand);
        }
        let end = self.operands.len();
        Value::Entry(self.push(Entry::Operation(op, begin, end), reach))
    }

    /// What moves evenly with counters and has the bits of the operation: no zero that arises may be negative.
    fn counted(&self, op: Op, operands: &[Value]) -> Option<Even> {
        let whole = |value: Value| match value {
            Value::Counted(even) => Some(even),
            Value::Known(number) if number.fract() == 0.0 && number.abs() <= 1e15 => {
                (number.to_bits() != (-0.0_f64).to_bits()).then(|| Even::number(number as i64))
            }
            Value::Known(_) | Value::Entry(_) | Value::Kept(..) => None,
        };
        let [x, y] = *operands else { return None };
        let (x, y) = (whole(x)?, whole(y)?);
        let is_number = |even: &Even| even.terms().next().is_none();
        let even = match op {
            Op::Add => x.plus(y, 1)?,
            Op::Sub => x.plus(y, -1)?,
            Op::Mul if is_number(&x) && x.offset > 0 => Even::number(0).plus(y, x.offset)?,
            Op::Mul if is_number(&y) && y.offset > 0 => Even::number(0).plus(x, y.offset)?,
            _ => return None,
        };
        even.span(&self.counters()).map(|_| even)
    }

    /// A counter as an entry that has its value.
    fn settled(&mut self, value: Value) -> Value {
        let Value::Counted(even) = value else { return value };
        if even.terms().next().is_none() {
            return Value::Known(even.offset as f64);
        }
        if let Some(&known) = self.open.last().and_then(|open| open.counted.get(&even)) {
            return Value::Entry(known);
        }
        let reach = self.reach(value);
        let entry = self.push(Entry::Counter(even), reach);
        if let Some(open) = self.open.last_mut() {
            open.counted.insert(even, entry);
        }
        Value::Entry(entry)
    }

    /// An entry of a vector.
    pub(crate) fn read(&mut self, vector: usize, spot: Spot) -> Value {
        let even = match spot {
            Spot::Even(even) | Spot::LookedUp(_, even) => even,
        };
        let is_known = |value: &Value| matches!(value, Value::Known(_));
        let mut reach = self.reach(Value::Counted(even));
        if !matches!(&self.vectors[vector], Vector::Values(values, _) if values.iter().all(is_known))
        {
            reach = reach.with(Reach::INPUTS);
        }
        Value::Entry(self.push(Entry::Read(vector, spot), reach))
    }

    /// Opens a loop; gives the value of its counter.
    pub(crate) fn begin(&mut self, from: i64, count: usize) -> Value {
        let (counter, depth) = (Counter { from, count }, self.open.len());
        let result = Outcome::Sum(Value::Known(f64::NAN));
        self.loops.push(Repeated { depth, count, from, body: Vec::new(), result });
        let number = self.loops.len() - 1;
        self.open.push(Open { number, counter, body: Vec::new(), counted: HashMap::new() });
        Value::Counted(Even::counter(self.open.len() - 1))
    }

    /// A state of the innermost loop, by its number among the loop's states.
    pub(crate) fn state(&mut self, state: usize) -> usize {
        let number = self.open.last().map_or(0, |open| open.number);
        self.push(Entry::State(number, state), Reach::INPUTS)
    }

    /// Closes the innermost loop; gives its number.
    pub(crate) fn end(&mut self, result: impl FnOnce(&mut Tape) -> Outcome) -> usize {
        let result = result(self);
        let Some(open) = self.open.pop() else { return 0 };
        let repeated = &mut self.loops[open.number];
        (repeated.body, repeated.result) = (open.body, result);
        self.list().push(Item::Loop(open.number));
        open.number
    }

    /// Closes the innermost loop as a sum of this value.
    pub(crate) fn end_sum(&mut self, term: Value) -> Value {
        let reach = self.reach(term);
        let own = Reach(1 << (self.open.len() - 1));
        let number = self.end(|tape| Outcome::Sum(tape.settled(term)));
        // A sum is not followed by tables.
        let reach = Reach(reach.0 & !own.0).with(Reach::INPUTS);
        Value::Entry(self.push(Entry::Sum(number), reach))
    }

    /// Closes the innermost loop, which carries these states on and keeps these values; gives its number and the last states.
    pub(crate) fn end_states(
        &mut self,
        mut states: Vec<State>,
        kept: &[Value],
    ) -> (usize, Vec<Value>) {
        let count = states.len();
        let number = self.end(|tape| {
            for state in &mut states {
                state.next = tape.settled(state.next);
            }
            let kept = kept.iter().map(|&value| tape.settled(value)).collect();
            Outcome::States(states, kept)
        });
        let last = |k| Value::Entry(self.push(Entry::Last(number, k), Reach::INPUTS));
        (number, (0..count).map(last).collect())
    }

    /// A value as one that a list outside of the innermost loop may hold.
    pub(crate) fn settle(&mut self, value: Value) -> Value {
        self.settled(value)
    }

    /// Names the value of an operation; the first name stays.
    pub(crate) fn name(&mut self, value: Value, name: &str) {
        if let Value::Entry(entry) = value
            && matches!(self.entries[entry], Entry::Operation(..) | Entry::Sum(_) | Entry::Last(..))
        {
            self.names.entry(entry).or_insert_with(|| name.to_owned());
        }
    }

    pub(crate) fn operands(&self, entry: usize) -> &[Value] {
        match self.entries[entry] {
            Entry::Operation(_, begin, end) => &self.operands[begin..end],
            _ => &[],
        }
    }

    /// The entries that a value of counters alone is made of, in order; none if it is made of inputs.
    pub(crate) fn steps(&self, value: Value) -> Option<Vec<usize>> {
        if !self.reach(value).is_counted() {
            return None;
        }
        let mut steps = std::collections::BTreeSet::new();
        let mut waiting = vec![value];
        while let Some(value) = waiting.pop() {
            if let Value::Entry(entry) = value
                && steps.insert(entry)
            {
                waiting.extend(self.operands(entry));
            }
        }
        Some(steps.into_iter().collect())
    }

    /// A value of counters alone as a number, by its [`steps`](Tape::steps). `results` is memory to work in.
    pub(crate) fn number(
        &self,
        value: Value,
        steps: &[usize],
        counters: &[i64],
        results: &mut HashMap<usize, f64>,
    ) -> f64 {
        let known = |results: &HashMap<usize, f64>, value: Value| match value {
            Value::Known(number) => number,
            Value::Counted(even) => even.at(counters) as f64,
            Value::Entry(entry) => results.get(&entry).copied().unwrap_or(f64::NAN),
            Value::Kept(..) => f64::NAN,
        };
        for &step in steps {
            let result = match self.entries[step] {
                Entry::Operation(op, ..) => {
                    let operands = self.operands(step).iter();
                    let operands: Vec<f64> = operands.map(|x| known(results, *x)).collect();
                    op.value(&operands)
                }
                Entry::Counter(even) => even.at(counters) as f64,
                Entry::Read(vector, spot) => {
                    let place = match spot {
                        Spot::Even(even) => even.at(counters),
                        Spot::LookedUp(table, even) => {
                            i64::from(self.tables[table][even.at(counters) as usize])
                        }
                    };
                    match &self.vectors[vector] {
                        Vector::Values(values, before) => {
                            known(results, values[(place + *before as i64) as usize])
                        }
                        Vector::Declared(_) | Vector::Kept(..) => f64::NAN,
                    }
                }
                Entry::Input | Entry::State(..) | Entry::Last(..) | Entry::Sum(_) => f64::NAN,
            };
            results.insert(step, result);
        }
        known(results, value)
    }
}
