//! Entries that are defined by their index: `x[i] = 2*x[i - 1] for i = 1..n`.
//!
//! Where one index moves by one, all entries are one loop (`group.rs`). Whatever can't be a loop is written out, entry by
//! entry, and so are short ranges.

use std::collections::HashMap;

use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::members::{Head, Line, Members, State, Status, Wanted};
use crate::names;
use crate::program::{Item, defined_twice};
use crate::repeat::WRITTEN_OUT;
use crate::syntax::Family;
use crate::tape::{Tape, Value};

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

    pub(crate) fn status(&mut self, item: usize, status: Status) {
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
    pub(crate) fn entries(self) -> (Tape, Vec<(String, Value)>, Vec<Line>) {
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
                    }));
                }
            }
        }
        (self.tape, written, lines)
    }
}
