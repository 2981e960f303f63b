//! W2: a sum of peaks over many samples: the model as generic code, its data and what is due.

use uphill_graph::Scalar;

use crate::numbers::{Random, Sums};

/// Where the data are made.
const TRUE: [f64; 8] = [98.8, 0.0109, 100.5, 67.5, 23.1, 72.0, 178.8, 18.4];
/// Where the gradient is taken.
pub const AT: [f64; 8] = [97.0, 0.009, 100.0, 65.0, 20.0, 70.0, 178.0, 16.5];
const SAMPLES: usize = 100_000;
pub const DUE: Sums = Sums(-2698058.4971929774, 754_441_683.834_875_1, 1_513_050_677.252_291);

/// The sum of a decay and two bells.
pub fn model<S: Scalar>(b: &[S], x: S) -> S {
    let peak = |k: usize| b[k] * (-((x - b[k + 1]) / b[k + 2]).square()).exp();
    b[0] * (-b[1] * x).exp() + peak(2) + peak(5)
}

/// Columns x and y.
pub fn data() -> (Vec<f64>, Vec<f64>) {
    let mut random = Random::new(17);
    (0..SAMPLES)
        .map(|_| {
            let x = 250.0 * random.unit();
            (x, model(&TRUE, x) + (random.unit() - 0.5) * 5.0)
        })
        .unzip()
}
