//! Loops: code with a million steps, from nothing to a program that is ready, beside the same work by hand.
//!
//! Each workload is one generic body, put into a loop in one way or more ([`Form`]): the plain `for` that people write
//! comes first. The work by hand is held against the check sums at every size, uphill at the sizes that a form can bear.

mod abreast;
mod chained;
mod limits;
mod lstm;
mod rivals;
mod springs;
mod surface;
mod trajectory;
mod vectorised;

use std::hint::black_box;
use std::time::{Duration, Instant};

pub use abreast::run as abreast;
use uphill_engine::{Backend, Compiler, Program};
use uphill_graph::{Function, Sparse};

use crate::clock::in_turns;
use crate::memory::{self, Held};
use crate::numbers::{self, Sums, Total};
use crate::summary;

pub fn run() {
    let mut lines = Lines::default();
    for workload in
        [chained::run, trajectory::run, surface::run, springs::run, lstm::run, limits::run]
    {
        workload(&mut lines);
    }
    lines.print();
}

/// One way to write a workload's loop.
struct Form {
    name: &'static str,
    record: fn(usize) -> Function,
    /// The sizes at which its gradient is taken, and its Hessian.
    gradient: &'static [usize],
    hessian: &'static [usize],
}

/// A workload at one size, in one form.
struct Case<'a> {
    workload: &'static str,
    form: &'a Form,
    size: usize,
    inputs: &'a [f64],
}

/// Machine code is made of programs up to this many instructions: it takes half a microsecond for each of its own.
const MACHINE: usize = 200_000;

/// A program, how long each phase to it took, and the bytes held at its end and at most on the way.
struct Ready<D> {
    derivative: D,
    program: Program,
    phases: [f64; 3],
    left: usize,
    most: usize,
}

