//! W6: a differential equation, predators and prey by Lotka and Volterra, fitted to what was observed of it.

use std::hint::black_box;
use std::time::Duration;

use uphill_engine::{Backend, Compiler, OverSamples, Program, Samples};
use uphill_graph::{Function, Inputs, Scalar, loops};

use super::vectorised::{LANES, Lanes, compiled_for_lanes};
use super::{Case, Form, Lines};
use crate::clock::in_turns;
use crate::numbers::{Random, check};
use crate::summary;
use crate::table::Table;

pub(super) const TRUE: [f64; 6] = [1.1, 0.4, 0.1, 0.4, 10.0, 5.0];
/// Rates, then the start.
pub(super) const AT: [f64; 6] = [1.0, 0.35, 0.12, 0.45, 9.0, 6.0];
const TIME: f64 = 10.0;
const OBSERVATIONS: usize = 20;

/// P and its gradient at each number of steps.
const DUE: [(usize, [f64; 7]); 3] = [
    (
        200,
        [
            -6.275474282209853,
            171.17068003587428,
            -166.5021825668442,
            -1026.4602627685852,
            531.5872163444579,
            -6.830822793450616,
            -15.275334027634777,
        ],
    ),
    (
        20_000,
        [
            -6.275476264304912,
            171.17078268030627,
            -166.50238962024727,
            -1026.4606680226802,
            531.5874451856537,
            -6.8308269058358935,
            -15.275345210993404,
        ],
    ),
    (
        1_000_000,
        [
            -6.275476264308427,
            171.17078268051046,
            -166.50238962049792,
            -1026.4606680235852,
            531.5874451862077,
            -6.830826905843713,
            -15.275345211007092,
        ],
    ),
];

/// How fast both numbers change.
#[inline(always)]
fn rates<S: Scalar>(p: &[S], y: [S; 2]) -> [S; 2] {
    let met = y[0] * y[1];
    [p[0] * y[0] - p[1] * met, p[2] * met - p[3] * y[1]]
}

#[inline(always)]
fn along<S: Scalar>(y: [S; 2], step: f64, rate: [S; 2]) -> [S; 2] {
    [y[0] + step * rate[0], y[1] + step * rate[1]]
}

/// One step of the classic method of fourth order by Runge and Kutta.
#[inline(always)]
fn step<S: Scalar>(p: &[S], y: [S; 2], step: f64) -> [S; 2] {
    let first = rates(p, y);
    let second = rates(p, along(y, step / 2.0, first));
    let third = rates(p, along(y, step / 2.0, second));
    let fourth = rates(p, along(y, step, third));
    let mean = |k: usize| first[k] + 2.0 * second[k] + 2.0 * third[k] + fourth[k];
    along(y, step / 6.0, [mean(0), mean(1)])
}

/// Where the trajectory is at each observation: loops as people write them, one in the other.
pub(super) fn plain<S: Scalar>(v: &[S], steps: usize) -> Vec<[S; 2]> {
    let mut y = [v[4], v[5]];
    let mut observed = Vec::new();
    for _ in 0..OBSERVATIONS {
        for _ in 0..steps / OBSERVATIONS {
            y = step(&v[..4], y, TIME / steps as f64);
        }
        observed.push(y);
    }
    observed
}

fn performance<S: Scalar>(observed: &[[S; 2]], data: &[[f64; 2]]) -> S {
    let mut performance = S::constant(0.0);
    for (y, data) in observed.iter().zip(data) {
        performance -= (y[0] - data[0]).square() + (y[1] - data[1]).square();
    }
    performance
}

/// The same as loops that carry a state: what the outer one keeps of each turn is observed.
fn scanned<S: Scalar>(v: &[S], steps: usize) -> Vec<[S; 2]> {
    let trajectory = loops::scan(0..OBSERVATIONS, [v[4], v[5]], |_, y| {
        let y =
            loops::fold(0..steps / OBSERVATIONS, y, |_, y| step(&v[..4], y, TIME / steps as f64));
        (y, y)
    });
    trajectory.1
}

const FORMS: [Form; 2] = [
    Form { name: "plain", record: record_plain, gradient: &[200, 20_000, 1_000_000], hessian: &[] },
    Form {
        name: "scan",
        record: record_scanned,
        gradient: &[200, 20_000, 1_000_000],
        hessian: &[],
    },
];

fn names() -> Inputs {
    Inputs::new().variables("p", 4).variables("y", 2)
}

fn record_plain(steps: usize) -> Function {
    let data = plain(&TRUE, steps);
    Function::record(names(), |v| performance(&plain(v, steps), &data)).expect("names")
}

pub(super) fn record_scanned(steps: usize) -> Function {
    let data = plain(&TRUE, steps);
    Function::record(names(), |v| performance(&scanned(v, steps), &data)).expect("names")
}

