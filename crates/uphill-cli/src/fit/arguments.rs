//! The options of `uphill fit`, and the performances that it knows.

use clap::{Args, ValueEnum};
use uphill_graph::Scalar;

use crate::error::Error;
use crate::list;
use crate::numbers::{number, whole};
use crate::table::StoredOptions;

const EXAMPLES: &str = "\
The exit code is 0 wherever the climb ended, on a summit or not: the report's last lines, and `converged` in JSON, say which.

Examples:
  uphill fit 'y = b1*(1 - exp(-b2*x))' --data data.csv --start b1=500,b2=0.0001 --json
      parameters, standard errors and the sum of squares as JSON

  uphill fit 'log(y) = a - k*t' --data decay.csv --start a=0,k=1 --bounds k=0.. --weights n
      a function of columns on the left, a bound, and a column of weights

  uphill fit 'y = a + b*x' --data data.csv --start a=0,b=0 --performance huber --width 0.5
      little harm by outliers

  uphill fit 'y = a + b*x' --data data.csv --start a=0,b=0 --performance '-abs(desired - computed)'
      any performance of one row; P is its sum";

/// How P is climbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// Damped Gauss-Newton steps from the Jacobian
    LevenbergMarquardt,
    /// Steps from the last gradients
    #[value(name = "l-bfgs")]
    LBfgs,
    /// Plain steps along the gradient at a rate
    Ascent,
}

/// Find the parameters of a model formula from a table.
///
/// Names in the formula that are columns of the table are data; names that it doesn't define are the parameters.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What is fitted to what, and how.
    #[command(flatten)]
    pub task: Task,

    /// Write desired, computed and residual of each row to this CSV file; with `-` the report goes to standard error
    #[arg(long, value_name = "FILE")]
    pub residuals: Option<String>,

    /// Replace an existing file
    #[arg(long)]
    pub force: bool,

    /// Print one JSON object, described in docs/json.md
    #[arg(long)]
    pub json: bool,
}

/// What is fitted to what, and how: what `uphill plot fit` takes as well.
#[derive(Debug, Args)]
pub struct Task {
    /// The model, `column = …` (see `uphill help formula`); `@FILE` reads it from a file, `-` from standard input
    pub model: String,

    /// The table, a CSV file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub data: String,

    /// Where each parameter starts, such as `b1=500,b2=0.0001`
    #[arg(long, value_name = "NAME=NUMBER,…", allow_hyphen_values = true)]
    pub start: Vec<String>,

    /// Parameters that keep their number
    #[arg(long, value_name = "NAME=NUMBER,…", allow_hyphen_values = true)]
    pub fix: Vec<String>,

    /// Lowest and highest numbers, such as `b1=0..10,b2=0..`
    #[arg(long, value_name = "NAME=LOW..HIGH,…", allow_hyphen_values = true)]
    pub bounds: Vec<String>,

    /// A column of weights: how often a row counts
    #[arg(long, value_name = "COLUMN", value_parser = list::single)]
    pub weights: Option<String>,

    /// What is climbed: squared-error, rms, huber, log-likelihood (normal), or a formula of `desired` and `computed`
    #[arg(
        long,
        value_name = "NAME|FORMULA",
        default_value = "squared-error",
        allow_hyphen_values = true
    )]
    pub performance: String,

    /// Huber's width: beyond this error, P falls in a straight line [default: 1]
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub width: Option<f64>,

    /// How it is climbed: levenberg-marquardt, and l-bfgs for a formula as performance
    #[arg(long, value_enum)]
    pub method: Option<Method>,

    /// The rate of plain ascent
    #[arg(
        long,
        value_name = "NUMBER",
        required_if_eq("method", "ascent"),
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub rate: Option<f64>,

    /// After so many iterations it ends
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 10_000,
        value_parser = whole::<u64>,
        allow_negative_numbers = true
    )]
    pub most_iterations: u64,

    /// How the table is written, and how much of it stays in memory.
    #[command(flatten)]
    pub table_options: StoredOptions,
}

