//! One value used twice: derivatives add up over both uses, and equal values are computed once.

#![allow(clippy::eq_op, reason = "x - x and x / x are what this is about")]

mod common;

use common::{Report, by_duals, close, partial_difference, same_number};
use uphill_graph::{Arity, Function, Op, Scalar, Var};

type Code = for<'g> fn(&[Var<'g>]) -> Var<'g>;

/// `op(x, x, …)`, for every operation that takes several operands, all of which may vary. A remainder jumps where one is a
/// multiple of the other: the slopes of both operands are unknown, and so is their sum.
#[test]
fn an_operation_on_one_value_has_the_sum_of_its_slopes() {
    let mut report = Report::default();
    for &op in Op::ALL.iter().filter(|op| op.whole_operand().is_none()) {
        let counts = match op.arity() {
            Arity::Exactly(1) => continue,
            Arity::Exactly(n) => vec![n],
            Arity::Any => vec![2, 5],
            Arity::Pairs => vec![2, 6],
        };
        for count in counts {
            let f = Function::record(["x"], |x| Scalar::apply(op, &vec![x[0]; count])).unwrap();
            for x in [0.75, 2.5] {
                let expected = match op {
                    Op::Mod | Op::Fmod => f64::NAN,
                    _ => partial_difference(|x| op.value(&vec![x[0]; count]), &[x], 0),
                };
                for (mode, found) in [
                    ("reverse", f.gradient().unwrap().value(&[x]).unwrap()),
                    (
                        "reverse, simplified first",
                        f.simplify().gradient().unwrap().value(&[x]).unwrap(),
                    ),
                    ("forward (dual)", by_duals(&f, &[x], &[0])),
                    ("forward (jvp)", f.jvp().unwrap().value(&[x, 1.0]).unwrap()),
                ] {
                    report.check(close(expected, found, 1e-9), || {
                        let name = op.name();
                        format!("`{name}` of {count} times x = {x}, {mode}: expected {expected:?}, got {found:?}")
                    });
                }
            }
        }
    }
}

