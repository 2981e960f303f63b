//! Formulas with their values, inputs and outputs: one row for everything that the notation has.

use uphill_formula::{Call, Error, Formula};
use uphill_graph::{Arity, Inputs, Op, Role};

/// The only output at these inputs.
fn value(text: &str, inputs: &[f64]) -> f64 {
    match Formula::parse(text).and_then(|formula| Ok(formula.function()?.value(inputs)?)) {
        Ok(value) => value,
        Err(error) => panic!("{text}\n{error}"),
    }
}

fn names(text: &str) -> (Vec<String>, Vec<String>) {
    let formula = Formula::parse(text).expect("it is a formula");
    (formula.input_names().collect(), formula.output_names().map(str::to_owned).collect())
}

/// Operations that only rules use.
const OF_RULES: [Op; 4] = [Op::SigmoidSlope, Op::TanhSlope, Op::Direction, Op::OneMinusSquare];

#[test]
fn formulas_have_their_values() {
    let rows: &[(&str, &[f64], f64)] = &[
        // Numbers and constants.
        ("P = 1.5e3", &[], 1500.0),
        ("P = .5 + 5. + 1e-3 + 2E+2", &[], 205.501),
        ("P = pi", &[], std::f64::consts::PI),
        ("P = π + e", &[], std::f64::consts::PI + std::f64::consts::E),
        // Operators and their precedence.
        ("P = 1 - 2 - 3", &[], -4.0),
        ("P = 8/4/2", &[], 1.0),
        ("P = 1 + 2*3", &[], 7.0),
        ("P = (1 + 2)*3", &[], 9.0),
        ("P = 2^3^2", &[], 512.0),
        ("P = (2^3)^2", &[], 64.0),
        ("P = 2**3", &[], 8.0),
        ("P = -x^2", &[3.0], -9.0),
        ("P = (-x)^2", &[3.0], 9.0),
        ("P = 2^-x", &[1.0], 0.5),
        ("P = x^-2", &[2.0], 0.25),
        ("P = -x*y", &[2.0, 5.0], -10.0),
        ("P = x*-y", &[2.0, 5.0], -10.0),
        ("P = x - -y", &[2.0, 5.0], 7.0),
        ("P = + - + -x", &[2.0], 2.0),
        ("P = x−y·z×u÷v⋅t", &[1.0, 2.0, 3.0, 4.0, 8.0, 5.0], -14.0),
        ("P = x^0.5", &[9.0], 3.0),
        ("P = x^y", &[9.0, 0.5], 3.0),
        // Comparisons and conditions.
        ("P = x < y", &[1.0, 2.0], 1.0),
        ("P = x >= y", &[1.0, 2.0], 0.0),
        ("P = (x ≤ y) + (x ≥ y) + (x ≠ y) + (x == y) + (x != y)", &[1.0, 2.0], 3.0),
        ("P = if(x > 0, x, -x)", &[-3.0], 3.0),
        ("P = if(0 < x and x < 1, 10, 20)", &[0.5], 10.0),
        ("P = if(0 < x && x < 1, 10, 20)", &[1.5], 20.0),
        ("P = if(x < 0 or x > 1, 10, 20)", &[1.5], 10.0),
        ("P = if(x < 0 || !(x < 2), 10, 20)", &[1.5], 20.0),
        ("P = not x == 2", &[1.0], 1.0),
        ("P = not not x", &[7.0], 1.0),
        ("P = x and y", &[7.0, -3.0], 1.0),
        ("P = x or y", &[0.0, 0.0], 0.0),
        ("P = (x < 1) < 1", &[3.0], 1.0),
        ("P = x and y or z and not u", &[0.0, 1.0, 1.0, 0.0], 1.0),
        // Functions.
        ("P = log(x)", &[1.0], 0.0),
        ("P = log(8, 2)", &[], 3.0),
        ("P = ln(e)", &[], 1.0),
        ("P = min(x, y, z)", &[3.0, 1.0, 2.0], 1.0),
        ("P = max(x, y, z)", &[1.0, 3.0, 2.0], 3.0),
        ("P = hypot(x, y)", &[3.0, 4.0], 5.0),
        ("P = sum(x, y, z)", &[1.0, 3.0, 2.0], 6.0),
        ("P = sum(x)", &[4.0], 4.0),
        ("P = dot(x, y, z, u)", &[1.0, 2.0, 3.0, 4.0], 14.0),
        ("P = powi(x, 3)", &[2.0], 8.0),
        (
            "P = arctan(x) - atan(x) + arcsin(y) + arccos(y)",
            &[7.0, 0.5],
            std::f64::consts::FRAC_PI_2,
        ),
        (
            "P = arcsinh(x) - asinh(x) + arccosh(2) - acosh(2) + arctanh[0.5] - atanh(0.5)",
            &[1.0],
            0.0,
        ),
        ("P = exp[-x*(y + 1)]*log[e] + max[w[1], w[2]]", &[0.0, 1.0, 2.0, 3.0], 4.0),
        ("P = select(x, 1, 2)", &[0.0], 2.0),
        ("n = 1 + 1; P = polygamma(n - 1, x) - trigamma(x)", &[2.5], 0.0),
        ("P = expit(x) - sigmoid(x) + tgamma(y) - gamma(y)", &[0.3, 2.5], 0.0),
        ("P = lgamma(x) + gammaln(x) - 2*ln_gamma(x)", &[2.5], 0.0),
        ("P = gamma(5) + gamma(0.5)^2 - pi", &[], 24.0),
        ("P = floor(-1.5) + 10*ceil(-1.5) + 100*round(2.5) + 1000*round(-2.5)", &[], -2712.0),
        ("P = mod(x, 2) + 10*fmod(x, 2)", &[-7.5], -14.5),
        ("P = ndtr(x)", &[-1.0], 0.15865525393145707),
        ("P = ndtr(x)", &[-30.0], 4.906713927148187e-198),
        ("P = log_ndtr(x)", &[-40.0], -804.6084420137538),
        ("P = erfc(x)*exp(x^2) - erfcx(x) + erfcx(1e10)", &[0.0], 5.641895835477563e-11),
        ("P = logit(x)", &[0.2], -1.3862943611198906),
        ("P = log_expit(x) + log_sigmoid(x)", &[-800.0], -1600.0),
        ("P = silu(x) + swish(x)", &[2.0], 3.5231883119115293),
        ("P = gelu(x)", &[-10.0], -7.619853024160527e-23),
        ("P = elu(x) + elu(x, 2)", &[-1.0], 3.0 * (-0.6321205588285577)),
        ("P = elu(x)", &[3.0], 3.0),
        ("P = softsign(x)", &[-3.0], -0.75),
        ("P = beta(x, y)", &[2.0, 3.0], 1.0 / 12.0),
        ("P = ln_beta(x, y) - betaln(x, y) + log(12) + ln_beta(2, 3) + 1", &[2.0, 3.0], 1.0),
        ("P = norm(x, y, z)", &[2.0, -3.0, 6.0], 7.0),
        ("P = norm(x)", &[-2.0], 2.0),
        ("P = norm(i, 1..3, w[i])", &[2.0, -3.0, 6.0], 7.0),
        ("P = softmax(1, x, y)", &[0.0, 700.0], 9.85967654375977e-305),
        (
            "P = softmax(1, x, y, z) + softmax(2, x, y, z) + softmax(3, x, y, z)",
            &[1.0, 2.0, 3.0],
            1.0,
        ),
        ("P = softmax(1, x)", &[7.0], 1.0),
        // Names that are functions only in front of a parenthesis.
        ("P = gamma*x + beta - mod", &[2.0, 3.0, 4.0, 5.0], 5.0),
        ("gamma = 2; P = gamma*round[1]", &[3.0], 6.0),
        ("norm(x, y) = x + y; P = norm(3, 4)", &[], 7.0),
        ("P = gamma + gamma(5)", &[1.0], 25.0),
        // Reductions.
        ("P = sum(i, 1..5, i)", &[], 15.0),
        ("P = sum(i, 1..3, i*w[i])", &[1.0, 10.0, 100.0], 321.0),
        ("P = product(k, 1..5, k)", &[], 120.0),
        ("P = mean(i, 1..4, x*i)", &[2.0], 5.0),
        ("P = max(i, 1..4, (i - 2)^2*x)", &[2.0], 8.0),
        ("P = min(i, -1..1, i)", &[], -1.0),
        ("P = sum(i, 1..0, w[i]) + product(i, 3..1, x)", &[], 1.0),
        ("P = sum(i, 1..3, sum(j, 1..i, j))", &[], 10.0),
        ("P = sum(i, 1..2, sum(i, 1..3, i))", &[], 12.0),
        ("n = 2; P = sum(i, n..2*n, x^i)", &[2.0], 28.0),
        ("P = log_sum_exp(i, 1..1, x)", &[2.0], 2.0),
        // Entries.
        ("P = w[1, 2] - w[2, 1]", &[5.0, 3.0], 2.0),
        ("x[0] = a; x[1] = x[0]^2; x[2] = x[1]^2; P = x[2]", &[3.0], 81.0),
        ("P = sum(i, 0..2, x[i]); x[2] = x[1] + 1; x[1] = x[0] + 1; x[0] = a", &[3.0], 12.0),
        ("P = x[3]; x[3] = sum(i, 1..2, x[i]); x[2] = 2*x[1]; x[1] = a", &[3.0], 9.0),
        // Functions of one's own.
        ("f(x, y) = x^2 + y; P = f(a, f(b, 1))", &[3.0, 2.0], 14.0),
        ("P = f(f(f(x))); f(y) = 2*y", &[1.0], 8.0),
        ("f(x) = x + c; c = 10; P = f(2)", &[], 12.0),
        ("f(i) = i^2; P = sum(i, 1..3, f(i + 1))", &[], 29.0),
        ("g(n) = sum(i, 1..n, i); P = g(3) + g(4)", &[], 16.0),
        ("f(x) = x + i; P = sum(i, 1..2, f(1))", &[10.0], 22.0), // i is an input in f
        ("f(x) = x; P = sum(i, 1..3, f(2)*i)", &[], 12.0),
        ("f(x) = g(1) + x; g(y) = x*y; P = f(3)", &[10.0], 13.0),
        ("P = sum(i, 1..2, a[i]); a[1] = i; a[2] = i", &[10.0], 20.0),
        ("x = 5; f(x) = 2*x; P = f(1) + x", &[], 7.0),
        // Names in backquotes, comments, lines.
        ("P = `sepal length` * `e`", &[2.0, 3.0], 6.0),
        ("`a``b` = 3; P = `a``b`", &[], 3.0),
        ("# nothing\nP = x # x\n  // y\n", &[2.0], 2.0),
        ("P = x +\n y", &[2.0, 1.0], 3.0),
        ("P = x\n + y", &[2.0, 1.0], 3.0),
        ("P = max(x,\n\n y\n)", &[2.0, 1.0], 2.0),
        (";;P = x;\r\n;", &[2.0], 2.0),
        ("größe_2 = 3; P = größe_2*α₁", &[2.0], 6.0),
    ];
    for &(text, inputs, expected) in rows {
        let got = value(text, inputs);
        assert!((got - expected).abs() <= 1e-12 * expected.abs(), "{text}: {got}, not {expected}");
    }
    assert!(Formula::parse("P = 2e + 1").is_err());
}

