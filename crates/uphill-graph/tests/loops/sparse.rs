//! Sparse Jacobians and Hessians of loops: the same entries as of the loop written out, by whichever way.

use uphill_graph::{At, Dual, Function, Inputs, Scalar, Sparse, loops};

use crate::forms::{FORMS, inputs, points};
use crate::roots::ROOTS;
use crate::sparse_forms::{PERFORMANCES, ROWS};
use crate::values::agrees;
use crate::workloads::{WORKLOADS, chained};

pub(crate) fn close(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-12 * (a.abs() + b.abs() + 1e-3)
}

/// Where a few values of a vector are asked for, the matrix has the places of all; the other numbers are 0.
const WIDER: &str = "single entries of a map";

fn contains(what: &str, one: &Sparse, other: &Sparse, x: &[f64]) {
    agrees(what, &one.function, x);
    let (a, b) = (one.function.eval(x).unwrap(), other.function.eval(x).unwrap());
    for ((row, column), number) in one.entries.iter().zip(&a) {
        let due = other.entries.find(row, column).map_or(0.0, |at| b[at]);
        assert!(close(*number, due), "{what}: ({row}, {column}) is {number}, written out {due}");
    }
    let there = |(row, column)| one.entries.find(row, column).is_some();
    assert!(other.entries.iter().all(there), "{what}");
}

/// Two matrices have the same places, and the same numbers there.
pub(crate) fn same(what: &str, one: &Sparse, other: &Sparse, x: &[f64]) {
    assert_eq!((one.rows, one.columns), (other.rows, other.columns), "{what}");
    assert_eq!(one.entries, other.entries, "{what}");
    assert_eq!(one.row_names, other.row_names, "{what}");
    agrees(what, &one.function, x);
    let (a, b) = (one.function.eval(x).unwrap(), other.function.eval(x).unwrap());
    assert_eq!(a.len(), one.entries.len(), "{what}");
    for (k, (a, b)) in a.iter().zip(&b).enumerate() {
        assert!(close(*a, *b), "{what}: {:?} is {a}, written out {b}", one.entry_name(k));
    }
    for (part, of_other) in [(one.lower(), other.lower()), (one.upper(), other.upper())] {
        assert_eq!(part.entries, of_other.entries, "{what}");
        let numbers = part.function.eval(x).unwrap();
        assert_eq!(numbers.len(), part.entries.len(), "{what}");
        for ((row, column), number) in part.entries.iter().zip(numbers) {
            let whole = a[one.entries.find(row, column).unwrap()];
            assert_eq!(number.to_bits(), whole.to_bits(), "{what}: a triangle");
        }
    }
}

/// Compares a Hessian with that of the function written out, and column by column with products; gives how many sweeps it
/// took.
pub(crate) fn hessian_as_written_out(form: &str, f: &Function) -> usize {
    let (kept, flat) =
        (f.sparse_hessian().unwrap(), f.unrolled().unwrap().sparse_hessian().unwrap());
    let product = f.hvp().unwrap();
    for x in points() {
        let compare = if form == WIDER { contains } else { same };
        compare(form, &kept, &flat, &x);
        let numbers = kept.function.eval(&x).unwrap();
        for column in 0..8 {
            let mut point = x.clone();
            point.extend((0..8).map(|k| if k == column { 1.0 } else { 0.0 }));
            let expected = product.eval(&point).unwrap();
            for (row, &expected) in expected.iter().enumerate() {
                let found = kept.entries.find(row, column).map_or(0.0, |at| numbers[at]);
                assert!(
                    (found - expected).abs() <= 1e-11 * (1.0 + expected.abs())
                        || (found.is_nan() && expected.is_nan()),
                    "{form}: ({row}, {column}) is {found}, by hvp {expected}"
                );
                let mirrored = kept.entries.find(column, row).map_or(0.0, |at| numbers[at]);
                let bits = [found, mirrored].map(f64::to_bits);
                assert_eq!(bits[0], bits[1], "{form}: ({row}, {column}) is not symmetric");
            }
        }
    }
    kept.sweeps
}

#[test]
fn hessians_are_those_of_the_loop_written_out() {
    for (form, code) in FORMS.iter().chain(ROOTS).chain(PERFORMANCES) {
        hessian_as_written_out(form, &Function::record(inputs(), code).unwrap());
    }
}

