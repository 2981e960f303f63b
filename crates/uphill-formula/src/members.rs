//! What is known of entries while a text is read: those that statements define by their index, those that loops keep, and
//! the vectors that loops read.

use std::collections::{HashMap, HashSet};

use crate::names;
use crate::tape::Value;

/// How far a definition is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum State {
    New,
    /// Being computed.
    Open,
    Done(Value),
}

/// The entries that one statement defines.
#[derive(Debug)]
pub(crate) struct Members {
    pub(crate) head: Head,
    pub(crate) status: Status,
    /// Which of them something uses.
    pub(crate) used: Vec<bool>,
}

/// Which entries there are.
#[derive(Debug)]
pub(crate) enum Head {
    /// One index that moves by one with the counter, which begins at `from`.
    Line { first: i64, from: i64 },
    /// Names, where they are, and the counters of each.
    List { names: Vec<String>, places: HashMap<String, usize>, counters: Vec<Vec<f64>> },
}

#[derive(Debug)]
pub(crate) enum Status {
    New,
    /// Part of a loop that is being read.
    InLoop,
    Looped(Looped),
    Written(Vec<State>),
}

/// What a loop keeps of entries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Looped {
    pub(crate) vector: usize,
    pub(crate) reversed: bool,
    pub(crate) last: Option<Value>,
}

impl Looped {
    /// The entry with this number among so many.
    pub(crate) fn value(self, entry: usize, count: usize) -> Value {
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
    pub(crate) base: String,
    pub(crate) first: i64,
    pub(crate) count: usize,
    pub(crate) looped: Looped,
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
    pub(crate) items: Vec<usize>,
    pub(crate) reversed: bool,
    /// What an iteration computes; nothing while it is being read.
    pub(crate) values: HashMap<usize, Option<Value>>,
    /// What is carried: of which entries, from how many iterations before, and as what.
    pub(crate) states: Vec<(usize, i64, usize)>,
    pub(crate) read: HashSet<(usize, i64)>,
}

/// What would make a loop of entries that aren't one by themselves.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// These entries in the same loop.
    Family(usize),
    /// The loop the other way round.
    Backwards,
}

/// A vector of entries with even steps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) vector: usize,
    /// The index of the entry at place 0.
    pub(crate) origin: i64,
    /// The index of the first entry, and how many there are.
    pub(crate) first: i64,
    pub(crate) count: i64,
}

impl Members {
    pub(crate) fn name(&self, base: &str, entry: usize) -> String {
        match &self.head {
            Head::Line { first, .. } => names::entry_name(base, &[(*first + entry as i64) as u64]),
            Head::List { names, .. } => names[entry].clone(),
        }
    }

    /// The number of the entry with this name.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
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

    pub(crate) fn counters(&self, entry: usize) -> Vec<f64> {
        match &self.head {
            Head::Line { from, .. } => vec![(*from + entry as i64) as f64],
            Head::List { counters, .. } => counters[entry].clone(),
        }
    }

    pub(crate) fn value(&self, entry: usize) -> Option<Value> {
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
