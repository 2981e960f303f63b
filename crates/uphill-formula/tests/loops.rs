//! Ranges as loops: the same function as the text with each term written out, in few operations however long the range.

use uphill_formula::{Error, Formula, Limits};
use uphill_graph::Function;

/// A text with a range, and the same text written out.
struct Row {
    looped: &'static str,
    written: String,
    /// How many operations the loops are written down in at most; none where all has to be written out.
    operations: Option<usize>,
}

/// `term(from)`, …, `term(to)` with something between.
fn list(from: i64, to: i64, between: &str, term: impl Fn(i64) -> String) -> String {
    (from..=to).map(term).collect::<Vec<_>>().join(between)
}

fn sum(from: i64, to: i64, term: impl Fn(i64) -> String) -> String {
    format!("({})", list(from, to, " + ", term))
}

trait IntoOutput {
    fn into_output(self) -> String;
}

impl IntoOutput for String {
    fn into_output(self) -> String {
        format!("P = {self}")
    }
}

fn fibonacci(last: i64) -> String {
    (2..=last).fold("f0 = a; f1 = b".into(), |text: String, i| {
        text + &format!("; f{i} = f{} + c*f{}", i - 1, i - 2)
    })
}

fn rows() -> Vec<Row> {
    let row = |looped, written: String, operations| Row { looped, written, operations };
    vec![
        row(
            "P = sum(i, 1..20, x^i/i)",
            format!("P = {}", sum(1, 20, |i| format!("x^{i}/{i}"))),
            Some(3),
        ),
        row(
            "P = sum(i, 1..20, w[i]*x[i])",
            format!("P = {}", sum(1, 20, |i| format!("w[{i}]*x[{i}]"))),
            Some(2),
        ),
        row(
            "variables x[0..20]; P = sum(i, 1..20, (x[i] - x[i - 1]^2)^2)",
            format!(
                "variables x[0..20]; P = {}",
                sum(1, 20, |i| format!("(x[{i}] - x[{}]^2)^2", i - 1))
            ),
            Some(3),
        ),
        row(
            "P = sum(i, 1..20, x[i]*x[i + 1]) + sum(i, 1..15, x[i - 1]^2)",
            format!(
                "P = {} + {}",
                sum(1, 20, |i| format!("x[{i}]*x[{}]", i + 1)),
                sum(1, 15, |i| format!("x[{}]^2", i - 1))
            ),
            Some(4),
        ),
        row(
            "P = sum(i, 0..9, x[2*i + 1]*x[20 - 2*i]) + x[5]",
            format!("P = {} + x[5]", sum(0, 9, |i| format!("x[{}]*x[{}]", 2 * i + 1, 20 - 2 * i))),
            Some(3),
        ),
        row(
            "P = sum(i, -10..5, x*i + y/(i + 20))",
            format!("P = {}", sum(-10, 5, |i| format!("(x*({i}) + y/({i} + 20))"))),
            Some(4),
        ),
        row(
            "P = sum(i, -10..5, atan2(x, -i) + atan2(x, -2*i))",
            format!("P = {}", sum(-10, 5, |i| format!("(atan2(x, -({i})) + atan2(x, -2*({i})))"))),
            Some(5),
        ),
        row(
            "P = product(i, 1..12, x + i/7)",
            format!("P = {}", list(1, 12, "*", |i| format!("(x + {i}/7)"))),
            Some(4),
        ),
        row(
            "P = mean(k, 1..12, sin(k*x))",
            format!("P = mean({})", list(1, 12, ", ", |i| format!("sin({i}*x)"))),
            Some(3),
        ),
        row(
            "P = max(i, 0..11, (i - 4.5)^2*x - y*i)",
            format!("P = max({})", list(0, 11, ", ", |i| format!("({i} - 4.5)^2*x - y*{i}"))),
            Some(10),
        ),
        row(
            "P = min(i, 0..11, sin(i + x)) + min(w[1], w[2])",
            format!(
                "P = min({}) + min(w[1], w[2])",
                list(0, 11, ", ", |i| format!("sin({i} + x)"))
            ),
            Some(7),
        ),
        row(
            "P = log_sum_exp(i, 1..12, x*i + w[i])",
            format!("P = log_sum_exp({})", list(1, 12, ", ", |i| format!("x*{i} + w[{i}]"))),
            Some(6),
        ),
        row(
            "P = hypot(i, 1..12, x - w[i]) + norm(i, 1..12, w[i])",
            format!(
                "P = hypot({}) + norm({})",
                list(1, 12, ", ", |i| format!("x - w[{i}]")),
                list(1, 12, ", ", |i| format!("w[{i}]"))
            ),
            Some(6),
        ),
        // One in another.
        row(
            "P = sum(i, 1..10, sum(j, 1..12, sin(x[i]*y[j])))",
            format!("P = {}", sum(1, 10, |i| sum(1, 12, |j| format!("sin(x[{i}]*y[{j}])")))),
            Some(2),
        ),
        row(
            "variables u[0..99]; P = sum(i, 0..8, sum(j, 0..8, (u[10*i + j + 1] - u[10*i + j + 10])^2))",
            format!(
                "variables u[0..99]; P = {}",
                sum(0, 8, |i| sum(0, 8, |j| {
                    let k = 10 * i + j;
                    format!("(u[{}] - u[{}])^2", k + 1, k + 10)
                }))
            ),
            Some(2),
        ),
        row(
            "P = sum(i, 0..9, sum(j, 0..4, x[10*i + 2*j]))",
            format!("P = {}", sum(0, 9, |i| sum(0, 4, |j| format!("x[{}]", 10 * i + 2 * j)))),
            Some(4),
        ),
        row(
            "P = sum(i, 1..9, w[i, 2]*sum(j, 1..10, w[i, j]*w[j, i]))",
            format!(
                "P = {}",
                sum(1, 9, |i| format!(
                    "w[{i},2]*{}",
                    sum(1, 10, |j| format!("w[{i},{j}]*w[{j},{i}]"))
                ))
            ),
            Some(3),
        ),
        row(
            "P = sum(i, 1..9, product(j, 1..9, x + j*y[i]) - max(k, 1..10, k*x*i))",
            format!(
                "P = {}",
                sum(1, 9, |i| format!(
                    "{} - max({})",
                    list(1, 9, "*", |j| format!("(x + {j}*y[{i}])")),
                    list(1, 10, ", ", |k| format!("{k}*x*{i}"))
                ))
            ),
            Some(11),
        ),
        row(
            "P = sum(i, 1..9, x*sum(j, 1..9, j/i))",
            format!("P = {}", sum(1, 9, |i| format!("x*{}", sum(1, 9, |j| format!("{j}/{i}"))))),
            Some(2),
        ),
        // Subscripts that are looked up.
        row(
            "P = sum(i, 0..9, x[i^2])",
            format!("P = {}", sum(0, 9, |i| format!("x[{}]", i * i))),
            Some(0),
        ),
        row(
            "variables x[0..9]; P = sum(i, 1..30, i*x[mod(i^2, 10)])",
            format!("variables x[0..9]; P = {}", sum(1, 30, |i| format!("{i}*x[{}]", i * i % 10))),
            Some(1),
        ),
        row(
            "P = sum(i, 1..10, sum(j, 1..10, x[abs(i - j)]^2))",
            format!("P = {}", sum(1, 10, |i| sum(1, 10, |j| format!("x[{}]^2", (i - j).abs())))),
            Some(1),
        ),
        row(
            "P = sum(i, 1..10, x[from[i]]*x[from[11 - i]]); outputs P; ".to_owned().leak(),
            format!("P = {}", sum(1, 10, |i| format!("x[{}]*x[{}]", 3 * i % 7, 3 * (11 - i) % 7))),
            Some(1),
        ),
        // Conditions by counters.
        row(
            "P = sum(i, 1..20, if(i == 3, y*i, x^2/i))",
            format!(
                "P = {}",
                sum(1, 20, |i| if i == 3 { "y*3".into() } else { format!("x^2/{i}") })
            ),
            Some(5),
        ),
        row(
            "P = sum(i, 0..10, if(i > 0 and x > 0.5, w[max(i - 1, 0)], w[i]^2))",
            format!(
                "P = {}",
                sum(0, 10, |i| format!("if({i} > 0 and x > 0.5, w[{}], w[{i}]^2)", (i - 1).max(0)))
            ),
            Some(5),
        ),
        // Definitions, own functions, ranges that are computed.
        row(
            "f(k, y) = y^k - a[k]; n = 5; P = sum(i, n..3*n, f(i + 1, x))",
            format!("P = {}", sum(5, 15, |i| format!("(x^{} - a[{}])", i + 1, i + 1))),
            Some(2),
        ),
        row(
            "g(n) = sum(i, 1..n, sin(x*i)); P = g(9) + g(12)",
            format!(
                "P = {} + {}",
                sum(1, 9, |i| format!("sin(x*{i})")),
                sum(1, 12, |i| format!("sin(x*{i})"))
            ),
            Some(5),
        ),
        row(
            "P = sum(i, 0..9, z[i]^2); z[3] = sum(i, 0..9, y[i]); z[5] = z[3]*x",
            format!(
                "z[3] = {}; z[5] = z[3]*x; P = {}",
                sum(0, 9, |i| format!("y[{i}]")),
                sum(0, 9, |i| format!("z[{i}]^2"))
            ),
            Some(2),
        ),
        row("P = x + sum(i, 1..20, i^2)", "P = x + 2870".into(), Some(1)),
        row(
            "P = x*sum(i, 1..20, 2)*product(i, 1..9, i)*max(i, 1..9, -i)",
            "P = x*40*362880*-1".into(),
            Some(3),
        ),
        row("P = sum(i, 1..20, x)", format!("P = {}", sum(1, 20, |_| "x".into())), Some(0)),
        // Recursions.
        row(
            "x[0] = a; x[i] = sin(x[i - 1]*b + i) for i = 1..20; P = x[20]",
            (1..=20).fold("a".into(), |x: String, i| format!("sin({x}*b + {i})")).into_output(),
            Some(4),
        ),
        row(
            "x[0] = a; x[k + 1] = x[k]^2/k for k = 1..12; x[1] = b; P = x[13] + x[0]",
            (1..=12).fold("b".into(), |x: String, k| format!("({x})^2/{k}")).into_output() + " + a",
            Some(4),
        ),
        row(
            "f[0] = a; f[1] = b; f[i] = f[i - 1] + c*f[i - 2] for i = 2..20; P = f[20] + f[19]*f[7]",
            fibonacci(20) + "; P = f20 + f19*f7",
            Some(6),
        ),
        row(
            "u[0] = a; v[0] = b; u[i + 1] = u[i] + 0.1*v[i] for i = 0..19; v[i] = v[i - 1] - 0.1*u[i] for i = 1..20; P = u[20]*v[20]",
            (1..=20).fold("u0 = a; v0 = b".into(), |text: String, i| {
                let k = i - 1;
                text + &format!("; u{i} = u{k} + 0.1*v{k}; v{i} = v{k} - 0.1*u{i}")
            }) + "; P = u20*v20",
            Some(6),
        ),
        row(
            "y[20] = a; y[i] = y[i + 1]*x[i] + 1 for i = 0..19; P = y[0] + y[3]",
            (0..20).rev().fold("y20 = a".into(), |text: String, i| {
                text + &format!("; y{i} = y{}*x[{i}] + 1", i + 1)
            }) + "; P = y0 + y3",
            Some(3),
        ),
        row(
            "y[i] = x[i]^2 + x[i + 1] for i = 1..20; P = sum(i, 1..20, y[i]*y[21 - i])",
            list(1, 20, "; ", |i| format!("y[{i}] = x[{i}]^2 + x[{}]", i + 1))
                + &format!("; P = {}", sum(1, 20, |i| format!("y[{i}]*y[{}]", 21 - i))),
            Some(3),
        ),
        row(
            "P = sum(i, 0..20, s[i]^2); s[i] = s[i - 1]*w + x[i] for i = 1..20; s[0] = x[0]",
            (1..=20).fold("s[0] = x[0]".into(), |text: String, i| {
                text + &format!("; s[{i}] = s[{}]*w + x[{i}]", i - 1)
            }) + &format!("; P = {}", sum(0, 20, |i| format!("s[{i}]^2"))),
            Some(3),
        ),
        row(
            "s[0] = a; s[i] = s[i - 1] + sum(j, 1..10, sin(s[i - 1]*w[j]))/i for i = 1..12; P = s[12]",
            (1..=12).fold("s0 = a".into(), |text: String, i| {
                let k = i - 1;
                let inner = sum(1, 10, |j| format!("sin(s{k}*w[{j}])"));
                text + &format!("; s{i} = s{k} + {inner}/{i}")
            }) + "; P = s12",
            Some(5),
        ),
        row(
            "n = 10; d[i] = 2*i - 1 for i = 1..n; P = sum(i, 1..n, x[d[i]]*i)",
            format!("P = {}", sum(1, 10, |i| format!("x[{}]*{i}", 2 * i - 1))),
            Some(1),
        ),
        row(
            "a[i] = b[i] + x[i] for i = 1..12; b[i] = a[i - 1]*y for i = 2..12; b[1] = y; P = a[12]",
            (2..=12).fold("a1 = y + x[1]".into(), |text: String, i| {
                text + &format!("; a{i} = a{}*y + x[{i}]", i - 1)
            }) + "; P = a12",
            None,
        ),
        row(
            "g[i, j] = g[i - 1, j] + g[i, j - 1]*x for i = 1..4, j = 1..4; g[i, 0] = a*i for i = 0..4; g[0, i] = b*i for i = 1..4; P = g[4, 4]",
            {
                let at = |i: i64, j: i64| match (i, j) {
                    (i, 0) => format!("(a*{i})"),
                    (0, j) => format!("(b*{j})"),
                    (i, j) => format!("g{i}{j}"),
                };
                let rows = (1..=4).flat_map(|i| (1..=4).map(move |j| (i, j)));
                rows.fold(String::new(), |text, (i, j)| {
                    text + &format!("g{i}{j} = {} + {}*x; ", at(i - 1, j), at(i, j - 1))
                }) + "P = g44"
            },
            None,
        ),
        row(
            "x[2*i] = x[2*i - 1]*a for i = 1..10; x[2*i + 1] = x[2*i] + b for i = 0..9; x[0] = c; P = x[20]",
            (0..10).fold("y0 = c".into(), |text: String, i| {
                text + &format!("; y{} = (y{i} + b)*a", i + 1)
            }) + "; P = y10",
            None,
        ),
        // A definition that a recursion needs, and that needs entries of it: no loop.
        row(
            "P = x[20]; x[i] = x[i - 1] + S[1 + if(i > 10, 1, 0)] for i = 1..20; S[1] = b; S[2] = sum(j, 1..10, x[j - 1]*j); x[0] = a",
            (1..=20).fold("x0 = a".into(), |text: String, i| {
                let more =
                    if i > 10 { sum(1, 10, |j| format!("x{}*{j}", j - 1)) } else { "b".into() };
                text + &format!("; x{i} = x{} + {more}", i - 1)
            }) + "; P = x20",
            None,
        ),
        // What an iteration needs twice over, in sums in a sum.
        row(
            "a[i] = sum(j, 1..9, sum(k, 1..9, b[i]*w[k]*x[j])) for i = 1..10; b[i] = b[i - 1] + b[mod(i, 2)] for i = 2..10; b[0] = u; b[1] = v; P = a[10]",
            (2..=10).fold("b0 = u; b1 = v".into(), |text: String, i| {
                text + &format!("; b{i} = b{} + b{}", i - 1, i % 2)
            }) + &format!("; P = {}", sum(1, 9, |j| sum(1, 9, |k| format!("b10*w[{k}]*x[{j}]")))),
            None,
        ),
        row(
            "b[0] = u; b[i] = sin(a[i - 1])*u for i = 1..12; a[0] = 1; a[i] = sum(j, 1..9, sum(k, 1..9, b[i]*w[k]*x[j]/90)) for i = 1..12; P = a[12]",
            (1..=12).fold("a0 = 1".into(), |text: String, i| {
                let terms = sum(1, 9, |j| sum(1, 9, |k| format!("b{i}*w[{k}]*x[{j}]/90")));
                text + &format!("; b{i} = sin(a{})*u; a{i} = {terms}", i - 1)
            }) + "; P = a12",
            Some(5),
        ),
        row("s[i] = s[i - 1]*i for i = 1..6; s[0] = a; P = s[6]", "P = a*720".into(), Some(6)),
        // What can't be a loop is written out: at the depth where it can't.
        row(
            "P = sum(i, 1..12, sum(j, 1..i, x[j]*i))",
            format!("P = {}", sum(1, 12, |i| sum(1, i, |j| format!("x[{j}]*{i}")))),
            None,
        ),
        row(
            "P = sum(i, 1..12, powi(x, i) + polygamma(i, 2 + x))",
            format!("P = {}", sum(1, 12, |i| format!("(powi(x, {i}) + polygamma({i}, 2 + x))"))),
            None,
        ),
        row(
            "P = sum(i, 1..9, softmax(i, x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9])*i)",
            format!(
                "P = {}",
                sum(1, 9, |i| format!(
                    "softmax({i}, {})*{i}",
                    list(1, 9, ", ", |k| format!("x[{k}]"))
                ))
            ),
            None,
        ),
    ]
}

