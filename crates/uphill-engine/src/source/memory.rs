//! Which addresses need a place in memory: those that a rule reaches, and those that one function writes and another
//! reads. All others are local names.

use std::collections::{BTreeSet, HashSet};

use super::access::{Region, Touched, Unit};
use super::rule::{Lookup, Rule};
use crate::code::{Code, Layout};
use crate::program::Program;

/// The places of addresses in the one array of numbers that the text works in.
#[derive(Debug)]
pub(super) struct Memory {
    /// The place of each address, and of the one past the last; an address without one has its successor's.
    places: Vec<u32>,
    /// Where partial sums begin, so many for each sum.
    pub(super) partials: usize,
    pub(super) lanes: usize,
    /// Where the sums of the tree begin, one vector after the other.
    pub(super) levels: usize,
    /// How many numbers there are.
    pub(super) size: usize,
    /// The same in the memory of samples, if these have one of their own, of single precision.
    pub(super) singles: usize,
    /// Whether a rule reads constants.
    pub(super) constants_by_rule: bool,
    /// The places of what samples read of the call, in order.
    pub(super) read_of_call: Vec<u32>,
}

/// A tree of 64 leaves has so many vectors of sums alive at once.
pub(super) const LEVELS: usize = 7;

/// The parts of a program, each a list of functions.
pub(super) struct Sections<'p> {
    pub(super) before: Vec<Vec<Unit<'p>>>,
    pub(super) sample: Vec<Vec<Unit<'p>>>,
    pub(super) after: Vec<Vec<Unit<'p>>>,
}

impl Memory {
    pub(super) fn new(program: &Program, sections: &Sections<'_>, is_single: bool) -> Memory {
        let layout = &program.layout;
        let mut marks = Marks {
            layout,
            marked: vec![false; layout.end as usize],
            constants_by_rule: false,
            of_samples: None,
        };
        let outputs = || program.outputs.call_addresses().collect();
        // What the last piece of code gives: read where its last function ends, or after it.
        let (before, after) = match program.over_samples {
            true => (Vec::new(), outputs()),
            false => (outputs(), Vec::new()),
        };
        marks.section(&program.before, &sections.before, &before);
        let mut read_of_call = BTreeSet::new();
        if program.over_samples {
            let read: Vec<u32> = program.read_of_samples().collect();
            marks.of_samples = Some(BTreeSet::new());
            marks.section(&program.sample, &sections.sample, &read);
            read_of_call = marks.of_samples.take().unwrap_or_default();
            marks.section(&program.after, &sections.after, &after);
            (layout.sums..layout.sums + layout.sum_count).for_each(|sum| marks.mark(sum));
            let targets = layout.targets..layout.targets + layout.target_count;
            targets.for_each(|target| marks.mark(target));
        }
        let mut places = Vec::with_capacity(marks.marked.len() + 1);
        let mut next = 0;
        for &marked in &marks.marked {
            places.push(next);
            next += u32::from(marked);
        }
        places.push(next);
        let sums = layout.sum_count as usize;
        let read_of_call = read_of_call.iter().map(|&address| places[address as usize]).collect();
        let partials = next as usize;
        let own = is_single && program.over_samples;
        let lanes = if own { 16 } else { 8 };
        let levels = if own { partials } else { partials + lanes * sums };
        Memory {
            places,
            partials,
            lanes,
            levels,
            size: levels + LEVELS * sums,
            singles: if own { partials + lanes * sums } else { 0 },
            constants_by_rule: marks.constants_by_rule,
            read_of_call,
        }
    }

    /// Where an address lies in memory, if it does.
    pub(super) fn place(&self, address: u32) -> Option<u32> {
        let at = address as usize;
        (self.places[at + 1] > self.places[at]).then(|| self.places[at])
    }

    /// Runs of addresses that have a place, within a range: first address, place and length.
    pub(super) fn runs(&self, from: u32, count: u32) -> Vec<(u32, u32, u32)> {
        let mut runs: Vec<(u32, u32, u32)> = Vec::new();
        for address in from..from + count {
            let Some(place) = self.place(address) else { continue };
            match runs.last_mut() {
                Some((first, _, length)) if *first + *length == address => *length += 1,
                _ => runs.push((address, place, 1)),
            }
        }
        runs
    }
}

struct Marks<'l> {
    layout: &'l Layout,
    marked: Vec<bool>,
    constants_by_rule: bool,
    /// What samples have marked of the call, while they are gone through.
    of_samples: Option<BTreeSet<u32>>,
}

impl Marks<'_> {
    fn mark(&mut self, address: u32) {
        if let Some(marked) = &mut self.of_samples
            && address < self.layout.per_call
        {
            marked.insert(address);
        }
        self.marked[address as usize] = true;
    }

    fn section(&mut self, code: &Code, parts: &[Vec<Unit<'_>>], at_end: &[u32]) {
        let mut written = HashSet::new();
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                written.clear();
            }
            for &unit in part {
                let touched = Touched::by(code, unit);
                for &address in &touched.reads {
                    self.read(address, &written);
                }
                written.extend(touched.writes);
                for rule in touched.ruled_reads.iter().chain(&touched.ruled_writes) {
                    self.rule(rule);
                }
            }
        }
        if parts.len() > 1 {
            written.clear();
        }
        for &address in at_end {
            self.read(address, &written);
        }
    }

    /// Reading what this function has not written.
    fn read(&mut self, address: u32, written: &HashSet<u32>) {
        let layout = self.layout;
        let within = |start: u32, count: u32| (start..start + count).contains(&address);
        let is_given = (address as usize) < layout.constants.len()
            || within(layout.shared, layout.shared_count)
            || within(layout.per_call, layout.column_count);
        if !is_given && !written.contains(&address) {
            self.mark(address);
        }
    }

    fn rule(&mut self, rule: &Rule) {
        let Some(span) = rule.span() else { return };
        match Region::of(self.layout, span) {
            Region::Constants => self.constants_by_rule = true,
            Region::Inputs | Region::Row => {}
            Region::Memory => match rule {
                Rule::Even { .. } | Rule::Grid { .. } | Rule::Moved { .. } => {
                    (span.low..=span.high).for_each(|address| self.mark(address));
                }
                Rule::Table(table) | Rule::Lookup(Lookup { entries: table, .. }) => {
                    table.iter().for_each(|&address| self.mark(address));
                }
            },
        }
    }
}
