//! The part of a tape that some outputs need, as a function: operations become nodes, and loops stay loops.

use std::collections::HashMap;
use std::ops::Range;

use uphill_graph::{At, Function, Index, Inputs, Recorder, Scalar, Table, Var, loops};

use crate::counter::Even;
use crate::error::Error;
use crate::tape::{Entry, Item, Outcome, Repeated, Spot, State, Tape, Value, Vector, Whole};

impl Tape {
    /// The outputs as a function of the inputs. `positions` has the place of each input of the tape among them.
    pub(crate) fn function(
        &self,
        inputs: &Inputs,
        positions: &[usize],
        outputs: &[(&str, Whole)],
    ) -> Result<Function, Error> {
        let needs = Needs::of(self, outputs);
        let recorder = Recorder::new();
        let variables = recorder.inputs(inputs.clone())?;
        let mut values: Vec<Option<Var<'_>>> = vec![None; self.entries.len()];
        let mut places = vec![None; self.entries.len()];
        for (&entry, &position) in self.inputs.iter().zip(positions) {
            values[entry] = Some(variables[position]);
            places[entry] = Some(position);
        }
        let tables: Result<Vec<Table>, uphill_graph::Error> =
            self.tables.iter().map(|table| Table::new(table.iter().copied(), LONGEST)).collect();
        let declared = self.vectors.iter().map(|vector| match vector {
            Vector::Declared(name) => inputs.positions(name).ok(),
            Vector::Values(..) | Vector::Kept(..) => None,
        });
        let mut kept: HashMap<usize, Vec<(usize, usize)>> = HashMap::new();
        for (vector, what) in self.vectors.iter().enumerate() {
            if let Vector::Kept(number, place) = *what {
                kept.entry(number).or_default().push((vector, place));
            }
        }
        let mut replay = Replay {
            tape: self,
            needs,
            recorder: &recorder,
            declared: declared.collect(),
            inputs,
            places,
            variables: &variables,
            vectors: vec![Vec::new(); self.vectors.len()],
            kept,
            tables: tables?,
            values,
            results: vec![Vec::new(); self.loops.len()],
            counters: Vec::new(),
        };
        replay.items(&self.outside);
        for (name, output) in outputs {
            match output {
                Whole::One(value) => recorder.output(*name, replay.value(*value)),
                Whole::Entries(values) => {
                    let values: Vec<Var<'_>> = values.iter().map(|x| replay.value(*x)).collect();
                    recorder.outputs(*name, &values);
                }
                Whole::Kept(vector) => recorder.outputs(*name, &replay.vectors[*vector]),
            }
        }
        Ok(recorder.finish()?)
    }
}

/// More entries than any vector has.
const LONGEST: usize = u32::MAX as usize;

/// What outputs need.
struct Needs {
    entries: Vec<bool>,
    loops: Vec<bool>,
    vectors: Vec<bool>,
}

impl Needs {
    fn of(tape: &Tape, outputs: &[(&str, Whole)]) -> Needs {
        let mut needs = Needs {
            entries: vec![false; tape.entries.len()],
            loops: vec![false; tape.loops.len()],
            vectors: vec![false; tape.vectors.len()],
        };
        let mut waiting: Vec<Value> = Vec::new();
        for (_, output) in outputs {
            match output {
                Whole::One(value) => waiting.push(*value),
                Whole::Entries(values) => waiting.extend(values),
                Whole::Kept(vector) => waiting.push(Value::Kept(*vector, 0)),
            }
        }
        while let Some(value) = waiting.pop() {
            let entry = match value {
                Value::Known(_) | Value::Counted(_) => continue,
                Value::Kept(vector, _) => {
                    needs.vector(tape, vector, &mut waiting);
                    continue;
                }
                Value::Entry(entry) => entry,
            };
            if std::mem::replace(&mut needs.entries[entry], true) {
                continue;
            }
            match tape.entries[entry] {
                Entry::Input | Entry::Counter(_) => {}
                Entry::Operation(..) => waiting.extend(tape.operands(entry)),
                Entry::Read(vector, _) => needs.vector(tape, vector, &mut waiting),
                Entry::State(number, state) | Entry::Last(number, state) => {
                    needs.loops[number] = true;
                    if let Outcome::States(states, _) = &tape.loops[number].result {
                        let State { first, inside, next } = states[state];
                        waiting.extend([first, next, Value::Entry(inside)]);
                    }
                }
                Entry::Sum(number) => {
                    needs.loops[number] = true;
                    if let Outcome::Sum(term) = tape.loops[number].result {
                        waiting.push(term);
                    }
                }
            }
        }
        needs
    }

