//! Leaving a point at which the gradient leads nowhere: a kink, or the end of what numbers can tell.
//!
//! The slopes on all sides of the point tell which. If a mean of them is 0, every way leads up, and it is a summit of P
//! turned upside down; if not, their shortest mean is a way to try, and what is found along it in vain is the slope of
//! one side more (Wolfe 1975).

use std::collections::VecDeque;

use crate::climb::Why;
use crate::dense::dot;
use crate::line::{Bounds, Look, Point, search};

/// Slopes are of one place if so small a part of the numbers lies between.
pub(crate) const NEAR: f64 = 1e-6;
/// The length of a mean of slopes, as a part of the largest ones, that is 0 but for rounding.
const ZERO: f64 = 1e-6;
/// That which is taken for 0 where nothing is lower along the mean: along a crease P is smooth, and its slope hard to tell from 0.
const NEARLY_ZERO: f64 = 1e-4;
/// So many times the usual slopes are those of a cusp, of which no mean says anything.
const CUSP: f64 = 10.0;

/// A lower point from one where the gradient leads nowhere, or why there is none.
pub(crate) fn leave<H>(
    look: &mut Look<'_, H>,
    at: &Point,
    free: &[usize],
    usual: &[f64],
    bounds: Bounds<'_>,
    least: f64,
    seen: &mut VecDeque<Point>,
) -> Result<Result<Point, Why>, H> {
    let is_near = |point: &&Point| {
        let mut apart = point.z.iter().zip(&at.z).map(|(there, here)| (there - here, here));
        apart.all(|(apart, here)| apart.abs() <= NEAR * here.abs() + NEAR * NEAR)
    };
    // What is pressed against a bound has no say.
    let of_free = |slopes: &[f64]| {
        let mut side = vec![0.0; slopes.len()];
        free.iter().for_each(|&place| side[place] = slopes[place]);
        side
    };
    let mut sides = vec![of_free(&at.slopes)];
    for point in seen.iter().filter(is_near) {
        let side = of_free(&point.slopes);
        if !sides.contains(&side) {
            sides.push(side);
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
            return Ok(Err(Why::Stalled));
        }
        let length = dot(&mean, &mean).sqrt();
        if length <= ZERO {
            return Ok(Err(Why::Kink));
        }
        let way: Vec<f64> = mean.iter().zip(&scales).map(|(mean, scale)| -mean / scale).collect();
        seen.clear();
        if let Some(next) = search(look, at, &way, 1.0, bounds, least, seen)? {
            return Ok(Ok(next));
        }
        if length <= NEARLY_ZERO {
            return Ok(Err(Why::Kink));
        }
        // The steepest way back from what was found on this side.
        let back = |point: &&Point| dot(&point.slopes, &way);
        let side =
            seen.iter().filter(is_near).max_by(|one, other| back(one).total_cmp(&back(other)));
        match side.map(|side| of_free(&side.slopes)) {
            Some(side) if !sides.contains(&side) => sides.push(side),
            _ => break,
        }
    }
    Ok(Err(Why::Stalled))
}

/// The shortest mean of vectors with weights of 0 or more: from any mean on, weight goes from the vector that lies
/// furthest along it to the one that lies least along it (Mitchell, Demyanov and Malozemov 1974).
pub(crate) fn shortest_mean(vectors: &[Vec<f64>]) -> Vec<f64> {
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

#[cfg(test)]
mod tests {
    use super::shortest_mean;

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
}
