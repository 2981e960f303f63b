//! Training: the lecture's algorithm on tables of numpy, with its history.

use std::ops::ControlFlow;

use numpy::PyArray1;
use pyo3::prelude::*;
use uphill_nn::{
    Convention, History, Method, Order, Outcome, Rate, Samples, Start, Stop, Trainer, WeightDecay,
};

use crate::error::{self, Raise};
use crate::network::Network;
use crate::performance::{Chosen, chosen, samples};
use crate::texts::{Page, Picture};
use crate::watch::Watch;

/// What is asked of a training.
#[derive(FromPyObject)]
pub(crate) struct Asked {
    #[pyo3(item)]
    weight_decay: f64,
    #[pyo3(item)]
    start: (String, f64, Option<Vec<f64>>),
    #[pyo3(item)]
    seed: u64,
    /// Schedule, first, factor or decay, every.
    #[pyo3(item)]
    rate: (String, f64, f64, usize),
    #[pyo3(item)]
    convention: String,
    /// Batch size, 0 for all; whether rows are shuffled.
    #[pyo3(item)]
    order: (usize, bool),
    #[pyo3(item)]
    method: (String, Vec<f64>),
    /// Rule, its numbers, how often it is looked at.
    #[pyo3(item)]
    stops: Vec<(String, f64, f64, Option<usize>)>,
    #[pyo3(item)]
    history: Option<usize>,
    #[pyo3(item)]
    keep_weights: bool,
}

fn unknown(what: &str, name: &str, known: &str) -> PyErr {
    error::unknown(format!("no {what} is named `{name}`; known: {known}"))
}

impl Asked {
    fn set<'a>(&self, mut trainer: Trainer<'a>) -> PyResult<Trainer<'a>> {
        let (kind, width, given) = &self.start;
        trainer = trainer.start(match (kind.as_str(), given) {
            (_, Some(weights)) => Start::Given(weights.clone()),
            ("uniform", _) => Start::Uniform(*width),
            ("xavier", _) => Start::Xavier,
            (other, _) => return Err(unknown("start", other, "uniform, xavier")),
        });
        let (schedule, first, factor, every) = &self.rate;
        let (first, factor, every) = (*first, *factor, *every);
        trainer = trainer.rate(match schedule.as_str() {
            "constant" => Rate::Constant(first),
            "step" => Rate::Step { first, factor, every },
            "exponential" => Rate::Exponential { first, factor, every },
            "inverse time" => Rate::InverseTime { first, decay: factor },
            other => {
                return Err(unknown(
                    "schedule",
                    other,
                    "constant, step, exponential, inverse time",
                ));
            }
        });
        trainer = trainer.convention(match self.convention.as_str() {
            "slides" => Convention::Slides,
            "book" => Convention::Book,
            other => return Err(unknown("convention", other, "slides, book")),
        });
        trainer = trainer.order(match self.order {
            (0, _) => Order::FullBatch,
            (1, shuffled) => Order::PerSample { shuffled },
            (size, shuffled) => Order::MiniBatch { size, shuffled },
        });
        let (method, numbers) = &self.method;
        trainer = trainer.method(match (method.as_str(), numbers.as_slice()) {
            ("plain", _) => Method::Plain,
            ("momentum", &[factor]) => Method::Momentum { factor },
            ("adam", &[beta1, beta2, epsilon]) => Method::Adam { beta1, beta2, epsilon },
            ("adam", _) => Method::adam(),
            (other, _) => return Err(unknown("method", other, "plain, momentum, adam")),
        });
        for (rule, number, least, every) in &self.stops {
            let mut stop = match rule.as_str() {
                "performance" => Stop::performance(*number),
                "outputs within" => Stop::outputs_within(*number),
                "gradient" => Stop::gradient_shorter_than(*number),
                "no progress" => Stop::no_progress(*number as usize, *least),
                _ => Stop::changes(*number as usize),
            };
            if let Some(every) = every {
                stop = stop.looked_at_every(*every);
            }
            trainer = trainer.stop(stop);
        }
        let mut history = match self.history {
            None => History::default(),
            Some(0) => History::none(),
            Some(every) => History::every(every),
        };
        if self.keep_weights {
            history = history.with_weights();
        }
        Ok(trainer.seed(self.seed).history(history))
    }
}

