//! Second derivatives of loops without coloured sweeps: a body is derived once, and each iteration adds its small Hessian.
//!
//! This is how ExaModels has them. It needs a performance that is linear in what the loops give, and bodies that read their
//! numbers straight from the inputs, and are linear in all else: in running sums, and other states whose adjoints no input
//! changes. Bodies may hold such loops again. A body that doesn't split so
//! is taken as a whole, by coloured sweeps within an iteration, if that is few entries.

use super::coloured::{Shape, coloured};
use super::linear::own_loops;
use super::terms::{Entering, Found, Term};
use crate::error::Error;
use crate::function::{Function, Output};
use crate::graph::{Graph, Loop, Slice};
use crate::loop_writer::{LoopWriter, input_slices};
use crate::node::{Node, NodeId};
use crate::record::Recorder;
use crate::reverse::{Stop, Sweep, active, active_in_body, active_inputs};
use crate::scalar::Scalar;
use crate::slopes::Slope;
use crate::var::Var;
use crate::walk::{Feed, Walk};

/// A body with more entries than this, or more inputs, is not taken as a whole.
pub(super) const MOST_ENTRIES: usize = 1024;
const MOST_INPUTS: usize = 64;

/// The adjoint of a node, or those of a vector.
#[derive(Debug, Clone, Copy)]
pub(super) enum Seed {
    Number(f64),
    Node(NodeId),
    Vector(NodeId),
}

impl Seed {
    fn of(slope: Slope<'_>, recorder: &Recorder) -> Seed {
        match slope {
            Slope::One(value) => match value.constant_value() {
                Some(number) => Seed::Number(number),
                None => Seed::Node(recorder.node(value)),
            },
            Slope::Vector(first) => Seed::Vector(first),
        }
    }

    fn slope<'g>(self, recorder: &'g Recorder) -> Slope<'g> {
        match self {
            Seed::Number(number) => Slope::One(Var::constant(number)),
            Seed::Node(node) => Slope::One(recorder.var(node)),
            Seed::Vector(first) => Slope::Vector(first),
        }
    }

    fn node(self, recorder: &Recorder) -> NodeId {
        match self.slope(recorder) {
            Slope::One(value) => recorder.node(value),
            Slope::Vector(first) => first,
        }
    }
}

/// A loop by itself: what is derived and what it is derived by.
pub(super) struct Repeated<'a> {
    pub(super) repeated: &'a Loop,
    pub(super) operands: Vec<Option<NodeId>>,
    pub(super) inputs: Vec<Slice>,
    /// The inputs of the body that it is derived by, each entry: those that are active and are not gone through.
    pub(super) wrt: Vec<NodeId>,
}

