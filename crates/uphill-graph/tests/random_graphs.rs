//! Random programs over all operations: every mode gives the same derivatives, and simplifying changes nothing.
//!
//! Tame programs (contractive, up to forty steps, with sharing, several inputs and outputs) are compared in reverse,
//! forward and by differences; wild ones meet zeros, infinities and NaN, and are only asked to keep their bits, to be
//! valid, and never to panic.

mod common;

use common::program::{Program, branches, programs, tame_point, wild_point};
use common::{close, difference, same_bits};
use proptest::prelude::*;
use uphill_graph::{Dual, Function, Laws, Node, Op};

/// Cases of each property: enough for all operations to meet, few enough for a coffee-free wait.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 1 << 16,
        ..ProptestConfig::default()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The tangents of all outputs in a direction: the program itself, run on duals.
fn forward(program: &Program, x: &[f64], direction: &[f64]) -> Vec<f64> {
    let duals = x.iter().zip(direction).map(|(&x, &tangent)| common::along(x, tangent));
    program.run(&duals.collect::<Vec<_>>()).iter().map(|y| y.tangent).collect()
}

fn unit(n: usize, axis: usize) -> Vec<f64> {
    (0..n).map(|k| if k == axis { 1.0 } else { 0.0 }).collect()
}

/// `d2 P / dx_a dx_b` by the program on nested duals.
fn nested(program: &Program, x: &[f64], a: usize, b: usize) -> f64 {
    let one = |on: bool| if on { 1.0 } else { 0.0 };
    let seed = |(k, &x): (usize, &f64)| {
        common::along(common::along(x, one(k == a)), Dual::constant(one(k == b)))
    };
    program.run(&x.iter().enumerate().map(seed).collect::<Vec<_>>())[0].tangent.tangent
}

/// Whether an operation stands exactly on a step, its own or that of its slope, where the next derivative is not known: a
/// mode that sees that nothing moves there says 0, the others NaN.
fn on_a_step(f: &Function, x: &[f64]) -> bool {
    let values = f.node_values(x).unwrap();
    f.graph().ids().any(|id| {
        let Node::Op(op, operands) = f.graph().node(id) else { return false };
        let (x, z) = (values[operands.first().map_or(id, |&x| x).index()], values[id.index()]);
        match op {
            Op::Abs | Op::Sign => x == 0.0,
            Op::Floor | Op::Ceil => x == z,
            Op::Round => (x - z).abs() == 0.5,
            Op::Mod => z == 0.0,
            Op::Fmod => z == 0.0 && x != 0.0,
            _ => false,
        }
    })
}

/// Two modes agree, or do not know.
fn agree(a: f64, b: f64, tolerance: f64, on_a_step: bool) -> bool {
    close(a, b, tolerance) || (on_a_step && (a.is_nan() || b.is_nan()))
}

