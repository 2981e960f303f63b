//! A network, a performance function and samples, put together: P, ∇P and Hessian-vector products at any weights.
//!
//! One sample's term is recorded once, with weights as variables and the sample as parameters; its gradient graph runs
//! for each sample, the results are summed in a fixed shape, and the chain rule through the outer function follows.

use std::sync::{Arc, OnceLock};

use uphill_graph::{Function, Scalar};

use crate::error::{Error, check_length};
use crate::network::Network;
use crate::performance::{Erased, Performance};
use crate::samples::Samples;
use crate::sum::sum_over_rows;

/// What is to be maximised: P as a function of the weights.
///
/// ```
/// use uphill_nn::{Network, Problem, Samples, SquaredError};
///
/// let network = Network::layered(&[1, 1]).build()?; // o = f(w·x − t)
/// let samples = Samples::new([[1.0]], [[1.0]])?;
/// let problem = Problem::new(&network, SquaredError, &samples)?;
/// assert_eq!(problem.performance(&[2.0, 2.0])?, -0.25);
/// // ∂P/∂w = o_i·o_j(1 − o_j)·β_j = 1 · ¼ · 2(1 − ½)
/// assert_eq!(problem.gradient(&[2.0, 2.0])?, [0.25, -0.25]);
/// # Ok::<(), uphill_nn::Error>(())
/// ```
#[derive(Clone)]
pub struct Problem {
    network: Network,
    samples: Samples,
    performance: Arc<dyn Erased>,
    term: Function,
    term_gradient: Function,
    regularise: Function,
    regularise_gradient: Function,
    products: OnceLock<Products>,
    all_rows: Arc<[usize]>,
}

/// Hessian-vector products, recorded when first asked for.
#[derive(Clone)]
struct Products {
    term: Function,
    regularise: Function,
}

impl std::fmt::Debug for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Problem")
            .field("performance", &self.performance.name())
            .field("weights", &self.network.weight_count())
            .field("samples", &self.samples.len())
            .finish_non_exhaustive()
    }
}

impl Problem {
    /// Records the performance of this network on these samples.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if the samples don't fit the network or the performance; [`Error::Graph`] if the recording
    /// fails.
    ///
    /// # Complexity
    ///
    /// One recording of the network, whatever the number of samples.
    pub fn new(
        network: &Network,
        performance: impl Performance,
        samples: &Samples,
    ) -> Result<Problem, Error> {
        Problem::from_erased(network.clone(), Arc::new(performance), samples.clone())
    }

    pub(crate) fn from_erased(
        network: Network,
        performance: Arc<dyn Erased>,
        samples: Samples,
    ) -> Result<Problem, Error> {
        samples.check_shape(&network)?;
        samples.check_desired(performance.desired_range())?;
        let term = performance.term(&network)?;
        let regularise = performance.regularise(&network)?;
        Ok(Problem {
            term_gradient: term.with_gradient()?,
            regularise_gradient: regularise.with_gradient()?,
            all_rows: (0..samples.len()).collect(),
            network,
            samples,
            performance,
            term,
            regularise,
            products: OnceLock::new(),
        })
    }