#[test]
fn the_linear_example_in_any_order() -> Result<(), Error> {
    for text in [
        "P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6",
        "o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6; P = 3*o1 - 7*o2",
        "o1 = w1 - 2*w2 + 5*w3\nP = 3*o1 - 7*o2\no2 = 2*w1 - w2 - 6\n",
    ] {
        let formula = Formula::parse(text)?;
        assert_eq!(formula.input_names().collect::<Vec<_>>(), ["w1", "w2", "w3"]);
        assert_eq!(formula.output_names().collect::<Vec<_>>(), ["P"]);
        let gradient = formula.function()?.gradient()?;
        assert_eq!(gradient.eval(&[0.3, -1.0, 2.0])?, [-11.0, 1.0, 15.0]);
        let function = formula.function()?;
        assert!(function.graph().find("o1").is_ok(), "definitions are named nodes");
    }
    Ok(())
}

#[test]
fn every_operation_has_its_name() {
    for &op in Op::ALL.iter().filter(|op| !OF_RULES.contains(op)) {
        let count = match op.arity() {
            Arity::Exactly(count) => count,
            Arity::Any => 3,
            Arity::Pairs => 4,
        };
        let x: Vec<f64> = (0..count).map(|k| 0.25 + 0.125 * k as f64).collect();
        let x: Vec<f64> = match op {
            Op::Powi => vec![1.5, 3.0],
            Op::Polygamma | Op::ErfcxDerivative | Op::LogNdtrDerivative => vec![2.0, 1.5],
            Op::Acosh => vec![1.5],
            _ => x,
        };
        // One operand stays an input, so that the graph has the operation and not its value.
        let free = usize::from(op.whole_operand().is_some_and(|(place, _)| place == 0));
        let arguments: Vec<String> = x
            .iter()
            .enumerate()
            .map(|(k, x)| if k == free { "x".into() } else { x.to_string() })
            .collect();
        let text = format!("P = {}({})", op.name(), arguments.join(", "));
        assert_eq!(value(&text, &[x[free]]).to_bits(), op.value(&x).to_bits(), "{text}");
    }
}

