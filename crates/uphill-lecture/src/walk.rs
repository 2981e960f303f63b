//! The walk through the slides, up to the algorithm: performance, the chain rule on an example, the update rule.
//! Formulas are not typed in: they are the recorded code's own, differentiated and printed; numbers are evaluated.

use std::fmt::Write;

use uphill_graph::{Function, Scalar};
use uphill_nn::{NegativeRms, Performance};

use crate::error::Error;
use crate::writing::{equalities, formula, general_term, signed, vector};

/// −Σ (d − o)², over all that it is given.
pub(crate) fn squared_error<S: Scalar>(desired: &[S], computed: &[S]) -> S {
    -desired.iter().zip(computed).map(|(&d, &o)| (d - o).square()).sum::<S>()
}

pub(crate) fn performance(text: &mut String) -> Result<(), Error> {
    let places = ["1,1", "1,2", "2,1", "2,2"];
    let named = |letter: &str| places.map(|place| format!("{letter}_{place}"));
    let inputs: Vec<String> = named("d").into_iter().chain(named("o")).collect();
    let p = Function::record(inputs.clone(), |v| squared_error(&v[..4], &v[4..]))?;
    let instance = formula(&p, "P")?;
    let squares = instance.trim_start_matches("−(").trim_end_matches(')');
    let square = general_term(squares, &places, "s,z")?;
    writeln!(text, "Performance P is the negative of a loss function.\n")?;
    writeln!(text, "  input sample      x_s")?;
    writeln!(text, "  desired output    d_s, the label of the sample")?;
    writeln!(text, "  computed output   o_s")?;
    writeln!(text, "  Z                 the number of components of the output vector")?;
    writeln!(text, "  M                 the number of training samples\n")?;
    writeln!(text, "P is the sum over all samples and output components of the squared error,")?;
    writeln!(text, "for each labelled training sample s = {{x_s, d_s}}, taken negative:\n")?;
    writeln!(text, "  P = −Σ_s Σ_z {square},   s = 1 … M, z = 1 … Z\n")?;
    writeln!(text, "Recorded for two samples and two components, it is\n\n  P = {instance}\n")?;
    let at = [1.0, 0.0, 1.0, 0.0, 0.75, 0.25, 0.5, 0.5];
    writeln!(text, "Desired (1, 0) and (1, 0), computed (0.75, 0.25) and (0.5, 0.5):")?;
    writeln!(text, "P = {}.\n", signed(p.value(&at)?))?;

    let rms = Function::record(inputs, |v| {
        NegativeRms.outer(NegativeRms.term(&v[..4], &v[4..]), Scalar::constant(2.0), 2)
    })?;
    let instance = formula(&rms, "P")?;
    let squares = instance.trim_start_matches("−√((").trim_end_matches(")/4)");
    let square = general_term(squares, &places, "s,z")?;
    writeln!(
        text,
        "In the Acquaintance/Sibling network P is the negative root mean squared (RMS) error:\n"
    )?;
    writeln!(text, "  P = −√(Σ_s Σ_z {square}/(M·Z))\n")?;
    writeln!(text, "For the same two samples, where M·Z = 4:\n\n  P = {instance}\n")?;
    writeln!(text, "which is {} here.", format!("{:.4}", rms.value(&at)?).replace('-', "−"))?;
    Ok(())
}

