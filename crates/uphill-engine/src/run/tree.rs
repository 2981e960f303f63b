//! Leaves in a tree: the one shape of all sums over samples.
//!
//! Which thread takes which leaf makes no difference: a leaf's sum depends on its samples alone, and the tree on the
//! number of leaves.

use std::ops::{ControlFlow, Range};

use super::tiles::{Call, Pool, leaves};
use crate::error::Error;
use crate::lanes::Element;

/// Runs all samples: the sums go to `sums`, outputs of samples to `outputs`, one slice an output.
///
/// # Errors
///
/// [`Error::Interrupted`]; then sums and outputs hold anything.
pub(super) fn run<E: Element>(
    call: &Call<'_, '_, E>,
    outputs: Vec<&mut [E]>,
    sums: &mut [f64],
) -> Result<(), Error> {
    sums.fill(0.0);
    let leaves = leaves(call.program, call.samples.len());
    if leaves == 0 {
        return Ok(());
    }
    match all(call, leaves, outputs, sums) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::Interrupted),
    }
}

fn all<E: Element>(
    call: &Call<'_, '_, E>,
    leaves: usize,
    outputs: Vec<&mut [E]>,
    sums: &mut [f64],
) -> ControlFlow<()> {
    #[cfg(feature = "threads")]
    if leaves > 1 && call.threads.count() > 1 {
        return super::team::run(call, call.threads, leaves, outputs, sums);
    }
    tree(call, 0..leaves, outputs, sums)
}

fn tree<E: Element>(
    call: &Call<'_, '_, E>,
    leaves: Range<usize>,
    outputs: Vec<&mut [E]>,
    sums: &mut [f64],
) -> ControlFlow<()> {
    if leaves.len() == 1 {
        let mut scratch = Pool::<E>::take(&call.pool.scratch);
        let samples = call.start(leaves.start)..call.start(leaves.end);
        let flow = call.leaf(samples, outputs, sums, &mut scratch);
        Pool::<E>::give(&call.pool.scratch, scratch);
        return flow;
    }
    let middle = leaves.start.midpoint(leaves.end);
    let cut = call.start(middle) - call.start(leaves.start);
    let (left, right) = outputs.into_iter().map(|output| output.split_at_mut(cut)).unzip();
    let mut other = Pool::<E>::take(&call.pool.sums);
    other.clear();
    other.resize(sums.len(), 0.0);
    tree(call, leaves.start..middle, left, sums)?;
    tree(call, middle..leaves.end, right, &mut other)?;
    for (sum, term) in sums.iter_mut().zip(&other) {
        *sum += term;
    }
    Pool::<E>::give(&call.pool.sums, other);
    ControlFlow::Continue(())
}
