//! The last step: bounds that hold are held exactly, and Newton's method on what is left gives all digits.
//!
//! An interior-point method comes near to bounds and never reaches them. Where it is clear which of them hold, the
//! conditions of an optimum are equations; their solution is taken only if it fulfils the conditions, signs included, no
//! worse than the point that is there.

use super::interior::Interior;
use super::iterate::Iterate;

/// So many Newton steps at most: from near by, two give all digits.
const MOST: usize = 5;

/// Sharpens the point where the method ended, if it can: whether the point is optimal as sharpened.
pub(crate) fn polish(run: &mut Interior<'_>) -> bool {
    let goal = run.settings.tolerance.min(run.at.error(run.problem, 0.0)).max(1e-14);
    let mut best: Option<(f64, Iterate)> = None;
    let (low, high) = run.problem.bounds();
    let (low, high) = (low.to_vec(), high.to_vec());
    let mut at = run.at.clone();
    let mut held = vec![false; at.z.len()];
    for k in 0..at.z.len() {
        let (to_low, to_high) = (at.z[k] - low[k], high[k] - at.z[k]);
        if at.low[k] > to_low && to_low <= to_high {
            (at.z[k], held[k]) = (low[k], true);
        } else if at.high[k] > to_high {
            (at.z[k], held[k]) = (high[k], true);
        }
    }
    let mut hessian = vec![0.0; run.problem.hessian_places().len()];
    let none = vec![0.0; at.z.len()];
    for _ in 0..MOST {
        at.value = run.problem.values(&at.z, &mut at.c);
        at.slope(run.problem);
        if !at.is_finite() {
            break;
        }
        let slope = at.lagrangian(run.problem);
        for (k, slope) in slope.iter().enumerate() {
            // What is left of the slope at a bound that is held is the bound's multiplier.
            let at_low = held[k] && at.z[k] == low[k];
            at.low[k] = if at_low { slope.max(0.0) } else { 0.0 };
            at.high[k] = if held[k] && !at_low { (-slope).max(0.0) } else { 0.0 };
        }
        let within = (0..at.z.len()).all(|k| low[k] <= at.z[k] && at.z[k] <= high[k]);
        let error = at.error(run.problem, 0.0);
        if within && best.as_ref().is_none_or(|(least, _)| error < *least) {
            best = Some((error, at.clone()));
        } else if best.is_some() {
            break;
        }
        run.problem.hessian(&at.z, 1.0, &at.lambda, &mut hessian);
        run.newton.set(&none, &hessian, &at.jacobian);
        run.newton.hold(&held);
        let of_free = |k: usize| if held[k] { 0.0 } else { -slope[k] };
        let mut side: Vec<f64> = (0..at.z.len()).map(of_free).collect();
        side.extend(at.c.iter().map(|c| -c));
        let Some(step) = run.newton.factorise_exactly(&side) else { return false };
        for (z, step) in at.z.iter_mut().zip(&step) {
            *z += step;
        }
        for (lambda, step) in at.lambda.iter_mut().zip(&step[none.len()..]) {
            *lambda += step;
        }
    }
    match best {
        Some((error, sharpened)) if error <= goal => {
            run.at = sharpened;
            true
        }
        _ => false,
    }
}
