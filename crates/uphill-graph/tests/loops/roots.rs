//! Each way in which implicit functions stand in code; other crates' tests use it too.

use uphill_graph::{At, Implicit, Scalar, Var, loops};

type Code = for<'g> fn(&[Var<'g>]) -> Var<'g>;

/// Kepler's equation, from the time.
fn kepler<'g>(e: Var<'g>, time: Var<'g>) -> Var<'g> {
    let kepler = Implicit::record(1, 2, |y, x| vec![y[0] - x[0] * y[0].sin() - x[1]]).unwrap();
    kepler.at_most(20).solve(&[time], &[e, time])[0]
}

/// A step of the backward Euler method for y' = -k·y², twice as long for each y.
fn backward_euler() -> Implicit {
    let step = Implicit::record(2, 3, |y, x| {
        vec![y[0] - x[0] + 0.1 * x[2] * y[0].square() * y[1], y[1] - x[1] + 0.2 * y[0] * y[1]]
    });
    step.unwrap().at_most(12)
}

/// Each of them on eight inputs x.
pub(crate) const ROOTS: &[(&str, Code)] = &[
    ("root", |x| kepler(x[0], x[1] + x[2])),
    ("root inside of code", |x| (kepler(x[0] * x[3], x[1].exp()) * x[2]).sin() / x[0]),
    ("system", |x| {
        let both = Implicit::record(2, 2, |y, x| vec![y[0] + y[1] - x[0], y[0] * y[1] - x[1]]);
        let y = both.unwrap().solve(&[1.0, 2.5].map(Var::constant), &[x[0] + 3.0, x[1] + 1.0]);
        y[0].square() * y[1] + x[2] * y[1]
    }),
    ("system that needs its rows exchanged", |x| {
        let three = Implicit::record(3, 3, |y, x| {
            vec![y[1] * y[2] - x[0], y[2] + y[0].exp() * 0.1 - x[1], y[0] - x[2] * y[1]]
        });
        let y = three.unwrap().solve(&[x[0], x[1], x[2]], &[x[3], x[4] + 1.0, x[5]]);
        y[0] * y[1] + y[2].ln()
    }),
    ("root by one of two variables", |x| {
        let still = kepler(Var::constant(0.3), Var::constant(1.2));
        kepler(Var::constant(0.3), x[0]) * still + x[1]
    }),
    ("root from a start that is a variable", |x| {
        let root = Implicit::record(1, 1, |y, x| vec![y[0].powi(3) - x[0]]).unwrap();
        root.solve(&[x[1]], &[x[0]])[0]
    }),
    ("root of the root", |x| kepler(kepler(x[0], x[1]) * 0.4, kepler(x[2], x[3]))),
    ("root in an equation", |x| {
        let outer = Implicit::record(1, 2, |y, x| vec![y[0] + 0.3 * kepler(x[0], y[0]) - x[1]]);
        outer.unwrap().solve(&[x[2]], &[x[0], x[1]])[0]
    }),
    ("roots in a loop", |x| loops::sum(0..8, |i| kepler(x[0], x.at(i)) * x.at(7 - i))),
    ("roots that are carried", |x| {
        let step = backward_euler();
        let state = loops::fold(0..5, [x[0], x[1]], |i, [a, b]: [Var<'_>; 2]| {
            let y = step.solve(&[a, b], &[a, b, x.at(i + 2)]);
            [y[0], y[1]]
        });
        state[0] * state[1]
    }),
    ("root of a loop", |x| {
        let all = Implicit::record(1, 8, |y, x| {
            let sum = loops::sum(0..8, |i| (x.at(i) * y[0]).tanh());
            vec![sum - 2.0]
        });
        all.unwrap().solve(&[Var::constant(0.4)], x)[0] * x[3]
    }),
    ("system of loops", |x| {
        let all = Implicit::record(3, 8, |y, x| {
            let next = |i: usize| (i + 1) % 3;
            let coupled: Vec<Var<'_>> = (0..3).map(|i| y[i] + 0.2 * y[next(i)].sin()).collect();
            loops::map(0..3, |i| coupled.at(i) - x.at(2 * i) * x.at(2 * i + 1))
        });
        let y = all.unwrap().solve(&[x[0], x[1], x[2]], x);
        loops::sum(0..3, |i| y.at(i) * x.at(i))
    }),
    ("root with a choice in its equation", |x| {
        let bent = Implicit::record(1, 3, |y, x| {
            let low = y[0].less(Var::constant(0.5));
            vec![y[0] + Var::select(low, y[0] * x[0], x[1] * (y[0] - 0.5) + 0.5 * x[0]) - x[2]]
        });
        bent.unwrap().solve(&[x[3]], &[x[0], x[1], x[2]])[0]
    }),
    ("root that is chosen", |x| {
        let root = Implicit::record(1, 1, |y, x| vec![y[0].square() - x[0]]).unwrap();
        // There is none for what isn't taken.
        let none = root.solve(&[Var::constant(1.0)], &[x[0] - 2.0])[0];
        let own = root.solve(&[Var::constant(1.0)], &[x[0] + 2.0])[0];
        Var::select(x[1].greater(Var::constant(5.0)), none, own * x[1])
    }),
];
