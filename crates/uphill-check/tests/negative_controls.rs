//! A judge that never says no is none: wrong derivatives of every operation of the table, and of whole functions, must
//! be caught, by name; and the right ones must pass beside them.

use uphill_check as check;
use uphill_check::{Report, Verdict};
use uphill_graph::{Function, Inputs, Op, Recorder, Scalar, Var};

/// One operation as a function of the operands that it depends on differentiably, the others held fixed.
struct Alone {
    op: Op,
    at: Vec<f64>,
    /// The operands that are inputs.
    free: Vec<usize>,
    function: Function,
}

impl Alone {
    fn new(op: Op, at: &[f64]) -> Alone {
        let free: Vec<usize> = (0..at.len()).filter(|&k| op.differentiable(k)).collect();
        let names: Vec<String> = free.iter().map(|k| format!("x{k}")).collect();
        // The output has a name of its own, even where the operation comes to one of its operands.
        let recorder = Recorder::new();
        let v = recorder.inputs(names).expect("the names differ");
        let operand = |k: usize| match free.iter().position(|&free| free == k) {
            Some(position) => v[position],
            None => Var::from(at[k]),
        };
        let operands: Vec<Var<'_>> = (0..at.len()).map(operand).collect();
        recorder.output("P", Var::apply(op, &operands));
        let function = recorder.finish();
        Alone { op, at: at.to_vec(), free, function: function.expect("it can be recorded") }
    }

    fn point(&self) -> Vec<f64> {
        self.free.iter().map(|&k| self.at[k]).collect()
    }

    /// What the row's rules give.
    fn partials(&self) -> Vec<f64> {
        let z = self.op.value(&self.at);
        self.free.iter().map(|&k| self.op.partial(k, &self.at, z)).collect()
    }

    fn check(&self, partials: Vec<f64>) -> Report {
        let check = check::gradient(&self.function).computed(move |_| partials.clone());
        check.at(&self.point()).report().expect("there is something to compare")
    }
}

type Mutation = fn(f64) -> f64;

/// Ways to get a rule wrong: name, and the wrong number in place of the right one.
const MUTATIONS: &[(&str, Mutation)] = &[
    ("a wrong sign", |partial| -partial),
    ("a dropped term", |_| 0.0),
    ("a factor 2 too many", |partial| 2.0 * partial),
    ("a factor 2 missing", |partial| 0.5 * partial),
    ("the partial of a sum", |_| 1.0),
    ("a millionth too much", |partial| partial * (1.0 + 1e-6)),
    ("not a number", |_| f64::NAN),
];

/// Whether a wrong number is wrong by more than the tolerance of 1e-7.
fn differs(right: f64, wrong: f64) -> bool {
    wrong.is_nan() || (right - wrong).abs() > 5e-7 * right.abs().max(wrong.abs())
}

fn caught(alone: &Alone, position: usize, mutant: Vec<f64>, what: &str) {
    let report = alone.check(mutant);
    let (op, operand) = (alone.op.name(), alone.free[position]);
    let context = format!("{what} in `{op}`, operand {operand}, at {:?}:\n{report}", alone.at);
    assert!(!report.passed(), "not caught: {context}");
    let entry = report.entry(&format!("dP/dx{operand}"));
    let entry = entry.unwrap_or_else(|| panic!("no entry: {context}"));
    let alarmed = matches!(entry.verdict, Verdict::Disagrees | Verdict::NotFinite);
    assert!(alarmed, "blamed on another operand: {context}");
}

