//! What a formula prints reads as the same formula, with the same graph; and no text at all makes the reader panic.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use uphill_formula::{Error, Formula};

/// Expressions as people might write them, with all the parentheses that they could have.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => prop::sample::select(vec![
            "x", "y", "i", "`e`", "`sepal length`", "`a``b`", "`w[1]`", "w[1]", "w[2,3]", "σ",
            "`sin`", "a", "b[1]", "`b[1]`",
        ]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["e", "pi", "π"]).prop_map(str::to_owned),
        2 => (0_u32..5).prop_map(|n| n.to_string()),
        1 => (0.0..1e3).prop_map(|x: f64| x.to_string()),
        1 => any::<f64>().prop_filter_map("a number", |x| {
            x.is_finite().then(|| format!("{:e}", x.abs()))
        }),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let pair = (inner.clone(), inner.clone());
        let signs = vec![
            "+", "-", "*", "/", "^", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or", "&&",
            "||", "≤", "−",
        ];
        let operator = prop::sample::select(signs);
        let unary = vec!["sin", "log", "exp", "abs", "f", "sum", "min", "trigamma"];
        let binary = vec!["atan2", "hypot", "max", "g", "log", "dot", "mean", "product", "pow"];
        let ranges = vec!["sum", "product", "mean", "log_sum_exp", "max"];
        prop_oneof![
            4 => (pair.clone(), operator.clone()).prop_map(|((a, b), op)| format!("{a} {op} {b}")),
            2 => (pair.clone(), operator).prop_map(|((a, b), op)| format!("({a}) {op} ({b})")),
            1 => inner.clone().prop_map(|a| format!("-{a}")),
            1 => inner.clone().prop_map(|a| format!("+{a}")),
            1 => inner.clone().prop_map(|a| format!("not {a}")),
            1 => inner.clone().prop_map(|a| format!("({a})")),
            1 => (inner.clone(), prop::sample::select(unary)).prop_map(|(a, f)| format!("{f}({a})")),
            1 => (pair.clone(), prop::sample::select(binary))
                .prop_map(|((a, b), f)| format!("{f}({a}, {b})")),
            1 => (pair.clone(), inner.clone()).prop_map(|((a, b), c)| format!("if({a}, {b}, {c})")),
            1 => (inner.clone(), prop::sample::select(ranges), 0..3, prop_oneof![0..3, 9..12]).prop_map(
                |(a, f, from, more)| format!("{f}(i, {from}..{from} + {more}, {a} + w[i + 1]*i)")
            ),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    let parts = prop::collection::vec(expression(), 5);
    let order = Just(vec![0, 1, 2, 3, 4, 5]).prop_shuffle();
    (parts, order, prop::sample::select(vec!["; ", "\n", " # a comment\n\n"])).prop_map(
        |(parts, order, end)| {
            let inner = |text: &str| text.replace("a", "x").replace("b[1]", "y");
            let statements = [
                format!("P = {}", parts[0]),
                format!("`Q` = {} + P", parts[1]),
                format!("a = {}", inner("x*3")),
                "b[1] = a^2".into(),
                format!("f(x) = (x) - ({})", parts[3].replace("f(", "sin(").replace("g(", "max(")),
                format!("g(i, σ) = ({})*f(i)", parts[4].replace("g(", "max(")),
            ];
            let chosen: Vec<&str> =
                order.iter().map(|&at: &usize| statements[at].as_str()).collect();
            chosen.join(end)
        },
    )
}

