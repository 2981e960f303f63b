//! A loop taken apart, so that it can run over any stretch of its iterations, at any depth.

use super::nest::{Nest, Spot, add};
use crate::graph::{Graph, Loop, Slice};
use crate::inputs::InputGroup;
use crate::loop_writer::{LoopWriter, input_slices};
use crate::new_ids::NewIds;
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::simplify::copy;
use crate::walk::{Feed, Outcome, Target, Walk};

/// How an input of the body comes by its values.
#[derive(Debug, Clone, Copy)]
enum Input {
    /// From this spot: a place, or what a counter begins with.
    Spot(usize),
    /// What a counter counts within a stretch, by this step.
    Steps(i64),
    State(usize),
    /// From what was kept of each iteration of a block, the last first.
    Kept(usize),
}

/// What is carried from iteration to iteration.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) width: usize,
    /// The output that it becomes.
    from: usize,
    input: usize,
}

#[derive(Debug)]
pub(super) struct Steps {
    graph: Graph,
    pub(super) outputs: Vec<Slice>,
    inputs: Vec<Input>,
    pub(super) states: Vec<State>,
    /// The widths of what is kept, by number.
    kept: Vec<usize>,
}

/// Vectors that were looked up beforehand, entry by entry, for loops of so many iterations: a stretch can't look into the
/// middle of a table.
#[derive(Debug, Default)]
pub(super) struct Gathered(Vec<(NodeId, Walk, usize, NodeId)>);

impl Gathered {
    /// A walk as one that moves evenly, and the vector that it goes along.
    fn even(
        &mut self,
        graph: &mut Graph,
        operand: NodeId,
        walk: &Walk,
        width: usize,
        iterations: usize,
    ) -> Spot {
        if walk.lookup.is_none() || walk.is_still() {
            return Spot::Place { operand, start: walk.start, stride: walk.stride, width };
        }
        let stride = width as i64;
        let known = |backward: bool| {
            let walk = if backward { walk.reversed(iterations) } else { walk.clone() };
            self.0
                .iter()
                .find(|(at, known, wide, _)| (*at, known, *wide) == (operand, &walk, width))
                .map(|(_, _, _, vector)| *vector)
        };
        if let Some(operand) = known(false) {
            return Spot::Place { operand, start: 0, stride, width };
        }
        if let Some(operand) = known(true) {
            let start = stride * (iterations as i64 - 1);
            return Spot::Place { operand, start, stride: -stride, width };
        }
        let mut nest = Nest::new(iterations);
        let entry = nest.read(walk.clone(), operand, width);
        nest.sequence(entry, width);
        let vector = nest.write(graph)[0];
        self.0.push((operand, walk.clone(), width, vector));
        Spot::Place { operand: vector, start: 0, stride, width }
    }
}

impl Steps {
    /// Takes a loop apart, of which some inputs are kept values; gives its spots, and the nodes of its first states.
    pub(super) fn new(
        around: &mut Graph,
        repeated: &Loop,
        operands: &[Option<NodeId>],
        kept: impl Fn(usize) -> Option<usize>,
        gathered: &mut Gathered,
    ) -> (Steps, Vec<Spot>, Vec<NodeId>) {
        let old = &repeated.body.graph;
        let mut steps = Steps {
            graph: Graph::default(),
            outputs: Vec::new(),
            inputs: Vec::new(),
            states: Vec::new(),
            kept: Vec::new(),
        };
        let (mut spots, mut first) = (Vec::new(), Vec::new());
        let mut new_ids = NewIds::new(old);
        for (input, slice) in input_slices(old).into_iter().enumerate() {
            let width = slice.width;
            let node = match (&repeated.feeds[input], operands[input]) {
                (Feed::Carried { from }, Some(operand)) => {
                    first.push(operand);
                    steps.carried(width, *from)
                }
                (Feed::Counter { start, step }, _) => {
                    spots.push(Spot::Count { base: None, start: *start, step: *step });
                    let base = steps.input(Input::Spot(spots.len() - 1), 1);
                    let count = steps.input(Input::Steps(*step), 1);
                    steps.graph.push_op(Op::Add, &[base, count])
                }
                (Feed::Read(walk), Some(operand)) => match kept(input) {
                    Some(number) => {
                        if steps.kept.len() <= number {
                            steps.kept.resize(number + 1, 0);
                        }
                        steps.kept[number] = width;
                        steps.input(Input::Kept(number), width)
                    }
                    None => {
                        let n = repeated.iterations;
                        spots.push(gathered.even(around, operand, walk, width, n));
                        steps.input(Input::Spot(spots.len() - 1), width)
                    }
                },
                // What is carried or read has an operand.
                _ => continue,
            };
            new_ids.set(slice.first, node);
        }
        for head in old.heads() {
            if !matches!(old.node(head), Node::Input(_)) {
                let node = copy(old, &mut steps.graph, head, &new_ids);
                new_ids.set(head, node);
            }
        }
        let moved = |slice: &Slice| Slice { first: new_ids.of(slice.first), ..*slice };
        steps.outputs = repeated.body.outputs.iter().map(moved).collect();
        (steps, spots, first)
    }