fn function(text: &str) -> Function {
    match Formula::parse(text).and_then(|formula| formula.function_of(&["P"])) {
        Ok(function) => function,
        Err(error) => panic!("{text}\n{error}"),
    }
}

fn operations(f: &Function) -> usize {
    f.graph().operation_count()
}

#[test]
fn loops_are_what_is_written_out() {
    let mut wrong = String::new();
    for Row { looped, written, operations: most } in rows() {
        let looped = match looped.contains("from[") {
            false => looped.to_owned(),
            true => {
                looped.to_owned() + &list(1, 10, "; ", |i| format!("from[{i}] = {}", 3 * i % 7))
            }
        };
        let (f, g) = (function(&looped), function(&written));
        let names: Vec<String> = f.input_names().collect();
        let others: Vec<String> = g.input_names().collect();
        let mut told = |what: &str| wrong += &format!("{looped}: {what}\n{f}\n");
        if names.iter().collect::<std::collections::BTreeSet<_>>()
            != others.iter().collect::<std::collections::BTreeSet<_>>()
        {
            told(&format!("inputs {names:?}, {others:?}"));
            continue;
        }
        if most.is_some_and(|most| operations(&f) > most) {
            told(&format!("{} operations", operations(&f)));
        }
        let point = |names: &[String]| -> Vec<f64> {
            let number = |name: &String| {
                let hash = name.bytes().fold(7_u32, |sum, b| (sum * 31 + u32::from(b)) % 1009);
                0.3 + f64::from(hash) / 1009.0
            };
            names.iter().map(number).collect()
        };
        let (at, there) = (point(&names), point(&others));
        let order: Vec<usize> = names
            .iter()
            .map(|name| others.iter().position(|other| other == name).unwrap())
            .collect();
        let mut compare = |what: &str, found: f64, due: f64| {
            if (found - due).abs() > 1e-11 * due.abs().max(1.0) && !(found.is_nan() && due.is_nan())
            {
                wrong += &format!("{looped}: {what} {found:e}, not {due:e}\n");
            }
        };
        compare("value", f.value(&at).unwrap(), g.value(&there).unwrap());
        let (slopes, due) = (f.gradient().unwrap(), g.gradient().unwrap());
        let (slopes, due) = (slopes.eval(&at).unwrap(), due.eval(&there).unwrap());
        for (k, &other) in order.iter().enumerate() {
            compare(&names[k], slopes[k], due[other]);
        }
        if names.len() <= 30 {
            let (slopes, due) = (f.hessian().unwrap(), g.hessian().unwrap());
            let (slopes, due) = (slopes.eval(&at).unwrap(), due.eval(&there).unwrap());
            let n = names.len();
            for (k, &other) in order.iter().enumerate() {
                for (m, &another) in order.iter().enumerate() {
                    let what = format!("{} {}", names[k], names[m]);
                    compare(&what, slopes[k * n + m], due[other * n + another]);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A range of a million numbers costs what one of ten costs.
#[test]
fn long_ranges_are_short() {
    let rows: &[(&str, &[f64])] = &[
        ("P = sum(i, 1..N, x^i/i)", &[0.5]),
        ("P = sum(i, 1..N, sin(x*i))*mean(i, 1..N, y/i)", &[0.5, 2.0]),
        ("P = product(i, 1..N, 1 + x/i^2) + max(i, 1..N, x - i)", &[0.5]),
        ("P = sum(i, 1..N/100, sum(j, 1..100, sin(x*(100*i + j))))", &[0.5]),
        ("variables x[0..N]; P = sum(i, 1..N, (x[i] - x[i - 1]^2)^2)", &[]),
        ("x[0] = a; x[i] = x[i - 1] + sin(x[i - 1])/N for i = 1..N; P = x[N]", &[0.5]),
        (
            "u[0] = a; v[0] = b; u[i] = u[i - 1] + v[i - 1]/N for i = 1..N; v[i] = v[i - 1] - u[i]/N for i = 1..N; P = u[N]*v[N]",
            &[0.5, 1.0],
        ),
        ("x[i] = sin(a*i) for i = 1..N; P = sum(i, 2..N, x[i]*x[i - 1])", &[0.5]),
    ];
    for (text, at) in rows {
        let [short, long] = ["900", "900000"].map(|n| function(&text.replace('N', n)));
        assert_eq!(operations(&short), operations(&long), "{text}");
        assert_eq!(
            operations(&short.gradient().unwrap().simplify()),
            operations(&long.gradient().unwrap().simplify()),
            "{text}"
        );
        if !at.is_empty() {
            assert!(long.value(at).unwrap().is_finite(), "{text}");
        }
    }
    let logarithm = function("P = sum(i, 1..1000000, x^i/i)").value(&[0.5]).unwrap();
    assert!((logarithm - 2.0_f64.ln()).abs() < 1e-15);
}

/// Entries that nothing uses are outputs, and each can be asked for.
#[test]
fn entries_are_outputs() {
    for (text, outputs) in [
        ("x[0] = a; x[i] = x[i - 1]*b for i = 1..20", "x[20]"),
        ("x[0] = a; x[i] = x[i - 1]*b for i = 1..5", "x[5]"),
        ("x[0] = a; x[1] = b; x[i] = x[i - 2]*b for i = 2..20", "x[19] x[20]"),
        ("x[20] = a; x[i] = x[i + 1]*b for i = 0..19; P = x[7]", "x[0] P"),
        ("y[i] = a*i for i = 3..5; P = y[4]", "y[3] y[5] P"),
        ("y[i] = a*i for i = 1..20; P = sum(i, 2..20, y[i])", "y[1] P"),
        ("y[i] = a*i for i = 1..20; outputs y[17]", "y[17]"),
    ] {
        let formula = Formula::parse(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(formula.output_names().collect::<Vec<_>>().join(" "), outputs, "{text}");
        let printed = Formula::parse(&formula.to_string()).unwrap();
        assert_eq!(printed.function().unwrap(), formula.function().unwrap(), "{text}");
    }
    let formula = Formula::parse("x[0] = a; x[i] = x[i - 1]*b for i = 1..20; P = x[20]").unwrap();
    let f = formula.function_of(&["x[0]", "x[3]", "x[20]", "P"]).unwrap();
    assert_eq!(f.eval(&[3.0, 2.0]).unwrap(), [3.0, 24.0, 3_145_728.0, 3_145_728.0]);
    assert!(formula.function_of(&["x[21]"]).is_err());
}

/// What is wrong is told with its place, whether it is in a loop or not.
#[test]
fn errors_in_loops_have_their_places() {
    for (text, column, words) in [
        ("P = sum(i, 1..100, w[i/2])", 22, "an index of `w` must be a whole number, got 0.5"),
        ("P = sum(i, 1..100, w[5 - i])", 22, "an index of `w` must be 0 or more, got -1"),
        ("P = sum(i, 1..100, w[x*i])", 22, "an index of `w` must be a whole number, this depends"),
        ("P = sum(i, 1..100, sine(i))", 20, "no function is named `sine`"),
        (
            "variables w[0..50]; P = sum(i, 1..100, w[i])",
            40,
            "no input or definition is named `w[51]`",
        ),
        (
            "variables w[0..50]; P = sum(i, 1..100, w[i^2])",
            40,
            "no input or definition is named `w[64]`",
        ),
        ("P = sum(i, 1..100, sum(j, 1..x, i))", 30, "the end of a range must be a whole number"),
        ("x[1] = 2*sum(i, 1..20, x[i])", 1, "`x[1]` needs itself"),
        ("P = sum(i, 1..20, powi(x, i/2))", 19, "the exponent of `powi` must be a whole number"),
        ("P = sum(i, 1..1000000000, x^i)", 5, "the formula is too large, the limit is 100000000"),
        ("P = sum(i, 1..100000, sum(j, 1..100000, x))", 23, "the formula is too large"),
        (
            "x[i] = x[i - 1] + 1 for i = 0..20; P = x[20]",
            10,
            "an index of `x` must be 0 or more, got -1",
        ),
        ("x[i] = x[i] + 1 for i = 0..20; P = x[20]", 1, "`x` needs itself"),
        (
            "x[i] = y[i] + 1 for i = 0..20; y[i] = x[i] for i = 0..20; P = x[0]",
            1,
            "`x` needs itself",
        ),
        ("x[i] = i for i = 0..20; x[7] = 1", 1, "`x[7]` is defined in line 1"),
        (
            "x[i] = i for i = 0..20; x[2*i] = i for i = 10..20; P = 1",
            25,
            "`x[20]` is defined in line 1",
        ),
        ("x[i - i] = i for i = 0..20", 1, "`x[0]` is defined by one index"),
        ("x[i] = i for i = 0..n", 21, "the end of a range must be a whole number"),
        ("x[i] = i for i = 0..2, i = 1..4", 24, "`i` is an index of these entries and another one"),
        ("x = 3; x[i] = i for i = 0..2", 8, "`x` is defined without an index"),
        ("variables x[0..4]; x[i] = i for i = 0..2", 20, "`x` is declared an input"),
        ("x[i] = 3; P = 1", 6, "expected an operator or the end"),
        ("x[i] = 3 for i = 4", 19, "expected"),
        ("x[i] = a for i = 0..20000000", 1, "the formula is too large"),
        ("P = sum(i, 1..2000000, 1/i)", 5, "the formula is too large, the limit is 1000000 "),
    ] {
        let error = Formula::parse(text).expect_err(text);
        let message = error.to_string();
        assert!(message.starts_with(words), "{text}\n{message}");
        assert_eq!(
            error.place().map(|place| (place.line(), place.column())),
            Some((1, column)),
            "{message}"
        );
    }
    let limits = Limits { run_operations: 100, ..Limits::default() };
    let error = Formula::parse_within("P = sum(i, 1..60, x*i)", &limits).unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 100, .. }), "{error}");
}