fn o<S: Scalar>(w: &[S]) -> Vec<S> {
    vec![(w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o_1"), (2.0 * w[0] - w[1] - 6.0).named("o_2")]
}

const WEIGHTS: [&str; 3] = ["w_1", "w_2", "w_3"];

pub(crate) fn example() -> Result<Function, uphill_graph::Error> {
    Function::record(WEIGHTS, |w| {
        let o = o(w);
        3.0 * o[0] - 7.0 * o[1]
    })
}

pub(crate) fn chain_rule(text: &mut String) -> Result<(), Error> {
    let p = example()?;
    writeln!(text, "  P   performance of the neural net, depends on o")?;
    writeln!(text, "  o   output vector of a node, depends on w")?;
    writeln!(text, "  w   weight vector of the node\n")?;
    writeln!(
        text,
        "The most general chain rule: when the ith weight w_i is adjusted, P changes by\n"
    )?;
    writeln!(text, "  ∂P/∂w_i = ∂P(o(w))/∂w_i = Σ_j ∂P/∂o_j·∂o_j/∂w_i,   j = 1 … J\n")?;
    writeln!(text, "An example, o: R³ → R² and P: R² → R¹:\n")?;
    for name in ["P", "o_1", "o_2"] {
        writeln!(text, "  {name} = {}", formula(&p, name)?)?;
    }
    writeln!(text, "\nSo\n")?;
    for by in ["o_1", "o_2"] {
        equalities(text, &p.derive("P", by)?.equalities())?;
    }
    writeln!(text)?;
    for by in WEIGHTS {
        equalities(text, &p.derive("P", by)?.equalities())?;
    }
    let jacobian = Function::record_many(WEIGHTS, |w| o(w))?.jacobian()?;
    let jacobian = jacobian.eval(&[0.0; 3])?;
    let independent = |(k, slope): (usize, &f64)| {
        (*slope == 0.0).then(|| format!("o_{} does not depend on w_{}", k / 3 + 1, k % 3 + 1))
    };
    for told in jacobian.iter().enumerate().filter_map(independent) {
        writeln!(text, "\n({told}, so that its term is 0.)")?;
    }
    let gradient = p.gradient()?.eval(&[0.0; 3])?;
    writeln!(text, "\nInterpretation:\n")?;
    writeln!(text, "  Gradient = ∇P(w) = (Δw_1, Δw_2, Δw_3)ᵀ = {}\n", vector(&gradient))?;
    writeln!(text, "The symbol Δ, delta, is for difference or change.")?;
    Ok(())
}

pub(crate) fn update(text: &mut String) -> Result<(), Error> {
    let p = example()?;
    let gradient = p.gradient()?.eval(&[0.0; 3])?;
    let direction = vector(&p.gradient_wrt(&["w_2", "w_3"])?.eval(&[0.0; 3])?);
    writeln!(
        text,
        "Only two dimensions can be drawn. Where w_1 is held, P over w_2 and w_3 rises fastest along"
    )?;
    writeln!(
        text,
        "{direction}: climbing uphill, following the gradient direction {direction}. The picture, with"
    )?;
    writeln!(
        text,
        "this direction as an arrow at right angles to the contours, is docs/pictures/surface-linear.svg:\n"
    )?;
    writeln!(
        text,
        "  uphill plot surface 'P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6' \\"
    )?;
    writeln!(
        text,
        "      --at w1=1 --x w2=-20..20 --y w3=-20..20 --arrow -8,-6 --equal-units --output linear.svg\n"
    )?;
    writeln!(text, "The update rule of the backpropagation algorithm:\n")?;
    for (k, &slope) in gradient.iter().enumerate() {
        let i = k + 1;
        let new = Function::record([format!("w_{i},old")], |w| w[0] + slope)?;
        writeln!(text, "  w_{i},new = w_{i},old + Δw_{i} = {}", formula(&new, "P")?)?;
    }
    writeln!(
        text,
        "\nWeights are adjusted in each iteration in proportion to the length of the gradient. Here the"
    )?;
    writeln!(text, "learning rate r is 1. From w = (0, 0, 0)ᵀ:\n")?;
    for rate in [1.0, 2.0] {
        let step: Vec<f64> = gradient.iter().map(|slope| rate * slope).collect();
        let (before, after) = (p.value(&[0.0; 3])?, p.value(&step)?);
        writeln!(
            text,
            "  r = {rate}: r·Δw = {} is added; P goes from {before} to {after}",
            vector(&step)
        )?;
    }
    Ok(())
}

/// The change of a weight, as the slides write it; section "weights" derives it.
pub(crate) const CHANGE: &str = "r·o_i·o_j·(1 − o_j)·β_j";

pub(crate) fn algorithm(text: &mut String) -> Result<(), Error> {
    let steps = "\
Input: NN structure (number of nodes, number of layers),
       labelled training data = input/output pairs {x, o_desired}

1) Choose weights randomly (or some other way)
2) Compute performance P on the training data
3) WHILE performance P not satisfactory:
   {
     FOR EACH input vector x:
     {
       Compute o_last (= evaluate NN)
       Compute the β_j's (derived in sections 10 and 11)
       Compute weight changes: Δw_i→j = CHANGE
     }
     Add all Δw's computed for all input vectors
   }

Output: weights (= trained neural net),
        performance P of the trained net
";
    for line in steps.replace("CHANGE", CHANGE).lines() {
        writeln!(text, "{}{line}", if line.is_empty() { "" } else { "  " })?;
    }
    writeln!(
        text,
        "\nThe example had linear functions P and o. What follows derives Δw_i→j = {CHANGE}"
    )?;
    writeln!(text, "in general. `uphill train` is this algorithm; the last section runs it.")?;
    Ok(())
}
