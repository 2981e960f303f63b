//! Entries that are defined by their index: `x[i] = 2*x[i - 1] for i = 1..n`.
//!
//! Where one index moves by one, all entries are one loop: what an entry reads of entries before it is carried from
//! iteration to iteration, backwards if it reads entries behind it. Entries that need each other are one loop together. Which
//! ones these are turns up by trying. Whatever can't be a loop is written out, entry by entry, and so are short ranges.

use std::collections::{HashMap, HashSet};

use crate::counter::Even;
use crate::error::Error;
use crate::evaluate::{Evaluation, State};
use crate::names;
use crate::program::{Item, defined_twice};
use crate::repeat::WRITTEN_OUT;
use crate::syntax::{Expression, Family};
use crate::tape::{self, Spot, Value, Vector};

/// How many entries back a loop looks at most.
const FARTHEST: i64 = 64;

/// The entries that one statement defines.
#[derive(Debug)]
pub(crate) struct Members {
    head: Head,
    status: Status,
    /// Which of them something uses.
    used: Vec<bool>,
}

/// Which entries there are.
#[derive(Debug)]
enum Head {
    /// One index that moves by one with the counter, which begins at `from`.
    Line { first: i64, from: i64 },
    /// Names, where they are, and the counters of each.
    List { names: Vec<String>, places: HashMap<String, usize>, counters: Vec<Vec<f64>> },
}

#[derive(Debug)]
enum Status {
    New,
    /// Part of a loop that is being read.
    InLoop,
    Looped(Looped),
    Written(Vec<State>),
}

/// What a loop keeps of entries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Looped {
    vector: usize,
    reversed: bool,
    last: Option<Value>,
}

impl Looped {
    /// The entry with this number among so many.
    fn value(self, entry: usize, count: usize) -> Value {
        let place = if self.reversed { count - 1 - entry } else { entry };
        match self.last.filter(|_| place + 1 == count) {
            Some(last) => last,
            None => Value::Kept(self.vector, place),
        }
    }
}

/// Entries that a loop keeps, for whoever asks for one by its name.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    base: String,
    first: i64,
    count: usize,
    looped: Looped,
}

impl Line {
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        let (base, indices) = names::entry(name)?;
        let [index] = indices[..] else { return None };
        let entry = usize::try_from(i64::try_from(index).ok()? - self.first).ok()?;
        (base == self.base && entry < self.count).then(|| self.looped.value(entry, self.count))
    }
}

/// Entries that are being read as one loop.
#[derive(Debug)]
pub(crate) struct Group {
    items: Vec<usize>,
    reversed: bool,
    /// What an iteration computes; nothing while it is being read.
    values: HashMap<usize, Option<Value>>,
    /// What is carried: of which entries, from how many iterations before, and as what.
    states: Vec<(usize, i64, usize)>,
    read: HashSet<(usize, i64)>,
}

/// What would make a loop of entries that aren't one by themselves.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// These entries in the same loop.
    Family(usize),
    /// The loop the other way round.
    Backwards,
}

impl<'p> Evaluation<'p> {
    /// Finds out which entries are defined by their index.
    pub(crate) fn heads(&mut self) -> Result<(), Error> {
        for item in 0..self.program.items().len() {
            let Item::Family(family) = self.program.items()[item] else { continue };
            let members = self.head(item, family)?;
            self.members.insert(item, members);
        }
        Ok(())
    }

