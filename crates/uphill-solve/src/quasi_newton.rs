//! BFGS within bounds: a climb of any P by its gradient, which kinks don't stop (Lewis and Overton 2013).
//!
//! Parameters are in units of their sizes at the start, since a model's may be 500 and 0.0001. What is pressed against a
//! bound by the slope stands still until the slope lets it go. Where no step leads up any more, [`kink::leave`] tells
//! why.

use std::collections::VecDeque;

use crate::climb::{Climber, End, Limits, MOST_AT_ONCE, Space, Why};
use crate::dense::dot;
use crate::error::Error;
use crate::hill::Hill;
use crate::kink;
use crate::levenberg::Jacobian;
use crate::line::{Point, search};

/// P beyond this many times its size at the start is taken for one without bound.
const WITHOUT_BOUND: f64 = 1e200;
/// A slope that is so small a part of what it is the sum of is 0 but for rounding.
const ROUNDING: f64 = 1e-6;
/// As is one that is so small a part of what the start's is the sum of, where the model fits exactly.
const ROUNDING_OF_START: f64 = 1e-10;

/// A climb by the gradient.
pub(crate) struct QuasiNewton<'r, 's> {
    pub(crate) hill: Hill<'r>,
    /// Of residuals, where P is the sum of their squares: it tells better than P's bends what the rows don't determine.
    pub(crate) jacobian: Option<Jacobian<'r>>,
    pub(crate) limits: Limits<'s>,
    /// The names of the parameters, for the error of a P without bound.
    pub(crate) names: &'s [String],
}

/// Why nothing more can be told at a point.
enum Halt {
    Interrupted,
    Failed(Error),
}

impl<'r> Climber<'r> for QuasiNewton<'r, '_> {
    fn climb(&mut self, space: &Space, start: &[f64]) -> Result<Option<End>, Error> {
        let (value, slopes) = self.hill.slopes(start)?;
        if !value.is_finite() || slopes.iter().any(|slope| !slope.is_finite()) {
            return Ok(None);
        }
        let sizes = self.hill.sizes(start)?.slopes;
        let units: Vec<f64> = (0..start.len()).map(|place| space.unit(place, start)).collect();
        let bounds = space.bounds.iter().zip(&units);
        let bounds: Vec<(f64, f64)> =
            bounds.map(|((low, high), unit)| (low / unit, high / unit)).collect();
        let limit = (WITHOUT_BOUND * (1.0 + value.abs())).min(f64::MAX);
        let usual: Vec<f64> = sizes.iter().zip(&units).map(|(size, unit)| size * unit).collect();
        let parameters = |z: &[f64]| -> Vec<f64> {
            let numbers = z.iter().zip(&units).enumerate();
            let number = |(place, (z, unit)): (usize, (&f64, &f64))| match space.fixed[place] {
                true => start[place],
                false => space.within(place, z * unit),
            };
            numbers.map(number).collect()
        };
        let Self { hill, limits, names, .. } = self;
        // The best point that was looked at: a line search may end elsewhere.
        let mut best = End { at: start.to_vec(), value, iterations: 0, why: Why::Stalled };
        let mut look = |z: &[f64]| -> Result<(f64, Vec<f64>), Halt> {
            if (limits.stop)() {
                return Err(Halt::Interrupted);
            }
            let at = parameters(z);
            let (value, slopes) = hill.slopes(&at).map_err(Halt::Failed)?;
            if value > limit {
                return Err(Halt::Failed(without_bound(names, value, &at)));
            }
            if value > best.value {
                best.value = value;
                best.at = at;
            }
            Ok((-value, slopes.iter().zip(&units).map(|(slope, unit)| -slope * unit).collect()))
        };
        let z: Vec<f64> = start.iter().zip(&units).map(|(number, unit)| number / unit).collect();
        let from = Point {
            z,
            value: -value,
            slopes: slopes.iter().zip(&units).map(|(s, u)| -s * u).collect(),
        };
        let task = Descent {
            fixed: &space.fixed,
            bounds: &bounds,
            usual: &usual,
            most: limits.most_iterations,
        };
        let mut iterations = 0;
        let why = match task.descend(&mut look, from, &mut iterations) {
            Ok(why) => why,
            Err(Halt::Interrupted) => Why::Interrupted,
            Err(Halt::Failed(error)) => return Err(error),
        };
        best.iterations = iterations;
        best.why = why;
        if !matches!(why, Why::MostIterations | Why::Interrupted)
            && self.is_settled(space, &best.at, &sizes)?
        {
            best.why = Why::Settled;
        }
        if best.why == Why::Kink && !self.is_kink(space, &best.at)? {
            best.why = Why::Stalled;
        }
        Ok(Some(best))
    }

