//! Derivatives as formulas: how they read, that they are exact, and that they read back.

use std::fmt::Write;

use uphill_formula::Formula;
use uphill_graph::{Formulas, Function};

fn function(text: &str) -> Function {
    Formula::parse(text).unwrap().function().unwrap()
}

/// A formula and its derivatives as people write them, in the order of the inputs.
#[test]
fn derivatives_read_as_in_a_textbook() {
    let table: &[(&str, &[&str])] = &[
        ("P = 3*x", &["dP/dx = 3"]),
        ("P = x^3", &["dP/dx = 3·x²"]),
        ("P = x*x*x", &["dP/dx = 3·x²"]),
        ("P = x + x + x*y", &["∂P/∂x = y + 2", "∂P/∂y = x"]),
        ("P = 1/x", &["dP/dx = −1/x²"]),
        ("P = x/3", &["dP/dx = 1/3"]),
        ("P = a/b", &["∂P/∂a = 1/b", "∂P/∂b = −a/b²"]),
        ("P = sqrt(x)", &["dP/dx = 1/(2·P)"]),
        ("P = 3*sqrt(x)", &["dP/dx = 1.5/√x"]),
        ("P = x^2.5", &["dP/dx = 2.5·x^1.5"]),
        ("P = x^y", &["∂P/∂x = y·x^(y − 1)", "∂P/∂y = x^y·ln(x)"]),
        ("P = sin(x)*cos(x)", &["dP/dx = cos(x)² − sin(x)²"]),
        (
            "P = a*exp(-k*t)",
            &["∂P/∂a = exp(−k·t)", "∂P/∂k = −a·exp(−k·t)·t", "∂P/∂t = −a·exp(−k·t)·k"],
        ),
        (
            "P = -(d - o)^2; o = sigmoid(w*x)",
            &[
                "∂P/∂d = −2·(d − o)",
                "∂P/∂w = 2·(d − o)·o·(1 − o)·x",
                "∂P/∂x = 2·(d − o)·o·(1 − o)·w",
            ],
        ),
        ("P = if(x > 0, sqrt(x), 0)", &["dP/dx = select(x > 0, 1/(2·√x), 0)"]),
        ("P = abs(x)", &["dP/dx = sign(x)"]),
        ("P = ln(x)", &["dP/dx = 1/x"]),
        ("P = x - x", &["dP/dx = 0"]),
        ("P = 7", &[]),
        ("P = -x*-y", &["∂P/∂x = y", "∂P/∂y = x"]),
    ];
    let mut wrong = String::new();
    for (text, expected) in table {
        let formulas = function(text).gradient_formulas().unwrap();
        let told: Vec<String> = formulas
            .derivatives
            .iter()
            .map(|one| format!("{} = {}", one.symbol.unicode(), one.formula.unicode()))
            .collect();
        if told != *expected {
            writeln!(wrong, "{text}\n  {told:?}\n  expected {expected:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A text in which each derivative is an output of its own, in the notation of formulas.
fn as_text(formulas: &Formulas, order: usize) -> String {
    let mut text = String::new();
    for definition in &formulas.definitions {
        writeln!(text, "{} = {}", definition.name, definition.formula.ascii()).unwrap();
    }
    let derivatives = formulas.derivatives.iter().filter(|one| one.by.len() == order);
    for (k, derivative) in derivatives.enumerate() {
        writeln!(text, "slope_{k} = {}", derivative.formula.ascii()).unwrap();
    }
    text
}

/// Formulas of many kinds; the numbers are those of their inputs, in order.
const FORMULAS: &[(&str, &[f64])] = &[
    ("P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6", &[0.3, -1.2, 2.0]),
    ("P = -(d - o)^2; o = sigmoid(s); s = w*x + b", &[1.0, 0.4, -1.5, 0.2]),
    ("P = -(d - sigmoid(w*x))^2", &[1.0, 0.4, -1.5]),
    ("y = a*exp(-k*t) + c/(1 + t^2)", &[2.0, 0.5, 1.5, 3.0]),
    ("y = a/b/c - a*b/(c*d)", &[1.1, 2.2, -3.3, 0.7]),
    ("y = (x^2 + z^2)^1.5/(x - z)^3", &[1.5, 0.5]),
    ("y = x^z + 2^x + z^(-2)", &[1.5, 0.5]),
    ("y = sqrt(x)*cbrt(z)/hypot(x, z)", &[1.5, 0.5]),
    ("y = max(x, 2*z) + min(x*z, 1)*x", &[1.5, 0.5]),
    ("y = if(x > z, x^2*z, sqrt(z - x))", &[1.5, 0.5]),
    ("y = tanh(x)*atan2(x, z) + log(x/z)^2 + softplus(-x)", &[1.5, 0.5]),
    ("y = (a*b*c*d)^2 + a*b*c*d + 1/(a*b*c*d)", &[1.1, 0.9, -1.3, 0.7]),
    ("y = -(-x - -z)*-(x*0.1*0.3)/-0.7", &[1.5, 0.5]),
    ("p = u*v; q = u/v; u = x + 2*z; v = exp(u)*x", &[0.5, 0.25]),
    // Long enough that shared values get a name.
    (
        "P = -(d - sigmoid(v1*sigmoid(a*x + b*z) + v2*sigmoid(c*x + g*z)))^2",
        &[1.0, 0.3, 0.5, -1.0, 0.25, 2.0, -0.4, 0.8, -0.9],
    ),
];

#[test]
fn formulas_are_exact_and_read_back() {
    let mut wrong = String::new();
    for (text, x) in FORMULAS {
        let p = function(text);
        assert_eq!(p.inputs().len(), x.len(), "{text}");
        let formulas = p.hessian_formulas().unwrap();
        let names: Vec<String> = p.input_names().collect();
        for order in [1, 2] {
            let expected: Vec<f64> = match order {
                1 => p.jacobian().unwrap().eval(x).unwrap(),
                _ => p
                    .output_names()
                    .flat_map(|name| p.select(&[name]).unwrap().hessian().unwrap().eval(x).unwrap())
                    .collect(),
            };
            let written = as_text(&formulas, order);
            let parsed = Formula::parse(&written).unwrap_or_else(|e| panic!("{written}\n{e}"));
            let slopes: Vec<String> = (0..expected.len()).map(|k| format!("slope_{k}")).collect();
            let read = parsed.function_of(&slopes).unwrap();
            let at: Vec<f64> = read
                .input_names()
                .map(|name| match names.iter().position(|known| *known == name) {
                    Some(place) => x[place],
                    None => panic!("`{name}` is undefined:\n{written}"),
                })
                .collect();
            let size = expected.iter().fold(1.0_f64, |size, x| size.max(x.abs()));
            for (k, (got, due)) in read.eval(&at).unwrap().iter().zip(&expected).enumerate() {
                if (got - due).abs() > 1e-13 * size {
                    writeln!(wrong, "{text}: order {order}, {k}: {got}, not {due}\n{written}")
                        .unwrap();
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn long_derivatives_are_cut_into_named_lines() {
    let terms: Vec<String> = (0..40).map(|k| format!("sin(x{k}*x{})", k + 1)).collect();
    let formulas =
        function(&format!("P = exp({})", terms.join(" + "))).gradient_formulas().unwrap();
    let longest = formulas.derivatives.iter().map(|one| one.formula.unicode().chars().count());
    assert!(longest.max().unwrap() < 200, "{formulas}");
    let long = FORMULAS.last().unwrap().0;
    insta::assert_snapshot!(function(long).gradient_formulas().unwrap());
    insta::assert_snapshot!("latex", function(long).gradient_formulas().unwrap().latex());
}

#[test]
fn too_many_formulas_are_refused() {
    let names: Vec<String> = (0..400).map(|k| format!("x{k}")).collect();
    let f = function(&format!("P = {}", names.join("*")));
    let error = f.hessian_formulas().unwrap_err().to_string();
    assert!(error.starts_with("not supported: 160400 derivatives as formulas"), "{error}");
    assert_eq!(f.gradient_formulas().unwrap().derivatives.len(), 400);
}

#[path = "../../uphill-graph/tests/loops/forms.rs"]
mod forms;

/// Functions with loops, printed as formulas and read again: sums, recursions, tables, loops in loops, and their derivatives
/// where a loop adds nothing to places of a vector, for which the notation has no words.
#[test]
fn functions_with_loops_read_back() {
    let (mut wrong, mut read_back) = (String::new(), 0);
    for (name, code) in forms::FORMS {
        let f = Function::record(forms::inputs(), code).unwrap();
        let text = f.formulas().ascii();
        if text.contains("...") {
            // Long lists are cut.
            continue;
        }
        let text = format!("variables x[0..7]\n{text}outputs P");
        let again = match Formula::parse(&text).and_then(|formula| formula.function()) {
            Ok(again) => again,
            Err(error) => {
                wrong += &format!("# {name}\n{text}\n{error}\n");
                continue;
            }
        };
        read_back += 1;
        for x in forms::points() {
            let (found, due) = (again.value(&x).unwrap(), f.value(&x).unwrap());
            if (found - due).abs() > 1e-12 * due.abs().max(1.0) {
                wrong += &format!("# {name}: {found}, not {due}\n{text}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(read_back, forms::FORMS.len());
}
