//! Further forms of loops, on eight inputs x: those that sparse derivatives split in ways of their own. Other crates' tests
//! use them too.

use uphill_graph::{At, Index, Scalar, Table, Var, loops};

type Many = for<'g> fn(&[Var<'g>]) -> Vec<Var<'g>>;
type One = for<'g> fn(&[Var<'g>]) -> Var<'g>;

/// Functions with many outputs, on eight inputs x.
pub(crate) const ROWS: &[(&str, Many)] = &[
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
pub(crate) const PERFORMANCES: &[(&str, One)] = &[
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
        loops::sum(0..4, |i| (i.value() + 1.0) * y.at(i) + y.at(7 - i))
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
