//! Loops as nodes: every form, with the bits of the loop written out, in values and derivatives.

mod derivatives;
mod file;
mod forms;
mod guards;
mod implicit;
mod keeping;
mod pictures;
mod refused;
mod roots;
mod running;
mod sparse;
mod sparse_forms;
mod text;
mod trace;
mod trouble;
mod values;
mod workloads;
