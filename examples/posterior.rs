//! All that a table says of a model's parameters: draws from their posterior, beside the standard errors of the fit.
//!
//! The decay of a substance on a background that can't be negative. The standard error of the background reaches below 0; its
//! posterior doesn't.
//!
//! Run: `cargo run --release --example posterior`
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill::prelude::*;
use uphill::solve::{Columns, Error, Fit, Model, Sampling};

fn main() -> Result<(), Error> {
    let model = Model::record(["amount", "rate", "background"], ["t"], "y", |w, x| {
        w[0] * (-w[1] * x[0]).exp() + w[2]
    })?;
    let table = Columns::new([
        ("t", vec![0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0]),
        ("y", vec![9.7, 7.6, 6.3, 4.7, 3.9, 2.1, 1.5, 0.6, 0.1]),
        ("sigma", vec![0.3; 9]),
    ])?;
    let fit = Fit::new(&model, &table)
        .start([5.0, 1.0, 0.1])
        .bounds("background", 0.0, f64::INFINITY)
        .sigma("sigma");
    println!("{}\n", fit.run()?);

    let posterior = Sampling::new(fit).seed(1).run()?;
    println!("{posterior}");
    let (low, high) = posterior.interval("background", 0.9)?;
    println!("background between {low:.3} and {high:.2}, with a probability of 90 %");
    let draws = posterior.draws("rate")?;
    let fast = draws.iter().filter(|rate| **rate > 0.5).count();
    println!("rate above 0.5 with a probability of {:.2}", fast as f64 / draws.len() as f64);
    Ok(())
}
