//! From the entries that loops give to one matrix: its pattern, and for each entry the slots to which it is added.
//!
//! Rows and columns that move evenly are diagonals, which are kept as such until the pattern is written: a band costs no
//! more than its entries. Slots that move evenly are an even walk, others a table; tables that differ by a number are one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::bodies::{Entering, Found, Term};
use super::pattern::Pattern;
use super::places::{Along, Lines, NONE};
use crate::error::Error;
use crate::graph::{Graph, Slice};
use crate::loop_writer::{LoopWriter, elementwise};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::walk::{Feed, Lookup, Outcome, Target, Walk};

/// The graph of a matrix, whose numbers lie one after the other, in the order of the pattern's slots.
pub(super) struct Assembled {
    pub(super) graph: Graph,
    pub(super) pattern: Pattern,
    /// Nothing for a matrix without entries.
    pub(super) numbers: Option<Slice>,
}

/// Which nodes are rows and which are columns.
pub(super) struct Frame<'a> {
    pub(super) rows: &'a Lines,
    pub(super) columns: &'a Lines,
    pub(super) height: usize,
    pub(super) width: usize,
}

/// An entry outside of loops.
pub(super) struct Single {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) value: NodeId,
    pub(super) mirrored: bool,
}

impl Single {
    fn of(term: &Term, frame: &Frame<'_>) -> Single {
        Single {
            row: frame.rows.of(term.row.still_node()),
            column: frame.columns.of(term.column.still_node()),
            value: term.value.first,
            mirrored: term.mirrored,
        }
    }

    fn is_wasted(&self) -> bool {
        self.row == NONE || self.column == NONE
    }
}

/// Puts a matrix together.
///
/// # Errors
///
/// [`Error::Unsupported`] beyond 2³² entries.
pub(super) fn assemble(
    found: Found,
    frame: &Frame<'_>,
    mut single: Vec<Single>,
) -> Result<Assembled, Error> {
    single.extend(found.single.iter().map(|term| Single::of(term, frame)));
    single.retain(|single| !single.is_wasted());
    let mut families = Families::default();
    for Entering { writer, terms, .. } in &found.loops {
        for term in terms {
            families.add(frame, term, writer.iterations);
        }
    }
    families.diagonals.values_mut().for_each(merge);
    let places = |place: &mut dyn FnMut(u32, u32)| {
        families.each(frame, place);
        for &Single { row, column, mirrored, .. } in &single {
            place(row, column);
            if mirrored {
                place(column, row);
            }
        }
    };
    let pattern = Pattern::of_places(frame.height, frame.width, places)?;
    if pattern.len() == 0 {
        return Ok(Assembled { graph: found.graph, pattern, numbers: None });
    }
    let recorder = Recorder::continuing(found.graph);
    let scatter = Scatter { frame, pattern: &pattern, recorder: &recorder, wasted: families.wasted };
    let numbers = scatter.write(found.loops, single);
    let numbers = Slice { first: numbers, width: pattern.len() };
    // What has become too large is told here.
    let graph = recorder.finish()?.into_graph();
    Ok(Assembled { graph, pattern, numbers: Some(numbers) })
}

/// Where loops put entries, the same only once.
#[derive(Default)]
struct Families<'a> {
    /// By how far the column is ahead of the row; then the step from row to row, and the row modulo that: how often each
    /// was stepped.
    diagonals: BTreeMap<(i64, i64, i64), Vec<Range<i64>>>,
    listed: Vec<(&'a Term, usize)>,
    /// Whether something is neither row nor column.
    wasted: bool,
}

impl<'a> Families<'a> {
    fn add(&mut self, frame: &Frame<'_>, term: &'a Term, iterations: usize) {
        let (row, column) = lines(frame, term, iterations);
        match (row, column) {
            (Along::Even { first: row, step }, Along::Even { first: column, step: other })
                if step == other =>
            {
                let last = row + step * (iterations as i64 - 1);
                let (low, step) = (row.min(last), step.abs().max(1));
                let steps = low / step..low / step + (row.max(last) - low) / step + 1;
                let ahead = column - row;
                let mut add = |ahead: i64, shift: i64| {
                    let low = low + shift;
                    let first = low.div_euclid(step);
                    let steps = first..first + (steps.end - steps.start);
                    let key = (ahead, step, low.rem_euclid(step));
                    self.diagonals.entry(key).or_default().push(steps);
                };
                add(ahead, 0);
                if term.mirrored && ahead != 0 {
                    add(-ahead, ahead);
                }
            }
            (row, column) => {
                self.wasted |= [row, column].iter().any(|along| match along {
                    Along::Even { .. } => false,
                    Along::List(list) => list.contains(&NONE),
                });
                let same = |(other, count): &(&Term, usize)| {
                    *count == iterations
                        && other.extents == term.extents
                        && other.row == term.row
                        && other.column == term.column
                        && other.mirrored == term.mirrored
                };
                if !self.listed.iter().any(same) {
                    self.listed.push((term, iterations));
                }
            }
        }
    }

