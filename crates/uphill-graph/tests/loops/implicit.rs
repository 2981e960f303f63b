//! Implicit functions: against many digits and closed forms, where there is no root, and as text.

use uphill_graph::{Complex64, Dual, Function, Implicit, Node, Scalar, Var};

use crate::forms::{inputs, points};
use crate::roots::ROOTS;

fn kepler() -> Implicit {
    Implicit::record(1, 2, |y, x| vec![y[0] - x[1] - x[0] * y[0].sin()]).unwrap()
}

/// The eccentric anomaly, from the far point of the ellipse.
fn anomaly() -> Function {
    let start = [std::f64::consts::PI].map(Var::constant);
    Function::record(["e", "M"], |x| kepler().solve(&start, x)[0].named("E")).unwrap()
}

/// Good to 10⁻¹² of the largest; a slope of 1/κ in the equation has κ times the rounding of its terms, and each derivative
/// once more.
#[test]
fn keplers_equation_has_the_digits_of_sixty() {
    let f = anomaly();
    let orders = [f.clone(), f.gradient().unwrap(), f.hessian().unwrap()];
    let mut wrong = Vec::new();
    for line in include_str!("../data/kepler.txt").lines() {
        let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
        let [e, m, value, by_e, by_m, ee, em, mm] = numbers[..] else { panic!("{line}") };
        let due = [vec![value], vec![by_e, by_m], vec![ee, em, em, mm]];
        for (order, (function, due)) in orders.iter().zip(due).enumerate() {
            let got = function.eval(&[e, m]).unwrap();
            let largest = due.iter().fold(0.0_f64, |largest, due| largest.max(due.abs()));
            let tolerance = 1e-12_f64.max(4e-16 * by_m * (1.0 + 3.0 * order as f64));
            let exact = if e <= 0.99 { 1e-12 } else { tolerance };
            for (got, due) in got.iter().zip(due) {
                let off = (got - due).abs() / largest.max(1e-30);
                if off.is_nan() || off > exact {
                    wrong.push(format!(
                        "e = {e}, M = {m}, order {order}: {got}, due {due}: {off:e}"
                    ));
                }
            }
        }
        // On numbers, duals and complex numbers without a recording.
        let start = std::f64::consts::PI;
        let direct = kepler().solve(&[start], &[e, m])[0];
        assert_eq!(direct.to_bits(), f.value(&[e, m]).unwrap().to_bits());
        let mut close = |slope: f64, what: &str| {
            let off = (slope - by_m).abs() / by_m;
            if off.is_nan() || off > 1e-12_f64.max(2e-15 * by_m) {
                wrong.push(format!("e = {e}, M = {m}, {what}: {slope}, due {by_m}: {off:e}"));
            }
        };
        let dual =
            kepler().solve(&[Dual::constant(start)], &[Dual::constant(e), Dual::variable(m)]);
        assert_eq!(dual[0].value.to_bits(), direct.to_bits());
        close(dual[0].tangent, "dual");
        let complex = [Complex64::new(e, 0.0), Complex64::new(m, 1e-30)];
        let complex = kepler().solve(&[Complex64::constant(start)], &complex)[0];
        close(complex.im * 1e30, "complex");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

type System = (
    &'static str,
    for<'g> fn(&[Var<'g>], &[Var<'g>]) -> Vec<Var<'g>>,
    for<'g> fn(&[Var<'g>]) -> Vec<Var<'g>>,
    &'static [f64],
    &'static [f64],
);