    fn input(&mut self, input: Input, width: usize) -> NodeId {
        let first = self.graph.push_group(InputGroup::fed(self.inputs.len(), width));
        self.inputs.push(input);
        first
    }

    fn carried(&mut self, width: usize, from: usize) -> NodeId {
        self.states.push(State { width, from, input: self.inputs.len() });
        self.input(Input::State(self.states.len() - 1), width)
    }

    /// A further state of so many numbers: a running sum of outputs, in order, each from a place on.
    pub(super) fn running_sum(&mut self, width: usize, outputs: &[(usize, usize)]) {
        let mut sum = self.carried(width, self.outputs.len());
        for &(output, start) in outputs {
            let Slice { first, width: own } = self.outputs[output];
            let term = match own == width {
                true => first,
                false => {
                    let mut nest = Nest::new(1);
                    let term = nest.read(Walk::STILL, first, own);
                    let writes = vec![(nest.output(term, own), Walk::even(start as i64, 0))];
                    nest.target(width, writes, &mut self.graph)
                }
            };
            sum = add(&mut self.graph, width, sum, term);
        }
        self.outputs.push(Slice { first: sum, width });
    }

    /// What a state holds after a run.
    pub(super) fn last(&self, state: usize) -> Outcome {
        Outcome::Last { input: self.states[state].input }
    }

    /// So many iterations, one or more; gives the first node of each result.
    pub(super) fn run(
        &self,
        graph: &mut Graph,
        iterations: usize,
        given: &Given<'_>,
        outcomes: Vec<Outcome>,
        targets: Vec<Target>,
    ) -> Vec<NodeId> {
        let mut writer = LoopWriter::new(iterations);
        for input in &self.inputs {
            let (feed, operand) = match *input {
                Input::Steps(step) => (Feed::Counter { start: 0, step }, None),
                Input::State(state) => {
                    let from = self.states[state].from;
                    (Feed::Carried { from }, Some(given.states[state]))
                }
                Input::Kept(number) => {
                    let width = self.kept[number] as i64;
                    let walk = Walk::even(width * (iterations as i64 - 1), -width);
                    (Feed::Read(walk), Some(given.kept[number]))
                }
                Input::Spot(spot) => match given.spots[spot] {
                    Spot::Place { operand, start, stride, .. } => {
                        (Feed::Read(Walk::even(start, stride)), Some(operand))
                    }
                    Spot::Count { base, start, .. } => {
                        let base = base.unwrap_or_else(|| graph.push_constant(start as f64));
                        (Feed::Read(Walk::STILL), Some(base))
                    }
                },
            };
            writer.feeds.push(feed);
            writer.operands.push(operand);
        }
        writer.outputs.clone_from(&self.outputs);
        (writer.outcomes, writer.targets) = (outcomes, targets);
        writer.push(self.graph.clone(), graph)
    }

    /// So many iterations, one or more; gives the states after them.
    pub(super) fn states_after(
        &self,
        graph: &mut Graph,
        iterations: usize,
        spots: &[Spot],
        states: &[NodeId],
    ) -> Vec<NodeId> {
        let outcomes = (0..self.states.len()).map(|state| self.last(state)).collect();
        self.run(graph, iterations, &Given { spots, states, kept: &[] }, outcomes, Vec::new())
    }

    /// So many blocks; gives the states before each of them, a vector for each, and those after all.
    pub(super) fn states_of_blocks(
        &self,
        graph: &mut Graph,
        blocks: usize,
        length: usize,
        spots: &[Spot],
        states: &[NodeId],
    ) -> (Vec<NodeId>, Vec<NodeId>) {
        let mut nest = Nest::new(blocks);
        let before: Vec<NodeId> = (0..states.len())
            .map(|from| {
                nest.input(Feed::Carried { from }, Some(states[from]), self.states[from].width)
            })
            .collect();
        let spots: Vec<Spot> =
            spots.iter().map(|spot| spot.in_blocks(&mut nest, 0, length as i64, length)).collect();
        let after = self.states_after(&mut nest.body, length, &spots, &before);
        for (state, &after) in self.states.iter().zip(&after) {
            nest.output(after, state.width);
        }
        for (state, &before) in self.states.iter().zip(&before) {
            nest.sequence(before, state.width);
        }
        for input in 0..states.len() {
            nest.writer.outcome(Outcome::Last { input });
        }
        let mut results = nest.write(graph);
        let after = results.split_off(states.len());
        (results, after)
    }
}

/// What a run is given: where its spots are, its first states, and what is kept of each iteration.
pub(super) struct Given<'a> {
    pub(super) spots: &'a [Spot],
    pub(super) states: &'a [NodeId],
    pub(super) kept: &'a [NodeId],
}