/// The numbers of each step are kept; its stages are computed again on the way back.
pub(super) fn by_hand(
    v: &[f64; 6],
    data: &[[f64; 2]],
    steps: usize,
    kept: &mut Vec<[f64; 2]>,
) -> [f64; 7] {
    let (p, h) = (&v[..4], TIME / steps as f64);
    let (mut y, each) = ([v[4], v[5]], steps / OBSERVATIONS);
    let mut all = [0.0; 7];
    kept.clear();
    for data in data {
        for _ in 0..each {
            kept.push(y);
            y = step(p, y, h);
        }
        all[0] -= (y[0] - data[0]).powi(2) + (y[1] - data[1]).powi(2);
    }
    let mut adjoint = [0.0; 2];
    for (k, &before) in kept.iter().enumerate().rev() {
        if (k + 1) % each == 0 {
            let data = data[(k + 1) / each - 1];
            for i in 0..2 {
                adjoint[i] -= 2.0 * (y[i] - data[i]);
            }
        }
        adjoint = step_back(p, before, h, adjoint, &mut all[1..5]);
        y = before;
    }
    [all[5], all[6]] = adjoint;
    all
}

#[inline(always)]
fn step_back(p: &[f64], y: [f64; 2], h: f64, adjoint: [f64; 2], by_p: &mut [f64]) -> [f64; 2] {
    let second_at = along(y, h / 2.0, rates(p, y));
    let third_at = along(y, h / 2.0, rates(p, second_at));
    let fourth_at = along(y, h, rates(p, third_at));
    let scaled = |x: [f64; 2], by: f64| [x[0] * by, x[1] * by];
    let fourth = rates_back(p, fourth_at, scaled(adjoint, h / 6.0), by_p);
    let third = rates_back(p, third_at, along(scaled(adjoint, h / 3.0), h, fourth), by_p);
    let second = rates_back(p, second_at, along(scaled(adjoint, h / 3.0), h / 2.0, third), by_p);
    let first = rates_back(p, y, along(scaled(adjoint, h / 6.0), h / 2.0, second), by_p);
    [0, 1].map(|i| adjoint[i] + first[i] + second[i] + third[i] + fourth[i])
}

/// From the adjoints of the rates to those of the numbers; those of the parameters are added.
#[inline(always)]
fn rates_back(p: &[f64], y: [f64; 2], rate: [f64; 2], by_p: &mut [f64]) -> [f64; 2] {
    let met = y[0] * y[1];
    by_p[0] += rate[0] * y[0];
    by_p[1] -= rate[0] * met;
    by_p[2] += rate[1] * met;
    by_p[3] -= rate[1] * y[1];
    let of_met = p[2] * rate[1] - p[1] * rate[0];
    [p[0] * rate[0] + of_met * y[1], of_met * y[0] - p[3] * rate[1]]
}

/// The rates at which many trajectories start, their numbers and steps.
const MANY: usize = 1_000;
const STEPS_OF_MANY: usize = 200;

/// What a trajectory is to reach in the end.
const GOAL: [f64; 2] = [10.0, 5.0];

/// One of many trajectories: what its end misses of the goal, by four rates; prey and predators at the start are data.
fn one_of_many() -> Function {
    let names = Inputs::new().variables("p", 4).parameter("prey").parameter("predators");
    let function = Function::record(names, |v| {
        let h = TIME / STEPS_OF_MANY as f64;
        let end = loops::fold(0..STEPS_OF_MANY, [v[4], v[5]], |_, y| step(&v[..4], y, h));
        -((end[0] - GOAL[0]).square() + (end[1] - GOAL[1]).square())
    });
    function.and_then(|f| f.with_gradient()).expect("one output")
}

compiled_for_lanes!(many, many_by_groups, (p: &[f64], prey: &[f64], predators: &[f64], kept: &mut Vec<[Lanes; 2]>) -> [f64; 5]);

/// By hand for all of them: eight trajectories at a time.
#[inline(always)]
fn many_by_groups(
    p: &[f64],
    prey: &[f64],
    predators: &[f64],
    kept: &mut Vec<[Lanes; 2]>,
) -> [f64; 5] {
    let h = TIME / STEPS_OF_MANY as f64;
    let (mut all, (prey, _), (predators, _)) =
        ([[0.0; LANES]; 5], prey.as_chunks::<LANES>(), predators.as_chunks::<LANES>());
    for (prey, predators) in prey.iter().zip(predators) {
        let mut y = [*prey, *predators];
        kept.clear();
        for _ in 0..STEPS_OF_MANY {
            kept.push(y);
            for lane in 0..LANES {
                [y[0][lane], y[1][lane]] = step(p, [y[0][lane], y[1][lane]], h);
            }
        }
        let mut adjoint = y;
        let mut by_p = [[0.0; LANES]; 4];
        for lane in 0..LANES {
            let off = [y[0][lane] - GOAL[0], y[1][lane] - GOAL[1]];
            all[0][lane] -= off[0] * off[0] + off[1] * off[1];
            (adjoint[0][lane], adjoint[1][lane]) = (-2.0 * off[0], -2.0 * off[1]);
        }
        for before in kept.iter().rev() {
            for lane in 0..LANES {
                let mut own = [0, 1, 2, 3].map(|k| by_p[k][lane]);
                let y = [before[0][lane], before[1][lane]];
                let back = [adjoint[0][lane], adjoint[1][lane]];
                [adjoint[0][lane], adjoint[1][lane]] = step_back(p, y, h, back, &mut own);
                for k in 0..4 {
                    by_p[k][lane] = own[k];
                }
            }
        }
        for k in 0..4 {
            for lane in 0..LANES {
                all[k + 1][lane] += by_p[k][lane];
            }
        }
    }
    all.map(|lanes| lanes.iter().sum())
}

