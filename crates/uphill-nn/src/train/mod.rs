//! Training: the slides' algorithm, with the choices that it leaves open as settings.
//!
//! Choose weights; compute P; while it is not satisfactory, evaluate each input vector, add up all Δw, and move uphill
//! at rate r. [`Trainer`] collects the settings, `run.rs` is the loop, and every other file here is one choice.

mod diverged;
mod history;
mod method;
mod order;
mod outcome;
mod rate;
mod run;
mod start;
mod state;
mod stop;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub use history::{History, Row};
pub use method::Method;
pub use order::Order;
pub use outcome::{BestOnValidation, Change, Outcome};
pub use rate::Rate;
use serde::{Deserialize, Serialize};
pub use start::Start;
pub use state::TrainingState;
pub use stop::{Reason, Rule, Stop};
use uphill_ranks::Communicator;

use crate::error::Error;
use crate::network::Network;
use crate::performance::{Erased, Performance};
use crate::problem::Problem;
use crate::samples::Samples;

/// The most changes that a training makes if no [`Stop::changes`] says otherwise.
pub const DEFAULT_LIMIT: usize = 1_000_000;

/// Which slope of the squared error drives the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Convention {
    /// The true gradient: `β_z = ∂P/∂o_z = 2(d_z − o_z)` (slide "How to compute the β's").
    #[default]
    Slides,
    /// The book leaves out the factor: `β_z = d_z − o_z`. Every change is half of the true gradient's, for whatever
    /// performance: the same as half the rate. Reported performances and gradient lengths stay the true ones.
    Book,
}

impl Convention {
    /// What the rate is multiplied by.
    #[must_use]
    pub fn factor(self) -> f64 {
        match self {
            Convention::Slides => 1.0,
            Convention::Book => 0.5,
        }
    }
}

type Callback<'a> = Box<dyn FnMut(&Change<'_>) -> ControlFlow<()> + 'a>;

/// Settings of a training (slide "Backpropagation Neural Net Training Algorithm"), then [`Trainer::train`].
///
/// Without further settings: weights drawn evenly from −½ to ½ with seed 0, rate 0.1, all samples in each change, plain
/// steps along the true gradient.
///
/// ```
/// use uphill_nn::{Method, Network, Order, Samples, SquaredError, Stop, Trainer};
///
/// let network = Network::layered(&[1, 1]).build()?;
/// let samples = Samples::new([[0.0], [1.0]], [[0.0], [1.0]])?;
/// let outcome = Trainer::new(&network, SquaredError, &samples)
///     .method(Method::adam())
///     .order(Order::MiniBatch { size: 1, shuffled: true })
///     .seed(42)
///     .stop(Stop::performance(-0.01))
///     .stop(Stop::changes(2000))
///     .train()?;
/// assert!(outcome.performance > -0.01);
/// # Ok::<(), uphill_nn::Error>(())
/// ```
pub struct Trainer<'a> {
    task: Task,
    interrupt: Option<Arc<AtomicBool>>,
    ranks: Option<Arc<dyn Communicator>>,
    start: Start,
    seed: u64,
    rate: Rate,
    convention: Convention,
    order: Order,
    method: Method,
    stops: Vec<Stop>,
    validation: Option<(Samples, usize)>,
    history: History,
    callback: Option<Callback<'a>>,
    resume: Option<TrainingState>,
}

/// What is trained, recorded already or not.
enum Task {
    Parts { network: Network, performance: Arc<dyn Erased>, samples: Samples },
    Problem(Problem),
}

impl Task {
    fn performance_name(&self) -> String {
        match self {
            Task::Parts { performance, .. } => performance.name(),
            Task::Problem(problem) => problem.performance_name(),
        }
    }

    fn problem(self) -> Result<Problem, Error> {
        match self {
            Task::Parts { network, performance, samples } => {
                Problem::from_erased(network, performance, samples)
            }
            Task::Problem(problem) => Ok(problem),
        }
    }
}

impl std::fmt::Debug for Trainer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trainer")
            .field("performance", &self.task.performance_name())
            .field("start", &self.start)
            .field("seed", &self.seed)
            .field("rate", &self.rate)
            .field("convention", &self.convention)
            .field("order", &self.order)
            .field("method", &self.method)
            .field("stops", &self.stops)
            .finish_non_exhaustive()
    }
}

