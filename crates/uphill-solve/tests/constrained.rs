//! Problems with constraints: classic ones with published optima, multipliers against differences of optima, and each way to
//! end.

use uphill_formula::Formula;
use uphill_graph::{At, Function, Inputs, Recorder, Scalar, loops};
use uphill_solve::{Error, Optimum, Problem, Status};

/// A text of numbers: `sqrt(3)/2, 1`.
fn numbers(text: &str) -> Vec<f64> {
    let number = |text: &str| {
        let formula = Formula::parse(&format!("P = {text} + 0*unused")).unwrap();
        formula.function().unwrap().value(&[0.0]).unwrap()
    };
    text.split(',').map(number).collect()
}

/// A problem of the classic collection.
struct Classic {
    name: String,
    optimum: f64,
    /// How many digits of the optimum were published, as a relative error.
    digits: f64,
    start: Vec<f64>,
    function: Function,
    /// For each constraint whether it is an equation.
    equations: Vec<bool>,
    bounds: Vec<(String, f64, f64)>,
}

impl Classic {
    fn read(head: &str, performance: &str, rest: &str) -> Classic {
        let [name, optimum, start] = head.split('|').collect::<Vec<_>>()[..] else {
            panic!("{head}")
        };
        let digits = match optimum.trim().split_once('.') {
            Some((_, digits)) if digits.len() > 4 && !optimum.contains('q') => {
                0.6 * 0.1_f64.powi(digits.len() as i32)
            }
            _ => 0.0,
        };
        let (optimum, start) = (numbers(optimum)[0], numbers(start));
        let declared: Vec<String> = (1..=start.len()).map(|k| format!("x{k}")).collect();
        let mut text = format!("variables {}\noutputs P", declared.join(", "));
        let (mut lines, mut equations, mut bounds) = (String::new(), Vec::new(), Vec::new());
        for part in rest.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (left, sign, right) = ["<=", ">=", "="]
                .iter()
                .find_map(|sign| part.split_once(sign).map(|(l, r)| (l.trim(), *sign, r.trim())))
                .unwrap();
            if declared.iter().any(|name| name == left) && sign != "=" {
                let limit = numbers(right)[0];
                bounds.push(match sign {
                    "<=" => (left.to_owned(), f64::NEG_INFINITY, limit),
                    _ => (left.to_owned(), limit, f64::INFINITY),
                });
            } else {
                assert!(right == "0" && sign != "<=", "{part}");
                equations.push(sign == "=");
                text += &format!(", c{}", equations.len());
                lines += &format!("\nc{} = {left}", equations.len());
            }
        }
        text += &format!("\nP = {performance}{lines}");
        let function =
            Formula::parse(&text).unwrap_or_else(|e| panic!("{text}\n{e}")).function().unwrap();
        Classic { name: name.trim().into(), optimum, digits, start, function, equations, bounds }
    }

    fn all() -> Vec<Classic> {
        let text = include_str!("hock_schittkowski.txt");
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        lines.chunks_exact(3).map(|part| Classic::read(part[0], part[1], part[2])).collect()
    }

    fn problem(&self) -> Problem<'_> {
        let mut problem = Problem::minimise(&self.function).start(self.start.clone());
        for (k, is_equation) in self.equations.iter().enumerate() {
            let high = if *is_equation { 0.0 } else { f64::INFINITY };
            problem = problem.constrain(format!("c{}", k + 1), 0.0, high);
        }
        for (name, low, high) in &self.bounds {
            problem = problem.bounds(name, *low, *high);
        }
        problem
    }
}

