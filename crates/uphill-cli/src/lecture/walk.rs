//! The walk through the slides, section by section, as text. Formulas are not typed in: they are the recorded code's
//! own, differentiated and printed; numbers are evaluated.

use std::fmt::Write;

use uphill_graph::{Function, Inputs, Laws, Scalar};

use super::Failure;

/// The formula of a function's one output.
fn formula(function: &Function) -> String {
    let text = function.simplify_with(Laws::Relaxed).to_string();
    text.lines().skip(1).map(str::trim_start).collect::<Vec<_>>().join("\n")
}

/// P = −Σ_z (d_z − o_z)², for one sample of two outputs.
fn squared_error<S: Scalar>(desired: &[S], computed: &[S]) -> S {
    -desired.iter().zip(computed).map(|(&d, &o)| (d - o).square()).sum::<S>()
}

pub(super) fn performance(text: &mut String) -> Result<(), Failure> {
    let p = Function::record(["d1", "d2", "o1", "o2"], |v| squared_error(&v[..2], &v[2..]))?;
    writeln!(text, "P = − Σ_s Σ_z (d_sz − o_sz)², a sum over samples s and output components z.")?;
    writeln!(text, "For one sample and two components:\n\n  {}\n", formula(&p))?;
    let at = [1.0, 0.0, 0.75, 0.25];
    writeln!(text, "Desired (1, 0), computed (0.75, 0.25): P = {}", p.value(&at)?)?;
    Ok(())
}

