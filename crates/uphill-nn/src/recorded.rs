//! What a problem records once and compiles when it is first asked for; all its clones share it.
//!
//! For a million weights a recording is hundreds of megabytes and a program takes seconds. So nothing is copied, a
//! training has other programs than a score, and weights that add nothing to P have no program at all.

use std::sync::{Arc, OnceLock};

use uphill_engine::OverSamples;
use uphill_graph::{Function, InputGroup, Inputs, Node, Recorder};

use crate::compiled::{OverRows, Weights};
use crate::error::Error;
use crate::network::Network;
use crate::performance::Erased;

/// A network and a performance function, recorded.
pub(crate) struct Recorded {
    pub(crate) network: Network,
    pub(crate) performance: Arc<dyn Erased>,
    /// P of samples, without what the weights themselves add.
    of_samples: OverSamples,
    /// The term with the names of the network, where that of P of samples has others.
    named_term: Option<Function>,
    regularise: Function,
    programs: Programs,
}

/// What was compiled.
#[derive(Default)]
struct Programs {
    performance: OnceLock<OverRows>,
    gradient: OnceLock<OverRows>,
    outputs: OnceLock<OverRows>,
    regularise: OnceLock<Weights>,
    regularise_gradient: OnceLock<Weights>,
    products: OnceLock<Products>,
}

/// Hessian-vector products, of P of samples and of what the weights add.
pub(crate) struct Products {
    pub(crate) of_samples: OverRows,
    pub(crate) regularise: Weights,
}

/// What is in its place, or is made now.
fn made<T>(place: &OnceLock<T>, make: impl FnOnce() -> Result<T, Error>) -> Result<&T, Error> {
    if let Some(known) = place.get() {
        return Ok(known);
    }
    let new = make()?;
    Ok(place.get_or_init(|| new))
}

impl Recorded {
    pub(crate) fn new(network: Network, performance: Arc<dyn Erased>) -> Result<Recorded, Error> {
        let term = performance.term(&network)?;
        let regularise = performance.regularise(&network)?;
        // The outer function asks for the number of samples by this name, so no weight may have it.
        let is_taken = network.weights().iter().any(|weight| &*weight.name == "samples");
        let (term, named_term) =
            if is_taken { (with_other_names(&term)?, Some(term)) } else { (term, None) };
        let of_samples = of_samples(&network, performance.as_ref(), term)?;
        let programs = Programs::default();
        Ok(Recorded { network, performance, of_samples, named_term, regularise, programs })
    }

    /// The term of one sample: variables are the weights, parameters the inputs and the desired outputs.
    pub(crate) fn term(&self) -> &Function {
        self.named_term.as_ref().unwrap_or(self.of_samples.term())
    }

    /// P of samples.
    pub(crate) fn performance(&self) -> Result<&OverRows, Error> {
        made(&self.programs.performance, || OverRows::new(&self.of_samples))
    }

    /// That, and its gradient.
    pub(crate) fn gradient(&self) -> Result<&OverRows, Error> {
        made(&self.programs.gradient, || OverRows::new(&self.of_samples.with_gradient()?))
    }

    /// The outputs of the network.
    pub(crate) fn outputs(&self) -> Result<&OverRows, Error> {
        made(&self.programs.outputs, || {
            OverRows::new(&OverSamples::new(self.network.function()?, self.network.inputs())?)
        })
    }

    /// What the weights themselves add to P.
    pub(crate) fn regularise(&self) -> Result<&Weights, Error> {
        made(&self.programs.regularise, || Weights::new(&self.regularise))
    }

    /// That, and its gradient.
    pub(crate) fn regularise_gradient(&self) -> Result<&Weights, Error> {
        made(&self.programs.regularise_gradient, || match self.always_added() {
            Some(number) => {
                let mut known = vec![0.0; 1 + self.network.weight_count()];
                known[0] = number;
                Ok(Weights::Known(known))
            }
            None => Weights::new(&self.regularise.with_gradient()?),
        })
    }

    /// What the weights add to P, where it is one number whatever they are: nothing, for most performances.
    fn always_added(&self) -> Option<f64> {
        match self.regularise.graph().node(self.regularise.outputs()[0].node) {
            Node::Constant(number) => Some(number),
            _ => None,
        }
    }

    /// The Hessian-vector products.
    pub(crate) fn products(&self) -> Result<&Products, Error> {
        made(&self.programs.products, || {
            Ok(Products {
                of_samples: OverRows::new(&self.of_samples.hvp()?)?,
                regularise: Weights::new(&self.regularise.hvp()?)?,
            })
        })
    }
}

/// P of samples, as a function over them: the outer function of the sum of terms.
fn of_samples(
    network: &Network,
    performance: &dyn Erased,
    term: Function,
) -> Result<OverSamples, Error> {
    let first = network.weight_count();
    let count = network.inputs().len() + network.output_count();
    let columns: Vec<String> =
        (first..first + count).map(|position| term.inputs().name(position)).collect();
    let sum = term.outputs()[0].name.clone();
    let sums = OverSamples::new(term, columns)?.sum();
    Ok(match performance.outer(&sum, network.output_count())? {
        Some(outer) => sums.outer(&outer)?,
        None => sums,
    })
}

/// The same term with numbers for names.
fn with_other_names(term: &Function) -> Result<Function, Error> {
    let groups = term.inputs().groups().iter().enumerate();
    let groups =
        groups.map(|(k, group)| InputGroup { name: format!("input {k}"), ..group.clone() });
    let recorder = Recorder::new();
    let inputs = recorder.inputs(Inputs::from_iter(groups))?;
    for (name, value) in term.output_names().zip(term.eval_scalar(&inputs)?) {
        recorder.output(name, value);
    }
    drop(inputs);
    Ok(recorder.finish()?)
}
