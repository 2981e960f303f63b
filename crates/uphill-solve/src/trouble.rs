//! Why a climb can't begin: the row whose numbers, or their derivatives, are infinite or NaN at the start, and where in
//! the formula that is born. And a performance that is a loss: one that has its least where both sides agree.

use std::ops::ControlFlow;

use uphill_graph::Function;

use crate::error::Error;
use crate::passes::Table;
use crate::short::Short;
use crate::task::Task;

/// A start from which nothing can be climbed.
pub(crate) struct Trouble<'t> {
    pub(crate) task: &'t Task,
    pub(crate) table: Table<'t>,
    pub(crate) start: &'t [f64],
}

impl Trouble<'_> {
    /// The error of a start at which the sum over rows or its derivatives are not finite.
    pub(crate) fn error(&self) -> Result<Error, Error> {
        let sides = self.task.model.sides();
        let is_residual = self.task.model.term().is_none();
        let function = self.named()?;
        let derivatives = function.with_gradient()?;
        let of_sides = "the model is not finite at the start";
        let of_terms = [
            "the term of P is not finite at the start",
            "the derivatives of P's term are not finite at the start, though the term is",
        ];
        let of_residuals = [
            "the residual is not finite at the start",
            "the model is finite at the start, but its derivatives are not",
        ];
        let of_function = if is_residual { of_residuals } else { of_terms };
        for (function, what) in
            [(sides, of_sides), (&function, of_function[0]), (&derivatives, of_function[1])]
        {
            if let Some((row, numbers)) = self.first(function)? {
                return self.born(function, what, row, &numbers);
            }
        }
        self.overflow(&derivatives, is_residual)
    }

    /// The residual, or P's term, under the model's own names, by which births are told.
    fn named(&self) -> Result<Function, Error> {
        self.task.model.named(|row| match row.term {
            Some(term) => vec![("performance", term)],
            None => vec![("residual", self.task.weighted(row))],
        })
    }

    /// The first row of all ranks at which an output is not finite.
    fn first(&self, function: &Function) -> Result<Option<(usize, Vec<f64>)>, Error> {
        let own = self.first_of_own(function).map(|found| {
            found.map(|(row, mut numbers)| {
                numbers.push(row as f64);
                numbers
            })
        });
        let first = self.table.ranks().gather(own)?.into_iter().next();
        Ok(first.and_then(|mut numbers| numbers.pop().map(|row| (row as usize, numbers))))
    }

    fn first_of_own(&self, function: &Function) -> Result<Option<(usize, Vec<f64>)>, Error> {
        let mut found = None;
        self.table.until(|row, numbers| {
            let point = self.task.model.point(function, numbers, self.start);
            if is_finite(&function.eval(&point)?) {
                return Ok(ControlFlow::Continue(()));
            }
            found = Some((row, numbers.to_vec()));
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    fn born(
        &self,
        function: &Function,
        what: &str,
        row: usize,
        numbers: &[f64],
    ) -> Result<Error, Error> {
        let model = &self.task.model;
        let told = match function.eval_finite(&model.point(function, numbers, self.start)) {
            Err(uphill_graph::Error::NotFinite { output, value, born }) => {
                format!("`{output}` is {value}, {born}")
            }
            Err(error) => return Ok(error.into()),
            Ok(_) => return Ok(Error::Climb { what: what.into() }),
        };
        // Whether the row or the start is to blame shows at other starts.
        let near: [fn(f64) -> f64; 6] =
            [|x| x + 1.0, |x| 2.0 * x, |x| x / 2.0, |x| -x, |_| 1.0, |x| x.signum()];
        let smaller: [fn(f64) -> f64; 4] = [|x| x / 1e1, |x| x / 1e2, |x| x / 1e3, |x| x / 1e6];
        let mut helps = false;
        for other in near.into_iter().chain(smaller) {
            let start: Vec<f64> = self.start.iter().map(|x| other(*x)).collect();
            helps |= is_finite(&function.eval(&model.point(function, numbers, &start))?);
        }
        let advice = if helps {
            "choose other start values, or leave the row out"
        } else {
            "other start values don't help: leave the row out, or change the model"
        };
        let at = self.numbers(numbers);
        let what = format!("{what}: {told}, where {at}; {advice}");
        Ok(Error::Row { row, column: None, what })
    }

    /// Every row is finite, but not what they come to.
    fn overflow(&self, derivatives: &Function, is_residual: bool) -> Result<Error, Error> {
        let mut own: Option<Vec<f64>> = None;
        let size_of = |found: &Option<Vec<f64>>| found.as_ref().map_or(0.0, |found| found[2]);
        let looked = self.table.each(|row, numbers| {
            let point = self.task.model.point(derivatives, numbers, self.start);
            for (output, value) in derivatives.eval(&point)?.iter().enumerate() {
                if value.abs() > size_of(&own) {
                    own = Some([&[row as f64, output as f64, value.abs()], numbers].concat());
                }
            }
            Ok(())
        });
        let mut largest = None;
        for found in self.table.ranks().gather(looked.map(|()| own))? {
            if found.get(2).is_some_and(|size| *size > size_of(&largest)) {
                largest = Some(found);
            }
        }
        let largest = largest.unwrap_or_else(|| vec![0.0; 3]);
        let (found, numbers) = largest.split_at(3);
        let (row, output, size) = (found[0] as usize, found[1] as usize, found[2]);
        let name = derivatives.output_names().nth(output).unwrap_or_default();
        let sum = if is_residual { "a sum of squares" } else { "a sum" };
        let (at, size) = (self.numbers(numbers), Short(size));
        let what = format!(
            "every row is finite at the start, but {sum} over the rows is too large for a number, beyond 1.8e308: the \
             largest of all, `{name}`, has the size {size}, where {at}; take larger units for the columns, or other \
             start values"
        );
        Ok(Error::Row { row, column: None, what })
    }

    /// A row's numbers and the parameters, by their names.
    fn numbers(&self, numbers: &[f64]) -> String {
        let model = &self.task.model;
        let columns = model.columns().iter().zip(numbers);
        let parameters = model.parameters().iter().zip(self.start);
        let all = columns.chain(parameters).map(|(name, x)| format!("{name} = {}", Short(*x)));
        all.collect::<Vec<_>>().join(", ")
    }

    /// The error of a performance that is least where both sides agree, and so rises with every error without end.
    pub(crate) fn loss(&self) -> Result<Option<Error>, Error> {
        /// Rows that are looked at.
        const LOOKED_AT: usize = 50;
        let Some(term) = self.task.model.term() else { return Ok(None) };
        let place = |name: &str| term.input_names().position(|input| input == name);
        let (Some(desired), Some(computed)) = (place("desired"), place("computed")) else {
            return Ok(None);
        };
        let sides = self.task.model.sides();
        // All of these are of the rank that has the first row.
        let (mut rows, mut losses) = (0, 0);
        let looked = self.table.until(|row, numbers| {
            if row >= LOOKED_AT {
                return Ok(ControlFlow::Break(()));
            }
            rows += 1;
            let aim = sides.eval(&self.task.model.point(sides, numbers, self.start))?[0];
            let mut point = self.task.model.point(term, numbers, self.start);
            point[desired] = aim;
            let mut value = |number: f64| -> Result<f64, Error> {
                point[computed] = number;
                Ok(term.value(&point)?)
            };
            let unit = if aim == 0.0 { 1.0 } else { aim.abs() };
            let mut rises = true;
            for side in [1.0, -1.0] {
                let mut before = value(aim)?;
                for exponent in [-3, -1, 0, 1, 3, 6] {
                    let next = value(aim + side * unit * 10.0_f64.powi(exponent))?;
                    // What is not finite tells nothing.
                    rises &= next > before && next.is_finite();
                    before = next;
                }
            }
            losses += u32::from(rises);
            Ok(ControlFlow::Continue(()))
        });
        let own = looked.map(|()| Some(vec![f64::from(rows), f64::from(losses)]));
        let all = self.table.ranks().gather(own)?;
        let is_loss =
            all.iter().find(|found| found[0] > 0.0).is_some_and(|found| found[0] == found[1]);
        Ok(is_loss.then(|| Error::Climb {
            what: "P rises without bound, so there is nothing to find: it is least where `computed` is `desired`, and rises \
                   with every error; is a minus sign missing? Errors must lower P, as in `-(desired - computed)^2`"
                .into(),
        }))
    }
}

fn is_finite(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite())
}
