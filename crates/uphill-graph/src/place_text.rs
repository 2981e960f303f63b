//! Places in vectors as text: `x[2*i + 1]`, `x[table1[4 - i]]`; and names that are given out once.
//!
//! What a loop's body reads is called by what it is around the loop, so that a reader needs no names of the body's own.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use crate::walk::Walk;

/// A whole number that moves with counters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Moving {
    offset: i64,
    /// Multiples of counters, and of entries of tables.
    terms: Vec<(i64, String)>,
}

impl Moving {
    pub(crate) fn number(offset: i64) -> Moving {
        Moving { offset, terms: Vec::new() }
    }

    /// With so many times a counter more.
    pub(crate) fn plus(mut self, offset: i64, factor: i64, what: &str) -> Moving {
        self.offset = self.offset.saturating_add(offset);
        match self.terms.iter_mut().find(|(_, term)| term == what) {
            Some((known, _)) => *known = known.saturating_add(factor),
            None => self.terms.push((factor, what.into())),
        }
        self.terms.retain(|(factor, _)| *factor != 0);
        self
    }

    /// Whether it stands for itself beside other signs.
    pub(crate) fn is_atom(&self) -> bool {
        match self.terms.as_slice() {
            [] => self.offset >= 0,
            [(1, _)] => self.offset == 0,
            _ => false,
        }
    }
}

impl fmt::Display for Moving {
    /// First what is added, then the number, then what is taken away: `2*i + j - 1`, `7 - i`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let mut term = |negative: bool, number: String| match (text.is_empty(), negative) {
            (true, false) => text.push_str(&number),
            (true, true) => text.push_str(&format!("-{number}")),
            (false, _) => {
                text.push_str(if negative { " - " } else { " + " });
                text.push_str(&number);
            }
        };
        let times = |factor: i64, what: &str| match factor.unsigned_abs() {
            1 => what.to_owned(),
            factor => format!("{factor}*{what}"),
        };
        for (factor, what) in self.terms.iter().filter(|(factor, _)| *factor > 0) {
            term(false, times(*factor, what));
        }
        if self.offset != 0 || self.terms.is_empty() {
            term(self.offset < 0, self.offset.unsigned_abs().to_string());
        }
        for (factor, what) in self.terms.iter().filter(|(factor, _)| *factor < 0) {
            term(true, times(*factor, what));
        }
        f.write_str(&text)
    }
}

/// How a value is called: a name, or a name with a place behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Called {
    base: String,
    index: Option<Moving>,
    /// How many entries the whole vector has.
    whole: usize,
}

impl Called {
    /// By a name alone.
    pub(crate) fn alone(base: impl Into<String>) -> Called {
        Called { base: base.into(), index: None, whole: 1 }
    }

    /// The first entry of a vector of so many.
    pub(crate) fn vector(base: impl Into<String>, whole: usize) -> Called {
        Called { base: base.into(), index: Some(Moving::default()), whole }
    }

    /// The entry so many places further.
    pub(crate) fn entry(&self, further: usize) -> Called {
        self.moved(further as i64)
    }

    pub(crate) fn moved(&self, further: i64) -> Called {
        let index = self.index.clone();
        Called { index: index.map(|index| index.plus(further, 0, "")), ..self.clone() }
    }

    /// The entry that a walk reaches from here.
    pub(crate) fn along(&self, walk: &Walk, counter: &str, names: &mut Names) -> Called {
        let Some(index) = self.index.clone() else { return self.clone() };
        let what = match &walk.lookup {
            None => counter.to_owned(),
            Some(lookup) => {
                let entry = Moving::number(lookup.first).plus(0, lookup.step, counter);
                format!("{}[{entry}]", names.table(&lookup.places))
            }
        };
        Called { index: Some(index.plus(walk.start, walk.stride, &what)), ..self.clone() }
    }

    /// The entry of a slice that a place of the vector is, to which the slice is added by a walk: `place` is the name of a
    /// number.
    pub(crate) fn back(
        &self,
        place: &str,
        walk: &Walk,
        counter: &str,
        names: &mut Names,
    ) -> Called {
        let there = Called::vector("", usize::MAX).along(walk, counter, names);
        let (Some(mut index), Some(there)) = (self.index.clone(), there.index) else {
            return self.clone();
        };
        index = index.plus(there.offset.saturating_neg(), 1, place);
        for (factor, what) in &there.terms {
            index = index.plus(0, factor.saturating_neg(), what);
        }
        Called { index: Some(index), ..self.clone() }
    }

    /// Where it lies in its vector.
    pub(crate) fn place(&self) -> String {
        self.index.as_ref().map_or_else(String::new, Moving::to_string)
    }

    /// Where it lies in its vector, if it is an entry of one.
    pub(crate) fn index_of_vector(&self) -> Option<Moving> {
        self.index.clone()
    }

