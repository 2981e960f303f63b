//! Loops of blocks: what a loop has kept of each iteration for one that goes the other way is computed again, block by
//! block.
//!
//! The loop that keeps ([`Forward`]) gives the states before each block. The one that reads ([`Backward`]) is a loop over
//! blocks with two loops inside: one that computes the states of a block, and its own iterations. Blocks are counted from
//! where the reader begins, so that its sums over iterations have whole blocks first.

use super::forward::{Forward, Own};
use super::levels::counts;
use super::nest::{Nest, Spot, add, nothing, span};
use super::origin::{Origin, Placed, still_parts};
use super::steps::{Gathered, Given, Steps};
use super::turns;
use crate::graph::{Graph, Loop};
use crate::node::NodeId;
use crate::walk::{Feed, Outcome, Target, Walk};

/// A loop that reads what others have kept, from their last iteration to the first.
pub(super) struct Backward<'a> {
    steps: Steps,
    lengths: &'a [usize],
    forward: &'a [&'a Forward],
    /// Outputs that are summed, with their widths.
    sums: Vec<(usize, usize)>,
    placed: Vec<Placed>,
}

/// What goes from iteration to iteration.
#[derive(Clone)]
struct Carried {
    states: Vec<NodeId>,
    /// Totals; within blocks shorter than those of a sum, the eight that take turns.
    sums: Vec<NodeId>,
}

