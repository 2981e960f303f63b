//! Parameters within bounds as coordinates that know none: for whoever walks everywhere.

use uphill_graph::Scalar;

/// A free parameter as the sampler sees it.
#[derive(Debug, Clone)]
pub(crate) struct Coordinate {
    pub(crate) place: usize,
    low: f64,
    high: f64,
    /// Where the sampler's 0 is, and how long its 1, on an axis without bounds.
    center: f64,
    unit: f64,
}

/// What a coordinate stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved {
    /// The parameter's number.
    pub(crate) number: f64,
    /// Its slope by the coordinate.
    pub(crate) slope: f64,
    /// The logarithm of that slope, but for a constant: what a density gains by the change of coordinates.
    pub(crate) log: f64,
    pub(crate) log_slope: f64,
}

impl Coordinate {
    pub(crate) fn new(
        place: usize,
        (low, high): (f64, f64),
        number: f64,
        size: f64,
        error: Option<f64>,
    ) -> Coordinate {
        // On a bound there is no slope: a start is inside.
        let room = match (low.is_finite(), high.is_finite()) {
            (true, true) => 1e-3 * (high - low),
            _ => 1e-3 * error.unwrap_or(size),
        };
        let inside = number.max(low + room).min(high - room);
        let mut own = Coordinate { place, low, high, center: 0.0, unit: 1.0 };
        own.center = own.axis(inside);
        let error = error.filter(|error| *error > 0.0 && error.is_finite()).unwrap_or(size);
        let unit = error / own.at(0.0).slope;
        // Near a bound the axis has a length of its own.
        own.unit = if own.is_bounded() { unit.min(1.0) } else { unit };
        own
    }

    fn is_bounded(&self) -> bool {
        self.low.is_finite() || self.high.is_finite()
    }

    /// A number on the axis without bounds.
    fn axis(&self, number: f64) -> f64 {
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) => Scalar::ln((number - self.low) / (self.high - number)),
            (true, false) => Scalar::ln(number - self.low),
            (false, true) => -Scalar::ln(self.high - number),
            (false, false) => number,
        }
    }

    /// What a coordinate stands for.
    pub(crate) fn at(&self, u: f64) -> Moved {
        let axis = self.center + self.unit * u;
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) => {
                let (part, rest) = (Scalar::sigmoid(axis), Scalar::sigmoid(-axis));
                let width = self.high - self.low;
                let number =
                    if part < 0.5 { self.low + width * part } else { self.high - width * rest };
                let log = -Scalar::softplus(axis) - Scalar::softplus(-axis);
                let slope = self.unit * width * part * rest;
                Moved { number, slope, log, log_slope: self.unit * (rest - part) }
            }
            (true, false) => {
                let above = Scalar::exp(axis);
                let (number, slope) = (self.low + above, self.unit * above);
                Moved { number, slope, log: axis, log_slope: self.unit }
            }
            (false, true) => {
                let below = Scalar::exp(-axis);
                let (number, slope) = (self.high - below, self.unit * below);
                Moved { number, slope, log: -axis, log_slope: -self.unit }
            }
            (false, false) => Moved { number: axis, slope: self.unit, log: 0.0, log_slope: 0.0 },
        }
    }
}
