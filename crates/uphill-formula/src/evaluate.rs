//! Computes a program, once: every definition becomes a number or an entry of the tape.
//!
//! Definitions come in an order in which each finds what it needs. Only entries with computed indices, `x[i - 1]`, can
//! refer to a definition that hasn't been computed yet; that one is then computed in between.

use std::collections::HashMap;

use uphill_graph::{Inputs, Op};

use crate::dependence::Dependence;
use crate::depth::SHALLOW;
use crate::error::Error;
use crate::functions::{self, LARGEST_WHOLE};
use crate::limits::Limits;
use crate::members::{Group, Known, Members, State, Wanted};
use crate::names;
use crate::program::{Item, Program};
use crate::syntax::{Expression, FunctionDefinition, Kind, Link};
use crate::tape::{Tape, Value};

/// What came out of a program, and on the way there what is known so far.
pub(crate) struct Evaluation<'p> {
    pub(crate) program: &'p Program<'p>,
    pub(crate) declared: Option<&'p Inputs>,
    pub(crate) tape: Tape,
    /// The names of the tape's inputs.
    pub(crate) inputs: Vec<String>,
    by_name: HashMap<String, Value>,
    pub(crate) states: Vec<State>,
    /// Which definitions another one used through a computed index.
    pub(crate) used: Vec<bool>,
    /// The definitions being computed.
    pub(crate) path: Vec<usize>,
    /// Parameters and indices, and from where on the present function sees them.
    pub(crate) locals: Vec<(&'p str, Value)>,
    pub(crate) visible: usize,
    /// The entries that statements define by their index.
    pub(crate) members: HashMap<usize, Members>,
    /// Those of them that are being computed, one by one.
    pub(crate) open_members: Vec<(usize, usize)>,
    /// Whether a statement's entries are being computed in order.
    pub(crate) running: bool,
    pub(crate) group: Option<Group>,
    pub(crate) wanted: Option<Wanted>,
    /// Vectors that loops have read, by name and step.
    pub(crate) vectors: HashMap<(&'p str, i64), Vec<Known>>,
    /// What constraints depend on.
    pub(crate) dependence: Dependence,
    /// How many operations are written down.
    operations: usize,
    /// How many a run has.
    run_operations: usize,
    pub(crate) limits: &'p Limits,
    pub(crate) depth: usize,
    pub(crate) deepest: usize,
}

impl<'p> Evaluation<'p> {
    /// Computes these items, in order.
    pub(crate) fn new(
        program: &'p Program<'p>,
        declared: Option<&'p Inputs>,
        order: &[usize],
        limits: &'p Limits,
    ) -> Result<Evaluation<'p>, Error> {
        let count = program.items().len();
        let mut evaluation = Evaluation {
            program,
            declared,
            tape: Tape::default(),
            inputs: Vec::new(),
            by_name: HashMap::new(),
            states: vec![State::New; count],
            used: vec![false; count],
            path: Vec::new(),
            locals: Vec::new(),
            visible: 0,
            members: HashMap::new(),
            open_members: Vec::new(),
            running: false,
            group: None,
            wanted: None,
            vectors: HashMap::new(),
            dependence: Dependence::default(),
            operations: 0,
            run_operations: 0,
            limits,
            depth: 0,
            // Functions that call each other nest deeper than a text can.
            deepest: 2 * limits.deepest(),
        };
        evaluation.heads()?;
        for &item in order {
            if matches!(evaluation.states[item], State::New) {
                evaluation.define(item)?;
            }
        }
        evaluation.finish_families()?;
        Ok(evaluation)
    }

    /// The value of a definition that has been computed.
    pub(crate) fn value(&self, item: usize) -> Option<Value> {
        match self.states[item] {
            State::Done(value) => Some(value),
            State::New | State::Open => None,
        }
    }

    fn define(&mut self, item: usize) -> Result<(), Error> {
        let Item::Definition(definition) = self.program.items()[item] else { return Ok(()) };
        self.states[item] = State::Open;
        self.path.push(item);
        let visible = std::mem::replace(&mut self.visible, self.locals.len());
        // A definition is the same for all iterations of the loops that ask for it.
        let (open, group) = (std::mem::take(&mut self.tape.open), self.group.take());
        let value = self.expression(&definition.expression);
        (self.tape.open, self.group) = (open, group);
        let value = value?;
        self.visible = visible;
        self.path.pop();
        self.tape.name(value, &definition.target.name);
        self.states[item] = State::Done(value);
        Ok(())
    }

    /// Counts operations, before they are done.
    pub(crate) fn charge(&mut self, count: usize, x: &Expression) -> Result<(), Error> {
        self.operations = self.operations.saturating_add(count);
        if self.operations > self.limits.operations {
            let place = self.program.source.place(&x.span, "");
            return Err(Error::TooLarge { limit: self.limits.operations, place });
        }
        self.charge_run(count, x)
    }

    /// Counts what is done once, though loops may be open.
    pub(crate) fn charge_once(&mut self, count: usize, x: &Expression) -> Result<(), Error> {
        let open = std::mem::take(&mut self.tape.open);
        let charged = self.charge(count, x);
        self.tape.open = open;
        charged
    }

    /// Counts operations of a run: those in loops as often as they run.
    pub(crate) fn charge_run(&mut self, count: usize, x: &Expression) -> Result<(), Error> {
        let often = self.tape.open.iter().map(|open| open.counter.count);
        let count = often.fold(count, usize::saturating_mul);
        self.run_operations = self.run_operations.saturating_add(count);
        if self.run_operations <= self.limits.run_operations {
            return Ok(());
        }
        let hint = "a run would have so many";
        let place = self.program.source.place(&x.span, hint);
        Err(Error::TooLarge { limit: self.limits.run_operations, place })
    }

    /// Every recursion comes through here; the arms are functions of their own, so that a level needs little stack.
    pub(crate) fn expression(&mut self, x: &'p Expression) -> Result<Value, Error> {
        self.descend(x)?;
        let value = match self.depth == SHALLOW {
            true => self.on_a_larger_stack(x),
            false => self.of_kind(x),
        };
        self.depth -= 1;
        value
    }

    pub(crate) fn of_kind(&mut self, x: &'p Expression) -> Result<Value, Error> {
        match &x.kind {
            Kind::Number(number) | Kind::Constant(_, number) => Ok(Value::Known(*number)),
            Kind::Name(name) => self.name(name, x),
            Kind::Entry(base, indices) => self.entry(base, indices, x),
            Kind::Negate(inner) => self.unary(Op::Neg, inner, x),
            Kind::Not(inner) => self.not(inner, x),
            Kind::Chain(first, rest) => self.chain(first, rest, x),
            Kind::Power(base, exponent) => self.power(base, exponent, x),
            Kind::Compare(op, first, second) => self.compare(*op, first, second, x),
            Kind::Call(name, arguments) => self.call(name, arguments, x),
            Kind::Over(over) => self.over(over, x),
        }
    }

    fn unary(&mut self, op: Op, inner: &'p Expression, x: &Expression) -> Result<Value, Error> {
        let inner = self.expression(inner)?;
        self.operation(op, &[inner], x)
    }

    fn not(&mut self, inner: &'p Expression, x: &Expression) -> Result<Value, Error> {
        let inner = self.expression(inner)?;
        self.operation(Op::Equal, &[inner, Value::Known(0.0)], x)
    }

    fn power(
        &mut self,
        base: &'p Expression,
        exponent: &'p Expression,
        x: &Expression,
    ) -> Result<Value, Error> {
        let operands = [self.expression(base)?, self.expression(exponent)?];
        let op = match operands[1] {
            Value::Known(n) if functions::is_whole_exponent(n) => Op::Powi,
            _ => Op::Pow,
        };
        self.operation(op, &operands, x)
    }

    fn compare(
        &mut self,
        op: Op,
        first: &'p Expression,
        second: &'p Expression,
        x: &Expression,
    ) -> Result<Value, Error> {
        let operands = [self.expression(first)?, self.expression(second)?];
        self.operation(op, &operands, x)
    }

    pub(crate) fn operation(
        &mut self,
        op: Op,
        operands: &[Value],
        x: &Expression,
    ) -> Result<Value, Error> {
        self.charge(operands.len().max(2) - 1, x)?;
        if let Some(constant) = functions::constant_operand(op) {
            let got = match operands[constant.position] {
                Value::Known(number) if constant.accepts(number) => None,
                Value::Known(number) => Some(format!("got {number}")),
                Value::Counted(_) | Value::Entry(_) | Value::Kept(..) => {
                    Some("this depends on inputs".into())
                }
            };
            if let Some(got) = got {
                let place = self.program.source.place(&x.span, "");
                let (what, expected) = (constant.name, constant.expected);
                return Err(Error::NotConstant { what, expected, got, place });
            }
        }
        Ok(self.tape.apply(op, operands))
    }

    /// The operation on the first two operands, then on the result and the next.
    pub(crate) fn fold(
        &mut self,
        op: Op,
        operands: &[Value],
        x: &Expression,
    ) -> Result<Value, Error> {
        let mut value = operands[0];
        for &operand in &operands[1..] {
            value = self.operation(op, &[value, operand], x)?;
        }
        Ok(value)
    }

    fn chain(
        &mut self,
        first: &'p Expression,
        rest: &'p [(Link, Expression)],
        x: &Expression,
    ) -> Result<Value, Error> {
        let mut value = self.expression(first)?;
        if matches!(rest[0].0, Link::And | Link::Or) {
            value = self.truth(value, first)?;
        }
        for (link, operand) in rest {
            let next = self.expression(operand)?;
            value = self.link(value, *link, next, operand, x)?;
        }
        Ok(value)
    }

    fn link(
        &mut self,
        value: Value,
        link: Link,
        next: Value,
        operand: &Expression,
        x: &Expression,
    ) -> Result<Value, Error> {
        let next = match link {
            Link::Or | Link::And => self.truth(next, operand)?,
            Link::Add | Link::Subtract | Link::Multiply | Link::Divide => next,
        };
        let op = match link {
            Link::Or => Op::Max,
            Link::And => Op::Min,
            Link::Add => Op::Add,
            Link::Subtract => Op::Sub,
            Link::Multiply => Op::Mul,
            Link::Divide => Op::Div,
        };
        self.operation(op, &[value, next], x)
    }

    /// 1 or 0.
    fn truth(&mut self, value: Value, x: &Expression) -> Result<Value, Error> {
        if x.is_truth() {
            return Ok(value);
        }
        self.operation(Op::NotEqual, &[value, Value::Known(0.0)], x)
    }

    fn name(&mut self, name: &'p str, x: &Expression) -> Result<Value, Error> {
        let locals = &self.locals[self.visible..];
        match locals.iter().rev().find(|(local, _)| *local == name) {
            Some((_, value)) => Ok(*value),
            None => self.global(name, x),
        }
    }

    /// A definition or an input.
    pub(crate) fn global(&mut self, name: &str, x: &Expression) -> Result<Value, Error> {
        if let Some((item, _)) = self.program.definition(name) {
            self.used[item] = true;
            if matches!(self.states[item], State::New) {
                self.define(item)?;
            }
            return match self.states[item] {
                State::Done(value) => Ok(value),
                State::New | State::Open => {
                    let begin = self.path.iter().position(|open| *open == item).unwrap_or(0);
                    Err(self.program.cycle(&self.path[begin..]))
                }
            };
        }
        if self.program.has_families()
            && let Some((item, entry)) = self.member(name)
        {
            return self.member_value(item, entry);
        }
        if let Some(value) = self.by_name.get(name) {
            return Ok(*value);
        }
        if let Some(declared) = self.declared {
            self.program.check_declared(declared, name, &x.span)?;
        }
        self.charge_once(1, x)?;
        let value = self.tape.input();
        self.inputs.push(name.to_owned());
        self.by_name.insert(name.to_owned(), value);
        Ok(value)
    }

    /// `w[3]`, `w[i, j + 1]`.
    fn entry(
        &mut self,
        base: &'p str,
        indices: &'p [Expression],
        x: &'p Expression,
    ) -> Result<Value, Error> {
        self.charge(indices.len(), x)?;
        let mut values = Vec::with_capacity(indices.len());
        for index in indices {
            values.push(self.expression(index)?);
        }
        if values.iter().any(|value| self.moves(*value)) {
            return self.subscript(base, &values, indices, x);
        }
        let mut places = Vec::with_capacity(indices.len());
        for (value, index) in values.iter().zip(indices) {
            places.push(self.place_of_entry(base, *value, index)?);
        }
        self.global(&names::entry_name(base, &places), x)
    }

    /// An index, which is a whole number of at least 0.
    pub(crate) fn place_of_entry(
        &mut self,
        base: &str,
        value: Value,
        index: &Expression,
    ) -> Result<u64, Error> {
        let what = || format!("an index of `{base}`");
        let place = self.whole(value, index, what)?;
        if place < 0.0 {
            let (what, expected) = (what(), "0 or more");
            let (got, place) = (format!("got {place}"), self.program.source.place(&index.span, ""));
            return Err(Error::NotConstant { what, expected, got, place });
        }
        Ok(place as u64)
    }

    /// Whether loops that are open change it, and nothing else.
    pub(crate) fn moves(&self, value: Value) -> bool {
        match value {
            Value::Known(_) | Value::Kept(..) => false,
            Value::Counted(_) => true,
            Value::Entry(_) => self.tape.reach(value).is_counted(),
        }
    }

    /// A whole number that is known as the text is read.
    pub(crate) fn whole(
        &mut self,
        value: Value,
        x: &Expression,
        what: impl Fn() -> String,
    ) -> Result<f64, Error> {
        let got = match value {
            Value::Known(number) if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE => {
                return Ok(number);
            }
            Value::Known(number) => format!("got {number}"),
            Value::Counted(_) | Value::Entry(_) | Value::Kept(..) => {
                "this depends on inputs".into()
            }
        };
        let place = self.program.source.place(&x.span, "");
        Err(Error::NotConstant { what: what(), expected: "a whole number", got, place })
    }

    fn call(
        &mut self,
        name: &str,
        arguments: &'p [Expression],
        x: &Expression,
    ) -> Result<Value, Error> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.expression(argument)?);
        }
        if let Some((_, function)) = self.program.function(name) {
            return self.own(function, values, x);
        }
        match functions::find(name) {
            Some(builtin) => self.builtin(builtin, &values, x),
            None => Err(self.program.unknown_function(name, &x.span)),
        }
    }

    fn own(
        &mut self,
        function: &'p FunctionDefinition,
        values: Vec<Value>,
        x: &Expression,
    ) -> Result<Value, Error> {
        self.charge(values.len(), x)?;
        let visible = std::mem::replace(&mut self.visible, self.locals.len());
        let parameters = function.parameters.iter().map(|parameter| parameter.name.as_str());
        self.locals.extend(parameters.zip(values));
        let value = self.expression(&function.body)?;
        self.locals.truncate(self.visible);
        self.visible = visible;
        Ok(value)
    }
}
