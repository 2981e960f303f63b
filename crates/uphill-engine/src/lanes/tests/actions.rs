//! The actions that are no operations of the table: fused steps, slopes, dot products, totals and loops.

use uphill_graph::Op;

use super::sketch::{Sketch, noise};
use super::{COUNTS, check};
use crate::code::{Action, Step};

const VALUES: [f64; 13] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.3,
    -2.7,
    1e-200,
    -1e200,
    1e-30,
    3.0000000000000004,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

#[test]
fn fused_steps_and_slopes() {
    let actions = [
        (Action::Copy, 1),
        (Action::MultiplyAdd, 3),
        (Action::NegativeMultiplyAdd, 3),
        (Action::MultiplySubtract, 3),
        (Action::SigmoidSlope, 2),
        (Action::TanhSlope, 2),
    ];
    let columns: Vec<Vec<f64>> = (0..3)
        .map(|k| (0..13usize.pow(3)).map(|i| VALUES[i / 13usize.pow(k) % 13]).collect())
        .collect();
    for (action, count) in actions {
        for numbers in 0..1 << count {
            for number in [0.0, -0.0, 0.3, f64::INFINITY, f64::NAN] {
                let mut sketch = Sketch::new(vec![number], 0, columns.clone(), 192);
                let addresses: Vec<u32> = (0..count)
                    .map(|k| if numbers >> k & 1 == 1 { 0 } else { sketch.column(k) })
                    .collect();
                sketch.act(action, &addresses);
                for k in 0..count {
                    let mut moved = addresses.clone();
                    moved[k] = sketch.act(Action::Copy, &[addresses[k]]);
                    sketch.push(action, moved[k], &moved);
                }
                check(&sketch);
            }
        }
    }
}

#[test]
fn dot_products() {
    for length in 0..=20 {
        for (turn, samples) in COUNTS.into_iter().enumerate() {
            let values = noise((length * 100 + turn) as u64, 2 * samples * length.max(1));
            let special =
                |i: usize, x: f64| if i.is_multiple_of(11) { VALUES[i / 11 % 13] } else { x };
            let columns: Vec<Vec<f64>> = values
                .chunks_exact(samples)
                .map(|column| column.iter().enumerate().map(|(i, &x)| special(i, x)).collect())
                .collect();
            let mut sketch = Sketch::new(vec![0.9, f64::INFINITY, 0.0], 0, columns, 72);
            for kind in 0..5 {
                let list: Vec<u32> = (0..2 * length)
                    .map(|k| match kind {
                        1 if k % 2 == 1 => sketch.number(k / 2 % 3),
                        2 if k % 2 == 0 => sketch.number(k / 2 % 3),
                        3 if k % 3 == 0 => sketch.number(k % 2),
                        4 if k % 4 < 2 => sketch.number(k % 2),
                        _ => sketch.column(k),
                    })
                    .collect();
                sketch.act(Action::Dot, &list);
            }
            check(&sketch);
        }
    }
}

#[test]
fn totals() {
    for samples in COUNTS.into_iter().chain([72, 73, 143, 300]) {
        for special in [None, Some(f64::INFINITY), Some(f64::NAN), Some(-0.0)] {
            let mut column = noise(samples as u64, samples);
            if let Some(special) = special {
                column[samples / 2] = special;
            }
            let negative_zeros = vec![-0.0; samples];
            let tiny = vec![-1e-320; samples];
            let mut sketch = Sketch::new(vec![], 5, vec![column, negative_zeros, tiny], 72);
            for sum in 0..3 {
                sketch.push(Action::Total, sketch.sum(sum), &[sketch.column(sum)]);
            }
            let square = sketch.op(Op::Square, &[sketch.column(0)]);
            sketch.push(Action::Total, sketch.sum(4), &[square]);
            check(&sketch);
        }
    }
}

#[test]
fn loops() {
    for samples in COUNTS {
        let columns: Vec<Vec<f64>> =
            noise(5, 6 * samples).chunks(samples).map(<[f64]>::to_vec).collect();
        let numbers = noise(6, 12);
        let mut sketch = Sketch::new(numbers, 6, columns, 72);
        let first = sketch.slots(6);
        let second = sketch.slots(6);
        // first[i] = column[i]·number[2i] + number[11 - i]; second[i] = a dot product; a total.
        let table = sketch.code.pool.len() as u32;
        sketch.code.pool.extend([3, 0, 5, 5, 1, 2]);
        let steps = [
            Step::By(1),
            Step::By(1),
            Step::By(2),
            Step::By(-1),
            // The dot product reads the first slots backwards, and from iteration 0 on one that is written.
            Step::By(1),
            Step::By(1),
            Step::By(1),
            Step::By(1),
            Step::By(0),
            Step::By(1),
            Step::By(1),
        ];
        sketch.repeat(6, &steps, |sketch| {
            let operands = [sketch.column(0), sketch.number(0), sketch.number(11)];
            sketch.push(Action::MultiplyAdd, first[0], &operands);
            let operands = [first[0], sketch.column(0), sketch.number(3), first[0]];
            sketch.push(Action::Dot, second[0], &operands);
            sketch.push(Action::Total, sketch.sum(0), &[second[0]]);
        });
        let target = sketch.slots(6);
        sketch.repeat(6, &[Step::By(1), Step::Table(table), Step::By(1)], |sketch| {
            sketch.push(Action::Op(Op::Sub), target[0], &[first[0], second[0]]);
        });
        // A chain in place, after the loop, and a loop that never runs.
        let chain = sketch.act(Action::Copy, &[target[5]]);
        sketch.repeat(4, &[Step::By(0), Step::By(0)], |sketch| {
            sketch.push(Action::Op(Op::Sin), chain, &[chain]);
        });
        sketch.repeat(0, &[Step::By(0), Step::By(0)], |sketch| {
            sketch.push(Action::Op(Op::Exp), chain, &[chain]);
        });
        sketch.op(Op::Neg, &[chain]);
        check(&sketch);
    }
}
