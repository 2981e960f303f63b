//! A model in scalar code, fitted to columns: the numbers, how far to trust them, and what they predict.
//!
//! Run: `cargo run --release --example fit`
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill::prelude::*;
use uphill::solve::{Columns, Error, Fit, Model};

fn main() -> Result<(), Error> {
    // How much of a substance is used up after x days: BoxBOD of NIST's Statistical Reference Datasets.
    let model =
        Model::record(["b1", "b2"], ["x"], "y", |b, x| b[0] * (1.0 - (-b[1] * x[0]).exp()))?;
    let table = Columns::new([
        ("x", vec![1.0, 2.0, 3.0, 5.0, 7.0, 10.0]),
        ("y", vec![109.0, 149.0, 149.0, 191.0, 213.0, 224.0]),
    ])?;
    let fit = Fit::new(&model, &table).start([1.0, 1.0]).run()?;
    println!("{fit}");
    for name in model.parameters() {
        if let Some((low, high)) = fit.interval(name, 0.95)? {
            println!("{name} lies between {low:.4} and {high:.4}, with 95 % confidence");
        }
    }
    let later = Columns::new([("x", vec![4.0, 20.0])])?;
    for (x, there) in [4.0, 20.0].iter().zip(fit.predict(&later, 0.95)?) {
        if let Some((low, high)) = there.band {
            println!("after {x} days {:.1}, between {low:.1} and {high:.1}", there.value);
        }
    }
    Ok(())
}
