//! Each operation by its row beside the general rule, which goes through lists and looks at every condition: bit for bit
//! the same, at special numbers, for operands that count never, always, and where a choice has kept them or not.

use smallvec::SmallVec;

use super::{Counts, Dual};
use crate::op::{Arity, Op};
use crate::scalar::Scalar;

const NUMBERS: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    5e-324,
    f64::MAX,
    0.5,
    -2.0,
    3.0,
    1.75,
    -0.3,
    -745.5,
    1e10,
];
const TANGENTS: [f64; 6] = [1.0, -2.5, 0.0, -0.0, f64::INFINITY, f64::NAN];

/// Each condition as it is written, whether its number is known or not.
fn general<S: Scalar>(op: Op, x: &[Dual<S>]) -> Dual<S> {
    let values: SmallVec<[S; 4]> = x.iter().map(|x| x.value).collect();
    let value = S::apply(op, &values);
    let chain = op.chain_all(&values, value, |k| x[k].tangent, |k| x[k].depends());
    let (mut tangent, mut counts) = (None, Counts::Never);
    for (x, term) in x.iter().zip(chain) {
        let Some(term) = term else { continue };
        let here = match term.only_if {
            None => x.counts,
            Some(condition) => {
                Counts::Where(condition.choose(x.counts.written(), S::constant(0.0)))
            }
        };
        let term = here.mask(term.value);
        tangent = Some(tangent.map_or(term, |sum| sum + term));
        counts = counts.or(here);
    }
    if let (Op::Select, [_, a, b]) = (op, x)
        && matches!((a.counts, b.counts), (Counts::Always, Counts::Always))
    {
        counts = Counts::Always;
    }
    Dual { value, tangent: tangent.unwrap_or(S::constant(0.0)), counts }
}

/// All numbers of a dual, and, of where it counts, what can be told apart further on.
trait Numbers: Scalar {
    fn numbers(self, into: &mut Vec<f64>);
}

impl Numbers for f64 {
    fn numbers(self, into: &mut Vec<f64>) {
        into.push(self);
    }
}

impl<S: Numbers> Numbers for Dual<S> {
    fn numbers(self, into: &mut Vec<f64>) {
        self.value.numbers(into);
        self.tangent.numbers(into);
        let known = self.counts.written().known().expect("a number");
        into.push(f64::from(u8::from(known != 0.0)));
        into.push(f64::from(u8::from(self.depends())));
    }
}

/// Random choices, the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % count
    }

    fn any<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn dual(&mut self, value: f64) -> Dual<f64> {
        let counts = match self.below(6) {
            0 => return Dual::constant(value),
            // Where it doesn't count, a tangent is 0.
            1 => return Dual { value, tangent: 0.0, counts: Counts::Where(0.0) },
            2 => Counts::Where(1.0),
            _ => Counts::Always,
        };
        Dual { value, tangent: self.any(&TANGENTS), counts }
    }

    fn nested(&mut self, value: f64) -> Dual<Dual<f64>> {
        let value = self.dual(value);
        let counts = match self.below(6) {
            0 => return Dual::constant(value),
            1 => {
                let counts = Counts::Where(Dual::constant(0.0));
                return Dual { value, tangent: Dual::constant(0.0), counts };
            }
            2 => Counts::Where(self.dual(1.0)),
            _ => Counts::Always,
        };
        let tangent = self.any(&TANGENTS);
        Dual { value, tangent: self.dual(tangent), counts }
    }
}

/// Every pair of special numbers, and random ones for more operands; whole ones where they must be.
fn points(op: Op, random: &mut Random) -> Vec<Vec<f64>> {
    let count = |sample: usize| match op.arity() {
        Arity::Exactly(count) => count,
        Arity::Any => 1 + sample % 6,
        Arity::Pairs => 2 + sample % 3 * 2,
    };
    let whole = op.whole_operand().map(|(k, _)| k);
    (0..600)
        .map(|sample| {
            (0..count(sample))
                .map(|k| match k {
                    _ if whole == Some(k) => random.any(&[0.0, 1.0, 2.0, 3.0, 7.0]),
                    0 => NUMBERS[sample % 16],
                    1 if sample < 256 => NUMBERS[sample / 16],
                    _ => random.any(&NUMBERS),
                })
                .collect()
        })
        .collect()
}

fn compare<S: Numbers>(op: Op, x: &[S], due: S, computed: S, failures: &mut Vec<String>) {
    let numbers = |x: S| {
        let mut all = Vec::new();
        x.numbers(&mut all);
        all
    };
    let (due, computed) = (numbers(due), numbers(computed));
    let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
    if !due.iter().zip(&computed).all(same) && failures.len() < 20 {
        failures.push(format!("`{}` at {x:?}: {computed:?}, and not {due:?}", op.name()));
    }
}

#[test]
fn rows_give_the_bits_of_the_general_rule() {
    let mut random = Random(11);
    let mut failures = Vec::new();
    for &op in Op::ALL {
        for point in points(op, &mut random) {
            for _ in 0..6 {
                let x: Vec<Dual<f64>> = point.iter().map(|&x| random.dual(x)).collect();
                compare(op, &x, general(op, &x), Dual::apply(op, &x), &mut failures);
            }
            let x: Vec<Dual<Dual<f64>>> = point.iter().map(|&x| random.nested(x)).collect();
            compare(op, &x, general(op, &x), Dual::apply(op, &x), &mut failures);
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
