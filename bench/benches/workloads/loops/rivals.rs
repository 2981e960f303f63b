//! A function's program beside code of others for the same work: by machine code and interpreter, on one thread and on two.

use std::hint::black_box;
use std::time::Duration;

use uphill_engine::Compiler;
use uphill_graph::Function;

use crate::numbers::{Total, check};
use crate::table::Table;

/// How a program runs: with machine code or without, on so many threads.
const WAYS: [(&str, bool, usize); 4] = [
    ("uphill", true, 1),
    ("uphill, two threads", true, 2),
    ("uphill, interpreter", false, 1),
    ("uphill, interpreter, two threads", false, 2),
];

/// Someone's code for the same work, which writes so many numbers.
pub(super) struct Rival<'a> {
    name: &'static str,
    numbers: usize,
    work: Box<dyn FnMut(&mut [f64]) + 'a>,
}

impl<'a> Rival<'a> {
    pub(super) fn new(
        name: &'static str,
        numbers: usize,
        work: impl FnMut(&mut [f64]) + 'a,
    ) -> Rival<'a> {
        Rival { name, numbers, work: Box::new(work) }
    }
}

/// A function beside its rivals, the first of which ratios refer to. Where these write numbers, their sum is that of the
/// program's, each side by a rule of its own.
pub(super) fn compare(
    title: &str,
    function: &Function,
    inputs: &[f64],
    sum: fn(&[f64]) -> f64,
    rivals: Vec<Rival<'_>>,
) {
    let title = format!("Abreast, {title}");
    let programs = [Compiler::new(), Compiler::new().machine_code()];
    let programs = programs.map(|compiler| compiler.compile(function).expect("compiles"));
    let mut table = Table::new(title.clone(), "ms", 1.0);
    let mut due = None;
    for Rival { name, numbers, mut work } in rivals {
        let mut out = vec![0.0; numbers];
        work(&mut out);
        if numbers > 0 {
            let got = sum(&out);
            check(&format!("{title}, {name}"), &[(got, *due.get_or_insert(got))], 1e-11);
        }
        table.row(name, move || {
            work(&mut out);
            black_box(&out);
        });
    }
    for (name, is_compiled, threads) in WAYS {
        let program = &programs[usize::from(is_compiled)];
        let mut workspace = program.workspace().threads(threads).expect("threads");
        let mut outputs = vec![0.0; program.output_count()];
        program.run(&mut workspace, inputs, &mut outputs).expect("shape");
        if let Some(due) = due {
            check(&format!("{title}, {name}"), &[(total(&outputs), due)], 1e-11);
        }
        table.row(name, move || {
            program.run(&mut workspace, black_box(inputs), &mut outputs).expect("shape");
            black_box(&outputs);
        });
    }
    table.run(Duration::from_millis(700));
}

pub(super) fn total(all: &[f64]) -> f64 {
    all.iter().map(|x| x.abs()).collect::<Total>().sum()
}
