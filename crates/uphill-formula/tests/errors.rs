//! All messages as users see them: what is wrong, the line, carets, a hint.

use std::fmt::Write;

use uphill_formula::{Error, Formula, Limits};

/// Texts by what is wrong with them.
const TEXTS: &[(&str, &[&str])] = &[
    (
        "something else was expected",
        &[
            "P = ",
            "P = 3*",
            "P = (a + b",
            "P = (a + b\nQ = 2",
            "P = a + b)",
            "P = w[1",
            "P = w[]",
            "P = a b",
            "P = 2x",
            "P = (a)(b)",
            "P = a = b",
            "P = f(a, )",
            "P = f(a; b)",
            "P == 3",
            "= 3",
            "3*x",
            "x + 1 = P",
            "a, b = 3",
            "P = 1..5",
            "P = n!",
            "P = x < not y",
            "f() = 3",
            "w[1.5] = 3",
            "w[i] = 3",
            "let x = 3",
            "variables x y; P = x",
            "variables x, 3; P = x",
            "variables w[0..n]; P = x",
            "outputs ; P = x",
            "P = sum(1, 1..3, i)",
            "P = sum(i, 1..3)",
            "P = sin(i, 1..3, i)",
            "P = e[1]",
            "P = sum(i = 1, x)",
            "x[i] = 3*i for i",
            "x[i] = 3*i for i = 4",
            "x[i = 3 for i = 0..4",
            "c = [1, 2",
            "c = []",
        ],
    ),
    (
        "characters without a meaning",
        &[
            "P = x²",
            "P = a & b",
            "P = |a|",
            "P = {a}",
            "P = a . b",
            "P = 'a'",
            "P = a ? b : c",
            "P := a",
            "P = √x",
            "P = a∑b",
            "P = a\u{200b}b",
            "P = a\u{feff}",
            "P = a\u{7}",
            "\u{feff}P = a $ b",
            "\u{feff}",
            "P = 1e999",
            "P = `a",
            "P = ``",
            "P = `  `",
            "P = ` a`",
            "variables w[3..1]; P = w[1]",
        ],
    ),
    (
        "unknown names",
        &[
            "P = sine(x)",
            "P = Sin(x)",
            "P = arctg(x)",
            "square_root(x) = x^0.5; P = sqare_root(3)",
            "variables width; P = widht + 1",
            "variables width; height = 3; P = hieght",
            "variables width; P = q",
            "variables w[0..4]; P = w[5]",
            "variables w[0..4]; P = sum(i, 1..5, w[i])",
            "total = x; outputs totla",
        ],
    ),
    (
        "wrong numbers of arguments",
        &[
            "P = sin()",
            "P = sin(x, y)",
            "P = atan2(x)",
            "P = log(1, 2, 3)",
            "P = mean()",
            "P = dot(x, y, z)",
            "P = min()",
            "f(x, y) = x; P = f(1)",
        ],
    ),
    (
        "two meanings",
        &[
            "P = 1; P = 2",
            "w[1] = 1\nw[1] = 2",
            "f = 1; f(x) = 2",
            "f(x, x) = 1; P = f(1, 2)",
            "variables x; x = 3",
            "variables x, x; P = x",
            "variables w[0..3]\nparameters w[7]; P = 1",
            "variables w[7]\nvariables w[0..3]; P = 1",
            "P = x; outputs P, P",
            "x[2] = 1\nx[i] = i for i = 0..4",
            "x[i] = i for i = 0..4\nx[i + 3] = i for i = 0..4",
            "x[2*i - i] = i for i = 0..4, j = 0..4",
            "x = 3; x[i] = i for i = 0..2",
            "variables x[0..4]; x[i] = i for i = 0..2",
            "x[i] = i for i = 0..2, i = 1..4",
        ],
    ),
    (
        "names of the notation",
        &[
            "e = 3",
            "pi = 3",
            "π = 3",
            "sin = 3",
            "sin(x) = x",
            "f(e) = e; P = f(1)",
            "if = 2",
            "P = sin",
            "P = sin*3",
            "and = 2",
            "variables `e`; P = e",
        ],
    ),
    (
        "misused names",
        &[
            "f(x) = x; P = f + 1",
            "a = 3; P = a(2)",
            "f(x) = x(2); P = f(1)",
            "variables w[0..4]; P = w",
            "a = 3; P = a[1]",
            "f(w) = w[1]; P = f(1)",
        ],
    ),
    (
        "circles",
        &[
            "P = P + 1",
            "a = b + 1; b = c*2; c = a",
            "f(x) = f(x - 1); P = f(3)",
            "f(x) = g(x); g(x) = f(x); P = 1",
            "x[1] = sum(i, 1..2, x[i])",
            "x[i] = x[i]*2 for i = 0..20",
            "x[i] = y[i] for i = 0..20; y[i] = x[i] for i = 0..20",
        ],
    ),
    ("chains of comparisons", &["P = a < b < c", "P = a < b + 1 <= c", "P = a ==\nb == c"]),
    (
        "numbers that must be known",
        &[
            "P = w[x]",
            "P = w[1/2]",
            "P = w[-1]",
            "P = w[0/0]",
            "P = sum(i, 1..n, x)",
            "P = sum(i, 0.5..3, x)",
            "P = powi(x, y)",
            "P = powi(x, 0.5)",
            "P = polygamma(-1, x)",
            "P = erfcx_derivative(169, x)",
            "P = softmax(3, x, y)",
            "P = softmax(x, y)",
            "P = mean(i, 3..1, x)",
            "P = max(i, 3..1, x)",
            "x[i] = x[i - 1] for i = 0..9",
            "x[i/2] = i for i = 0..9",
            "x[i] = i for i = 0..n",
        ],
    ),
    (
        "functions with names that people give to numbers",
        &[
            "gamma = 2; P = gamma(x + 1)",
            "variables beta, x; P = beta(x, 2)",
            "P = elu(x, 1, 2)",
            "P = beta(x)",
            "P = logti(x)",
            "P = ndrt(x)",
        ],
    ),
    ("no output", &["", "  # nothing", "f(x) = x", "f(x, `e`) = x*`e`", "variables x"]),
];

