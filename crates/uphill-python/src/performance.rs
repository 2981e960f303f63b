//! Performances of networks: named ones and recorded ones, over tables of numpy; P of all samples as a function of the weights.

use std::ops::RangeInclusive;
use std::sync::Arc;

use pyo3::prelude::*;
use uphill_graph::Scalar;
use uphill_nn::{
    BinaryCrossEntropy, BinaryCrossEntropyOfSums, CategoricalCrossEntropy,
    CategoricalCrossEntropyOfSums, NegativeRms, Performance, Problem, Samples, SquaredError,
    WeightDecay,
};

use crate::error::{self, Raise, Raised};
use crate::function::Function;
use crate::network::{Network, table};

/// A performance that was named, or recorded by Python.
#[derive(Clone)]
pub(crate) enum Chosen {
    Squared,
    Rms,
    Binary,
    BinaryOfSums,
    Categorical,
    CategoricalOfSums,
    /// A function of desired and then computed outputs.
    Own(Arc<uphill_graph::Function>),
}

macro_rules! each {
    ($chosen:expr, $name:ident => $code:expr, $function:ident => $own:expr) => {
        match $chosen {
            Chosen::Squared => {
                let $name = SquaredError;
                $code
            }
            Chosen::Rms => {
                let $name = NegativeRms;
                $code
            }
            Chosen::Binary => {
                let $name = BinaryCrossEntropy;
                $code
            }
            Chosen::BinaryOfSums => {
                let $name = BinaryCrossEntropyOfSums;
                $code
            }
            Chosen::Categorical => {
                let $name = CategoricalCrossEntropy;
                $code
            }
            Chosen::CategoricalOfSums => {
                let $name = CategoricalCrossEntropyOfSums;
                $code
            }
            Chosen::Own($function) => $own,
        }
    };
}

impl Performance for Chosen {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        each!(self, named => named.term(desired, computed), function => {
            // As many inputs as outputs of the network, and one result: checked before.
            let both = [desired, computed].concat();
            function.eval_scalar(&both).map_or(S::constant(f64::NAN), |results| results[0])
        })
    }

    fn outer<S: Scalar>(&self, sum: S, samples: S, outputs: usize) -> S {
        each!(self, named => named.outer(sum, samples, outputs), _own => sum)
    }

    fn regularise<S: Scalar>(&self, weights: &[S]) -> S {
        each!(self, named => named.regularise(weights), _own => S::constant(0.0))
    }

    fn share(&self, batch: usize, samples: usize) -> f64 {
        each!(self, named => named.share(batch, samples), _own => batch as f64 / samples as f64)
    }

    fn desired_range(&self) -> RangeInclusive<f64> {
        each!(self, named => named.desired_range(), _own => f64::MIN..=f64::MAX)
    }

    fn name(&self) -> String {
        each!(self, named => named.name(), function => function.signature())
    }
}

/// The performance that is meant, of a network with so many outputs.
pub(crate) fn chosen(given: &Bound<'_, PyAny>, outputs: usize) -> PyResult<Chosen> {
    if let Ok(own) = given.cast::<Function>() {
        let function = own.get().function.clone();
        if (function.inputs().len(), function.output_count()) != (2 * outputs, 1) {
            return Err(error::input(format!(
                "a performance is a function of {outputs} desired and {outputs} computed outputs with one result, a sample's \
                 term; this one is {}",
                function.signature()
            )));
        }
        return Ok(Chosen::Own(function));
    }
    let name: String = given.extract()?;
    Ok(match name.as_str() {
        "squared error" => Chosen::Squared,
        "root mean square" => Chosen::Rms,
        "binary cross-entropy" => Chosen::Binary,
        "binary cross-entropy of sums" => Chosen::BinaryOfSums,
        "cross-entropy" => Chosen::Categorical,
        "cross-entropy of sums" => Chosen::CategoricalOfSums,
        other => {
            return Err(error::unknown(format!(
                "no performance is named `{other}`; known: squared error, root mean square, binary cross-entropy, \
                 cross-entropy, and both of sums; or a function of desired and computed outputs"
            )));
        }
    })
}

/// Rows of inputs and desired outputs that fit a network.
pub(crate) fn samples(
    network: &uphill_nn::Network,
    inputs: &Bound<'_, PyAny>,
    desired: &Bound<'_, PyAny>,
) -> PyResult<Samples> {
    let (inputs, width) = table(inputs, "inputs")?;
    let (desired, labels) = table(desired, "desired outputs")?;
    for (what, expected, got) in [
        ("inputs", network.inputs().len(), width),
        ("desired outputs", network.output_count(), labels),
    ] {
        if expected != got {
            return Err(error::input(format!(
                "{what}: the network has {expected}, the table has {got} columns"
            )));
        }
    }
    Samples::from_flat(&inputs, width, &desired, labels).raise()
}

/// P of a network over samples, as a function of its weights.
#[pyfunction]
pub(crate) fn _performance(
    py: Python<'_>,
    network: PyRef<'_, Network>,
    inputs: &Bound<'_, PyAny>,
    desired: &Bound<'_, PyAny>,
    performance: &Bound<'_, PyAny>,
    weight_decay: f64,
) -> PyResult<Function> {
    let rows = samples(&network.network, inputs, desired)?;
    let performance = chosen(performance, network.network.output_count())?;
    let network = network.network.clone();
    let function = py.detach(|| {
        let problem = match weight_decay {
            0.0 => Problem::new(&network, performance, &rows),
            strength => Problem::new(&network, WeightDecay { of: performance, strength }, &rows),
        };
        whole(&problem.raise()?, &rows)
    });
    Ok(Function::plain(function?))
}

/// P of all samples, as a loop over their rows, in a function of the weights.
fn whole(problem: &Problem, rows: &Samples) -> PyResult<uphill_graph::Function> {
    let term = problem.term();
    let inputs = term.inputs();
    let columns = (0..inputs.len()).filter(|&k| !inputs.is_variable(k)).map(|k| inputs.name(k));
    let over = uphill_engine::OverSamples::new(term.clone(), columns).raise()?.sum();
    let flat: Vec<f64> =
        rows.rows().flat_map(|(inputs, desired)| inputs.iter().chain(desired).copied()).collect();
    let width = rows.input_count() + rows.desired_count();
    let table = uphill_engine::Samples::rows(&flat, width).raise()?;
    let (sum, outer) = (over.over(&table).raise()?, problem.whole().raise()?);
    let weights: Vec<String> = sum.input_names().collect();
    let mut failed = None;
    let function = uphill_graph::Function::record_many(weights, |w| {
        composed(&sum, &outer, w).unwrap_or_else(|error| {
            failed = Some(error);
            Vec::new()
        })
    });
    match failed {
        Some(error) => Err(error.raised()),
        None => function.raise(),
    }
}

/// What `outer` makes of a sum at these weights.
fn composed<S: Scalar>(
    sum: &uphill_graph::Function,
    outer: &uphill_graph::Function,
    w: &[S],
) -> Result<Vec<S>, uphill_graph::Error> {
    let sum = sum.eval_scalar(w)?;
    outer.eval_scalar(&[&sum, w].concat())
}
