//! What the functions of one program share: its memory, its tables, and how indices are written.

use std::collections::{BTreeSet, HashMap};

use super::language::{Language, Precision};
use super::memory::Memory;
use super::rule::{Lookup, Rule};
use crate::code::Code;
use crate::program::Program;

/// What the functions of one program share.
pub(super) struct Shared<'p> {
    pub(super) language: Language,
    pub(super) program: &'p Program,
    pub(super) memory: Memory,
    /// The name of the whole function.
    pub(super) name: String,
    /// Before each name that is not the function's own.
    pub(super) prefix: String,
    /// Whether what there is one of a sample is of single precision, or all of a program without samples.
    pub(super) is_single: bool,
    pub(super) tables: Vec<Vec<u32>>,
    numbers: HashMap<Vec<u32>, usize>,
    /// The kernels that were called.
    pub(super) needs: BTreeSet<&'static str>,
}

impl<'p> Shared<'p> {
    pub(super) fn new(
        language: Language,
        program: &'p Program,
        memory: Memory,
        name: &str,
        is_single: bool,
    ) -> Shared<'p> {
        let prefix = match language {
            Language::Rust => String::new(),
            Language::C => format!("{name}_"),
        };
        Shared {
            language,
            program,
            memory,
            name: name.into(),
            prefix,
            is_single,
            tables: Vec::new(),
            numbers: HashMap::new(),
            needs: BTreeSet::new(),
        }
    }

    /// The precision of what there is one of a call.
    pub(super) fn of_call(&self) -> Precision {
        match self.is_single && !self.program.over_samples {
            true => Precision::Single,
            false => Precision::Double,
        }
    }

    /// The precision of what there is one of a sample.
    pub(super) fn of_sample(&self) -> Precision {
        if self.is_single { Precision::Single } else { Precision::Double }
    }

    /// The precision of a piece of code.
    pub(super) fn precision(&self, code: &Code) -> Precision {
        if std::ptr::eq(code, &*self.program.sample) { self.of_sample() } else { self.of_call() }
    }

    /// The memory of samples: an array of its own where its precision is.
    pub(super) fn memory_of_samples(&self) -> &'static str {
        if self.of_sample() == self.of_call() { "m" } else { "singles" }
    }

    /// The name of an array that the text brings along.
    pub(super) fn table_name(&self, number: usize) -> String {
        match self.language {
            Language::Rust => format!("TABLE_{number}"),
            Language::C => format!("{}table_{number}", self.prefix),
        }
    }

    pub(super) fn constants_name(&self) -> String {
        match self.language {
            Language::Rust => "CONSTANTS".into(),
            Language::C => format!("{}constants", self.prefix),
        }
    }

    /// Where a rule leads at an index, if a step to the next address is one of `scale` places.
    pub(super) fn index(
        &mut self,
        rule: &Rule,
        index: &[(i64, &str)],
        scale: i64,
        at: &dyn Fn(&Shared<'_>, u32) -> u32,
    ) -> Index {
        match rule {
            &Rule::Even { first, step, .. } => {
                let terms = index.iter().map(|(own, name)| (scale * step * own, (*name).into()));
                Index { start: at(self, first), terms: terms.collect() }
            }
            &Rule::Grid { first, steps, .. } => {
                let terms = index.iter().zip(steps);
                let terms = terms.map(|((_, name), step)| (scale * step, (*name).into()));
                Index { start: at(self, first), terms: terms.collect() }
            }
            Rule::Table(table) => {
                let entries = table.iter().map(|&address| at(self, address)).collect();
                self.entry(entries, &affine(0, index, ""))
            }
            Rule::Lookup(Lookup { entries, start, rows }) => {
                let entries = entries.iter().map(|&address| at(self, address)).collect();
                self.entry(entries, &through(*start, rows))
            }
            Rule::Moved { base, by, tables, .. } => {
                let mut all = self.index(base, index, scale, at);
                let own = by.iter().enumerate().map(|(depth, by)| (scale * by, loop_index(depth)));
                all.terms.extend(own);
                for Lookup { entries, start, rows } in tables {
                    let entries = entries.iter().map(|&entry| entry * scale as u32).collect();
                    all.terms.extend(self.entry(entries, &through(*start, rows)).terms);
                }
                all
            }
        }
    }

    /// An entry of a table.
    fn entry(&mut self, entries: Vec<u32>, index: &str) -> Index {
        let table = self.table(entries);
        Index { start: 0, terms: vec![(1, self.language.entry(&table, index))] }
    }

    fn table(&mut self, entries: Vec<u32>) -> String {
        let next = self.tables.len();
        let number = *self.numbers.entry(entries).or_insert_with_key(|entries| {
            self.tables.push(entries.clone());
            next
        });
        self.table_name(number)
    }
}

/// A place in an array: `start` and multiples of names.
pub(super) struct Index {
    start: u32,
    terms: Vec<(i64, String)>,
}

impl Index {
    pub(super) fn text(&self, last: &str) -> String {
        let terms: Vec<(i64, &str)> =
            self.terms.iter().map(|(times, name)| (*times, name.as_str())).collect();
        affine(self.start, &terms, last)
    }
}

/// The index of the loop that so many loops are around.
pub(super) fn loop_index(depth: usize) -> String {
    if depth == 0 { "i".into() } else { format!("i{}", depth + 1) }
}

/// An index that goes on with the loops around.
fn through(start: u32, rows: &[i64]) -> String {
    let names = rows.iter().enumerate().map(|(depth, &by)| (by, loop_index(depth)));
    Index { start, terms: names.collect() }.text("")
}

/// `start + times·name + … + last`, what is subtracted behind what is added, so that no step is negative.
pub(super) fn affine(start: u32, terms: &[(i64, &str)], last: &str) -> String {
    let terms = || terms.iter().filter(|(_, name)| *name != "0");
    let mut text = String::new();
    if start > 0 {
        text = start.to_string();
    }
    let mut added: Vec<String> = Vec::new();
    for &(times, name) in terms().filter(|(times, _)| *times > 0) {
        added.push(if times == 1 { name.into() } else { format!("{times} * {name}") });
    }
    if !last.is_empty() {
        added.push(last.into());
    }
    for term in added {
        if !text.is_empty() {
            text += " + ";
        }
        text += &term;
    }
    if text.is_empty() {
        text.push('0');
    }
    for &(times, name) in terms().filter(|(times, _)| *times < 0) {
        text += &format!(" - {} * {name}", -times);
    }
    text
}