fn shown(text: &str, limits: &Limits) -> String {
    match Formula::parse_within(text, limits) {
        Err(error) => {
            check(&error, text);
            format!("{error}\n\n")
        }
        Ok(formula) => panic!("no error in {text}: {formula}"),
    }
}

/// A place lies in the text, and its carets below its line.
fn check(error: &Error, text: &str) {
    let message = error.to_string();
    assert!(message.starts_with(&error.headline()));
    assert!(!message.ends_with(' ') && !message.ends_with('\n'), "{message:?}");
    if let Some(place) = error.place() {
        assert!(text.get(place.span()).is_some(), "{error}");
        assert!(message.ends_with(&place.to_string()));
        assert!(message.ends_with(place.hint()));
        assert_eq!(text[..place.span().start].matches('\n').count() + 1, place.line());
        let line = text.lines().nth(place.line() - 1).unwrap_or_default();
        assert!(place.column() <= line.chars().count() + 1, "{error}");
    } else {
        assert_eq!(message.lines().count(), 1);
    }
}

#[test]
fn messages() {
    let mut all = String::new();
    for (title, texts) in TEXTS {
        let _ = writeln!(all, "===== {title}\n");
        for text in *texts {
            all += &shown(text, &Limits::default());
        }
    }
    insta::assert_snapshot!(all.trim_end());
}

#[test]
fn messages_of_limits() {
    let limits = Limits { bytes: 60, depth: 5, operations: 10, run_operations: 100 };
    let mut all = String::new();
    for text in [
        "P = 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1",
        "P = ((((((x))))))",
        "P = --------x",
        "P = sin(1 + 2*sin(1 + 2*x))",
        "P = sum(i, 1..8, sin(x*i))",
        "P = sum(i, 1..90, sin(x*i))",
        "variables w[0..20]; P = w[1]",
        "P = x*x*x*x*x*x*x*x*x*x*x*x",
    ] {
        all += &shown(text, &limits);
    }
    let limits = Limits { depth: 2, ..Limits::default() };
    all += &shown("a(x) = b(x); b(x) = c(x); c(x) = d(x); d(x) = x + 1; P = a(y)", &limits);
    all += &shown("P = a*b + c^d", &limits);
    insta::assert_snapshot!(all.trim_end());
}

#[test]
fn long_lines_and_strange_characters() {
    let long = format!("P = {}sine(x){}", "a + ".repeat(100), " + b".repeat(100));
    let mut all = String::new();
    for text in
        [long.as_str(), "P = a\t+ sine(x)", "P = \u{202e} + `größe` größe", "\r\nP = sine(x)\r\n"]
    {
        all += &shown(text, &Limits::default());
    }
    insta::assert_snapshot!(all.trim_end());
}

#[test]
fn an_unknown_output() {
    let formula = Formula::parse("P = a; a = b").expect("it is a formula");
    let error = formula.function_of(&["c"]).expect_err("there is no c");
    let expected = "the formula doesn't define `c`; it defines `P`, `a`";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.place(), None);
}

#[test]
fn a_place_holds_its_span() {
    let error = Formula::parse("# größe\nP = größe*sine(x)").expect_err("there is no sine");
    let place = error.place().expect("it has a place");
    assert_eq!((place.line(), place.column(), place.span()), (2, 11, 22..26));
    assert_eq!(place.hint(), "did you mean `sin`?");
}