#[test]
fn inputs_and_outputs_have_their_order() {
    let strings = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let rows: [(&str, &[&str], &[&str]); 8] = [
        ("a = y + x; b = x", &["y", "x"], &["a", "b"]),
        ("b = a + z; a = y", &["z", "y"], &["b"]),
        ("P = w[3] + x + w[1]; Q = w[20] + w[3]", &["w[1]", "w[3]", "w[20]", "x"], &["P", "Q"]),
        ("P = sum(i, 1..2, w[i]*x[i])", &["w[1]", "w[2]", "x[1]", "x[2]"], &["P"]),
        ("f(u) = u*k; P = f(x)", &["k", "x"], &["P"]),
        ("a = x; b = a; c = a; outputs c, a", &["x"], &["c", "a"]),
        ("P = if(1, x, y)", &["x", "y"], &["P"]),
        ("unused(u) = u*k; P = x", &["x"], &["P"]),
    ];
    for (text, inputs, outputs) in rows {
        assert_eq!(names(text), (strings(inputs), strings(outputs)), "{text}");
    }
}

#[test]
fn declared_inputs_have_roles() -> Result<(), Error> {
    let formula = Formula::parse("variables a, w[0..1]\nparameters k, u[3..4]; P = a*w[1] + u[3]")?;
    let expected = Inputs::new().variable("a").variables("w", 2).parameter("k");
    assert_eq!(*formula.inputs(), expected.parameter("u[3]").parameter("u[4]"));
    assert_eq!(formula.inputs().groups()[3].role, Role::Parameter);
    let function = formula.function()?;
    assert_eq!(function.value(&[2.0, 0.0, 5.0, 0.0, 7.0, 0.0])?, 17.0);
    assert_eq!(function.gradient()?.eval(&[2.0, 0.0, 5.0, 0.0, 7.0, 0.0])?, [5.0, 0.0, 2.0]);
    Ok(())
}