    /// So many entries from a place on, with the places even for a whole vector.
    pub(crate) fn range(&self, first: &Moving, width: usize) -> String {
        if width == 1 && !first.terms.is_empty() {
            return format!("{}[{first}]", self.base);
        }
        let end = first.clone().plus(width as i64, 0, "");
        format!("{}[{first}..{end}]", self.base)
    }

    /// So many entries of a vector from this one on; the name alone for a whole one.
    pub(crate) fn slice(&self, width: usize) -> String {
        match &self.index {
            None => self.base.clone(),
            Some(index) if width == self.whole && *index == Moving::default() => self.base.clone(),
            Some(index) if width == 1 => format!("{}[{index}]", self.base),
            Some(index) => {
                let end = index.clone().plus(width as i64, 0, "");
                format!("{}[{index}..{end}]", self.base)
            }
        }
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.index {
            None => f.write_str(&self.base),
            Some(index) => write!(f, "{}[{index}]", self.base),
        }
    }
}

/// Names of values, counters and tables, none given twice.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// All names that somebody chose, those in bodies too: no number makes one of these.
    taken: HashSet<String>,
    /// The names that a body's values can't have, since something around them has them.
    around: HashSet<String>,
    next: HashMap<&'static str, usize>,
    tables: Vec<(Arc<[u32]>, String)>,
    counters: Vec<String>,
}

impl Names {
    pub(crate) fn new(around: HashSet<String>) -> Names {
        Names { taken: around.clone(), around, ..Names::default() }
    }

    pub(crate) fn take(&mut self, name: &str) {
        if !self.taken.contains(name) {
            self.taken.insert(name.into());
        }
    }

    /// Whether a value of the function itself may have this name, which is then taken.
    pub(crate) fn is_free(&mut self, name: &str) -> bool {
        self.around.insert(name.into()) && self.taken.insert(name.into())
    }

    /// Names that the values of a body have until it ends; gives those that were free.
    pub(crate) fn enter(&mut self, name: &str) -> bool {
        self.around.insert(name.into())
    }

    pub(crate) fn leave(&mut self, name: &str) {
        self.around.remove(name);
    }

    /// The next name with a number: `t1`, `t2`, ….
    pub(crate) fn numbered(&mut self, prefix: &'static str) -> String {
        let next = self.next.entry(prefix).or_insert(1);
        loop {
            let name = format!("{prefix}{next}");
            *next += 1;
            if !self.taken.contains(&name) {
                return name;
            }
        }
    }

    /// The counter of a loop so deep inside of others: i, j, k, ….
    pub(crate) fn counter(&mut self, depth: usize) -> String {
        while self.counters.len() <= depth {
            let letters = ["i", "j", "k", "l", "m", "n"].iter();
            let free = letters
                .map(|letter| String::from(*letter))
                .find(|letter| !self.taken.contains(letter) && !self.counters.contains(letter));
            let counter = free.unwrap_or_else(|| self.numbered("i"));
            self.counters.push(counter);
        }
        self.counters[depth].clone()
    }

    fn table(&mut self, places: &Arc<[u32]>) -> String {
        let same =
            |(known, _): &&(Arc<[u32]>, String)| Arc::ptr_eq(known, places) || known == places;
        if let Some((_, name)) = self.tables.iter().find(same) {
            return name.clone();
        }
        let name = self.numbered("table");
        self.tables.push((Arc::clone(places), name.clone()));
        name
    }

    /// All tables that were named.
    pub(crate) fn tables(&self) -> &[(Arc<[u32]>, String)] {
        &self.tables
    }
}

#[cfg(test)]
mod tests {
    use super::{Called, Moving, Names};
    use crate::walk::{Lookup, Walk};

    #[test]
    fn places_are_written_as_people_write_them() {
        let at = |offset, terms: &[(i64, &str)]| {
            let start = Moving::number(offset);
            terms.iter().fold(start, |sum, (c, what)| sum.plus(0, *c, what)).to_string()
        };
        let table: &[(&str, String)] = &[
            ("0", at(0, &[])),
            ("i", at(0, &[(1, "i")])),
            ("2*i + j + 1", at(1, &[(2, "i"), (1, "j")])),
            ("i - 1", at(-1, &[(1, "i")])),
            ("7 - i", at(7, &[(-1, "i")])),
            ("j + 7 - 2*i", at(7, &[(-2, "i"), (1, "j")])),
            ("-3", at(-3, &[])),
            ("4", at(4, &[(1, "i"), (-1, "i")])),
        ];
        table.iter().for_each(|(expected, found)| assert_eq!(found, expected));
        let lookup = Lookup { places: [3, 0].into(), first: 1, step: -1 };
        let walk = Walk { start: 1, stride: 2, lookup: Some(lookup) };
        let called = Called::vector("x", 8).along(&walk, "i", &mut Names::default());
        assert_eq!(called.to_string(), "x[2*table1[1 - i] + 1]");
        assert_eq!(Called::vector("x", 8).entry(2).slice(3), "x[2..5]");
        assert_eq!(Called::vector("x", 8).slice(8), "x");
    }
}
