//! The method: a primal-dual interior-point method with a filter (Wächter & Biegler, *On the implementation of an
//! interior-point filter line-search algorithm for large-scale nonlinear programming*, 2006).
//!
//! Bounds become barriers of height μ, which falls. For each μ, Newton steps go for the point where the slope is 0 and the
//! equations hold, and are shortened until the filter accepts them; where no step is accepted, [restoration](super::restoration)
//! looks for a point where equations hold better, by this method, which it is handed.

use super::interior::{End, Interior};
use super::iterate::largest;
use super::{restoration, saddle};

/// Beyond this a variable has no end; it is asked for of those that are far out.
const ENDLESS: f64 = 1e20;
const FAR: f64 = 1e8;
/// So many saddles may be left before the search ends on one.
const MOST_SADDLES: u32 = 20;

/// Goes on until it ends, or until the problem says that it's enough.
pub(crate) fn minimise(run: &mut Interior<'_>) -> End {
    let least_barrier = run.settings.tolerance / 100.0;
    let first = run.iterations;
    loop {
        let error = run.at.error(run.problem, 0.0);
        let worst = largest(&run.at.c);
        (run.settings.progress)(run.iterations, run.at.value, worst, error);
        if (run.settings.stop)() {
            return End::Interrupted;
        }
        if run.iterations > first && run.problem.is_enough(&run.at.z) {
            return End::Enough;
        }
        if error <= run.settings.tolerance {
            // Slopes vanish on a saddle, too.
            run.saddles += 1;
            match saddle::leave(run) {
                None if run.saddles < MOST_SADDLES => {}
                None => return End::Saddle,
                Some(end) => return end,
            }
        }
        if run.iterations >= run.settings.most_iterations {
            return End::MostIterations;
        }
        if let Some(endless) = endless(run) {
            return End::Unbounded(endless);
        }
        while run.barrier > least_barrier
            && (run.at.error(run.problem, run.barrier) <= 10.0 * run.barrier || run.tiny_steps > 1)
        {
            run.barrier = (0.2 * run.barrier).min(run.barrier.powf(1.5)).max(least_barrier);
            run.filter.clear();
            run.tiny_steps = 0;
        }
        if run.tiny_steps > 3 {
            return End::Stalled;
        }
        run.iterations += 1;
        run.problem.hessian(&run.at.z, 1.0, &run.at.lambda, &mut run.hessian);
        if run.hessian.iter().any(|entry| !entry.is_finite()) {
            return End::NotFinite;
        }
        let stepped = run.step().is_some_and(|step| run.search(&step));
        if !stepped {
            match restoration::restore(run, minimise) {
                None => {}
                Some(end) => return end,
            }
        }
    }
}

/// A variable that grows without end: one that is far out, where the last step leads on as far as numbers go, lowers f all
/// the way, and violates the equations no more than rounding does.
fn endless(run: &mut Interior<'_>) -> Option<usize> {
    let farthest =
        (0..run.at.z.len()).max_by(|&a, &b| run.at.z[a].abs().total_cmp(&run.at.z[b].abs()))?;
    let far = run.at.z[farthest].abs();
    if far < FAR {
        return None;
    }
    let moved = (run.at.z[farthest] - run.before.z[farthest]).abs();
    let (part, fell) = (ENDLESS / moved, run.before.value - run.at.value);
    if far > ENDLESS || !part.is_finite() || fell <= 0.0 {
        return (far > ENDLESS).then_some(farthest);
    }
    let step: Vec<f64> =
        run.at.z.iter().zip(&run.before.z).map(|(now, before)| now - before).collect();
    let trial = run.trial(&step, part);
    let falls_on = trial.value < run.at.value - 0.1 * part * fell;
    (falls_on && trial.violation <= 1e-8 * ENDLESS).then_some(farthest)
}
