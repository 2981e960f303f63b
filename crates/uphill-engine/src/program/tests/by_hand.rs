//! Nests by hand, one for each thing that executors do with loops.

use uphill_graph::Op;

use super::tree::{At, Node, at, by, code, unrolled};
use super::{check, program};
use crate::code::{Action, Block, Code, Layout, Step, Weights};
use crate::program::Program;

use Step::{By, Row, Table};

const SIN: Action = Action::Op(Op::Sin);
const COS: Action = Action::Op(Op::Cos);
const ADD: Action = Action::Op(Op::Add);
const MUL: Action = Action::Op(Op::Mul);

fn one(action: Action, target: At, operands: Vec<At>) -> Node {
    Node::One(action, target, operands)
}

/// First of the inputs, of the columns, and of the numbers that are computed of them.
pub(super) const X: u32 = 2;
const S: u32 = X + 40 + 8 + 1;

/// Nests over 40 given numbers from `x` on that write 60 from `s` on, and a pool for their tables.
pub(super) fn cases(x: u32, s: u32) -> Vec<(&'static str, Vec<Node>, Vec<u32>)> {
    let cell = || by(s, &[4, 1]);
    let offsets = |list: &[i32]| list.iter().map(|&entry| entry as u32).collect::<Vec<u32>>();
    let affine = |first, row_step, column_step| Weights::Affine { first, row_step, column_step };
    let list = |first: u32, count: u32| (first..first + count).collect::<Vec<u32>>();
    vec![
        (
            "a table of products, and sums of its rows",
            vec![
                one(SIN, at(s + 50, &[]), vec![at(x, &[])]),
                Node::Loop(
                    3,
                    vec![
                        one(SIN, by(s + 20, &[1]), vec![by(x, &[2])]),
                        Node::Loop(
                            4,
                            vec![
                                one(MUL, cell(), vec![by(x, &[1, 0]), by(x + 7, &[0, 1])]),
                                one(ADD, by(s + 20, &[1, 0]), vec![by(s + 20, &[1, 0]), cell()]),
                            ],
                        ),
                        one(COS, by(s + 24, &[1]), vec![by(s + 20, &[1])]),
                    ],
                ),
                one(ADD, at(s + 51, &[]), vec![at(s + 26, &[]), at(s + 50, &[])]),
            ],
            vec![],
        ),
        (
            "three loops, backwards in the middle",
            vec![Node::Loop(
                2,
                vec![
                    one(Action::Copy, by(s + 30, &[0]), vec![by(x, &[3])]),
                    Node::Loop(
                        3,
                        vec![Node::Loop(
                            4,
                            vec![one(
                                Action::MultiplyAdd,
                                by(s + 8, &[12, -4, 1]),
                                vec![
                                    by(x + 5, &[1, 2, 3]),
                                    by(x, &[0, 0, 1]),
                                    by(s + 30, &[0, 0, 0]),
                                ],
                            )],
                        )],
                    ),
                ],
            )],
            vec![],
        ),
        (
            "tables of both loops, one of whose rows the outer loop moves",
            vec![Node::Loop(
                3,
                vec![Node::Loop(
                    4,
                    vec![
                        one(
                            ADD,
                            cell(),
                            vec![at(x + 9, &[Table(0), Table(3)]), at(x + 9, &[Row(4), Table(7)])],
                        ),
                        one(SIN, at(s + 20, &[Table(0), By(2)]), vec![cell()]),
                    ],
                )],
            )],
            offsets(&[0, 5, -3, 0, 2, 1, -1, 0, 3, 6, 9, -9, 2, 4, 1, 8, 7, 5, -2]),
        ),
        (
            "rows that overlap and go back, past a loop between",
            vec![Node::Loop(
                3,
                vec![Node::Loop(
                    2,
                    vec![Node::Loop(
                        3,
                        vec![one(
                            Action::Op(Op::Sub),
                            by(s, &[6, 3, 1]),
                            vec![
                                at(x + 4, &[Row(-2), By(1), Table(4)]),
                                at(x, &[Row(1), Row(2), Table(0)]),
                            ],
                        )],
                    )],
                )],
            )],
            offsets(&[3, 1, 4, 1, 5, 2, 6, 5, 3]),
        ),
        (
            "a value carried through all loops, and one through the inner one alone",
            vec![
                one(Action::Copy, at(s, &[]), vec![at(x, &[])]),
                Node::Loop(
                    3,
                    vec![
                        one(Action::Copy, by(s + 1, &[0]), vec![by(x + 1, &[1])]),
                        Node::Loop(
                            5,
                            vec![
                                one(SIN, by(s, &[0, 0]), vec![by(s, &[0, 0])]),
                                one(
                                    Action::MultiplyAdd,
                                    by(s + 1, &[0, 0]),
                                    vec![by(s + 1, &[0, 0]), by(x + 6, &[0, 1]), by(s, &[0, 0])],
                                ),
                            ],
                        ),
                        one(ADD, by(s + 10, &[1]), vec![by(s + 1, &[0]), by(s, &[0])]),
                    ],
                ),
            ],
            vec![],
        ),
        (
            "each place from the one before, in a triangle of paths",
            vec![
                one(SIN, at(s, &[]), vec![at(x, &[])]),
                Node::Loop(
                    4,
                    vec![
                        one(ADD, by(s + 5, &[5]), vec![by(s, &[5]), by(x, &[1])]),
                        Node::Loop(
                            4,
                            vec![
                                one(COS, by(s + 6, &[5, 1]), vec![by(s + 5, &[5, 1])]),
                                one(SIN, by(s + 30, &[0, 1]), vec![by(s + 6, &[5, 1])]),
                            ],
                        ),
                    ],
                ),
            ],
            vec![],
        ),
        (
            "places that meet where they move differently",
            vec![
                Node::Loop(20, vec![one(SIN, by(s, &[1]), vec![by(x, &[1])])]),
                Node::Loop(
                    3,
                    vec![Node::Loop(
                        4,
                        vec![
                            one(SIN, by(s, &[1, 2]), vec![by(s + 3, &[2, 1])]),
                            one(COS, by(s + 3, &[2, 1]), vec![by(s, &[1, 2])]),
                            one(ADD, by(s + 30, &[4, 1]), vec![by(s, &[1, 2]), by(s + 3, &[2, 1])]),
                        ],
                    )],
                ),
            ],
            vec![],
        ),
        (
            "loops of no iteration and of one",
            vec![
                one(SIN, at(s, &[]), vec![at(x, &[])]),
                Node::Loop(0, vec![one(COS, by(s, &[1000]), vec![by(s, &[-1000])])]),
                Node::Loop(
                    2,
                    vec![
                        Node::Loop(
                            0,
                            vec![one(COS, by(s, &[1, 900]), vec![at(s, &[By(1), Table(99)])])],
                        ),
                        Node::Loop(1, vec![one(COS, by(s + 1, &[1, 7]), vec![by(s, &[1, 999])])]),
                    ],
                ),
                Node::Loop(
                    1,
                    vec![Node::Loop(1, vec![one(SIN, by(s + 9, &[5, 5]), vec![by(x, &[3, 3])])])],
                ),
                Node::Loop(3, vec![]),
                Node::Loop(
                    0,
                    vec![Node::Block(
                        Block {
                            inputs: list(u32::MAX - 9, 3),
                            targets: list(u32::MAX - 5, 4),
                            weights: affine(u32::MAX - 1, 1, 4),
                        },
                        [by(0, &[1]), by(0, &[2]), by(0, &[3])],
                    )],
                ),
            ],
            vec![],
        ),
        (
            "two elementary functions, the second of what the first writes in one iteration",
            vec![
                Node::Loop(
                    5,
                    vec![
                        one(Action::Op(Op::Sigmoid), by(s, &[1]), vec![by(x, &[1])]),
                        one(Action::Op(Op::Sigmoid), by(s + 20, &[1]), vec![by(s + 2, &[0])]),
                    ],
                ),
                Node::Loop(
                    2,
                    vec![Node::Loop(
                        3,
                        vec![
                            one(
                                Action::Op(Op::Exp),
                                at(s + 30, &[By(1), Table(0)]),
                                vec![by(x, &[2, 1])],
                            ),
                            one(
                                Action::Op(Op::Exp),
                                by(s + 40, &[3, 1]),
                                vec![by(s + 32, &[0, 0])],
                            ),
                        ],
                    )],
                ),
            ],
            offsets(&[0, 2, 1]),
        ),
        (
            "pairs, lists and rare operations",
            vec![Node::Loop(
                3,
                vec![
                    one(SIN, by(s, &[1]), vec![by(x, &[1])]),
                    one(COS, by(s + 3, &[1]), vec![by(x, &[1])]),
                    Node::Loop(
                        2,
                        vec![
                            one(Action::Op(Op::Sigmoid), by(s + 6, &[1, 3]), vec![by(s, &[1, 0])]),
                            one(
                                Action::Op(Op::Sigmoid),
                                by(s + 12, &[1, 3]),
                                vec![by(s + 6, &[1, 3])],
                            ),
                            one(Action::Op(Op::Sigmoid), by(s + 18, &[1, 3]), vec![by(x, &[1, 3])]),
                            one(
                                Action::Dot,
                                by(s + 24, &[2, 1]),
                                (0..8).map(|k| by(x + k, &[1, k as i32])).collect(),
                            ),
                            one(
                                Action::Op(Op::LogSumExp),
                                by(s + 30, &[2, 1]),
                                (0..5).map(|k| by(s + 6 + k, &[1, 2])).collect(),
                            ),
                            one(
                                Action::Op(Op::Atan2),
                                by(s + 36, &[2, 1]),
                                vec![by(s + 24, &[2, 1]), by(s + 30, &[2, 1])],
                            ),
                        ],
                    ),
                ],
            )],
            vec![],
        ),
        (
            "blocks between loops, small and large",
            vec![
                Node::Loop(40, vec![one(SIN, by(s, &[1]), vec![by(x, &[1])])]),
                Node::Loop(
                    2,
                    vec![
                        Node::Block(
                            Block {
                                inputs: list(s, 5),
                                targets: list(s + 40, 6),
                                weights: affine(X, 5, 1),
                            },
                            [by(0, &[6]), by(0, &[7]), by(0, &[1])],
                        ),
                        Node::Loop(
                            2,
                            vec![
                                Node::Block(
                                    Block {
                                        inputs: vec![s + 3, s, s + 1],
                                        targets: vec![s + 54, s + 52],
                                        weights: affine(X, 1, 4),
                                    },
                                    [by(0, &[0, 1]), at(0, &[Row(2), Table(0)]), by(0, &[2, 12])],
                                ),
                                one(
                                    ADD,
                                    by(s + 56, &[2, 1]),
                                    vec![by(s + 52, &[0, 1]), by(s + 41, &[6, 0])],
                                ),
                            ],
                        ),
                        Node::Block(
                            Block {
                                inputs: list(s + 1, 2),
                                targets: list(s + 38, 2),
                                weights: Weights::Table(vec![X + 9, X + 2, X, X + 30]),
                            },
                            [by(0, &[0]), by(0, &[11]), by(0, &[0])],
                        ),
                    ],
                ),
            ],
            offsets(&[4, 0, 9, 2]),
        ),
    ]
}

