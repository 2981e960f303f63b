//! Hessians over samples: sums of the term's second derivatives, taken through the outer function.
//!
//! The gradient is a function of sums; how it changes along one variable is its product with how all sums do: sums of
//! slopes by that variable, and of slopes of slopes. Both triangles have the sums of the upper one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use uphill_graph::{Function, Inputs, Recorder, Role, Scalar, Var};

use super::derive::Slopes;
use super::function::{Fate, Outer, OverSamples, Read};
use crate::error::Error;

impl OverSamples {
    /// The Hessian of `P` by all shared variables: one output an entry, row by row, `d2P/dw1dw1`, `d2P/dw1dw2`, …, zeros
    /// included. Exactly symmetric.
    ///
    /// # Errors
    ///
    /// As [`OverSamples::gradient`]; [`Error::Unsupported`] if a variable is gathered: most entries of such a Hessian are 0.
    /// Products with it are [`OverSamples::hvp`]; over given samples, [`OverSamples::over`] is a function with a sparse one.
    ///
    /// # Complexity
    ///
    /// As many sweeps over the term as its own Hessian takes; memory and code that runs once a call in proportion to the
    /// square of the number of variables.
    pub fn hessian(&self) -> Result<OverSamples, Error> {
        let name = self.performance("a Hessian")?;
        let roles = self.roles();
        for gathered in &self.gathered {
            let place = self.shared_place(&gathered.from).unwrap_or(0) as usize;
            if roles.get(place) == Some(&Role::Variable) {
                return Err(Error::Unsupported {
                    what: format!(
                        "the Hessian of `{name}` by all rows of `{}`, which are gathered: take products with it by `hvp`, or \
                         a sparse one of the function `over` given samples",
                        gathered.from
                    ),
                });
            }
        }
        let term = self.differentiable()?;
        let mut result = self.clone();
        let mut second = Vec::new();
        let (mut upper, mut slopes) = (Vec::new(), Vec::new());
        let sums = self.sum_names();
        for sum in &sums {
            let of = result.add_slopes(sum);
            second.push(term.select(&[sum])?.hessian()?);
            slopes.push(of);
        }
        for of in &slopes {
            let triangle = Triangle { first: result.sum_count, sums: of.sums.clone() };
            for _ in 0..triangle.entries() {
                result.fates.push(Fate::Sum(result.sum_count));
                result.sum_count += 1;
            }
            upper.push(triangle);
        }
        result.term = Arc::new(with_second(&term, &sums, &second)?);
        let gradient = match &self.outer {
            Some(outer) => Some(self.chained(outer, &name, &slopes, false)?),
            None => None,
        };
        result.outer = Some(self.curved(&name, gradient.as_ref(), &slopes, &upper)?);
        Ok(result)
    }

