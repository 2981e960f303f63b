//! Traces of loops: small ones written out, of others some iterations.

use uphill_graph::{At, Detail, Function, Inputs, Iterations, Scalar, Trace, Var, loops};

use crate::forms::{FORMS, inputs, points};

#[test]
fn iterations_of_each_form() {
    let mut text = String::new();
    for (name, code) in FORMS {
        let f = Function::record(inputs(), code).unwrap();
        let x = &points()[0];
        let trace = f.trace_iterations(x, Detail::Shared, &Iterations::FirstAndLast).unwrap();
        text.push_str(&format!("# {name}\n{}\n", trace.text().digits(4)));
        let json = serde_json::to_string(&trace).unwrap();
        assert_eq!(serde_json::from_str::<Trace>(&json).unwrap().diff(&trace), None, "{name}");
        // The numbers are those of the function and its gradient.
        let value = trace.forward.last().unwrap().value;
        assert_eq!(value.to_bits(), f.value(x).unwrap().to_bits(), "{name}");
        let gradient = f.gradient().unwrap();
        let values = gradient.eval(x).unwrap();
        for adjoint in &trace.backward[0].adjoints {
            let position = f.inputs().positions(&adjoint.name).unwrap().start;
            assert_eq!(adjoint.value.to_bits(), values[position].to_bits(), "{name}");
        }
        // Names are told once, and what a line is called is what it is in the trace of all iterations.
        let all = Iterations::These((0..3000).collect());
        let all = f.trace_iterations(x, Detail::Every, &all).unwrap();
        let some = f.trace_iterations(x, Detail::Every, &Iterations::FirstAndLast).unwrap();
        for line in &some.forward {
            let same = |other: &&uphill_graph::Line| {
                other.name == line.name && other.value.to_bits() == line.value.to_bits()
            };
            assert!(all.forward.iter().any(|other| same(&other)), "{name}: {}\n{all}", line.name);
        }
    }
    insta::assert_snapshot!("iterations_of_each_form", text);
}

/// A small loop is written out as always, a long one is not.
#[test]
fn long_loops_have_their_first_and_last_iteration() {
    let growth = |n: usize| {
        let inputs = Inputs::new().variable("rate").parameters("paid", 20_000);
        Function::record(inputs, |v| {
            let paid = &v[1..];
            loops::fold(0..n, Var::constant(100.0), |i, capital: Var<'_>| {
                let interest = (capital * v[0]).named("interest");
                capital + interest - paid.at(i)
            })
            .named("capital")
        })
        .unwrap()
    };
    let mut x = vec![0.0001];
    x.extend((0..20_000).map(|k| 0.005 + f64::from(k % 3) * 0.01));
    let short = growth(5).trace(&x).unwrap();
    assert_eq!(short.to_string(), growth(5).unrolled().unwrap().trace(&x).unwrap().to_string());
    let long = growth(20_000);
    insta::assert_snapshot!("a_long_loop", long.trace(&x).unwrap());
    let some = Iterations::These(vec![7, 8, 30_000]);
    let trace = long.trace_iterations(&x, Detail::Shared, &some).unwrap();
    insta::assert_snapshot!("chosen_iterations", trace.text().digits(6));
    // Trouble is told with its iteration, forward and backward.
    x[0] = f64::INFINITY;
    x[5] = f64::NAN;
    let trouble = long.trace(&x).unwrap().troubles;
    insta::assert_snapshot!("trouble_in_a_long_loop", trouble.join("\n"));
}
