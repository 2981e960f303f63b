//! Rust functions that machine code calls, and what it refers to by address.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use smallvec::SmallVec;
use uphill_graph::Op;

use crate::code::{Block, Moved, Outer, Partials};
use crate::steps::{Loops, block};

/// What code refers to: boxes that stay where they are as long as the code lives.
#[derive(Default)]
#[allow(clippy::vec_box, reason = "code has their addresses")]
pub(super) struct Kept {
    pool: Box<[u32]>,
    ops: Vec<Box<Op>>,
    blocks: Vec<Box<Block>>,
    outers: Vec<Box<(Outer, u32)>>,
}

impl Kept {
    /// With a copy of the pool, where tables of addresses lie.
    pub(super) fn new(pool: &[u32]) -> Kept {
        Kept { pool: pool.into(), ..Kept::default() }
    }

    /// Where a table is.
    pub(super) fn table(&self, start: u32) -> *const u32 {
        self.pool[start as usize..].as_ptr()
    }

    /// Whether the code calls what users wrote, which may panic.
    pub(super) fn has_custom(&self) -> bool {
        self.ops.iter().any(|op| matches!(**op, Op::Custom(_)))
    }

    pub(super) fn op(&mut self, op: Op) -> *const Op {
        self.ops.push(Box::new(op));
        &raw const *self.ops[self.ops.len() - 1]
    }

    pub(super) fn block(&mut self, block: &Block) -> *const Block {
        self.blocks.push(Box::new(block.clone()));
        &raw const *self.blocks[self.blocks.len() - 1]
    }

    pub(super) fn outer(&mut self, outer: &Outer, first_sum: u32) -> *const (Outer, u32) {
        self.outers.push(Box::new((outer.clone(), first_sum)));
        &raw const *self.outers[self.outers.len() - 1]
    }
}

thread_local! {
    /// With what a custom operation has panicked under the machine code that this thread runs.
    static PANIC: Cell<Option<Box<dyn Any + Send>>> = const { Cell::new(None) };
}

/// The value of an operation on a list of numbers.
///
/// A panic must not go through machine code, whose frames nobody can unwind. So it waits here until the code is left
/// ([`go_on_with_panic`]), and all other operations until then are left out.
///
/// # Safety
///
/// `op` must be good for reading, and `operands` for so many numbers.
pub(super) unsafe extern "C" fn value(op: *const Op, operands: *const f64, count: usize) -> f64 {
    // SAFETY: the caller vouches for both.
    let (op, operands) = unsafe { (*op, std::slice::from_raw_parts(operands, count)) };
    if !matches!(op, Op::Custom(_)) {
        return op.value(operands);
    }
    let before = PANIC.take();
    if before.is_some() {
        PANIC.set(before);
        return f64::NAN;
    }
    // Nothing of ours is left half done: what the code has written is written anew by the next run.
    let value = catch_unwind(AssertUnwindSafe(|| op.value(operands)));
    value.unwrap_or_else(|panic| {
        PANIC.set(Some(panic));
        f64::NAN
    })
}

/// Panics as a custom operation has under the machine code that was just left, if one has.
pub(super) fn go_on_with_panic() {
    if let Some(panic) = PANIC.take() {
        resume_unwind(panic);
    }
}

/// Runs a block that has moved so far.
///
/// # Safety
///
/// `block` must be good for reading, and `memory` for all of its addresses there.
pub(super) unsafe extern "C" fn block(
    block: *const Block,
    memory: *mut f64,
    targets: usize,
    inputs: usize,
    weights: usize,
) {
    let [targets, inputs, weights] = [targets, inputs, weights].map(|by| by as u32);
    // SAFETY: the caller vouches for both.
    unsafe { block::run_block(&*block, Moved { targets, inputs, weights }, memory) }
}

/// Runs one of the loops that run abreast, in these iterations of so many loops around.
///
/// # Safety
///
/// `loops` must be those of the code, `memory` good for all of its addresses, and `around` for so many numbers.
pub(super) unsafe extern "C" fn abreast(
    loops: *mut Loops<'_>,
    number: usize,
    memory: *mut f64,
    around: *const u32,
    depth: usize,
) {
    // SAFETY: the caller vouches for all.
    unsafe {
        let Loops { running, code, threads, outputs } = &mut *loops;
        let around = std::slice::from_raw_parts(around, depth);
        running[number].run(code, memory, around, threads, *outputs);
    }
}

/// Runs an outer total for one sample.
///
/// # Safety
///
/// `outer` must be good for reading, `memory` for all of its addresses and `partials` for all of its sums.
pub(super) unsafe extern "C" fn outer(
    outer: *const (Outer, u32),
    memory: *const f64,
    partials: *mut Partials,
    lane: usize,
) {
    // SAFETY: the caller vouches for all.
    unsafe {
        let (outer, first) = &*outer;
        let columns: SmallVec<[f64; 64]> =
            outer.columns.iter().map(|&column| *memory.add(column as usize)).collect();
        for (row, sums) in outer.rows.iter().zip(outer.sums.chunks_exact(columns.len().max(1))) {
            let row = *memory.add(*row as usize);
            for (&sum, &column) in sums.iter().zip(&columns) {
                let partial = &mut (*partials.add((sum - first) as usize))[lane];
                *partial = block::add_product(row, column, *partial);
            }
        }
    }
}

/// `x·y + z`, rounded once, where the processor has no instruction for it.
pub(super) extern "C" fn multiply_add(x: f64, y: f64, z: f64) -> f64 {
    x.mul_add(y, z)
}