impl Case<'_> {
    /// Value and gradient against the check sums. A plain running sum of `terms` of one sign rounds once a term, and keeps
    /// all that it rounded: its value is held to that; whatever else, to 10⁻¹².
    fn sums(&self, what: &str, all: &[f64], due: Sums, terms: usize) {
        let drift = if self.form.name.starts_with("plain") { terms as f64 } else { 0.0 };
        let got = Sums::of(all[0], &all[1..]);
        numbers::check(what, &[(got.0, due.0)], f64::EPSILON.mul_add(drift / 2.0, 1e-12));
        numbers::check(&format!("{what}, slopes"), &[(got.1, due.1), (got.2, due.2)], 1e-12);
    }

    /// Value and gradient, in the order of outputs; the work by hand is the same.
    fn gradient(&self, lines: &mut Lines, check: impl Fn(&str, &[f64]), by_hand: impl FnMut()) {
        if self.form.gradient.contains(&self.size) {
            let take = |f: &Function| f.with_gradient().expect("one output");
            let ready = self.ready(take, |f| f);
            self.measure(lines, "gradient", &ready, &ready.derivative, check, by_hand);
        }
    }

    /// The Hessian alone, whose h1 and h2 are checked; by hand value and gradient come with it.
    fn hessian(&self, lines: &mut Lines, check: impl Fn(&str, [f64; 2]), by_hand: impl FnMut()) {
        if self.form.hessian.contains(&self.size) {
            let take = |f: &Function| f.sparse_hessian().expect("one output");
            let ready = self.ready(take, |sparse| &sparse.function);
            let Sparse { entries, function, sweeps, .. } = &ready.derivative;
            println!("  {} entries by {sweeps} sweeps", entries.len());
            let sums = |all: &[f64]| {
                let magnitudes: Total = all.iter().map(|value| value.abs()).collect();
                let diagonal = entries.iter().zip(all).filter(|((row, column), _)| row == column);
                let diagonal: Total = diagonal.map(|(_, &value)| value).collect();
                [magnitudes.sum(), diagonal.sum()]
            };
            let check = |what: &str, all: &[f64]| check(&format!("{what}, Hessian"), sums(all));
            self.measure(lines, "Hessian", &ready, function, check, by_hand);
        }
    }

    /// From nothing to a program, several times where that is quick: the least of each phase counts.
    fn ready<D>(
        &self,
        take: impl Fn(&Function) -> D,
        function: impl Fn(&D) -> &Function,
    ) -> Ready<D> {
        let (begin, mut rounds) = (Instant::now(), 0);
        let mut least = [f64::INFINITY; 3];
        loop {
            let held = memory::count(|| {
                let start = Instant::now();
                let recorded = (self.form.record)(self.size);
                let record = start.elapsed().as_secs_f64();
                let derivative = take(&recorded);
                let differentiated = start.elapsed().as_secs_f64();
                let program = Compiler::new().compile(function(&derivative)).expect("compiles");
                let compiled = start.elapsed().as_secs_f64();
                (derivative, program, [record, differentiated - record, compiled - differentiated])
            });
            let Held { result: (derivative, program, phases), left, most } = held;
            for (least, phase) in least.iter_mut().zip(phases) {
                *least = least.min(phase);
            }
            rounds += 1;
            let seconds = begin.elapsed().as_secs_f64();
            if (rounds >= 3 && seconds > 0.5) || seconds > 4.0 {
                return Ready { derivative, program, phases: least, left, most };
            }
        }
    }

    fn measure<D>(
        &self,
        lines: &mut Lines,
        what: &str,
        ready: &Ready<D>,
        function: &Function,
        check: impl Fn(&str, &[f64]),
        mut by_hand: impl FnMut(),
    ) {
        let (program, report) = (&ready.program, ready.program.report());
        let mut outputs = vec![0.0; program.output_count()];
        let mut run = self.call(program, Backend::Scalar);
        let running = ready.left + memory::count(|| run(&mut outputs)).most;
        let most = ready.most.max(running) as f64;
        check("uphill", &outputs);
        let mut interpreted = || run(&mut outputs);
        let turns = Duration::from_millis(300);
        let mut machine = None;
        let [hand, again] = if report.instructions <= MACHINE {
            let start = Instant::now();
            let compiled = Compiler::new().machine_code().compile(function).expect("compiles");
            let compile = start.elapsed().as_secs_f64();
            let mut outputs = vec![0.0; compiled.output_count()];
            let mut run = self.call(&compiled, Backend::MachineCode);
            run(&mut outputs);
            check("uphill, machine code", &outputs);
            let work: [&mut dyn FnMut(); 3] =
                [&mut by_hand, &mut interpreted, &mut || run(&mut outputs)];
            let [hand, again, fast] = in_turns(turns, work);
            machine = Some([compile, fast / hand]);
            [hand, again]
        } else {
            in_turns(turns, [&mut by_hand, &mut interpreted])
        };
        let [record, derivative, compile] = ready.phases;
        let all = record + derivative + compile;
        let machine_code =
            |k: usize| machine.map_or("-".into(), |times| format!("{:.4}", times[k]));
        let Case { workload, form: Form { name, .. }, size, .. } = self;
        lines.0.push(format!(
            "| {workload}, {size} | {name}, {what} | {record:.4} | {derivative:.4} | {compile:.4} | {:.1} | {:.1} | {} | {} | {:.4} | {:.2} | {} | {} |",
            all / record,
            most / 1e6,
            report.loops.len(),
            report.instructions,
            hand * 1e3,
            again / hand,
            machine_code(0),
            machine.map_or("-".into(), |[_, ratio]| format!("{ratio:.2}")),
        ));
        let title = format!("Loops, {workload}, {name}, {what}");
        for (figure, value) in [
            ("ready", all),
            ("ready, recording = 1", all / record),
            ("bytes", ready.most as f64),
            ("loops", function.loops().found.len() as f64),
        ] {
            summary::note(&title, &format!("{figure}, at {size}"), value);
        }
    }

    fn call<'a>(&'a self, program: &'a Program, backend: Backend) -> impl FnMut(&mut [f64]) + 'a {
        let mut workspace = program.workspace().backend(backend);
        move |outputs| {
            program.run(&mut workspace, black_box(self.inputs), outputs).expect("shape");
            black_box(outputs);
        }
    }
}

/// The lines of the table that comes last: workloads print their checks before it.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn print(&self) {
        println!(
            "\nLoops: seconds to record, differentiate and compile; MB held at most on the way and in the first run; ms by hand, and what one run \
             takes of that\n"
        );
        println!(
            "| workload | form | record | derivative | compile | ready, record = 1 | MB | loops | instructions | by hand | interpreter | machine code: compile | run |"
        );
        println!("|---|---|{}", "---:|".repeat(11));
        for line in &self.0 {
            println!("{line}");
        }
    }
}
