//! From the entries that loops give to one matrix: its pattern, and for each entry the slots to which it is added.
//!
//! Slots that move evenly are an even walk, others a table; tables that differ by a number are one. The loops are
//! simplified before their targets get their width: passes go over numbers of values, and these are as many as entries.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::families::{Families, Frame};
use super::pattern::Pattern;
use super::places::{Along, NONE, contains};
use super::terms::{Entering, Found, Term};
use crate::error::Error;
use crate::function::Function;
use crate::graph::{Graph, Loop, Slice};
use crate::loop_writer::{LoopWriter, elementwise};
use crate::node::{Node, NodeId};
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::walk::{Feed, Lookup, Outcome, Target, Walk};

/// The simplified graph of a matrix, whose numbers lie one after the other, in the order of the pattern's slots.
pub(super) struct Assembled {
    pub(super) graph: Graph,
    pub(super) pattern: Pattern,
    /// Nothing for a matrix without entries.
    pub(super) numbers: Option<Slice>,
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
    families.merge();
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
    let scatter = Scatter { frame, pattern: &pattern, wasted: families.wasted() };
    drop(families);
    let (graph, first) = scatter.write(found, single)?;
    let numbers = Slice { first, width: pattern.len() };
    Ok(Assembled { graph, pattern, numbers: Some(numbers) })
}

/// Numbers on their way to their slots.
struct Scatter<'a> {
    frame: &'a Frame<'a>,
    pattern: &'a Pattern,
    /// Whether there is a further slot, for what is neither row nor column.
    wasted: bool,
}

