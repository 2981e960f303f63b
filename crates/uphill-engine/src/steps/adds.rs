//! What iterations add to places, in their order: behind a piece of them, so that what they compute need not wait.
//!
//! A place gets its terms by iteration. Where all places move by the same step, it meets those first that are ahead: so it
//! gets them in order, too, if the tails that are ahead come first, each for all iterations of the piece.

use std::ops::Range;

use smallvec::SmallVec;
use uphill_graph::{Op, Outcome};

use crate::code::{Action, At, Code, Plan, Source, Tail};

/// One number, or one an iteration.
#[derive(Clone, Copy)]
pub(super) enum Values<'l> {
    Same(f64),
    Each(&'l [f64]),
}

impl Values<'_> {
    #[inline]
    pub(super) fn at(self, i: usize) -> f64 {
        match self {
            Values::Same(number) => number,
            Values::Each(values) => values[i],
        }
    }
}

/// A tail with what it adds, and where.
#[derive(Clone, Copy)]
struct Ready<'l> {
    tail: &'l Tail,
    at: At,
    x: Values<'l>,
    y: Values<'l>,
}

/// All tails of a plan, for a piece of its iterations.
pub(super) fn add<'l>(
    code: &Code,
    memory: &mut [f64],
    plan: &'l Plan,
    places: &[At],
    piece: Range<usize>,
    value: &impl Fn(Source) -> Values<'l>,
) {
    let ready = |k: usize| {
        let tail = &plan.tails[k];
        let [x, y] = tail.factors.map(value);
        Ready { tail, at: places[k], x, y }
    };
    for group in &plan.groups {
        let along = group.along;
        let mut group: SmallVec<[Ready<'l>; 32]> = group.tails.clone().map(ready).collect();
        if group.len() > 1 && along.is_none() {
            by_iteration(code, memory, &group, piece.clone());
            continue;
        }
        if along.is_some_and(|by| by > 0) {
            group.sort_by_key(|one| std::cmp::Reverse(one.at.address));
        } else {
            group.sort_by_key(|one| one.at.address);
        }
        group.iter().for_each(|one| alone(code, memory, one, piece.clone()));
    }
}

impl Ready<'_> {
    #[inline(always)]
    fn next(&self, so_far: f64, i: usize) -> f64 {
        match self.tail.action {
            Action::Op(Op::Sub) => so_far - self.x.at(i),
            Action::MultiplyAdd => self.x.at(i).mul_add(self.y.at(i), so_far),
            Action::NegativeMultiplyAdd => (-self.x.at(i)).mul_add(self.y.at(i), so_far),
            _ => so_far + self.x.at(i),
        }
    }
}

fn by_iteration(code: &Code, memory: &mut [f64], group: &[Ready<'_>], piece: Range<usize>) {
    let plain = |one: &Ready<'_>| one.tail.action == Action::Op(Op::Add);
    if group.iter().all(plain) {
        for (i, iteration) in piece.enumerate() {
            for one in group {
                memory[one.at.place(code, iteration)] += one.x.at(i);
            }
        }
        return;
    }
    for (i, iteration) in piece.enumerate() {
        for one in group {
            let place = &mut memory[one.at.place(code, iteration)];
            *place = one.next(*place, i);
        }
    }
}

/// What is added in one place, or in places of its own.
fn alone(code: &Code, memory: &mut [f64], one: &Ready<'_>, piece: Range<usize>) {
    let Ready { tail, at, x, .. } = *one;
    if let (Action::Op(Op::Add), Values::Each(values)) = (tail.action, x) {
        if tail.takes_turns {
            let turns = &mut memory[at.place(code, 0)..][..Outcome::TURNS];
            for values in values.chunks(Outcome::TURNS) {
                turns.iter_mut().zip(values).for_each(|(turn, value)| *turn += value);
            }
            return;
        }
        if at.stays() {
            let place = &mut memory[at.place(code, 0)];
            *place = values.iter().fold(*place, |sum, value| sum + value);
            return;
        }
        if at.table.is_none() && at.by == 1 {
            let places = &mut memory[at.place(code, piece.start)..][..values.len()];
            places.iter_mut().zip(values).for_each(|(place, value)| *place += value);
            return;
        }
    }
    for (i, iteration) in piece.enumerate() {
        let place = &mut memory[at.place(code, iteration)];
        *place = one.next(*place, i);
    }
}
