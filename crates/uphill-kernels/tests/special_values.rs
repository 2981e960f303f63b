//! The values that mathematics or IEEE 754 fixes: zeros with their signs, infinities, NaN, poles
//! and ends.

use std::f64::consts::{FRAC_2_SQRT_PI, FRAC_PI_2, LN_2, PI};
use uphill_kernels as k;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;
const TINY: f64 = 5e-324;

type Function = fn(f64) -> f64;
/// A name, the function, and what is due where.
type Row = (&'static str, Function, &'static [(f64, f64)]);
type RowOfTwo = (&'static str, fn(f64, f64) -> f64, &'static [(f64, f64, f64)]);

/// Equal in every bit, or both NaN.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

#[test]
fn special_values_of_one_argument() {
    let table: &[Row] = &[
        (
            "exp",
            k::exp,
            &[
                (0.0, 1.0),
                (-0.0, 1.0),
                (INF, INF),
                (-INF, 0.0),
                (710.0, INF),
                (-746.0, 0.0),
                (-745.13, TINY),
                (1e300, INF),
                (-1e300, 0.0),
            ],
        ),
        (
            "exp2",
            k::exp2,
            &[
                (0.0, 1.0),
                (-0.0, 1.0),
                (INF, INF),
                (-INF, 0.0),
                (1024.0, INF),
                (1023.0, 8.98846567431158e307),
                (-1074.0, TINY),
                (-1076.0, 0.0),
                (3.0, 8.0),
                (-1e300, 0.0),
            ],
        ),
        (
            "expm1",
            k::expm1,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (INF, INF),
                (-INF, -1.0),
                (TINY, TINY),
                (-TINY, -TINY),
                (-100.0, -1.0),
                (710.0, INF),
                (1e-30, 1e-30),
            ],
        ),
        (
            "sigmoid",
            k::sigmoid,
            &[
                (0.0, 0.5),
                (-0.0, 0.5),
                (INF, 1.0),
                (-INF, 0.0),
                (40.0, 1.0),
                (1e300, 1.0),
                (-744.5, TINY),
                (-746.0, 0.0),
                (-1e300, 0.0),
            ],
        ),
        (
            "softplus",
            k::softplus,
            &[
                (0.0, LN_2),
                (-0.0, LN_2),
                (INF, INF),
                (-INF, 0.0),
                (50.0, 50.0),
                (1e300, 1e300),
                (-744.5, TINY),
                (-1e300, 0.0),
            ],
        ),
        (
            "ln",
            k::ln,
            &[
                (1.0, 0.0),
                (0.0, -INF),
                (-0.0, -INF),
                (INF, INF),
                (-1.0, NAN),
                (-INF, NAN),
                (-TINY, NAN),
                (2.0, LN_2),
            ],
        ),
        (
            "log2",
            k::log2,
            &[
                (1.0, 0.0),
                (0.0, -INF),
                (-0.0, -INF),
                (INF, INF),
                (-1.0, NAN),
                (-INF, NAN),
                (TINY, -1074.0),
                (8.0, 3.0),
                (0.125, -3.0),
            ],
        ),
        (
            "log10",
            k::log10,
            &[
                (1.0, 0.0),
                (0.0, -INF),
                (-0.0, -INF),
                (INF, INF),
                (-1.0, NAN),
                (-INF, NAN),
                (1000.0, 3.0),
            ],
        ),
        (
            "log1p",
            k::log1p,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (-1.0, -INF),
                (INF, INF),
                (-1.5, NAN),
                (-INF, NAN),
                (TINY, TINY),
                (-TINY, -TINY),
                (1.0, LN_2),
            ],
        ),
        (
            "sin",
            k::sin,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (INF, NAN),
                (-INF, NAN),
                (TINY, TINY),
                (-TINY, -TINY),
                (FRAC_PI_2, 1.0),
            ],
        ),
        (
            "cos",
            k::cos,
            &[(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN), (TINY, 1.0), (PI, -1.0)],
        ),
        (
            "tan",
            k::tan,
            &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (TINY, TINY), (-TINY, -TINY)],
        ),
        ("sin_bounded", k::sin_bounded, &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)]),
        ("cos_bounded", k::cos_bounded, &[(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN)]),
        ("tan_bounded", k::tan_bounded, &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)]),
        (
            "asin",
            k::asin,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (1.0, FRAC_PI_2),
                (-1.0, -FRAC_PI_2),
                (1.5, NAN),
                (INF, NAN),
            ],
        ),
        ("acos", k::acos, &[(1.0, 0.0), (-1.0, PI), (0.0, FRAC_PI_2), (1.5, NAN), (-INF, NAN)]),
        (
            "atan",
            k::atan,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (INF, FRAC_PI_2),
                (-INF, -FRAC_PI_2),
                (TINY, TINY),
                (-TINY, -TINY),
                (1.0, PI / 4.0),
                (1e300, FRAC_PI_2),
            ],
        ),
        (
            "sinh",
            k::sinh,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (INF, INF),
                (-INF, -INF),
                (TINY, TINY),
                (-TINY, -TINY),
                (711.0, INF),
                (-711.0, -INF),
            ],
        ),
        ("cosh", k::cosh, &[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, INF), (711.0, INF)]),
        (
            "tanh",
            k::tanh,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (INF, 1.0),
                (-INF, -1.0),
                (TINY, TINY),
                (-TINY, -TINY),
                (20.0, 1.0),
                (-1e300, -1.0),
            ],
        ),
        ("asinh", k::asinh, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF)]),
        ("acosh", k::acosh, &[(1.0, 0.0), (INF, INF), (0.5, NAN), (-1.0, NAN), (-INF, NAN)]),
        ("atanh", k::atanh, &[(0.0, 0.0), (-0.0, -0.0), (1.0, INF), (-1.0, -INF), (1.5, NAN)]),
        ("sqrt", k::sqrt, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-1.0, NAN), (9.0, 3.0)]),
        ("cbrt", k::cbrt, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (-8.0, -2.0)]),
        ("erf", k::erf, &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0)]),
        (
            "erfc",
            k::erfc,
            &[
                (0.0, 1.0),
                (-0.0, 1.0),
                (INF, 0.0),
                (-INF, 2.0),
                (30.0, 0.0),
                (-30.0, 2.0),
                (27.2, 1e-323),
                (1e300, 0.0),
                (TINY, 1.0),
            ],
        ),
        (
            "erfcx",
            k::erfcx,
            &[
                (0.0, 1.0),
                (-0.0, 1.0),
                (INF, 0.0),
                (-INF, INF),
                (-27.0, INF),
                (-1e300, INF),
                (TINY, 1.0),
                (f64::MAX, 3.138408733985445e-309),
            ],
        ),
        (
            "log_ndtr",
            k::log_ndtr,
            &[
                (0.0, -LN_2),
                (-0.0, -LN_2),
                (INF, -0.0),
                (-INF, -INF),
                (1e300, -0.0),
                (-1e200, -INF),
                (-1.157920892373162e77, -6.703903964971299e153),
            ],
        ),
        (
            "the first derivative of erfcx",
            |x| k::erfcx_derivative(1, x),
            &[
                (0.0, -FRAC_2_SQRT_PI),
                (-0.0, -FRAC_2_SQRT_PI),
                (INF, -0.0),
                (-INF, -INF),
                (-30.0, -INF),
            ],
        ),
        (
            "the second derivative of erfcx",
            |x| k::erfcx_derivative(2, x),
            &[(0.0, 2.0), (-0.0, 2.0), (INF, 0.0), (-INF, INF), (-30.0, INF)],
        ),
        ("a derivative of too high an order", |x| k::erfcx_derivative(171, x), &[(0.0, NAN)]),
        (
            "the first derivative of log_ndtr",
            |x| k::log_ndtr_derivative(1, x),
            &[(INF, 0.0), (-INF, INF), (-1e300, 1e300), (50.0, 0.0), (1e300, 0.0)],
        ),
        (
            "the second derivative of log_ndtr",
            |x| k::log_ndtr_derivative(2, x),
            &[(INF, -0.0), (50.0, -0.0), (1e300, -0.0)],
        ),
        (
            "the third derivative of log_ndtr",
            |x| k::log_ndtr_derivative(3, x),
            &[(INF, -0.0), (1e300, -0.0)],
        ),
        (
            "a derivative of log_ndtr of too high an order",
            |x| k::log_ndtr_derivative(171, x),
            &[(0.0, NAN)],
        ),
        (
            "gamma",
            k::gamma,
            &[
                (0.0, INF),
                (-0.0, -INF),
                (1.0, 1.0),
                (2.0, 1.0),
                (5.0, 24.0),
                (-1.0, NAN),
                (-7.0, NAN),
                (INF, INF),
                (-INF, NAN),
                (172.0, INF),
                (-200.5, -0.0),
                (-201.5, 0.0),
            ],
        ),
        (
            "floor",
            k::floor,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (0.5, 0.0),
                (-0.5, -1.0),
                (3.0, 3.0),
                (-3.0, -3.0),
                (1e300, 1e300),
                (4503599627370495.5, 4503599627370495.0),
                (-TINY, -1.0),
                (INF, INF),
                (-INF, -INF),
            ],
        ),
        (
            "ceil",
            k::ceil,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (0.5, 1.0),
                (-0.5, -0.0),
                (3.0, 3.0),
                (-3.0, -3.0),
                (1e300, 1e300),
                (TINY, 1.0),
                (INF, INF),
                (-INF, -INF),
            ],
        ),
        (
            "round",
            k::round,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (0.5, 1.0),
                (-0.5, -1.0),
                (1.5, 2.0),
                (2.5, 3.0),
                (-2.5, -3.0),
                (0.49999999999999994, 0.0),
                (-0.25, -0.0),
                (4503599627370497.0, 4503599627370497.0),
                (INF, INF),
                (-INF, -INF),
            ],
        ),
        (
            "ln_gamma",
            k::ln_gamma,
            &[
                (1.0, 0.0),
                (2.0, 0.0),
                (0.0, INF),
                (-0.0, INF),
                (-1.0, INF),
                (-20.0, INF),
                (INF, INF),
                (-INF, INF),
            ],
        ),
        (
            "digamma",
            k::digamma,
            &[
                (0.0, -INF),
                (-0.0, INF),
                (-1.0, NAN),
                (-7.0, NAN),
                (-1e300, NAN),
                (INF, INF),
                (-INF, NAN),
            ],
        ),
        (
            "trigamma",
            k::trigamma,
            &[(0.0, INF), (-0.0, INF), (-1.0, INF), (-1e300, INF), (INF, 0.0), (-INF, INF)],
        ),
    ];
    for (name, function, values) in table {
        assert!(function(NAN).is_nan(), "{name}(NaN)");
        // A NaN with other bits must not slip through the selections either.
        assert!(function(f64::from_bits(0xFFF0_0000_0000_0001)).is_nan(), "{name}(-NaN)");
        for &(x, due) in *values {
            let got = function(x);
            assert!(same(got, due), "{name}({x:e}) = {got:e}, due {due:e}");
        }
    }
}

