//! Elementary functions in pure Rust, one kernel each, for scalar code and for lanes alike.
//! The rule that this crate keeps: **the same bits everywhere**. A result depends on the argument
//! alone: not on the platform, the C library, the compiler's options, or whether a loop was
//! vectorised. So kernels use nothing but operations that IEEE 754 rounds exactly.
//! Hot kernels are branch-free straight lines, so that a loop over lanes becomes vector code.
#![no_std]

#[cfg(feature = "std")]
extern crate std;

mod arithmetic;
mod erfc;
mod exp;
mod gamma;
mod hyperbolic;
mod inverse;
mod log;
pub mod native;
mod polygamma;
mod power;
mod rounding;
#[cfg(feature = "source")]
pub mod source;
mod special;
mod trig;

// What is public in these files is the crate's: so that a new function is named in its own file alone.
pub use arithmetic::*;
pub use erfc::*;
pub use exp::*;
pub use gamma::*;
pub use hyperbolic::*;
pub use inverse::*;
pub use log::*;
pub use polygamma::*;
pub use power::*;
pub use rounding::*;
pub use special::*;
pub use trig::*;
