//! `llsq`: how far a polynomial with coefficients x is from the sign of t, at n points between -1 and 1.
//!
//! The points are no data: a loop's turn computes its own from its counter, as the other tools do.

use serde::Deserialize;
use serde_json::json;
use uphill::prelude::*;

use crate::compiled::Compiled;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    x: Vec<f64>,
    n: usize,
}

fn objective<S: Scalar>(x: &[S], n: usize) -> S {
    let spacing = 2.0 / (n as f64 - 1.0);
    let squares = loops::sum(0..n, |i| {
        let t: S = i.value() * spacing - 1.0;
        let (mut rest, mut power) = (t.sign(), S::constant(1.0));
        for &x in x {
            rest -= x * power;
            power *= t;
        }
        rest * rest
    });
    squares / 2.0
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { x, n } = serde_json::from_str(input)?;
    let record = || {
        let inputs = Inputs::new().variables("x", x.len());
        Function::record(inputs, |x| objective(x, n))
    };
    let prepare = || match function {
        "primal" => Compiled::new(&record()?),
        "gradient" => Compiled::new(&record()?.gradient()?),
        _ => Err(Error::Function(function.into(), "primal, gradient")),
    };
    let is_primal = function == "primal";
    let output = |p: &Compiled| if is_primal { json!(p.outputs[0]) } else { json!(p.outputs) };
    timed(runs(input)?, prepare, |p| p.run(&x), output)
}
