//! What can be probed: anything that gives numbers for numbers. Closures and [`Function`]s are; so can your types.
//!
//! One method is required, the values. What else a subject knows of itself makes the verdict better: names for
//! reports, values on complex numbers, where it switches between branches, and a derivative to be judged.

use std::cmp::Ordering;

use uphill_graph::{Complex64, Function};

use super::Error;

/// Which derivative is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Derivative {
    /// One number an input, of a function with one output.
    Gradient,
    /// One number an output and input, row by row.
    Jacobian,
    /// One number for each two inputs, row by row, of a function with one output.
    Hessian,
}

/// A function of numbers whose derivatives can be estimated.
///
/// Closures from `&[f64]` to `f64` are subjects, [`Function`]s too, and closures with several results inside [`Many`].
///
/// ```
/// use uphill_check::numerical::{self, Error, Subject};
///
/// struct Cubic(f64);
///
/// impl Subject for Cubic {
///     fn values(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
///         Ok(vec![self.0 * x[0] * x[0] * x[0]])
///     }
/// }
///
/// let slope = &numerical::gradient(&Cubic(2.0), &[1.0])?[0];
/// assert!((slope.value - 6.0).abs() <= slope.error);
/// # Ok::<(), Error>(())
/// ```
pub trait Subject {
    /// All outputs at `x`, as many at every point; infinite or NaN where the function is.
    ///
    /// # Errors
    ///
    /// If `x` is not of the right length.
    fn values(&self, x: &[f64]) -> Result<Vec<f64>, Error>;

    /// The names of `count` inputs: `x1`, `x2`, … unless the subject knows better.
    fn input_names(&self, count: usize) -> Vec<String> {
        (1..=count).map(|position| format!("x{position}")).collect()
    }

    /// The names of `count` outputs: `P`, or `P1`, `P2`, … unless the subject knows better.
    fn output_names(&self, count: usize) -> Vec<String> {
        match count {
            1 => vec!["P".to_owned()],
            _ => (1..=count).map(|position| format!("P{position}")).collect(),
        }
    }

    /// How many inputs there must be, if the subject knows.
    fn input_count(&self) -> Option<usize> {
        None
    }

    /// The positions, below `count`, by which derivatives are taken: all, unless the subject knows better.
    fn variables(&self, count: usize) -> Vec<usize> {
        (0..count).collect()
    }

    /// All outputs on complex numbers.
    ///
    /// # Errors
    ///
    /// [`Error::NoComplexStep`] if the subject has none, as closures on `f64`.
    fn complex_values(&self, x: &[Complex64]) -> Result<Vec<Complex64>, Error> {
        let _ = x;
        Err(Error::NoComplexStep { why: "a closure on `f64` runs on no other number".to_owned() })
    }

    /// On which side of each of its switches the subject is at `x`: a switch is a place where one formula gives way
    /// to another, and `Equal` means that `x` lies exactly on it. Always as many, in the same order.
    fn switches(&self, x: &[f64]) -> Vec<Ordering> {
        let _ = x;
        Vec::new()
    }

    /// What the switch of this position is, in words: `abs(w3)`.
    fn switch_name(&self, position: usize) -> String {
        format!("switch {}", position + 1)
    }

    /// The derivative that the subject has of itself, which a check judges.
    ///
    /// # Errors
    ///
    /// [`Error::NothingComputed`] if it has none, as closures; else what went wrong in making it.
    fn derivative(&self, derivative: Derivative) -> Result<Function, Error> {
        let _ = derivative;
        Err(Error::NothingComputed)
    }
}

impl<F: Fn(&[f64]) -> f64> Subject for F {
    fn values(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        Ok(vec![self(x)])
    }
}

/// A closure with any number of results, as a [`Subject`].
///
/// ```
/// use uphill_check::numerical::{self, Many};
///
/// let polar = Many(|x: &[f64]| vec![x[0].hypot(x[1]), x[1].atan2(x[0])]);
/// let jacobian = numerical::jacobian(&polar, &[3.0, 4.0])?;
/// assert!((jacobian[0][0].value - 0.6).abs() < 1e-10); // dr/dx
/// assert!((jacobian[1][0].value + 0.16).abs() < 1e-10); // dφ/dx
/// # Ok::<(), numerical::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Many<F>(
    /// The closure.
    pub F,
);

impl<F: Fn(&[f64]) -> Vec<f64>> Subject for Many<F> {
    fn values(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        Ok(self.0(x))
    }
}
