//! The walk through the slides, from a single node to the β of each layer.
//!
//! Each law is what recorded instances have in common: their derivations are made by the chain rule on the graph, and
//! the lecture stops with an error if they don't agree but for their indices.

use std::fmt::Write;

use uphill_graph::{Function, Inputs, Scalar};

use crate::error::Error;
use crate::walk::{CHANGE, example, squared_error};
use crate::writing::{equalities, formula, general, general_rows, general_term, reordered, story};

const EACH: [&str; 3] = ["1", "2", "3"];
const BOTH: [&str; 2] = ["1", "2"];

/// σ of a node j that three nodes feed.
fn sigma<S: Scalar>(w: &[S], o: &[S]) -> S {
    w.iter().zip(o).map(|(&w, &o)| w * o).sum::<S>().named("σ")
}

/// Weights are what is adjusted; the outputs of the nodes before are given.
fn node_inputs() -> Inputs {
    let weights = EACH.iter().map(|i| format!("w_{i}→j"));
    let inputs = weights.fold(Inputs::new(), Inputs::variable);
    EACH.iter().map(|i| format!("o_{i}")).fold(inputs, Inputs::parameter)
}

fn output_of_a_node() -> Result<Function, uphill_graph::Error> {
    Function::record(node_inputs(), |v| sigma(&v[..3], &v[3..]).sigmoid().named("o_j"))
}

/// The derivation of ∂o_j/∂w_i→j, as the law of all three weights.
fn by_weight() -> Result<Vec<String>, Error> {
    let o_j = output_of_a_node()?;
    let each = EACH.iter().map(|i| Ok(o_j.derive("o_j", &format!("w_{i}→j"))?.equalities()));
    general_rows(&each.collect::<Result<Vec<_>, Error>>()?, &EACH, "i")
}

pub(crate) fn one_node(text: &mut String) -> Result<(), Error> {
    let law = by_weight()?;
    let sigma = formula(&output_of_a_node()?, "σ")?;
    let term = general_term(&sigma, &EACH, "i")?;
    let ways = |row: &str| row.split(" + ").count();
    writeln!(text, "What is the change in the output o_j when weight w_i→j is adjusted?\n")?;
    writeln!(text, "  {} = {}        (1)\n", law[0].replace("o_j/", "o_j(σ(w))/"), law[1])?;
    writeln!(text, "• Here is the general chain rule again that we used for the performance P:")?;
    writeln!(text, "  ∂P(o(w))/∂w_i = Σ_z ∂P/∂o_z·∂o_z/∂w_i,   z = 1 … Z")?;
    let two = ways(&example()?.derive("P", "w_1")?.equalities()[1]);
    writeln!(
        text,
        "• No Σ in the chain rule applied to a single node: the Σ has a term for each way from P to"
    )?;
    writeln!(
        text,
        "  w_i, in the example {two}, through o_1 and through o_2. From o_j to w_i→j there is {},",
        ways(&law[1])
    )?;
    writeln!(text, "  through σ, since o_j is a scalar: one way, one term.")?;
    writeln!(
        text,
        "• \"Regular\" derivative notation d and not ∂ in do_j/dσ: σ is a scalar, and o_j = f(σ) is a"
    )?;
    writeln!(
        text,
        "  function of this single variable. ∂ in ∂σ/∂w_i→j: σ is a function of several weights."
    )?;
    writeln!(text, "• Note that σ(w) = Σ_i {term}.\n")?;
    writeln!(text, "Equation (1) is solved in two steps, the next two sections.")?;
    Ok(())
}

pub(crate) fn sum(text: &mut String) -> Result<(), Error> {
    let sigma = Function::record(node_inputs(), |v| sigma(&v[..3], &v[3..]))?;
    let instance = formula(&sigma, "σ")?;
    let term = general_term(&instance, &EACH, "i")?;
    writeln!(text, "Node j is fed by nodes i with outputs o_i:\n\n  σ(w) = Σ_i {term}\n")?;
    writeln!(text, "With three of them:\n\n  σ = {instance}\n")?;
    let formulas = sigma.gradient_formulas()?;
    let rows = formulas.derivatives.iter();
    let rows: Vec<String> =
        rows.map(|one| format!("{} = {}", one.symbol.unicode(), one.formula.unicode())).collect();
    for row in &rows {
        writeln!(text, "  {row}")?;
    }
    let law = general(&rows, &EACH, "i")?;
    writeln!(text, "\nSo 1) is\n\n  {}", law.replace("∂σ/", "∂σ(w)/"))?;
    Ok(())
}

