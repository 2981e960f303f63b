//! What people read: formulas with as few parentheses as they need, traces, explanations, and stories of trouble.

use uphill_graph::{Detail, Function, Inputs, Scalar, Trace, Var};

fn example() -> Function {
    Function::record(["w1", "w2", "w3"], |w| {
        let o1 = (w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1");
        let o2 = (2.0 * w[0] - w[1] - 6.0).named("o2");
        3.0 * o1 - 7.0 * o2
    })
    .unwrap()
}

/// A formula that is written as the code that made it: what the parentheses must get right.
#[test]
fn formulas_have_the_parentheses_they_need_and_no_more() {
    type Code = for<'g> fn(Var<'g>, Var<'g>, Var<'g>) -> Var<'g>;
    let table: &[(&str, Code)] = &[
        ("a + b + c", |a, b, c| a + b + c),
        ("a + (b + c)", |a, b, c| a + (b + c)),
        ("a - (b - c)", |a, b, c| a - (b - c)),
        ("a - b - c", |a, b, c| a - b - c),
        ("a - b*c", |a, b, c| a - b * c),
        ("(a - b)*c", |a, b, c| (a - b) * c),
        ("a*(b*c)", |a, b, c| a * (b * c)),
        ("a*b*c", |a, b, c| a * b * c),
        ("a/b/c", |a, b, c| a / b / c),
        ("a/(b/c)", |a, b, c| a / (b / c)),
        ("a/(b*c)", |a, b, c| a / (b * c)),
        ("a*(b/c)", |a, b, c| a * (b / c)),
        ("-a + b", |a, b, _| -a + b),
        ("-(a + b)", |a, b, _| -(a + b)),
        ("a*(-b)", |a, b, _| a * -b),
        ("-(a*b)", |a, b, _| -(a * b)),
        ("-a^2", |a, _, _| -a.square()),
        ("(-a)^2", |a, _, _| (-a).square()),
        ("(a + b)^3", |a, b, _| Scalar::powi(a + b, 3)),
        ("a^(-2)", |a, _, _| Scalar::powi(a, -2)),
        ("a^(b^c)", |a, b, c| a.pow(b.pow(c))),
        ("(a^b)^c", |a, b, c| a.pow(b).pow(c)),
        ("1/(a + b)", |a, b, _| (a + b).recip()),
        ("1/a*b", |a, b, _| a.recip() * b),
        ("a*(1/b)", |a, b, _| a * b.recip()),
        ("a - 2*b", |a, b, _| a - 2.0 * b),
        ("a + b*(-3)", |a, b, _| a + b * -3.0),
        ("-3*a + b", |a, b, _| -3.0 * a + b),
        ("a - 3", |a, _, _| a + -3.0),
        ("a*0.1 + 1e-7", |a, _, _| a * 0.1 + 1e-7),
        ("a*1e20", |a, _, _| a * 1e20),
        ("select(a > b, a, b)", |a, b, _| Var::select(a.greater(b), a, b)),
        ("(a < b) + c", |a, b, c| a.less(b) + c),
        ("(a < b) == (b < c)", |a, b, c| a.less(b).equals(b.less(c))),
        ("log_sum_exp(a, b, a + c)", |a, b, c| Var::log_sum_exp(&[a, b, a + c])),
        ("clamp(a, -1, 1)", |a, _, _| a.clamp(Var::constant(-1.0), Var::constant(1.0))),
        ("sin(a)*exp(-b)", |a, b, _| a.sin() * (-b).exp()),
    ];
    for (expected, code) in table {
        let f = Function::record(["a", "b", "c"], |v| code(v[0], v[1], v[2])).unwrap();
        let text = f.to_string();
        let formula = text.lines().last().unwrap().trim_start_matches("  P = ");
        assert_eq!(formula, *expected);
        // The flat form reads the same, but for a sign that moves into a constant.
        let flat = f.flatten().to_string();
        assert_eq!(flat.lines().last().unwrap().trim_start_matches("  P = "), *expected, "flat");
    }
}

