//! Plain loops over variables become loops of the graph, with the bits of what was written out.
//!
//! Each program is code as people write it. What is found is compared with what is due; values with those of the
//! recording, bit for bit; derivatives with dual numbers that run through the recording.

use approx::assert_relative_eq;
use uphill_graph::{Dual, Function, Inputs, Scalar, Var, loops};

type Code = Box<dyn for<'g> Fn(&[Var<'g>]) -> Vec<Var<'g>>>;

struct Program {
    what: &'static str,
    inputs: Inputs,
    code: Code,
    /// The lines of what `loops` tells.
    due: &'static [&'static str],
}

fn program(
    what: &'static str,
    inputs: Inputs,
    code: impl for<'g> Fn(&[Var<'g>]) -> Vec<Var<'g>> + 'static,
    due: &'static [&'static str],
) -> Program {
    Program { what, inputs, code: Box::new(code), due }
}

/// Numbers between 0 and 1 without a pattern.
fn drawn(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..count).map(|_| next()).collect()
}

fn vector(length: usize) -> Inputs {
    Inputs::new().variables("x", length)
}

fn programs() -> Vec<Program> {
    let data = drawn(3, 10_000);
    let places: Vec<usize> = drawn(5, 10_000).iter().map(|u| (u * 100.0) as usize).collect();
    vec![
        program(
            "a chain",
            Inputs::from(["x", "c"]),
            |v| {
                let mut x = v[0];
                for _ in 0..20_000 {
                    x = (x * v[1]).sin() + v[0];
                }
                vec![x]
            },
            &["20000 iterations of 3 operations: 1 carried, 0 walks"],
        ),
        program(
            "a sum over neighbours",
            vector(6000),
            |x| {
                let mut p = Var::constant(0.0);
                for i in 1..x.len() {
                    p += 100.0 * (x[i] - x[i - 1].square()).square() + (1.0 - x[i - 1]).square();
                }
                vec![p]
            },
            &["5999 iterations of 8 operations: 1 carried, 2 walks"],
        ),
        program(
            "results that a second loop reads",
            vector(8000),
            |x| {
                let y: Vec<_> = x.iter().map(|x| (0.5 * *x).exp() + x.sin()).collect();
                let mut p = y[0];
                for pair in y.windows(2) {
                    p += pair[0] * pair[1].cos();
                }
                vec![p, y[17]]
            },
            &[
                "8000 iterations of 4 operations: 0 carried, 1 walks",
                "7999 iterations of 3 operations: 1 carried, 2 walks",
            ],
        ),
        program(
            "data, one number in each iteration",
            Inputs::from(["a", "b"]),
            {
                let data = data.clone();
                move |v| {
                    let mut p = Var::constant(0.0);
                    for (i, &y) in data.iter().enumerate() {
                        // Two decimals: numbers come again.
                        let y = (y * 100.0).round() / 100.0;
                        p -= (y - v[0] * (v[1] * i as f64).tanh()).square();
                    }
                    vec![p]
                }
            },
            &["10000 iterations of 6 operations: 1 carried, 2 walks"],
        ),
        program(
            "entries that are drawn",
            vector(100),
            {
                let places = places.clone();
                move |x| {
                    let mut p = Var::constant(0.0);
                    for pair in places.chunks(2) {
                        p += (x[pair[0]] - 2.0 * x[pair[1]]).square().sqrt();
                    }
                    vec![p]
                }
            },
            &["5000 iterations of 5 operations: 1 carried, 0 walks, 2 by tables"],
        ),
        program(
            "a grid",
            vector(150 * 150),
            |u| {
                let n = 150;
                let mut p = Var::constant(0.0);
                for i in 0..n - 1 {
                    for j in 0..n - 1 {
                        let here = u[n * i + j];
                        let dx = u[n * (i + 1) + j] - here;
                        let dy = u[n * i + j + 1] - here;
                        p -= (1.0 + dx.square() + dy.square()).sqrt();
                    }
                }
                vec![p]
            },
            &[
                "149 iterations of 8 operations: 1 carried, 3 walks",
                "  149 iterations of 8 operations: 1 carried, 3 walks",
            ],
        ),
        program(
            "heat in a rod",
            Inputs::new().variable("k").variables("u", 300),
            |v| {
                let k = v[0];
                let mut u = v[1..].to_vec();
                for _ in 0..40 {
                    let mut next = u.clone();
                    for i in 1..u.len() - 1 {
                        next[i] = u[i] + k * (u[i - 1] - 2.0 * u[i] + u[i + 1]).sin();
                    }
                    u = next;
                }
                vec![u[150], u[7]]
            },
            &[
                "39 iterations of 18 operations: 7 carried, 0 walks",
                "  296 iterations of 6 operations: 0 carried, 3 walks",
            ],
        ),
        program(
            "two steps back",
            Inputs::from(["x", "a", "b"]),
            |v| {
                let (mut before, mut x) = (v[0], v[0].cos());
                for _ in 0..8000 {
                    (before, x) = (x, (v[1] * x + v[2] * before).sin());
                }
                vec![x]
            },
            &["8000 iterations of 4 operations: 2 carried, 0 walks"],
        ),
        program(
            "a small network over time",
            Inputs::new().variables("w", 24),
            |w| {
                let bits = drawn(9, 600);
                let mut h = vec![Var::constant(0.0); 4];
                let mut p = Var::constant(0.0);
                for bit in bits {
                    let bit = if bit > 0.5 { 1.0 } else { 0.0 };
                    let mut next = Vec::new();
                    for j in 0..4 {
                        let mut net = w[6 * j] + w[6 * j + 1] * bit;
                        for k in 0..4 {
                            net += w[6 * j + 2 + k] * h[k];
                        }
                        next.push(if j < 3 { net.sigmoid() } else { net.tanh() });
                    }
                    h = next;
                    p -= (h[0] - bit).square();
                }
                vec![p, h[3]]
            },
            &["600 iterations of 47 operations: 5 carried, 1 walks"],
        ),
        program(
            "values of all iterations, and of the last",
            vector(2),
            |x| {
                let mut results = Vec::new();
                let mut state = x[0];
                let mut last = x[1];
                for i in 0..6000 {
                    state = (state + x[1]).sin();
                    last = (state * f64::from(i)).cos();
                    if i % 2000 == 100 {
                        results.push(state);
                    }
                }
                results.push(last);
                results
            },
            &["6000 iterations of 4 operations: 2 carried, 1 walks"],
        ),
        program(
            "twenty iterations back",
            Inputs::from(["x", "a"]),
            |v| {
                let mut x: Vec<_> = (0..20).map(|i| v[0] * f64::from(i)).collect();
                for t in 20..8020 {
                    x.push((v[1] * x[t - 20] + x[t - 1]).sin());
                }
                vec![x[8019]]
            },
            &[
                "not taken, 8000 times 3 operations: an iteration reads what more than 4 iterations before it computed: \
               carry it on in a state",
            ],
        ),
        program(
            "what an earlier half computed",
            Inputs::from(["x"]),
            |v| {
                let mut x = vec![v[0], v[0].sin()];
                for i in 2..20_000 {
                    x.push((x[i / 2] + 1.0).cos());
                }
                vec![x[19_999]]
            },
            &[
                "not taken, 19998 times 2 operations: operands move unevenly: numbers and values take turns in one place, or \
               results are read in no order; `loops::map` with a `Table` says where to read",
            ],
        ),
        program(
            "backwards, in steps of two and three",
            vector(18_000),
            |x| {
                let mut p = Var::constant(1.0);
                for i in (0..5999).rev() {
                    p = (p + x[2 * i] * x[3 * i + 1]).sin();
                }
                vec![p]
            },
            &["5999 iterations of 3 operations: 1 carried, 2 walks"],
        ),
        program(
            "beside loops that the code writes",
            vector(9000),
            |x| {
                let written = loops::sum(0..9000, |i| uphill_graph::At::at(x, i).exp());
                let mut p = written;
                for &x in x {
                    p = (p + x).tanh().named("step");
                }
                vec![p * written]
            },
            &[
                "9000 iterations of 1 operations: 0 carried, 1 walks",
                "9000 iterations of 2 operations: 1 carried, 1 walks",
            ],
        ),
        program(
            "a dense layer",
            Inputs::new().variables("w", 97 * 96).variables("x", 96),
            |v| {
                let (w, x) = v.split_at(97 * 96);
                let mut p = Var::constant(0.0);
                for row in w.chunks(97) {
                    let net = row.iter().zip(x).fold(row[96], |net, (&w, &x)| net + w * x);
                    p += net.tanh();
                }
                vec![p]
            },
            &[
                "not taken, 96 times 194 operations: rows of a matrix times a vector: written out, they become one dense block \
               of a program",
            ],
        ),
        program(
            "a layer of few inputs and many units",
            Inputs::new().variables("w", 3000 * 6).parameters("x", 5),
            |v| {
                let (w, x) = v.split_at(3000 * 6);
                let mut p = Var::constant(0.0);
                for row in w.chunks(6) {
                    let net = row.iter().zip(x).fold(row[5], |net, (&w, &x)| net + w * x);
                    p += net.tanh();
                }
                vec![p]
            },
            &[
                "not taken, 3000 times 12 operations: rows of a matrix times a vector: written out, they become one dense block \
               of a program",
            ],
        ),
        program(
            "a wide layer of few outputs",
            Inputs::new().variables("w", 3 * 5000).parameters("x", 5000),
            |v| {
                let (w, x) = v.split_at(3 * 5000);
                w.chunks(5000).map(|w| w.iter().zip(x).map(|(&w, &x)| w * x).sum()).collect()
            },
            &[
                "not taken, 4999 times 2 operations: rows of a matrix times a vector: written out, they become one dense block \
               of a program",
            ],
        ),
        program(
            "sums along a vector of variables that two share",
            Inputs::new().variables("x", 5000).variables("y", 5000).variables("z", 5000),
            |v| {
                let (x, rest) = v.split_at(5000);
                rest.chunks(5000).map(|y| x.iter().zip(y).map(|(&x, &y)| x * y).sum()).collect()
            },
            &[
                "4999 iterations of 2 operations: 1 carried, 2 walks",
                "4999 iterations of 2 operations: 1 carried, 2 walks",
            ],
        ),
        program(
            "a filter: each number is read by several rows",
            Inputs::new().variables("x", 3005).parameters("w", 5),
            |v| {
                let (x, w) = v.split_at(3005);
                let mut p = Var::constant(0.0);
                for x in x.windows(5) {
                    p += w.iter().zip(x).map(|(&w, &x)| w * x).sum::<Var<'_>>().tanh();
                }
                vec![p]
            },
            &["3001 iterations of 11 operations: 1 carried, 5 walks"],
        ),
        program(
            "a few triangles, each times a vector of its own",
            Inputs::new().variables("w", 20 * 300).variables("m", 20 * 24).variables("x", 24),
            |v| {
                let (w, rest) = v.split_at(20 * 300);
                let (m, x) = rest.split_at(20 * 24);
                let mut p = Var::constant(0.0);
                for (w, m) in w.chunks(300).zip(m.chunks(24)) {
                    let away: Vec<Var<'_>> = x.iter().zip(m).map(|(&x, &m)| x - m).collect();
                    let mut next = w.iter();
                    for i in 0..24 {
                        let sum = away[..=i].iter().zip(&mut next).map(|(&x, &w)| w * x);
                        p += sum.reduce(|sum, term| sum + term).unwrap_or(x[0]).square();
                    }
                }
                vec![p]
            },
            &[
                "not taken, 20 times 648 operations: rows of a matrix times a vector: written out, they become one dense block \
               of a program",
            ],
        ),
        program(
            "samples of a few features",
            Inputs::new().variables("w", 5).variables("x", 3000 * 5),
            |v| {
                let (w, x) = v.split_at(5);
                let mut p = Var::constant(0.0);
                for row in x.chunks(5) {
                    let error = (0..4).fold(row[4] - w[4], |error, k| error - w[k] * row[k]);
                    p -= error.square();
                }
                vec![p]
            },
            &["3000 iterations of 11 operations: 1 carried, 5 walks"],
        ),
        program(
            "too little",
            vector(500),
            |x| {
                let mut p = Var::constant(0.0);
                x.iter().for_each(|x| p += x.square());
                vec![p]
            },
            &[],
        ),
    ]
}

