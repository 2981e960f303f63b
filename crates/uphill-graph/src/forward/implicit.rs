//! Forward mode through a loop with equations F(y, x) = 0: F_y·ẏ = -F_x·ẋ, whatever the loop did to find y.

use super::{Seed, Tangents, all_tangents};
use crate::function::{Function, Output};
use crate::graph::Loop;
use crate::guard::Guard;
use crate::implicit::{Equations, linear, residuals_and_slopes};
use crate::inputs::InputGroup;
use crate::node::NodeId;
use crate::op::Condition;
use crate::record::Recorder;
use crate::reverse::operand_var;
use crate::scalar::Scalar;
use crate::slopes::Slope;
use crate::var::Var;

/// Tangents of what equations read become tangents of the unknowns.
pub(super) fn through_equations<'g>(
    tangents: &mut Tangents<'_, 'g>,
    recorder: &'g Recorder,
    head: NodeId,
    (repeated, equations): (&Loop, &Equations),
    operands: &[NodeId],
) {
    let graph = tangents.slopes.graph();
    let known = equations.known(repeated);
    // The position of each input that has a tangent, that tangent, and where it counts.
    let mut given: Vec<(usize, Var<'g>, Option<Var<'g>>)> = Vec::new();
    for (position, node) in repeated.given_nodes(operands) {
        if let Some(tangent) = tangents.slopes.of(node) {
            let guard = tangents.guard(node);
            given.push((position, tangent, tangents.guards.condition(guard)));
        }
    }
    if given.is_empty() {
        return;
    }
    let fed: Vec<(usize, bool)> =
        given.iter().map(|(position, _, counts)| (*position, counts.is_some())).collect();
    let Some(along) = Along::new(&known.function, &fed) else { return };
    let width = known.unknowns.len();
    let unknowns: Vec<Var<'g>> =
        (0..width).map(|k| recorder.var(NodeId::new(head.index() + k))).collect();
    let around = |node: NodeId| operand_var(recorder, graph, node);
    let mut inputs = repeated.solved_inputs(operands, &unknowns, around);
    let (_, slopes) = residuals_and_slopes(repeated, &inputs);
    for (_, tangent, counts) in given {
        inputs.push(tangent);
        inputs.extend(counts);
    }
    let mut values = along.function.eval_scalar(&inputs).unwrap_or_default();
    let guards: Vec<Guard> = values
        .split_off(width.min(values.len()))
        .into_iter()
        .filter_map(|value| tangents.guards.and(Guard::ALWAYS, Condition { value, is: true }))
        .collect();
    let guard = match along.counts_always {
        true => Guard::ALWAYS,
        false => tangents.guards.any(guards.into_iter()),
    };
    let right: Vec<Var<'g>> = values.into_iter().map(|value| -value).collect();
    let solved = linear::solve(&slopes, &right);
    for (k, tangent) in solved.into_iter().enumerate() {
        let node = NodeId::new(head.index() + k);
        let tangent = tangents.guards.mask(tangent, guard);
        tangents.slopes.set(node, tangent);
        tangents.set_guard(node, guard);
    }
}

/// Tangents of equations, as a function of their inputs and of the tangents of some of these: one an equation, and behind
/// them a number for each that is 0 where its tangent does not count, if none counts always.
struct Along {
    function: Function,
    counts_always: bool,
}

impl Along {
    /// `from`: positions of inputs that have tangents, each with whether a number behind it says where that counts. Nothing
    /// if no equation depends on them.
    fn new(equations: &Function, from: &[(usize, bool)]) -> Option<Along> {
        let graph = equations.graph();
        let recorder = Recorder::continuing(graph.clone());
        let mut groups = graph.inputs().groups().len()..;
        let mut input = || {
            let group = InputGroup::fed(groups.next().unwrap_or(usize::MAX), 1);
            recorder.var(recorder.declare_group(group))
        };
        let mut seeds = Vec::with_capacity(from.len());
        for &(position, is_guarded) in from {
            let tangent = Slope::One(input());
            let counts = is_guarded.then(&mut input);
            seeds.push(Seed { to: graph.input_nodes()[position], tangent, counts });
        }
        let mut along = all_tangents(equations, &recorder, &seeds);
        let mut outputs: Vec<Output> = Vec::new();
        let mut put = |value: Var<'_>| {
            outputs.push(Output::new(format!("o{}", outputs.len()), recorder.node(value)));
        };
        let mut conditions = Vec::new();
        let mut counts_always = false;
        let residuals: Vec<NodeId> = equations.outputs().iter().flat_map(Output::nodes).collect();
        for &node in &residuals {
            let tangent = along.slopes.of(node);
            put(tangent.unwrap_or(Var::constant(0.0)));
            if tangent.is_some() {
                let guard = along.guard(node);
                counts_always |= guard == Guard::ALWAYS;
                conditions.extend(along.guards.condition(guard));
            }
        }
        let is_any = counts_always || !conditions.is_empty();
        if !counts_always {
            conditions.into_iter().for_each(put);
        }
        drop((along, seeds));
        let function = Function::from_pass(recorder.into_graph(), outputs);
        is_any.then_some(Along { function, counts_always })
    }
}
