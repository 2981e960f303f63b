//! Code that would leave its memory is refused, if only in the last iteration of the innermost loop.

use uphill_graph::Op;

use super::program;
use super::tree::{At, Node, at, by, code};
use crate::code::{Action, Block, Code, DEEPEST, Layout, Step, Weights};

use Step::{By, Row, Table};

/// Ten inputs, then twenty numbers.
const X: u32 = 0;
const R: u32 = 10;
const END: u32 = 30;

fn refused(nodes: &[Node], pool: &[u32]) -> Option<String> {
    refused_code(code(nodes, pool))
}

fn refused_code(code: Code) -> Option<String> {
    let layout = Layout {
        shared_count: R,
        sums: R,
        sample_count: R,
        per_call: END,
        end: END,
        ..Layout::default()
    };
    program(&layout, [code, Code::default(), Code::default()], false)
        .err()
        .map(|error| error.to_string())
}

fn nest(counts: [u32; 3], target: At, x: At) -> Vec<Node> {
    let one = Node::One(Action::Op(Op::Sin), target, vec![x]);
    counts.into_iter().rev().fold(vec![one], |body, count| vec![Node::Loop(count, body)])
}

#[test]
fn addresses_that_leave_in_the_last_iteration() {
    let most = u32::MAX;
    // In the first of each pair all fits, in the second one number is beyond, or one before.
    let pairs = [
        (by(END - 12, &[6, 2, 1]), by(END - 11, &[6, 2, 1])),
        (by(R + 11, &[-6, -2, -1]), by(R + 10, &[-6, -2, -1])),
        (by(R + 4, &[6, -2, 1]), by(R + 3, &[6, -2, 1])),
        (at(R, &[By(0), Row(2), Table(0)]), at(R, &[By(0), Row(2), Table(2)])),
        (at(R, &[Row(1), Row(2), Table(0)]), at(R, &[Row(2), Row(2), Table(0)])),
        (at(R, &[By(5), Table(0), Table(1)]), at(R + 11, &[By(5), Table(0), Table(1)])),
    ];
    // Entries of at most 6 up to the seventh, and then one of 21.
    let pool = [0, 1, 2, 3, 4, 5, 6, 21];
    for (fits, leaves) in pairs {
        for (place, is_refused) in [(fits, false), (leaves, true)] {
            let target = refused(&nest([2, 3, 2], place.clone(), by(X, &[0, 0, 0])), &pool);
            assert_eq!(target.is_some(), is_refused, "{place:?}: {target:?}");
        }
    }
    let reads = [
        (by(X, &[14, 5, 5]), false),
        (by(X, &[15, 5, 5]), true),
        (by(X + 5, &[-5, 0, 0]), false),
        (by(X + 4, &[-5, 0, 0]), true),
    ];
    for (place, is_refused) in reads {
        let found = refused(&nest([2, 3, 2], by(R, &[0, 0, 0]), place.clone()), &[]);
        assert_eq!(found.is_some(), is_refused, "{place:?}: {found:?}");
    }
    // So many iterations that products of steps would overflow.
    let far = [by(R, &[i32::MAX; 3]), by(R, &[i32::MIN; 3]), by(R, &[i32::MAX, i32::MIN, 1])];
    for place in far {
        let found = refused(&nest([most; 3], place.clone(), by(X, &[0, 0, 0])), &[]);
        assert!(found.is_some(), "{place:?}");
    }
    let rows = at(R, &[Row(i32::MAX), Row(i32::MIN), Table(3)]);
    assert!(refused(&nest([most; 3], rows, by(X, &[0, 0, 0])), &pool).is_some());
    assert_eq!(refused(&nest([most; 3], by(R, &[0; 3]), by(X, &[0; 3])), &[]), None);
    // What never runs may lead anywhere.
    let nowhere = at(R, &[By(i32::MIN), By(0), Table(1_000_000)]);
    assert_eq!(refused(&nest([3, 0, 3], nowhere.clone(), nowhere), &[]), None);
}

#[test]
fn tables_and_rows_that_are_none() {
    let found = [
        refused(&nest([1, 1, 3], at(R, &[By(0), By(0), Table(6)]), by(X, &[0; 3])), &[0; 8]),
        refused(&nest([1, 2, 3], at(R, &[By(0), Row(-1), Table(0)]), by(X, &[0; 3])), &[0; 8]),
        refused(&nest([1, 2, 3], at(R, &[By(0), Row(4), Table(2)]), by(X, &[0; 3])), &[0; 8]),
        refused(&nest([2, 2, 2], at(R, &[Row(1), By(0), By(1)]), by(X, &[0; 3])), &[0; 8]),
        refused(&nest([2, 2, 2], at(R, &[Table(0), Row(1), By(1)]), by(X, &[0; 3])), &[0; 8]),
    ];
    for (k, found) in found.into_iter().enumerate() {
        assert!(found.is_some(), "{k}");
    }
}

#[test]
fn bodies_that_are_none() {
    let whole = || code(&nest([2, 2, 2], by(R, &[0; 3]), by(X, &[0; 3])), &[]);
    assert_eq!(refused_code(whole()), None);
    for number in 0..3 {
        let mut code = whole();
        code.loops[number].length += 1;
        assert!(refused_code(code).is_some(), "loop {number} reaches too far");
        let mut code = whole();
        code.loops[number].first_step += 5;
        assert!(refused_code(code).is_some(), "loop {number} lacks steps");
        let mut code = whole();
        code.instructions[number].x = 3;
        assert!(refused_code(code).is_some(), "no loop 3");
    }
    let deep = |depth: usize| {
        let place = |address| by(address, &vec![0; depth]);
        let one = Node::One(Action::Op(Op::Sin), place(R), vec![place(X)]);
        (0..depth).fold(vec![one], |body, _| vec![Node::Loop(1, body)])
    };
    assert_eq!(refused(&deep(DEEPEST), &[]), None);
    assert!(refused(&deep(DEEPEST + 1), &[]).is_some());
    let outer = Node::One(Action::OuterTotal, at(R, &[By(0)]), vec![]);
    assert!(refused(&[Node::Loop(1, vec![outer])], &[]).is_some());
}

#[test]
fn blocks_that_leave_or_write_what_they_read() {
    let block = |steps: [i32; 3], weights: Weights| {
        let block = Block { inputs: vec![12, 11], targets: vec![20, 22], weights };
        let moves = steps.map(|step| by(0, &[0, step]));
        refused(&[Node::Loop(1, vec![Node::Loop(3, vec![Node::Block(block, moves)])])], &[])
    };
    let affine = |first| Weights::Affine { first, row_step: 2, column_step: 1 };
    let table = || Weights::Table(vec![0, 1, 2, 3]);
    assert_eq!(block([3, 3, 3], affine(0)), None);
    assert_eq!(block([3, 0, 0], table()), None);
    assert!(block([4, 0, 0], affine(0)).is_some(), "a target behind the memory");
    assert!(block([0, -6, 0], affine(0)).is_some(), "an input before the memory");
    assert!(block([0, 0, 12], affine(3)).is_some(), "a weight behind the memory");
    assert!(block([0, 0, 1], table()).is_some(), "a table of weights that moves");
    assert!(block([0, 4, 0], affine(0)).is_some(), "targets that inputs come to");
    assert!(block([-4, 0, 0], affine(0)).is_some(), "inputs that targets come to");
    assert!(block([0, 0, 0], affine(19)).is_some(), "weights that are targets");
    assert!(block([0, 0, 8], affine(2)).is_some(), "weights that come to be targets");
}