/// A change of a training, as its callback gets it.
#[pyclass(frozen, module = "uphill", name = "Change", get_all)]
pub(crate) struct Change {
    /// How many changes were made before it.
    number: usize,
    /// The rate.
    rate: f64,
    /// P before the change.
    performance: f64,
    /// The length of the gradient.
    gradient_length: f64,
    /// The weights.
    weights: Py<PyArray1<f64>>,
}

/// What a training came to; a notebook shows its curve.
#[pyclass(frozen, module = "uphill", name = "Training")]
pub(crate) struct Training {
    outcome: Outcome,
    network: uphill_nn::Network,
}

fn trainer<'a>(
    network: &uphill_nn::Network,
    performance: Chosen,
    decay: f64,
    samples: &Samples,
) -> Trainer<'a> {
    match decay {
        0.0 => Trainer::new(network, performance, samples),
        strength => Trainer::new(network, WeightDecay { of: performance, strength }, samples),
    }
}

/// Trains a network.
#[pyfunction]
#[pyo3(signature = (network, inputs, desired, performance, asked, validation, on_change, resume))]
#[expect(clippy::too_many_arguments, reason = "Python's side names them")]
pub(crate) fn _train(
    py: Python<'_>,
    network: PyRef<'_, Network>,
    inputs: &Bound<'_, PyAny>,
    desired: &Bound<'_, PyAny>,
    performance: &Bound<'_, PyAny>,
    asked: Asked,
    validation: Option<(Bound<'_, PyAny>, Bound<'_, PyAny>, usize)>,
    on_change: Option<Py<PyAny>>,
    resume: Option<PyRef<'_, Training>>,
) -> PyResult<Training> {
    let network = network.network.clone();
    let rows = samples(&network, inputs, desired)?;
    let performance = chosen(performance, network.output_count())?;
    let validation = match validation {
        Some((inputs, desired, patience)) => {
            Some((samples(&network, &inputs, &desired)?, patience))
        }
        None => None,
    };
    let resume = resume.map(|training| training.outcome.state.clone());
    py.detach(|| {
        let watch = Watch::new();
        let mut trainer = asked.set(trainer(&network, performance, asked.weight_decay, &rows))?;
        if let Some((samples, patience)) = &validation {
            trainer = trainer.validation(samples, *patience);
        }
        if let Some(state) = resume {
            trainer = trainer.resume(state);
        }
        let told = trainer.on_change(|change| {
            if watch.stops() {
                return ControlFlow::Break(());
            }
            let Some(on_change) = &on_change else { return ControlFlow::Continue(()) };
            let stops = watch.run(|py| {
                let change = Change {
                    number: change.number,
                    rate: change.rate,
                    performance: change.performance,
                    gradient_length: change.gradient_length,
                    weights: PyArray1::from_slice(py, change.weights).unbind(),
                };
                on_change.call1(py, (change,))?.is_truthy(py)
            });
            match stops {
                Some(false) => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        });
        let outcome = told.train().raise();
        watch.end(outcome.map(|outcome| Training { outcome, network: network.clone() }))
    })
}

#[pymethods]
impl Training {
    /// The weights.
    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.outcome.weights)
    }

    /// P on the samples.
    #[getter]
    fn performance(&self) -> f64 {
        self.outcome.performance
    }

    /// How many changes were made.
    #[getter]
    fn changes(&self) -> usize {
        self.outcome.changes
    }

    /// Why it stopped, in words.
    #[getter]
    fn reason(&self) -> String {
        self.outcome.reason.to_string()
    }

    /// The network that was trained.
    #[getter]
    fn network(&self) -> Network {
        Network { network: self.network.clone() }
    }

    /// The best on validation data: P, change and weights.
    #[getter]
    fn validation<'py>(&self, py: Python<'py>) -> Option<(f64, usize, Bound<'py, PyArray1<f64>>)> {
        let best = self.outcome.validation.as_ref()?;
        Some((best.performance, best.change, PyArray1::from_slice(py, &best.weights)))
    }

    /// The history as columns: change, pass, rate, performance, gradient_length, per_sample, and validation and weights where
    /// they were kept.
    #[getter]
    fn history<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyDict>> {
        let rows = &self.outcome.history;
        let columns = pyo3::types::PyDict::new(py);
        let count = |part: fn(&uphill_nn::Row) -> usize| {
            PyArray1::from_iter(py, rows.iter().map(|row| part(row) as i64))
        };
        let number =
            |part: fn(&uphill_nn::Row) -> f64| PyArray1::from_iter(py, rows.iter().map(part));
        columns.set_item("change", count(|row| row.change))?;
        columns.set_item("pass", count(|row| row.pass))?;
        columns.set_item("rate", number(|row| row.rate))?;
        columns.set_item("performance", number(|row| row.performance))?;
        columns.set_item("gradient_length", number(|row| row.gradient_length))?;
        columns.set_item("per_sample", number(|row| row.per_sample))?;
        if rows.iter().any(|row| row.validation.is_some()) {
            columns.set_item("validation", number(|row| row.validation.unwrap_or(f64::NAN)))?;
        }
        let weights: Option<Vec<Vec<f64>>> = rows.iter().map(|row| row.weights.clone()).collect();
        if let Some(weights) = weights.filter(|weights| !weights.is_empty()) {
            columns.set_item("weights", numpy::PyArray2::from_vec2(py, &weights)?)?;
        }
        Ok(columns)
    }

    /// The outputs of the trained network for rows of inputs.
    fn __call__<'py>(&self, py: Python<'py>, inputs: &Bound<'py, PyAny>) -> PyResult<Py<PyAny>> {
        let network = Bound::new(py, self.network())?;
        Ok(network.call_method1("computed", (self.weights(py), inputs))?.unbind())
    }

    /// The curve of the training.
    #[pyo3(signature = (title = None))]
    fn picture(&self, title: Option<String>) -> PyResult<Picture> {
        let mut learning = uphill_pictures::Learning::of(&self.outcome.history).raise()?;
        if let Some(title) = title {
            learning = learning.title(title);
        }
        Ok(Picture { picture: learning.picture() })
    }

    /// A page to step through the training.
    #[pyo3(signature = (title = "Training"))]
    fn view(&self, title: &str) -> PyResult<Page> {
        let view = uphill_pictures::View::new(title);
        let view = match self.outcome.history.iter().all(|row| row.weights.is_some()) {
            true => view.training(&self.network, &self.outcome.history),
            false => view.learning(&self.outcome.history),
        };
        Ok(Page { html: view.and_then(|view| view.html()).raise()? })
    }

    fn _repr_svg_(&self) -> Option<String> {
        let learning = uphill_pictures::Learning::of(&self.outcome.history).ok()?;
        Some(learning.picture().svg(uphill_pictures::Theme::Light))
    }

    fn __repr__(&self) -> String {
        format!(
            "<uphill.Training: P = {} after {} changes; stopped because {}>",
            self.outcome.performance, self.outcome.changes, self.outcome.reason
        )
    }

    /// The weights, by the names that the network gives them.
    #[getter]
    fn named_weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyDict>> {
        let named = pyo3::types::PyDict::new(py);
        for (weight, number) in self.network.weights().iter().zip(&self.outcome.weights) {
            named.set_item(&weight.name, number)?;
        }
        Ok(named)
    }
}