#[test]
fn a_wrong_rule_of_any_operation_is_caught() {
    let mut mutants = 0;
    for &op in Op::ALL {
        let samples = op.samples();
        let operands = samples.iter().map(|at| at.len()).max().unwrap_or(0);
        let mut caught_by_operand = vec![0; operands];
        for at in &samples {
            let alone = Alone::new(op, at);
            if alone.free.is_empty() {
                continue;
            }
            let right = alone.partials();
            let report = alone.check(right.clone());
            assert!(report.passed(), "a false alarm for `{}` at {at:?}:\n{report}", op.name());
            for position in 0..right.len() {
                for (what, mutate) in MUTATIONS {
                    let mut mutant = right.clone();
                    mutant[position] = mutate(right[position]);
                    if differs(right[position], mutant[position]) {
                        caught(&alone, position, mutant, what);
                        caught_by_operand[alone.free[position]] += 1;
                        mutants += 1;
                    }
                }
            }
            for (first, second) in [(0, 1), (1, 2), (0, 2)] {
                if second < right.len() && differs(right[first], right[second]) {
                    let mut mutant = right.clone();
                    mutant.swap(first, second);
                    caught(&alone, first, mutant.clone(), "swapped operands");
                    caught(&alone, second, mutant, "swapped operands");
                    mutants += 1;
                }
            }
        }
        for (operand, &count) in caught_by_operand.iter().enumerate() {
            let tried = count >= 2 || !op.differentiable(operand);
            assert!(tried, "operand {operand} of `{}` was hardly tried: {count}", op.name());
        }
    }
    assert!(mutants > 500, "only {mutants} mutants were made");
}

/// `w1` comes in twice: through the product and through the exponential. `w1b` stands for its second way in.
fn composition<'g>(w: &[Var<'g>], w1b: Var<'g>) -> Var<'g> {
    let hidden = (w[0] * w[1] + w[2].sin()).tanh();
    hidden * w[3] + (w1b * -0.5).exp() * w[4].softplus() + (w[4] - w[2]).square()
}

fn record(inputs: impl Into<Inputs>, code: impl for<'g> FnOnce(&[Var<'g>]) -> Var<'g>) -> Function {
    Function::record(inputs, code).expect("the test's function can be recorded")
}

fn five() -> Function {
    record(["w1", "w2", "w3", "w4", "w5"], |w| composition(w, w[0]))
}

const POINT: [f64; 5] = [0.4, -1.2, 0.9, 2.0, -0.3];

#[test]
fn a_dropped_term_of_the_chain_rule_is_caught() {
    // The same function with the second way in held fixed: its gradient lacks that term.
    let inputs = Inputs::from(["w1", "w2", "w3", "w4", "w5"]).parameter("w1b");
    let lacking = record(inputs, |w| composition(w, w[5])).gradient().unwrap();
    let f = five();
    check::gradient(&f).at(&POINT).assert();
    let computed = |x: &[f64]| {
        let mut x = x.to_vec();
        x.push(x[0]);
        lacking.eval(&x).unwrap()
    };
    let report = check::gradient(&f).computed(computed).at(&POINT).report().unwrap();
    let wrong: Vec<&str> = names_that_disagree(&report);
    assert_eq!(wrong, ["dP/dw1"], "{report}");
}

#[test]
fn one_wrong_sign_is_caught_and_explained() {
    let f = five();
    let gradient = f.gradient().unwrap();
    for wrong in 0..5 {
        let computed = |x: &[f64]| {
            let mut slopes = gradient.eval(x).unwrap();
            slopes[wrong] = -slopes[wrong];
            slopes
        };
        let report = check::gradient(&f).computed(computed).at(&POINT).report().unwrap();
        let name = format!("dP/dw{}", wrong + 1);
        assert_eq!(names_that_disagree(&report), [name.as_str()], "{report}");
        let advice = report.advice().join("\n");
        assert!(
            advice.contains(&format!("{name} is the expected one with the other sign")),
            "{advice}"
        );
    }
}

#[test]
fn a_transposed_jacobian_is_caught_and_explained() {
    let f = Function::record_many(["x", "y", "z"], |v| {
        vec![v[0] * v[1] + v[2], v[1].sin() * v[2], v[0].exp() + v[1]]
    });
    let f = f.unwrap();
    let jacobian = f.jacobian().unwrap();
    check::jacobian(&f).at(&[0.3, 0.8, -1.1]).assert();
    let computed = |x: &[f64]| {
        let rows = jacobian.eval(x).unwrap();
        (0..9).map(|entry| rows[entry % 3 * 3 + entry / 3]).collect()
    };
    let report = check::jacobian(&f).computed(computed).at(&[0.3, 0.8, -1.1]).report().unwrap();
    assert!(!report.passed());
    assert!(report.to_string().contains("expected ones transposed"), "{report}");
}

