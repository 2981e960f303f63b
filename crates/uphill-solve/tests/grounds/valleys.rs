//! Parameters that the data don't tell apart, summits at infinity, sizes far apart, and fits that are exact.

use uphill_graph::Scalar;

use crate::Due::{Ends, OneOf, Or, Summit, Valley};
use crate::models::{
    aims, line, made, polynomial, rise, saturation, two_decays, wave, with, wobble,
};
use crate::{Ground, INFINITE, LINE, LOST};

/// No summit, whatever it is called.
const NO_SUMMIT: &[&str] = LOST;

pub(crate) fn grounds() -> Vec<Ground> {
    let convex = || made(20, 0.5, 0.5, 0.0, |x| 2.0 * x + 0.02 * x * x);
    let polynomial = Ground { parameters: "a b c d e f g h i", code: polynomial, ..LINE };
    vec![
        Ground {
            name: "a sum of two constants",
            code: |w, _| w[0] + w[1],
            data: || made(10, 0.0, 1.0, 0.3, |_| 3.0),
            starts: &[&[0.0, 0.0], &[5.0, -9.0], &[-59.2, -0.0131]],
            due: Valley(0.385_896_333_736, &["a", "b"]),
            quasi: Some(Valley(0.385_896_333_736, &["a", "b"])),
            ..LINE
        },
        Ground {
            name: "a factor twice",
            parameters: "a b c",
            code: |w, x| w[2] * (w[0] + w[1] * x[0]).exp(),
            data: || made(12, 0.0, 0.5, 0.01, |x| 2.0 * (-0.3 * x).exp()),
            starts: &[&[0.0, -1.0, 1.0], &[2.0, 0.0, 1.0]],
            due: Valley(0.000_511_590_480, &["a", "c"]),
            quasi: Some(Or(0.000_511_590_480, LOST)),
            ..LINE
        },
        Ground {
            name: "a column twice",
            columns: "x z",
            code: |w, x| w[0] * x[0] + w[1] * x[1],
            data: || with(line(10, 0.0, 2.0), "z", |_, x, _| x),
            starts: &[&[0.0, 0.0], &[1.0, -7.0]],
            due: Valley(0.010_553_565_384, &["a", "b"]),
            quasi: Some(Valley(0.010_553_565_384, &["a", "b"])),
            ..LINE
        },
        Ground {
            name: "a column of zeros",
            columns: "z",
            data: || with(line(10, 1.0, 2.0), "z", |_, _, _| 0.0),
            starts: &[&[0.0, 0.0], &[1.0, -7.0]],
            due: Valley(330.495_304_329, &["b"]),
            quasi: Some(Valley(330.495_304_329, &["b"])),
            ..LINE
        },
        Ground {
            name: "a column that two others make",
            parameters: "a b c",
            code: |w, x| w[0] + w[1] * x[0] + w[2] * (2.0 * x[0] + 3.0),
            starts: &[&[0.0, 0.0, 0.0], &[1.0, -7.0, 2.0]],
            due: Valley(0.010_541_446_688, &["a", "b", "c"]),
            quasi: Some(Valley(0.010_541_446_688, &["a", "b", "c"])),
            ..LINE
        },
        Ground {
            name: "the same number in each row",
            data: || with(made(10, 2.0, 0.0, 0.3, |_| 3.0), "x", |_, _, _| 2.0),
            starts: &[&[0.0, 0.0], &[1.0, -7.0]],
            due: Valley(0.385_896_333_736, &["a", "b"]),
            quasi: Some(Valley(0.385_896_333_736, &["a", "b"])),
            ..LINE
        },
        Ground {
            name: "a polynomial of degree 8 nearby",
            data: || made(21, 0.0, 0.2, 0.05, |x| 1.0 + x - 0.5 * x * x + 0.1 * x * x * x),
            starts: &[&[0.0; 9], &[1.0; 9]],
            due: Summit(0.021_006_282_530),
            quasi: Some(Or(0.021_006_282_530, LOST)),
            ..polynomial
        },
        Ground {
            name: "a polynomial of degree 8 far away",
            data: || made(21, 1000.0, 1.0, 0.05, |x| ((x - 1000.0) / 3.0).sin()),
            starts: &[&[0.0; 9]],
            due: Or(0.020_945_899_488, LOST),
            quasi: Some(Or(0.020_945_899_488, LOST)),
            ..polynomial
        },
        Ground {
            name: "a parabola far away",
            parameters: "a b c",
            data: || made(21, 1000.0, 1.0, 0.05, |x| ((x - 1000.0) / 3.0).sin()),
            starts: &[&[0.0; 3], &[1.0; 3]],
            due: Summit(5.631_544_691_789),
            quasi: Some(Or(5.631_544_691_789, LOST)),
            ..polynomial
        },
        Ground {
            name: "two decays for one",
            parameters: "a k b l",
            code: two_decays,
            data: || made(12, 0.0, 0.5, 0.0, |x| 5.0 * (-0.3 * x).exp()),
            starts: &[&[1.0, 0.1, 1.0, 1.0], &[1.0, 0.5, 1.0, 0.5]],
            due: Or(0.0, LOST),
            quasi: Some(Or(0.0, LOST)),
            ..LINE
        },
        Ground {
            name: "saturation that the data know nothing of",
            code: rise,
            data: convex,
            starts: &[&[1.0, 1.0], &[100.0, 1e-3]],
            bounds: &[("a", 0.0, INFINITE), ("b", 0.0, INFINITE)],
            due: Ends(NO_SUMMIT),
            quasi: Some(Ends(NO_SUMMIT)),
            ..LINE
        },
        Ground {
            name: "saturation beyond infinity, where the signs change",
            code: rise,
            data: convex,
            starts: &[&[1.0, 1.0], &[-1.0, -0.1]],
            due: Or(0.000_223_947_639, LOST),
            quasi: Some(Or(0.000_223_947_639, LOST)),
            ..LINE
        },
        Ground {
            name: "Michaelis and Menten on a line",
            parameters: "v k",
            code: saturation,
            data: convex,
            starts: &[&[1.0, 1.0], &[100.0, 100.0]],
            bounds: &[("v", 0.0, INFINITE), ("k", 0.0, INFINITE)],
            due: Ends(NO_SUMMIT),
            quasi: Some(Ends(NO_SUMMIT)),
            ..LINE
        },
        Ground {
            name: "Michaelis and Menten beyond infinity",
            parameters: "v k",
            code: saturation,
            data: convex,
            starts: &[&[1.0, 1.0], &[-100.0, -100.0]],
            due: Or(0.000_507_890_865, LOST),
            quasi: Some(Or(0.000_507_890_865, LOST)),
            ..LINE
        },
        Ground {
            name: "an exponential on a line",
            parameters: "a b c",
            code: |w, x| w[0] + w[1] * (w[2] * x[0]).exp(),
            data: || made(20, 0.0, 0.5, 0.05, |x| 1.0 + 2.0 * x),
            starts: &[&[1.0, 1.0, 0.1], &[1.0, 1.0, -0.1]],
            due: Or(0.024_334_540_208, LOST),
            quasi: Some(Or(0.024_334_540_208, LOST)),
            ..LINE
        },
        Ground {
            name: "an exact line, which saturation nears",
            code: rise,
            data: || made(20, 0.5, 0.5, 0.0, |x| 2.0 * x),
            starts: &[&[1.0, 1.0]],
            due: Or(0.0, NO_SUMMIT),
            quasi: Some(Or(0.0, NO_SUMMIT)),
            ..LINE
        },
        Ground {
            name: "a wave, from many starts",
            parameters: "a b c",
            code: wave,
            data: || made(41, 0.0, 0.25, 0.1, |x| 2.0 * (1.7 * x + 0.4).sin()),
            starts: &[&[1.0, 5.0, 0.0], &[1.0, 1.0, 0.0]],
            bounds: &[("b", 0.0, 10.0)],
            drawn: 20,
            due: Summit(0.232_768_260_869),
            quasi: Some(Summit(0.232_768_260_869)),
            ..LINE
        },
        Ground {
            name: "a wave from one start, whose summits are many",
            parameters: "a b c",
            code: wave,
            data: || made(41, 0.0, 0.25, 0.1, |x| 2.0 * (1.7 * x + 0.4).sin()),
            starts: &[&[1.0, 5.0, 0.0], &[1.0, 3.0, 0.0], &[1.0, 8.0, 1.0]],
            due: OneOf(WAVES),
            quasi: Some(OneOf(WAVES)),
            ..LINE
        },
        Ground {
            name: "two waves",
            parameters: "a b c d e f",
            code: |w, x| w[0] * (w[1] * x[0] + w[2]).sin() + w[3] * (w[4] * x[0] + w[5]).sin(),
            data: || made(30, 0.0, 0.4, 0.05, |x| 2.0 * (1.1 * x).sin() + (2.7 * x + 1.0).sin()),
            starts: &[&[1.0, 1.0, 0.0, 1.0, 2.5, 0.0]],
            due: Summit(0.037_195_141_356),
            quasi: Some(Or(0.037_195_141_356, LOST)),
            ..LINE
        },
        Ground {
            name: "a decay of huge and tiny numbers",
            parameters: "a b",
            code: |w, x| w[0] * (-w[1] * x[0]).exp(),
            data: || made(20, 0.0, 5e10, 1e10, |x| 3e12 * (-2e-12 * x).exp()),
            starts: &[&[1e12, 1e-12], &[1.0, 1e-12]],
            due: Summit(9.775_105_781e20),
            quasi: Some(Summit(9.775_105_781e20)),
            at: &[3.001_834_719e12, 1.998_436_347e-12],
            ..LINE
        },
        Ground {
            name: "a line of tiny numbers over huge ones",
            data: || made(12, 0.0, 1e12, 1e-13, |x| 4e-12 + 3e-24 * x),
            starts: &[&[1e-12, 1e-24], &[0.0, 0.0]],
            due: Summit(5.175_589_145e-26),
            quasi: Some(Or(5.175_589_145e-26, LOST)),
            ..LINE
        },
        Ground {
            name: "an exact decay",
            code: |w, x| w[0] * (-w[1] * x[0]).exp(),
            data: || made(12, 0.0, 0.5, 0.0, |x| 5.0 * (-0.3 * x).exp()),
            starts: &[&[1.0, 1.0], &[5.0, 0.3]],
            due: Summit(0.0),
            quasi: Some(Summit(0.0)),
            at: &[5.0, 0.3],
            ..LINE
        },
        Ground {
            name: "an exact line",
            data: || made(12, 0.0, 0.5, 0.0, |x| 5.0 - 0.25 * x),
            starts: &[&[0.0, 0.0], &[5.0, -0.25]],
            due: Summit(0.0),
            quasi: Some(Summit(0.0)),
            at: &[5.0, -0.25],
            ..LINE
        },
        Ground {
            name: "an exact line through 0",
            data: || made(4, 0.0, 1.0, 0.0, |x| x),
            starts: &[&[0.0, 0.0], &[1.0, 1.0], &[1.0, -3.0]],
            due: Summit(0.0),
            quasi: Some(Summit(0.0)),
            ..LINE
        },
        Ground {
            name: "three factors that are all 0",
            parameters: "a b c",
            code: |w, x| w[0] * w[1] * w[2] * x[0],
            data: || made(4, 1.0, 1.0, 0.0, |x| 2.0 * x),
            starts: &[&[0.0, 0.0, 0.0], &[0.0, 0.0, 1.0]],
            due: Valley(0.0, &["a", "b", "c"]),
            quasi: Some(Valley(0.0, &["a", "b", "c"])),
            ..LINE
        },
        Ground {
            name: "numbers of 1e18 from starts of 1",
            data: || made(5, 1.0, 1.0, 0.0, |x| 4e16 + 1e18 * x),
            starts: &[&[1.0, 1.0], &[0.0, 0.0], &[1e15, 1e15]],
            due: OneOf(&[0.0]),
            quasi: None,
            ..LINE
        },
        Ground {
            name: "nothing but zeros",
            code: |w, x| w[0] * (-w[1] * x[0]).exp(),
            data: || aims(&[0.0; 10]),
            starts: &[&[1.0, 1.0], &[0.0, 1.0]],
            due: Or(0.0, LOST),
            quasi: Some(Or(0.0, LOST)),
            ..LINE
        },
        Ground {
            name: "one row for one parameter",
            parameters: "a",
            code: |w, x| w[0] * x[0],
            data: || line(1, 1.0, 2.0),
            starts: &[&[0.0], &[7.0]],
            due: Summit(0.0),
            quasi: Some(Summit(0.0)),
            ..LINE
        },
        Ground {
            name: "one row for two parameters",
            data: || line(1, 1.0, 2.0),
            starts: &[&[0.0, 0.0], &[7.0, 1.0]],
            due: Valley(0.0, &["a", "b"]),
            quasi: Some(Valley(0.0, &["a", "b"])),
            ..LINE
        },
        Ground {
            name: "as many rows as parameters",
            parameters: "a b c",
            code: |w, x| w[0] + w[1] * x[0] + w[2] * x[0].square(),
            data: || line(3, 1.0, 2.0),
            starts: &[&[0.0, 0.0, 0.0]],
            due: Summit(0.0),
            quasi: Some(Or(0.0, LOST)),
            ..LINE
        },
        Ground {
            name: "an outlier beyond all measure",
            data: || with(line(10, 1.0, 2.0), "y", |row, _, y| if row == 5 { y + 1e12 } else { y }),
            starts: &[&[0.0, 0.0]],
            due: Summit(8.969_696_969_697_571e23),
            quasi: Some(Summit(8.969_696_969_697_571e23)),
            at: &[66_666_666_667.669, 6_060_606_062.607],
            ..LINE
        },
        Ground {
            name: "rows of weight 0 that are nonsense",
            data: || {
                let data = with(line(10, 1.0, 2.0), "w", |row, _, _| f64::from(u8::from(row < 8)));
                with(data, "y", |row, x, y| match row {
                    8 => f64::NAN,
                    9 => 1e300,
                    _ => y + 0.0 * x * wobble(row),
                })
            },
            weights: Some("w"),
            starts: &[&[0.0, 0.0]],
            due: Summit(0.008_938_680_391),
            quasi: Some(Summit(0.008_938_680_391)),
            at: &[1.012_529, 1.998_394],
            ..LINE
        },
        Ground {
            name: "weights",
            data: || with(line(10, 1.0, 2.0), "w", |row, _, _| 1.0 + (row % 3) as f64),
            weights: Some("w"),
            starts: &[&[0.0, 0.0]],
            due: Summit(0.015_729_005_732),
            quasi: Some(Summit(0.015_729_005_732)),
            at: &[0.998_405_3, 2.003_486_5],
            ..LINE
        },
    ]
}

/// By a grid over the frequency, which comes back mirrored at half the sampling rate.
const WAVES: &[f64] = &[
    79.229_432_787,
    0.232_768_260_869,
    79.856_774_450,
    82.483_843_848,
    83.314_709_815,
    83.424_420_069,
    83.451_114_307,
    83.791_549_760,
    83.727_943_574,
    83.841_664_077,
    83.765_684_349,
    83.896_754_974,
    83.804_516_82,
    83.805_372_083,
    83.826_499_885,
    83.853_305_672,
    83.808_255_179,
];
