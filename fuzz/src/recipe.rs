//! Programs made of bytes: steps over a growing pool of values, with loops, layers and repetitions among them, which the
//! compiler looks for. Any bytes are a program.

use arbitrary::{Result, Unstructured};
use uphill_graph::{
    Arity, At, Error, Function, Index, Inputs, Op, Recorder, Scalar, Table, Var, loops,
};

/// How many values a program may compute by steps.
const STEPS: usize = 24;
/// Vectors are so long; loops run as often, or not at all.
const LENGTH: usize = 12;

/// A program as data.
#[derive(Debug)]
pub(crate) struct Recipe {
    pub(crate) inputs: usize,
    steps: Vec<Step>,
    outputs: usize,
}

#[derive(Debug)]
enum Step {
    /// An operation on values of the pool, or on constants.
    Apply(Op, Vec<Pick>, bool),
    /// So many weighted sums of the same values, each through an operation.
    Layer(Op, usize, usize, f64),
    /// Some steps of a recursion, in a loop.
    Fold(Op, Op, usize, usize),
    /// The sum over all entries of a vector made of the pool.
    Sum(Op, usize, bool),
    /// The same operation again and again, not in a loop: one is found.
    Repeat(Op, usize, f64),
    /// All that a loop keeps, read the other way round.
    Scan(Op, usize),
}

#[derive(Debug, Clone, Copy)]
enum Pick {
    Value(usize),
    Constant(f64),
}

fn operation(u: &mut Unstructured<'_>) -> Result<Op> {
    const ARITHMETIC: [Op; 8] =
        [Op::Add, Op::Sub, Op::Mul, Op::Neg, Op::Div, Op::Square, Op::Abs, Op::Select];
    let choice = usize::from(u.arbitrary::<u8>()?);
    Ok(match choice.checked_sub(Op::ALL.len()) {
        None => Op::ALL[choice],
        Some(other) => ARITHMETIC[other % ARITHMETIC.len()],
    })
}

/// An operation on one number.
fn curve(u: &mut Unstructured<'_>) -> Result<Op> {
    let all: Vec<Op> =
        Op::ALL.iter().copied().filter(|op| op.arity() == Arity::Exactly(1)).collect();
    Ok(all[usize::from(u.arbitrary::<u8>()?) % all.len()])
}

/// Arithmetic on two numbers.
fn pair(u: &mut Unstructured<'_>) -> Result<Op> {
    const PAIRS: [Op; 8] =
        [Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Max, Op::Min, Op::Hypot, Op::Atan2];
    Ok(PAIRS[usize::from(u.arbitrary::<u8>()?) % PAIRS.len()])
}

fn constant(u: &mut Unstructured<'_>) -> Result<f64> {
    const CONSTANTS: [f64; 8] = [0.0, -0.0, 1.0, -1.0, 0.5, 0.1, -1.25, 3.0];
    Ok(CONSTANTS[usize::from(u.arbitrary::<u8>()?) % CONSTANTS.len()])
}

fn count(u: &mut Unstructured<'_>, most: usize) -> Result<usize> {
    Ok(usize::from(u.arbitrary::<u8>()?) % (most + 1))
}

impl Step {
    fn read(u: &mut Unstructured<'_>) -> Result<Step> {
        Ok(match u.arbitrary::<u8>()? % 16 {
            0 => Step::Layer(curve(u)?, count(u, 7)?, count(u, 7)?, constant(u)?),
            1 => Step::Fold(curve(u)?, pair(u)?, count(u, LENGTH)?, count(u, 255)?),
            2 => Step::Sum(curve(u)?, count(u, LENGTH)?, u.arbitrary()?),
            3 => Step::Repeat(curve(u)?, count(u, 20)?, constant(u)?),
            4 => Step::Scan(pair(u)?, count(u, LENGTH)?),
            _ => {
                let op = operation(u)?;
                let arity = match op.arity() {
                    Arity::Exactly(count) => count,
                    Arity::Any => 1 + count(u, 6)?,
                    Arity::Pairs => 2 * (1 + count(u, 3)?),
                };
                let mut picks = Vec::with_capacity(arity);
                for _ in 0..arity {
                    picks.push(match u.arbitrary::<u8>()? {
                        240.. => Pick::Constant(constant(u)?),
                        back => Pick::Value(usize::from(back)),
                    });
                }
                if let Some((place, range)) = op.whole_operand() {
                    let whole = f64::from(u.arbitrary::<u8>()? % 7) - 2.0;
                    picks[place] = Pick::Constant(whole.max(*range.start()).min(*range.end()));
                }
                Step::Apply(op, picks, u.arbitrary::<u8>()? % 8 == 0)
            }
        })
    }

