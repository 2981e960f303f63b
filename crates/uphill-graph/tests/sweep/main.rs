//! Every rule of the table over its whole range, first and second derivatives, beside textbooks in 77 digits.
//!
//! A derivative may be wrong by a few units in its last place, and by a few times as much as the true one changes when an
//! operand moves by half a unit in *its* last place: nobody knows the operand better, and a rule may round it again. Points come from a seeded generator;
//! `UPHILL_SWEEP=100000` takes as many for each operation.

#[path = "../common/mod.rs"]
mod common;

#[path = "../../../uphill-kernels/tests/search/big.rs"]
#[allow(dead_code, reason = "the kernels' search asks for more functions")]
mod big;
#[path = "../../../uphill-kernels/tests/search/gamma.rs"]
#[allow(dead_code, reason = "the kernels' search asks for values too")]
mod gamma;
mod points;
mod textbook;

use std::collections::BTreeMap;

use big::Big;
use common::{by_duals, is_constant_operand, record_op};
use points::{Random, operands};
use textbook::{Derivatives, derivatives};
use uphill_graph::{Dual, Function, Inputs, Op, Scalar, Var};

/// Half a unit in the last place, relative to the number at most.
const HALF_ULP: f64 = f64::EPSILON / 2.0;

/// How many half units in the last place a first derivative may be wrong by, and a second one.
const FIRST: f64 = 12.0;
const SECOND: f64 = 24.0;

/// How many of the changes that half a unit of each operand makes.
const MOVED: f64 = 4.0;

/// A function with its derivatives, made once for many points.
struct Made {
    gradient: Function,
    hessian: Function,
    f: Function,
}

/// The worst that was found of one derivative.
struct Worst {
    count: usize,
    excess: f64,
    line: String,
}

#[derive(Default)]
struct Findings(BTreeMap<String, Worst>);

impl Findings {
    /// Holds one derivative beside the textbook's. `moved` are the textbook's at operands half a unit away.
    fn check(
        &mut self,
        entry: &str,
        mode: &str,
        at: &[f64],
        (found, due): (f64, Big),
        units: f64,
        moved: &dyn Fn() -> Big,
    ) {
        let whole = due.near();
        let error = if whole.is_infinite() || whole.abs() > f64::MAX * (1.0 - units * HALF_ULP) {
            // Beyond the largest number, or at it: infinite, or nearly.
            let well = found.abs() >= f64::MAX * (1.0 - units * HALF_ULP) && found * whole > 0.0;
            if well { 0.0 } else { f64::INFINITY }
        } else if !found.is_finite() {
            f64::INFINITY
        } else {
            let error = (Big::from(found) - due).abs();
            // Below the smallest normal number digits are lost.
            let least = Big::from(f64::MIN_POSITIVE);
            if error < least || error <= due.abs() * (units * HALF_ULP) {
                return;
            }
            let allowed = moved() * MOVED + least;
            if error <= allowed + due.abs() * (units * HALF_ULP) {
                return;
            }
            if due.is_zero() {
                f64::INFINITY
            } else {
                ((error - allowed) / (due.abs() * HALF_ULP)).near()
            }
        };
        if error > 0.0 {
            let line =
                format!("at {at:?}: {found:e}, due {whole:e}, {error:.3e} half units beyond");
            let worst = self.0.entry(format!("{entry}, {mode}")).or_insert_with(|| Worst {
                count: 0,
                excess: 0.0,
                line: String::new(),
            });
            worst.count += 1;
            if error > worst.excess {
                (worst.excess, worst.line) = (error, line);
            }
        }
    }
}

/// By how much entries of the derivatives change if each operand moves by half a unit in its last place.
fn changes(op: Op, x: &[f64], here: &Derivatives) -> Derivatives {
    let none = |of: &[Big]| vec![Big::from(0.0); of.len()];
    let mut sum = Derivatives { first: none(&here.first), second: none(&here.second) };
    for k in (0..x.len()).filter(|&k| !is_constant_operand(op, k) && op.differentiable(k)) {
        let half = (Big::from(x[k].abs().next_up()) - x[k].abs()) * 0.5;
        let beside = |way: f64| {
            let mut moved: Vec<Big> = x.iter().map(|&x| Big::from(x)).collect();
            moved[k] = moved[k] + half * way;
            derivatives(op, &moved)
        };
        let sides = [beside(1.0), beside(-1.0)];
        let add = |sum: &mut Vec<Big>, of: fn(&Derivatives) -> &Vec<Big>| {
            for (entry, total) in sum.iter_mut().enumerate() {
                let change = |side: &Derivatives| (of(side)[entry] - of(here)[entry]).abs();
                let largest = sides.iter().flatten().map(change).reduce(Big::max);
                *total = *total + largest.unwrap_or(Big::from(0.0));
            }
        };
        add(&mut sum.first, |d| &d.first);
        add(&mut sum.second, |d| &d.second);
    }
    sum
}

