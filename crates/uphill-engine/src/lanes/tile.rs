//! The interpreter: runs the sample code of a program for one tile of samples.
//!
//! An instruction costs its dispatch once and then works on whole vectors of lanes, so there is nothing clever here: a
//! loop, and a `match` that names each action and each operation that has code for lanes.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

use smallvec::SmallVec;
use uphill_graph::Op;

use super::block::RunBlock;
use super::list::{self, Chain, List};
use super::outer::{RunOuter, Total};
use super::pointwise::{self as point, Map, Operand, Pointwise};
use super::prepare::{Prepared, PreparedBlock};
use super::space::{Source, Space};
use super::strip::{MOST_SUMS, Part, RunStrip};
use super::vector::{Element, Set};
use crate::code::{Action, Code, Instruction, Layout, Moved, Operands, Turn};

/// What a tile works with.
pub(super) struct Tile<'a, S: Set, E: Element> {
    pub(super) code: &'a Code,
    pub(super) layout: &'a Layout,
    pub(super) prepared: &'a Prepared<E>,
    pub(super) space: Space<'a, E>,
    /// Four vectors of `f64` lanes.
    pub(super) wide: *mut f64,
    /// Running sums, counted from the first sum of the program.
    pub(super) totals: &'a mut [f64],
    pub(super) samples: usize,
    /// As many as are calculated: the samples and padding up to the end of a cache line.
    pub(super) lanes: usize,
    /// One cache line for each operand that is one number for all lanes.
    pub(super) spread: [E::Line; 3],
    /// The operands of an instruction in a loop that has a list of them.
    pub(super) operands: Vec<u32>,
    /// A block in a loop, where it has moved to.
    pub(super) moved: Option<PreparedBlock>,
    pub(super) set: PhantomData<S>,
}

/// Runs sample code from its first to its last instruction.
///
/// # Safety
///
/// The processor must have the instructions of `S`; the space, the prepared program and the wide lanes must be of the
/// program that `tile.code` belongs to, and have room for `tile.lanes` lanes, a multiple of [`Element::LINE`].
pub(super) unsafe fn run<S: Set, E: Element>(tile: &mut Tile<'_, S, E>) {
    let code = tile.code;
    let mut next = 0;
    let (strips, mut turn) = (&tile.prepared.strips, 0);
    while let Some(&instruction) = code.instructions.get(next) {
        if let Some(part) = strips.at(next, &mut turn) {
            next = part.next;
            // SAFETY: the caller vouches for everything.
            unsafe { tile.strip(part) };
            continue;
        }
        next += 1;
        // SAFETY: the caller vouches for everything, here and below.
        unsafe {
            if instruction.action == Action::Loop {
                let start = next;
                next += code.body(instruction.x, start).len();
                tile.repeat(instruction.x, start..next, &[]);
            } else {
                tile.instruction(instruction, &code.pool);
            }
        }
    }
}

/// An instruction as it is in these turns of the loops around it. If its operands are a list, they are all that
/// `operands` holds.
fn step(
    code: &Code,
    mut instruction: Instruction,
    turns: &mut [Turn],
    operands: &mut Vec<u32>,
) -> Instruction {
    let mut moved = |address| code.moved(address, turns);
    instruction.target = moved(instruction.target);
    match instruction.action.operands() {
        Operands::Inline(count) => {
            let Instruction { x, y, z, .. } = &mut instruction;
            for address in [x, y, z].into_iter().take(count) {
                *address = moved(*address);
            }
        }
        Operands::Pool => {
            operands.clear();
            operands.extend(code.pool(&instruction).iter().map(|&address| moved(address)));
            (instruction.x, instruction.y) = (0, operands.len() as u32);
        }
        Operands::None => {}
    }
    instruction
}

