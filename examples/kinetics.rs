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
use uphill_ode::{Integrator, Measured, Method, System, fixed};

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
    let noise = |k: usize| {
        let part = (43_758.545 * (78.233 * (k + 1) as f64).sin()).rem_euclid(1.0);
        OFF * 12.0_f64.sqrt() * (part - 0.5)
    };
    let column = |name: &str, first: usize| -> Result<Vec<f64>, uphill_ode::Error> {
        let exact = truth.column(name)?;
        Ok(exact.iter().enumerate().map(|(k, y)| y + noise(first + k)).collect())
    };
    let table = Columns::new([
        ("hour", hours),
        ("B", column("B", 0)?),
        ("B and C", column("B and C", 16)?),
    ])?;

    // P, to be climbed: the sum of squared errors, with a minus.
    let p = Measured::record(&system, &table, "hour", ["B", "B and C"], |computed, measured| {
        -(computed[0] - measured[0]).square() - (computed[1] - measured[1]).square()
    })?;
    // These reactions are about as fast as each other: not stiff.
    let p = p.method(Method::Tsit45);
    let downhill = Downhill::new(p);
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 5).with_tolerance_grad(1e-7)?;
    let climbed = Executor::new(downhill.clone(), solver)
        .configure(|state| state.param(vec![0.0; 3]).max_iters(60))
        .run()?;
    let best = climbed.state().get_best_param().cloned().ok_or("no step was taken")?;
    println!(
        "P = {:.3e} after {} steps",
        -climbed.state().get_best_cost(),
        climbed.state().get_iter()
    );

    // At the summit: how far the rates may be off, from P's curvature, column by column.
    let p = downhill.objective();
    let (performance, _) = p.with_gradient(&best)?;
    let mut curvature = [[0.0; 3]; 3];
    for (place, column) in curvature.iter_mut().enumerate() {
        let mut direction = [0.0; 3];
        direction[place] = 1.0;
        column.copy_from_slice(&p.hessian_vector(&best, &direction)?);
    }
    let variance = -performance / f64::from(2 * 16 - 3);
    for (place, (name, truth)) in names.iter().zip(TRUE).enumerate() {
        let off = (-2.0 * variance * inverse_at(&curvature, place)).sqrt();
        let rate = best[place].exp();
        println!("{}: {rate:.3} ± {:.3}, true {truth}", &name[3..], rate * off);
    }
    Ok(())
}

/// An entry on the diagonal of the inverse, by minors.
fn inverse_at(m: &[[f64; 3]; 3], place: usize) -> f64 {
    let minor = |row: usize, column: usize| {
        let (a, b) = ((row + 1) % 3, (row + 2) % 3);
        let (c, d) = ((column + 1) % 3, (column + 2) % 3);
        m[a][c] * m[b][d] - m[a][d] * m[b][c]
    };
    minor(place, place) / (0..3).map(|column| m[0][column] * minor(0, column)).sum::<f64>()
}
