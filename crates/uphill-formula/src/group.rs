//! Entries that are defined by their index, as loops: what an iteration reads of those before it is carried along.
//!
//! A loop is tried with the entries of one statement. What it needs of other statements that need it shows by trying, and
//! is tried again with these; and backwards, if entries need those behind them.

use std::collections::{HashMap, HashSet};

use crate::counter::Even;
use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::members::{Group, Head, Looped, Members, State, Status, Wanted};
use crate::names;
use crate::program::Item;
use crate::tape::{self, Spot, Value, Vector};

/// How many entries back a loop looks at most.
const FARTHEST: i64 = 64;

impl<'p> Evaluation<'p> {
    /// Entries of one statement, and of others that need them, as a loop; whether that could be done.
    pub(crate) fn group(&mut self, item: usize) -> Result<bool, Error> {
        let (mut items, mut reversed) = (vec![item], false);
        loop {
            self.wanted = None;
            let made = self.attempt(|evaluation| evaluation.grouped(&items, reversed))?;
            if made.is_some() {
                return Ok(true);
            }
            items.iter().for_each(|&item| self.status(item, Status::New));
            match self.wanted.take() {
                Some(Wanted::Backwards) if !reversed => reversed = true,
                Some(Wanted::Family(other)) if !items.contains(&other) => {
                    let status = self.members.get(&other).map(|members| &members.status);
                    match status {
                        Some(Status::New) => items.push(other),
                        Some(Status::InLoop) => {
                            // A loop around this one waits for it.
                            self.wanted = Some(Wanted::Family(item));
                            return Err(self.program.cycle(&[item]));
                        }
                        _ => return Ok(false),
                    }
                }
                _ => return Ok(false),
            }
        }
    }

    fn grouped(&mut self, items: &[usize], reversed: bool) -> Result<(), Error> {
        let group = Group {
            items: items.to_vec(),
            reversed,
            values: HashMap::new(),
            states: Vec::new(),
            read: HashSet::new(),
        };
        let around = self.group.replace(group);
        let open = std::mem::take(&mut self.tape.open);
        let done = self.read_group(items, reversed);
        self.tape.open = open;
        self.group = around;
        done
    }

    fn read_group(&mut self, items: &[usize], reversed: bool) -> Result<(), Error> {
        let count = self.members.get(&items[0]).map_or(0, |members| members.used.len());
        for item in items {
            if self.members.get(item).is_none_or(|members| members.used.len() != count) {
                return Err(self.program.cycle(items));
            }
            self.status(*item, Status::InLoop);
        }
        self.tape.begin(0, count);
        let mut kept = Vec::with_capacity(items.len());
        for &item in items {
            kept.push(self.group_value(item)?);
        }
        let Some(group) = self.group.take() else { return Ok(()) };
        if group.states.is_empty()
            && let (&[item], &[value]) = (items, &kept[..])
            && let Item::Family(family) = self.program.items()[item]
            && self.tape.reach(value).is_counted()
        {
            // Numbers, which may be subscripts.
            let numbers = self.numbers(value, &family.expression)?;
            self.tape.open.pop();
            self.status(item, Status::Written(numbers.into_iter().map(State::Done).collect()));
            return Ok(());
        }
        let mut states = Vec::with_capacity(group.states.len());
        for &(item, lag, inside) in &group.states {
            let first = self.before(item, lag, reversed)?;
            let before = group.states.iter().find(|state| (state.0, state.1 + 1) == (item, lag));
            let next = match before {
                Some((.., inside)) => Value::Entry(*inside),
                None => group.values.get(&item).copied().flatten().unwrap_or(first),
            };
            states.push(tape::State { first, inside, next });
        }
        let (number, last) = self.tape.end_states(states, &kept);
        for (place, item) in items.iter().enumerate() {
            self.tape.vectors.push(Vector::Kept(number, place));
            let vector = self.tape.vectors.len() - 1;
            let state = group.states.iter().position(|state| (state.0, state.1) == (*item, 1));
            let last = state.map(|state| last[state]);
            self.status(*item, Status::Looped(Looped { vector, reversed, last }));
        }
        for (item, lag) in group.read {
            if let Some(members) = self.members.get_mut(&item) {
                let lag = lag as usize;
                let read = if reversed { lag..count } else { 0..count - lag };
                members.used[read].fill(true);
            }
        }
        Ok(())
    }

    /// What an entry so many iterations before the first one is.
    fn before(&mut self, item: usize, lag: i64, reversed: bool) -> Result<Value, Error> {
        let none = self.program.cycle(&[item]);
        let Item::Family(family) = self.program.items()[item] else { return Err(none) };
        let Some(Members { head: Head::Line { first, .. }, used, .. }) = self.members.get(&item)
        else {
            return Err(none);
        };
        let index = if reversed { first + used.len() as i64 - 1 + lag } else { first - lag };
        let Ok(index) = u64::try_from(index) else { return Err(none) };
        let open = std::mem::take(&mut self.tape.open);
        let name = names::entry_name(&family.target.name, &[index]);
        let value = self.global(&name, &family.expression);
        self.tape.open = open;
        value
    }

