//! The interpreter: runs the sample code of a program for one tile of samples, piece after piece.
//!
//! Nearly all of it is strips. In a loop, their places move along a few paths: how far each leads is found once an iteration.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use smallvec::SmallVec;
use uphill_graph::Op;

use super::block::RunBlock;
use super::elementary::LogSumExp;
use super::memory::Turns;
use super::outer::RunOuter;
use super::prepare::{Prepared, PreparedBlock};
use super::space::{Source, Space};
use super::strip::{MOST_SUMS, Other, Piece, RunStrip, Strip};
use super::vector::{Element, Set};
use crate::code::{self, Action, Code, Layout, Spot};

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
    pub(super) turns: &'a mut Turns,
    pub(super) set: PhantomData<S>,
}

/// Runs sample code from its first to its last instruction.
///
/// # Safety
///
/// The processor must have the instructions of `S`; the space, the prepared program and the wide lanes must be of the
/// program that `tile.code` belongs to, and have room for `tile.lanes` lanes, a multiple of [`Element::LINE`].
pub(super) unsafe fn run<S: Set, E: Element>(tile: &mut Tile<'_, S, E>) {
    let strips = &tile.prepared.strips;
    tile.turns.iterations.clear();
    tile.turns.offsets.clear();
    tile.turns.offsets.resize(strips.paths.len(), 0);
    // SAFETY: the caller vouches for everything.
    unsafe { tile.pieces(&strips.pieces) }
}