#[test]
fn the_classics() {
    // Name, code, at 3: value, first and second derivative; operations of the simplified function and of its gradient.
    type Classic = (&'static str, Code, [f64; 3], [usize; 2]);
    let rows: [Classic; 6] = [
        ("x*x", |x| x[0] * x[0], [9.0, 6.0, 2.0], [1, 1]),
        ("x+x", |x| x[0] + x[0], [6.0, 2.0, 0.0], [1, 0]),
        ("x-x", |x| x[0] - x[0], [0.0, 0.0, 0.0], [1, 0]),
        ("x/x", |x| x[0] / x[0], [1.0, 0.0, 0.0], [1, 4]),
        ("max(x, x)", |x| x[0].max(x[0]), [3.0, 1.0, 0.0], [0, 0]),
        ("x*x*x", |x| x[0] * x[0] * x[0], [27.0, 27.0, 18.0], [2, 4]),
    ];
    let mut report = Report::default();
    for (name, code, [value, slope, curvature], [operations, of_gradient]) in rows {
        let f = Function::record(["x"], code).unwrap();
        let simple = f.simplify();
        let gradient = simple.gradient().unwrap();
        for (what, expected, found) in [
            ("value", value, f.value(&[3.0]).unwrap()),
            ("slope", slope, f.gradient().unwrap().value(&[3.0]).unwrap()),
            ("slope of the simplified", slope, gradient.value(&[3.0]).unwrap()),
            ("curvature", curvature, f.hessian().unwrap().value(&[3.0]).unwrap()),
            ("curvature by duals", curvature, by_duals(&f, &[3.0], &[0, 0])),
        ] {
            report.check(same_number(expected, found), || {
                format!("{name}, {what} at 3: expected {expected:?}, got {found:?}")
            });
        }
        for (what, expected, f) in
            [("function", operations, &simple), ("gradient", of_gradient, &gradient)]
        {
            let found = f.graph().operation_count();
            report.check(found <= expected, || {
                format!("{name}, {what}: expected {expected} operations, got {found}:\n{f}")
            });
        }
    }
}

/// Equal values are computed once, also with the operands of a commutative operation turned; others stay apart.
#[test]
fn equal_values_are_shared() {
    // Name, code, operations recorded, operations once simplified.
    let rows: [(&str, Code, usize, usize); 12] = [
        ("(x + y)·(x + y)", |x| (x[0] + x[1]) * (x[0] + x[1]), 3, 2),
        ("(x + y)·(y + x)", |x| (x[0] + x[1]) * (x[1] + x[0]), 3, 2),
        ("sin(xy) / sin(yx)", |x| (x[0] * x[1]).sin() / (x[1] * x[0]).sin(), 5, 3),
        ("(x == y) - (y == x)", |x| x[0].equals(x[1]) - x[1].equals(x[0]), 3, 2),
        ("(x - y)·(y - x)", |x| (x[0] - x[1]) * (x[1] - x[0]), 3, 3),
        ("max(x, y) / max(y, x)", |x| x[0].max(x[1]) / x[1].max(x[0]), 3, 3),
        ("(x < y) / (y > x)", |x| x[0].less(x[1]) / x[1].greater(x[0]), 3, 3),
        ("(x + 0)/(x + -0)", |x| (x[0] + 0.0) / (x[0] + -0.0), 3, 2),
        ("(2x)/(x·2)", |x| (2.0 * x[0]) / (x[0] * 2.0), 3, 2),
        ("hypot(x, y) / hypot(x, y)", |x| x[0].hypot(x[1]) / x[0].hypot(x[1]), 3, 2),
        ("x^3 / x^3", |x| x[0].powi(3) / x[0].powi(3), 3, 2),
        ("x^3 / x^-3", |x| x[0].powi(3) / x[0].powi(-3), 3, 3),
    ];
    let mut report = Report::default();
    for (name, code, recorded, simplified) in rows {
        let f = Function::record(["x", "y"], code).unwrap();
        for (what, expected, found) in [
            ("recorded", recorded, f.graph().operation_count()),
            ("simplified", simplified, f.simplify().graph().operation_count()),
        ] {
            report.check(expected == found, || {
                format!(
                    "{name}, {what}: expected {expected} operations, got {found}:\n{}",
                    f.simplify()
                )
            });
        }
    }
}

/// Without sharing the depth would be an exponent: 2⁶⁰ paths, and as many terms in the derivative.
#[test]
fn sharing_keeps_exponentials_away() {
    fn doubling<S: Scalar>(x: S) -> S {
        (0..60).fold(x, |x, _| 0.5 * x + 0.5 * x)
    }
    let f = Function::record(["x"], |x| doubling(x[0]).sin()).unwrap();
    assert_eq!(f.gradient().unwrap().value(&[0.5]).unwrap(), 0.5_f64.cos());
    assert_eq!(by_duals(&f, &[0.5], &[0]), 0.5_f64.cos());
    assert_eq!(f.hessian().unwrap().value(&[0.5]).unwrap(), -0.5_f64.sin());
}

/// A value with a name stays, even if an equal one has another name.
#[test]
fn names_survive_sharing() {
    let f = Function::record(["x"], |x| {
        let first = x[0].sin().named("first");
        let second = x[0].sin().named("second");
        let third = x[0].sin();
        first * second + third
    });
    let simple = f.unwrap().simplify();
    let names: Vec<_> = simple.graph().names().map(|(_, name)| name.to_owned()).collect();
    assert_eq!(names, ["first", "second"]);
    let sines = simple
        .graph()
        .ids()
        .filter(|&id| matches!(simple.graph().node(id), uphill_graph::Node::Op(Op::Sin, _)));
    assert_eq!(sines.count(), 2, "the sine without a name is shared:\n{simple}");
}
