//! Steps: code for one number at a time, as the fast interpreter runs it ([ADR 14](../../../../docs/adr/0014-latency.md)).
//!
//! `make` turns verified code into the steps of `step`, with `open` joining two or three instructions to one. `nests` starts a
//! run and goes through loops; `scalar` has the loop over steps itself, the one hot place; `block` dense blocks, for machine
//! code too. Loops whose iterations don't need each other run in lanes and on threads (`abreast`), in `stretches` of pieces, which are
//! read and written by `moves`; what they add comes behind (`adds`).

mod abreast;
mod adds;
pub(crate) mod block;
mod make;
mod moves;
mod nests;
mod open;
mod room;
mod scalar;
mod step;
mod stretches;
#[cfg(test)]
mod tests;

#[cfg(feature = "jit")]
pub(crate) use abreast::Loops;
pub(crate) use abreast::Running;
pub(crate) use nests::run;
pub(crate) use step::Steps;
