//! Performances of one's own, Huber's, and those that have no summit.

use uphill_graph::{Function, Scalar, Var};
use uphill_solve::Performance;

use crate::Due::{Ends, Fails, Or, Summit, Valley};
use crate::models::{aims, gauss, line, low_pass, made, two_sides, with, wobble};
use crate::{Ground, INFINITE, LINE, LOST};

/// Of counts whose mean's logarithm is computed.
fn poisson() -> Function {
    two_sides(|desired, computed| desired * computed - computed.exp())
}

/// Of 0 or 1, whose odds' logarithm is computed.
fn bernoulli() -> Function {
    two_sides(|desired, computed| desired * computed - computed.softplus())
}

fn normal() -> Function {
    Function::record(["desired", "computed", "s"], |v| {
        -v[2].ln() - (v[0] - v[1]).square() / (2.0 * v[2].square())
    })
    .unwrap()
}

fn absolute() -> Function {
    two_sides(|desired, computed| -(desired - computed).abs())
}

pub(crate) fn grounds() -> Vec<Ground> {
    let constant = Ground { parameters: "a", code: |w, _| w[0], ..LINE };
    let odds = || aims(&[0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
    vec![
        Ground {
            name: "Poisson's likelihood of one mean",
            term: Some(poisson),
            data: || aims(&[3.0, 6.0, 2.0, 5.0, 1.0, 4.0, 7.0, 3.0, 6.0, 2.0, 5.0]),
            starts: &[&[0.0], &[-30.0], &[10.0], &[100.0]],
            due: Summit(16.996_951_889_275),
            at: &[1.386_294_361_12],
            ..constant
        },
        Ground {
            name: "Poisson's likelihood of a trend",
            term: Some(poisson),
            data: || {
                let counts = [2.0, 1.0, 2.0, 1.0, 1.0, 4.0, 2.0, 5.0, 6.0, 6.0, 6.0, 9.0];
                with(aims(&counts), "x", |row, _, _| 0.25 * row as f64)
            },
            starts: &[&[0.0, 0.0], &[-30.0, 0.0], &[5.0, -20.0]],
            due: Summit(22.767_725_577_985),
            at: &[0.096_751_7, 0.746_045_9],
            ..LINE
        },
        Ground {
            name: "the median of an odd number",
            term: Some(absolute),
            data: || made(11, 0.0, 1.0, 3.0, |_| 10.0),
            starts: &[&[0.0], &[10.8], &[1e6]],
            due: Summit(-20.412_410_601_112),
            at: &[10.815_107_8],
            ..constant
        },
        Ground {
            name: "the median of an even number",
            term: Some(absolute),
            data: || made(10, 0.0, 1.0, 3.0, |_| 10.0),
            starts: &[&[0.0], &[11.0], &[1e6]],
            due: Or(-17.192_413_422_616, LOST),
            ..constant
        },
        Ground {
            name: "0 and 1, which a threshold tells apart",
            term: Some(bernoulli),
            data: || aims(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
            starts: &[&[0.0, 0.0], &[-10.0, 2.0], &[5.0, -1.0]],
            due: Ends(LOST),
            ..LINE
        },
        Ground {
            name: "0 and 1, mixed",
            term: Some(bernoulli),
            data: odds,
            starts: &[&[0.0, 0.0], &[-100.0, 20.0], &[50.0, -10.0]],
            due: Summit(-6.450_699_149_463),
            at: &[-2.085_399_1, 0.379_163_5],
            ..LINE
        },
        Ground {
            name: "nothing but 1",
            term: Some(bernoulli),
            data: || aims(&[1.0; 6]),
            starts: &[&[0.0], &[30.0], &[-30.0]],
            due: Ends(LOST),
            ..constant
        },
        Ground {
            name: "normal errors whose deviation is sought",
            parameters: "a",
            term: Some(normal),
            data: || made(10, 0.0, 1.0, 3.0, |_| 10.0),
            starts: &[&[0.0, 1.0], &[0.0, 1e3], &[10.0, 1e-3]],
            due: Summit(-11.751_992_909_783),
            at: &[10.627_271_4, 1.964_424_4],
            ..constant
        },
        Ground {
            name: "normal errors whose deviation may be 0",
            term: Some(normal),
            data: || made(10, 0.0, 1.0, 0.0, |_| 10.0),
            starts: &[&[0.0, 1.0]],
            due: Ends(LOST),
            ..constant
        },
        Ground {
            name: "an outlier, by Cauchy's likelihood",
            term: Some(|| two_sides(|d, c| -(1.0 + (d - c).square()).ln())),
            data: || with(line(10, 1.0, 2.0), "y", |row, _, y| if row == 5 { y + 1e3 } else { y }),
            starts: &[&[0.0, 0.0], &[1.0, 2.0]],
            due: Or(-13.825_100_513_363, LOST),
            ..LINE
        },
        Ground {
            name: "a performance that rises for ever",
            term: Some(|| two_sides(|desired, computed| computed - desired)),
            starts: &[&[0.0, 0.0]],
            due: Fails("without bound"),
            ..LINE
        },
        Ground {
            name: "a loss",
            term: Some(|| two_sides(|desired, computed| (computed - desired).square())),
            starts: &[&[0.0, 0.0]],
            due: Fails("without bound"),
            ..LINE
        },
        Ground {
            name: "an outlier, by Huber's function",
            performance: Performance::Huber(1.0),
            data: || made(12, 0.0, 1.0, 0.5, |x| 2.0 + 0.5 * x + if x == 4.0 { 1e6 } else { 0.0 }),
            starts: &[&[0.0, 0.0], &[1e3, 1e3]],
            due: Summit(999_999.609_750_098),
            quasi: Some(Summit(999_999.609_750_098)),
            at: &[2.321_043_3, 0.475_528_6],
            ..LINE
        },
        Ground {
            name: "a peak whose width has two signs",
            parameters: "a m s",
            code: |w, x| w[0] * (-(x[0] - w[1]).square() / w[2].square()).exp(),
            data: || made(31, -3.0, 0.2, 0.02, |x| 3.0 * (-(x - 0.4).powi(2) / 0.36).exp()),
            starts: &[&[1.0, 0.0, 1.0], &[10.0, 0.9, 3.0], &[2.0, 0.3, 2.0]],
            due: Summit(0.006_613_915_800),
            quasi: Some(Or(0.006_613_915_800, LOST)),
            at: &[3.003_286_7, 0.400_297_6, 0.601_628_5],
            ..LINE
        },
        Ground {
            name: "a low pass from a capacity of nearly nothing",
            parameters: "R C",
            code: |w, x| {
                let turned = Var::constant(std::f64::consts::TAU) * x[0] * w[0] * w[1];
                w[0] / (1.0 + turned.square()).sqrt()
            },
            data: || {
                let rows = made(21, 0.0, 0.2, 0.0, |_| 0.0);
                let rows = with(rows, "x", |_, x, _| 10.0 * 10.0_f64.powf(x));
                with(rows, "y", |row, x, _| {
                    let turned = std::f64::consts::TAU * x * 2e4 * 5e-9;
                    2e4 / (1.0 + turned * turned).sqrt() * (1.0 + 0.01 * wobble(row))
                })
            },
            bounds: &[("C", 0.0, INFINITE)],
            starts: &[&[5e4, 1e-8], &[5e4, 1e-6], &[5e4, 1e-11], &[5e4, 0.0], &[1.0, 1.0]],
            due: Summit(207_110.998_694),
            quasi: Some(Or(207_110.998_694, LOST)),
            ..LINE
        },
        Ground {
            name: "the same low pass without bounds",
            parameters: "R C",
            code: low_pass,
            data: || made(40, 1.0, 1.0, 0.2, |x| 50.0 / (1.0 + (0.08 * x).powi(2)).sqrt()),
            starts: &[&[10.0, 0.0], &[10.0, 1e-3], &[10.0, 50.0]],
            due: Summit(0.885_175_967_641),
            quasi: Some(Or(0.885_175_967_641, LOST)),
            ..LINE
        },
        Ground {
            name: "a peak that is sought by its logarithm, of rows of 0",
            parameters: "a m s",
            code: gauss,
            data: || aims(&[0.0; 12]),
            starts: &[&[1.0, 5.0, 2.0]],
            due: Or(0.0, LOST),
            ..LINE
        },
        Ground {
            name: "a term that looks at nothing that moves",
            term: Some(|| two_sides(|desired, computed| -desired.square() + 0.0 * computed)),
            data: || aims(&[1.0, 2.0, 3.0]),
            starts: &[&[1.0, 1.0]],
            due: Valley(-14.0, &["a", "b"]),
            ..LINE
        },
    ]
}
