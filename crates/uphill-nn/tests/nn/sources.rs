//! Rows that are kept elsewhere: the same bits as in memory, and errors that name the rows.

use std::sync::Arc;

use uphill_nn::{
    Error, Method, Model, Network, Order, Problem, RowSource, Samples, SquaredError, Stop, Trainer,
};

/// Rows that are computed; from the broken one on, they can't be read.
struct Computed {
    rows: usize,
    broken: usize,
    desired: fn(usize) -> f64,
}

impl RowSource for Computed {
    fn row_count(&self) -> usize {
        self.rows
    }

    fn input_count(&self) -> usize {
        2
    }

    fn desired_count(&self) -> usize {
        1
    }

    fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()> {
        for (row, numbers) in (first..).zip(into.chunks_exact_mut(3)) {
            if row >= self.broken {
                return Err(std::io::Error::other("the disk is gone"));
            }
            numbers.copy_from_slice(&[(row as f64).sin(), (row as f64).cos(), (self.desired)(row)]);
        }
        Ok(())
    }
}

fn sine(row: usize) -> f64 {
    0.5 + 0.25 * (row as f64).sin()
}

fn source(rows: usize) -> Computed {
    Computed { rows, broken: usize::MAX, desired: sine }
}

fn both(rows: usize) -> (Samples, Samples) {
    let rows_in_memory = (0..rows).map(|row| [(row as f64).sin(), (row as f64).cos()]);
    let in_memory = Samples::new(rows_in_memory, (0..rows).map(|row| [sine(row)])).unwrap();
    (in_memory, Samples::from_source(Arc::new(source(rows))).unwrap())
}

#[test]
fn training_has_the_same_bits_as_in_memory() {
    let network = Network::layered(&[2, 2, 1]).build().unwrap();
    let (in_memory, elsewhere) = both(5000);
    for order in [
        Order::FullBatch,
        Order::PerSample { shuffled: true },
        Order::MiniBatch { size: 33, shuffled: false },
        Order::MiniBatch { size: 700, shuffled: true },
    ] {
        let trainer = |samples: &Samples, changes| {
            Trainer::new(&network, SquaredError, samples)
                .order(order)
                .method(Method::adam())
                .rate(0.01)
                .stop(Stop::changes(changes))
        };
        let at_once = trainer(&in_memory, 20).train().unwrap();
        let half = trainer(&elsewhere, 10).train().unwrap();
        // A state from the one goes on with the other, since the fingerprints are equal.
        let model = Model::new(&network, &half.weights).unwrap().with_training(half.state);
        let state = model.training().unwrap().clone();
        for samples in [&in_memory, &elsewhere] {
            let resumed = trainer(samples, 20).resume(state.clone()).train().unwrap();
            assert_eq!(resumed.weights, at_once.weights, "{order:?}");
            assert_eq!(resumed.performance.to_bits(), at_once.performance.to_bits(), "{order:?}");
        }
    }
}

/// More rows than a block of sums has.
#[test]
fn problems_on_both_agree() {
    let network = Network::layered(&[2, 1]).build().unwrap();
    let (in_memory, elsewhere) = both(70_000);
    let weights = [0.5, -0.25, 0.125];
    let one = Problem::new(&network, SquaredError, &in_memory).unwrap();
    let other = Problem::new(&network, SquaredError, &elsewhere).unwrap();
    assert_eq!(one.with_gradient(&weights).unwrap(), other.with_gradient(&weights).unwrap());
    assert_eq!(one.computed(&weights).unwrap(), other.computed(&weights).unwrap());
    assert_eq!(one.largest_error(&weights).unwrap(), other.largest_error(&weights).unwrap());
}

#[test]
fn messages() {
    let from = |source: Computed| Samples::from_source(Arc::new(source));
    let (_, elsewhere) = both(3);
    let table: [(Result<(), Error>, &str); 6] = [
        (from(source(0)).map(drop), "samples: there are none; give at least one"),
        (
            from(Computed { broken: 7, ..source(10) }).map(drop),
            "can't read samples 0 to 9: the disk is gone",
        ),
        (
            from(Computed { desired: |row| 1.0 / (row as f64 - 2.0), ..source(4) }).map(drop),
            "samples: desired outputs, row 2, column 0: inf; give finite numbers",
        ),
        (
            from(Computed { desired: |row| row as f64 / 4.0, ..source(4) })
                .and_then(|samples| samples.check_desired(0.0..=0.6)),
            "samples: desired outputs, row 3, column 0: 0.75; expected 0 to 0.6",
        ),
        (
            elsewhere.split(1).map(drop),
            "samples: can't split rows that are kept elsewhere; do so at the source",
        ),
        (elsewhere.visit(0..4, |_, _, _| Ok(())), "samples: there is no row 3, only 3"),
    ];
    for (result, expected) in table {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}