fn record(program: &Program) -> Function {
    Function::record_many(program.inputs.clone(), |v| (program.code)(v)).unwrap()
}

#[test]
fn plain_loops_are_found_and_have_the_same_bits() {
    let mut wrong = String::new();
    for program in programs() {
        let f = record(&program);
        let told = f.loops().to_string();
        let lines: Vec<&str> = told.lines().collect();
        if lines != program.due {
            wrong += &format!("{}:\n{told}due:\n{}\n\n", program.what, program.due.join("\n"));
        }
        let rolled = f.rolled();
        rolled.verify().unwrap();
        for seed in 1..3 {
            let x = drawn(seed, f.inputs().len());
            let bits = |f: &Function| -> Vec<u64> {
                f.eval(&x).unwrap().iter().map(|value| value.to_bits()).collect()
            };
            assert_eq!(bits(&rolled), bits(&f), "{}", program.what);
            // Written out it has as many operations.
            if seed == 1 {
                let written = rolled.graph().run_operations();
                assert!(written >= f.graph().run_operations(), "{}", program.what);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn derivatives_of_what_was_found_are_those_of_what_was_written() {
    for program in programs() {
        let f = record(&program);
        let x = drawn(7, f.inputs().len());
        // Variables come first.
        let direction = drawn(8, f.inputs().variable_positions().len());
        let tangents = direction.iter().copied().chain(std::iter::repeat(0.0));
        let duals: Vec<Dual<f64>> =
            x.iter().zip(tangents).map(|(&value, tangent)| Dual::new(value, tangent)).collect();
        let due: Vec<f64> =
            f.eval_scalar(&duals).unwrap().iter().map(|dual| dual.tangent).collect();
        let both = [x.clone(), direction.clone()].concat();
        let forward = f.jvp().unwrap().eval(&both).unwrap();
        let seeds = drawn(11, due.len());
        let backward = f.vjp().unwrap().eval(&[x, seeds.clone()].concat()).unwrap();
        for (got, due) in forward.iter().zip(&due) {
            assert_relative_eq!(got, due, max_relative = 1e-9, epsilon = 1e-11);
        }
        let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let (got, due) = (product(&backward, &direction), product(&seeds, &due));
        assert_relative_eq!(got, due, max_relative = 1e-9, epsilon = 1e-11);
    }
}

/// Where a drawn step reads.
#[derive(Debug, Clone, Copy)]
enum From {
    State(usize),
    /// An entry of the inputs: an offset, and by how much each counter moves it.
    Entry(usize, [usize; 3]),
    /// An entry without a pattern.
    Drawn,
    /// Data, or the same number always.
    Datum,
    Number(f64),
    /// The result of so many steps before.
    Back(usize),
}

#[derive(Debug, Clone)]
enum Line {
    Step { op: usize, from: [From; 2], to: usize },
    For { turns: usize, body: Vec<Line> },
}

/// Draws code: loops in loops, with what plain loops have.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = drawn(self.0, 2)[1].to_bits();
        (self.0 >> 5) as usize % limit
    }

    fn from(&mut self) -> From {
        match self.below(12) {
            0..=3 => From::State(self.below(3)),
            4..=6 => From::Entry(self.below(50), [0; 3].map(|_| self.below(4))),
            7 => From::Drawn,
            8 => From::Datum,
            9 => From::Number(0.25 * self.below(9) as f64),
            _ => From::Back(1 + self.below(9)),
        }
    }

    fn lines(&mut self, depth: usize) -> Vec<Line> {
        let count = 1 + self.below(4);
        let mut lines: Vec<Line> = (0..count)
            .map(|_| Line::Step {
                op: self.below(6),
                from: [self.from(), self.from()],
                to: self.below(3),
            })
            .collect();
        if depth > 0 {
            let turns = [3, 17, 40, 70, 150][self.below(5)];
            let place = self.below(lines.len() + 1);
            let body = self.lines(depth - 1);
            lines.insert(place, Line::For { turns, body });
        }
        lines
    }
}

fn operations(lines: &[Line]) -> usize {
    let each = lines.iter().map(|line| match line {
        Line::Step { .. } => 1,
        Line::For { turns, body } => turns * operations(body),
    });
    each.sum()
}

struct Run<'a, S> {
    x: &'a [S],
    places: &'a [usize],
    data: &'a [f64],
    states: [S; 3],
    results: Vec<S>,
}

impl<S: Scalar> Run<'_, S> {
    fn read(&self, from: From, counters: &[usize]) -> S {
        let step = self.results.len();
        match from {
            From::State(k) => self.states[k],
            From::Entry(offset, strides) => {
                let moved: usize = strides.iter().zip(counters).map(|(s, i)| s * i).sum();
                self.x[(offset + moved) % self.x.len()]
            }
            From::Drawn => self.x[self.places[step % self.places.len()]],
            From::Datum => S::constant(self.data[step % self.data.len()]),
            From::Number(number) => S::constant(number),
            From::Back(back) => step.checked_sub(back).map_or(self.x[0], |at| self.results[at]),
        }
    }

    fn lines(&mut self, lines: &[Line], counters: &mut Vec<usize>) {
        for line in lines {
            match line {
                Line::For { turns, body } => {
                    for i in 0..*turns {
                        counters.push(i);
                        self.lines(body, counters);
                        counters.pop();
                    }
                }
                Line::Step { op, from, to } => {
                    let [a, b] = from.map(|from| self.read(from, counters));
                    let result = match op {
                        0 => (a + b).sin(),
                        1 => a * 0.5 + b.tanh(),
                        2 => a.tanh() * b,
                        3 => (a.square() + 1.0).sqrt() - b,
                        4 => (a - b).cos(),
                        _ => a.max(b).atan(),
                    };
                    self.states[*to] = result;
                    self.results.push(result);
                }
            }
        }
    }
}

