//! What the suites share: every backend of this build and machine, and programs that all of them can run.

#![allow(dead_code, reason = "each suite uses a part")]

use uphill_engine::{Backend, Compiler, InstructionSet, OverSamples, Program};
use uphill_graph::Function;

/// All backends but the reference.
pub(crate) fn backends() -> Vec<Backend> {
    let mut all = vec![Backend::Scalar];
    all.extend(InstructionSet::available().into_iter().map(Backend::Lanes));
    if cfg!(feature = "jit") {
        all.push(Backend::MachineCode);
    }
    all
}

/// All backends, and the choice between them.
pub(crate) fn all_backends() -> Vec<Backend> {
    [vec![Backend::Automatic, Backend::Reference], backends()].concat()
}

/// A function of one sample with these columns, one number a sample.
pub(crate) fn each(function: &Function, columns: &[&str]) -> OverSamples {
    OverSamples::new(function.clone(), columns.iter().copied()).unwrap()
}

/// The same, added up over samples.
pub(crate) fn summed(function: &Function, columns: &[&str]) -> OverSamples {
    each(function, columns).sum()
}

pub(crate) fn compile_samples(compiler: &Compiler, function: &OverSamples) -> Program {
    #[cfg(feature = "jit")]
    let compiler = &compiler.clone().machine_code();
    compiler.compile_samples(function).unwrap()
}

pub(crate) fn compile(compiler: &Compiler, function: &Function) -> Program {
    #[cfg(feature = "jit")]
    let compiler = &compiler.clone().machine_code();
    compiler.compile(function).unwrap()
}
