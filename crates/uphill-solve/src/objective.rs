//! What solvers from outside ask of a performance: value and gradient of a point, and products with the Hessian.

use std::sync::{Mutex, PoisonError};

use uphill_engine::{Compiler, Program, Workspace};
use uphill_graph::Function;

use crate::error::Error;

/// A performance of several numbers, to be climbed.
pub trait Objective {
    /// What can go wrong.
    type Error: std::error::Error + Send + Sync + 'static;

    /// P and its gradient at a point: both at once, since they share most of the work.
    ///
    /// # Errors
    ///
    /// For a point of the wrong length, and whatever else can go wrong.
    fn with_gradient(&self, at: &[f64]) -> Result<(f64, Vec<f64>), Self::Error>;

    /// The product of P's Hessian at a point with a direction.
    ///
    /// # Errors
    ///
    /// As [`Objective::with_gradient`].
    fn hessian_vector(&self, at: &[f64], direction: &[f64]) -> Result<Vec<f64>, Self::Error>;
}

/// A function of one output, compiled together with its gradient and its Hessian's products: an [`Objective`].
///
/// ```
/// use uphill_graph::{Function, Scalar};
/// use uphill_solve::{Compiled, Objective};
///
/// let p = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
/// let p = Compiled::new(&p)?;
/// assert_eq!(p.with_gradient(&[2.0, 3.0])?, (12.0, vec![12.0, 4.0]));
/// assert_eq!(p.hessian_vector(&[2.0, 3.0], &[1.0, 10.0])?, [46.0, 4.0]);
/// # Ok::<(), uphill_solve::Error>(())
/// ```
#[derive(Debug)]
pub struct Compiled {
    gradient: Program,
    hessian: Program,
    memory: Mutex<[Workspace; 2]>,
}

impl Compiled {
    /// Derives and compiles.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] unless there is one output; [`Error::Engine`].
    pub fn new(function: &Function) -> Result<Compiled, Error> {
        let compile = |function: &Function| Compiler::new().compile(function);
        let gradient = compile(&function.with_gradient()?)?;
        let hessian = compile(&function.hvp()?)?;
        let memory = Mutex::new([gradient.workspace(), hessian.workspace()]);
        Ok(Compiled { gradient, hessian, memory })
    }
}

impl Objective for Compiled {
    type Error = Error;

    fn with_gradient(&self, at: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut outputs = vec![0.0; self.gradient.output_count()];
        self.gradient.run(&mut memory[0], at, &mut outputs)?;
        let value = outputs.remove(0);
        Ok((value, outputs))
    }

    fn hessian_vector(&self, at: &[f64], direction: &[f64]) -> Result<Vec<f64>, Error> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut outputs = vec![0.0; self.hessian.output_count()];
        self.hessian.run(&mut memory[1], &[at, direction].concat(), &mut outputs)?;
        Ok(outputs)
    }
}
