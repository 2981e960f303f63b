//! Which row and column a number belongs to that a loop gives in each iteration: places that move with all loops around.
//!
//! A [`Path`] starts as a node of the innermost body and gets a walk for each loop on the way out, until it is a place in
//! the graph of the function. There [`Lines`] tells which row or column a node is.

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
    pub(super) fn as_read(
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
    pub(super) fn as_given(mut self, output: Slice, result: NodeId, walk: Walk) -> Path {
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
        let start = self.vector.index() as i64 + self.behind;
        let loops = self.walks.iter().zip(extents);
        let mut starts = vec![start];
        let Some(((innermost, &iterations), outer)) =
            loops.clone().next().map(|first| (first, loops.skip(1)))
        else {
            return each(start);
        };
        for (walk, &iterations) in outer.rev() {
            let steps = |start: &i64| {
                let start = *start;
                (0..iterations).map(move |i| start + walk.at(i))
            };
            starts = starts.iter().flat_map(steps).collect();
        }
        for start in starts {
            match innermost.lookup() {
                None => {
                    let (start, stride) = (start + innermost.start(), innermost.stride());
                    (0..iterations as i64).for_each(|i| each(start + stride * i));
                }
                Some(_) => (0..iterations).for_each(|i| each(start + innermost.at(i))),
            }
        }
    }
}

pub(super) fn contains(slice: Slice, node: NodeId) -> bool {
    (slice.first.index()..slice.first.index() + slice.width).contains(&node.index())
}

/// Rows or columns in the order of iterations.
pub(super) enum Along {
    /// From one to the next by a step.
    Even { first: i64, step: i64 },
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
        Lines { of, runs }
    }

    pub(super) fn of(&self, node: NodeId) -> u32 {
        self.of[node.index()]
    }

    /// Whether nodes of a vector are lines at all.
    pub(super) fn any(&self, slice: Slice) -> bool {
        let first = slice.first.index();
        self.of[first..first + slice.width].iter().any(|&line| line != NONE)
    }

    /// The lines along a path.
    pub(super) fn along(&self, path: &Path, extents: &[usize]) -> Along {
        if let ([walk], &[iterations]) = (path.walks.as_slice(), extents)
            && walk.lookup().is_none()
            && let Some(last) = iterations.checked_sub(1)
        {
            let first = path.vector.index() as i64 + path.behind + walk.start();
            let last = first + walk.stride() * last as i64;
            let (low, high) = (first.min(last) as usize, first.max(last) as usize);
            let before = self.runs.partition_point(|&(start, _)| start <= low);
            let run = before.checked_sub(1).map(|before| self.runs[before]);
            let inside = run.is_some_and(|(start, length)| high < start + length);
            if inside || (low == high && self.of[low] != NONE) {
                return Along::Even { first: i64::from(self.of[first as usize]), step: walk.stride() };
            }
        }
        let mut list = Vec::with_capacity(extents.iter().product());
        path.nodes(extents, |node| list.push(self.of[node as usize]));
        Along::List(list)
    }
}
