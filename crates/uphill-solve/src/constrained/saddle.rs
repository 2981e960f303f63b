//! Where slopes vanish, but the point is no minimum: a way down, along a direction of negative curvature that the equations
//! leave open.

use rand::{RngExt, SeedableRng};

use super::interior::{End, FIRST_BARRIER, Interior};
use super::iterate::{Iterate, largest, longest};

/// So many rounds of inverse iteration: a direction of negative curvature will do, it needn't be the steepest.
const ROUNDS: usize = 20;
/// So often a step down is halved.
const HALVINGS: usize = 40;

/// Leaves a point at which the first-order conditions hold, if those of second order don't: nothing if the search goes on
/// from another point, else how it ends.
pub(crate) fn leave(run: &mut Interior<'_>) -> Option<End> {
    let diagonal = run.at.diagonal(run.problem);
    let mut hessian = vec![0.0; run.problem.hessian_places().len()];
    run.problem.hessian(&run.at.z, 1.0, &run.at.lambda, &mut hessian);
    if hessian.iter().any(|entry| !entry.is_finite()) {
        return Some(End::NotFinite);
    }
    run.newton.set(&diagonal, &hessian, &run.at.jacobian);
    if !run.newton.curves_down() {
        return Some(End::Optimal);
    }
    let Some(direction) = downward(run) else { return Some(End::Saddle) };
    let size = run.at.z.iter().fold(1.0_f64, |most, z| most.max(z.abs()));
    let steepest = largest(&direction);
    let lowest = run.at.value;
    for sign in [1.0, -1.0] {
        let step: Vec<f64> = direction.iter().map(|d| sign * 0.1 * size / steepest * d).collect();
        let mut part = longest(run.problem, &run.at.z, &step, 0.5);
        for _ in 0..HALVINGS {
            let z: Vec<f64> = run.at.z.iter().zip(&step).map(|(z, d)| z + part * d).collect();
            let at = Iterate::new(run.problem, z);
            if at.is_finite() && at.value < lowest {
                run.at = at;
                run.barrier = FIRST_BARRIER;
                run.filter.clear();
                run.estimate_multipliers();
                return None;
            }
            part *= 0.5;
        }
    }
    Some(End::Saddle)
}

/// A direction along the equations in which the Lagrangian curves down: by inverse iteration with a shift under which all
/// curves up, so that what curves down most grows most.
fn downward(run: &mut Interior<'_>) -> Option<Vec<f64>> {
    let (variables, size) = (run.at.z.len(), run.at.z.len() + run.at.lambda.len());
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(0);
    let mut start: Vec<f64> = (0..variables).map(|_| random.random_range(-1.0..1.0)).collect();
    start.resize(size, 0.0);
    let mut direction = run.newton.factorise_narrowly(run.barrier, &start)?;
    for _ in 1..ROUNDS {
        direction[variables..].fill(0.0);
        let most = largest(&direction);
        direction.iter_mut().for_each(|d| *d /= most);
        if !run.newton.solve(&mut direction) {
            return None;
        }
    }
    direction.truncate(variables);
    direction.iter().all(|d| d.is_finite()).then_some(direction)
}