    /// The same network and performance on other samples: held-out data, say. Nothing is recorded again.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if they don't fit.
    pub fn with_samples(&self, samples: &Samples) -> Result<Problem, Error> {
        samples.check_shape(&self.network)?;
        samples.check_desired(self.performance.desired_range())?;
        let all_rows = (0..samples.len()).collect();
        Ok(Problem { samples: samples.clone(), all_rows, ..self.clone() })
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The samples.
    #[must_use]
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The name of the performance function.
    #[must_use]
    pub fn performance_name(&self) -> String {
        self.performance.name()
    }

    /// The term of one sample as a function, to print, explain or trace: variables are the weights, parameters the
    /// inputs and the desired outputs, the latter named `d(A)` for an output `A`.
    #[must_use]
    pub fn term(&self) -> &Function {
        &self.term
    }

    /// P at these weights.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::WeightNotFinite`]. P itself may be infinite or NaN.
    ///
    /// # Complexity
    ///
    /// One evaluation of the network a sample.
    pub fn performance(&self, weights: &[f64]) -> Result<f64, Error> {
        self.network.check_weights(weights)?;
        let sum = self.sum(&self.term, &self.all_rows, weights, &[])?[0];
        let count = self.samples.len();
        let value = self.performance.outer(sum, count, self.network.output_count())[0];
        Ok(value + self.regularise.eval(weights)?[0] * self.performance.share(count, count))
    }

    /// ∇P at these weights: the slides' Δw for each weight at rate 1, added up over all samples.
    ///
    /// Entries of frozen weights are exactly 0.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::WeightNotFinite`].
    ///
    /// # Complexity
    ///
    /// A small multiple of [`Problem::performance`], whatever the number of weights.
    pub fn gradient(&self, weights: &[f64]) -> Result<Vec<f64>, Error> {
        Ok(self.with_gradient(weights)?.1)
    }

    /// P and ∇P, with the work for both done once.
    ///
    /// # Errors
    ///
    /// As [`Problem::gradient`].
    pub fn with_gradient(&self, weights: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        self.network.check_weights(weights)?;
        self.of_rows(&self.all_rows, weights)
    }

    /// P and ∇P over some of the rows.
    pub(crate) fn of_rows(
        &self,
        rows: &[usize],
        weights: &[f64],
    ) -> Result<(f64, Vec<f64>), Error> {
        let mut sums = self.sum(&self.term_gradient, rows, weights, &[])?;
        let mut gradient = sums.split_off(1);
        let outputs = self.network.output_count();
        let [value, slope, _] = self.performance.outer(sums[0], rows.len(), outputs);
        let share = self.performance.share(rows.len(), self.samples.len());
        let regularise = self.regularise_gradient.eval(weights)?;
        for (entry, (&own, weight)) in
            gradient.iter_mut().zip(regularise[1..].iter().zip(self.network.weights()))
        {
            // An entry that is exactly 0 stays 0, even where the slope is infinite: √ at a perfect fit.
            let chained = entry.strong_product(slope) + own.strong_product(share);
            *entry = if weight.frozen { 0.0 } else { chained };
        }
        Ok((value + regularise[0] * share, gradient))
    }

    /// The product of the Hessian of P with a direction, without the Hessian.
    ///
    /// Frozen weights are held: their entries of the direction count as 0, and so do those of the result.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::WeightNotFinite`]; [`Error::Graph`] if the recording fails, at the first call:
    /// it names the direction of a weight `w` `dw`, which no other weight or input may be named.
    ///
    /// # Complexity
    ///
    /// A small multiple of [`Problem::gradient`]. The first call records the product once.
    ///
    /// ```
    /// use uphill_nn::{Activation, Network, Problem, Samples, SquaredError};
    /// let line = Network::layered(&[1, 1]).activation(Activation::Identity).no_offset().build()?;
    /// let samples = Samples::new([[3.0]], [[1.0]])?;
    /// let problem = Problem::new(&line, SquaredError, &samples)?; // P = −(1 − 3w)²
    /// assert_eq!(problem.hessian_vector(&[0.5], &[1.0])?, [-18.0]);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn hessian_vector(&self, weights: &[f64], direction: &[f64]) -> Result<Vec<f64>, Error> {
        self.network.check_weights(weights)?;
        check_length("the direction", weights.len(), direction.len())?;
        let free = |values: &[f64]| -> Vec<f64> {
            let pairs = values.iter().zip(self.network.weights());
            pairs.map(|(&value, weight)| if weight.frozen { 0.0 } else { value }).collect()
        };
        let direction = free(direction);
        let products = self.products()?;
        let (rows, count) = (&self.all_rows, self.samples.len());
        let curved = self.sum(&products.term, rows, weights, &direction)?;
        let sums = self.sum(&self.term_gradient, rows, weights, &[])?;
        let outputs = self.network.output_count();
        let [_, slope, curvature] = self.performance.outer(sums[0], count, outputs);
        let along = f64::dot(&sums[1..], &direction);
        let own = products.regularise.eval(&[weights, &direction].concat())?;
        let share = self.performance.share(count, count);
        let entries = curved.iter().zip(&sums[1..]).zip(own).map(|((&product, &entry), own)| {
            let bent = (along * entry).strong_product(curvature);
            product.strong_product(slope) + bent + own.strong_product(share)
        });
        Ok(free(&entries.collect::<Vec<f64>>()))
    }

    fn products(&self) -> Result<&Products, Error> {
        if let Some(products) = self.products.get() {
            return Ok(products);
        }
        let products = Products { term: self.term.hvp()?, regularise: self.regularise.hvp()? };
        Ok(self.products.get_or_init(|| products))
    }

    /// The sum over rows of all outputs of a function of weights, inputs, desired outputs and a tail.
    fn sum(
        &self,
        function: &Function,
        rows: &[usize],
        weights: &[f64],
        tail: &[f64],
    ) -> Result<Vec<f64>, Error> {
        sum_over_rows(rows, function.outputs().len(), &|rows, sum| {
            let mut inputs = Vec::with_capacity(function.inputs().len());
            inputs.extend_from_slice(weights);
            for &row in rows {
                inputs.truncate(weights.len());
                inputs.extend_from_slice(self.samples.inputs(row));
                inputs.extend_from_slice(self.samples.desired(row));
                inputs.extend_from_slice(tail);
                for (sum, term) in sum.iter_mut().zip(function.eval(&inputs)?) {
                    *sum += term;
                }
            }
            Ok(())
        })
    }

    /// The computed outputs for each sample.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::WeightNotFinite`].
    pub fn computed(&self, weights: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        self.network.check_weights(weights)?;
        Ok(self.samples.rows().map(|(inputs, _)| self.network.outputs(weights, inputs)).collect())
    }

    /// The largest |d − o| over all samples and outputs; NaN if any output is.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::WeightNotFinite`].
    pub fn largest_error(&self, weights: &[f64]) -> Result<f64, Error> {
        self.network.check_weights(weights)?;
        let errors = self.samples.rows().flat_map(|(inputs, desired)| {
            let computed = self.network.outputs(weights, inputs);
            desired.iter().zip(computed).map(|(d, o)| (d - o).abs()).collect::<Vec<f64>>()
        });
        Ok(errors.fold(0.0, |largest: f64, error| Scalar::max(largest, error)))
    }
}
