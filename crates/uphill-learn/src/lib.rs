//! Networks that learn tables: from columns to samples, a network with its recipe in one file, and how good its answers are.
//!
//! `uphill-table` reads a table, `uphill-nn` trains networks; what is between them is here. A [`Preparation`] finds the
//! [`Recipe`](uphill_table::Recipe) of a table and draws its [`Parts`], samples whose rows stay in bounded memory. A
//! [`Score`] has accuracy and confusion table, or errors and R². A [`TableModel`] is a trained network with its recipe, as
//! `uphill train --save` writes it.
//!
//! ```
//! use uphill_learn::{Preparation, Score};
//! use uphill_nn::{Activation, CategoricalCrossEntropy, Method, Network, Problem, Stop, Trainer};
//! use uphill_table::Format;
//!
//! # let iris = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/iris.csv");
//! let parts = Preparation::default().open(iris, Format::default(), "species")?;
//! let layers = [parts.recipe.input_count(), 6, parts.recipe.target.count()];
//! let network = Network::layered(&layers).output(Activation::Softmax).build()?;
//! let trained = Trainer::new(&network, CategoricalCrossEntropy, &parts.training)
//!     .method(Method::adam())
//!     .rate(0.05)
//!     .stop(Stop::changes(200))
//!     .train()?;
//! let problem = Problem::new(&network, CategoricalCrossEntropy, &parts.training)?;
//! let test = parts.test.as_ref().ok_or("no rows for the test")?;
//! let score = Score::of(&problem, test, &parts.recipe, &trained.weights)?;
//! assert!(score.line().starts_with("accuracy 9"), "{score}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checksum;
mod encoded;
mod error;
pub mod history;
mod model;
#[cfg(feature = "onnx")]
mod onnx;
mod parts;
mod performance;
mod rows;
mod score;

pub use encoded::encoded;
pub use error::{Error, LARGEST};
pub use model::{LARGEST_MODEL, Settings, TableModel};
pub use parts::{Division, Parts, Preparation};
pub use performance::{FormulaPerformance, Measure, Regularised};
pub use rows::levelled;
pub use score::{Answers, Collector, Confusion, Score};