    fn head(&mut self, item: usize, family: &'p Family) -> Result<Members, Error> {
        let mut ranges = Vec::with_capacity(family.ranges.len());
        let mut count = 1_usize;
        for range in &family.ranges {
            let (from, to) = (self.expression(&range.from)?, self.expression(&range.to)?);
            let from = self.whole(from, &range.from, || "the start of a range".into())?;
            let to = self.whole(to, &range.to, || "the end of a range".into())?;
            count = count.saturating_mul((to - from + 1.0).max(0.0) as usize);
            ranges.push((from, to));
        }
        if count > self.limits.operations.saturating_mul(10) {
            let place = self.program.source.place(&family.target.span, "so many entries");
            return Err(Error::TooLarge { limit: self.limits.operations, place });
        }
        let head = match self.line(family, &ranges, count)? {
            Some(line) => line,
            None => self.list(family, &ranges, count)?,
        };
        let members = Members { head, status: Status::New, used: vec![false; count] };
        self.check_twice(item, family, &members)?;
        Ok(members)
    }

    fn line(
        &mut self,
        family: &'p Family,
        ranges: &[(f64, f64)],
        count: usize,
    ) -> Result<Option<Head>, Error> {
        let ([index], [(from, _)], [range]) = (&family.indices[..], ranges, &family.ranges[..])
        else {
            return Ok(None);
        };
        let from = *from as i64;
        if count == 0 {
            return Ok(None);
        }
        let counter = self.tape.begin(from, count);
        self.locals.push((&range.index.name, counter));
        let place = self.expression(index);
        self.locals.pop();
        self.tape.open.pop();
        Ok(match place? {
            Value::Counted(even) if even.terms().eq([(0, 1)]) && even.at(&[from]) >= 0 => {
                Some(Head::Line { first: even.at(&[from]), from })
            }
            _ => None,
        })
    }

    fn list(
        &mut self,
        family: &'p Family,
        ranges: &[(f64, f64)],
        count: usize,
    ) -> Result<Head, Error> {
        let (mut names, mut places, mut counters) = (Vec::new(), HashMap::new(), Vec::new());
        let base = &family.target.name;
        self.charge(count.saturating_mul(family.indices.len()), &family.expression)?;
        for number in 0..count {
            let (mut now, mut rest) = (vec![0.0; ranges.len()], number);
            for (now, (from, to)) in now.iter_mut().zip(ranges).rev() {
                let length = (to - from + 1.0) as usize;
                *now = from + (rest % length) as f64;
                rest /= length;
            }
            let outside = self.locals.len();
            for (range, now) in family.ranges.iter().zip(&now) {
                self.locals.push((&range.index.name, Value::Known(*now)));
            }
            let mut entry = Vec::with_capacity(family.indices.len());
            for index in &family.indices {
                let value = self.expression(index)?;
                entry.push(self.place_of_entry(base, value, index)?);
            }
            self.locals.truncate(outside);
            let name = names::entry_name(base, &entry);
            if places.insert(name.clone(), number).is_some() {
                let (span, first) = (&family.target.span, "defined by one index".into());
                return Err(defined_twice(self.program.source, &name, span, first));
            }
            names.push(name);
            counters.push(now);
        }
        Ok(Head::List { names, places, counters })
    }

    /// No entry is defined twice.
    fn check_twice(&self, item: usize, family: &Family, members: &Members) -> Result<(), Error> {
        let (base, span) = (&family.target.name, &family.target.span);
        let source = self.program.source;
        let line = |item: usize| source.place(self.program.items()[item].name().1, "").line();
        for name in self.program.definitions() {
            if names::base(name) == base && members.place(name).is_some() {
                let (other, _) = self.program.definition(name).unzip();
                let first = format!("defined in line {}", other.map_or(0, line));
                return Err(defined_twice(source, name, span, first));
            }
        }
        for &other in self.program.families(base).iter().filter(|&&other| other < item) {
            let Some(others) = self.members.get(&other) else { continue };
            let (few, many) = match members.used.len() <= others.used.len() {
                true => (members, others),
                false => (others, members),
            };
            let both = (0..few.used.len()).find_map(|k| {
                let name = few.name(base, k);
                many.place(&name).map(|_| name)
            });
            if let Some(name) = both {
                let first = format!("defined in line {}", line(other));
                return Err(defined_twice(source, &name, span, first));
            }
        }
        Ok(())
    }

