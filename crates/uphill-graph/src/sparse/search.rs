//! On which inputs each output depends, found by walking the graph.
//!
//! A walk from each output down to the inputs is enough where outputs share little. What many outputs read would be
//! walked by each of them, so there the set of inputs behind a shared node is kept, and walks stop at it. But sets can be
//! longer than walks: those of a chain that takes up an input at each link grow with its length. So sets are kept up to a
//! length only, none at first, and longer ones if the walks turn out to be long: no more than a few times the work
//! of the best choice is ever done.

use super::pattern::Pattern;
use crate::error::Error;
use crate::function::Function;
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::reverse::active;

/// How many steps a walk may take for each node and edge of the graph, before sets are kept.
const PATIENCE: usize = 8;
/// By how much the longest set grows from one attempt to the next.
const GROWTH: usize = 8;

/// For each output, the inputs (positions in `wrt`) on which it depends.
///
/// # Errors
///
/// [`Error::Unsupported`] beyond 2³² entries.
pub(super) fn pattern(function: &Function, wrt: &[usize]) -> Result<Pattern, Error> {
    if function.graph().has_loops() {
        // The entries of each iteration are looked for one by one.
        return pattern(&function.unrolled()?, wrt);
    }
    let graph = function.graph();
    let inputs: Vec<NodeId> = wrt.iter().map(|&position| graph.input_nodes()[position]).collect();
    let mut search = Search::new(function, &inputs);
    let mut longest = 0;
    loop {
        if let Some(pattern) = search.attempt(function, longest)? {
            return Ok(pattern);
        }
        longest = (longest * GROWTH).max(GROWTH);
    }
}

/// How many members all kept sets may have: half a gigabyte.
const MOST_KEPT: usize = 1 << 27;

/// What an input's column, and a kept set, is when there is none.
const NONE: u32 = u32::MAX;
/// In the place of a set that is too long to be kept.
const LONG: u32 = u32::MAX - 1;

struct Search<'f> {
    graph: &'f Graph,
    active: Vec<bool>,
    /// The column of an input; `NONE` for other nodes.
    column_of: Vec<u32>,
    width: usize,
    /// Nodes that are read more than once on the way from the outputs.
    shared: Vec<NodeId>,
    /// The number of the set that is kept of a node; `NONE` if it isn't shared, `LONG` if its set is too long.
    kept: Vec<u32>,
    /// Where each kept set lies in `pool`.
    sets: Vec<(u32, u32)>,
    pool: Vec<u32>,
    /// The last walk that met each node, and each column.
    met: Vec<u32>,
    found: Vec<u32>,
    walk: u32,
    waiting: Vec<NodeId>,
    /// Nodes, edges and members of sets that were looked at in this attempt.
    steps: usize,
}