    fn each(&self, frame: &Frame<'_>, place: &mut dyn FnMut(u32, u32)) {
        for (&(ahead, step, rest), ranges) in &self.diagonals {
            for row in ranges.iter().cloned().flatten().map(|steps| steps * step + rest) {
                place(row as u32, (row + ahead) as u32);
            }
        }
        for &(term, iterations) in &self.listed {
            let (row, column) = lines(frame, term, iterations);
            for k in 0..count(term, iterations) {
                let (row, column) = (row.at(k), column.at(k));
                if row != NONE && column != NONE {
                    place(row, column);
                    if term.mirrored {
                        place(column, row);
                    }
                }
            }
        }
    }
}

/// Ranges that meet become one.
fn merge(ranges: &mut Vec<Range<i64>>) {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<i64>> = Vec::new();
    for range in ranges.drain(..) {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    *ranges = merged;
}

fn count(term: &Term, iterations: usize) -> usize {
    term.extents.iter().product::<usize>() * iterations
}

/// Rows and columns of a term that a loop gives in so many iterations.
fn lines(frame: &Frame<'_>, term: &Term, iterations: usize) -> (Along, Along) {
    let extents: Vec<usize> = term.extents.iter().copied().chain([iterations]).collect();
    (frame.rows.along(&term.row, &extents), frame.columns.along(&term.column, &extents))
}

/// Numbers on their way to their slots.
struct Scatter<'a> {
    frame: &'a Frame<'a>,
    pattern: &'a Pattern,
    recorder: &'a Recorder,
    /// Whether there is a further slot, for what is neither row nor column.
    wasted: bool,
}

