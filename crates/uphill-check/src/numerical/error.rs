//! Why there is nothing to compare: what was asked for, what came, and what to do.
//!
//! A comparison that comes out badly is no error but a [`Report`](crate::Report) that does not pass.

/// An error of the numerical oracles and of the checks built on them.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of the function that is checked.
    #[error(transparent)]
    Function(#[from] uphill_graph::Error),
    /// An input at which no derivative can be taken.
    #[error("input `{input}` is {value}: derivatives are taken at finite numbers")]
    Input {
        /// The input's name.
        input: String,
        /// Its value, infinite or NaN.
        value: f64,
    },
    /// A list has the wrong number of entries.
    #[error("{what}: expected {expected} numbers, got {got}")]
    WrongLength {
        /// What the list was for.
        what: String,
        /// How many entries it must have.
        expected: usize,
        /// How many it had.
        got: usize,
    },
    /// A gradient or Hessian of a function with several outputs, or none.
    #[error("{what} needs a function with one output, this one has {outputs}; take the Jacobian")]
    NotScalar {
        /// What was asked for.
        what: &'static str,
        /// How many outputs there are.
        outputs: usize,
    },
    /// A complex step through something that has no complex counterpart.
    #[error("the complex step can't be taken: {why}; use differences")]
    NoComplexStep {
        /// What stands in the way.
        why: String,
    },
    /// A check of something that doesn't know its own derivative.
    #[error(
        "nothing to check: a closure has no derivative of its own; give one with `computed`, or \
         record the closure as a `Function`"
    )]
    NothingComputed,
    /// A check without a point.
    #[error("no point to check at: give one with `at`, `points` or `random_points`")]
    NoPoints,
    /// A setting that makes no sense.
    #[error("{what} is {value}: it must be {rule}")]
    Setting {
        /// Which setting.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        rule: &'static str,
    },
    /// Two sets of named numbers that don't have the same names.
    #[error("the two sides don't have the same names: {what}")]
    Names {
        /// Which name is missing where, or comes twice.
        what: String,
    },
}
