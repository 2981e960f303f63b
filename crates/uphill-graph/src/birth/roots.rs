//! Trouble of a root: what its equations read is to blame, or there is none to be found.

use super::{Birth, Way, worst};
use crate::graph::{Graph, Loop};
use crate::implicit::{linear, residuals_and_slopes};
use crate::node::{Node, NodeId};
use crate::print::number;
use crate::rerun::Rerun;
use crate::walk::{Feed, Outcome};

/// Where the search for a root ended.
pub(super) struct Ended {
    /// How many steps were made.
    steps: usize,
    /// The last unknowns that were numbers, and what their equations leave.
    unknowns: Vec<f64>,
    residuals: Vec<f64>,
    /// Whether the next step can't be computed there.
    singular: bool,
}

/// Where the trouble of a root comes from.
pub(super) fn through(graph: &Graph, values: &[f64], id: NodeId) -> Way {
    let Node::Result { number, operands, place } = graph.node(id) else { return Way::Here };
    let repeated: &Loop = graph.repeated(number);
    let given: Vec<NodeId> =
        repeated.given_nodes(operands).into_iter().map(|(_, node)| node).collect();
    if let Some(from) = worst(values, &given) {
        return Way::From(from);
    }
    let start = repeated.each_operand(operands).into_iter().zip(&repeated.feeds);
    let start = start.filter(|(_, feed)| matches!(feed, Feed::Carried { .. }));
    let start: Vec<NodeId> = start.filter_map(|(operand, _)| operand).collect();
    if repeated.iterations > 0
        && let Some(from) = worst(values, &start)
    {
        return Way::From(from);
    }
    Way::Born(Birth {
        trail: Vec::new(),
        node: NodeId::new(id.index() - place),
        value: values[id.index()],
        operands: Vec::new(),
        ended: Some(ended(repeated, operands, values)),
    })
}

fn ended(repeated: &Loop, operands: &[NodeId], values: &[f64]) -> Ended {
    let again = Rerun::new(repeated, operands, values);
    let unknowns = |states: &[f64]| -> Vec<f64> {
        let of_result = repeated.outcomes.iter().flat_map(|outcome| match *outcome {
            Outcome::Last { input } => again.fed.state(input, states).to_vec(),
            _ => Vec::new(),
        });
        of_result.collect()
    };
    let mut states = again.first_states().to_vec();
    let (mut steps, mut found) = (0, unknowns(&states));
    for iteration in 0..repeated.iterations {
        let next = again.next(&again.run(iteration, &states));
        let own = unknowns(&next);
        if !own.iter().all(|y| y.is_finite()) {
            break;
        }
        (states, found, steps) = (next, own, iteration + 1);
    }
    let around = |node: NodeId| values[node.index()];
    let inputs = repeated.solved_inputs(operands, &found, around);
    let (residuals, slopes) = residuals_and_slopes(repeated, &inputs);
    let step = linear::eliminate(&slopes, &residuals);
    let singular = !step.iter().all(|step| step.is_finite());
    Ended { steps, unknowns: found, residuals, singular }
}

impl Ended {
    /// In words, with the names of the unknowns.
    pub(super) fn told(&self, names: &[String]) -> String {
        let values = names.iter().zip(&self.unknowns);
        let values: Vec<String> =
            values.map(|(name, &y)| format!("{name} = {}", number(y, None))).collect();
        let left: Vec<String> = self.residuals.iter().map(|&left| number(left, None)).collect();
        let (at, left) = (values.join(", "), left.join(", "));
        if self.unknowns.iter().any(|y| !y.is_finite()) {
            return "the Jacobian is singular".into();
        }
        if self.residuals.iter().any(|left| !left.is_finite()) {
            return format!("no root: the equations give {left} at {at}");
        }
        match self.singular {
            true => format!("no root: the Jacobian is singular at {at}, where {left} is left"),
            false => {
                let steps = self.steps + 1;
                format!("no root: after {steps} steps it is {at}, where {left} is left")
            }
        }
    }
}
