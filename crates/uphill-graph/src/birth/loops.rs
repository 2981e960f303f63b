//! Trouble that comes out of a loop: the loop runs again on numbers, and the trouble is followed back through its
//! iterations to where it arose in one of them, or to what the loop read.

use super::{Birth, Way, follow, worst};
use crate::evaluate::{Loops, evaluate};
use crate::graph::{Graph, Loop};
use crate::node::{Node, NodeId};
use crate::walk::{Feed, Outcome};

/// Where the trouble of a loop's result comes from.
pub(super) fn through(graph: &Graph, values: &[f64], id: NodeId) -> Way {
    let Node::Result { number, operands, place } = graph.node(id) else { return Way::Here };
    let repeated = graph.repeated(number);
    let head = NodeId::new(id.index() - place);
    let found = repeated.places().find(|(_, range)| range.contains(&place));
    let Some((outcome, range)) = found else { return Way::Here };
    let mut again = Again::new(repeated, operands, values);
    let Some(start) = again.start(outcome, place - range.start) else { return Way::Here };
    let (mut iteration, mut node) = match start {
        Start::Within(iteration, node) => (iteration, node),
        Start::Around(node) => return Way::From(node),
    };
    loop {
        let body = again.values(iteration);
        let (born, _) = follow(repeated.body(), &body, node);
        let fed =
            match repeated.body().node(born.trail.first().map_or(born.node, |(head, _)| *head)) {
                Node::Input(position) if born.trail.is_empty() => Some(position),
                _ => None,
            };
        let Some(position) = fed else {
            let Birth { mut trail, .. } = born;
            trail.insert(0, (head, iteration));
            return Way::Born(Birth { trail, ..born });
        };
        let (input, within) = repeated.body().inputs().place(position);
        match (&repeated.feeds()[input], again.operands[input]) {
            (Feed::Read(walk), Some(operand)) => {
                let place = operand.index() as i64 + walk.at(iteration);
                return Way::From(NodeId::new(place as usize + within));
            }
            (Feed::Carried { from }, _) if iteration > 0 => {
                iteration -= 1;
                node = NodeId::new(repeated.outputs()[*from].first.index() + within);
            }
            (_, Some(operand)) => return Way::From(NodeId::new(operand.index() + within)),
            (_, None) => return Way::Here,
        }
    }
}

/// Where the way back begins.
enum Start {
    Within(usize, NodeId),
    Around(NodeId),
}

/// A loop that runs again. States are kept for some iterations, and found again between these.
struct Again<'a> {
    repeated: &'a Loop,
    operands: Vec<Option<NodeId>>,
    around: &'a [f64],
    /// From one kept iteration to the next.
    stride: usize,
    kept: Vec<Vec<f64>>,
    /// The states of all iterations from a kept one on: which, and what they are.
    between: (usize, Vec<Vec<f64>>),
}

impl<'a> Again<'a> {
    fn new(repeated: &'a Loop, operands: &[NodeId], around: &'a [f64]) -> Again<'a> {
        let operands: Vec<Option<NodeId>> =
            repeated.operand_places().map(|place| place.map(|place| operands[place])).collect();
        let mut first = Vec::new();
        for (input, (feed, operand)) in repeated.feeds().iter().zip(&operands).enumerate() {
            if let (Feed::Carried { .. }, Some(operand)) = (feed, operand) {
                let start = operand.index();
                first.extend_from_slice(&around[start..start + repeated.input_width(input)]);
            }
        }
        let stride = (repeated.iterations() as f64).sqrt() as usize + 1;
        let kept = vec![first];
        Again { repeated, operands, around, stride, kept, between: (usize::MAX, Vec::new()) }
    }

    fn has_states(&self) -> bool {
        !self.kept[0].is_empty()
    }

    /// What an iteration computes from its states.
    fn run(&self, iteration: usize, states: &[f64]) -> Vec<f64> {
        let mut inputs = Vec::new();
        let mut next = 0;
        for (input, (feed, operand)) in self.repeated.feeds().iter().zip(&self.operands).enumerate()
        {
            let width = self.repeated.input_width(input);
            match (feed, operand) {
                (Feed::Read(walk), Some(operand)) => {
                    let first = (operand.index() as i64 + walk.at(iteration)) as usize;
                    inputs.extend_from_slice(&self.around[first..first + width]);
                }
                (Feed::Counter { start, step }, _) => {
                    inputs.push((start + step * iteration as i64) as f64);
                }
                _ => {
                    inputs.extend_from_slice(&states[next..next + width]);
                    next += width;
                }
            }
        }
        let mut values = Vec::with_capacity(self.repeated.body().len());
        evaluate(self.repeated.body(), &inputs, Loops::Run, &mut values);
        values
    }

    /// The states after an iteration.
    fn next(&self, values: &[f64]) -> Vec<f64> {
        let mut states = Vec::with_capacity(self.kept[0].len());
        for feed in self.repeated.feeds() {
            if let Feed::Carried { from } = feed {
                let slice = self.repeated.outputs()[*from];
                let first = slice.first.index();
                states.extend_from_slice(&values[first..first + slice.width]);
            }
        }
        states
    }

    /// The values of the body in an iteration.
    fn values(&mut self, iteration: usize) -> Vec<f64> {
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

    /// The iteration and the node of the body that a result's trouble comes from; none if it arose in a sum.
    fn start(&mut self, outcome: Outcome, within: usize) -> Option<Start> {
        let iterations = self.repeated.iterations();
        let entry = |output: usize, entry: usize| {
            NodeId::new(self.repeated.outputs()[output].first.index() + entry)
        };
        match outcome {
            Outcome::Sequence { output } => {
                let width = self.repeated.output_width(output);
                Some(Start::Within(within / width, entry(output, within % width)))
            }
            Outcome::Last { input } => {
                let Feed::Carried { from } = self.repeated.feeds()[input] else { return None };
                match iterations.checked_sub(1) {
                    Some(last) => Some(Start::Within(last, entry(from, within))),
                    None => {
                        let operand = self.operands[input]?;
                        Some(Start::Around(NodeId::new(operand.index() + within)))
                    }
                }
            }
            Outcome::Sum { output } => {
                let node = entry(output, within);
                self.first_trouble(|_| vec![node])
            }
            Outcome::Target { target } => {
                let repeated = self.repeated;
                let writes = &repeated.targets()[target].writes;
                self.first_trouble(|iteration| {
                    let reached = writes.iter().filter_map(|(output, walk)| {
                        let slice = repeated.outputs()[*output];
                        let entry = (within as i64).checked_sub(walk.at(iteration))?;
                        let entry = usize::try_from(entry).ok().filter(|k| *k < slice.width)?;
                        Some(NodeId::new(slice.first.index() + entry))
                    });
                    reached.collect()
                })
            }
        }
    }

    /// The first iteration in which a term is NaN; else the first in which one is infinite.
    fn first_trouble(&mut self, terms: impl Fn(usize) -> Vec<NodeId>) -> Option<Start> {
        let mut infinite = None;
        let mut states = self.kept[0].clone();
        for iteration in 0..self.repeated.iterations() {
            let values = self.run(iteration, &states);
            if let Some(node) = worst(&values, &terms(iteration)) {
                if values[node.index()].is_nan() {
                    return Some(Start::Within(iteration, node));
                }
                infinite.get_or_insert((iteration, node));
            }
            states = self.next(&values);
        }
        infinite.map(|(iteration, node)| Start::Within(iteration, node))
    }
}
