//! Reverse mode through a loop with equations F(y, x) = 0: x̄ = -F_xᵀ·F_y⁻ᵀ·ȳ, whatever the loop did to find y.
//!
//! One linear system and one sweep back over the equations, both written in y and x: so what this writes has derivatives.

use smallvec::SmallVec;

use super::waiting::{Taken, Waiting};
use super::{Seed, Sweep, active, finite, operand_var};
use crate::function::{Function, Output};
use crate::graph::{Loop, Slice};
use crate::guard::{Guard, Guarded};
use crate::implicit::{Equations, linear, residuals_and_slopes};
use crate::inputs::InputGroup;
use crate::node::NodeId;
use crate::op::Condition;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::slopes::Slope;
use crate::var::Var;

impl Sweep<'_> {
    /// Adjoints of the unknowns flow to what the equations read.
    pub(super) fn through_equations<'g>(
        &self,
        waiting: &mut Waiting<'_, 'g>,
        recorder: &'g Recorder,
        head: NodeId,
        (repeated, equations): (&Loop, &Equations),
        operands: &[NodeId],
    ) {
        let graph = self.function.graph();
        let known = equations.known(repeated);
        if !self.active[head.index()] {
            return;
        }
        let mut adjoints: Vec<Option<Guarded<'g>>> = Vec::with_capacity(known.unknowns.len());
        for part in graph.results(head) {
            adjoints.extend(self.entries(waiting, recorder, part));
        }
        let reached: Vec<Guard> = adjoints.iter().flatten().map(|(_, guard)| *guard).collect();
        if reached.is_empty() {
            return;
        }
        let guard = waiting.guards.any(reached.into_iter());
        // What was taken is put back, for who looks at adjoints on the way.
        for (k, adjoint) in adjoints.iter().enumerate() {
            if let Some((adjoint, own)) = *adjoint {
                let masked = waiting.guards.mask(adjoint, own);
                waiting.set(NodeId::new(head.index() + k), masked);
            }
        }
        let right: Vec<Var<'g>> = adjoints
            .into_iter()
            .map(|adjoint| match adjoint {
                Some((adjoint, own)) if own == guard => -adjoint,
                Some((adjoint, own)) => -waiting.guards.mask(adjoint, own),
                None => Var::constant(0.0),
            })
            .collect();
        let width = right.len();
        let unknowns: Vec<Var<'g>> =
            (0..width).map(|k| recorder.var(NodeId::new(head.index() + k))).collect();
        let around = |node: NodeId| operand_var(recorder, graph, node);
        let mut inputs = repeated.solved_inputs(operands, &unknowns, around);
        let (_, slopes) = residuals_and_slopes(repeated, &inputs);
        let transposed: Vec<Var<'g>> =
            (0..width * width).map(|k| slopes[(k % width) * width + k / width]).collect();
        inputs.extend(linear::solve(&transposed, &right));

        let mut given = repeated.given_nodes(operands);
        given.retain(|(_, node)| self.active[node.index()]);
        let is_finite = |node: NodeId| self.finite.get(node.index()).is_none_or(|finite| *finite);
        let behind: Vec<(usize, bool)> =
            given.iter().map(|&(position, node)| (position, is_finite(node))).collect();
        let back = Back::new(&known.function, &behind);
        let flows = back.function.eval_scalar(&inputs).unwrap_or_default();
        let mut flows = flows.into_iter();
        for ((_, node), flow) in given.into_iter().zip(back.flows) {
            let Flow::There { is_guarded } = flow else { continue };
            let Some(adjoint) = flows.next() else { return };
            let mut own = Some(guard);
            if is_guarded && let Some(value) = flows.next() {
                own = waiting.guards.and(guard, Condition { value, is: true });
            }
            if let Some(guard) = own {
                waiting.add(node, adjoint, guard);
            }
        }
    }

    /// The adjoints of the entries of a result, and where they count.
    fn entries<'g>(
        &self,
        waiting: &mut Waiting<'_, 'g>,
        recorder: &'g Recorder,
        part: Slice,
    ) -> SmallVec<[Option<Guarded<'g>>; 4]> {
        let node = |first: NodeId, k: usize| NodeId::new(first.index() + k);
        if !waiting.has_vector(part) {
            return (0..part.width).map(|k| waiting.take(node(part.first, k))).collect();
        }
        let Some(Taken { adjoint, guard, each }) = waiting.take_part(part) else {
            return SmallVec::from_elem(None, part.width);
        };
        let entry = |k: usize| match adjoint {
            Slope::One(adjoint) => adjoint,
            Slope::Vector(first) => recorder.var(node(first, k)),
        };
        let guards = &mut waiting.guards;
        let counting = |k: usize| match each {
            None => Some(guard),
            Some(each) => {
                guards.and(guard, Condition { value: recorder.var(node(each, k)), is: true })
            }
        };
        let all: Vec<Option<Guard>> = (0..part.width).map(counting).collect();
        all.into_iter().enumerate().map(|(k, guard)| Some((entry(k), guard?))).collect()
    }
}

/// What comes to an input of the equations.
#[derive(Clone, Copy)]
enum Flow {
    Nothing,
    /// An adjoint, and behind it a number that is 0 where it does not count, if it does not always.
    There {
        is_guarded: bool,
    },
}

/// A sweep back over equations, as a function of their inputs and of an adjoint for each residual.
struct Back {
    function: Function,
    /// One an input that it was asked for.
    flows: Vec<Flow>,
}

impl Back {
    /// `to`: positions of inputs, each with whether a 0 stays 0 on all ways behind it.
    fn new(equations: &Function, to: &[(usize, bool)]) -> Back {
        let graph = equations.graph();
        let recorder = Recorder::continuing(graph.clone());
        let groups = graph.inputs().groups().len();
        let residuals = equations.outputs().iter().flat_map(Output::nodes).enumerate();
        let seeds: Vec<Seed<'_>> = residuals
            .map(|(k, node)| {
                let adjoint = recorder.declare_group(InputGroup::fed(groups + k, 1));
                let adjoint = Slope::One(recorder.var(adjoint));
                Seed { to: Slice::one(node), adjoint, counts: None }
            })
            .collect();
        let nodes: Vec<NodeId> = to.iter().map(|(at, _)| graph.input_nodes()[*at]).collect();
        let active = active(equations, &nodes);
        let behind: Vec<(Slice, bool)> =
            nodes.iter().zip(to).map(|(node, (_, finite))| (Slice::one(*node), *finite)).collect();
        let finite = finite(graph, &active, &behind);
        let absent = super::chooses_with_poles(graph);
        let function = equations;
        let sweep = Sweep { function, wrt: nodes.clone(), active, finite, is_body: true, absent };
        let mut swept = sweep.swept(&recorder, &seeds, &[], None);
        let mut outputs: Vec<Output> = Vec::new();
        let mut flows = Vec::with_capacity(nodes.len());
        for node in nodes {
            let Some(adjoint) = swept.slopes().of(node) else {
                flows.push(Flow::Nothing);
                continue;
            };
            let part = graph.part(node);
            let whole = if swept.slopes().whole(part).is_some() { part } else { Slice::one(node) };
            let guard = swept.counts(whole).unwrap_or(Guard::ALWAYS);
            let condition = swept.guards.condition(guard);
            flows.push(Flow::There { is_guarded: condition.is_some() });
            for value in [Some(adjoint), condition].into_iter().flatten() {
                outputs.push(Output::new(format!("o{}", outputs.len()), recorder.node(value)));
            }
        }
        drop(swept);
        drop(seeds);
        Back { function: Function::from_pass(recorder.into_graph(), outputs), flows }
    }
}
