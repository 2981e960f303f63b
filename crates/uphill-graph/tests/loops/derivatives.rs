use uphill_graph::{At, Dual, Function, Scalar, Table, Var, loops};

use crate::forms::{Code, FORMS, inputs, points};
use crate::roots::ROOTS;
use crate::values::agrees;

/// A derivative of a function, and its further inputs: numbers for each.
pub(crate) type Derivative = (&'static str, fn(&Function) -> Function, usize);

pub(crate) const DERIVATIVES: &[Derivative] = &[
    ("gradient", |f| f.gradient().unwrap(), 0),
    ("with_gradient", |f| f.with_gradient().unwrap(), 0),
    ("gradient by some", |f| f.gradient_wrt(&["x[3]", "x[0]"]).unwrap(), 0),
    ("jvp", |f| f.jvp().unwrap(), 8),
    ("vjp", |f| f.vjp().unwrap(), 1),
    ("hvp", |f| f.hvp().unwrap(), 8),
    ("hessian", |f| f.hessian().unwrap(), 0),
    (
        "gradient of hvp",
        |f| f.hvp().unwrap().select(&["ddP/dx[2]"]).unwrap().gradient().unwrap(),
        8,
    ),
];

pub(crate) fn close(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-11 * (a.abs() + b.abs() + 1e-3)
}

#[test]
fn derivatives_are_those_of_the_loop_written_out() {
    for (form, code) in FORMS.iter().chain(ROOTS) {
        let f = Function::record(inputs(), code).unwrap();
        let flat = f.unrolled().unwrap();
        for (name, derivative, further) in DERIVATIVES {
            let what = format!("{name} of {form}");
            let (kept, written_out) = (derivative(&f), derivative(&flat));
            assert_eq!(
                kept.output_names().collect::<Vec<_>>(),
                written_out.output_names().collect::<Vec<_>>(),
                "{what}"
            );
            for mut x in points() {
                x.extend((0..*further).map(|k| 0.5 + 0.25 * k as f64));
                agrees(&what, &kept, &x);
                let (a, b) = (kept.eval(&x).unwrap(), written_out.eval(&x).unwrap());
                for ((a, b), output) in a.iter().zip(&b).zip(kept.output_names()) {
                    assert!(close(*a, *b), "{what}: {output} is {a}, written out {b}");
                }
            }
        }
    }
}

#[test]
fn third_order_agrees_with_nested_duals() {
    type Third = Dual<Dual<Dual<f64>>>;
    for (form, code) in FORMS.iter().chain(ROOTS) {
        let f = Function::record(inputs(), code).unwrap();
        let second = f.hvp().unwrap();
        for x in points() {
            // Along the direction v = (1, …, 1): vᵀ∇(vᵀHv).
            let third = |x: &f64| -> Third {
                let inner = Dual::new(*x, 1.0);
                let middle = Dual::new(inner, Dual::constant(1.0));
                Dual::new(middle, Dual::constant(Dual::constant(1.0)))
            };
            let duals: Vec<Third> = x.iter().map(third).collect();
            let expected = f.eval_scalar(&duals).unwrap()[0].tangent.tangent.tangent;
            let point: Vec<Dual<f64>> = x
                .iter()
                .map(|x| Dual::new(*x, 1.0))
                .chain((0..8).map(|_| Dual::constant(1.0)))
                .collect();
            let found: f64 =
                second.eval_scalar(&point).unwrap().iter().map(|entry| entry.tangent).sum();
            let scale = expected.abs() + found.abs() + 1.0;
            assert!(
                (found - expected).abs() < 1e-9 * scale || (found.is_nan() && expected.is_nan()),
                "{form}: {found}, by duals {expected}"
            );
        }
    }
}

/// A vector of one entry is a value like any other, be it an output, a loop of one iteration, or both.
#[test]
fn vectors_of_one_output_have_products() {
    use uphill_graph::{At, Inputs, Recorder, loops};
    for by_loop in [false, true] {
        let recorder = Recorder::new();
        let x = recorder.inputs(Inputs::new().variables("x", 2)).unwrap();
        let product = match by_loop {
            true => loops::map(0..1, |i| x.at(i) * x.at(i + 1)),
            false => vec![x[0] * x[1]],
        };
        recorder.outputs("y", &product);
        let f = recorder.finish().unwrap();
        assert_eq!(f.output_names().collect::<Vec<_>>(), ["y[0]"]);
        assert_eq!(f.vjp().unwrap().eval(&[2.0, 3.0, 10.0]).unwrap(), [30.0, 20.0], "{by_loop}");
        assert_eq!(f.jvp().unwrap().eval(&[2.0, 3.0, 1.0, 10.0]).unwrap(), [23.0], "{by_loop}");
        assert_eq!(f.jacobian().unwrap().eval(&[2.0, 3.0]).unwrap(), [3.0, 2.0], "{by_loop}");
    }
}

/// A function, and how many loops and functions its value and gradient have together: where no adjoint is carried from
/// iteration to iteration, each function is computed once.
type Together = (&'static str, Code, usize, &'static [(&'static str, usize)]);
const TOGETHER: &[Together] = &[
    (
        "a sum",
        |x| loops::sum(0..7, |i| x.at(i).exp() * (x.at(i + 1) * x.at(i)).sin()),
        1,
        &[("exp(", 1), ("sin(", 1), ("cos(", 1)],
    ),
    (
        "a sum in a sum",
        |x| loops::sum(0..2, |i| loops::sum(0..3, |j| (x.at(3 * i + j) * x.at(i)).exp())),
        2,
        &[("exp(", 1)],
    ),
    (
        "a running sum",
        |x| {
            loops::fold(0..7, Var::constant(0.1), |i, p: Var<'_>| p + (x.at(i) * x.at(i + 1)).exp())
        },
        1,
        &[("exp(", 1)],
    ),
    (
        "gathered, with a counter",
        |x| {
            let from = Table::new([3, 0, 0, 7, 2], 8).unwrap();
            loops::sum(0..5, |i| (x.at(from.at(i)) * (2 * i + 1).value()).exp())
        },
        1,
        &[("exp(", 1)],
    ),
    (
        "states without derivative",
        |x| {
            let start = [0.5, 1.0, 0.1].map(Var::constant);
            let [_, _, p] = loops::fold(0..8, start, |i, [a, b, p]: [Var<'_>; 3]| {
                [a.cos(), b * 0.5 + a, p + (x.at(i) * b).exp()]
            });
            p
        },
        1,
        &[("exp(", 1), ("cos(", 1)],
    ),
    (
        "chosen terms",
        |x| {
            loops::sum(0..8, |i| {
                Var::select(x.at(i).greater(Var::constant(0.3)), x.at(i).ln(), x.at(i).exp())
            })
        },
        1,
        &[("exp(", 1), ("ln(", 1)],
    ),
    (
        "a state that iterations change",
        |x| loops::fold(0..8, Var::constant(0.1), |i, s: Var<'_>| (s * x.at(i)).exp()),
        2,
        &[("exp(", 2)],
    ),
];

#[test]
fn values_and_gradients_run_together() {
    let mut wrong = Vec::new();
    for &(what, code, loops, functions) in TOGETHER {
        let f = Function::record(inputs(), code).unwrap();
        let both = f.with_gradient().unwrap();
        let flat = f.unrolled().unwrap().with_gradient().unwrap();
        for x in points() {
            agrees(what, &both, &x);
            let (a, b) = (both.eval(&x).unwrap(), flat.eval(&x).unwrap());
            assert!(a.iter().zip(&b).all(|(a, b)| close(*a, *b)), "{what}: {a:?}, {b:?}");
        }
        let text = both.to_string();
        let count = |part: &str| text.matches(part).count();
        let found: Vec<(&str, usize)> =
            functions.iter().map(|(name, _)| (*name, count(name))).collect();
        if count(" in 0..") != loops || found != functions {
            wrong.push(format!("{what}: expected {loops} loops, {functions:?}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