#[test]
fn classic_problems_reach_their_published_optima() {
    let mut wrong = Vec::new();
    for classic in Classic::all() {
        let found = classic.problem().solve().unwrap();
        let off = (found.value - classic.optimum).abs();
        let allowed = 1e-8 * classic.optimum.abs().max(1.0) + classic.digits;
        if !found.status.is_optimal() || off > allowed {
            wrong.push(format!(
                "{}: {} {} {}",
                classic.name, found.value, classic.optimum, found.status
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn chain(count: usize) -> Function {
    let recorder = Recorder::new();
    let x = recorder.inputs(Inputs::new().variables("x", count)).unwrap();
    let p = loops::sum(1..count, |i| {
        100.0 * (x.at(i - 1).square() - x.at(i)).square() + (x.at(i - 1) - 1.0).square()
    });
    let g = loops::map(0..count - 2, |i| {
        let (a, b, c) = (x.at(i), x.at(i + 1), x.at(i + 2));
        3.0 * b.square() * b + 2.0 * c - 5.0 + (b - c).sin() * (b + c).sin() + 4.0 * b
            - a * (a - b).exp()
            - 3.0
    });
    recorder.output("P", p);
    recorder.outputs("g", &g);
    recorder.finish().unwrap()
}

/// A chain of equations (Luksan & Vlcek, problem 5.1): one loop of equations, which stays one, and about as many iterations
/// whatever its length: the optimum lies at one end of the chain. CasADi with Ipopt finds the same number, in as many.
#[test]
fn a_chain_of_equations_of_any_length() {
    const OPTIMUM: f64 = 6.2324586324379885;
    for count in [100, 1000, 10_000] {
        let function = chain(count);
        let start: Vec<f64> = (0..count).map(|i| if i % 2 == 1 { 1.0 } else { -1.2 }).collect();
        let found =
            Problem::minimise(&function).constrain("g", 0.0, 0.0).start(start).solve().unwrap();
        assert!(found.status.is_optimal(), "{}", found.status);
        assert!((found.value - OPTIMUM).abs() < 1e-12, "{}", found.value);
        assert!(found.iterations <= 6, "{}", found.iterations);
        assert!(found.constraints.iter().all(|g| g.value.abs() < 1e-9));
    }
}

/// A function of x and y, from text: P first.
fn of(text: &str) -> Function {
    Formula::parse(&format!("variables x, y\n{text}")).unwrap().function().unwrap()
}

/// A problem, how it is started, and what is said of it.
struct Case {
    text: &'static str,
    state: fn(Problem<'_>) -> Problem<'_>,
    said: &'static str,
}

const INFINITY: f64 = f64::INFINITY;

#[test]
fn each_way_to_end_is_told() {
    let cases = [
        Case {
            text: "outputs P, disc, line; P = x + y; disc = x^2 + y^2; line = x + y",
            state: |p| p.constrain("disc", -INFINITY, 1.0).constrain("line", 2.0, INFINITY),
            said: "infeasible: no point nearby satisfies all constraints; where they are violated least, `line` misses its \
                   limit by 5.858e-1; another start may find a point, if there is one",
        },
        Case {
            text: "outputs P, g; P = x + y; g = x^2 + y^2",
            state: |p| p.constrain("g", -2.0, -1.0),
            said: "infeasible: no point nearby satisfies all constraints; where they are violated least, `g` misses its \
                   limit by 1.000e0; another start may find a point, if there is one",
        },
        Case {
            text: "outputs P, g; P = x - y; g = x - 2*y",
            state: |p| p.constrain("g", 0.0, INFINITY),
            said: "unbounded: P gets better without end as `x` grows beyond all bounds",
        },
        Case {
            text: "outputs P; P = -x^2 - y",
            state: |p| p.bounds("y", -1.0, 1.0),
            said: "unbounded: P gets better without end as `x` grows beyond all bounds",
        },
        Case {
            text: "outputs P; P = 100*(y - x^2)^2 + (1 - x)^2",
            state: |p| p.start([-1.2, 1.0]).most_iterations(3),
            said: "not optimal: the most iterations are done",
        },
        Case {
            text: "outputs P; P = x^2 + y^2",
            state: |p| p.start([-1.2, 1.0]).stop_when(&|| true),
            said: "not optimal: interrupted",
        },
        // A saddle is left; what is a maximum without constraints is left, too, and then there is no end.
        Case {
            text: "outputs P; P = x^2 - y^2 + y^4",
            state: |p| p,
            said: "optimal: all constraints hold, and no point nearby is better",
        },
        // No multipliers exist at the only point that is allowed: the conditions hold nowhere.
        Case {
            text: "outputs P, g; P = x + y; g = x^2 + y^2",
            state: |p| p.constrain("g", -INFINITY, 0.0).start([1.0, 1.0]).most_iterations(200),
            said: "not optimal: the most iterations are done",
        },
        Case {
            text: "outputs P, g; P = (x - 2)^2 + y^2; g = ln(x) + y",
            state: |p| p.constrain("g", 0.0, INFINITY).start([-1.0, 0.0]),
            said: "error: the constraint `g` is NaN at the start",
        },
        Case {
            text: "outputs P; P = sqrt(x) + y^2",
            state: |p| p.start([-1.0, 0.0]),
            said: "error: `P` is NaN at the start",
        },
        Case {
            text: "outputs P, g; P = x; g = y",
            state: |p| p.constrain("h", 0.0, 1.0),
            said: "error: no output is named `h`; known: g",
        },
        Case {
            text: "outputs P, g; P = x; g = y",
            state: |p| p.constrain("g", 0.0, 1.0).constrain("g", 1.0, 2.0),
            said: "error: `g` is limited twice",
        },
        Case {
            text: "outputs P; P = x",
            state: |p| p.bounds("x", 2.0, INFINITY).bounds("x", -INFINITY, 1.0),
            said: "error: no number `x` lies between 2 and 1",
        },
        Case {
            text: "outputs P; P = x",
            state: |p| p.bounds("x", f64::NAN, 1.0),
            said: "error: no number `x` lies between NaN and 1",
        },
        Case {
            text: "outputs P; P = x",
            state: |p| p.constrain("P", 0.0, 1.0),
            said: "error: `P` is P itself; what is limited is another output",
        },
        Case {
            text: "outputs P; P = x",
            state: |p| p.start([1.0]),
            said: "error: the start has 1 numbers, but P(x, y) has 2 inputs",
        },
    ];
    for Case { text, state, said } in cases {
        let function = of(text);
        let got = match state(Problem::minimise(&function)).solve() {
            Ok(found) => found.status.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert!(got.starts_with(said), "{text}\n  got {got}\n  not {said}");
    }
}

/// Optima that need more than Newton steps: equations that depend on each other, fewer variables than equations, a start
/// where slopes of equations vanish, a maximum, corners, no constraints at all.
#[test]
fn what_is_singular_or_out_of_the_way_is_solved_too() {
    type Solved = (&'static str, fn(Problem<'_>) -> Problem<'_>, f64, [f64; 2]);
    let cases: [Solved; 9] = [
        (
            "outputs P, a, b; P = x^2 + y^2; a = x + y; b = 2*x + 2*y",
            |p| p.constrain("a", 1.0, 1.0).constrain("b", 2.0, 2.0),
            0.5,
            [0.5, 0.5],
        ),
        (
            "outputs P, a, b, c; P = x + y; a = x + y; b = x - y; c = x",
            |p| p.constrain("a", 3.0, 3.0).constrain("b", 1.0, 1.0).constrain("c", 2.0, 2.0),
            3.0,
            [2.0, 1.0],
        ),
        (
            "outputs P, g; P = x + y; g = x^2 + y^2",
            |p| p.constrain("g", 2.0, 2.0).start([0.0, 0.0]),
            -2.0,
            [-1.0, -1.0],
        ),
        (
            "outputs P, a, b; P = -3*x - 5*y; a = 2*y; b = 3*x + 2*y",
            |p| {
                let p = p.constrain("a", -INFINITY, 12.0).constrain("b", -INFINITY, 18.0);
                p.bounds("x", 0.0, 4.0).bounds("y", 0.0, INFINITY)
            },
            -36.0,
            [2.0, 6.0],
        ),
        (
            "outputs P; P = x^2 - y",
            |p| p.bounds("y", -1.0, 1.0).start([3.0, 0.0]),
            -1.0,
            [0.0, 1.0],
        ),
        ("outputs P; P = x^2 - y", |p| p.bounds("y", 2.0, 2.0).start([3.0, 0.0]), -2.0, [0.0, 2.0]),
        (
            "outputs P; P = x^2 - y",
            |p| p.bounds("x", 1.0, 1.0).bounds("y", 2.0, 2.0),
            -1.0,
            [1.0, 2.0],
        ),
        // Limits on both sides, of which the lower one holds; one that doesn't hold.
        (
            "outputs P, a, b; P = x^2 + y^2; a = x + 2*y; b = x",
            |p| p.constrain("a", 5.0, 9.0).constrain("b", -10.0, 10.0),
            5.0,
            [1.0, 2.0],
        ),
        // Far from where it is allowed, behind a hill of violation.
        (
            "outputs P, g; P = x^2 + y^2; g = x*exp(-x^2/10) + y",
            |p| p.constrain("g", 1.0, 1.0).start([8.0, -4.0]),
            0.512_178_951_946_704,
            [0.0, 0.0],
        ),
    ];
    for (text, state, optimum, [x, y]) in cases {
        let function = of(text);
        let found = state(Problem::minimise(&function)).solve().unwrap();
        assert!(found.status.is_optimal(), "{text}: {}", found.status);
        assert!((found.value - optimum).abs() < 1e-9, "{text}: {found:?}");
        if !text.contains("exp") {
            let off = (found.values[0] - x).abs().max((found.values[1] - y).abs());
            assert!(off < 1e-7, "{text}: {found:?}");
        }
        // The same upside down.
        let mut upside_down = text.replace("P = ", "P = -(");
        let end = upside_down.rfind("P = -(").unwrap();
        let end = upside_down[end..].find(';').map_or(upside_down.len(), |at| end + at);
        upside_down.insert(end, ')');
        let function = of(&upside_down);
        let most = state(Problem::maximise(&function)).solve().unwrap();
        assert_eq!(most.value, -found.value, "{upside_down}");
        for (a, b) in found.constraints.iter().zip(&most.constraints) {
            assert_eq!(a.multiplier, -b.multiplier, "{upside_down}");
        }
    }
}

/// A multiplier is by how much the optimum rises with its limit: beside differences of optima, for equations, for limits on
/// either side, for bounds, and for scales that the method chose.
#[test]
fn multipliers_are_slopes_of_the_optimum_by_the_limits() {
    let function =
        of("outputs P, a, b; P = 1000*(x - 3)^2 + (y - 2)^2 + x*y; a = 500*x*y; b = x^2 + y");
    let optimum = |a: f64, b: f64, high: f64, sense: f64| -> Optimum {
        let problem = match sense > 0.0 {
            true => Problem::minimise(&function),
            false => Problem::maximise(&function),
        };
        let problem = problem.constrain("a", a, a).constrain("b", -INFINITY, b);
        let found = problem
            .bounds("x", 0.1, high)
            .bounds("y", 0.0, 50.0)
            .start([1.0, 1.0])
            .solve()
            .unwrap();
        assert!(found.status.is_optimal(), "{}", found.status);
        found
    };
    let mut held = 0;
    for (a, b, high, sense) in [
        (1000.0, 4.0, 9.0, 1.0),
        (1000.0, 40.0, 2.0, 1.0),
        (1000.0, 40.0, 9.0, 1.0),
        (700.0, 30.0, 5.0, -1.0),
    ] {
        let found = optimum(a, b, high, sense);
        let slope =
            |low: Optimum, high: Optimum, step: f64| (high.value - low.value) / (2.0 * step);
        let h = 1e-4;
        let by = [
            (
                found.constraints[0].multiplier,
                slope(optimum(a - h, b, high, sense), optimum(a + h, b, high, sense), h),
            ),
            (
                found.constraints[1].multiplier,
                slope(optimum(a, b - h, high, sense), optimum(a, b + h, high, sense), h),
            ),
            (
                found.bound_multipliers[0],
                slope(optimum(a, b, high - h, sense), optimum(a, b, high + h, sense), h),
            ),
        ];
        for (multiplier, slope) in by {
            // Of a lower bound that holds, the upper one moves nothing.
            let at_low = found.values[0] == 0.1 && slope == 0.0;
            assert!(
                (multiplier - slope).abs() < 1e-5 * slope.abs().max(1.0) || at_low,
                "{multiplier} {slope}"
            );
            held += usize::from(multiplier.abs() > 1e-3);
        }
    }
    assert!(held >= 5, "too few limits held: {held}");
}

/// Linear programs and least squares with bounds, at random, some of them without room: those that are solved fulfil the
/// conditions, and no random point that is allowed is better; of those that are not, none is allowed.
#[test]
fn random_problems_end_with_what_no_random_point_refutes() {
    use rand::{RngExt, SeedableRng};
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(16);
    let mut solved = 0;
    for round in 0..60 {
        let mut number = || f64::from(random.random_range(-4_i32..5));
        let (count, rows) = (3, 3);
        let weights: Vec<f64> = (0..count).map(|_| number()).collect();
        let matrix: Vec<f64> = (0..count * rows).map(|_| number()).collect();
        let limits: Vec<(f64, f64)> = (0..rows)
            .map(|_| (number(), number()))
            .map(|(low, room)| (low, low + room.abs()))
            .collect();
        let curved = round % 3;
        let function = Function::record_many(Inputs::new().variables("x", count), |x| {
            let linear = (0..count).map(|k| x[k] * weights[k]).reduce(|a, b| a + b).unwrap();
            let square = (0..count).map(|k| (x[k] - 1.0).square()).reduce(|a, b| a + b).unwrap();
            let p = linear + f64::from(curved) * 0.25 * square;
            let row = |r: usize| {
                (0..count).map(|k| x[k] * matrix[r * count + k]).reduce(|a, b| a + b).unwrap()
            };
            std::iter::once(p.named("P"))
                .chain((0..rows).map(|r| (row(r) + 0.0).named(&format!("g{r}"))))
                .collect()
        });
        let Ok(function) = function else { continue };
        let mut problem = Problem::minimise(&function).bounds("x", -3.0, 3.0);
        for (r, (low, high)) in limits.iter().enumerate() {
            problem = problem.constrain(format!("g{r}"), *low, *high);
        }
        let found = problem.solve().unwrap();
        let allowed = |outputs: &[f64], give: f64| {
            outputs[1..]
                .iter()
                .zip(&limits)
                .all(|(g, (low, high))| *low - give <= *g && *g <= *high + give)
        };
        match &found.status {
            Status::Optimal => {
                solved += 1;
                assert!(
                    allowed(&function.eval(&found.values).unwrap(), 1e-7),
                    "{round}: {found:?}"
                );
            }
            Status::Infeasible { by, .. } => assert!(*by > 1e-6),
            other => panic!("{round}: {other} {found:?} {weights:?} {matrix:?} {limits:?}"),
        }
        for _ in 0..2000 {
            let point: Vec<f64> = (0..count).map(|_| random.random_range(-3.0..3.0)).collect();
            let outputs = function.eval(&point).unwrap();
            if allowed(&outputs, 0.0) {
                assert!(
                    found.status.is_optimal() && outputs[0] >= found.value - 1e-7,
                    "{round}: {point:?} {found:?}"
                );
            }
        }
    }
    assert!(solved > 20, "{solved}");
}

/// What is watched: numbers of iterations from 0 on, and the last one's error is that of an optimum.
#[test]
fn progress_tells_each_iteration() {
    use std::cell::RefCell;
    let seen = RefCell::new(Vec::new());
    let function = of("outputs P, g; P = 3*x + y; g = x*y");
    let watch = |iteration: &uphill_solve::Iteration| seen.borrow_mut().push(*iteration);
    let problem = Problem::maximise(&function).constrain("g", 1.0, INFINITY).bounds("x", 0.0, 2.0);
    let found = problem.bounds("y", 0.0, 2.0).progress(&watch).solve().unwrap();
    let seen = seen.into_inner();
    assert_eq!(found.value, 8.0);
    assert_eq!(seen.len() as u64, found.iterations + 1);
    assert!(seen.iter().enumerate().all(|(k, iteration)| iteration.number == k as u64));
    let last = seen[seen.len() - 1];
    assert!(last.error <= 1e-9 && (last.value - 8.0).abs() < 1e-6, "{last:?}");
}

/// An error that names the thing is no panic: functions that can't be a problem.
#[test]
fn functions_that_are_no_problem_are_refused() {
    let recorder = Recorder::new();
    let x = recorder.inputs(Inputs::new().variables("x", 3)).unwrap();
    recorder.outputs("P", &loops::map(0..3, |i| x.at(i).square()));
    let vector = recorder.finish().unwrap();
    let error: Error = Problem::minimise(&vector).solve().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("a problem needs a function whose first output is one number"),
        "{error}"
    );
}
