//! A performance function of your own, in plain Rust: fit a damped oscillation by climbing uphill.
//! Shows the value, the gradient, the Hessian and the trace of code that knows nothing of derivatives.
//! Run: `cargo run --release --example custom_performance`
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill::prelude::*;

/// Times and measured heights.
const DATA: [(f64, f64); 6] =
    [(0.0, 1.02), (0.5, 0.55), (1.0, -0.19), (1.5, -0.56), (2.0, -0.41), (2.5, 0.03)];

/// The model: height at time `t` for a decay and a frequency.
fn height<S: Scalar>(decay: S, frequency: S, t: f64) -> S {
    (-decay * t).exp() * (frequency * t).cos()
}

/// Robust: beyond 0.1, an error counts by its size and not by its square (Huber 1964).
fn huber<S: Scalar>(error: S) -> S {
    let size = error.abs();
    S::select(size.less(S::constant(0.1)), 0.5 * error.square(), 0.1 * size - 0.005)
}

/// The performance of the two weights: minus the sum of all errors, 0 at best.
fn performance<S: Scalar>(w: &[S]) -> S {
    -DATA.iter().map(|&(t, measured)| huber(height(w[0], w[1], t) - measured)).sum::<S>()
}

fn main() -> Result<(), uphill::Error> {
    let p = Function::record(["decay", "frequency"], |w| performance(w))?;
    let step = p.with_gradient()?;
    println!("{}\n{}\n", p.summary(), step.summary());

    let rate = 0.5;
    let mut w = vec![0.2, 1.5];
    for change in 0..=200 {
        let result = step.eval_finite(&w)?;
        if change % 40 == 0 {
            println!(
                "change {change:3}: P = {:.6}, decay = {:.4}, frequency = {:.4}",
                result[0], w[0], w[1]
            );
        }
        for (weight, slope) in w.iter_mut().zip(&result[1..]) {
            *weight += rate * slope;
        }
    }

    let hessian = p.hessian()?.eval(&w)?;
    println!(
        "\nHessian at the top: {:.4} {:.4} / {:.4} {:.4}",
        hessian[0], hessian[1], hessian[2], hessian[3]
    );
    println!("(negative diagonal: downhill on every side)");
    // The same code on plain numbers.
    println!("plain f64: P = {:.6}", performance(&w));
    Ok(())
}
