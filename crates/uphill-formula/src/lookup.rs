//! The names in all statements, looked up: what each refers to, and whether functions are called as they should be.

use uphill_graph::Inputs;

use crate::error::Error;
use crate::functions;
use crate::names;
use crate::place::Source;
use crate::program::{Item, Program, defined_twice, is_input};
use crate::syntax::{Condition, Expression, Family, Goal, Kind, Range, Statement, What};

impl<'p> Program<'p> {
    /// Looks all names up.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with names, calls and their order; the first in the text.
    pub(crate) fn new(
        source: Source<'p>,
        statements: &'p [Statement],
        declared: Option<&Inputs>,
    ) -> Result<Program<'p>, Error> {
        let mut program = Program::named(source, statements, declared)?;
        let mut next = 0;
        for statement in statements {
            if Item::of(statement).is_some() {
                program.look_up(next, declared)?;
                next += 1;
                continue;
            }
            let mut walk = Walk { program: &mut program, item: None, locals: Vec::new(), declared };
            match statement {
                Statement::Goal(Goal { what: What::Bare(x), .. }) => walk.expression(x)?,
                Statement::Condition(condition) => walk.condition(condition)?,
                _ => {}
            }
        }
        Ok(program)
    }

    fn look_up(&mut self, index: usize, declared: Option<&Inputs>) -> Result<(), Error> {
        let mut locals: Vec<&str> = Vec::new();
        let expression = match self.items()[index] {
            Item::Definition(definition) => &definition.expression,
            Item::Family(family) => {
                return Walk { program: self, item: Some(index), locals, declared }.family(family);
            }
            Item::Function(function) => {
                for parameter in &function.parameters {
                    if locals.contains(&parameter.name.as_str()) {
                        let first = format!("a parameter of `{}`", function.target.name);
                        let span = &parameter.span;
                        return Err(Error::DefinedTwice {
                            name: parameter.name.clone(),
                            first,
                            second: "another one".into(),
                            place: self.source.place(span, ""),
                        });
                    }
                    locals.push(&parameter.name);
                }
                &function.body
            }
        };
        Walk { program: self, item: Some(index), locals, declared }.expression(expression)
    }
}

/// A walk through one expression.
struct Walk<'w, 'p> {
    program: &'w mut Program<'p>,
    /// The definition or function that the expression belongs to; none of what nothing can refer to.
    item: Option<usize>,
    locals: Vec<&'p str>,
    declared: Option<&'w Inputs>,
}

