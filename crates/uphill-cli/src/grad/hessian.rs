//! Second derivatives: a matrix where people can read one, else the entries other than 0, column by column.
//!
//! A column is the gradient on dual numbers, so a large Hessian takes no more memory than what is printed of it, and
//! that has a limit.

use std::fmt::Write as _;

use uphill_graph::{Dual, Function};

use crate::columns::table;
use crate::error::Error;
use crate::json::Json;
use crate::numbers::{short, size};

/// Matrices of more inputs are shown by their entries.
const LARGEST_MATRIX: usize = 200;
/// How many entries are held and printed at most.
const MOST_ENTRIES: usize = 1_000_000;
/// What an entry takes in memory and as text, about.
const BYTES: u64 = 120;

/// `1 entry`, `2 entries`.
fn told(count: usize) -> String {
    if count == 1 { "1 entry".into() } else { format!("{count} entries") }
}

/// The second derivatives of one output.
pub(super) enum Hessian {
    /// Row by row.
    Matrix(Vec<f64>),
    /// Row, column and number of each entry other than 0.
    Entries(Vec<(usize, usize, f64)>),
}

impl Hessian {
    /// The second derivatives of a function's one output at `x`; all NaN if the output is.
    pub(super) fn of(
        function: &Function,
        x: &[f64],
        value: f64,
        by_entry: bool,
    ) -> Result<Hessian, Error> {
        let variables = function.inputs().variable_positions();
        let width = variables.len();
        if width <= LARGEST_MATRIX && !by_entry {
            let mut matrix = if width == 0 { Vec::new() } else { function.hessian()?.eval(x)? };
            if value.is_nan() {
                matrix.fill(f64::NAN);
            }
            return Ok(Hessian::Matrix(matrix));
        }
        let mut entries = Vec::new();
        if value.is_nan() || width == 0 {
            return Ok(Hessian::Entries(entries));
        }
        let gradient = function.gradient()?;
        let mut point: Vec<Dual<f64>> = x.iter().map(|&x| Dual::constant(x)).collect();
        for (row, &position) in variables.iter().enumerate() {
            point[position] = Dual::variable(x[position]);
            // By symmetry a column is a row.
            let slopes = gradient.eval_scalar(&point)?;
            point[position] = Dual::constant(x[position]);
            let others = slopes.iter().map(|slope| slope.tangent).enumerate();
            entries.extend(others.filter(|(_, x)| *x != 0.0).map(|(column, x)| (row, column, x)));
            if entries.len() > MOST_ENTRIES {
                let all = (entries.len() as u64).saturating_mul((width / (row + 1)) as u64);
                return Err(Error::Use(format!(
                    "--hessian: {} of {} rows have {} other than 0; all of them would take some {} of memory and as \
                     much text, and {MOST_ENTRIES} are the most: make a function of fewer inputs of the formula, or \
                     ask for definitions of few inputs by --of",
                    row + 1,
                    width,
                    told(entries.len()),
                    size(all.saturating_mul(BYTES))
                )));
            }
        }
        Ok(Hessian::Entries(entries))
    }

    /// For people, under the output's name.
    pub(super) fn text(&self, output: &str, inputs: &[String], digits: usize) -> String {
        match self {
            Hessian::Matrix(matrix) => {
                let by = inputs.iter().map(|name| format!("/d{name}"));
                let header: Vec<String> = std::iter::once(String::new()).chain(by).collect();
                let rows =
                    inputs.iter().zip(matrix.chunks(inputs.len().max(1))).map(|(by, row)| {
                        let numbers = row.iter().map(|&x| short(x, digits));
                        std::iter::once(format!("/d{by}")).chain(numbers).collect()
                    });
                format!("Hessian of {output}\n{}", table(&header, rows))
            }
            Hessian::Entries(entries) => {
                let mut text = format!(
                    "Hessian of {output}, {0} × {0}: {1} other than 0\n",
                    inputs.len(),
                    told(entries.len())
                );
                for &(row, column, x) in entries {
                    let _ = writeln!(
                        text,
                        "d2{output}/d{}d{} = {}",
                        inputs[row],
                        inputs[column],
                        short(x, digits)
                    );
                }
                text
            }
        }
    }

    /// For programs: a list of rows, or a list of entries.
    pub(super) fn json(&self, inputs: &[String]) -> Json {
        match self {
            Hessian::Matrix(matrix) => {
                let list = |row: &[f64]| Json::List(row.iter().map(|&x| Json::Number(x)).collect());
                Json::List(matrix.chunks(inputs.len().max(1)).map(list).collect())
            }
            Hessian::Entries(entries) => {
                let entry = |&(row, column, x): &(usize, usize, f64)| {
                    Json::Object(vec![
                        ("row".into(), Json::Text(inputs[row].clone())),
                        ("column".into(), Json::Text(inputs[column].clone())),
                        ("value".into(), Json::Number(x)),
                    ])
                };
                Json::List(entries.iter().map(entry).collect())
            }
        }
    }

    pub(super) fn is_matrix(&self) -> bool {
        matches!(self, Hessian::Matrix(_))
    }
}
