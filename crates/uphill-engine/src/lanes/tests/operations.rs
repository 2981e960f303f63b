//! Every operation of the table, with every mixture of vectors and numbers, out of place and in place.

use uphill_graph::{Arity, Custom, CustomOp, Op, Scalar};

use super::sketch::Sketch;
use super::{COUNTS, check};
use crate::code::Action;

/// Zeros, ends of ranges, ties, and what lies between.
const SPECIAL: [f64; 34] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    3.0,
    -7.0,
    0.1,
    1e-3,
    -1e-9,
    1e-30,
    -1e-300,
    5e-324,
    -2.2e-308,
    1e-40,
    1e-45,
    20.0,
    -40.0,
    100.0,
    -710.0,
    746.0,
    1e10,
    1_073_741_824.0,
    -1_073_741_825.0,
    3.4e38,
    1e39,
    1e300,
    f64::MAX,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    std::f64::consts::FRAC_PI_2,
];

/// Enough of them for three operands.
const FEW: [f64; 8] = [0.0, -0.0, 1.0, -2.5, 1e200, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];

/// All operands that an operation is tried with, a sample each.
fn operands(op: Op) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> = op.samples().iter().map(|sample| sample.to_vec()).collect();
    match (op, op.arity()) {
        // Its order must be small: the kernel multiplies up to it.
        (Op::Polygamma | Op::ErfcxDerivative | Op::LogNdtrDerivative, _) => {
            for n in [0.0, 1.0, 2.0, 5.0] {
                all.extend(SPECIAL.iter().map(|&x| vec![n, x]));
            }
        }
        (_, Arity::Exactly(1)) => all.extend(SPECIAL.iter().map(|&x| vec![x])),
        (_, Arity::Exactly(2)) => {
            all.extend(SPECIAL.iter().flat_map(|&x| SPECIAL.iter().map(move |&y| vec![x, y])));
        }
        (_, Arity::Exactly(3)) => {
            for x in FEW {
                all.extend(FEW.iter().flat_map(|&y| FEW.iter().map(move |&z| vec![x, y, z])));
            }
        }
        (_, Arity::Exactly(_) | Arity::Any | Arity::Pairs) => {}
    }
    all
}

/// The operation on columns with these operands, some of which are numbers: those of the first sample. Then the same in
/// place of each operand.
fn sketch(op: Op, samples: &[Vec<f64>], numbers: usize) -> Sketch {
    let count = samples[0].len();
    let is_number = |k: usize| numbers >> k & 1 == 1;
    let columns: Vec<Vec<f64>> =
        (0..count).map(|k| samples.iter().map(|sample| sample[k]).collect()).collect();
    let mut sketch = Sketch::new(samples[0].clone(), 0, columns, 96);
    let addresses: Vec<u32> = (0..count)
        .map(|k| if is_number(k) { sketch.number(k) } else { sketch.column(k) })
        .collect();
    sketch.op(op, &addresses);
    for k in (0..count).filter(|&k| !is_number(k)) {
        let mut moved = addresses.clone();
        moved[k] = sketch.act(Action::Copy, &[addresses[k]]);
        sketch.push(Action::Op(op), moved[k], &moved);
    }
    sketch
}

#[test]
fn every_operation() {
    for &op in Op::ALL {
        let Arity::Exactly(count) = op.arity() else { continue };
        let all = operands(op);
        check(&sketch(op, &all, 0));
        // With small operands alone, as the bounded functions are used for.
        check(&sketch(
            op,
            &op.samples().iter().map(|sample| sample.to_vec()).collect::<Vec<_>>(),
            0,
        ));
        let steps = if count == 1 { 4 } else { all.len() / 7 };
        for (turn, start) in (0..all.len()).step_by(steps.max(1)).enumerate() {
            let mut some = all.clone();
            some.rotate_left(start);
            some.truncate(COUNTS[turn % COUNTS.len()].min(all.len()));
            for numbers in 1..1 << count {
                check(&sketch(op, &some, numbers));
            }
        }
    }
}

#[test]
fn every_count_of_samples() {
    for op in [Op::Add, Op::Sin, Op::Exp, Op::Select, Op::Hypot, Op::Xlogy, Op::Powi] {
        let all = operands(op);
        for count in COUNTS.into_iter().chain([95, 96, 97, 200]) {
            let some: Vec<Vec<f64>> = all.iter().cycle().skip(3).take(count).cloned().collect();
            check(&sketch(op, &some, 0));
            check(&sketch(op, &some, 1));
        }
    }
}

/// Lists of 0 to 20 operands.
#[test]
fn every_operation_on_lists() {
    let lists = Op::ALL.iter().filter(|op| !matches!(op.arity(), Arity::Exactly(_)));
    for &op in lists {
        for length in (0..=20).filter(|&length| op.arity().accepts(length)) {
            let samples = COUNTS[length % COUNTS.len()];
            let value = |k: usize, sample: usize| match (k * 5 + sample * 3) % 41 {
                special if special < SPECIAL.len() && sample.is_multiple_of(3) => SPECIAL[special],
                ordinary => (ordinary as f64 - 20.3) / 8.0,
            };
            let columns: Vec<Vec<f64>> = (0..length.max(1))
                .map(|k| (0..samples).map(|sample| value(k, sample)).collect())
                .collect();
            let numbers = vec![0.7, -1.3, 0.0, f64::INFINITY];
            let mut sketch = Sketch::new(numbers, 0, columns, 72);
            let vectors: Vec<u32> = (0..length).map(|k| sketch.column(k)).collect();
            sketch.op(op, &vectors);
            for period in [2, 3, 5] {
                for start in 0..4 {
                    let mixed: Vec<u32> = (0..length)
                        .map(|k| match (k + start) % period {
                            0 => sketch.number((k + start) % 4),
                            _ => vectors[k],
                        })
                        .collect();
                    sketch.op(op, &mixed);
                }
            }
            if length > 1 {
                // In place of an operand that is read late.
                let mut moved = vectors.clone();
                moved[length - 1] = sketch.act(Action::Copy, &[vectors[length - 1]]);
                sketch.push(Action::Op(op), moved[length - 1], &moved);
            }
            check(&sketch);
        }
    }
}

struct Tilted;

impl CustomOp for Tilted {
    fn name(&self) -> &str {
        "tilted_for_lanes"
    }
    fn arity(&self) -> usize {
        4
    }
    fn value(&self, x: &[f64]) -> f64 {
        x[0] * 3.0 + x[1] - x[2] / x[3]
    }
    fn partials<S: Scalar>(&self, x: &[S], _z: S) -> Vec<S> {
        let one = S::constant(1.0);
        vec![S::constant(3.0), one, -x[3].recip(), x[2] / x[3].square()]
    }
}

#[test]
fn custom_operations() -> Result<(), uphill_graph::Error> {
    let op = Custom::define(Tilted)?.op();
    for count in COUNTS {
        let samples: Vec<Vec<f64>> = (0..count)
            .map(|sample| (0..4).map(|k| SPECIAL[(sample * 7 + k * 3) % SPECIAL.len()]).collect())
            .collect();
        for numbers in 0..16 {
            check(&sketch(op, &samples, numbers));
        }
    }
    Ok(())
}
