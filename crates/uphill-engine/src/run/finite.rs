//! Where an infinity or NaN that a program gives arose: operation and iteration, over samples the row too.
//!
//! A program's operations have been joined and put in another order, so nobody would know them again. So a program keeps the
//! function that it was made from, and where an output is not finite, this is what runs again, and tells.

use uphill_graph::Function;

use super::Samples;
use crate::error::Error;
use crate::program::{Origin, Place, Program};

impl Program {
    /// All outputs at these inputs, which must all be finite: [`Program::eval`], with
    /// [`Program::require_finite`].
    ///
    /// # Errors
    ///
    /// As [`Program::run`], and [`Error::NotFinite`].
    ///
    /// ```
    /// use uphill_engine::Compiler;
    /// use uphill_graph::{At, Function, Inputs, Scalar, loops};
    ///
    /// let f = Function::record(Inputs::new().variables("x", 20), |x| loops::sum(0..20, |i| x.at(i).ln()))?;
    /// let program = Compiler::new().compile(&f)?;
    /// let mut x = [1.0; 20];
    /// x[17] = -1.0;
    /// let error = program.eval_finite(&x).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "output `P` is NaN: born at ln(x[i]) in iteration i = 17, from x[17] = -1 (ln is defined for numbers from 0 on) -> P"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn eval_finite(&self, inputs: &[f64]) -> Result<Vec<f64>, Error> {
        let outputs = self.eval(inputs)?;
        self.require_finite(inputs, &outputs)?;
        Ok(outputs)
    }

    /// All outputs over these samples, which must all be finite: [`Program::eval_samples`], with
    /// [`Program::require_finite_samples`].
    ///
    /// # Errors
    ///
    /// As [`Program::run_samples`], and [`Error::NotFinite`].
    pub fn eval_samples_finite(
        &self,
        shared: &[f64],
        samples: &Samples<'_>,
    ) -> Result<Vec<f64>, Error> {
        let outputs = self.eval_samples(shared, samples)?;
        self.require_finite_samples(shared, samples, &outputs)?;
        Ok(outputs)
    }

    /// Tells where the first of these outputs that is infinite or NaN arose; [`Program::run`] gave them at these inputs.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`], with the words of [`Function::eval_finite`]: the operation that gave the first infinity or NaN,
    /// in loops with their iterations. [`Error::WrongLength`]; [`Error::Invalid`] if the program is one over samples.
    ///
    /// # Complexity
    ///
    /// One look at each output; where one is not finite, the time of [`Function::eval`] a few times.
    pub fn require_finite(&self, inputs: &[f64], outputs: &[f64]) -> Result<(), Error> {
        if self.over_samples {
            return Err(Error::Invalid {
                what: "this program runs over samples: use `require_finite_samples`".into(),
            });
        }
        self.check("inputs", self.layout.shared_count as usize, inputs.len())?;
        self.check("outputs", self.outputs.len(), outputs.len())?;
        let Some(position) = outputs.iter().position(|output| !output.is_finite()) else {
            return Ok(());
        };
        let (Some(origin), (name, _)) = (&self.origin, &self.outputs[position]) else {
            return Ok(());
        };
        let born = story(&origin.function, name, inputs)?;
        Err(not_finite(name, None, outputs[position], born))
    }

    /// Tells where the first of these outputs that is infinite or NaN arose; [`Program::run_samples`] gave them at these
    /// inputs and samples.
    ///
    /// Of a sum over samples it is the first row whose term is NaN, or else infinite.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`], with the row among the rows of the table, from 0, and the words of
    /// [`Function::eval_finite`]. [`Error::WrongLength`]; [`Error::Invalid`] if the program is not one over samples.
    ///
    /// # Complexity
    ///
    /// One look at each output; where a sum is not finite, the time of [`Function::eval`] for each row up to that.
    ///
    /// ```
    /// use uphill_engine::{Compiler, Samples};
    /// use uphill_graph::{Function, Scalar};
    ///
    /// let term = Function::record(["w", "x"], |v| (v[0] - v[1]).sqrt().named("P"))?;
    /// let program = Compiler::new().columns(["x"]).sum().compile(&term)?;
    /// let columns: [&[f64]; 1] = [&[1.0, 2.0, 7.0]];
    /// let error = program.eval_samples_finite(&[3.0], &Samples::columns(&columns)?).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "output `P` is NaN: in row 2 born at P = sqrt(w - x), from w - x = -4 (sqrt is defined for numbers from 0 on)"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn require_finite_samples(
        &self,
        shared: &[f64],
        samples: &Samples<'_>,
        outputs: &[f64],
    ) -> Result<(), Error> {
        if !self.over_samples {
            return Err(Error::Invalid {
                what: "this program has neither columns nor sums: use `require_finite`".into(),
            });
        }
        self.check("shared inputs", self.layout.shared_count as usize, shared.len())?;
        self.check("columns", self.layout.column_count as usize, samples.width())?;
        self.check("outputs", self.output_length(samples.len()), outputs.len())?;
        let Some(position) = outputs.iter().position(|output| !output.is_finite()) else {
            return Ok(());
        };
        let Some(origin) = &self.origin else { return Ok(()) };
        let (value, mut before) = (outputs[position], 0);
        for (name, place) in &self.outputs {
            let length = if place.per_call().is_some() { 1 } else { samples.len() };
            if position < before + length {
                let rows = Rows { origin, shared, samples };
                return Err(match (place, &origin.outer) {
                    (Place::PerSample(_), _) => {
                        rows.in_row(name, name, position - before, value)?
                    }
                    (Place::PerCall(_), Some(outer)) => rows.of_outer(name, outer, value)?,
                    (Place::PerCall(_), None) => rows.of_sum(name, name, value)?,
                });
            }
            before += length;
        }
        Ok(())
    }
}

