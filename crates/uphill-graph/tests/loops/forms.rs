//! Each form of loop, as code; other crates' tests use it too.

use uphill_graph::{At, Index, Inputs, Scalar, Table, Var, loops};

pub(crate) type Code = for<'g> fn(&[Var<'g>]) -> Var<'g>;

/// Each form of loop on eight inputs x.
pub(crate) const FORMS: &[(&str, Code)] = &[
    ("sum", |x| {
        loops::sum(1..8, |i| {
            100.0 * (x.at(i) - x.at(i - 1).square()).square() + (1.0 - x.at(i - 1)).sin()
        })
    }),
    ("map", |x| {
        let y = loops::map(0..7, |i| (x.at(i) * x.at(i + 1)).exp());
        y[0] * y[3] + Var::total(&y) * x[2]
    }),
    ("map read by a loop", |x| {
        let y = loops::map(0..8, |i| x.at(i).square() + x[0]);
        loops::sum(0..8, |i| y.at(i) * x.at(7 - i))
    }),
    ("fold", |x| loops::fold(0..8, x[0], |i, s: Var<'_>| (s * x[1] + x.at(i)).sin())),
    ("fold of two", |x| {
        let [a, b] = loops::fold(0..20, [x[0], x[1]], |_, [a, b]| {
            [a + 0.1 * (x[2] * a - x[3] * a * b), b + 0.1 * (x[4] * a * b - x[5] * b)]
        });
        a * b + a
    }),
    ("fold from a number", |x| {
        loops::fold(0..8, Var::constant(0.0), |i, s: Var<'_>| s * 0.5 + x.at(i).cos())
    }),
    ("scan", |x| {
        let (last, all) = loops::scan(0..8, x[0], |i, s: Var<'_>| {
            let next = (s + x.at(i)).tanh();
            (next, next * s)
        });
        last + all[3] * all[7] + loops::sum(0..8, |i| all.at(i) * x.at(i))
    }),
    ("nested", |x| {
        loops::sum(0..2, |i| {
            loops::sum(0..3, |j| (x.at(4 * i + j) * x.at(4 * i + j + 1)).sin() * x[0])
        })
    }),
    ("nested with states", |x| {
        loops::fold(0..3, x[0], |i, s: Var<'_>| {
            let inner = loops::fold(0..4, s, |j, t: Var<'_>| (t * x.at(j + i) + 0.3).sin());
            inner * x.at(i)
        })
    }),
    ("map of sums", |x| {
        let rows = loops::map(0..2, |i| loops::sum(0..4, |j| x.at(4 * i + j) * x.at(j)));
        rows[0] * rows[1]
    }),
    ("counter", |x| loops::sum(2..6, |i| i.value() * x.at(i).square() + (2 * i + 1).value())),
    ("data", |x| {
        let data = [0.5, 1.5, -2.0, 0.25, 3.0, 1.0, 2.0, -1.0];
        loops::sum(0..8, |i| (x.at(i) - i.of(&data)).square())
    }),
    ("gather", |x| {
        let from = Table::new([3, 0, 0, 7, 2], 8).unwrap();
        loops::sum(0..5, |i| x.at(from.at(i)).exp() * x.at(i))
    }),
    ("gather pairs", |x| {
        let from = Table::new([3, 0, 1, 1], 4).unwrap();
        loops::sum(0..3, |i| (x.at(2 * from.at(i)) - x.at(2 * from.at(i + 1) + 1)).square())
    }),
    ("gather in nests", |x| {
        let from = Table::new([3, 0, 1, 1, 7, 6], 8).unwrap();
        loops::sum(0..2, |i| x.at(i) * loops::sum(0..3, |j| x.at(from.at(3 * i + j)).sin()))
    }),
    ("every other entry", |x| {
        let odd: Vec<Var<'_>> = x.iter().copied().skip(1).step_by(2).collect();
        loops::sum(0..4, |i| odd.at(i) * odd.at(3 - i))
    }),
    ("a vector put together", |x| {
        let y = [x[3] * x[0], x[1], Var::constant(2.0), x[7]];
        loops::sum(0..4, |i| y.at(i) * x.at(2 * i)).sin()
    }),
    ("a vector made in a body", |x| {
        loops::sum(0..3, |i| {
            let y = [x.at(i), x.at(i + 1) * 2.0, x[7]];
            loops::sum(0..3, |j| y.at(j) * x.at(i + j))
        })
    }),
    ("while", |x| {
        let a = x[0].square() + 1.0;
        loops::repeat_while(
            50,
            a,
            |r: Var<'_>| (r * r - a).abs().greater(1e-12 * a),
            |r| 0.5 * (r + a / r),
        )
    }),
    ("choices", |x| {
        loops::sum(0..8, |i| {
            Var::select(x.at(i).greater(Var::constant(0.3)), x.at(i).ln(), x[0] * x.at(i))
        })
    }),
    ("invariants", |x| loops::sum(0..8, |i| (x[0].exp() * x[1]) * x.at(i) + x[2].sin())),
    ("none", |x| {
        let state = loops::fold(0..0, x[0], |_, s: Var<'_>| s * 2.0);
        let sum: Var<'_> = loops::sum(0..0, |i| x.at(i));
        let map = loops::map(0..0, |i| x.at(i));
        state * x[1] + sum + map.len() as f64
    }),
    ("once", |x| loops::fold(0..1, x[0], |i, s: Var<'_>| s * x.at(i + 3)).exp()),
    ("of a body that reads nothing", |x| x[0] + loops::sum(0..5, |_| Var::constant(2.0))),
    ("more terms than a block", |x| {
        loops::sum::<Var<'_>>(0..2500, |i| (x[0] * i.value() * 1e-3 + x[1]).sin()) * x[2]
    }),
    ("more rows than a block", |x| {
        let long: Vec<Var<'_>> =
            loops::map(0..3000, |i: Index<Var<'_>>| (x[3] * i.value() * 1e-3).cos());
        loops::sum(0..2999, |i| {
            long.at(i) * long.at(i + 1) + loops::sum(0..2, |j| long.at(i + j) * x.at(j))
        })
    }),
    ("states that change places", |x| {
        let [a, b, c] =
            loops::fold(0..7, [x[0], x[1], x[2]], |i, [a, b, c]| [b, c, (a + x.at(i)).sin()]);
        a + 2.0 * b + 3.0 * c
    }),
    ("a function of a loop of a function", |x| {
        let y = loops::fold(0..5, x[1].sin(), |i, s: Var<'_>| s.square() + x.at(i));
        loops::sum(0..4, |i| y * x.at(i)).tanh() * y
    }),
];

pub(crate) fn inputs() -> Inputs {
    Inputs::new().variables("x", 8)
}

/// Three points.
pub(crate) fn points() -> [Vec<f64>; 3] {
    let of = |seed: f64| {
        (0..8).map(|k| 0.35 + 0.5 * ((f64::from(k) + 1.0) * seed).sin().abs()).collect()
    };
    [of(0.7), of(1.9), of(3.1)]
}
