//! Sums over samples that many machines share: the same bits, however many there are.
//!
//! A run has *ranks*, numbered from 0, each with rows of its own. [`Communicator`] is how they speak: [`Alone`] is a run of
//! one, a [`team`] are threads of one process, which [`in_threads`] starts, and `uphill-mpi` is MPI. Rows are cut into grains of [`GRAIN`], and what is
//! summed up over rows is summed up grain by grain in one [`Tree`], whose shape depends on the number of rows alone.
//!
//! ```
//! use uphill_ranks::{Communicator, GRAIN, Tree, in_threads, share};
//!
//! let number = |row: usize| 1.0 / (row + 1) as f64;
//! let rows = 5 * GRAIN + 7;
//! // Each rank sums up its own rows, grain by grain; then all have the sum.
//! let sum = |ranks: &dyn Communicator| -> Result<f64, uphill_ranks::Error> {
//!     let own = share(rows, ranks.rank(), ranks.count());
//!     let mut tree = Tree::new(own.start, |left: &mut Vec<f64>, right: &[f64]| left[0] += right[0]);
//!     for first in own.clone().step_by(GRAIN) {
//!         tree.push(vec![(first..own.end.min(first + GRAIN)).map(number).sum()]);
//!     }
//!     let all = tree.finish(ranks, Ok::<(), uphill_ranks::Error>(()))?;
//!     Ok(all.map_or(0.0, |sum| sum[0]))
//! };
//! let alone = sum(&uphill_ranks::Alone)?;
//! for count in 1..5 {
//!     for found in in_threads(count, |ranks| sum(&ranks)) {
//!         assert_eq!(found?, alone); // the same bits
//!     }
//! }
//! # Ok::<(), uphill_ranks::Error>(())
//! ```

mod communicator;
mod error;
mod level;
mod message;
mod share;
mod team;
mod together;
mod tree;

pub use communicator::{Alone, Communicator};
pub use error::{Error, Failure, RankError};
pub use level::level;
pub use share::{GRAIN, Place, share};
pub use team::{Member, in_threads, team};
pub use together::{agree, any, broadcast, gather, gather_counts, gather_numbers};
pub use tree::Tree;
