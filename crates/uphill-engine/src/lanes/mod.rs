//! Lanes: the sample code of a program, run for a whole tile of samples at once.
//!
//! Each per-sample address is a vector with one lane a sample. Reading from the top: [`run_tile`] starts the interpreter
//! (`tile`), which hands nearly all instructions to strips of steps (`strip`): arithmetic (`pointwise`), functions by their
//! rows (`elementary`), terms of lists, sums over samples. Matrices of weights (`block`) and large sums of outer products
//! (`outer`) have kernels of their own. These are written once, over registers of lanes (`vector`), and compiled for each
//! instruction set (`set`).
//!
//! **Invariant:** samples never mix but in totals, whose partial sums have one shape for all instruction sets; and every
//! vector operation rounds as its scalar does. So the results have the same bits everywhere.
//!
//! This is a module with `unsafe` code: pointers into the lanes, and vector instructions. Both are fenced: addresses are
//! checked where they become pointers (`space`, `prepare`), and instructions where [`Prepared::new`] chooses them.

#![allow(unsafe_code)]
// Indices instead of iterators, whose closures would not be compiled for the instructions.
#![allow(clippy::needless_range_loop)]

mod block;
mod elementary;
mod memory;
mod outer;
mod pointwise;
mod prepare;
mod set;
mod space;
mod strip;
#[cfg(test)]
mod tests;
mod tile;
mod vector;

use std::marker::PhantomData;

pub(crate) use memory::LaneMemory;
pub(crate) use prepare::Prepared;
pub use set::InstructionSet;
pub(crate) use vector::{Element, Set, Task};

use crate::code::Sampled;
use memory::Shape;
use set::with_set;
use space::Space;

/// Runs a task with these instructions, which the processor has, as those of a [`Prepared`] program.
///
/// # Safety
///
/// What the task asks for must hold.
pub(crate) unsafe fn enter<T: Task>(set: InstructionSet, task: T) -> T::Output {
    with_set!(set, S => {
        // SAFETY: a prepared program has an instruction set that is available; the caller vouches for the rest.
        unsafe { S::enter(task) }
    }, else unreachable!("a prepared program has an instruction set that is available"))
}

/// Runs the sample code for one tile and adds its totals to the running sums, counted from the program's first sum.
///
/// The first vectors of the memory hold the columns, as many of their lanes as there are samples, at least 1 and at most
/// a tile. `prepared` was made of this program, and loaded with these numbers of the call.
///
/// # Panics
///
/// If the arguments don't belong together, or an instruction refers to an address that the layout doesn't have.
pub(crate) fn run_tile<E: Element>(
    prepared: &Prepared<E>,
    program: &dyn Sampled,
    per_call: &[E],
    lanes: &mut LaneMemory<E>,
    samples: usize,
    totals: &mut [f64],
) {
    with_set!(prepared.set, S => {
        // SAFETY: a prepared program has an instruction set that is available.
        unsafe { start::<S, E>(prepared, program, per_call, lanes, samples, totals) }
    }, else unreachable!("a prepared program has an instruction set that is available"));
}

/// # Safety
///
/// The processor must have the instructions of `S`.
unsafe fn start<S: Set, E: Element>(
    prepared: &Prepared<E>,
    program: &dyn Sampled,
    per_call: &[E],
    lanes: &mut LaneMemory<E>,
    samples: usize,
    totals: &mut [f64],
) {
    let layout = program.layout();
    let shape = lanes.shape();
    assert!((1..=shape.tile).contains(&samples), "{samples} samples in a tile of {}", shape.tile);
    assert!(shape == prepared.shape && shape == Shape::of::<E>(program), "another program's");
    assert_eq!(per_call.len(), prepared.numbers, "the numbers of the call");
    assert_eq!(prepared.numbers, layout.per_call as usize, "another program's numbers");
    lanes.pad(layout.column_count as usize, samples);
    let mut turns = std::mem::take(&mut lanes.turns);
    let (first, wide) = lanes.pointers();
    // SAFETY: the memory is borrowed until the tile is done, and nobody changes where vectors lie.
    let places = unsafe { &*lanes.places() };
    let mut tile = tile::Tile::<S, E> {
        code: program.sample(),
        layout,
        prepared,
        // SAFETY: the memory has this shape and is borrowed until the tile is done.
        space: unsafe { Space::new(first, places, per_call) },
        wide,
        totals,
        samples,
        lanes: Shape::lanes::<E>(samples),
        turns: &mut turns,
        set: PhantomData,
    };
    // SAFETY: the caller vouches for the instructions; that the rest belongs together was checked above.
    unsafe { tile::run(&mut tile) }
    lanes.turns = turns;
}
