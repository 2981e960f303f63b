//! A network, a performance function and samples, put together: P, ∇P and Hessian-vector products at any weights.
//!
//! One sample's term is recorded once, with weights as variables and the sample as parameters. P over samples, an outer
//! function of the sum of terms, and its gradient become programs, each when it is first asked for: a training needs other
//! ones than a score does, and for a million weights each takes seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use uphill_graph::{Function, Scalar};
use uphill_ranks::{Communicator, gather_numbers};

use crate::compiled::{Interrupt, OverRows};
use crate::error::{Error, check_length};
use crate::network::Network;
use crate::performance::{Erased, Performance};
use crate::ranks::Ranks;
use crate::recorded::Recorded;
use crate::row_source::{BLOCK, Rows};
use crate::samples::Samples;

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
    recorded: Arc<Recorded>,
    samples: Samples,
    ranks: Ranks,
    interrupt: Interrupt,
}

impl std::fmt::Debug for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Problem")
            .field("performance", &self.recorded.performance.name())
            .field("weights", &self.network().weight_count())
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
    /// One recording of the network, whatever the number of samples. What is first asked for, P or ∇P or outputs, is
    /// compiled then: linear in the weights too.
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
        let recorded = Arc::new(Recorded::new(network, performance)?);
        let ranks = Ranks::alone(samples.len());
        Ok(Problem { recorded, samples, ranks, interrupt: None })
    }

    /// The same problem, whose samples are a part of those of all ranks: P and what comes of it are then those of all
    /// samples, the same bits on each rank, and the same as if one had them all. [`share`](uphill_ranks::share) says which
    /// rows a rank should have; each but the last needs a multiple of [`GRAIN`](uphill_ranks::GRAIN).
    ///
    /// From here on all ranks make the same calls in the same order. What is one number a sample, as in
    /// [`Problem::computed`], is of the rank's own. Nothing is recorded or compiled again.
    ///
    /// # Errors
    ///
    /// [`Error::Ranks`] for rows that don't lie so, and where a rank is lost.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use uphill_nn::{Network, Problem, Samples, SquaredError};
    /// use uphill_ranks::{Communicator, in_threads, share};
    ///
    /// let rows: Vec<[f64; 1]> = (0..10_000).map(|row| [f64::from(row) / 1e4]).collect();
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let all = Problem::new(&network, SquaredError, &Samples::new(&rows, &rows)?)?;
    /// let found = in_threads(2, |ranks| {
    ///     let own = &rows[share(rows.len(), ranks.rank(), ranks.count())];
    ///     let problem = Problem::new(&network, SquaredError, &Samples::new(own, own)?)?;
    ///     problem.among(Arc::new(ranks))?.gradient(&[0.5, 0.1])
    /// });
    /// for gradient in found {
    ///     assert_eq!(gradient?, all.gradient(&[0.5, 0.1])?);
    /// }
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn among(&self, ranks: Arc<dyn Communicator>) -> Result<Problem, Error> {
        let ranks = Ranks::find(ranks, self.samples.len())?;
        Ok(Problem { ranks, ..self.clone() })
    }

    /// The ranks that share the samples: this one alone, unless others were given.
    #[must_use]
    pub fn communicator(&self) -> &dyn Communicator {
        self.ranks.communicator()
    }

    /// The ranks, and where this one's samples stand.
    pub(crate) fn ranks(&self) -> &Ranks {
        &self.ranks
    }

    /// The same network and performance on other samples: validation data, say. Nothing is recorded or compiled again.
    ///
    /// # Errors
    ///
    /// [`Error::Samples`] if they don't fit.
    pub fn with_samples(&self, samples: &Samples) -> Result<Problem, Error> {
        samples.check_shape(self.network())?;
        samples.check_desired(self.recorded.performance.desired_range())?;
        let ranks = self.ranks.with(samples.len())?;
        Ok(Problem { samples: samples.clone(), ranks, ..self.clone() })
    }

    /// The same problem, which leaves what it computes over samples in the middle once this flag is raised, with the
    /// error [`uphill_engine::Error::Interrupted`]; it then waits for no more than 192 samples. Nothing is recorded or
    /// compiled again.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use uphill_nn::{Network, Problem, Samples, SquaredError};
    ///
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let samples = Samples::new([[1.0]], [[1.0]])?;
    /// let flag = Arc::new(AtomicBool::new(false));
    /// let problem = Problem::new(&network, SquaredError, &samples)?.interrupted_by(Arc::clone(&flag));
    /// assert_eq!(problem.performance(&[2.0, 2.0])?, -0.25);
    /// flag.store(true, Ordering::Relaxed); // a handler of Ctrl-C, say
    /// assert!(problem.performance(&[2.0, 2.0]).is_err_and(|error| error.is_interruption()));
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    #[must_use]
    pub fn interrupted_by(&self, flag: Arc<AtomicBool>) -> Problem {
        Problem { interrupt: Some(flag), ..self.clone() }
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.recorded.network
    }

    /// Whether the flag is raised. Among several ranks it counts where they add up, so that it counts for all of them.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.ranks.is_alone()
            && self.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// The samples.
    #[must_use]
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The name of the performance function.
    #[must_use]
    pub fn performance_name(&self) -> String {
        self.recorded.performance.name()
    }

    /// The term of one sample as a function, to print, explain or trace: variables are the weights, parameters the
    /// inputs and the desired outputs, the latter named `d(A)` for an output `A`.
    #[must_use]
    pub fn term(&self) -> &Function {
        self.recorded.term()
    }

    /// What becomes of the samples' terms, as a function: the first variable is the sum of all of them, `Σ`, the others
    /// are the weights; its value is P.
    ///
    /// With [`Problem::term`], it is all that another program needs to compute P and ∇P by the chain rule.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if the recording fails.
    ///
    /// ```
    /// use uphill_nn::{Network, Problem, Samples, SquaredError, WeightDecay};
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let samples = Samples::new([[1.0], [2.0]], [[0.0], [1.0]])?;
    /// let performance = WeightDecay { of: SquaredError, strength: 0.1 };
    /// let problem = Problem::new(&network, performance, &samples)?;
    /// let weights = [1.0, 0.0];
    /// let mut sum = 0.0;
    /// for (inputs, desired) in samples.rows() {
    ///     sum += problem.term().value(&[&weights, inputs, desired].concat())?;
    /// }
    /// let whole = problem.whole()?.value(&[sum, 1.0, 0.0])?;
    /// assert!((whole - problem.performance(&weights)?).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn whole(&self) -> Result<Function, Error> {
        let mut sum = String::from("Σ");
        while self.network().weights().iter().any(|weight| weight.name == sum) {
            sum.push('′');
        }
        self.recorded.performance.whole(self.network(), &sum, self.ranks.all())
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
        self.network().check_weights(weights)?;
        let count = self.ranks.all();
        let own = self.regularisation(weights)?;
        Ok(self.of_samples(weights)? + own * self.recorded.performance.share(count, count))
    }

    /// What the samples add to P.
    fn of_samples(&self, weights: &[f64]) -> Result<f64, Error> {
        Ok(self.total(self.recorded.performance()?, weights, &self.all_rows())?[0])
    }

    /// What the weights themselves add to P, for all samples.
    fn regularisation(&self, weights: &[f64]) -> Result<f64, Error> {
        Ok(self.recorded.regularise()?.eval(weights)?[0])
    }

    /// What the samples add to P, a sample: P without what the weights themselves add, divided by the number of samples
    /// unless it is a mean already, as RMS is. So performances on training and validation samples compare, however
    /// many there are of each.
    ///
    /// # Errors
    ///
    /// As [`Problem::performance`].
    ///
    /// ```
    /// use uphill_nn::{Network, Problem, Samples, SquaredError, WeightDecay};
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let samples = Samples::new([[1.0], [2.0]], [[0.0], [1.0]])?;
    /// let performance = WeightDecay { of: SquaredError, strength: 0.1 };
    /// let problem = Problem::new(&network, performance, &samples)?;
    /// assert_eq!(problem.performance(&[0.0, 0.0])?, -0.5); // −¼ for each sample: 0.5 is computed
    /// assert_eq!(problem.performance_per_sample(&[0.0, 0.0])?, -0.25);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn performance_per_sample(&self, weights: &[f64]) -> Result<f64, Error> {
        self.network().check_weights(weights)?;
        Ok(self.of_samples(weights)? / self.parts())
    }

    /// The same, from P over all samples.
    pub(crate) fn per_sample(&self, performance: f64, weights: &[f64]) -> Result<f64, Error> {
        let count = self.ranks.all();
        let own = self.regularisation(weights)? * self.recorded.performance.share(count, count);
        Ok((performance - own) / self.parts())
    }

    /// How many samples' parts P is the sum of: 1 for a mean, of which every batch has the whole regularisation.
    fn parts(&self) -> f64 {
        if self.recorded.performance.share(1, 2) == 1.0 { 1.0 } else { self.ranks.all() as f64 }
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
        self.network().check_weights(weights)?;
        self.of_rows(&self.all_rows(), weights)
    }

    fn all_rows(&self) -> Rows<'static> {
        Rows::Range(0..self.samples.len())
    }

    /// P and ∇P over some of the rows.
    pub(crate) fn of_rows(
        &self,
        rows: &Rows<'_>,
        weights: &[f64],
    ) -> Result<(f64, Vec<f64>), Error> {
        let mut all = self.total(self.recorded.gradient()?, weights, rows)?;
        let mut gradient = all.split_off(1);
        let share =
            self.recorded.performance.share(self.ranks.all_of(rows.len()), self.ranks.all());
        let regularise = self.recorded.regularise_gradient()?.eval(weights)?;
        for (entry, (&own, weight)) in
            gradient.iter_mut().zip(regularise[1..].iter().zip(self.network().weights()))
        {
            *entry = if weight.frozen { 0.0 } else { *entry + own * share };
        }
        Ok((all[0] + regularise[0] * share, gradient))
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
        self.network().check_weights(weights)?;
        check_length("the direction", weights.len(), direction.len())?;
        let free = |values: &[f64]| -> Vec<f64> {
            let pairs = values.iter().zip(self.network().weights());
            pairs.map(|(&value, weight)| if weight.frozen { 0.0 } else { value }).collect()
        };
        let direction = free(direction);
        let products = self.recorded.products()?;
        let count = self.ranks.all();
        let shared = [weights, &direction].concat();
        let curved = self.total(&products.of_samples, &shared, &self.all_rows())?;
        let own = products.regularise.eval(&shared)?;
        let share = self.recorded.performance.share(count, count);
        let entries = curved.iter().zip(own).map(|(&product, own)| product + own * share);
        Ok(free(&entries.collect::<Vec<f64>>()))
    }

    /// The outputs of a program over some of the rows.
    fn total(
        &self,
        program: &OverRows,
        shared: &[f64],
        rows: &Rows<'_>,
    ) -> Result<Vec<f64>, Error> {
        program.total(shared, &self.samples, rows, &self.ranks, &self.interrupt)
    }

    /// Compiles what is not compiled yet of what a training is going to ask for: the gradient; P, and the outputs, if
    /// these are wanted. For a million weights each takes seconds, and better before the first change than amid them.
    pub(crate) fn prepare(&self, performance: bool, outputs: bool) -> Result<(), Error> {
        self.recorded.gradient()?;
        self.recorded.regularise_gradient()?;
        if performance {
            self.recorded.performance()?;
        }
        if outputs {
            self.recorded.outputs()?;
        }
        Ok(())
    }

    /// The computed outputs for each sample, among ranks for each of this one's.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::WeightNotFinite`].
    pub fn computed(&self, weights: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        self.network().check_weights(weights)?;
        let mut all = Vec::with_capacity(self.samples.len());
        for block in self.all_rows().parts(BLOCK) {
            let computed = self.outputs(weights, &block)?;
            all.extend(computed.chunks(self.network().output_count()).map(<[f64]>::to_vec));
        }
        Ok(all)
    }

    /// The largest |d − o| over all samples and outputs; NaN if any output is.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::WeightNotFinite`].
    pub fn largest_error(&self, weights: &[f64]) -> Result<f64, Error> {
        self.network().check_weights(weights)?;
        let own = self.own_largest_error(weights).map(|error| vec![error]);
        let mut largest = 0.0;
        for (rank, numbers) in gather_numbers(self.communicator(), own)?.into_iter().enumerate() {
            let [error] = numbers[..] else {
                return Err(uphill_ranks::Error::Strange { rank }.into());
            };
            largest = Scalar::max(largest, error);
        }
        Ok(largest)
    }

    fn own_largest_error(&self, weights: &[f64]) -> Result<f64, Error> {
        let mut largest = 0.0;
        let samples = self.samples.len();
        for first in (0..samples).step_by(BLOCK) {
            let block = first..(first + BLOCK).min(samples);
            let computed = self.outputs(weights, &Rows::Range(block.clone()))?;
            let mut computed = computed.chunks(self.network().output_count());
            self.samples.visit(block, |_, _, desired| {
                for (d, o) in desired.iter().zip(computed.next().unwrap_or_default()) {
                    largest = Scalar::max(largest, (d - o).abs());
                }
                Ok(())
            })?;
        }
        Ok(largest)
    }

    /// The computed outputs of a block of rows, sample after sample.
    fn outputs(&self, weights: &[f64], rows: &Rows<'_>) -> Result<Vec<f64>, Error> {
        let program = self.recorded.outputs()?;
        let by_output = program.columns(weights, &self.samples, rows, &self.interrupt)?;
        let (count, samples) = (self.network().output_count(), rows.len());
        let place = |k: usize| by_output[k % count * samples + k / count];
        Ok((0..count * samples).map(place).collect())
    }
}
