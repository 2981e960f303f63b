//! From code to strips: which instructions belong together, and what of their results is kept.
//!
//! Runs of instructions that have steps are cut into windows. Within one, `order` chooses what follows what, and `make` the
//! steps. A result is kept if anything reads it from there: a later step, code behind the strip, or an output.
//!
//! In a loop, places that move in different ways may be one, and what the next iteration reads is not looked for: so the
//! instructions keep their order, and all results are kept.

use std::collections::HashMap;
use std::ops::Range;

use smallvec::SmallVec;
use uphill_graph::Op;

use super::super::elementary::curve_for;
use super::super::set::InstructionSet;
use super::super::vector::Curve;
use super::make::Planned;
use super::order::order;
use super::pieces::{PRODUCTS, WINDOW, couples, each_read, parts, sums_of, together, written};
use super::step::{Move, Moved, Other, Piece, Step, Strip, Strips};
use crate::code::{
    Action, Code, Instruction, Item, Layout, Nest, Operands, Path, Paths, Sampled, Single, Spot,
};

impl Strips {
    /// Finds the strips of a program's sample code.
    ///
    /// # Panics
    ///
    /// If an instruction of a strip refers to an address that the layout doesn't have: a bug of the compiler's.
    pub(in super::super) fn of(set: InstructionSet, program: &dyn Sampled) -> Strips {
        let code = program.sample().code();
        let mut planner = Planner::new(program);
        let all: Vec<(Range<usize>, bool)> = parts(code).collect();
        // Backwards, since what is read later decides what is kept.
        for (instructions, fits) in all.into_iter().rev() {
            let position = instructions.start;
            let first = &code.instructions[position];
            if fits {
                let strip = planner.strip(instructions);
                planner.strips.pieces.push(Piece::Strip(strip));
            } else if first.action == Action::Loop {
                let nest = Nest::of(code, position, &mut planner.paths);
                planner.mark_nest(&nest);
                let pieces = planner.looped(&nest);
                planner.strips.pieces.extend(pieces.into_iter().rev());
            } else {
                planner.mark(first);
                let other = planner.other(&still(code, position));
                planner.strips.pieces.push(other);
            }
        }
        let mut strips = planner.finish();
        strips.curves.reserve_exact(strips.ops.len());
        strips
            .curves
            .extend(strips.ops.iter().filter_map(|&(op, other)| curve_for(set, op, other)));
        assert_eq!(strips.curves.len(), strips.ops.len(), "a function of one or two has a row");
        strips
    }

    /// The most that finding and keeping them takes.
    pub(in super::super) fn bytes(program: &dyn Sampled) -> usize {
        let code = program.sample().code();
        let (room, count) = (room(code), code.instructions.len());
        let places = code.places(&code.instructions) as usize;
        let curves = count.min(2 * Op::ALL.len());
        // Lists grow.
        let kept = 2 * room * size_of::<Step>()
            + 2 * sums(code) * size_of::<u32>()
            + 2 * count * size_of::<Piece>()
            + 2 * places * size_of::<Spot>()
            + curves * (2 * size_of::<(Op, Option<Op>)>() + size_of::<Curve>());
        let moves = match code.loops.len() {
            0 => size_of::<Path>(),
            _ => places * (2 * size_of::<Move>() + 8 * size_of::<Path>()) + (8 + count) * LOOPED,
        };
        // What lives where, and the tables of one window: what each instruction gives, reads, and waits for.
        let tables = program.layout().per_sample()
            + parts(code).count() * 2 * size_of::<(Range<usize>, bool)>()
            + count.min(WINDOW) * TABLES
            + 2 * room * size_of::<Planned>()
            + places * size_of::<Spot>();
        kept + moves + tables
    }

    /// The most that strips of loops take for each tile that runs.
    pub(in super::super) fn moved_bytes(code: &Code) -> usize {
        match code.loops.len() {
            0 => 0,
            _ => Moved::bytes(room(code), sums(code)),
        }
    }
}

/// Bytes for each instruction while the order is chosen, and while a nest is looked at.
const TABLES: usize = 1024;
const LOOPED: usize = 512;

/// More steps than all strips have.
fn room(code: &Code) -> usize {
    let steps = |each: &Instruction| match each.action {
        Action::OuterTotal => 2 * PRODUCTS,
        action if action.operands() == Operands::Pool => each.y as usize + 2,
        _ => 2,
    };
    code.instructions.iter().map(steps).sum()
}

/// More sums than all strips add to.
fn sums(code: &Code) -> usize {
    let sums = code.instructions.iter().map(|each| sums_of(code, each));
    sums.filter(|&sums| sums <= PRODUCTS).sum()
}

/// An instruction that stands in no loop.
fn still(code: &Code, position: usize) -> Single {
    Single::of(code, position, Spot::fixed)
}

