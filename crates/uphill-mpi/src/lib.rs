//! Ranks of uphill by MPI: what `mpirun` started, as a [`Communicator`](uphill_ranks::Communicator).
//!
//! All of it needs the feature `mpi`, which is off by default, since building it takes an MPI with its compiler wrapper
//! `mpicc`, and libclang. Without the feature this crate is empty, and a workspace that has it builds anywhere.

#[cfg(feature = "mpi")]
mod world;

#[cfg(feature = "mpi")]
pub use world::{Mpi, is_started_by_mpi};
