//! What is climbed: P, a sum over rows of a term, with its gradient, its second derivatives, and how far rounding
//! reaches.

use uphill_graph::{Function, Recorder, Scalar};

use crate::dense::Square;
use crate::error::Error;
use crate::passes::{Pass, Table};

/// P as a function of parameters. Programs are compiled when they are first asked for.
pub(crate) struct Hill<'r> {
    table: Table<'r>,
    term: Function,
    width: usize,
    value: Pass<'r>,
    slopes: Option<Pass<'r>>,
    sizes: Option<Pass<'r>>,
    curvature: Option<Pass<'r>>,
}

/// How large the parts are of which P and its gradient are the sums: rounding is measured by them.
#[derive(Debug, Clone)]
pub(crate) struct Sizes {
    /// By how much P may be off by rounding.
    pub(crate) noise: f64,
    /// For each parameter the sum of the sizes of the rows' parts of the slope.
    pub(crate) slopes: Vec<f64>,
}

impl<'r> Hill<'r> {
    /// `term` has one output, and an input `w` with `width` entries. A second output tells how much rounding a row brings
    /// along beyond that of its term, in units of the last place.
    pub(crate) fn new(term: Function, width: usize, table: Table<'r>) -> Result<Hill<'r>, Error> {
        let first = term.output_names().next().unwrap_or_default().to_owned();
        let value = Pass::summed(&term.select(&[first])?, table)?;
        Ok(Hill { table, term, width, value, slopes: None, sizes: None, curvature: None })
    }

    /// P.
    pub(crate) fn value(&mut self, at: &[f64]) -> Result<f64, Error> {
        Ok(self.value.sums(at)?[0])
    }

    fn p(&self) -> Result<Function, Error> {
        let name = self.term.output_names().next().unwrap_or_default();
        Ok(self.term.select(&[name])?)
    }

    /// P and its gradient.
    pub(crate) fn slopes(&mut self, at: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        if self.slopes.is_none() {
            self.slopes = Some(Pass::summed(&self.p()?.with_gradient()?, self.table)?);
        }
        let Some(pass) = &mut self.slopes else { return Ok((f64::NAN, Vec::new())) };
        let mut sums = pass.sums(at)?;
        let value = sums.remove(0);
        Ok((value, sums))
    }

    /// How far rounding reaches.
    pub(crate) fn sizes(&mut self, at: &[f64]) -> Result<Sizes, Error> {
        if self.sizes.is_none() {
            self.sizes = Some(Pass::summed(&self.sizes_function()?, self.table)?);
        }
        let Some(pass) = &mut self.sizes else {
            return Ok(Sizes { noise: 0.0, slopes: Vec::new() });
        };
        let mut sums = pass.sums(at)?;
        let noise = f64::EPSILON * sums.remove(0);
        Ok(Sizes { noise, slopes: sums })
    }

    fn sizes_function(&self) -> Result<Function, Error> {
        let with = self.p()?.with_gradient()?;
        let recorder = Recorder::new();
        let inputs = recorder.inputs(self.term.inputs().clone())?;
        let outputs = with.eval_scalar(&inputs)?;
        let own = self.term.eval_scalar(&inputs)?;
        // P's term is as exact as its own last place, as that of what it is computed from, and as the parameters are.
        let moved = outputs[1..].iter().zip(&inputs).map(|(slope, w)| (*slope * *w).abs());
        let mut noise = outputs[0].abs();
        for part in moved.chain(own.get(1).copied()) {
            noise += part;
        }
        recorder.output("noise", noise);
        for (place, slope) in outputs[1..].iter().enumerate() {
            recorder.output(format!("size_{place}"), slope.abs());
        }
        Ok(recorder.finish()?)
    }

    /// The second derivatives of P.
    pub(crate) fn curvature(&mut self, at: &[f64]) -> Result<Square, Error> {
        if self.curvature.is_none() {
            self.curvature = Some(Pass::summed(&self.p()?.hvp()?, self.table)?);
        }
        let width = self.width;
        let mut matrix = Square::new(width);
        let Some(pass) = &mut self.curvature else { return Ok(matrix) };
        let mut shared = at.to_vec();
        shared.resize(2 * width, 0.0);
        for column in 0..width {
            shared[width..].fill(0.0);
            shared[width + column] = 1.0;
            for (row, entry) in pass.sums(&shared)?.into_iter().enumerate() {
                matrix.set(row, column, entry);
            }
        }
        Ok(matrix.symmetric())
    }

    /// Directions along which P's second derivatives are 0 but for rounding, though each parameter by itself has one; of
    /// these parameters.
    pub(crate) fn idle(&mut self, at: &[f64], free: &[usize]) -> Result<Vec<Vec<f64>>, Error> {
        /// So small a part of the parameters' own second derivatives is rounding.
        const IDLE: f64 = 1e-12;
        let curvature = self.curvature(at)?;
        let scale = |place: usize| {
            let own = curvature.at(place, place).abs().sqrt();
            if own > 0.0 { 1.0 / own } else { 0.0 }
        };
        let entry = |row: usize, column: usize| {
            let (row, column) = (free[row], free[column]);
            -curvature.at(row, column) * scale(row) * scale(column)
        };
        let scaled = Square::from_fn(free.len(), entry);
        if !scaled.is_finite() {
            return Ok(Vec::new());
        }
        let is_idle = |(value, _): &(f64, Vec<f64>)| value.abs() <= IDLE;
        let spread = |(_, vector): (f64, Vec<f64>)| {
            let mut way = vec![0.0; at.len()];
            free.iter().zip(vector).for_each(|(&place, part)| way[place] = part * scale(place));
            way
        };
        let ways = scaled.eigen().into_iter().filter(is_idle).map(spread);
        Ok(ways.filter(|way| way.iter().any(|part| *part != 0.0)).collect())
    }
}
