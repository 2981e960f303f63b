//! `lse`: the logarithm of a sum of exponentials, by way of the largest x, in single operations.
//!
//! Any number could be taken off all x; the largest keeps exponentials small. So it has no share in the derivative: it is found
//! by a program of its own, and a parameter of the function that is derived.

use serde::Deserialize;
use serde_json::json;
use uphill::prelude::*;

use crate::compiled::Compiled;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    x: Vec<f64>,
}

/// Numbers of which the largest is taken at once.
const TOGETHER: usize = 16;

/// The largest of all: of each few, then of those.
fn largest<S: Scalar>(x: &[S]) -> S {
    let whole = x.len() / TOGETHER;
    if whole < TOGETHER {
        return x[1..].iter().fold(x[0], |largest, &x| largest.max(x));
    }
    let of_each = loops::map(0..whole, |i| {
        let few = (1..TOGETHER).map(|k| x.at(i + k * whole));
        few.fold(x.at(i), S::max)
    });
    let rest = &x[whole * TOGETHER..];
    rest.iter().fold(largest(&of_each), |largest, &x| largest.max(x))
}

fn log_sum_exp<S: Scalar>(x: &[S], largest: S) -> S {
    let sum = loops::sum(0..x.len(), |i| (x.at(i) - largest).exp());
    sum.ln() + largest
}

/// What finds the largest, and then the function or its gradient.
struct Programs {
    largest: Compiled,
    rest: Compiled,
    inputs: Vec<f64>,
}

impl Programs {
    fn new(function: &str, n: usize) -> Result<Programs, Error> {
        let inputs = || Inputs::new().variables("x", n);
        let largest = Compiled::new(&Function::record(inputs(), |x| largest(x))?)?;
        let rest =
            Function::record(inputs().parameter("largest"), |all| log_sum_exp(&all[..n], all[n]))?;
        let rest = match function {
            "primal" => rest,
            "gradient" => rest.gradient()?,
            _ => return Err(Error::Function(function.into(), "primal, gradient")),
        };
        Ok(Programs { largest, rest: Compiled::new(&rest)?, inputs: vec![0.0; n + 1] })
    }

    fn run(&mut self, x: &[f64]) -> Result<(), Error> {
        self.largest.run(x)?;
        self.inputs[..x.len()].copy_from_slice(x);
        self.inputs[x.len()] = self.largest.outputs[0];
        self.rest.run(&self.inputs)
    }
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { x } = serde_json::from_str(input)?;
    if x.is_empty() {
        return Err(Error::Input("x: expected at least one number".into()));
    }
    let is_primal = function == "primal";
    let output = |p: &Programs| match is_primal {
        true => json!(p.rest.outputs[0]),
        false => json!(p.rest.outputs),
    };
    timed(runs(input)?, || Programs::new(function, x.len()), |p| p.run(&x), output)
}
