//! A training that is interrupted, wherever it is: it stands where the last whole change left it, and goes on from there
//! with the same bits.
//!
//! Rows raise the flag as they are read, at each read in turn, so nothing here depends on time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use uphill_nn::{
    Error, Method, Model, Network, Order, Outcome, Problem, Reason, RowSource, Samples,
    SquaredError, Stop, Trainer,
};

const ROWS: usize = 60;
const CHANGES: usize = 5;

/// Rows that raise a flag when they are read for so many times.
struct Raising {
    reads: AtomicUsize,
    raised_at: AtomicUsize,
    flag: Arc<AtomicBool>,
}

impl Raising {
    fn never() -> Raising {
        Raising {
            reads: AtomicUsize::new(0),
            raised_at: AtomicUsize::new(usize::MAX),
            flag: Arc::default(),
        }
    }
}

impl RowSource for Raising {
    fn row_count(&self) -> usize {
        ROWS
    }

    fn input_count(&self) -> usize {
        2
    }

    fn desired_count(&self) -> usize {
        1
    }

    fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()> {
        if self.reads.fetch_add(1, Ordering::Relaxed) == self.raised_at.load(Ordering::Relaxed) {
            self.flag.store(true, Ordering::Relaxed);
        }
        for (row, numbers) in (first..).zip(into.chunks_exact_mut(3)) {
            let angle = row as f64;
            numbers.copy_from_slice(&[angle.sin(), angle.cos(), 0.5 + 0.25 * angle.sin()]);
        }
        Ok(())
    }
}

/// A row of the table: the order, and what training looks at besides.
struct Case {
    name: &'static str,
    order: Order,
    method: Method,
    outputs: bool,
    validates: bool,
}

impl Case {
    fn trainer(&self, samples: &Samples, changes: usize) -> Trainer<'static> {
        let network = Network::layered(&[2, 2, 1]).build().unwrap();
        let mut trainer = Trainer::new(&network, SquaredError, samples)
            .order(self.order)
            .method(self.method)
            .rate(0.01)
            .seed(5)
            .stop(Stop::no_progress(1000, 0.0).looked_at_every(2))
            .stop(Stop::changes(changes));
        if self.outputs {
            trainer = trainer.stop(Stop::outputs_within(1e-9).looked_at_every(1));
        }
        if self.validates {
            trainer = trainer.validation(samples, 1000);
        }
        trainer
    }

    /// Trains until the flag is raised at this read; whether it was raised, too.
    fn interrupted(&self, read: usize) -> (Outcome, bool) {
        let source = Arc::new(Raising::never());
        let samples = Samples::from_source(Arc::clone(&source) as Arc<dyn RowSource>).unwrap();
        source.reads.store(0, Ordering::Relaxed);
        source.raised_at.store(read, Ordering::Relaxed);
        let trainer = self.trainer(&samples, CHANGES).interrupted_by(Arc::clone(&source.flag));
        (trainer.train().unwrap(), source.flag.load(Ordering::Relaxed))
    }
}

#[test]
fn the_last_whole_change_is_what_is_left_wherever_it_was() {
    let samples = Samples::from_source(Arc::new(Raising::never())).unwrap();
    let shuffled = Order::MiniBatch { size: 25, shuffled: true };
    let of_one = Order::PerSample { shuffled: false };
    let momentum = Method::Momentum { factor: 0.9 };
    let case =
        |name, order, method, outputs, validates| Case { name, order, method, outputs, validates };
    for case in [
        case("all rows", Order::FullBatch, Method::adam(), false, false),
        case("all rows, outputs", Order::FullBatch, Method::Plain, true, false),
        case("all rows, validation", Order::FullBatch, momentum, false, true),
        case("batches, outputs, validation", shuffled, Method::adam(), true, true),
        case("batches", shuffled, momentum, false, false),
        case("one by one, validation", of_one, Method::Plain, false, true),
    ] {
        let whole = case.trainer(&samples, CHANGES).train().unwrap();
        let until: Vec<Outcome> =
            (0..=CHANGES).map(|changes| case.trainer(&samples, changes).train().unwrap()).collect();
        let mut places = Vec::new();
        for read in 0.. {
            let (outcome, raised) = case.interrupted(read);
            let place = format!("{}, read {read}, change {}", case.name, outcome.changes);
            if !raised {
                assert_eq!(outcome, whole, "{place}: nobody interrupted");
                break;
            }
            assert!(matches!(outcome.reason, Reason::Interrupted | Reason::Rule(_)), "{place}");
            assert_eq!(outcome.weights, until[outcome.changes].weights, "{place}");
            assert!(
                outcome.performance.is_nan()
                    || outcome.performance == until[outcome.changes].performance,
                "{place}: {}",
                outcome.performance
            );
            places.push(outcome.changes);
            // Through a file, as a command does it.
            let network = Network::layered(&[2, 2, 1]).build().unwrap();
            let mut file = Vec::new();
            let model = Model::new(&network, &outcome.weights).unwrap();
            model.with_training(outcome.state).write(&mut file).unwrap();
            let state = Model::read(file.as_slice()).unwrap().training().unwrap().clone();
            let resumed = case.trainer(&samples, CHANGES).resume(state).train().unwrap();
            assert_eq!((resumed.weights, resumed.state), {
                let Outcome { weights, state, .. } = whole.clone();
                (weights, state)
            });
        }
        assert!(places.is_sorted(), "{}: {places:?}", case.name);
        for change in 0..=CHANGES {
            assert!(places.contains(&change), "{}, change {change}: {places:?}", case.name);
        }
    }
}

#[test]
fn a_problem_leaves_whatever_it_computes() {
    let network = Network::layered(&[2, 3, 1]).build().unwrap();
    let samples = Samples::new([[0.0, 1.0], [1.0, 0.5]], [[0.0], [1.0]]).unwrap();
    let problem = Problem::new(&network, SquaredError, &samples).unwrap();
    let flag = Arc::new(AtomicBool::new(false));
    let stoppable = problem.interrupted_by(Arc::clone(&flag));
    let weights = vec![0.25; network.weight_count()];
    type Work = fn(&Problem, &[f64]) -> Result<Vec<f64>, Error>;
    let works: [(&str, Work); 6] = [
        ("performance", |p, w| Ok(vec![p.performance(w)?])),
        ("performance_per_sample", |p, w| Ok(vec![p.performance_per_sample(w)?])),
        ("gradient", |p, w| p.gradient(w)),
        ("hessian_vector", |p, w| p.hessian_vector(w, w)),
        ("computed", |p, w| Ok(p.computed(w)?.concat())),
        ("largest_error", |p, w| Ok(vec![p.largest_error(w)?])),
    ];
    for (name, work) in works {
        flag.store(false, Ordering::Relaxed);
        let expected = work(&problem, &weights).unwrap();
        assert_eq!(work(&stoppable, &weights).unwrap(), expected, "{name}");
        flag.store(true, Ordering::Relaxed);
        let error = work(&stoppable, &weights).unwrap_err();
        assert!(error.is_interruption(), "{name}: {error}");
        // Others that share its programs go on.
        assert_eq!(work(&problem, &weights).unwrap(), expected, "{name}");
    }
}
