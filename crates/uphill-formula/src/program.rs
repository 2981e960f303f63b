//! The statements of a text by name, and what can be said of them without computing anything: which names stand for what,
//! who refers to whom, and in which order definitions can be computed.

use std::collections::HashMap;
use std::ops::Range;

use uphill_graph::Inputs;

use crate::error::Error;
use crate::foreign;
use crate::functions;
use crate::names;
use crate::place::Source;
use crate::syntax::{Definition, Family, FunctionDefinition, Goal, Statement, What};

/// The definitions and functions of a text. Every lookup that the evaluation needs has been checked.
pub(crate) struct Program<'p> {
    pub(crate) source: Source<'p>,
    items: Vec<Item<'p>>,
    pub(crate) by_name: HashMap<&'p str, usize>,
    /// The items that define entries by their index, by the name of the vector.
    families: HashMap<&'p str, Vec<usize>>,
    /// What each item refers to, in the order of the text.
    pub(crate) references: Vec<Vec<usize>>,
    /// The bases of all names that may be inputs, in the order of the text.
    pub(crate) appearance: Vec<&'p str>,
}

#[derive(Clone, Copy)]
pub(crate) enum Item<'p> {
    Definition(&'p Definition),
    Family(&'p Family),
    Function(&'p FunctionDefinition),
}

impl<'p> Item<'p> {
    /// What a statement defines, if it does.
    pub(crate) fn of(statement: &'p Statement) -> Option<Item<'p>> {
        match statement {
            Statement::Definition(definition)
            | Statement::Goal(Goal { what: What::Named(definition), .. }) => {
                Some(Item::Definition(definition))
            }
            Statement::Family(family) => Some(Item::Family(family)),
            Statement::Function(function) => Some(Item::Function(function)),
            Statement::Inputs(..)
            | Statement::Outputs(_)
            | Statement::Goal(_)
            | Statement::SubjectTo(_)
            | Statement::Condition(_) => None,
        }
    }

    pub(crate) fn name(self) -> (&'p str, &'p Range<usize>) {
        let target = match self {
            Item::Definition(definition) => &definition.target,
            Item::Family(family) => &family.target,
            Item::Function(function) => &function.target,
        };
        (&target.name, &target.span)
    }
}

impl<'p> Program<'p> {
    /// What each name stands for; what the statements refer to is found in `lookup.rs`.
    ///
    /// # Errors
    ///
    /// [`Error::DefinedTwice`].
    pub(crate) fn named(
        source: Source<'p>,
        statements: &'p [Statement],
        declared: Option<&Inputs>,
    ) -> Result<Program<'p>, Error> {
        let items: Vec<Item<'p>> = statements.iter().filter_map(Item::of).collect();
        let mut by_name: HashMap<&str, usize> = HashMap::with_capacity(items.len());
        let mut families: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            let (name, span) = item.name();
            if let Item::Family(_) = item {
                if is_input(declared, name) {
                    return Err(defined_twice(source, name, span, "declared an input".into()));
                }
                families.entry(name).or_default().push(index);
                continue;
            }
            if let Some(first) = by_name.insert(name, index) {
                let line = source.place(items[first].name().1, "").line();
                return Err(defined_twice(source, name, span, format!("defined in line {line}")));
            }
            if is_input(declared, name) {
                return Err(defined_twice(source, name, span, "declared an input".into()));
            }
        }
        Ok(Program {
            source,
            references: vec![Vec::new(); items.len()],
            items,
            by_name,
            families,
            appearance: Vec::new(),
        })
    }

    pub(crate) fn definition(&self, name: &str) -> Option<(usize, &'p Definition)> {
        match self.items[*self.by_name.get(name)?] {
            Item::Definition(definition) => Some((self.by_name[name], definition)),
            Item::Family(_) | Item::Function(_) => None,
        }
    }

    pub(crate) fn function(&self, name: &str) -> Option<(usize, &'p FunctionDefinition)> {
        match self.items[*self.by_name.get(name)?] {
            Item::Function(function) => Some((self.by_name[name], function)),
            Item::Definition(_) | Item::Family(_) => None,
        }
    }

    pub(crate) fn items(&self) -> &[Item<'p>] {
        &self.items
    }

    /// The names of all definitions, in the order of the text.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = &'p str> {
        self.items.iter().filter_map(|item| match item {
            Item::Definition(definition) => Some(definition.target.name.as_str()),
            Item::Family(_) | Item::Function(_) => None,
        })
    }

    /// The items that define entries of this vector by their index.
    pub(crate) fn families(&self, base: &str) -> &[usize] {
        self.families.get(base).map_or(&[], Vec::as_slice)
    }

    /// Whether any entries are defined by their index.
    pub(crate) fn has_families(&self) -> bool {
        !self.families.is_empty()
    }

    /// All definitions in an order in which each finds what it needs.
    ///
    /// # Errors
    ///
    /// [`Error::Cycle`], also of functions that nothing calls.
    pub(crate) fn order_of_definitions(&self) -> Result<Vec<usize>, Error> {
        self.order(0..self.items.len())?;
        let is_definition = |item: &usize| matches!(self.items[*item], Item::Definition(_));
        self.order((0..self.items.len()).filter(is_definition))
    }

    /// These items and all that they refer to, each behind what it needs; otherwise in the order of the text.
    ///
    /// # Errors
    ///
    /// [`Error::Cycle`].
    pub(crate) fn order(&self, roots: impl Iterator<Item = usize>) -> Result<Vec<usize>, Error> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.items.len()];
        let mut order = Vec::with_capacity(self.items.len());
        // No recursion: a text may hold a long chain of definitions, the last one first.
        let mut path: Vec<(usize, usize)> = Vec::new();
        for root in roots {
            if marks[root] == Mark::New {
                marks[root] = Mark::Open;
                path.push((root, 0));
            }
            while let Some((item, next)) = path.last_mut() {
                let Some(&target) = self.references[*item].get(*next) else {
                    marks[*item] = Mark::Done;
                    order.push(*item);
                    path.pop();
                    continue;
                };
                *next += 1;
                match marks[target] {
                    Mark::Done => {}
                    Mark::New => {
                        marks[target] = Mark::Open;
                        path.push((target, 0));
                    }
                    Mark::Open => {
                        let begin = path.iter().position(|(item, _)| *item == target);
                        let around = path[begin.unwrap_or(0)..].iter().map(|(item, _)| *item);
                        return Err(self.cycle(&around.collect::<Vec<_>>()));
                    }
                }
            }
        }
        Ok(order)
    }

    /// The error that no function has this name.
    pub(crate) fn unknown_function(&self, name: &str, span: &Range<usize>) -> Error {
        let own = self.items.iter().filter_map(|item| match item {
            Item::Function(function) => Some(function.target.name.as_str()),
            Item::Definition(_) | Item::Family(_) => None,
        });
        let hint = match foreign::hint(name) {
            Some(hint) => hint,
            None => match names::suggestion(name, own.chain(functions::names())) {
                hint if hint.is_empty() => {
                    format!("define it, as in `{}(x) = …`", names::written(name))
                }
                hint => hint,
            },
        };
        let place = self.source.place(span, hint);
        Error::UnknownName { kind: "function", name: name.into(), place }
    }

    /// Checks that a name is one declared input.
    pub(crate) fn check_declared(
        &self,
        declared: &Inputs,
        name: &str,
        span: &Range<usize>,
    ) -> Result<(), Error> {
        let group = declared.groups().iter().find(|group| group.name == name);
        if let Some(length) = group.and_then(|group| group.length) {
            let place = self.source.place(span, format!("write for example `{name}[0]`"));
            let meaning = format!("a vector of {length} inputs, not a number");
            return Err(Error::Misused { name: name.into(), meaning, place });
        }
        if group.is_some() || is_input(Some(declared), name) {
            return Ok(());
        }
        let known = declared.groups().iter().map(|group| group.name.as_str());
        let vector = declared.groups().iter().find(|group| group.name == names::base(name));
        let hint = match vector.and_then(|group| group.length) {
            Some(length) => format!("the last one is `{}[{}]`", names::base(name), length - 1),
            None => names::suggestion(name, known.chain(self.definitions())),
        };
        let place = self.source.place(span, hint);
        Err(Error::UnknownName { kind: "input or definition", name: name.into(), place })
    }

    /// Which items others refer to, as far as the text tells.
    pub(crate) fn referred(&self, by: &[usize]) -> Vec<bool> {
        let mut referred = vec![false; self.items.len()];
        for &target in by.iter().flat_map(|&item| &self.references[item]) {
            referred[target] = true;
        }
        referred
    }

    /// The error that these items need each other, the last one the first.
    pub(crate) fn cycle(&self, around: &[usize]) -> Error {
        const SHOWN: usize = 12;
        let (name, span) = self.items[around[0]].name();
        let mut path: Vec<&str> = around.iter().map(|item| self.items[*item].name().0).collect();
        if path.len() > SHOWN {
            path.truncate(SHOWN);
            path.push("…");
        }
        path.push(name);
        let hint = match (self.items[around[0]], around.len()) {
            (Item::Function(_), 1) => "a function can't call itself",
            (Item::Definition(_) | Item::Family(_), 1) => "a definition can't use its own value",
            _ => "one of them must do without the next",
        };
        let place = self.source.place(span, hint);
        Error::Cycle { name: name.into(), path: path.join(" → "), place }
    }
}

pub(crate) fn is_input(declared: Option<&Inputs>, name: &str) -> bool {
    declared.is_some_and(|inputs| inputs.positions(name).is_ok())
}

pub(crate) fn defined_twice(
    source: Source<'_>,
    name: &str,
    span: &Range<usize>,
    first: String,
) -> Error {
    let (second, place) = ("defined here".into(), source.place(span, ""));
    Error::DefinedTwice { name: name.into(), first, second, place }
}
