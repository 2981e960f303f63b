use uphill_graph::{Dual, Function};

use crate::forms::{FORMS, inputs, points};
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
    for (form, code) in FORMS {
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
    for (form, code) in FORMS {
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