impl<'p> Walk<'_, 'p> {
    fn family(&mut self, family: &'p Family) -> Result<(), Error> {
        let name = &family.target.name;
        if self.program.by_name.contains_key(name.as_str()) {
            let (first, span) = ("defined without an index".into(), &family.target.span);
            return Err(defined_twice(self.program.source, name, span, first));
        }
        for range in &family.ranges {
            self.expression(&range.from)?;
            self.expression(&range.to)?;
        }
        for range in &family.ranges {
            self.index(range, "an index of these entries")?;
        }
        family.indices.iter().try_for_each(|index| self.expression(index))?;
        self.expression(&family.expression)
    }

    /// One more index, which no other one before it has the name of.
    fn index(&mut self, range: &'p Range, what: &str) -> Result<(), Error> {
        if self.locals.contains(&range.index.name.as_str()) {
            return Err(Error::DefinedTwice {
                name: range.index.name.clone(),
                first: what.into(),
                second: "another one".into(),
                place: self.program.source.place(&range.index.span, ""),
            });
        }
        self.locals.push(&range.index.name);
        Ok(())
    }

    /// A range of a condition may end where the counter of one before it is.
    fn condition(&mut self, condition: &'p Condition) -> Result<(), Error> {
        for range in &condition.ranges {
            self.expression(&range.from)?;
            self.expression(&range.to)?;
            self.index(range, "an index of this constraint")?;
        }
        let limits = condition.ranges.iter().flat_map(|range| [&range.from, &range.to]);
        let all: Vec<&Expression> = limits.chain(&condition.sides).collect();
        for Range { index, .. } in &condition.ranges {
            if !all.iter().any(|x| x.uses(&index.name)) {
                let what = format!("`{}` is in no part of the constraint", index.name);
                let place = self.program.source.place(&index.span, "write for example `x[i]`");
                return Err(Error::Constraint { what, place });
            }
        }
        condition.sides.iter().try_for_each(|side| self.expression(side))
    }

    fn expression(&mut self, x: &'p Expression) -> Result<(), Error> {
        match &x.kind {
            Kind::Number(_) => Ok(()),
            Kind::Constant(name, _) => self.constant(name, x),
            Kind::Name(name) => self.name(name, x),
            Kind::Entry(name, indices) => {
                self.entry(name, indices, x)?;
                indices.iter().try_for_each(|index| self.expression(index))
            }
            Kind::Negate(x) | Kind::Not(x) => self.expression(x),
            Kind::Chain(first, rest) => {
                self.expression(first)?;
                rest.iter().try_for_each(|(_, x)| self.expression(x))
            }
            Kind::Power(x, y) | Kind::Compare(_, x, y) => {
                self.expression(x)?;
                self.expression(y)
            }
            Kind::Call(function, arguments) => {
                self.call(function, arguments.len(), x)?;
                arguments.iter().try_for_each(|argument| self.expression(argument))
            }
            Kind::Over(over) => {
                self.expression(&over.from)?;
                self.expression(&over.to)?;
                self.locals.push(&over.index);
                self.expression(&over.body)?;
                self.locals.pop();
                Ok(())
            }
        }
    }

    /// `e` can't be both Euler's number and a column of a table without a word about it.
    fn constant(&self, name: &str, x: &Expression) -> Result<(), Error> {
        if !is_input(self.declared, name) {
            return Ok(());
        }
        let hint = format!("for the input write it in backquotes, {}", names::written(name));
        let place = self.program.source.place(&x.span, hint);
        let meaning = "both a constant and an input".into();
        Err(Error::Misused { name: name.into(), meaning, place })
    }

    fn refer(&mut self, target: usize) {
        if let Some(item) = self.item {
            self.program.references[item].push(target);
        }
    }

    fn name(&mut self, name: &'p str, x: &Expression) -> Result<(), Error> {
        if self.locals.contains(&name) {
            return Ok(());
        }
        if let Some((target, _)) = self.program.definition(name) {
            self.refer(target);
        } else if self.program.function(name).is_some() {
            let place = self.program.source.place(&x.span, format!("write `{name}(…)`"));
            let (name, meaning) = (name.into(), "a function, not a number".into());
            return Err(Error::Misused { name, meaning, place });
        } else {
            if let Some(declared) = self.declared {
                self.program.check_declared(declared, name, &x.span)?;
            }
            self.program.appearance.push(names::base(name));
        }
        Ok(())
    }

    /// Entries with numbers as indices are known; the others turn up when indices are computed.
    fn entry(
        &mut self,
        base: &'p str,
        indices: &[Expression],
        x: &Expression,
    ) -> Result<(), Error> {
        let is_definition = self.program.definition(base).is_some();
        if is_definition || self.locals.contains(&base) {
            let at = x.span.start..indices.first().map_or(x.span.end, |index| index.span.start);
            let place = self.program.source.place(&at, "");
            let (name, meaning) = (base.into(), "a number, without entries".into());
            return Err(Error::Misused { name, meaning, place });
        }
        let known = indices.iter().map(|index| match index.kind {
            Kind::Number(number) => Some(number.to_string()),
            _ => None,
        });
        let target = known.collect::<Option<Vec<_>>>().and_then(|indices| {
            let (target, _) = self.program.definition(&format!("{base}[{}]", indices.join(",")))?;
            Some(target)
        });
        match target {
            Some(target) => self.refer(target),
            None => self.program.appearance.push(base),
        }
        Ok(())
    }

    fn call(&mut self, name: &str, got: usize, x: &Expression) -> Result<(), Error> {
        let at = x.span.start..x.span.start + name.len();
        let source = self.program.source;
        let (accepts, expected) = if let Some((target, function)) = self.program.function(name) {
            self.refer(target);
            let count = function.parameters.len();
            (count == got, functions::arguments(count))
        } else {
            let is_value = !functions::is_reserved(name)
                && (self.locals.contains(&name)
                    || self.program.definition(name).is_some()
                    || is_input(self.declared, name));
            if is_value {
                let place = source.place(&at, "to multiply, write `*`");
                let (name, meaning) = (name.into(), "a number, not a function".into());
                return Err(Error::Misused { name, meaning, place });
            }
            let Some(builtin) = functions::find(name) else {
                return Err(self.program.unknown_function(name, &at));
            };
            (builtin.accepts(got), builtin.expected())
        };
        if accepts {
            return Ok(());
        }
        let place = source.place(&at, "");
        Err(Error::ArgumentCount { name: name.into(), expected, got, place })
    }
}
