//! Rows of a matrix times a vector stay written out: what is behind takes them for one dense block.
//!
//! The neurons of a layer, `Σ_k w[j][k]·x[k]` for each j, are a repetition like others, and so are the products
//! `d[j]·x[k]` that their weights' gradient is made of. As a loop, a layer would take a
//! product at a time, and its gradient a vector as long as all weights for each layer. Written out, its products are known
//! by their factors: the engine computes them as blocks and adds up their gradients as outer products. So such rows are
//! loops only where they make millions of operations. A few small matrices, each times a vector of its own, are no loop
//! either.
//!
//! A table of samples looks the same from afar: many rows of a few numbers, times a vector. What tells them apart is who
//! varies: weights are variables, each read once, and meet data or what is computed; samples meet variables. So rows of
//! weights are rows of a matrix however short they are and however many.

use rustc_hash::FxHashMap;

use crate::op::Op;

/// From so many operations on, rows are a loop nonetheless.
pub(super) const MOST: u64 = 1 << 22;
/// A row has so many products…
const PRODUCTS: u64 = 16;
/// …and of weights, or of an outer product, so many: fewer are no dense block.
const WEIGHTS: u64 = 4;
/// A matrix has so many products, of which some are a block…
const MATRIX: u64 = 128;
/// …and there are so many matrices at most.
const MATRICES: u64 = 64;

/// What a factor of a product is, seen from one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Factor {
    /// The same in all rows: a variable, or data and what is computed.
    Still { variable: bool },
    /// Another one in each row, told by where it is in the first.
    Moving(u32),
    /// Computed in the row, at this place.
    Own(u32),
    /// One of many that are computed in the row.
    Part,
    /// Carried from row to row, or a number.
    Other,
}

/// The products of one row, of a factor that is the same in all rows with one that is not.
#[derive(Debug, Default)]
pub(super) struct Products {
    /// Whether a factor from outside meets a variable that is the same in all rows.
    with_variable: bool,
    /// With a factor from outside, and how many different ones these are.
    count: u64,
    distinct: u64,
    /// With each factor from outside or of the row's own.
    with: FxHashMap<(bool, u32), u64>,
    /// Of what moves with what the row has computed.
    own: u64,
}

impl Products {
    /// Those of an operation with these factors, or so many of factors that lie one after the other.
    pub(super) fn add(&mut self, op: Op, factors: &[Factor], times: u64) {
        if matches!(op, Op::Mul | Op::Dot) {
            factors.chunks_exact(2).for_each(|pair| self.product([pair[0], pair[1]], times));
        }
    }

    fn product(&mut self, factors: [Factor; 2], times: u64) {
        if let [Factor::Moving(_), Factor::Own(_) | Factor::Part]
        | [Factor::Own(_) | Factor::Part, Factor::Moving(_)] = factors
        {
            self.own += times;
            return;
        }
        let (own, factor, variable) = match factors {
            [Factor::Still { variable }, Factor::Moving(first)]
            | [Factor::Moving(first), Factor::Still { variable }] => (false, first, variable),
            [Factor::Still { variable }, Factor::Own(place)]
            | [Factor::Own(place), Factor::Still { variable }] => (true, place, variable),
            _ => return,
        };
        let with = self.with.entry((own, factor)).or_default();
        if !own {
            self.with_variable |= variable;
            self.count += times;
            self.distinct += if *with == 0 { times } else { 0 };
        }
        *with += times;
    }

    /// Whether they are most of what a row does: each with a weight of its own, or all with one number, as in an outer
    /// product. `are_weights` tells whether factors from outside, given by where they are in the first row, are variables in
    /// all rows, and none of them twice.
    pub(super) fn are_dense(
        &self,
        rows: u64,
        operations: u64,
        are_weights: impl FnOnce(&[u32]) -> bool,
    ) -> bool {
        let row = if self.distinct == self.count { self.count } else { 0 };
        let outer = self.with.values().copied().max().unwrap_or(0);
        let few = |products: u64| products >= PRODUCTS && rows <= 16 * products;
        let of_weights = || {
            let moving = self.with.keys().filter(|(own, _)| !own).map(|&(_, first)| first);
            !self.with_variable && are_weights(&moving.collect::<Vec<u32>>())
        };
        let is_row = 4 * row >= operations && (few(row) || row >= WEIGHTS && of_weights());
        // Products that are added up at once would be as many operations again.
        let all: u64 = self.with.values().filter(|&&products| products >= WEIGHTS).sum();
        let is_outer = few(outer) && 4 * outer >= 3 * operations || 2 * all > operations;
        is_row || is_outer || self.is_matrix(rows, operations)
    }

    /// Whether an iteration is a matrix of its own times a vector of its own, as in a mixture of a few bells.
    fn is_matrix(&self, iterations: u64, operations: u64) -> bool {
        self.own >= MATRIX && 8 * self.own >= operations && iterations <= MATRICES
    }
}
