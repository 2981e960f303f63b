//! Loops as nodes: every form, with the bits of the loop written out, in values and derivatives.

mod derivatives;
mod forms;
mod refused;
mod values;