#[test]
fn special_values_of_two_arguments() {
    let table: &[RowOfTwo] = &[
        (
            "atan2",
            k::atan2,
            &[
                (0.0, 1.0, 0.0),
                (-0.0, 1.0, -0.0),
                (0.0, -1.0, PI),
                (-0.0, -0.0, -PI),
                (1.0, 0.0, FRAC_PI_2),
                (INF, INF, PI / 4.0),
                (INF, -INF, 0.75 * PI),
                (NAN, 1.0, NAN),
            ],
        ),
        (
            "fmod",
            k::fmod,
            &[
                (7.5, 2.0, 1.5),
                (-7.5, 2.0, -1.5),
                (7.5, -2.0, 1.5),
                (-7.5, -2.0, -1.5),
                (6.0, 2.0, 0.0),
                (-6.0, 2.0, -0.0),
                (1e22, 3.0, 1.0),
                (1.0, INF, 1.0),
                (1.0, 0.0, NAN),
                (INF, 1.0, NAN),
                (NAN, 1.0, NAN),
                (1.0, NAN, NAN),
            ],
        ),
        (
            "modulo",
            k::modulo,
            &[
                (7.5, 2.0, 1.5),
                (-7.5, 2.0, 0.5),
                (7.5, -2.0, -0.5),
                (-7.5, -2.0, -1.5),
                (6.0, 2.0, 0.0),
                (-6.0, 2.0, 0.0),
                (6.0, -2.0, -0.0),
                (1e22, 3.0, 1.0),
                (-1e22, 3.0, 2.0),
                (-TINY, 1.0, 1.0),
                (1.0, INF, 1.0),
                (-1.0, INF, INF),
                (1.0, 0.0, NAN),
                (INF, 1.0, NAN),
                (NAN, 1.0, NAN),
                (1.0, NAN, NAN),
            ],
        ),
        (
            "hypot",
            k::hypot,
            &[
                (3.0, -4.0, 5.0),
                (0.0, -0.0, 0.0),
                (INF, NAN, INF),
                (NAN, -INF, INF),
                (NAN, 1.0, NAN),
                (1e308, 1e308, 1.4142135623730951e308),
            ],
        ),
        (
            "pow",
            k::pow,
            &[
                (NAN, 0.0, 1.0),
                (1.0, NAN, 1.0),
                (2.0, 10.0, 1024.0),
                (-2.0, 3.0, -8.0),
                (-2.0, 0.5, NAN),
                (0.0, -1.0, INF),
                (-0.0, -1.0, -INF),
                (-0.0, 3.0, -0.0),
                (0.5, INF, 0.0),
                (-1.0, INF, 1.0),
            ],
        ),
    ];
    for (name, function, values) in table {
        for &(x, y, due) in *values {
            let got = function(x, y);
            assert!(same(got, due), "{name}({x:e}, {y:e}) = {got:e}, due {due:e}");
        }
    }
}

#[test]
fn fused_multiply_add_rounds_once() {
    let e = 2f64.powi(-30);
    assert_eq!(k::mul_add(1.0 + e, 1.0 - e, -1.0), -e * e);
    assert_eq!(k::mul_add(f64::MAX, 2.0, -f64::MAX), f64::MAX);
    assert_eq!(k::mul_add(2f64.powi(-600), 2f64.powi(-474), 0.0), TINY);
}