impl Backward<'_> {
    /// Writes the loop in blocks; gives the first node of each of its results. `kept` tells which inputs are kept by which
    /// loop, and the place among what that one keeps.
    pub(super) fn write(
        graph: &mut Graph,
        repeated: &Loop,
        operands: &[Option<NodeId>],
        kept: &[Option<(usize, usize)>],
        forward: &[&Forward],
        lengths: &[usize],
        gathered: &mut Gathered,
    ) -> Vec<NodeId> {
        let starts: Vec<usize> = forward
            .iter()
            .scan(0, |next, forward| {
                let start = *next;
                *next += forward.kept.len();
                Some(start)
            })
            .collect();
        let number = |input: usize| kept[input].map(|(by, place)| starts[by] + place);
        let (steps, spots, states) = Steps::new(graph, repeated, operands, number, gathered);
        let mut backward =
            Backward { steps, lengths, forward, sums: Vec::new(), placed: Vec::new() };
        let origins: Vec<Origin> =
            repeated.outcomes.iter().map(|&outcome| backward.origin(repeated, outcome)).collect();
        let mut own = Own { spots, states };
        for state in own.states.len()..backward.steps.states.len() {
            own.states.push(nothing(graph, backward.steps.states[state].width));
        }
        let (carried, vectors) = backward.all(graph, repeated.iterations, own);
        let result = |origin: Origin| match origin {
            Origin::State(state) => carried.states[state],
            Origin::Sum(sum) => carried.sums[sum],
            Origin::Placed(placed) => vectors[placed],
            Origin::Running { parts, all } => {
                let mut nest = Nest::new(1);
                let mut writes = Vec::new();
                for (start, state) in parts {
                    let width = backward.steps.states[state].width;
                    let part = nest.read(Walk::STILL, carried.states[state], width);
                    writes.push((nest.output(part, width), Walk::even(start, 0)));
                }
                nest.target(all, writes, graph)
            }
            Origin::Added { terms, all } => {
                let mut nest = Nest::new(repeated.iterations);
                let mut writes = Vec::new();
                for (placed, width, walk) in terms {
                    let along = Walk::even(0, width as i64);
                    let term = nest.read(along, vectors[placed], width);
                    writes.push((nest.output(term, width), walk));
                }
                nest.target(all, writes, graph)
            }
        };
        origins.into_iter().map(result).collect()
    }

    /// Finds out how a result is made of blocks.
    fn origin(&mut self, repeated: &Loop, outcome: Outcome) -> Origin {
        let width = |output: usize| repeated.output_width(output);
        let along = |output: usize| Placed {
            output,
            start: 0,
            stride: width(output) as i64,
            width: width(output),
            all: width(output) * repeated.iterations,
        };
        match outcome {
            Outcome::Last { input } => {
                let before = repeated.feeds[..input].iter();
                let carried = before.filter(|feed| matches!(feed, Feed::Carried { .. }));
                Origin::State(carried.count())
            }
            Outcome::Sum { output } => {
                self.sums.push((output, width(output)));
                Origin::Sum(self.sums.len() - 1)
            }
            Outcome::Sequence { output } => {
                self.placed.push(along(output));
                Origin::Placed(self.placed.len() - 1)
            }
            Outcome::Target { target } => {
                let Target { width: all, writes } = &repeated.targets[target];
                if let [(output, walk)] = &writes[..]
                    && walk.lookup.is_none()
                    && walk.stride.unsigned_abs() as usize >= width(*output)
                {
                    let (start, stride) = (walk.start, walk.stride);
                    let (output, width) = (*output, width(*output));
                    self.placed.push(Placed { output, start, stride, width, all: *all });
                    return Origin::Placed(self.placed.len() - 1);
                }
                if let Some(parts) = still_parts(repeated, writes) {
                    let parts = parts.into_iter().map(|part| {
                        self.steps.running_sum(part.width, &part.outputs);
                        (part.start as i64, self.steps.states.len() - 1)
                    });
                    return Origin::Running { parts: parts.collect(), all: *all };
                }
                let terms = writes.iter().map(|(output, walk)| {
                    self.placed.push(along(*output));
                    (self.placed.len() - 1, width(*output), walk.clone())
                });
                Origin::Added { terms: terms.collect(), all: *all }
            }
        }
    }

    /// Whether the shortest blocks are shorter than those of a sum.
    fn takes_turns(&self) -> bool {
        self.lengths[0] < Outcome::BLOCK
    }

    /// All iterations: blocks from the longest on, then those that are left over.
    fn all(&self, graph: &mut Graph, iterations: usize, own: Own) -> (Carried, Vec<NodeId>) {
        let (counts, left) = counts(iterations, self.lengths);
        let (spots, states) = (own.spots, own.states);
        let totals = self.sums.iter().map(|&(_, width)| nothing(graph, width)).collect();
        let mut carried = Carried { states, sums: totals };
        // Totals wait while the eight take turns.
        let mut totals: Option<Vec<NodeId>> = None;
        let mut vectors: Vec<Vec<NodeId>> = vec![Vec::new(); self.placed.len()];
        let mut done = 0;
        for level in (0..self.lengths.len()).rev().filter(|level| counts[*level] > 0) {
            let (count, length) = (counts[level], self.lengths[level]);
            if length < Outcome::BLOCK && totals.is_none() {
                totals = Some(std::mem::replace(&mut carried.sums, self.no_turns(graph)));
            }
            let forward: Vec<(Vec<NodeId>, Vec<Spot>)> = self
                .forward
                .iter()
                .map(|forward| {
                    let (before, from) = &forward.blocks[level];
                    (before.clone(), forward.spots.iter().map(|spot| spot.from(*from)).collect())
                })
                .collect();
            let spots: Vec<Spot> = spots.iter().map(|spot| spot.from(done)).collect();
            let found;
            (carried, found) =
                self.blocks(graph, level, count, &forward, &spots, carried, Some(done));
            vectors.iter_mut().zip(found).for_each(|(all, own)| all.push(own));
            done += count * length;
        }
        if left > 0 {
            let forward = self
                .forward
                .iter()
                .map(|forward| Own { spots: forward.spots.clone(), states: forward.first.clone() });
            let forward: Vec<Own> = forward.collect();
            let own = Own {
                spots: spots.iter().map(|spot| spot.from(done)).collect(),
                states: carried.states,
            };
            let (states, terms, found) = self.iterations(graph, left, &forward, own, Some(done));
            vectors.iter_mut().zip(found).for_each(|(all, own)| all.push(own));
            let turned = match self.takes_turns() {
                true if totals.is_none() => Some(self.no_turns(graph)),
                true => Some(carried.sums.clone()),
                false => None,
            };
            let totals = totals.take().unwrap_or(carried.sums);
            let sums = self.sums.iter().enumerate().map(|(sum, &(_, width))| match &turned {
                Some(turned) => {
                    turns::close(graph, width, totals[sum], turned[sum], Some((terms[sum], left)))
                }
                None => add(graph, width, totals[sum], terms[sum]),
            });
            carried = Carried { states, sums: sums.collect() };
        } else if let Some(totals) = totals {
            let sums = self.sums.iter().enumerate().map(|(sum, &(_, width))| {
                turns::close(graph, width, totals[sum], carried.sums[sum], None)
            });
            carried.sums = sums.collect();
        }
        let vectors = self.placed.iter().zip(vectors).map(|(placed, parts)| {
            let mut parts = parts.into_iter();
            let first = parts.next().unwrap_or_else(|| nothing(graph, placed.all));
            parts.fold(first, |all, part| add(graph, placed.all, all, part))
        });
        let vectors = vectors.collect();
        (carried, vectors)
    }

    fn no_turns(&self, graph: &mut Graph) -> Vec<NodeId> {
        self.sums.iter().map(|&(_, width)| turns::none(graph, width)).collect()
    }

    /// A loop over so many blocks of a level. Each loop that is computed again has the states before each block, and
    /// spots as of the first of them in its own order. What is placed is placed in its vector as from iteration `placing`
    /// on, or in the span of these blocks.
    #[allow(clippy::too_many_arguments, reason = "one loop, described")]
    fn blocks(
        &self,
        graph: &mut Graph,
        level: usize,
        count: usize,
        forward: &[(Vec<NodeId>, Vec<Spot>)],
        spots: &[Spot],
        carried: Carried,
        placing: Option<usize>,
    ) -> (Carried, Vec<NodeId>) {
        let length = self.lengths[level];
        let mut nest = Nest::new(count);
        let turned = if length < Outcome::BLOCK { Outcome::TURNS } else { 1 };
        let mut widths: Vec<usize> = self.steps.states.iter().map(|state| state.width).collect();
        widths.extend(self.sums.iter().map(|&(_, width)| turned * width));
        let firsts = carried.states.iter().chain(&carried.sums).zip(&widths).enumerate();
        let mut inside: Vec<NodeId> = firsts
            .map(|(from, (&first, &width))| nest.input(Feed::Carried { from }, Some(first), width))
            .collect();
        let last = count as i64 - 1;
        let back = length as i64;
        let again: Vec<Own> = self
            .forward
            .iter()
            .zip(forward)
            .map(|(of, (before, spots))| {
                let states = of.steps.states.iter().zip(before).map(|(state, &before)| {
                    let width = state.width as i64;
                    nest.read(Walk::even(last * width, -width), before, state.width)
                });
                let states = states.collect();
                let spots =
                    spots.iter().map(|spot| spot.in_blocks(&mut nest, last * back, -back, length));
                Own { states, spots: spots.collect() }
            })
            .collect();
        let spots: Vec<Spot> =
            spots.iter().map(|spot| spot.in_blocks(&mut nest, 0, back, length)).collect();
        let sums = inside.split_off(self.steps.states.len());
        let own = Carried { states: inside, sums };
        let (after, vectors) = self.block(&mut nest.body, level, &again, &spots, own);
        for (&first, &width) in after.states.iter().chain(&after.sums).zip(&widths) {
            nest.output(first, width);
        }
        for input in 0..widths.len() {
            nest.writer.outcome(Outcome::Last { input });
        }
        for (placed, vector) in self.placed.iter().zip(vectors) {
            let output = nest.output(vector, span(placed.stride, placed.width, length));
            let walk = placed.walk(length, count, placing);
            let width = match placing {
                Some(_) => placed.all,
                None => span(placed.stride, placed.width, count * length),
            };
            nest.writer.targets.push(Target { width, writes: vec![(output, walk)] });
            let target = nest.writer.targets.len() - 1;
            nest.writer.outcome(Outcome::Target { target });
        }
        let mut states = nest.write(graph);
        let mut sums = states.split_off(self.steps.states.len());
        let vectors = sums.split_off(self.sums.len());
        (Carried { states, sums }, vectors)
    }

    /// One block, whose loops begin at these spots: what is carried on, and for what is placed the spans of the block.
    fn block(
        &self,
        graph: &mut Graph,
        level: usize,
        again: &[Own],
        spots: &[Spot],
        carried: Carried,
    ) -> (Carried, Vec<NodeId>) {
        let length = self.lengths[level];
        let Some(below) = level.checked_sub(1) else {
            let own = Own { spots: spots.to_vec(), states: carried.states };
            let (states, terms, vectors) = self.iterations(graph, length, again, own, None);
            let sums = self.sums.iter().enumerate().map(|(sum, &(_, width))| {
                let (before, terms) = (carried.sums[sum], terms[sum]);
                match self.takes_turns() {
                    true => turns::go_on(graph, width, before, terms, length),
                    false => add(graph, width, before, terms),
                }
            });
            return (Carried { states, sums: sums.collect() }, vectors);
        };
        let shorter = self.lengths[below];
        let count = length / shorter;
        let forward: Vec<(Vec<NodeId>, Vec<Spot>)> = self
            .forward
            .iter()
            .zip(again)
            .map(|(of, own)| {
                let before =
                    of.steps.states_of_blocks(graph, count, shorter, &own.spots, &own.states).0;
                (before, own.spots.clone())
            })
            .collect();
        let is_block = length == Outcome::BLOCK;
        let Carried { states, sums: before } = carried;
        let sums = if is_block { self.no_turns(graph) } else { before.clone() };
        let carried = Carried { states, sums };
        let (mut after, vectors) = self.blocks(graph, below, count, &forward, spots, carried, None);
        if is_block {
            let sums = self.sums.iter().enumerate().map(|(sum, &(_, width))| {
                turns::close(graph, width, before[sum], after.sums[sum], None)
            });
            after.sums = sums.collect();
        }
        (after, vectors)
    }

    /// So many iterations, with what is kept of them computed again: states, sums or the terms of all, and what is placed.
    fn iterations(
        &self,
        graph: &mut Graph,
        iterations: usize,
        again: &[Own],
        own: Own,
        placing: Option<usize>,
    ) -> (Vec<NodeId>, Vec<NodeId>, Vec<NodeId>) {
        let forward = self.forward.iter().zip(again);
        let kept: Vec<NodeId> =
            forward.flat_map(|(forward, own)| forward.keep(graph, iterations, own)).collect();
        let mut outcomes: Vec<Outcome> =
            (0..self.steps.states.len()).map(|state| self.steps.last(state)).collect();
        outcomes.extend(self.sums.iter().map(|&(output, _)| match self.takes_turns() {
            true => Outcome::Sequence { output },
            false => Outcome::Sum { output },
        }));
        outcomes.extend((0..self.placed.len()).map(|target| Outcome::Target { target }));
        let targets = self.placed.iter().map(|placed| {
            let width = match placing {
                Some(_) => placed.all,
                None => span(placed.stride, placed.width, iterations),
            };
            Target { width, writes: vec![(placed.output, placed.walk(1, iterations, placing))] }
        });
        let given = Given { spots: &own.spots, states: &own.states, kept: &kept };
        let mut states = self.steps.run(graph, iterations, &given, outcomes, targets.collect());
        let mut sums = states.split_off(self.steps.states.len());
        let vectors = sums.split_off(self.sums.len());
        (states, sums, vectors)
    }
}
