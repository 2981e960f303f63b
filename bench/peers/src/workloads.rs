//! The workloads, written once for all libraries' numbers. Where a sum begins, its first term stands, since not every
//! library has a constant without a tape.

use crate::number::{Datum, Number};

/// W1: `y = 0.5; repeat: y = sin(y)*a + b*y - y*y*c; P += y`. The half is handed over, as a constant of the library.
pub fn chain<N: Number>(abc: &[N], half: N, links: usize) -> N {
    let [a, b, c] = [abc[0], abc[1], abc[2]];
    let link = |y: N| y.sin() * a + b * y - y * y * c;
    let mut y = link(half);
    let mut performance = y;
    for _ in 1..links {
        y = link(y);
        performance = performance + y;
    }
    performance
}

/// W2, one sample: what a decay and two bells leave of y.
pub fn residual<N: Number, D: Datum<N>>(b: &[N], x: D, y: D) -> N {
    let bell = |k: usize| b[k] * (-(x.less(b[k + 1]) / b[k + 2]).square()).exp();
    y.less(b[0] * (-x.times(b[1])).exp() + bell(2) + bell(5))
}

/// W4: P of the 2-2-1 network of sigmoid nodes, of one sample.
pub fn network<N: Number, D: Datum<N>>(w: &[N], x: [D; 2], desired: D) -> N {
    let sigmoid = |sum: N| (-sum).exp().plus(1.0).recip();
    let h1 = sigmoid(x[0].times(w[0]) + x[1].times(w[1]) + w[4]);
    let h2 = sigmoid(x[0].times(w[2]) + x[1].times(w[3]) + w[5]);
    let e = desired.less(sigmoid(w[6] * h1 + w[7] * h2 + w[8]));
    -e * e
}

/// A polynomial by Horner's rule.
pub fn polynomial<N: Number>(coefficients: &[f64], x: N) -> N {
    let (first, rest) = coefficients.split_first().expect("a coefficient");
    let (second, rest) = rest.split_first().expect("another one");
    let start = x.scaled(*first).plus(*second);
    rest.iter().fold(start, |sum, &c| (sum * x).plus(c))
}

fn total<N: Number>(mut terms: impl Iterator<Item = N>) -> N {
    let first = terms.next().expect("a term");
    terms.fold(first, |total, term| total + term)
}

/// A link of Rosenbrock's chain.
fn link<N: Number>(x: N, next: N) -> N {
    (x * x - next).square().scaled(100.0) + x.plus(-1.0).square()
}

/// Rosenbrock's chain.
pub fn rosenbrock<N: Number>(x: &[N]) -> N {
    total(x.windows(2).map(|pair| link(pair[0], pair[1])))
}

/// W5: the chain, and what is held at 0, by its multipliers.
pub fn chained<N: Number>(x: &[N], multipliers: &[f64]) -> N {
    let held = |x: N, y: N, z: N| {
        let powers = (y * y * y).scaled(3.0) + z.scaled(2.0) + y.scaled(4.0);
        (powers + (y - z).sin() * (y + z).sin() - x * (x - y).exp()).plus(-8.0)
    };
    let terms = x.windows(3).zip(multipliers);
    rosenbrock(x) + total(terms.map(|(x, &multiplier)| held(x[0], x[1], x[2]).scaled(multiplier)))
}
