//! Random networks: the closed form against two derivatives that do not backpropagate.
//!
//! Forward sensitivities judge 1,000 networks to 1e-12 of the largest entry; finite differences, which
//! know nothing of derivatives at all, judge 150 to 1e-8. The draw itself must be portable and varied.

use crate::{gap, naive};
use uphill_check::closed_form::random::{Case, Limits, Wiring, case};
use uphill_check::closed_form::{Network, Offset, OffsetKind, Rule, Sample};

const RULES: [Rule; 2] = [Rule::SLIDES, Rule::ROOT_MEAN_SQUARED];

fn closed_form(case: &Case, rule: Rule) -> Vec<f64> {
    let network = Network::new(case.structure.clone()).expect("a network without mistakes");
    network.gradient(&case.weights, &case.samples, rule).expect("a gradient")
}

#[test]
fn forward_sensitivities_agree_on_1000_networks() {
    for seed in 0..1000 {
        let case = case(seed, &Limits::default());
        for rule in RULES {
            let (s, w, x) = (&case.structure, &case.weights, &case.samples);
            let network = Network::new(s.clone()).expect("a network");
            let ours = network.performance(w, x, rule.performance).expect("P");
            let theirs = naive::performance(s, w, x, rule.performance);
            assert!((ours - theirs).abs() <= 1e-13 * theirs.abs(), "seed {seed}: P");
            let off =
                gap(&closed_form(&case, rule), &naive::sensitivities(s, w, x, rule.performance));
            assert!(off < 1e-12, "seed {seed}, {rule:?}: off by {off:e} of the largest entry");
        }
    }
}

#[test]
fn finite_differences_agree() {
    for seed in 0..150 {
        let case = case(seed, &Limits { samples: 3, ..Limits::default() });
        for rule in RULES {
            let (s, w, x) = (&case.structure, &case.weights, &case.samples);
            let off =
                gap(&closed_form(&case, rule), &naive::differences(s, w, x, rule.performance));
            assert!(off < 1e-8, "seed {seed}, {rule:?}: off by {off:e} of the largest entry");
        }
    }
}

#[test]
fn a_chain_of_100_000_nodes_is_no_trouble() {
    let network = Network::layered(&vec![1; 100_001], OffsetKind::None).expect("a chain");
    let weights = vec![4.0; network.weight_count()];
    let sample = [Sample::new([0.5], [1.0])];
    let gradient = network.gradient(&weights, &sample, Rule::SLIDES).expect("a gradient");
    assert!(gradient.last().expect("a weight").is_normal());
}

#[test]
fn the_draw_is_the_same_everywhere() {
    let small = Limits { nodes: 4, samples: 1, ..Limits::default() };
    insta::assert_json_snapshot!(case(7, &small));
}

#[test]
fn the_draw_is_varied() {
    let limits = Limits::default();
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..1000 {
        let Case { structure, .. } = case(seed, &limits);
        let feeds = |name: &String| {
            structure.nodes.iter().flat_map(|node| &node.incoming).any(|e| e.source == *name)
        };
        let offset = |is: fn(&Offset) -> bool| structure.nodes.iter().any(|node| is(&node.offset));
        let carried = |weight: usize| {
            let edges = structure.nodes.iter().flat_map(|node| &node.incoming);
            edges.filter(|edge| edge.weight == weight).count() > 1
        };
        for (what, is_so) in [
            ("output that feeds", structure.outputs.iter().any(feeds)),
            ("several outputs", structure.outputs.len() > 1),
            ("bias", offset(|o| matches!(o, Offset::Bias(_)))),
            ("threshold", offset(|o| matches!(o, Offset::Threshold(_)))),
            ("no offset", offset(|o| matches!(o, Offset::None))),
            ("shared weight", (0..structure.weight_names.len()).any(carried)),
            ("dead end", {
                let outputs = &structure.outputs;
                structure.nodes.iter().any(|n| !outputs.contains(&n.name) && !feeds(&n.name))
            }),
            ("a single node", structure.nodes.len() == 1),
        ] {
            *counts.entry(what).or_insert(0) += u32::from(is_so);
        }
    }
    assert!(counts.values().all(|&count| count >= 50), "{counts:?}");
}

#[test]
fn limits_of_zero_count_as_one() {
    for wiring in [Wiring::Layered, Wiring::Acyclic] {
        let none = Limits { wiring, inputs: 0, nodes: 0, samples: 0, ..Limits::default() };
        let case = case(1, &none);
        assert_eq!((case.structure.inputs.len(), case.structure.nodes.len()), (1, 1));
        assert_eq!(case.samples.len(), 1);
        assert!(Network::new(case.structure).is_ok());
    }
}
