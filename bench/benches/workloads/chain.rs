//! W1: one long chain of scalar operations, unrolled into the graph.

use std::hint::black_box;
use std::time::{Duration, Instant};

use uphill_bench::chain::{ABC, LINK, chain};
use uphill_engine::tape::Tape;
use uphill_engine::{Backend, Compiler, Program};
use uphill_graph::Function;

use crate::by_hand;
use crate::numbers::Sums;
use crate::summary;
use crate::table::Table;

/// Sums in 80-bit arithmetic, and how near to them is due: 125,000 terms that are added one after the other are off by
/// 3·10⁻¹² in doubles, whoever adds them.
const CHAINS: [(usize, Sums, f64); 2] = [
    (10_000, Sums(1581.2161778986667, 4927.5596854677215, -1696.9547587365714), 1e-12),
    (1_000_000, Sums(158204.49998166107, 493034.92778247388, -170364.96485915571), 1e-11),
];

fn call(program: &Program, backend: Backend) -> impl FnMut() + '_ {
    let mut workspace = program.workspace().backend(backend);
    let mut outputs = [0.0; 4];
    move || {
        program.run(&mut workspace, black_box(&ABC), &mut outputs).expect("shape");
        black_box(&outputs);
    }
}

/// The least time that work takes of five times, and what it gives. Each begins when the one before is dropped.
fn least<T>(work: impl Fn() -> T) -> (f64, T) {
    let once = || {
        let start = Instant::now();
        let result = work();
        (start.elapsed().as_secs_f64(), result)
    };
    let before = (0..4).map(|_| once().0).fold(f64::INFINITY, f64::min);
    let (seconds, result) = once();
    (seconds.min(before), result)
}

pub fn run() {
    for (operations, due, tolerance) in CHAINS {
        let links = operations / LINK;
        let title = format!("W1, {operations} operations");
        println!("\n{title}");
        let timed = |what: &str, seconds: f64| {
            let time = seconds / operations as f64;
            println!("  {what}: {:.0} ns an operation", time * 1e9);
            summary::note(&title, what, time);
        };
        let record = || Function::record(["a", "b", "c"], |w| chain(w, links)).expect("names");
        let (seconds, function) = least(record);
        timed("record", seconds);
        let (seconds, function) = least(|| function.with_gradient().expect("one output"));
        timed("gradient", seconds);
        let compile = |what: &str, compiler: Compiler| {
            let (seconds, program) = least(|| compiler.compile(&function).expect("compiles"));
            timed(what, seconds);
            program
        };
        let program = compile("compile", Compiler::new());
        let machine = compile("compile, with machine code", Compiler::new().machine_code());
        let straight = Compiler::new().without_loops().machine_code();
        let two = straight.clone().threads(2);
        drop(compile("compile on two threads, without loops, with machine code", two));
        let straight = compile("compile, without loops, with machine code", straight);
        for (what, program) in [("with loops", &machine), ("without loops", &straight)] {
            let report = program.report();
            let bytes = report.bytes + 8 * report.numbers_per_call;
            let bytes = bytes as f64 / operations as f64;
            println!("  memory {what}: {bytes:.1} bytes an operation");
            summary::note(&title, &format!("memory {what}"), bytes);
        }

        let mut kept = Vec::new();
        let (p, g) = by_hand::chain(ABC, links, &mut kept);
        Sums::of(p, &g).check("by hand", due, tolerance);
        for program in [&machine, &straight] {
            let all = program.eval(&ABC).expect("shape");
            Sums::of(all[0], &all[1..]).check("uphill", due, tolerance);
        }
        let mut tape = Tape::new();
        let (p, g) = tape.gradient(&ABC, |w| chain(w, links)).expect("memory");
        Sums::of(p, &g).check("tape", due, tolerance);
        let bytes = (tape.bytes() + 8 * tape.operations()) as f64 / operations as f64;
        println!("  memory of the tape with its sweep: {bytes:.1} bytes an operation");
        let mut tables = Table::new(
            format!("W1, evaluated again, {operations} operations"),
            "ns an operation",
            operations as f64,
        );
        tables.row("by hand, sine and cosine stored (1)", || {
            black_box(by_hand::chain(black_box(ABC), links, &mut kept));
        });
        tables.row("uphill, machine code", call(&machine, Backend::MachineCode));
        tables.row("uphill, scalar interpreter", call(&program, Backend::Scalar));
        tables.row("uphill without loops, machine code", call(&straight, Backend::MachineCode));
        tables.row("uphill without loops, scalar interpreter", call(&straight, Backend::Scalar));
        tables.row("fresh tape: record, gradient, value", || {
            let mut gradient = [0.0; 3];
            let value = tape.gradient_into(black_box(&ABC), &mut gradient, |w| chain(w, links));
            black_box((value.expect("memory"), gradient));
        });
        tables.row("fresh tape, its memory fetched anew", || {
            black_box(Tape::new().gradient(black_box(&ABC), |w| chain(w, links)).expect("memory"));
        });
        if operations <= 10_000 {
            tables.row("uphill, Function::eval", || {
                black_box(function.eval(black_box(&ABC)).expect("shape"));
            });
        }
        tables.run(Duration::from_secs(2));
    }
}