    fn vector(&mut self, tape: &Tape, vector: usize, waiting: &mut Vec<Value>) {
        if std::mem::replace(&mut self.vectors[vector], true) {
            return;
        }
        match &tape.vectors[vector] {
            Vector::Values(values, _) => waiting.extend(values),
            Vector::Declared(_) => {}
            Vector::Kept(number, place) => {
                self.loops[*number] = true;
                if let Outcome::States(_, kept) = &tape.loops[*number].result {
                    waiting.push(kept[*place]);
                }
            }
        }
    }
}

struct Replay<'t, 'r> {
    tape: &'t Tape,
    needs: Needs,
    recorder: &'r Recorder,
    /// The positions of vectors that are declared inputs.
    declared: Vec<Option<Range<usize>>>,
    inputs: &'t Inputs,
    /// The position of each entry that is an input.
    places: Vec<Option<usize>>,
    variables: &'t [Var<'r>],
    /// Vectors, from when they are there.
    vectors: Vec<Vec<Var<'r>>>,
    /// By loop: the vectors that it keeps, each with its place among what is kept.
    kept: HashMap<usize, Vec<(usize, usize)>>,
    tables: Vec<Table>,
    values: Vec<Option<Var<'r>>>,
    /// What loops gave: a sum, or the last states.
    results: Vec<Vec<Option<Var<'r>>>>,
    /// Of the open loops.
    counters: Vec<Index<Var<'r>>>,
}

