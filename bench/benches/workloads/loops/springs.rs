//! W8: springs between points of a plane that are gathered by tables of indices, gradient and sparse Hessian.

use std::collections::HashMap;
use std::hint::black_box;

use uphill_graph::{At, Function, Inputs, Scalar, Table, loops};

use super::{Case, Form, Lines};
use crate::numbers::{Random, Sums, check};

/// Points and springs.
const DUE: [(usize, usize, Sums); 2] = [
    (200, 1_000, Sums(-221.17162718341896, 1022.2420874119692, -79.78901392515392)),
    (20_000, 100_000, Sums(-21813.117613617706, 99642.8320375123, -1375.4301632825066)),
];

pub(super) struct Spring {
    ends: [usize; 2],
    stiffness: f64,
    length: f64,
}

pub(super) struct Springs {
    pub(super) positions: Vec<f64>,
    springs: Vec<Spring>,
}

impl Springs {
    pub(super) fn new(springs: usize) -> Springs {
        let points = springs / 5;
        let mut random = Random::new(23);
        let positions = (0..2 * points).map(|_| random.unit()).collect();
        let spring = |_| {
            let first = below(points, &mut random);
            let second = (first + 1 + below(points - 1, &mut random)) % points;
            Spring { ends: [first, second], stiffness: 1.0 + random.unit(), length: random.unit() }
        };
        let springs = (0..springs).map(spring).collect();
        Springs { positions, springs }
    }
}

fn below(limit: usize, random: &mut Random) -> usize {
    (random.unit() * limit as f64) as usize
}

/// The energy of one spring.
fn energy<S: Scalar>(from: [S; 2], to: [S; 2], stiffness: S, length: S) -> S {
    let (x, y) = (from[0] - to[0], from[1] - to[1]);
    stiffness * ((x * x + y * y).sqrt() - length).square()
}

fn plain<S: Scalar>(x: &[S], springs: &[Spring]) -> S {
    let mut performance = S::constant(0.0);
    for spring in springs {
        let [from, to] = spring.ends.map(|end| [x[2 * end], x[2 * end + 1]]);
        let [stiffness, length] = [spring.stiffness, spring.length].map(S::constant);
        performance -= energy(from, to, stiffness, length);
    }
    performance
}

/// The same as a sum whose terms look up their two points.
fn gathered<S: Scalar>(x: &[S], springs: &[Spring]) -> S {
    let ends = |which: usize| {
        let places = springs.iter().map(|spring| spring.ends[which]);
        Table::new(places, x.len() / 2).expect("ends are points")
    };
    let [from, to] = [ends(0), ends(1)];
    let stiffness: Vec<f64> = springs.iter().map(|spring| spring.stiffness).collect();
    let length: Vec<f64> = springs.iter().map(|spring| spring.length).collect();
    let point = |table: &Table, i| [x.at(2 * table.at(i)), x.at(2 * table.at(i) + 1)];
    -loops::sum(0..springs.len(), |i| {
        energy(point(&from, i), point(&to, i), i.of(&stiffness), i.of(&length))
    })
}

/// A size is a number of springs.
const FORMS: [Form; 2] = [
    Form {
        name: "plain",
        record: record_plain,
        gradient: &[1_000, 100_000],
        hessian: &[1_000, 100_000],
    },
    Form {
        name: "gather and sum",
        record: record_gathered,
        gradient: &[1_000, 100_000],
        hessian: &[1_000, 100_000],
    },
];

fn record_plain(springs: usize) -> Function {
    let all = Springs::new(springs);
    let inputs = Inputs::new().variables("x", all.positions.len());
    Function::record(inputs, |x| plain(x, &all.springs)).expect("names")
}

pub(super) fn record_gathered(springs: usize) -> Function {
    let all = Springs::new(springs);
    let inputs = Inputs::new().variables("x", all.positions.len());
    Function::record(inputs, |x| gathered(x, &all.springs)).expect("names")
}

