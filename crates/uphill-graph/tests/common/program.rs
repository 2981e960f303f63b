//! Random programs over all operations: data that proptest makes and shrinks, run on any scalar.
//!
//! A program is a list of steps over a growing pool of values; picks are taken modulo the pool, so every list is one.
//! *Tame* programs are contractive: operands are moved into the operation's domain and the result is scaled, so that
//! values stay in [-1, 1] and slopes at most about 1, however deep the program. *Wild* ones apply operations as they
//! come: they overflow, divide by zero and breed NaN, as they should.

use std::fmt::{Debug, Formatter};

use proptest::prelude::*;
use uphill_graph::{Arity, Function, Inputs, Node, Op, Scalar};

#[derive(Clone)]
pub(crate) enum Pick {
    /// A value of the pool, the latest ones first.
    Value(u8),
    Constant(f64),
}

#[derive(Clone)]
pub(crate) struct Step {
    op: Op,
    picks: Vec<Pick>,
    named: bool,
}

impl Debug for Pick {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Pick::Value(back) => write!(f, "[{back}]"),
            Pick::Constant(number) => write!(f, "{number:?}"),
        }
    }
}

/// A step on a line of its own, also in the pretty form that proptest prints.
impl Debug for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let name = if self.named { " named" } else { "" };
        let picks: Vec<String> = self.picks.iter().map(|pick| format!("{pick:?}")).collect();
        write!(f, "{}({}){name}", self.op.name(), picks.join(", "))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) inputs: usize,
    steps: Vec<Step>,
    outputs: Vec<u8>,
    tame: bool,
}

fn pick() -> impl Strategy<Value = Pick> {
    let constant = prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, 0.5]);
    prop_oneof![8 => any::<u8>().prop_map(Pick::Value), 1 => constant.prop_map(Pick::Constant)]
}

fn step(tame: bool) -> impl Strategy<Value = Step> {
    const ARITHMETIC: [Op; 9] =
        [Op::Add, Op::Sub, Op::Mul, Op::Neg, Op::Div, Op::Add, Op::Mul, Op::Square, Op::Abs];
    // Wild programs hold more arithmetic: that is what simplifying works on.
    let op = prop_oneof![
        if tame { 3 } else { 1 } => prop::sample::select(Op::ALL),
        1 => prop::sample::select(ARITHMETIC.as_slice()),
    ];
    (op, prop::collection::vec(pick(), 6), any::<u8>()).prop_map(|(op, mut picks, dice)| {
        let count = match op.arity() {
            Arity::Exactly(n) => n,
            Arity::Any => 1 + usize::from(dice) % 5,
            Arity::Pairs => 2 + 2 * (usize::from(dice) % 3),
        };
        picks.truncate(count);
        let whole = f64::from(dice % 7);
        match op {
            Op::Powi => picks[1] = Pick::Constant(whole - 2.0),
            Op::Polygamma | Op::ErfcxDerivative | Op::LogNdtrDerivative => {
                picks[0] = Pick::Constant(whole % 4.0);
            }
            _ => {}
        }
        Step { op, picks, named: dice % 16 == 0 }
    })
}

pub(crate) fn programs(
    tame: bool,
    outputs: std::ops::RangeInclusive<usize>,
    steps: usize,
) -> impl Strategy<Value = Program> {
    let steps = prop::collection::vec(step(tame), 1..=steps);
    let outputs = prop::collection::vec(any::<u8>(), outputs);
    (1..=4_usize, steps, outputs).prop_map(move |(inputs, steps, outputs)| Program {
        inputs,
        steps,
        outputs,
        tame,
    })
}

/// Inputs for tame programs, clear of the ties that whole numbers would make.
pub(crate) fn tame_point() -> impl Strategy<Value = [f64; 4]> {
    prop::array::uniform4((-900..900_i32).prop_map(|k| f64::from(k) / 1000.0 + 0.000_123_4))
}

/// Inputs for wild programs: special numbers and others.
pub(crate) fn wild_point() -> impl Strategy<Value = [f64; 4]> {
    let special = prop::sample::select(super::SPECIAL.as_slice());
    prop::array::uniform4(prop_oneof![2 => special, 1 => -3.0..3.0, 1 => -1e300..1e300])
}

