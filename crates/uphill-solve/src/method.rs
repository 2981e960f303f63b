//! The ways to climb, by name.

/// How P is climbed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Method {
    /// Levenberg's and Marquardt's for sums of squares, BFGS for a performance of one's own.
    #[default]
    Automatic,
    /// Damped Gauss-Newton steps from the Jacobian: for sums of squares.
    LevenbergMarquardt,
    /// Steps from the last gradients: BFGS, which kinks don't stop.
    QuasiNewton,
    /// Plain steps along the gradient, times this rate: the lecture's ascent.
    Ascent(f64),
}

impl Method {
    /// `levenberg-marquardt`, `quasi-newton` or `ascent`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Automatic | Method::LevenbergMarquardt => "levenberg-marquardt",
            Method::QuasiNewton => "quasi-newton",
            Method::Ascent(_) => "ascent",
        }
    }
}
