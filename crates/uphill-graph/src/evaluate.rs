//! Graphs evaluated on any scalar, node after node: the reference that all other ways are held against.
//!
//! A loop runs its body once an iteration; nothing recurses but over loops in loops, which are a few deep.

use smallvec::SmallVec;

use crate::graph::{Graph, Loop, Slice};
use crate::implicit::Problem;
use crate::node::{Node, NodeId};
use crate::scalar::Scalar;
use crate::summing::Summing;
use crate::walk::{Feed, Outcome, Walk};

/// What is done with loops on scalars that could keep them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loops {
    Keep,
    Run,
    /// As [`Loops::Run`], with the terms of sums in their order: to be read, not computed.
    Read,
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
                let results = if repeated.is_implicit() {
                    S::implicit(&Problem::new(repeated, operands, values))
                } else {
                    let kept = match loops {
                        Loops::Keep => S::repeat(repeated, operands, values),
                        Loops::Run | Loops::Read => None,
                    };
                    kept.unwrap_or_else(|| run(repeated, operands, values, loops))
                };
                values.extend(results);
            }
        }
    }
}

/// The results of a loop, iteration by iteration.
pub(crate) fn run<S: Scalar>(
    repeated: &Loop,
    operands: &[NodeId],
    around: &[S],
    loops: Loops,
) -> Vec<S> {
    Running::new(Fed::new(repeated, operands, around), loops).run(loops)
}

/// What a loop is fed: from around it, and from its own states, which lie one behind the other.
#[derive(Clone)]
pub(crate) struct Fed<'a, S> {
    pub(crate) repeated: &'a Loop,
    /// What each feed reads around the loop.
    pub(crate) operands: Vec<Option<NodeId>>,
    pub(crate) around: &'a [S],
}

impl<'a, S: Copy> Fed<'a, S> {
    pub(crate) fn new(repeated: &'a Loop, operands: &[NodeId], around: &'a [S]) -> Fed<'a, S> {
        Fed { repeated, operands: repeated.each_operand(operands), around }
    }

    /// The states before the first iteration.
    pub(crate) fn first_states(&self) -> Vec<S> {
        let mut states = Vec::new();
        for (input, (feed, operand)) in self.repeated.feeds.iter().zip(&self.operands).enumerate() {
            if let (Feed::Carried { .. }, Some(operand)) = (feed, operand) {
                let width = self.repeated.input_width(input);
                states.extend_from_slice(slice(self.around, Slice { first: *operand, width }));
            }
        }
        states
    }

    /// Appends the inputs of the body in an iteration that starts from these states; counters by what makes a value of a
    /// number.
    pub(crate) fn inputs(
        &self,
        iteration: usize,
        states: &[S],
        number: impl Fn(f64) -> S,
        inputs: &mut Vec<S>,
    ) {
        let mut next = 0;
        for (input, (feed, operand)) in self.repeated.feeds.iter().zip(&self.operands).enumerate() {
            let width = self.repeated.input_width(input);
            match (feed, operand) {
                (Feed::Read(walk), Some(operand)) => {
                    let first = (operand.index() as i64 + walk.at(iteration)) as usize;
                    inputs.extend_from_slice(&self.around[first..first + width]);
                }
                (Feed::Counter { start, step }, _) => {
                    inputs.push(number((start + step * iteration as i64) as f64));
                }
                _ => {
                    inputs.extend_from_slice(&states[next..next + width]);
                    next += width;
                }
            }
        }
    }

    /// Appends the states after an iteration in which the body had these values.
    pub(crate) fn next_states(&self, values: &[S], states: &mut Vec<S>) {
        for feed in &self.repeated.feeds {
            if let Feed::Carried { from } = *feed {
                states.extend_from_slice(slice(values, self.repeated.body.outputs[from]));
            }
        }
    }

    /// The state of an input that is carried, among all.
    pub(crate) fn state<'s>(&self, input: usize, states: &'s [S]) -> &'s [S] {
        let before = self.repeated.feeds[..input].iter().enumerate();
        let before = before.filter(|(_, feed)| matches!(feed, Feed::Carried { .. }));
        let start: usize = before.map(|(input, _)| self.repeated.input_width(input)).sum();
        &states[start..start + self.repeated.input_width(input)]
    }
}

