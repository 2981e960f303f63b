//! The options of `uphill train`.

use clap::Args;

use super::choices::{
    Batch, ConventionName, Curve, MethodName, Offset, OutputCurve, RateText, ScalingName, StartText,
};
use super::choices::{batch, rate, start};
use super::stopping::Stopping;
use crate::numbers::{number, whole};
use crate::ranks::Patience;
use crate::table::{Filling, StoredOptions};

const EXAMPLES: &str = "\
Examples:
  uphill train examples/data/iris.csv --target species
      trains a network that tells three species of iris apart, and tests it on a quarter of the rows

  uphill train examples/data/iris.csv --target species --method plain --output sigmoid \\
      --performance squared-error --decay 0 --rate 0.01 --stop-within 0.4 --save iris.json
      the lecture's way: sigmoid nodes, a sum of squares, plain steps; keeps the model

  uphill train examples/data/iris.csv --resume iris.json --changes 5000
      goes on to 5000 changes from where the saved training stood, with the same bits as if it had not stopped

  uphill train prices.csv --target price --performance '-log(cosh(desired - computed))'
      any performance of one output; the formula is differentiated

  uphill train prices.csv --target price --delimiter ';' --decimal , --thousands . --missing '?,n/a' --fill mean
      a table of a spreadsheet in German, with cells missing; the model remembers all of this

  gunzip -c large.csv.gz | uphill train - --target price --memory 64MiB --passes 3
      a table larger than memory, from standard input

  mpirun -n 4 uphill train 'part-*.csv' --target price --batch all --save price.json
      four ranks, if built with the feature `mpi`: each reads its part of the rows; the model has the bits of one rank's";

