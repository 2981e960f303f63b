//! Checks in one line: `check::gradient(&f).at(&x).assert()`.
//!
//! What is judged is the derivative that a [`Function`](uphill_graph::Function) has of itself, or one that is given
//! with [`Check::computed`]; what judges it is the numerical [`Oracle`].

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::gradient_against::tolerance;
use crate::gradient_entries::{Comparison, Given, Judged};
use crate::numerical::{Derivative, Error, Oracle, Subject};
use crate::report::Report;

/// Checks the gradient of a function with one output.
///
/// Functions of more than 200 variables are checked along random directions ([`Check::directions`]), each of which
/// sees every variable; where one disagrees, the variable that causes most of it is searched and reported too.
///
/// # Arguments
///
/// `subject`: a [`Function`](uphill_graph::Function), whose gradient by reverse mode is judged; or a closure or other
/// [`Subject`], with the gradient to judge given by [`Check::computed`].
///
/// # Returns
///
/// A [`Check`]: say where with [`at`](Check::at), [`points`](Check::points) or
/// [`random_points`](Check::random_points), then [`assert`](Check::assert) or [`report`](Check::report).
///
/// ```
/// use uphill_check as check;
/// use uphill_graph::{Function, Scalar};
///
/// let p = Function::record(["x", "y"], |v| (v[0] * v[1]).sin() + v[0].exp())?;
/// check::gradient(&p).at(&[0.3, 0.7]).assert();
/// check::gradient(&p).random_points(20, -2.0..2.0).seed(7).tolerance(1e-8).assert();
///
/// // A gradient written by hand, and wrong:
/// let report = check::gradient(&|x: &[f64]| x[0] * x[0])
///     .computed(|x| vec![x[0]])
///     .at(&[3.0])
///     .report()?;
/// assert!(report.to_string().contains("dP/dx1 is half the expected one"));
/// # Ok::<(), check::Error>(())
/// ```
pub fn gradient<S: Subject + ?Sized>(subject: &S) -> Check<'_, S> {
    Check::new(subject, Derivative::Gradient, 1e-7)
}

/// Checks the Jacobian, every entry, of a function with any number of outputs: otherwise as [`gradient()`].
///
/// ```
/// use uphill_check as check;
/// use uphill_graph::{Function, Scalar};
///
/// let polar = Function::record_many(["x", "y"], |v| vec![v[0].hypot(v[1]), v[1].atan2(v[0])])?;
/// check::jacobian(&polar).at(&[3.0, 4.0]).assert();
/// # Ok::<(), uphill_graph::Error>(())
/// ```
pub fn jacobian<S: Subject + ?Sized>(subject: &S) -> Check<'_, S> {
    Check::new(subject, Derivative::Jacobian, 1e-7)
}

/// Checks the Hessian, every entry, against second differences of the values: otherwise as [`gradient()`].
///
/// The tolerance is 1e-5, since second differences have fewer digits. Sharper, if the gradient is trusted:
/// `check::jacobian(&f.gradient()?)`.
///
/// ```
/// use uphill_check as check;
/// use uphill_graph::{Function, Scalar};
///
/// let p = Function::record(["x", "y"], |v| v[0].square() * v[1] + v[1].sin())?;
/// check::hessian(&p).at(&[2.0, 3.0]).assert();
/// check::jacobian(&p.gradient()?).at(&[2.0, 3.0]).assert();
/// # Ok::<(), uphill_graph::Error>(())
/// ```
pub fn hessian<S: Subject + ?Sized>(subject: &S) -> Check<'_, S> {
    Check::new(subject, Derivative::Hessian, 1e-5)
}

/// A check that is about to be made: see [`gradient()`], [`jacobian`] and [`hessian`].
#[must_use = "nothing is checked until `assert` or `report` is called"]
pub struct Check<'f, S: ?Sized> {
    subject: &'f S,
    derivative: Derivative,
    points: Vec<Vec<f64>>,
    random: Vec<(usize, Range<f64>)>,
    seed: u64,
    tolerance: f64,
    absolute: f64,
    oracle: Oracle,
    directions: Option<usize>,
    inputs: Option<Vec<String>>,
    computed: Option<Given<'f>>,
}

impl<'f, S: Subject + ?Sized> Check<'f, S> {
    fn new(subject: &'f S, derivative: Derivative, tolerance: f64) -> Check<'f, S> {
        Check {
            subject,
            derivative,
            points: Vec::new(),
            random: Vec::new(),
            seed: 0,
            tolerance,
            absolute: 0.0,
            oracle: Oracle::new(),
            directions: None,
            inputs: None,
            computed: None,
        }
    }

    /// Adds a point: one number an input.
    pub fn at(mut self, x: &[f64]) -> Check<'f, S> {
        self.points.push(x.to_vec());
        self
    }

