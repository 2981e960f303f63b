//! Code that is steered by its own values: on numbers, duals, duals of duals, complex numbers and the tape, value, slope and
//! curvature are those of closed forms, at points that take ways of different lengths.

use uphill_engine::tape::Tape;
use uphill_graph::{Complex64, Dual, Scalar, Valued};

/// A body that can be run on all scalars with a value.
trait Body {
    const NAME: &str;
    /// Where the ways differ.
    const POINTS: &[f64];
    fn run<S: Valued>(x: S) -> S;
    /// Value, slope and curvature, by the standard library.
    fn closed(x: f64) -> [f64; 3];
}

/// Heron's square root: from 1 step to 25.
struct Heron;

impl Body for Heron {
    const NAME: &str = "Heron's root";
    const POINTS: &[f64] = &[2.0, 1e6, 1e-6, 1.0, 1e12];
    fn run<S: Valued>(a: S) -> S {
        let mut x = 0.5 * (a + 1.0);
        let mut next = 0.5 * (x + a / x);
        while next.value() < x.value() {
            x = next;
            next = 0.5 * (x + a / x);
        }
        next
    }
    fn closed(a: f64) -> [f64; 3] {
        [a.sqrt(), 0.5 / a.sqrt(), -0.25 / (a * a.sqrt())]
    }
}

/// The exponential: halved until it is small, a series, squared as often.
struct Exponential;

impl Body for Exponential {
    const NAME: &str = "the exponential by halves";
    const POINTS: &[f64] = &[0.1, -0.1, 3.0, -7.0, 20.0];
    fn run<S: Valued>(x: S) -> S {
        let (mut small, mut halves) = (x, 0);
        while small.value().abs() > 0.25 {
            small *= 0.5;
            halves += 1;
        }
        let (mut sum, mut term, mut k) = (S::constant(1.0), small, 1.0);
        while term.value().abs() > 1e-30 {
            sum += term;
            k += 1.0;
            term = term * small / k;
        }
        (0..halves).fold(sum, |power, _| power * power)
    }
    fn closed(x: f64) -> [f64; 3] {
        [x.exp(); 3]
    }
}

/// A branch: a parabola that goes on as its tangent, both ways.
struct Huber;

impl Body for Huber {
    const NAME: &str = "Huber's function";
    const POINTS: &[f64] = &[0.3, -0.3, 5.0, -5.0];
    fn run<S: Valued>(x: S) -> S {
        if x.value() > 1.0 {
            x - 0.5
        } else if x.value() < -1.0 {
            -x - 0.5
        } else {
            0.5 * x * x
        }
    }
    fn closed(x: f64) -> [f64; 3] {
        if x.abs() > 1.0 { [x.abs() - 0.5, x.signum(), 0.0] } else { [0.5 * x * x, x, 1.0] }
    }
}

/// Value, slope and curvature, as far as a scalar gives them.
fn all_scalars<B: Body>(x: f64) -> Vec<(&'static str, Vec<f64>)> {
    let dual = B::run(Dual::variable(x));
    let nested = B::run(Dual::new(Dual::variable(x), Dual::constant(1.0)));
    let step = 1e-20 * x.abs();
    let complex = B::run(Complex64::new(x, step));
    let mut tape = Tape::new();
    let (value, slope) = tape.gradient(&[x], |x| B::run(x[0])).unwrap();
    let (tangent, curvature) =
        tape.gradient(&[x], |x| B::run(Dual::new(x[0], Scalar::constant(1.0))).tangent).unwrap();
    vec![
        ("f64", vec![B::run(x)]),
        ("dual", vec![dual.value, dual.tangent]),
        ("dual of a dual", vec![nested.value(), nested.value.tangent, nested.tangent.tangent]),
        ("complex", vec![complex.value(), complex.im / step]),
        ("tape", vec![value, slope[0]]),
        ("dual on the tape", vec![value, tangent, curvature[0]]),
    ]
}

fn hold<B: Body>() {
    for &x in B::POINTS {
        let expected = B::closed(x);
        for (scalar, got) in all_scalars::<B>(x) {
            for (order, (got, expected)) in got.into_iter().zip(expected).enumerate() {
                let error = (got - expected).abs();
                assert!(
                    error <= 2e-14 * expected.abs(),
                    "{} at {x}, derivative {order} on {scalar}: {got}, expected {expected}",
                    B::NAME
                );
            }
        }
    }
}

#[test]
fn derivatives_are_those_of_closed_forms() {
    hold::<Heron>();
    hold::<Exponential>();
    hold::<Huber>();
}

/// What is to be prevented: the steps that one point takes, used at another.
#[test]
fn the_steps_of_another_point_are_another_function() {
    let steps = |a: f64, count: usize| (0..count).fold(0.5 * (a + 1.0), |x, _| 0.5 * (x + a / x));
    assert!((steps(2.0, 5) / 2f64.sqrt() - 1.0).abs() < 1e-15);
    let off = steps(1e6, 5) / 1e3;
    assert!((15.0..16.0).contains(&off), "{off}");
}
