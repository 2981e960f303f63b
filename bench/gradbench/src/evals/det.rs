//! `det`: a determinant by expansion along rows, one minor after the other.
//!
//! The recursion is recorded as it stands, down to single entries, for matrices of up to [`WRITTEN_OUT`] rows; that many of its
//! minors are equal, uphill finds out when it simplifies the graph. Of larger matrices the rows above are a loop over all
//! ways to choose their columns: each turn is a product of chosen entries, times the minor that they leave.

use serde::Deserialize;
use serde_json::json;
use uphill::prelude::*;

use crate::compiled::Compiled;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    #[serde(rename = "A")]
    a: Vec<f64>,
    ell: usize,
}

/// Rows of a minor that is recorded whole: 110,000 products, of which 1024 differ.
const WRITTEN_OUT: usize = 8;

/// The determinant of the rows from `row` on and of these columns.
fn minor<S: Scalar, C: Clone>(row: usize, columns: &[C], entry: &impl Fn(usize, &C) -> S) -> S {
    if let [column] = columns {
        return entry(row, column);
    }
    let mut sum = S::constant(0.0);
    for (k, column) in columns.iter().enumerate() {
        let others = [&columns[..k], &columns[k + 1..]].concat();
        let term = entry(row, column) * minor(row + 1, &others, entry);
        sum = if k % 2 == 0 { sum + term } else { sum - term };
    }
    sum
}

/// A way to choose columns for the first rows: these, those that are left, and the sign of the product.
struct Choice {
    chosen: Vec<usize>,
    left: Vec<usize>,
    sign: f64,
}

fn choices(size: usize, rows: usize) -> Vec<Choice> {
    let mut all = vec![Choice { chosen: vec![], left: (0..size).collect(), sign: 1.0 }];
    for _ in 0..rows {
        let further = |choice: Choice| {
            (0..choice.left.len()).map(move |k| {
                let (mut chosen, mut left) = (choice.chosen.clone(), choice.left.clone());
                chosen.push(left.remove(k));
                Choice { chosen, left, sign: if k % 2 == 0 { choice.sign } else { -choice.sign } }
            })
        };
        all = all.into_iter().flat_map(further).collect();
    }
    all
}

fn determinant<S: Scalar>(a: &[S], size: usize) -> S {
    let above = size.saturating_sub(WRITTEN_OUT);
    if above == 0 {
        let columns: Vec<usize> = (0..size).collect();
        return minor(0, &columns, &|row, &column| a[size * row + column]);
    }
    let choices = choices(size, above);
    let table = |column: &dyn Fn(&Choice) -> usize| {
        Table::new(choices.iter().map(column), size).expect("columns are below the size")
    };
    let chosen: Vec<Table> = (0..above).map(|row| table(&|choice| choice.chosen[row])).collect();
    let left: Vec<Table> = (0..WRITTEN_OUT).map(|k| table(&|choice| choice.left[k])).collect();
    let signs: Vec<f64> = choices.iter().map(|choice| choice.sign).collect();
    loops::sum(0..choices.len(), |i| {
        let entry = |row: usize, table: &Table| a.at(table.at(i) + size * row);
        let product = |product, (row, table)| product * entry(row, table);
        let product = chosen.iter().enumerate().fold(i.of(&signs), product);
        // An entry is looked up once, and used by many minors.
        let below: Vec<Vec<S>> =
            (above..size).map(|row| left.iter().map(|table| entry(row, table)).collect()).collect();
        let columns: Vec<usize> = (0..WRITTEN_OUT).collect();
        product * minor(0, &columns, &|row, &column| below[row][column])
    })
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { a, ell } = serde_json::from_str(input)?;
    if ell == 0 || a.len() != ell * ell {
        return Err(Error::Input(format!("A: expected {ell} × {ell} numbers, got {}", a.len())));
    }
    let record = || {
        let inputs = Inputs::new().variables("a", a.len());
        Ok::<_, Error>(Function::record(inputs, |a| determinant(a, ell))?.simplify())
    };
    let prepare = || match function {
        "primal" => Compiled::new(&record()?),
        "gradient" => Compiled::new(&record()?.gradient()?),
        _ => Err(Error::Function(function.into(), "primal, gradient")),
    };
    let is_primal = function == "primal";
    let output = |p: &Compiled| if is_primal { json!(p.outputs[0]) } else { json!(p.outputs) };
    timed(runs(input)?, prepare, |p| p.run(&a), output)
}
