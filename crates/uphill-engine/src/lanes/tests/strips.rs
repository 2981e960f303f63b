//! Strips: programs of simple instructions in which most values are read once and slots are used again.

use uphill_graph::{Op, Pair};

use super::sketch::{Sketch, noise};
use super::{COUNTS, check};
use crate::code::Action;

const SPECIAL: [f64; 8] =
    [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e200, -1e-310, 3.0];

/// Whatever a strip can be made of, with the number of its operands, and what can't be in one.
const ACTIONS: [(Action, usize); 42] = [
    (Action::Copy, 1),
    (Action::MultiplyAdd, 3),
    (Action::NegativeMultiplyAdd, 3),
    (Action::MultiplySubtract, 3),
    (Action::SigmoidSlope, 2),
    (Action::TanhSlope, 2),
    (Action::Dot, 2),
    (Action::Dot, 6),
    (Action::Dot, 4),
    (Action::Op(Op::Add), 2),
    (Action::Op(Op::Sub), 2),
    (Action::Op(Op::Mul), 2),
    (Action::Op(Op::Div), 2),
    (Action::Op(Op::Neg), 1),
    (Action::Op(Op::Recip), 1),
    (Action::Op(Op::Square), 1),
    (Action::Op(Op::Sqrt), 1),
    (Action::Op(Op::Relu), 1),
    (Action::Op(Op::Abs), 1),
    (Action::Op(Op::Sign), 1),
    (Action::Op(Op::Min), 2),
    (Action::Op(Op::Max), 2),
    (Action::Op(Op::Clamp), 3),
    (Action::Op(Op::Less), 2),
    (Action::Op(Op::LessEqual), 2),
    (Action::Op(Op::Greater), 2),
    (Action::Op(Op::GreaterEqual), 2),
    (Action::Op(Op::Equal), 2),
    (Action::Op(Op::NotEqual), 2),
    (Action::Op(Op::Select), 3),
    (Action::Op(Op::Sum), 1),
    (Action::Op(Op::Sum), 5),
    (Action::Op(Op::Product), 3),
    (Action::Op(Op::Exp), 1),
    (Action::Op(Op::Sin), 1),
    (Action::Op(Op::Cos), 1),
    (Action::Op(Op::Tanh), 1),
    (Action::Op(Op::Sigmoid), 1),
    (Action::Op(Op::Log1p), 1),
    (Action::Op(Op::Atan2), 2),
    (Action::Op(Op::Dot), 4),
    (Action::Op(Op::Mean), 2),
];

/// Numbers below a bound.
struct Dice {
    numbers: std::vec::IntoIter<f64>,
}

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice { numbers: noise(seed, 10_000).into_iter() }
    }

    fn below(&mut self, bound: usize) -> usize {
        let number = self.numbers.next().expect("enough numbers");
        ((number + 1.0) / 2.0 * bound as f64) as usize % bound
    }
}

