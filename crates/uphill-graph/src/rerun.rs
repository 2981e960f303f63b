//! Loops that run again on numbers, iteration by iteration, for whoever tells what happened in one of them.

use crate::evaluate::{Fed, Loops, evaluate};
use crate::graph::Loop;
use crate::node::NodeId;

/// A loop that runs again. States are kept for some iterations, and found again between these.
pub(crate) struct Rerun<'a> {
    pub(crate) fed: Fed<'a, f64>,
    /// From one kept iteration to the next.
    stride: usize,
    kept: Vec<Vec<f64>>,
    /// The states of all iterations from a kept one on: which, and what they are.
    between: (usize, Vec<Vec<f64>>),
}

impl<'a> Rerun<'a> {
    pub(crate) fn new(repeated: &'a Loop, operands: &[NodeId], around: &'a [f64]) -> Rerun<'a> {
        let fed = Fed::new(repeated, operands, around);
        let stride = (repeated.iterations() as f64).sqrt() as usize + 1;
        let kept = vec![fed.first_states()];
        Rerun { fed, stride, kept, between: (usize::MAX, Vec::new()) }
    }

    /// The states before the first iteration, one behind the other.
    pub(crate) fn first_states(&self) -> &[f64] {
        &self.kept[0]
    }

    fn has_states(&self) -> bool {
        !self.kept[0].is_empty()
    }

    /// What an iteration computes from its states.
    pub(crate) fn run(&self, iteration: usize, states: &[f64]) -> Vec<f64> {
        let mut inputs = Vec::new();
        self.fed.inputs(iteration, states, |number| number, &mut inputs);
        let mut values = Vec::with_capacity(self.fed.repeated.body().len());
        evaluate(self.fed.repeated.body(), &inputs, Loops::Run, &mut values);
        values
    }

    /// The states after an iteration.
    pub(crate) fn next(&self, values: &[f64]) -> Vec<f64> {
        let mut states = Vec::with_capacity(self.kept[0].len());
        self.fed.next_states(values, &mut states);
        states
    }

    /// The values of the body in an iteration.
    pub(crate) fn values(&mut self, iteration: usize) -> Vec<f64> {
        if !self.has_states() {
            return self.run(iteration, &[]);
        }
        let block = iteration / self.stride;
        while self.kept.len() <= block {
            let last = self.kept.len() - 1;
            let mut states = self.kept[last].clone();
            for iteration in last * self.stride..(last + 1) * self.stride {
                states = self.next(&self.run(iteration, &states));
            }
            self.kept.push(states);
        }
        if self.between.0 != block {
            self.between = (block, vec![self.kept[block].clone()]);
        }
        let within = iteration % self.stride;
        while self.between.1.len() <= within {
            let known = self.between.1.len() - 1;
            let values = self.run(block * self.stride + known, &self.between.1[known]);
            let states = self.next(&values);
            self.between.1.push(states);
        }
        self.run(iteration, &self.between.1[within])
    }
}
