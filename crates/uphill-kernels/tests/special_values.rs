//! The values that mathematics or IEEE 754 fixes: zeros with their signs, infinities, NaN, poles
//! and ends; and the properties that users rely on, over many arguments.

use std::f64::consts::{FRAC_PI_2, LN_2, PI};
use uphill_kernels as k;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;
const TINY: f64 = 5e-324;

type Function = fn(f64) -> f64;

/// Equal in every bit, or both NaN.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// Arguments of every size and sign, the same in each run.
fn arguments(count: u64) -> impl Iterator<Item = f64> {
    let mut state = 29u64;
    (0..count).map(move |i| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let unit = (state >> 11) as f64 / 2f64.powi(53);
        match i % 4 {
            0 => f64::from_bits(state),
            1 => (unit - 0.5) * 2000.0,
            2 => (unit - 0.5) * 20.0,
            _ => (unit - 0.5) * 2.0,
        }
    })
}

#[test]
fn special_values_of_one_argument() {
    let table: &[(&str, Function, &[(f64, f64)])] = &[
        ("exp", k::exp, &[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (710.0, INF), (-746.0, 0.0), (-745.13, TINY), (1e300, INF), (-1e300, 0.0)]),
        ("exp2", k::exp2, &[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (1024.0, INF), (1023.0, 2f64.powi(1023)), (-1074.0, TINY), (-1076.0, 0.0), (3.0, 8.0), (-1e300, 0.0)]),
        ("expm1", k::expm1, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (TINY, TINY), (-TINY, -TINY), (-100.0, -1.0), (710.0, INF), (1e-30, 1e-30)]),
        ("sigmoid", k::sigmoid, &[(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (40.0, 1.0), (1e300, 1.0), (-744.5, TINY), (-746.0, 0.0), (-1e300, 0.0)]),
        ("softplus", k::softplus, &[(0.0, LN_2), (-0.0, LN_2), (INF, INF), (-INF, 0.0), (50.0, 50.0), (1e300, 1e300), (-744.5, TINY), (-1e300, 0.0)]),
        ("ln", k::ln, &[(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (INF, INF), (-1.0, NAN), (-INF, NAN), (-TINY, NAN), (2.0, LN_2)]),
        ("log2", k::log2, &[(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (INF, INF), (-1.0, NAN), (-INF, NAN), (TINY, -1074.0), (8.0, 3.0), (0.125, -3.0)]),
        ("log10", k::log10, &[(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (INF, INF), (-1.0, NAN), (-INF, NAN), (1000.0, 3.0)]),
        ("log1p", k::log1p, &[(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (-1.5, NAN), (-INF, NAN), (TINY, TINY), (-TINY, -TINY), (1.0, LN_2)]),
        ("sin", k::sin, &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (TINY, TINY), (-TINY, -TINY), (FRAC_PI_2, 1.0)]),
        ("cos", k::cos, &[(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN), (TINY, 1.0), (PI, -1.0)]),
        ("tan", k::tan, &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (TINY, TINY), (-TINY, -TINY)]),
        ("sin_bounded", k::sin_bounded, &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)]),
        ("cos_bounded", k::cos_bounded, &[(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN)]),
        ("tan_bounded", k::tan_bounded, &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN)]),
        ("asin", k::asin, &[(0.0, 0.0), (-0.0, -0.0), (1.0, FRAC_PI_2), (-1.0, -FRAC_PI_2), (1.5, NAN), (INF, NAN)]),
        ("acos", k::acos, &[(1.0, 0.0), (-1.0, PI), (0.0, FRAC_PI_2), (1.5, NAN), (-INF, NAN)]),
        ("atan", k::atan, &[(0.0, 0.0), (-0.0, -0.0), (INF, FRAC_PI_2), (-INF, -FRAC_PI_2), (TINY, TINY), (-TINY, -TINY), (1.0, PI / 4.0), (1e300, FRAC_PI_2)]),
        ("sinh", k::sinh, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (TINY, TINY), (-TINY, -TINY), (711.0, INF), (-711.0, -INF)]),
        ("cosh", k::cosh, &[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, INF), (711.0, INF)]),
        ("tanh", k::tanh, &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (TINY, TINY), (-TINY, -TINY), (20.0, 1.0), (-1e300, -1.0)]),
        ("asinh", k::asinh, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF)]),
        ("acosh", k::acosh, &[(1.0, 0.0), (INF, INF), (0.5, NAN), (-1.0, NAN), (-INF, NAN)]),
        ("atanh", k::atanh, &[(0.0, 0.0), (-0.0, -0.0), (1.0, INF), (-1.0, -INF), (1.5, NAN)]),
        ("sqrt", k::sqrt, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-1.0, NAN), (9.0, 3.0)]),
        ("cbrt", k::cbrt, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (-8.0, -2.0)]),
        ("erf", k::erf, &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0)]),
        ("ln_gamma", k::ln_gamma, &[(1.0, 0.0), (2.0, 0.0), (0.0, INF), (-0.0, INF), (-1.0, INF), (-20.0, INF), (INF, INF), (-INF, INF)]),
        ("digamma", k::digamma, &[(0.0, -INF), (-0.0, INF), (-1.0, NAN), (-7.0, NAN), (-1e300, NAN), (INF, INF), (-INF, NAN)]),
        ("trigamma", k::trigamma, &[(0.0, INF), (-0.0, INF), (-1.0, INF), (-1e300, INF), (INF, 0.0), (-INF, INF)]),
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
    let table: &[(&str, fn(f64, f64) -> f64, &[(f64, f64, f64)])] = &[
        ("atan2", k::atan2, &[(0.0, 1.0, 0.0), (-0.0, 1.0, -0.0), (0.0, -1.0, PI), (-0.0, -0.0, -PI), (1.0, 0.0, FRAC_PI_2), (INF, INF, PI / 4.0), (INF, -INF, 0.75 * PI), (NAN, 1.0, NAN)]),
        ("hypot", k::hypot, &[(3.0, -4.0, 5.0), (0.0, -0.0, 0.0), (INF, NAN, INF), (NAN, -INF, INF), (NAN, 1.0, NAN), (1e308, 1e308, 1.4142135623730951e308)]),
        ("pow", k::pow, &[(NAN, 0.0, 1.0), (1.0, NAN, 1.0), (2.0, 10.0, 1024.0), (-2.0, 3.0, -8.0), (-2.0, 0.5, NAN), (0.0, -1.0, INF), (-0.0, -1.0, -INF), (-0.0, 3.0, -0.0), (0.5, INF, 0.0), (-1.0, INF, 1.0)]),
    ];
    for (name, function, values) in table {
        for &(x, y, due) in *values {
            let got = function(x, y);
            assert!(same(got, due), "{name}({x:e}, {y:e}) = {got:e}, due {due:e}");
        }
    }
}