impl<'a> Trainer<'a> {
    /// Training of a network on samples for a performance.
    #[must_use]
    pub fn new(network: &Network, performance: impl Performance, samples: &Samples) -> Trainer<'a> {
        let (network, performance, samples) =
            (network.clone(), Arc::new(performance), samples.clone());
        Trainer::with(Task::Parts { network, performance, samples })
    }

    /// Training of a problem's network on its samples for its performance. What the problem has recorded and compiled is
    /// used, and what the training compiles stays with the problem: to evaluate what was trained costs no compilation.
    ///
    /// ```
    /// use uphill_nn::{Network, Problem, Samples, SquaredError, Stop, Trainer};
    ///
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let samples = Samples::new([[0.0], [1.0]], [[0.0], [1.0]])?;
    /// let problem = Problem::new(&network, SquaredError, &samples)?;
    /// let outcome = Trainer::of(&problem).stop(Stop::changes(10)).train()?;
    /// assert_eq!(outcome.performance, problem.with_gradient(&outcome.weights)?.0);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    #[must_use]
    pub fn of(problem: &Problem) -> Trainer<'a> {
        Trainer::with(Task::Problem(problem.clone()))
    }

    fn with(task: Task) -> Trainer<'a> {
        Trainer {
            task,
            interrupt: None,
            ranks: None,
            start: Start::Uniform(0.5),
            seed: 0,
            rate: Rate::Constant(0.1),
            convention: Convention::default(),
            order: Order::default(),
            method: Method::default(),
            stops: Vec::new(),
            validation: None,
            history: History::default(),
            callback: None,
            resume: None,
        }
    }

    /// How the first weights are chosen.
    #[must_use]
    pub fn start(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// The first weights, in the order of [`Network::weights`].
    #[must_use]
    pub fn weights(self, weights: &[f64]) -> Self {
        self.start(Start::Given(weights.to_vec()))
    }

    /// The seed of all random choices: first weights and shuffles. The same seed gives the same bits.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The learning rate r, a number or a schedule.
    #[must_use]
    pub fn rate(mut self, rate: impl Into<Rate>) -> Self {
        self.rate = rate.into();
        self
    }

    /// The true gradient, or the book's half.
    #[must_use]
    pub fn convention(mut self, convention: Convention) -> Self {
        self.convention = convention;
        self
    }

    /// Which samples each change looks at.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// What is made of the gradient.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Adds a stop rule; training stops as soon as one of them holds. Without a limit on changes among them,
    /// [`DEFAULT_LIMIT`] is one.
    #[must_use]
    pub fn stop(mut self, stop: Stop) -> Self {
        self.stops.push(stop);
        self
    }

    /// Looks at validation samples too, which are kept out of the climb, and stops when P a sample
    /// ([`Problem::performance_per_sample`](crate::Problem::performance_per_sample)) on them has not risen over
    /// `patience` changes (early stopping). The weights that were best on them are in [`Outcome::validation`].
    #[must_use]
    pub fn validation(mut self, samples: &Samples, patience: usize) -> Self {
        self.validation = Some((samples.clone(), patience));
        self
    }

    /// How often a row of the history is kept.
    #[must_use]
    pub fn history(mut self, history: History) -> Self {
        self.history = history;
        self
    }

    /// Calls this before each change and once at the end; [`ControlFlow::Break`] stops.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use uphill_nn::{Network, Reason, Samples, SquaredError, Trainer};
    ///
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let samples = Samples::new([[1.0]], [[1.0]])?;
    /// let mut performances = Vec::new();
    /// let outcome = Trainer::new(&network, SquaredError, &samples)
    ///     .on_change(|change| {
    ///         performances.push(change.performance);
    ///         if change.number == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    ///     })
    ///     .train()?;
    /// assert_eq!((outcome.changes, outcome.reason), (3, Reason::Callback));
    /// assert!(performances.is_sorted() && performances.len() == 4);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    #[must_use]
    pub fn on_change(mut self, callback: impl FnMut(&Change<'_>) -> ControlFlow<()> + 'a) -> Self {
        self.callback = Some(Box::new(callback));
        self
    }

    /// Stops once this flag is raised, in the middle of a change, too: the outcome is then what the last whole change
    /// left, with [`Reason::Interrupted`].
    ///
    /// The flag is looked at before each tile of at most 192 samples, so whoever raises it, a handler of Ctrl-C or
    /// another thread, waits for no more than that. Recording and compiling, before the first change, are not
    /// interrupted.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use uphill_nn::{Network, Reason, Samples, SquaredError, Stop, Trainer};
    ///
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let samples = Samples::new([[1.0]], [[1.0]])?;
    /// let flag = Arc::new(AtomicBool::new(false));
    /// let outcome = Trainer::new(&network, SquaredError, &samples)
    ///     .interrupted_by(Arc::clone(&flag))
    ///     .on_change(|change| {
    ///         flag.store(change.number == 3, Ordering::Relaxed);
    ///         std::ops::ControlFlow::Continue(())
    ///     })
    ///     .train()?;
    /// assert_eq!((outcome.changes, outcome.reason), (3, Reason::Interrupted));
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    #[must_use]
    pub fn interrupted_by(mut self, flag: Arc<AtomicBool>) -> Self {
        self.interrupt = Some(flag);
        self
    }

    /// Trains together with other ranks: the samples, and those for validation, are this rank's part of those of all, as
    /// [`share`](uphill_ranks::share) says. All ranks have the same outcome, bit for bit, and it is that of one rank with all
    /// samples; so a state that some ranks left, others may resume. Each change looks at all samples: other orders are
    /// refused where there are several ranks.
    ///
    /// All ranks must have the same settings. A flag that is raised on one of them, and a callback that breaks, stop all. A
    /// callback must not ask for a state that isn't known, as under rules that don't look at P, unless all ranks' do.
    #[must_use]
    pub fn among(mut self, ranks: Arc<dyn Communicator>) -> Self {
        self.ranks = Some(ranks);
        self
    }

    /// Goes on from where another training stood, with the same bits as if it had not stopped.
    ///
    /// Network, performance, samples, seed, order, method and convention must be as they were; the rate, the stop
    /// rules, history and callback may differ. The start is not used.
    #[must_use]
    pub fn resume(mut self, state: TrainingState) -> Self {
        self.resume = Some(state);
        self
    }

    /// Trains.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for settings that can't be used, or if nothing says when to stop; [`Error::Samples`] if the
    /// samples don't fit; [`Error::Resume`] if the state belongs to another training; [`Error::Diverged`] where numbers
    /// become infinite or NaN, with the last good weights.
    ///
    /// # Complexity
    ///
    /// A change costs a small multiple of one evaluation of the network for each sample that it looks at.
    pub fn train(self) -> Result<Outcome, Error> {
        run::train(self)
    }
}