    /// The statement that defines an entry, and the entry's number there.
    pub(crate) fn member(&self, name: &str) -> Option<(usize, usize)> {
        let (base, _) = names::entry(name)?;
        let families = self.program.families(base).iter();
        families.copied().find_map(|item| Some((item, self.members.get(&item)?.place(name)?)))
    }

    fn status(&mut self, item: usize, status: Status) {
        if let Some(members) = self.members.get_mut(&item) {
            members.status = status;
        }
    }

    /// The value of an entry.
    pub(crate) fn member_value(&mut self, item: usize, entry: usize) -> Result<Value, Error> {
        if let Some(members) = self.members.get_mut(&item) {
            members.used[entry] = true;
        }
        self.settle_family(item)?;
        let not_yet = self.program.cycle(&[item]);
        let Some(members) = self.members.get(&item) else { return Err(not_yet) };
        match &members.status {
            Status::Looped(looped) => Ok(looped.value(entry, members.used.len())),
            Status::Written(states) => match states[entry] {
                State::Done(value) => Ok(value),
                State::New => self.define_member(item, entry),
                State::Open => {
                    let begin = self.path.iter().position(|open| *open == item).unwrap_or(0);
                    Err(self.program.cycle(&self.path[begin..]))
                }
            },
            Status::InLoop | Status::New => {
                self.wanted = Some(Wanted::Family(item));
                Err(not_yet)
            }
        }
    }

    /// Computes all entries of a statement, if that hasn't been done: as a loop, or in order.
    pub(crate) fn settle_family(&mut self, item: usize) -> Result<(), Error> {
        let Item::Family(family) = self.program.items()[item] else { return Ok(()) };
        let Some(Members { head, status: Status::New, used }) = self.members.get(&item) else {
            return Ok(());
        };
        let count = used.len();
        if matches!(head, Head::Line { .. }) && count > WRITTEN_OUT && self.group(item)? {
            return Ok(());
        }
        self.charge_once(count, &family.expression)?;
        self.status(item, Status::Written(vec![State::New; count]));
        let whole = |evaluation: &mut Self| {
            (0..count).try_for_each(|entry| evaluation.define_member(item, entry).map(drop))
        };
        if self.running {
            // Where statements need each other, each computes what it needs of the other.
            self.attempt(whole)?;
            return Ok(());
        }
        self.running = true;
        let done = whole(self);
        self.running = false;
        done
    }

    /// Computes what is left.
    pub(crate) fn finish_families(&mut self) -> Result<(), Error> {
        for item in 0..self.program.items().len() {
            self.settle_family(item)?;
            let Some(members) = self.members.get(&item) else { continue };
            if let Status::Written(states) = &members.status {
                for entry in 0..states.len() {
                    self.define_member(item, entry)?;
                }
            }
        }
        Ok(())
    }

    fn define_member(&mut self, item: usize, entry: usize) -> Result<Value, Error> {
        let no_member = self.program.cycle(&[item]);
        let Item::Family(family) = self.program.items()[item] else { return Err(no_member) };
        let Some(members) = self.members.get_mut(&item) else { return Err(no_member) };
        let name = members.name(&family.target.name, entry);
        let counters = members.counters(entry);
        let Status::Written(states) = &mut members.status else { return Err(no_member) };
        match states[entry] {
            State::Done(value) => return Ok(value),
            State::Open => return Err(no_member),
            State::New => states[entry] = State::Open,
        }
        self.path.push(item);
        self.open_members.push((item, entry));
        let outside = self.locals.len();
        let visible = std::mem::replace(&mut self.visible, outside);
        let open = std::mem::take(&mut self.tape.open);
        let group = self.group.take();
        for (range, now) in family.ranges.iter().zip(counters) {
            self.locals.push((&range.index.name, Value::Known(now)));
        }
        let value = self.expression(&family.expression);
        (self.tape.open, self.group) = (open, group);
        let value = value?;
        self.locals.truncate(outside);
        self.visible = visible;
        self.open_members.pop();
        self.path.pop();
        self.tape.name(value, &name);
        self.set_member(item, entry, State::Done(value));
        Ok(value)
    }

