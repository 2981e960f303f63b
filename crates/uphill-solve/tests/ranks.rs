//! Fits that ranks share, as threads: the bits of one rank with all rows, however many ranks there are.

use uphill_graph::Scalar;
use uphill_ranks::{Alone, Communicator, in_threads, share};
use uphill_solve::{Columns, Error, Fit, Fitted, Method, Model, Performance, Weights};

const COUNTS: [usize; 5] = [1, 2, 3, 4, 7];
const ROWS: usize = 13_000;

fn column(name: &str) -> Vec<f64> {
    let x = |row: usize| (row as f64 * 0.618_033_988_749_894_9).fract() * 4.0;
    let number = |row: usize| match name {
        "x" => x(row),
        "w" => f64::from(row as u32 % 3),
        "s" => 0.5 + x(row + 7),
        _ => 5.0 * Scalar::exp(-0.8 * x(row)) + 0.01 * ((row * row) as f64 * 0.37).fract(),
    };
    (0..ROWS).map(number).collect()
}

/// The rows of a rank.
fn own(ranks: &dyn Communicator) -> Columns {
    let own = share(ROWS, ranks.rank(), ranks.count());
    Columns::new(["x", "y", "w", "s"].map(|name| (name, column(name)[own.clone()].to_vec())))
        .unwrap()
}

fn model() -> Model {
    Model::record(["a", "k"], ["x"], "y", |w, x| w[0] * (-w[1] * x[0]).exp()).unwrap()
}

/// All that a fit tells.
fn told(fitted: &Result<Fitted, Error>) -> String {
    match fitted {
        Ok(fitted) => format!(
            "{fitted}\n{:?}\n{:?} {:?} {:?} {:?}",
            fitted.covariance(),
            fitted.r_squared(),
            fitted.aic(),
            fitted.iterations(),
            fitted.starts()
        ),
        Err(error) => error.to_string(),
    }
}

type Set = for<'f> fn(Fit<'f>) -> Fit<'f>;

#[test]
fn fits_are_bit_equal() {
    let sets: [(&str, Set); 8] = [
        ("least squares", |fit| fit),
        ("weights", |fit| fit.weights("w", Weights::Precision)),
        ("frequencies", |fit| fit.weights("w", Weights::Frequency)),
        ("known errors", |fit| fit.sigma("s")),
        ("huber", |fit| fit.performance(Performance::Huber(0.004))),
        ("log-likelihood, quasi-newton", |fit| {
            fit.performance(Performance::LogLikelihood).method(Method::QuasiNewton)
        }),
        ("ascent", |fit| fit.method(Method::Ascent(1e-5)).most_iterations(5)),
        ("starts and bounds", |fit| fit.starts(3, 1).bounds("k", 0.0, 2.0).fix("a")),
    ];
    let mut wrong = Vec::new();
    for (name, set) in sets {
        let model = model();
        let fit = |ranks: &dyn Communicator| {
            let rows = own(ranks);
            told(&set(Fit::new(&model, &rows).start([3.0, 1.0])).among(ranks).run())
        };
        let alone = fit(&Alone);
        assert!(alone.contains("k = "), "{name}: {alone}");
        // The first set for each number of ranks; what the others do differently, two ranks show.
        let counts = if name == sets[0].0 { &COUNTS[..] } else { &COUNTS[1..2] };
        for &count in counts {
            for (rank, found) in in_threads(count, |ranks| fit(&ranks)).into_iter().enumerate() {
                if found != alone {
                    wrong
                        .push(format!("{name}, rank {rank} of {count}:\n{found}\nalone:\n{alone}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn troubles_are_told_alike() {
    let model = model();
    type Change = fn(&mut [f64]);
    let rows: [(&str, &str, Change, Set); 4] = [
        ("not finite at the start: row 11000", "x", |x| x[11_000] = -2000.0, |fit| fit),
        ("a bad weight", "w", |w| w[9_000] = -1.0, |fit| fit.weights("w", Weights::Precision)),
        ("no weights", "w", |w| w.fill(0.0), |fit| fit.weights("w", Weights::Precision)),
        ("too large together", "y", |y| y[..2].fill(1.2e154), |fit| fit),
    ];
    for (name, column_name, change, set) in rows {
        let fit = |ranks: &dyn Communicator| {
            let own = share(ROWS, ranks.rank(), ranks.count());
            let columns = ["x", "y", "w"].map(|name| {
                let mut numbers = column(name);
                if name == column_name {
                    change(&mut numbers);
                }
                (name, numbers[own.clone()].to_vec())
            });
            let rows = Columns::new(columns).unwrap();
            told(&set(Fit::new(&model, &rows).start([3.0, 1.0])).among(ranks).run())
        };
        let alone = fit(&Alone);
        assert!(!alone.contains("k = 0"), "{name}: {alone}");
        for count in [2, 4] {
            for (rank, found) in in_threads(count, |ranks| fit(&ranks)).into_iter().enumerate() {
                // Another rank's own error is told with its number.
                let found = found
                    .split_once(": ")
                    .filter(|(rank, _)| {
                        rank.strip_prefix("rank ").is_some_and(|n| n.parse::<usize>().is_ok())
                    })
                    .map_or(found.as_str(), |(_, told)| told);
                assert_eq!(found, alone, "{name}, rank {rank} of {count}");
            }
        }
    }
}

#[test]
fn what_one_rank_is_asked_all_do() {
    let model = model();
    let found = in_threads(3, |ranks| {
        let rows = own(&ranks);
        let steps = std::cell::Cell::new(0);
        let is_asked = ranks.rank() == 2;
        let stop = || {
            steps.set(steps.get() + 1);
            is_asked && steps.get() == 3
        };
        told(&Fit::new(&model, &rows).start([3.0, 1.0]).stop_when(&stop).among(&ranks).run())
    });
    assert!(found.iter().all(|other| *other == found[0]), "{found:?}");
}