/// A random program, the last value of which is an output; so are some others.
fn random(seed: u64, samples: usize, special: bool) -> Sketch {
    let mut dice = Dice::new(seed);
    let mut columns: Vec<Vec<f64>> =
        noise(seed + 1, 4 * samples).chunks(samples).map(<[f64]>::to_vec).collect();
    let mut numbers = vec![0.7, -1.3, 2.0, 0.0];
    if special {
        for column in &mut columns {
            for x in column.iter_mut().skip(dice.below(5)).step_by(9) {
                *x = SPECIAL[dice.below(SPECIAL.len())];
            }
        }
        numbers.extend([f64::INFINITY, -0.0]);
    }
    let count = numbers.len();
    let (length, sums) = (1 + dice.below(160), 40);
    let mut sketch = Sketch::new(numbers, sums, columns, 96);
    let slots = sketch.slots(2 + dice.below(6));
    // Slots that have been written.
    let mut there: Vec<u32> = (0..4).map(|k| sketch.column(k)).collect();
    let mut sum = 0;
    let mut last = there[0];
    for _ in 0..length {
        let mut operand = |sketch: &Sketch| match dice.below(6) {
            0 => sketch.number(dice.below(count)),
            1 | 2 => last,
            _ => there[dice.below(there.len())],
        };
        let vector = |sketch: &Sketch, address: u32| {
            if address < sketch.column(0) { sketch.column(1) } else { address }
        };
        let (x, y, z) = (operand(&sketch), operand(&sketch), operand(&sketch));
        let (x, y, z) = (vector(&sketch, x), vector(&sketch, y), vector(&sketch, z));
        match dice.below(8) {
            0 if sum < 40 => {
                sketch.push(Action::Total, sketch.sum(sum), &[x]);
                sum += 1;
            }
            1 if sum < 34 => {
                let shapes: [(&[u32], &[u32]); 5] = [
                    (&[x], &[y]),
                    (&[x], &[y, z]),
                    (&[x, y], &[z]),
                    (&[x, y], &[z, x]),
                    (&[x, y, z], &[x, y]),
                ];
                let (rows, columns) = shapes[dice.below(5)];
                let here = (0..rows.len() * columns.len()).map(|i| sketch.sum(sum + i)).collect();
                sum += rows.len() * columns.len();
                sketch.outer(rows.to_vec(), columns.to_vec(), here);
            }
            _ => {
                let (action, count) = ACTIONS[dice.below(ACTIONS.len())];
                let operands: Vec<u32> = (0..count)
                    .map(|_| match dice.below(6) {
                        0 => sketch.number(dice.below(4)),
                        1 | 2 => last,
                        _ => there[dice.below(there.len())],
                    })
                    .collect();
                // Functions that are computed at once, where the first does not write over its operand.
                let partner = match action {
                    Action::Op(op) => Op::ALL.iter().find(|other| {
                        matches!(op.beside(**other), Some(Pair::OfOne(_))) && dice.below(2) == 0
                    }),
                    _ => None,
                };
                let second = partner.map(|&other| Action::Op(other));
                for action in std::iter::once(action).chain(second) {
                    let target = slots[dice.below(slots.len())];
                    sketch.push(action, target, &operands);
                    there.retain(|&address| address != target);
                    there.push(target);
                    last = target;
                }
            }
        }
    }
    let mut outputs = vec![last];
    outputs.extend(there[4..].iter().filter(|&&address| address != last && dice.below(3) == 0));
    sketch.outputs = Some(outputs);
    sketch
}

#[test]
fn random_programs() {
    for seed in 0..300 {
        let samples = COUNTS.into_iter().chain([48, 95, 96, 100, 200]).nth(seed as usize % 17);
        check(&random(seed * 17, samples.expect("seventeen"), seed % 3 != 0));
    }
}

/// What is read in a loop behind a strip, or after one.
#[test]
fn values_that_outlive_their_strip() {
    use crate::code::Step;
    let columns: Vec<Vec<f64>> = noise(3, 3 * 50).chunks(50).map(<[f64]>::to_vec).collect();
    let mut sketch = Sketch::new(vec![0.5], 0, columns, 96);
    let kept = sketch.slots(3);
    for k in 0..3 {
        sketch.push(Action::Op(Op::Square), kept[k], &[sketch.column(k)]);
    }
    // Written before the loop, read by its second iteration alone.
    let target = sketch.slots(3);
    sketch.repeat(3, &[Step::By(1), Step::By(1), Step::By(0)], |sketch| {
        sketch.push(Action::Op(Op::Mul), target[0], &[kept[0], 0]);
    });
    // Written over by an instruction that is no part of a strip.
    let other = sketch.act(Action::Op(Op::Neg), &[target[2]]);
    sketch.push(Action::Op(Op::Cbrt), kept[0], &[other]);
    let last = sketch.act(Action::Op(Op::Add), &[kept[0], target[1]]);
    sketch.outputs = Some(vec![last, target[0]]);
    check(&sketch);
}
