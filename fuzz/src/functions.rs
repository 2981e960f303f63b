//! Functions, by way of their files, and what is made of them: whatever is valid goes through every pass.

use uphill_check::Report;
use uphill_engine::{Backend, Compiler};
use uphill_graph::{Function, PictureOptions, Trace};

/// A function of more nodes is only read and written.
const NODES: usize = 400;
/// A function that takes more operations is not run.
pub(crate) const OPERATIONS: u64 = 20_000;

/// The file of a function.
pub(crate) fn function_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(function) = Function::from_json(text) else { return };
    sound(&function);
}

/// Numbers are the same: their bits, or both NaN.
pub(crate) fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// What holds of each function that a reader gives.
pub(crate) fn sound(function: &Function) {
    function.verify().expect("a valid function");
    let written = function.to_json();
    let read = Function::from_json(&written).expect("what is written reads back");
    assert_eq!(read.to_json(), written, "and is the same");
    if function.graph().len() > NODES || function.graph().run_operations() > OPERATIONS {
        return;
    }
    let _ = (function.to_string(), function.signature());
    let x: Vec<f64> = (0..function.graph().inputs().len()).map(|k| 0.5 + k as f64 / 8.0).collect();
    let values = function.eval(&x).expect("as many numbers as inputs");
    let simple = function.simplify();
    simple.verify().expect("a valid function");
    for (value, simple) in values.iter().zip(simple.eval(&x).expect("the same inputs")) {
        assert!(same(*value, simple), "{value:?} is {simple:?} when simplified\n{function}");
    }
    // What is infinite, unknown or too much to be told is an error.
    let _ = function.eval_finite(&x);
    let _ = function.trace(&x).map(|trace| trace.text().digits(4).to_string());
    let _ = function.to_dot(&PictureOptions::new());
    let _ = function.to_mermaid(&PictureOptions::new());
    let compiler = Compiler::new().strict().limit(1 << 24);
    if let Ok(program) = compiler.compile(function) {
        for backend in [Backend::Reference, Backend::Scalar] {
            let mut outputs = vec![0.0; program.output_count()];
            let mut workspace = program.workspace().backend(backend).limit(1 << 24);
            if program.run(&mut workspace, &x, &mut outputs).is_ok() {
                for (k, (value, output)) in values.iter().zip(&outputs).enumerate() {
                    assert!(same(*value, *output), "output {k} is {value:?}, compiled {output:?}");
                }
            }
        }
        let _ = (program.to_rust("f"), program.to_c("f"));
    }
    for derivative in [function.gradient(), function.jvp(), function.vjp()].into_iter().flatten() {
        derivative.verify().expect("a valid derivative");
    }
    if let Some(input) = function.graph().inputs().names().next()
        && let Some(output) = function.output_names().next()
    {
        let _ = function.explain(&output, &input, &x).map(|told| (told.to_string(), told.latex()));
        let _ = function.derive(&output, &input).map(|told| told.to_string());
    }
}

/// A trace as data, of whoever kept one.
pub(crate) fn trace(bytes: &[u8]) {
    let Ok(trace) = serde_json::from_slice::<Trace>(bytes) else { return };
    let _ = (trace.text().to_string(), trace.text().digits(3).named_only().to_string());
    let written = serde_json::to_vec(&trace).expect("it can be written");
    let read: Trace = serde_json::from_slice(&written).expect("and read");
    assert_eq!(trace.text().to_string(), read.text().to_string());
    assert!(trace.diff(&read).is_none(), "nothing differs");
}

/// The report of a check as data.
pub(crate) fn report(bytes: &[u8]) {
    let Ok(report) = serde_json::from_slice::<Report>(bytes) else { return };
    let told = report.to_string();
    let written = serde_json::to_vec(&report).expect("it can be written");
    let read: Report = serde_json::from_slice(&written).expect("and read");
    assert_eq!(read.to_string(), told);
}