#[test]
fn integer_powers_follow_the_stated_scheme() {
    for x in arguments(4000) {
        assert_eq!(k::powi(x, 0), 1.0);
        assert!(same(k::powi(x, 1), x));
        assert!(same(k::powi(x, 2), x * x));
        assert!(same(k::powi(x, 3), x * x * x));
        assert!(same(k::powi(x, 4), (x * x) * (x * x)));
        assert!(same(k::powi(x, -3), 1.0 / (x * x * x)));
    }
    assert_eq!(k::powi(NAN, 0), 1.0);
    assert_eq!(k::powi(2.0, i32::MIN), 0.0);
    assert_eq!(k::powi(-1.0, i32::MIN), 1.0);
    assert_eq!(k::powi(-0.0, -3), -INF);
}

#[test]
fn fused_multiply_add_rounds_once() {
    let e = 2f64.powi(-30);
    assert_eq!(k::mul_add(1.0 + e, 1.0 - e, -1.0), -e * e);
    assert_eq!(k::mul_add(f64::MAX, 2.0, -f64::MAX), f64::MAX);
    assert_eq!(k::mul_add(2f64.powi(-600), 2f64.powi(-474), 0.0), TINY);
}

#[test]
fn odd_and_even_functions_are_so_bit_for_bit() {
    let odd: [(&str, Function); 10] = [
        ("sin", k::sin), ("tan", k::tan), ("asin", k::asin), ("atan", k::atan), ("sinh", k::sinh),
        ("tanh", k::tanh), ("asinh", k::asinh), ("atanh", k::atanh), ("cbrt", k::cbrt), ("erf", k::erf),
    ];
    for x in arguments(40_000) {
        for (name, function) in odd {
            assert!(same(function(-x), -function(x)), "{name} at {x:e}");
        }
        assert!(same(k::cos(-x), k::cos(x)), "cos at {x:e}");
        assert!(same(k::cosh(-x), k::cosh(x)), "cosh at {x:e}");
    }
}