/// Compares a Jacobian with that of the function written out, and column by column with dual numbers; gives how many sweeps
/// it took.
pub(crate) fn jacobian_as_written_out(form: &str, f: &Function) -> usize {
    let (kept, flat) =
        (f.sparse_jacobian().unwrap(), f.unrolled().unwrap().sparse_jacobian().unwrap());
    for x in points() {
        same(form, &kept, &flat, &x);
        let numbers = kept.function.eval(&x).unwrap();
        for column in 0..8 {
            let seed = |(k, &x)| if k == column { Dual::variable(x) } else { Dual::constant(x) };
            let point: Vec<Dual<f64>> = x.iter().enumerate().map(seed).collect();
            for (row, expected) in f.eval_scalar(&point).unwrap().iter().enumerate() {
                let found = kept.entries.find(row, column).map_or(0.0, |at| numbers[at]);
                let expected = expected.tangent;
                assert!(
                    close(found, expected),
                    "{form}: ({row}, {column}) is {found}, by duals {expected}"
                );
            }
        }
    }
    kept.sweeps
}

#[test]
fn jacobians_are_those_of_the_loop_written_out() {
    for (form, code) in ROWS {
        jacobian_as_written_out(form, &Function::record_many(inputs(), code).unwrap());
    }
}

/// Of inputs that are no variables, and of variables in another order than they are read.
#[test]
fn parameters_have_no_lines() {
    let inputs = Inputs::new().variables("a", 3).parameters("t", 4).variables("b", 3);
    let f = Function::record(inputs, |v| {
        let mixed = [v[1], v[4], v[8], v[5]];
        loops::sum(0..3, |i| {
            v[3..7].at(i + 1) * (v[..3].at(i) * v[7..].at(i)).exp() + v.at(2 * i).square() * v[0]
        }) + loops::sum(0..3, |i| mixed.at(i).square() * mixed.at(i + 1))
    })
    .unwrap();
    let hessian = f.sparse_hessian().unwrap();
    let x: Vec<f64> = (0..10).map(|k| 0.4 + 0.3 * f64::from(k).sin()).collect();
    same("parameters", &hessian, &f.unrolled().unwrap().sparse_hessian().unwrap(), &x);
    assert_eq!(hessian.column_names, ["a[0]", "a[1]", "a[2]", "b[0]", "b[1]", "b[2]"]);
}

/// How a matrix of loops is split: without a sweep, and with no more nodes for more iterations.
#[test]
fn what_is_split_does_not_grow() {
    for (name, make) in WORKLOADS {
        let ((few, x), (many, _)) = (make(6), make(40));
        let [few, many] = [few, many].map(|f| (f.sparse_hessian().unwrap(), f));
        assert_eq!((few.0.sweeps, many.0.sweeps), (0, 0), "{name}");
        let operations = [&few, &many].map(|(sparse, _)| sparse.function.graph().operation_count());
        assert_eq!(operations[0], operations[1], "{name}");
        assert_eq!(few.0.function.outputs().len(), 1, "{name}");
        same(name, &few.0, &few.1.unrolled().unwrap().sparse_hessian().unwrap(), &x);
    }
}

#[test]
fn the_chained_problem_has_its_sums() {
    for (n, [h1, h2]) in [
        (1_000, [2564405.8730551293, 1694223.8946827687]),
        (10_000, [25667855.63006532, 16958998.49603039]),
    ] {
        let (f, x) = chained(n);
        let hessian = f.sparse_hessian().unwrap();
        let numbers = hessian.function.eval(&x).unwrap();
        let diagonal = hessian.entries.iter().zip(&numbers).filter(|((row, c), _)| row == c);
        let sums = [
            numbers.iter().map(|number| number.abs()).sum::<f64>(),
            diagonal.map(|(_, number)| number).sum(),
        ];
        for (sum, due) in sums.iter().zip([h1, h2]) {
            assert!((sum - due).abs() <= 1e-12 * due, "N = {n}: {sum}, due {due}");
        }
    }
}

#[test]
fn workloads_of_some_size_are_those_written_out() {
    for ((name, make), size) in WORKLOADS.iter().zip([300, 24, 150]) {
        let (f, x) = make(size);
        let flat = f.unrolled().unwrap().sparse_hessian().unwrap();
        same(name, &f.sparse_hessian().unwrap(), &flat, &x);
    }
}
