//! Blocks and outer totals of many shapes, with weights in every order, and with zeros that meet infinity.

use super::check;
use super::sketch::{Sketch, noise};
use crate::code::{Action, Weights};

/// How the weights of a block lie.
#[derive(Debug, Clone, Copy)]
enum Order {
    RowByRow,
    Transposed,
    Backwards,
    Spread,
    Constant,
    Table,
}

const ORDERS: [Order; 6] = [
    Order::RowByRow,
    Order::Transposed,
    Order::Backwards,
    Order::Spread,
    Order::Constant,
    Order::Table,
];

fn weights(order: Order, rows: usize, columns: usize) -> (usize, Weights) {
    let (r, c) = (rows as i32, columns as i32);
    let affine = |first: i32, row_step: i32, column_step: i32| Weights::Affine {
        first: first as u32,
        row_step,
        column_step,
    };
    match order {
        Order::RowByRow => (rows * columns + 3, affine(3, c, 1)),
        Order::Transposed => (rows * columns + 2, affine(1, 1, r)),
        Order::Backwards => (rows * columns, affine(r * c - 1, -c, -1)),
        Order::Spread => (rows * columns * 3, affine(0, 3 * c, 3)),
        Order::Constant => (1, affine(0, 0, 0)),
        Order::Table => {
            let count = rows * columns;
            let shuffled = (0..count).map(|i| (i * 7919 % count.max(1)) as u32).collect();
            (count, Weights::Table(shuffled))
        }
    }
}

/// Columns of noise; with `special`, every thirteenth number is a zero or infinite.
fn columns(seed: u64, count: usize, samples: usize, special: bool) -> Vec<Vec<f64>> {
    let mut values = noise(seed, count * samples);
    if special {
        for (i, x) in values.iter_mut().step_by(13).enumerate() {
            *x = [0.0, -0.0, f64::INFINITY, 0.0, f64::NEG_INFINITY, -0.0, 1e-320][i % 7];
        }
    }
    values.chunks(samples).map(<[f64]>::to_vec).collect()
}

fn check_block(rows: usize, inputs: usize, order: Order, samples: usize, special: bool) {
    let (count, weights) = weights(order, rows, inputs);
    let seed = (rows * 1000 + inputs * 10 + samples) as u64;
    let mut numbers = noise(seed, count);
    if special {
        for (i, x) in numbers.iter_mut().enumerate().skip(seed as usize % 5).step_by(7) {
            *x = [0.0, f64::INFINITY, f64::NAN, -0.0, f64::NEG_INFINITY][i % 5];
        }
    }
    let columns = columns(seed, inputs.max(1), samples, special);
    let mut sketch = Sketch::new(numbers, 0, columns, 72);
    let addresses: Vec<u32> = (0..inputs).map(|k| sketch.column(k * 5 % inputs)).collect();
    let targets = sketch.block(addresses, rows, weights);
    // What a block writes is there for the next instruction.
    if let Some(&last) = targets.last() {
        sketch.act(Action::Copy, &[last]);
    }
    check(&sketch);
}

#[test]
fn blocks_of_many_shapes() {
    let counts = [1, 7, 8, 9, 23, 24, 25, 63, 64, 65, 72];
    let mut turn = 0;
    for rows in 0..=20 {
        for inputs in 0..=20 {
            turn += 1;
            let (order, samples) = (ORDERS[turn % ORDERS.len()], counts[turn % counts.len()]);
            check_block(rows, inputs, order, samples, turn % 3 == 0);
        }
    }
    for order in ORDERS {
        for samples in counts {
            check_block(5, 7, order, samples, false);
            check_block(6, 3, order, samples, true);
        }
        check_block(128, 65, order, 72, false);
        check_block(17, 65, order, 100, true);
    }
}

fn check_outer(rows: usize, width: usize, samples: usize, scattered: bool, special: bool) {
    let seed = (rows * 999 + width * 17 + samples) as u64;
    let columns = columns(seed, (rows + width).max(1), samples, special);
    let count = rows * width;
    let mut sketch = Sketch::new(vec![], count as u32 + 5, columns, 72);
    let place = |i: usize| if scattered { i * 7919 % count.max(1) } else { i };
    sketch.outer(
        (0..rows).map(|r| sketch.column(r)).collect(),
        (0..width).map(|c| sketch.column(rows + c)).collect(),
        (0..count).map(|i| sketch.sum(2 + place(i))).collect(),
    );
    check(&sketch);
}

#[test]
fn outer_totals_of_many_shapes() {
    let counts = [1, 7, 8, 9, 23, 24, 25, 63, 64, 65, 72, 100, 150];
    let mut turn = 0;
    for rows in 0..=20 {
        for width in 0..=20 {
            turn += 1;
            check_outer(rows, width, counts[turn % counts.len()], turn % 2 == 0, turn % 3 == 0);
        }
    }
    for samples in counts {
        for scattered in [false, true] {
            check_outer(5, 6, samples, scattered, false);
            check_outer(7, 9, samples, scattered, true);
        }
    }
    check_outer(128, 65, 145, false, false);
    check_outer(128, 65, 72, true, true);
}

/// Products whose sums round differently in any other order, and sums that become -0 on the way.
#[test]
fn the_order_of_sums() {
    for samples in [1, 5, 8, 13, 72] {
        let ramp: Vec<f64> = (0..samples).map(|i| 1e16 / (i as f64 + 0.3)).collect();
        let sign: Vec<f64> = (0..samples).map(|i| if i % 3 == 0 { -1.0 } else { 0.7 }).collect();
        let tiny = vec![-1e-200; samples];
        let small = vec![1e-200; samples];
        let mut sketch = Sketch::new(vec![], 9, vec![ramp, sign, tiny, small], 72);
        let rows = vec![sketch.column(0), sketch.column(1), sketch.column(2)];
        let columns = vec![sketch.column(1), sketch.column(0), sketch.column(3)];
        let sums = (0..9).map(|i| sketch.sum(i)).collect();
        sketch.outer(rows, columns, sums);
        check(&sketch);
    }
}
