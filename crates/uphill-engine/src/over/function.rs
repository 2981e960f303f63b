//! A function over samples as data: its term, where the term's inputs come from, and what becomes of its outputs.

use std::collections::HashMap;
use std::sync::Arc;

use uphill_graph::{Function, InputGroup};

use crate::error::Error;

/// A function over samples: `P = outer(Σ term(θ, sample), θ)`.
///
/// `term` is a function of one sample. Some of its inputs are *columns*, which differ from sample to sample; others are
/// *shared* by all samples; and some are *gathered*: a column of indices says for each sample which row of a shared vector
/// they are. Its outputs are one number a sample each, until they are [summed](OverSamples::sum) over samples; of sums an
/// [outer function](OverSamples::outer) can be taken. Derivatives by shared and gathered variables are of this form too, so
/// `P` has a gradient, a Hessian and products like any function. [`Compiler::compile_samples`](crate::Compiler::compile_samples)
/// makes programs of it.
///
/// ```
/// use uphill_engine::{Compiler, OverSamples, Samples};
/// use uphill_graph::{Function, Scalar};
///
/// // P = −√(Σ (y − w·x)² / M)
/// let term = Function::record(["w", "x", "y"], |v| (v[2] - v[0] * v[1]).square().named("S"))?;
/// let outer = Function::record(["S", "samples"], |v| -(v[0] / v[1]).sqrt())?;
/// let p = OverSamples::new(term, ["x", "y"])?.sum().outer(&outer)?;
///
/// let columns: [&[f64]; 2] = [&[1.0, 2.0], &[5.0, 10.0]];
/// let samples = Samples::columns(&columns)?;
/// let program = Compiler::new().compile_samples(&p.with_gradient()?)?;
/// let root = (45.0_f64 / 2.0).sqrt();
/// let slope = 15.0 / 2.0 / root; // (Σ x·(y − w·x) / M) / √…
/// assert_eq!(program.eval_samples(&[2.0], &samples)?, [-root, slope]);
///
/// let hessian = Compiler::new().compile_samples(&p.hessian()?)?.eval_samples(&[2.0], &samples)?;
/// assert!(hessian[0].abs() < 1e-15); // every sample lies on the line of slope 5: P is a straight roof
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct OverSamples {
    pub(crate) term: Arc<Function>,
    /// The names of the columns that a run takes.
    pub(crate) columns: Vec<String>,
    /// The inputs of a run that are the same for all samples.
    pub(crate) shared: Arc<Vec<InputGroup>>,
    pub(crate) gathered: Vec<Gathered>,
    /// For each of the term's single outputs what becomes of it.
    pub(crate) fates: Vec<Fate>,
    /// How many sums there are; they have the names of their outputs.
    pub(crate) sum_count: u32,
    /// Vectors that samples add to at places of their own.
    pub(crate) targets: Vec<Target>,
    pub(crate) outer: Option<Outer>,
}

/// Inputs of the term that are a row of a shared vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gathered {
    /// The term's own name for them.
    pub(crate) local: String,
    /// The shared vector: row after row.
    pub(crate) from: String,
    pub(crate) rows: u32,
    /// How many numbers a row has.
    pub(crate) width: u32,
    /// The column of indices, by its position.
    pub(crate) by: u32,
}

/// Where an input of the term comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    Column(u32),
    Shared(u32),
    /// An entry of the row that these gathered inputs are.
    Gathered {
        of: u32,
        entry: u32,
    },
}

/// What becomes of an output of the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is one number a sample.
    Each,
    /// It is added up over samples: the sum of this number.
    Sum(u32),
    /// A sample adds it to number `first + width · index` of the targets, by the index and the width of these gathered
    /// inputs.
    Scatter { of: u32, first: u32 },
}

/// A vector that samples add to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) length: u32,
}

/// A function of sums.
#[derive(Debug, Clone)]
pub(crate) struct Outer {
    pub(crate) function: Function,
    /// For each of its single inputs.
    pub(crate) reads: Vec<Read>,
}

/// Where an input of the outer function comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Sum(u32),
    Target(u32),
    Shared(u32),
    /// The number of samples.
    Count,
    /// 0: how what is held fixed changes.
    Zero,
}

/// What a run gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yield {
    /// This output of the term, one number a sample.
    Each(usize),
    Sum(u32),
    Target(u32),
}

impl Yield {
    /// The one so many places further on.
    pub(super) fn behind(self, entries: u32) -> Yield {
        match self {
            Yield::Each(output) => Yield::Each(output + entries as usize),
            Yield::Sum(sum) => Yield::Sum(sum + entries),
            Yield::Target(target) => Yield::Target(target + entries),
        }
    }
}