/// Train a network of sigmoid nodes from a table.
///
/// The first row of the table holds the names of its columns. Columns of numbers become scaled inputs, columns of text
/// one input for each category; all cells of a column must be of one kind. The target is what the network computes: for
/// numbers one number, for text, or with --as-classes, one output for each class.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The table, a CSV file; several as one by a pattern in quotes, such as 'part-*.csv'; `-` for standard input
    pub table: String,

    /// The column to be computed from the others
    #[arg(
        long,
        value_name = "COLUMN",
        required_unless_present = "resume",
        value_parser = crate::list::single
    )]
    pub target: Option<String>,

    /// Only these columns as inputs [default: all others]
    #[arg(long, value_name = "COLUMNS", conflicts_with = "resume")]
    pub inputs: Vec<String>,

    /// Leave out these columns
    #[arg(long, value_name = "COLUMNS", conflicts_with = "resume")]
    pub ignore: Vec<String>,

    /// Take these columns as text, even if they hold numbers
    #[arg(long, value_name = "COLUMNS", conflicts_with = "resume")]
    pub category: Vec<String>,

    /// Take the whole numbers of the target as classes, one output for each
    #[arg(long, conflicts_with_all = ["resume", "as_number"])]
    pub as_classes: bool,

    /// Take the target as a number: a text in it is an error, not a class
    #[arg(long, conflicts_with = "resume")]
    pub as_number: bool,

    /// How the table is written, and how much of it stays in memory.
    #[command(flatten)]
    pub table_options: StoredOptions,

    /// What becomes of missing cells.
    #[command(flatten)]
    pub filling: Filling,

    /// The number of nodes in each hidden layer, such as `6` or `8,4`; `0` for none
    #[arg(
        long,
        value_name = "NODES",
        default_value = "6",
        value_delimiter = ',',
        conflicts_with = "resume",
        help_heading = "Network",
        value_parser = whole::<usize>,
        allow_negative_numbers = true
    )]
    pub hidden: Vec<usize>,

    /// What hidden nodes make of their sums
    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        default_value = "sigmoid",
        conflicts_with = "resume",
        help_heading = "Network"
    )]
    pub activation: Curve,

    /// What output nodes make of their sums [default: softmax for classes, identity for a number]
    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        conflicts_with = "resume",
        help_heading = "Network"
    )]
    pub output: Option<OutputCurve>,

    /// The trainable constant of each node: a threshold on −1 as in the lecture's book, or a bias on +1
    #[arg(
        long,
        value_name = "KIND",
        value_enum,
        default_value = "threshold",
        conflicts_with = "resume",
        help_heading = "Network"
    )]
    pub offset: Offset,

    /// How columns of numbers are brought to a common size
    #[arg(
        long,
        value_name = "KIND",
        value_enum,
        default_value = "standard",
        conflicts_with = "resume",
        help_heading = "Network"
    )]
    pub scale: ScalingName,

    /// What is to be maximised: squared-error, cross-entropy, rms, or a formula of `desired` and `computed`, which is
    /// added up over outputs and rows [default: cross-entropy for classes, squared-error for a number]
    #[arg(
        long,
        value_name = "NAME|FORMULA",
        allow_hyphen_values = true,
        conflicts_with = "resume",
        help_heading = "Training"
    )]
    pub performance: Option<String>,

    /// Subtract this times the sum of squared weights from the performance
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0.02,
        conflicts_with = "resume",
        help_heading = "Training",
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub decay: f64,

    /// What is made of a gradient
    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        default_value = "adam",
        conflicts_with = "resume",
        help_heading = "Training"
    )]
    pub method: MethodName,

    /// How much of the last change --method momentum keeps [default: 0.9]
    #[arg(
        long,
        value_name = "PART",
        conflicts_with = "resume",
        help_heading = "Training",
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub momentum: Option<f64>,

    /// The two factors of --method adam, and what keeps its division from exploding [default: 0.9,0.999,1e-8]
    #[arg(
        long,
        value_name = "BETA1,BETA2,EPSILON",
        value_delimiter = ',',
        conflicts_with = "resume",
        help_heading = "Training",
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub adam: Vec<f64>,

    /// The learning rate: a number, or `step:FIRST,FACTOR,EVERY`, `exponential:FIRST,FACTOR,EVERY`,
    /// `inverse-time:FIRST,DECAY` [default: 0.05 for adam; else 0.5 divided by the rows a change looks at]
    #[arg(
        long,
        value_name = "RATE",
        value_parser = rate,
        help_heading = "Training",
        allow_negative_numbers = true
    )]
    pub rate: Option<RateText>,

    /// The number of rows each change looks at, or `all` [default: all of up to 1000, else 64]
    #[arg(
        long,
        value_name = "ROWS",
        value_parser = batch,
        conflicts_with = "resume",
        help_heading = "Training"
    )]
    pub batch: Option<Batch>,

    /// Take rows in their order, not shuffled for each pass
    #[arg(long, conflicts_with = "resume", help_heading = "Training")]
    pub in_order: bool,

    /// The true gradient of the slides, or the book's half
    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        default_value = "slides",
        conflicts_with = "resume",
        help_heading = "Training"
    )]
    pub convention: ConventionName,

    /// How the first weights are drawn: `xavier`, or evenly from −W to W by `uniform:W`
    #[arg(
        long,
        value_name = "HOW",
        default_value = "xavier",
        value_parser = start,
        conflicts_with = "resume",
        help_heading = "Training"
    )]
    pub start: StartText,

    /// The seed of all random choices: parts of the table, first weights, shuffles
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        conflicts_with = "resume",
        help_heading = "Training",
        value_parser = whole::<u64>,
        allow_negative_numbers = true
    )]
    pub seed: u64,

    /// The part of the rows that is kept for the test at the end
    #[arg(
        long,
        value_name = "PART",
        default_value_t = 0.25,
        conflicts_with = "resume",
        help_heading = "Training",
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub test: f64,

    /// The part of the rows that says when to stop; the weights that were best on it are kept
    #[arg(
        long,
        value_name = "PART",
        default_value_t = 0.0,
        conflicts_with = "resume",
        help_heading = "Training",
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub validation: f64,

    /// When to stop.
    #[command(flatten)]
    pub stopping: Stopping,

    /// Write the model to this file, whole; `-` for standard output, the report then goes to standard error
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub save: Option<String>,

    /// Go on from this model; without --save, it is written there again
    #[arg(long, value_name = "FILE", conflicts_with = "target", help_heading = "Files")]
    pub resume: Option<String>,

    /// Write performance and gradient length along the way as CSV; `-` as for --save
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub history: Option<String>,

    /// A row of the history every so many changes [default: every change over all rows, else every pass]
    #[arg(
        long,
        value_name = "CHANGES",
        requires = "history",
        help_heading = "Files",
        value_parser = whole::<usize>,
        allow_negative_numbers = true
    )]
    pub history_every: Option<usize>,

    /// A column for each weight in the history, for pictures of the way that training went
    #[arg(long, requires = "history", help_heading = "Files")]
    pub history_weights: bool,

    /// Draw how training went, P and the length of its gradient by change, as .svg or .png
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub picture: Option<String>,

    /// How long ranks wait for each other.
    #[command(flatten)]
    pub patience: Patience,

    /// Replace existing files
    #[arg(long, help_heading = "Files")]
    pub force: bool,

    /// Print one JSON object, described in docs/json.md
    #[arg(long)]
    pub json: bool,
}
