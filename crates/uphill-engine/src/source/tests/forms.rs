//! Loops of graphs, every form with its derivatives.

use uphill_graph::Function;

use super::super::Language;
use super::UNREAD_C;
use super::harness::{Case, Run, check};
use crate::{Compiler, OverSamples};

#[path = "../../../../uphill-graph/tests/loops/forms.rs"]
mod all;

#[path = "../../../../uphill-graph/tests/loops/roots.rs"]
mod roots;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (form, code) in all::FORMS.iter().chain(roots::ROOTS) {
        let f = Function::record(all::inputs(), code).unwrap();
        let gradient = f.with_gradient().unwrap();
        for (derivative, function) in [("gradient", &gradient), ("products", &f.hvp().unwrap())] {
            let program = Compiler::new().compile(function).unwrap();
            let further = function.inputs().len() - 8;
            let runs = all::points().map(|mut inputs| {
                inputs.extend((0..further).map(|k| 0.5 + 0.25 * k as f64));
                Run { inputs, samples: 0, rows: Vec::new() }
            });
            cases.push(Case::new(format!("{derivative} of {form}"), program, runs.into()));
        }
        // Two entries of the vector are columns.
        let sums = OverSamples::new(gradient.clone(), ["x[2]", "x[5]"]).unwrap().sum();
        let program = Compiler::new().compile_samples(&sums).unwrap();
        let inputs = all::points()[0][..6].to_vec();
        let rows = (0..18).map(|k| 0.3 + 0.05 * f64::from(k)).collect();
        let runs = vec![Run { inputs, samples: 9, rows }];
        cases.push(Case::new(format!("sums of {form}"), program, runs));
    }
    cases
}

#[test]
fn in_rust() {
    check(Language::Rust, &cases(), &[("rustc", &[])]);
}

#[test]
fn in_c() {
    check(Language::C, &cases(), UNREAD_C);
}
