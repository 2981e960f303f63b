//! Systems of linear equations as scalar code: elimination with the largest pivot, and solutions that are differentiated
//! as what they are, not as how they were found.
//!
//! Which row has the largest pivot is chosen by [`Scalar::select`], so that one recording is right for all numbers. Rows are
//! compared by what they are of their largest entry: so units don't matter. A matrix that is singular to rounding gives NaN.

use std::sync::Arc;

use super::equations::Equations;
use super::problem::Problem;
use crate::graph::Loop;
use crate::loop_writer::LoopWriter;
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;
use crate::walk::{Feed, Outcome, Walk};

/// Which unknown numbers `z` give `A·z = b`, row by row; derivatives are those of the equations.
pub(crate) fn solve<S: Scalar>(matrix: &[S], right: &[S]) -> Vec<S> {
    if let (&[a], &[b]) = (matrix, right) {
        return vec![b / a];
    }
    let mut around = eliminate(matrix, right);
    // In a recording numbers that are known are numbers of the equations.
    let known = |x: &S| if S::RECORDS { x.known() } else { None };
    let given: Vec<Option<f64>> = matrix.iter().chain(right).map(known).collect();
    let read = matrix.iter().chain(right).zip(&given).filter(|(_, known)| known.is_none());
    around.extend(read.map(|(&x, _)| x));
    let operands = (0..around.len()).map(NodeId::new).collect();
    let repeated = Arc::new(system(right.len(), &given));
    S::implicit(&Problem { repeated, operands, around })
}

/// The same by plain operations.
pub(crate) fn eliminate<S: Scalar>(matrix: &[S], right: &[S]) -> Vec<S> {
    match (matrix, right) {
        (&[a], &[b]) => vec![b / a],
        _ => Factors::of(matrix, right.len()).substitute(right),
    }
}

/// A matrix as the product of two triangles, its rows in another order.
struct Factors<S> {
    width: usize,
    rows: Vec<Vec<S>>,
    /// In order: two rows, and whether they were exchanged.
    exchanges: Vec<(usize, usize, S)>,
}

impl<S: Scalar> Factors<S> {
    fn of(matrix: &[S], width: usize) -> Factors<S> {
        let mut rows: Vec<Vec<S>> = matrix.chunks_exact(width).map(<[S]>::to_vec).collect();
        let largest = |row: &Vec<S>| row.iter().map(|x| x.abs()).reduce(S::max);
        let mut scales: Vec<S> =
            rows.iter().map(|row| largest(row).map_or(S::constant(0.0), S::recip)).collect();
        let of_column = |k: usize| {
            let entries = rows.iter().zip(&scales).map(|(row, &scale)| row[k].abs() * scale);
            entries.reduce(S::max).unwrap_or(S::constant(0.0))
        };
        let columns: Vec<S> = (0..width).map(of_column).collect();
        let mut exchanges = Vec::new();
        for k in 0..width {
            for other in k + 1..width {
                let own = rows[k][k].abs() * scales[k];
                let larger = (rows[other][k].abs() * scales[other]).greater(own);
                let (above, below) = rows.split_at_mut(other);
                for (a, b) in above[k].iter_mut().zip(&mut below[0]) {
                    exchange(larger, a, b);
                }
                let (above, below) = scales.split_at_mut(other);
                exchange(larger, &mut above[k], &mut below[0]);
                exchanges.push((k, other, larger));
            }
            let rounding = 4.0 * width as f64 * f64::EPSILON;
            let regular = (rows[k][k].abs() * scales[k]).greater(columns[k] * rounding);
            rows[k][k] = S::select(regular, rows[k][k], S::constant(f64::NAN));
            let pivot = rows[k].clone();
            for row in &mut rows[k + 1..] {
                let factor = row[k] / pivot[k];
                row[k] = factor;
                for (entry, &above) in row.iter_mut().zip(&pivot).skip(k + 1) {
                    *entry -= factor * above;
                }
            }
        }
        Factors { width, rows, exchanges }
    }

    fn substitute(&self, right: &[S]) -> Vec<S> {
        let mut z = right.to_vec();
        for &(k, other, exchanged) in &self.exchanges {
            let (above, below) = z.split_at_mut(other);
            exchange(exchanged, &mut above[k], &mut below[0]);
        }
        for k in 0..self.width {
            for j in 0..k {
                let known = self.rows[k][j] * z[j];
                z[k] -= known;
            }
        }
        for k in (0..self.width).rev() {
            for j in k + 1..self.width {
                let known = self.rows[k][j] * z[j];
                z[k] -= known;
            }
            z[k] /= self.rows[k][k];
        }
        z
    }
}

fn exchange<S: Scalar>(condition: S, a: &mut S, b: &mut S) {
    (*a, *b) = (S::select(condition, *b, *a), S::select(condition, *a, *b));
}

/// What defines the solution of so many linear equations, which is there already: no iteration is made. `given` has the
/// matrix row by row and the right sides, as far as they are known.
fn system(width: usize, given: &[Option<f64>]) -> Loop {
    let body = Recorder::of_a_pass();
    let mut writer = LoopWriter::new(0);
    let mut input = |feed: Feed| writer.feed(&body, feed, Some(NodeId::new(0)), 1).first;
    let unknowns: Vec<Var<'_>> =
        (0..width).map(|_| body.var(input(Feed::Carried { from: 0 }))).collect();
    let number_or_input = |known: &Option<f64>| match *known {
        Some(number) => Var::constant(number),
        None => body.var(input(Feed::Read(Walk::STILL))),
    };
    let given: Vec<Var<'_>> = given.iter().map(number_or_input).collect();
    let (matrix, right) = given.split_at(width * width);
    let mut residuals = Vec::with_capacity(width);
    for (row, &right) in matrix.chunks_exact(width).zip(right) {
        let products = row.iter().zip(&unknowns).map(|(&a, &z)| z.times(a));
        let terms = products.chain([-right]).filter(|term| term.constant_value() != Some(0.0));
        let sum = terms.reduce(|a, b| a + b).unwrap_or(Var::constant(0.0));
        residuals.push(writer.output_of(&body, sum));
    }
    for (input, &unknown) in unknowns.iter().enumerate() {
        let from = writer.output_of(&body, unknown);
        writer.feeds[input] = Feed::Carried { from };
        writer.outcome(Outcome::Last { input });
    }
    writer.equations = Some(Equations::new(residuals));
    drop((unknowns, given));
    writer.into_loop(body.into_graph())
}
