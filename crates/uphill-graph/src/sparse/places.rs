//! Which row and column a number belongs to that a loop gives in each iteration: places that move with all loops around.
//!
//! A [`Path`] starts as a node of the innermost body and gets a walk for each loop on the way out, until it is a place in
//! the graph of the function. There [`Lines`] tells which row or column a node is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::graph::{Loop, Slice};
use crate::node::NodeId;
use crate::walk::{Feed, Walk};

/// No row or column.
pub(super) const NONE: u32 = u32::MAX;

/// A place in a vector that moves with loops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// The node from which on places are counted.
    pub(super) vector: NodeId,
    pub(super) behind: i64,
    /// A walk for each loop, the innermost first.
    pub(super) walks: Vec<Walk>,
}

impl Path {
    /// A node that no loop moves.
    pub(super) fn still(node: NodeId) -> Path {
        Path { vector: node, behind: 0, walks: Vec::new() }
    }

    /// The same place seen from around a loop, of what its body reads.
    pub(super) fn read_by(
        mut self,
        repeated: &Loop,
        inputs: &[Slice],
        operands: &[Option<NodeId>],
    ) -> Option<Path> {
        let input = inputs.iter().position(|slice| contains(*slice, self.vector))?;
        let (Feed::Read(walk), Some(operand)) = (&repeated.feeds[input], operands[input]) else {
            return None;
        };
        self.behind += self.vector.index() as i64 - inputs[input].first.index() as i64;
        self.vector = operand;
        self.walks.push(walk.clone());
        Some(self)
    }

    /// The same place seen from around a loop, of what its body gives: `output` of the body goes to the result that
    /// starts at `result`.
    pub(super) fn given_by(mut self, output: Slice, result: NodeId, walk: Walk) -> Path {
        self.behind += self.vector.index() as i64 - output.first.index() as i64;
        self.vector = result;
        self.walks.push(walk);
        self
    }

    /// Whether the outermost loop doesn't move it.
    pub(super) fn is_still(&self) -> bool {
        self.walks.last().is_none_or(Walk::is_still)
    }

    /// The same place without the outermost loop, which doesn't move it.
    pub(super) fn stay(&mut self) {
        self.behind += self.walks.pop().map_or(0, |walk| walk.start());
    }

    /// The node of a place that no loop moves any more.
    pub(super) fn still_node(&self) -> NodeId {
        NodeId::new((self.vector.index() as i64 + self.behind) as usize)
    }

    /// The nodes in all iterations, the outermost loop's slowest. `extents` are the iterations of each loop, the innermost
    /// first.
    fn nodes(&self, extents: &[usize], mut each: impl FnMut(i64)) {
        let starts = self.starts(extents);
        let (Some(walk), Some(&iterations)) = (self.walks.first(), extents.first()) else {
            return starts.into_iter().for_each(each);
        };
        for start in starts {
            match walk.lookup() {
                None => {
                    let (start, stride) = (start + walk.start(), walk.stride());
                    (0..iterations as i64).for_each(|i| each(start + stride * i));
                }
                Some(_) => (0..iterations).for_each(|i| each(start + walk.at(i))),
            }
        }
    }

    /// Where the innermost loop starts from, in all iterations of those around it.
    fn starts(&self, extents: &[usize]) -> Vec<i64> {
        let mut starts = vec![self.vector.index() as i64 + self.behind];
        for (walk, &iterations) in self.walks.iter().zip(extents).skip(1).rev() {
            let steps = |start: i64| (0..iterations).map(move |i| start + walk.at(i));
            starts = starts.into_iter().flat_map(steps).collect();
        }
        starts
    }
}

pub(super) fn contains(slice: Slice, node: NodeId) -> bool {
    (slice.first.index()..slice.first.index() + slice.width).contains(&node.index())
}

/// Rows or columns in the order of iterations.
pub(super) enum Along {
    /// From one to the next by a step.
    Even {
        first: i64,
        step: i64,
    },
    List(Vec<u32>),
}

impl Along {
    #[inline]
    pub(super) fn at(&self, iteration: usize) -> u32 {
        match self {
            Along::Even { first, step } => (first + step * iteration as i64) as u32,
            Along::List(list) => list[iteration],
        }
    }
}

/// Which row or column each node is.
pub(super) struct Lines {
    of: Vec<u32>,
    /// Where the next node is the next line: first nodes, in order, and how many.
    runs: Vec<(usize, usize)>,
    /// What was looked up along paths, by the nodes that these start from: each is asked for by many terms.
    known: RefCell<HashMap<(NodeId, i64), Vec<Known>>>,
}

