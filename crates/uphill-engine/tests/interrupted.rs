//! A run over samples that is left in the middle: by every backend, within a tile of each thread, and the next run is as
//! any other.
//!
//! A custom operation counts its calls and raises the flag at one of them, so nothing here depends on time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use uphill_engine::{Backend, Compiler, Error, Program, Samples, Workspace};
use uphill_graph::{Custom, CustomOp, Function, Inputs, Scalar};

mod common;

use common::{all_backends, compile_samples, each, summed};

/// More than all backends together calculate for a tile at once, padding included.
const TILE: usize = 192;
/// Three tiles for each of the 64 leaves, but for the last one's last.
const SAMPLES: usize = 64 * 3 * TILE - 100;

/// How often [`Raising`] was called since the flag was lowered.
static CALLS: AtomicUsize = AtomicUsize::new(0);
/// At which call it raises the flag.
static RAISED_AT: AtomicUsize = AtomicUsize::new(usize::MAX);
static FLAG: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Twice its operand; raises the flag at one of its calls.
struct Raising;

impl CustomOp for Raising {
    fn name(&self) -> &str {
        "raising"
    }
    fn arity(&self) -> usize {
        1
    }
    fn value(&self, x: &[f64]) -> f64 {
        if CALLS.fetch_add(1, Ordering::Relaxed) + 1 == RAISED_AT.load(Ordering::Relaxed) {
            FLAG.store(true, Ordering::Relaxed);
        }
        x[0] * 2.0
    }
    fn partials<S: Scalar>(&self, _: &[S], _: S) -> Vec<S> {
        vec![S::constant(2.0)]
    }
}

/// Lowers the flag until so many calls were made.
fn raise_at(call: usize) {
    CALLS.store(0, Ordering::Relaxed);
    RAISED_AT.store(call, Ordering::Relaxed);
    FLAG.store(call == 0, Ordering::Relaxed);
}

/// Runs that are interrupted early, late, and not at all.
fn check<R: PartialEq + std::fmt::Debug>(
    name: &str,
    threads: usize,
    mut run: impl FnMut() -> Result<R, Error>,
) {
    raise_at(usize::MAX);
    let whole = run().unwrap();
    for call in [0, 1, 1000, SAMPLES / 2] {
        raise_at(call);
        assert_eq!(run(), Err(Error::Interrupted), "{name}, raised at call {call}");
        let calls = CALLS.load(Ordering::Relaxed);
        assert!(calls <= call + threads * TILE, "{name}: {calls} calls, raised at {call}");
        raise_at(usize::MAX);
        assert_eq!(run().as_ref(), Ok(&whole), "{name}, after it was raised at call {call}");
    }
    // What is there when all is done is given.
    raise_at(CALLS.load(Ordering::Relaxed));
    if threads == 1 {
        assert_eq!(run().as_ref(), Ok(&whole), "{name}, raised in the last tile");
    }
}

fn workspaces(program: &Program, backend: Backend) -> Vec<(usize, Workspace)> {
    let workspace = || program.workspace().interrupted_by(Some(Arc::clone(&FLAG))).backend(backend);
    vec![
        (1, workspace()),
        #[cfg(feature = "threads")]
        (2, workspace().threads(2).unwrap()),
    ]
}

// One test, since calls are counted.
#[test]
fn every_backend_leaves_a_run_within_a_tile() {
    let raising = Custom::define(Raising).unwrap();
    let inputs = || Inputs::new().variable("w").parameter("x");
    let function = Function::record(inputs(), |v| raising.call(&[v[1]]) * v[0]).unwrap();
    let column: Vec<f64> = (0..SAMPLES).map(|k| (k % 17) as f64).collect();
    let columns: [&[f64]; 1] = [&column];
    let samples = Samples::columns(&columns).unwrap();
    for (form, over_samples) in
        [("summed", summed(&function, &["x"])), ("each", each(&function, &["x"]))]
    {
        let program = compile_samples(&Compiler::new(), &over_samples);
        for backend in all_backends() {
            for (threads, mut workspace) in workspaces(&program, backend) {
                let name = format!("{form}, {backend:?}, {threads} threads");
                check(&name, threads, || {
                    let mut outputs = vec![0.0; program.output_length(SAMPLES)];
                    program.run_samples(&mut workspace, &[1.5], &samples, &mut outputs)?;
                    Ok(outputs)
                });
            }
        }
        #[cfg(feature = "f32")]
        {
            let column: Vec<f32> = column.iter().map(|&x| x as f32).collect();
            let columns: [&[f32]; 1] = [&column];
            let samples = Samples::columns(&columns).unwrap();
            let mut workspace = program.workspace_f32().interrupted_by(Some(Arc::clone(&FLAG)));
            check(&format!("{form}, single precision"), 1, || {
                let sums = program.output_length(0);
                let mut sums = vec![0.0; sums];
                let each = program.output_length(SAMPLES) - sums.len();
                let mut each = vec![0.0; each];
                let results = (&mut sums, &mut each);
                program.run_samples_f32(&mut workspace, &[1.5], &samples, results.0, results.1)?;
                Ok((sums, each))
            });
        }
    }
}
