//! Problems with constraints: the best P where equations and inequalities hold.
//!
//! ```text
//! Problem ──► Functions: compiled values, sparse derivatives ──► minimise ──► polish ──► Optimum
//!                        (what the method asks: Nonlinear)        │    ▲
//!                                                Interior, Newton ◄┘    └── restoration, by the same method
//! ```

mod filter;
mod functions;
mod interior;
mod iterate;
mod ldlt;
mod line;
mod minimise;
mod newton;
mod nonlinear;
mod optimum;
mod polish;
mod problem;
mod restoration;
mod saddle;

pub use optimum::{ConstraintAt, Iteration, Optimum, Status};
pub use problem::Problem;
