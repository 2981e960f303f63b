//! Nests of loops: every executor has the bits of the reference, and the reference those of the same code without loops.

mod abreast;
pub(crate) mod by_hand;
mod hostile;
mod nests;
pub(crate) mod random;
pub(crate) mod tree;

use super::Lowered;
use super::{Fused, Names, Program};
use crate::code::{Code, Layout, Place};
use crate::error::Error;
use crate::lanes::InstructionSet;
use crate::run::Backend;
use crate::samples::Samples;

/// A program of these three pieces of code, with all numbers that are computed as outputs.
pub(crate) fn program(
    layout: &Layout,
    [before, sample, after]: [Code; 3],
    over_samples: bool,
) -> Result<Program, Error> {
    let per_call = layout.shared + layout.shared_count..layout.per_call;
    let per_call = per_call.filter(|&at| over_samples || at != layout.sample_count);
    let per_sample = layout.per_call + layout.column_count..layout.end;
    let outputs = per_call
        .map(|at| (format!("r{at}"), Place::PerCall(at)))
        .chain(per_sample.map(|at| (format!("s{at}"), Place::PerSample(at))));
    let outputs = outputs.collect();
    let name = |kind: &str, count: u32| -> Vec<String> {
        (0..count).map(|k| format!("{kind}{k}")).collect()
    };
    let names = Names {
        shared: name("x", layout.shared_count).into(),
        columns: name("c", layout.column_count),
    };
    let lowered = Lowered { layout: layout.clone(), before, sample, after, outputs };
    Program::new(lowered, names, Fused::default(), over_samples)
}

/// Numbers of a program's own scale, the same everywhere.
pub(crate) fn number(k: usize) -> f64 {
    let mixed = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 11) as f64 / 9_007_199_254_740_992.0 - 0.5) * 4.0
}

/// What a backend gives for so many samples, or for one call; the same twice.
pub(crate) fn run(program: &Program, backend: Backend, samples: usize) -> Vec<f64> {
    let layout = &program.layout;
    let inputs: Vec<f64> = (0..layout.shared_count as usize).map(number).collect();
    let mut workspace = program.workspace().backend(backend);
    let mut runs = [0, 1].map(|_| {
        if !program.over_samples {
            let mut outputs = vec![f64::NAN; program.output_count()];
            program.run(&mut workspace, &inputs, &mut outputs).unwrap();
            return outputs;
        }
        let width = layout.column_count as usize;
        let rows: Vec<f64> = (0..samples * width).map(|k| number(k + 99)).collect();
        let samples = Samples::rows(&rows, width).unwrap();
        let mut outputs = vec![f64::NAN; program.output_length(samples.len())];
        program.run_samples(&mut workspace, &inputs, &samples, &mut outputs).unwrap();
        outputs
    });
    assert_eq!(difference(&runs[0], &runs[1]), None, "{backend:?}, the second run\n{program}");
    std::mem::take(&mut runs[0])
}

/// The first place with other bits, but for those of a NaN.
pub(crate) fn difference(got: &[f64], due: &[f64]) -> Option<(usize, f64, f64)> {
    assert_eq!(got.len(), due.len());
    let pairs = got.iter().zip(due).enumerate();
    let mut unlike =
        pairs.filter(|(_, (x, y))| x.to_bits() != y.to_bits() && !(x.is_nan() && y.is_nan()));
    unlike.next().map(|(k, (&x, &y))| (k, x, y))
}

/// Runs a program by every backend, and `straight`, the same without loops, by the reference. Gives the numbers.
pub(crate) fn check(name: &str, program: &Program, straight: &Program) -> Vec<f64> {
    let mut backends = vec![Backend::Scalar];
    backends.extend(InstructionSet::available().into_iter().map(Backend::Lanes));
    #[cfg(feature = "jit")]
    backends.push(Backend::MachineCode);
    #[cfg(feature = "jit")]
    let program = &program.clone().with_machine_code(2).unwrap();
    let counts: &[usize] = if program.over_samples { &[1, 9, 250] } else { &[0] };
    let mut all = Vec::new();
    for &count in counts {
        let due = run(program, Backend::Reference, count);
        let unrolled = run(straight, Backend::Reference, count);
        let found = difference(&due, &unrolled);
        assert_eq!(found, None, "{name}: the reference, written out on the right\n{program}");
        for &backend in &backends {
            let found = difference(&run(program, backend, count), &due);
            assert_eq!(
                found, None,
                "{name}, {count} samples, {backend:?}, the reference on the right\n{program}"
            );
        }
        all.extend(due);
    }
    all
}