/// The operand `x` of number `k`, in [-1, 1], moved to where the operation is smooth and gentle.
fn moved<S: Scalar>(op: Op, k: usize, x: S) -> S {
    match (op, k) {
        // Between two steps.
        (Op::Floor | Op::Ceil, _) | (Op::Mod | Op::Fmod, 0) => 0.25 * x + 0.5,
        (Op::Round, _) => 0.25 * x + 1.0,
        (Op::Mod | Op::Fmod, 1) => 0.25 * x + 1.5,
        (Op::Erfcx, _) | (Op::ErfcxDerivative, 1) => 0.25 * x + 1.0,
        (Op::Powi | Op::Pow, 0)
        | (Op::Div | Op::Hypot | Op::Direction | Op::Atan2 | Op::Xlogy, 1) => 0.25 * x + 1.0,
        (Op::Recip | Op::Sqrt | Op::Cbrt | Op::Ln | Op::Log2 | Op::Log10, _) => 0.25 * x + 1.0,
        (Op::Acosh | Op::Gamma | Op::LnGamma | Op::Digamma | Op::Trigamma, _)
        | (Op::Polygamma, 1) => 0.25 * x + 2.0,
        (Op::Log1p, _) => 0.25 * x,
        (Op::Asin | Op::Acos | Op::Atanh | Op::OneMinusSquare | Op::Tan, _) => 0.5 * x,
        _ => x,
    }
}

/// The factor that brings the result back to [-1, 1] and the sum of slopes to about 1.
fn factor(op: Op, operands: usize) -> f64 {
    match op {
        Op::Sum | Op::Product => 1.0 / operands as f64,
        Op::Dot => 0.5 / operands as f64,
        Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Pow | Op::Xlogy | Op::Hypot | Op::Atan2 => 0.5,
        Op::Recip | Op::Square | Op::Sqrt | Op::Cbrt | Op::Exp2 | Op::Log2 | Op::Tan => 0.5,
        Op::Acosh | Op::Polygamma | Op::Sinh | Op::Cosh => 0.5,
        Op::Powi | Op::Acos | Op::LogSumExp => 0.35,
        Op::Exp | Op::Expm1 => 0.3,
        Op::Erf | Op::Softplus => 0.7,
        Op::Gamma | Op::Erfc | Op::Mod | Op::Fmod => 0.5,
        Op::LogNdtr | Op::LogNdtrDerivative => 0.35,
        Op::ErfcxDerivative => 0.25,
        _ => 1.0,
    }
}

impl Program {
    pub(crate) fn run<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        let mut pool = x[..self.inputs].to_vec();
        for step in &self.steps {
            let place = |back: u8| pool.len() - 1 - usize::from(back) % pool.len();
            let operand = |(k, pick): (usize, &Pick)| {
                let x = match *pick {
                    Pick::Constant(number) if super::is_constant_operand(step.op, k) => {
                        return S::constant(number);
                    }
                    Pick::Constant(number) => S::constant(number),
                    Pick::Value(back) => pool[place(back)],
                };
                if self.tame { moved(step.op, k, x) } else { x }
            };
            let operands: Vec<S> = step.picks.iter().enumerate().map(operand).collect();
            let value = S::apply(step.op, &operands);
            let value = if self.tame { value * factor(step.op, operands.len()) } else { value };
            pool.push(if step.named { value.named("v") } else { value });
        }
        // Outputs among the last few values, so that most steps matter.
        let last = |&back: &u8| pool[pool.len() - 1 - usize::from(back) % pool.len().min(4)];
        self.outputs.iter().map(last).collect()
    }

    pub(crate) fn record(&self) -> Function {
        let recorder = uphill_graph::Recorder::new();
        let x = recorder.inputs(Inputs::new().variables("x", self.inputs)).unwrap();
        for (k, output) in self.run(&x).into_iter().enumerate() {
            recorder.output(format!("P{k}"), output);
        }
        recorder.finish().unwrap()
    }
}

/// Which way every operation with a kink goes at `x`: where this is constant the function is smooth.
pub(crate) fn branches(f: &Function, x: &[f64]) -> Vec<Option<std::cmp::Ordering>> {
    let values = f.node_values(x).unwrap();
    let mut ways = Vec::new();
    for id in f.graph().ids() {
        let Node::Op(op, operands) = f.graph().node(id) else { continue };
        let value = |k: usize| values[uphill_graph::NodeId::index(operands[k])];
        match op {
            Op::Abs | Op::Sign | Op::Relu | Op::Select | Op::Softsign => {
                ways.push(value(0).partial_cmp(&0.0));
            }
            Op::Min | Op::Max | Op::Clamp => {
                let pairs = (0..operands.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
                ways.extend(pairs.map(|(a, b)| value(a).partial_cmp(&value(b))));
            }
            Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual => {
                ways.push(value(0).partial_cmp(&value(1)));
            }
            Op::Equal | Op::NotEqual => ways.push(value(0).partial_cmp(&value(1))),
            _ => {}
        }
    }
    ways
}
