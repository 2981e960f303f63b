//! `llsq`: how far a polynomial with coefficients x is from the sign of t, at n points between -1 and 1.
//!
//! The term of one point is recorded; points are samples. A point is no data: it is computed from its number, as the other
//! tools do.

use serde::Deserialize;
use serde_json::json;
use uphill::engine::{OverSamples, Samples};
use uphill::prelude::*;

use crate::compiled::CompiledSamples;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    x: Vec<f64>,
    n: usize,
}

/// What the point of number `i` of `n` adds to the objective.
fn term<S: Scalar>(x: &[S], i: S, n: usize) -> S {
    let t = i * (2.0 / (n as f64 - 1.0)) - 1.0;
    let (mut rest, mut power) = (t.sign(), S::constant(1.0));
    for &x in x {
        rest -= x * power;
        power *= t;
    }
    rest * rest / 2.0
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { x, n } = serde_json::from_str(input)?;
    let sum = || {
        let inputs = Inputs::new().variables("x", x.len()).parameter("i");
        let term = Function::record(inputs, |v| term(&v[..x.len()], v[x.len()], n))?;
        Ok::<_, Error>(OverSamples::new(term, ["i"])?.sum())
    };
    let prepare = || match function {
        "primal" => CompiledSamples::new(&sum()?),
        "gradient" => CompiledSamples::new(&sum()?.gradient()?),
        _ => Err(Error::Function(function.into(), "primal, gradient")),
    };
    let numbers: Vec<f64> = (0..n).map(|i| i as f64).collect();
    let samples = Samples::rows(&numbers, 1)?;
    let is_primal = function == "primal";
    let output = |p: &CompiledSamples| match is_primal {
        true => json!(p.outputs[0]),
        false => json!(p.outputs),
    };
    timed(runs(input)?, prepare, |p| p.run(&x, &samples), output)
}