/// Derivatives by positions: of the Hessian a block for each point with itself, and one for each spring between its ends,
/// symmetric ones, as a solver's list of blocks wants them.
pub(super) struct ByHand {
    gradient: Vec<f64>,
    of_points: Vec<[f64; 3]>,
    of_springs: Vec<[f64; 3]>,
}

impl ByHand {
    pub(super) fn new(all: &Springs) -> ByHand {
        let points = all.positions.len() / 2;
        ByHand {
            gradient: vec![0.0; 2 * points],
            of_points: vec![[0.0; 3]; points],
            of_springs: vec![[0.0; 3]; all.springs.len()],
        }
    }

    pub(super) fn run<const HESSIAN: bool>(&mut self, all: &Springs) -> f64 {
        let (g, x) = (&mut self.gradient, &all.positions);
        let mut performance = 0.0;
        g.fill(0.0);
        if HESSIAN {
            self.of_points.fill([0.0; 3]);
        }
        for (spring, block) in all.springs.iter().zip(&mut self.of_springs) {
            let [a, b] = spring.ends;
            let (dx, dy) = (x[2 * a] - x[2 * b], x[2 * a + 1] - x[2 * b + 1]);
            let distance = (dx * dx + dy * dy).sqrt();
            let stretch = distance - spring.length;
            performance -= spring.stiffness * stretch * stretch;
            let pull = -2.0 * spring.stiffness * stretch / distance;
            g[2 * a] += pull * dx;
            g[2 * a + 1] += pull * dy;
            g[2 * b] -= pull * dx;
            g[2 * b + 1] -= pull * dy;
            if HESSIAN {
                let across = -2.0 * spring.stiffness * spring.length / distance.powi(3);
                let second = [pull + across * dx * dx, across * dx * dy, pull + across * dy * dy];
                for k in 0..3 {
                    self.of_points[a][k] += second[k];
                    self.of_points[b][k] += second[k];
                    block[k] = -second[k];
                }
            }
        }
        performance
    }

    /// h1 and h2, as of W5. Springs between the same two points add up first.
    fn hessian_sums(&self, all: &Springs) -> [f64; 2] {
        let mut between = HashMap::new();
        for (spring, block) in all.springs.iter().zip(&self.of_springs) {
            let [a, b] = spring.ends;
            let sum = between.entry([a.min(b), a.max(b)]).or_insert([0.0; 3]);
            for k in 0..3 {
                sum[k] += block[k];
            }
        }
        let magnitude = |[xx, xy, yy]: &[f64; 3]| xx.abs() + 2.0 * xy.abs() + yy.abs();
        let own: f64 = self.of_points.iter().map(magnitude).sum();
        let shared: f64 = between.values().map(magnitude).sum();
        [own + 2.0 * shared, self.of_points.iter().map(|[xx, _, yy]| xx + yy).sum()]
    }
}

pub(super) fn run(lines: &mut Lines) {
    println!("\nW8, springs between gathered points");
    for (points, springs, due) in DUE {
        let all = Springs::new(springs);
        assert_eq!(all.positions.len(), 2 * points);
        let mut by_hand = ByHand::new(&all);
        let performance = by_hand.run::<true>(&all);
        Sums::of(performance, &by_hand.gradient).check(
            &format!("by hand, {springs} springs"),
            due,
            1e-12,
        );
        let [h1, h2] = by_hand.hessian_sums(&all);
        for form in FORMS {
            let case = Case { workload: "W8", form: &form, size: springs, inputs: &all.positions };
            case.gradient(
                lines,
                |what, all| case.sums(what, all, due, springs),
                || {
                    black_box(by_hand.run::<false>(black_box(&all)));
                },
            );
            case.hessian(
                lines,
                |what, got| check(what, &[(got[0], h1), (got[1], h2)], 1e-12),
                || {
                    black_box(by_hand.run::<true>(black_box(&all)));
                },
            );
        }
    }
}
