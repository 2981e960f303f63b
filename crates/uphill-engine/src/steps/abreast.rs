//! Iterations abreast: a loop whose iterations don't need each other runs as samples do, in lanes and on threads.
//!
//! ```text
//! memory ──places that move──► columns ─┐                        ┌─► stored
//!        ──places that stay──► numbers ─┴─► a program over samples ┴─► added, in the order of iterations
//! ```
//!
//! A piece of iterations is read into columns, runs as a tile of samples, and its results go back to memory. Pieces make
//! stretches, which threads share (`stretches.rs`). So lanes need to know nothing of loops, and the bits are those of one
//! iteration after the other.

#![allow(unsafe_code, reason = "addresses were verified when the program was made")]

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use uphill_graph::Outcome;

use super::stretches::{Scratch, Stretches, along};
use crate::code::{Abreast, At, CallCode, Code};
use crate::lanes::{InstructionSet, Prepared};
use crate::threads::Threads;

/// Iterations that one thread takes at a time: whole pieces, whatever their size, and whole blocks of sums.
const STRETCH: usize = 3 * Outcome::BLOCK;
/// Less work than this is not shared out, in steps of iterations: waking another thread takes longer.
const LEAST: usize = if cfg!(test) { 1 << 10 } else { 1 << 19 };
/// A column that is read more often is copied into lanes, where its lanes begin with a line of the cache.
const FEW: usize = 2;
/// A stretch begins with what came up to so many iterations before it, which others compute, too.
const AHEAD: usize = 64;

/// Loops of one piece of code, for machine code that calls them by their numbers.
#[cfg(feature = "jit")]
#[derive(Debug)]
pub(crate) struct Loops<'w> {
    pub(crate) running: &'w mut [Running],
    pub(crate) code: &'w Code,
    pub(crate) threads: &'w Threads,
    /// Where outputs go that the code gives, if the caller says so.
    pub(crate) outputs: *mut f64,
}

#[cfg(feature = "jit")]
impl<'w> Loops<'w> {
    /// Those of this code; the first run makes their memory.
    #[inline]
    pub(crate) fn of(
        code: &'w CallCode,
        running: &'w mut Option<Vec<Running>>,
        threads: &'w Threads,
    ) -> Loops<'w> {
        let running = running.get_or_insert_with(|| Running::all(code, threads.count()));
        Loops { running, code, threads, outputs: std::ptr::null_mut() }
    }
}

/// A loop that runs abreast, with its memory.
#[derive(Debug)]
pub(crate) struct Running {
    all: Arc<[Abreast]>,
    position: usize,
    prepared: Prepared<f64>,
    /// One a thread.
    scratch: Vec<Mutex<Scratch>>,
    /// What the iterations read in one place.
    numbers: Vec<f64>,
    /// Where the places that move begin in this run: of columns, of what is stored, of what is added.
    columns: Vec<At>,
    stored: Vec<At>,
    added: Vec<At>,
    /// What the last iteration leaves.
    lasts: Vec<At>,
    /// For each column, whether it is read where it is.
    direct: Vec<bool>,
    /// For each tail, whether its numbers may be computed where it stores them.
    first: Vec<bool>,
    /// The tails of each group, in the order in which they add.
    order: Vec<usize>,
    /// For each tail, how many iterations earlier it meets a place than the last one of its group.
    ahead: Vec<usize>,
    /// For each sum over blocks of terms that of each block.
    blocks: Vec<f64>,
}

impl Running {
    /// All loops of a piece of code that can run so, on so many threads.
    pub(crate) fn all(code: &CallCode, threads: usize) -> Vec<Running> {
        let all = code.abreast();
        (0..all.len()).map(|position| Running::new(all, position, threads)).collect()
    }

    /// How many bytes these take.
    pub(crate) fn bytes(code: &CallCode, threads: usize) -> usize {
        let bytes = |abreast: &Abreast| {
            let Abreast { plan, program, .. } = abreast;
            let places =
                plan.columns.len() + plan.stores.len() + plan.tails.len() + plan.lasts.len();
            let scratch = size_of::<Mutex<Scratch>>() + Scratch::bytes(plan, program);
            size_of::<Running>()
                + Prepared::<f64>::bytes(program)
                + used(abreast, threads) * scratch
                + (program.layout.per_call as usize + plan.blocks()) * size_of::<f64>()
                + places * size_of::<At>()
                + plan.columns.len() * size_of::<bool>()
                + plan.tails.len() * (2 * size_of::<usize>() + size_of::<bool>())
        };
        code.abreast().iter().map(bytes).sum()
    }

    fn new(all: &Arc<[Abreast]>, position: usize, threads: usize) -> Running {
        let Abreast { plan, program, .. } = &all[position];
        let scratch = || Mutex::new(Scratch::new(plan, program));
        Running {
            prepared: Prepared::new(InstructionSet::best(), program),
            scratch: (0..used(&all[position], threads)).map(|_| scratch()).collect(),
            numbers: vec![0.0; program.layout.per_call as usize],
            columns: Vec::with_capacity(plan.columns.len()),
            stored: Vec::with_capacity(plan.stores.len()),
            added: Vec::with_capacity(plan.tails.len()),
            lasts: Vec::with_capacity(plan.lasts.len()),
            direct: plan.reads().into_iter().map(|reads| reads <= FEW).collect(),
            first: plan.tails.iter().map(|tail| plan.is_only_stored(tail)).collect(),
            order: Vec::with_capacity(plan.tails.len()),
            ahead: Vec::with_capacity(plan.tails.len()),
            blocks: vec![0.0; plan.blocks()],
            all: Arc::clone(all),
            position,
        }
    }

