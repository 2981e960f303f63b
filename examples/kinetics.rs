//! Rates of reactions, fitted to a table of concentrations: the performance runs through a solver of differential equations,
//! and its gradient by adjoints, backward in time.
//!
//! A ⇌ B → C, where B is measured together with C. The gradient costs about three solutions, whatever the number of parameters.
//! Products with the Hessian go the same way, so that the curvature at the summit tells how far the rates may be off.
//!
//! Run: `cargo run --release --example kinetics`
#![allow(clippy::print_stdout)] // an example speaks to people

use argmin::core::{Executor, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use uphill::prelude::*;
use uphill::solve::{Columns, Downhill, Objective};
use uphill_ode::{Integrator, Measured, System, fixed};

/// How fast A becomes B, B becomes A, B becomes C, an hour.
const TRUE: [f64; 3] = [0.9, 0.2, 0.35];
/// The standard deviation of a measurement.
const OFF: f64 = 0.01;

/// Rates are given by their logarithms, so that no step of a climb makes one negative.
fn rates<S: Scalar>(y: &[S], logs: &[S]) -> Vec<S> {
    let [forth, back, on] = [logs[0].exp() * y[0], logs[1].exp() * y[1], logs[2].exp() * y[1]];
    vec![back - forth, forth - back - on, on]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let names = ["ln forth", "ln back", "ln on"];
    let system =
        System::record(["A", "B", "C"], names, |_t, y, p| rates(y, p), fixed([1.0, 0.0, 0.0]))?
            .outputs(["B", "B and C"], |_t, y, _p| vec![y[1], y[1] + y[2]])?;

    // What would be measured: the true solution, and errors that a formula makes up.
    let hours: Vec<f64> = (1..=16).map(|k| 0.5 * f64::from(k)).collect();
    let truth = Integrator::new(&system)?.states(&TRUE.map(f64::ln), &hours)?;
    let noise = |k: usize| OFF * std::f64::consts::SQRT_2 * (12.9898 * (k + 1) as f64).sin();
    let column = |name: &str, first: usize| -> Result<Vec<f64>, uphill_ode::Error> {
        let exact = truth.column(name)?;
        Ok(exact.iter().enumerate().map(|(k, y)| y + noise(first + k)).collect())
    };
    let table =
        Columns::new([("hour", hours), ("B", column("B", 0)?), ("B and C", column("B and C", 16)?)])?;

    // P: the logarithm of the likelihood of normal errors, but for a constant.
    let p = Measured::record(&system, &table, "hour", ["B", "B and C"], |computed, measured| {
        let off = |k: usize| (computed[k] - measured[k]) / OFF;
        -0.5 * (off(0).square() + off(1).square())
    })?;
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 5);
    let climbed = Executor::new(Downhill::new(p), solver)
        .configure(|state| state.param(vec![0.0; 3]).max_iters(60))
        .run()?;
    let best = climbed.state().get_best_param().cloned().ok_or("no step was taken")?;
    println!("P = {:.3} after {} steps", -climbed.state().get_best_cost(), climbed.state().get_iter());

    // At the summit: its slope, and its curvature, column by column.
    let p = climbed.problem().problem.as_ref().ok_or("the problem is gone")?.objective();
    let (_, slopes) = p.with_gradient(&best)?;
    println!("steepest slope {:.0e}", slopes.iter().fold(0.0_f64, |most, s| most.max(s.abs())).max(1e-3));
    for (place, (name, truth)) in names.iter().zip(TRUE).enumerate() {
        let mut direction = [0.0; 3];
        direction[place] = 1.0;
        // How far off a rate is if the others are right.
        let curvature = -p.hessian_vector(&best, &direction)?[place];
        let rate = best[place].exp();
        println!(
            "{}: {rate:.3} ± {:.3}, true {truth}",
            &name[3..],
            rate / curvature.sqrt()
        );
    }
    Ok(())
}
