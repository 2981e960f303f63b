//! `saddle`: the least maximum of a function of two points, by one gradient descent inside of another.
//!
//! The inner descent follows a gradient that is a graph, derived from the function's. The outer one needs the slope of what
//! the inner one finds: the inner descent runs on a tape, or on duals, with that graph evaluated on those.

use serde::Deserialize;
use serde_json::json;
use uphill::engine::tape::Tape;
use uphill::prelude::*;

use super::{Mode, modes};
use crate::descent::argmin;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    start: [f64; 2],
}

fn objective<S: Scalar>(v: &[S]) -> S {
    (v[0] * v[0] + v[1] * v[1]) - (v[2] * v[2] + v[3] * v[3])
}

/// The function's slopes by its second point, as a graph: one sweep back, or one forward for each number.
struct Slopes {
    mode: Mode,
    graph: Function,
}

impl Slopes {
    fn new(mode: Mode) -> Result<Slopes, Error> {
        let inputs = Inputs::new().parameters("first", 2).variables("second", 2);
        let function = Function::record(inputs, |v| objective(v))?;
        let graph = match mode {
            Mode::Forward => function.jvp()?,
            Mode::Reverse => function.gradient()?,
        };
        Ok(Slopes { mode, graph })
    }

    fn at<S: Scalar>(&self, first: &[S; 2], second: &[S; 2]) -> Result<[S; 2], Error> {
        let [zero, one] = [0.0, 1.0].map(S::constant);
        let [a, b] = *first;
        let [c, d] = *second;
        Ok(match self.mode {
            Mode::Reverse => {
                let slopes = self.graph.eval_scalar(&[a, b, c, d])?;
                [slopes[0], slopes[1]]
            }
            Mode::Forward => [
                self.graph.eval_scalar(&[a, b, c, d, one, zero])?[0],
                self.graph.eval_scalar(&[a, b, c, d, zero, one])?[0],
            ],
        })
    }

    /// Where the function is largest with this first point.
    fn argmax<S: Valued>(&self, first: [S; 2], start: [f64; 2]) -> Result<[S; 2], Error> {
        let negative =
            |second: &[S; 2]| Ok(-objective(&[first[0], first[1], second[0], second[1]]));
        let slopes = |second: &[S; 2]| Ok(self.at(&first, second)?.map(|slope| -slope));
        argmin(start.map(S::constant), negative, slopes)
    }

    fn max<S: Valued>(&self, first: [S; 2], start: [f64; 2]) -> Result<S, Error> {
        let [a, b] = self.argmax(first, start)?;
        Ok(objective(&[first[0], first[1], a, b]))
    }
}

struct Saddle {
    outer: Mode,
    slopes: Slopes,
    tape: Tape,
    found: [[f64; 2]; 2],
}

impl Saddle {
    fn run(&mut self, start: [f64; 2]) -> Result<(), Error> {
        let Saddle { outer, slopes, tape, .. } = self;
        let gradient = |first: &[f64; 2]| match outer {
            Mode::Reverse => {
                let mut result = Ok(());
                let (_, gradient) = tape.gradient(first, |first| {
                    let max = slopes.max([first[0], first[1]], start);
                    max.unwrap_or_else(|error| {
                        result = Err(error);
                        Scalar::constant(f64::NAN)
                    })
                })?;
                result.map(|()| [gradient[0], gradient[1]])
            }
            Mode::Forward => {
                let along = |x: f64, y: f64| -> Result<f64, Error> {
                    let first = [Dual::new(first[0], x), Dual::new(first[1], y)];
                    Ok(slopes.max(first, start)?.tangent)
                };
                Ok([along(1.0, 0.0)?, along(0.0, 1.0)?])
            }
        };
        let first = argmin(start, |&first| slopes.max(first, start), gradient)?;
        self.found = [first, self.slopes.argmax(first, start)?];
        Ok(())
    }
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { start } = serde_json::from_str(input)?;
    let prepare = || {
        let (outer, inner) = modes(function)?;
        let (slopes, tape) = (Slopes::new(inner)?, Tape::new());
        Ok(Saddle { outer, slopes, tape, found: [start; 2] })
    };
    timed(runs(input)?, prepare, |p| p.run(start), |p| json!(p.found.as_flattened()))
}
