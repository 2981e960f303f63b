//! The evals of GradBench, a file each: inputs as they come, scalar code, derivatives, outputs as they are wanted.

mod ba;
mod det;
mod gmm;
mod hello;
mod ht;
mod kmeans;
mod llsq;
mod lse;
mod lstm;
mod ode;
mod particle;
mod saddle;

use crate::error::Error;
use crate::timing::Timed;

/// Runs a function of a module on an input in JSON.
pub(crate) type Run = fn(function: &str, input: &str) -> Result<Timed, Error>;

/// Each module's name, with what runs its functions.
const MODULES: &[(&str, Run)] = &[
    ("hello", hello::run),
    ("llsq", llsq::run),
    ("lse", lse::run),
    ("det", det::run),
    ("ode", ode::run),
    ("kmeans", kmeans::run),
    ("particle", particle::run),
    ("saddle", saddle::run),
    ("gmm", gmm::run),
    ("ba", ba::run),
    ("lstm", lstm::run),
    ("ht", ht::run),
];

/// What runs the functions of a module.
pub(crate) fn find(module: &str) -> Result<Run, Error> {
    let found = MODULES.iter().find(|(name, _)| *name == module);
    found.map(|&(_, run)| run).ok_or_else(|| {
        let names: Vec<&str> = MODULES.iter().map(|&(name, _)| name).collect();
        Error::Module(module.into(), names.join(", "))
    })
}

/// How slopes are taken.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Forward,
    Reverse,
}

/// The modes that functions of `particle` and `saddle` are named by: of the outer derivative, then of the inner one.
fn modes(function: &str) -> Result<(Mode, Mode), Error> {
    match function {
        "ff" => Ok((Mode::Forward, Mode::Forward)),
        "fr" => Ok((Mode::Forward, Mode::Reverse)),
        "rf" => Ok((Mode::Reverse, Mode::Forward)),
        "rr" => Ok((Mode::Reverse, Mode::Reverse)),
        _ => Err(Error::Function(function.into(), "ff, fr, rf, rr")),
    }
}
