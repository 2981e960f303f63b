//! A problem as what solvers from outside climb: those of `uphill-solve`'s traits. Feature `argmin`.

use uphill_solve::Objective;

use crate::error::Error;
use crate::problem::Problem;

/// ```
/// use argmin::core::{Executor, State};
/// use argmin::solver::linesearch::MoreThuenteLineSearch;
/// use argmin::solver::quasinewton::LBFGS;
/// use uphill_nn::{Activation, Network, Problem, Samples, SquaredError};
/// use uphill_solve::Downhill;
///
/// let line = Network::layered(&[1, 1]).activation(Activation::Identity).bias().build()?;
/// let samples = Samples::new([[0.0], [1.0], [2.0]], [[1.0], [3.0], [5.0]])?;
/// let problem = Problem::new(&line, SquaredError, &samples)?;
/// let solver = LBFGS::new(MoreThuenteLineSearch::new(), 5);
/// let result = Executor::new(Downhill::new(problem), solver)
///     .configure(|state| state.param(vec![0.0, 0.0]).max_iters(50))
///     .run()?;
/// let weights = result.state().get_best_param().unwrap();
/// assert!((weights[0] - 2.0).abs() < 1e-6 && (weights[1] - 1.0).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Objective for Problem {
    type Error = Error;

    fn with_gradient(&self, weights: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        Problem::with_gradient(self, weights)
    }

    fn hessian_vector(&self, weights: &[f64], direction: &[f64]) -> Result<Vec<f64>, Error> {
        Problem::hessian_vector(self, weights, direction)
    }
}