impl<S: Set, E: Element> Tile<'_, S, E> {
    /// # Safety
    ///
    /// As for [`run`], here and below; the pieces are of the prepared program.
    unsafe fn pieces(&mut self, pieces: &[Piece]) {
        let mut rest = pieces.iter();
        while let Some(piece) = rest.next() {
            // SAFETY: the caller vouches for everything.
            unsafe {
                match piece {
                    Piece::Strip(strip) => self.strip(strip),
                    Piece::Other(other) => self.other(other),
                    Piece::Loop { iterations, pieces, along } => {
                        let (body, behind) = rest.as_slice().split_at(*pieces);
                        rest = behind.iter();
                        let along = &self.prepared.strips.along[along.clone()];
                        self.repeat(*iterations, along, body);
                    }
                }
            }
        }
    }

    /// # Safety
    ///
    /// As for [`Tile::pieces`].
    unsafe fn repeat(&mut self, iterations: u32, along: &[u32], body: &[Piece]) {
        let depth = self.turns.iterations.len();
        for iteration in 0..iterations {
            self.turns.iterations.truncate(depth);
            self.turns.iterations.push(iteration);
            for &path in along {
                let leads = &self.prepared.strips.paths[path as usize];
                self.turns.offsets[path as usize] = leads.offset(self.code, &self.turns.iterations);
            }
            // SAFETY: the caller vouches for everything.
            unsafe { self.pieces(body) };
        }
        self.turns.iterations.truncate(depth);
    }

    /// # Safety
    ///
    /// As for [`Tile::pieces`].
    unsafe fn strip(&mut self, strip: &Strip) {
        let mut partials = [MaybeUninit::<E::Line>::uninit(); MOST_SUMS];
        let Turns { offsets, strip: moved, .. } = &mut *self.turns;
        let part = self.prepared.strips.part(strip, moved, offsets, self.layout);
        // SAFETY: planning checked all vectors, numbers and sums, or moving them did; no part has more sums than there
        // are partials.
        unsafe {
            S::enter(RunStrip {
                part,
                places: self.space.places().as_ptr(),
                numbers: self.space.numbers().as_ptr(),
                partials: partials.as_mut_ptr().cast(),
                wide: self.wide,
                totals: &mut *self.totals,
                samples: self.samples,
                lanes: self.lanes,
            });
        }
    }

    /// Where a place is in these iterations.
    fn at(&self, spot: Spot) -> u32 {
        spot.address.wrapping_add(self.turns.offsets[spot.path as usize])
    }

    /// # Safety
    ///
    /// As for [`Tile::pieces`].
    unsafe fn other(&mut self, other: &Other) {
        let spots = &self.prepared.strips.spots[other.operands.clone()];
        // SAFETY: the caller vouches for everything.
        unsafe {
            match other.action {
                Action::Block => {
                    let [targets, inputs, weights] =
                        [other.target, spots[0], spots[1]].map(|spot| self.at(spot));
                    let moved = code::Moved { targets, inputs, weights };
                    if self.turns.iterations.is_empty() {
                        self.run_block(&self.prepared.blocks[other.number]);
                    } else {
                        self.moved_block(other.number, moved);
                    }
                }
                Action::OuterTotal => self.outer(other.number),
                Action::Op(op) => {
                    let mut operands = std::mem::take(&mut self.turns.operands);
                    operands.clear();
                    operands.reserve_exact(spots.len());
                    operands.extend(spots.iter().map(|&spot| self.at(spot)));
                    let target = self.space.vector(self.at(other.target));
                    match op {
                        Op::LogSumExp if !operands.is_empty() => {
                            self.log_sum_exp(target, &operands);
                        }
                        _ => self.lane_by_lane(op, target, &operands),
                    }
                    self.turns.operands = operands;
                }
                // A dot product of nothing; all others are steps.
                _ => self.lane_by_lane(Op::Sum, self.space.vector(self.at(other.target)), &[]),
            }
        }
    }

    /// # Safety
    ///
    /// As for [`Tile::pieces`]; the target is a vector.
    unsafe fn log_sum_exp(&self, target: *mut E, addresses: &[u32]) {
        let (space, lanes) = (self.space, self.lanes);
        let wide = std::array::from_fn(|k| self.wide.wrapping_add(k * lanes));
        // SAFETY: the caller vouches for everything; wide vectors have room for all lanes.
        unsafe { S::enter(LogSumExp { target, space, addresses, wide, lanes }) }
    }

    /// Any operation, one lane at a time.
    ///
    /// # Safety
    ///
    /// As for [`Tile::pieces`]; the target is a vector.
    unsafe fn lane_by_lane(&self, op: Op, target: *mut E, addresses: &[u32]) {
        let mut operands: SmallVec<[f64; 8]> = SmallVec::from_elem(0.0, addresses.len());
        for lane in 0..self.lanes {
            for (operand, &address) in operands.iter_mut().zip(addresses) {
                *operand = match self.space.source(address) {
                    Source::Number(number) => number.to_f64(),
                    // SAFETY: the vector has all lanes.
                    Source::Lanes(first) => unsafe { *first.add(lane) }.to_f64(),
                };
            }
            // SAFETY: as above.
            unsafe { *target.add(lane) = E::from_f64(op.value(&operands)) };
        }
    }

    /// A block that has moved so far.
    ///
    /// # Panics
    ///
    /// If that is out of the space.
    ///
    /// # Safety
    ///
    /// As for [`Tile::pieces`].
    unsafe fn moved_block(&mut self, index: usize, moved: code::Moved) {
        let prepared = self.prepared;
        let mut block = std::mem::take(&mut self.turns.block);
        let addresses = &self.code.blocks[index];
        prepared.blocks[index].moved(addresses, moved, prepared, &mut block);
        // SAFETY: all addresses of the block were just checked.
        unsafe { self.run_block(&block) };
        self.turns.block = block;
    }

    /// # Safety
    ///
    /// As for [`Tile::pieces`]; the addresses of the block have been checked.
    unsafe fn run_block(&self, block: &PreparedBlock) {
        let prepared = self.prepared;
        let weights = if block.matrix.packed { &prepared.packed } else { self.space.numbers() };
        let (first, weights, lanes) = (self.space.first(), weights.as_ptr(), self.lanes);
        // SAFETY: the caller vouches for it.
        unsafe { S::enter(RunBlock { block, first, weights, lanes }) }
    }

    /// # Safety
    ///
    /// As for [`Tile::pieces`].
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
    /// As for [`Tile::pieces`]; `vector` is lane 0 of a vector.
    unsafe fn clear_padding(&self, vector: *mut E) {
        for lane in self.samples..self.lanes {
            // SAFETY: the vector has all lanes.
            unsafe { *vector.add(lane) = E::ZERO };
        }
    }
}
