//! The options of `uphill fit`, and the performances that it knows.

use clap::{Args, ValueEnum};
use uphill_solve::{Performance, Weights};

use crate::error::Error;
use crate::list;
use crate::numbers::{number, whole};
use crate::ranks::Patience;
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
      any performance of one row; P is its sum

  uphill fit 'y = a*sin(b*x - c)' --data data.csv --start a=1,b=1,c=0 --sigma error --starts 20
      errors of measurement that are known, and the highest summit of twenty climbs

  mpirun -n 4 uphill fit 'y = a + b*x' --data 'part-*.csv' --start a=0,b=0
      four ranks, if built with the feature `mpi`: each reads its part of the rows; they find the bits of one rank";

/// How P is climbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// Damped Gauss-Newton steps from the Jacobian
    LevenbergMarquardt,
    /// Steps from the last gradients, which kinks don't stop
    #[value(alias = "l-bfgs")]
    QuasiNewton,
    /// Plain steps along the gradient at a rate
    Ascent,
}

/// What weights tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum WeightsAre {
    /// How precise a row is
    #[default]
    Precision,
    /// How often it was seen
    Frequency,
}

impl From<WeightsAre> for Weights {
    fn from(kind: WeightsAre) -> Weights {
        match kind {
            WeightsAre::Precision => Weights::Precision,
            WeightsAre::Frequency => Weights::Frequency,
        }
    }
}

/// A number of starts.
fn starts(text: &str) -> Result<usize, String> {
    match whole(text)? {
        0 => Err("expected 1 or more".into()),
        starts => Ok(starts),
    }
}

/// A level between 0 and 1.
fn level(text: &str) -> Result<f64, String> {
    match number(text)? {
        level if level > 0.0 && level < 1.0 => Ok(level),
        _ => Err("expected a level between 0 and 1, such as 0.95".into()),
    }
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

    /// How long ranks wait for each other.
    #[command(flatten)]
    pub patience: Patience,

    /// Print one JSON object, described in docs/json.md
    #[arg(long)]
    pub json: bool,
}

/// What is fitted to what, and how: what `uphill plot fit` takes as well.
#[derive(Debug, Args)]
pub struct Task {
    /// The model, `column = …` (see `uphill help formula`); `@FILE` reads it from a file, `-` from standard input
    pub model: String,

    /// The table, a CSV file; several as one by a pattern in quotes, such as 'part-*.csv'; `-` for standard input
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

    /// A column of weights; rows of weight 0 don't count
    #[arg(long, value_name = "COLUMN", value_parser = list::single)]
    pub weights: Option<String>,

    /// What weights tell: how precise a row is (its error's variance is in proportion to 1/weight), or how often it was
    /// seen
    #[arg(long, value_enum, default_value_t, requires = "weights")]
    pub weights_are: WeightsAre,

    /// A column of known standard deviations of each row's error: standard errors are absolute then
    #[arg(long, value_name = "COLUMN", value_parser = list::single)]
    pub sigma: Option<String>,

    /// Climb from so many starts: the given one, and others drawn within bounds or about it; the highest summit counts
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 1,
        value_parser = starts,
        allow_negative_numbers = true
    )]
    pub starts: usize,

    /// The seed of drawn starts
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        value_parser = whole::<u64>,
        allow_negative_numbers = true
    )]
    pub seed: u64,

    /// The level of confidence intervals
    #[arg(long, value_name = "NUMBER", default_value = "0.95", value_parser = level)]
    pub confidence: f64,

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

    /// How it is climbed: levenberg-marquardt, and quasi-newton for a formula as performance
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

/// What is climbed: a performance with a name, or a formula.
pub(super) enum Chosen {
    Named(Performance),
    Formula(String),
}

impl Chosen {
    pub(super) fn of(task: &Task) -> Result<Chosen, Error> {
        if task.width.is_some() && task.performance != "huber" {
            let what = "--width has an effect on --performance huber alone; give that, or neither";
            return Err(Error::Use(what.into()));
        }
        if task.rate.is_some() && task.method != Some(Method::Ascent) {
            let what = "--rate has an effect on --method ascent alone; give that, or neither";
            return Err(Error::Use(what.into()));
        }
        let width = task.width.unwrap_or(1.0);
        let named = match task.performance.as_str() {
            "squared-error" => Performance::SquaredError,
            "rms" => Performance::RootMeanSquare,
            "log-likelihood" => Performance::LogLikelihood,
            "huber" if width > 0.0 && width.is_finite() => Performance::Huber(width),
            "huber" => {
                let what = format!("--width: expected a positive number, got {width}");
                return Err(Error::Use(what));
            }
            text if text.contains("desired") || text.contains("computed") => {
                return task.with_formula(text);
            }
            name => {
                let known = ["squared-error", "rms", "huber", "log-likelihood"].into_iter();
                return Err(Error::unknown("performance", name, "", known));
            }
        };
        Ok(Chosen::Named(named))
    }
}

impl Task {
    fn with_formula(&self, text: &str) -> Result<Chosen, Error> {
        if self.method == Some(Method::LevenbergMarquardt) {
            let what = "levenberg-marquardt climbs sums of squares; for a formula take --method quasi-newton or ascent";
            return Err(Error::Use(what.into()));
        }
        for (option, is_given) in
            [("--weights", self.weights.is_some()), ("--sigma", self.sigma.is_some())]
        {
            if is_given {
                return Err(Error::Use(format!(
                    "{option} goes with the named performances; put the column into the formula"
                )));
            }
        }
        Ok(Chosen::Formula(text.to_owned()))
    }

    /// How it is climbed, for the library.
    pub(super) fn method(&self) -> Result<uphill_solve::Method, Error> {
        Ok(match self.method {
            None => uphill_solve::Method::Automatic,
            Some(Method::LevenbergMarquardt) => uphill_solve::Method::LevenbergMarquardt,
            Some(Method::QuasiNewton) => uphill_solve::Method::QuasiNewton,
            Some(Method::Ascent) => match self.rate.unwrap_or_default() {
                rate if rate > 0.0 => uphill_solve::Method::Ascent(rate),
                rate => {
                    let what = format!("--rate: expected a positive number, got {rate}");
                    return Err(Error::Use(what));
                }
            },
        })
    }
}
