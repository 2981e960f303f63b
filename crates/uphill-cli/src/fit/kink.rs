//! A descent that kinks don't stop: BFGS with a line search that asks for nothing smooth (Lewis and Overton 2013).
//!
//! Where even that comes no further, the slopes on all sides of the point tell why. If a mean of them is 0, every way
//! leads up, and it is a summit of P turned upside down; if not, their shortest mean is a way to try, and what is found
//! along it in vain is the slope of one side more (Wolfe 1975).

use std::collections::VecDeque;

use super::quasi_newton::Halt;

/// Why a descent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Every way leads up, steeply.
    Kink,
    /// No way down is found, though there should be one.
    Stalled,
    MostIterations,
}

/// What is descended, with its gradient.
type Look<'l> = dyn Fn(&[f64]) -> Result<(f64, Vec<f64>), Halt> + 'l;

#[derive(Debug, Clone)]
struct Point {
    z: Vec<f64>,
    value: f64,
    slopes: Vec<f64>,
}

/// Halvings and doublings in a line search.
const MOST_STEPS: usize = 100;
/// Points that are remembered, of which some may be near the end.
const MOST_SEEN: usize = 200;
/// Slopes are of one place if so small a part of the numbers lies between.
const NEAR: f64 = 1e-6;
/// The length of a mean of slopes, as a part of the largest ones, that is 0 but for rounding.
const ZERO: f64 = 1e-6;
/// That which is taken for 0 where nothing is lower along the mean: along a crease P is smooth, and its slope hard to tell from 0.
const NEARLY_ZERO: f64 = 1e-4;
/// So many times the usual slopes are those of a cusp, of which no mean says anything.
const CUSP: f64 = 10.0;

/// Descends in at most so many iterations; how many they were, and why it ended. Much larger slopes than the `usual` ones
/// are those of a cusp.
///
/// # Errors
///
/// Those of the function.
pub(super) fn climb(
    look: &Look<'_>,
    from: &[f64],
    usual: &[f64],
    most: u64,
) -> Result<(u64, End), Halt> {
    let (value, slopes) = look(from)?;
    let mut at = Point { z: from.to_vec(), value, slopes };
    let mut seen = VecDeque::new();
    let mut curvature: Option<Vec<Vec<f64>>> = None;
    for iteration in 0..most {
        let way = match &curvature {
            Some(inverse) => inverse.iter().map(|row| -dot(row, &at.slopes)).collect(),
            None => at.slopes.iter().map(|slope| -slope).collect::<Vec<f64>>(),
        };
        let next = match search(look, &at, &way, &mut seen)? {
            Some(next) => next,
            // Along the plain gradient, then.
            None if curvature.take().is_some() => continue,
            None => match leave(look, &at, usual, &mut seen)? {
                Ok(next) => next,
                Err(end) => return Ok((iteration + 1, end)),
            },
        };
        curvature = updated(curvature, &at, &next);
        at = next;
    }
    Ok((most, End::MostIterations))
}

/// A lower point along a way, on which the slope along it is no longer steep: Wolfe's weak conditions, by bisection.
fn search(
    look: &Look<'_>,
    at: &Point,
    way: &[f64],
    seen: &mut VecDeque<Point>,
) -> Result<Option<Point>, Halt> {
    const DECREASE: f64 = 1e-4;
    const FLATTER: f64 = 0.9;
    let slope = dot(&at.slopes, way);
    let (mut low, mut high, mut step) = (0.0, f64::INFINITY, 1.0);
    let mut lower = None;
    for _ in 0..MOST_STEPS {
        let z: Vec<f64> = at.z.iter().zip(way).map(|(z, way)| z + step * way).collect();
        // So small a gain is lost in rounding.
        let is_lost = (step * slope).abs() <= f64::EPSILON / 2.0 * at.value.abs();
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
        } else if dot(&point.slopes, way) < FLATTER * slope {
            low = step;
            lower = Some(point);
        } else {
            return Ok(Some(point));
        }
        step = if high.is_finite() { low + (high - low) / 2.0 } else { 2.0 * step };
    }
    Ok(lower)
}

/// A lower point from one where the gradient leads nowhere, or why there is none.
fn leave(
    look: &Look<'_>,
    at: &Point,
    usual: &[f64],
    seen: &mut VecDeque<Point>,
) -> Result<Result<Point, End>, Halt> {
    let is_near = |point: &&Point| {
        let mut apart = point.z.iter().zip(&at.z).map(|(there, here)| (there - here, here));
        apart.all(|(apart, here)| apart.abs() <= NEAR * here.abs() + NEAR * NEAR)
    };
    let mut sides = vec![at.slopes.clone()];
    for point in seen.iter().filter(is_near) {
        if !sides.contains(&point.slopes) {
            sides.push(point.slopes.clone());
        }
    }
    for _ in 0..20 + 10 * at.z.len() {
        // Slopes by one number may be a thousand times those by another.
        let largest = |place: usize| sides.iter().fold(0.0_f64, |most, s| most.max(s[place].abs()));
        let scales: Vec<f64> = (0..at.z.len())
            .map(|place| if largest(place) > 0.0 { largest(place) } else { 1.0 })
            .collect();
        let scaled =
            |side: &Vec<f64>| side.iter().zip(&scales).map(|(x, scale)| x / scale).collect();
        let mean = shortest_mean(&sides.iter().map(scaled).collect::<Vec<Vec<f64>>>());
        if scales.iter().zip(usual).any(|(scale, usual)| *scale > CUSP * usual) {
            return Ok(Err(End::Stalled));
        }
        let length = dot(&mean, &mean).sqrt();
        if length <= ZERO {
            return Ok(Err(End::Kink));
        }
        let way: Vec<f64> = mean.iter().zip(&scales).map(|(mean, scale)| -mean / scale).collect();
        seen.clear();
        if let Some(next) = search(look, at, &way, seen)? {
            return Ok(Ok(next));
        }
        if length <= NEARLY_ZERO {
            return Ok(Err(End::Kink));
        }
        // The steepest way back from what was found on this side.
        let back = |point: &&Point| dot(&point.slopes, &way);
        let side =
            seen.iter().filter(is_near).max_by(|one, other| back(one).total_cmp(&back(other)));
        match side {
            Some(side) if !sides.contains(&side.slopes) => sides.push(side.slopes.clone()),
            _ => break,
        }
    }
    Ok(Err(End::Stalled))
}

