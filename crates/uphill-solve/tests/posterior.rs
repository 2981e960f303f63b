//! Posteriors beside what is known of them: straight lines, whose posteriors are normal or Student's, bounds, and bad input.
#![cfg(feature = "nuts")]

use uphill_graph::Scalar;
use uphill_solve::{Columns, Error, Fit, Model, Performance, Sampling, Weights};

fn line() -> Model {
    Model::record(["a", "b"], ["x"], "y", |w, x| w[0] + w[1] * x[0]).unwrap()
}

fn table() -> Columns {
    let x: Vec<f64> = (0..12).map(f64::from).collect();
    let off = [0.3, -0.5, 0.1, 0.9, -0.7, 0.2, -0.1, 0.4, -0.8, 0.6, -0.3, 0.1];
    let y: Vec<f64> = x.iter().zip(off).map(|(x, off)| 2.0 - 0.5 * x + off).collect();
    let sigma: Vec<f64> = x.iter().map(|x| 0.3 + 0.05 * x).collect();
    Columns::new([("x", x), ("y", y), ("sigma", sigma), ("seen", vec![2.0; 12])]).unwrap()
}

/// How far a mean or a deviation of so many effective draws may be off, in deviations: four standard errors.
fn room(effective: f64) -> f64 {
    4.0 / effective.sqrt()
}

#[test]
fn a_line_has_the_posterior_of_its_closed_form() {
    let (model, table) = (line(), table());
    // Of known deviations it is normal, with the covariance of the fit. Of an unknown one it is Student's, which is wider:
    // by ν/(ν - 2), with ν = 12 - 2, or for rows that were seen twice 24 - 2.
    let fit = || Fit::new(&model, &table).start([0.0, 0.0]);
    for (name, fit, wider) in [
        ("known", fit().sigma("sigma"), 1.0),
        ("unknown", fit(), 10.0 / 8.0),
        ("likelihood", fit().performance(Performance::LogLikelihood), 10.0 / 8.0),
        ("twice", fit().weights("seen", Weights::Frequency), 22.0 / 20.0),
    ] {
        let fitted = fit.run().unwrap();
        let covariance = fitted.covariance().unwrap();
        let posterior = Sampling::new(fit).draws(1500).seed(5).run().unwrap();
        assert_eq!(posterior.names(), ["a", "b"]);
        let found = posterior.covariance();
        for (place, parameter) in ["a", "b"].iter().enumerate() {
            assert!(posterior.r_hat(parameter).unwrap() < 1.01, "{name}: {posterior}");
            let effective = posterior.effective_draws(parameter).unwrap();
            assert!(effective > 1000.0, "{name}: {posterior}");
            let deviation = (wider * covariance[place][place]).sqrt();
            let off = (posterior.mean(parameter).unwrap() - fitted.value(parameter).unwrap()).abs();
            assert!(off < room(effective) * deviation, "{name}, {parameter}: {off}\n{posterior}");
            for other in 0..2 {
                let size = wider * (covariance[place][place] * covariance[other][other]).sqrt();
                let off = (found[place][other] - wider * covariance[place][other]).abs();
                assert!(
                    off < 2.0 * room(effective) * size,
                    "{name}, {place}, {other}: {off}\n{posterior}"
                );
            }
            // The middle 95 of 100 are those of the fit's interval.
            let (low, high) = posterior.interval(parameter, 0.95).unwrap();
            let (fit_low, fit_high) = fitted.interval(parameter, 0.95).unwrap().unwrap();
            for off in [low - fit_low, high - fit_high] {
                assert!(
                    off.abs() < 3.0 * room(effective) * deviation,
                    "{name}, {parameter}: {off}"
                );
            }
        }
    }
}

#[test]
fn bounds_cut_a_posterior_and_fixed_parameters_are_in_none() {
    let (model, table) = (line(), table());
    let free = Fit::new(&model, &table).start([0.0, -1.0]).sigma("sigma");
    let at = free.run().unwrap();
    let (middle, deviation) = (at.value("b").unwrap(), at.standard_error("b").unwrap().unwrap());
    let a = at.value("a").unwrap();
    // With `a` held, b is normal; cut at its middle it is the half of that, whose mean is √(2/π) deviations away.
    let held =
        || Fit::new(&model, &table).start([a, middle - 0.5 * deviation]).sigma("sigma").fix("a");
    let alone = held().run().unwrap();
    let (middle, deviation) =
        (alone.value("b").unwrap(), alone.standard_error("b").unwrap().unwrap());
    let reach = (2.0 / std::f64::consts::PI).sqrt() * deviation;
    for (name, low, high, mean) in [
        ("open", f64::NEG_INFINITY, f64::INFINITY, middle),
        ("above", f64::NEG_INFINITY, middle, middle - reach),
        ("both", middle - 40.0 * deviation, middle, middle - reach),
        ("narrow", middle - 1e-3 * deviation, middle, middle - 5e-4 * deviation),
    ] {
        let start = if low.is_finite() { 0.5 * (low + high) } else { middle - deviation };
        let fit = Fit::new(&model, &table).start([a, start]).sigma("sigma").fix("a");
        let posterior = Sampling::new(fit.bounds("b", low, high)).seed(2).run().unwrap();
        assert_eq!(posterior.names(), ["b"]);
        let draws = posterior.draws("b").unwrap();
        assert!(draws.iter().all(|b| low <= *b && *b <= high), "{name}: {posterior}");
        let spread = if name == "narrow" { 3e-4 * deviation } else { deviation };
        let room = room(posterior.effective_draws("b").unwrap()) * spread;
        assert!((posterior.mean("b").unwrap() - mean).abs() < room, "{name}: {mean}\n{posterior}");
    }
    // From below, the other way round.
    let fit = held().start([a, middle + deviation]).bounds("b", middle, f64::INFINITY);
    let posterior = Sampling::new(fit).seed(2).run().unwrap();
    let room = room(posterior.effective_draws("b").unwrap()) * deviation;
    assert!((posterior.mean("b").unwrap() - middle - reach).abs() < room, "{posterior}");
}