impl Scatter<'_> {
    fn width(&self) -> usize {
        self.pattern.len() + usize::from(self.wasted)
    }

    /// Writes all; gives the first node of as many as there are slots.
    fn write(&self, found: Found, mut single: Vec<Single>) -> Result<(Graph, NodeId), Error> {
        let recorder = Recorder::continuing(found.graph);
        let mut tables = Vec::new();
        // Where all writes of all targets go. Until the loops are simplified, the place of each is its number here.
        let mut walks: Vec<Walk> = Vec::new();
        let count = found.loops.iter().flat_map(|entering| &entering.terms).count();
        // The targets; and what isn't added at once, but lies one after the other.
        let (mut targets, mut later): (Vec<NodeId>, Vec<Term>) = (Vec::new(), Vec::new());
        for Entering { mut writer, body, terms } in found.loops {
            let mut writes = Vec::new();
            let mut given: Vec<(usize, Term)> = Vec::new();
            for mut term in terms {
                if term.extents.is_empty() && !term.is_still() {
                    let output = writer.output(term.value);
                    for walk in self.walks(&term, &[writer.iterations], &mut tables) {
                        writes.push((output, Walk::even(walks.len() as i64, 0)));
                        walks.push(walk);
                    }
                } else {
                    term.give(&mut writer);
                    given.push((writer.outcomes.len() - 1, term));
                }
            }
            let target = (!writes.is_empty()).then(|| {
                writer.targets.push(Target { width: 2 * count, writes });
                writer.outcome(Outcome::Target { target: writer.targets.len() - 1 })
            });
            let results = writer.write(body, &recorder);
            targets.extend(target.map(|target| results[target]));
            for (result, mut term) in given {
                term.value.first = results[result];
                match term.extents.is_empty() {
                    true => single.push(Single::of(&term, self.frame)),
                    false => later.push(term),
                }
            }
        }
        single.retain(|single| !single.is_wasted());
        let vectors = targets.iter().map(|&first| (first, 2 * count));
        let vectors = vectors.chain(later.iter().map(|term| (term.value.first, term.value.width)));
        vectors.for_each(|(first, width)| {
            recorder.vector_output(format!("o{}", first.index()), first, width);
        });
        for (k, single) in single.iter().enumerate() {
            recorder.output(format!("e{k}"), recorder.var(single.value));
        }
        // What has become too large is told here.
        let function = recorder.finish()?.into_simplified();
        let (graph, nodes) = widened(&function, targets.len(), &walks, self.width());
        drop(function);
        let mut nodes = nodes.into_iter();
        // Each as long as the matrix; they are added in the end.
        let mut parts: Vec<NodeId> = nodes.by_ref().take(targets.len()).collect();
        let recorder = Recorder::continuing(graph);
        let mut by_length: BTreeMap<usize, Vec<Term>> = BTreeMap::new();
        for (mut term, first) in later.into_iter().zip(nodes.by_ref()) {
            term.value.first = first;
            by_length.entry(term.value.width).or_default().push(term);
        }
        for terms in by_length.into_values() {
            parts.push(self.scatter(&recorder, terms, &mut tables));
        }
        if !single.is_empty() {
            single.iter_mut().zip(nodes).for_each(|(single, node)| single.value = node);
            parts.push(self.scatter_single(&recorder, &single));
        }
        let first = match parts.as_slice() {
            [one] => *one,
            _ => elementwise(&recorder, self.pattern.len(), &parts, &[], |x, _| match *x {
                [x, y] => x + y,
                _ => Scalar::total(x),
            }),
        };
        Ok((recorder.finish()?.into_graph(), first))
    }

    /// Vectors of one length are added to their slots.
    fn scatter(
        &self,
        recorder: &Recorder,
        terms: Vec<Term>,
        tables: &mut Vec<Arc<[u32]>>,
    ) -> NodeId {
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
        writer.write(body.into_graph(), recorder)[0]
    }

    fn scatter_single(&self, recorder: &Recorder, single: &[Single]) -> NodeId {
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
                _ => recorder.push_vector(&values),
            };
        }
        let mut writer = LoopWriter::new(slots.len());
        let body = Recorder::new();
        let vector = match values.as_slice() {
            [one] => *one,
            _ => recorder.push_vector(&values),
        };
        let entry = writer.feed(&body, Feed::Read(Walk::even(0, 1)), Some(vector), 1);
        let output = writer.output(entry);
        let writes = vec![(output, Walk::along(slots))];
        writer.targets.push(Target { width: self.width(), writes });
        writer.outcome(Outcome::Target { target: 0 });
        writer.write(body.into_graph(), recorder)[0]
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
        let mut slot = |k: usize| self.slot(row.at(k), column.at(k), &mut hint);
        let is = |slot: i64, k: usize| self.is_slot(slot, row.at(k), column.at(k));
        let first = i64::from(slot(0));
        let step = if count > 1 { i64::from(slot(1)) - first } else { 0 };
        if (0..count).all(|k| is(first + step * k as i64, k)) {
            return Walk::even(first, step);
        }
        let known = tables.iter().find_map(|table| {
            let start = first - i64::from(table[0]);
            let long = table.len() >= count;
            (long && (0..count).all(|k| is(i64::from(table[k]) + start, k)))
                .then(|| (Arc::clone(table), start))
        });
        let (places, start) = known.unwrap_or_else(|| {
            let table: Arc<[u32]> = (0..count).map(slot).collect();
            tables.push(Arc::clone(&table));
            (table, 0)
        });
        Walk { start, stride: 1, lookup: Some(Lookup { places, first: 0, step: 1 }) }
    }

    /// Whether a place has this slot.
    fn is_slot(&self, slot: i64, row: u32, column: u32) -> bool {
        let Ok(slot) = usize::try_from(slot) else { return false };
        if row == NONE || column == NONE {
            return slot == self.pattern.len();
        }
        self.pattern.columns().get(slot) == Some(&column)
            && self.pattern.slots(row as usize).contains(&slot)
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

/// A simplified function whose first outputs are targets, each of whose writes has a number for its place: with the true
/// places and width. The nodes of all outputs come with it.
fn widened(
    function: &Function,
    targets: usize,
    walks: &[Walk],
    width: usize,
) -> (Graph, Vec<NodeId>) {
    let old = function.graph();
    // The loops of these targets, and which of their results they are.
    let ours: Vec<(NodeId, usize)> = function.outputs()[..targets]
        .iter()
        .filter_map(|output| {
            let head = old.head(output.node);
            let result = |slice: &Slice| contains(*slice, output.node);
            Some((head, old.results(head).iter().position(result)?))
        })
        .collect();
    let mut new = old.same_inputs();
    let mut firsts: HashMap<NodeId, NodeId> = HashMap::new();
    let of = |firsts: &HashMap<NodeId, NodeId>, id: NodeId| {
        let part = old.part(id).first;
        NodeId::new(firsts[&part].index() + id.index() - part.index())
    };
    for head in old.heads() {
        let mapped = |ids: &[NodeId]| ids.iter().map(|&id| of(&firsts, id)).collect::<Vec<_>>();
        let first = match old.node(head) {
            Node::Input(position) => new.input_nodes()[position],
            Node::Constant(number) if old.width(head) == 1 => new.push_constant(number),
            Node::Constant(_) => new.push_constants(old.constants_from(head).iter().copied()).first,
            Node::Op(op, operands) => new.push_op(op, &mapped(operands)),
            Node::Copy(_) => new.push_vector(&mapped(old.vector(head))).first,
            Node::Result { number, operands, .. } => {
                let mut repeated = Arc::clone(old.repeated(number));
                for &(_, result) in ours.iter().filter(|(other, _)| *other == head) {
                    if let Outcome::Target { target } = repeated.outcomes[result] {
                        let mut own = Loop::clone(&repeated);
                        own.targets[target].width = width;
                        for (_, walk) in &mut own.targets[target].writes {
                            *walk = walks[walk.start as usize].clone();
                        }
                        repeated = Arc::new(own);
                    }
                }
                let first = new.push_loop(repeated, &mapped(operands));
                let results = old.results(head).into_iter().zip(new.results(first));
                firsts.extend(results.map(|(old, new)| (old.first, new.first)));
                continue;
            }
        };
        if let Some(name) = old.given_name(head) {
            new.set_name(first, name);
        }
        firsts.insert(head, first);
    }
    let nodes = function.outputs().iter().map(|output| of(&firsts, output.node)).collect();
    (new, nodes)
}
