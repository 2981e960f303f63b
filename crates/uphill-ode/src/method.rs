//! Ways to make steps, and how closely each is to be held for the whole solution to be as exact as it is asked to be.

use uphill_graph::Scalar;

/// How steps are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Method {
    /// Backward differences of order 1 to 5: for stiff systems, and where nothing is known of one.
    #[default]
    Bdf,
    /// A diagonally implicit Runge-Kutta method of order 2, trapezoidal rule and backward differences: for stiff systems, a few
    /// digits, and right-hand sides that jump.
    TrBdf2,
    /// A diagonally implicit Runge-Kutta method of order 4: for stiff systems.
    Esdirk34,
    /// The explicit Runge-Kutta method of Tsitouras, order 5: for systems that are not stiff.
    Tsit45,
}

impl Method {
    /// To which part of what is asked for a step is held: the errors of steps add up, and the lower the order, the more steps
    /// there are for further digits. So a tenth, and less by the root of this order for what is beyond three digits.
    pub(crate) fn share(self, relative: f64) -> f64 {
        let order = match self {
            Method::Bdf => 5.0,
            Method::TrBdf2 => 2.0,
            Method::Esdirk34 => 4.0,
            // Its steps are one order better than what they are held to.
            Method::Tsit45 => return 0.1,
        };
        // The kernels of formulas rather than the system's: the same steps everywhere.
        0.1 * Scalar::exp(Scalar::ln(relative / 1e-3).min(0.0) / order)
    }

    /// In how many pieces a step is kept for the way back. They are read by cubics, for which long steps of a high order are
    /// too long; methods of low order are read between steps no better than by these.
    pub(crate) fn pieces(self) -> usize {
        match self {
            Method::Bdf | Method::Tsit45 => 4,
            Method::TrBdf2 | Method::Esdirk34 => 1,
        }
    }

    /// By how much closer steps are held where a gradient is asked for.
    pub(crate) fn closer(self) -> f64 {
        match self {
            Method::Tsit45 => 0.1,
            Method::Bdf | Method::TrBdf2 | Method::Esdirk34 => 1.0,
        }
    }
}