impl Scatter<'_> {
    fn width(&self) -> usize {
        self.pattern.len() + usize::from(self.wasted)
    }

    /// Writes all; gives the first node of as many as there are slots.
    fn write(&self, loops: Vec<Entering>, mut single: Vec<Single>) -> NodeId {
        let mut tables = Vec::new();
        // Each as long as the matrix; they are added in the end.
        let mut parts: Vec<NodeId> = Vec::new();
        for Entering { mut writer, body, terms } in loops {
            let mut writes = Vec::new();
            // What isn't added at once, by its place among the results.
            let mut later: Vec<(usize, Term)> = Vec::new();
            for mut term in terms {
                if term.extents.is_empty() && !term.is_still() {
                    let output = writer.output(term.value);
                    let walks = self.walks(&term, &[writer.iterations], &mut tables);
                    writes.extend(walks.into_iter().map(|walk| (output, walk)));
                } else {
                    term.give(&mut writer);
                    later.push((writer.outcomes.len() - 1, term));
                }
            }
            let target = (!writes.is_empty()).then(|| {
                writer.targets.push(Target { width: self.width(), writes });
                writer.outcome(Outcome::Target { target: writer.targets.len() - 1 })
            });
            let results = writer.write(body, self.recorder);
            parts.extend(target.map(|target| results[target]));
            let mut vectors: BTreeMap<usize, Vec<Term>> = BTreeMap::new();
            for (result, mut term) in later {
                term.value.first = results[result];
                if term.extents.is_empty() {
                    single.push(Single::of(&term, self.frame));
                } else {
                    vectors.entry(term.value.width).or_default().push(term);
                }
            }
            parts.extend(vectors.into_values().map(|terms| self.scatter(terms, &mut tables)));
        }
        single.retain(|single| !single.is_wasted());
        if !single.is_empty() {
            parts.push(self.scatter_single(&single));
        }
        match parts.as_slice() {
            [one] => *one,
            _ => elementwise(self.recorder, self.pattern.len(), &parts, &[], |x, _| {
                x[1..].iter().fold(x[0], |sum, &x| sum + x)
            }),
        }
    }

    /// Vectors of one length are added to their slots.
    fn scatter(&self, terms: Vec<Term>, tables: &mut Vec<Arc<[u32]>>) -> NodeId {
        let mut writer = LoopWriter::new(terms[0].value.width);
        let body = Recorder::new();
        let mut writes = Vec::new();
        for term in &terms {
            let read = Feed::Read(Walk::even(0, 1));
            let entry = writer.feed(&body, read, Some(term.value.first), 1);
            let output = writer.output(entry);
            let walks = self.walks(term, &term.extents, tables);
            writes.extend(walks.into_iter().map(|walk| (output, walk)));
        }
        writer.targets.push(Target { width: self.width(), writes });
        writer.outcome(Outcome::Target { target: 0 });
        writer.write(body.into_graph(), self.recorder)[0]
    }

    fn scatter_single(&self, single: &[Single]) -> NodeId {
        let (mut values, mut slots) = (Vec::new(), Vec::new());
        for &Single { row, column, value, mirrored } in single {
            let mut push = |row, column| {
                values.push(value);
                slots.push(self.slot(row, column, &mut 0));
            };
            push(row, column);
            if mirrored {
                push(column, row);
            }
        }
        if self.width() == slots.len() && (0..).zip(&slots).all(|(k, &slot)| k == slot) {
            return match values.as_slice() {
                [one] => *one,
                _ => self.recorder.push_vector(&values),
            };
        }
        let mut writer = LoopWriter::new(slots.len());
        let body = Recorder::new();
        let vector = match values.as_slice() {
            [one] => *one,
            _ => self.recorder.push_vector(&values),
        };
        let entry = writer.feed(&body, Feed::Read(Walk::even(0, 1)), Some(vector), 1);
        let output = writer.output(entry);
        let writes = vec![(output, Walk::along(slots))];
        writer.targets.push(Target { width: self.width(), writes });
        writer.outcome(Outcome::Target { target: 0 });
        writer.write(body.into_graph(), self.recorder)[0]
    }

    /// Where a term is added, iteration by iteration.
    fn walks(&self, term: &Term, extents: &[usize], tables: &mut Vec<Arc<[u32]>>) -> Vec<Walk> {
        let row = self.frame.rows.along(&term.row, extents);
        let column = self.frame.columns.along(&term.column, extents);
        let count = extents.iter().product();
        let mut walks = vec![self.walk(&row, &column, count, tables)];
        if term.mirrored {
            walks.push(self.walk(&column, &row, count, tables));
        }
        walks
    }

    fn walk(
        &self,
        row: &Along,
        column: &Along,
        count: usize,
        tables: &mut Vec<Arc<[u32]>>,
    ) -> Walk {
        let mut hint = 0;
        let slots = (0..count).map(|k| self.slot(row.at(k), column.at(k), &mut hint));
        let slots: Vec<u32> = slots.collect();
        let step = |pair: &[u32]| i64::from(pair[1]) - i64::from(pair[0]);
        let even = slots.windows(2).next().map_or(0, step);
        if slots.windows(2).all(|pair| step(pair) == even) {
            return Walk::even(i64::from(slots[0]), even);
        }
        let shift = |table: &[u32]| i64::from(slots[0]) - i64::from(table[0]);
        let differs_by_one_number = |table: &&Arc<[u32]>| {
            let shift = shift(table);
            table.len() >= slots.len()
                && slots.iter().zip(&***table).all(|(&a, &b)| i64::from(a) == i64::from(b) + shift)
        };
        let known = tables.iter().find(differs_by_one_number);
        let (places, start) = match known {
            Some(table) => (Arc::clone(table), shift(table)),
            None => {
                let table: Arc<[u32]> = slots.into();
                tables.push(Arc::clone(&table));
                (table, 0)
            }
        };
        Walk { start, stride: 1, lookup: Some(Lookup { places, first: 0, step: 1 }) }
    }

    /// The slot of a place. Neighbours tend to lie at the same place of their rows, so this is looked at first.
    #[inline]
    fn slot(&self, row: u32, column: u32, hint: &mut usize) -> u32 {
        if row == NONE || column == NONE {
            return self.pattern.len() as u32;
        }
        let slots = self.pattern.slots(row as usize);
        let columns = &self.pattern.columns()[slots.clone()];
        if columns.get(*hint) != Some(&column) {
            *hint = columns.binary_search(&column).expect("the pattern has all places");
        }
        (slots.start + *hint) as u32
    }
}
