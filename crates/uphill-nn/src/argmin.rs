//! Optimisers from outside: a performance turned upside down, for the solvers of crate `argmin`, which minimise.
//!
//! Cost is −P, its gradient −∇P, its Hessian a product with −∇²P that never forms the matrix.

use std::sync::Arc;

use argmin::core::{CostFunction, Gradient, Hessian, Operator};
use argmin_math::ArgminDot;

use crate::problem::Problem;

/// −P of a problem, for `argmin` to minimise: L-BFGS, Newton-CG and the like. Feature `argmin`.
///
/// ```
/// use argmin::core::{Executor, State};
/// use argmin::solver::linesearch::MoreThuenteLineSearch;
/// use argmin::solver::quasinewton::LBFGS;
/// use uphill_nn::{Activation, Downhill, Network, Problem, Samples, SquaredError};
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
#[derive(Debug, Clone)]
pub struct Downhill(Arc<Problem>);

impl Downhill {
    /// −P of this problem.
    #[must_use]
    pub fn new(problem: Problem) -> Downhill {
        Downhill(Arc::new(problem))
    }

    /// The problem.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.0
    }
}

fn negated(values: Vec<f64>) -> Vec<f64> {
    values.into_iter().map(|value| -value).collect()
}

impl CostFunction for Downhill {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, weights: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        Ok(-self.0.performance(weights)?)
    }
}

impl Gradient for Downhill {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, weights: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        Ok(negated(self.0.gradient(weights)?))
    }
}

impl Hessian for Downhill {
    type Param = Vec<f64>;
    type Hessian = HessianAt;

    fn hessian(&self, weights: &Vec<f64>) -> Result<HessianAt, argmin::core::Error> {
        // Whatever could go wrong with a product goes wrong here, where it can be told.
        self.0.hessian_vector(weights, &vec![0.0; weights.len()])?;
        Ok(HessianAt { problem: self.0.clone(), weights: weights.clone() })
    }
}

/// −∇²P at some weights, as what it does to a direction: for solvers that only multiply, such as Newton-CG.
#[derive(Debug, Clone)]
pub struct HessianAt {
    problem: Arc<Problem>,
    weights: Vec<f64>,
}

impl ArgminDot<Vec<f64>, Vec<f64>> for HessianAt {
    fn dot(&self, direction: &Vec<f64>) -> Vec<f64> {
        match self.problem.hessian_vector(&self.weights, direction) {
            Ok(product) => negated(product),
            // `argmin` has no place for an error here; a NaN stops its solvers.
            Err(_) => vec![f64::NAN; direction.len()],
        }
    }
}

impl Operator for HessianAt {
    type Param = Vec<f64>;
    type Output = Vec<f64>;

    fn apply(&self, direction: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        Ok(negated(self.problem.hessian_vector(&self.weights, direction)?))
    }
}