fn same_outputs(before: &Function, after: &Function, x: &[f64]) -> Result<(), TestCaseError> {
    let (old, new) = (before.eval(x).unwrap(), after.eval(x).unwrap());
    for (k, (&old, &new)) in old.iter().zip(&new).enumerate() {
        prop_assert!(
            same_bits(old, new),
            "output {k} at {x:?}: {old:?} before, {new:?} after\n{before}\n{after}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(4096))]

    #[test]
    fn reverse_forward_and_differences_agree(
        program in programs(true, 1..=3, 40),
        x in tame_point(),
        direction in tame_point(),
        weights in tame_point(),
    ) {
        let f = program.record();
        let (n, m) = (program.inputs, f.outputs().len());
        let (x, direction, weights) = (&x[..n], &direction[..n], &weights[..m]);

        let values = program.run(x);
        for (k, (&direct, recorded)) in values.iter().zip(f.eval(x).unwrap()).enumerate() {
            prop_assert!(same_bits(direct, recorded), "output {k}: {direct:?} run, {recorded:?} recorded");
        }
        let by_duals = dot(&forward(&program, x, direction), weights);
        let by_jvp = dot(&f.jvp().unwrap().eval(&[x, direction].concat()).unwrap(), weights);
        let by_vjp = dot(&f.vjp().unwrap().eval(&[x, weights].concat()).unwrap(), direction);
        let step_here = on_a_step(&f, x);
        prop_assert!(agree(by_duals, by_jvp, 1e-12, step_here), "duals {by_duals:?}, jvp {by_jvp:?}\n{f}");
        prop_assert!(agree(by_duals, by_vjp, 1e-12, step_here), "duals {by_duals:?}, vjp {by_vjp:?}\n{f}");

        let at = |t: f64| -> Vec<f64> { x.iter().zip(direction).map(|(x, d)| x + t * d).collect() };
        let step = 1.0 / 256.0;
        let here = branches(&f, x);
        if (-4..=4).all(|k| branches(&f, &at(step * f64::from(k))) == here) {
            let along = |t: f64| dot(&f.eval(&at(t)).unwrap(), weights);
            let by_differences = difference(along, step);
            prop_assert!(
                agree(by_duals, by_differences, 1e-8, step_here),
                "duals {by_duals:?}, differences {by_differences:?} at {x:?}\n{f}"
            );
        }
    }

    #[test]
    fn jacobians_agree_with_duals(program in programs(true, 1..=4, 25), x in tame_point()) {
        let f = program.record();
        let n = program.inputs;
        let x = &x[..n];
        let dense = f.jacobian().unwrap();
        let sparse = f.sparse_jacobian().unwrap();
        prop_assert_eq!(dense.verify(), Ok(()));
        let step = on_a_step(&f, x);
        let (entries, found) = (dense.eval(x).unwrap(), sparse.function.eval(x).unwrap());
        for column in 0..n {
            for (row, expected) in forward(&program, x, &unit(n, column)).into_iter().enumerate() {
                let entry = entries[row * n + column];
                prop_assert!(agree(entry, expected, 1e-12, step), "({row}, {column}): {entry:?}, dual {expected:?}\n{f}");
                let place = sparse.entries.find(row, column);
                let entry = place.map_or(0.0, |place| found[place]);
                prop_assert!(agree(entry, expected, 1e-12, step), "sparse ({row}, {column}): {entry:?}, dual {expected:?}\n{f}");
            }
        }
    }
}

proptest! {
    #![proptest_config(config(4096))]

    #[test]
    fn hessians_agree_with_nested_duals(program in programs(true, 1..=1, 25), x in tame_point()) {
        let f = program.record();
        let n = program.inputs;
        let x = &x[..n];
        let dense = f.hessian().unwrap().eval(x).unwrap();
        let sparse = f.sparse_hessian().unwrap();
        let found = sparse.function.eval(x).unwrap();
        let hvp = f.hvp().unwrap();
        let step = on_a_step(&f, x);
        for (a, b) in (0..n).flat_map(|a| (0..n).map(move |b| (a, b))) {
            let expected = nested(&program, x, a, b);
            let place = sparse.entries.find(a, b);
            for (mode, entry) in [
                ("hessian", dense[a * n + b]),
                ("hessian, transposed", dense[b * n + a]),
                ("sparse", place.map_or(0.0, |place| found[place])),
                ("hvp", hvp.eval(&[x, &unit(n, b)].concat()).unwrap()[a]),
            ] {
                prop_assert!(
                    agree(entry, expected, 1e-10, step),
                    "({a}, {b}) at {x:?}, {mode}: {entry:?}, nested duals {expected:?}\n{f}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(config(4096))]

    #[test]
    fn simplifying_keeps_every_bit(
        program in prop_oneof![programs(false, 1..=3, 40), programs(true, 1..=3, 40)],
        points in prop::collection::vec(wild_point(), 8),
    ) {
        let f = program.record();
        let (simple, flat) = (f.simplify(), f.flatten());
        let (slopes, relaxed) = (f.simplify_with(Laws::Slopes), f.simplify_with(Laws::Relaxed));
        for after in [&simple, &flat, &slopes, &relaxed] {
            prop_assert_eq!(after.verify(), Ok(()));
            prop_assert_eq!(after.inputs(), f.inputs());
        }
        for after in [&simple, &flat] {
            prop_assert!(after.graph().operation_count() <= f.graph().operation_count());
        }
        for x in &points {
            let x = &x[..program.inputs];
            same_outputs(&f, &simple, x)?;
            same_outputs(&f, &flat, x)?;
        }
    }

    /// One pass may leave a little for the next: what an identity has cut off still counts as a reader while sums are
    /// flattened. A third one finds nothing.
    #[test]
    fn simplifying_ends(
        program in prop_oneof![programs(false, 1..=3, 40), programs(true, 1..=3, 40)],
    ) {
        let size = |f: &Function| (f.graph().operation_count(), f.graph().len());
        let mut rounds = vec![program.record().simplify()];
        // A run can make two nodes equal, which the next one shares; that ends soon, and nothing ever grows.
        for _ in 0..4 {
            rounds.push(rounds[rounds.len() - 1].simplify());
        }
        let sizes: Vec<_> = rounds.iter().map(size).collect();
        prop_assert!(sizes.windows(2).all(|pair| pair[1].0 <= pair[0].0), "it grows: {sizes:?}\n{}", rounds[0]);
        prop_assert_eq!(sizes[3], sizes[4], "it goes on: {:?}\n{}", sizes, rounds[0]);
    }

    #[test]
    fn derivatives_of_wild_programs_are_valid_functions(
        program in programs(false, 1..=1, 30),
        points in prop::collection::vec(wild_point(), 4),
    ) {
        let f = program.record();
        // The derivative of `polygamma` or `powi` can leave the range of its order; that is an error, not a panic.
        let Ok(both) = f.with_gradient() else { return Ok(()) };
        prop_assert_eq!(both.verify(), Ok(()));
        let gradient = f.gradient().unwrap();
        for x in &points {
            let x = &x[..program.inputs];
            let (value, all) = (f.value(x).unwrap(), both.eval(x).unwrap());
            prop_assert!(same_bits(value, all[0]), "P at {x:?}: {value:?} alone, {:?} with its gradient\n{f}", all[0]);
            for (k, (&a, &b)) in gradient.eval(x).unwrap().iter().zip(&all[1..]).enumerate() {
                prop_assert!(same_bits(a, b), "dP/dx{k} at {x:?}: {a:?} alone, {b:?} with P\n{f}");
            }
        }
        let jvp = f.jvp().unwrap();
        prop_assert_eq!(jvp.verify(), Ok(()));
    }
}
