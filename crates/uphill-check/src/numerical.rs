//! Derivatives from values alone, with an estimate of their own error: the oracle that knows no derivative rule.
//!
//! [`gradient`], [`jacobian`], [`hessian`] and [`directional`] work on any closure and any
//! [`Function`](uphill_graph::Function). They take central differences at steps that shrink, extrapolate them to the
//! step zero (Ridders 1982), find a good step themselves, and say where a function has two slopes instead of one. Where
//! a function runs on complex numbers, the complex step (Squire and Trapp 1998) adds the last digits.
//!
//! ```
//! use uphill_check::numerical;
//!
//! let slope = &numerical::gradient(&|x: &[f64]| x[0].sin(), &[1.0])?[0];
//! assert!((slope.value - 1.0_f64.cos()).abs() <= slope.error && slope.error < 1e-10);
//!
//! let kink = numerical::gradient(&|x: &[f64]| x[0].abs(), &[0.0])?[0].kink.expect("two slopes");
//! assert_eq!((kink.left, kink.right), (-1.0, 1.0));
//! # Ok::<(), numerical::Error>(())
//! ```
//!
//! [`Oracle`] has settings: the method and the first step. The functions of this module use its defaults.

mod complex_step;
mod curve;
mod error;
mod estimate;
mod extrapolate;
mod function;
mod line;
mod subject;
mod track;

pub use error::Error;
pub use estimate::{Estimate, Kink, Method};
pub use subject::{Derivative, Many, Subject};

use line::{Centre, Direction};

/// The partial derivative of the one output by each variable, in order: see [`Oracle::gradient`].
///
/// # Errors
///
/// As [`Oracle::gradient`].
pub fn gradient<S: Subject + ?Sized>(subject: &S, x: &[f64]) -> Result<Vec<Estimate>, Error> {
    Oracle::new().gradient(subject, x)
}

/// The partial derivatives of each output by each variable, a row an output: see [`Oracle::jacobian`].
///
/// # Errors
///
/// As [`Oracle::jacobian`].
pub fn jacobian<S: Subject + ?Sized>(subject: &S, x: &[f64]) -> Result<Vec<Vec<Estimate>>, Error> {
    Oracle::new().jacobian(subject, x)
}

/// The second partial derivatives of the one output, from values alone: see [`Oracle::hessian`].
///
/// # Errors
///
/// As [`Oracle::hessian`].
pub fn hessian<S: Subject + ?Sized>(subject: &S, x: &[f64]) -> Result<Vec<Vec<Estimate>>, Error> {
    Oracle::new().hessian(subject, x)
}

/// The derivative of each output in one direction: see [`Oracle::directional`].
///
/// # Errors
///
/// As [`Oracle::directional`].
pub fn directional<S: Subject + ?Sized>(
    subject: &S,
    x: &[f64],
    direction: &[f64],
) -> Result<Vec<Estimate>, Error> {
    Oracle::new().directional(subject, x, direction)
}

/// The numerical oracle with its settings.
///
/// ```
/// use uphill_check::numerical::{Method, Oracle};
///
/// let oracle = Oracle::new().method(Method::Differences).first_step(0.01);
/// let slope = &oracle.gradient(&|x: &[f64]| x[0].exp(), &[0.0])?[0];
/// assert!((slope.value - 1.0).abs() <= slope.error);
/// # Ok::<(), uphill_check::numerical::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Oracle {
    method: Method,
    first_step: f64,
}

impl Default for Oracle {
    fn default() -> Oracle {
        Oracle::new()
    }
}

impl Oracle {
    /// The defaults: [`Method::Automatic`], and a first step of 0.37 of the input, or 0.37 for inputs below 1.
    #[must_use]
    pub fn new() -> Oracle {
        // No part of a round number, so that no period of a function is hit.
        Oracle { method: Method::Automatic, first_step: 0.37 }
    }

    /// The same with another method.
    #[must_use]
    pub fn method(self, method: Method) -> Oracle {
        Oracle { method, ..self }
    }