#[test]
fn long_formulas_are_cut_into_lines_and_long_lists_in_the_middle() {
    let inputs = Inputs::new().variables("x", 100);
    let f = Function::record(inputs, |x| x.iter().map(|x| x.sin()).sum::<Var<'_>>().exp()).unwrap();
    insta::assert_snapshot!(f.simplify());
}

#[test]
fn a_trace_of_the_lectures_example() {
    insta::assert_snapshot!(example().trace(&[1.0, 1.0, 1.0]).unwrap());
}

#[test]
fn a_trace_shows_what_its_options_ask_for() {
    let f = Function::record_many(["x", "y"], |v| {
        let shared = v[0].sin() * v[1];
        let u = (shared * shared + 1.0).sqrt().named("u");
        vec![(u / 3.0).named("first"), (shared - u).named("second")]
    })
    .unwrap();
    let trace = f.trace(&[0.5, 2.0]).unwrap();
    insta::assert_snapshot!("trace_of_two_outputs", trace.text().digits(6));
    insta::assert_snapshot!(
        "trace_named_only_by_x",
        trace.text().digits(6).named_only().inputs(["x"])
    );
    let every = f.trace_with(&[0.5, 2.0], Detail::Every).unwrap();
    insta::assert_snapshot!("trace_of_every_operation", every.text().digits(6));
}

#[test]
fn what_flattening_writes_has_its_adjoint() {
    // The differences become sums, with terms that the function itself has no node for.
    let f = Function::record(["x", "y", "z"], |v| {
        let u = v[0] - 2.0 * v[1] - v[2] / 3.0;
        (u - (v[1] - 4.0 * v[2])) * (v[2] - 3.0 * v[0] + v[1] * v[0])
    })
    .unwrap();
    let trace = f.trace_with(&[0.5, 2.0, -1.5], Detail::Every).unwrap();
    for adjoint in trace.backward[0].adjoints.iter().filter(|adjoint| !adjoint.terms.is_empty()) {
        let sum: f64 = adjoint.terms.iter().map(|term| term.value).sum();
        let is_same = (adjoint.value - sum).abs() < 1e-12 * sum.abs();
        assert!(is_same && sum != 0.0, "{}: {} and {sum}\n{trace}", adjoint.name, adjoint.value);
    }
}

#[test]
fn traces_tell_where_trouble_was_born() {
    // Forward: 0/0 in `ratio`, and the way from there.
    let forward = Function::record(["x", "y"], |v| {
        let ratio = (v[0] / v[1]).named("ratio");
        (ratio.exp() + v[0]).named("sum") * 2.0
    })
    .unwrap();
    insta::assert_snapshot!("trouble_forward", forward.trace(&[0.0, 0.0]).unwrap());
    // Backward: finite values, but the slope of the root is infinite at 0.
    let backward = Function::record(["x"], |v| {
        let u = (v[0] * v[0]).named("u");
        u.sqrt() + v[0]
    })
    .unwrap();
    insta::assert_snapshot!("trouble_backward", backward.trace(&[0.0]).unwrap());
}

#[test]
fn traces_are_data_that_comes_back() {
    let f = Function::record(["x"], |v| (v[0] - 1.0).named("gap").ln() * v[0]).unwrap();
    for x in [2.5, 1.0, 0.5, -0.0, f64::INFINITY] {
        let trace = f.trace(&[x]).unwrap();
        let json = serde_json::to_string(&trace).unwrap();
        let back: Trace = serde_json::from_str(&json).unwrap();
        assert_eq!(back.diff(&trace), None, "at {x}: {json}");
        assert_eq!(back.to_string(), trace.to_string());
    }
}

#[test]
fn a_difference_names_the_first_place() {
    let at = |w: &[f64]| example().trace(w).unwrap();
    assert_eq!(at(&[1.0, 2.0, 3.0]).diff(&at(&[1.0, 2.0, 3.0])), None);
    let difference = at(&[1.0, 2.0, 3.0]).diff(&at(&[1.0, 2.0, 4.0])).unwrap();
    assert_eq!(difference.place, "w3");
    // The same values, another derivative: only the way back differs.
    let smooth = Function::record(["x"], |v| v[0].named("x") * 0.0).unwrap().trace(&[0.0]).unwrap();
    let kinked = Function::record(["x"], |v| v[0].abs() * 0.0).unwrap().trace(&[0.0]).unwrap();
    insta::assert_snapshot!(smooth.diff(&kinked).unwrap());
}

#[test]
fn explanations_in_three_scripts() {
    let f = Function::record(["w1", "w2"], |w| {
        let sigma = (w[0] * 2.0 - w[1]).named("σ");
        let o = sigma.sigmoid().named("o");
        -(1.0 - o).square()
    })
    .unwrap();
    let told = f.explain("P", "w1", &[0.5, 1.0]).unwrap();
    insta::assert_snapshot!("explanation_unicode", told);
    insta::assert_snapshot!("explanation_ascii", told.ascii());
    insta::assert_snapshot!("explanation_latex", told.latex());
    assert_eq!(told.value(), Some(f.gradient().unwrap().eval(&[0.5, 1.0]).unwrap()[0]));
}

#[test]
fn explanations_at_the_edges() {
    let f =
        Function::record_many(["x", "y"], |v| vec![v[0] * 2.0, v[0] + v[0] * v[1], v[1]]).unwrap();
    let told =
        |output: &str, by: &str| f.explain(output, by, &[3.0, 4.0]).map(|told| told.to_string());
    let cases = [
        ("P1", "x"),
        ("P1", "y"),
        ("P1", "P1"),
        ("P2", "x"),
        ("y", "y"),
        ("y", "x"),
        ("P9", "x"),
        ("P1", "z"),
    ];
    let text: Vec<String> = cases
        .iter()
        .map(|(output, by)| match told(output, by) {
            Ok(text) => format!("{output} by {by}:\n{text}"),
            Err(error) => format!("{output} by {by}: {error}\n"),
        })
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}
