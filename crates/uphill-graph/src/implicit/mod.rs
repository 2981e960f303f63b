//! Functions defined by equations: the numbers y for which F(y, x) = 0, found by Newton's method and differentiated by the
//! implicit function theorem.
//!
//! A solution is a loop whose body is one step of Newton's method, and which knows its equations. All that runs loops runs
//! it as it is. Derivatives don't go through its iterations: dy = -F_y⁻¹·F_x·dx is scalar code in y itself and in x, so that
//! derivatives of derivatives need nothing new (docs/adr/0036-implicit-functions.md).

mod equations;
pub(crate) mod linear;
mod newton;
mod problem;

use std::sync::Arc;

use equations::MOST_UNKNOWNS;
pub(crate) use equations::{Equations, jacobian};
pub use problem::Problem;
pub(crate) use problem::{residuals_and_slopes, root_slopes};

use crate::error::Error;
use crate::function::{Function, Inputs};
use crate::graph::Loop;
use crate::scalar::Scalar;
use crate::var::Var;

/// How many steps Newton's method makes at most, unless it is told otherwise.
const STEPS: usize = 50;

/// Numbers y that are defined by as many equations F(y, x) = 0.
///
/// The equations are recorded once. Then they are solved on any [`Scalar`]: on numbers that is Newton's method with the
/// Jacobian of the recording; in a recording it is one node, which runs the method wherever it is evaluated. Derivatives to
/// any order, on duals and in graphs, are those of the implicit function theorem, and not those of the method's steps.
///
/// ```
/// use uphill_graph::{Function, Implicit, Scalar};
///
/// // Kepler's equation: where a planet is at the time M on its ellipse.
/// let kepler = Implicit::record(1, 2, |y, x| vec![y[0] - x[0] * y[0].sin() - x[1]])?;
/// let anomaly = kepler.solve(&[3.0], &[0.5, 1.0]);
/// assert!((anomaly[0] - 1.498_701_133_517_848_3).abs() < 1e-15);
///
/// let f = Function::record(["e", "M"], |x| kepler.solve(&[Scalar::constant(3.0)], x)[0])?;
/// let slopes = f.gradient()?.eval(&[0.5, 1.0])?;
/// let (sine, cosine) = anomaly[0].sin_cos();
/// assert!((slopes[0] - sine / (1.0 - 0.5 * cosine)).abs() < 1e-15);
/// assert!((slopes[1] - 1.0 / (1.0 - 0.5 * cosine)).abs() < 1e-15);
/// assert!(f.hessian()?.eval(&[0.5, 1.0])?.iter().all(|slope| slope.is_finite()));
/// # Ok::<(), uphill_graph::Error>(())
/// ```
///
/// # No root
///
/// Where the method finds no root, or one at which the Jacobian is singular, the solution is NaN, in a recording as on
/// numbers; [`Function::eval_finite`] tells how it came to it. [`Implicit::root`] gives an error instead.
///
/// # Cost
///
/// On numbers as many evaluations of F and its Jacobian as there are steps, five to ten as a rule. A compiled program makes
/// the [most](Implicit::at_most) there may be. The linear systems are solved by elimination that is written out, some
/// n³ operations for n unknowns.
#[derive(Debug, Clone)]
pub struct Implicit {
    equations: Function,
    repeated: Arc<Loop>,
    unknowns: usize,
}

