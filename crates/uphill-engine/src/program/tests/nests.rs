//! Random nests, and how nests are printed.

use super::by_hand::{X, cases};
use super::tree::{Node, code};
use super::{check, program, random};
use crate::code::{Code, Layout};

#[test]
fn at_random() {
    let (mut finite, mut all) = (0, 0);
    for seed in 0..12 {
        for over_samples in [false, true] {
            let [nested, straight] = random::programs(seed, over_samples);
            let numbers = check(&format!("seed {seed}"), &nested, &straight);
            all += numbers.len();
            finite += numbers.iter().filter(|x| x.is_finite()).count();
        }
    }
    assert!(2 * finite > all, "{finite} of {all} numbers say something");
}

#[test]
fn in_print() {
    let (name, nodes, pool) = cases(X, X + 40).swap_remove(2);
    let (_, blocks, entries) = cases(X, X + 40).pop().unwrap();
    let nodes: Vec<Node> = nodes.into_iter().chain(blocks).collect();
    let layout = Layout {
        constants: vec![0.5, -0.75],
        shared: X,
        shared_count: 40,
        sums: X + 100,
        sample_count: X + 100,
        per_call: X + 101,
        end: X + 101,
        ..Layout::default()
    };
    let code = code(&nodes, &[pool, entries].concat());
    let program = program(&layout, [code, Code::default(), Code::default()], false).unwrap();
    let text: Vec<String> = program
        .to_string()
        .lines()
        .take_while(|line| !line.starts_with('r'))
        .map(Into::into)
        .collect();
    let report = program.report();
    insta::assert_snapshot!(format!("{name}\n{}\n{report}", text.join("\n")));
}
