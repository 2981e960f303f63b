//! Stretches of a loop that runs abreast: each is a row of pieces, and all that iterations add to the places of a stretch
//! is added by whoever runs it.
//!
//! A place may get terms from several iterations, of tails that are ahead of each other. So a stretch owns places, not
//! iterations: it begins with the few iterations before it whose tails are ahead, computes these again, and leaves to the
//! next stretch what its own last iterations would add there. Each place gets its terms by iteration, and no place gets
//! terms of two threads.

#![allow(unsafe_code, reason = "addresses were verified when the program was made")]

use std::ops::Range;

use smallvec::SmallVec;
use uphill_graph::Outcome;

use super::adds::{Alone, ByTurns, Ready, Together};
use super::moves::{Read, Values, Write};
use crate::code::{At, Blocks, Body, Code, Group, Plan, Source};
use crate::lanes::{Element, LaneMemory, Prepared, enter, run_tile};

const TURNS: usize = Outcome::TURNS;

/// What one thread works with.
#[derive(Debug)]
pub(super) struct Scratch {
    lanes: LaneMemory<f64>,
    /// For each tail, the turns of the block that is being added up.
    turns: Vec<[f64; TURNS]>,
    /// Where counters are.
    pub(super) counters: Vec<f64>,
    /// Where the last piece began.
    last: usize,
}

impl Scratch {
    pub(super) fn new(plan: &Plan, program: &Body) -> Scratch {
        Scratch {
            lanes: LaneMemory::new(program),
            turns: vec![[0.0; TURNS]; plan.tails.len()],
            counters: vec![0.0; plan.counters.len()],
            last: 0,
        }
    }

    pub(super) fn bytes(plan: &Plan, program: &Body) -> usize {
        LaneMemory::<f64>::bytes(program)
            + plan.tails.len() * size_of::<[f64; TURNS]>()
            + plan.counters.len() * size_of::<f64>()
    }
}

/// A loop, with where its places begin in this run.
pub(super) struct Stretches<'r> {
    pub(super) code: &'r Code,
    pub(super) plan: &'r Plan,
    pub(super) program: &'r Body,
    pub(super) prepared: &'r Prepared<f64>,
    pub(super) numbers: &'r [f64],
    pub(super) columns: &'r [At],
    pub(super) stored: &'r [At],
    pub(super) added: &'r [At],
    pub(super) lasts: &'r [At],
    /// For each column, whether it is read where it is.
    pub(super) direct: &'r [bool],
    /// For each tail, whether its numbers may be computed where it stores them.
    pub(super) first: &'r [bool],
    /// The tails of each group, in the order in which they add: those ahead first, where they move alike.
    pub(super) order: &'r [usize],
    /// For each tail, how many iterations earlier it meets a place than the last one of its group; and the most of these.
    pub(super) ahead: &'r [usize],
    pub(super) most: usize,
    /// Good for all addresses of the code in all iterations.
    pub(super) memory: *mut f64,
    /// A store that goes elsewhere, and where its first iteration's number goes.
    pub(super) gives: Option<(usize, *mut f64)>,
    /// For each sum over blocks a number for each block.
    pub(super) blocks: *mut f64,
}

// SAFETY: what is shared is read only, but for the memory and the blocks, of which stretches write no place of each other's
// and read none that others write ([`Plan::splits`]).
unsafe impl Sync for Stretches<'_> {}