/// The rows of a run over samples.
struct Rows<'a, 's> {
    origin: &'a Origin,
    shared: &'a [f64],
    samples: &'a Samples<'s>,
}

impl Rows<'_, '_> {
    /// The function's inputs in a row.
    fn point(&self, row: usize) -> Vec<f64> {
        let mut numbers = vec![0.0; self.samples.width()];
        self.samples.load_one(row, &mut numbers);
        let mut shared = self.shared.iter();
        let input = |position: usize| match self
            .origin
            .columns
            .iter()
            .position(|&column| column == position)
        {
            Some(column) => numbers.get(column),
            None => shared.next(),
        };
        let inputs = (0..self.origin.function.inputs().len()).map(input);
        inputs.map(|number| number.copied().unwrap_or(f64::NAN)).collect()
    }

    fn in_row(&self, output: &str, of: &str, row: usize, value: f64) -> Result<Error, Error> {
        let born = story(&self.origin.function, of, &self.point(row))?;
        Ok(not_finite(output, Some(self.samples.row(row)), value, born))
    }

    /// Of a sum over samples: the first row with a NaN, or else with an infinity.
    fn of_sum(&self, output: &str, sum: &str, value: f64) -> Result<Error, Error> {
        let function = self.origin.function.select(&[sum])?;
        let mut infinite = None;
        for row in 0..self.samples.len() {
            let term = function.value(&self.point(row))?;
            if term.is_nan() {
                return self.in_row(output, sum, row, value);
            }
            if term.is_infinite() {
                infinite.get_or_insert(row);
            }
        }
        match infinite {
            Some(row) => self.in_row(output, sum, row, value),
            None => {
                let born = format!("born at {sum} = {value}, a sum of finite terms");
                Ok(not_finite(output, None, value, born))
            }
        }
    }

    /// Of a function of sums: the first sum that isn't finite, or an operation of that function.
    fn of_outer(&self, output: &str, outer: &Function, value: f64) -> Result<Error, Error> {
        let function = &self.origin.function;
        let names: Vec<String> = function.output_names().collect();
        let mut sums = vec![0.0; names.len()];
        for row in 0..self.samples.len() {
            let terms = function.eval(&self.point(row))?;
            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
        }
        let mut inputs = Vec::new();
        for name in outer.input_names() {
            let sum = names.iter().position(|other| *other == name);
            if let Some(sum) = sum.filter(|sum| !sums[*sum].is_finite()) {
                return self.of_sum(output, &names[sum], value);
            }
            let shared = || {
                let position = function.inputs().positions(&name).ok()?.start;
                let is_before = |column: &&usize| **column < position;
                let columns = self.origin.columns.iter().filter(is_before).count();
                self.shared.get(position - columns).copied()
            };
            let sum = sum.map(|sum| sums[sum]);
            inputs.push(sum.or_else(shared).unwrap_or(self.samples.len() as f64));
        }
        let born = story(outer, output, &inputs)?;
        Ok(not_finite(output, None, value, born))
    }
}

fn not_finite(output: &str, row: Option<usize>, value: f64, born: String) -> Error {
    Error::NotFinite { output: output.to_owned(), row, value, born }
}

/// Where the trouble of one of a function's outputs arose, in words.
fn story(function: &Function, output: &str, x: &[f64]) -> Result<String, Error> {
    // The names of values depend on which outputs there are: so all are asked first.
    let all = function.eval_finite(x);
    let own = match &all {
        Err(uphill_graph::Error::NotFinite { output: first, .. }) if first != output => {
            function.select(&[output])?.eval_finite(x)
        }
        _ => all,
    };
    match own {
        Err(uphill_graph::Error::NotFinite { born, .. }) => Ok(born),
        Err(error) => Err(error.into()),
        // Where numbers end, another order of the same operations may be on the other side.
        Ok(_) => Ok("born by rounding at the end of the range of numbers: operation by operation it is finite".into()),
    }
}
