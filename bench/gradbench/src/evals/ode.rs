//! `ode`: a differential equation in which each number drives the next, by the classic method of Runge and Kutta.

use serde::Deserialize;
use serde_json::json;
use uphill::prelude::*;

use crate::compiled::Compiled;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    x: Vec<f64>,
    s: usize,
}

/// Stages, of which each step has four.
fn stages(steps: usize) -> usize {
    4 * steps
}

/// All numbers after so many steps.
///
/// Left of the first number stand ones that don't grow, as many as there are stages, with zeros in `x`: so the first number is
/// driven as all others are, and each stage has one number less on the left than the one before.
fn solve<S: Scalar>(x: &[S], steps: usize) -> Vec<S> {
    let (h, ones) = (2.0 / steps as f64, stages(steps));
    let mut y = [vec![S::constant(1.0); ones], vec![S::constant(0.0); x.len() - ones]].concat();
    for _ in 0..steps {
        let start = y.clone();
        // What a stage looks at, and what the step has come to by then.
        let (mut at, mut sum) = (y.clone(), y);
        for (to_next, share) in [(h / 2.0, h / 6.0), (h / 2.0, h / 3.0), (h, h / 3.0)] {
            let behind = at.len();
            let of = |v: &[S], i: Index<S>| v.at(i + (v.len() - behind));
            let both = loops::map(1..behind, |i| {
                let slope = of(x, i) * at.at(i - 1);
                [of(&start, i) + to_next * slope, of(&sum, i) + share * slope]
            });
            (at, sum) = both.into_iter().map(|[at, sum]| (at, sum)).unzip();
        }
        let behind = at.len();
        let of = |v: &[S], i: Index<S>| v.at(i + (v.len() - behind));
        y = loops::map(1..behind, |i| of(&sum, i) + h / 6.0 * (of(x, i) * at.at(i - 1)));
    }
    y
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { x, s } = serde_json::from_str(input)?;
    let zeros = vec![0.0; stages(s)];
    let (n, all) = (x.len(), [zeros, x].concat());
    let inputs = || Inputs::new().variables("x", all.len());
    let is_primal = function == "primal";
    let prepare = || match function {
        "primal" => Compiled::new(&Function::record_many(inputs(), |x| solve(x, s))?),
        "gradient" => {
            Compiled::new(&Function::record(inputs(), |x| solve(x, s)[n - 1])?.gradient()?)
        }
        _ => Err(Error::Function(function.into(), "primal, gradient")),
    };
    let output = |p: &Compiled| match is_primal {
        true => json!(p.outputs),
        false => json!(p.outputs[stages(s)..]),
    };
    timed(runs(input)?, prepare, |p| p.run(&all), output)
}
