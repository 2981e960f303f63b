//! What a problem records once and compiles when it is first asked for; all its clones share it.
//!
//! For a million weights a recording is hundreds of megabytes and a program takes seconds. So nothing is copied, a
//! training has other programs than a score, and weights that add nothing to P have no program at all.

use std::sync::{Arc, OnceLock};

use uphill_engine::Compiler;
use uphill_graph::{Function, Node};

use crate::compiled::{OverSamples, Weights};
use crate::error::Error;
use crate::network::Network;
use crate::performance::Erased;

/// A network and a performance function, recorded.
pub(crate) struct Recorded {
    pub(crate) network: Network,
    pub(crate) performance: Arc<dyn Erased>,
    /// The term of one sample: variables are the weights, parameters the inputs and the desired outputs.
    pub(crate) term: Function,
    regularise: Function,
    programs: Programs,
}

/// What was compiled.
#[derive(Default)]
struct Programs {
    term: OnceLock<OverSamples>,
    term_gradient: OnceLock<OverSamples>,
    outputs: OnceLock<OverSamples>,
    regularise: OnceLock<Weights>,
    regularise_gradient: OnceLock<Weights>,
    products: OnceLock<Products>,
}

/// Hessian-vector products, of the term and of what the weights add.
pub(crate) struct Products {
    pub(crate) term: OverSamples,
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
        Ok(Recorded { network, performance, term, regularise, programs: Programs::default() })
    }

    /// The term of one sample, added up over samples.
    pub(crate) fn term(&self) -> Result<&OverSamples, Error> {
        made(&self.programs.term, || self.summed(&self.term))
    }

    /// That, and its gradient.
    pub(crate) fn term_gradient(&self) -> Result<&OverSamples, Error> {
        made(&self.programs.term_gradient, || self.summed(&self.term.with_gradient()?))
    }

    /// The outputs of the network.
    pub(crate) fn outputs(&self) -> Result<&OverSamples, Error> {
        made(&self.programs.outputs, || {
            let compiler = Compiler::new().columns(self.network.inputs());
            OverSamples::new(compiler, &self.network.function()?)
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
                term: self.summed(&self.term.hvp()?)?,
                regularise: Weights::new(&self.regularise.hvp()?)?,
            })
        })
    }

    /// A function of weights and one sample, added up over samples.
    fn summed(&self, function: &Function) -> Result<OverSamples, Error> {
        let first = self.network.weight_count();
        let count = self.network.inputs().len() + self.network.output_count();
        let columns = (first..first + count).map(|position| function.inputs().name(position));
        OverSamples::new(Compiler::new().columns(columns).sum(), function)
    }
}