impl<'a> Repeated<'a> {
    pub(super) fn new(graph: &'a Graph, stop: &Stop, active: &[bool]) -> Option<Repeated<'a>> {
        let Node::Result { number, operands, .. } = graph.node(stop.head) else { return None };
        let repeated = graph.repeated(number);
        let (active, _) =
            active_in_body(repeated, active_inputs(graph, repeated, operands, active));
        let inputs = input_slices(repeated.body());
        let each = inputs.iter().zip(active).zip(&stop.through);
        let wrt = each.filter(|((_, active), through)| *active && !**through).flat_map(
            |((slice, _), _)| (0..slice.width).map(|k| NodeId::new(slice.first.index() + k)),
        );
        let (operands, wrt) = (repeated.each_operand(operands), wrt.collect());
        Some(Repeated { repeated, operands, inputs, wrt })
    }

    /// A loop that runs the body again.
    pub(super) fn writer(&self) -> LoopWriter {
        let mut writer = LoopWriter::new(self.repeated.iterations);
        writer.feeds.clone_from(&self.repeated.feeds);
        writer.operands.clone_from(&self.operands);
        writer.outputs.clone_from(&self.repeated.body.outputs);
        writer
    }

    pub(super) fn is_input(&self, slice: Slice) -> bool {
        matches!(self.repeated.body().node(slice.first), Node::Input(_))
    }
}

/// Second derivatives of the sum of what is seeded, times the seeds; `None` if they don't split into those of bodies.
///
/// # Arguments
///
/// `recorder`: continues the function's graph, and may have more in it. `wrt`: the inputs that are active. `is_read`:
/// whether all that is active in a vector is an input.
pub(super) fn second(
    function: &Function,
    recorder: Recorder,
    seeds: &[(Slice, Seed)],
    wrt: &[NodeId],
    is_read: &dyn Fn(Slice) -> bool,
) -> Result<Option<Found>, Error> {
    let slices: Vec<Slice> = seeds.iter().map(|(slice, _)| *slice).collect();
    let Some(stops) = own_loops(function, &slices, wrt, is_read) else { return Ok(None) };
    let sweep = Sweep::of_nodes(function, wrt.to_vec());
    let slopes: Vec<_> =
        seeds.iter().map(|(slice, seed)| (*slice, seed.slope(&recorder))).collect();
    let Some(up_to) = sweep.adjoints_up_to(&recorder, &slopes, &stops) else { return Ok(None) };
    let rows = changing(up_to.inputs.iter().copied(), &recorder);
    let active = if stops.is_empty() { Vec::new() } else { active(function, wrt) };
    let mut found = Found::default();
    for (stop, outputs) in up_to.loops.iter().rev().filter(|(_, outputs)| !outputs.is_empty()) {
        let seeds: Vec<(usize, &Walk, Seed)> = outputs
            .iter()
            .map(|own| (own.output, &own.walk, Seed::of(own.adjoint, &recorder)))
            .collect();
        let Some(own) = Repeated::new(function.graph(), stop, &active) else { continue };
        if own.repeated.iterations == 0 {
            continue;
        }
        match second_of_body(&own, &seeds, &recorder)? {
            Some(entering) => found.loops.push(entering),
            None => return Ok(None),
        }
    }
    drop((slopes, up_to));
    found.graph = recorder.into_graph();
    found.with_rows(&rows, usize::MAX)
}

/// Adjoints that may change with the inputs, as nodes.
fn changing<'g>(
    adjoints: impl Iterator<Item = (NodeId, Var<'g>)>,
    recorder: &'g Recorder,
) -> Vec<(NodeId, NodeId)> {
    let changing = adjoints.filter(|(_, adjoint)| adjoint.constant_value().is_none());
    changing.map(|(input, adjoint)| (input, recorder.node(adjoint))).collect()
}

impl Found {
    /// Adds the derivatives of these adjoints, each of an input, by the same inputs.
    fn with_rows(mut self, rows: &[(NodeId, NodeId)], most: usize) -> Result<Option<Found>, Error> {
        if rows.is_empty() {
            return Ok(Some(self));
        }
        let inputs: Vec<NodeId> = rows.iter().map(|(input, _)| *input).collect();
        let outputs = named(rows.iter().map(|(_, adjoint)| *adjoint));
        let Some(all) = coloured(self.graph, outputs, &inputs, Shape::Symmetric, most)? else {
            return Ok(None);
        };
        let entries = all.pattern.entries().zip(&all.values);
        let upper = entries.filter(|((row, column), _)| row <= column);
        self.single.extend(upper.map(|((row, column), &value)| {
            Term::still(value, inputs[row], inputs[column], row != column)
        }));
        self.sweeps += all.sweeps;
        self.graph = all.graph;
        Ok(Some(self))
    }
}

pub(super) fn named(nodes: impl Iterator<Item = NodeId>) -> Vec<Output> {
    nodes.enumerate().map(|(k, node)| Output::new(format!("o{k}"), node)).collect()
}

/// The entries that an iteration gives, if outputs of the body have these adjoints, at these places of theirs.
fn second_of_body(
    own: &Repeated<'_>,
    adjoints: &[(usize, &Walk, Seed)],
    around: &Recorder,
) -> Result<Option<Entering>, Error> {
    let mut writer = own.writer();
    let function = own.repeated.body.to_function();
    let body = Recorder::continuing(own.repeated.body().clone());
    let mut seeds = Vec::new();
    for &(output, walk, adjoint) in adjoints {
        let slice = own.repeated.body.outputs[output];
        let seed = match adjoint {
            Seed::Number(_) => adjoint,
            _ => {
                let operand = Some(adjoint.node(around));
                let read = writer.feed(&body, Feed::Read(walk.clone()), operand, slice.width);
                let one = read.width == 1;
                if one { Seed::Node(read.first) } else { Seed::Vector(read.first) }
            }
        };
        seeds.push((slice, seed));
    }
    let graph = body.into_graph();
    let again = Recorder::continuing(graph.clone());
    let split = second(&function, again, &seeds, &own.wrt, &|slice| own.is_input(slice))?;
    let found = match split {
        Some(found) => found,
        None => match as_a_whole(&function, graph, &seeds, &own.wrt)? {
            Some(found) => found,
            None => return Ok(None),
        },
    };
    let (body, terms) = found.close();
    let seen = terms.into_iter().map(|term| {
        let row = term.row.read_by(own.repeated, &own.inputs, &own.operands)?;
        let column = term.column.read_by(own.repeated, &own.inputs, &own.operands)?;
        Some(Term { row, column, ..term })
    });
    let terms: Option<Vec<Term>> = seen.collect();
    Ok(terms.map(|terms| Entering { writer, body, terms }))
}

/// Second derivatives of a body by sweeps through all of it, if these are few.
fn as_a_whole(
    function: &Function,
    graph: Graph,
    seeds: &[(Slice, Seed)],
    wrt: &[NodeId],
) -> Result<Option<Found>, Error> {
    if wrt.len() > MOST_INPUTS {
        return Ok(None);
    }
    let recorder = Recorder::continuing(graph);
    let sweep = Sweep::of_nodes(function, wrt.to_vec());
    let slopes: Vec<_> =
        seeds.iter().map(|(slice, seed)| (*slice, seed.slope(&recorder))).collect();
    let adjoints = sweep.adjoints_of_parts(&recorder, &slopes, &[]);
    let of_inputs = wrt.iter().filter_map(|&input| Some((input, adjoints.of(input)?)));
    let rows = changing(of_inputs, &recorder);
    drop((slopes, adjoints));
    Found { graph: recorder.into_graph(), ..Found::default() }.with_rows(&rows, MOST_ENTRIES)
}