/// What a rule's own steps may add to an error, where they are known to lose more than the operands do.
fn own_steps(op: Op, x: &[f64], order: i32, due: Big, a: usize, all: &Derivatives) -> Big {
    match op {
        // The exponent `y - 1` is rounded, in units that are those of 1 for a small y.
        Op::Pow => due.abs() * (x[0].ln().abs() * HALF_ULP),
        // Weights of many operands come from one sum; their second derivatives may cancel.
        Op::LogSumExp if x.len() > 4 => all.first[a] * (SECOND * HALF_ULP),
        // From the third derivative of ln Φ on, terms cancel, between these down to roots, as its kernel says.
        Op::LogNdtrDerivative if x[0] as i32 + order > 2 => {
            let between = (-1.06..3.0).contains(&x[1]);
            let of = if between { due.abs().max(Big::from(1.0)) } else { due.abs() };
            of * (2e-15 * 4f64.powi(x[0] as i32 + order - 3))
        }
        _ => Big::from(0.0),
    }
}

/// The operation as a function of what it depends on: an operand that goes along follows from the first.
fn record(op: Op, at: &[f64]) -> Function {
    let (along, own) = match op {
        Op::SigmoidSlope => (Op::Sigmoid, 1),
        Op::TanhSlope => (Op::Tanh, 1),
        Op::Direction => (Op::Hypot, 2),
        _ => return record_op(op, at),
    };
    let recorded = Function::record(Inputs::new().variables("x", at.len()), |x| {
        let along = Var::apply(along, &x[..own]);
        Var::apply(op, &[&x[..own], &[along]].concat())
    });
    recorded.unwrap()
}

fn sweep(op: Op, count: usize, findings: &mut Findings) {
    let mut random =
        Random(op.name().bytes().fold(41, |sum, b| (sum << 5) ^ (sum >> 59) ^ u64::from(b)));
    let mut made: BTreeMap<Vec<u64>, Made> = BTreeMap::new();
    for _ in 0..count {
        let x = operands(&mut random, op);
        let n = x.len();
        let wide: Vec<Big> = x.iter().map(|&x| Big::from(x)).collect();
        let Some(due) = derivatives(op, &wide) else { continue };
        if !op.value(&x).is_finite() {
            continue;
        }
        let all = || due.first.iter().chain(&due.second);
        // Where one of them overflows, what is made of it may be infinite or NaN.
        let overflows = all().any(|due| due.near().is_nan() || due.near().abs() > f64::MAX / 4.0);
        let key = |k: usize| if is_constant_operand(op, k) { x[k].to_bits() } else { 0 };
        let made = made.entry((0..n).map(key).collect()).or_insert_with(|| {
            let f = record(op, &x);
            Made { gradient: f.gradient().unwrap(), hessian: f.hessian().unwrap(), f }
        });
        let change = std::cell::OnceCell::new();
        let change = || change.get_or_init(|| changes(op, &x, &due));
        let gradient = made.gradient.eval(&x).unwrap();
        let hessian = made.hessian.eval(&x).unwrap();
        let name = op.name();
        for a in 0..n {
            let entry = format!("{name}/{n} by {a}");
            let mut first = |mode: &str, found: f64| {
                let moved = || change().first[a] + own_steps(op, &x, 1, due.first[a], a, &due);
                findings.check(&entry, mode, &x, (found, due.first[a]), FIRST, &moved);
            };
            first("gradient", gradient[a]);
            let seed = |k: usize| if k == a { Dual::variable(x[k]) } else { Dual::constant(x[k]) };
            let duals: Vec<_> = (0..n).map(seed).collect();
            first("dual", made.f.eval_scalar(&duals).unwrap()[0].tangent);
            for b in 0..n {
                let entry = format!("{name}/{n} by {a} and {b}");
                let mut second = |mode: &str, found: f64| {
                    if overflows && !found.is_finite() {
                        return;
                    }
                    let entry_due = due.second[a * n + b];
                    let steps = || own_steps(op, &x, 2, entry_due, a, &due);
                    let moved = || change().second[a * n + b] + steps();
                    findings.check(&entry, mode, &x, (found, entry_due), SECOND, &moved);
                };
                second("Hessian", hessian[a * n + b]);
                second("nested duals", by_duals(&made.f, &x, &[a, b]));
            }
        }
    }
}

#[test]
fn every_rule_is_right_over_its_whole_range() {
    let asked = std::env::var("UPHILL_SWEEP").ok().and_then(|count| count.parse().ok());
    let count = asked.unwrap_or(500);
    let only = std::env::var("UPHILL_SWEEP_OP").ok();
    let mut findings = Findings::default();
    for &op in Op::ALL.iter().filter(|op| only.as_ref().is_none_or(|only| op.name() == only)) {
        sweep(op, count, &mut findings);
    }
    let lines: Vec<String> = findings
        .0
        .iter()
        .map(|(name, worst)| format!("{name}: {} points, worst {}", worst.count, worst.line))
        .collect();
    assert!(lines.is_empty(), "{} derivatives are beyond:\n{}", lines.len(), lines.join("\n"));
}
