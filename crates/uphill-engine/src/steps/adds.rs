//! What iterations add to places, in their order: behind a piece of them, so that what they compute need not wait.
//!
//! A place gets its terms by iteration. Where all places move by the same step, it meets those first that are ahead: so it
//! gets them in order, too, if the tails that are ahead come first, each for all iterations of the piece.

#![allow(unsafe_code, reason = "addresses were verified when the program was made")]

use smallvec::SmallVec;
use uphill_graph::{Op, Outcome};

use crate::code::{Action, At, Code};
use crate::lanes::{Set, Task};

const TURNS: usize = Outcome::TURNS;

/// A tail with what it adds, from an iteration on, and where.
#[derive(Clone, Copy)]
pub(super) struct Ready {
    pub(super) action: Action,
    pub(super) at: At,
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) x: *const f64,
    pub(super) y: *const f64,
}

/// What becomes of a place in one iteration.
trait Next: Copy {
    /// # Safety
    ///
    /// The terms must have a number `k`.
    unsafe fn next(self, so_far: f64, k: usize) -> f64;
}

macro_rules! next {
    ($($Name:ident($($field:ident),+) = |$so_far:ident, $k:ident| $value:expr;)+) => { $(
        #[derive(Clone, Copy)]
        struct $Name { $($field: *const f64),+ }

        impl Next for $Name {
            #[inline(always)]
            unsafe fn next(self, $so_far: f64, $k: usize) -> f64 {
                let $Name { $($field),+ } = self;
                // SAFETY: the caller vouches for it.
                unsafe { $value }
            }
        }
    )+ };
}

next! {
    First(x) = |_so_far, k| *x.add(k);
    Plus(x) = |so_far, k| so_far + *x.add(k);
    Minus(x) = |so_far, k| so_far - *x.add(k);
    Product(x, y) = |so_far, k| (*x.add(k)).mul_add(*y.add(k), so_far);
    LessProduct(x, y) = |so_far, k| (-*x.add(k)).mul_add(*y.add(k), so_far);
}

/// Calls a function with what a tail does.
macro_rules! with_next {
    ($ready:expr, |$next:ident| $call:expr) => {{
        let Ready { action, x, y, .. } = $ready;
        match action {
            Action::Copy => {
                let $next = First { x };
                $call
            }
            Action::Op(Op::Sub) => {
                let $next = Minus { x };
                $call
            }
            Action::MultiplyAdd => {
                let $next = Product { x, y };
                $call
            }
            Action::NegativeMultiplyAdd => {
                let $next = LessProduct { x, y };
                $call
            }
            _ => {
                let $next = Plus { x };
                $call
            }
        }
    }};
}

/// What one tail adds, whose places are its own for as long.
///
/// Safety of the task: `memory` is good for the addresses of the tail in these iterations, and what it adds for as many
/// numbers.
pub(super) struct Alone<'c> {
    pub(super) code: &'c Code,
    pub(super) memory: *mut f64,
    pub(super) ready: Ready,
}

impl Task for Alone<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        // SAFETY: the caller vouches for it.
        unsafe {
            with_next!(self.ready, |next| alone(self.code, self.memory, &self.ready, next));
        }
    }
}

/// # Safety
///
/// As for [`Alone`].
#[inline(always)]
unsafe fn alone<N: Next>(code: &Code, memory: *mut f64, ready: &Ready, next: N) {
    let &Ready { at, first, count, .. } = ready;
    // SAFETY: the caller vouches for all addresses.
    unsafe {
        match (at.table, at.by as i32) {
            (None, 0) => {
                let place = memory.add(at.address as usize);
                let mut sum = *place;
                for k in 0..count {
                    sum = next.next(sum, k);
                }
                *place = sum;
            }
            (None, 1) => {
                let places = memory.add(at.place(code, first));
                for k in 0..count {
                    *places.add(k) = next.next(*places.add(k), k);
                }
            }
            (None, -1) => {
                let places = memory.add(at.place(code, first) + 1 - count);
                for k in 0..count {
                    let place = places.add(count - 1 - k);
                    *place = next.next(*place, k);
                }
            }
            (None, _) => {
                let mut place = at.place(code, first) as u32;
                for k in 0..count {
                    let here = memory.add(place as usize);
                    *here = next.next(*here, k);
                    place = place.wrapping_add(at.by);
                }
            }
            (Some(start), by) => {
                let entries = code.pool[start + first..][..count].as_ptr();
                let mut even = at.address.wrapping_add((by as u32).wrapping_mul(first as u32));
                for k in 0..count {
                    let here = memory.add(even.wrapping_add(*entries.add(k)) as usize);
                    *here = next.next(*here, k);
                    even = even.wrapping_add(by as u32);
                }
            }
        }
    }
}

