//! The properties that users rely on, over many arguments: symmetry, ranges, monotone ends, and
//! what `powi` promises.

use std::f64::consts::FRAC_PI_2;
use uphill_kernels as k;

const INF: f64 = f64::INFINITY;

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
fn integer_powers_follow_the_stated_scheme() {
    for x in arguments(4000) {
        assert_eq!(k::powi(x, 0), 1.0);
        assert!(same(k::powi(x, 1), x));
        assert!(same(k::powi(x, 2), x * x));
        assert!(same(k::powi(x, 3), x * x * x));
        assert!(same(k::powi(x, 4), (x * x) * (x * x)));
        assert!(same(k::powi(x, -3), 1.0 / (x * x * x)));
    }
    assert_eq!(k::powi(f64::NAN, 0), 1.0);
    assert_eq!(k::powi(2.0, i32::MIN), 0.0);
    assert_eq!(k::powi(-1.0, i32::MIN), 1.0);
    assert_eq!(k::powi(-0.0, -3), -INF);
}

#[test]
fn whole_powers_come_out_exactly() {
    for n in -1022..=1023 {
        let (n, power) = (f64::from(n), 2f64.powi(n));
        assert_eq!(k::exp2(n), power);
        assert_eq!(k::log2(power), n);
    }
    for n in 0..=22 {
        let power: f64 = format!("1e{n}").parse().expect("a number");
        assert_eq!(k::log10(power), f64::from(n));
        assert_eq!(k::pow(10.0, f64::from(n)), power);
    }
}

#[test]
fn odd_and_even_functions_are_so_bit_for_bit() {
    let odd: [(&str, Function); 10] = [
        ("sin", k::sin),
        ("tan", k::tan),
        ("asin", k::asin),
        ("atan", k::atan),
        ("sinh", k::sinh),
        ("tanh", k::tanh),
        ("asinh", k::asinh),
        ("atanh", k::atanh),
        ("cbrt", k::cbrt),
        ("erf", k::erf),
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
        assert!((0.0..=2.0).contains(&k::erfc(x)), "erfc({x:e})");
        assert!(k::erfcx(x) > 0.0 && k::log_ndtr(x) <= 0.0, "erfcx({x:e})");
        assert!(
            k::erfcx_derivative(1, x) <= 0.0 && k::erfcx_derivative(2, x) >= 0.0,
            "erfcx({x:e})"
        );
        assert!(k::log_ndtr_derivative(1, x) >= 0.0, "the slope of log_ndtr({x:e})");
        assert!((-1.0..=0.0).contains(&k::log_ndtr_derivative(2, x)), "log_ndtr({x:e})");
        assert!(
            k::floor(x) <= x && x <= k::ceil(x) && (k::round(x) - x).abs() <= 0.5,
            "floor({x:e})"
        );
        assert!((0.0..=1.0).contains(&k::modulo(x, 1.0)), "modulo({x:e}, 1)");
        assert!((-3.0..=0.0).contains(&k::modulo(x, -3.0)), "modulo({x:e}, -3)");
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

#[test]
fn sine_and_cosine_together_have_the_bits_of_each_alone() {
    for x in arguments(40_000) {
        let (sin, cos) = k::sin_cos(x);
        assert!(same(sin, k::sin(x)) && same(cos, k::cos(x)), "at {x:e}");
        if x.abs() <= k::TRIGONOMETRIC_BOUND {
            let (sin, cos) = k::sin_cos_bounded(x);
            assert!(same(sin, k::sin_bounded(x)) && same(cos, k::cos_bounded(x)), "at {x:e}");
        }
    }
}

/// Towards the ends, and where two of their pieces meet, these never step the wrong way.
#[test]
fn monotone_functions_are_so_at_their_ends() {
    let rising: [(&str, Function, &[f64]); 11] = [
        ("exp", k::exp, &[-745.1, -708.39, -0.3465, 0.0, 0.3465, 709.7]),
        ("expm1", k::expm1, &[-39.9, -37.4, 709.7]),
        ("sigmoid", k::sigmoid, &[-745.1, -708.39, 36.7, 39.99]),
        ("tanh", k::tanh, &[19.0, 19.99, -19.0]),
        ("softplus", k::softplus, &[-745.1, -708.39, 36.7, 40.0]),
        ("-erfc", |x| -k::erfc(x), &[-5.9, 0.25, 0.84375, 26.5, 27.2]),
        ("-erfcx", |x| -k::erfcx(x), &[-26.6, -0.5, 0.0, 0.5, 4.0, 1e9]),
        ("log_ndtr", k::log_ndtr, &[-1e150, -38.0, -1.0, 0.0, 1.0, 37.0]),
        ("-φ/Φ", |x| -k::log_ndtr_derivative(1, x), &[-1e9, -38.0, -1.06, -0.5, 0.0, 0.5, 37.0]),
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
