//! Runge-Kutta methods with steps of one length, as plain scalar code: a loop that stays a loop, and is derived like any.
//!
//! A method is a table of coefficients (Butcher's), so a method of one's own is data.

use uphill_graph::{Scalar, loops};

use crate::error::Error;

/// An explicit Runge-Kutta method: stage i is the slope at t + node_i·h and y + h·Σ_j coupling_ij·stage_j, and a step adds
/// h·Σ_i weight_i·stage_i.
#[derive(Debug, Clone, PartialEq)]
pub struct Tableau {
    coupling: Vec<Vec<f64>>,
    weights: Vec<f64>,
    nodes: Vec<f64>,
}

impl Tableau {
    /// A method from its coefficients: for each stage one number a stage before it, and the weights of all. Nodes are the sums
    /// of each stage's coefficients.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] unless stage i has i coefficients, counted from 0, there is one weight a stage, and weights
    /// add up to 1.
    ///
    /// ```
    /// use uphill_ode::Tableau;
    /// let midpoint = Tableau::new([vec![], vec![0.5]], [0.0, 1.0])?;
    /// assert_eq!(midpoint.stages(), 2);
    /// # Ok::<(), uphill_ode::Error>(())
    /// ```
    pub fn new(
        coupling: impl Into<Vec<Vec<f64>>>,
        weights: impl Into<Vec<f64>>,
    ) -> Result<Tableau, Error> {
        let (coupling, weights) = (coupling.into(), weights.into());
        if coupling.is_empty() || coupling.len() != weights.len() {
            return Err(Error::invalid(format!(
                "a Runge-Kutta method has one weight a stage, and at least one; got {} stages and {} weights",
                coupling.len(),
                weights.len()
            )));
        }
        for (stage, row) in coupling.iter().enumerate() {
            if row.len() != stage {
                return Err(Error::invalid(format!(
                    "stage {stage} of an explicit Runge-Kutta method has {stage} coefficients, one a stage before it; got {}",
                    row.len()
                )));
            }
        }
        let total: f64 = weights.iter().sum();
        if total.is_nan() || (total - 1.0).abs() > 1e-12 {
            return Err(Error::invalid(format!(
                "the weights of a Runge-Kutta method add up to 1; these to {total}"
            )));
        }
        let nodes = coupling.iter().map(|row| row.iter().sum()).collect();
        Ok(Tableau { coupling, weights, nodes })
    }

    /// The classic method of order 4, with stages at the begin of a step, twice in its middle, and at its end.
    #[must_use]
    pub fn classic() -> Tableau {
        let coupling = vec![vec![], vec![0.5], vec![0.0, 0.5], vec![0.0, 0.0, 1.0]];
        let weights = vec![1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0];
        Tableau { coupling, weights, nodes: vec![0.0, 0.5, 0.5, 1.0] }
    }

    /// Kutta's method of order 4 with stages at thirds: smaller errors than the classic one, for as much work.
    #[must_use]
    pub fn three_eighths() -> Tableau {
        let coupling = vec![vec![], vec![1.0 / 3.0], vec![-1.0 / 3.0, 1.0], vec![1.0, -1.0, 1.0]];
        let weights = vec![0.125, 0.375, 0.375, 0.125];
        Tableau { coupling, weights, nodes: vec![0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0] }
    }

    /// Heun's method of order 2: the trapezoidal rule, with Euler's step for its end.
    #[must_use]
    pub fn heun() -> Tableau {
        let coupling = vec![vec![], vec![1.0]];
        Tableau { coupling, weights: vec![0.5, 0.5], nodes: vec![0.0, 1.0] }
    }

    /// Euler's method, order 1.
    #[must_use]
    pub fn euler() -> Tableau {
        Tableau { coupling: vec![vec![]], weights: vec![1.0], nodes: vec![0.0] }
    }

    /// The number of stages: how often a step asks for the slope.
    #[must_use]
    pub fn stages(&self) -> usize {
        self.weights.len()
    }

    /// One step of length h.
    ///
    /// # Panics
    ///
    /// If `f` gives another number of slopes than there are states.
    #[track_caller]
    pub fn step<S: Scalar>(
        &self,
        f: &mut impl FnMut(S, &[S]) -> Vec<S>,
        t: S,
        y: &[S],
        h: S,
    ) -> Vec<S> {
        let mut stages: Vec<Vec<S>> = Vec::with_capacity(self.stages());
        for (node, row) in self.nodes.iter().zip(&self.coupling) {
            let at = moved(y, h, row, &stages);
            let time = if *node == 0.0 { t } else { t + *node * h };
            let slopes = f(time, &at);
            assert_eq!(slopes.len(), y.len(), "a right-hand side gives one slope a state");
            stages.push(slopes);
        }
        moved(y, h, &self.weights, &stages)
    }

