//! A tape run on a recorder: so Python's code becomes the graph that the same code writes in Rust.

use std::collections::HashMap;
use std::sync::Arc;

use smallvec::SmallVec;
use uphill_graph::{
    At, Error, Function, Index, Place as Spot, Recorder, Scalar, Table, Var, loops,
};

use crate::groups::{self, Group, Step};
use crate::place::{Even, Lookup, Place, Term};
use crate::tape::{Entry, Entrywise, Kind, Operand, Repeated, Tape, Written};
use crate::turn::Turn;

/// An output, or a vector of them.
pub(crate) struct Result_ {
    pub(crate) name: String,
    pub(crate) values: Vec<Operand>,
    pub(crate) is_vector: bool,
}

/// The function that a tape is.
///
/// # Errors
///
/// Those of names.
pub(crate) fn function(tape: &Tape, outputs: &[Result_]) -> Result<Function, Error> {
    let written = tape.written();
    let recorder = Recorder::new();
    let inputs = recorder.inputs(tape.inputs.clone())?;
    let mut values = inputs;
    values.resize(written.entries.len(), Var::constant(f64::NAN));
    let mut run = Run { written: &written, values, counters: Vec::new(), tables: HashMap::new() };
    let results = outputs.iter().flat_map(|output| output.values.iter().copied());
    let steps = groups::plan(&written, 0, written.entries.len(), results);
    run.steps(&steps)?;
    for output in outputs {
        let values: Vec<Var<'_>> = output.values.iter().map(|&value| run.value(value)).collect();
        match output.is_vector {
            true => recorder.outputs(&*output.name, &values),
            false => recorder.output(&*output.name, values[0]),
        }
    }
    drop(run);
    recorder.finish()
}

