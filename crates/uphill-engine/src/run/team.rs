//! Several threads share the leaves of one call.
//!
//! Each begins with a stretch of its own, whose sums then stay in its cache, and helps the others when it is done. Who
//! finishes the second of two neighbours adds them up, so that the sums are those of the tree whoever was first. The
//! caller is one of the threads: it starts at once, while the others wake up.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::tiles::{Call, Pool};
use crate::code::LEAVES;
use crate::lanes::Element;
use crate::threads::{Threads, together};

/// The sums of a part of the tree.
enum Part<'a> {
    /// Those that hold the result in the end. They start with the first leaf.
    Result(&'a mut [f64]),
    Own(Vec<f64>),
}

impl Part<'_> {
    fn numbers(&mut self) -> &mut [f64] {
        match self {
            Part::Result(sums) => sums,
            Part::Own(sums) => sums,
        }
    }
}

/// What is left to take.
struct Rest<'a, E> {
    /// The leaves of each thread, the caller's first.
    stretches: Vec<Range<usize>>,
    /// Outputs of samples, for each leaf; none at all if there are no such outputs.
    outputs: Vec<Vec<&'a mut [E]>>,
    result: Option<&'a mut [f64]>,
}

struct Team<'a, 'w, 's, E: Element> {
    call: &'a Call<'w, 's, E>,
    leaves: usize,
    sums: usize,
    rest: Mutex<Rest<'a, E>>,
    /// For each inner node of the tree the child that was first. The children of node `n` are `2n` and `2n + 1`.
    first: [Mutex<Option<Part<'a>>>; LEAVES],
    /// Whether somebody was interrupted, and what is there is not the whole.
    interrupted: AtomicBool,
}

/// Runs so many leaves, at least one, on so many threads: the sums, which are zeros, get the result.
pub(super) fn run<'a, E: Element>(
    call: &'a Call<'_, '_, E>,
    threads: &Threads,
    leaves: usize,
    outputs: Vec<&'a mut [E]>,
    sums: &'a mut [f64],
) -> ControlFlow<()> {
    let count = threads.count().min(leaves);
    let stretch = |k: usize| k * leaves / count..(k + 1) * leaves / count;
    let rest = Rest {
        stretches: (0..count).map(stretch).collect(),
        outputs: cut(call, leaves, outputs),
        result: Some(sums),
    };
    let team = Team {
        call,
        leaves,
        sums: call.program.layout.sum_count as usize,
        rest: Mutex::new(rest),
        first: [const { Mutex::new(None) }; LEAVES],
        interrupted: AtomicBool::new(false),
    };
    together(threads, count - 1, &|thread| team.work(thread));
    match team.interrupted.load(Ordering::Relaxed) {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    }
}

/// The outputs of each leaf's samples.
fn cut<'a, E: Element>(
    call: &Call<'_, '_, E>,
    leaves: usize,
    mut outputs: Vec<&'a mut [E]>,
) -> Vec<Vec<&'a mut [E]>> {
    if outputs.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::with_capacity(leaves);
    for leaf in 0..leaves {
        let count = call.start(leaf + 1) - call.start(leaf);
        let here = outputs.iter_mut().map(|output| {
            let (here, others) = std::mem::take(output).split_at_mut(count);
            *output = others;
            here
        });
        all.push(here.collect());
    }
    all
}

impl<'a, E: Element> Team<'a, '_, '_, E> {
    /// Takes leaves as long as there are any.
    fn work(&self, thread: usize) {
        let Some(mut next) = self.take(thread) else { return };
        let pool = &self.call.pool;
        // The caller's is the last one: so it gets its own again in the next call, and has most of it in its cache.
        let mut scratch = match thread {
            0 => Pool::<E>::take(&pool.scratch),
            _ => Pool::<E>::take_first(&pool.scratch),
        };
        let mut spare = None;
        loop {
            let (leaf, outputs, result) = next;
            let mut part = match result {
                Some(sums) => Part::Result(sums),
                None => {
                    let mut sums = spare.take().unwrap_or_else(|| Pool::<E>::take(&pool.sums));
                    sums.clear();
                    sums.resize(self.sums, 0.0);
                    Part::Own(sums)
                }
            };
            let samples = self.call.start(leaf)..self.call.start(leaf + 1);
            if self.call.leaf(samples, outputs, part.numbers(), &mut scratch).is_break() {
                self.interrupted.store(true, Ordering::Relaxed);
                break;
            }
            self.add_up(leaf, part, &mut spare);
            match self.take(thread) {
                Some(other) => next = other,
                None => break,
            }
        }
        if let Some(sums) = spare {
            Pool::<E>::give(&pool.sums, sums);
        }
        match thread {
            0 => Pool::<E>::give(&pool.scratch, scratch),
            _ => Pool::<E>::give_first(&pool.scratch, scratch),
        }
    }

    /// The next leaf of this thread, or the last one of the thread that has most left; the outputs of its samples; and
    /// for the first leaf the sums of the result.
    #[allow(clippy::type_complexity)]
    fn take(&self, thread: usize) -> Option<(usize, Vec<&'a mut [E]>, Option<&'a mut [f64]>)> {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        let leaf = match rest.stretches[thread].next() {
            Some(leaf) => leaf,
            None => rest.stretches.iter_mut().max_by_key(|stretch| stretch.len())?.next_back()?,
        };
        let outputs = rest.outputs.get_mut(leaf).map(std::mem::take).unwrap_or_default();
        let result = if leaf == 0 { rest.result.take() } else { None };
        Some((leaf, outputs, result))
    }

    /// Adds neighbours up from this leaf towards the root, as far as they are there.
    fn add_up(&self, leaf: usize, mut part: Part<'a>, spare: &mut Option<Vec<f64>>) {
        let mut node = self.node(leaf);
        while node > 1 {
            let place = &self.first[node / 2];
            let mut first = place.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(mut other) = first.take() else {
                *first = Some(part);
                return;
            };
            drop(first);
            if node % 2 == 1 {
                std::mem::swap(&mut part, &mut other);
            }
            for (sum, term) in part.numbers().iter_mut().zip(other.numbers()) {
                *sum += *term;
            }
            if let Part::Own(sums) = other
                && let Some(sums) = spare.replace(sums)
            {
                Pool::<E>::give(&self.call.pool.sums, sums);
            }
            node /= 2;
        }
    }

    /// Where a leaf is in the tree.
    fn node(&self, leaf: usize) -> usize {
        let (mut start, mut end, mut node) = (0, self.leaves, 1);
        while end - start > 1 {
            let middle = start.midpoint(end);
            node *= 2;
            if leaf < middle {
                end = middle;
            } else {
                start = middle;
                node += 1;
            }
        }
        node
    }
}
