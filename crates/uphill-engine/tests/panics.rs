//! A custom operation that panics: whichever backend runs it, the panic goes on to whoever called the program, and the
//! next run is as any other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use uphill_engine::{Compiler, Program, Samples, Workspace};
use uphill_graph::{Custom, CustomOp, Function, Inputs, Scalar, Var};

mod common;

use common::{all_backends, compile, compile_samples, summed as summed_over};

/// How often [`Touchy`] was called.
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Panics at 13.
struct Touchy;

impl CustomOp for Touchy {
    fn name(&self) -> &str {
        "touchy"
    }
    fn arity(&self) -> usize {
        1
    }
    fn value(&self, x: &[f64]) -> f64 {
        CALLS.fetch_add(1, Ordering::Relaxed);
        assert!(x[0] != 13.0, "no luck with {}", x[0]);
        x[0] * 2.0
    }
    fn partials<S: Scalar>(&self, _: &[S], _: S) -> Vec<S> {
        vec![S::constant(2.0)]
    }
}

/// The message of the panic, and how often the operation was called.
fn panic_of(work: impl FnOnce()) -> (String, usize) {
    CALLS.store(0, Ordering::Relaxed);
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("it panics");
    let message = panic.downcast_ref::<String>().expect("a message of `assert!`").clone();
    (message, CALLS.load(Ordering::Relaxed))
}

fn check(name: &str, mut run: impl FnMut(f64) -> f64) {
    assert_eq!(run(1.0), 6.0, "{name}");
    for _ in 0..2 {
        let (message, calls) = panic_of(|| {
            run(13.0);
        });
        assert_eq!(message, "no luck with 13", "{name}");
        assert_eq!(calls, 1, "{name}: nothing is called behind it");
        assert_eq!(run(2.0), 10.0, "{name}, afterwards");
    }
}

// One test, since operations are counted.
#[test]
fn a_panic_unwinds_through_every_backend() {
    let touchy = Custom::define(Touchy).unwrap();
    fn twice<'g>(touchy: &Custom, x: Var<'g>) -> Var<'g> {
        touchy.call(&[x]) + touchy.call(&[x + 1.0])
    }
    let short = Function::record(["x"], |v| twice(&touchy, v[0])).unwrap();
    // In several pieces of machine code, and in a loop.
    let long = Function::record(["x"], |v| {
        let mut y = twice(&touchy, v[0]);
        for k in 0..1500 {
            y = y + v[0].sin() * f64::from(k % 7) - v[0].sin() * f64::from(k % 7);
        }
        y - y + twice(&touchy, v[0])
    });
    let looped = Function::record(["x"], |v| {
        let mut y = v[0];
        for _ in 0..300 {
            y = touchy.call(&[y]) * 0.5;
        }
        y + touchy.call(&[y + 1.0])
    });
    let over = Function::record(Inputs::new().variable("w").parameter("x"), |v| {
        twice(&touchy, v[1]) * v[0]
    });
    let summed = compile_samples(&Compiler::new(), &summed_over(&over.unwrap(), &["x"]));
    for backend in all_backends() {
        for (kind, function) in [("short", &short), ("long", long.as_ref().unwrap())] {
            for compiler in [Compiler::new(), Compiler::new().without_loops()] {
                let program = compile(&compiler, function);
                let mut workspace = program.workspace().backend(backend);
                check(&format!("{backend:?}, {kind}"), |x| once(&program, &mut workspace, x));
            }
        }
        let program = compile(&Compiler::new(), looped.as_ref().unwrap());
        let mut workspace = program.workspace().backend(backend);
        check(&format!("{backend:?}, a loop"), |x| once(&program, &mut workspace, x) + x);
        let workspaces = [
            summed.workspace().backend(backend),
            #[cfg(feature = "threads")]
            summed.workspace().backend(backend).threads(2).unwrap(),
        ];
        for mut workspace in workspaces {
            check(&format!("{backend:?}, samples"), |x| {
                let column = [x];
                let columns: [&[f64]; 1] = [&column];
                let samples = Samples::columns(&columns).unwrap();
                let mut sum = [0.0];
                summed.run_samples(&mut workspace, &[1.0], &samples, &mut sum).unwrap();
                sum[0]
            });
        }
    }
}

fn once(program: &Program, workspace: &mut Workspace, x: f64) -> f64 {
    let mut outputs = [0.0];
    program.run(workspace, &[x], &mut outputs).unwrap();
    outputs[0]
}
