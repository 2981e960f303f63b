//! Where an infinity or NaN of a program arose: what the function says, with operation and iterations, and the row.

use uphill_engine::{Compiler, Error, OverSamples, Program, Samples};
use uphill_graph::{At, Function, Inputs, Scalar, loops};

mod common;

#[path = "../../uphill-graph/tests/loops/forms.rs"]
mod forms;

#[path = "../../uphill-graph/tests/loops/roots.rs"]
mod roots;

use forms::{FORMS, inputs, points};
use roots::ROOTS;

fn programs(function: &Function) -> [Program; 2] {
    [Compiler::new().strict(), Compiler::new()].map(|compiler| compiler.compile(function).unwrap())
}

fn over_samples(function: &OverSamples) -> [Program; 2] {
    [Compiler::new().strict(), Compiler::new()]
        .map(|compiler| compiler.compile_samples(function).unwrap())
}

/// Numbers that make trouble, each at each input: NaN, what is outside of domains, and what overflows.
const TROUBLE: [f64; 4] = [f64::NAN, -3.0, 1e200, f64::NEG_INFINITY];

#[test]
fn programs_tell_what_the_function_tells() {
    let (mut wrong, mut told, mut iterations) = (String::new(), 0, 0);
    for (form, code) in FORMS.iter().chain(ROOTS) {
        let f = Function::record(inputs(), code).unwrap();
        for function in [f.clone(), f.with_gradient().unwrap()] {
            for program in programs(&function) {
                for place in 0..8 {
                    for number in TROUBLE {
                        let mut x = points()[0].clone();
                        x[place] = number;
                        let due = function.eval_finite(&x);
                        let found = program.eval_finite(&x);
                        let same = match (&found, &due) {
                            (Ok(_), Ok(_)) => true,
                            (
                                Err(Error::NotFinite { row: None, born, .. }),
                                Err(uphill_graph::Error::NotFinite { born: due, .. }),
                            ) => {
                                told += 1;
                                iterations += usize::from(born.contains(" in iteration "));
                                born == due
                            }
                            // Slopes are rounded otherwise: at the end of the range they may be on the other side.
                            (Err(Error::NotFinite { born, .. }), Ok(_)) => {
                                born.contains("rounding")
                            }
                            _ => number == 1e200,
                        };
                        if !same {
                            wrong +=
                                &format!("{form}, {number} at {place}:\n  {found:?}\n  {due:?}\n");
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(told > 500 && iterations > 200, "{told} were told, {iterations} with an iteration");
}

/// A vector of samples in which one row makes trouble, in a chosen iteration of each loop around it.
#[test]
fn rows_and_iterations_are_told() {
    let inputs = || Inputs::new().variables("w", 12).parameter("x").parameter("y");
    let sum = Function::record(inputs(), |v| {
        let w = &v[..12];
        loops::sum(0..12, |i| (w.at(i) * v[12] + v[13]).sqrt())
    })
    .unwrap();
    let nested = Function::record(inputs(), |v| {
        let w = &v[..12];
        loops::sum(0..3, |i| {
            loops::fold(0..4, v[13], |j, s| s + (w.at(4 * i + j) + v[12]).ln().named("gain"))
        })
    })
    .unwrap();
    let w: Vec<f64> = (0..12).map(|k| 12.0 - f64::from(k)).collect();
    let (x, y) = ([1.0, 2.0, 1.5, -0.5, 1.0], [2.0, 3.0, 5.0, 2.5, 4.0]);
    let columns: [&[f64]; 2] = [&x, &y];
    let less: [f64; 5] = [1.0, 2.0, 1.5, -3.5, 1.0];
    let others: [&[f64]; 2] = [&less, &y];
    let samples = || Samples::columns(&columns).unwrap();
    let outer = Function::record(["P", "samples"], |v| (v[0] / v[1]).named("Q")).unwrap();
    let gap = Function::record(["P", "w[11]", "samples"], |v| {
        1.0 / (v[0] * 0.0 + v[1] - 1.0).named("gap") + v[2]
    })
    .unwrap();
    let table: Vec<f64> = x.iter().zip(&y).flat_map(|(x, y)| [*x, *y]).collect();
    let taken = [1, 3, 0];
    let chosen = || Samples::rows(&table, 2).unwrap().taking(&taken).unwrap();
    let over = |term: &Function| OverSamples::new(term.clone(), ["x", "y"]).unwrap();
    let root = "born at sqrt(w[i]*x + y) in iteration i = 0, from w[0]*x + y = -3.5 (sqrt is defined for numbers from 0 on) -> P";
    let gain = "born at gain = ln(w[4*i + j] + x) in iteration i = 2, j = 1, from w[9] + x = -0.5 (ln is defined for numbers from 0 on)";
    let in_row = |born: &str| format!("in row 3 {born}");
    // A row of a table that a column of indices chooses: its adjoints are scattered.
    let gathered = Function::record(Inputs::new().variables("r", 2).parameters("y", 1), |v| {
        (v[0] * v[2]).sqrt().named("g") + v[1]
    })
    .unwrap();
    let gathered =
        OverSamples::new(gathered, ["y[0]"]).unwrap().gathered("r", "w", 6, "by").unwrap();
    let indices: [&[f64]; 2] = [&[1.0, 2.0, -3.0, 4.0], &[5.0, 0.0, 2.0, 1.0]];
    let by_indices = || Samples::columns(&indices).unwrap();
    let rows: Vec<(&str, OverSamples, Samples<'_>, String)> = vec![
        ("one a row", over(&sum), samples(), in_row(root)),
        ("a sum", over(&sum).sum(), samples(), in_row(root)),
        ("chosen rows", over(&sum), chosen(), in_row(root)),
        ("a sum of chosen rows", over(&sum).sum(), chosen(), in_row(root)),
        ("loops in loops", over(&nested).sum(), Samples::columns(&others).unwrap(), in_row(gain)),
        ("a function of a sum", over(&sum).sum().outer(&outer).unwrap(), samples(), in_row(root)),
        (
            "an outer operation",
            over(&nested).sum().outer(&gap).unwrap(),
            samples(),
            "born at 1/gap, from gap = 0".into(),
        ),
        (
            "gathered",
            gathered.clone().sum(),
            by_indices(),
            "in row 2 born at g = sqrt(r[0]*y[0]), from r[0]*y[0] = -24".into(),
        ),
        (
            "scattered",
            gathered.sum().gradient().unwrap(),
            by_indices(),
            "in row 2 born at g = sqrt(r[0]*y[0]), from r[0]*y[0] = -24".into(),
        ),
    ];
    for (what, function, samples, due) in rows {
        for program in over_samples(&function) {
            let error = program.eval_samples_finite(&w, &samples).unwrap_err();
            let message = error.to_string();
            let (_, born) = message.split_once(": ").unwrap();
            assert!(born.starts_with(&due), "{what}: {born}");
        }
    }
    let huge = Compiler::new().compile_samples(&over(&sum).sum()).unwrap();
    let large = [1e308; 9];
    let columns: [&[f64]; 2] = [&[0.0; 9], &large.map(|x| x * 1e-10)];
    assert!(huge.eval_samples_finite(&w, &Samples::columns(&columns).unwrap()).is_ok());
    let overflow = Function::record(["w", "x"], |v| v[0] * v[1]).unwrap();
    let overflow = OverSamples::new(overflow, ["x"]).unwrap().sum();
    let program = Compiler::new().compile_samples(&overflow).unwrap();
    let columns: [&[f64]; 1] = [&large];
    let error = program.eval_samples_finite(&[1.0], &Samples::columns(&columns).unwrap());
    assert_eq!(
        error.unwrap_err().to_string(),
        "output `P` is inf: born at P = inf, a sum of finite terms"
    );
}

#[test]
fn what_is_asked_for_in_the_wrong_way() {
    let f = Function::record(["w", "x"], |v| v[0].ln() * v[1]).unwrap();
    let plain = Compiler::new().compile(&f).unwrap();
    let over = OverSamples::new(f, ["x"]).unwrap();
    let over = Compiler::new().compile_samples(&over).unwrap();
    let columns: [&[f64]; 1] = [&[1.0, 2.0]];
    let samples = Samples::columns(&columns).unwrap();
    assert_eq!(plain.require_finite(&[1.0, 2.0], &[0.0]), Ok(()));
    assert_eq!(over.require_finite_samples(&[1.0], &samples, &[0.0, 1.0]), Ok(()));
    for error in [
        plain.require_finite(&[1.0], &[0.0]).unwrap_err(),
        plain.require_finite(&[1.0, 2.0], &[]).unwrap_err(),
        over.require_finite_samples(&[1.0], &samples, &[0.0]).unwrap_err(),
        over.require_finite_samples(&[], &samples, &[0.0, 1.0]).unwrap_err(),
    ] {
        assert!(matches!(error, Error::WrongLength { .. }), "{error}");
    }
    let error = over.require_finite(&[1.0], &[0.0]).unwrap_err();
    assert!(error.to_string().contains("use `require_finite_samples`"), "{error}");
    let error = plain.require_finite_samples(&[1.0], &samples, &[0.0]).unwrap_err();
    assert!(error.to_string().contains("use `require_finite`"), "{error}");
}
