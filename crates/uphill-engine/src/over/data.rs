//! A function over given samples: a plain function with loops, whose data they are.

use uphill_graph::{At, Function, Index, Inputs, Recorder, Scalar, Table, Var, loops};

use super::function::{Fate, Given, OverSamples, Read, Yield};
use crate::error::Error;
use crate::samples::Samples;

impl OverSamples {
    /// The same over these samples, as a plain function of the shared inputs: sums are loops, the samples their data. All
    /// that a function has is there: sparse derivatives, traces, explanations, text. Outputs that are one number a sample
    /// are as many outputs, `o[0]`, `o[1]`, ….
    ///
    /// A loop adds up in another order than a run over samples does, so last digits differ.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] for another number of columns; [`Error::Invalid`] for an index out of range;
    /// [`Error::Unsupported`] for derivatives by gathered inputs: take those of what this gives.
    ///
    /// # Complexity
    ///
    /// The term is recorded once for each sum; memory is that of the samples.
    ///
    /// ```
    /// use uphill_engine::{OverSamples, Samples};
    /// use uphill_graph::{Function, Inputs, Scalar};
    ///
    /// let inputs = Inputs::new().variables("a", 1).variables("b", 1).parameter("length");
    /// let term = Function::record(inputs, |v| -(v[1] - v[0] - v[2]).square())?;
    /// let springs = OverSamples::new(term, ["length"])?
    ///     .gathered("a", "points", 1000, "from")?
    ///     .gathered("b", "points", 1000, "to")?
    ///     .sum();
    /// let rows: Vec<f64> = (0..999).flat_map(|i| [1.0, f64::from(i), f64::from(i + 1)]).collect();
    /// let p = springs.over(&Samples::rows(&rows, 3)?)?;
    /// assert_eq!(p.value(&[0.0; 1000])?, -999.0);
    /// assert_eq!(p.sparse_hessian()?.entries.len(), 1000 + 2 * 999); // of a million
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn over(&self, samples: &Samples<'_>) -> Result<Function, Error> {
        if samples.width() != self.columns.len() {
            return Err(Error::WrongLength {
                what: format!("columns ({})", self.columns.join(", ")),
                expected: self.columns.len(),
                got: samples.width(),
            });
        }
        if !self.targets.is_empty() {
            return Err(Error::Unsupported {
                what: "derivatives by gathered inputs over given samples: take `over` first, and derivatives of that".into(),
            });
        }
        let count = samples.len();
        let columns: Vec<Vec<f64>> =
            (0..self.columns.len()).map(|column| samples.column(column)).collect();
        let mut tables = Vec::with_capacity(self.gathered.len());
        for gathered in &self.gathered {
            let index = samples.indices(
                gathered.by as usize,
                gathered.rows,
                &self.columns[gathered.by as usize],
                &gathered.from,
            )?;
            tables.push(Table::new(index.iter().map(|&row| row as usize), gathered.rows as usize)?);
        }
        let recorder = Recorder::new();
        let shared = recorder.inputs(Inputs::from_iter(self.shared.iter().cloned()))?;
        let bound = Bound { function: self, columns, tables, given: self.given(), shared: &shared };
        let sum = |output: usize| match count {
            // A run over no samples gives 0, an empty loop -0.
            0 => Var::constant(0.0),
            _ => loops::sum(0..count, |sample| bound.output(output, sample)),
        };
        let mut sums = vec![Var::constant(0.0); self.sum_count as usize];
        for (output, fate) in self.fates.iter().enumerate() {
            if let Fate::Sum(number) = *fate {
                sums[number as usize] = sum(output);
            }
        }
        if let Some(outer) = &self.outer {
            let inputs = outer.reads.iter().map(|read| match *read {
                Read::Sum(sum) => sums[sum as usize],
                Read::Shared(place) => shared[place as usize],
                Read::Count => Var::constant(count as f64),
                Read::Target(_) | Read::Zero => Var::constant(0.0),
            });
            let values = outer.function.eval_scalar(&inputs.collect::<Vec<_>>())?;
            for (name, value) in outer.function.output_names().zip(values) {
                recorder.output(name, value);
            }
        } else {
            for (name, result) in self.results().iter().flat_map(|results| results.each()) {
                match result {
                    Yield::Sum(number) => recorder.output(name, sums[number as usize]),
                    Yield::Target(_) => {}
                    Yield::Each(output) => {
                        let each = loops::map(0..count, |sample| bound.output(output, sample));
                        for (k, value) in each.into_iter().enumerate() {
                            recorder.output(format!("{name}[{k}]"), value);
                        }
                    }
                }
            }
        }
        drop((sums, bound));
        drop(shared);
        Ok(recorder.finish()?.simplify())
    }
}

/// The term in a recording, over the samples that are its data.
struct Bound<'o, 'g> {
    function: &'o OverSamples,
    columns: Vec<Vec<f64>>,
    tables: Vec<Table>,
    given: Vec<Given>,
    shared: &'o [Var<'g>],
}

impl<'g> Bound<'_, 'g> {
    /// An output of the term for a sample.
    fn output(&self, output: usize, sample: Index<Var<'g>>) -> Var<'g> {
        let input = |given: &Given| match *given {
            Given::Column(column) => sample.of(&self.columns[column as usize]),
            Given::Shared(place) => self.shared[place as usize],
            Given::Gathered { of, entry } => {
                let gathered = &self.function.gathered[of as usize];
                let first = self.function.shared_place(&gathered.from).unwrap_or(0) as usize;
                let vector = &self.shared[first..];
                let vector = &vector[..(gathered.rows * gathered.width) as usize];
                let row = self.tables[of as usize].at(sample);
                vector.at(row * gathered.width as usize + entry as usize)
            }
        };
        let inputs: Vec<Var<'g>> = self.given.iter().map(input).collect();
        match self.function.term.eval_scalar(&inputs) {
            Ok(outputs) => outputs[output],
            Err(_) => Var::constant(f64::NAN),
        }
    }
}
