//! What Python code does with recorded values, written down as it happens: operations, places read, loops, calls.
//!
//! A recorder's variables borrow it, and a value of Python can't borrow. So Python's values are numbers of entries of a
//! tape that they share, and `replay.rs` runs the whole tape on a recorder when the code has come to its end: the graph is
//! the one that the same code writes in Rust. Each slip is told here, where Python shows the line, and replaying meets none.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use smallvec::SmallVec;
use uphill_graph::{Function, Implicit, Inputs, Op, Scalar};

use crate::error;
use crate::place::Place;

/// An operand: a number, or the value of an entry.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Operand {
    Number(f64),
    Value(u32),
}

impl Operand {
    /// The number, if it is one.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Operand::Number(number) => Some(number),
            Operand::Value(_) => None,
        }
    }
}

/// An operation of the table, or a function made of several, with one result.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    Op(Op),
    Composed(Arc<Function>),
}

impl Does {
    /// On any scalar, with as many operands as it takes.
    pub(crate) fn apply<S: Scalar>(&self, operands: &[S]) -> S {
        match self {
            Does::Op(op) => S::apply(*op, operands),
            Does::Composed(function) => {
                let results = function.eval_scalar(operands).ok();
                results
                    .and_then(|results| results.first().copied())
                    .unwrap_or(S::constant(f64::NAN))
            }
        }
    }
}

/// What an operation on arrays reads for each of its results.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// The same for all.
    Same(Operand),
    /// The values from this entry on.
    Run(u32),
    Each(Arc<[Operand]>),
}

impl Source {
    /// One operand a result.
    pub(crate) fn of(values: &[Operand]) -> Source {
        if let [Operand::Value(first), ..] = values
            && (*first..)
                .zip(values)
                .all(|(entry, value)| matches!(value, Operand::Value(own) if *own == entry))
        {
            return Source::Run(*first);
        }
        Source::Each(values.into())
    }

    /// What it reads for a result.
    pub(crate) fn at(&self, place: usize) -> Operand {
        match self {
            Source::Same(operand) => *operand,
            Source::Run(first) => Operand::Value(first + place as u32),
            Source::Each(operands) => operands[place],
        }
    }
}

/// An operation on all entries of arrays; as a sum, what is added up.
#[derive(Debug)]
pub(crate) struct Entrywise {
    pub(crate) does: Does,
    pub(crate) operands: SmallVec<[Source; 2]>,
    pub(crate) count: usize,
}

/// One thing that happened.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A value that somebody else gives: the inputs, what a loop carries, what it or a call comes to.
    Given,
    Operation(Op, SmallVec<[Operand; 2]>),
    /// An operation on all entries of arrays, whose results follow.
    Entrywise(Box<Entrywise>),
    /// The sum of many values, in order.
    Sum(Box<Entrywise>),
    /// An entry of a vector, at a place that moves.
    At(Arc<[Operand]>, Arc<Place>),
    /// A place as a number.
    Value(Arc<Place>),
    /// A function that is called; its outputs follow.
    Call(Arc<Function>, Box<[Operand]>),
    /// Equations that are solved, from a start and what is given; the root follows.
    Root(Arc<Implicit>, Box<[Operand]>, Box<[Operand]>),
    /// The body of a loop begins, which stands at this entry.
    Begin(u32),
    /// A loop, whose body is before it and whose results follow.
    Loop(Box<Repeated>),
}

/// Which loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What is kept of each iteration.
    Map,
    /// The sum of each term.
    Sum,
    /// The last state.
    Fold,
    /// The last state, and what is kept.
    Scan,
}

/// A loop.
#[derive(Debug)]
pub(crate) struct Repeated {
    pub(crate) kind: Kind,
    pub(crate) id: u32,
    pub(crate) count: usize,
    /// The entries of its body: first one for each carried value.
    pub(crate) body: Range<u32>,
    pub(crate) first: Vec<Operand>,
    pub(crate) next: Vec<Operand>,
    /// What is kept of each iteration, or terms of sums.
    pub(crate) kept: Vec<Operand>,
}

/// A body that is being recorded.
#[derive(Debug)]
struct Open {
    kind: Kind,
    id: u32,
    count: usize,
    begin: u32,
    first: Vec<Operand>,
}

/// All that was written.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) entries: Vec<Entry>,
    pub(crate) names: HashMap<u32, String>,
    open: Vec<Open>,
    bodies: u32,
    pub(crate) ended: bool,
}

/// A recording that goes on.
#[derive(Debug)]
pub(crate) struct Tape {
    pub(crate) inputs: Inputs,
    written: Mutex<Written>,
}

/// A value: which entry, in which body; 0 is outside of all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value {
    pub(crate) entry: u32,
    pub(crate) body: u32,
}

const TOO_MANY: &str = "a recording holds at most 2³² values: use loops";
const ENDED: &str = "this value belongs to a recording that has ended: record the code that uses it, \
                     or call the function that the recording gave";
const OUTSIDE: &str =
    "a value of a loop's body is used outside of that body: give it back as a result of the loop";

impl Tape {
    /// A recording with these inputs, whose values are the first entries.
    pub(crate) fn new(inputs: Inputs) -> Tape {
        let entries = (0..inputs.len()).map(|_| Entry::Given).collect();
        Tape { inputs, written: Mutex::new(Written { entries, ..Written::default() }) }
    }

    pub(crate) fn written(&self) -> MutexGuard<'_, Written> {
        // Who holds it can't panic in the middle of a change that matters.
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes an entry down, for its value.
    pub(crate) fn push(&self, entry: Entry, read: &[Value]) -> PyResult<Value> {
        let mut written = self.written();
        written.check(read)?;
        written.push(entry)
    }
}