impl Stretches<'_> {
    /// Runs a stretch: whole pieces and blocks, or up to the last iteration.
    ///
    /// # Safety
    ///
    /// The memory must be good for all addresses, and the places of this stretch nobody else's. Less than all iterations
    /// may run only if the plan splits and none of its tails is ahead by more than a stretch.
    pub(super) unsafe fn run(&self, scratch: &mut Scratch, own: Range<usize>) {
        let has_lanes = self.program.layout.per_sample() > 0;
        let size = if has_lanes { self.program.tile as usize } else { own.len().max(1) };
        let ahead = self.most.min(own.start);
        // SAFETY: the caller vouches for it.
        unsafe {
            if ahead > 0 {
                self.piece(scratch, own.start - ahead..own.start, &own);
            }
            for first in own.clone().step_by(size) {
                self.piece(scratch, first..own.end.min(first + size), &own);
            }
            if own.end == self.plan.iterations as usize {
                self.leave(scratch);
            }
        }
    }

    /// # Safety
    ///
    /// As for [`Stretches::run`].
    unsafe fn piece(&self, scratch: &mut Scratch, piece: Range<usize>, own: &Range<usize>) {
        let (code, memory, set) = (self.code, self.memory, self.prepared.set());
        let (first, count) = (piece.start, piece.len());
        scratch.last = first;
        // What lies one after the other is read and written where it is, whole lines at a time; not what is read often, since
        // it seldom begins with a line. What is stored where it was read goes through lanes, since it may be read again.
        let is_direct = !self.plan.in_place && count.is_multiple_of(<f64 as Element>::LINE);
        for (column, &at) in self.columns.iter().enumerate() {
            if is_direct && self.direct[column] && at.is_contiguous() {
                // SAFETY: the caller vouches for the memory; nobody writes what iterations read.
                unsafe { scratch.lanes.put(column, memory.add(at.place(code, first))) };
                continue;
            }
            let to = scratch.lanes.vector_mut(column)[..count].as_mut_ptr();
            // SAFETY: the caller vouches for the memory; the vector has as many lanes.
            unsafe { enter(set, Read { code, memory, at, first, count, to }) };
        }
        for (k, counter) in self.plan.counters.iter().enumerate() {
            let step = match counter.step {
                Source::Number(number) => self.numbers[number as usize],
                Source::Column(_) | Source::Computed(_) => 0.0,
            };
            let mut value = scratch.counters[k];
            for to in &mut scratch.lanes.vector_mut(self.columns.len() + k)[..count] {
                *to = value;
                value += step;
            }
            scratch.counters[k] = value;
        }
        let here = first.max(own.start)..piece.end.min(own.end);
        let computed = self.columns.len() + self.plan.counters.len();
        // What is computed lies where all of the piece is stored, or among the lanes.
        let mut lies = |source: Source, memory: *mut f64, at: At, stored: &Range<usize>| {
            let Source::Computed(number) = source else { return };
            let vector = computed + number as usize;
            if is_direct && *stored == piece && at.is_contiguous() {
                // SAFETY: the caller vouches for the memory, which nobody else reads or writes; those who add there come later.
                unsafe { scratch.lanes.put(vector, memory.add(at.place(code, first))) };
            } else {
                scratch.lanes.vector_mut(vector);
            }
        };
        for (k, (_, source)) in self.plan.stores.iter().enumerate().rev() {
            let (memory, at) = self.stored(k);
            lies(*source, memory, at, &here);
        }
        for (k, tail) in self.plan.tails.iter().enumerate().filter(|(k, _)| self.first[*k]) {
            lies(tail.factors[0], memory, self.added[k], &self.own(k, &piece, own));
        }
        if !self.program.sample.instructions.is_empty() {
            let (lanes, numbers) = (&mut scratch.lanes, self.numbers);
            run_tile(self.prepared, self.program, numbers, lanes, count, &mut []);
        }
        if !here.is_empty() {
            for k in 0..self.stored.len() {
                let (memory, at) = self.stored(k);
                let values = match self.values(scratch, self.plan.stores[k].1) {
                    // SAFETY: there is a lane for each iteration of the piece.
                    Values::Each(values) => Values::Each(unsafe { values.add(here.start - first) }),
                    same @ Values::Same(_) => same,
                };
                let (first, count) = (here.start, here.len());
                // SAFETY: the caller vouches for the memory.
                unsafe {
                    if !values.are_at(memory.wrapping_add(at.place(code, first))) {
                        enter(set, Write { code, memory, at, first, count, values });
                    }
                }
            }
        }
        for group in &self.plan.groups {
            // SAFETY: as above.
            unsafe { self.add(scratch, group, &piece, own) };
        }
    }

    /// The iterations of a piece in which a tail comes to places of a stretch.
    fn own(&self, tail: usize, piece: &Range<usize>, own: &Range<usize>) -> Range<usize> {
        let ahead = self.ahead[tail];
        let low = if own.start == 0 { 0 } else { own.start - ahead };
        let is_end = own.end == self.plan.iterations as usize;
        let high = if is_end { own.end } else { own.end - ahead };
        piece.start.max(low)..piece.end.min(high)
    }

    /// What a piece of iterations adds to the places of a stretch.
    ///
    /// # Safety
    ///
    /// As for [`Stretches::run`].
    unsafe fn add(
        &self,
        scratch: &mut Scratch,
        group: &Group,
        piece: &Range<usize>,
        own: &Range<usize>,
    ) {
        let (code, memory, set) = (self.code, self.memory, self.prepared.set());
        let mut ready: SmallVec<[Ready; 16]> = SmallVec::new();
        for &k in &self.order[group.tails.clone()] {
            let tail = &self.plan.tails[k];
            let here = self.own(k, piece, own);
            if here.is_empty() {
                continue;
            }
            let lane = here.start - piece.start;
            let [x, y] = tail.factors.map(|factor| match self.values(scratch, factor) {
                // SAFETY: there is a lane for each iteration of the piece.
                Values::Each(values) => unsafe { values.add(lane) },
                // Plans have none: a lane for each is computed.
                Values::Same(_) => std::ptr::null(),
            });
            let (action, at, first, count) = (tail.action, self.added[k], here.start, here.len());
            if self.first[k] && std::ptr::eq(x, memory.wrapping_add(at.place(code, first))) {
                continue;
            }
            let one = Ready { action, at, first, count, x, y };
            if !tail.takes_turns {
                ready.push(one);
                continue;
            }
            // SAFETY: the caller vouches for the memory; a piece begins with the first turn.
            unsafe {
                match tail.blocks {
                    Some(blocks) => self.add_to_blocks(&mut scratch.turns[k], k, blocks, one),
                    None => {
                        let turns = memory.add(at.place(code, 0));
                        enter(set, ByTurns { turns, ready: one, from: 0, count });
                    }
                }
            }
        }
        match (ready.as_slice(), group.along) {
            ([], _) => {}
            (tails @ [_, _, ..], None) => {
                let (first, count) = (tails[0].first, tails[0].count);
                // SAFETY: as above.
                unsafe { enter(set, Together { code, memory, tails, first, count }) };
            }
            (tails, _) => {
                for &ready in tails {
                    // SAFETY: as above.
                    unsafe { enter(set, Alone { code, memory, ready }) };
                }
            }
        }
    }

    /// Adds to the turns of blocks, and folds those that are full.
    ///
    /// # Safety
    ///
    /// As for [`Stretches::run`].
    unsafe fn add_to_blocks(
        &self,
        turns: &mut [f64; TURNS],
        tail: usize,
        blocks: Blocks,
        ready: Ready,
    ) {
        let all = self.plan.iterations as usize;
        let place = |k: usize| self.plan.tails[k].blocks.is_some();
        let first_block = (0..tail).filter(|&k| place(k)).count() * (all / Outcome::BLOCK);
        let (mut from, end) = (ready.first, ready.first + ready.count);
        while from < end {
            let block = from / Outcome::BLOCK;
            let until = end.min((block + 1) * Outcome::BLOCK);
            // SAFETY: the caller vouches for the memory; there is a number for each block.
            unsafe {
                if from.is_multiple_of(Outcome::BLOCK) {
                    *turns = [*self.memory.add(blocks.nothing as usize); TURNS];
                }
                let (count, places) = (until - from, turns.as_mut_ptr());
                let task = ByTurns { turns: places, ready, from: from - ready.first, count };
                enter(self.prepared.set(), task);
                if until.is_multiple_of(Outcome::BLOCK) {
                    for (x, y) in [(0, 4), (2, 6), (0, 2), (1, 5), (3, 7), (1, 3), (0, 1)] {
                        turns[x] += turns[y];
                    }
                    *self.blocks.add(first_block + block) = turns[0];
                }
                if until == all {
                    // As the loop would leave them.
                    let to = self.memory.add(ready.at.address as usize);
                    std::ptr::copy_nonoverlapping(turns.as_ptr(), to, TURNS);
                }
            }
            from = until;
        }
    }

    /// Adds all blocks to their totals, in order.
    ///
    /// # Safety
    ///
    /// The memory must be good for the totals, and all stretches have run.
    pub(super) unsafe fn add_blocks(&self) {
        let blocks = self.plan.iterations as usize / Outcome::BLOCK;
        let totals = self.plan.tails.iter().filter_map(|tail| tail.blocks);
        for (k, Blocks { total, .. }) in totals.enumerate() {
            // SAFETY: the caller vouches for it; there is a number for each block.
            unsafe {
                let place = self.memory.add(total as usize);
                let mut sum = *place;
                for block in 0..blocks {
                    sum += *self.blocks.add(k * blocks + block);
                }
                *place = sum;
            }
        }
    }

    /// What the last iteration leaves in places that stay.
    ///
    /// # Safety
    ///
    /// The memory must be good for these places; the last iteration is one of the piece that has just run.
    unsafe fn leave(&self, scratch: &Scratch) {
        let lane = self.plan.iterations as usize - 1 - scratch.last;
        for (at, (_, source)) in self.lasts.iter().zip(&self.plan.lasts) {
            // SAFETY: the caller vouches for the memory and the lane.
            unsafe {
                let value = match self.values(scratch, *source) {
                    Values::Same(number) => number,
                    Values::Each(values) => *values.add(lane),
                };
                *self.memory.add(at.place(self.code, 0)) = value;
            }
        }
    }

    /// Where a store goes.
    fn stored(&self, store: usize) -> (*mut f64, At) {
        match self.gives {
            Some((given, first)) if given == store => {
                (first, At { address: 0, by: 1, table: None })
            }
            _ => (self.memory, self.stored[store]),
        }
    }

    fn values(&self, scratch: &Scratch, source: Source) -> Values {
        let columns = self.columns.len() + self.plan.counters.len();
        let lanes = |vector: usize| Values::Each(scratch.lanes.place(vector));
        match source {
            Source::Number(number) => Values::Same(self.numbers[number as usize]),
            Source::Column(column) => lanes(column as usize),
            Source::Computed(number) => lanes(columns + number as usize),
        }
    }
}

/// How far along a place begins, where all move by so much.
pub(super) fn along(by: i32, at: At) -> i64 {
    i64::from(at.address as i32) * i64::from(by.signum())
}
