//! The lecture's ascent: `w + r·∇P`, step after step at one rate, until the parameters stand still.

use crate::climb::{Climber, End, Limits, Space, Why};
use crate::error::Error;
use crate::hill::Hill;
use crate::quasi_newton::without_bound;

/// Plain steps along the gradient.
pub(crate) struct Ascent<'r, 's> {
    pub(crate) hill: Hill<'r>,
    pub(crate) limits: Limits<'s>,
    /// The names of the parameters, for the error of a P without bound.
    pub(crate) names: &'s [String],
    pub(crate) rate: f64,
}

impl<'r> Climber<'r> for Ascent<'r, '_> {
    fn climb(&mut self, space: &Space, start: &[f64]) -> Result<Option<End>, Error> {
        let mut at = start.to_vec();
        let mut iterations = 0;
        let why = loop {
            let (value, slopes) = self.hill.slopes(&at)?;
            if iterations == 0
                && !(value.is_finite() && slopes.iter().all(|slope| slope.is_finite()))
            {
                return Ok(None);
            }
            if (self.limits.stop)() {
                break Why::Interrupted;
            }
            if value == f64::INFINITY {
                return Err(without_bound(self.names, value, &at));
            }
            if iterations == self.limits.most_iterations {
                break Why::MostIterations;
            }
            iterations += 1;
            let mut is_still = true;
            for place in (0..at.len()).filter(|&place| !space.fixed[place]) {
                let next = at[place] + self.rate * slopes[place];
                if next.is_nan() {
                    let what = format!(
                        "the ascent diverged in iteration {iterations}: take a lower rate than {}",
                        self.rate
                    );
                    return Err(Error::Climb { what });
                }
                let next = space.within(place, next);
                is_still &= (next - at[place]).abs() <= 1e-14 * at[place].abs();
                at[place] = next;
            }
            if is_still {
                break Why::Settled;
            }
        };
        let value = self.hill.value(&at)?;
        Ok(Some(End { at, value, iterations, why }))
    }

    /// The lecture's ascent goes where the gradient leads, and nowhere else.
    fn explores(&self) -> bool {
        false
    }

    fn hill(&mut self) -> &mut Hill<'r> {
        &mut self.hill
    }

    fn idle(&mut self, at: &[f64], free: &[usize]) -> Result<Vec<Vec<f64>>, Error> {
        self.hill.idle(at, free)
    }
}
