//! Passes over rows: a block at a time goes through compiled programs, so memory does not grow with the table.
//!
//! Rows of weight 0 are left out before anything is computed of them: what was not observed has no say, not even by a
//! NaN.

use std::ops::{ControlFlow, Range};

use uphill_engine::{Compiler, OverSamples, Program, Samples, Workspace};
use uphill_graph::Function;
use uphill_ranks::{GRAIN, Tree};

use crate::error::Error;
use crate::ranks::Ranks;
use crate::rows::Rows;

/// Numbers in a block, about: what a row comes to is in memory for so many.
const BLOCK: usize = 1 << 18;

/// The columns of a model, of the rows that count.
#[derive(Clone, Copy)]
pub(crate) struct Table<'r> {
    rows: &'r dyn Rows,
    /// For each column of the model its place in a row.
    places: &'r [usize],
    /// The place of weights among the model's columns.
    weights: Option<usize>,
    ranks: Ranks<'r>,
}

impl<'r> Table<'r> {
    pub(crate) fn new(
        rows: &'r dyn Rows,
        places: &'r [usize],
        weights: Option<usize>,
    ) -> Table<'r> {
        Table { rows, places, weights, ranks: Ranks::alone(rows.row_count()) }
    }

    /// The same, of rows that are a part of those of all ranks.
    pub(crate) fn among(self, ranks: Ranks<'r>) -> Table<'r> {
        Table { ranks, ..self }
    }

    pub(crate) fn ranks(&self) -> &Ranks<'r> {
        &self.ranks
    }

    /// The number of columns of the model.
    pub(crate) fn width(&self) -> usize {
        self.places.len()
    }

    /// The number of rows of all ranks, whether they count or not.
    pub(crate) fn row_count(&self) -> usize {
        self.ranks.all()
    }

    /// This rank's grains of rows.
    fn grains(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let count = self.rows.row_count();
        (0..count).step_by(GRAIN).map(move |first| first..count.min(first + GRAIN))
    }

    /// Calls a function with each block of these rows of this rank: the numbers of the rows that count among those of all
    /// ranks, and the rows, one after the other. `most` is the greatest number of rows in a block. No more is read once the
    /// function has seen enough.
    fn blocks(
        &self,
        of: Range<usize>,
        most: usize,
        mut block: impl FnMut(&[usize], &[f64]) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        let (width, before) = (self.rows.column_names().len(), self.ranks.first());
        let (mut read, mut taken, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        // Rows as they lie are not copied.
        let is_plain = self.weights.is_none() && self.places.iter().copied().eq(0..width);
        for first in of.clone().step_by(most) {
            let rows = most.min(of.end - first);
            read.resize(rows * width, 0.0);
            if width > 0 {
                self.rows.read(first, &mut read)?;
            }
            taken.clear();
            numbers.clear();
            if is_plain {
                taken.extend(before + first..before + first + rows);
            } else {
                for row in 0..rows {
                    let of = |column: usize| read[row * width + self.places[column]];
                    if self.weights.is_some_and(|weights| of(weights) == 0.0) {
                        continue;
                    }
                    taken.push(before + first + row);
                    numbers.extend((0..self.places.len()).map(of));
                }
            }
            if block(&taken, if is_plain { &read } else { &numbers })?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Calls a function with each row of this rank that counts, and its number.
    pub(crate) fn each(
        &self,
        mut row: impl FnMut(usize, &[f64]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.until(|number, numbers| {
            row(number, numbers)?;
            Ok(ControlFlow::Continue(()))
        })
    }

    /// The same, until the function has seen enough.
    pub(crate) fn until(
        &self,
        mut row: impl FnMut(usize, &[f64]) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        let width = self.width();
        self.blocks(0..self.rows.row_count(), GRAIN, |taken, numbers| {
            for (place, &number) in taken.iter().enumerate() {
                if row(number, &numbers[place * width..(place + 1) * width])?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        })
    }
}

/// A function of parameters `w` and columns `x`, for each row of a table, or summed over them.
pub(crate) struct Pass<'r> {
    table: Table<'r>,
    program: Program,
    workspace: Workspace,
    results: Vec<f64>,
    most_rows: usize,
}

/// A function of parameters `w` and columns `x`, over the rows of a table.
fn over(function: &Function, table: Table<'_>) -> Result<OverSamples, Error> {
    let columns = (table.width() > 0).then_some("x");
    Ok(OverSamples::new(function.clone(), columns)?)
}

impl<'r> Pass<'r> {
    /// One number a row for each output.
    pub(crate) fn each(function: &Function, table: Table<'r>) -> Result<Pass<'r>, Error> {
        Pass::new(&over(function, table)?, table)
    }

    /// One sum over rows for each output.
    pub(crate) fn summed(function: &Function, table: Table<'r>) -> Result<Pass<'r>, Error> {
        Pass::new(&over(function, table)?.sum(), table)
    }

    fn new(function: &OverSamples, table: Table<'r>) -> Result<Pass<'r>, Error> {
        let program = Compiler::new().compile_samples(function)?;
        let workspace = program.workspace();
        let a_row = table.width().max(program.output_length(1));
        let most_rows = (BLOCK / a_row.max(1)).clamp(64, GRAIN);
        Ok(Pass { table, program, workspace, results: Vec::new(), most_rows })
    }

    /// Calls a function with the results of each block of this rank: all rows of the first output, of the second, ….
    pub(crate) fn visit(
        &mut self,
        shared: &[f64],
        mut block: impl FnMut(&[usize], &[f64]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.table.grains().try_for_each(|grain| self.visit_grain(shared, grain, &mut block))
    }

    fn visit_grain(
        &mut self,
        shared: &[f64],
        grain: Range<usize>,
        mut block: impl FnMut(&[usize], &[f64]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Pass { table, program, workspace, results, most_rows } = self;
        let width = table.width();
        table.blocks(grain, *most_rows, |taken, numbers| {
            let samples = match width {
                0 => Samples::without_columns(taken.len()),
                _ => Samples::rows(numbers, width)?,
            };
            results.resize(program.output_length(taken.len()), 0.0);
            program.run_samples(workspace, shared, &samples, results)?;
            block(taken, results)?;
            Ok(ControlFlow::Continue(()))
        })
    }

    /// What the rows of all ranks come to: each grain begins with `zero` and takes note of its blocks, and grains are joined
    /// in the shape of their tree.
    pub(crate) fn total(
        &mut self,
        shared: &[f64],
        zero: &[f64],
        mut block: impl FnMut(&mut Vec<f64>, &[usize], &[f64]) -> Result<(), Error>,
        join: impl Fn(&mut Vec<f64>, &[f64]),
    ) -> Result<Vec<f64>, Error> {
        let ranks = self.table.ranks;
        let mut tree = Tree::new(ranks.first(), join);
        let own: Result<(), Error> = self.table.grains().try_for_each(|grain| {
            let mut numbers = zero.to_vec();
            self.visit_grain(shared, grain, |taken, results| block(&mut numbers, taken, results))?;
            tree.push(numbers);
            Ok(())
        });
        Ok(tree.finish(ranks.communicator(), own)?.unwrap_or_else(|| zero.to_vec()))
    }

    /// The sums over all rows, of a function that is summed.
    pub(crate) fn sums(&mut self, shared: &[f64]) -> Result<Vec<f64>, Error> {
        let outputs = self.program.output_count();
        // Neumaier's sums over blocks, then what they have lost: a million rows lose nothing.
        let add = |sums: &mut Vec<f64>, parts: &[f64]| {
            let (sums, lost) = sums.split_at_mut(outputs);
            for ((sum, lost), &part) in sums.iter_mut().zip(lost).zip(parts) {
                let next = *sum + part;
                *lost += if sum.abs() >= part.abs() {
                    (*sum - next) + part
                } else {
                    (part - next) + *sum
                };
                *sum = next;
            }
        };
        let note = |sums: &mut Vec<f64>, _: &[usize], parts: &[f64]| {
            add(sums, parts);
            Ok(())
        };
        let join = |left: &mut Vec<f64>, right: &[f64]| {
            add(left, &right[..outputs]);
            left[outputs..].iter_mut().zip(&right[outputs..]).for_each(|(l, r)| *l += r);
        };
        let all = self.total(shared, &vec![0.0; 2 * outputs], note, join)?;
        let (sums, lost) = all.split_at(outputs);
        let total = |(sum, lost): (&f64, &f64)| if lost.is_finite() { sum + lost } else { *sum };
        Ok(sums.iter().zip(lost).map(total).collect())
    }
}
