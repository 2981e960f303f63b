//! W7: a surface on a grid, as small as it can be between its edges: loops in loops, gradient and sparse Hessian.

use std::hint::black_box;

use uphill_graph::{At, Function, Inputs, Scalar, loops};

use super::{Case, Form, Lines};
use crate::numbers::{Random, Sums, check};

const DUE: [(usize, Sums); 3] = [
    (30, Sums(-14.517594341505015, 52.85764562964103, 3.1488568538836934)),
    (300, Sums(-154.6434208738894, 553.9942565407055, -5.3288236973423775)),
    (1_000, Sums(-517.2878124792227, 1847.9248531307599, 1.466744824602133)),
];
/// A size in between without sums of its own: loops by hand are due.
const BETWEEN: usize = 100;

pub(super) fn heights(n: usize) -> Vec<f64> {
    let mut random = Random::new(21);
    (0..n * n).map(|_| random.unit()).collect()
}

/// How much larger a cell is than its shadow, from its corner, the one below and the one to the right.
fn cell<S: Scalar>(corner: S, below: S, right: S, cells: f64) -> S {
    let (down, across) = ((below - corner) * cells, (right - corner) * cells);
    (1.0 + down * down + across * across).sqrt()
}

fn plain<S: Scalar>(u: &[S], n: usize) -> S {
    let cells = (n - 1) as f64;
    let mut performance = S::constant(0.0);
    for i in 0..n - 1 {
        for j in 0..n - 1 {
            let k = i * n + j;
            performance -= cell(u[k], u[k + n], u[k + 1], cells) / (cells * cells);
        }
    }
    performance
}

/// The same as a sum of sums.
fn summed<S: Scalar>(u: &[S], n: usize) -> S {
    let cells = (n - 1) as f64;
    let size = loops::sum(0..n - 1, |i| {
        loops::sum(0..n - 1, |j| {
            let k = n * i + j;
            cell(u.at(k), u.at(k + n), u.at(k + 1), cells) / (cells * cells)
        })
    });
    -size
}

const FORMS: [Form; 2] = [
    Form {
        name: "plain",
        record: record_plain,
        gradient: &[30, 100, 300],
        hessian: &[30, 100, 300],
    },
    Form {
        name: "sum of sums",
        record: record_summed,
        gradient: &[30, 100, 300, 1_000],
        hessian: &[30, 100, 300, 1_000],
    },
];

fn record_plain(n: usize) -> Function {
    Function::record(Inputs::new().variables("u", n * n), |u| plain(u, n)).expect("names")
}

pub(super) fn record_summed(n: usize) -> Function {
    Function::record(Inputs::new().variables("u", n * n), |u| summed(u, n)).expect("names")
}

/// Derivatives where they lie: of the Hessian the diagonal, and each point with the one to its right, the one below, and
/// the one below and to the left.
pub(super) struct ByHand {
    gradient: Vec<f64>,
    hessian: Vec<[f64; 4]>,
}

impl ByHand {
    pub(super) fn new(n: usize) -> ByHand {
        ByHand { gradient: vec![0.0; n * n], hessian: vec![[0.0; 4]; n * n] }
    }

    pub(super) fn run<const HESSIAN: bool>(&mut self, u: &[f64], n: usize) -> f64 {
        let (g, h) = (&mut self.gradient[..n * n], &mut self.hessian[..n * n]);
        let cells = (n - 1) as f64;
        let share = 1.0 / (cells * cells);
        let mut performance = 0.0;
        g.fill(0.0);
        if HESSIAN {
            h.fill([0.0; 4]);
        }
        for i in 0..n - 1 {
            for k in i * n..i * n + n - 1 {
                let (down, across) = ((u[k + n] - u[k]) * cells, (u[k + 1] - u[k]) * cells);
                let size = (1.0 + down * down + across * across).sqrt();
                performance -= size * share;
                let (by_down, by_across) = (down / (size * cells), across / (size * cells));
                g[k] += by_down + by_across;
                g[k + n] -= by_down;
                g[k + 1] -= by_across;
                if HESSIAN {
                    let cube = 1.0 / (size * size * size);
                    let below = -(1.0 + across * across) * cube;
                    let right = -(1.0 + down * down) * cube;
                    let both = down * across * cube;
                    h[k][0] += below + 2.0 * both + right;
                    h[k + n][0] += below;
                    h[k + 1][0] += right;
                    h[k][1] -= right + both;
                    h[k][2] -= below + both;
                    h[k + 1][3] += both;
                }
            }
        }
        performance
    }

    /// h1 and h2, as of W5.
    fn hessian_sums(&self) -> [f64; 2] {
        let beside: f64 = self.hessian.iter().flat_map(|h| &h[1..]).map(|h| h.abs()).sum();
        let diagonal = self.hessian.iter().map(|h| h[0]);
        [diagonal.clone().map(f64::abs).sum::<f64>() + 2.0 * beside, diagonal.sum()]
    }
}

pub(super) fn run(lines: &mut Lines) {
    println!("\nW7, a surface on a grid");
    for n in [DUE[0].0, BETWEEN, DUE[1].0, DUE[2].0] {
        let (u, mut by_hand) = (heights(n), ByHand::new(n));
        let performance = by_hand.run::<true>(&u, n);
        let got = Sums::of(performance, &by_hand.gradient);
        let due = DUE.iter().find(|due| due.0 == n).map_or(got, |due| due.1);
        got.check(&format!("by hand, n = {n}"), due, 1e-12);
        let [h1, h2] = by_hand.hessian_sums();
        for form in FORMS {
            let case = Case { workload: "W7", form: &form, size: n, inputs: &u };
            case.gradient(
                lines,
                |what, all| case.sums(what, all, due, n * n),
                || {
                    black_box(by_hand.run::<false>(black_box(&u), n));
                },
            );
            case.hessian(
                lines,
                |what, got| check(what, &[(got[0], h1), (got[1], h2)], 1e-12),
                || {
                    black_box(by_hand.run::<true>(black_box(&u), n));
                },
            );
        }
    }
}