impl Task {
    /// The bounds of each parameter, infinite where none is given.
    pub(super) fn bounds_of(
        &self,
        parameters: &[String],
        start: &[f64],
    ) -> Result<Vec<(f64, f64)>, Error> {
        let mut bounds = vec![(f64::NEG_INFINITY, f64::INFINITY); parameters.len()];
        for part in self.bounds.iter().flat_map(|text| list::parts(text)) {
            let wrong = |what: &str| Err(Error::Use(format!("--bounds `{part}`: {what}")));
            let (name, range) = list::pair("--bounds", part)?;
            let Some(range) = range else {
                return wrong("expected a name and its range, such as `b1=0..10`");
            };
            let Some(place) = parameters.iter().position(|parameter| *parameter == name) else {
                let known = parameters.iter().map(String::as_str);
                return Err(Error::unknown("parameter", &name, "the model", known));
            };
            let Some((low, high)) = range.split_once("..") else {
                return wrong("expected a range, such as `0..10`, `0..` or `..10`");
            };
            let number = |text: &str, none: f64| match text.trim() {
                "" => Ok(none),
                text => match text.parse::<f64>() {
                    Ok(number) if !number.is_nan() => Ok(number),
                    _ => Err(Error::Use(format!(
                        "--bounds `{part}`: expected a number, got `{text}`"
                    ))),
                },
            };
            let low = number(low, f64::NEG_INFINITY)?;
            let high = number(high, f64::INFINITY)?;
            if low > high {
                return wrong("its low end is above its high end");
            }
            if !(low..=high).contains(&start[place]) {
                return wrong(&format!("the start, {}, lies outside", start[place]));
            }
            bounds[place] = (low, high);
        }
        Ok(bounds)
    }
}

/// What is climbed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Performance {
    /// `-Σ (d - o)²`.
    SquaredError,
    /// `-√(Σ (d - o)²/n)`.
    RootMeanSquare,
    /// Squares near 0, lines beyond a width.
    Huber(f64),
    /// Of normal errors whose deviation is the best one.
    LogLikelihood,
    /// A formula, summed over rows.
    Formula(String),
}

impl Performance {
    pub(super) fn of(arguments: &Task) -> Result<Performance, Error> {
        if arguments.width.is_some() && arguments.performance != "huber" {
            let what = "--width has an effect on --performance huber alone; give that, or neither";
            return Err(Error::Use(what.into()));
        }
        if arguments.rate.is_some() && arguments.method != Some(Method::Ascent) {
            let what = "--rate has an effect on --method ascent alone; give that, or neither";
            return Err(Error::Use(what.into()));
        }
        let width = arguments.width.unwrap_or(1.0);
        let performance = match arguments.performance.as_str() {
            "squared-error" => Performance::SquaredError,
            "rms" => Performance::RootMeanSquare,
            "log-likelihood" => Performance::LogLikelihood,
            "huber" if width > 0.0 && width.is_finite() => Performance::Huber(width),
            "huber" => {
                let what = format!("--width: expected a positive number, got {width}");
                return Err(Error::Use(what));
            }
            text if text.contains("desired") || text.contains("computed") => {
                Performance::Formula(text.to_owned())
            }
            name => {
                let known = ["squared-error", "rms", "huber", "log-likelihood"].into_iter();
                return Err(Error::unknown("performance", name, "", known));
            }
        };
        let by_gradient = matches!(performance, Performance::Formula(_));
        if by_gradient && arguments.method == Some(Method::LevenbergMarquardt) {
            let what = "levenberg-marquardt climbs sums of squares; for a formula take --method l-bfgs or ascent";
            return Err(Error::Use(what.into()));
        }
        if by_gradient && arguments.weights.is_some() {
            let what =
                "--weights goes with the named performances; put the column into the formula";
            return Err(Error::Use(what.into()));
        }
        Ok(performance)
    }

    /// The definition of `residual`, whose squares' sum has its least where P has its greatest.
    pub(super) fn residual(&self, weights: Option<&str>) -> String {
        let error = "(desired - computed)";
        let residual = match self {
            // r² is twice Huber's function: the square of the width itself inside, a line beyond.
            Performance::Huber(width) => format!(
                "if(abs({error}) <= {width:?}, {error}, if({error} < 0, -1, 1)*sqrt(2*{width:?}*abs({error}) - {width:?}^2))"
            ),
            _ => error.to_owned(),
        };
        let weight =
            weights.map_or(String::new(), |column| format!("sqrt({})*", list::backquoted(column)));
        format!("residual = {weight}{residual}")
    }

    /// The formula, if it is one.
    pub(super) fn formula(&self) -> Option<&str> {
        match self {
            Performance::Formula(text) => Some(text),
            _ => None,
        }
    }

    /// The definition of `performance`, P's term for one row, of a performance that has a name.
    pub(super) fn definition(&self, weights: Option<&str>) -> String {
        let residual = self.residual(weights);
        let residual = residual.trim_start_matches("residual = ");
        let half = if matches!(self, Performance::Huber(_)) { "/2" } else { "" };
        format!("performance = -(({residual})^2){half}")
    }

    /// P from the sum of squares of residuals.
    pub(super) fn value(&self, squares: f64, rows: usize) -> f64 {
        let rows = rows as f64;
        match self {
            Performance::RootMeanSquare => -(squares / rows).sqrt(),
            Performance::Huber(_) => -squares / 2.0,
            Performance::LogLikelihood => {
                // The kernel of formulas rather than the system's: the same bits everywhere.
                -rows / 2.0 * (Scalar::ln(2.0 * std::f64::consts::PI * squares / rows) + 1.0)
            }
            _ => -squares,
        }
    }
}
