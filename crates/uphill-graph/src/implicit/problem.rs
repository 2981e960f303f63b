//! A loop with equations on any scalar: numbers run it, and all else is what the equations make of the numbers.
//!
//! One step of Newton's method from the solution has the right slope, since the Jacobian's own slope is multiplied by a
//! residual of 0. So a tangent is one linear system, on whatever the tangent is made of.

use std::sync::Arc;

use super::linear;
use crate::evaluate::{Loops, run};
use crate::graph::Loop;
use crate::node::NodeId;
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
        let Some(equations) = &self.repeated.equations else { return Default::default() };
        let around = |node: NodeId| self.around[node.index()];
        let inputs = self.repeated.solved_inputs(&self.operands, unknowns, around);
        let known = equations.known(&self.repeated);
        let mut values = known.jacobian.eval_scalar(&inputs).unwrap_or_default();
        let slopes = values.split_off(unknowns.len().min(values.len()));
        (values, slopes)
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
