//! Orders, methods, rates, stop rules, validation data, callbacks, divergence: each does what it says.

use std::ops::ControlFlow;

use uphill_nn::{
    Activation, CategoricalCrossEntropy, Error, History, Method, NegativeRms, Network, Order,
    Outcome, Problem, Rate, Reason, Samples, SquaredError, Start, Stop, Trainer,
};

use crate::cases::iris;

fn exclusive_or() -> Samples {
    Samples::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]])
        .unwrap()
}

fn small() -> Network {
    Network::layered(&[2, 3, 1]).build().unwrap()
}

fn trainer<'a>() -> Trainer<'a> {
    Trainer::new(&small(), SquaredError, &exclusive_or()).seed(11).rate(0.5)
}

const ORDERS: [Order; 5] = [
    Order::FullBatch,
    Order::PerSample { shuffled: false },
    Order::PerSample { shuffled: true },
    Order::MiniBatch { size: 3, shuffled: false },
    Order::MiniBatch { size: 3, shuffled: true },
];

#[test]
fn one_seed_gives_the_same_bits_and_another_gives_others() {
    for order in ORDERS {
        for method in [Method::Plain, Method::Momentum { factor: 0.9 }, Method::adam()] {
            let train = |seed| {
                let trainer = trainer().order(order).method(method).seed(seed);
                trainer.stop(Stop::changes(20)).train().unwrap()
            };
            assert_eq!(train(1), train(1));
            assert_ne!(train(1).weights, train(2).weights);
        }
    }
}

#[test]
fn per_sample_order_is_the_full_batch_of_one_sample_after_the_other() {
    let samples = exclusive_or();
    let start = Start::Uniform(0.5).weights(&small(), 11).unwrap();
    let mut weights = start.clone();
    for (inputs, desired) in samples.rows() {
        let one = Samples::new([inputs], [desired]).unwrap();
        let gradient =
            Problem::new(&small(), SquaredError, &one).unwrap().gradient(&weights).unwrap();
        weights.iter_mut().zip(gradient).for_each(|(weight, slope)| *weight += 0.5 * slope);
    }
    let outcome = trainer()
        .order(Order::PerSample { shuffled: false })
        .weights(&start)
        .stop(Stop::changes(4))
        .train()
        .unwrap();
    assert_eq!(outcome.weights, weights);
    assert_eq!(outcome.history.iter().map(|row| row.change).collect::<Vec<_>>(), [0, 4]);
}

#[test]
fn methods_follow_their_formulas() {
    let start = Start::Uniform(0.5).weights(&small(), 11).unwrap();
    let problem = Problem::new(&small(), SquaredError, &exclusive_or()).unwrap();
    let (mut w, mut v) = (start.clone(), vec![0.0; start.len()]);
    let (mut a, mut m, mut s) = (start.clone(), v.clone(), v.clone());
    for n in 1..=5 {
        let g = problem.gradient(&w).unwrap();
        let h = problem.gradient(&a).unwrap();
        for i in 0..w.len() {
            v[i] = 0.9 * v[i] + 0.5 * g[i];
            w[i] += v[i];
            m[i] = 0.9 * m[i] + 0.1 * h[i];
            s[i] = 0.999 * s[i] + 0.001 * h[i] * h[i];
            let (m, s) = (m[i] / (1.0 - 0.9_f64.powi(n)), s[i] / (1.0 - 0.999_f64.powi(n)));
            a[i] += 0.5 * m / (s.sqrt() + 1e-8);
        }
    }
    let train = |method| trainer().method(method).stop(Stop::changes(5)).train().unwrap().weights;
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(near(&train(Method::Momentum { factor: 0.9 }), &w));
    assert!(near(&train(Method::adam()), &a));
}

#[test]
fn rates_fall_as_they_say() {
    let exponential = Rate::Exponential { first: 1.0, factor: 0.25, every: 2 };
    assert_eq!([0, 1, 2, 4].map(|n| exponential.at(n)), [1.0, 0.5, 0.25, 0.0625]);
    let inverse = Rate::InverseTime { first: 1.0, decay: 0.5 };
    assert_eq!([0, 2, 6].map(|n| inverse.at(n)), [1.0, 0.5, 0.25]);
    let outcome = trainer().rate(exponential).stop(Stop::changes(2)).train().unwrap();
    assert_eq!(outcome.history.iter().map(|row| row.rate).collect::<Vec<_>>(), [1.0, 0.5, 0.25]);
}

fn stopped_by(outcome: &Outcome, stop: Stop) {
    assert_eq!(outcome.reason, Reason::Rule(stop), "{}", outcome.reason);
}

