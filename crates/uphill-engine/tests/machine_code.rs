//! Machine code where it takes another way than the interpreter: calls for two operations at once, values that never
//! reach memory, code in several functions. The same bits as the reference.
#![cfg(feature = "jit")]

use uphill_engine::{Backend, Compiler, Program};
use uphill_graph::{Function, Inputs, Scalar, Var};

fn programs(function: &Function) -> [Program; 4] {
    let compiler = Compiler::new().machine_code();
    let straight = compiler.clone().without_loops();
    // Which thread makes a function makes no difference.
    [compiler.clone(), compiler.strict(), straight.clone(), straight.strict().threads(3)]
        .map(|compiler| compiler.compile(function).unwrap())
}

/// Runs at each point, one after the other in the same memory, twice.
fn compare(function: &Function, points: &[Vec<f64>]) {
    for program in programs(function) {
        let mut machine = program.workspace().backend(Backend::MachineCode);
        let mut reference = program.workspace().backend(Backend::Reference);
        let mut got = vec![0.0; program.output_count()];
        let mut due = got.clone();
        for point in points.iter().chain(points) {
            program.run(&mut machine, point, &mut got).unwrap();
            program.run(&mut reference, point, &mut due).unwrap();
            for (k, (got, due)) in got.iter().zip(&due).enumerate() {
                let same = got.to_bits() == due.to_bits() || got.is_nan() && due.is_nan();
                assert!(
                    same,
                    "output {k} at {point:?}: {got:e}, the reference gives {due:e}\n{program}"
                );
            }
        }
    }
}

fn points(count: usize, special: &[f64]) -> Vec<Vec<f64>> {
    let mut points: Vec<Vec<f64>> = (0..6)
        .map(|p| (0..count).map(|k| ((p * 7 + k * 3) % 11) as f64 / 7.0 - 0.6).collect())
        .collect();
    for k in 0..count {
        for &number in special {
            let mut point = points[k % 6].clone();
            point[k] = number;
            points.push(point);
        }
    }
    for &number in special {
        points.push(vec![number; count]);
    }
    points
}

const SPECIAL: [f64; 5] = [0.0, -0.0, f64::INFINITY, f64::NAN, 1e300];

#[test]
fn zeros_that_meet_infinities() {
    let f = Function::record(["w", "x", "y"], |v| v[0] * v[1].sqrt() + v[2] * v[1].ln() * v[0]);
    compare(&f.unwrap().with_gradient().unwrap(), &points(3, &SPECIAL));
    let f = Function::record(["a", "b", "c"], |v| {
        let (mut y, mut p) = (v[2], Var::constant(0.0));
        for _ in 0..120 {
            y = y * 0.5 + v[0] * (v[1] + y.square()).sqrt();
            p += y.recip() * v[0];
        }
        p
    });
    compare(&f.unwrap().with_gradient().unwrap(), &points(3, &SPECIAL));
    // Choices, whose gradient has choices.
    let g = Function::record(["a", "b", "c"], |v| {
        let mut p = v[0];
        for _ in 0..120 {
            p = Scalar::max(p * v[1].sqrt(), v[2]) + v[0].sin() * 0.01;
        }
        p
    });
    compare(&g.unwrap().with_gradient().unwrap(), &points(3, &SPECIAL));
}

#[test]
fn operations_in_pairs() {
    let f = Function::record(["x", "y", "z"], |v| {
        let mut p = Var::constant(0.0);
        let mut layer = v.to_vec();
        for k in 0..40 {
            let next: Vec<Var<'_>> = (0..5)
                .map(|n| layer[n % 3] * (0.1 * n as f64) + layer[(n + 1) % 3] * 0.3 - v[k % 3])
                .collect();
            layer = match k % 4 {
                0 => next.iter().map(|x| x.sigmoid()).collect(),
                1 => next.iter().map(|x| (-x.square()).exp()).collect(),
                2 => next.iter().map(|x| x.sin()).collect(),
                _ => next.iter().map(|x| x.cos() + x.sin()).collect(),
            };
            p += layer[0] * layer[4];
        }
        p
    });
    let f = f.unwrap();
    compare(&f, &points(3, &SPECIAL));
    compare(&f.with_gradient().unwrap(), &points(3, &SPECIAL));
}

#[test]
fn many_inputs_and_outputs_in_several_functions() {
    let f = Function::record(Inputs::new().variables("x", 150), |x| {
        let mut p = Var::constant(1.0);
        for k in 0..1600 {
            let (a, b) = (x[k * k % 150], x[(k * 7 + k / 11) % 150]);
            p = match k % 7 {
                0 => p * 0.5 + a * b,
                1 => p + (a - b).square(),
                2 => p - a.sin() * b,
                3 => p * 0.9 + b.abs().min(a),
                4 => p + 0.25 * (a * p).tanh(),
                5 => p.max(b) - a.exp() * 0.1,
                _ => p * 0.99 + a.cos() * b.sin(),
            };
        }
        p
    });
    let f = f.unwrap();
    let some: Vec<Vec<f64>> = points(150, &[]).into_iter().take(6).collect();
    compare(&f, &some);
    compare(&f.with_gradient().unwrap(), &some);
}

#[test]
fn outputs_that_are_inputs_or_constants() {
    let f =
        Function::record_many(["x", "y"], |v| vec![v[1], Var::constant(2.5), v[0] * v[1], v[0]]);
    compare(&f.unwrap(), &points(2, &SPECIAL));
    let f = Function::record_many(["x", "y"], |v| vec![v[1], Var::constant(2.5), v[0]]);
    compare(&f.unwrap(), &points(2, &SPECIAL));
}
