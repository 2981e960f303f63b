//! Identities that backpropagation must keep, whatever the numbers.
//!
//! The order of declaration does not matter; a shared weight's Δw is the sum of its edges'; the book's
//! Δw is half of the slides', bit for bit; a threshold is a bias with the sign turned; the table tells
//! the same numbers as the gradient; both ends of the sigmoid are safe; no code is shared.

use crate::gap;
use uphill_check::closed_form::random::{Limits, case};
use uphill_check::closed_form::{
    Builder, Convention, Network, Offset, OffsetKind, Performance, Rule, Sample,
};

#[test]
fn the_order_of_declaration_does_not_matter() {
    for seed in 0..200 {
        let case = case(seed, &Limits::default());
        let mut turned = case.structure.clone();
        turned.nodes.reverse();
        let gradient = |structure| {
            let network = Network::new(structure).expect("a network");
            network.gradient(&case.weights, &case.samples, Rule::SLIDES).expect("a gradient")
        };
        assert!(gap(&gradient(turned), &gradient(case.structure.clone())) < 1e-13, "seed {seed}");
    }
}

#[test]
fn a_shared_weight_changes_by_the_sum_over_its_edges() {
    let mut shared = 0;
    for seed in 0..200 {
        let case = case(seed, &Limits::default());
        // The same network with a weight of its own on each edge.
        let mut apart = case.structure.clone();
        let (mut weights, mut origin) = (case.weights.clone(), (0..case.weights.len()).collect());
        let mut taken = vec![false; case.weights.len()];
        for edge in apart.nodes.iter_mut().flat_map(|node| &mut node.incoming) {
            if std::mem::replace(&mut taken[edge.weight], true) {
                let copies: &mut Vec<usize> = &mut origin;
                copies.push(edge.weight);
                weights.push(case.weights[edge.weight]);
                edge.weight = weights.len() - 1;
                apart.weight_names.push(format!("copy {}", edge.weight));
                taken.push(true);
                shared += 1;
            }
        }
        // A threshold or bias may be what an edge shares its weight with; that stays together.
        let apart = Network::new(apart).expect("a network");
        let mut sums = vec![0.0; case.weights.len()];
        let changes = apart.gradient(&weights, &case.samples, Rule::SLIDES).expect("a gradient");
        for (&weight, change) in origin.iter().zip(changes) {
            sums[weight] += change;
        }
        let together = Network::new(case.structure).expect("a network");
        let whole = together.gradient(&case.weights, &case.samples, Rule::SLIDES);
        assert!(gap(&whole.expect("a gradient"), &sums) < 1e-13, "seed {seed}");
    }
    assert!(shared > 100);
}

#[test]
fn the_book_is_half_of_the_slides_bit_for_bit() {
    for seed in 0..200 {
        let case = case(seed, &Limits::default());
        let network = Network::new(case.structure).expect("a network");
        for performance in [Performance::SquaredError, Performance::RootMeanSquared] {
            let gradient = |convention| {
                let rule = Rule { performance, convention };
                network.gradient(&case.weights, &case.samples, rule).expect("a gradient")
            };
            let doubled: Vec<f64> = gradient(Convention::Book).iter().map(|g| 2.0 * g).collect();
            assert_eq!(doubled, gradient(Convention::Slides), "seed {seed}");
        }
    }
}

#[test]
fn a_threshold_is_a_bias_with_its_sign_turned() {
    let bias = Network::layered(&[3, 4, 2], OffsetKind::Bias).expect("layers");
    let threshold = Network::layered(&[3, 4, 2], OffsetKind::Threshold).expect("layers");
    let weights: Vec<f64> = (0..bias.weight_count()).map(|w| (w as f64 * 0.7).sin()).collect();
    let mut turn = vec![1.0; weights.len()];
    for node in &bias.structure().nodes {
        if let Offset::Bias(weight) = node.offset {
            turn[weight] = -1.0;
        }
    }
    let turned = |values: &[f64]| -> Vec<f64> {
        values.iter().zip(&turn).map(|(value, turn)| value * turn).collect()
    };
    let samples = [Sample::new([0.1, -0.5, 0.9], [0.0, 1.0])];
    let of_bias = bias.gradient(&weights, &samples, Rule::SLIDES).expect("a gradient");
    let of_threshold = threshold.gradient(&turned(&weights), &samples, Rule::SLIDES);
    assert_eq!(of_threshold.expect("a gradient"), turned(&of_bias));
}

