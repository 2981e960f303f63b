//! A place, and what is higher beside it: by more than what rounding can do.

use crate::climb::{Climber, Space};
use crate::error::Error;

/// So many times the rounding of P are told from it.
pub(crate) const ABOVE_NOISE: f64 = 8.0;
/// Steps of a walk grow by this factor.
pub(crate) const PACE: f64 = 4.0;

/// A place, and what is known of P there.
pub(crate) struct Place<'p> {
    pub(crate) space: &'p Space,
    pub(crate) at: &'p [f64],
    pub(crate) value: f64,
    pub(crate) slopes: Vec<f64>,
    /// The least difference of P that means something.
    pub(crate) noise: f64,
}

impl Place<'_> {
    /// The slope by a parameter, in P a unit of it.
    pub(crate) fn slope(&self, place: usize) -> f64 {
        self.slopes[place].abs() * self.space.unit(place, self.at)
    }

    /// A parameter itself, or its unit where it is 0.
    pub(crate) fn size(&self, place: usize) -> f64 {
        let own = self.at[place];
        if own == 0.0 { self.space.unit(place, self.at) } else { own }
    }

    /// By how many units a way moves the parameter that it moves most.
    pub(crate) fn reach(&self, way: &[f64]) -> f64 {
        let part = |(place, way): (usize, &f64)| way.abs() / self.space.unit(place, self.at);
        way.iter().enumerate().map(part).fold(0.0, f64::max)
    }

    /// Whether P doesn't change a little to both sides, where second derivatives are lost in overflow.
    pub(crate) fn is_level<'r>(
        &self,
        climber: &mut dyn Climber<'r>,
        place: usize,
    ) -> Result<bool, Error> {
        let unit = self.space.unit(place, self.at);
        for step in [1e-6, -1e-6, 1e-3, -1e-3] {
            let mut point = self.at.to_vec();
            point[place] = self.space.within(place, self.at[place] + step * unit);
            let value = climber.hill().value(&point)?;
            // NaN is not level.
            if !matches!((value - self.value).abs().partial_cmp(&self.noise), Some(o) if o.is_le())
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether P is higher at a point by more than rounding, of which there may be more than here.
    pub(crate) fn is_higher<'r>(
        &self,
        climber: &mut dyn Climber<'r>,
        point: &[f64],
        value: f64,
    ) -> Result<bool, Error> {
        let gain = value - self.value;
        Ok(gain > self.noise && gain > ABOVE_NOISE * climber.hill().sizes(point)?.noise)
    }

    /// The highest of some points with P there, if it is higher than here.
    pub(crate) fn highest<'r>(
        &self,
        climber: &mut dyn Climber<'r>,
        mut points: Vec<(Vec<f64>, f64)>,
    ) -> Result<Option<Vec<f64>>, Error> {
        points.retain(|(_, value)| *value > self.value + self.noise);
        points.sort_by(|one, other| other.1.total_cmp(&one.1));
        for (point, value) in points {
            if self.is_higher(climber, &point, value)? {
                return Ok(Some(point));
            }
        }
        Ok(None)
    }

    /// A higher point on a line through the place, to either side.
    pub(crate) fn higher<'r>(
        &self,
        climber: &mut dyn Climber<'r>,
        way: &[f64],
    ) -> Result<Option<Vec<f64>>, Error> {
        let points = self.walk(climber, way, 6)?;
        self.highest(climber, points)
    }

    /// Points along a way to both sides with P there, the nearest first on each, by powers of steps at which no parameter
    /// moves by more than its unit.
    pub(crate) fn walk<'r>(
        &self,
        climber: &mut dyn Climber<'r>,
        way: &[f64],
        furthest: i32,
    ) -> Result<Vec<(Vec<f64>, f64)>, Error> {
        let largest = self.reach(way);
        if largest == 0.0 || !largest.is_finite() {
            return Ok(Vec::new());
        }
        let way: Vec<f64> = way.iter().map(|way| way / largest).collect();
        let mut points = Vec::new();
        for side in [1.0, -1.0] {
            for exponent in -12..=furthest {
                let point = self.space.moved(self.at, &way, side * PACE.powi(exponent));
                if point != self.at && !points.iter().any(|(other, _)| *other == point) {
                    let value = climber.hill().value(&point)?;
                    points.push((point, value));
                }
            }
        }
        Ok(points)
    }
}
