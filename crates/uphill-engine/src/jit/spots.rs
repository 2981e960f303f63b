//! Addresses as they are in a loop, and the body of a loop written with them.

use std::collections::HashSet;

use smallvec::SmallVec;

use crate::program::{Action, Code, Instruction, Step};

/// An address as it is in a loop: where it is in the first iteration, and how it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Spot {
    /// Addresses from the start of memory, and by how many it moves.
    Even(u32, i32),
    /// Where its table starts in the pool.
    Table(u32),
}

impl Spot {
    /// The address in an iteration, unless it stands in a table.
    pub(super) fn address_in(self, iteration: u32) -> Option<u32> {
        match self {
            Spot::Even(address, by) => {
                Some((i64::from(address) + i64::from(by) * i64::from(iteration)) as u32)
            }
            Spot::Table(_) => None,
        }
    }

    /// The place one iteration before, for places that move.
    fn before(self) -> Option<Spot> {
        match self {
            Spot::Even(address, by) if by != 0 => {
                Some(Spot::Even((i64::from(address) - i64::from(by)) as u32, by))
            }
            Spot::Even(..) | Spot::Table(_) => None,
        }
    }
}

/// The operands of an instruction.
pub(super) type Spots = SmallVec<[Spot; 4]>;

/// The instructions of a loop.
pub(super) struct Body {
    pub(super) iterations: u32,
    /// Each with its target and operands.
    pub(super) instructions: Vec<(Instruction, Spot, Spots)>,
}

impl Body {
    /// The body of the loop at that position.
    pub(super) fn of(code: &Code, position: usize) -> Body {
        let repeat = code.loops[code.instructions[position].x as usize];
        let mut steps = code.steps[repeat.first_step as usize..].iter();
        let mut next = |address: u32| match steps.next() {
            Some(&Step::By(by)) => Spot::Even(address, by),
            Some(&Step::Table(start)) => Spot::Table(start),
            None => Spot::Even(address, 0),
        };
        let body = &code.instructions[position + 1..][..repeat.length as usize];
        let instructions = body.iter().map(|instruction| {
            let target = next(instruction.target);
            let operands = code.operands(instruction).into_iter().map(&mut next).collect();
            (*instruction, target, operands)
        });
        Body { iterations: repeat.iterations, instructions: instructions.collect() }
    }

    pub(super) fn has_tables(&self) -> bool {
        let is_table = |spot: &Spot| matches!(spot, Spot::Table(_));
        let mut all = self.instructions.iter();
        all.any(|(_, target, operands)| is_table(target) || operands.iter().any(is_table))
    }

    /// What the next iteration reads of this one: the place written, and the place before it, where it is read.
    pub(super) fn handed_on(&self) -> Vec<(Spot, Spot)> {
        let read: HashSet<Spot> =
            self.instructions.iter().flat_map(|(_, _, operands)| operands).copied().collect();
        let written = self.instructions.iter().filter(|each| each.0.action != Action::Total);
        let mut pairs: Vec<(Spot, Spot)> = written
            .filter_map(|&(_, target, _)| target.before().map(|before| (target, before)))
            .filter(|(_, before)| read.contains(before))
            .collect();
        let mut seen = HashSet::new();
        pairs.retain(|pair| seen.insert(*pair));
        pairs
    }
}

/// The positions of instructions that are in no loop; of loops, that of the head.
pub(super) fn outside_of_loops(code: &Code) -> Vec<usize> {
    let mut positions = Vec::with_capacity(code.instructions.len());
    let mut position = 0;
    while let Some(instruction) = code.instructions.get(position) {
        positions.push(position);
        position += 1;
        if instruction.action == Action::Loop {
            position += code.loops[instruction.x as usize].length as usize;
        }
    }
    positions
}

/// Whether a place that is written may be the same as one that moves otherwise, in some iteration.
pub(super) fn may_meet(body: &Body) -> bool {
    let span = |spot: Spot| match spot {
        Spot::Even(address, by) => {
            let first = i64::from(address);
            let last = first + i64::from(by) * (i64::from(body.iterations) - 1);
            Some((by, first.min(last), first.max(last)))
        }
        Spot::Table(_) => None,
    };
    let all = &body.instructions;
    let places: HashSet<Spot> = all
        .iter()
        .flat_map(|(_, target, operands)| operands.iter().chain([target]))
        .copied()
        .collect();
    let written: HashSet<Spot> = all.iter().map(|(_, target, _)| *target).collect();
    written.iter().filter_map(|&spot| span(spot)).any(|(by, low, high)| {
        places.iter().filter_map(|&spot| span(spot)).any(|(other_by, other_low, other_high)| {
            by != other_by && low <= other_high && other_low <= high
        })
    })
}
