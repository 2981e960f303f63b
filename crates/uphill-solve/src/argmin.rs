//! Solvers of crate `argmin`, which minimise: a performance turned upside down.
//!
//! Cost is −P, its gradient −∇P, its Hessian a product with −∇²P that never forms the matrix. Solvers ask for cost and
//! gradient of a point one after the other; both are computed when the first is asked for.

use std::sync::{Arc, Mutex, PoisonError};

use argmin::core::{CostFunction, Error, Gradient, Hessian, Operator};
use argmin_math::ArgminDot;

use crate::objective::Objective;

/// −P of an [`Objective`], for `argmin` to minimise: L-BFGS, Newton-CG and the like. Feature `argmin`.
///
/// ```
/// use argmin::core::{Executor, State};
/// use argmin::solver::linesearch::MoreThuenteLineSearch;
/// use argmin::solver::quasinewton::LBFGS;
/// use uphill_graph::{Function, Scalar};
/// use uphill_solve::{Compiled, Downhill};
///
/// let p = Function::record(["x", "y"], |v| -(v[0] - 3.0).square() - 2.0 * (v[1] + v[0]).square())?;
/// let solver = LBFGS::new(MoreThuenteLineSearch::new(), 5);
/// let result = Executor::new(Downhill::new(Compiled::new(&p)?), solver)
///     .configure(|state| state.param(vec![0.0, 0.0]).max_iters(50))
///     .run()?;
/// let best = result.state().get_best_param().unwrap();
/// assert!((best[0] - 3.0).abs() < 1e-6 && (best[1] + 3.0).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Downhill<O> {
    objective: Arc<O>,
    last: Mutex<Option<Looked>>,
}

/// The last point, with P and its gradient there.
type Looked = (Vec<f64>, f64, Vec<f64>);

impl<O> Clone for Downhill<O> {
    fn clone(&self) -> Downhill<O> {
        Downhill { objective: self.objective.clone(), last: Mutex::new(None) }
    }
}

impl<O: Objective> Downhill<O> {
    /// −P of this performance.
    #[must_use]
    pub fn new(objective: O) -> Downhill<O> {
        Downhill { objective: Arc::new(objective), last: Mutex::new(None) }
    }

    /// The performance.
    #[must_use]
    pub fn objective(&self) -> &O {
        &self.objective
    }

    /// P and its gradient, computed once for a point.
    fn at<T>(&self, point: &[f64], take: impl FnOnce(f64, &[f64]) -> T) -> Result<T, Error> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, value, slopes)) if known == point => Ok(take(*value, slopes)),
            _ => {
                let (value, slopes) = self.objective.with_gradient(point)?;
                let taken = take(value, &slopes);
                *last = Some((point.to_vec(), value, slopes));
                Ok(taken)
            }
        }
    }
}

fn negated(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| -value).collect()
}

impl<O: Objective> CostFunction for Downhill<O> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, point: &Vec<f64>) -> Result<f64, Error> {
        self.at(point, |value, _| -value)
    }
}

impl<O: Objective> Gradient for Downhill<O> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, point: &Vec<f64>) -> Result<Vec<f64>, Error> {
        self.at(point, |_, slopes| negated(slopes))
    }
}

impl<O: Objective> Hessian for Downhill<O> {
    type Param = Vec<f64>;
    type Hessian = HessianAt<O>;

    fn hessian(&self, point: &Vec<f64>) -> Result<HessianAt<O>, Error> {
        // Whatever could go wrong with a product goes wrong here, where it can be told.
        self.objective.hessian_vector(point, &vec![0.0; point.len()])?;
        Ok(HessianAt { objective: self.objective.clone(), point: point.clone() })
    }
}

/// −∇²P at some point, as what it does to a direction: for solvers that only multiply, such as Newton-CG.
#[derive(Debug)]
pub struct HessianAt<O> {
    objective: Arc<O>,
    point: Vec<f64>,
}

impl<O> Clone for HessianAt<O> {
    fn clone(&self) -> HessianAt<O> {
        HessianAt { objective: self.objective.clone(), point: self.point.clone() }
    }
}

impl<O: Objective> ArgminDot<Vec<f64>, Vec<f64>> for HessianAt<O> {
    fn dot(&self, direction: &Vec<f64>) -> Vec<f64> {
        match self.objective.hessian_vector(&self.point, direction) {
            Ok(product) => negated(&product),
            // `argmin` has no place for an error here; a NaN stops its solvers.
            Err(_) => vec![f64::NAN; direction.len()],
        }
    }
}

impl<O: Objective> Operator for HessianAt<O> {
    type Param = Vec<f64>;
    type Output = Vec<f64>;

    fn apply(&self, direction: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(negated(&self.objective.hessian_vector(&self.point, direction)?))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use argmin::core::{CostFunction, Gradient};

    use super::Downhill;
    use crate::objective::Objective;

    struct Counted(Cell<u32>);

    impl Objective for Counted {
        type Error = Infallible;

        fn with_gradient(&self, at: &[f64]) -> Result<(f64, Vec<f64>), Infallible> {
            self.0.set(self.0.get() + 1);
            Ok((-at[0] * at[0], vec![-2.0 * at[0]]))
        }

        fn hessian_vector(&self, _: &[f64], direction: &[f64]) -> Result<Vec<f64>, Infallible> {
            Ok(vec![-2.0 * direction[0]])
        }
    }

    #[test]
    fn a_point_is_computed_once() {
        let downhill = Downhill::new(Counted(Cell::new(0)));
        for (point, count) in [(3.0, 1), (3.0, 1), (4.0, 2), (3.0, 3)] {
            assert_eq!(downhill.cost(&vec![point]).unwrap(), point * point);
            assert_eq!(downhill.gradient(&vec![point]).unwrap(), [2.0 * point]);
            assert_eq!(downhill.objective().0.get(), count, "at {point}");
        }
    }
}