    fn climb_once(&mut self, space: &Space, start: &[f64]) -> Result<Option<End>, Error> {
        let most = self.limits.most_iterations;
        self.limits.most_iterations = most.min(MOST_AT_ONCE);
        let found = self.climb(space, start);
        self.limits.most_iterations = most;
        found
    }

    fn hill(&mut self) -> &mut Hill<'r> {
        &mut self.hill
    }

    fn idle(&mut self, at: &[f64], free: &[usize]) -> Result<Vec<Vec<f64>>, Error> {
        match &mut self.jacobian {
            Some(jacobian) => jacobian.idle(at, free),
            None => self.hill.idle(at, free),
        }
    }
}

impl QuasiNewton<'_, '_> {
    /// Whether the gradient is 0 but for rounding.
    fn is_settled(
        &mut self,
        space: &Space,
        at: &[f64],
        sizes_at_start: &[f64],
    ) -> Result<bool, Error> {
        let (_, slopes) = self.hill.slopes(at)?;
        let sizes = self.hill.sizes(at)?.slopes;
        Ok(space.free(at, &slopes).into_iter().all(|place| {
            let slope = slopes[place].abs();
            let rounding = ROUNDING * sizes[place];
            // At a cusp both are infinite.
            rounding.is_finite()
                && (slope <= rounding || slope <= ROUNDING_OF_START * sizes_at_start[place])
        }))
    }
}