/// Each case, over samples and not: the program, and the same without loops.
pub(crate) fn programs() -> Vec<(String, [Program; 2])> {
    let mut programs = Vec::new();
    for over_samples in [false, true] {
        let (x, s) = if over_samples { (S, S + 40) } else { (X, X + 40) };
        let sums = if over_samples { X + 40 } else { X + 100 };
        let sum_count = if over_samples { 8 } else { 0 };
        let per_call = if over_samples { S } else { X + 101 };
        let layout = Layout {
            constants: vec![0.5, -0.75],
            shared: X,
            shared_count: 40,
            sums,
            sum_count,
            sample_count: sums + sum_count,
            targets: 0,
            target_count: 0,
            per_call,
            column_count: if over_samples { 40 } else { 0 },
            end: per_call + if over_samples { 100 } else { 0 },
        };
        for (name, mut nodes, pool) in cases(x, s) {
            if over_samples {
                nodes.push(totals(x, s, pool.len() as u32));
            }
            let pool = [pool, vec![1, 0]].concat();
            // All that is read is written before.
            let first = (s..s + 60)
                .map(|slot| one(Action::Copy, at(slot, &[]), vec![at(x + (slot - s) % 40, &[])]));
            let nodes: Vec<Node> = first.chain(nodes).collect();
            let both = [code(&nodes, &pool), unrolled(&nodes, &pool)].map(|code| {
                let pieces = match over_samples {
                    true => [Code::default(), code, Code::default()],
                    false => [code, Code::default(), Code::default()],
                };
                program(&layout, pieces, over_samples).unwrap()
            });
            programs.push((name.into(), both));
        }
    }
    programs
}

/// Totals by steps of all kinds; the table has two entries.
fn totals(x: u32, s: u32, table: u32) -> Node {
    let total = |target, x| one(Action::Total, target, vec![x]);
    Node::Loop(
        2,
        vec![
            Node::Loop(2, vec![total(by(X + 40, &[2, 1]), by(s, &[0, 1]))]),
            total(by(X + 44, &[1]), by(x, &[5])),
            Node::Loop(1, vec![total(at(X + 46, &[Table(table), By(7)]), by(x, &[1, 1]))]),
        ],
    )
}

#[test]
fn by_hand() {
    for (name, [nested, straight]) in programs() {
        check(&name, &nested, &straight);
    }
}
