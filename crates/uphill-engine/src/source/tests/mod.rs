//! What is emitted is compiled and run, and must have the bits of the reference interpreter.

mod flags;
mod forms;
mod harness;
mod nests;
mod programs;
#[cfg(feature = "f32")]
mod single;
mod texts;

use uphill_graph::{Arity, Function, Inputs, Op, Scalar, Var};

use super::{Language, Source};
use crate::{Compiler, OverSamples};
use harness::{Build, Case, Run, check};

/// Each compiler, with flags by which it would fuse products and sums by itself, and without: for short texts.
const C: &[Build<'_>] = &[
    ("gcc", &["-std=c99", "-O0"]),
    ("gcc", &["-std=gnu11", "-O1", "-march=native"]),
    ("clang", &["-std=c99", "-O0"]),
    ("clang", &["-std=gnu11", "-O1", "-march=native"]),
];

/// Those by which they would, of long texts, for which Clang takes twice as long as GCC if it has to optimise.
const LONG_C: &[Build<'_>] = &[
    ("gcc", &["-std=gnu11", "-O1", "-march=native"]),
    ("clang", &["-std=c99", "-O0", "-march=native"]),
];

/// Where loops compute what nobody reads.
const UNREAD: [&str; 2] = ["-Wno-unused-variable", "-Wno-unused-but-set-variable"];
const UNREAD_C: &[Build<'_>] = &[
    ("gcc", &["-std=gnu11", "-O1", "-march=native", UNREAD[0], UNREAD[1]]),
    ("clang", &["-std=c99", "-O0", "-march=native", UNREAD[0], UNREAD[1]]),
];

/// Random bits, the same everywhere.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Numbers of all kinds: special ones, any bits, and those near the functions' own scales.
fn points(count: usize, seed: u64) -> Vec<f64> {
    const SPECIAL: [f64; 34] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -0.5,
        2.0,
        -2.0,
        2.5,
        -3.0,
        3.0,
        8.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        5e-324,
        -5e-324,
        f64::MIN_POSITIVE,
        -1e-300,
        1e300,
        f64::MAX,
        f64::MIN,
        709.5,
        709.8,
        -745.2,
        1e16,
        -22.5,
        1e22,
        1e-20,
        -1e-20,
        1_073_741_824.5,
        // 6381956970095103·2⁷⁹⁷, so near a multiple of π/2 that it takes the most digits of 2/π.
        f64::from_bits(0x7506_ac5b_262c_a1ff),
        std::f64::consts::FRAC_PI_2,
        1.0 - f64::EPSILON / 2.0,
    ];
    let mut state = seed;
    let mut list = SPECIAL.to_vec();
    while list.len() < count {
        let bits = random(&mut state);
        let unit = (random(&mut state) >> 11) as f64 / 9_007_199_254_740_992.0;
        list.push(match bits % 8 {
            0 | 1 => f64::from_bits(random(&mut state)),
            2 => unit,
            3 => 2.0 * unit - 1.0,
            4 => 8.0 * unit - 4.0,
            5 => 1500.0 * unit - 750.0,
            6 => (40.0 * unit - 20.0).round() / 2.0,
            _ => (unit * 80.0 - 40.0).exp2() * if bits & 8 == 0 { 1.0 } else { -1.0 },
        });
    }
    list
}

fn exponents(op: Op) -> &'static [f64] {
    match op {
        Op::Powi => &[0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 17.0, -31.0, 1000.0],
        Op::Polygamma | Op::ErfcxDerivative | Op::LogNdtrDerivative => {
            &[0.0, 1.0, 2.0, 3.0, 7.0, 20.0, 168.0]
        }
        _ => &[],
    }
}

/// Every operation over samples: each operand is a column, but those that must be constants.
fn operations(count: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for &op in Op::ALL {
        let widths: &[usize] = match op.arity() {
            Arity::Exactly(1) => &[1],
            Arity::Exactly(2) => &[2],
            Arity::Exactly(_) => &[3],
            Arity::Any => &[0, 1, 3, 20],
            Arity::Pairs => &[0, 2, 6, 22],
        };
        for &width in widths {
            let constants = exponents(op);
            let choices: Vec<Option<f64>> = match constants {
                [] => vec![None],
                _ => constants.iter().map(|&n| Some(n)).collect(),
            };
            for constant in choices {
                let at = if op == Op::Powi { 1 } else { 0 };
                let function = Function::record(Inputs::new().variables("x", width), |x| {
                    let mut x = x.to_vec();
                    if let Some(n) = constant {
                        x[at] = Var::constant(n);
                    }
                    Scalar::apply(op, &x)
                });
                let columns: Vec<String> = (0..width).map(|k| format!("x[{k}]")).collect();
                let strict = Compiler::new().strict();
                let program = match width {
                    0 => strict.compile(&function.unwrap()),
                    _ => {
                        let each = OverSamples::new(function.unwrap(), columns).unwrap();
                        strict.compile_samples(&each)
                    }
                };
                let program = program.unwrap();
                let own: Vec<f64> = op
                    .samples()
                    .iter()
                    .filter(|x| x.len() == width)
                    .flat_map(|x| x.iter().copied())
                    .collect();
                let count = if width == 1 { count } else { count / 2 };
                let mut rows: Vec<f64> = Vec::new();
                let lists: Vec<Vec<f64>> =
                    (0..width).map(|k| points(count, 99 * k as u64)).collect();
                for s in 0..count {
                    for (k, list) in lists.iter().enumerate() {
                        // Special ones meet in all pairs.
                        let at = if k == 0 || s >= 1200 { s } else { s / 34 * (k + 1) + s };
                        let index = if s < 1200 { at % 34 } else { at };
                        rows.push(list[index]);
                    }
                }
                rows.extend(own);
                let run = match width {
                    0 => Run::once(Vec::new()),
                    _ => Run { inputs: Vec::new(), samples: rows.len() / width, rows },
                };
                let name = format!("{} of {width}, {constant:?}", op.name());
                cases.push(Case::new(name, program, vec![run]));
            }
        }
    }
    cases
}

#[test]
fn operations_in_rust() {
    check(Language::Rust, &operations(6000), &[("rustc", &["-Copt-level=1"])]);
}

#[test]
fn operations_in_c() {
    check(Language::C, &operations(6000), C);
}

#[test]
fn without_std_and_with_the_crate() {
    let cases = operations(300);
    let source = Source::rust().without_std();
    let folder = tempfile::tempdir().unwrap();
    let no_std = "#![no_std]\n".to_owned() + &harness::text(source, &cases);
    harness::build_library(folder.path(), &no_std, "2018");
    let with_crate = harness::text(Source::rust().kernels_from_crate(), &cases);
    assert!(!with_crate.contains("libm"), "the crate brings it");
    let program =
        harness::build_rust(folder.path(), &with_crate, &cases, &["-Copt-level=0"], false);
    let due: Vec<Vec<f64>> = cases.iter().map(Case::due).collect();
    let differences = harness::differences(&program, &cases, &due);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn rust_of_every_edition() {
    let cases = operations(1);
    let folder = tempfile::tempdir().unwrap();
    let text = harness::text(Source::rust(), &cases);
    for edition in ["2015", "2018", "2024"] {
        harness::build_library(folder.path(), &text, edition);
    }
}

#[test]
fn programs_in_rust() {
    // With the checks for overflow that this has.
    check(Language::Rust, &programs::all(), &[("rustc", &["-Copt-level=0"])]);
}

#[test]
fn programs_in_c() {
    check(Language::C, &programs::all(), LONG_C);
}