#[test]
fn each_rule_stops_as_soon_as_it_holds() {
    let limit = Stop::changes(20_000);
    let train = |stop| trainer().rate(2.0).stop(limit).stop(stop).train().unwrap();
    let last_two = |outcome: &Outcome| {
        let rows = &outcome.history[outcome.history.len() - 2..];
        (rows[0].clone(), rows[1].clone())
    };

    let stop = Stop::performance(-0.5);
    let outcome = train(stop);
    stopped_by(&outcome, stop);
    let (before, at) = last_two(&outcome);
    assert!(before.performance < -0.5 && at.performance >= -0.5);
    assert_eq!((at.change, at.performance), (outcome.changes, outcome.performance));

    let stop = Stop::gradient_shorter_than(0.02);
    let outcome = train(stop);
    stopped_by(&outcome, stop);
    let (before, at) = last_two(&outcome);
    assert!(before.gradient_length >= 0.02 && at.gradient_length < 0.02);

    let stop = Stop::outputs_within(0.2);
    let outcome = train(stop);
    stopped_by(&outcome, stop);
    let problem = Problem::new(&small(), SquaredError, &exclusive_or()).unwrap();
    assert!(problem.largest_error(&outcome.weights).unwrap() < 0.2);

    let stop = Stop::outputs_within(0.2).looked_at_every(64);
    let looked = train(stop);
    stopped_by(&looked, stop);
    assert_eq!(looked.changes, outcome.changes.next_multiple_of(64));

    // Nothing rises by a million, so the first look stays the best.
    let stop = Stop::no_progress(7, 1e6);
    let outcome = train(stop);
    stopped_by(&outcome, stop);
    assert_eq!(outcome.changes, 7);

    let outcome = trainer().stop(Stop::changes(0)).train().unwrap();
    assert_eq!((outcome.changes, outcome.history.len()), (0, 1));
}

#[test]
fn outside_of_full_batches_rules_look_once_a_pass() {
    let order = Order::MiniBatch { size: 3, shuffled: true };
    let stop = Stop::no_progress(5, 1e6);
    let outcome = trainer().order(order).stop(stop).train().unwrap();
    stopped_by(&outcome, stop);
    assert_eq!(outcome.changes, 6, "two changes make a pass");
    let stop = Stop::gradient_shorter_than(1e6);
    let outcome = trainer().order(order).history(History::none()).stop(stop).train().unwrap();
    stopped_by(&outcome, stop);
    assert!(outcome.history.is_empty());
}

#[test]
fn validation_data_stops_and_keeps_the_best_weights() {
    // The validation samples say the contrary, so what is learnt makes them worse.
    let contrary = Samples::new([[0.0, 1.0]], [[0.0]]).unwrap();
    let outcome = trainer().validation(&contrary, 4).train().unwrap();
    let best = outcome.validation.as_ref().unwrap();
    assert_eq!(outcome.reason, Reason::Validation { best_change: best.change });
    assert_eq!(outcome.changes, best.change + 4);
    let problem = Problem::new(&small(), SquaredError, &contrary).unwrap();
    assert_eq!(problem.performance_per_sample(&best.weights).unwrap(), best.performance);
    let rows = outcome.history.iter().map(|row| row.validation.unwrap());
    assert_eq!(rows.fold(f64::MIN, f64::max), best.performance);
}

#[test]
fn history_keeps_weights_when_asked() {
    let outcome = trainer()
        .history(History::every(5).with_weights())
        .stop(Stop::changes(12))
        .train()
        .unwrap();
    assert_eq!(outcome.history.iter().map(|row| row.change).collect::<Vec<_>>(), [0, 5, 10]);
    let problem = Problem::new(&small(), SquaredError, &exclusive_or()).unwrap();
    for row in &outcome.history {
        let weights = row.weights.as_ref().unwrap();
        assert_eq!(problem.performance(weights).unwrap(), row.performance);
    }
}

#[test]
fn divergence_names_the_change_the_node_and_the_weight() {
    let network = Network::layered(&[1, 1]).activation(Activation::Identity).build().unwrap();
    let samples = Samples::new([[3.0], [-1.0]], [[1.0], [2.0]]).unwrap();
    let mut seen = Vec::new();
    let error = Trainer::new(&network, SquaredError, &samples)
        .rate(1e3)
        .weights(&[1.0, 0.0])
        .stop(Stop::changes(1000))
        .on_change(|change| {
            seen.push(change.weights.to_vec());
            ControlFlow::Continue(())
        })
        .train()
        .unwrap_err();
    let Error::Diverged(divergence) = &error else { panic!("{error}") };
    assert_eq!(divergence.node.as_deref(), Some("o1"));
    assert_eq!(divergence.weight.as_deref(), Some("x1→o1"));
    assert_eq!(divergence.last_good, seen[divergence.last_good_change]);
    assert_eq!(divergence.last_good_change + 1, divergence.change);
    assert!(divergence.last_good.iter().all(|weight| weight.is_finite()));
    let text = error.to_string();
    assert!(text.contains("after change") && text.contains("`x1→o1`"), "{text}");
}

#[test]
fn the_root_at_a_perfect_fit_has_no_slope_rather_than_nan() {
    let network = Network::layered(&[1, 1]).activation(Activation::Identity).build().unwrap();
    let samples = Samples::new([[3.0]], [[1.0]]).unwrap();
    let problem = Problem::new(&network, NegativeRms, &samples).unwrap();
    assert_eq!(problem.gradient(&[1.0, 2.0]).unwrap(), [0.0, 0.0]);
}

#[test]
fn iris_with_softmax_and_cross_entropy() {
    let network = Network::layered(&[4, 6, 3]).output(Activation::Softmax).bias().build().unwrap();
    let outcome = Trainer::new(&network, CategoricalCrossEntropy, &iris())
        .start(Start::Xavier)
        .order(Order::MiniBatch { size: 16, shuffled: true })
        .method(Method::adam())
        .rate(0.05)
        .seed(1)
        .stop(Stop::changes(600))
        .train()
        .unwrap();
    let right = iris()
        .rows()
        .filter(|(inputs, desired)| {
            let o = network.computed(&outcome.weights, inputs).unwrap();
            let class = (0..3).max_by(|&a, &b| o[a].total_cmp(&o[b])).unwrap();
            desired[class] == 1.0
        })
        .count();
    assert!(right >= 144, "{right} of 150 right");
}
