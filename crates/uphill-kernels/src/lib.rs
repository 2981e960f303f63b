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

pub use arithmetic::{mul_add, powi, sqrt};
pub use erfc::{erfc, erfcx, erfcx_derivative, log_ndtr, log_ndtr_derivative};
pub use exp::{exp, exp2, expm1, sigmoid};
pub use gamma::gamma;
pub use hyperbolic::{cosh, sinh, tanh};
pub use inverse::{acos, acosh, asin, asinh, atan, atan2, atanh};
pub use log::{ln, log1p, log2, log10, softplus};
pub use polygamma::polygamma;
pub use power::{cbrt, hypot, pow};
pub use rounding::{ceil, floor, fmod, modulo, round};
pub use special::{digamma, erf, ln_gamma, trigamma};
pub use trig::{
    TRIGONOMETRIC_BOUND, cos, cos_bounded, sin, sin_bounded, sin_cos, sin_cos_bounded, tan,
    tan_bounded,
};
