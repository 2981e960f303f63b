//! What the values of a graph depend on: a graph followed from its inputs on, its loops iteration by iteration.
//!
//! No node is written for an iteration. A loop's body is followed once, by itself: what comes out of it depends on what
//! goes in, and that alone is repeated, with the places that each iteration reads and adds to. What is repeated is either
//! which inputs each output depends on, or the body's values between them, whichever is less.

use super::depend::{Dependencies, NONE};
use super::pattern::Pattern;
use super::search;
use crate::error::Error;
use crate::evaluate::Fed;
use crate::graph::{Graph, Loop};
use crate::node::{Node, NodeId};
use crate::walk::{Feed, Outcome};

/// For each output, the inputs, by their places in the list, on which it depends differentiably.
///
/// # Errors
///
/// [`Error::Unsupported`] beyond 2³² entries, or where what is in between is too much.
pub(super) fn pattern(
    graph: &Graph,
    outputs: &[NodeId],
    inputs: &[NodeId],
) -> Result<Pattern, Error> {
    let mut columns = vec![NONE; graph.inputs().len()];
    for (column, input) in inputs.iter().enumerate() {
        if let Node::Input(position) = graph.node(*input) {
            columns[position] = column as u32;
        }
    }
    let mut dependencies = Dependencies::new(inputs.len());
    let values = follow(&mut dependencies, graph, &columns)?;
    let outputs: Vec<u32> = outputs.iter().map(|output| values[output.index()]).collect();
    drop((values, columns));
    let found = search::pattern(&dependencies, &outputs, usize::MAX)?;
    Ok(found.unwrap_or_else(|| Pattern::new(inputs.len())))
}

/// The values of all nodes of a graph, given those of its inputs.
fn follow(
    dependencies: &mut Dependencies,
    graph: &Graph,
    inputs: &[u32],
) -> Result<Vec<u32>, Error> {
    let mut values: Vec<u32> = Vec::with_capacity(graph.len());
    let mut list = Vec::new();
    for id in graph.heads() {
        match graph.node(id) {
            Node::Input(position) => {
                values.extend_from_slice(&inputs[position..position + graph.width(id)]);
            }
            Node::Constant(_) => values.resize(id.index() + graph.width(id), NONE),
            Node::Op(op, operands) => {
                list.clear();
                let live = operands.iter().enumerate().filter(|(k, _)| op.differentiable(*k));
                list.extend(live.map(|(_, operand)| values[operand.index()]));
                values.push(dependencies.value(&mut list)?);
            }
            Node::Copy(_) => {
                for entry in graph.vector(id) {
                    values.push(values[entry.index()]);
                }
            }
            Node::Result { number, operands, .. } => {
                let repeated = graph.repeated(number);
                if repeated.is_implicit() {
                    list.clear();
                    let given = repeated.given_nodes(operands);
                    list.extend(given.iter().map(|(_, node)| values[node.index()]));
                    let all = dependencies.value(&mut list)?;
                    values.resize(id.index() + repeated.width(), all);
                    continue;
                }
                let run = Run::new(repeated, operands, &values)?;
                let results = run.all(dependencies)?;
                values.extend(results);
            }
        }
    }
    Ok(values)
}

/// What a body's outputs depend on: values whose columns are the body's inputs, each entry by itself.
struct Followed {
    dependencies: Dependencies,
    /// The value of each entry of each output, one after the other.
    outputs: Vec<u32>,
}

impl Followed {
    fn new(repeated: &Loop) -> Result<Followed, Error> {
        let graph = &repeated.body.graph;
        let width = graph.inputs().len();
        let mut dependencies = Dependencies::new(width);
        let columns: Vec<u32> = (0..width as u32).collect();
        let values = follow(&mut dependencies, graph, &columns)?;
        let entries = repeated.body.outputs.iter().flat_map(|slice| {
            let first = slice.first.index();
            values[first..first + slice.width].iter().copied()
        });
        let outputs: Vec<u32> = entries.collect();
        let (dependencies, outputs) = dependencies.behind(&outputs);
        let size = dependencies.len() - width + dependencies.edges();
        // Nothing in between is less than a little, if it is less.
        let Some(pattern) = search::pattern(&dependencies, &outputs, size)? else {
            return Ok(Followed { dependencies, outputs });
        };
        let mut direct = Dependencies::new(width);
        let mut of_outputs = Vec::with_capacity(outputs.len());
        for row in 0..pattern.rows() {
            of_outputs.push(direct.value(&mut pattern.row(row).to_vec())?);
        }
        Ok(Followed { dependencies: direct, outputs: of_outputs })
    }

    /// The values of the outputs of one iteration, given those of the inputs.
    fn outputs(
        &self,
        all: &mut Dependencies,
        inputs: &[u32],
        scratch: &mut Scratch,
    ) -> Result<(), Error> {
        let Scratch { values, list, outputs } = scratch;
        values.clear();
        values.extend_from_slice(inputs);
        for value in self.dependencies.width()..self.dependencies.len() {
            list.clear();
            let operands = self.dependencies.operands(value as u32);
            list.extend(operands.iter().map(|&operand| values[operand as usize]));
            values.push(all.value(list)?);
        }
        outputs.clear();
        let value = |&output: &u32| if output == NONE { NONE } else { values[output as usize] };
        outputs.extend(self.outputs.iter().map(value));
        Ok(())
    }
}

#[derive(Default)]
struct Scratch {
    values: Vec<u32>,
    list: Vec<u32>,
    outputs: Vec<u32>,
}

