//! Trainings that ranks share, as threads: the bits of one rank with all samples, however many ranks there are.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use uphill_nn::{
    BinaryCrossEntropy, Error, Method, NegativeRms, Network, Order, Outcome, Performance, Problem,
    Reason, RowSource, Samples, SquaredError, Stop, Trainer, WeightDecay,
};
use uphill_ranks::{Alone, Communicator, in_threads, share};

const COUNTS: [usize; 5] = [1, 2, 3, 4, 7];

/// Rows that are drawn again whenever they are read.
#[derive(Clone)]
struct Drawn(Range<usize>);

impl Drawn {
    fn row(row: usize) -> [f64; 3] {
        let x = (row as f64 * 0.618_033_988_749_894_9).fract();
        let y = (row as f64 * 0.414_213_562_373_095).fract();
        [x, y, f64::from(u8::from(x > y * y))]
    }
}

impl RowSource for Drawn {
    fn row_count(&self) -> usize {
        self.0.len()
    }

    fn input_count(&self) -> usize {
        2
    }

    fn desired_count(&self) -> usize {
        1
    }

    fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()> {
        for (place, numbers) in into.chunks_exact_mut(3).enumerate() {
            numbers.copy_from_slice(&Drawn::row(self.0.start + first + place));
        }
        Ok(())
    }
}

fn own(rows: usize, ranks: &dyn Communicator) -> Samples {
    let own = share(rows, ranks.rank(), ranks.count());
    Samples::part_from_source(Arc::new(Drawn(own))).unwrap()
}

fn network() -> Network {
    Network::layered(&[2, 3, 1]).build().unwrap()
}