impl<'r> Replay<'_, 'r> {
    fn value(&self, value: Value) -> Var<'r> {
        match value {
            Value::Known(number) => Var::constant(number),
            Value::Counted(even) => self.index(even).map_or(Var::constant(f64::NAN), Index::value),
            // What is needed comes before what needs it.
            Value::Entry(entry) => self.values[entry].unwrap_or(Var::constant(f64::NAN)),
            Value::Kept(vector, place) => {
                self.vectors[vector].get(place).copied().unwrap_or(Var::constant(f64::NAN))
            }
        }
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match *item {
                Item::Entry(entry) if self.needs.entries[entry] => self.entry(entry),
                Item::Loop(number) if self.needs.loops[number] => self.repeat(number),
                Item::Entry(_) | Item::Loop(_) => {}
            }
        }
    }

    fn entry(&mut self, entry: usize) {
        let value = match self.tape.entries[entry] {
            Entry::Operation(op, ..) => {
                let operands = self.tape.operands(entry).iter();
                let operands: Vec<Var<'r>> = operands.map(|x| self.value(*x)).collect();
                Var::apply(op, &operands)
            }
            Entry::Counter(even) => self.value(Value::Counted(even)),
            Entry::Read(vector, spot) => self.read(vector, spot),
            Entry::Sum(number) => self.result(number, 0),
            Entry::Last(number, state) => self.result(number, state),
            // Set before.
            Entry::Input | Entry::State(..) => return,
        };
        let value = match self.tape.names.get(&entry) {
            Some(name) => value.named(name),
            None => value,
        };
        self.values[entry] = Some(value);
    }

    fn result(&self, number: usize, place: usize) -> Var<'r> {
        let result = self.results[number].get(place).copied().flatten();
        result.unwrap_or(Var::constant(f64::NAN))
    }

    /// A whole number that moves with open loops; none if it moves with none of them.
    fn index(&self, even: Even) -> Option<Index<Var<'r>>> {
        let mut offset = even.offset;
        let mut sum: Option<Index<Var<'r>>> = None;
        let mut terms: Vec<(usize, i64)> = even.terms().collect();
        // What is added comes first.
        terms.sort_by_key(|(_, factor)| *factor < 0);
        for (depth, factor) in terms {
            let place = self.counters[depth] * factor.unsigned_abs() as usize;
            sum = Some(match (sum, factor > 0) {
                (None, true) => place,
                (None, false) => 0 - place,
                (Some(sum), true) => sum + place,
                (Some(sum), false) => sum - place,
            });
        }
        let sum = sum?;
        let moved = match offset >= 0 {
            true => sum + offset as usize,
            false => {
                offset = -offset;
                sum - offset as usize
            }
        };
        Some(moved)
    }

    fn read(&self, vector: usize, spot: Spot) -> Var<'r> {
        let values: &[Var<'r>] = match &self.declared[vector] {
            Some(positions) => &self.variables[positions.clone()],
            None => &self.vectors[vector],
        };
        let (Spot::Even(even) | Spot::LookedUp(_, even)) = spot;
        let even = match (&self.tape.vectors[vector], spot) {
            (Vector::Values(_, before), Spot::Even(_)) => {
                even.plus(Even::number(*before as i64), 1).unwrap_or(even)
            }
            _ => even,
        };
        match (spot, self.index(even)) {
            (Spot::Even(_), Some(index)) => values.at(index),
            (Spot::LookedUp(table, _), Some(index)) => values.at(self.tables[table].at(index)),
            (Spot::Even(_), None) => values[even.offset as usize],
            (Spot::LookedUp(table, _), None) => {
                values[self.tables[table].places()[even.offset as usize] as usize]
            }
        }
    }

    /// The vectors that are read inside of a loop, each put together once.
    fn put_together(&mut self, repeated: &Repeated) {
        for item in &repeated.body {
            match *item {
                Item::Loop(number) => self.put_together(&self.tape.loops[number]),
                Item::Entry(entry) => {
                    let Entry::Read(vector, _) = self.tape.entries[entry] else { continue };
                    let Vector::Values(values, _) = &self.tape.vectors[vector] else { continue };
                    if self.needs.vectors[vector] && self.vectors[vector].is_empty() {
                        if let Some(positions) = self.is_part(values) {
                            self.vectors[vector] = self.variables[positions].to_vec();
                            continue;
                        }
                        let values: Vec<Var<'r>> = values.iter().map(|x| self.value(*x)).collect();
                        let numbers = values.iter().all(|x| x.constant_value().is_some());
                        self.vectors[vector] =
                            if numbers { values } else { self.recorder.vector(&values) };
                    }
                }
            }
        }
    }

    /// The positions of values that are a part of one vector of inputs, which needs no copy.
    fn is_part(&self, values: &[Value]) -> Option<Range<usize>> {
        let place = |value: &Value| match value {
            Value::Entry(entry) => self.places[*entry],
            Value::Known(_) | Value::Counted(_) | Value::Kept(..) => None,
        };
        let first = place(values.first()?)?;
        let positions = first..first + values.len();
        if !values.iter().zip(positions.clone()).all(|(value, at)| place(value) == Some(at)) {
            return None;
        }
        let mut end = 0;
        let group = self.inputs.groups().iter().find(|group| {
            end += group.length.map_or(1, |length| length as usize);
            end > first
        })?;
        (group.length.is_some() && positions.end <= end).then_some(positions)
    }

    fn repeat(&mut self, number: usize) {
        let tape = self.tape;
        let repeated = &tape.loops[number];
        if self.counters.is_empty() {
            self.put_together(repeated);
        }
        self.results[number] = match &repeated.result {
            Outcome::Sum(term) => {
                let sum = loops::sum(0..repeated.count, |index| {
                    self.turn(repeated, index);
                    self.value(*term)
                });
                vec![Some(sum)]
            }
            Outcome::States(states, kept) => {
                let is_needed = |state: &&State| self.needs.entries[state.inside];
                let needed: Vec<State> = states.iter().filter(is_needed).copied().collect();
                // Vectors that are asked for, and what they keep.
                let vectors = self.kept.get(&number).into_iter().flatten();
                let vectors: Vec<(usize, Value)> = vectors
                    .filter(|(vector, _)| self.needs.vectors[*vector])
                    .map(|&(vector, place)| (vector, kept[place]))
                    .collect();
                let first: Vec<Var<'r>> =
                    needed.iter().map(|state| self.value(state.first)).collect();
                let (last, kept) =
                    loops::scan(0..repeated.count, first, |index, carried: Vec<Var<'r>>| {
                        for (state, value) in needed.iter().zip(carried) {
                            self.values[state.inside] = Some(value);
                        }
                        self.turn(repeated, index);
                        let next: Vec<Var<'r>> =
                            needed.iter().map(|state| self.value(state.next)).collect();
                        let kept: Vec<Var<'r>> =
                            vectors.iter().map(|(_, value)| self.value(*value)).collect();
                        (next, kept)
                    });
                for (place, (vector, _)) in vectors.iter().enumerate() {
                    self.vectors[*vector] = kept.iter().map(|values| values[place]).collect();
                }
                let mut last = last.into_iter();
                let is_needed = |state: &State| self.needs.entries[state.inside];
                let last = |state| if is_needed(state) { last.next() } else { None };
                states.iter().map(last).collect()
            }
        };
        self.counters.truncate(repeated.depth);
    }

    fn turn(&mut self, repeated: &Repeated, index: Index<Var<'r>>) {
        self.counters.truncate(repeated.depth);
        let from = repeated.from.unsigned_abs() as usize;
        self.counters.push(if repeated.from < 0 { index - from } else { index + from });
        self.items(&repeated.body);
    }
}