pub(super) struct Planner<'p> {
    pub(super) layout: &'p Layout,
    pub(super) code: &'p Code,
    pub(super) strips: Strips,
    pub(super) paths: Paths,
    /// By vector: whether what it holds is read behind the code that is being looked at.
    pub(super) live: Vec<bool>,
    /// Of the strip: its steps, and by place the one that gave the value there.
    pub(super) steps: Vec<Planned>,
    pub(super) givers: HashMap<Spot, usize>,
    /// Where the value that is passed along is from.
    pub(super) value: Option<Spot>,
    /// How often the loops around run.
    pub(super) iterations: SmallVec<[u32; 4]>,
}

impl<'p> Planner<'p> {
    fn new(program: &'p dyn Sampled) -> Planner<'p> {
        let layout = program.layout();
        let mut live = vec![false; layout.per_sample()];
        for address in program.kept() {
            live[(address - layout.per_call) as usize] = true;
        }
        Planner {
            layout,
            code: program.sample().code(),
            strips: Strips::default(),
            paths: Paths::default(),
            live,
            steps: Vec::new(),
            givers: HashMap::new(),
            value: None,
            iterations: SmallVec::new(),
        }
    }

    fn finish(self) -> Strips {
        let mut strips = self.strips;
        strips.pieces.reverse();
        strips.paths = (0..=self.paths.len() as u32).map(|k| self.paths.get(k).clone()).collect();
        strips
    }

    /// What a loop reads and writes: nothing is known to be overwritten.
    fn mark_nest(&mut self, nest: &Nest) {
        let (code, layout, paths, live) = (self.code, self.layout, &self.paths, &mut self.live);
        let mut mark = |address: u32| {
            if layout.is_per_sample(address) {
                live[(address - layout.per_call) as usize] = true;
            }
        };
        nest.each(&mut |single, iterations| {
            if single.instruction.action == Action::Block {
                let block = &code.blocks[single.instruction.x as usize];
                for &address in &block.inputs {
                    let spot = Spot { address, ..single.operands[0] };
                    paths.each(code, spot, iterations, &mut mark);
                }
                return;
            }
            for &spot in &single.operands {
                paths.each(code, spot, iterations, &mut mark);
            }
        });
    }

    /// What an instruction reads and writes.
    fn mark(&mut self, instruction: &Instruction) {
        let (code, layout, live) = (self.code, self.layout, &mut self.live);
        let vector = |address: u32| (address - layout.per_call) as usize;
        if instruction.action == Action::Block {
            let block = &code.blocks[instruction.x as usize];
            block.targets.iter().for_each(|&target| live[vector(target)] = false);
        } else if let Some(target) = written(instruction) {
            live[vector(target)] = false;
        }
        each_read(layout, code, instruction, |address| live[vector(address)] = true);
    }

    /// A loop with its body, each in order.
    fn looped(&mut self, nest: &Nest) -> Vec<Piece> {
        let code = self.code;
        let mut pieces = Vec::new();
        let mut along: Vec<u32> = Vec::new();
        let mut rest = nest.items.as_slice();
        while let Some(first) = rest.first() {
            let singles = rest.iter().map_while(|item| match item {
                Item::Single(single) => Some(single),
                Item::Nest(_) => None,
            });
            let count = together(code, singles.clone().map(|single| &single.instruction));
            let singles: Vec<Single> = singles.take(count).cloned().collect();
            self.iterations.clone_from(&nest.iterations);
            let here = rest.split_at(count.max(1)).0;
            rest = &rest[here.len()..];
            for item in here {
                if let Item::Single(single) = item {
                    along.extend(single.operands.iter().map(|spot| spot.path));
                    along.push(single.target.path);
                }
            }
            pieces.extend(match first {
                _ if count > 0 => {
                    let order = (0..count).collect();
                    vec![Piece::Strip(self.steps_of(&singles, order))]
                }
                Item::Single(single) => vec![self.other(single)],
                Item::Nest(inner) => self.looped(inner),
            });
        }
        self.iterations.clear();
        along.sort_unstable();
        along.dedup();
        let first = self.strips.along.len();
        self.strips.along.extend(along.into_iter().filter(|&path| path != 0));
        let iterations = nest.iterations.last().copied().unwrap_or(0);
        let own = first..self.strips.along.len();
        pieces.insert(0, Piece::Loop { iterations, pieces: pieces.len(), along: own });
        pieces
    }

    fn other(&mut self, single: &Single) -> Piece {
        let Single { instruction, target, operands, .. } = single;
        let first = self.strips.spots.len();
        self.strips.spots.extend_from_slice(operands);
        Piece::Other(Other {
            action: instruction.action,
            number: instruction.x as usize,
            target: *target,
            operands: first..self.strips.spots.len(),
        })
    }

    fn strip(&mut self, range: Range<usize>) -> Strip {
        let instructions = &self.code.instructions[range.clone()];
        let singles: Vec<Single> = range.map(|position| still(self.code, position)).collect();
        let order = order(self.layout, self.code, instructions, &couples(&singles));
        let strip = self.steps_of(&singles, order);
        for instruction in instructions.iter().rev() {
            self.mark(instruction);
        }
        strip
    }
}
