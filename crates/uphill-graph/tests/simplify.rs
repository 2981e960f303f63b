//! Which identities `simplify` uses, and which it must not: each row counts operations, each result keeps its bits.
//!
//! Bits are compared at every pair of special operands: zeros of both signs, infinities, NaN, subnormals, huge numbers.
//! What only holds for finite real numbers stays as it is under `Laws::Exact`, and goes under `Laws::Relaxed`.

#![allow(clippy::eq_op, reason = "x - x and x / x are what this is about")]

mod common;

use common::{Report, SPECIAL, same_bits};
use uphill_graph::{Function, Inputs, Laws, Node, Op, Scalar, Var};

type Code = for<'g> fn(&[Var<'g>]) -> Var<'g>;

fn number<'g>(x: f64) -> Var<'g> {
    Var::constant(x)
}

/// A constant that only `simplify` finds out: recording would use it at once.
fn late<'g>(x: f64, any: Var<'g>) -> Var<'g> {
    Var::select(number(1.0), number(x), any)
}

fn special_pairs() -> impl Iterator<Item = [f64; 2]> {
    SPECIAL.into_iter().flat_map(|x| SPECIAL.into_iter().map(move |y| [x, y]))
}

fn operations(f: &Function) -> usize {
    f.graph().operation_count()
}