impl OverSamples {
    /// A function of one sample, whose inputs of these names differ from sample to sample: single ones, entries (`x[3]`)
    /// or whole vectors (`x`). A run takes one column of numbers for each, in this order. Outputs are one number a sample.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if a name is unknown or given twice.
    pub fn new<N: Into<String>>(
        term: Function,
        columns: impl IntoIterator<Item = N>,
    ) -> Result<OverSamples, Error> {
        let names: Vec<String> = columns.into_iter().map(Into::into).collect();
        let inputs = term.inputs();
        let positions = inputs.select(&names)?;
        let mut is_column = vec![false; inputs.len()];
        positions.iter().for_each(|&position| is_column[position] = true);
        let columns = positions.iter().map(|&position| inputs.name(position)).collect();
        let (mut shared, mut start) = (Vec::new(), 0);
        for group in inputs.groups() {
            let length = group.length.unwrap_or(1) as usize;
            let here = &is_column[start..start + length];
            if !here.contains(&true) {
                shared.push(group.clone());
            } else {
                let rest = (0..length).filter(|&k| !here[k]);
                shared.extend(rest.map(|k| InputGroup {
                    name: inputs.name(start + k),
                    length: None,
                    role: group.role,
                }));
            }
            start += length;
        }
        let fates = vec![Fate::Each; term.output_count()];
        Ok(OverSamples {
            term: Arc::new(term),
            columns,
            shared: Arc::new(shared),
            gathered: Vec::new(),
            fates,
            sum_count: 0,
            targets: Vec::new(),
            outer: None,
        })
    }

