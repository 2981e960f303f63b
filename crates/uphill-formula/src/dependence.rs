//! What values depend on: on variables, on parameters alone, or on nothing at all.
//!
//! Found once an entry, in the order of the tape, where operands come first. What a loop carries may depend on more than what
//! it begins with, so loops are gone through until nothing changes.

use std::collections::{HashMap, HashSet};

use crate::tape::{Entry, Item, Outcome, State, Tape, Value, Vector};

/// What a value depends on; a variable counts as an input, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Depends {
    pub(crate) on_inputs: bool,
    pub(crate) on_variables: bool,
}

impl Depends {
    const PARAMETER: Depends = Depends { on_inputs: true, on_variables: false };
    const VARIABLE: Depends = Depends { on_inputs: true, on_variables: true };

    fn or(self, other: Depends) -> Depends {
        Depends {
            on_inputs: self.on_inputs || other.on_inputs,
            on_variables: self.on_variables || other.on_variables,
        }
    }
}

/// What the entries of a tape depend on, as far as it has been looked at.
#[derive(Debug, Default)]
pub(crate) struct Dependence {
    entries: Vec<Depends>,
    vectors: HashMap<usize, Depends>,
    loops: HashSet<usize>,
}

/// Whether an input is a variable: by its entry, or as a declared vector.
pub(crate) struct Roles<'r> {
    pub(crate) entry: &'r dyn Fn(usize) -> bool,
    pub(crate) vector: &'r dyn Fn(&str) -> bool,
}

impl Dependence {
    /// Looks at what is new on the tape.
    pub(crate) fn update(&mut self, tape: &Tape, roles: &Roles<'_>) {
        for entry in self.entries.len()..tape.entries.len() {
            let depends = self.entry(tape, roles, entry);
            self.entries.push(depends);
        }
    }

    /// What a value depends on that is on the tape since the last update.
    pub(crate) fn of(&mut self, tape: &Tape, roles: &Roles<'_>, value: Value) -> Depends {
        match value {
            Value::Known(_) | Value::Counted(_) => Depends::default(),
            Value::Entry(entry) => self.entries.get(entry).copied().unwrap_or_default(),
            Value::Kept(vector, _) => self.vector(tape, roles, vector),
        }
    }

    fn all(&mut self, tape: &Tape, roles: &Roles<'_>, values: &[Value]) -> Depends {
        values.iter().fold(Depends::default(), |all, value| all.or(self.of(tape, roles, *value)))
    }

    fn entry(&mut self, tape: &Tape, roles: &Roles<'_>, entry: usize) -> Depends {
        match tape.entries[entry] {
            Entry::Input if (roles.entry)(entry) => Depends::VARIABLE,
            Entry::Input => Depends::PARAMETER,
            Entry::Counter(_) => Depends::default(),
            Entry::Operation(..) => self.all(tape, roles, tape.operands(entry)),
            Entry::Read(vector, _) => self.vector(tape, roles, vector),
            Entry::State(number, state) => {
                let known = self.entries.get(entry).copied().unwrap_or_default();
                let Outcome::States(states, _) = &tape.loops[number].result else { return known };
                let first = states.get(state).map_or(Value::Known(0.0), |state| state.first);
                known.or(self.of(tape, roles, first))
            }
            Entry::Last(number, state) => {
                self.settle(tape, roles, number);
                let Outcome::States(states, _) = &tape.loops[number].result else {
                    return Depends::default();
                };
                let ends = states.get(state).map(|state| [state.first, state.next]);
                self.all(tape, roles, ends.as_ref().map_or(&[], <[Value; 2]>::as_slice))
            }
            Entry::Sum(number) => {
                self.settle(tape, roles, number);
                match tape.loops[number].result {
                    Outcome::Sum(term) => self.of(tape, roles, term),
                    Outcome::States(..) => Depends::default(),
                }
            }
        }
    }

    fn vector(&mut self, tape: &Tape, roles: &Roles<'_>, vector: usize) -> Depends {
        if let Some(known) = self.vectors.get(&vector) {
            return *known;
        }
        let depends = match &tape.vectors[vector] {
            Vector::Values(values, _) => self.all(tape, roles, values),
            Vector::Declared(name) if (roles.vector)(name) => Depends::VARIABLE,
            Vector::Declared(_) => Depends::PARAMETER,
            Vector::Kept(number, place) => {
                self.settle(tape, roles, *number);
                match &tape.loops[*number].result {
                    Outcome::States(_, kept) => self.of(tape, roles, kept[*place]),
                    Outcome::Sum(_) => Depends::default(),
                }
            }
        };
        self.vectors.insert(vector, depends);
        depends
    }

    /// Goes through the body of a loop, and through the loops in it, until what they carry depends on nothing more.
    fn settle(&mut self, tape: &Tape, roles: &Roles<'_>, number: usize) {
        if !self.loops.insert(number) {
            return;
        }
        let (mut body, mut carried) = (Vec::new(), Vec::<State>::new());
        let outer = [Item::Loop(number)];
        let mut lists = vec![outer.iter()];
        while let Some(list) = lists.last_mut() {
            match list.next() {
                Some(Item::Entry(entry)) => body.push(*entry),
                Some(Item::Loop(inner)) => {
                    self.loops.insert(*inner);
                    if let Outcome::States(states, _) = &tape.loops[*inner].result {
                        carried.extend(states);
                    }
                    lists.push(tape.loops[*inner].body.iter());
                }
                None => drop(lists.pop()),
            }
        }
        let known = self.entries.len();
        body.retain(|entry| *entry < known);
        let mut changed = !carried.is_empty();
        while std::mem::take(&mut changed) {
            for &entry in &body {
                let depends = self.entry(tape, roles, entry);
                changed |= depends != self.entries[entry];
                self.entries[entry] = depends;
            }
            for state in &carried {
                let next = self.of(tape, roles, state.next);
                if let Some(inside) = self.entries.get_mut(state.inside) {
                    let more = inside.or(next);
                    changed |= more != *inside;
                    *inside = more;
                }
            }
        }
    }
}