fn o<S: Scalar>(w: &[S]) -> Vec<S> {
    vec![(w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1"), (2.0 * w[0] - w[1] - 6.0).named("o2")]
}

fn example() -> Result<Function, uphill_graph::Error> {
    Function::record(["w1", "w2", "w3"], |w| {
        let o = o(w);
        3.0 * o[0] - 7.0 * o[1]
    })
}

fn list(numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
    format!("({})", numbers.join(", "))
}

pub(super) fn chain_rule(text: &mut String) -> Result<(), Failure> {
    let p = example()?;
    writeln!(text, "o: R³ → R² and P: R² → R.\n\n{p}")?;
    writeln!(text, "The general chain rule: ∂P/∂w_i = Σ_j ∂P/∂o_j · ∂o_j/∂w_i. So\n")?;
    let w = [0.0, 0.0, 0.0];
    for by in ["w1", "w2", "w3"] {
        let told = p.explain("P", by, &w)?.to_string();
        // The last paragraph is the derivative by the weight; those before it are ∂P/∂o1 = 3 and ∂P/∂o2 = −7.
        writeln!(text, "{}", told.trim_end().rsplit("\n\n").next().unwrap_or_default())?;
    }
    let jacobian = Function::record_many(["w1", "w2", "w3"], |w| o(w))?.jacobian()?.eval(&w)?;
    writeln!(text, "\nJacobian of o: {} and {}", list(&jacobian[..3]), list(&jacobian[3..]))?;
    writeln!(text, "Gradient: ∇P = (Δw1, Δw2, Δw3) = {}", list(&p.gradient()?.eval(&w)?))?;
    Ok(())
}

pub(super) fn update(text: &mut String) -> Result<(), Failure> {
    let p = example()?;
    let gradient = p.gradient()?.eval(&[0.0, 0.0, 0.0])?;
    writeln!(text, "w_new = w_old + r·∇P, with the learning rate r. From w = (0, 0, 0):\n")?;
    for rate in [1.0, 2.0] {
        let step: Vec<f64> = gradient.iter().map(|slope| rate * slope).collect();
        let (before, after) = (p.value(&[0.0, 0.0, 0.0])?, p.value(&step)?);
        writeln!(text, "  r = {rate}: add {}; P goes from {before} to {after}", list(&step))?;
    }
    Ok(())
}

/// σ of a node j that three nodes feed.
fn sigma<S: Scalar>(w: &[S], o: &[S]) -> S {
    w.iter().zip(o).map(|(&w, &o)| w * o).sum::<S>().named("σ")
}

/// Weights are what is adjusted; the outputs of the nodes before are given.
fn node_inputs() -> Inputs {
    let inputs = ["w1→j", "w2→j", "w3→j"].into_iter().fold(Inputs::new(), Inputs::variable);
    ["o1", "o2", "o3"].into_iter().fold(inputs, Inputs::parameter)
}

pub(super) fn sum(text: &mut String) -> Result<(), Failure> {
    let sigma = Function::record(node_inputs(), |v| sigma(&v[..3], &v[3..]))?;
    writeln!(
        text,
        "Node j is fed by nodes 1, 2 and 3 with outputs o1, o2, o3:\n\n  {}\n",
        formula(&sigma)
    )?;
    writeln!(text, "∂σ/∂w_i→j = o_i:\n")?;
    for line in formula(&sigma.gradient()?).lines() {
        writeln!(text, "  {line}")?;
    }
    Ok(())
}

/// The sigmoid from its definition, step by step.
fn by_definition<S: Scalar>(sigma: S) -> S {
    let u = (1.0 + (-sigma).exp()).named("u");
    (1.0 / u).named("f")
}

pub(super) fn activation(text: &mut String) -> Result<(), Failure> {
    let f = Function::record(["σ"], |v| by_definition(v[0]))?;
    writeln!(text, "f(σ) = 1/(1 + e^−σ). Step by step, at σ = 0:\n")?;
    for line in f.explain("f", "σ", &[0.0])?.to_string().lines() {
        writeln!(text, "{}{line}", if line.is_empty() { "" } else { "  " })?;
    }
    writeln!(
        text,
        "\nSince exp(−σ) = u − 1 and u = 1/f, this is f²·(1/f − 1) = f·(1 − f), the rule of the sigmoid:\n"
    )?;
    let o = Function::record(["σ"], |v| v[0].sigmoid().named("f"))?;
    let told = o.explain("f", "σ", &[0.0])?.to_string();
    for line in told.lines().filter(|line| line.starts_with('∂') && line.contains('=')) {
        writeln!(text, "  {line}")?;
    }
    let (derived, rule) = (f.gradient()?, o.gradient()?);
    let mut worst = 0.0_f64;
    for step in -2000..=2000 {
        let at = [f64::from(step) / 100.0];
        worst = worst.max((derived.value(&at)? - rule.value(&at)?).abs());
    }
    let agree = if worst <= 4.0 * f64::EPSILON { "agree" } else { "DISAGREE" };
    writeln!(
        text,
        "\nChecked: at 4001 points from −20 to 20 the two {agree}, to within 4 units of rounding."
    )?;
    Ok(())
}

pub(super) fn output_by_weight(text: &mut String) -> Result<(), Failure> {
    let o_j = Function::record(node_inputs(), |v| sigma(&v[..3], &v[3..]).sigmoid().named("o_j"))?;
    writeln!(text, "Equation (1): ∂o_j/∂w_i→j = do_j/dσ · ∂σ/∂w_i→j = o_j(1 − o_j)·o_i:\n")?;
    let told = o_j.explain("o_j", "w1→j", &[0.5, -1.0, 2.0, 1.0, 0.5, 0.25])?.to_string();
    for line in told.lines() {
        writeln!(text, "{}{line}", if line.is_empty() { "" } else { "  " })?;
    }
    Ok(())
}

pub(super) fn last_layer(text: &mut String) -> Result<(), Failure> {
    let inputs = Inputs::new().variable("o1").variable("o2").parameter("d1").parameter("d2");
    let p = Function::record(inputs, |v| squared_error(&v[2..], &v[..2]))?;
    writeln!(text, "P(o_last) for one sample:\n\n  {}\n", formula(&p))?;
    writeln!(text, "β_z = ∂P/∂o_z = 2(d_z − o_z):\n")?;
    for line in formula(&p.gradient()?).lines() {
        writeln!(text, "  {line}")?;
    }
    writeln!(text, "\n(The lecture's book leaves the factor 2 to the rate: β_z = d_z − o_z.)")?;
    Ok(())
}

pub(super) fn earlier_layer(text: &mut String) -> Result<(), Failure> {
    let inputs = Inputs::new().variable("o_j").parameter("w_j→1").parameter("w_j→2");
    let p = Function::record(inputs.parameter("d1").parameter("d2"), |v| {
        let o1 = (v[1] * v[0]).named("σ1").sigmoid().named("o1");
        let o2 = (v[2] * v[0]).named("σ2").sigmoid().named("o2");
        squared_error(&v[3..], &[o1, o2])
    })?;
    writeln!(text, "Node j feeds nodes k = 1 and 2 of the last layer. Its β is")?;
    writeln!(text, "∂P/∂o_j = Σ_k ∂P/∂o_k · ∂o_k/∂o_j = Σ_k w_j→k · o_k(1 − o_k) · β_k:\n")?;
    let told = p.explain("P", "o_j", &[0.5, 2.0, -2.0, 1.0, 0.0])?.to_string();
    for line in told.lines() {
        writeln!(text, "{}{line}", if line.is_empty() { "" } else { "  " })?;
    }
    writeln!(
        text,
        "\nThe equations of backpropagation are derived: Δw_i→j = r·o_i·o_j(1 − o_j)·β_j."
    )?;
    Ok(())
}
