//! Flags of C compilers that change numbers: a text refuses them, keeps to its numbers all the same, or tells.

use std::process::Command;

use uphill_graph::{Function, Scalar};

use super::harness::c_compilers;
use crate::{Compiler, Source};

/// What becomes of a text.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Refused,
    /// It compiles, and its own check gives this.
    Checked(i32),
}

use Outcome::{Checked, Refused};

/// What flags do with GCC and with Clang.
const FLAGS: [(&[&str], Outcome, Outcome); 14] = [
    (&["-std=c99"], Checked(0), Checked(0)),
    (&["-std=gnu99"], Checked(0), Checked(0)),
    (&["-O3"], Checked(0), Checked(0)),
    (&["-O3", "-march=native"], Checked(0), Checked(0)),
    (&["-O3", "-march=native", "-ffp-contract=off"], Checked(0), Checked(0)),
    (&["-O3", "-march=native", "-ffp-contract=on"], Checked(0), Checked(0)),
    (&["-O3", "-march=native", "-ffp-contract=fast"], Checked(0), Checked(1)),
    (&["-O3", "-ffast-math"], Refused, Refused),
    (&["-Ofast"], Refused, Refused),
    (&["-O3", "-ffinite-math-only"], Refused, Refused),
    (&["-O3", "-fno-signed-zeros"], Refused, Checked(4)),
    (&["-O3", "-freciprocal-math"], Refused, Checked(8)),
    (
        &["-O3", "-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math"],
        Refused,
        Checked(6),
    ),
    (&["-O3", "-funsafe-math-optimizations"], Refused, Checked(14)),
];

fn outcome(compiler: &str, flags: &[&str], text: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let (file, program) = (folder.path().join("main.c"), folder.path().join("program"));
    std::fs::write(&file, format!("{text}int main(void) {{ return f_check(); }}\n")).unwrap();
    let mut command = Command::new(compiler);
    command.args(["-Wall", "-Wextra", "-Werror", "-o"]).arg(&program).arg(&file).args(flags);
    let output = command.arg("-lm").output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Checked(Command::new(&program).status().unwrap().code().unwrap());
    }
    assert!(errors.contains("compile it without -ffast-math"), "{compiler} {flags:?}\n{errors}");
    Refused
}

#[cfg(target_arch = "x86_64")]
fn has_fused() -> bool {
    std::arch::is_x86_feature_detected!("fma")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_fused() -> bool {
    cfg!(target_arch = "aarch64")
}

#[test]
fn are_refused_or_told() {
    let f = Function::record(["x", "y"], |v| v[0] * v[1] + v[0].exp()).unwrap();
    let text = Compiler::new().strict().compile(&f).unwrap().to_c("f").unwrap();
    let mut wrong = Vec::new();
    for compiler in c_compilers() {
        for (flags, gcc, clang) in &FLAGS {
            let due = if compiler == "gcc" { gcc } else { clang };
            let got = outcome(compiler, flags, &text);
            if got != *due && (*due != Checked(1) || has_fused()) {
                wrong.push(format!("{compiler} {flags:?}: {got:?}, due {due:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_name_of_the_check_is_taken() {
    let f = Function::record(["x"], |v| v[0] + 1.0).unwrap();
    let program = Compiler::new().compile(&f).unwrap();
    let c = Source::c().function("f", &program).function("f_check", &program).text();
    assert!(c.unwrap_err().to_string().contains("`f_check`"));
    let rust = Source::rust().function("f", &program).function("f_check", &program).text();
    assert!(rust.is_ok());
}