/// A loop that is followed.
struct Run<'a> {
    fed: Fed<'a, u32>,
    /// Where each output's entries start, then the total.
    starts: Vec<usize>,
    /// Terms of sums, one list an entry; sequences; and what is added to targets, with the places.
    sums: Vec<Vec<Vec<u32>>>,
    sequences: Vec<Vec<u32>>,
    added: Vec<Vec<(u32, u32)>>,
}

impl<'a> Run<'a> {
    fn new(repeated: &'a Loop, operands: &[NodeId], around: &'a [u32]) -> Result<Run<'a>, Error> {
        let mut starts = vec![0];
        for slice in &repeated.body.outputs {
            starts.push(starts[starts.len() - 1] + slice.width);
        }
        let sums = repeated.outcomes.iter().map(|outcome| match *outcome {
            Outcome::Sum { output } => vec![Vec::new(); repeated.output_width(output)],
            _ => Vec::new(),
        });
        Ok(Run {
            fed: Fed::new(repeated, operands, around),
            starts,
            sums: sums.collect(),
            sequences: vec![Vec::new(); repeated.outcomes.len()],
            added: vec![Vec::new(); repeated.targets.len()],
        })
    }

    /// The values of all results.
    fn all(mut self, dependencies: &mut Dependencies) -> Result<Vec<u32>, Error> {
        let repeated = self.fed.repeated;
        let mut states = self.fed.first_states();
        let body = Followed::new(repeated)?;
        let (mut inputs, mut scratch) = (Vec::new(), Scratch::default());
        let idle = !self.reads_any() && states.iter().all(|&state| state == NONE);
        for iteration in 0..repeated.iterations {
            inputs.clear();
            if !idle {
                self.fed.inputs(iteration, &states, |_| NONE, &mut inputs);
            }
            if inputs.iter().all(|&input| input == NONE) {
                scratch.outputs.clear();
                scratch.outputs.resize(self.starts[self.starts.len() - 1], NONE);
            } else {
                body.outputs(dependencies, &inputs, &mut scratch)?;
            }
            self.collect(iteration, &scratch.outputs);
            states.clear();
            for feed in &repeated.feeds {
                if let Feed::Carried { from } = *feed {
                    states.extend_from_slice(output_of(&self.starts, from, &scratch.outputs));
                }
            }
        }
        self.results(dependencies, &states)
    }

    /// Whether anything that is read from around depends on a column.
    fn reads_any(&self) -> bool {
        let Fed { repeated, operands, around } = &self.fed;
        let feeds = repeated.feeds.iter().zip(operands).enumerate();
        feeds.into_iter().any(|(input, (feed, operand))| {
            let (Feed::Read(walk), Some(operand)) = (feed, operand) else { return false };
            let Some(span) = walk.span(repeated.iterations) else { return true };
            let width = repeated.input_width(input);
            let first = (operand.index() as i64 + span.start) as usize;
            let places = (span.end - span.start) as usize;
            let end = first + if places == 0 { 0 } else { places - 1 + width };
            around[first..end].iter().any(|&value| value != NONE)
        })
    }

    fn collect(&mut self, iteration: usize, outputs: &[u32]) {
        let repeated = self.fed.repeated;
        for (place, outcome) in repeated.outcomes.iter().enumerate() {
            match *outcome {
                Outcome::Sequence { output } => {
                    let own = output_of(&self.starts, output, outputs);
                    self.sequences[place].extend_from_slice(own);
                }
                Outcome::Sum { output } => {
                    let own = output_of(&self.starts, output, outputs);
                    let sums = self.sums[place].iter_mut().zip(own);
                    sums.filter(|(_, term)| **term != NONE).for_each(|(sum, &term)| sum.push(term));
                }
                Outcome::Last { .. } | Outcome::Target { .. } => {}
            }
        }
        for (target, added) in repeated.targets.iter().zip(&mut self.added) {
            for (output, walk) in &target.writes {
                let own = output_of(&self.starts, *output, outputs);
                let first = walk.at(iteration) as u32;
                let terms = (first..).zip(own.iter().copied());
                added.extend(terms.filter(|(_, term)| *term != NONE));
            }
        }
    }

    fn results(self, all: &mut Dependencies, states: &[u32]) -> Result<Vec<u32>, Error> {
        let repeated = self.fed.repeated;
        let mut results = Vec::with_capacity(repeated.width());
        let mut list = Vec::new();
        let (mut sums, mut sequences) = (self.sums.into_iter(), self.sequences.into_iter());
        for outcome in &repeated.outcomes {
            let (sums, sequence) = (sums.next(), sequences.next());
            match *outcome {
                Outcome::Last { input } => {
                    results.extend_from_slice(self.fed.state(input, states));
                }
                Outcome::Sequence { .. } => results.extend(sequence.unwrap_or_default()),
                Outcome::Sum { .. } => {
                    for mut sum in sums.unwrap_or_default() {
                        results.push(all.value(&mut sum)?);
                    }
                }
                Outcome::Target { target } => {
                    let mut added = self.added[target].clone();
                    added.sort_by_key(|&(place, _)| place);
                    let mut terms = added.into_iter().peekable();
                    for place in 0..repeated.targets[target].width as u32 {
                        list.clear();
                        while let Some((_, term)) = terms.next_if(|&(at, _)| at == place) {
                            list.push(term);
                        }
                        results.push(all.value(&mut list)?);
                    }
                }
            }
        }
        Ok(results)
    }
}

/// The entries of an output among those of all, which start at these places.
fn output_of<'o>(starts: &[usize], output: usize, outputs: &'o [u32]) -> &'o [u32] {
    &outputs[starts[output]..starts[output + 1]]
}