/// Equations, the same solved by hand, a start and a point.
const SYSTEMS: &[System] = &[
    (
        "sum and product",
        |y, x| vec![y[0] + y[1] - x[0], y[0] * y[1] - x[1]],
        |x| {
            let root = (x[0].square() - 4.0 * x[1]).sqrt();
            vec![(x[0] - root) * 0.5, (x[0] + root) * 0.5]
        },
        &[1.0, 4.0],
        &[5.0, 6.0],
    ),
    (
        "three, mixed",
        |y, x| {
            let own = [
                y[0].exp() - x[0] * x[1],
                y[0] + y[1].powi(3) - x[1],
                y[2] * (1.0 + y[0].square()) - x[0] * y[1],
            ];
            vec![
                own[0] * 2.0 - own[1] + own[2] * x[1],
                own[0] * -1.0 + own[2] * 0.5,
                own[0] + own[1] * 3.0 + own[2],
            ]
        },
        |x| {
            let a = (x[0] * x[1]).ln();
            let b = (x[1] - a).cbrt();
            vec![a, b, x[0] * b / (1.0 + a.square())]
        },
        &[0.5, 1.0, 1.0],
        &[1.3, 1.7],
    ),
    (
        "units that differ",
        |y, x| {
            vec![1e9 * y[0] + 1e-9 * y[1] - x[0], 1e9 * y[0] * 3.0 - 2e-9 * y[1] - x[1].square()]
        },
        |x| {
            let first = (2.0 * x[0] + x[1].square()) / 5.0;
            vec![first * 1e-9, (x[0] - first) * 1e9]
        },
        &[0.0, 0.0],
        &[1.3, 1.7],
    ),
];

#[test]
fn systems_have_the_derivatives_of_what_solves_them_to_third_order() {
    for (name, equations, solved, start, point) in SYSTEMS {
        let implicit = Implicit::record(start.len(), 2, equations).unwrap();
        let names = ["x1", "x2"];
        let start: Vec<Var<'_>> = start.iter().map(|&y| Var::constant(y)).collect();
        let mut got = Function::record_many(names, |x| implicit.solve(&start, x)).unwrap();
        let mut due = Function::record_many(names, solved).unwrap();
        for order in 0..4 {
            let pairs = got.eval(point).unwrap().into_iter().zip(due.eval(point).unwrap());
            for (entry, (got, due)) in pairs.enumerate() {
                let close = (got - due).abs() <= 1e-12 * due.abs().max(1e-3 * due.abs().max(1e-3));
                assert!(
                    close || order > 0 && (got - due).abs() <= 1e-11 * (1.0 + due.abs()),
                    "{name}, order {order}, {entry}: {got}, due {due}"
                );
            }
            if order < 3 {
                (got, due) = (got.jacobian().unwrap(), due.jacobian().unwrap());
            }
        }
        // The system is solved once, whatever is made of it.
        let solved = got.graph().heads().filter(|&head| match got.graph().node(head) {
            Node::Result { number, .. } => got.graph().repeated(number).iterations() > 0,
            _ => false,
        });
        assert!(solved.count() <= 1, "{name}");
    }
}

