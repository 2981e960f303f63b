//! Forward mode in one direction: the same code on the duals of each library.

use std::hint::black_box;

use ad_trait::forward_ad::adfn::adfn;
use num_dual::Dual64;
use uphill_bench::chain::ABC;
use uphill_bench::numbers::check;
use uphill_bench::table::Table;
use uphill_graph::Dual;
use uphill_peers::{Number, Performance, polynomial};

use crate::chain::Chain;
use crate::tiny::{Network, weights};

/// What runs on duals.
pub const NAMES: [&str; 3] = ["W1's chain", "a polynomial", "a 2-2-1 network"];

const LINKS: usize = 1000;

struct Polynomial {
    coefficients: [f64; 20],
}

impl Performance for Polynomial {
    fn of<N: Number>(&self, x: &[N], _constant: impl Fn(f64) -> N) -> N {
        polynomial(black_box(&self.coefficients), x[0])
    }
}

pub fn run() {
    let chain = Chain { links: LINKS };
    // The first number moves.
    on_all(NAMES[0], (8 * LINKS) as f64, &chain, ABC, [1.0, 0.0, 0.0]);
    let polynomial = Polynomial { coefficients: std::array::from_fn(|k| 1.0 / (k + 1) as f64) };
    on_all(NAMES[1], 40.0, &polynomial, [0.7], [1.0]);
    // All of them move, as when a step is taken along a direction.
    on_all(NAMES[2], 1.0, &Network, weights(), [0.1; 9]);
}

/// The same call on each library's duals. `per` is the number of operations, or 1.
fn on_all<const N: usize>(
    name: &str,
    per: f64,
    performance: &impl Performance,
    values: [f64; N],
    tangents: [f64; N],
) {
    let of_num_dual = || along(performance, values, tangents, Dual64::new);
    let of_echidna = || along(performance, values, tangents, echidna::Dual::new);
    let of_ad_trait = || along(performance, values, tangents, |x, t| adfn::new(x, [t]));
    let of_uphill = || along(performance, values, tangents, Dual::new);
    println!("\nDuals, {name}");
    let due = of_num_dual();
    let check = |what: &str, value: f64, tangent: f64| {
        check(what, &[(value, due.re), (tangent, due.eps)], 1e-11);
    };
    let got = of_uphill();
    check("uphill", got.value, got.tangent);
    let got = of_echidna();
    check("echidna", got.re, got.eps);
    let got = of_ad_trait();
    check("ad_trait", got.value(), got.tangent()[0]);

    let unit = if per == 1.0 { "ns" } else { "ns an operation" };
    let mut table = Table::new(format!("Duals, {name}"), unit, per);
    table.row("num-dual (1)", || {
        black_box(of_num_dual());
    });
    table.row("uphill", || {
        black_box(of_uphill());
    });
    table.row("echidna", || {
        black_box(of_echidna());
    });
    table.row("ad_trait", || {
        black_box(of_ad_trait());
    });
    table.run(crate::EACH);
}

/// A performance of duals, which `new` makes of a number and its tangent.
fn along<T: Number, const N: usize>(
    performance: &impl Performance,
    values: [f64; N],
    tangents: [f64; N],
    new: impl Fn(f64, f64) -> T,
) -> T {
    let x: [T; N] = black_box(std::array::from_fn(|k| new(values[k], tangents[k])));
    performance.of(&x, |c| new(c, 0.0))
}
