//! Graphs evaluated on any scalar, node after node: the reference that all other ways are held against.
//!
//! A loop runs its body once an iteration; nothing recurses but over loops in loops, which are a few deep.

use smallvec::SmallVec;

use crate::graph::{Graph, Loop, Slice};
use crate::node::{Node, NodeId};
use crate::scalar::Scalar;
use crate::summing::Summing;
use crate::walk::{Feed, Outcome, Walk};

/// What is done with loops on scalars that could keep them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loops {
    Keep,
    Run,
}

/// Appends the value of every node.
pub(crate) fn evaluate<S: Scalar>(graph: &Graph, x: &[S], loops: Loops, values: &mut Vec<S>) {
    let mut operands: SmallVec<[S; 8]> = SmallVec::new();
    for id in graph.heads() {
        match graph.node(id) {
            Node::Input(position) => {
                values.extend_from_slice(&x[position..position + graph.width(id)]);
            }
            Node::Constant(_) => {
                values.extend(graph.constants_from(id).iter().map(|&c| S::constant(c)));
            }
            Node::Op(op, ids) => {
                operands.clear();
                operands.extend(ids.iter().map(|operand| values[operand.index()]));
                values.push(S::apply(op, &operands));
            }
            Node::Copy(_) => {
                for operand in graph.vector(id) {
                    values.push(values[operand.index()]);
                }
            }
            Node::Result { number, operands, .. } => {
                let repeated = graph.repeated(number);
                let kept = match loops {
                    Loops::Keep => S::repeat(repeated, operands, values),
                    Loops::Run => None,
                };
                let run = || Running::new(repeated).run(operands, loops, values);
                let results = kept.unwrap_or_else(run);
                values.extend(results);
            }
        }
    }
}

/// A loop that is running.
struct Running<'l, S> {
    repeated: &'l Loop,
    inputs: Vec<S>,
    values: Vec<S>,
    sums: Vec<Vec<Summing<S>>>,
    sequences: Vec<Vec<S>>,
    targets: Vec<Vec<S>>,
}

impl<'l, S: Scalar> Running<'l, S> {
    fn new(repeated: &'l Loop) -> Running<'l, S> {
        let nothing = S::constant(-0.0);
        Running {
            repeated,
            inputs: Vec::new(),
            values: Vec::new(),
            sums: repeated.outcomes.iter().map(|&outcome| sums_of(repeated, outcome)).collect(),
            sequences: vec![Vec::new(); repeated.outcomes.len()],
            targets: repeated.targets.iter().map(|target| vec![nothing; target.width]).collect(),
        }
    }

    fn run(mut self, operands: &[NodeId], loops: Loops, around: &[S]) -> Vec<S> {
        let repeated = self.repeated;
        let mut carried: Vec<Vec<S>> = vec![Vec::new(); repeated.feeds.len()];
        for (input, (feed, operand)) in
            repeated.feeds.iter().zip(repeated.operand_places()).enumerate()
        {
            if let (Feed::Carried { .. }, Some(operand)) = (feed, operand) {
                let first = operands[operand].index();
                carried[input] = around[first..first + repeated.input_width(input)].to_vec();
            }
        }
        for iteration in 0..repeated.iterations {
            self.inputs.clear();
            for (input, (feed, operand)) in
                repeated.feeds.iter().zip(repeated.operand_places()).enumerate()
            {
                match (feed, operand) {
                    (Feed::Read(walk), Some(operand)) => {
                        let first =
                            (operands[operand].index() as i64 + walk.at(iteration)) as usize;
                        self.inputs
                            .extend_from_slice(&around[first..first + repeated.input_width(input)]);
                    }
                    (Feed::Counter { start, step }, _) => {
                        self.inputs.push(S::constant((start + step * iteration as i64) as f64));
                    }
                    _ => self.inputs.extend_from_slice(&carried[input]),
                }
            }
            self.values.clear();
            evaluate(&repeated.body.graph, &self.inputs, loops, &mut self.values);
            self.collect(iteration);
            for (input, feed) in repeated.feeds.iter().enumerate() {
                if let Feed::Carried { from } = *feed {
                    let next = slice(&self.values, repeated.body.outputs[from]);
                    carried[input].clear();
                    carried[input].extend_from_slice(next);
                }
            }
        }
        self.results(&carried)
    }

    /// What an iteration gives goes where it belongs.
    fn collect(&mut self, iteration: usize) {
        let outputs = &self.repeated.body.outputs;
        for (place, outcome) in self.repeated.outcomes.iter().enumerate() {
            match *outcome {
                Outcome::Sequence { output } => {
                    self.sequences[place].extend_from_slice(slice(&self.values, outputs[output]));
                }
                Outcome::Sum { output } => {
                    let terms = slice(&self.values, outputs[output]);
                    self.sums[place].iter_mut().zip(terms).for_each(|(sum, &term)| sum.add(term));
                }
                Outcome::Last { .. } | Outcome::Target { .. } => {}
            }
        }
        for (target, sums) in self.repeated.targets.iter().zip(&mut self.targets) {
            for (output, walk) in &target.writes {
                let terms = slice(&self.values, outputs[*output]);
                let first = Walk::at(walk, iteration) as usize;
                sums[first..].iter_mut().zip(terms).for_each(|(sum, &term)| *sum += term);
            }
        }
    }

    fn results(self, carried: &[Vec<S>]) -> Vec<S> {
        let mut results = Vec::with_capacity(self.repeated.width());
        for (place, outcome) in self.repeated.outcomes.iter().enumerate() {
            match *outcome {
                Outcome::Last { input } => results.extend_from_slice(&carried[input]),
                Outcome::Sequence { .. } => results.extend_from_slice(&self.sequences[place]),
                Outcome::Sum { .. } => {
                    results.extend(self.sums[place].iter().map(|sum| sum.clone().total()));
                }
                Outcome::Target { target } => results.extend_from_slice(&self.targets[target]),
            }
        }
        results
    }
}

/// The sums of an outcome that is one.
fn sums_of<S: Scalar>(repeated: &Loop, outcome: Outcome) -> Vec<Summing<S>> {
    match outcome {
        Outcome::Sum { output } => vec![Summing::default(); repeated.output_width(output)],
        _ => Vec::new(),
    }
}

fn slice<S>(values: &[S], slice: Slice) -> &[S] {
    &values[slice.first.index()..slice.first.index() + slice.width]
}