/// What there is no root of: NaN, and a story that names the equation.
#[test]
fn where_there_is_no_root() {
    type Equations = for<'g> fn(&[Var<'g>], &[Var<'g>]) -> Vec<Var<'g>>;
    let cases: [(&str, Equations, &[f64], f64); 8] = [
        ("none", |y, x| vec![y[0].square() + x[0]], &[1.3], 1.0),
        ("at the pole", |y, x| vec![y[0].ln() - x[0]], &[-1.0], 1.0),
        ("stands still", |y, x| vec![y[0].square() + x[0]], &[0.0], 1.0),
        ("double", |y, x| vec![y[0].square() - x[0]], &[1.0], 0.0),
        ("double, and not at 0", |y, x| vec![(y[0] - 1.0).square() - x[0]], &[1.01], 0.0),
        (
            "the same equation twice",
            |y, x| vec![y[0] + y[1] - x[0], 2.0 * y[0] + 2.0 * y[1] - 2.0 * x[0]],
            &[0.3, 0.2],
            1.0,
        ),
        (
            "the same but for rounding",
            |y, x| vec![y[0] * 0.1 + y[1] * 0.3 - x[0], y[0] * 0.3 + y[1] * (0.1 * 9.0) - x[0]],
            &[0.3, 0.2],
            1.0,
        ),
        ("of what is no number", |y, x| vec![y[0] - (x[0] - 2.0).ln()], &[0.3], 1.0),
    ];
    let mut text = String::new();
    for (name, equations, start, given) in cases {
        let implicit = Implicit::record(start.len(), 1, equations).unwrap();
        let solved = implicit.solve(start, &[given]);
        assert!(solved.iter().any(|y| y.is_nan()), "{name}: {solved:?}");
        text.push_str(&format!("# {name}\n{}\n", implicit.root(start, &[given]).unwrap_err()));
        let f = Function::record(["x"], |x| {
            let start: Vec<Var<'_>> = start.iter().map(|&y| Var::constant(y)).collect();
            implicit.solve(&start, x)[0].named("height") * 2.0
        });
        let f = f.unwrap();
        for f in [f.clone(), f.gradient().unwrap()] {
            // The slope of a logarithm has a value where it has none.
            match f.eval_finite(&[given]) {
                Err(error) => text.push_str(&format!("{error}\n")),
                Ok(slope) => text.push_str(&format!("{slope:?}\n")),
            }
        }
    }
    let loops = Function::record(inputs(), |x| {
        let root = Implicit::record(1, 1, |y, x| vec![y[0].square() - x[0]]).unwrap();
        uphill_graph::loops::sum(0..8, |i| {
            root.solve(&[Var::constant(1.0)], &[uphill_graph::At::at(x, i) - 0.5])[0]
        })
    });
    let error = loops.unwrap().eval_finite(&[0.9, 0.9, 0.9, 0.4, 0.9, 0.9, 0.9, 0.9]).unwrap_err();
    text.push_str(&format!("# in a loop\n{error}\n"));
    insta::assert_snapshot!("where_there_is_no_root", text);
}

#[test]
fn what_is_refused() {
    let record = |unknowns: usize, count: usize| {
        let error = Implicit::record(unknowns, 1, |_, x| vec![x[0]; count]).unwrap_err();
        error.to_string()
    };
    let expected = [
        (record(0, 0), "not supported: an implicit function with 0 unknowns: expected 1 to 64"),
        (record(65, 65), "not supported: an implicit function with 65 unknowns: expected 1 to 64"),
        (
            record(2, 1),
            "equations of an implicit function with 2 unknowns: expected 2 numbers, got 1",
        ),
        (
            kepler().root(&[1.0], &[0.5]).unwrap_err().to_string(),
            "what is given of an implicit function: expected 2 numbers, got 1",
        ),
    ];
    for (got, due) in expected {
        assert_eq!(got, due);
    }
    // Files whose equations don't fit the loop.
    let text = anomaly().to_json();
    let cases = [
        ("\"zeros\": [0]", "\"zeros\": [77]", "not there"),
        ("\"zeros\": [0]", "\"zeros\": [0, 1]", "2 equations for 1 unknowns"),
        ("\"zeros\": [0]", "\"zeros\": []", "0 equations for 1 unknowns"),
        ("\"zeros\": [0]", "\"zeros\": [5]", "neither unknown nor given"),
        ("\"results\": [{\"last\": 0}]", "\"results\": [{\"sum\": 0}]", "no states"),
        ("\"results\": [{\"last\": 0}]", "\"results\": [{\"last\": 0}, {\"last\": 0}]", ""),
    ];
    for (from, to, what) in cases {
        assert!(text.contains(from), "{text}");
        let error = Function::from_json(&text.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(what), "{to}: {error}");
    }
}

