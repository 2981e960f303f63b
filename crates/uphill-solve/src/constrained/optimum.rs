//! What a problem with constraints ends as.

use std::fmt;

/// The best point that was found, with its multipliers, and what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimum {
    /// Whether it is an optimum; if not, why the search ended.
    pub status: Status,
    /// P there.
    pub value: f64,
    /// The inputs there, in the function's order.
    pub values: Vec<f64>,
    /// The constraints there, in the order of the function's outputs, entry by entry.
    pub constraints: Vec<ConstraintAt>,
    /// By how much the best P rises if the bound that holds an input rises by one: 0 where none does; an input a number.
    pub bound_multipliers: Vec<f64>,
    /// The number of iterations that led there.
    pub iterations: u64,
}

/// A constraint at the point that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct ConstraintAt {
    /// The output that it limits: `power`, or `g[3]`.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// The least value that it may have; infinite if there is none.
    pub low: f64,
    /// The greatest.
    pub high: f64,
    /// By how much the best P rises if the limit that holds rises by one; 0 where neither holds. Textbooks call it the
    /// shadow price, or with one sign or the other the Lagrange multiplier.
    pub multiplier: f64,
}

/// How a search for an optimum ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Status {
    /// All constraints hold, and no point nearby is better: the conditions of first and second order hold.
    Optimal,
    /// No point nearby satisfies all constraints.
    Infeasible {
        /// The constraint that is violated most where all are violated least.
        constraint: String,
        /// By how much.
        by: f64,
    },
    /// P gets better without end.
    Unbounded {
        /// The input that grows beyond all bounds, or a constraint's value that does.
        name: String,
    },
    /// The most iterations are done.
    MostIterations,
    /// Somebody asked to stop.
    Interrupted,
    /// No step improves anything, but the conditions of an optimum don't hold.
    Stalled {
        /// How far from holding they are.
        error: f64,
    },
    /// Slopes vanish, but P gets better in some direction that the constraints leave open.
    Saddle,
    /// The second derivatives aren't finite at the point that was reached.
    NotFinite,
}

impl Status {
    /// Whether this is an optimum.
    #[must_use]
    pub fn is_optimal(&self) -> bool {
        *self == Status::Optimal
    }

    /// `optimal`, `infeasible`, `unbounded`, `most iterations`, `interrupted`, `stalled`, `saddle`,
    /// `not finite`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Status::Optimal => "optimal",
            Status::Infeasible { .. } => "infeasible",
            Status::Unbounded { .. } => "unbounded",
            Status::MostIterations => "most iterations",
            Status::Interrupted => "interrupted",
            Status::Stalled { .. } => "stalled",
            Status::Saddle => "saddle",
            Status::NotFinite => "not finite",
        }
    }
}

impl fmt::Display for Status {
    /// A sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Optimal => {
                write!(f, "optimal: all constraints hold, and no point nearby is better")
            }
            Status::Infeasible { constraint, by } => write!(
                f,
                "infeasible: no point nearby satisfies all constraints; where they are violated least, `{constraint}` \
                 misses its limit by {by:.3e}; another start may find a point, if there is one"
            ),
            Status::Unbounded { name } => {
                write!(
                    f,
                    "unbounded: P gets better without end as `{name}` grows beyond all bounds"
                )
            }
            Status::MostIterations => write!(f, "not optimal: the most iterations are done"),
            Status::Interrupted => write!(f, "not optimal: interrupted"),
            Status::Stalled { error } => write!(
                f,
                "not optimal: no step improves anything, but the conditions of an optimum are missed by {error:.3e}; \
                 constraints may depend on each other here, or P may have a kink"
            ),
            Status::Saddle => write!(
                f,
                "not optimal: slopes vanish here, but the point is a saddle, and no way on was found; try another start"
            ),
            Status::NotFinite => write!(
                f,
                "not optimal: the second derivatives are not finite at the point that was reached; a constraint or bound \
                 may keep away from there"
            ),
        }
    }
}

/// What an iteration came to, for those who watch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Iteration {
    /// The number of iterations that are done.
    pub number: u64,
    /// P.
    pub value: f64,
    /// By how much the constraint that is violated most misses its limit, in the scale that the method works with.
    pub violation: f64,
    /// How far the conditions of an optimum are from holding, in that scale.
    pub error: f64,
}