    /// All second derivatives as a function of sums.
    fn curved(
        &self,
        name: &str,
        gradient: Option<&Outer>,
        slopes: &[Slopes],
        upper: &[Triangle],
    ) -> Result<Outer, Error> {
        let roles = self.roles();
        let places: Vec<usize> =
            (0..roles.len()).filter(|&place| roles[place] == Role::Variable).collect();
        let recorder = Recorder::new();
        let mut reads = gradient.map_or(Vec::new(), |gradient| gradient.reads.clone());
        let inputs = gradient.map_or(Inputs::new(), |gradient| gradient.function.inputs().clone());
        let own = recorder.inputs(inputs.clone())?;
        let mut of_sum: HashMap<u32, Var<'_>> = HashMap::new();
        for (read, &value) in reads.iter().zip(&own) {
            if let Read::Sum(sum) = read {
                of_sum.insert(*sum, value);
            }
        }
        for (number, triangle) in upper.iter().enumerate() {
            let range = triangle.first..triangle.first + triangle.entries();
            let mut own_name = format!("second derivatives {number}");
            while inputs.positions(&own_name).is_ok() {
                own_name.push('′');
            }
            let all = recorder.inputs(Inputs::new().variables(own_name, range.len()))?;
            reads.extend(range.clone().map(Read::Sum));
            of_sum.extend(range.zip(all));
        }
        let zero = Var::constant(0.0);
        // How a sum changes with the variable at a place.
        let change = |sum: u32, place: usize| -> Var<'_> {
            let at = |slopes: &Slopes| match slopes.of[place] {
                Some(Read::Sum(sum)) => Some(sum),
                _ => None,
            };
            if let Some(slopes) = slopes.get(sum as usize) {
                return at(slopes).map_or(zero, |slope| of_sum[&slope]);
            }
            for (slopes, triangle) in slopes.iter().zip(upper) {
                if slopes.sums.contains(&sum) {
                    return at(slopes).map_or(zero, |column| of_sum[&triangle.sum(sum, column)]);
                }
            }
            zero
        };
        let mut columns: Vec<Vec<Var<'_>>> = Vec::with_capacity(places.len());
        let product = gradient.map(|gradient| gradient.function.jvp()).transpose()?;
        for &column in &places {
            let Some((product, gradient)) = product.as_ref().zip(gradient) else {
                // P is a sum, and how its slopes change are sums.
                let rows = places.iter().map(|&row| match slopes[0].of[row] {
                    Some(Read::Sum(slope)) => change(slope, column),
                    _ => zero,
                });
                columns.push(rows.collect());
                continue;
            };
            let mut at = own.clone();
            at.extend(inputs.variable_positions().into_iter().map(|position| match gradient.reads
                [position]
            {
                Read::Sum(sum) => change(sum, column),
                Read::Shared(place) if place as usize == column => Var::constant(1.0),
                _ => zero,
            }));
            columns.push(product.eval_scalar(&at)?);
        }
        let names = self.shared_names();
        for (row, &row_place) in places.iter().enumerate() {
            for (column, &column_place) in places.iter().enumerate() {
                let value = columns[row.max(column)][row.min(column)];
                let (row, column) = (&names[row_place], &names[column_place]);
                recorder.output(format!("d2{name}/d{row}d{column}"), value);
            }
        }
        drop((own, of_sum, columns));
        Ok(Outer { function: recorder.finish()?.simplify(), reads })
    }
}

/// The sums of an upper triangle, row after row.
struct Triangle {
    first: u32,
    /// The sums of slopes, a row and a column each.
    sums: Range<u32>,
}

impl Triangle {
    fn entries(&self) -> u32 {
        let count = self.sums.len() as u32;
        count * (count + 1) / 2
    }

    /// The sum of the second derivative by the variables of two sums of slopes.
    fn sum(&self, one: u32, other: u32) -> u32 {
        let count = self.sums.len() as u32;
        let (row, column) = (one.min(other) - self.sums.start, one.max(other) - self.sums.start);
        // Rows before it have count, count − 1, … entries.
        self.first + row * count - row * row.saturating_sub(1) / 2 + (column - row)
    }
}

/// The sums of a term, then all slopes, then the upper triangles of second derivatives.
fn with_second(term: &Function, sums: &[String], second: &[Function]) -> Result<Function, Error> {
    let recorder = Recorder::new();
    let all = recorder.inputs(term.inputs().clone())?;
    for (name, value) in term.output_names().zip(term.eval_scalar(&all)?) {
        recorder.output(name, value);
    }
    for sum in sums {
        let gradient = term.select(&[sum])?.gradient()?;
        for (name, value) in gradient.output_names().zip(gradient.eval_scalar(&all)?) {
            recorder.output(name, value);
        }
    }
    for hessian in second {
        let count = hessian.output_count().isqrt();
        let entries = hessian.output_names().zip(hessian.eval_scalar(&all)?).enumerate();
        for (place, (name, value)) in entries {
            if place / count <= place % count {
                recorder.output(name, value);
            }
        }
    }
    drop(all);
    Ok(recorder.finish()?.simplify())
}