impl Implicit {
    /// Records equations.
    ///
    /// # Arguments
    ///
    /// `unknowns`: how many numbers y are looked for. `given`: how many numbers x they depend on. `code`: is given y and x,
    /// and gives as many values F as there are unknowns, all 0 at a root. What depends on variables belongs into x: the code
    /// can't see those of another recording.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] unless there are as many equations as unknowns; [`Error::Unsupported`] for no unknowns, and for
    /// more than 64.
    #[track_caller]
    pub fn record(
        unknowns: usize,
        given: usize,
        code: impl for<'g> FnOnce(&[Var<'g>], &[Var<'g>]) -> Vec<Var<'g>>,
    ) -> Result<Implicit, Error> {
        if unknowns == 0 || unknowns > MOST_UNKNOWNS {
            return Err(Error::Unsupported {
                what: format!(
                    "an implicit function with {unknowns} unknowns: expected 1 to {MOST_UNKNOWNS}"
                ),
            });
        }
        let inputs = Inputs::new().variables("y", unknowns).variables("x", given);
        let mut count = 0;
        let equations = Function::record_many(inputs, |inputs| {
            let residuals = code(&inputs[..unknowns], &inputs[unknowns..]);
            count = residuals.len();
            residuals
        })?;
        if count != unknowns {
            return Err(Error::WrongLength {
                what: format!("equations of an implicit function with {unknowns} unknowns"),
                expected: unknowns,
                got: count,
            });
        }
        let equations = equations.simplify();
        let repeated = Arc::new(newton::newton(&equations, unknowns, STEPS));
        Ok(Implicit { equations, repeated, unknowns })
    }

    /// The same with another bound on the steps of Newton's method: 50 if nothing is said, and at least 1.
    ///
    /// A compiled program makes as many, whether they are needed or not.
    #[must_use]
    pub fn at_most(self, steps: usize) -> Implicit {
        let repeated = Arc::new(newton::newton(&self.equations, self.unknowns, steps.max(1)));
        Implicit { repeated, ..self }
    }

    /// The equations, as a function of y and x.
    #[must_use]
    pub fn equations(&self) -> &Function {
        &self.equations
    }

    /// The root y that Newton's method comes to from a start; NaN if it comes to none.
    ///
    /// The start may be made of x, or be a number. No derivative goes through it: near a root all starts give the same.
    ///
    /// # Panics
    ///
    /// If there are not as many numbers as [`Implicit::record`] was told; in a recording also as [`Scalar::apply`].
    #[track_caller]
    #[must_use]
    pub fn solve<S: Scalar>(&self, start: &[S], given: &[S]) -> Vec<S> {
        let known = self.equations.inputs().len() - self.unknowns;
        assert_eq!(start.len(), self.unknowns, "a start has one number an unknown");
        assert_eq!(given.len(), known, "the numbers that an implicit function depends on");
        S::implicit(&Problem {
            repeated: Arc::clone(&self.repeated),
            operands: newton::operands(&self.repeated),
            around: newton::first_values(start, given),
        })
    }

    /// [`Implicit::solve`] on numbers, with an error where there is no root.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`]; [`Error::NotFinite`], which tells where the method ended.
    ///
    /// ```
    /// use uphill_graph::Implicit;
    /// let root = Implicit::record(1, 1, |y, x| vec![y[0] * y[0] - x[0]])?;
    /// assert_eq!(root.root(&[1.0], &[9.0])?, [3.0]);
    /// let error = root.root(&[1.0], &[-9.0]).unwrap_err();
    /// assert!(error.to_string().contains("no root"), "{error}");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn root(&self, start: &[f64], given: &[f64]) -> Result<Vec<f64>, Error> {
        let known = self.equations.inputs().len() - self.unknowns;
        for (what, expected, got) in
            [("the start", self.unknowns, start.len()), ("what is given", known, given.len())]
        {
            if expected != got {
                let what = format!("{what} of an implicit function");
                return Err(Error::WrongLength { what, expected, got });
            }
        }
        let inputs = Inputs::new().variables("start", start.len()).variables("x", given.len());
        let function = Function::record_many(inputs, |inputs| {
            let (start, given) = inputs.split_at(self.unknowns);
            let name =
                |k: usize| if self.unknowns == 1 { "y".into() } else { format!("y{}", k + 1) };
            let roots = self.solve(start, given).into_iter().enumerate();
            roots.map(|(k, root)| root.named(&name(k))).collect()
        })?;
        function.eval_finite(&[start, given].concat())
    }
}
