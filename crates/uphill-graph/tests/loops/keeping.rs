//! Budgets of memory: the same bits, with less kept, for loops of any length.

use uphill_graph::{At, Error, Function, Index, Inputs, Recorder, Scalar, Table, Var, loops};

use crate::forms::{FORMS, inputs, points};
use crate::roots::ROOTS;
use crate::values::{agrees, bits};

/// A loop of so many iterations over inputs x, of which it is told how many there are.
struct Long {
    name: &'static str,
    inputs: fn(usize) -> usize,
    code: for<'g> fn(&[Var<'g>], usize) -> Var<'g>,
    /// What is kept that can't be computed again, in numbers an iteration.
    whole: usize,
}

const LONG: &[Long] = &[
    Long {
        name: "fold",
        inputs: |_| 3,
        code: |x, n| loops::fold(0..n, x[0], |_, s: Var<'_>| (s * x[1] + x[2]).sin()),
        whole: 0,
    },
    Long {
        name: "states and counters",
        inputs: |_| 3,
        code: |x, n| {
            let [a, b] = loops::fold(0..n, [x[0], x[1]], |i, [a, b]: [Var<'_>; 2]| {
                let t = 1e-3 * (3 * i + 5).value();
                [(a + x[2] * b).cos(), 0.9 * a * b + (t * x[1]).sin()]
            });
            a * b
        },
        whole: 0,
    },
    Long {
        name: "elements",
        inputs: |n| n.max(1),
        code: |x, n| loops::fold(0..n, x[0], |i, s: Var<'_>| (s * x.at(i) + 0.3).sin()),
        whole: 3,
    },
    Long {
        name: "elements backwards",
        inputs: |n| n.max(1),
        code: |x, n| loops::fold(0..n, x[0], |i, s: Var<'_>| (s * x.at(n - 1 - i) + 0.3).sin()),
        whole: 3,
    },
    Long {
        name: "every other element",
        inputs: |n| 2 * n.max(1),
        code: |x, n| loops::fold(0..n, x[0], |i, s: Var<'_>| (s * x.at(2 * i + 1)).sin() + 0.1),
        whole: 6,
    },
    Long {
        name: "neighbours",
        inputs: |n| n + 2,
        code: |x, n| {
            loops::fold(0..n, x[0], |i, s: Var<'_>| (s * x.at(i) * x.at(i + 1) + x.at(i + 2)).sin())
        },
        whole: 9,
    },
    Long {
        name: "gather",
        inputs: |_| 5,
        code: |x, n| {
            let table = Table::new((0..n + 2).map(|i| (i * i + 3) % 5), 5).unwrap();
            loops::fold(0..n, x[0], |i, s: Var<'_>| {
                (s * x.at(table.at(i)) + x.at(table.at(i + 2))).sin()
            })
        },
        whole: 12,
    },
    Long {
        name: "data",
        inputs: |_| 2,
        code: |x, n| {
            let data: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin()).collect();
            loops::fold(0..n, x[0], |i, s: Var<'_>| (s * x[1] + i.of(&data)).sin())
        },
        whole: 0,
    },
    Long {
        name: "beside a sum",
        inputs: |_| 3,
        code: |x, n| {
            let sum: Var<'_> = loops::sum(0..n, |i: Index<Var<'_>>| (x[0] * i.value()).sin());
            sum + loops::fold(0..n, x[1], |_, s: Var<'_>| (s * x[2]).sin() + 0.5)
        },
        whole: 0,
    },
    Long {
        name: "scan",
        inputs: |_| 2,
        code: |x, n| {
            let (last, all) = loops::scan(0..n, x[0], |_, s: Var<'_>| {
                let next = (s * x[1]).sin() + 0.4;
                (next, next * s)
            });
            last + loops::sum(0..n, |i| all.at(i).square())
        },
        whole: 4,
    },
    Long {
        name: "folds in a scan",
        inputs: |_| 3,
        code: |x, n| {
            let (_, all) = loops::scan(0..4, [x[0], x[1]], |_, y: [Var<'_>; 2]| {
                let y = loops::fold(0..n, y, |_, [a, b]| {
                    [a + 1e-3 * (a - x[2] * a * b), b + 1e-3 * (a * b - b)]
                });
                (y, y)
            });
            all.iter().map(|y| (y[0] - 1.0).square() + y[1]).sum()
        },
        whole: 0,
    },
    Long {
        name: "a fold of folds",
        inputs: |_| 6,
        code: |x, n| {
            loops::fold(0..n, x[0], |i, s: Var<'_>| {
                let inner = loops::fold(0..3, s, |j, t: Var<'_>| (t * x.at(j + 2)).sin() + x.at(j));
                inner + 1e-4 * i.value() * x[1]
            })
        },
        whole: 0,
    },
    Long {
        name: "choices",
        inputs: |_| 2,
        code: |x, n| {
            loops::repeat_while(
                n,
                x[0],
                |s: Var<'_>| s.less(Var::constant(3.0)),
                |s| Var::select(s.greater(x[1]), s + 0.01 * x[1], s + 0.02),
            )
        },
        whole: 0,
    },
];

type Derivative = (&'static str, fn(&Function) -> Function);

const DERIVATIVES: &[Derivative] = &[
    ("gradient", |f| f.gradient().unwrap()),
    ("with_gradient", |f| f.with_gradient().unwrap()),
    ("hvp", |f| f.hvp().unwrap()),
];

impl Long {
    fn function(&self, n: usize) -> Function {
        let inputs = Inputs::new().variables("x", (self.inputs)(n));
        Function::record(inputs, |x| (self.code)(x, n)).unwrap()
    }
}

fn point(inputs: usize) -> Vec<f64> {
    (0..inputs).map(|k| 0.35 + 0.5 * ((k as f64 + 1.0) * 0.7).sin().abs()).collect()
}

/// The least budget.
fn least(f: &Function) -> usize {
    match f.keeping(0) {
        Err(Error::Budget { least, .. }) => least,
        Err(other) => panic!("{other}"),
        Ok(_) => 0,
    }
}

/// Budgets from all to the least, and the function within each.
fn within(what: &str, f: &Function, check: impl Fn(&str, &Function)) {
    let (all, least) = (f.bytes_kept(), least(f));
    assert_eq!(f.keeping(all).as_ref(), Ok(&f.simplify()), "{what}: nothing to do");
    let mut budgets: Vec<usize> =
        (1..20).map(|k| all >> k).filter(|bytes| *bytes > least).collect();
    budgets.push(least);
    let mut before = all + 1;
    for bytes in budgets {
        // What keeps less than half of a budget is within the next one, too.
        if bytes >= before {
            continue;
        }
        let cut = f.keeping(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        before = cut.bytes_kept();
        assert!(before <= bytes, "{what}: {before} bytes kept, {bytes} allowed");
        assert_eq!(cut.verify(), Ok(()), "{what}");
        check(&format!("{what} in {bytes} bytes of {all}"), &cut);
    }
    if least > 0 {
        let error = f.keeping(least - 1).unwrap_err();
        assert!(matches!(error, Error::Budget { .. }), "{what}: {error}");
    }
}

#[test]
fn budgets_change_no_bit_of_any_length() {
    for long in LONG {
        for n in [0, 1, 9, 100, 1023, 1024, 1025, 2100] {
            let f = long.function(n);
            // The other two at a length with whole blocks and a rest, and at one that is short.
            let derivatives =
                if [100, 2100].contains(&n) { DERIVATIVES } else { &DERIVATIVES[..1] };
            for (name, derivative) in derivatives {
                let what = format!("{name} of {}, {n} iterations", long.name);
                let f = derivative(&f);
                let x = point(f.inputs().len());
                let due = bits(&f.eval(&x).unwrap());
                within(&what, &f, |what, cut| {
                    assert!(bits(&cut.eval(&x).unwrap()) == due, "{what}");
                });
            }
        }
    }
}

#[test]
fn budgets_change_no_bit_of_a_million_iterations() {
    let n = (1 << 20) + 3;
    for long in LONG.iter().filter(|long| long.name == "states and counters") {
        let f = long.function(n).gradient().unwrap();
        let x = point(f.inputs().len());
        let due = bits(&f.eval(&x).unwrap());
        let cut = f.keeping(f.bytes_kept() / 100 + 8 * long.whole * n).unwrap();
        assert!(long.whole > 0 || cut.bytes_kept() < f.bytes_kept() / 100, "{}", long.name);
        assert!(bits(&cut.eval(&x).unwrap()) == due, "{}", long.name);
        let cut = f.keeping(least(&f)).unwrap();
        assert!(bits(&cut.eval(&x).unwrap()) == due, "{} with the least", long.name);
    }
}

#[test]
fn what_is_kept_is_in_proportion_to_what_has_to_be() {
    for long in LONG {
        let n = 20_000;
        for (name, derivative) in DERIVATIVES {
            let least = least(&derivative(&long.function(n)));
            let due = 8 * (2 * long.whole * n + 10_000);
            assert!(least < due, "{name} of {}: {least} bytes at least, expected {due}", long.name);
        }
    }
}

#[test]
fn every_form_of_loop_keeps_its_bits_in_the_least_budget() {
    for (form, code) in FORMS.iter().chain(ROOTS) {
        let f = Function::record(inputs(), code).unwrap();
        for (name, derivative) in DERIVATIVES {
            let f = derivative(&f);
            within(&format!("{name} of {form}"), &f, |what, cut| {
                for mut x in points() {
                    x.resize(f.inputs().len(), 0.5);
                    assert_eq!(bits(&cut.eval(&x).unwrap()), bits(&f.eval(&x).unwrap()), "{what}");
                    agrees(what, cut, &x);
                }
            });
        }
    }
}

#[test]
fn large_states_have_short_blocks() {
    // 40 states, each with a rate of its own.
    fn code<'g>(w: &[Var<'g>]) -> Var<'g> {
        let last = loops::fold(0..500, w.to_vec(), |_, s: Vec<Var<'g>>| {
            let n = s.len();
            (0..n).map(|k| (s[k] * w[k] + s[(k + 1) % n]).sin()).collect::<Vec<_>>()
        });
        last.iter().copied().sum()
    }
    let names: Vec<String> = (0..40).map(|k| format!("w{k}")).collect();
    let f = Function::record(names, code).unwrap().gradient().unwrap();
    let all = f.bytes_kept();
    assert_eq!(all, 8 * 40 * 500);
    let cut = f.keeping(all / 4).unwrap();
    let x = point(40);
    assert_eq!(bits(&cut.eval(&x).unwrap()), bits(&f.eval(&x).unwrap()));
}

#[test]
fn derivatives_of_what_was_cut_are_those_of_the_function() {
    for long in LONG.iter().filter(|long| long.whole == 0) {
        let f = long.function(2100).gradient().unwrap();
        let cut = f.keeping(least(&f)).unwrap();
        let x = point(2 * f.inputs().len());
        let (a, b) = (f.jvp().unwrap().eval(&x).unwrap(), cut.jvp().unwrap().eval(&x).unwrap());
        assert_eq!(bits(&a), bits(&b), "{}", long.name);
        // A gradient of loops of blocks has blocks of its own, and other sums.
        let one = |f: &Function| {
            let name = f.output_names().next().unwrap();
            f.select(&[name]).unwrap().gradient().unwrap()
        };
        let x = &x[..f.inputs().len()];
        let (a, b) = (one(&f).eval(x).unwrap(), one(&cut).eval(x).unwrap());
        for (a, b) in a.iter().zip(&b) {
            assert!((a - b).abs() <= 1e-9 * (1.0 + a.abs()), "{}: {a}, cut {b}", long.name);
        }
        let [all, kept] = [one(&f).bytes_kept(), one(&cut).bytes_kept()];
        assert!(all == 0 || kept < all / 2, "{}: {kept} bytes, {all} without", long.name);
    }
}

#[test]
fn a_vector_read_by_the_loop_itself_is_kept() {
    // What the caller sees is an output, and is not counted.
    let recorder = Recorder::new();
    let x = recorder.variable("x");
    let (last, _) = loops::scan(0..3000, x, |_, s: Var<'_>| ((s * 0.5).sin(), s));
    recorder.output("last", last);
    let f = recorder.finish().unwrap();
    assert_eq!(f.bytes_kept(), 24_000, "until it is simplified");
    assert_eq!(f.simplify().bytes_kept(), 0);
    assert_eq!(f.keeping(0).as_ref(), Ok(&f.simplify()));
}
