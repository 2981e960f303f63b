//! `hello`: a number squared, and the slope of that.

use serde_json::json;
use uphill::prelude::*;

use crate::compiled::Compiled;
use crate::error::Error;
use crate::timing::{Runs, Timed, timed};

fn square<S: Scalar>(x: S) -> S {
    x * x
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let x: f64 = serde_json::from_str(input)?;
    let record = || Function::record(["x"], |x| square(x[0]));
    let prepare = || match function {
        "square" => Compiled::new(&record()?),
        "double" => Compiled::new(&record()?.gradient()?),
        _ => Err(Error::Function(function.into(), "square, double")),
    };
    timed(Runs::ONCE, prepare, |p| p.run(&[x]), |p| json!(p.outputs[0]))
}