/// The sigmoid from its definition, step by step.
fn by_definition<S: Scalar>(sigma: S) -> S {
    let u = (1.0 + (-sigma).exp()).named("u");
    (1.0 / u).named("f")
}

pub(crate) fn activation(text: &mut String) -> Result<(), Error> {
    let f = Function::record(["σ"], |v| by_definition(v[0]))?;
    let whole = Function::record(["σ"], |v| 1.0 / (1.0 + (-v[0]).exp()))?;
    writeln!(
        text,
        "2) What is do_j(σ)/dσ? This depends on the type of activation function. Here it is the sigmoid:\n"
    )?;
    writeln!(text, "  o_j(σ) = f(σ) = {}\n\nStep by step:\n", formula(&whole, "P")?)?;
    story(text, &f.derive("f", "σ")?)?;
    writeln!(
        text,
        "\nSince exp(−σ) = u − 1, this is (u − 1)/u² = 1/u − 1/u² = f − f², the rule of the sigmoid:\n"
    )?;
    let o = Function::record(["σ"], |v| v[0].sigmoid().named("f"))?;
    equalities(text, &o.derive("f", "σ")?.equalities())?;
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

pub(crate) fn output_by_weight(text: &mut String) -> Result<(), Error> {
    writeln!(
        text,
        "Now we have the answer to: what is the change in the output o_j when weight w_i→j is changed?\n"
    )?;
    let law = by_weight()?;
    let left = law[0].replace("o_j/", "o_j(σ(w))/");
    equalities(text, &[&[left][..], &law[1..]].concat())?;
    writeln!(text, "\nDerived for three weights:\n")?;
    story(text, &output_of_a_node()?.derive("o_j", "w_1→j")?)?;
    Ok(())
}

/// P with the slopes β by the outputs of two nodes that o_i feeds through these weights.
fn with_slopes<S: Scalar>(weights: [S; 2], o_i: S, beta: [S; 2]) -> S {
    let o_1 = (weights[0] * o_i).sigmoid().named("o_1");
    let o_2 = (weights[1] * o_i).sigmoid().named("o_2");
    beta[0] * o_1 + beta[1] * o_2
}

pub(crate) fn performance_by_weight(text: &mut String) -> Result<(), Error> {
    writeln!(text, "Let β_j stand for ∂P/∂o_j, whatever P is. Then the chain rule gives\n")?;
    let parameters = |inputs: Inputs| inputs.parameter("o_i").parameter("β_1").parameter("β_2");
    let shared = Function::record(parameters(Inputs::new().variable("w_i")), |v| {
        with_slopes([v[0], v[0]], v[1], [v[2], v[3]])
    })?;
    let derivation = shared.derive("P", "w_i")?.equalities();
    let laws =
        [general_term(&derivation[1], &BOTH, "j")?, general_term(&derivation[2], &BOTH, "j")?];
    let law = reordered(&laws[1], "o_j·(1 − o_j)·o_i·β_j")?;
    writeln!(text, "  ∂P/∂w_i→j = ∂P(o(w))/∂w_i→j = Σ_j {} = Σ_j {law}\n", laws[0])?;
    writeln!(text, "with a term for each output that the weight moves. With two of them:\n")?;
    equalities(text, &derivation)?;
    let inputs = parameters(Inputs::new().variable("w_i→1").variable("w_i→2"));
    let own = Function::record(inputs, |v| with_slopes([v[0], v[1]], v[2], [v[3], v[4]]))?;
    let each = BOTH.iter().map(|j| Ok(own.derive("P", &format!("w_i→{j}"))?.equalities()));
    let rows = general_rows(&each.collect::<Result<Vec<_>, Error>>()?, &BOTH, "j")?;
    let last = rows.last().map_or("", String::as_str);
    writeln!(text, "\nWeight w_i→j leads to node j alone, so one term stays:\n")?;
    equalities(text, &rows)?;
    let change = reordered(&format!("r·{last}"), CHANGE)?;
    writeln!(
        text,
        "\nWith the learning rate r, this is the change of the weight: Δw_i→j = {change}.\n"
    )?;
    writeln!(text, "The missing piece is the backpropagation of the β's.")?;
    Ok(())
}

pub(crate) fn last_layer(text: &mut String) -> Result<(), Error> {
    let inputs = Inputs::new().variable("o_1").variable("o_2").parameter("d_1").parameter("d_2");
    let p = Function::record(inputs, |v| squared_error(&v[2..], &v[..2]))?;
    let instance = formula(&p, "P")?;
    let squares = instance.trim_start_matches("−(").trim_end_matches(')');
    let square = general_term(squares, &BOTH, "z")?;
    writeln!(text, "Performance, for one sample:\n\n  P(o_last) = −Σ_z {square}\n")?;
    writeln!(text, "With two outputs:\n\n  P = {instance}\n")?;
    let formulas = p.gradient_formulas()?;
    let rows = formulas.derivatives.iter();
    let rows: Vec<String> =
        rows.map(|one| format!("{} = {}", one.symbol.unicode(), one.formula.unicode())).collect();
    for row in &rows {
        writeln!(text, "  {row}")?;
    }
    let law = general(&rows, &BOTH, "z")?;
    writeln!(
        text,
        "\nSo the change in performance is\n\n  {} = β_z\n",
        law.replace("∂P/", "∂P(o_last)/")
    )?;
    writeln!(text, "(The lecture's book leaves the factor 2 to the rate: β_z = d_z − o_z.)")?;
    Ok(())
}

pub(crate) fn earlier_layer(text: &mut String) -> Result<(), Error> {
    let inputs = Inputs::new().variable("o_j").parameter("w_j→1").parameter("w_j→2");
    let p = Function::record(inputs.parameter("d_1").parameter("d_2"), |v| {
        let o_1 = (v[1] * v[0]).named("σ_1").sigmoid().named("o_1");
        let o_2 = (v[2] * v[0]).named("σ_2").sigmoid().named("o_2");
        squared_error(&v[3..], &[o_1, o_2])
    })?;
    writeln!(text, "Node j feeds the nodes k of the next layer, k = 1 … K:\n")?;
    writeln!(text, "  ∂P(o_last)/∂o_j = Σ_k ∂P(o_last)/∂o_k·∂o_k/∂o_j\n")?;
    let each = BOTH.iter().map(|k| {
        let inputs = Inputs::new().variable("o_j").parameter(format!("w_j→{k}"));
        let o_k = Function::record(inputs, |v| {
            (v[1] * v[0]).named(&format!("σ_{k}")).sigmoid().named(&format!("o_{k}"))
        })?;
        Ok(o_k.derive(&format!("o_{k}"), "o_j")?.equalities())
    });
    let law = general_rows(&each.collect::<Result<Vec<_>, Error>>()?, &BOTH, "k")?;
    writeln!(text, "Simplify notation:\n")?;
    for row in &law[1..] {
        writeln!(text, "  {} = {row}", law[0])?;
    }
    let derivation = p.derive("P", "o_j")?;
    let rows = derivation.equalities();
    let term = general_term(rows.last().map_or("", String::as_str), &BOTH, "k")?;
    let last = "2·(d_k − o_k)";
    let term = match term.contains(last) {
        true => term.replace(last, "β_k"),
        false => return Err(Error::NoLaw(format!("no β_k in `{term}`"))),
    };
    let term = reordered(&term, "w_j→k·o_k·(1 − o_k)·β_k")?;
    writeln!(text, "\nSo the β of an earlier layer is\n\n  β_j = Σ_k {term}\n")?;
    writeln!(text, "Derived for two nodes k of the last layer, where β_k = {last}:\n")?;
    story(text, &derivation)?;
    let told = p.explain("P", "o_j", &[0.5, 2.0, -2.0, 1.0, 0.0])?.digits(4).equalities();
    let numbers = told[told.len() - 2..].join(" = ");
    writeln!(text, "\nAt o_j = 0.5, w_j→1 = 2, w_j→2 = −2, d_1 = 1, d_2 = 0:  β_j = {numbers}\n")?;
    writeln!(text, "The equations of the backpropagation algorithm are fully derived.")?;
    writeln!(text, "More in Patrick Winston's book, pp. 453-457 and 458-468.")?;
    Ok(())
}