    /// The same with another first step, a part of the input's size (at least 1). Steps shrink from there until the
    /// answer stops getting better, so any step that is not too small will do.
    #[must_use]
    pub fn first_step(self, part: f64) -> Oracle {
        Oracle { first_step: part, ..self }
    }

    /// The partial derivative of the one output by each variable, in order.
    ///
    /// # Arguments
    ///
    /// `subject`: a closure from `&[f64]` to `f64`, a `Function`, or another [`Subject`]. `x`: one finite number an
    /// input; parameters are held fixed.
    ///
    /// # Returns
    ///
    /// An [`Estimate`] a variable. Points without a derivative give estimates that say so, not errors.
    ///
    /// # Errors
    ///
    /// [`Error::NotScalar`], [`Error::Input`] for an infinite or NaN input, [`Error::WrongLength`],
    /// [`Error::Function`], [`Error::Setting`]; with [`Method::ComplexStep`] also [`Error::NoComplexStep`].
    ///
    /// # Complexity
    ///
    /// About ten to twenty evaluations a variable for a smooth function, up to 128 for a difficult one.
    pub fn gradient<S: Subject + ?Sized>(
        &self,
        subject: &S,
        x: &[f64],
    ) -> Result<Vec<Estimate>, Error> {
        let centre = self.centre(subject, x)?;
        one_output("a gradient", &centre)?;
        let variables = subject.variables(x.len());
        let slope = |&variable: &usize| -> Result<Estimate, Error> {
            let mut column = self.slopes(subject, &centre, Direction::Axis(variable))?;
            Ok(column.swap_remove(0))
        };
        variables.iter().map(slope).collect()
    }

    /// The partial derivatives of each output by each variable: one row an output.
    ///
    /// # Errors
    ///
    /// As [`Oracle::gradient`], but any number of outputs will do.
    ///
    /// # Complexity
    ///
    /// As [`Oracle::gradient`]: all outputs share the evaluations.
    pub fn jacobian<S: Subject + ?Sized>(
        &self,
        subject: &S,
        x: &[f64],
    ) -> Result<Vec<Vec<Estimate>>, Error> {
        let centre = self.centre(subject, x)?;
        let mut rows = vec![Vec::new(); centre.values.len()];
        for variable in subject.variables(x.len()) {
            let column = self.slopes(subject, &centre, Direction::Axis(variable))?;
            for (row, slope) in rows.iter_mut().zip(column) {
                row.push(slope);
            }
        }
        Ok(rows)
    }

    /// The second partial derivatives of the one output, a row a variable, by second differences of its values.
    ///
    /// These share nothing with first derivatives, and have fewer digits: about nine. For more digits, at the price of
    /// trusting the gradient, take the [Jacobian](Oracle::jacobian) of the gradient. Kinks are not looked for.
    ///
    /// # Errors
    ///
    /// As [`Oracle::gradient`]; with [`Method::ComplexStep`] always [`Error::NoComplexStep`].
    ///
    /// # Complexity
    ///
    /// About twenty to forty evaluations for each two variables.
    ///
    /// ```
    /// use uphill_check::numerical;
    /// let hessian = numerical::hessian(&|x: &[f64]| x[0] * x[0] * x[1], &[2.0, 3.0])?;
    /// assert!((hessian[0][0].value - 6.0).abs() < 1e-8);
    /// assert!((hessian[0][1].value - 4.0).abs() < 1e-8);
    /// # Ok::<(), numerical::Error>(())
    /// ```
    pub fn hessian<S: Subject + ?Sized>(
        &self,
        subject: &S,
        x: &[f64],
    ) -> Result<Vec<Vec<Estimate>>, Error> {
        let centre = self.centre(subject, x)?;
        one_output("a Hessian", &centre)?;
        if self.method == Method::ComplexStep {
            let why = "second derivatives are taken by differences".to_owned();
            return Err(Error::NoComplexStep { why });
        }
        let variables = subject.variables(x.len());
        let mut rows: Vec<Vec<Estimate>> = Vec::with_capacity(variables.len());
        for (row, &i) in variables.iter().enumerate() {
            let mut entries: Vec<Estimate> =
                rows.iter().map(|earlier| earlier[row].clone()).collect();
            for &j in &variables[row..] {
                entries.push(curve::second(subject, &centre, (i, j), self.first_step)?);
            }
            rows.push(entries);
        }
        Ok(rows)
    }

