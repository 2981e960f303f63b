//! What a program was made from: where its numbers are not finite, that tells where the trouble arose.

use uphill_graph::Function;

/// What a program was made from.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) function: Function,
    /// The positions of its inputs that are columns, in the columns' order.
    pub(crate) columns: Vec<usize>,
    pub(crate) outer: Option<Function>,
}
