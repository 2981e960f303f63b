use uphill_graph::{At, Function, Inputs, Scalar, Table, Var, loops};

use crate::forms::{FORMS, inputs};

fn recorded() -> impl Iterator<Item = (&'static str, Function)> {
    FORMS.iter().map(|(name, code)| (*name, Function::record(inputs(), |x| code(x)).unwrap()))
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
    let shifted: Vec<_> = outputs.output_names().map(str::to_owned).collect();
    let texts = [
        named.unwrap().to_string(),
        long.to_string(),
        long.gradient().unwrap().simplify().to_string(),
        outputs.select(&shifted[..5]).unwrap().to_string(),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}
