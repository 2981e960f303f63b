//! How results of a loop are made of blocks.

use std::ops::Range;

use super::nest::lowest;
use crate::graph::Loop;
use crate::walk::Walk;

/// A vector in which each iteration has a place of its own.
pub(super) struct Placed {
    pub(super) output: usize,
    pub(super) start: i64,
    pub(super) stride: i64,
    /// The width of an iteration's part, and of the vector.
    pub(super) width: usize,
    pub(super) all: usize,
}

/// Where a result of the loop comes from.
pub(super) enum Origin {
    State(usize),
    Sum(usize),
    Placed(usize),
    /// Parts of a target, each with its first place and the state that is its running sum.
    Running {
        parts: Vec<(i64, usize)>,
        all: usize,
    },
    /// A target to which all terms are added once they are all there.
    Added {
        terms: Vec<(usize, usize, Walk)>,
        all: usize,
    },
}

impl Placed {
    /// Where blocks of a length lie: in the vector, from an iteration on, or in the span of so many blocks.
    pub(super) fn walk(&self, length: usize, count: usize, placing: Option<usize>) -> Walk {
        let low = lowest(self.stride, length);
        let start = match placing {
            Some(done) => self.start + self.stride * done as i64,
            None => -lowest(self.stride, count * length),
        };
        Walk::even(start + low, self.stride * length as i64)
    }
}

/// A part of a target to which outputs are added in the same places in each iteration.
pub(super) struct StillPart {
    pub(super) start: usize,
    pub(super) width: usize,
    /// Outputs in order, each with its place in the part.
    pub(super) outputs: Vec<(usize, usize)>,
}

/// Parts of a target that don't overlap; nothing if some output moves.
pub(super) fn still_parts(repeated: &Loop, writes: &[(usize, Walk)]) -> Option<Vec<StillPart>> {
    let range = |(output, walk): &(usize, Walk)| {
        let start = walk.start as usize;
        walk.is_still().then(|| start..start + repeated.output_width(*output))
    };
    let mut ranges = writes.iter().map(range).collect::<Option<Vec<Range<usize>>>>()?;
    ranges.sort_by_key(|range| range.start);
    let mut parts: Vec<StillPart> = Vec::new();
    for range in ranges {
        match parts.last_mut().filter(|part| range.start < part.start + part.width) {
            Some(part) => part.width = part.width.max(range.end - part.start),
            None => {
                let (start, width) = (range.start, range.len());
                parts.push(StillPart { start, width, outputs: Vec::new() });
            }
        }
    }
    for (output, walk) in writes {
        let start = walk.start as usize;
        let part = parts.iter_mut().rfind(|part| part.start <= start)?;
        part.outputs.push((*output, start - part.start));
    }
    (!parts.is_empty()).then_some(parts)
}
