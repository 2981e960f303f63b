//! Problems with constraints: classic ones with published optima, multipliers against differences of optima, and each way to
//! end.

use uphill_formula::Formula;
use uphill_graph::{At, Function, Inputs, Recorder, loops};
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
        let [name, optimum, start] = head.split('|').collect::<Vec<_>>()[..] else { panic!("{head}") };
        let digits = match optimum.trim().split_once('.') {
            Some((_, digits)) if digits.len() > 4 && !optimum.contains('q') => 0.6 * 0.1_f64.powi(digits.len() as i32),
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
        let function = Formula::parse(&text).unwrap_or_else(|e| panic!("{text}\n{e}")).function().unwrap();
        Classic { name: name.trim().into(), optimum, digits, start, function, equations, bounds }
    }

    fn all() -> Vec<Classic> {
        let text = include_str!("data_hock_schittkowski.txt");
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
        eprintln!("{:6} {:4} {:22} {:22} {:.1e} {}", classic.name, found.iterations, found.value, classic.optimum, off / classic.optimum.abs().max(1.0), found.status.word());
        if !found.status.is_optimal() || off > allowed {
            wrong.push(format!("{}: {} {} {}", classic.name, found.value, classic.optimum, found.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