#[test]
fn a_wrong_entry_of_a_hessian_is_caught() {
    let f = five();
    let hessian = f.hessian().unwrap();
    check::hessian(&f).at(&POINT).assert();
    for wrong in 0..25 {
        let right = hessian.eval(&POINT).unwrap()[wrong];
        let computed = |x: &[f64]| {
            let mut entries = hessian.eval(x).unwrap();
            entries[wrong] += 1e-3 * right.abs().max(1.0);
            entries
        };
        let report = check::hessian(&f).computed(computed).at(&POINT).report().unwrap();
        let name = format!("d2P/dw{}dw{}", wrong / 5 + 1, wrong % 5 + 1);
        assert_eq!(names_that_disagree(&report), [name.as_str()], "{report}");
    }
}

#[test]
fn mutants_are_caught_between_two_sets_of_numbers() {
    let f = five();
    let right = check::Gradient::of(&f, &POINT).unwrap();
    check::against(&right, &right).assert();
    for wrong in 0..5 {
        for (what, mutate) in MUTATIONS {
            let mutant = right.iter().enumerate();
            let mutant: check::Gradient = mutant
                .map(|(k, (name, value))| (name, if k == wrong { mutate(value) } else { value }))
                .collect();
            let report = check::against(&mutant, &right).report().unwrap();
            assert!(!report.passed(), "{what}: {report}");
            assert_eq!(report.worst().unwrap().name, right.names()[wrong], "{report}");
        }
    }
}

/// No false alarms among correct gradients of compositions drawn at random, and no wrong one missed.
#[test]
fn random_compositions_pass_and_their_mutants_do_not() {
    for seed in 0..300 {
        let mut draw = Draw(seed);
        let f = record(["a", "b", "c"], |v| draw.composition(v));
        let x: Vec<f64> = (0..3).map(|_| draw.below(4001) as f64 / 1000.0 - 2.0).collect();
        let report = check::gradient(&f).at(&x).report().unwrap();
        assert!(report.passed(), "seed {seed}, at {x:?}:\n{report}\n{f:?}");
        let gradient = f.gradient().unwrap();
        let wrong = draw.below(3);
        let right = gradient.eval(&x).unwrap()[wrong];
        if right.abs() < 1e-6 {
            continue;
        }
        let computed = |x: &[f64]| {
            let mut slopes = gradient.eval(x).unwrap();
            slopes[wrong] *= 1.0 + 1e-4;
            slopes
        };
        let report = check::gradient(&f).computed(computed).at(&x).report().unwrap();
        assert!(!report.passed(), "seed {seed}, at {x:?}:\n{report}");
    }
}

/// A small generator (Steele, Lea and Flood's SplitMix64), the same everywhere.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    /// Operations defined everywhere, kinks among them, so that a random composition is a function of all numbers.
    fn composition<'g>(&mut self, inputs: &[Var<'g>]) -> Var<'g> {
        let mut pool = inputs.to_vec();
        for _ in 0..8 {
            let a = pool[self.below(pool.len())];
            let b = pool[self.below(pool.len())];
            pool.push(match self.below(16) {
                0 => a + b,
                1 => a - b,
                2 => a * b,
                3 => a / (b.square() + 0.5),
                4 => a.sin(),
                5 => a.tanh(),
                6 => a.sigmoid(),
                7 => a.softplus(),
                8 => a.abs(),
                9 => a.max(b),
                10 => a.relu(),
                11 => (a.square() + 0.1).sqrt(),
                12 => a.atan2(b.square() + 1.0),
                13 => Var::select(a.greater(b), a.square(), b * 2.0),
                14 => Var::log_sum_exp(&[a, b]),
                _ => (a.square() + 1.0).ln(),
            });
        }
        let last = &pool[pool.len() - 4..];
        Var::total(last) + inputs[0] * 0.25 + inputs[1] * inputs[2]
    }
}

fn names_that_disagree(report: &Report) -> Vec<&str> {
    let wrong = report.entries.iter().filter(|entry| !entry.verdict.passes());
    wrong.map(|entry| entry.name.as_str()).collect()
}