    /// Adds several points.
    pub fn points<P: AsRef<[f64]>>(mut self, points: impl IntoIterator<Item = P>) -> Check<'f, S> {
        self.points.extend(points.into_iter().map(|point| point.as_ref().to_vec()));
        self
    }

    /// Adds `count` points whose coordinates are drawn evenly from a range: the same ones for the same
    /// [`seed`](Check::seed). A closure needs [`inputs`](Check::inputs) for this, to know how many to draw.
    pub fn random_points(mut self, count: usize, range: Range<f64>) -> Check<'f, S> {
        self.random.push((count, range));
        self
    }

    /// The seed of everything that is drawn at random: 0 unless it is given.
    pub fn seed(self, seed: u64) -> Check<'f, S> {
        Check { seed, ..self }
    }

    /// The difference that is allowed, as a part of the larger of two numbers: 1e-7 (Hessians: 1e-5) unless it is
    /// given.
    pub fn tolerance(self, relative: f64) -> Check<'f, S> {
        Check { tolerance: relative, ..self }
    }

    /// A difference that is always allowed: none unless it is given.
    pub fn absolute_tolerance(self, absolute: f64) -> Check<'f, S> {
        Check { absolute, ..self }
    }

    /// The oracle to judge by, with its settings.
    pub fn oracle(self, oracle: Oracle) -> Check<'f, S> {
        Check { oracle, ..self }
    }

    /// Checks a gradient along so many random directions instead of entry by entry; 0 for entry by entry. Unless this
    /// is given, gradients by more than 200 variables are checked along 16 directions. Jacobians and Hessians are
    /// always checked entry by entry.
    pub fn directions(self, count: usize) -> Check<'f, S> {
        Check { directions: Some(count), ..self }
    }

    /// The names of the inputs, for subjects that don't know them.
    pub fn inputs<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Check<'f, S> {
        self.inputs = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Judges these numbers instead of the subject's own derivative: a closure from the point to one number a variable
    /// (gradient), or an output and variable, or two variables, row by row.
    pub fn computed(mut self, code: impl Fn(&[f64]) -> Vec<f64> + 'f) -> Check<'f, S> {
        self.computed = Some(Box::new(code));
        self
    }

    /// Makes the check.
    ///
    /// # Errors
    ///
    /// What keeps derivatives from being compared: [`Error::NoPoints`], [`Error::NothingComputed`], [`Error::Input`],
    /// [`Error::WrongLength`], [`Error::NotScalar`], [`Error::Setting`], [`Error::Function`]. A comparison that comes
    /// out badly is a [`Report`] that does not [pass](Report::passed).
    ///
    /// # Complexity
    ///
    /// A point costs what the oracle's method costs: see [`Oracle::gradient`] and its like.
    pub fn report(self) -> Result<Report, Error> {
        tolerance("the tolerance", self.tolerance)?;
        tolerance("the absolute tolerance", self.absolute)?;
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let points = self.all_points(&mut random)?;
        let judged = match self.computed {
            Some(code) => Judged::Given(code),
            None => Judged::Function(Box::new(self.subject.derivative(self.derivative)?)),
        };
        let mut comparison = Comparison {
            subject: self.subject,
            derivative: self.derivative,
            judged,
            oracle: self.oracle,
            tolerance: self.tolerance,
            absolute: self.absolute,
            directions: self.directions,
            random,
            inputs: self.inputs,
            entries: Vec::new(),
            title: None,
        };
        for (position, point) in points.iter().enumerate() {
            comparison.compare(position, point)?;
        }
        let inputs = comparison.input_names(points[0].len());
        let title = comparison.title.unwrap_or_default();
        Ok(Report::new(title, self.tolerance, inputs, points, comparison.entries))
    }

    /// Makes the check, and does nothing if it passes.
    ///
    /// # Panics
    ///
    /// With the report if it does not pass, and with the error if there is nothing to compare.
    #[track_caller]
    pub fn assert(self) {
        match self.report() {
            Ok(report) => report.assert(),
            Err(error) => panic!("{error}"),
        }
    }

    fn all_points(&self, random: &mut ChaCha8Rng) -> Result<Vec<Vec<f64>>, Error> {
        let mut points = self.points.clone();
        for (count, range) in &self.random {
            let names = self.inputs.as_ref().map(Vec::len);
            let given = self.points.first().map(Vec::len);
            let inputs = self.subject.input_count().or(names).or(given).ok_or(Error::NoPoints)?;
            let span = range.end - range.start;
            if !(span.is_finite() && span >= 0.0) {
                let (what, rule) = ("the width of the range of points", "finite and 0 or more");
                return Err(Error::Setting { what, value: span, rule });
            }
            for _ in 0..*count {
                points.push((0..inputs).map(|_| range.start + span * unit(random)).collect());
            }
        }
        if points.is_empty() { Err(Error::NoPoints) } else { Ok(points) }
    }
}

/// Evenly from 0 to 1, in steps of 2⁻⁵³: the same on every machine.
fn unit(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