#[test]
fn a_performance_of_ones_own_is_the_logarithm_of_a_density() {
    // Laplace's errors: the posterior of a median.
    let model = Model::record(["m"], [""; 0], "y", |w, _| w[0]).unwrap();
    let model = model.performance(|desired, computed| -(desired - computed).abs()).unwrap();
    let table = Columns::new([("y", vec![-1.0, 0.0, 1.0])]).unwrap();
    let fit = Fit::new(&model, &table).start([0.3]);
    let posterior = Sampling::new(fit).seed(9).run().unwrap();
    // Between 0 and 1 P is -2 - m, beyond it -3m: moments from ∫ exp(P).
    let e = f64::exp(-1.0);
    let mass = 2.0 * ((1.0 - e) + e / 3.0);
    let inner = 2.0 - 5.0 * e;
    let outer = e * (1.0 / 3.0 + 2.0 / 9.0 + 2.0 / 27.0);
    let deviation = (2.0 * (inner + outer) / mass).sqrt();
    let found = posterior.standard_deviation("m").unwrap();
    let room = room(posterior.effective_draws("m").unwrap()) * deviation;
    assert!((found - deviation).abs() < room, "{deviation}\n{posterior}");
    assert!(posterior.mean("m").unwrap().abs() < room, "{posterior}");
}

#[test]
fn a_seed_gives_the_same_draws() {
    let (model, table) = (line(), table());
    let draw = |seed| {
        let fit = Fit::new(&model, &table).start([0.0, 0.0]);
        Sampling::new(fit).draws(50).tuning(100).chains(2).seed(seed).run().unwrap()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1).draws("a").unwrap(), draw(2).draws("a").unwrap());
    let both = draw(1);
    let (one, other) = both.draws("a").unwrap().split_at(50);
    assert_ne!(one, other);
}

#[test]
fn where_there_is_no_posterior_a_sentence_says_why() {
    let (model, table) = (line(), table());
    let fit = || Fit::new(&model, &table).start([0.0, 0.0]);
    let text = |sampling: Sampling<'_>| {
        let result: Result<_, Error> = sampling.run();
        result.err().map_or("no error".into(), |error| error.to_string())
    };
    let twice = Model::record(["a", "b"], ["x"], "y", |w, x| (w[0] + w[1]) * x[0]).unwrap();
    let exact = Columns::new([("x", vec![1.0, 2.0, 3.0]), ("y", vec![2.0, 4.0, 6.0])]).unwrap();
    let two = Columns::new([("x", vec![1.0, 2.0]), ("y", vec![2.0, 5.0])]).unwrap();
    let valley = || Fit::new(&twice, &table).start([0.0, 0.0]);
    let stop = || true;
    for (sampling, expected) in [
        (Sampling::new(fit()).chains(0), "got 0 chains of 1000 draws"),
        (Sampling::new(fit()).draws(3), "got 4 chains of 3 draws"),
        (
            Sampling::new(fit().fix("a").fix("b")),
            "a posterior needs a free parameter; all are fixed",
        ),
        (Sampling::new(fit().performance(Performance::Huber(1.0))), "Huber's performance has none"),
        (
            Sampling::new(valley()),
            "the data don't determine `a`, `b`, so that all numbers without end",
        ),
        (Sampling::new(Fit::new(&model, &exact).start([0.0, 0.0])), "the model fits exactly"),
        (
            Sampling::new(Fit::new(&model, &two).start([0.0, 0.0])),
            "2 rows can't tell it beside 2 parameters",
        ),
        (Sampling::new(fit().bounds("c", 0.0, 1.0)), "no parameter is named `c`"),
        (Sampling::new(fit().stop_when(&stop)), "the sampling was interrupted"),
    ] {
        let got = text(sampling);
        assert!(got.contains(expected), "{got}\nexpected: {expected}");
    }
    // Bounds end a valley: both are anywhere along it.
    let bounded = valley().bounds("a", -5.0, 5.0).bounds("b", -5.0, 5.0);
    let posterior = Sampling::new(bounded).seed(4).run().unwrap();
    assert!(posterior.standard_deviation("a").unwrap() > 2.0, "{posterior}");
    let sums = posterior.draws("a").unwrap().iter().zip(posterior.draws("b").unwrap());
    assert!(sums.map(|(a, b)| (a + b + 0.2).abs()).fold(0.0, f64::max) < 0.5, "{posterior}");
}