impl<'f> Search<'f> {
    fn new(function: &'f Function, inputs: &[NodeId]) -> Search<'f> {
        let graph = function.graph();
        let mut column_of = vec![NONE; graph.len()];
        for (column, input) in inputs.iter().enumerate() {
            column_of[input.index()] = column as u32;
        }
        Search {
            graph,
            active: active(function, inputs),
            column_of,
            width: inputs.len(),
            shared: Vec::new(),
            kept: Vec::new(),
            sets: Vec::new(),
            pool: Vec::new(),
            met: vec![NONE; graph.len()],
            found: vec![NONE; inputs.len()],
            walk: 0,
            waiting: Vec::new(),
            steps: 0,
        }
    }

    /// The pattern, with sets of up to `longest` columns kept; `None` if that would take too many steps.
    fn attempt(&mut self, function: &Function, longest: usize) -> Result<Option<Pattern>, Error> {
        let size = self.graph.len() + self.graph.edge_count();
        let mut budget = size * (PATIENCE + longest);
        self.steps = 0;
        if longest > 0 {
            self.keep(function, longest);
            budget += self.steps;
        }
        // Sets can't help where none is longer than this.
        let last = longest >= self.width;
        let mut pattern = Pattern::new(self.width);
        let mut columns = Vec::new();
        for output in function.outputs() {
            columns.clear();
            self.columns(output.node, None, &mut columns);
            columns.sort_unstable();
            // What is found is written in any case.
            budget += 4 * columns.len();
            pattern.push_row(columns.iter().copied())?;
            if self.steps > budget && !last {
                return Ok(None);
            }
        }
        Ok(Some(pattern))
    }

    /// Keeps the sets of shared nodes, of up to `longest` columns.
    fn keep(&mut self, function: &Function, longest: usize) {
        if self.shared.is_empty() {
            self.shared = self.find_shared(function);
        }
        self.kept.clear();
        self.kept.resize(self.graph.len(), NONE);
        self.sets.clear();
        self.pool.clear();
        let mut columns = Vec::new();
        for at in 0..self.shared.len() {
            let id = self.shared[at];
            columns.clear();
            let room = (MOST_KEPT - self.pool.len()).min(longest);
            if self.columns(id, Some(room), &mut columns) {
                let start = self.pool.len() as u32;
                self.pool.extend_from_slice(&columns);
                self.kept[id.index()] = self.sets.len() as u32;
                self.sets.push((start, self.pool.len() as u32));
            } else {
                self.kept[id.index()] = LONG;
            }
        }
    }

    /// Operations that are read more than once on the way from the outputs, in order of evaluation.
    fn find_shared(&self, function: &Function) -> Vec<NodeId> {
        let mut readers = vec![0_u8; self.graph.len()];
        for output in function.outputs() {
            let readers = &mut readers[output.node.index()];
            *readers = readers.saturating_add(1);
        }
        let mut shared = Vec::new();
        for id in self.graph.ids().rev() {
            if readers[id.index()] == 0 || !self.active[id.index()] {
                continue;
            }
            let Node::Op(op, operands) = self.graph.node(id) else { continue };
            if readers[id.index()] > 1 {
                shared.push(id);
            }
            for (k, operand) in operands.iter().enumerate() {
                if op.differentiable(k) {
                    let readers = &mut readers[operand.index()];
                    *readers = readers.saturating_add(1);
                }
            }
        }
        shared.reverse();
        shared
    }

    /// Collects the columns behind a node, in any order; false if there are more than `most`, or a set on the way is
    /// too long already.
    fn columns(&mut self, from: NodeId, most: Option<usize>, columns: &mut Vec<u32>) -> bool {
        self.walk = self.walk.wrapping_add(1);
        if self.walk == NONE {
            // Marks of the round before could be taken for ours.
            self.met.fill(NONE);
            self.found.fill(NONE);
            self.walk = 0;
        }
        self.waiting.clear();
        self.waiting.push(from);
        while let Some(id) = self.waiting.pop() {
            self.steps += 1;
            let index = id.index();
            if !self.active[index] || self.met[index] == self.walk {
                continue;
            }
            self.met[index] = self.walk;
            let kept = self.kept.get(index).copied().unwrap_or(NONE);
            if kept == LONG && most.is_some() {
                return false;
            }
            if kept < LONG {
                let (start, end) = self.sets[kept as usize];
                self.steps += (end - start) as usize;
                for &column in &self.pool[start as usize..end as usize] {
                    if self.found[column as usize] != self.walk {
                        self.found[column as usize] = self.walk;
                        columns.push(column);
                    }
                }
            } else if let Node::Op(op, operands) = self.graph.node(id) {
                let live = operands.iter().enumerate().filter(|(k, _)| op.differentiable(*k));
                self.waiting.extend(live.map(|(_, &operand)| operand));
            } else {
                let column = self.column_of[index];
                if self.found[column as usize] != self.walk {
                    self.found[column as usize] = self.walk;
                    columns.push(column);
                }
            }
            if most.is_some_and(|most| columns.len() > most) {
                return false;
            }
        }
        true
    }
}