    /// What an iteration of the present loop computes of these entries.
    fn group_value(&mut self, item: usize) -> Result<Value, Error> {
        let none = self.program.cycle(&[item]);
        let Item::Family(family) = self.program.items()[item] else { return Err(none) };
        let Some(Members { head: Head::Line { from, .. }, used, .. }) = self.members.get(&item)
        else {
            return Err(none);
        };
        let (from, count) = (*from, used.len() as i64);
        let Some(group) = &mut self.group else { return Err(none) };
        match group.values.get(&item) {
            Some(Some(value)) => return Ok(*value),
            Some(None) => return Err(none),
            None => drop(group.values.insert(item, None)),
        }
        let counter = match group.reversed {
            false => Even::number(from).plus(Even::counter(0), 1),
            true => Even::number(from + count - 1).plus(Even::counter(0), -1),
        };
        let Some(counter) = counter else { return Err(none) };
        // It is computed by the loop itself, though a loop in it may ask for it.
        let inner = self.tape.open.split_off(1);
        let outside = self.locals.len();
        let visible = std::mem::replace(&mut self.visible, outside);
        self.path.push(item);
        self.locals.push((&family.ranges[0].index.name, Value::Counted(counter)));
        let value = self.charge_run(1, &family.expression);
        let value = value.and_then(|()| self.expression(&family.expression));
        // A loop in this one may catch an error, and goes on where it was.
        self.tape.open.truncate(1);
        self.tape.open.extend(inner);
        let value = value?;
        self.locals.truncate(outside);
        self.path.pop();
        self.visible = visible;
        if let Some(group) = &mut self.group {
            group.values.insert(item, Some(value));
        }
        Ok(value)
    }

    /// What an iteration so many before the present one computed.
    fn lagged(&mut self, item: usize, lag: i64) -> Result<Value, Error> {
        let Some(mut group) = self.group.take() else { return Err(self.program.cycle(&[item])) };
        group.read.insert((item, lag));
        let inner = self.tape.open.split_off(1);
        for lag in 1..=lag {
            if !group.states.iter().any(|state| (state.0, state.1) == (item, lag)) {
                let inside = self.tape.state(group.states.len());
                group.states.push((item, lag, inside));
            }
        }
        self.tape.open.extend(inner);
        let found = group.states.iter().find(|state| (state.0, state.1) == (item, lag));
        let value = found.map_or(Value::Known(f64::NAN), |state| Value::Entry(state.2));
        self.group = Some(group);
        Ok(value)
    }

    /// An entry at a place that moves with open loops, if a statement defines all that are reached by their index, and a loop
    /// keeps them.
    pub(crate) fn member_entry(
        &mut self,
        base: &str,
        even: Even,
        (low, high): (i64, i64),
    ) -> Result<Option<Value>, Error> {
        let program = self.program;
        for &item in program.families(base) {
            let not_a_loop = || program.cycle(&[item]);
            let Some(Members { head: Head::Line { first, .. }, used, .. }) =
                self.members.get(&item)
            else {
                continue;
            };
            let (first, count) = (*first, used.len() as i64);
            let last = first + count - 1;
            if high < first || last < low {
                continue;
            }
            let is_new = |evaluation: &Self| {
                let status = evaluation.members.get(&item).map(|members| &members.status);
                matches!(status, Some(Status::New))
            };
            if is_new(self) {
                self.settle_family(item)?;
            }
            let Some(members) = self.members.get_mut(&item) else { continue };
            match members.status {
                Status::Looped(looped) if first <= low && high <= last => {
                    for index in low..=high {
                        members.used[(index - first) as usize] = true;
                    }
                    let place = match looped.reversed {
                        false => even.plus(Even::number(first), -1),
                        true => Even::number(last).plus(even, -1),
                    };
                    let Some(place) = place else { return Err(not_a_loop()) };
                    return Ok(Some(self.tape.read(looped.vector, Spot::Even(place))));
                }
                Status::InLoop => {
                    let group = self.group.as_mut().filter(|group| group.items.contains(&item));
                    let Some(group) = group else {
                        self.wanted = Some(Wanted::Family(item));
                        return Err(not_a_loop());
                    };
                    let (factor, lag) = match group.reversed {
                        false => (1, first - even.offset),
                        true => (-1, even.offset - last),
                    };
                    if !even.terms().eq([(0, factor)]) || lag > FARTHEST {
                        let turned = even.terms().eq([(0, -factor)]);
                        self.wanted = None;
                        if turned && lag.abs() > count {
                            continue;
                        }
                        return Err(not_a_loop());
                    }
                    return match lag {
                        0 => {
                            group.read.insert((item, 0));
                            self.group_value(item).map(Some)
                        }
                        1.. => self.lagged(item, lag).map(Some),
                        _ => {
                            self.wanted = Some(Wanted::Backwards);
                            Err(not_a_loop())
                        }
                    };
                }
                _ => {}
            }
        }
        Ok(None)
    }
}
