//! Sparse Jacobians and Hessians of loops: the same entries as of the loop written out, by whichever way.

use uphill_graph::{At, Dual, Function, Index, Inputs, Scalar, Sparse, Table, Var, loops};

use crate::forms::{FORMS, inputs, points};
use crate::values::agrees;

type Many = for<'g> fn(&[Var<'g>]) -> Vec<Var<'g>>;

/// Functions with many outputs, on eight inputs x.
const ROWS: &[(&str, Many)] = &[
    ("map", |x| loops::map(0..7, |i| (x.at(i) * x.at(i + 1)).sin() + x[0])),
    ("map, some of it", |x| {
        let y = loops::map(0..7, |i| (x.at(i) * x.at(i + 1)).sin());
        vec![y[6], y[0], x[2] * x[3], y[5], y[0], y[3]]
    }),
    ("map, one of it", |x| vec![loops::map(0..7, |i| x.at(i).square())[3]]),
    ("two a turn", |x| {
        loops::map(0..4, |i| [x.at(i) / x.at(7 - i), x.at(i)]).into_iter().flatten().collect()
    }),
    ("gather", |x| {
        let from = Table::new([3, 0, 0, 7, 2], 8).unwrap();
        loops::map(0..5, |i| x.at(from.at(i)).exp() * x.at(i))
    }),
    ("sums and a map", |x| {
        let sum = loops::sum(0..8, |i| x.at(i).square() * x[1]);
        let mut all = loops::map(0..3, |i| x.at(2 * i) * x.at(i));
        all.push(sum);
        all.push(sum.exp());
        all
    }),
    ("map of sums", |x| {
        loops::map(0..3, |i| loops::sum(0..4, |j| (x.at(i + j) * x.at(2 * i + j)).sin()))
    }),
    ("map of functions of sums", |x| {
        loops::map(0..3, |i| loops::sum(0..2, |j| x.at(i + j) * x.at(i)).exp())
    }),
    ("map of maps", |x| {
        let rows = loops::map(0..3, |i| loops::map(0..2, |j| x.at(2 * i + j) * x.at(i)));
        rows.into_iter().flatten().collect()
    }),
    ("map of folds", |x| {
        loops::map(0..4, |i| loops::fold(0..3, x.at(i), |j, s: Var<'_>| (s * x.at(i + j)).sin()))
    }),
    ("scan", |x| loops::scan(0..8, x[0], |i, s: Var<'_>| ((s + x.at(i)).tanh(), s * x.at(i))).1),
    ("choices", |x| {
        loops::map(0..8, |i| {
            Var::select(x.at(i).greater(Var::constant(0.5)), x.at(i).ln(), x[0] * x.at(i))
        })
    }),
    ("reads nothing", |x| {
        let mut all = loops::map(0..3, |i: Index<Var<'_>>| i.value().sin());
        all.push(x[0].square());
        all
    }),
];

/// Further performances, of which the table of forms has none.
const FURTHER: &[(&str, for<'g> fn(&[Var<'g>]) -> Var<'g>)] = &[
    ("shared and element", |x| loops::sum(1..8, |i| (x[0] * x.at(i)).exp() * x[1])),
    ("the same entry twice", |x| loops::sum(0..8, |i| x.at(i) * x.at(7 - i).sin())),
    ("the same entry by two vectors", |x| {
        let back: Vec<Var<'_>> = x.iter().rev().copied().collect();
        let copy: Vec<Var<'_>> = [x[3], x[1], x[2], x[3]].to_vec();
        loops::sum(0..4, |i| (back.at(i) * copy.at(i)).sin() * x.at(i))
    }),
    ("loops and other terms", |x| {
        let sum = loops::sum(0..6, |i| (x.at(i) - x.at(i + 2)).square().square());
        3.0 * sum - (x[0] * x[7]).sin() + x[4] * loops::sum(0..3, |_| Var::constant(0.5))
    }),
    ("a linear loop of a loop", |x| {
        let y = loops::map(0..8, |i| x.at(i).square() * x[2]);
        loops::sum(0..4, |i| i.value() * y.at(i) + y.at(7 - i))
    }),
    ("single entries of a map", |x| {
        let y = loops::map(0..8, |i| x.at(i).square() * x[2]);
        2.0 * y[3] - y[7] + x[7] * x[7]
    }),
    ("sums behind a choice", |x| {
        let sum = loops::sum(0..4, |i| x.at(i).ln() * x.at(i + 1));
        Var::select(x[5].greater(Var::constant(0.5)), sum, x[6] * x[6])
    }),
    ("an open sum of sums", |x| {
        loops::sum(0..3, |i| loops::sum(0..3, |j| x.at(i + j) * x.at(2 * i)).square() * x.at(i))
    }),
    ("a grid", |x| {
        loops::sum(0..3, |i| {
            loops::sum(0..1, |j| {
                let k = 2 * i + j;
                (1.0 + (x.at(k + 1) - x.at(k)).square() + (x.at(k + 2) - x.at(k)).square()).sqrt()
            })
        })
    }),
    ("three deep", |x| {
        loops::sum(0..2, |i| {
            loops::sum(0..2, |j| {
                x.at(i) * loops::sum(0..2, |k| (x.at(i + 2 * j + k) * x.at(i + k)).exp())
            })
        })
    }),
];

fn close(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-12 * (a.abs() + b.abs() + 1e-3)
}

/// Two matrices have the same places, and the same numbers there.
fn same(what: &str, one: &Sparse, other: &Sparse, x: &[f64]) {
    assert_eq!((one.rows, one.columns), (other.rows, other.columns), "{what}");
    assert_eq!(one.entries, other.entries, "{what}");
    assert_eq!(one.row_names, other.row_names, "{what}");
    agrees(what, &one.function, x);
    let (a, b) = (one.function.eval(x).unwrap(), other.function.eval(x).unwrap());
    assert_eq!(a.len(), one.entries.len(), "{what}");
    for (k, (a, b)) in a.iter().zip(&b).enumerate() {
        assert!(close(*a, *b), "{what}: {:?} is {a}, written out {b}", one.entry_name(k));
    }
    for (part, of_other) in [(one.lower(), other.lower()), (one.upper(), other.upper())] {
        assert_eq!(part.entries, of_other.entries, "{what}");
        let numbers = part.function.eval(x).unwrap();
        assert_eq!(numbers.len(), part.entries.len(), "{what}");
        for ((row, column), number) in part.entries.iter().zip(numbers) {
            let whole = a[one.entries.find(row, column).unwrap()];
            assert_eq!(number.to_bits(), whole.to_bits(), "{what}: a triangle");
        }
    }
}

#[test]
fn hessians_are_those_of_the_loop_written_out() {
    for (form, code) in FORMS.iter().chain(FURTHER) {
        let f = Function::record(inputs(), code).unwrap();
        let (kept, flat) =
            (f.sparse_hessian().unwrap(), f.unrolled().unwrap().sparse_hessian().unwrap());
        let product = f.hvp().unwrap();
        for x in points() {
            same(form, &kept, &flat, &x);
            let numbers = kept.function.eval(&x).unwrap();
            for column in 0..8 {
                let mut point = x.clone();
                point.extend((0..8).map(|k| if k == column { 1.0 } else { 0.0 }));
                let expected = product.eval(&point).unwrap();
                for (row, &expected) in expected.iter().enumerate() {
                    let found = kept.entries.find(row, column).map_or(0.0, |at| numbers[at]);
                    assert!(
                        (found - expected).abs() <= 1e-11 * (1.0 + expected.abs())
                            || (found.is_nan() && expected.is_nan()),
                        "{form}: ({row}, {column}) is {found}, by hvp {expected}"
                    );
                    let mirrored = kept.entries.find(column, row).map_or(0.0, |at| numbers[at]);
                    let bits = [found, mirrored].map(f64::to_bits);
                    assert_eq!(bits[0], bits[1], "{form}: ({row}, {column}) is not symmetric");
                }
            }
        }
    }
}

#[test]
fn jacobians_are_those_of_the_loop_written_out() {
    for (form, code) in ROWS {
        let f = Function::record_many(inputs(), code).unwrap();
        let (kept, flat) =
            (f.sparse_jacobian().unwrap(), f.unrolled().unwrap().sparse_jacobian().unwrap());
        for x in points() {
            same(form, &kept, &flat, &x);
            let numbers = kept.function.eval(&x).unwrap();
            for column in 0..8 {
                let seed = |(k, &x)| if k == column { Dual::variable(x) } else { Dual::constant(x) };
                let point: Vec<Dual<f64>> = x.iter().enumerate().map(seed).collect();
                for (row, expected) in f.eval_scalar(&point).unwrap().iter().enumerate() {
                    let found = kept.entries.find(row, column).map_or(0.0, |at| numbers[at]);
                    let expected = expected.tangent;
                    assert!(close(found, expected), "{form}: ({row}, {column}) is {found}, by duals {expected}");
                }
            }
        }
    }
}

/// Of inputs that are no variables, and of variables in another order than they are read.
#[test]
fn parameters_have_no_lines() {
    let inputs = Inputs::new().variables("a", 3).parameters("t", 4).variables("b", 3);
    let f = Function::record(inputs, |v| {
        let mixed = [v[1], v[4], v[8], v[5]];
        loops::sum(0..3, |i| {
            v[3..7].at(i + 1) * (v[..3].at(i) * v[7..].at(i)).exp() + v.at(2 * i).square() * v[0]
        }) + loops::sum(0..3, |i| mixed.at(i).square() * mixed.at(i + 1))
    })
    .unwrap();
    let hessian = f.sparse_hessian().unwrap();
    let x: Vec<f64> = (0..10).map(|k| 0.4 + 0.3 * f64::from(k).sin()).collect();
    same("parameters", &hessian, &f.unrolled().unwrap().sparse_hessian().unwrap(), &x);
    assert_eq!(hessian.column_names, ["a[0]", "a[1]", "a[2]", "b[0]", "b[1]", "b[2]"]);
}

/// How a matrix of loops is split: without a sweep, and with no more nodes for more iterations.
#[test]
fn what_is_split_does_not_grow() {
    let chain = |n: usize| {
        let inputs = Inputs::new().variables("x", n).parameters("m", n);
        let f = Function::record(inputs, |v| {
            let (x, m) = v.split_at(n);
            loops::sum(1..n, |i| 100.0 * (x.at(i) - x.at(i - 1).square()).square())
                + loops::sum(2..n, |i| m.at(i) * (x.at(i) * x.at(i - 2)).sin())
        });
        f.unwrap()
    };
    let grid = |n: usize| {
        let f = Function::record(Inputs::new().variables("u", n * n), |u| {
            loops::sum(0..n - 1, |i| {
                loops::sum(0..n - 1, |j| {
                    let k = n * i + j;
                    (1.0 + (u.at(k + 1) - u.at(k)).square() + (u.at(k + n) - u.at(k)).square())
                        .sqrt()
                })
            })
        });
        f.unwrap()
    };
    let springs = |n: usize| {
        let from = Table::new((0..3 * n).map(|k| (7 * k + 3) % n), n).unwrap();
        let to = Table::new((0..3 * n).map(|k| (5 * k + k / 3) % n), n).unwrap();
        let f = Function::record(Inputs::new().variables("x", 2 * n), |x| {
            loops::sum(0..3 * n, |i| {
                let across = x.at(2 * from.at(i)) - x.at(2 * to.at(i));
                let up = x.at(2 * from.at(i) + 1) - x.at(2 * to.at(i) + 1);
                ((across.square() + up.square() + 0.01).sqrt() - 0.5).square()
            })
        });
        f.unwrap()
    };
    let made: [(&str, &dyn Fn(usize) -> Function); 3] =
        [("chain", &chain), ("grid", &grid), ("springs", &springs)];
    for (name, make) in made {
        let (few, many) = (make(6), make(40));
        let hessians = [few.sparse_hessian().unwrap(), many.sparse_hessian().unwrap()];
        let [few, many] = hessians.each_ref();
        assert_eq!((few.sweeps, many.sweeps), (0, 0), "{name}");
        assert_eq!(
            few.function.graph().operation_count(),
            many.function.graph().operation_count(),
            "{name}"
        );
        assert_eq!(few.function.outputs().len(), 1, "{name}");
        let f = make(6);
        let x: Vec<f64> = (0..f.inputs().len()).map(|k| 0.4 + 0.3 * (k as f64).sin()).collect();
        same(name, few, &f.unrolled().unwrap().sparse_hessian().unwrap(), &x);
    }
}
