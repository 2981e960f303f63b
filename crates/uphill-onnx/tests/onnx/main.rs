//! What is written as ONNX computes what the function computes: every operation of the table, functions with vectors, loops
//! and derivatives, both widths; and what can't be written is told by its name.

mod reader;

use reader::{listed, outputs};
use uphill_graph::{Function, Implicit, Inputs, Op, Scalar, loops};
use uphill_onnx::{Error, Width, function, operations};

/// Operands beside the samples of the table: where digits are lost, where something overflows, where it turns.
const BESIDE: &[f64] = &[
    0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.0, -7.25, 1e-9, -1e-9, 1e-3, 12.0, -12.0, 25.0,
    -40.0, 700.0, -700.0, 1e200,
];

/// One operation as a function; an operand that must be a whole number is a constant.
fn of(op: Op, x: &[f64]) -> Function {
    let names: Vec<String> = (0..x.len()).map(|k| format!("x{k}")).collect();
    Function::record(names, |v| {
        let operands: Vec<_> = v
            .iter()
            .enumerate()
            .map(|(k, &operand)| match op.whole_operand() {
                Some((whole, _)) if whole == k => Scalar::constant(x[k]),
                _ => operand,
            })
            .collect();
        Scalar::apply(op, &operands)
    })
    .unwrap()
}

/// Both the same number, or so many relative or absolute errors of 10⁻¹⁶ apart.
fn near(found: f64, expected: f64, absolute: f64) -> bool {
    let error = (found - expected).abs();
    found.to_bits() == expected.to_bits()
        || found == expected
        || found.is_nan() && expected.is_nan()
        || error <= 1e-13 * expected.abs() + absolute
}

#[test]
fn every_operation_computes_the_same_or_is_told() {
    let mut wrong = Vec::new();
    for &op in Op::ALL {
        let mut points: Vec<Vec<f64>> = op.samples().iter().map(|x| x.to_vec()).collect();
        if op.whole_operand().is_none() {
            let width = points[0].len();
            for k in 0..BESIDE.len() {
                for step in 0..BESIDE.len() {
                    points
                        .push((0..width).map(|j| BESIDE[(k + j * step) % BESIDE.len()]).collect());
                }
            }
        }
        for x in points {
            let f = of(op, &x);
            match function(&f, Width::Double) {
                Ok(file) if operations::is_known(op) => {
                    let (found, expected) = (outputs(&file, &x)[0], f.value(&x).unwrap());
                    // What is computed from a part that is near 1 has the errors of 1.
                    let absolute =
                        if matches!(op, Op::Erfc | Op::LogSumExp) { 1e-15 } else { 1e-300 };
                    // What an infinity in the middle makes of it is not promised.
                    if !near(found, expected, absolute) && expected.is_finite() {
                        wrong.push(format!("{}{x:?}: {found:e}, expected {expected:e}", op.name()));
                    }
                }
                Err(Error::Operation { op: name, .. }) if !operations::is_known(op) => {
                    assert_eq!(name, op.name());
                }
                other => panic!("`{}`: {other:?}", op.name()),
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn functions_with_vectors_loops_and_derivatives() {
    let inputs = Inputs::new().variables("w", 3).parameter("x");
    let f = Function::record(inputs, |v| {
        let layer: Vec<_> = v[..3].iter().map(|&w| (w * v[3]).tanh()).collect();
        loops::fold(0..4, layer[0] + layer[1] * layer[2], |_, y| (y * 1.5).sin() + v[0])
    })
    .unwrap();
    let at = [0.3, -0.8, 1.25, 0.7];
    for (name, f) in [
        ("f", f.clone()),
        ("gradient", f.gradient().unwrap()),
        ("both", f.with_gradient().unwrap()),
    ] {
        let file = function(&f, Width::Double).unwrap();
        let (found, expected) = (outputs(&file, &at), f.eval(&at).unwrap());
        assert_eq!(found.len(), expected.len(), "{name}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!(near(*found, *expected, 0.0), "{name}: {found:e}, expected {expected:e}");
        }
    }
}

#[test]
fn what_is_written_down() {
    let f = Function::record(Inputs::new().variables("w", 2).parameter("v1"), |v| {
        (v[0] * v[2] + 1.0).sigmoid() + (v[1] * 0.5).expm1()
    })
    .unwrap();
    insta::assert_snapshot!(listed(&function(&f, Width::Double).unwrap()));
    let single = listed(&function(&f, Width::Single).unwrap());
    assert!(
        single.contains("input w: float [rows, 2]") && single.contains("output P: float [rows]"),
        "{single}"
    );
    // The same value in every row; a function of nothing has no rows.
    let constant = Function::record(["x"], |_| Scalar::constant(2.0)).unwrap();
    assert!(listed(&function(&constant, Width::Double).unwrap()).contains("= Expand("));
    let nothing = Function::record(Inputs::new(), |_| Scalar::constant(2.0)).unwrap();
    assert!(listed(&function(&nothing, Width::Double).unwrap()).ends_with("output P: double []\n"));
}

#[test]
fn what_cannot_be_written_is_told() {
    let gamma = Function::record(["x"], |v| v[0].gamma().named("g") * 2.0).unwrap();
    let large = Function::record(["x"], |v| v[0] * 1e300).unwrap();
    let long =
        Function::record(["x"], |v| loops::fold(0..2_000_000, v[0], |_, y| y * 1.5)).unwrap();
    let root = Implicit::record(1, 1, |y, x| vec![y[0] * y[0] * y[0] + y[0] - x[0]]).unwrap();
    let implicit = Function::record(["x"], |v| root.solve(&[Scalar::constant(1.0)], v)[0]).unwrap();
    let told = [
        function(&gamma, Width::Double).unwrap_err().to_string(),
        function(&large, Width::Single).unwrap_err().to_string(),
        function(&long, Width::Double).unwrap_err().to_string(),
        function(&implicit, Width::Double).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(told.join("\n"));
}