/// Plain loops over equations, which are not loops of the graph; names; and what is solved for numbers alone.
#[test]
fn in_plain_code() {
    let kepler = kepler();
    let known = kepler.solve(&[1.0].map(Var::constant), &[0.5, 1.0].map(Var::constant))[0];
    assert_eq!(format!("{known:?}"), format!("{:?}", kepler.solve(&[1.0], &[0.5, 1.0])[0]));
    let plain = Function::record(inputs(), |x| {
        let mut sum = Var::constant(0.0);
        for round in 0..40 {
            sum += kepler.solve(&[x[round % 8]], &[x[0], x[round % 8]])[0] * (round as f64);
        }
        sum
    });
    let by_loop = Function::record(inputs(), |x| {
        uphill_graph::loops::fold(0..40, Var::constant(0.0), |i, sum: Var<'_>| {
            let places: Vec<usize> = (0..40).map(|round| round % 8).collect();
            let at = uphill_graph::Table::new(places, 8).unwrap();
            let time = uphill_graph::At::at(x, at.at(i));
            sum + kepler.solve(&[time], &[x[0], time])[0] * i.value()
        })
    });
    let (plain, by_loop) = (plain.unwrap(), by_loop.unwrap());
    for x in points() {
        assert_eq!(plain.value(&x).unwrap(), by_loop.value(&x).unwrap());
        for derivative in [Function::gradient, Function::hessian] {
            let both = [&plain, &by_loop].map(|f| derivative(f).unwrap().eval(&x).unwrap());
            for (a, b) in both[0].iter().zip(&both[1]) {
                assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()), "{a}, {b}");
            }
        }
    }
    let named = anomaly().gradient().unwrap();
    assert!(named.graph().find("E").is_ok(), "{named}");
}

#[test]
fn roots_as_text() {
    let mut text = String::new();
    for (name, code) in ROOTS {
        let f = Function::record(inputs(), code).unwrap();
        let gradient = f.gradient().unwrap();
        let trace = f.trace(&points()[0]).unwrap();
        text.push_str(&format!("# {name}\n{f}\n{gradient}\n{}\n", trace.text().digits(4)));
        // The numbers of the trace are those of the function and its gradient.
        let value = f.value(&points()[0]).unwrap();
        let told = trace.forward.last().unwrap().value;
        assert!((told - value).abs() <= 1e-14 * value.abs(), "{name}: {told}, not {value}");
        let slopes = gradient.eval(&points()[0]).unwrap();
        assert!(slopes.iter().all(|slope| slope.is_finite()), "{name}: {slopes:?}");
        for adjoint in &trace.backward[0].adjoints {
            let terms: f64 = adjoint.terms.iter().map(|term| term.value).sum();
            let close = (terms - adjoint.value).abs() <= 1e-12 * (1.0 + terms.abs());
            // Of what the output reads itself there are none, and what does not count may be anything.
            let told = close || adjoint.terms.is_empty() || terms.is_nan();
            assert!(told, "{name}: {} is {terms}", adjoint.name);
            if !adjoint.input {
                continue;
            }
            let position = f.inputs().positions(&adjoint.name).unwrap().start;
            let slope = slopes[position];
            let same = (adjoint.value - slope).abs() <= 1e-14 * slope.abs();
            assert!(same, "{name}: {} is {}, not {slope}", adjoint.name, adjoint.value);
        }
    }
    insta::assert_snapshot!("roots_as_text", text);
}

#[test]
fn explanations() {
    let f = Function::record(["e", "M"], |x| {
        let start = [3.0].map(Var::constant);
        (2.0 * kepler().solve(&start, x)[0].named("E")).sin()
    });
    let f = f.unwrap();
    let both = Function::record_many(["s", "p"], |x| {
        let equations = SYSTEMS[0].1;
        let start = [1.0, 4.0].map(Var::constant);
        let y = Implicit::record(2, 2, equations).unwrap().solve(&start, x);
        vec![y[0].named("y"), y[1].named("z")]
    });
    let both = both.unwrap();
    let text = format!(
        "{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}",
        f.explain("P", "e", &[0.5, 1.0]).unwrap(),
        f.derive("P", "M").unwrap(),
        f.derive("P", "M").unwrap().latex(),
        f.gradient_formulas().unwrap(),
        f.gradient_formulas().unwrap().latex(),
        f.hessian_formulas().unwrap().ascii(),
        both.explain("z", "s", &[5.0, 6.0]).unwrap(),
        both.gradient_formulas().unwrap(),
    );
    insta::assert_snapshot!("explanations_of_roots", text);
}
