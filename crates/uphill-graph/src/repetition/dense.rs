//! Rows of a matrix times a vector stay written out: what is behind takes them for one dense block.
//!
//! The neurons of a layer, `Σ_k w[j][k]·x[k]` for each j, are a repetition like others, and so are the products
//! `d[j]·x[k]` that their weights' gradient is made of. As a loop, a layer would take a
//! product at a time, and its gradient a vector as long as all weights for each layer. Written out, its products are known
//! by their factors: the engine computes them as blocks and adds up their gradients as outer products. So such rows are
//! loops only where they make millions of operations. A few small matrices, each times a vector of its own, are no loop
//! either.

use rustc_hash::FxHashMap;

/// From so many operations on, rows are a loop nonetheless.
pub(super) const MOST: u64 = 1 << 22;
/// A row has so many products.
const PRODUCTS: u64 = 16;
/// A matrix has so many products, of which some are a block…
const MATRIX: u64 = 128;
/// …and there are so many matrices at most.
const MATRICES: u64 = 64;

/// What a factor of a product is, seen from one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Factor {
    /// The same in all rows.
    Still,
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
    /// With a factor from outside, and how many different ones these are.
    count: u64,
    distinct: u64,
    /// With each factor from outside or of the row's own.
    with: FxHashMap<(bool, u32), u64>,
    /// Of what moves with what the row has computed.
    own: u64,
}

impl Products {
    /// A product, or so many of factors that lie one after the other.
    pub(super) fn add(&mut self, factors: [Factor; 2], times: u64) {
        if let [Factor::Moving(_), Factor::Own(_) | Factor::Part]
        | [Factor::Own(_) | Factor::Part, Factor::Moving(_)] = factors
        {
            self.own += times;
            return;
        }
        let (own, factor) = match factors {
            [Factor::Still, Factor::Moving(first)] | [Factor::Moving(first), Factor::Still] => {
                (false, first)
            }
            [Factor::Still, Factor::Own(place)] | [Factor::Own(place), Factor::Still] => {
                (true, place)
            }
            _ => return,
        };
        let with = self.with.entry((own, factor)).or_default();
        if !own {
            self.count += times;
            self.distinct += if *with == 0 { times } else { 0 };
        }
        *with += times;
    }

    /// Whether they are most of what a row does: each with a weight of its own, or all with one number, as in an outer
    /// product. A table of samples, of many rows and few columns, is not meant.
    pub(super) fn are_dense(&self, rows: u64, operations: u64) -> bool {
        let row = if self.distinct == self.count { self.count } else { 0 };
        let outer = self.with.values().copied().max().unwrap_or(0);
        let is_row = row >= PRODUCTS && 4 * row >= operations && rows <= 16 * row;
        let is_outer = outer >= PRODUCTS && 4 * outer >= 3 * operations && rows <= 16 * outer;
        is_row || is_outer || self.is_matrix(rows, operations)
    }

    /// Whether an iteration is a matrix of its own times a vector of its own, as in a mixture of a few bells.
    fn is_matrix(&self, iterations: u64, operations: u64) -> bool {
        self.own >= MATRIX && 8 * self.own >= operations && iterations <= MATRICES
    }
}