#[test]
fn the_table_tells_the_gradient_and_an_ascent_its_step() {
    for seed in 0..100 {
        let case = case(seed, &Limits::default());
        let network = Network::new(case.structure).expect("a network");
        let (weights, samples) = (&case.weights, &case.samples);
        let gradient = network.gradient(weights, samples, Rule::SLIDES).expect("a gradient");
        let table = network.table(weights, samples, Rule::SLIDES, 0.25).expect("a table");
        let changes: Vec<f64> = table.weights.iter().map(|row| row.change / 0.25).collect();
        assert!(gap(&changes, &gradient) < 1e-14, "seed {seed}");
        let climb = network.ascend(weights, samples, Rule::SLIDES, 0.25, 1).expect("a step");
        let after: Vec<f64> = table.weights.iter().map(|row| row.after).collect();
        assert!(gap(&after, &climb.weights) < 1e-14, "seed {seed}");
        assert_eq!(table.performance, climb.performances[0]);
    }
}

#[test]
fn an_output_that_feeds_another_node_has_both_parts_of_beta() {
    let mut builder = Builder::new();
    builder.node("last").fed_by(["first"]); // declared before its source
    builder.inputs(["x"]).node("first").fed_by(["x"]);
    builder.outputs(["first", "last"]);
    let network = builder.build().expect("a network");
    let (weights, samples) = ([1.5, 0.8], [Sample::new([0.6], [1.0, 0.0])]);
    let table = network.table(&weights, &samples, Rule::SLIDES, 1.0).expect("a table");
    let node = |name| table.samples[0].node(name).expect("a node");
    let (first, last) = (node("first"), node("last"));
    let weight = table.weight("first→last").expect("a weight").before;
    let fed = weight * last.slope.expect("a slope") * last.beta;
    assert_eq!(last.beta, 2.0 * (0.0 - last.computed));
    assert_eq!(first.beta, 2.0 * (1.0 - first.computed) + fed);
}

#[test]
fn beta_of_an_input_is_the_derivative_by_the_input() {
    let network = Network::layered(&[1, 1], OffsetKind::None).expect("layers");
    let p = |x: f64| {
        let samples = [Sample::new([x], [1.0])];
        network.performance(&[0.7], &samples, Performance::SquaredError).expect("P")
    };
    let table = network.table(&[0.7], &[Sample::new([0.3], [1.0])], Rule::SLIDES, 1.0);
    let beta = table.expect("a table").samples[0].node("x1").expect("an input").beta;
    assert!((beta - (p(0.3 + 1e-5) - p(0.3 - 1e-5)) / 2e-5).abs() < 1e-9);
}

#[test]
fn both_ends_of_the_sigmoid_are_safe() {
    let network = Network::layered(&[1, 1], OffsetKind::None).expect("layers");
    let at = |sigma: f64, d: f64| {
        let sample = [Sample::new([1.0], [d])];
        let o = network.computed(&[sigma], &[1.0]).expect("an output")[0];
        (o, network.gradient(&[sigma], &sample, Rule::SLIDES).expect("a gradient")[0])
    };
    assert_eq!(at(1e308, 0.0), (1.0, 0.0));
    assert_eq!(at(-1e308, 1.0), (0.0, 0.0));
    // 1 − o is not lost where o rounds to 1: the derivative is −2·o²·(1 − o) = −2e^(−40).
    let (o, change) = at(40.0, 0.0);
    assert_eq!(o, 1.0);
    assert!((change / (-2.0 * (-40.0_f64).exp()) - 1.0).abs() < 1e-14);
}

#[test]
fn a_weight_on_no_edge_stays_as_it_is() {
    let mut structure =
        Network::layered(&[1, 1], OffsetKind::None).expect("ok").structure().clone();
    structure.weight_names.push("spare".to_owned());
    let network = Network::new(structure).expect("a spare weight is no mistake");
    let climb = network.ascend(&[0.1, 7.0], &[Sample::new([1.0], [1.0])], Rule::SLIDES, 1.0, 3);
    assert_eq!(climb.expect("a climb").weights[1], 7.0);
}

#[test]
fn the_closed_form_shares_no_code_with_what_it_judges() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![src.join("closed_form.rs")];
    for entry in std::fs::read_dir(src.join("closed_form")).expect("the module's folder") {
        files.push(entry.expect("an entry").path());
    }
    assert!(files.len() > 5);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        let foreign =
            text.replace("uphill_check::closed_form", "").replace("crate::closed_form", "");
        for word in ["uphill_", "crate::"] {
            assert!(!foreign.contains(word), "{} mentions {word}", file.display());
        }
    }
}
