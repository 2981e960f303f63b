//! The formulas: σ and o forwards, β backwards, and Δw from both.
//!
//! Three short functions hold all of the lecture's mathematics: `Forward::of` (σ, o, o(1−o)),
//! `betas` (last layer and earlier layers) and `add_changes` (Δw at rate 1). Around them are the checks
//! of a user's numbers and the sum over samples, as in "Add all Δw's computed for all input vectors".

use super::error::{finite, length};
use super::network::Source;
use super::{Ascent, Convention, Error, Network, Performance, Rule, Sample};

/// σ, o and o(1−o) of every place for one sample; an input has only o.
pub(super) struct Forward {
    pub(super) sigma: Vec<f64>,
    pub(super) computed: Vec<f64>,
    pub(super) slope: Vec<f64>,
}

/// The value at the source of an edge.
pub(super) fn value(source: Source, computed: &[f64]) -> f64 {
    match source {
        Source::Place(place) => computed[place],
        Source::Constant(constant) => constant,
    }
}

/// f(σ) = 1/(1 + e^(−σ)) and 1 − f(σ) = f(−σ), both to full relative precision and without overflow.
fn sigmoid_and_complement(sigma: f64) -> (f64, f64) {
    let e = (-sigma.abs()).exp();
    let (large, small) = (1.0 / (1.0 + e), e / (1.0 + e));
    if sigma >= 0.0 { (large, small) } else { (small, large) }
}

impl Forward {
    /// Evaluates the network on the inputs of one sample; `sample` words it in errors.
    fn of(
        network: &Network,
        weights: &[f64],
        inputs: &[f64],
        sample: &dyn Fn() -> String,
    ) -> Result<Self, Error> {
        let names = &network.structure().inputs;
        length(names.len(), inputs.len(), || format!("inputs{}", sample()))?;
        for (name, &input) in names.iter().zip(inputs) {
            finite(input, || format!("input {name:?}{}", sample()))?;
        }
        let places = network.incoming.len();
        let mut forward = Forward {
            sigma: vec![0.0; places],
            computed: vec![0.0; places],
            slope: vec![0.0; places],
        };
        forward.computed[..inputs.len()].copy_from_slice(inputs);
        for &j in &network.order {
            let mut sigma = 0.0;
            for edge in &network.incoming[j] {
                sigma += weights[edge.weight] * value(edge.source, &forward.computed);
            }
            finite(sigma, || format!("σ of node {:?}{}", network.name(j), sample()))?;
            let (computed, complement) = sigmoid_and_complement(sigma);
            forward.sigma[j] = sigma;
            forward.computed[j] = computed;
            forward.slope[j] = computed * complement;
        }
        Ok(forward)
    }
}

/// The network evaluated on all samples, with what β of the last layer needs from their sum.
pub(super) struct Batch {
    pub(super) forwards: Vec<Forward>,
    pub(super) performance: f64,
    /// β_z = factor · (d_z − o_z).
    factor: f64,
}

impl Batch {
    pub(super) fn of(
        network: &Network,
        weights: &[f64],
        samples: &[Sample],
        rule: Rule,
    ) -> Result<Self, Error> {
        check_weights(network, weights, "")?;
        if samples.is_empty() {
            return Err(Error::NoSamples);
        }
        let mut squared_error = 0.0;
        let mut forwards = Vec::with_capacity(samples.len());
        for (number, sample) in samples.iter().enumerate() {
            let place = || format!(" of sample {}", number + 1);
            let forward = Forward::of(network, weights, &sample.inputs, &place)?;
            let desired = || format!("desired outputs{}", place());
            length(network.outputs.len(), sample.desired.len(), desired)?;
            for (&z, &d) in network.outputs.iter().zip(&sample.desired) {
                finite(d, || format!("desired output {:?}{}", network.name(z), place()))?;
                squared_error += (d - forward.computed[z]).powi(2);
            }
            forwards.push(forward);
        }
        finite(squared_error, || "the squared error of all samples".to_owned())?;

        let terms = samples.len() as f64 * network.outputs.len() as f64; // M·Z
        let root = (squared_error / terms).sqrt();
        let (performance, outer) = match rule.performance {
            Performance::SquaredError => (-squared_error, 1.0),
            Performance::RootMeanSquared => (-root, 1.0 / (2.0 * terms * root)),
        };
        let two = match rule.convention {
            Convention::Slides => 2.0,
            Convention::Book => 1.0,
        };
        Ok(Batch { forwards, performance, factor: two * outer })
    }

    /// β of every place for one sample; that of an input is ∂P/∂x.
    pub(super) fn betas(
        &self,
        network: &Network,
        weights: &[f64],
        forward: &Forward,
        desired: &[f64],
    ) -> Result<Vec<f64>, Error> {
        if !self.factor.is_finite() {
            return Err(Error::UndefinedGradient);
        }
        let mut beta = vec![0.0; network.incoming.len()];
        for (&z, &d) in network.outputs.iter().zip(desired) {
            beta[z] = self.factor * (d - forward.computed[z]);
        }
        let inputs = 0..network.structure().inputs.len();
        for j in network.order.iter().rev().copied().chain(inputs) {
            for &(k, weight) in &network.outgoing[j] {
                beta[j] += weights[weight] * forward.slope[k] * beta[k];
            }
        }
        Ok(beta)
    }
}