    pub(crate) fn set_member(&mut self, item: usize, entry: usize, state: State) {
        if let Some(Members { status: Status::Written(states), .. }) = self.members.get_mut(&item) {
            states[entry] = state;
        }
    }

    /// Entries of one statement, and of others that need them, as a loop; whether that could be done.
    fn group(&mut self, item: usize) -> Result<bool, Error> {
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

    /// The entries that nothing uses, in order.
    pub(crate) fn unused(&self, item: usize) -> Result<Vec<(String, Value)>, Error> {
        let Item::Family(family) = self.program.items()[item] else { return Ok(Vec::new()) };
        let Some(members) = self.members.get(&item) else { return Ok(Vec::new()) };
        let unused = (0..members.used.len()).filter(|entry| !members.used[*entry]);
        if unused.clone().count() > self.limits.operations {
            let place = self.program.source.place(&family.target.span, "so many outputs");
            return Err(Error::TooLarge { limit: self.limits.operations, place });
        }
        Ok(unused
            .filter_map(|entry| {
                Some((members.name(&family.target.name, entry), members.value(entry)?))
            })
            .collect())
    }

    /// The entries that were written out, and those that a loop keeps.
    pub(crate) fn entries(self) -> (tape::Tape, Vec<(String, Value)>, Vec<Line>) {
        let (mut written, mut lines) = (Vec::new(), Vec::new());
        for item in 0..self.program.items().len() {
            let Item::Family(family) = self.program.items()[item] else { continue };
            let Some(members) = self.members.get(&item) else { continue };
            let base = &family.target.name;
            match (&members.status, &members.head) {
                (Status::Looped(looped), Head::Line { first, .. }) => lines.push(Line {
                    base: base.clone(),
                    first: *first,
                    count: members.used.len(),
                    looped: *looped,
                }),
                _ => {
                    written.extend((0..members.used.len()).filter_map(|entry| {
                        Some((members.name(base, entry), members.value(entry)?))
                    }))
                }
            }
        }
        (self.tape, written, lines)
    }

    fn charge_once(&mut self, count: usize, x: &Expression) -> Result<(), Error> {
        let open = std::mem::take(&mut self.tape.open);
        let charged = self.charge(count, x);
        self.tape.open = open;
        charged
    }
}

impl Members {
    fn name(&self, base: &str, entry: usize) -> String {
        match &self.head {
            Head::Line { first, .. } => names::entry_name(base, &[(*first + entry as i64) as u64]),
            Head::List { names, .. } => names[entry].clone(),
        }
    }

    /// The number of the entry with this name.
    fn place(&self, name: &str) -> Option<usize> {
        match &self.head {
            Head::List { places, .. } => places.get(name).copied(),
            Head::Line { first, .. } => {
                let (_, indices) = names::entry(name)?;
                let [index] = indices[..] else { return None };
                let entry = usize::try_from(i64::try_from(index).ok()? - first).ok()?;
                (entry < self.used.len()).then_some(entry)
            }
        }
    }

    fn counters(&self, entry: usize) -> Vec<f64> {
        match &self.head {
            Head::Line { from, .. } => vec![(*from + entry as i64) as f64],
            Head::List { counters, .. } => counters[entry].clone(),
        }
    }

    fn value(&self, entry: usize) -> Option<Value> {
        match &self.status {
            Status::Looped(looped) => Some(looped.value(entry, self.used.len())),
            Status::Written(states) => match states[entry] {
                State::Done(value) => Some(value),
                State::New | State::Open => None,
            },
            Status::New | Status::InLoop => None,
        }
    }
}