impl QuasiNewton<'_, '_> {
    /// Whether slopes jump here. Where P bends strongly they only seem to: that is a narrow valley, not a kink.
    fn is_kink(&mut self, space: &Space, at: &[f64]) -> Result<bool, Error> {
        /// A jump that is so small a part of what the slope is the sum of is rounding.
        const ROUNDING: f64 = 1e-9;
        let curvature = self.hill.curvature(at)?;
        if !curvature.is_finite() {
            return Ok(true);
        }
        let sizes = self.hill.sizes(at)?.slopes;
        for place in (0..at.len()).filter(|&place| !space.fixed[place]) {
            let near = 4.0 * kink::NEAR * (at[place].abs() + kink::NEAR * space.unit(place, at));
            let side = |step: f64| {
                let mut point = at.to_vec();
                point[place] = space.within(place, at[place] + step);
                point
            };
            let (low, high) = (side(-near), side(near));
            let jump = self.hill.slopes(&high)?.1[place] - self.hill.slopes(&low)?.1[place];
            let bend = curvature.at(place, place) * (high[place] - low[place]);
            if jump.abs() > ROUNDING * sizes[place] && (jump - bend).abs() > 0.5 * jump.abs() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What a descent keeps to.
struct Descent<'d> {
    fixed: &'d [bool],
    bounds: &'d [(f64, f64)],
    /// The sizes that slopes usually have.
    usual: &'d [f64],
    most: u64,
}

impl Descent<'_> {
    /// The coordinates that may move downhill.
    fn free(&self, at: &Point) -> Vec<usize> {
        let is_free = |&place: &usize| {
            let (low, high) = self.bounds[place];
            let is_pressed = at.z[place] <= low && at.slopes[place] >= 0.0
                || at.z[place] >= high && at.slopes[place] <= 0.0;
            !self.fixed[place] && !is_pressed
        };
        (0..at.z.len()).filter(is_free).collect()
    }

    /// Descends, counting iterations; why it ended.
    fn descend<H>(
        &self,
        look: &mut crate::line::Look<'_, H>,
        from: Point,
        iterations: &mut u64,
    ) -> Result<Why, H> {
        // Of squares, what is left where residuals are 0 but for rounding.
        let least = f64::EPSILON * f64::EPSILON * from.value.abs();
        let mut at = from;
        let mut seen = VecDeque::new();
        let mut curvature: Option<Vec<Vec<f64>>> = None;
        let mut free = self.free(&at);
        let mut last = 1.0_f64;
        while *iterations < self.most {
            *iterations += 1;
            let now = self.free(&at);
            if now != free {
                (free, curvature) = (now, None);
            }
            let slope = |&place: &usize| at.slopes[place];
            let slopes: Vec<f64> = free.iter().map(slope).collect();
            let down: Vec<f64> = match &curvature {
                Some(inverse) => inverse.iter().map(|row| -dot(row, &slopes)).collect(),
                None => slopes.iter().map(|slope| -slope).collect(),
            };
            let mut way = vec![0.0; at.z.len()];
            free.iter().zip(down).for_each(|(&place, down)| way[place] = down);
            // Along a straight slope the next step is as long as the last ones together.
            let first = if curvature.is_some() { 1.0 } else { last };
            let next = match search(look, &at, &way, first, self.bounds, least, &mut seen)? {
                Some(next) => next,
                // Along the plain gradient, then.
                None if curvature.take().is_some() => continue,
                None => {
                    match kink::leave(look, &at, &free, self.usual, self.bounds, least, &mut seen)?
                    {
                        Ok(next) => next,
                        Err(why) => return Ok(why),
                    }
                }
            };
            let of_free =
                |list: &[f64]| free.iter().map(|&place| list[place]).collect::<Vec<f64>>();
            curvature = updated(
                curvature,
                &difference(&of_free(&next.z), &of_free(&at.z)),
                &difference(&of_free(&next.slopes), &of_free(&at.slopes)),
            );
            let largest = |list: &[f64]| list.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            let step = largest(&difference(&next.z, &at.z)) / largest(&way);
            last = if curvature.is_none() && step.is_finite() { step.max(1.0) } else { 1.0 };
            at = next;
        }
        Ok(Why::MostIterations)
    }
}

fn difference(one: &[f64], other: &[f64]) -> Vec<f64> {
    one.iter().zip(other).map(|(one, other)| one - other).collect()
}

/// BFGS's inverse of second derivatives after a step; scaled by the step if it is the first one.
fn updated(inverse: Option<Vec<Vec<f64>>>, step: &[f64], bend: &[f64]) -> Option<Vec<Vec<f64>>> {
    let along = dot(step, bend);
    let size = along / dot(bend, bend);
    if !(along > 0.0 && size.is_finite()) {
        return inverse;
    }
    let width = step.len();
    let mut inverse = inverse.unwrap_or_else(|| {
        let entry = |row: usize, column: usize| if row == column { size } else { 0.0 };
        (0..width).map(|row| (0..width).map(|column| entry(row, column)).collect()).collect()
    });
    let turned: Vec<f64> = inverse.iter().map(|row| dot(row, bend)).collect();
    let factor = (1.0 + dot(bend, &turned) / along) / along;
    for (row, entries) in inverse.iter_mut().enumerate() {
        for (column, entry) in entries.iter_mut().enumerate() {
            *entry += factor * step[row] * step[column]
                - (turned[row] * step[column] + step[row] * turned[column]) / along;
        }
    }
    inverse.iter().flatten().all(|entry| entry.is_finite()).then_some(inverse)
}

/// A performance that has no summit.
pub(crate) fn without_bound(names: &[String], value: f64, at: &[f64]) -> Error {
    let number = |number: f64| format!("{}", crate::short::Short(number));
    let reached: Vec<String> =
        names.iter().zip(at).map(|(name, at)| format!("{name} = {}", number(*at))).collect();
    Error::Climb {
        what: format!(
            "P rises without bound, so there is nothing to find: it is {} at {}; is a minus sign missing? \
             Errors must lower P, as in `-(desired - computed)^2`",
            number(value),
            reached.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::Descent;
    use crate::climb::Why;
    use crate::line::Point;

    /// A crease along the way down, and kinks at the bottom; within bounds, the bottom of what is left.
    #[test]
    fn creases_are_followed_to_the_bottom() {
        let sign = |x: f64| if x < 0.0 { -1.0 } else { 1.0 };
        let everywhere = (f64::NEG_INFINITY, f64::INFINITY);
        for (bounds, bottom) in [
            ([everywhere; 2], [6.0, 3.0]),
            ([everywhere, (f64::NEG_INFINITY, 2.0)], [4.0, 2.0]),
            ([(0.0, 5.0), everywhere], [5.0, 2.5]),
        ] {
            let mut last = Vec::new();
            let mut lowest = f64::INFINITY;
            let mut crease = |z: &[f64]| -> Result<(f64, Vec<f64>), Infallible> {
                let across = z[0] - 2.0 * z[1];
                let value = 10.0 * across.abs() + (z[1] - 3.0).abs();
                if value < lowest {
                    (lowest, last) = (value, z.to_vec());
                }
                Ok((value, vec![10.0 * sign(across), -20.0 * sign(across) + sign(z[1] - 3.0)]))
            };
            let Ok((value, slopes)) = crease(&[0.0, 0.1]);
            let from = Point { z: vec![0.0, 0.1], value, slopes };
            let descent =
                Descent { fixed: &[false; 2], bounds: &bounds, usual: &[10.0, 21.0], most: 1000 };
            let mut iterations = 0;
            let Ok(why) = descent.descend(&mut crease, from, &mut iterations);
            assert!(matches!(why, Why::Kink | Why::Stalled), "{iterations}, {why:?}");
            for (found, expected) in last.iter().zip(bottom) {
                assert!((found - expected).abs() < 1e-6, "{bounds:?}: {last:?}, {why:?}");
            }
        }
    }
}