/// Name, code of x and y, operations left by `Exact`, operations left by `Relaxed`.
type Row = (&'static str, Code, usize, usize);

#[rustfmt::skip]
const EXACT: &[Row] = &[
    ("x·1", |x| x[0] * 1.0, 0, 0),
    ("1·x", |x| 1.0 * x[0], 0, 0),
    ("x·-1", |x| x[0] * -1.0, 1, 1),
    ("x/1", |x| x[0] / 1.0, 0, 0),
    ("x/-1", |x| x[0] / -1.0, 1, 1),
    ("1/x", |x| 1.0 / x[0], 1, 1),
    ("x + -0", |x| x[0] + -0.0, 0, 0),
    ("-0 + x", |x| -0.0 + x[0], 0, 0),
    ("x - 0", |x| x[0] - 0.0, 0, 0),
    ("-0 - x", |x| -0.0 - x[0], 1, 1),
    ("-(-x)", |x| -(-x[0]), 0, 0),
    ("-(-(-x))", |x| -(-(-x[0])), 1, 1),
    ("-x · -y", |x| -x[0] * -x[1], 1, 1),
    ("x - -y", |x| x[0] - (-x[1]), 1, 1),
    ("x + -y", |x| x[0] + (-x[1]), 1, 1),
    ("-x + y", |x| -x[0] + x[1], 1, 1),
    ("x·x", |x| x[0] * x[0], 1, 1),
    ("(-x)²", |x| (-x[0]).square(), 1, 1),
    ("|x|²", |x| x[0].abs().square(), 1, 1),
    ("|-x|", |x| (-x[0]).abs(), 1, 1),
    ("||x||", |x| x[0].abs().abs(), 1, 1),
    ("x^0", |x| x[0].powi(0), 0, 0),
    ("x^1", |x| x[0].powi(1), 0, 0),
    ("x^2", |x| x[0].powi(2), 1, 1),
    ("x^-1", |x| x[0].powi(-1), 1, 1),
    ("min(x, x)", |x| x[0].min(x[0]), 0, 0),
    ("max(x, x)", |x| x[0].max(x[0]), 0, 0),
    ("select(1, x, y)", |x| Var::select(number(1.0), x[0], x[1]), 0, 0),
    ("select(0, x, y)", |x| Var::select(number(0.0), x[0], x[1]), 0, 0),
    ("select(-0, x, y)", |x| Var::select(number(-0.0), x[0], x[1]), 0, 0),
    ("select(NaN, x, y)", |x| Var::select(number(f64::NAN), x[0], x[1]), 0, 0),
    ("select(x, y, y)", |x| Var::select(x[0], x[1], x[1]), 0, 0),
    ("sum of one", |x| Var::total(&x[..1]), 0, 0),
    ("product of one", |x| Var::apply(Op::Product, &x[..1]), 0, 0),
    ("mean of one", |x| Var::mean(&x[..1]), 0, 0),
    ("sum of two", |x| Var::total(x), 1, 1),
    ("2·3 + x", |x| late(2.0, x[0]) * late(3.0, x[0]) + x[0], 1, 1),
    ("sin(1) late", |x| late(1.0, x[0]).sin(), 0, 0),
    ("constant folding", |x| x[0] * (late(2.0, x[0]) - 1.0) + late(0.0, x[1]) * -1.0, 0, 0),
];

/// True for real numbers, false in IEEE arithmetic: zeros, infinities or NaN break them, or rounding does.
#[rustfmt::skip]
const RELAXED: &[Row] = &[
    ("x·0", |x| x[0] * 0.0, 1, 0),
    ("0·x", |x| 0.0 * x[0], 1, 0),
    ("x - x", |x| x[0] - x[0], 1, 0),
    ("x / x", |x| x[0] / x[0], 1, 0),
    ("x + 0", |x| x[0] + 0.0, 1, 0),
    ("0 + x", |x| 0.0 + x[0], 1, 0),
    ("x - -0", |x| x[0] - -0.0, 1, 1),
    ("0 - x", |x| 0.0 - x[0], 1, 1),
    ("0 / x", |x| 0.0 / x[0], 1, 0),
    ("1/(1/x)", |x| x[0].recip().recip(), 2, 0),
    ("ln e^x", |x| x[0].exp().ln(), 2, 0),
    ("e^(ln x)", |x| x[0].ln().exp(), 2, 0),
    ("(√x)²", |x| x[0].sqrt().square(), 2, 0),
    ("√(x²)", |x| x[0].square().sqrt(), 2, 2),
    ("(x + y) - y", |x| (x[0] + x[1]) - x[1], 2, 2),
    ("x·y / y", |x| x[0] * x[1] / x[1], 2, 2),
    ("x + (y + 1)", |x| x[0] + (x[1] + 1.0), 2, 2),
    ("-x · y", |x| -x[0] * x[1], 2, 2),
    ("x·3·4", |x| x[0] * 3.0 * 4.0, 1, 1),
];

#[test]
fn exact_identities_are_used_and_keep_bits() {
    let mut report = Report::default();
    for &(name, code, exact, relaxed) in EXACT.iter().chain(RELAXED) {
        let f = Function::record(["x", "y"], code).unwrap();
        let simple = f.simplify();
        for (laws, expected, left) in [
            ("exact", exact, operations(&simple)),
            ("relaxed", relaxed, operations(&f.simplify_with(Laws::Relaxed))),
            ("twice exact", exact, operations(&simple.simplify())),
        ] {
            report.check(expected == left, || {
                format!("{name}, {laws}: expected {expected} operations, {left} are left")
            });
        }
        for at in special_pairs() {
            let (before, after) = (f.value(&at).unwrap(), simple.value(&at).unwrap());
            report.check(same_bits(before, after), || {
                format!("{name} at {at:?}: {before:?} before, {after:?} after simplifying")
            });
        }
    }
}

/// The operations left, in order of evaluation, each with its number of operands.
fn shape(f: &Function) -> Vec<String> {
    let ops = f.graph().ids().filter_map(|id| match f.graph().node(id) {
        Node::Op(op, x) => Some(format!("{} {}", op.name(), x.len())),
        _ => None,
    });
    ops.collect()
}

/// What `Laws::Slopes` writes otherwise: name, code of x, what `Exact` leaves of value and gradient, and what it leaves.
type SlopeRow = (&'static str, Code, &'static [&'static str], &'static [&'static str]);

#[rustfmt::skip]
const SLOPES: &[SlopeRow] = &[
    ("sigmoid", |x| x[0].sigmoid(), &["sigmoid 1", "sigmoid_slope 2"], &["sigmoid 1", "sub 2", "mul 2"]),
    ("tanh", |x| x[0].tanh(), &["tanh 1", "tanh_slope 2"], &["tanh 1", "square 1", "sub 2"]),
    ("softplus", |x| x[0].softplus(), &["softplus 1", "sigmoid 1"], &["softplus 1", "sigmoid 1"]),
    ("atan", |x| x[0].atan(), &["atan 1", "hypot 2", "recip 1", "square 1"], &["atan 1", "hypot 2", "recip 1", "square 1"]),
];

#[test]
fn slopes_are_written_by_the_values_that_go_along_and_nothing_else_is() {
    let mut report = Report::default();
    for &(name, code, exact, slopes) in SLOPES {
        let f = Function::record(["x"], code).unwrap().with_gradient().unwrap();
        let written = f.simplify_with(Laws::Slopes);
        for (laws, expected, left) in
            [("exact", exact, shape(&f.simplify())), ("slopes", slopes, shape(&written))]
        {
            report.check(expected == left, || format!("{name}, {laws}: {left:?} is left"));
        }
        // The lecture's formula loses digits where the value is near its limit, and is the same slope elsewhere.
        for x in [-3.0, -0.5, 0.0, 1e-9, 0.25, 2.0] {
            let [before, after] = [&f, &written].map(|f| f.eval(&[x]).unwrap());
            let near = (before[1] - after[1]).abs() <= 1e-13 * before[1].abs();
            report.check(same_bits(before[0], after[0]) && near, || {
                format!("{name} at {x:?}: {before:?} before, {after:?} after")
            });
        }
    }
    // What holds for finite real numbers alone stays as `Exact` leaves it.
    for &(name, code, ..) in EXACT.iter().chain(RELAXED) {
        let f = Function::record(["x", "y"], code).unwrap();
        let (exact, slopes) = (f.simplify(), f.simplify_with(Laws::Slopes));
        report.check(exact.graph() == slopes.graph(), || format!("{name}, slopes: {slopes}"));
    }
}

#[test]
fn chains_become_n_ary_and_nothing_else() {
    let rows: [(&str, Code, &[&str]); 17] = [
        ("a + b + c + d", |x| x[0] + x[1] + x[2] + x[3], &["sum 4"]),
        ("a + b", |x| x[0] + x[1], &["add 2"]),
        ("a + (b + c)", |x| x[0] + (x[1] + x[2]), &["add 2", "add 2"]),
        ("(a + b) + (c + d)", |x| (x[0] + x[1]) + (x[2] + x[3]), &["add 2", "sum 3"]),
        ("ab + cd", |x| x[0] * x[1] + x[2] * x[3], &["dot 4"]),
        ("ab + cd + a", |x| x[0] * x[1] + x[2] * x[3] + x[0], &["dot 4", "add 2"]),
        ("a + bc + cd", |x| x[0] + x[1] * x[2] + x[2] * x[3], &["mul 2", "mul 2", "sum 3"]),
        ("ab + c", |x| x[0] * x[1] + x[2], &["mul 2", "add 2"]),
        ("a·b·c·d", |x| x[0] * x[1] * x[2] * x[3], &["product 4"]),
        ("a·(b·c)", |x| x[0] * (x[1] * x[2]), &["mul 2", "mul 2"]),
        ("a - 2b + 5c", |x| x[0] - 2.0 * x[1] + 5.0 * x[2], &["mul 2", "mul 2", "sum 3"]),
        ("3a - 7b", |x| 3.0 * x[0] - 7.0 * x[1], &["dot 4"]),
        ("ab - cd", |x| x[0] * x[1] - x[2] * x[3], &["mul 2", "mul 2", "sub 2"]),
        ("Σ by iterator", |x| x.iter().copied().sum(), &["sum 4"]),
        ("Π by iterator", |x| x.iter().copied().product(), &["product 4"]),
        ("Σ w x by iterator", |x| (0..2).map(|k| x[k] * x[k + 2]).sum(), &["dot 4"]),
        ("mean", |x| Var::mean(x), &["mean 4"]),
    ];
    let mut report = Report::default();
    for (name, code, expected) in rows {
        let f = Function::record(Inputs::new().variables("x", 4), code).unwrap();
        for (how, flat) in [("flatten", f.flatten()), ("simplify", f.simplify())] {
            let found = shape(&flat);
            report.check(found == expected, || {
                format!("{name}, {how}: expected {expected:?}, got {found:?}")
            });
        }
        for base in [[1e16, 1.0, -1e16, 0.3], [0.1, 0.2, 0.3, 0.7], [-0.0; 4], [f64::MAX; 4]] {
            let before = f.value(&base).unwrap();
            for (how, flat) in [("flatten", f.flatten()), ("simplify", f.simplify())] {
                let after = flat.value(&base).unwrap();
                report.check(same_bits(before, after), || {
                    format!("{name} at {base:?}, {how}: {before:?} before, {after:?} after")
                });
            }
        }
    }
}

/// A partial sum that a name, an output or another reader holds stays a node of its own.
#[test]
fn partial_sums_that_are_held_stay() {
    let inputs = || Inputs::new().variables("x", 4);
    let named = Function::record(inputs(), |x| (x[0] + x[1]).named("s") + x[2] + x[3]).unwrap();
    let shared = Function::record(inputs(), |x| {
        let s = x[0] + x[1];
        (s + x[2] + x[3]) * s
    });
    let output = Function::record_many(inputs(), |x| {
        let s = x[0] + x[1];
        vec![s, s + x[2] + x[3]]
    });
    let named_product =
        Function::record(inputs(), |x| (x[0] * x[1]).named("p") + x[2] * x[3]).unwrap();
    for (held, f, expected) in [
        ("named", named, vec!["add 2", "sum 3"]),
        ("shared", shared.unwrap(), vec!["add 2", "sum 3", "mul 2"]),
        ("an output", output.unwrap(), vec!["add 2", "sum 3"]),
        ("a named product", named_product, vec!["mul 2", "mul 2", "add 2"]),
    ] {
        assert_eq!(shape(&f.simplify()), expected, "a partial sum that is {held}");
    }
}

/// Sums are added from the first to the last, as the same loop on numbers does: order matters here.
#[test]
fn long_sums_keep_their_order() {
    let x: Vec<f64> =
        (0_i32..1000).map(|k| f64::from(k * k % 97 - 40) * 1.7_f64.powi(k % 60)).collect();
    let inputs = Inputs::new().variables("x", x.len());
    let f = Function::record(inputs.clone(), |x| x.iter().copied().sum()).unwrap().simplify();
    assert_eq!(shape(&f), ["sum 1000"]);
    let forward: f64 = x.iter().copied().sum();
    assert_ne!(forward, x.iter().rev().copied().sum::<f64>(), "the numbers must tell orders apart");
    assert_eq!(f.value(&x).unwrap().to_bits(), forward.to_bits());

    let dot = Function::record(inputs, |x| x.windows(2).map(|x| x[0] * x[1]).sum()).unwrap();
    let dot = dot.simplify();
    assert_eq!(shape(&dot), ["dot 1998"]);
    let expected: f64 = x.windows(2).map(|x| x[0] * x[1]).sum();
    assert_eq!(dot.value(&x).unwrap().to_bits(), expected.to_bits());
}

/// Outputs that nothing else needs go; inputs, names and outputs stay, whatever they are.
#[test]
fn dead_code_goes_and_interfaces_stay() {
    let f = Function::record_many(["x", "unused"], |x| {
        let _dead = x[0].sin().exp();
        vec![x[0], Var::constant(2.0), x[0] + 1.0]
    });
    let simple = f.unwrap().simplify();
    assert_eq!(operations(&simple), 1);
    assert_eq!(simple.input_names().collect::<Vec<_>>(), ["x", "unused"]);
    assert_eq!(simple.output_names().collect::<Vec<_>>(), ["x", "P2", "P3"]);
    assert_eq!(simple.eval(&[5.0, 0.0]).unwrap(), [5.0, 2.0, 6.0]);
}
