//! Closed-form backpropagation, written from the lecture's slides alone, to judge other code by.
//!
//! No graph, no reverse mode, no engine: only the formulas of the lecture on `f64`, for any acyclic
//! network of sigmoid nodes. With i→j for the weight from node i to node j:
//!
//! | quantity | formula | slide |
//! |---|---|---|
//! | sum | σ_j = Σ_i w(i→j)·o_i, minus a threshold or plus a bias | "change in the output o_j" |
//! | output | o_j = f(σ_j) = 1/(1 + e^(−σ_j)) | "We here use a sigmoid function" |
//! | slope | df/dσ = o_j(1 − o_j) | the same |
//! | performance | P = −Σ_s Σ_z (d_z − o_z)² | "Measuring Performance P" |
//! | β, last layer | β_z = ∂P/∂o_z = 2(d_z − o_z) | "How to compute the β's" |
//! | β, earlier | β_j = Σ_k w(j→k)·o_k(1 − o_k)·β_k | the same |
//! | change | Δw(i→j) = r·o_i·o_j(1 − o_j)·β_j, added up over all samples | "Training Algorithm" |
//!
//! Where the lecture's layers leave a case open, this module decides as follows.
//!
//! - **An output that feeds other nodes** has both parts of β added: 2(d − o) and Σ_k w·o_k(1 − o_k)·β_k.
//! - **A threshold** is a weight on the constant −1, **a bias** one on +1: in Δw, o_i is that constant.
//! - **A shared weight** gets the Δw of all its edges added.
//! - **The book's convention** leaves out the factor 2: β_z = d_z − o_z ([`Convention::Book`]).
//! - **1 − o** is computed as f(−σ): the same number, without cancellation where o is close to 1.
//! - **Negative RMS**, the performance of the Acquaintance/Sibling slide, puts one outer factor on every
//!   β: see [`Performance::RootMeanSquared`].
//!
//! Start with [`Network::layered`] or a [`Builder`]; [`Network::gradient`] is the sum of all Δw at rate 1,
//! [`Network::ascend`] climbs, [`Network::table`] shows every quantity by node and weight, and [`random`]
//! draws networks to compare two programs on.
//!
//! # Example
//!
//! ```
//! use uphill_check::closed_form::{Network, OffsetKind, Rule, Sample};
//!
//! let network = Network::layered(&[2, 2, 1], OffsetKind::Bias)?;
//! let exclusive_or = [
//!     Sample::new([0.0, 0.0], [0.0]),
//!     Sample::new([0.0, 1.0], [1.0]),
//!     Sample::new([1.0, 0.0], [1.0]),
//!     Sample::new([1.0, 1.0], [0.0]),
//! ];
//! let weights = [-0.4, -0.1, -0.4, 0.1, -0.2, -0.2, -0.9, -0.1, -0.8];
//!
//! let gradient = network.gradient(&weights, &exclusive_or, Rule::SLIDES)?;
//! assert_eq!(gradient.len(), 9); // ∂P/∂w for each weight
//!
//! let climb = network.ascend(&weights, &exclusive_or, Rule::SLIDES, 0.1, 10)?;
//! assert!(climb.performances[10] > climb.performances[0]);
//! # Ok::<(), uphill_check::closed_form::Error>(())
//! ```

mod backpropagation;
mod builder;
mod error;
mod network;
mod performance;
pub mod random;
mod structure;
mod table;

pub use builder::{Builder, NodeBuilder};
pub use error::Error;
pub use network::Network;
pub use performance::{Ascent, Convention, Performance, Rule, Sample};
pub use structure::{Incoming, NodeSpec, Offset, OffsetKind, Structure};
pub use table::{EdgeRow, NodeRow, SampleTable, Table, WeightRow};
