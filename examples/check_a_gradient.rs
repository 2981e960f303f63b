//! The check crate alone: a gradient written by hand is compared with differences of its function, and the report tells
//! what to look at. Nothing else of uphill is needed. Run: `cargo run --release --example check_a_gradient`

#![allow(clippy::print_stdout)] // an example speaks to people

/// The potential of two charges.
fn potential(x: &[f64]) -> f64 {
    1.0 / x[0].hypot(x[1]) + 1.0 / (x[0] - 1.0).hypot(x[1])
}

/// Its gradient, by hand.
fn by_hand(x: &[f64]) -> Vec<f64> {
    let (r, s) = (x[0].hypot(x[1]), (x[0] - 1.0).hypot(x[1]));
    vec![-x[0] / r.powi(3) - (x[0] - 1.0) / s.powi(3), -x[1] / r.powi(3) - x[1] / s.powi(3)]
}

/// A slip: the second charge was forgotten in one component.
fn with_a_slip(x: &[f64]) -> Vec<f64> {
    let mut gradient = by_hand(x);
    gradient[1] = -x[1] / x[0].hypot(x[1]).powi(3);
    gradient
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let x = [0.3, 0.8];
    let check = || uphill_check::gradient(&potential).inputs(["x", "y"]).at(&x);
    println!("{}", check().computed(by_hand).report()?);
    println!("{}", check().computed(with_a_slip).report()?);
    Ok(())
}
