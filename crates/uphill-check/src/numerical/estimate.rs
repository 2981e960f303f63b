//! What an oracle says of one derivative: the number, how far it can be trusted, and whether the function has a
//! kink there.

/// How a derivative was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Differences, sharpened by the complex step where the function allows it and both agree.
    #[default]
    Automatic,
    /// Differences of real values with Richardson extrapolation, nothing else (Ridders 1982).
    Differences,
    /// The complex step `Im f(x + ih) / h`, nothing else (Squire and Trapp 1998).
    ComplexStep,
}

/// A derivative with an estimate of its own error.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The derivative; halfway between both sides at a kink; NaN if there is none to be had.
    pub value: f64,
    /// How far off it may be: from the disagreement of neighbouring extrapolations, and from rounding. Infinite if
    /// there is no derivative.
    pub error: f64,
    /// The step of the extrapolation that was chosen.
    pub step: f64,
    /// Where the number comes from: differences or complex step.
    pub method: Method,
    /// The slopes of both sides, if they differ.
    pub kink: Option<Kink>,
    /// An operation that switches from one branch to another exactly here, or within the step at a kink:
    /// `abs(w3)`. Only a [`Function`](uphill_graph::Function) tells.
    pub switch: Option<String>,
    /// A slope that is large for this function: how much it changes over the largest step that was tried.
    pub(crate) span: f64,
}

/// A point at which a function has two slopes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kink {
    /// The slope on the left; infinite at a jump.
    pub left: f64,
    /// The slope on the right; infinite at a jump.
    pub right: f64,
}

impl Estimate {
    /// No derivative: the function is infinite or NaN here or all around.
    pub(crate) fn none() -> Estimate {
        Estimate {
            value: f64::NAN,
            error: f64::INFINITY,
            step: 0.0,
            method: Method::Differences,
            kink: None,
            switch: None,
            span: 0.0,
        }
    }

    /// A number that is taken as it is.
    pub(crate) fn exact(value: f64) -> Estimate {
        Estimate { value, error: 0.0, ..Estimate::none() }
    }

    /// Whether there is a number at all.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.value.is_finite() && self.error.is_finite()
    }
}