/// A training as it is set up.
type Set = fn(Trainer<'_>) -> Trainer<'_>;

fn train(
    performance: impl Performance,
    rows: usize,
    ranks: Arc<dyn Communicator>,
    set: Set,
) -> Result<Outcome, Error> {
    let samples = own(rows, &*ranks);
    let validation = own(rows / 3, &*ranks);
    let trainer = Trainer::new(&network(), performance, &samples).seed(3);
    set(trainer.validation(&validation, 100).among(ranks)).train()
}

#[test]
fn trainings_are_bit_equal() {
    let rows: [(&str, usize, Set); 6] = [
        ("few rows", 100, |t| t.rate(0.002).stop(Stop::changes(3))),
        ("a whole grain", 4096, |t| t.rate(1e-4).stop(Stop::changes(3))),
        ("many grains", 30_000, |t| t.method(Method::adam()).stop(Stop::changes(3))),
        ("momentum", 8193, |t| {
            t.method(Method::Momentum { factor: 0.5 }).rate(1e-5).stop(Stop::changes(4))
        }),
        ("largest errors", 9000, |t| {
            t.rate(1e-5).stop(Stop::outputs_within(0.01)).stop(Stop::changes(2))
        }),
        ("no progress", 9000, |t| t.rate(1e-9).stop(Stop::no_progress(2, 1.0))),
    ];
    let mut wrong = Vec::new();
    for (name, rows, set) in rows {
        let decayed = WeightDecay { of: SquaredError, strength: 0.1 };
        let alone = train(decayed, rows, Arc::new(Alone), set).unwrap();
        assert!(alone.changes > 0, "{name}");
        // Many grains for each number of ranks; what the others do differently, two ranks show.
        let counts = if name == "many grains" { &COUNTS[..] } else { &COUNTS[1..2] };
        for &count in counts {
            let decayed = WeightDecay { of: SquaredError, strength: 0.1 };
            let found = in_threads(count, |ranks| train(decayed, rows, Arc::new(ranks), set));
            for (rank, found) in found.into_iter().enumerate() {
                if found.as_ref().ok() != Some(&alone) {
                    wrong.push(format!("{name}, rank {rank} of {count}: {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn means_and_products_are_bit_equal() {
    let rows = 20_000;
    let weights: Vec<f64> = (0..network().weight_count()).map(|k| (k as f64).sin()).collect();
    let direction: Vec<f64> = weights.iter().map(|weight| 1.0 - weight).collect();
    let found = |performance: &dyn Fn(&Samples) -> Problem, ranks: Arc<dyn Communicator>| {
        let problem = performance(&own(rows, &*ranks)).among(ranks).unwrap();
        let (p, gradient) = problem.with_gradient(&weights).unwrap();
        let product = problem.hessian_vector(&weights, &direction).unwrap();
        (p, gradient, product, problem.performance_per_sample(&weights).unwrap())
    };
    let problems: [&(dyn Fn(&Samples) -> Problem + Sync); 2] =
        [&|samples| Problem::new(&network(), NegativeRms, samples).unwrap(), &|samples| {
            Problem::new(&network(), BinaryCrossEntropy, samples).unwrap()
        }];
    for problem in problems {
        let alone = found(problem, Arc::new(Alone));
        for count in [2, 4] {
            for found in in_threads(count, |ranks| found(problem, Arc::new(ranks))) {
                assert_eq!(found, alone, "{count} ranks");
            }
        }
    }
}

#[test]
fn some_ranks_resume_what_others_left() {
    let rows = 20_000;
    let train = |ranks: Arc<dyn Communicator>, state, changes| {
        let samples = own(rows, &*ranks);
        let trainer = Trainer::new(&network(), SquaredError, &samples).rate(1e-5).among(ranks);
        let trainer = trainer.stop(Stop::changes(changes));
        match state {
            Some(state) => trainer.resume(state),
            None => trainer,
        }
        .train()
    };
    let whole = train(Arc::new(Alone), None, 4).unwrap();
    let half = in_threads(3, |ranks| train(Arc::new(ranks), None, 2).unwrap()).remove(2);
    for found in in_threads(2, |ranks| train(Arc::new(ranks), Some(half.state.clone()), 4)) {
        let found = found.unwrap();
        assert_eq!((found.weights, found.performance), (whole.weights.clone(), whole.performance));
    }
}

#[test]
fn what_one_rank_is_asked_all_do() {
    let rows = 20_000;
    // The flag of rank 1, or its callback.
    for by_flag in [true, false] {
        let outcomes = in_threads(3, |ranks| {
            let samples = own(rows, &ranks);
            let is_asked = ranks.rank() == 1;
            let flag = Arc::new(AtomicBool::new(false));
            let raised = Arc::clone(&flag);
            Trainer::new(&network(), SquaredError, &samples)
                .rate(1e-5)
                .interrupted_by(flag)
                .on_change(move |change| {
                    let now = is_asked && change.number == 2;
                    raised.store(by_flag && now, Ordering::Relaxed);
                    match now && !by_flag {
                        true => std::ops::ControlFlow::Break(()),
                        false => std::ops::ControlFlow::Continue(()),
                    }
                })
                .among(Arc::new(ranks))
                .train()
                .unwrap()
        });
        for outcome in &outcomes {
            assert_eq!(outcome.weights, outcomes[0].weights);
            let (changes, reason) =
                if by_flag { (3, Reason::Interrupted) } else { (2, Reason::Callback) };
            assert_eq!((outcome.changes, outcome.reason), (changes, reason));
        }
    }
}

/// Rows that can't be read any more after some time.
struct Failing(Drawn, Arc<AtomicBool>);

impl RowSource for Failing {
    fn row_count(&self) -> usize {
        self.0.row_count()
    }

    fn input_count(&self) -> usize {
        2
    }

    fn desired_count(&self) -> usize {
        1
    }

    fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()> {
        match self.1.load(Ordering::Relaxed) {
            true => Err(std::io::Error::other("the disk is gone")),
            false => self.0.read(first, into),
        }
    }
}

#[test]
fn a_rank_that_fails_is_told_by_all() {
    let told = in_threads(4, |ranks| {
        let gone = Arc::new(AtomicBool::new(false));
        let rank = ranks.rank();
        let rows = Drawn(share(20_000, rank, ranks.count()));
        let samples = Samples::from_source(Arc::new(Failing(rows, Arc::clone(&gone)))).unwrap();
        let outcome = Trainer::new(&network(), SquaredError, &samples)
            .rate(1e-5)
            .on_change(move |change| {
                gone.store(rank == 2 && change.number == 3, Ordering::Relaxed);
                std::ops::ControlFlow::Continue(())
            })
            .among(Arc::new(ranks))
            .train();
        outcome.unwrap_err().to_string()
    });
    let own = "can't read samples 0 to 4095: the disk is gone";
    let elsewhere = format!("rank 2: {own}");
    assert_eq!(told, [elsewhere.as_str(), &elsewhere, own, &elsewhere]);
}

#[test]
fn a_rank_that_ends_is_named() {
    let told = in_threads(3, |ranks| {
        let samples = own(20_000, &ranks);
        if ranks.rank() == 1 {
            return String::new();
        }
        let trainer = Trainer::new(&network(), SquaredError, &samples).stop(Stop::changes(2));
        trainer.among(Arc::new(ranks)).train().unwrap_err().to_string()
    });
    assert!(told[0].starts_with("rank 1 doesn't answer: it has ended"), "{told:?}");
    assert!(told[2].contains("doesn't answer: it has ended"), "{told:?}");
}

#[test]
fn what_ranks_cannot_share_is_refused() {
    for (order, is_fine) in [
        (Order::FullBatch, true),
        (Order::MiniBatch { size: 64, shuffled: true }, false),
        (Order::PerSample { shuffled: false }, false),
    ] {
        for found in in_threads(2, |ranks| {
            let samples = own(9000, &ranks);
            let trainer = Trainer::new(&network(), SquaredError, &samples).order(order);
            trainer.rate(1e-5).stop(Stop::changes(1)).among(Arc::new(ranks)).train()
        }) {
            match found {
                Ok(_) => assert!(is_fine),
                Err(error) => {
                    let told = error.to_string();
                    assert!(
                        !is_fine && told.contains("each change looks at all of them"),
                        "{told}"
                    );
                }
            }
        }
    }
    let told = in_threads(2, |ranks| {
        let own = Drawn(if ranks.rank() == 0 { 0..5000 } else { 5000..9000 });
        let samples = Samples::from_source(Arc::new(own)).unwrap();
        let problem = Problem::new(&network(), SquaredError, &samples).unwrap();
        problem.among(Arc::new(ranks)).unwrap_err().to_string()
    });
    let expected =
        "rank 1 begins with row 5000 of all; expected a multiple of 4096, as `share` gives them";
    assert_eq!(told, [expected, expected]);
}
