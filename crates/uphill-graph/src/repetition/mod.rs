//! Plain loops are found: what code wrote down again and again becomes loops of the graph.
//!
//! ```text
//! graph ──list──► items with addresses ──find──► runs ──cut──► loops in the list ──write──► graph with loops
//!                        ▲                                            │
//!                        └────────── loops of loops, once more ───────┘
//! ```
//!
//! A `for` over variables is recorded as so many single operations. A long one is followed while it is recorded
//! (`follow.rs`), and takes its place in the list at the end. In other functions, repetitions are looked for before the first
//! derivative, which is then taken of the loops. Values have the same bits. Rows of a matrix times a vector stay written out
//! (`dense.rs`).

mod absorb;
mod addresses;
mod cut;
mod dense;
mod find;
pub(crate) mod follow;
mod list;
pub(crate) mod period;
mod report;
mod rows;
mod write;

use std::borrow::Cow;

use crate::error::Error;
use crate::function::Function;
use crate::inputs::Inputs;
use cut::{Cut, Missed, Why, with_found};
use follow::Repeated;
use list::{Items, Kind, List, Slot};
pub use report::{FoundLoop, Loops, MissedLoop};
use rustc_hash::FxHasher;
use smallvec::SmallVec;
use std::hash::{Hash, Hasher};

/// Loops that make fewer operations in all stay written out: they cost little, and what is flat is simplified best.
const SHORTEST: u64 = 1 << 13;
/// How deep found loops nest.
const DEEPEST: usize = 6;

impl Function {
    /// The same function, where long repetitions are loops: what a plain `for` wrote down piece by piece.
    ///
    /// The values have the same bits. Derivatives take this form by themselves, so that they are loops too and their
    /// cost hardly grows with the number of iterations; [`Function::loops`] tells what was found. Only repetitions of
    /// more than 8000 operations are taken, of 16 iterations or more; names that values of an iteration were given are
    /// left out. Borrowed where no loop was found. [`Function::unrolled`] is the way back.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges, times the depth of nested loops.
    ///
    /// ```
    /// use uphill_graph::{Function, Inputs, Scalar};
    /// let f = Function::record(Inputs::new().variables("x", 10_000), |x| {
    ///     let mut p = x[0].square();
    ///     for i in 1..x.len() {
    ///         p += (x[i] - x[i - 1].sin()).square();
    ///     }
    ///     p
    /// })?;
    /// assert_eq!(f.graph().operation_count(), 1 + 4 * 9999);
    /// assert!(f.rolled().graph().operation_count() < 10);
    /// assert!(f.gradient()?.graph().operation_count() < 60);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn rolled(&self) -> Cow<'_, Function> {
        match self.look().0 {
            Some(list) => Cow::Owned(write::write(self, &list)),
            None => Cow::Borrowed(self),
        }
    }

    /// The list with the loops that were found, if any, and what was not taken.
    fn look(&self) -> (Option<List>, Vec<Missed>) {
        let mut missed = Vec::new();
        let stored = self.graph().stored_count();
        let may = |at| self.graph().stored_key(at);
        if (stored as u64) < SHORTEST || !find::may_repeat(stored, may) {
            return (None, missed);
        }
        let Some(mut list) = List::read(self, &[]) else { return (None, missed) };
        let any = find_in(&mut list, self.inputs(), &mut missed);
        (any.then_some(list), missed)
    }

    /// This function, whose graph has stand-ins for loops that were followed: with these loops.
    pub(crate) fn with_followed(self, followed: &[Repeated]) -> Result<Function, Error> {
        let Some(mut list) = List::read(&self, followed) else {
            return Err(Error::Unsupported { what: "loops in a graph of 2 billion nodes".into() });
        };
        absorb::absorb(&mut list);
        find_in(&mut list, self.inputs(), &mut Vec::new());
        let function = write::write(&self, &list);
        function.verify()?;
        Ok(function)
    }
}

