use uphill_graph::{At, Function, Inputs, Scalar, Table, Var, loops};

use crate::forms::{FORMS, inputs};

fn recorded() -> impl Iterator<Item = (&'static str, Function)> {
    FORMS.iter().map(|(name, code)| (*name, Function::record(inputs(), code).unwrap()))
}

fn all(text: impl Fn(&Function) -> String) -> String {
    recorded().map(|(name, f)| format!("# {name}\n{}\n", text(&f))).collect()
}

#[test]
fn values_as_text() {
    insta::assert_snapshot!(all(Function::to_string));
}

#[test]
fn gradients_as_text() {
    insta::assert_snapshot!(all(|f| f.gradient().unwrap().simplify().to_string()));
}

/// Names that were given, names that are taken, and what is long.
#[test]
fn names_and_lengths() {
    let names = Inputs::new().variable("i").variables("t1", 3).variable("s1");
    let named = Function::record_many(names, |v| {
        let x = &v[1..4];
        let total = loops::sum(0..3, |i| {
            let gap = (x.at(i) - v[0]).named("gap");
            gap * gap.exp()
        })
        .named("total");
        let capital = loops::fold(0..3, v[4], |i, capital: Var<'_>| {
            // A second value of this name, and one that an input has.
            let gap = (capital - x.at(i)).named("gap");
            let i = (gap * gap).named("i");
            i + i.sin()
        })
        .named("capital");
        let all = loops::map(0..3, |i| x.at(i) * total);
        let peak = all[1].named("peak");
        vec![capital * total, peak + all[0], all[2], all[1], all[0]]
    });
    let long = Function::record(Inputs::new().variables("x", 20_000), |x| {
        let table = Table::new((0..18_000_u32).map(|k| (k * 7) % 1000), 20_000).unwrap();
        let data: Vec<f64> = (0..18_000).map(f64::from).collect();
        let y = loops::map(0..18_000, |i| x.at(i + 1) * i.of(&data) - x.at(table.at(i)));
        loops::sum(0..18_000, |i| {
            // More operations than a formula has.
            let powers = (1..40).fold(y.at(i), |sum, k| sum + (y.at(i) + f64::from(k)).sin());
            powers.sin()
        })
    })
    .unwrap();
    let outputs = Function::record_many(Inputs::new().variables("x", 200), |x| {
        let mut y = loops::map(0..200, |i| x.at(i).sin());
        y.drain(..3);
        y
    })
    .unwrap();
    let shifted: Vec<_> = outputs.output_names().collect();
    let texts = [
        named.unwrap().to_string(),
        long.to_string(),
        long.gradient().unwrap().simplify().to_string(),
        outputs.select(&shifted[..5]).unwrap().to_string(),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn formulas_of_values_in_three_scripts() {
    type Script = (&'static str, fn(&Function) -> String);
    let scripts: [Script; 3] = [
        ("unicode", |f| f.formulas().to_string()),
        ("ascii", |f| f.formulas().ascii()),
        ("latex", |f| f.formulas().latex()),
    ];
    for (script, text) in scripts {
        insta::assert_snapshot!(format!("formulas_{script}"), all(text));
    }
    insta::assert_snapshot!(
        "formulas_of_gradients",
        all(|f| f.gradient().unwrap().simplify().formulas().latex())
    );
}

/// A sum over data, by what all iterations share and by what a few read; and what has to be written out.
#[test]
fn explanations_of_loops() {
    let inputs = || Inputs::new().variables("w", 2).parameters("x", 100).parameters("d", 100);
    let fit = Function::record(inputs(), |v| {
        let (w, x, d) = (&v[..2], &v[2..102], &v[102..]);
        -loops::sum(0..100, |i| (d.at(i) - (w[0] + w[1] * x.at(i))).square())
    })
    .unwrap();
    let sum = Function::record(inputs(), |v| {
        let (w, x, d) = (&v[..2], &v[2..102], &v[102..]);
        loops::sum(1..100, |i| -(d.at(i) - (w[0] + w[1] * x.at(i) * x.at(i - 1))).square())
    })
    .unwrap();
    let point: Vec<f64> = (0..202).map(|k| f64::from(k % 7) - 2.5).collect();
    let mut text = String::new();
    let mut tell = |what: &str, told: Result<String, uphill_graph::Error>| {
        let told = told.unwrap_or_else(|error| format!("{error}\n"));
        let short = told.lines().map(|line| line.chars().take(200).collect::<String>() + "\n");
        text.push_str(&format!("# {what}\n{}\n", short.collect::<String>()));
    };
    for by in ["w[1]", "x[3]", "x[0]"] {
        tell(by, sum.derive("P", by).map(|told| told.to_string()));
        tell(by, sum.explain("P", by, &point).map(|told| told.digits(6).to_string()));
        let found = sum.explain("P", by, &point).unwrap().value().unwrap();
        let expected = sum.gradient_wrt(&[by]).unwrap().value(&point).unwrap();
        assert!((found - expected).abs() < 1e-12 * expected.abs(), "{by}: {found}, {expected}");
    }
    tell("ascii", sum.derive("P", "w[0]").map(|told| told.ascii()));
    tell("latex", sum.explain("P", "w[0]", &point).map(|told| told.latex()));
    tell("unknown", sum.derive("P", "z").map(|told| told.to_string()));
    for by in ["w[1]", "x[3]"] {
        tell("a formula of a sum", fit.derive("P", by).map(|told| told.to_string()));
        tell("at a point", fit.explain("P", by, &point).map(|told| told.to_string()));
        let found = fit.explain("P", by, &point).unwrap().value().unwrap();
        let expected = fit.gradient_wrt(&[by]).unwrap().value(&point).unwrap();
        assert!((found - expected).abs() < 1e-12 * expected.abs(), "{by}: {found}, {expected}");
    }
    let few = Inputs::new().variables("w", 2).variables("x", 3).parameters("d", 100);
    let both = Function::record_many(few, |v| {
        let d = &v[5..];
        let sum = loops::sum(0..99, |i| (d.at(i) - v[0] * d.at(i + 1) - v[1]).square());
        vec![-sum, loops::sum(0..3, |i| v[2..5].at(i) * v[1])]
    })
    .unwrap();
    tell("formulas of a gradient", both.gradient_formulas().map(|all| all.to_string()));
    let counted = Function::record(inputs(), |v| {
        loops::sum(3..90, |i| (2 * i).value() * v[0] * v[2..102].at(i).square())
    })
    .unwrap();
    for by in ["w[0]", "x[7]"] {
        tell("with a counter", counted.explain("P", by, &point).map(|told| told.to_string()));
        let found = counted.explain("P", by, &point).unwrap().value().unwrap();
        assert_eq!(found, counted.gradient_wrt(&[by]).unwrap().value(&point).unwrap(), "{by}");
    }
    let short =
        Function::record(["x"], |x| loops::fold(0..3, x[0], |_, s| s.sin() * x[0])).unwrap();
    tell("a short recursion", short.derive("P", "x").map(|told| told.to_string()));
    let long =
        Function::record(["x"], |x| loops::fold(0..1_000_000, x[0], |_, s| s.sin())).unwrap();
    tell("a long recursion", long.derive("P", "x").map(|told| told.to_string()));
    tell("its derivative", long.gradient_formulas().map(|told| told.to_string()));
    insta::assert_snapshot!(text);
}