/// The shortest mean of vectors with weights of 0 or more: from any mean on, weight goes from the vector that lies
/// furthest along it to the one that lies least along it (Mitchell, Demyanov and Malozemov 1974).
fn shortest_mean(vectors: &[Vec<f64>]) -> Vec<f64> {
    const MOST: usize = 100_000;
    let products: Vec<Vec<f64>> =
        vectors.iter().map(|one| vectors.iter().map(|other| dot(one, other)).collect()).collect();
    let mut weights = vec![0.0; vectors.len()];
    weights[0] = 1.0;
    // Of each vector with the mean.
    let mut along = products[0].clone();
    for _ in 0..MOST {
        let (mut to, mut from) = (0, None::<usize>);
        for place in 0..vectors.len() {
            if along[place] < along[to] {
                to = place;
            }
            if weights[place] > 0.0 && from.is_none_or(|from| along[place] > along[from]) {
                from = Some(place);
            }
        }
        let Some(from) = from else { break };
        let gain = along[from] - along[to];
        let square = products[to][to] - 2.0 * products[to][from] + products[from][from];
        if gain <= 1e-3 * ZERO * ZERO || square <= 0.0 {
            break;
        }
        let moved = (gain / square).min(weights[from]);
        weights[from] -= moved;
        weights[to] += moved;
        for (place, along) in along.iter_mut().enumerate() {
            *along += moved * (products[place][to] - products[place][from]);
        }
    }
    let mut mean = vec![0.0; vectors[0].len()];
    for (vector, weight) in vectors.iter().zip(weights) {
        mean.iter_mut().zip(vector).for_each(|(mean, x)| *mean += weight * x);
    }
    mean
}

/// BFGS's inverse of second derivatives after a step; scaled by the step if it is the first one.
fn updated(inverse: Option<Vec<Vec<f64>>>, at: &Point, next: &Point) -> Option<Vec<Vec<f64>>> {
    let step: Vec<f64> = next.z.iter().zip(&at.z).map(|(there, here)| there - here).collect();
    let bend: Vec<f64> =
        next.slopes.iter().zip(&at.slopes).map(|(there, here)| there - here).collect();
    let along = dot(&step, &bend);
    let size = along / dot(&bend, &bend);
    if !(along > 0.0 && size.is_finite()) {
        return inverse;
    }
    let width = step.len();
    let mut inverse = inverse.unwrap_or_else(|| {
        let entry = |row: usize, column: usize| if row == column { size } else { 0.0 };
        (0..width).map(|row| (0..width).map(|column| entry(row, column)).collect()).collect()
    });
    let turned: Vec<f64> = inverse.iter().map(|row| dot(row, &bend)).collect();
    let factor = (1.0 + dot(&bend, &turned) / along) / along;
    for (row, entries) in inverse.iter_mut().enumerate() {
        for (column, entry) in entries.iter_mut().enumerate() {
            *entry += factor * step[row] * step[column]
                - (turned[row] * step[column] + step[row] * turned[column]) / along;
        }
    }
    inverse.iter().flatten().all(|entry| entry.is_finite()).then_some(inverse)
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use super::{End, climb, shortest_mean};

    #[test]
    fn shortest_means() {
        for (vectors, expected) in [
            (vec![vec![3.0, 4.0]], [3.0, 4.0]),
            (vec![vec![1.0, 1.0], vec![-1.0, 1.0]], [0.0, 1.0]),
            (vec![vec![1.0, 1.0], vec![-1.0, 1.0], vec![0.0, -2.0]], [0.0, 0.0]),
            (vec![vec![1.0, 0.0], vec![3.0, 1.0]], [1.0, 0.0]),
        ] {
            let mean = shortest_mean(&vectors);
            for (found, expected) in mean.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-7, "{vectors:?}: {mean:?}");
            }
        }
    }

    /// A crease along the way down, and kinks at the bottom.
    #[test]
    fn creases_are_followed_to_the_bottom() {
        let sign = |x: f64| if x < 0.0 { -1.0 } else { 1.0 };
        let crease = |z: &[f64]| {
            let across = z[0] - 2.0 * z[1];
            let value = 10.0 * across.abs() + (z[1] - 3.0).abs();
            Ok((value, vec![10.0 * sign(across), -20.0 * sign(across) + sign(z[1] - 3.0)]))
        };
        let (iterations, end) =
            climb(&crease, &[0.0, 0.1], &[10.0, 21.0], 1000).unwrap_or((0, End::Stalled));
        assert_eq!(end, End::Kink, "{iterations}");
    }
}