#[test]
fn drawn_code_has_its_bits() {
    let mut found = 0;
    for seed in 0..100 {
        let mut draw = Draw(1000 + seed);
        let depth = 1 + draw.below(3);
        let body = draw.lines(depth);
        let places: Vec<usize> = (0..997).map(|_| draw.below(400)).collect();
        let data: Vec<f64> = drawn(seed, 1009).iter().map(|u| (8.0 * u).round() / 8.0).collect();
        // So often that there is something to find.
        let code = [Line::For { turns: 300, body }];
        fn run<S: Scalar>(code: &[Line], x: &[S], places: &[usize], data: &[f64]) -> Vec<S> {
            let mut run = Run { x, places, data, states: [x[0], x[1], x[2]], results: Vec::new() };
            run.lines(code, &mut Vec::new());
            let count = run.results.len();
            let some = [0, 1, count / 3, count / 2, count - 2, count - 1].map(|k| run.results[k]);
            some.into_iter().chain(run.states).collect()
        }
        if operations(&code) > 200_000 {
            continue;
        }
        let f = Function::record_many(vector(400), |x| run(&code, x, &places, &data)).unwrap();
        let rolled = f.rolled();
        rolled.verify().unwrap();
        found += usize::from(!f.loops().found.is_empty());
        let x = drawn(seed + 7, 400);
        let due = run(&code, &x, &places, &data);
        for function in [&f, &rolled] {
            let got = function.eval(&x).unwrap();
            let same = got.iter().zip(&due).all(|(got, due)| got.to_bits() == due.to_bits());
            assert!(same, "seed {seed}: {got:?}, due {due:?}\n{code:?}\n{}", f.loops());
        }
    }
    assert!(found > 20, "{found} with loops");
}