/// Finds loops in a list, then loops of loops; whether there are any.
fn find_in(list: &mut List, inputs: &Inputs, missed: &mut Vec<Missed>) -> bool {
    for _ in 0..DEEPEST {
        let keys = keys(list);
        let mut free = vec![true; keys.len()];
        let mut cut = Cut { list, keys: &keys, found: Vec::new(), missed: Vec::new() };
        find::find(&keys, &mut free, |run, free| cut.take(run, free));
        let Cut { found, missed: not, .. } = cut;
        missed.extend(not);
        if found.is_empty() {
            break;
        }
        with_found(list, found);
    }
    let any = unfold_short(list, inputs, missed);
    let long = |missed: &Missed| missed.iterations as u64 * missed.operations >= SHORTEST;
    missed.retain(long);
    missed.dedup();
    any
}

/// What each item does: equal numbers for equal actions on as many operands.
fn keys(list: &List) -> Vec<u64> {
    let items = &list.items;
    let key = |item: usize| {
        let mut hasher = FxHasher::default();
        items.kinds[item].hash(&mut hasher);
        items.operands(item).len().hash(&mut hasher);
        hasher.finish()
    };
    (0..items.len()).map(key).collect()
}

/// Writes short loops out again, and the rows of matrices; whether there are others.
fn unfold_short(list: &mut List, inputs: &Inputs, missed: &mut Vec<Missed>) -> bool {
    // Inputs have the first addresses.
    let is_variable =
        |address: u32| (address as usize) < inputs.len() && inputs.is_variable(address as usize);
    let wide = rows::wide(list, &list.items, is_variable);
    let old = std::mem::take(&mut list.items);
    let mut new = Items::new(old.values[0]);
    let mut any = false;
    for (item, wide) in wide.into_iter().enumerate() {
        let (kind, operands) = (old.kinds[item], old.operands(item));
        let Kind::Found(number) = kind else {
            new.copy(&old, item..item + 1);
            continue;
        };
        let template = &list.templates[number as usize];
        let dense = wide
            || template.operations < dense::MOST
                && rows::is_dense(list, number, operands, is_variable);
        if dense {
            let iterations = template.iterations;
            let operations = template.operations / u64::from(iterations);
            missed.push(Missed { iterations: iterations as usize, operations, why: Why::Dense });
        }
        if dense || template.operations < SHORTEST {
            unfold(list, kind, operands, &mut new);
        } else {
            any = true;
            new.copy(&old, item..item + 1);
        }
    }
    list.items = new;
    any
}

fn unfold(list: &List, kind: Kind, bases: &[u32], new: &mut Items<u32>) {
    let Kind::Found(number) = kind else {
        return new.push(kind, bases.iter().copied(), 1);
    };
    let template = &list.templates[number as usize];
    let first = i64::from(new.values[new.len()]);
    let width = i64::from(template.width());
    for iteration in 0..template.iterations {
        let i = i64::from(iteration);
        let mut bases = bases.iter();
        for item in 0..template.items.len() {
            let mut operands = Vec::new();
            for &slot in template.items.operands(item) {
                let own: SmallVec<[i64; 2]> =
                    bases.by_ref().take(slot.bases()).map(|&base| i64::from(base)).collect();
                let base = own.first().copied().unwrap_or(0);
                let address = match slot {
                    Slot::Own { place } => first + i * width + i64::from(place),
                    Slot::Carried { back, place } if iteration >= back => {
                        first + (i - i64::from(back)) * width + i64::from(place)
                    }
                    Slot::Carried { .. } => own[iteration as usize],
                    Slot::Walk { stride } => base + i64::from(stride) * i,
                    Slot::Table { number } => {
                        base + i64::from(list.tables[number as usize][iteration as usize])
                    }
                };
                operands.push(address as u32);
            }
            unfold(list, template.items.kinds[item], &operands, new);
        }
    }
}
