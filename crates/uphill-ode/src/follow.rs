//! From the start to the last time: what a solver of `diffsol` is asked for, whichever it is.

use diffsol::{
    Checkpointing, CheckpointingPath, DefaultDenseMatrix, DenseMatrix, FaerSparseLU, FaerSparseMat,
    FaerVec, HermiteInterpolator, NonLinearOp, OdeEquations, OdeSolverMethod, OdeSolverProblem,
    OdeSolverState, OdeSolverStopReason, Op, SensitivitiesOdeSolverMethod, Vector,
};

use crate::equations::Equations;
use crate::error::Error;

/// Sparse for all sizes: a few states cost little more than in a dense matrix, and many would not fit into one.
pub(crate) type Sparse = FaerSparseMat<f64>;
pub(crate) type Lu = FaerSparseLU<f64>;
pub(crate) type States = FaerVec<f64>;
pub(crate) type Dense = <States as DefaultDenseMatrix>::M;
pub(crate) type Problem = OdeSolverProblem<Equations<Sparse>>;

pub(crate) type Followed<T> = Result<(T, OdeSolverStopReason<f64>, usize), diffsol::DiffsolError>;

pub(crate) fn followed<'p>(
    mut solver: impl OdeSolverMethod<'p, Equations<Sparse>>,
    times: &[f64],
) -> Followed<Dense> {
    let (values, reason) = solver.solve_dense(times)?;
    Ok((values, reason, solver.get_statistics().number_of_steps))
}

pub(crate) fn sensed<'p>(
    mut solver: impl SensitivitiesOdeSolverMethod<'p, Equations<Sparse>>,
    times: &[f64],
) -> Followed<(Dense, Vec<Dense>)> {
    let (values, slopes, reason) = solver.solve_dense_sensitivities(times)?;
    Ok(((values, slopes), reason, solver.get_statistics().number_of_steps))
}

pub(crate) type Kept<S> =
    (CheckpointingPath<Equations<Sparse>, S>, Dense, OdeSolverStopReason<f64>, usize);

/// Follows a solution to the last time or an event, and keeps it in so many pieces a step.
pub(crate) fn kept<'p, S: OdeSolverMethod<'p, Equations<Sparse>>>(
    solver: &mut S,
    times: &[f64],
    pieces: usize,
) -> Result<Kept<S::State>, diffsol::DiffsolError> {
    let equations = &solver.problem().eqn;
    let (context, outputs) = (*equations.context(), equations.nout());
    let begin = solver.state_clone();
    let (mut ts, mut ys, mut slopes) = (Vec::new(), Vec::new(), Vec::new());
    let mut keep = |t: f64, y: States, slope: States| {
        ts.push(t);
        ys.push(y);
        slopes.push(slope);
    };
    keep(begin.as_ref().t, begin.as_ref().y.clone(), begin.as_ref().dy.clone());
    if let Some(last) = times.last() {
        solver.set_stop_time(*last)?;
    }
    let mut values = Vec::with_capacity(times.len() * outputs);
    let (mut reached, mut looked_at) = (begin.as_ref().t, 0);
    let reason = loop {
        let reason = solver.step()?;
        let now = solver.state().t;
        for piece in 1..=pieces {
            let part = piece as f64 / pieces as f64;
            let t = if piece == pieces { now } else { reached + (now - reached) * part };
            // What the state says of its slope may be a difference over the step.
            keep(t, solver.interpolate(t)?, solver.interpolate_dy(t)?);
        }
        reached = now;
        let end = if let OdeSolverStopReason::RootFound(time, _) = reason { time } else { now };
        while let Some(&time) = times.get(looked_at).filter(|time| **time <= end) {
            let y = solver.interpolate(time)?;
            let seen = equations.out().map(|out| out.call(&y, time));
            values.extend(seen.unwrap_or(y).clone_as_vec());
            looked_at += 1;
        }
        if reason != OdeSolverStopReason::InternalTimestep {
            break reason;
        }
    };
    let segment = Some(HermiteInterpolator::new(ys, slopes, ts));
    let states = vec![begin, solver.state_clone()];
    let path = vec![Checkpointing::new::<S>(None, 0, states, segment)];
    let steps = solver.get_statistics().number_of_steps;
    Ok((path, Dense::from_vec(outputs, looked_at, values, context), reason, steps))
}

/// Checks that times can be gone through from the begin on.
pub(crate) fn check_times(begin: f64, times: &[f64]) -> Result<(), Error> {
    if !begin.is_finite() {
        return Err(Error::invalid(format!("the begin: expected a finite time, got {begin}")));
    }
    let Some(last) = times.last() else {
        return Err(Error::invalid("a solution is looked at at some times; none are given"));
    };
    if let Some(time) = times.iter().find(|time| !time.is_finite()) {
        return Err(Error::invalid(format!("a time is {time}: expected finite numbers")));
    }
    if let Some(pair) = times.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(Error::invalid(format!(
            "times have to ascend, but {} comes after {}",
            pair[1], pair[0]
        )));
    }
    if times[0] < begin || *last <= begin {
        return Err(Error::invalid(format!(
            "times from {} to {last}: expected none before the begin, which is {}, and the last one behind it",
            times[0], begin
        )));
    }
    Ok(())
}