    /// The states after so many steps of length h, and before that the states from the start on, one vector a step: as many as
    /// steps, the last ones left out.
    ///
    /// # Panics
    ///
    /// As [`loops::scan`], and as [`Tableau::step`].
    ///
    /// ```
    /// use uphill_graph::Scalar;
    /// use uphill_ode::Tableau;
    ///
    /// // A pendulum, a second in steps of a hundredth.
    /// fn slopes<S: Scalar>(y: &[S]) -> Vec<S> {
    ///     vec![y[1], -9.81 * y[0].sin()]
    /// }
    /// let (last, path) = Tableau::classic().path(|_t, y| slopes(y), &[0.5, 0.0], 0.0, 0.01, 100);
    /// assert_eq!((path[0].as_slice(), path.len(), last.len()), (&[0.5, 0.0][..], 100, 2));
    /// ```
    #[track_caller]
    pub fn path<S: Scalar>(
        &self,
        mut f: impl FnMut(S, &[S]) -> Vec<S>,
        y0: &[S],
        t0: S,
        h: S,
        steps: usize,
    ) -> (Vec<S>, Vec<Vec<S>>) {
        loops::scan(0..steps, y0.to_vec(), |i, y: Vec<S>| {
            // Times are computed anew each step: a sum of steps would drift.
            (self.step(&mut f, t0 + i.value() * h, &y, h), y)
        })
    }

    /// The states after so many steps of length h.
    ///
    /// # Panics
    ///
    /// As [`Tableau::path`].
    #[track_caller]
    pub fn end<S: Scalar>(
        &self,
        mut f: impl FnMut(S, &[S]) -> Vec<S>,
        y0: &[S],
        t0: S,
        h: S,
        steps: usize,
    ) -> Vec<S> {
        loops::fold(0..steps, y0.to_vec(), |i, y: Vec<S>| {
            self.step(&mut f, t0 + i.value() * h, &y, h)
        })
    }
}

/// y + h·Σ factor·stage, without the factors that are 0.
fn moved<S: Scalar>(y: &[S], h: S, factors: &[f64], stages: &[Vec<S>]) -> Vec<S> {
    let used: Vec<(f64, &Vec<S>)> =
        factors.iter().copied().zip(stages).filter(|(factor, _)| *factor != 0.0).collect();
    if used.is_empty() {
        return y.to_vec();
    }
    let moved = |place: usize| {
        let mut terms = used.iter().map(|(factor, stage)| *factor * stage[place]);
        let first = terms.next().unwrap_or(S::constant(0.0));
        y[place] + h * terms.fold(first, |sum, term| sum + term)
    };
    (0..y.len()).map(moved).collect()
}

/// The states after so many steps of length h of the classic Runge-Kutta method: dy/dt = f(t, y) from y0 at t0 on.
///
/// Plain scalar code over a loop: on numbers it computes, and recorded it is one loop, however many steps there are, as
/// is its gradient. Its derivatives are those of the steps, exactly.
///
/// # Panics
///
/// If `f` gives another number of slopes than there are states; in a recording as [`loops::fold`].
///
/// ```
/// use uphill_graph::{Function, Scalar};
/// use uphill_ode::runge_kutta4;
///
/// /// What is left after a time of 1, of 3.
/// fn left<S: Scalar>(rate: S) -> S {
///     runge_kutta4(|_t, y: &[S]| vec![-rate * y[0]], &[S::constant(3.0)], S::constant(0.0), S::constant(0.01), 100)[0]
/// }
///
/// assert!((left(0.5) - 3.0 * (-0.5_f64).exp()).abs() < 1e-10);
/// let f = Function::record(["rate"], |w| left(w[0]))?;
/// assert!(f.graph().operation_count() < 50);
/// assert!((f.gradient()?.value(&[0.5])? + 3.0 * (-0.5_f64).exp()).abs() < 1e-10);
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn runge_kutta4<S: Scalar>(
    f: impl FnMut(S, &[S]) -> Vec<S>,
    y0: &[S],
    t0: S,
    h: S,
    steps: usize,
) -> Vec<S> {
    Tableau::classic().end(f, y0, t0, h, steps)
}
