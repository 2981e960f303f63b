//! The formulas of an explanation: the derivative of each line by what it reads, and of the output by each of these.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::graph::Graph;
use crate::layout::{LARGEST_FORMULA, Layout};
use crate::node::{Node, NodeId};
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::script::Written;
use crate::simplify::Laws;
use crate::symbolic::collect::collect;
use crate::symbolic::sweep::Sweep;
use crate::var::Var;

/// The derivatives of each line by what its formula reads, and of the output by each line and input.
#[derive(Default)]
pub(super) struct Formulas {
    pub(super) partials: HashMap<(NodeId, NodeId), Written>,
    pub(super) totals: HashMap<NodeId, Written>,
    /// The lines that read each value, those through which it counts, in order of evaluation.
    pub(super) readers: HashMap<NodeId, Vec<NodeId>>,
}

/// All formulas of the story, from one recording in which labelled values are variables; those of the totals only if
/// they are wanted.
pub(super) fn formulas(layout: &Layout<'_>, top: NodeId, with_totals: bool) -> Formulas {
    let recorder = Recorder::of_a_pass();
    let (pairs, totals) = record(layout, &recorder, top, with_totals);
    let mut formulas = Formulas::default();
    for &(line, id) in pairs.iter().rev() {
        formulas.readers.entry(id).or_default().push(line);
    }
    // What is recorded here has names that the layout has checked.
    let Ok(recorded) = recorder.finish() else { return formulas };
    let recorded = collect(&recorded.simplify_with(Laws::Relaxed), &HashSet::new());
    let whole = Layout::in_one(&recorded);
    let sizes = whole.sizes();
    let outputs = recorded.outputs();
    let written = |k: usize| {
        let node = outputs[k].node;
        (sizes[node.index()] <= LARGEST_FORMULA).then(|| Written::formula(&whole, node))
    };
    for (k, &pair) in pairs.iter().enumerate() {
        formulas.partials.extend(written(k).map(|formula| (pair, formula)));
    }
    for (k, &id) in totals.iter().enumerate() {
        formulas.totals.extend(written(pairs.len() + k).map(|formula| (id, formula)));
    }
    formulas
}

/// Records the derivative of each line by what it reads, and of the output by all of these: gives what they are, in
/// the order of the recording's outputs.
fn record(
    layout: &Layout<'_>,
    recorder: &Recorder,
    top: NodeId,
    with_totals: bool,
) -> (Vec<(NodeId, NodeId)>, Vec<NodeId>) {
    let graph = layout.graph;
    let mut variables: Vec<Var<'_>> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        variables.push(match graph.node(id) {
            _ if layout.is_atom(id) => recorder.variable(layout.label(id)),
            Node::Constant(number) => Scalar::constant(number),
            Node::Op(op, ids) => {
                let x: Vec<Var<'_>> = ids.iter().map(|id| variables[id.index()]).collect();
                Var::apply(op, &x)
            }
            Node::Copy(of) => variables[of.index()],
            // Loops are written out before.
            Node::Input(_) | Node::Result { .. } => Scalar::constant(f64::NAN),
        });
    }
    // Every value with a label may be what a derivative is by.
    let mut active = vec![false; graph.len()];
    for id in graph.ids() {
        active[id.index()] = match graph.node(id) {
            _ if layout.is_atom(id) => true,
            Node::Op(op, ids) => {
                let counts = |(k, x): (usize, &NodeId)| active[x.index()] && op.differentiable(k);
                ids.iter().enumerate().any(counts)
            }
            Node::Copy(of) => active[of.index()],
            _ => false,
        };
    }
    let sweep = Sweep {
        graph,
        recorder,
        var: &|id| variables[id.index()],
        active: &|id| active[id.index()],
        ends: &|id| layout.is_atom(id),
    };
    let mut totals: BTreeMap<NodeId, Var<'_>> = BTreeMap::from([(top, Scalar::constant(1.0))]);
    let mut pairs: Vec<(NodeId, NodeId)> = Vec::new();
    for &line in layout.lines.iter().rev() {
        let Some(&outer) = totals.get(&line) else { continue };
        for (id, partial) in sweep.from(line) {
            if with_totals {
                let term = if line == top { partial } else { outer * partial };
                totals.entry(id).and_modify(|sum| *sum = term + *sum).or_insert(term);
            } else {
                // It counts, and that is all that is asked.
                totals.insert(id, outer);
            }
            recorder.output(format!("#{}", pairs.len()), partial);
            pairs.push((line, id));
        }
    }
    totals.remove(&top);
    if !with_totals {
        totals.clear();
    }
    for (k, &total) in totals.values().enumerate() {
        recorder.output(format!("#{}", pairs.len() + k), total);
    }
    (pairs, totals.into_keys().collect())
}

/// The nodes of which alone the output is a function: each way from it to an input leads through them.
pub(super) fn regular(graph: &Graph, top: NodeId) -> HashSet<NodeId> {
    let mut waiting = BTreeSet::from([top]);
    let mut regular = HashSet::new();
    let mut inputs = 0;
    while let Some(id) = waiting.pop_last() {
        match graph.node(id) {
            Node::Constant(_) => continue,
            _ if waiting.is_empty() && inputs == 0 => {
                regular.insert(id);
            }
            _ => {}
        }
        inputs += usize::from(matches!(graph.node(id), Node::Input(_)));
        let read = graph.operands(id).iter();
        waiting.extend(read.filter(|&&x| !matches!(graph.node(x), Node::Constant(_))));
    }
    regular
}
