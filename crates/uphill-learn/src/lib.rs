//! Networks that learn tables: from columns to samples, a network with its recipe in one file, and how good its answers are.
//!
//! `uphill-table` reads a table, `uphill-nn` trains networks; what is between them is here. A [`Preparation`] finds the
//! [`Recipe`](uphill_table::Recipe) of a table and draws its [`Parts`], samples whose rows stay in bounded memory. A
//! [`Score`] has accuracy and confusion table, or errors and R². A [`TableModel`] is a trained network with its recipe, as
//! `uphill train --save` writes it.
//!
//! ```
//! use uphill_learn::{Preparation, Score};
//! use uphill_nn::{Activation, CategoricalCrossEntropy, Method, Network, NodeSpec, Problem, Stop, Trainer};
//! use uphill_table::{Kind, Table};
//!
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/iris.csv");
//! // The last column is the target.
//! let table = Table::open(path, Default::default())?;
//! let parts = Preparation::default().parts(&table, Kind::Either)?;
//! let nodes = parts.recipe.output_names().into_iter().map(|name| {
//!     NodeSpec::new(name).threshold().fed_by(parts.recipe.input_names())
//! });
//! let network = Network::builder()
//!     .inputs(parts.recipe.input_names())
//!     .softmax(nodes)
//!     .outputs(parts.recipe.output_names())
//!     .build()?;
//! let trained = Trainer::new(&network, CategoricalCrossEntropy, &parts.training)
//!     .method(Method::adam())
//!     .rate(0.1)
//!     .stop(Stop::changes(100))
//!     .train()?;
//! let test = parts.test.expect("a quarter of the rows");
//! let problem = Problem::new(&network, CategoricalCrossEntropy, &parts.training)?;
//! let score = Score::of(&problem, &test, &parts.recipe, &trained.weights)?;
//! assert!(score.line().starts_with("accuracy 9"), "{score}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod encoded;
mod error;
mod model;
mod parts;
mod performance;
mod score;

pub use encoded::encoded;
pub use error::{Error, LARGEST};
pub use model::{LARGEST_MODEL, Settings, TableModel};
pub use parts::{Division, Parts, Preparation};
pub use performance::{FormulaPerformance, Measure, Regularised};
pub use score::{Answers, Collector, Confusion, Score};