    /// The derivative of each output along a direction: `Σ ∂f/∂x_i · direction_i`.
    ///
    /// # Arguments
    ///
    /// `direction`: one number an input, parameters included (where 0 holds them fixed).
    ///
    /// # Errors
    ///
    /// As [`Oracle::jacobian`]; also if the direction is not as long as `x`, or has no finite part other than 0.
    ///
    /// # Complexity
    ///
    /// About ten to twenty evaluations, whatever the number of inputs: how gradients of many inputs are checked.
    ///
    /// ```
    /// use uphill_check::numerical;
    /// let slope = numerical::directional(&|x: &[f64]| x[0] * x[1], &[2.0, 3.0], &[1.0, 10.0])?;
    /// assert!((slope[0].value - 23.0).abs() <= slope[0].error);
    /// # Ok::<(), numerical::Error>(())
    /// ```
    pub fn directional<S: Subject + ?Sized>(
        &self,
        subject: &S,
        x: &[f64],
        direction: &[f64],
    ) -> Result<Vec<Estimate>, Error> {
        let centre = self.centre(subject, x)?;
        if direction.len() != x.len() {
            let what = "a direction".to_owned();
            return Err(Error::WrongLength { what, expected: x.len(), got: direction.len() });
        }
        let size = direction.iter().fold(0.0_f64, |a, b| a + b.abs());
        if !(size.is_finite() && size > 0.0) {
            let rule = "finite and more than 0";
            return Err(Error::Setting { what: "the length of the direction", value: size, rule });
        }
        self.slopes(subject, &centre, Direction::Along(direction))
    }

    fn centre<'a, S: Subject + ?Sized>(
        &self,
        subject: &S,
        x: &'a [f64],
    ) -> Result<Centre<'a>, Error> {
        if !(self.first_step.is_finite() && self.first_step > 0.0) {
            let (what, rule) = ("the first step", "finite and more than 0");
            return Err(Error::Setting { what, value: self.first_step, rule });
        }
        if let Some(expected) = subject.input_count()
            && expected != x.len()
        {
            let what = "the point".to_owned();
            return Err(Error::WrongLength { what, expected, got: x.len() });
        }
        if let Some(position) = x.iter().position(|number| !number.is_finite()) {
            let input = subject.input_names(x.len()).swap_remove(position);
            return Err(Error::Input { input, value: x[position] });
        }
        Centre::new(subject, x)
    }

    fn slopes<S: Subject + ?Sized>(
        &self,
        subject: &S,
        centre: &Centre<'_>,
        direction: Direction<'_>,
    ) -> Result<Vec<Estimate>, Error> {
        let part = |position: usize| match direction {
            Direction::Axis(axis) => f64::from(u8::from(axis == position)),
            Direction::Along(parts) => parts[position],
        };
        if self.method == Method::ComplexStep {
            return complex_step::slopes(subject, centre.x, part);
        }
        let mut slopes = line::slopes(subject, centre, direction, self.first_step)?;
        if self.method == Method::Automatic
            && let Ok(complex) = complex_step::slopes(subject, centre.x, part)
        {
            for (slope, complex) in slopes.iter_mut().zip(complex) {
                complex_step::sharpen(slope, complex);
            }
        }
        Ok(slopes)
    }
}

fn one_output(what: &'static str, centre: &Centre<'_>) -> Result<(), Error> {
    match centre.values.len() {
        1 => Ok(()),
        outputs => Err(Error::NotScalar { what, outputs }),
    }
}
