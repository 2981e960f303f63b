//! Workloads with loops, at any size: a chained problem, a surface on a grid, springs between gathered points.

use uphill_graph::{At, Function, Inputs, Scalar, Table, loops};

/// A function of a size, and a point.
type Workload = fn(usize) -> (Function, Vec<f64>);

pub(crate) const WORKLOADS: [(&str, Workload); 3] =
    [("a chained problem", chained), ("a surface on a grid", surface), ("springs", springs)];

/// Numbers between 0 and 1.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.unit() * limit as f64) as usize
    }
}

/// Rosenbrock's function of n numbers, with n - 2 multipliers of what is to be 0.
pub(crate) fn chained(n: usize) -> (Function, Vec<f64>) {
    let inputs = Inputs::new().variables("x", n).parameters("multiplier", n - 2);
    let f = Function::record(inputs, |v| {
        let (x, multiplier) = v.split_at(n);
        let links = loops::sum(1..n, |i| {
            let (x, next) = (x.at(i - 1), x.at(i));
            100.0 * (x * x - next).square() + (x - 1.0).square()
        });
        let held = loops::sum(0..n - 2, |i| {
            let (x, y, z) = (x.at(i), x.at(i + 1), x.at(i + 2));
            let sines = (y - z).sin() * (y + z).sin();
            let power = x * (x - y).exp();
            multiplier.at(i) * (3.0 * y.powi(3) + 2.0 * z - 5.0 + sines + 4.0 * y - power - 3.0)
        });
        links + held
    });
    let x = (0..n).map(|i| if i % 2 == 1 { 1.0 } else { -1.2 });
    (f.unwrap(), x.chain(std::iter::repeat_n(0.5, n - 2)).collect())
}

/// The area over n × n heights.
fn surface(n: usize) -> (Function, Vec<f64>) {
    let cells = (n - 1) as f64;
    let f = Function::record(Inputs::new().variables("u", n * n), |u| {
        -loops::sum(0..n - 1, |i| {
            loops::sum(0..n - 1, |j| {
                let k = n * i + j;
                let down = (u.at(k + n) - u.at(k)) * cells;
                let across = (u.at(k + 1) - u.at(k)) * cells;
                (1.0 + down.square() + across.square()).sqrt() / (cells * cells)
            })
        })
    });
    let mut random = Random(21);
    (f.unwrap(), (0..n * n).map(|_| random.unit()).collect())
}

/// Five springs for each of n points, each between two of them.
fn springs(n: usize) -> (Function, Vec<f64>) {
    let mut random = Random(23);
    let positions = (0..2 * n).map(|_| random.unit()).collect();
    let (mut from, mut to) = (Vec::new(), Vec::new());
    let (mut stiffness, mut length) = (Vec::new(), Vec::new());
    for _ in 0..5 * n {
        let first = random.below(n);
        from.push(first);
        to.push((first + 1 + random.below(n - 1)) % n);
        stiffness.push(1.0 + random.unit());
        length.push(random.unit());
    }
    let [from, to] = [from, to].map(|ends| Table::new(ends, n).unwrap());
    let f = Function::record(Inputs::new().variables("x", 2 * n), |x| {
        -loops::sum(0..5 * n, |i| {
            let across = x.at(2 * from.at(i)) - x.at(2 * to.at(i));
            let up = x.at(2 * from.at(i) + 1) - x.at(2 * to.at(i) + 1);
            let gap = (across * across + up * up).sqrt() - i.of(&length);
            i.of(&stiffness) * gap.square()
        })
    });
    (f.unwrap(), positions)
}