    /// Runs all iterations, in these iterations of the loops around.
    ///
    /// # Safety
    ///
    /// `memory` must be good for all addresses of the code, which this was made of, in these iterations, and nobody else's;
    /// and `outputs`, unless it is null, for as many as [`CallCode::given`] tells.
    pub(crate) unsafe fn run(
        &mut self,
        code: &Code,
        memory: *mut f64,
        around: &[u32],
        threads: &Threads,
        outputs: *mut f64,
    ) {
        let Running { all, position, prepared, scratch, numbers, .. } = self;
        let Abreast { plan, program, gives, .. } = &all[*position];
        let gives = gives.filter(|_| !outputs.is_null());
        // SAFETY: the caller vouches for all addresses.
        let read = |at: At| unsafe { *memory.add(at.place(code, 0)) };
        for (number, way) in numbers.iter_mut().zip(&plan.numbers) {
            *number = read(way.at(code, around));
        }
        let own = scratch[0].get_mut().unwrap_or_else(PoisonError::into_inner);
        for (counter, value) in plan.counters.iter().zip(&mut own.counters) {
            *value = read(counter.place.at(code, around));
        }
        let (columns, stored, added) = (&mut self.columns, &mut self.stored, &mut self.added);
        columns.clear();
        columns.extend(plan.columns.iter().map(|way| way.at(code, around)));
        stored.clear();
        stored.extend(plan.stores.iter().map(|(way, _)| way.at(code, around)));
        added.clear();
        added.extend(plan.tails.iter().map(|tail| tail.target.at(code, around)));
        self.lasts.clear();
        self.lasts.extend(plan.lasts.iter().map(|(way, _)| way.at(code, around)));
        self.ahead.clear();
        self.ahead.resize(plan.tails.len(), 0);
        self.order.clear();
        self.order.extend(0..plan.tails.len());
        for group in &plan.groups {
            if let Some(by) = group.along {
                ahead(by, &added[group.tails.clone()], &mut self.ahead[group.tails.clone()]);
                // Stable: what has one place keeps the order of the body.
                self.order[group.tails.clone()].sort_by_key(|&k| -along(by, added[k]));
            }
        }
        let most = self.ahead.iter().copied().max().unwrap_or(0);
        let iterations = plan.iterations as usize;
        let stretches = Stretches {
            code,
            plan,
            program,
            prepared,
            numbers,
            columns,
            stored,
            added,
            lasts: &self.lasts,
            direct: &self.direct,
            first: &self.first,
            order: &self.order,
            ahead: &self.ahead,
            most,
            memory,
            // SAFETY: the caller vouches for so many outputs.
            gives: gives.map(|gives| (gives.store, unsafe { outputs.add(gives.at) })),
            blocks: self.blocks.as_mut_ptr(),
        };
        let helpers = scratch.len().min(threads.count());
        let is_shared = helpers > 1 && (most == 0 || !plan.in_place) && most <= AHEAD;
        if is_shared {
            share(&stretches, iterations, scratch, helpers, threads);
        } else {
            let own = scratch[0].get_mut().unwrap_or_else(PoisonError::into_inner);
            // SAFETY: the caller vouches for the memory, of which all is this stretch's.
            unsafe { stretches.run(own, 0..iterations) };
        }
        let own = scratch[0].get_mut().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: as above; others are done.
        unsafe {
            for (counter, value) in plan.counters.iter().zip(&own.counters) {
                *memory.add(counter.place.at(code, around).place(code, 0)) = *value;
            }
            stretches.add_blocks();
        }
    }
}

/// On how many of these threads a loop runs.
fn used(abreast: &Abreast, threads: usize) -> usize {
    let plan = &abreast.plan;
    let iterations = plan.iterations as usize;
    let work = iterations.saturating_mul(plan.weight());
    if threads < 2 || work < LEAST || !plan.splits() {
        return 1;
    }
    threads.min(iterations.div_ceil(STRETCH))
}

/// How many iterations earlier than the last one of its group each tail meets a place that moves by so much.
fn ahead(by: i32, places: &[At], all: &mut [usize]) {
    let first = places.iter().map(|&at| along(by, at)).min().unwrap_or(0);
    for (ahead, &at) in all.iter_mut().zip(places) {
        *ahead = ((along(by, at) - first) / i64::from(by.unsigned_abs())) as usize;
    }
}

#[cfg(feature = "threads")]
fn share(
    stretches: &Stretches<'_>,
    iterations: usize,
    scratch: &[Mutex<Scratch>],
    helpers: usize,
    threads: &Threads,
) {
    use std::sync::atomic::{AtomicUsize, Ordering};

    let next = AtomicUsize::new(0);
    crate::threads::together(threads, helpers - 1, &|thread: usize| {
        let mut own = scratch[thread].lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let first = next.fetch_add(STRETCH, Ordering::Relaxed);
            if first >= iterations {
                return;
            }
            let stretch: Range<usize> = first..iterations.min(first + STRETCH);
            // SAFETY: who called vouches for the memory; stretches write no place of each other.
            unsafe { stretches.run(&mut own, stretch) };
        }
    });
}

#[cfg(not(feature = "threads"))]
fn share(
    stretches: &Stretches<'_>,
    iterations: usize,
    scratch: &[Mutex<Scratch>],
    _: usize,
    _: &Threads,
) {
    let stretch: Range<usize> = 0..iterations;
    let mut own = scratch[0].lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: who called vouches for the memory, of which all is this stretch's.
    unsafe { stretches.run(&mut own, stretch) };
}