/// Many initial values at once, beside the same by hand, vectorised over them, and one after the other.
pub(super) fn many_at_once() {
    let mut random = Random::new(29);
    let mut start = |most: f64| (0..MANY).map(|_| most * (0.5 + random.unit())).collect();
    let (prey, predators): (Vec<f64>, Vec<f64>) = (start(9.0), start(6.0));
    let program = OverSamples::new(one_of_many(), ["prey", "predators"]).expect("columns").sum();
    let program = Compiler::new().compile_samples(&program).expect("compiles");
    let columns = [prey.as_slice(), predators.as_slice()];
    let samples = Samples::columns(&columns).expect("shape");
    let (p, mut kept) = (&AT[..4], Vec::new());
    let got = program.eval_samples(p, &samples).expect("shape");
    let due = many(p, &prey, &predators, &mut kept);
    let pairs: Vec<(f64, f64)> = got.into_iter().zip(due).collect();
    check("W6, many initial values", &pairs, 1e-11);
    let alone = Compiler::new().machine_code().compile(&one_of_many()).expect("compiles");

    let mut table = Table::new("Abreast, W6, 1000 initial values, 200 steps each", "ms", 1.0);
    table.row("by hand, vectorised (1)", || {
        black_box(many(black_box(p), &prey, &predators, &mut kept));
    });
    let (program, samples) = (&program, &samples);
    for (name, threads) in [("uphill", 1), ("uphill, two threads", 2)] {
        let mut workspace = program.workspace().threads(threads).expect("threads");
        let mut outputs = [0.0; 5];
        table.row(name, move || {
            program
                .run_samples(&mut workspace, black_box(p), samples, &mut outputs)
                .expect("shape");
        });
    }
    let mut workspace = alone.workspace().backend(Backend::MachineCode);
    let (alone, prey, predators) = (&alone, &prey, &predators);
    table.row("uphill, one after the other, machine code", move || {
        for (&prey, &predators) in prey.iter().zip(predators) {
            let inputs = [p[0], p[1], p[2], p[3], prey, predators];
            alone.run(&mut workspace, black_box(&inputs), &mut [0.0; 5]).expect("shape");
        }
    });
    table.run(Duration::from_secs(1));
}

/// A gradient that keeps the numbers before each of 10^7 steps, and the same within 64 MB.
fn within_a_budget() {
    const STEPS: usize = 10_000_000;
    const BUDGET: usize = 64 << 20;
    let function = Function::record(names(), |v| {
        let one = |_, y| step(&v[..4], y, TIME / STEPS as f64);
        let [prey, predators] = loops::fold(0..STEPS, [v[4], v[5]], one);
        -(prey.square() + predators.square())
    });
    let free = function.and_then(|f| f.with_gradient()).expect("one output");
    let within = free.keeping(BUDGET).expect("there is room for the least");
    let programs = [&free, &within].map(|f| Compiler::new().compile(f).expect("compiles"));
    let run = |program: &Program| program.eval(black_box(&AT)).expect("shape");
    let bits = |all: Vec<f64>| all.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(run(&programs[0])), bits(run(&programs[1])), "the same bits");
    let [all, blocks] = in_turns(
        Duration::from_secs(5),
        [&mut || drop(run(&programs[0])), &mut || drop(run(&programs[1]))],
    );
    println!(
        "  {STEPS} steps: {} MB kept in {all:.2} s, {} kB in {blocks:.2} s",
        free.bytes_kept() / 1_000_000,
        within.bytes_kept() / 1_000
    );
    let title = "Loops, W6, scan, gradient";
    summary::note(title, &format!("within 64 MB, without = 1, at {STEPS}"), blocks / all);
}

pub(super) fn run(lines: &mut Lines) {
    println!("\nW6, a differential equation");
    within_a_budget();
    for (steps, due) in DUE {
        let data = plain(&TRUE, steps);
        let mut kept = Vec::new();
        let right = |what: &str, all: &[f64]| {
            let pairs: Vec<(f64, f64)> = all.iter().copied().zip(due).collect();
            check(what, &pairs, 1e-10);
        };
        let got = by_hand(&AT, &data, steps, &mut kept);
        right(&format!("by hand, {steps} steps"), &got);
        for form in FORMS {
            let case = Case { workload: "W6", form: &form, size: steps, inputs: &AT };
            case.gradient(lines, right, || {
                black_box(by_hand(black_box(&AT), &data, steps, &mut kept));
            });
        }
    }
}
