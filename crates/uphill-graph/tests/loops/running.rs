//! Sums that run along as states, as a plain `for` has them: their Hessians are found on bodies where the state is not bent.

use uphill_graph::{At, Dual, Function, Inputs, Node, Scalar, Table, Var, loops};

use crate::forms::inputs;
use crate::sparse::{close, hessian_as_written_out, jacobian_as_written_out};
use crate::values::agrees;
use crate::workloads::Random;

type Code = for<'g> fn(&[Var<'g>]) -> Var<'g>;

/// On eight inputs; and how many sweeps are due outside of bodies, if the Hessian is found on these.
const STATES: &[(&str, Option<usize>, Code)] = &[
    ("added to", Some(0), |x| {
        loops::fold(0..7, Var::constant(0.0), |i, p: Var<'_>| p + (x.at(i) * x.at(i + 1)).sin())
    }),
    ("subtracted from", Some(0), |x| {
        -2.0 * loops::fold(0..7, Var::constant(1.0), |i, p: Var<'_>| {
            p - x.at(i).exp() * x.at(7 - i)
        })
    }),
    ("twice, one after the other", Some(0), |x| {
        let p =
            loops::fold(0..7, Var::constant(0.0), |i, p: Var<'_>| p + x.at(i).sin() * x.at(i + 1));
        loops::fold(0..8, p, |i, p: Var<'_>| p + x.at(i).square() * x[3])
    }),
    ("begins with an input", Some(0), |x| {
        loops::fold(0..7, x[2], |i, p: Var<'_>| x.at(i).square() * x.at(i + 1) + p)
    }),
    ("added to in the loop within", Some(0), |x| {
        loops::fold(0..3, Var::constant(0.0), |i, p: Var<'_>| {
            loops::fold(0..2, p, |j, p: Var<'_>| p + (x.at(2 * i + j) * x.at(i + 1)).exp())
        })
    }),
    ("added to on both floors", Some(0), |x| {
        loops::fold(0..3, Var::constant(0.0), |i, p: Var<'_>| {
            let p = loops::fold(0..2, p - x.at(i).cos(), |j, p: Var<'_>| p - x.at(2 * i + j).sin());
            p + x.at(i) * x.at(i + 4)
        })
    }),
    ("begins anew within", Some(0), |x| {
        loops::fold(0..3, Var::constant(0.0), |i, p: Var<'_>| {
            let row = loops::fold(0..2, x.at(i), |j, s: Var<'_>| s + x.at(2 * i + j) * x.at(i + 1));
            p + row.square()
        })
    }),
    ("an average", Some(0), |x| {
        loops::fold(0..8, Var::constant(0.0), |i, s: Var<'_>| 0.5 * s + x.at(i).square() * x[0])
    }),
    ("an average whose weight moves", Some(0), |x| {
        let weight = [0.5, 0.25, 2.0, -1.0, 0.125, 3.0, 1.0];
        loops::fold(0..7, Var::constant(0.0), |i, s: Var<'_>| {
            s * i.of(&weight) + (x.at(i) * x.at(i + 1)).sin()
        })
    }),
    ("states that add to each other", Some(0), |x| {
        let [a, b] = loops::fold(0..7, [Var::constant(0.0), x[1]], |i, [a, b]: [Var<'_>; 2]| {
            [a + 0.5 * b, 0.75 * b - a + x.at(i).square() * x.at(i + 1)]
        });
        a - 3.0 * b
    }),
    ("one iteration late", Some(0), |x| {
        let [p, last] = loops::fold(0..7, [Var::constant(0.0); 2], |i, [p, last]: [Var<'_>; 2]| {
            [p + 2.0 * last, x.at(i).exp() * x.at(i + 1)]
        });
        p + last
    }),
    ("all on the way are added up", Some(0), |x| {
        let (last, all) = loops::scan(0..7, Var::constant(0.0), |i, s: Var<'_>| {
            let next = s + x.at(i).sin() * x.at(i + 1);
            (next, next - 0.25 * s)
        });
        last + loops::sum(0..7, |i| (i.value() + 1.0) * all.at(i))
    }),
    ("reads what a loop computes", Some(0), |x| {
        let y = loops::map(0..8, |i| x.at(i).square() * x[1]);
        loops::fold(0..8, Var::constant(0.0), |i, p: Var<'_>| p + 3.0 * y.at(i) + x.at(i).sin())
    }),
    ("gathered", Some(0), |x| {
        let (from, to) =
            (Table::new([3, 0, 0, 7, 2], 8).unwrap(), Table::new([1, 5, 3, 3, 4], 8).unwrap());
        loops::fold(0..5, Var::constant(0.0), |i, p: Var<'_>| {
            p + (x.at(from.at(i)) - x.at(to.at(i))).square().square()
        })
    }),
    ("of what is chosen", Some(0), |x| {
        loops::fold(0..8, Var::constant(0.0), |i, p: Var<'_>| {
            p + Var::select(
                x.at(i).greater(Var::constant(0.5)),
                x.at(i).ln(),
                x[0] * x.at(i).square(),
            )
        })
    }),
    ("no iteration", Some(1), |x| {
        loops::fold(0..0, x[0] * x[1], |i, p: Var<'_>| p + x.at(i).square()) + x[2].square() * x[3]
    }),
    ("chosen or not", None, |x| {
        loops::fold(0..7, x[0], |i, p: Var<'_>| {
            Var::select(x.at(i).greater(Var::constant(0.6)), p + x.at(i).ln(), p)
        })
    }),
    ("also read", None, |x| {
        loops::fold(0..7, x[0], |i, p: Var<'_>| p + x.at(i).square() + 0.1 * p.sin())
    }),
    ("read by another", None, |x| {
        let [a, b] = loops::fold(0..6, [Var::constant(0.0), x[1]], |i, [a, b]: [Var<'_>; 2]| {
            [a + x.at(i).square(), b + a * x.at(i + 1)]
        });
        a + b
    }),
    ("multiplied", None, |x| {
        loops::fold(0..7, Var::constant(1.0), |i, p: Var<'_>| p * (x.at(i) + x.at(i + 1)))
    }),
    ("weighed by an input", None, |x| {
        loops::fold(0..7, Var::constant(0.0), |i, p: Var<'_>| x[7] * p + x.at(i).square())
    }),
    ("a function of the sum", None, |x| {
        loops::fold(0..7, Var::constant(0.0), |i, p: Var<'_>| p + x.at(i) * x.at(i + 1)).exp()
    }),
];

#[test]
fn states_have_the_hessians_of_the_loop_written_out() {
    for &(what, split, code) in STATES {
        let f = Function::record(inputs(), code).unwrap();
        let sweeps = hessian_as_written_out(what, &f);
        assert!(split.map_or(sweeps > 0, |due| sweeps == due), "{what}: {sweeps} sweeps");
    }
}

/// As rows of a Jacobian, those of these forms whose sums begin with a number are split.
const ROWS: &[&str] = &[
    "added to",
    "subtracted from",
    "added to in the loop within",
    "added to on both floors",
    "begins anew within",
    "gathered",
    "of what is chosen",
];

#[test]
fn states_have_the_jacobians_of_the_loop_written_out() {
    for &(what, _, code) in STATES {
        // By itself, and as one of several rows.
        for count in [1, 3] {
            let f = Function::record_many(inputs(), |x| {
                let value = code(x);
                [value, x[0] * x[5], value * value][..count].to_vec()
            });
            let f = f.unwrap();
            let is_last = matches!(f.graph().node(f.outputs()[0].node), Node::Result { .. });
            let sweeps = jacobian_as_written_out(what, &f);
            if is_last && count == 1 {
                assert_eq!(sweeps == 0, ROWS.contains(&what), "{what}: {sweeps} sweeps");
            }
        }
    }
}

/// A function of a size written as a plain `for`, and a point.
type Plain = fn(usize) -> (Function, Vec<f64>);

fn variables(n: usize, code: impl for<'g> Fn(&[Var<'g>]) -> Var<'g>) -> (Function, Vec<f64>) {
    let mut random = Random(n as u64);
    let x = (0..n).map(|_| 0.2 + random.unit()).collect();
    (Function::record(Inputs::new().variables("x", n), |x| code(x)).unwrap(), x)
}

fn chained(n: usize) -> (Function, Vec<f64>) {
    let inputs = Inputs::new().variables("x", n).parameters("multiplier", n - 2);
    let f = Function::record(inputs, |v| {
        let (x, multiplier) = v.split_at(n);
        let mut p = Var::constant(0.0);
        for i in 1..n {
            p += 100.0 * (x[i - 1].square() - x[i]).square() + (x[i - 1] - 1.0).square();
        }
        for i in 0..n - 2 {
            let (x, y, z) = (x[i], x[i + 1], x[i + 2]);
            let sines = (y - z).sin() * (y + z).sin();
            let power = x * (x - y).exp();
            p += multiplier[i] * (3.0 * y.powi(3) + 2.0 * z - 5.0 + sines + 4.0 * y - power - 3.0);
        }
        p
    });
    let mut random = Random(7);
    (f.unwrap(), (0..2 * n - 2).map(|_| random.unit()).collect())
}

/// Each by its smallest size; and how many sweeps are due outside of bodies, if the Hessian is found on these.
const PLAIN: &[(&str, usize, Option<usize>, Plain)] = &[
    ("a chained problem", 2100, Some(0), chained),
    ("a surface on a grid", 60, Some(0), |n| {
        variables(n * n, |u| {
            let mut p = Var::constant(0.0);
            for i in 0..n - 1 {
                for j in 0..n - 1 {
                    let k = n * i + j;
                    let (down, across) = (u[k + n] - u[k], u[k + 1] - u[k]);
                    p += (1.0 + down.square() + across.square()).sqrt();
                }
            }
            p
        })
    }),
    ("springs", 1500, Some(0), |n| {
        let mut random = Random(23);
        let ends: Vec<_> = (0..n).map(|_| (random.below(n / 2), random.below(n / 2))).collect();
        variables(n, |x| {
            let mut p = Var::constant(0.0);
            for &(from, to) in &ends {
                let across = x[2 * from] - x[2 * to];
                let up = x[2 * from + 1] - x[2 * to + 1];
                p += ((across.square() + up.square() + 0.5).sqrt() - 0.3).square() * (across + 2.0);
            }
            p
        })
    }),
    ("subtracted", 6000, Some(0), |n| {
        variables(n, |x| {
            let mut p = x[0];
            for i in 1..n {
                p -= (x[i] * x[i - 1]).sin();
            }
            p
        })
    }),
    ("begins with a product", 4200, Some(1), |n| {
        variables(n, |x| {
            let mut p = x[0] * x[n - 1];
            for i in 1..n {
                p += (x[i] * x[i - 1]).sin() * x[i];
            }
            3.0 * p
        })
    }),
    ("an average", 4500, Some(0), |n| {
        variables(n, |x| {
            let mut s = x[1];
            for i in 1..n {
                s = 0.9 * s + (x[i] * x[i - 1]).exp();
            }
            s
        })
    }),
    ("also read", 2500, None, |n| {
        variables(8, |x| {
            let mut p = x[0];
            for _ in 0..n {
                p += 1e-4 * (x[1] * x[2] + x[3]).sin() - 1e-4 * p.sin() * x[4];
            }
            p
        })
    }),
    ("a product", 4000, None, |n| {
        variables(8, |x| {
            let mut p = x[0];
            for _ in 0..n {
                p *= 1.0 + 1e-4 * (x[1] * x[2]).sin();
            }
            p
        })
    }),
];

#[test]
fn plain_loops_have_their_hessians_from_bodies() {
    for &(what, n, split, make) in PLAIN {
        let [(f, x), (twice, _)] = [make(n), make(2 * n)];
        let [hessian, larger] = [&f, &twice].map(|f| f.sparse_hessian().unwrap());
        let operations =
            [&hessian, &larger].map(|sparse| sparse.function.graph().operation_count());
        assert!(f.rolled().graph().has_loops(), "{what}");
        assert_eq!(operations[0], operations[1], "{what}");
        let sweeps = hessian.sweeps;
        assert!(split.map_or(sweeps > 0, |due| sweeps == due), "{what}: {sweeps} sweeps");
        agrees(what, &hessian.function, &x);
        // The written-out function's loops would be found again: so a column is the derivative of the gradient by duals.
        let gradient = f.gradient().unwrap();
        let numbers = hessian.function.eval(&x).unwrap();
        let columns = hessian.columns;
        let chosen =
            (0..columns).step_by(columns.div_ceil(40)).chain([1, columns - 2, columns - 1]);
        for column in chosen.take_while(|column| *column < columns) {
            let seed = |(k, &x)| if k == column { Dual::variable(x) } else { Dual::constant(x) };
            let point: Vec<Dual<f64>> = x.iter().enumerate().map(seed).collect();
            let due = gradient.eval_scalar(&point).unwrap();
            assert_eq!(due.len(), hessian.rows, "{what}");
            for (row, due) in due.iter().enumerate() {
                let found = hessian.entries.find(row, column).map_or(0.0, |at| numbers[at]);
                let due = due.tangent;
                assert!(close(found, due), "{what}: ({row}, {column}) is {found}, due {due}");
            }
        }
    }
}