/// What one tail adds by turns, from a first turn on: to eight places, one after the other.
///
/// Safety of the task: `turns` is good for eight numbers, and what the tail adds from its number `from` on for as many.
pub(super) struct ByTurns {
    pub(super) turns: *mut f64,
    pub(super) ready: Ready,
    pub(super) from: usize,
    pub(super) count: usize,
}

impl Task for ByTurns {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        // SAFETY: the caller vouches for it.
        unsafe {
            with_next!(self.ready, |next| by_turns(self.turns, next, self.from, self.count));
        }
    }
}

/// # Safety
///
/// As for [`ByTurns`].
#[inline(always)]
unsafe fn by_turns<N: Next>(turns: *mut f64, next: N, from: usize, count: usize) {
    // SAFETY: the caller vouches for it.
    unsafe {
        let places: &mut [f64; TURNS] = &mut *turns.cast();
        let mut sums = *places;
        let whole = from + count / TURNS * TURNS;
        let mut k = from;
        while k < whole {
            for (turn, sum) in sums.iter_mut().enumerate() {
                *sum = next.next(*sum, k + turn);
            }
            k += TURNS;
        }
        for (turn, sum) in sums[..from + count - whole].iter_mut().enumerate() {
            *sum = next.next(*sum, whole + turn);
        }
        *places = sums;
    }
}

/// What several tails add, which may meet anywhere: iteration by iteration.
///
/// Safety of the task: as for [`Alone`], of each.
pub(super) struct Together<'c> {
    pub(super) code: &'c Code,
    pub(super) memory: *mut f64,
    pub(super) tails: &'c [Ready],
    pub(super) first: usize,
    pub(super) count: usize,
}

/// Where a tail goes next.
#[derive(Clone, Copy)]
struct Walking {
    even: u32,
    by: u32,
    /// Entries from the first iteration on; a single 0 without a table.
    entries: *const u32,
    each: usize,
    x: *const f64,
    /// The sign bit, if it is subtracted.
    sign: u64,
}

impl Task for Together<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        static NOWHERE: u32 = 0;
        let Together { code, memory, tails, first, count } = self;
        let is_sum = |one: &Ready| matches!(one.action, Action::Op(_));
        if !tails.iter().all(is_sum) {
            for k in 0..count {
                for one in tails {
                    // SAFETY: the caller vouches for all addresses.
                    unsafe {
                        let place = memory.add(one.at.place(code, first + k));
                        with_next!(*one, |next| *place = next.next(*place, k));
                    }
                }
            }
            return;
        }
        let mut walking: SmallVec<[Walking; 16]> = SmallVec::new();
        for one in tails {
            let (entries, each) = match one.at.table {
                Some(start) => (code.pool[start + first..][..count].as_ptr(), 1),
                None => (&raw const NOWHERE, 0),
            };
            let even = one.at.address.wrapping_add(one.at.by.wrapping_mul(first as u32));
            let sign = if one.action == Action::Op(Op::Sub) { 1 << 63 } else { 0 };
            walking.push(Walking { even, by: one.at.by, entries, each, x: one.x, sign });
        }
        // SAFETY: the caller vouches for all addresses.
        unsafe {
            match walking.len() {
                2 => walk(memory, &mut *walking.as_mut_ptr().cast::<[Walking; 2]>(), count),
                4 => walk(memory, &mut *walking.as_mut_ptr().cast::<[Walking; 4]>(), count),
                _ => {
                    for k in 0..count {
                        for one in &mut walking {
                            one.step(memory, k);
                        }
                    }
                }
            }
        }
    }
}

impl Walking {
    /// # Safety
    ///
    /// `memory` must be good for the address in iteration `k`, up to which this was called for all.
    #[inline(always)]
    unsafe fn step(&mut self, memory: *mut f64, k: usize) {
        // SAFETY: the caller vouches for it.
        unsafe {
            let entry = *self.entries.add(k * self.each);
            let place = memory.add(self.even.wrapping_add(entry) as usize);
            let x = *self.x.add(k);
            *place += f64::from_bits(x.to_bits() ^ self.sign);
            self.even = self.even.wrapping_add(self.by);
        }
    }
}

/// # Safety
///
/// As for [`Walking::step`].
#[inline(always)]
unsafe fn walk<const N: usize>(memory: *mut f64, all: &mut [Walking; N], count: usize) {
    let mut own = *all;
    for k in 0..count {
        for one in &mut own {
            // SAFETY: the caller vouches for it.
            unsafe { one.step(memory, k) };
        }
    }
}