struct Run<'w, 'g> {
    written: &'w Written,
    /// For each entry.
    values: Vec<Var<'g>>,
    /// Of the bodies that are open.
    counters: Vec<(u32, Index<Var<'g>>)>,
    /// Tables that were met, by their address.
    tables: HashMap<*const u32, Table>,
}

impl<'g> Run<'_, 'g> {
    fn value(&self, operand: Operand) -> Var<'g> {
        match operand {
            Operand::Number(number) => Var::constant(number),
            Operand::Value(entry) => self.values[entry as usize],
        }
    }

    fn all(&self, operands: &[Operand]) -> Vec<Var<'g>> {
        operands.iter().map(|&operand| self.value(operand)).collect()
    }

    fn steps(&mut self, steps: &[Step]) -> Result<(), Error> {
        for step in steps {
            match step {
                Step::One(k) => self.one(*k)?,
                Step::Together(group) if group.is_long() => self.together(group),
                Step::Together(group) => {
                    for member in &group.members {
                        self.one(member.entry)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn one(&mut self, k: usize) -> Result<(), Error> {
        let written = self.written;
        let value = match &written.entries[k] {
            Entry::Given | Entry::Begin(_) => return Ok(()),
            Entry::Operation(op, x) => match x.as_slice() {
                &[x] => Var::apply(*op, &[self.value(x)]),
                &[x, y] => Var::apply(*op, &[self.value(x), self.value(y)]),
                x => Var::apply(*op, &self.all(x)),
            },
            Entry::Entrywise(own) => {
                for place in 0..own.count {
                    let operands = own.operands.iter().map(|source| self.value(source.at(place)));
                    let value = own.does.apply(&operands.collect::<SmallVec<[Var<'g>; 3]>>());
                    self.put(k + 1 + place, &[value]);
                }
                return Ok(());
            }
            Entry::Sum(own) => self.sum(own),
            Entry::At(vector, place) => {
                let spot = self.place(place)?;
                self.all(vector).at(spot)
            }
            // A place that is looked up is a number of a vector: of the table as numbers.
            Entry::Value(place) => self.number(place),
            Entry::Call(function, operands) => {
                let outputs = function.eval_scalar(&self.all(operands))?;
                self.put(k + 1, &outputs);
                return Ok(());
            }
            Entry::Root(equations, start, given) => {
                let root = equations.solve(&self.all(start), &self.all(given));
                self.put(k + 1, &root);
                return Ok(());
            }
            Entry::Loop(repeated) => {
                let results = self.repeat(repeated)?;
                self.put(k + 1, &results);
                return Ok(());
            }
        };
        self.put(k, &[value]);
        Ok(())
    }

    /// A sum of values: in order, or as the sum of a loop where it is long.
    fn sum(&self, own: &Entrywise) -> Var<'g> {
        let terms: Vec<Var<'g>> = own
            .operands
            .iter()
            .flat_map(|source| (0..own.count).map(|place| self.value(source.at(place))))
            .collect();
        if groups::is_long(terms.len()) {
            return loops::sum(0..terms.len(), |i| terms.at(i));
        }
        terms.into_iter().reduce(|sum, term| sum + term).unwrap_or(Var::constant(0.0))
    }

    /// A group as a loop: what is read outside of it is kept, entry by entry, and sums are added up.
    fn together(&mut self, group: &Group) {
        let turn = Turn::of(&self.written.entries, group, |operand| self.value(operand));
        let range = 0..group.count;
        let is_sum = |place: &usize| turn.members[*place].0.is_none();
        let places = || 0..group.members.len();
        let kept: Vec<usize> =
            places().filter(|place| !is_sum(place) && group.members[*place].is_kept).collect();
        let mut results: Vec<(usize, Vec<Var<'g>>)> = Vec::new();
        if !kept.is_empty() {
            let needed = turn.needed(&kept);
            let rows = loops::map(range.clone(), |i| {
                let values = turn.values(i, &needed);
                kept.iter().map(|&place| values[place]).collect::<Vec<_>>()
            });
            for (column, &place) in kept.iter().enumerate() {
                let values = rows.iter().map(|row| row[column]).collect();
                results.push((group.members[place].entry + 1, values));
            }
        }
        for place in places().filter(is_sum) {
            let needed = turn.needed(&[place]);
            let sum = loops::sum(range.clone(), |i| turn.values(i, &needed)[place]);
            results.push((group.members[place].entry, vec![sum]));
        }
        drop(turn);
        for (first, values) in results {
            self.put(first, &values);
        }
    }

    /// Values of entries from this one on, with their names.
    fn put(&mut self, first: usize, values: &[Var<'g>]) {
        for (k, &value) in (first..).zip(values) {
            let name = self.written.names.get(&(k as u32));
            self.values[k] = name.map_or(value, |name| value.named(name));
        }
    }

    fn repeat(&mut self, repeated: &Repeated) -> Result<Vec<Var<'g>>, Error> {
        let first = self.all(&repeated.first);
        let mut failed = Ok(());
        let range = 0..repeated.count;
        let mut results = Vec::new();
        match repeated.kind {
            Kind::Map => {
                let kept = loops::map(range, |i| {
                    self.iteration(repeated, i, &[], &mut failed);
                    self.all(&repeated.kept)
                });
                results.extend(kept.into_iter().flatten());
            }
            Kind::Sum => {
                for &term in &repeated.kept {
                    results.push(loops::sum(range.clone(), |i| {
                        self.iteration(repeated, i, &[], &mut failed);
                        self.value(term)
                    }));
                }
            }
            Kind::Fold => {
                results = loops::fold(range, first, |i, state: Vec<Var<'g>>| {
                    self.iteration(repeated, i, &state, &mut failed);
                    self.all(&repeated.next)
                });
            }
            Kind::Scan => {
                let (last, kept) = loops::scan(range, first, |i, state: Vec<Var<'g>>| {
                    self.iteration(repeated, i, &state, &mut failed);
                    (self.all(&repeated.next), self.all(&repeated.kept))
                });
                results = last;
                results.extend(kept.into_iter().flatten());
            }
        }
        failed.map(|()| results)
    }

    fn iteration(
        &mut self,
        repeated: &Repeated,
        i: Index<Var<'g>>,
        state: &[Var<'g>],
        failed: &mut Result<(), Error>,
    ) {
        let (start, end) = (repeated.body.start as usize, repeated.body.end as usize);
        self.counters.push((repeated.id, i));
        self.put(start, state);
        let results = repeated.next.iter().chain(&repeated.kept).copied();
        let steps = groups::plan(self.written, start + state.len(), end, results);
        let done = self.steps(&steps);
        self.counters.pop();
        if failed.is_ok() {
            *failed = done;
        }
    }

    /// What moves a place, as the graph has it.
    fn index(&self, even: &Even) -> Option<Index<Var<'g>>> {
        let mut sum: Option<Index<Var<'g>>> = None;
        for term in &even.terms {
            let (_, counter) = self.counters.iter().find(|(body, _)| *body == term.body)?;
            let size = *counter * term.coefficient.unsigned_abs() as usize;
            let moved = if term.coefficient < 0 { 0 - size } else { size };
            sum = Some(sum.map_or(moved, |sum| sum + moved));
        }
        let number = even.offset.unsigned_abs() as usize;
        sum.map(|sum| if even.offset < 0 { sum - number } else { sum + number })
    }

    fn table(&mut self, table: &Arc<[u32]>) -> Result<Table, Error> {
        let bound = table.iter().max().map_or(0, |&most| most as usize + 1);
        let known = self.tables.get(&table.as_ptr());
        if let Some(known) = known {
            return Ok(known.clone());
        }
        let made = Table::new(table.iter().map(|&place| place as usize), bound)?;
        self.tables.insert(table.as_ptr(), made.clone());
        Ok(made)
    }

    fn place(&mut self, place: &Place) -> Result<Spot<Var<'g>>, Error> {
        let even = self.index(&place.even);
        let Some(Lookup { table, position, scale }) = &place.lookup else {
            return Ok(even.map_or(Spot::from(place.even.offset as usize), Spot::from));
        };
        let table = self.table(table)?;
        let Some(position) = self.index(position) else { return Ok(Spot::from(0)) };
        let looked_up = table.at(position) * *scale as usize;
        // What the table holds is moved by an index: one that stands still, if nothing else moves with counters.
        let still = || {
            let terms = place.lookup.iter().flat_map(|lookup| &lookup.position.terms);
            let terms = terms.map(|term| Term { coefficient: 0, ..*term }).collect();
            self.index(&Even { offset: place.even.offset, terms })
        };
        Ok(match even.or_else(still) {
            Some(even) => looked_up + even,
            None => looked_up,
        })
    }

    /// A place as a number.
    fn number(&mut self, place: &Place) -> Var<'g> {
        let even = self.index(&place.even);
        let even = even.map_or(Var::constant(place.even.offset as f64), Index::value);
        let Some(Lookup { table, position, scale }) = &place.lookup else { return even };
        let held: Vec<f64> = table.iter().map(|&place| f64::from(place)).collect();
        let held = match self.index(position) {
            Some(position) => position.of(&held),
            None => Var::constant(held.first().copied().unwrap_or(f64::NAN)),
        };
        even + held * *scale as f64
    }
}