#[test]
fn any_definition_can_be_chosen() -> Result<(), Error> {
    let formula = Formula::parse("P = a + y; a = 2*x; b = 7; Q = b")?;
    assert_eq!(formula.definition_names().collect::<Vec<_>>(), ["P", "a", "b", "Q"]);
    let function = formula.function_of(&["a", "b", "P"])?;
    assert_eq!(function.output_names().collect::<Vec<_>>(), ["a", "b", "P"]);
    assert_eq!(function.eval(&[1.0, 3.0])?, [6.0, 7.0, 7.0]);
    assert!(matches!(formula.function_of(&["c"]), Err(Error::UnknownOutput { .. })));
    assert!(matches!(formula.function_of(&["a", "a"]), Err(Error::Graph(_))));
    Ok(())
}

#[test]
fn a_byte_order_mark_says_nothing() {
    assert_eq!(value("\u{feff}P = x^2", &[3.0]), 9.0);
    assert_eq!(value("\u{feff}# a square\r\nP = x^2", &[3.0]), 9.0);
}

#[test]
fn every_function_can_be_called_as_it_is_listed() {
    let names: Vec<&str> = Call::all().map(Call::name).collect();
    for op in Op::ALL {
        // What derivative rules are written with is no function of the notation, and its name is free.
        assert_eq!(names.contains(&op.name()), !OF_RULES.contains(op), "{}", op.name());
    }
    assert_eq!(value("direction = 3*x; P = direction^2", &[2.0]), 36.0);
    for call in Call::all() {
        assert_eq!(names.iter().filter(|name| **name == call.name()).count(), 1, "{call}");
        let text = format!("n = 2; P = {}", call.to_string().replace(", …", ""));
        if let Err(error) = Formula::parse(&text) {
            panic!("{call}\n{error}");
        }
    }
}
