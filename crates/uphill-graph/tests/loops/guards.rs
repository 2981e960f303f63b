//! What a choice leaves out leaves no trace, in loops either: at points where what was left out has infinite slopes, the
//! derivatives of a loop are those of the loop written out, NaN and infinities included.

use uphill_graph::{At, Function, Scalar, Var, loops};

use crate::derivatives::{DERIVATIVES, close};
use crate::forms::inputs;
use crate::values::agrees;

type Code = for<'g> fn(&[Var<'g>]) -> Var<'g>;

fn number<'g>(x: f64) -> Var<'g> {
    Var::constant(x)
}

fn positive<'g>(x: Var<'g>) -> Var<'g> {
    x.greater(number(0.0))
}

const GUARDED: &[(&str, Code)] = &[
    ("a state that is cut off", |x| {
        loops::fold(0..8, x[0], |i, s: Var<'_>| {
            Var::select(positive(x.at(i)), s.sqrt() + x.at(i), x.at(i))
        })
    }),
    ("a state that is cut off by another", |x| {
        let [a, b] = loops::fold(0..8, [x[0], x[1]], |i, [a, b]: [Var<'_>; 2]| {
            [b.sqrt() * x[2], Var::select(positive(x.at(i)), a, x.at(i).square())]
        });
        a + b
    }),
    ("a root chosen", |x| {
        loops::fold(0..8, x[0], |i, s: Var<'_>| {
            let below = s - x.at(i);
            Var::select(positive(below), below.sqrt(), number(0.0)) + 0.5 * x[1]
        })
    }),
    ("a root of a ramp", |x| {
        loops::fold(0..8, x[0], |i, s: Var<'_>| (s - x.at(i)).relu().sqrt() + x[1])
    }),
    ("a ramp behind roots", |x| {
        loops::fold(0..8, x[0], |i, s: Var<'_>| (s.sqrt() - x.at(i)).relu())
    }),
    ("a ramp behind roots of another state", |x| {
        let [a, _] = loops::fold(0..8, [x[0], x[1]], |i, [a, b]: [Var<'_>; 2]| {
            [(b - x.at(i)).relu() + a, (a - b).abs().sqrt()]
        });
        a
    }),
    ("the larger", |x| {
        loops::fold(0..8, x[0], |i, s: Var<'_>| s.max(x.at(i).sqrt()).min(x[1].cbrt()))
    }),
    ("while, dividing by what becomes 0", |x| {
        let [s, _] = loops::repeat_while(
            10,
            [x[1], 3.0 + 0.0 * x[0]],
            |[_, d]: [Var<'_>; 2]| positive(d),
            |[s, d]| [s / d + x[2], d - 1.0],
        );
        s
    }),
    ("while, to a root that is 0", |x| {
        loops::repeat_while(6, x[0], |s: Var<'_>| positive(s), |s| (s - x[1]).relu().sqrt())
    }),
    ("a shared root that nobody chooses", |x| {
        let root = x[0].sqrt();
        loops::sum(0..8, |i| Var::select(x.at(i).greater(number(0.9)), root * x.at(i), x.at(i)))
    }),
    ("a vector of roots, some of which are chosen", |x| {
        let roots = loops::map(0..8, |i| x.at(i).sqrt());
        loops::sum(0..8, |i| {
            Var::select(x.at(i).greater(number(0.3)), roots.at(i) * x[1], x.at(7 - i))
        })
    }),
    ("entries of what was kept, one of which is chosen", |x| {
        let (_, all) =
            loops::scan(0..8, x[0], |i, s: Var<'_>| ((s + x.at(i)).abs().sqrt(), s.sqrt()));
        let all: Vec<Var<'_>> = all;
        Var::select(positive(x[2]), all[3] * all[7], all[1])
    }),
    ("a choice around a loop", |x| {
        let roots: Var<'_> = loops::sum(0..8, |i| x.at(i).sqrt());
        let logs = loops::fold(0..8, x[1], |i, s: Var<'_>| s.sqrt() * x.at(i));
        Var::select(
            positive(x[0]),
            roots + x[3],
            logs.sin() * Var::select(positive(x[4]), x[1], roots),
        )
    }),
    ("choices of two results", |x| {
        let [a, b] = loops::fold(0..4, [x[0], x[1]], |i, [a, b]: [Var<'_>; 2]| {
            [a.sqrt() + x.at(i), b.sqrt() * x.at(i + 1)]
        });
        Var::select(positive(x[2]), a, x[3]) + Var::select(positive(x[4]), b, x[5])
    }),
    ("a chosen root comes in", |x| {
        let root = Var::select(positive(x[0]), x[0].sqrt(), number(0.0));
        loops::sum(0..4, |i| (root * x.at(i)).sqrt())
            + loops::fold(0..3, root, |_, s: Var<'_>| s.sqrt())
    }),
    ("a vector of chosen roots comes in", |x| {
        let roots =
            loops::map(0..8, |i| Var::select(positive(x.at(i)), x.at(i).sqrt(), number(0.0)));
        let twice = loops::map(0..8, |i| roots.at(i).sqrt() + roots.at(7 - i));
        loops::sum(0..8, |i| twice.at(i).square()) + twice[3]
    }),
    ("entries put together of which some count", |x| {
        let some = [Var::select(positive(x[0]), x[0].sqrt(), number(0.0)), x[1], x[2].relu()];
        loops::sum(0..3, |i| some.at(i).sqrt() * x.at(i + 1))
    }),
    ("nested", |x| {
        loops::fold(0..3, x[0], |i, s: Var<'_>| {
            let inner = loops::fold(0..2, s, |j, t: Var<'_>| {
                Var::select(positive(x.at(i + j)), t.sqrt() + 0.5, x.at(i + j))
            });
            Var::select(positive(x.at(2 * i + 1)), inner * x[1], x.at(i))
        })
    }),
    ("nested sums of chosen roots", |x| {
        loops::fold(0..3, x[0], |i, s: Var<'_>| {
            let root = s.abs().sqrt();
            loops::sum(0..2, |j| {
                Var::select(positive(x.at(2 * i + j)), root * x.at(j), x.at(i + j))
            })
        })
    }),
];

fn places() -> Vec<Vec<f64>> {
    let mut places = vec![
        vec![0.0; 8],
        vec![0.0, 1.0, 0.0, 0.5, -1.0, 0.0, 2.0, -0.5],
        vec![1.0, 0.0, -1.0, 0.0, 1.0, 1.0, 0.0, 0.25],
        vec![-1.0, -2.0, 0.0, 0.0, 0.5, 0.0, 0.0, 1.0],
        vec![0.0, 0.0, 1.0, 1.0, 1.0, 1.0, -1.0, 0.0],
        vec![1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0],
    ];
    // And many more of such numbers, in a fixed disorder.
    let mut state = 1_u32;
    places.extend((0..60).map(|_| {
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            [0.0, -1.0, 0.5, 1.0, 0.0, 2.0, 0.0, 1.0][(state >> 29) as usize]
        };
        (0..8).map(|_| draw()).collect()
    }));
    places
}

/// Entries that a loop within a loop reads together count together, which second derivatives may see.
const TOGETHER: (&str, &str) = ("hessian", "nested");

#[test]
fn what_a_choice_left_out_leaves_no_trace() {
    let mut parted = Vec::new();
    for (form, code) in GUARDED {
        let f = Function::record(inputs(), code).unwrap();
        let flat = f.unrolled().unwrap();
        for (name, derivative, further) in
            DERIVATIVES.iter().filter(|own| own.0 != "gradient of hvp")
        {
            let what = format!("{name} of {form}");
            let (kept, written_out) = (derivative(&f), derivative(&flat));
            for (place, mut x) in places().into_iter().enumerate() {
                x.extend((0..*further).map(|k| 0.5 + 0.25 * k as f64));
                if place < 6 {
                    agrees(&what, &kept, &x);
                }
                let (a, b) = (kept.eval(&x).unwrap(), written_out.eval(&x).unwrap());
                for ((a, b), output) in a.iter().zip(&b).zip(kept.output_names()) {
                    // An infinity that does not count can make a NaN of what is written out.
                    let together = (*name, *form) == TOGETHER && a.is_nan();
                    if !close(*a, *b) && !b.is_nan() && !together {
                        parted.push(format!("{what} at {x:?}: {output} is {a}, written out {b}"));
                    }
                }
            }
        }
    }
    // The first of each derivative and form tells enough.
    let what = |line: &String| line.split(" at [").next().map(str::to_owned);
    let count = parted.len();
    parted.dedup_by_key(|line| what(line));
    assert!(parted.is_empty(), "{count} of them part:\n{}", parted.join("\n"));
}
