//! Adjoints that are 0 and meet an infinite partial, on the tape beside the graph: one that flows counts, and gives NaN;
//! where a choice left a branch out, or nothing reads a value, there is none.

use uphill_engine::tape::Tape;
use uphill_graph::{Function, Scalar};

/// What gives NaN at 0, before what gives a number.
const NAN: usize = 6;
const COUNT: usize = 12;

fn formula<S: Scalar>(number: usize, x: S) -> S {
    let zero = S::constant(0.0);
    match number {
        0 => x.cbrt().powi(3),
        1 => x.sqrt().square(),
        2 => x.sqrt() * x,
        3 => x.abs().sqrt() * (x * 1.0) + x,
        4 => (x.sqrt() * x).sin() + x.sqrt().square(),
        5 => S::select((x + 1.0).greater(zero), x.cbrt().square() * x.cbrt(), zero),
        6 => S::select(x.greater(zero), x.sqrt(), zero),
        7 => S::select(x.greater(zero), x.sqrt().sqrt() + x.recip(), x),
        8 => S::max(x.sqrt() - 1.0, x),
        9 => x.relu().sqrt().clamp(S::constant(1.0), S::constant(2.0)) + x,
        10 => {
            // Nothing reads it.
            let _ = x.sqrt() + x.recip();
            x * 3.0
        }
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