impl Written {
    /// The body that is being recorded, 0 outside of all.
    pub(crate) fn body(&self) -> u32 {
        self.open.last().map_or(0, |open| open.id)
    }

    /// Whether these values may be used now.
    pub(crate) fn check(&self, read: &[Value]) -> PyResult<()> {
        if self.ended {
            return Err(error::recording(ENDED));
        }
        let is_there = |body: u32| body == 0 || self.open.iter().any(|open| open.id == body);
        match read.iter().all(|value| is_there(value.body)) {
            true => Ok(()),
            false => Err(error::recording(OUTSIDE)),
        }
    }

    /// The same for the counters of a place.
    pub(crate) fn check_place(&self, place: &Place) -> PyResult<()> {
        let counters: SmallVec<[Value; 4]> =
            place.bodies().map(|body| Value { entry: 0, body }).collect();
        self.check(&counters)
    }

    pub(crate) fn push(&mut self, entry: Entry) -> PyResult<Value> {
        if self.entries.len() >= u32::MAX as usize {
            return Err(error::input(TOO_MANY));
        }
        let value = Value { entry: self.entries.len() as u32, body: self.body() };
        self.entries.push(entry);
        Ok(value)
    }

    /// Values that somebody else gives.
    fn given(&mut self, count: usize) -> PyResult<Vec<Value>> {
        (0..count).map(|_| self.push(Entry::Given)).collect()
    }

    /// An operation on all entries of arrays: the first of its results.
    pub(crate) fn entrywise(
        &mut self,
        does: Does,
        operands: SmallVec<[Source; 2]>,
        count: usize,
    ) -> PyResult<Value> {
        let own = self.push(Entry::Entrywise(Box::new(Entrywise { does, operands, count })))?;
        if self.entries.len() + count >= u32::MAX as usize {
            return Err(error::input(TOO_MANY));
        }
        self.entries.extend(std::iter::repeat_with(|| Entry::Given).take(count));
        Ok(Value { entry: own.entry + 1, ..own })
    }

    /// One operation on operands of which one is recorded.
    pub(crate) fn one(&mut self, does: &Does, operands: SmallVec<[Operand; 2]>) -> PyResult<Value> {
        match does {
            Does::Op(op) => self.push(Entry::Operation(*op, operands)),
            Does::Composed(function) => {
                let results = self.call(function.clone(), operands.into_vec().into())?;
                Ok(results[0])
            }
        }
    }

    /// The sum of values, in order.
    pub(crate) fn sum(&mut self, terms: &[Operand]) -> PyResult<Value> {
        let (operands, count) = (SmallVec::from_iter([Source::of(terms)]), terms.len());
        self.push(Entry::Sum(Box::new(Entrywise { does: Does::Op(Op::Add), operands, count })))
    }

    /// An operation: computed if its operands are numbers.
    pub(crate) fn operate(&mut self, op: Op, operands: [Operand; 2]) -> PyResult<Operand> {
        match operands {
            [Operand::Number(x), Operand::Number(y)] => Ok(Operand::Number(op.value(&[x, y]))),
            operands => {
                let value = self.push(Entry::Operation(op, SmallVec::from_buf(operands)))?;
                Ok(Operand::Value(value.entry))
            }
        }
    }

    /// A call of a function: its outputs.
    pub(crate) fn call(
        &mut self,
        function: Arc<Function>,
        operands: Box<[Operand]>,
    ) -> PyResult<Vec<Value>> {
        let outputs = function.output_count();
        self.push(Entry::Call(function, operands))?;
        self.given(outputs)
    }

    /// Equations that are solved: the root.
    pub(crate) fn root(
        &mut self,
        equations: Arc<Implicit>,
        start: Box<[Operand]>,
        given: Box<[Operand]>,
    ) -> PyResult<Vec<Value>> {
        let unknowns = start.len();
        self.push(Entry::Root(equations, start, given))?;
        self.given(unknowns)
    }

    /// Begins a loop: the number of its body, and what it carries.
    pub(crate) fn begin(
        &mut self,
        kind: Kind,
        count: usize,
        first: Vec<Operand>,
    ) -> PyResult<(u32, Vec<Value>)> {
        if self.open.len() >= MOST_OPEN {
            return Err(error::recording("loops lie in loops at most 16 deep"));
        }
        let begin = self.push(Entry::Begin(0))?.entry;
        self.bodies += 1;
        let (id, carried) = (self.bodies, first.len());
        self.open.push(Open { kind, id, count, begin, first });
        Ok((id, self.given(carried)?))
    }

    /// Ends the innermost loop: its results, last states before what is kept or summed up.
    pub(crate) fn end(&mut self, next: Vec<Operand>, kept: Vec<Operand>) -> PyResult<Vec<Value>> {
        let Some(Open { kind, id, count, begin, first }) = self.open.pop() else {
            return Err(error::recording("no loop is open"));
        };
        let end = self.entries.len() as u32;
        self.entries[begin as usize] = Entry::Begin(end);
        let results = next.len()
            + match kind {
                Kind::Map | Kind::Scan => kept.len() * count,
                Kind::Sum | Kind::Fold => kept.len(),
            };
        let body = begin + 1..end;
        self.push(Entry::Loop(Box::new(Repeated { kind, id, count, body, first, next, kept })))?;
        self.given(results)
    }

    /// Forgets the innermost loop, whose body failed.
    pub(crate) fn abandon(&mut self) {
        if let Some(open) = self.open.pop() {
            self.entries.truncate(open.begin as usize);
            self.names.retain(|&entry, _| entry < open.begin);
        }
    }
}

/// How deep loops lie in loops: as the graph has it.
const MOST_OPEN: usize = 16;
