//! What is measured and what is climbed: samples, the performance P, and the conventions of β.
//!
//! The lecture has two performances (slide "Measuring Performance P"): the negative squared error, and
//! the negative root mean squared error for the Acquaintance/Sibling network. The book that it cites
//! leaves the factor 2 of the derivative to the rate. A [`Rule`] names one choice of each.

use serde::{Deserialize, Serialize};

/// A labeled sample: inputs x and the desired outputs d.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// One number for each input of the network.
    pub inputs: Vec<f64>,
    /// One number for each output of the network.
    pub desired: Vec<f64>,
}

impl Sample {
    /// A sample of its inputs and desired outputs; lengths are checked against a network when used.
    pub fn new(inputs: impl Into<Vec<f64>>, desired: impl Into<Vec<f64>>) -> Self {
        Sample { inputs: inputs.into(), desired: desired.into() }
    }
}

/// The performance P of a network on M samples with Z outputs: greater is better, 0 is best.
///
/// Both are functions of the squared error S = Σ_s Σ_z (d − o)².
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Performance {
    /// P = −S.
    #[default]
    SquaredError,
    /// P = −√(S / (M·Z)).
    ///
    /// By the chain rule, ∂P/∂o_z = ∂P/∂S · ∂S/∂o_z with ∂P/∂S = −1 / (2·M·Z·√(S/(M·Z))) and
    /// ∂S/∂o_z = −2(d_z − o_z). So β of the last layer is that of the squared error times the outer
    /// factor 1 / (2·M·Z·√(S/(M·Z))), the same for all samples; and since an earlier β is linear in
    /// later ones, each β and each Δw gets the same factor. At S = 0 there is no derivative.
    RootMeanSquared,
}

/// Where the factor 2 of the squared error's derivative goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Convention {
    /// β_z = 2(d_z − o_z), the derivative; Δw at rate 1 is the gradient of P.
    #[default]
    Slides,
    /// β_z = d_z − o_z (Winston's book, pp. 453–457); every β and Δw is half of the derivative, so a
    /// rate r here climbs like a rate r/2 there.
    Book,
}

/// A performance to climb together with a convention for β.
///
/// # Example
///
/// ```
/// use uphill_check::closed_form::{Convention, Performance, Rule};
///
/// let rule = Rule { performance: Performance::RootMeanSquared, convention: Convention::Book };
/// assert_ne!(rule, Rule::SLIDES);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rule {
    /// What P is.
    pub performance: Performance,
    /// Which β it is climbed with.
    pub convention: Convention,
}

impl Rule {
    /// Squared error, β_z = 2(d_z − o_z).
    pub const SLIDES: Rule =
        Rule { performance: Performance::SquaredError, convention: Convention::Slides };
    /// Squared error, β_z = d_z − o_z.
    pub const BOOK: Rule =
        Rule { performance: Performance::SquaredError, convention: Convention::Book };
    /// Negative root mean squared error, with its derivative.
    pub const ROOT_MEAN_SQUARED: Rule =
        Rule { performance: Performance::RootMeanSquared, convention: Convention::Slides };
}

/// A climb of some steps: where it ended, and P on the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ascent {
    /// The weights after the last step.
    pub weights: Vec<f64>,
    /// P before the first step and after each step: one more than there are steps.
    pub performances: Vec<f64>,
}