    fn write<'g>(&self, recorder: &'g Recorder, pool: &mut Vec<Var<'g>>) {
        let at = |pool: &[Var<'g>], back: usize| pool[pool.len() - 1 - back % pool.len()];
        let last = at(pool, 0);
        match self {
            Step::Apply(op, picks, named) => {
                let operand = |pick: &Pick| match *pick {
                    Pick::Constant(number) => Var::constant(number),
                    Pick::Value(back) => at(pool, back),
                };
                let operands: Vec<Var<'g>> = picks.iter().map(operand).collect();
                let value = Var::apply(*op, &operands);
                pool.push(if *named { value.named("v") } else { value });
            }
            Step::Layer(op, rows, width, bias) => {
                let below: Vec<Var<'g>> = (0..=*width).map(|back| at(pool, back)).collect();
                for row in 0..=*rows {
                    let weight = |k: usize| 0.25 + ((3 * row + 5 * k) % 7) as f64 / 4.0;
                    let weighted = below.iter().enumerate().map(|(k, &x)| weight(k) * x);
                    let sum = weighted.fold(Var::constant(*bias), |sum, term| sum + term);
                    pool.push(Var::apply(*op, &[sum]));
                }
            }
            Step::Fold(curve, pair, turns, back) => {
                let (first, other) = (at(pool, *back), at(pool, *back / 3));
                pool.push(loops::fold(0..*turns, first, |i: Index<Var<'_>>, state| {
                    let moved = Var::apply(*curve, &[state]) * 0.5;
                    Var::apply(*pair, &[moved, other + i.value()])
                }));
            }
            Step::Sum(curve, turns, tabulated) => {
                let entries: Vec<Var<'g>> = (0..LENGTH).map(|back| at(pool, back)).collect();
                let vector = recorder.vector(&entries);
                let table =
                    Table::new((0..LENGTH).map(|k| 5 * k % LENGTH), LENGTH).expect("places");
                let numbers: Vec<f64> = (0..LENGTH).map(|k| k as f64 / 4.0 - 1.0).collect();
                pool.push(loops::sum(0..*turns, |i| {
                    let x = if *tabulated { vector.at(table.at(i)) } else { vector.at(i) };
                    Var::apply(*curve, &[x]) * i.of(&numbers)
                }));
            }
            Step::Repeat(curve, turns, shift) => {
                let mut value = last;
                for _ in 0..*turns {
                    value = Var::apply(*curve, &[value]) * 0.5 + *shift;
                }
                pool.push(value);
            }
            Step::Scan(pair, turns) => {
                let (end, all) = loops::scan(0..*turns, last, |_, state| {
                    let next = Var::apply(*pair, &[state, Var::constant(0.75)]);
                    (next, state)
                });
                pool.push(end);
                if *turns > 0 {
                    let back = loops::sum(0..*turns, |i| all.at(*turns - 1 - i) * i.value());
                    pool.push(back);
                }
            }
        }
    }
}

impl Recipe {
    pub(crate) fn read(u: &mut Unstructured<'_>) -> Result<Recipe> {
        let inputs = 1 + count(u, 3)?;
        let outputs = 1 + count(u, 2)?;
        let steps = 1 + count(u, STEPS - 1)?;
        let steps = (0..steps).map(|_| Step::read(u)).collect::<Result<_>>()?;
        Ok(Recipe { inputs, steps, outputs })
    }

    /// The function, whose outputs are among its last values.
    pub(crate) fn record(&self) -> std::result::Result<Function, Error> {
        let recorder = Recorder::new();
        let mut pool = recorder.inputs(Inputs::new().variables("x", self.inputs))?;
        for step in &self.steps {
            step.write(&recorder, &mut pool);
        }
        for output in 0..self.outputs {
            recorder.output(format!("P{output}"), pool[pool.len() - 1 - output % pool.len()]);
        }
        recorder.finish()
    }
}