/// A loop that is running.
struct Running<'a, S> {
    fed: Fed<'a, S>,
    inputs: Vec<S>,
    values: Vec<S>,
    sums: Vec<Vec<Summing<S>>>,
    sequences: Vec<Vec<S>>,
    targets: Vec<Vec<S>>,
}

impl<'a, S: Scalar> Running<'a, S> {
    fn new(fed: Fed<'a, S>, loops: Loops) -> Running<'a, S> {
        let (repeated, nothing) = (fed.repeated, S::constant(-0.0));
        let sums = |&outcome: &Outcome| sums_of(repeated, outcome, loops);
        Running {
            fed,
            inputs: Vec::new(),
            values: Vec::new(),
            sums: repeated.outcomes.iter().map(sums).collect(),
            sequences: vec![Vec::new(); repeated.outcomes.len()],
            targets: repeated.targets.iter().map(|target| vec![nothing; target.width]).collect(),
        }
    }

    fn run(mut self, loops: Loops) -> Vec<S> {
        let repeated = self.fed.repeated;
        let mut states = self.fed.first_states();
        let mut before: Vec<S> = Vec::new();
        for iteration in 0..repeated.iterations {
            self.inputs.clear();
            self.fed.inputs(iteration, &states, S::constant, &mut self.inputs);
            self.values.clear();
            evaluate(&repeated.body.graph, &self.inputs, loops, &mut self.values);
            self.collect(iteration);
            std::mem::swap(&mut before, &mut states);
            states.clear();
            self.fed.next_states(&self.values, &mut states);
            // Where such a loop stands still, it does so to its end.
            if repeated.is_implicit() && same(&before, &states) {
                break;
            }
        }
        self.results(&states)
    }

    /// What an iteration gives goes where it belongs.
    fn collect(&mut self, iteration: usize) {
        let repeated = self.fed.repeated;
        let outputs = &repeated.body.outputs;
        for (place, outcome) in repeated.outcomes.iter().enumerate() {
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
        for (target, sums) in repeated.targets.iter().zip(&mut self.targets) {
            for (output, walk) in &target.writes {
                let terms = slice(&self.values, outputs[*output]);
                let first = Walk::at(walk, iteration) as usize;
                sums[first..].iter_mut().zip(terms).for_each(|(sum, &term)| *sum += term);
            }
        }
    }

    fn results(self, states: &[S]) -> Vec<S> {
        let repeated = self.fed.repeated;
        let mut results = Vec::with_capacity(repeated.width());
        for (place, outcome) in repeated.outcomes.iter().enumerate() {
            match *outcome {
                Outcome::Last { input } => {
                    results.extend_from_slice(self.fed.state(input, states));
                }
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
fn sums_of<S: Scalar>(repeated: &Loop, outcome: Outcome, loops: Loops) -> Vec<Summing<S>> {
    let sum = if loops == Loops::Read { Summing::in_order() } else { Summing::default() };
    match outcome {
        Outcome::Sum { output } => vec![sum; repeated.output_width(output)],
        _ => Vec::new(),
    }
}

/// Whether all of these are known numbers with the same bits, two by two.
fn same<S: Scalar>(a: &[S], b: &[S]) -> bool {
    let bits = |x: &S| x.known().map(f64::to_bits);
    a.iter().zip(b).all(|(a, b)| bits(a).is_some() && bits(a) == bits(b))
}

fn slice<S>(values: &[S], slice: Slice) -> &[S] {
    &values[slice.first.index()..slice.first.index() + slice.width]
}