impl<S: Set, E: Element> Tile<'_, S, E> {
    /// A loop with this body, in these turns of the loops around it.
    ///
    /// # Safety
    ///
    /// As for [`run`].
    unsafe fn repeat(&mut self, number: u32, body: Range<usize>, around: &[Turn]) {
        let code = self.code;
        let repeat = code.loops[number as usize];
        let mut turns: SmallVec<[Turn; 4]> = SmallVec::new();
        for iteration in 0..repeat.iterations {
            turns.clear();
            turns.extend_from_slice(around);
            turns.push(Turn { iteration, next_step: repeat.first_step });
            let mut next = body.start;
            while next < body.end {
                let instruction = code.instructions[next];
                next += 1;
                // SAFETY: the caller vouches for everything.
                unsafe {
                    match instruction.action {
                        Action::Loop => {
                            let start = next;
                            let inner = code.body(instruction.x, start);
                            next += inner.len();
                            self.repeat(instruction.x, start..next, &turns);
                            let places = code.places(inner);
                            turns.iter_mut().for_each(|turn| turn.next_step += places);
                        }
                        Action::Block => {
                            let moved = code.moved_block(&mut turns);
                            self.moved_block(instruction.x as usize, moved);
                        }
                        _ => {
                            let mut operands = std::mem::take(&mut self.operands);
                            let stepped = step(code, instruction, &mut turns, &mut operands);
                            self.instruction(stepped, &operands);
                            self.operands = operands;
                        }
                    }
                }
            }
        }
    }

    /// # Safety
    ///
    /// As for [`run`]; the part is one of the prepared program's.
    unsafe fn strip(&mut self, part: Part<'_>) {
        let mut partials = [MaybeUninit::<E::Line>::uninit(); MOST_SUMS];
        // SAFETY: planning checked all vectors, numbers and sums, of which no part has more than there are partials.
        unsafe {
            S::enter(RunStrip {
                part,
                places: self.space.places().as_ptr(),
                numbers: self.space.numbers().as_ptr(),
                partials: partials.as_mut_ptr().cast(),
                totals: &mut *self.totals,
                samples: self.samples,
                lanes: self.lanes,
            });
        }
    }

    /// # Safety
    ///
    /// As for [`run`].
    #[inline]
    unsafe fn instruction(&mut self, instruction: Instruction, pool: &[u32]) {
        let Instruction { action, target, x, y, z } = instruction;
        let list = || &pool[x as usize..(x + y) as usize];
        // SAFETY: the caller vouches for everything.
        unsafe {
            match action {
                Action::Op(op) => self.op(op, target, [x, y, z], pool),
                Action::Copy => self.map::<point::Copy, 1>(target, [x]),
                Action::MultiplyAdd => self.map::<point::MultiplyAdd, 3>(target, [x, y, z]),
                Action::NegativeMultiplyAdd => {
                    self.map::<point::NegativeMultiplyAdd, 3>(target, [x, y, z]);
                }
                Action::MultiplySubtract => {
                    self.map::<point::MultiplySubtract, 3>(target, [x, y, z]);
                }
                Action::SigmoidSlope => self.map::<point::SigmoidSlope, 2>(target, [x, y]),
                Action::TanhSlope => self.map::<point::TanhSlope, 2>(target, [x, y]),
                Action::Dot => self.list::<list::FusedDot, 2>(target, list()),
                Action::Block => self.block(x as usize),
                Action::Total => self.total(target, x),
                Action::OuterTotal => self.outer(x as usize),
                Action::Loop => unreachable!("loops are run by `repeat`"),
            }
        }
    }

    /// # Safety
    ///
    /// As for [`run`].
    #[inline]
    unsafe fn op(&mut self, op: Op, target: u32, [x, y, z]: [u32; 3], pool: &[u32]) {
        let list = || &pool[x as usize..(x + y) as usize];
        // SAFETY: the caller vouches for everything.
        unsafe {
            match op {
                Op::Add => self.map::<point::Add, 2>(target, [x, y]),
                Op::Sub => self.map::<point::Sub, 2>(target, [x, y]),
                Op::Mul => self.map::<point::Mul, 2>(target, [x, y]),
                Op::Div => self.map::<point::Div, 2>(target, [x, y]),
                Op::Neg => self.map::<point::Neg, 1>(target, [x]),
                Op::Recip => self.map::<point::Recip, 1>(target, [x]),
                Op::Square => self.map::<point::Square, 1>(target, [x]),
                Op::Powi => self.powi(target, x, y),
                Op::Sqrt => self.map::<point::Sqrt, 1>(target, [x]),
                Op::Relu => self.map::<point::Relu, 1>(target, [x]),
                Op::Abs => self.map::<point::Abs, 1>(target, [x]),
                Op::Sign => self.map::<point::Sign, 1>(target, [x]),
                Op::Min => self.map::<point::Min, 2>(target, [x, y]),
                Op::Max => self.map::<point::Max, 2>(target, [x, y]),
                Op::Clamp => self.map::<point::Clamp, 3>(target, [x, y, z]),
                Op::Xlogy => self.xlogy(target, x, y),
                Op::Less => self.map::<point::Less, 2>(target, [x, y]),
                Op::LessEqual => self.map::<point::LessEqual, 2>(target, [x, y]),
                Op::Greater => self.map::<point::Greater, 2>(target, [x, y]),
                Op::GreaterEqual => self.map::<point::GreaterEqual, 2>(target, [x, y]),
                Op::Equal => self.map::<point::Equal, 2>(target, [x, y]),
                Op::NotEqual => self.map::<point::NotEqual, 2>(target, [x, y]),
                Op::Select => self.map::<point::Select, 3>(target, [x, y, z]),
                Op::Sum => self.list::<list::Sum, 1>(target, list()),
                Op::Product => self.list::<list::Product, 1>(target, list()),
                Op::Dot => self.list::<list::PlainDot, 2>(target, list()),
                Op::LogSumExp => self.log_sum_exp(target, list()),
                Op::Mean => self.list::<list::Mean, 1>(target, list()),
                _ => match Action::Op(op).operands() {
                    Operands::Inline(count) => self.row(op, target, &[x, y, z][..count]),
                    Operands::Pool | Operands::None => self.lane_by_lane(op, target, list()),
                },
            }
        }
    }

    /// An operand, which is good until this is called again for the same of the three places.
    #[inline(always)]
    pub(super) fn operand(&mut self, place: usize, address: u32) -> Operand<E> {
        match self.space.source(address) {
            Source::Lanes(first) => Operand { first, step: 1 },
            Source::Number(number) => {
                let first: *mut E = (&raw mut self.spread[place]).cast();
                // SAFETY: a line is made of so many numbers.
                unsafe { std::slice::from_raw_parts_mut(first, E::LINE).fill(number) };
                Operand { first, step: 0 }
            }
        }
    }

    /// # Safety
    ///
    /// As for [`run`].
    #[inline(always)]
    unsafe fn map<F: Pointwise<N>, const N: usize>(&mut self, target: u32, addresses: [u32; N]) {
        let target = self.space.vector(target);
        let operands = std::array::from_fn(|place| self.operand(place, addresses[place]));
        let (lanes, function) = (self.lanes, PhantomData::<F>);
        // SAFETY: these are vectors of the space, or lines of `spread`.
        unsafe { S::enter(Map { target, operands, lanes, function }) }
    }

    /// # Safety
    ///
    /// As for [`run`].
    #[inline(always)]
    unsafe fn list<F: Chain<N>, const N: usize>(&mut self, target: u32, addresses: &[u32]) {
        let target = self.space.vector(target);
        let (space, lanes, chain) = (self.space, self.lanes, PhantomData::<F>);
        // SAFETY: the target is a vector of the space.
        unsafe { S::enter(List { target, space, addresses, lanes, chain }) }
    }

    /// # Safety
    ///
    /// As for [`run`].
    unsafe fn block(&mut self, index: usize) {
        // SAFETY: preparing checked all addresses of the block.
        unsafe { self.run_block(&self.prepared.blocks[index]) }
    }

    /// A block that has moved so far.
    ///
    /// # Panics
    ///
    /// If that is out of the space.
    ///
    /// # Safety
    ///
    /// As for [`run`].
    unsafe fn moved_block(&mut self, index: usize, moved: Moved) {
        let prepared = self.prepared;
        let mut block = self.moved.take().unwrap_or_default();
        let addresses = &self.code.blocks[index];
        prepared.blocks[index].moved(addresses, moved, prepared, &mut block);
        // SAFETY: all addresses of the block were just checked.
        unsafe { self.run_block(&block) };
        self.moved = Some(block);
    }

    /// # Safety
    ///
    /// As for [`run`]; the addresses of the block have been checked.
    unsafe fn run_block(&self, block: &PreparedBlock) {
        let prepared = self.prepared;
        let weights = if block.matrix.packed { &prepared.packed } else { self.space.numbers() };
        let (first, weights, lanes) = (self.space.first(), weights.as_ptr(), self.lanes);
        // SAFETY: the caller vouches for it.
        unsafe { S::enter(RunBlock { block, first, weights, lanes }) }
    }

    /// # Safety
    ///
    /// As for [`run`].
    unsafe fn total(&mut self, target: u32, x: u32) {
        let (x, lanes) = (self.space.vector(x), self.lanes);
        // SAFETY: it is a vector of the space.
        let total = unsafe {
            self.clear_padding(x);
            S::enter(Total { x: x.cast_const(), lanes })
        };
        self.totals[(target - self.layout.sums) as usize] += total;
    }

    /// # Safety
    ///
    /// As for [`run`].
    unsafe fn outer(&mut self, index: usize) {
        let outer = &self.prepared.outers[index];
        let (first, lanes) = (self.space.first(), self.lanes);
        // SAFETY: preparing checked all addresses of the outer total.
        unsafe {
            for &distance in outer.rows.iter().chain(&outer.columns) {
                self.clear_padding(first.add(distance));
            }
            let first = first.cast_const();
            S::enter(RunOuter { outer, first, totals: &mut *self.totals, lanes });
        }
    }

    /// Lanes beyond the samples must add nothing to a sum.
    ///
    /// # Safety
    ///
    /// As for [`run`]; `vector` is lane 0 of a vector.
    unsafe fn clear_padding(&self, vector: *mut E) {
        for lane in self.samples..self.lanes {
            // SAFETY: the vector has all lanes.
            unsafe { *vector.add(lane) = E::ZERO };
        }
    }
}
