//! Draws from the posterior of a fit's parameters.

use pyo3::prelude::*;

use crate::error::Raise;

/// Draws from the posterior of a fit's parameters, made by `uphill.sample`: `print(posterior)` shows what they tell.
///
/// `posterior.draws("a")` has a row a chain and a column a draw; numbers of one place in two of these arrays belong together.
#[pyclass(frozen, module = "uphill", name = "Posterior")]
pub(crate) struct Posterior {
    pub(crate) posterior: uphill_solve::Posterior,
}

#[pymethods]
impl Posterior {
    /// The names of the parameters that were free, in the model's order.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.posterior.names().to_vec()
    }

    /// The number of chains.
    #[getter]
    fn chains(&self) -> usize {
        self.posterior.chains()
    }

    /// How many draws diverged: a few in a thousand do little harm, many tell of a corner that the sampler can't get into.
    #[getter]
    fn divergences(&self) -> usize {
        self.posterior.divergences()
    }

    /// The draws of a parameter: an array with a row a chain.
    fn draws(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let draws = numpy::PyArray1::from_slice(py, self.posterior.draws(name).raise()?);
        Ok(draws.call_method1("reshape", (self.posterior.chains(), -1))?.unbind())
    }

    /// The mean of a parameter.
    fn mean(&self, name: &str) -> PyResult<f64> {
        self.posterior.mean(name).raise()
    }

    /// The standard deviation of a parameter: what a standard error is to a fit.
    fn standard_deviation(&self, name: &str) -> PyResult<f64> {
        self.posterior.standard_deviation(name).raise()
    }

    /// The covariances of the parameters, in the order of `names`.
    #[getter]
    fn covariance(&self) -> Vec<Vec<f64>> {
        self.posterior.covariance()
    }

    /// The number below which a parameter is with this probability.
    fn quantile(&self, name: &str, probability: f64) -> PyResult<f64> {
        self.posterior.quantile(name, probability).raise()
    }

    /// Between which numbers a parameter is with this probability, with as much left over on both sides.
    #[pyo3(signature = (name, probability = 0.95))]
    fn interval(&self, name: &str, probability: f64) -> PyResult<(f64, f64)> {
        self.posterior.interval(name, probability).raise()
    }

    /// By how much the spread of all draws is greater than that within halves of chains: near 1 where chains agree, and more
    /// than 1.01 where they have not come to one distribution yet.
    fn r_hat(&self, name: &str) -> PyResult<f64> {
        self.posterior.r_hat(name).raise()
    }

    /// How many independent draws would tell the mean as well.
    fn effective_draws(&self, name: &str) -> PyResult<f64> {
        self.posterior.effective_draws(name).raise()
    }

    fn __str__(&self) -> String {
        self.posterior.to_string()
    }

    fn __repr__(&self) -> String {
        self.posterior.to_string()
    }
}
