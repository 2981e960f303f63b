//! Adjoints that are 0 and meet an infinite partial, on the tape beside the graph: one that flows counts, and gives NaN;
//! where a choice left a branch out, a factor is known to be 0, or nothing reads a value, there is none. A factor that
//! happens to be 0, even if by a step, is not known.

use uphill_engine::tape::Tape;
use uphill_graph::{Function, Op, Scalar};

/// What gives NaN at 0, before what gives a number.
const NAN: usize = 9;
const COUNT: usize = 20;

fn formula<S: Scalar>(number: usize, x: S) -> S {
    let zero = S::constant(0.0);
    match number {
        0 => x.cbrt().powi(3),
        1 => x.ln().exp(),
        2 => x.sqrt() * x,
        3 => x.abs().sqrt() * (x * 1.0) + x,
        4 => (x.sqrt() * x).sin() + x.recip().recip(),
        5 => S::select((x + 1.0).greater(zero), x.cbrt().square() * x.cbrt(), zero),
        6 => (x.greater(S::constant(1e6)) * x).sqrt(),
        7 => ((x + 0.5).floor() * 2.0 * x).sqrt(),
        8 => (x * 0.0 * x).sqrt(),
        9 => S::select(x.greater(zero), x.sqrt(), zero),
        10 => S::select(x.greater(zero), x.sqrt().sqrt() + x.recip(), x),
        11 => S::max(x.sqrt() - 1.0, x),
        12 => x.relu().sqrt().clamp(S::constant(1.0), S::constant(2.0)) + x,
        13 => {
            // Nothing reads it.
            let _ = x.sqrt() + x.recip();
            x * 3.0
        }
        14 => S::apply(Op::Product, &[x.sqrt(), zero, S::constant(2.0)]) + x,
        15 => S::apply(Op::Dot, &[x.sqrt(), zero]) + x,
        16 => S::apply(Op::Xlogy, &[x.sqrt(), S::constant(1.0)]) + x,
        17 => x.recip() * 0.0 + x,
        18 => x.recip().sqrt() / f64::INFINITY + x,
        _ => x.sqrt() * 0.0 + x,
    }
}

#[test]
fn live_zeros_count_and_branches_left_out_do_not() {
    let same = |x: f64, y: f64| x == y || x.is_nan() && y.is_nan();
    let mut tape = Tape::new();
    for number in 0..COUNT {
        let graph = Function::record(["x"], |x| formula(number, x[0])).unwrap();
        let graph = graph.with_gradient().unwrap();
        for at in [0.0, -0.0, 1.5, 0.25] {
            let due = graph.eval(&[at]).unwrap();
            let (value, gradient) = tape.gradient(&[at], |x| formula(number, x[0])).unwrap();
            assert!(
                same(value, due[0]) && same(gradient[0], due[1]),
                "formula {number} at {at}: {value}, {gradient:?}; the graph gives {due:?}"
            );
            if at == 0.0 {
                assert_eq!(gradient[0].is_nan(), number < NAN, "formula {number}: {gradient:?}");
            }
        }
    }
}

#[test]
fn each_row_of_a_jacobian_knows_what_leads_to_its_own_output() {
    let mut tape = Tape::new();
    let mut at = tape.linearize(&[0.0], |x| vec![x[0].cbrt().powi(3), x[0] * 2.0]).unwrap();
    let jacobian = at.jacobian();
    assert!(jacobian[0][0].is_nan());
    assert_eq!(jacobian[1][0], 2.0);
}