    /// The term's input of this name, single or a vector, is a row of a shared vector: a bundle adjustment's camera, or the
    /// factors of a user and a film. Which row, a column of indices says, counted from 0.
    ///
    /// The shared vector stands where the input stood among the shared ones. Several inputs may be gathered from one
    /// vector, each by a column of its own. What samples add to one row's derivatives is added in the order of samples,
    /// whatever the number of threads.
    ///
    /// # Arguments
    ///
    /// `local`: the term's input. `from`: the name of the shared vector, of `rows` times as many numbers, row after row.
    /// `by`: the column of indices; if no column has this name, a run takes it as one more, behind those there are.
    /// Indices are whole numbers below `rows`; a run with others is an error that names row, column and number.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] for an unknown name; [`Error::Invalid`] for an input that is a column or gathered already, a name
    /// that is taken, or a vector of another length than the one that is gathered from already.
    ///
    /// ```
    /// use uphill_engine::{Compiler, OverSamples, Samples};
    /// use uphill_graph::{Function, Inputs, Scalar};
    ///
    /// // Springs between points of a plane: P = −Σ (|a − b| − length)².
    /// let inputs = Inputs::new().variables("a", 2).variables("b", 2).parameter("length");
    /// let term = Function::record(inputs, |v| {
    ///     let distance = ((v[0] - v[2]).square() + (v[1] - v[3]).square()).sqrt();
    ///     -(distance - v[4]).square()
    /// })?;
    /// let p = OverSamples::new(term, ["length"])?
    ///     .gathered("a", "points", 3, "from")?
    ///     .gathered("b", "points", 3, "to")?
    ///     .sum();
    /// let program = Compiler::new().compile_samples(&p.gradient()?)?;
    ///
    /// let (length, from, to) = ([1.0, 4.0], [0.0, 1.0], [1.0, 2.0]);
    /// let columns: [&[f64]; 3] = [&length, &from, &to];
    /// let points = [0.0, 0.0, 2.0, 0.0, 2.0, 3.0];
    /// let gradient = program.eval_samples(&points, &Samples::columns(&columns)?)?;
    /// assert_eq!(gradient, [2.0, 0.0, -2.0, -2.0, 0.0, 2.0]); // both springs pull at the second point
    ///
    /// let columns: [&[f64]; 3] = [&length, &from, &[1.0, 3.0]];
    /// let error = program.eval_samples(&points, &Samples::columns(&columns)?).unwrap_err();
    /// let text = "samples: row 1 of column `to` is 3: expected the number of a row of `points`, a whole number less than 3";
    /// assert_eq!(error.to_string(), text);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn gathered(
        mut self,
        local: &str,
        from: &str,
        rows: usize,
        by: &str,
    ) -> Result<OverSamples, Error> {
        let width = self.term.inputs().positions(local)?.len() as u32;
        let rows = u32::try_from(rows).ok().filter(|&rows| rows.checked_mul(width).is_some());
        let rows = rows.ok_or_else(|| Error::Unsupported {
            what: format!("`{from}` with more than {} numbers", u32::MAX),
        })?;
        if self.outer.is_some() {
            return Err(invalid(format!(
                "`{local}` is to be gathered from `{from}`: say so before the outer function"
            )));
        }
        let Some(place) = self.shared.iter().position(|group| group.name == local) else {
            return Err(invalid(format!(
                "`{local}` is to be gathered from `{from}`, but it is no shared input as a whole: a column, an entry, or \
                 gathered already"
            )));
        };
        let role = self.shared[place].role;
        let length = rows * width;
        let is_taken = from != local && self.is_taken(from);
        let shared = Arc::make_mut(&mut self.shared);
        match self.gathered.iter().find(|gathered| gathered.from == from) {
            None if is_taken => {
                return Err(invalid(format!(
                    "`{local}` is to be gathered from `{from}`, but another input has that name"
                )));
            }
            None => {
                shared[place] = InputGroup { name: from.into(), length: Some(length), role };
            }
            Some(known) if known.rows != rows || known.width != width => {
                return Err(invalid(format!(
                    "`{local}` is to be gathered from `{from}` as one of {rows} rows of {width}, but `{}` as one of {} rows \
                     of {}",
                    known.local, known.rows, known.width
                )));
            }
            Some(_) => {
                shared.remove(place);
            }
        }
        let by = match self.columns.iter().position(|column| column == by) {
            Some(known) => known,
            None if self.is_taken(by) || by == from => {
                return Err(invalid(format!(
                    "`{by}` is to be a column of indices, but an input that is shared has that name"
                )));
            }
            None => {
                self.columns.push(by.into());
                self.columns.len() - 1
            }
        } as u32;
        let (local, from) = (local.to_owned(), from.to_owned());
        self.gathered.push(Gathered { local, from, rows, width, by });
        Ok(self)
    }

    /// Whether the term or a run has an input of this name.
    fn is_taken(&self, name: &str) -> bool {
        self.term.inputs().positions(name).is_ok()
            || self.shared.iter().any(|group| group.name == name)
            || self.columns.iter().any(|column| column == name)
    }

    /// Adds all outputs up over samples: "add all Δw's computed for all input vectors".
    ///
    /// The order of additions is fixed, and does not depend on the machine or the number of threads.
    #[must_use]
    pub fn sum(mut self) -> OverSamples {
        for place in 0..self.fates.len() {
            self.add_up(place);
        }
        self
    }

    /// Adds the outputs of these names up over samples; the others stay one number a sample.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] for an unknown name.
    pub fn sum_of<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<OverSamples, Error> {
        let places: HashMap<String, usize> =
            self.term.output_names().enumerate().map(|(place, name)| (name, place)).collect();
        for name in names {
            let output = self.term.output(name.as_ref())?;
            for name in output.names() {
                if let Some(&place) = places.get(&name) {
                    self.add_up(place);
                }
            }
        }
        Ok(self)
    }

    fn add_up(&mut self, place: usize) {
        if self.fates[place] == Fate::Each {
            self.fates[place] = Fate::Sum(self.sum_count);
            self.sum_count += 1;
        }
    }

    /// The function of one sample.
    #[must_use]
    pub fn term(&self) -> &Function {
        &self.term
    }

    /// The function of the sums, if there is one.
    #[must_use]
    pub fn outer_function(&self) -> Option<&Function> {
        self.outer.as_ref().map(|outer| &outer.function)
    }

    /// The names of the columns that a run takes, in order; those of indices among them.
    #[must_use]
    pub fn column_names(&self) -> &[String] {
        &self.columns
    }

    /// The names of the shared inputs that a run takes, in order: single ones and entries of vectors.
    #[must_use]
    pub fn shared_names(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.shared_count());
        for group in self.shared.iter() {
            match group.length {
                None => names.push(group.name.clone()),
                Some(length) => names.extend((0..length).map(|k| format!("{}[{k}]", group.name))),
            }
        }
        names
    }

    /// The names of what a run gives, in order.
    #[must_use]
    pub fn output_names(&self) -> Vec<String> {
        match &self.outer {
            Some(outer) => outer.function.output_names().collect(),
            None => {
                let results = self.results();
                results.iter().flat_map(|result| result.each().map(|(name, _)| name)).collect()
            }
        }
    }
}

pub(super) fn invalid(what: String) -> Error {
    Error::Invalid { what }
}