fn check(text: &str) -> Result<bool, TestCaseError> {
    let formula = match Formula::parse(text) {
        Ok(formula) => formula,
        Err(error) => {
            let place = error.place().map(uphill_formula::Place::span);
            prop_assert!(place.is_none_or(|span| text.get(span).is_some()));
            return Ok(false);
        }
    };
    let printed = formula.to_string();
    let again = match Formula::parse(&printed) {
        Ok(again) => again,
        Err(error) => {
            return Err(TestCaseError::fail(format!("{text}\nprints\n{printed}\n{error}")));
        }
    };
    prop_assert_eq!(&again.to_string(), &printed, "printed twice");
    let function = formula.function().map_err(|error| TestCaseError::fail(error.to_string()))?;
    let function_again =
        again.function().map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(formula.inputs(), again.inputs());
    prop_assert_eq!(&function, &function_again, "{}", printed);
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printed_formulas_read_the_same(text in text()) {
        check(&text)?;
    }

    #[test]
    fn one_expression_reads_the_same(x in expression()) {
        check(&format!("P = {x}; a = 2*x; b[1] = 3; f(x) = x; g(x, y) = x/y"))?;
    }

    #[test]
    fn any_characters_are_read_or_refused(text in any::<String>()) {
        check(&text)?;
        check(&format!("P = {text}"))?;
    }

    #[test]
    fn any_tokens_are_read_or_refused(tokens in prop::collection::vec(prop::sample::select(vec![
        "x", "y", "P", "f", "=", "(", ")", "[", "]", ",", "..", ";", "\n", "+", "-", "*", "^", "<",
        "not", "and", "1", "2.5", "sum", "sin", "if", "variables", "outputs", "e", "`", "`é`", "é",
    ]), 0..24)) {
        check(&tokens.concat())?;
        check(&format!("P = {}", tokens.join(" ")))?;
    }
}

#[test]
fn most_generated_texts_are_formulas() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut read = 0;
    for _ in 0..200 {
        let text = expression().new_tree(&mut runner).expect("a text").current();
        let text = format!("P = {text}; a = 2*x; b[1] = 3; f(x) = x; g(x, y) = x/y");
        read += usize::from(check(&text).expect("it reads the same"));
    }
    assert!(read > 100, "only {read} of 200 were formulas, so that little was tested");
}

#[test]
fn printed_as_it_should_be() -> Result<(), Error> {
    for (text, printed) in [
        ("P=((a)+(b))+c", "P = a + b + c"),
        ("P=a-(b-c)", "P = a - (b - c)"),
        ("P=a/(b*c)*d", "P = a/(b*c)*d"),
        ("P=(a^b)^(c^d)", "P = (a^b)^c^d"),
        ("P=(-a)^2 - -b", "P = (-a)^2 - -b"),
        ("P=-(a^2)*2^(-b)", "P = -a^2*2^-b"),
        ("P=-(a*b)", "P = -(a*b)"),
        ("P=!(a<b)&&(c||d)", "P = not a < b and (c or d)"),
        ("P=(a<b)==c", "P = (a < b) == c"),
        ("P=1.50+1e-7+1e300+3.0", "P = 1.5 + 1e-7 + 1e300 + 3"),
        ("f( x ,`e` )=x*`e`;P=f(1,2)", "f(x, `e`) = x*`e`\nP = f(1, 2)"),
        ("P=sum( i,1 .. n+1,w[ i,2 ] );n=3", "P = sum(i, 1..n + 1, w[i, 2])\nn = 3"),
        ("P=sum(i = 1..9,w[i][2])", "P = sum(i, 1..9, w[i, 2])"),
        (
            "x[i+1]=(2*x[i]) for i=0..n ;x[0]=a;n=9;P=x[9]",
            "x[i + 1] = 2*x[i] for i = 0..n\nx[0] = a\nn = 9\nP = x[9]",
        ),
        (
            "g[i][j]=i*j for i=0..2,j=0..2;P=g[1,2]*x",
            "g[i, j] = i*j for i = 0..2, j = 0..2\nP = g[1, 2]*x",
        ),
        ("c=[1,x];P=c[0]*c[1]", "c[0] = 1\nc[1] = x\nP = c[0]*c[1]"),
        (
            "v[i]=[x,i*y] for i=0..1;P=v[1][1]",
            "v[i, 0] = x for i = 0..1\nv[i, 1] = i*y for i = 0..1\nP = v[1, 1]",
        ),
        ("`w[3]`=1;P=`w[3]`", "w[3] = 1\nP = `w[3]`"),
        (
            "variables x,w[0..2];parameter k[1..2];output P;P=x",
            "variables x, w[0..2]\nparameters k[1..2]\noutputs P\nP = x",
        ),
    ] {
        let formula = Formula::parse(text)?;
        assert_eq!(formula.to_string(), printed);
        assert_eq!(Formula::parse(printed)?.function()?, formula.function()?, "{text}");
    }
    Ok(())
}
