//! A loop over blocks of terms, each with a loop over its terms, seen as one loop over all terms.
//!
//! ```text
//! for each block
//!   turns = nothing                         eight places for each sum
//!   for each term: …; turn = turn + x       the loop in it
//!   t0 += t4; t2 += t6; t0 += t2; t1 += t5; t3 += t7; t1 += t3; t0 += t1; total += t0
//! ```
//!
//! That is how the compiler writes sums over iterations. What else the terms do must go on from one block to the next as it
//! does within.

use uphill_graph::{Op, Outcome};

use super::instructions::{Action, Code};
use super::nest::{Item, Nest, Paths, Reach, Single, Spot};
use super::plan::{Blocks, Plan};
use super::ways::Way;

/// How turns become one, in order.
const FOLD: [(u32, u32); 7] = [(0, 4), (2, 6), (0, 2), (1, 5), (3, 7), (1, 3), (0, 1)];

/// A sum's turns, from this address on, and where they go.
struct Sum {
    turns: u32,
    total: u32,
}

/// Blocks of terms of some sums.
pub(super) struct Turns<'n> {
    nest: &'n Nest,
    inner: usize,
    nothing: u32,
    cleared: Vec<u32>,
    sums: Vec<Sum>,
}

impl<'n> Turns<'n> {
    /// Those of a nest, if it has this form and nothing besides.
    pub(super) fn of(code: &Code, paths: &Paths, nest: &'n Nest) -> Option<Turns<'n>> {
        let inner = nest.items.iter().rposition(|item| matches!(item, Item::Nest(_)))?;
        let mut turns = Turns { nest, inner, nothing: 0, cleared: Vec::new(), sums: Vec::new() };
        let each = *turns.inner()?.iterations.last()?;
        let fits = each as usize == Outcome::BLOCK
            && nest.items[..inner].iter().all(|item| turns.clear(code, paths, item))
            && turns.fold(&nest.items[inner + 1..]);
        (fits && !turns.sums.is_empty()).then_some(turns)
    }

    /// The loop over the terms of a block.
    pub(super) fn inner(&self) -> Option<&'n Nest> {
        match &self.nest.items[self.inner] {
            Item::Nest(inner) => Some(inner),
            Item::Single(_) => None,
        }
    }

    /// Notes which places get a number that stays, if that is what an item does.
    fn clear(&mut self, code: &Code, paths: &Paths, item: &Item) -> bool {
        let (single, iterations) = match item {
            Item::Single(single) => (single, &self.nest.iterations),
            Item::Nest(inner) => match inner.items.as_slice() {
                [Item::Single(single)] => (single, &inner.iterations),
                _ => return false,
            },
        };
        let [from] = *single.operands.as_slice() else { return false };
        let is_alike = self.cleared.is_empty() || from.address == self.nothing;
        if single.instruction.action != Action::Copy || !from.stays() || !is_alike {
            return false;
        }
        self.nothing = from.address;
        let path = paths.get(single.target.path);
        if (0..self.nest.depth()).any(|loops| path.by(loops + 1) != 0) || !path.tables.is_empty() {
            return false;
        }
        paths.each(code, single.target, iterations, |address| self.cleared.push(address));
        true
    }

    /// Notes the sums that are folded, if that is all that these items do.
    fn fold(&mut self, items: &[Item]) -> bool {
        let singles: Option<Vec<&Single>> = items
            .iter()
            .map(|item| match item {
                Item::Single(single) => Some(single),
                Item::Nest(_) => None,
            })
            .collect();
        let Some(singles) = singles else { return false };
        let (sums, rest) = singles.as_chunks::<{ FOLD.len() + 1 }>();
        for sum in sums {
            let [adds @ .., last] = sum;
            let turns = adds[0].target.address;
            let at = |turn: u32| Spot::fixed(turns + turn);
            let folds = adds.iter().zip(FOLD).all(|(add, (x, y))| is_sum(add, at(x), at(y)));
            if !folds || !last.target.stays() || !is_sum(last, last.target, at(0)) {
                return false;
            }
            self.sums.push(Sum { turns, total: last.target.address });
        }
        rest.is_empty()
    }

    /// The plan of the inner loop as one of all terms, if all of it goes on from block to block.
    pub(super) fn flat(&self, code: &Code, paths: &Paths, mut plan: Plan) -> Option<Plan> {
        let &[.., blocks, each] = self.inner()?.iterations.as_slice() else { return None };
        // Counters start anew in each block.
        if !plan.counters.is_empty() || plan.in_place {
            return None;
        }
        if self.touches(code, &plan) {
            return None;
        }
        let mut folded = 0;
        let alone = |k: usize| plan.groups.iter().any(|group| group.tails == (k..k + 1));
        let turns_alone = (0..plan.tails.len()).all(|k| !plan.tails[k].takes_turns || alone(k));
        if !turns_alone {
            return None;
        }
        for tail in &mut plan.tails {
            if !tail.takes_turns {
                tail.target = tail.target.flat(each)?;
                continue;
            }
            let first = tail.target.by_table()?;
            let sum = self.sums.iter().find(|sum| sum.turns == first)?;
            let mut turns = (0..Outcome::TURNS as u32).map(|turn| first + turn);
            if !turns.all(|address| self.cleared.contains(&address)) {
                return None;
            }
            tail.blocks = Some(Blocks { nothing: self.nothing, total: sum.total });
            tail.target = Way::new(Spot::fixed(first), paths.get(0), tail.target.around() - 1);
            folded += 1;
        }
        // Each sum has its tail, and turns that nobody adds to would have been cleared for nothing.
        if folded != self.sums.len() || self.cleared.len() != folded * Outcome::TURNS {
            return None;
        }
        for way in plan.numbers.iter_mut().chain(&mut plan.columns) {
            *way = way.flat(each)?;
        }
        for (way, _) in plan.stores.iter_mut().chain(&mut plan.lasts) {
            *way = way.flat(each)?;
        }
        plan.iterations = blocks.checked_mul(each)?;
        Some(plan)
    }

    /// Whether terms read or write totals, write what turns begin with, or two sums have one total.
    fn touches(&self, code: &Code, plan: &Plan) -> bool {
        let Some(inner) = self.inner() else { return true };
        let holds = |way: &Way, address: u32| {
            way.reach(code, &inner.iterations).meets(Reach::NONE.at(address))
        };
        let writes = |address: u32| {
            plan.stores.iter().chain(&plan.lasts).any(|(way, _)| holds(way, address))
                || plan.tails.iter().any(|tail| holds(&tail.target, address))
        };
        let reads =
            |address: u32| plan.numbers.iter().chain(&plan.columns).any(|way| holds(way, address));
        let is_cleared = |address: u32| self.cleared.contains(&address);
        let twice = |k: usize| self.sums[..k].iter().any(|sum| sum.total == self.sums[k].total);
        writes(self.nothing)
            || is_cleared(self.nothing)
            || self.sums.iter().enumerate().any(|(k, &Sum { total, .. })| {
                reads(total)
                    || writes(total)
                    || is_cleared(total)
                    || total == self.nothing
                    || twice(k)
            })
    }
}

fn is_sum(single: &Single, x: Spot, y: Spot) -> bool {
    single.instruction.action == Action::Op(Op::Add)
        && single.target == x
        && single.operands.as_slice() == [x, y]
}
