//! `particle`: a charge whose path shall meet the origin, by a descent along the slope of where its path ends.
//!
//! The force is the slope of a potential: a graph, derived from the potential's. The path's loop calls it, and the path is
//! derived as a whole, again as a graph, and compiled.

use serde::Deserialize;
use serde_json::json;
use uphill::prelude::*;

use super::{Mode, modes};
use crate::compiled::Compiled;
use crate::descent::argmin;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    w: f64,
}

/// The potential of two charges at a place; the second charge is moved by w.
fn potential<S: Scalar>(place: &[S], w: S) -> S {
    let from = |x: S, y: S| 1.0 / ((place[0] - x).square() + (place[1] - y).square()).sqrt();
    let ten = S::constant(10.0);
    from(ten, 10.0 - w) + from(ten, S::constant(0.0))
}

/// The potential's slopes by place, as a graph: one sweep back, or one forward for each number.
fn slopes(mode: Mode) -> Result<Function, Error> {
    let inputs = Inputs::new().variables("place", 2).parameter("w");
    let potential = Function::record(inputs, |v| potential(&v[..2], v[2]))?;
    Ok(match mode {
        Mode::Reverse => potential.gradient()?,
        Mode::Forward => potential.jvp()?,
    })
}

/// The force at a place, by [`slopes`].
fn force<S: Scalar>(mode: Mode, slopes: &Function, [x, y]: [S; 2], w: S) -> Result<[S; 2], Error> {
    let [zero, one] = [0.0, 1.0].map(S::constant);
    let [x, y] = match mode {
        Mode::Reverse => {
            let slopes = slopes.eval_scalar(&[x, y, w])?;
            [slopes[0], slopes[1]]
        }
        Mode::Forward => [
            slopes.eval_scalar(&[x, y, w, one, zero])?[0],
            slopes.eval_scalar(&[x, y, w, zero, one])?[0],
        ],
    };
    Ok([-x, -y])
}

/// More steps than this no path has.
const LONGEST: usize = 1 << 20;

/// Euler's steps.
const STEP: f64 = 0.1;

/// The square of how far from the origin the path meets the axis, and how high the path is after the last step, which is
/// not above 0 if there were enough steps.
fn path<S: Scalar>(most: usize, force: impl Fn([S; 2]) -> [S; 2]) -> [S; 2] {
    let zero = S::constant(0.0);
    let start = [[0.0, 8.0], [0.75, 0.0]].map(|pair| pair.map(S::constant));
    let moved = |place: [S; 2], by: f64, speed: [S; 2]| {
        [place[0] + by * speed[0], place[1] + by * speed[1]]
    };
    let is_above = |[place, speed]: [[S; 2]; 2]| moved(place, STEP, speed)[1].greater(zero);
    let [place, speed] = loops::repeat_while(most, start, is_above, |[place, speed]| {
        [moved(place, STEP, speed), moved(speed, STEP, force(place))]
    });
    let end = moved(place, STEP, speed);
    let rest = -end[1] / speed[1];
    [(end[0] + rest * speed[0]).square(), end[1]]
}

/// Programs of the end of the path, of so many steps at most, and of its slope.
struct Path {
    value: Compiled,
    slope: Compiled,
}

impl Path {
    fn new(outer: Mode, inner: Mode, most: usize) -> Result<Path, Error> {
        let slopes = slopes(inner)?;
        let function = Function::record_many(["w"], |v| {
            let force =
                |place| force(inner, &slopes, place, v[0]).expect("places have two numbers");
            let [square, height] = path(most, force);
            vec![square.named("P"), height.named("height")]
        })?;
        let slope = function.select(&["P"])?;
        let slope = match outer {
            Mode::Reverse => slope.gradient()?,
            Mode::Forward => slope.jvp()?,
        };
        Ok(Path { value: Compiled::new(&function)?, slope: Compiled::new(&slope)? })
    }
}

struct Particle {
    outer: Mode,
    inner: Mode,
    path: Path,
    most: usize,
    found: f64,
}

impl Particle {
    fn new(function: &str) -> Result<Particle, Error> {
        let (outer, inner) = modes(function)?;
        let most = 512;
        Ok(Particle { outer, inner, path: Path::new(outer, inner, most)?, most, found: f64::NAN })
    }

    /// A path that doesn't end is recorded anew, twice as long.
    fn square(&mut self, w: f64) -> Result<f64, Error> {
        loop {
            self.path.value.run(&[w])?;
            let &[square, height] = self.path.value.outputs.as_slice() else {
                return Ok(f64::NAN);
            };
            if height <= 0.0 {
                return Ok(square);
            }
            if self.most > LONGEST {
                return Err(Error::Input(format!("w = {w}: the path doesn't meet the axis")));
            }
            self.most *= 2;
            self.path = Path::new(self.outer, self.inner, self.most)?;
        }
    }

    fn run(&mut self, w: f64) -> Result<(), Error> {
        let this = std::cell::RefCell::new(self);
        let square = |w: &[f64; 1]| this.borrow_mut().square(w[0]);
        // The descent asks for the value at a place first, so the path is long enough.
        let slope = |w: &[f64; 1]| {
            let this = &mut *this.borrow_mut();
            match this.outer {
                Mode::Reverse => this.path.slope.run(w)?,
                Mode::Forward => this.path.slope.run(&[w[0], 1.0])?,
            }
            Ok([this.path.slope.outputs[0]])
        };
        let [found] = argmin([w], square, slope)?;
        this.into_inner().found = found;
        Ok(())
    }
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { w } = serde_json::from_str(input)?;
    timed(runs(input)?, || Particle::new(function), |p| p.run(w), |p| json!(p.found))
}
