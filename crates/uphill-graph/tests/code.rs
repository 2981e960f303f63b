//! Every operation, at special numbers and at random ones of all magnitudes: the bits of `Op::value`.

use uphill_graph::{Address, Arity, Op, Pair, PairVisitor, Row, RowVisitor};

mod common;

use common::same_bits;

/// Where kernels end or change over, behind those of every suite.
const FURTHER: [f64; 6] = [3.0, 709.9, -745.5, 1e10, -1e16, 168.0];

fn special(position: usize) -> f64 {
    common::SPECIAL
        .get(position)
        .copied()
        .unwrap_or_else(|| FURTHER[position - common::SPECIAL.len()])
}

/// How many of these there are.
const COUNT: usize = common::SPECIAL.len() + FURTHER.len();

/// Random numbers, the same on every run.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Of any magnitude, but mostly of those at which kernels do something.
    fn number(&mut self) -> f64 {
        let sign = if self.unit() < 0.5 { 1.0 } else { -1.0 };
        match (self.unit() * 5.0) as u32 {
            0 => special((self.unit() * COUNT as f64) as usize),
            1 => sign * 2f64.powf(2000.0 * self.unit() - 1000.0),
            2 => sign * 2f64.powf(40.0 * self.unit() - 20.0),
            3 => (20.0 * self.unit() - 10.0).round(),
            _ => sign * 4.0 * self.unit(),
        }
    }
}

fn assert_same(op: Op, x: &[f64], computed: f64) {
    let expected = op.value(x);
    assert!(
        same_bits(computed, expected),
        "`{}` at {x:?}: {computed:e}, but `Op::value` gives {expected:e}",
        op.name()
    );
}

#[test]
fn every_operation_has_the_bits_of_the_table() {
    let mut random = Random(7);
    for &op in Op::ALL {
        let mut point = Vec::new();
        for sample in 0..12_000 {
            let count = match op.arity() {
                Arity::Exactly(count) => count,
                Arity::Any => sample % 7,
                Arity::Pairs => sample % 4 * 2,
            };
            point.clear();
            match (count, sample) {
                (1, 0..COUNT) => point.push(special(sample)),
                (2, _) if sample < COUNT * COUNT => {
                    point.extend([special(sample / COUNT), special(sample % COUNT)]);
                }
                _ => point.extend((0..count).map(|_| random.number())),
            }
            match *point {
                [x] => {
                    if let Some(Address::One(code)) = op.address() {
                        assert_same(op, &point, code(x));
                    }
                }
                [x, y] => {
                    if let Some(Address::Two(code)) = op.address() {
                        assert_same(op, &point, code(x, y));
                    }
                }
                _ => {}
            }
            if let Some(value) = op.visit(InLanes(&point)) {
                assert_same(op, &point, value);
            }
        }
    }
}

/// The value as loops over lanes compute it, by the short way where the operand is small enough for it.
struct InLanes<'x>(&'x [f64]);

impl RowVisitor for InLanes<'_> {
    type Output = f64;

    fn visit<R: Row<N>, const N: usize>(self) -> f64 {
        let x: [f64; N] = self.0.try_into().unwrap();
        match R::BOUND {
            Some(bound) if x[0].abs() <= bound || x[0].is_nan() => R::in_bounds(x),
            _ => R::in_lanes(x),
        }
    }
}

/// Which operations two rows are.
struct Ops;

impl PairVisitor for Ops {
    type Output = [Op; 2];

    fn visit<R: Row<1>, T: Row<1>>(self) -> [Op; 2] {
        [R::OP, T::OP]
    }
}

#[test]
fn addresses_are_given_by_the_number_of_operands() {
    for &op in Op::ALL {
        let due = match op.arity() {
            Arity::Exactly(count @ (1 | 2)) => Some(count),
            _ => None,
        };
        let given = op.address().map(|address| match address {
            Address::One(_) => 1,
            Address::Two(_) => 2,
        });
        assert_eq!(given, due, "`{}`", op.name());
    }
}

#[test]
fn two_at_once_have_the_bits_of_each() {
    let (mut random, mut pairs) = (Random(9), 0);
    for &one in Op::ALL {
        for &other in Op::ALL {
            let pair = one.beside(other);
            let as_rows = matches!(pair, Some(Pair::OfOne(_))).then_some([one, other]);
            assert_eq!(one.visit_beside(other, Ops), as_rows);
            let Some(pair) = pair else { continue };
            pairs += 1;
            for _ in 0..4000 {
                let (x, y) = (random.number(), random.number());
                let (y, two) = match pair {
                    Pair::OfOne(code) => (x, code(x)),
                    Pair::OfTwo(code) => (y, code(x, y)),
                };
                assert_same(one, &[x], two.0);
                assert_same(other, &[y], two.1);
            }
        }
    }
    assert!(pairs > 3, "{pairs} pairs");
}

#[test]
#[should_panic(expected = "`sin` takes Exactly(1) operands, not 2")]
fn a_wrong_number_of_operands_is_a_slip_of_the_program() {
    let _ = Op::Sin.value(&[1.0, 2.0]);
}
