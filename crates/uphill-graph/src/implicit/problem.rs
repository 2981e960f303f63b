//! A loop with equations on any scalar: numbers run it, and all else is what the equations make of the numbers.
//!
//! One step of Newton's method from the solution has the right slope, since the Jacobian's own slope is multiplied by a
//! residual of 0. So a tangent is one linear system, on whatever the tangent is made of.

use std::sync::Arc;

use super::linear;
use crate::dual::Dual;
use crate::evaluate::{Loops, run};
use crate::graph::{Graph, Loop};
use crate::node::{Node, NodeId};
use crate::scalar::Scalar;

/// A loop with equations, and what it reads.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Problem<S> {
    pub(crate) repeated: Arc<Loop>,
    pub(crate) operands: Vec<NodeId>,
    /// The values that operands are numbers of.
    pub(crate) around: Vec<S>,
}

impl<S: Scalar> Problem<S> {
    /// With what the loop reads alone, of the values of a graph.
    pub(crate) fn new(repeated: &Arc<Loop>, operands: &[NodeId], values: &[S]) -> Problem<S> {
        let (mut around, mut own) = (Vec::new(), Vec::with_capacity(operands.len()));
        for (input, operand) in repeated.each_operand(operands).into_iter().enumerate() {
            if let Some(operand) = operand {
                let first = operand.index();
                own.push(NodeId::new(around.len()));
                around.extend_from_slice(&values[first..first + repeated.input_width(input)]);
            }
        }
        Problem { repeated: Arc::clone(repeated), operands: own, around }
    }

    /// The same on what is a part of each value.
    pub(crate) fn map<T>(&self, part: impl Fn(&S) -> T) -> Problem<T> {
        Problem {
            repeated: Arc::clone(&self.repeated),
            operands: self.operands.clone(),
            around: self.around.iter().map(part).collect(),
        }
    }

    /// Runs the loop, iteration by iteration.
    pub(crate) fn run(&self) -> Vec<S> {
        run(&self.repeated, &self.operands, &self.around, Loops::Run)
    }

    /// The residuals, and the Jacobian row by row, at these unknowns.
    pub(crate) fn equations_at(&self, unknowns: &[S]) -> (Vec<S>, Vec<S>) {
        let around = |node: NodeId| self.around[node.index()];
        residuals_and_slopes(
            &self.repeated,
            &self.repeated.solved_inputs(&self.operands, unknowns, around),
        )
    }

    /// On scalars that know their numbers: these solve it, and a step of Newton's method brings the rest.
    pub(crate) fn by_numbers(&self) -> Vec<S> {
        let numbers: Option<Vec<f64>> = self.around.iter().map(|x| x.known()).collect();
        let Some(around) = numbers else { return self.run() };
        let (repeated, operands) = (Arc::clone(&self.repeated), self.operands.clone());
        let found = Problem { repeated, operands, around }.run();
        let fixed: Vec<S> = found.iter().map(|&y| S::constant(y)).collect();
        let (residuals, slopes) = self.equations_at(&fixed);
        let steps = linear::eliminate(&slopes, &residuals);
        let with_slope = fixed.into_iter().zip(steps).map(|(y, step)| {
            // The number stays, to the bit.
            y + (S::constant(step.known().unwrap_or(f64::NAN)) - step)
        });
        with_slope.collect()
    }
}

/// The residuals, and the Jacobian row by row, for these inputs of the body.
pub(crate) fn residuals_and_slopes<S: Scalar>(repeated: &Loop, inputs: &[S]) -> (Vec<S>, Vec<S>) {
    let Some(equations) = &repeated.equations else { return Default::default() };
    let known = equations.known(repeated);
    let mut values = known.jacobian.eval_scalar(inputs).unwrap_or_default();
    let slopes = values.split_off(known.unknowns.len().min(values.len()));
    (values, slopes)
}

/// The nodes that the equations of a loop read, each with the slopes of all unknowns by it.
pub(crate) fn root_slopes(graph: &Graph, id: NodeId, values: &[f64]) -> Vec<(NodeId, Vec<f64>)> {
    let Node::Result { number, operands, .. } = graph.node(id) else { return Vec::new() };
    let repeated = graph.repeated(number);
    let problem = Problem::new(repeated, operands, values);
    let (own, nodes) = (repeated.given_nodes(&problem.operands), repeated.given_nodes(operands));
    let each = own.into_iter().zip(nodes).map(|((_, at), (_, node))| {
        let mut along = problem.map(|&x| Dual::constant(x));
        along.around[at.index()] = Dual::variable(problem.around[at.index()]);
        (node, Dual::implicit(&along).into_iter().map(|y| y.tangent).collect())
    });
    each.collect()
}
