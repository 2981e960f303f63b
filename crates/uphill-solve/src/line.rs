//! A step down along a line, for functions that may have kinks: Wolfe's weak conditions by bisection (Lewis and Overton
//! 2013), within bounds.

use std::collections::VecDeque;

use crate::dense::dot;

/// A function to descend, with its gradient.
pub(crate) type Look<'l, H> = dyn FnMut(&[f64]) -> Result<(f64, Vec<f64>), H> + 'l;

/// A point at which it was looked.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) z: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) slopes: Vec<f64>,
}

/// The lowest and highest number of each coordinate.
pub(crate) type Bounds<'b> = &'b [(f64, f64)];

/// Halvings and doublings in a search.
const MOST_STEPS: usize = 100;
/// Points that are remembered, of which some may be near the end.
const MOST_SEEN: usize = 200;

/// A lower point along a way, at which the slope along it is no longer steep, or that lies at a bound. It begins by so
/// long a step. A gain of no more than `least` is none.
pub(crate) fn search<H>(
    look: &mut Look<'_, H>,
    at: &Point,
    way: &[f64],
    first: f64,
    bounds: Bounds<'_>,
    least: f64,
    seen: &mut VecDeque<Point>,
) -> Result<Option<Point>, H> {
    const DECREASE: f64 = 1e-4;
    const FLATTER: f64 = 0.9;
    let slope = dot(&at.slopes, way);
    let room = at.z.iter().zip(way).zip(bounds).map(|((z, way), (low, high))| match way {
        way if *way > 0.0 => (high - z) / way,
        way if *way < 0.0 => (low - z) / way,
        _ => f64::INFINITY,
    });
    let furthest = room.fold(f64::INFINITY, f64::min);
    let (mut low, mut high, mut step) = (0.0, f64::INFINITY, furthest.min(first));
    let mut lower = None;
    for _ in 0..MOST_STEPS {
        let moved = |((z, way), (low, high)): ((&f64, &f64), &(f64, f64))| {
            (z + step * way).clamp(*low, *high)
        };
        let z: Vec<f64> = at.z.iter().zip(way).zip(bounds).map(moved).collect();
        // So small a gain is lost in rounding.
        let is_lost = (step * slope).abs() <= least.max(f64::EPSILON / 2.0 * at.value.abs());
        if is_lost || z == at.z || z.iter().any(|z| !z.is_finite()) {
            break;
        }
        let (value, slopes) = look(&z)?;
        let point = Point { z, value, slopes };
        let is_sound = point.value.is_finite() && point.slopes.iter().all(|x| x.is_finite());
        if is_sound {
            seen.push_back(point.clone());
            if seen.len() > MOST_SEEN {
                seen.pop_front();
            }
        }
        if !is_sound || point.value >= at.value + (DECREASE * step * slope).min(0.0) {
            high = step;
        } else if dot(&point.slopes, way) < FLATTER * slope && step < furthest {
            low = step;
            lower = Some(point);
        } else {
            return Ok(Some(point));
        }
        step = if high.is_finite() { low + (high - low) / 2.0 } else { (2.0 * step).min(furthest) };
    }
    Ok(lower)
}
