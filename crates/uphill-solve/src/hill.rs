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
    /// The term without what it tells of rounding.
    p: Function,
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
        let first = term.output_names().next().unwrap_or_default();
        let p = term.select(&[first])?;
        let value = Pass::summed(&p, table)?;
        Ok(Hill { table, term, p, width, value, slopes: None, sizes: None, curvature: None })
    }

    /// P.
    pub(crate) fn value(&mut self, at: &[f64]) -> Result<f64, Error> {
        Ok(self.value.sums(at)?[0])
    }

    /// P and its gradient.
    pub(crate) fn slopes(&mut self, at: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        let (p, table) = (&self.p, self.table);
        let pass = made(&mut self.slopes, || Pass::summed(&p.with_gradient()?, table))?;
        let mut sums = pass.sums(at)?;
        let value = sums.remove(0);
        Ok((value, sums))
    }

    /// How far rounding reaches.
    pub(crate) fn sizes(&mut self, at: &[f64]) -> Result<Sizes, Error> {
        let (p, term, table) = (&self.p, &self.term, self.table);
        let pass = made(&mut self.sizes, || Pass::summed(&sizes(p, term)?, table))?;
        let mut sums = pass.sums(at)?;
        let noise = f64::EPSILON * sums.remove(0);
        Ok(Sizes { noise, slopes: sums })
    }

    /// The second derivatives of P.
    pub(crate) fn curvature(&mut self, at: &[f64]) -> Result<Square, Error> {
        let (p, table, width) = (&self.p, self.table, self.width);
        let pass = made(&mut self.curvature, || Pass::summed(&p.hvp()?, table))?;
        let mut matrix = Square::new(width);
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

/// The pass in its place, or one that is made now.
fn made<'p, 'r>(
    place: &'p mut Option<Pass<'r>>,
    make: impl FnOnce() -> Result<Pass<'r>, Error>,
) -> Result<&'p mut Pass<'r>, Error> {
    match place {
        Some(pass) => Ok(pass),
        none => Ok(none.insert(make()?)),
    }
}

/// What [`Hill::sizes`] sums up.
fn sizes(p: &Function, term: &Function) -> Result<Function, Error> {
    let with = p.with_gradient()?;
    let recorder = Recorder::new();
    let inputs = recorder.inputs(term.inputs().clone())?;
    let outputs = with.eval_scalar(&inputs)?;
    let own = term.eval_scalar(&inputs)?;
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
