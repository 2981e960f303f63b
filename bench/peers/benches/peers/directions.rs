//! Forward mode in one direction: the same code on the duals of each library.

use std::hint::black_box;

use ad_trait::forward_ad::adfn::adfn;
use num_dual::Dual64;
use uphill_bench::numbers::{check, weights};
use uphill_bench::table::Table;
use uphill_graph::Dual;
use uphill_peers::{chain, network, polynomial};

/// What runs on duals.
pub const NAMES: [&str; 3] = ["W1's chain", "a polynomial", "a 2-2-1 network"];

const LINKS: usize = 1000;

/// The same call on each library's duals: a closure that is made from a macro, since closures can't be generic.
macro_rules! on_all {
    ($name:expr, $per:expr, $values:expr, $tangents:expr, |$x:ident, $constant:ident| $code:expr) => {{
        let (values, tangents) = ($values, $tangents);
        let of_num_dual = || {
            let $x = black_box(both(values, tangents, Dual64::new));
            let $constant = |c: f64| Dual64::new(c, 0.0);
            let _ = &$constant;
            $code
        };
        let of_echidna = || {
            let $x = black_box(both(values, tangents, echidna::Dual::new));
            let $constant = |c: f64| echidna::Dual::new(c, 0.0);
            let _ = &$constant;
            $code
        };
        let of_ad_trait = || {
            let $x = black_box(both(values, tangents, |x, t| adfn::new(x, [t])));
            let $constant = |c: f64| adfn::new(c, [0.0]);
            let _ = &$constant;
            $code
        };
        let of_uphill = || {
            let $x = black_box(both(values, tangents, Dual::new));
            let $constant = |c: f64| Dual::new(c, 0.0);
            let _ = &$constant;
            $code
        };
        let due = of_num_dual();
        let check = |what: &str, value: f64, tangent: f64| {
            check(what, &[(value, due.re), (tangent, due.eps)], 1e-11);
        };
        println!("\nDuals, {}", $name);
        let got = of_uphill();
        check("uphill", got.value, got.tangent);
        let got = of_echidna();
        check("echidna", got.re, got.eps);
        let got = of_ad_trait();
        check("ad_trait", got.value(), got.tangent()[0]);

        let unit = if $per == 1.0 { "ns" } else { "ns an operation" };
        let mut table = Table::new(format!("Duals, {}", $name), unit, $per);
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
    }};
}

fn both<T, const N: usize>(x: [f64; N], t: [f64; N], new: impl Fn(f64, f64) -> T) -> [T; N] {
    std::array::from_fn(|k| new(x[k], t[k]))
}

pub fn run() {
    // The first number moves.
    on_all!(NAMES[0], (8 * LINKS) as f64, [1.3, 0.4, 0.3], [1.0, 0.0, 0.0], |x, constant| {
        chain(&x, constant(0.5), LINKS)
    });
    let coefficients: [f64; 20] = std::array::from_fn(|k| 1.0 / (k + 1) as f64);
    on_all!(NAMES[1], 40.0, [0.7], [1.0], |x, _constant| polynomial(
        black_box(&coefficients),
        x[0]
    ));
    // All of them move, as when a step is taken along a direction.
    let w: [f64; 9] = weights(&[2, 2, 1], 5).try_into().expect("nine");
    on_all!(NAMES[2], 1.0, w, [0.1; 9], |w, _constant| network(&w, black_box([0.3, -0.8]), 1.0));
}