#[test]
fn results_stay_within_their_ranges() {
    for x in arguments(100_000).filter(|x| x.is_finite()) {
        assert!((0.0..=1.0).contains(&k::sigmoid(x)), "sigmoid({x:e})");
        assert!(k::tanh(x).abs() <= 1.0, "tanh({x:e})");
        assert!(k::sin(x).abs() <= 1.0, "sin({x:e})");
        assert!(k::cos(x).abs() <= 1.0, "cos({x:e})");
        assert!(k::erf(x).abs() <= 1.0, "erf({x:e})");
        assert!(k::exp(x) >= 0.0 && k::expm1(x) >= -1.0, "exp({x:e})");
        assert!(k::softplus(x) >= x.max(0.0), "softplus({x:e})");
        assert!(k::cosh(x) >= 1.0, "cosh({x:e})");
        assert!(k::atan(x).abs() <= FRAC_PI_2, "atan({x:e})");
        assert!(!k::ln(x.abs()).is_nan(), "ln({x:e})");
    }
}

#[test]
fn bounded_kernels_have_the_bits_of_the_whole_functions() {
    for x in arguments(40_000).filter(|x| x.abs() <= k::TRIGONOMETRIC_BOUND) {
        assert!(same(k::sin_bounded(x), k::sin(x)), "sin at {x:e}");
        assert!(same(k::cos_bounded(x), k::cos(x)), "cos at {x:e}");
        assert!(same(k::tan_bounded(x), k::tan(x)), "tan at {x:e}");
    }
}

/// Towards the ends, and where two of their pieces meet, these never step the wrong way.
#[test]
fn monotone_functions_are_so_at_their_ends() {
    let rising: [(&str, Function, &[f64]); 7] = [
        ("exp", k::exp, &[-745.1, -708.39, -0.3465, 0.0, 0.3465, 709.7]),
        ("expm1", k::expm1, &[-39.9, -37.4, 709.7]),
        ("sigmoid", k::sigmoid, &[-745.1, -708.39, 36.7, 39.99]),
        ("tanh", k::tanh, &[19.0, 19.99, -19.0]),
        ("softplus", k::softplus, &[-745.1, -708.39, 36.7, 40.0]),
        ("ln", k::ln, &[1e-320, f64::MIN_POSITIVE, f64::MAX / 1.001]),
        ("atan", k::atan, &[1e15, 1e16, 1.1e18]),
    ];
    for (name, function, places) in rising {
        for &place in places {
            // Steps of some millions of ulp, far above the error of a result.
            let mut before = -INF;
            for i in 0..2000 {
                let x = place + (place.abs() + 1e-3) * f64::from(i) * 1e-9;
                let value = function(x);
                assert!(value >= before, "{name} falls at {x:e}");
                before = value;
            }
        }
    }
}
