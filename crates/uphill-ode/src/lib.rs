//! Differential equations: a right-hand side is scalar code, and Jacobians, sensitivities and adjoints come from it.
//!
//! A [`System`] dy/dt = f(t, y, p) is recorded once. An [`Integrator`] follows it to tolerances by the solvers of crate
//! [`diffsol`], which are given exact products and sparse matrices from compiled programs; it tells states, forward
//! sensitivities by parameters, and gradients by adjoints. [`Measured`] is a performance over a table of measurements, for
//! whatever climbs gradients. [`Equations`] has all of `diffsol`'s traits, for whoever drives its solvers by hand.
//!
//! With steps of one length, [`runge_kutta4`] and [`Tableau`] are scalar code themselves: a loop inside of any other function.
//!
//! ```text
//! scalar code ──System──► Part (value, J·v, Jᵀ·v, sparse J; by states, by parameters) ──Equations──► diffsol ──Integrator──► Trajectory
//! ```
//!
//! ```
//! use uphill_ode::{Integrator, System, fixed};
//!
//! // Cooling: the difference to the room falls at a rate.
//! let system = System::record(["warmth"], ["rate", "room"], |_t, y, p| vec![-p[0] * (y[0] - p[1])], fixed([90.0]))?;
//! let mut integrator = Integrator::new(&system)?;
//! let solution = integrator.sensitivities(&[0.1, 20.0], &[10.0])?;
//! assert!((solution.trajectory().at(0)[0] - 45.75).abs() < 0.01);
//! assert!((solution.column("warmth", "room")?[0] - 0.632).abs() < 0.001);
//! # Ok::<(), uphill_ode::Error>(())
//! ```

mod equations;
mod error;
mod follow;
mod integrator;
mod measured;
mod method;
mod operator;
mod part;
mod runge_kutta;
mod runner;
mod system;
mod trajectory;
mod watch;

pub use diffsol;
pub use equations::Equations;
pub use error::Error;
pub use integrator::Integrator;
pub use measured::Measured;
pub use method::Method;
pub use operator::{Operator, Start};
pub use runge_kutta::{Tableau, runge_kutta4};
pub use system::{System, fixed};
pub use trajectory::{Sensitivities, Trajectory};

/// The README's code runs as tests of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
