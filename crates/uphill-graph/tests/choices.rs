//! What a choice leaves out leaves no trace: a function with choices has, at any point, the derivatives of the function
//! of what was chosen there, to third order and in every mode, whatever infinities and NaN the branches left out hold.

mod common;

use common::{along, by_gradients, close};
use proptest::prelude::*;
use uphill_graph::{Dual, Function, Inputs, Op, Scalar};

/// A formula over two inputs, with choices.
#[derive(Debug, Clone)]
enum Formula {
    /// One of the inputs, or of the numbers behind them.
    Input(usize),
    One(Op, Box<Formula>),
    Two(Op, Box<Formula>, Box<Formula>),
    /// Where the first is positive the second, else the third.
    Choice(Box<[Formula; 3]>),
}

/// Numbers come as parameters: a known factor of 0 would be no dependence.
const NUMBERS: [f64; 6] = [0.0, 0.5, 1.0, -1.0, 3.0, 1000.0];
const ZERO: Formula = Formula::Input(2);
const HALF: Formula = Formula::Input(3);

/// Operations with poles, infinite slopes and overflows, and some without.
const ONE: [Op; 12] = [
    Op::Sqrt,
    Op::Ln,
    Op::Recip,
    Op::Exp,
    Op::Cbrt,
    Op::Asin,
    Op::Square,
    Op::Neg,
    Op::Sin,
    Op::Sigmoid,
    Op::Relu,
    Op::Relu,
];
const TWO: [Op; 6] = [Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Max, Op::Min];

fn formulas() -> impl Strategy<Value = Formula> {
    let leaf = prop_oneof![3 => 0..2_usize, 1 => 2..2 + NUMBERS.len()].prop_map(Formula::Input);
    leaf.prop_recursive(5, 24, 3, |inner| {
        let one = (prop::sample::select(ONE.as_slice()), inner.clone());
        let two = (prop::sample::select(TWO.as_slice()), inner.clone(), inner.clone());
        prop_oneof![
            3 => one.prop_map(|(op, x)| Formula::One(op, x.into())),
            2 => two.prop_map(|(op, x, y)| Formula::Two(op, x.into(), y.into())),
            3 => [inner.clone(), inner.clone(), inner].prop_map(|all| Formula::Choice(all.into())),
        ]
    })
}

impl Formula {
    fn run<S: Scalar>(&self, x: &[S]) -> S {
        match self {
            Formula::Input(k) => x[*k],
            Formula::One(op, a) => S::apply(*op, &[a.run(x)]),
            Formula::Two(op, a, b) => S::apply(*op, &[a.run(x), b.run(x)]),
            Formula::Choice(all) => {
                let [c, a, b] = &**all;
                S::select(c.run(x).greater(S::constant(0.0)), a.run(x), b.run(x))
            }
        }
    }

    /// The formula of what is chosen at a point: no choices are left.
    fn chosen(&self, at: &[f64]) -> Formula {
        match self {
            Formula::Input(_) => self.clone(),
            Formula::One(Op::Relu, a) if a.run(at) > 0.0 => a.chosen(at),
            Formula::One(Op::Relu, a) if a.run(at) <= 0.0 => ZERO,
            Formula::One(op, a) => Formula::One(*op, a.chosen(at).into()),
            Formula::Two(op @ (Op::Max | Op::Min), a, b) => {
                let (x, y) = (a.run(at), b.run(at));
                let larger = if *op == Op::Max { x > y } else { x < y };
                if larger {
                    a.chosen(at)
                } else if x == y {
                    let sum = Formula::Two(Op::Add, a.chosen(at).into(), b.chosen(at).into());
                    Formula::Two(Op::Mul, HALF.into(), sum.into())
                } else {
                    b.chosen(at)
                }
            }
            Formula::Two(op, a, b) => Formula::Two(*op, a.chosen(at).into(), b.chosen(at).into()),
            Formula::Choice(all) => {
                let [c, a, b] = &**all;
                if c.run(at) > 0.0 { a.chosen(at) } else { b.chosen(at) }
            }
        }
    }

    fn record(&self) -> Function {
        let mut inputs = Inputs::new().variables("x", 2);
        for k in 0..NUMBERS.len() {
            inputs = inputs.parameter(format!("n{k}"));
        }
        Function::record(inputs, |x| self.run(x)).unwrap()
    }

    /// The second derivative by nested duals.
    fn nested(&self, at: &[f64], a: usize, b: usize) -> f64 {
        let unit = |k: usize, axis: usize| if k == axis { 1.0 } else { 0.0 };
        let seed = |k: usize| along(along(at[k], unit(k, a)), Dual::constant(unit(k, b)));
        self.run(&(0..at.len()).map(seed).collect::<Vec<_>>()).tangent.tangent
    }
}

fn unit(axis: usize) -> [f64; 2] {
    if axis == 0 { [1.0, 0.0] } else { [0.0, 1.0] }
}

/// Derivatives of first to third order, by every mode.
fn derivatives(formula: &Formula, f: &Function, at: &[f64]) -> Vec<(String, f64)> {
    let mut all = Vec::new();
    let gradient = f.gradient().unwrap();
    let (slopes, hessian) = (gradient.eval(at).unwrap(), f.hessian().unwrap().eval(at).unwrap());
    let (jvp, hvp) = (f.jvp().unwrap(), gradient.jvp().unwrap());
    for a in 0..2 {
        let along_a = [at, &unit(a)].concat();
        let moves = |k: usize| along(at[k], if k == a { 1.0 } else { 0.0 });
        let duals: Vec<Dual<f64>> = (0..at.len()).map(moves).collect();
        all.push((format!("reverse {a}"), slopes[a]));
        all.push((format!("forward (jvp) {a}"), jvp.eval(&along_a).unwrap()[0]));
        all.push((format!("forward (dual) {a}"), formula.run(&duals).tangent));
        let by_hvp = hvp.eval(&along_a).unwrap();
        for b in 0..2 {
            all.push((format!("hessian {b} {a}"), hessian[b * 2 + a]));
            all.push((format!("forward over reverse {b} {a}"), by_hvp[b]));
            all.push((format!("nested duals {a} {b}"), formula.nested(at, a, b)));
        }
        all.push((format!("third {a}"), by_gradients(f, at, &[a, a, a])));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2048,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_left_out_leaves_no_trace(
        formula in formulas(),
        at in prop::array::uniform2(prop::sample::select(vec![0.0, 1.0, -1.0, 0.25, 3.0, -1000.0])),
    ) {
        let at = [at.as_slice(), &NUMBERS].concat();
        let chosen = formula.chosen(&at);
        let (f, due) = (formula.record(), chosen.record());
        // Where what was chosen is infinite or unknown in the middle, so may be what comes of it.
        let finite = |f: &Function| f.node_values(&at).unwrap().iter().all(|x| x.is_finite());
        prop_assume!(finite(&due) && f.value(&at).unwrap().is_finite());
        prop_assume!(finite(&due.gradient().unwrap()) && finite(&due.hessian().unwrap()));
        let (found, due) = (derivatives(&formula, &f, &at), derivatives(&chosen, &due, &at));
        for ((mode, found), (_, due)) in found.into_iter().zip(due) {
            prop_assert!(!due.is_finite() || close(found, due, 1e-9), "{mode} at {at:?}: {found:?}, due {due:?}\n{f}\n{chosen:?}");
        }
    }
}
