//! W5: a chained problem with multipliers, value, gradient and sparse Hessian.

use std::hint::black_box;

use uphill_bench::chained::{ByHand, DUE, inputs, record_plain, record_summed};

use super::{Case, Form, Lines};
use crate::numbers::{Sums, check};

const FORMS: [Form; 2] = [
    Form {
        name: "plain",
        record: record_plain,
        gradient: &[1_000, 10_000, 100_000, 1_000_000],
        hessian: &[1_000, 10_000, 100_000, 1_000_000],
    },
    Form {
        name: "map and sum",
        record: record_summed,
        gradient: &[1_000, 10_000, 100_000, 1_000_000],
        hessian: &[1_000, 10_000, 100_000, 1_000_000],
    },
];

pub(super) fn run(lines: &mut Lines) {
    println!("\nW5, a chained problem with multipliers");
    for (n, due, [h1, h2]) in DUE {
        let (inputs, mut by_hand) = (inputs(n), ByHand::new(n));
        let (x, multipliers) = inputs.split_at(n);
        let total = by_hand.run::<true>(x, multipliers);
        Sums::of(total, &by_hand.gradient).check(&format!("by hand, N = {n}"), due, 1e-12);
        let got = by_hand.hessian_sums();
        check(&format!("by hand, N = {n}, Hessian"), &[(got[0], h1), (got[1], h2)], 1e-12);
        for form in FORMS {
            let case = Case { workload: "W5", form: &form, size: n, inputs: &inputs };
            case.gradient(
                lines,
                |what, all| case.sums(what, all, due, n),
                || {
                    black_box(by_hand.run::<false>(x, multipliers));
                },
            );
            case.hessian(
                lines,
                |what, got| check(what, &[(got[0], h1), (got[1], h2)], 1e-12),
                || {
                    black_box(by_hand.run::<true>(x, multipliers));
                },
            );
        }
    }
}