/// Lines along walks of so many iterations.
struct Known {
    walks: Vec<Walk>,
    extents: Vec<usize>,
    lines: Rc<Along>,
}

impl Lines {
    /// From the line of each node, or `NONE`.
    pub(super) fn new(of: Vec<u32>) -> Lines {
        const WORTH_IT: usize = 16;
        let mut runs = Vec::new();
        let mut start = 0;
        for node in 1..=of.len() {
            let goes_on =
                node < of.len() && of[node - 1] != NONE && of[node] == of[node - 1].wrapping_add(1);
            if !goes_on {
                if node - start >= WORTH_IT {
                    runs.push((start, node - start));
                }
                start = node;
            }
        }
        Lines { of, runs, known: RefCell::default() }
    }

    pub(super) fn of(&self, node: NodeId) -> u32 {
        self.of[node.index()]
    }

    /// By how much the lines along a path are ahead of the nodes, if all loops step evenly and each step of a node is one of
    /// a line.
    fn shift(&self, path: &Path, extents: &[usize]) -> Option<i64> {
        let (mut low, mut high) = (0, 0);
        for (walk, &iterations) in path.walks.iter().zip(extents) {
            if walk.lookup().is_some() {
                return None;
            }
            let far = walk.stride() * (iterations as i64 - 1);
            (low, high) = (low + walk.start() + far.min(0), high + walk.start() + far.max(0));
        }
        let start = path.vector.index() as i64 + path.behind;
        let (low, high) = ((start + low) as usize, (start + high) as usize);
        let before = self.runs.partition_point(|&(start, _)| start <= low);
        let run = before.checked_sub(1).map(|before| self.runs[before]);
        let inside = run.is_some_and(|(start, length)| high < start + length)
            || (low == high && self.of[low] != NONE);
        inside.then(|| i64::from(self.of[low]) - low as i64)
    }

    /// The lines along a path.
    pub(super) fn along(&self, path: &Path, extents: &[usize]) -> Rc<Along> {
        let mut known = self.known.borrow_mut();
        let alike = known.entry((path.vector, path.behind)).or_default();
        let same = |known: &&Known| known.extents == extents && known.walks == path.walks;
        if let Some(known) = alike.iter().find(same) {
            return Rc::clone(&known.lines);
        }
        let lines = Rc::new(self.looked_up(path, extents));
        let (walks, extents) = (path.walks.clone(), extents.to_vec());
        alike.push(Known { walks, extents, lines: Rc::clone(&lines) });
        lines
    }

    fn looked_up(&self, path: &Path, extents: &[usize]) -> Along {
        let shift = self.shift(path, extents);
        if let ([walk], Some(shift)) = (path.walks.as_slice(), shift) {
            let start = path.vector.index() as i64 + path.behind + walk.start();
            return Along::Even { first: start + shift, step: walk.stride() };
        }
        let mut list = Vec::with_capacity(extents.iter().product());
        match shift {
            Some(shift) => path.nodes(extents, |node| list.push((node + shift) as u32)),
            None => path.nodes(extents, |node| list.push(self.of[node as usize])),
        }
        Along::List(list)
    }
}

/// Places that lie on a diagonal.
pub(super) struct Diagonal {
    /// By how far the column is ahead of the row.
    pub(super) ahead: i64,
    /// From one row to the next, at least 1.
    pub(super) step: i64,
    /// The lowest row of each stretch, and how many rows follow by that step, itself among them.
    pub(super) rows: Vec<i64>,
    pub(super) count: i64,
}

/// The places of two paths, if all loops step evenly, and in both by as much.
pub(super) fn diagonal(
    (rows, row): (&Lines, &Path),
    (columns, column): (&Lines, &Path),
    extents: &[usize],
) -> Option<Diagonal> {
    let (of_row, of_column) = (rows.shift(row, extents)?, columns.shift(column, extents)?);
    let strides = |path: &Path| path.walks.iter().map(Walk::stride).collect::<Vec<_>>();
    let strides = (strides(row) == strides(column)).then(|| strides(row))?;
    let start = |path: &Path| {
        let walks: i64 = path.walks.iter().map(Walk::start).sum();
        path.vector.index() as i64 + path.behind + walks
    };
    let (stride, count) = match (strides.first(), extents.first()) {
        (Some(&stride), Some(&count)) if stride != 0 => (stride, count as i64),
        _ => (1, 1),
    };
    let innermost = row.walks.first().map_or(0, Walk::start);
    let lowest = innermost + of_row + (stride * (count - 1)).min(0);
    let rows = row.starts(extents).into_iter().map(|start| start + lowest).collect();
    let ahead = start(column) + of_column - start(row) - of_row;
    Some(Diagonal { ahead, step: stride.abs(), rows, count })
}
