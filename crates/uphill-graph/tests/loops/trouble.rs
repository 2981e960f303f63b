//! Where an infinity or NaN arose in a loop: operation, iteration and what it was computed from.

use uphill_graph::{At, Function, Inputs, Scalar, Table, Var, loops};

fn born(f: &Function, x: &[f64]) -> String {
    f.eval_finite(x).unwrap_err().to_string()
}

fn record(code: impl for<'g> Fn(&[Var<'g>]) -> Var<'g>) -> Function {
    Function::record(Inputs::new().variables("x", 20), |x| code(x)).unwrap()
}

/// The numbers 1, 2, …, but for some.
fn point(others: &[(usize, f64)]) -> Vec<f64> {
    let mut x: Vec<f64> = (1..=20).map(f64::from).collect();
    others.iter().for_each(|&(k, number)| x[k] = number);
    x
}

#[test]
fn trouble_is_born_in_an_iteration() {
    let sum = record(|x| loops::sum(1..20, |i| x.at(i).ln() * x[0]));
    let growth = record(|x| loops::fold(0..12, 100.0 * x[0], |_, s: Var<'_>| s.square()));
    let nested = record(|x| {
        loops::sum(0..4, |i| loops::sum(0..5, |j| (1.0 / (x.at(5 * i + j) - 7.0)).named("part")))
    });
    let states = record(|x| {
        loops::fold(0..4, x[0], |i, s: Var<'_>| {
            let inner = loops::fold(0..3, s, |j, t: Var<'_>| (t - x.at(3 * i + j)).sqrt() + 20.0);
            inner * x.at(i)
        })
    });
    let chain = record(|x| {
        let y = loops::map(0..20, |i| x.at(i).sqrt() + i.value());
        let z = loops::map(0..20, |i| y.at(19 - i) * x[1]);
        loops::sum(0..20, |i| z.at(i)).named("total").exp().atan() * z[3]
    });
    let gathered = record(|x| {
        let table = Table::new([7, 3, 3, 0], 20).unwrap();
        loops::sum(0..4, |i| (x.at(table.at(i)) - x.at(i)).ln())
    });
    let choice = record(|x| {
        loops::sum(0..20, |i| Var::select(x.at(i).greater(Var::constant(0.0)), x.at(i).ln(), x[0]))
    });
    let two = record(|x| {
        // The second state is infinite for good reasons; the first one is what makes the NaN.
        let [a, b] = loops::fold(0..10, [x[0], x[1]], |i, [a, b]: [Var<'_>; 2]| {
            [(a - x.at(i)).ln() + 30.0, b * 1e200]
        });
        a + 1.0 / b
    });
    let cases: Vec<(&str, &Function, Vec<f64>)> = vec![
        ("a term", &sum, point(&[(17, -1.0)])),
        ("the input of a term", &sum, point(&[(5, f64::NAN)])),
        ("an infinite term beside a NaN", &sum, point(&[(3, 0.0), (9, -2.0)])),
        ("a state that grows", &growth, point(&[])),
        ("a first value", &growth, point(&[(0, f64::INFINITY)])),
        ("a loop in a loop", &nested, point(&[])),
        ("states of a loop in a loop", &states, point(&[(0, 30.0), (8, 2000.0)])),
        ("loops behind each other", &chain, point(&[(4, -9.0)])),
        ("a gathered entry", &gathered, point(&[(3, 2.5)])),
        ("a choice", &choice, point(&[(2, -1.0), (0, f64::NEG_INFINITY)])),
        ("one of two states", &two, point(&[(0, 40.0), (6, 100.0)])),
    ];
    let mut text = String::new();
    for (what, f, x) in &cases {
        text.push_str(&format!("{what}\n    {}\n", born(f, x)));
        // What simplification makes of it has another form, and the same birth.
        let simple = born(&f.simplify(), x);
        let place = |text: &str| {
            let at = text.split_once(" in iteration ").map(|(_, rest)| rest.to_owned());
            at.map(|rest| rest.split(", from").next().unwrap().to_owned())
        };
        assert_eq!(place(&simple), place(&born(f, x)), "{what}: {simple}");
    }
    let slope = record(|x| loops::sum(0..20, |i| (x.at(i) - 3.0).square().sqrt()));
    text.push_str(&format!("a gradient\n    {}\n", born(&slope.gradient().unwrap(), &point(&[]))));
    let huge = record(|x| loops::sum(0..20, |i| x.at(i) * 8e306));
    text.push_str(&format!("finite terms\n    {}\n", born(&huge, &point(&[]))));
    insta::assert_snapshot!(text);
}

/// A long loop is run again a few times, and not once for each iteration.
#[test]
fn long_loops_are_followed_back() {
    let f = Function::record(["x"], |x| {
        loops::fold(0..100_000, x[0], |i, s: Var<'_>| {
            let gap = (12_345.0 - i.value()).named("gap");
            s + gap.square().sqrt() * 0.0 / (gap + 0.5).floor().abs()
        })
    })
    .unwrap();
    insta::assert_snapshot!(born(&f, &[1.0]));
}
