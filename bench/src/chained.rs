//! W5: a chained problem with multipliers, as generic code and by hand: value, gradient and sparse Hessian.

use uphill_graph::{At, Function, Inputs, Scalar, loops};

use crate::numbers::{Sums, Total};

/// What is due at each size: L, g1 and g2; h1 and h2.
pub const DUE: [(usize, Sums, [f64; 2]); 4] = [
    (
        1_000,
        Sums(246561.125597505, 714872.9631498845, 294706.6550501911),
        [2564405.8730551293, 1694223.8946827687],
    ),
    (
        10_000,
        Sums(2469840.013751357, 7158895.092079863, 2974140.8330010185),
        [25667855.63006532, 16958998.49603039],
    ),
    (
        100_000,
        Sums(24702628.89528987, 71599116.38137965, 29757365.85823525),
        [256702353.20016718, 169606744.50950652],
    ),
    (
        1_000_000,
        Sums(247030517.71067506, 716001329.2743775, 297621359.092765),
        [2567047328.901185, 1696084204.644268],
    ),
];

/// A link of the chain.
pub fn link<S: Scalar>(x: S, next: S) -> S {
    100.0 * (x * x - next).square() + (x - 1.0).square()
}

/// What is held at 0, by its multiplier.
fn held<S: Scalar>(x: S, y: S, z: S) -> S {
    3.0 * y.powi(3) + 2.0 * z - 5.0 + (y - z).sin() * (y + z).sin() + 4.0 * y
        - x * (x - y).exp()
        - 3.0
}

/// As it is written without thinking of loops: two of them, over all numbers there are.
fn plain<S: Scalar>(x: &[S], multipliers: &[S]) -> S {
    let mut total = S::constant(0.0);
    for i in 1..x.len() {
        total += link(x[i - 1], x[i]);
    }
    for i in 0..multipliers.len() {
        total += multipliers[i] * held(x[i], x[i + 1], x[i + 2]);
    }
    total
}

/// The same as sums over ranges.
fn summed<S: Scalar>(x: &[S], multipliers: &[S]) -> S {
    let links = loops::sum(1..x.len(), |i| link(x.at(i - 1), x.at(i)));
    let held = loops::sum(0..multipliers.len(), |i| {
        multipliers.at(i) * held(x.at(i), x.at(i + 1), x.at(i + 2))
    });
    links + held
}

fn names(n: usize) -> Inputs {
    Inputs::new().variables("x", n).parameters("multiplier", n - 2)
}

pub fn record_plain(n: usize) -> Function {
    Function::record(names(n), |v| plain(&v[..n], &v[n..])).expect("names")
}

pub fn record_summed(n: usize) -> Function {
    Function::record(names(n), |v| summed(&v[..n], &v[n..])).expect("names")
}

/// Where derivatives are taken.
pub fn point(n: usize) -> Vec<f64> {
    (0..n).map(|i| if i % 2 == 1 { 1.0 } else { -1.2 }).collect()
}

/// The point, then the multipliers.
pub fn inputs(n: usize) -> Vec<f64> {
    [point(n), vec![0.5; n - 2]].concat()
}

/// L, and its derivatives where they lie: the gradient, the diagonal and what stands beside it. The second diagonals are 0,
/// since `sin(y - z) sin(y + z) = (cos 2z - cos 2y)/2`.
pub struct ByHand {
    pub gradient: Vec<f64>,
    diagonal: Vec<f64>,
    beside: Vec<f64>,
}

impl ByHand {
    pub fn new(n: usize) -> ByHand {
        ByHand { gradient: vec![0.0; n], diagonal: vec![0.0; n], beside: vec![0.0; n - 1] }
    }

    pub fn run<const HESSIAN: bool>(&mut self, x: &[f64], multipliers: &[f64]) -> f64 {
        let n = x.len();
        let (g, d, e) = (&mut self.gradient[..n], &mut self.diagonal[..n], &mut self.beside);
        let mut total = Total::default();
        g.fill(0.0);
        if HESSIAN {
            d.fill(0.0);
        }
        for i in 0..n - 1 {
            let (x, y) = (x[i], x[i + 1]);
            let (gap, off) = (x * x - y, x - 1.0);
            total.add(100.0 * gap * gap + off * off);
            g[i] += 400.0 * gap * x + 2.0 * off;
            g[i + 1] -= 200.0 * gap;
            if HESSIAN {
                d[i] += 400.0 * (gap + 2.0 * x * x) + 2.0;
                d[i + 1] += 200.0;
                e[i] = -400.0 * x;
            }
        }
        for (i, &multiplier) in multipliers.iter().enumerate() {
            let (x, y, z) = (x[i], x[i + 1], x[i + 2]);
            let ((s, c), (t, k)) = ((y - z).sin_cos(), (y + z).sin_cos());
            let power = (x - y).exp();
            let held = 3.0 * y * y * y + 2.0 * z - 5.0 + s * t + 4.0 * y - x * power - 3.0;
            total.add(multiplier * held);
            g[i] -= multiplier * (1.0 + x) * power;
            g[i + 1] += multiplier * (9.0 * y * y + (s * k + c * t) + 4.0 + x * power);
            g[i + 2] += multiplier * (2.0 + (s * k - c * t));
            if HESSIAN {
                d[i] -= multiplier * (2.0 + x) * power;
                d[i + 1] += multiplier * (18.0 * y + 2.0 * (c * k - s * t) - x * power);
                d[i + 2] -= multiplier * 2.0 * (c * k + s * t);
                e[i] += multiplier * (1.0 + x) * power;
            }
        }
        total.sum()
    }

    pub fn hessian_sums(&self) -> [f64; 2] {
        let magnitude = |x: &[f64]| x.iter().map(|x| x.abs()).collect::<Total>().sum();
        let diagonal = self.diagonal.iter().copied().collect::<Total>().sum();
        [magnitude(&self.diagonal) + 2.0 * magnitude(&self.beside), diagonal]
    }
}

/// The Hessian of the links alone: the diagonal and what stands beside it.
pub fn rosenbrock_hessian(x: &[f64], d: &mut [f64], e: &mut [f64]) {
    d.fill(0.0);
    for i in 0..x.len() - 1 {
        d[i] += 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0;
        d[i + 1] += 200.0;
        e[i] = -400.0 * x[i];
    }
}