/// Adds Δw(i→j) = o_i·o_j(1−o_j)·β_j (at rate 1) of one sample to the change of each weight.
fn add_changes(network: &Network, forward: &Forward, beta: &[f64], changes: &mut [f64]) {
    for &j in &network.order {
        for edge in &network.incoming[j] {
            changes[edge.weight] +=
                value(edge.source, &forward.computed) * forward.slope[j] * beta[j];
        }
    }
}

fn check_weights(network: &Network, weights: &[f64], when: &str) -> Result<(), Error> {
    length(network.weight_count(), weights.len(), || "weights".to_owned())?;
    for (name, &weight) in network.weight_names().iter().zip(weights) {
        finite(weight, || format!("weight {name:?}{when}"))?;
    }
    Ok(())
}

/// P and the sum over all samples of Δw at rate 1.
fn performance_and_gradient(
    network: &Network,
    weights: &[f64],
    samples: &[Sample],
    rule: Rule,
) -> Result<(f64, Vec<f64>), Error> {
    let batch = Batch::of(network, weights, samples, rule)?;
    let mut changes = vec![0.0; weights.len()];
    for (forward, sample) in batch.forwards.iter().zip(samples) {
        let beta = batch.betas(network, weights, forward, &sample.desired)?;
        add_changes(network, forward, &beta, &mut changes);
    }
    for (name, &change) in network.weight_names().iter().zip(&changes) {
        finite(change, || format!("Δw of weight {name:?}"))?;
    }
    Ok((batch.performance, changes))
}

impl Network {
    /// The computed outputs o for one input vector, in the order of the network's outputs.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] or [`Error::NotFinite`].
    ///
    /// # Example
    ///
    /// ```
    /// use uphill_check::closed_form::{Network, OffsetKind};
    ///
    /// let network = Network::layered(&[1, 1], OffsetKind::Bias)?;
    /// assert_eq!(network.computed(&[1.0, -3.0], &[3.0])?, [0.5]); // f(1·3 − 3)
    /// # Ok::<(), uphill_check::closed_form::Error>(())
    /// ```
    pub fn computed(&self, weights: &[f64], inputs: &[f64]) -> Result<Vec<f64>, Error> {
        check_weights(self, weights, "")?;
        let forward = Forward::of(self, weights, inputs, &String::new)?;
        Ok(self.outputs.iter().map(|&z| forward.computed[z]).collect())
    }

    /// The performance P on all samples (slide "Measuring Performance P").
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::NotFinite`] or [`Error::NoSamples`].
    pub fn performance(
        &self,
        weights: &[f64],
        samples: &[Sample],
        performance: Performance,
    ) -> Result<f64, Error> {
        let rule = Rule { performance, ..Rule::default() };
        Ok(Batch::of(self, weights, samples, rule)?.performance)
    }

    /// The sum over all samples of Δw at rate 1, one entry for each weight.
    ///
    /// In the slides' convention this is the gradient ∂P/∂w; in the book's, half of it.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::NotFinite`], [`Error::NoSamples`], or
    /// [`Error::UndefinedGradient`] for the root mean squared error where it is 0.
    ///
    /// # Complexity
    ///
    /// Time in proportion to samples × edges.
    ///
    /// # Example
    ///
    /// One node with one weight, where ∂P/∂w = o_i·o(1−o)·2(d−o) can be done in the head:
    ///
    /// ```
    /// use uphill_check::closed_form::{Network, OffsetKind, Rule, Sample};
    ///
    /// let network = Network::layered(&[1, 1], OffsetKind::None)?;
    /// let samples = [Sample::new([4.0], [1.0])];
    /// let gradient = network.gradient(&[0.0], &samples, Rule::SLIDES)?;
    /// assert_eq!(gradient, [4.0 * (0.5 * 0.5) * (2.0 * (1.0 - 0.5))]);
    /// # Ok::<(), uphill_check::closed_form::Error>(())
    /// ```
    pub fn gradient(
        &self,
        weights: &[f64],
        samples: &[Sample],
        rule: Rule,
    ) -> Result<Vec<f64>, Error> {
        Ok(performance_and_gradient(self, weights, samples, rule)?.1)
    }

    /// Climbs `steps` times: adds up Δw over all samples, then updates all weights together.
    ///
    /// This is the loop of slide "Backpropagation Neural Net Training Algorithm" with a number of
    /// steps in place of "performance P not satisfactory". Zero steps measure P and change nothing.
    ///
    /// # Errors
    ///
    /// Those of [`Network::gradient`], and [`Error::NotFinite`] for a rate or an updated weight.
    pub fn ascend(
        &self,
        weights: &[f64],
        samples: &[Sample],
        rule: Rule,
        rate: f64,
        steps: usize,
    ) -> Result<Ascent, Error> {
        finite(rate, || "the rate".to_owned())?;
        let mut weights = weights.to_vec();
        let mut performances = Vec::new();
        for step in 1..=steps {
            let (performance, changes) = performance_and_gradient(self, &weights, samples, rule)?;
            performances.push(performance);
            for (weight, change) in weights.iter_mut().zip(&changes) {
                *weight += rate * change;
            }
            check_weights(self, &weights, &format!(" after step {step}"))?;
        }
        performances.push(self.performance(&weights, samples, rule.performance)?);
        Ok(Ascent { weights, performances })
    }
}
