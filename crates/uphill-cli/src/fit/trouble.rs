//! Why a climb can't begin: the row whose numbers, or their derivatives, are infinite or NaN at the start, and where in
//! the formula that is born.

use uphill_graph::Function;
use uphill_table::Table;

use super::arguments::Task;
use super::model::Model;
use crate::error::Error;
use crate::file::Input;
use crate::numbers::short;
use crate::table;

/// What is fitted to what, from where.
pub(super) struct Fit<'f> {
    pub(super) task: &'f Task,
    pub(super) model: &'f Model,
    pub(super) table: &'f Table,
    pub(super) start: &'f [f64],
}

impl Fit<'_> {
    /// The error of a start at which a function's sum over rows, that of its squares, or their derivatives are not
    /// finite. The function has one output, `residual` or `performance`.
    pub(super) fn error(&self, function: &Function) -> Result<Error, Error> {
        let sides = self.model.function("", &["desired", "computed"])?;
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
        let is_residual = function.output_names().next() == Some("residual");
        let of_function = if is_residual { of_residuals } else { of_terms };
        for (function, what) in
            [(&sides, of_sides), (function, of_function[0]), (&derivatives, of_function[1])]
        {
            if let Some((row, numbers)) = self.first(function)? {
                return self.born(function, what, row, &numbers);
            }
        }
        self.overflow(&derivatives, is_residual)
    }

    /// The first row at which an output is not finite.
    fn first(&self, function: &Function) -> Result<Option<(usize, Vec<f64>)>, Error> {
        let mut found = None;
        self.table.store.visit(|row, numbers| {
            if found.is_none()
                && !is_finite(&function.eval(&self.point(function, numbers, self.start))?)
            {
                found = Some((row, numbers.to_vec()));
            }
            Ok::<(), Error>(())
        })?;
        Ok(found)
    }

    /// The inputs of a function: a row's numbers, and parameters.
    fn point(&self, function: &Function, numbers: &[f64], parameters: &[f64]) -> Vec<f64> {
        let number = |name: String| {
            let column = self.model.columns.iter().position(|column| *column == name);
            let parameter = || self.model.parameters.iter().position(|other| *other == name);
            match column {
                Some(column) => numbers[column],
                None => parameter().map_or(0.0, |place| parameters[place]),
            }
        };
        function.input_names().map(number).collect()
    }

    fn born(
        &self,
        function: &Function,
        what: &str,
        row: usize,
        numbers: &[f64],
    ) -> Result<Error, Error> {
        let told = match function.eval_finite(&self.point(function, numbers, self.start)) {
            Err(uphill_graph::Error::NotFinite { output, value, born }) => {
                format!("`{output}` is {value}, {born}")
            }
            other => return Ok(other.err().map_or_else(|| Error::Fit(what.into()), Error::Graph)),
        };
        // Whether the row or the start is to blame shows at other starts.
        let others: [fn(f64) -> f64; 4] = [|x| x + 1.0, |x| 2.0 * x, |x| x / 2.0, |x| -x];
        let mut helps = false;
        for other in others {
            let start: Vec<f64> = self.start.iter().map(|x| other(*x)).collect();
            helps |= is_finite(&function.eval(&self.point(function, numbers, &start))?);
        }
        let advice = if helps {
            "choose other start values, or leave the row out"
        } else {
            "other start values don't help: leave the row out, or change the model"
        };
        let at = self.numbers(numbers);
        Ok(self.in_row(row, &format!("{what}: {told}, where {at}; {advice}")))
    }

    /// Every row is finite, but not what they come to.
    fn overflow(&self, derivatives: &Function, is_residual: bool) -> Result<Error, Error> {
        let mut largest = (0, 0, 0.0_f64, Vec::new());
        self.table.store.visit(|row, numbers| {
            let values = derivatives.eval(&self.point(derivatives, numbers, self.start))?;
            for (output, value) in values.iter().enumerate() {
                if value.abs() > largest.2 {
                    largest = (row, output, value.abs(), numbers.to_vec());
                }
            }
            Ok::<(), Error>(())
        })?;
        let (row, output, size, numbers) = largest;
        let name = derivatives.output_names().nth(output).unwrap_or_default();
        let sum = if is_residual { "a sum of squares" } else { "a sum" };
        let (at, size) = (self.numbers(&numbers), short(size, 6));
        Ok(self.in_row(
            row,
            &format!(
                "every row is finite at the start, but {sum} over the rows is too large for a number, beyond 1.8e308: \
                 the largest of all, `{name}`, has the size {size}, where {at}; take larger units for the columns, or \
                 other start values"
            ),
        ))
    }

    /// A row's numbers and the parameters, by their names.
    fn numbers(&self, numbers: &[f64]) -> String {
        let columns = self.model.columns.iter().zip(numbers);
        let parameters = self.model.parameters.iter().zip(self.start);
        let all = columns.chain(parameters).map(|(name, x)| format!("{name} = {}", short(*x, 6)));
        all.collect::<Vec<_>>().join(", ")
    }

    /// An error about a row, by its line if the file still tells.
    fn in_row(&self, row: usize, what: &str) -> Error {
        let input = Input::from(self.task.data.as_str());
        let table = match &input {
            Input::Standard => input.to_string(),
            Input::File(path) => path.display().to_string(),
        };
        // The options were followed when the table was read.
        let format = self.task.table_options.written.format().unwrap_or_default();
        let place = table::place(&input, format, &self.model.columns, row);
        Error::Table { table, place, what: what.into() }
    }
}

fn is_finite(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite())
}
