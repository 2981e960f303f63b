//! Where an infinity or NaN that a program gives arose: operation and iteration, over samples the row too.
//!
//! A program's operations have been joined and put in another order, so nobody would know them again. So a program keeps the
//! function that it was made from, and where an output is not finite, this is what runs again, and tells.

use uphill_graph::Function;

use crate::error::Error;
use crate::over::{Fate, Given, Outer, OverSamples, Read, Yield};
use crate::program::{Origin, Program};
use crate::samples::Samples;

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
        let (Some(Origin::Plain(function)), Some(name)) =
            (self.origin.as_deref(), self.outputs.name(position))
        else {
            return Ok(());
        };
        let born = story(function, &name, inputs)?;
        Err(not_finite(&name, None, outputs[position], born))
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
    /// use uphill_engine::{Compiler, OverSamples, Samples};
    /// use uphill_graph::{Function, Scalar};
    ///
    /// let term = Function::record(["w", "x"], |v| (v[0] - v[1]).sqrt().named("P"))?;
    /// let program = Compiler::new().compile_samples(&OverSamples::new(term, ["x"])?.sum())?;
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
        self.check("columns", self.given_columns().len(), samples.width())?;
        self.check("outputs", self.output_length(samples.len()), outputs.len())?;
        let Some(position) = outputs.iter().position(|output| !output.is_finite()) else {
            return Ok(());
        };
        let Some(Origin::Over(over)) = self.origin.as_deref() else { return Ok(()) };
        let rows = Rows { over, given: over.given(), shared, samples };
        let value = outputs[position];
        let (number, behind) = self.output_at(position, samples.len());
        let Some(name) = self.outputs.name(number) else { return Ok(()) };
        Err(match (&over.outer, over.result(number)) {
            (Some(outer), _) => rows.of_outer(&name, outer, value)?,
            (None, Some(Yield::Each(_))) => rows.in_row(&name, &name, behind, value)?,
            (None, Some(given)) => rows.of_sum(&name, given, value)?,
            (None, None) => return Ok(()),
        })
    }

    /// The number of the output that this one of all numbers over samples is of, and which of its numbers it is.
    fn output_at(&self, position: usize, samples: usize) -> (usize, usize) {
        let (mut number, mut position) = (0, position);
        for run in self.outputs.runs() {
            let count = run.count as usize;
            let each = if run.place.per_call().is_some() { 1 } else { samples };
            if position < count * each {
                return (number + position / each, position % each);
            }
            (number, position) = (number + count, position - count * each);
        }
        (number, 0)
    }
}

/// The rows of a run over samples.
struct Rows<'a, 's> {
    over: &'a OverSamples,
    /// Where each input of the term comes from.
    given: Vec<Given>,
    shared: &'a [f64],
    samples: &'a Samples<'s>,
}

impl Rows<'_, '_> {
    /// The columns of a row, and the inputs of the term there.
    fn point(&self, row: usize) -> (Vec<f64>, Vec<f64>) {
        let mut columns = vec![0.0; self.samples.width()];
        self.samples.load_one(row, &mut columns);
        let shared = |place: u32| self.shared.get(place as usize).copied();
        let input = |given: &Given| match *given {
            Given::Shared(place) => shared(place),
            Given::Column(column) => columns.get(column as usize).copied(),
            Given::Gathered { of, entry } => {
                let gathered = &self.over.gathered[of as usize];
                let first = self.over.shared_place(&gathered.from).unwrap_or(0);
                let index = columns[gathered.by as usize] as u32;
                shared(first + index * gathered.width + entry)
            }
        };
        let inputs = self.given.iter().map(|given| input(given).unwrap_or(f64::NAN)).collect();
        (columns, inputs)
    }

    fn in_row(&self, output: &str, of: &str, row: usize, value: f64) -> Result<Error, Error> {
        let born = story(&self.over.term, of, &self.point(row).1)?;
        Ok(not_finite(output, Some(self.samples.row(row)), value, born))
    }

    /// Where a row's output of this fate is added to, if it is.
    fn added_to(&self, fate: Fate, columns: &[f64]) -> Option<Yield> {
        match fate {
            Fate::Each => None,
            Fate::Sum(sum) => Some(Yield::Sum(sum)),
            Fate::Scatter { of, first } => {
                let gathered = &self.over.gathered[of as usize];
                let index = columns[gathered.by as usize] as u32;
                Some(Yield::Target(first + gathered.width * index))
            }
        }
    }

    /// Of a sum over samples, or an entry that they add to: the first row with a NaN, or else with an infinity.
    fn of_sum(&self, output: &str, sum: Yield, value: f64) -> Result<Error, Error> {
        let names: Vec<String> = self.over.term.output_names().collect();
        let mut infinite = None;
        for row in 0..self.samples.len() {
            let (columns, point) = self.point(row);
            let terms = self.over.term.eval(&point)?;
            for ((&term, &fate), name) in terms.iter().zip(&self.over.fates).zip(&names) {
                if term.is_finite() || self.added_to(fate, &columns) != Some(sum) {
                    continue;
                }
                if term.is_nan() {
                    return self.in_row(output, name, row, value);
                }
                infinite.get_or_insert((row, name));
            }
        }
        match infinite {
            Some((row, name)) => self.in_row(output, name, row, value),
            None => {
                let born = format!("born at {output} = {value}, a sum of finite terms");
                Ok(not_finite(output, None, value, born))
            }
        }
    }

    /// Of a function of sums: the first sum that isn't finite, or an operation of that function.
    fn of_outer(&self, output: &str, outer: &Outer, value: f64) -> Result<Error, Error> {
        let mut sums = vec![0.0; self.over.sum_count as usize];
        let mut targets = vec![0.0; self.over.target_count() as usize];
        for row in 0..self.samples.len() {
            let (columns, point) = self.point(row);
            let terms = self.over.term.eval(&point)?;
            for (term, &fate) in terms.into_iter().zip(&self.over.fates) {
                match self.added_to(fate, &columns) {
                    Some(Yield::Sum(sum)) => sums[sum as usize] += term,
                    Some(Yield::Target(target)) => targets[target as usize] += term,
                    Some(Yield::Each(_)) | None => {}
                }
            }
        }
        let mut inputs = Vec::new();
        for read in &outer.reads {
            let (number, sum) = match *read {
                Read::Sum(sum) => (sums[sum as usize], Some(Yield::Sum(sum))),
                Read::Target(target) => (targets[target as usize], Some(Yield::Target(target))),
                Read::Shared(place) => (self.shared[place as usize], None),
                Read::Count => (self.samples.len() as f64, None),
                Read::Zero => (0.0, None),
            };
            if let Some(sum) = sum.filter(|_| !number.is_finite()) {
                return self.of_sum(output, sum, value);
            }
            inputs.push(number);
        }
        let born = story(&outer.function, output, &inputs)?;
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
