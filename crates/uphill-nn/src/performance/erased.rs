//! A performance function without its type: generic code becomes recordings and numbers, so that it can be kept.

use std::ops::RangeInclusive;

use uphill_graph::{Function, Inputs, Node, Scalar};

use super::Performance;
use crate::error::Error;
use crate::network::{Network, desired_name};

/// What weights are called where they stand alone: nothing that somebody would name a value of their own.
const EVERY_WEIGHT: &str = "each weight";

/// What a [`Problem`](crate::Problem) needs of a performance function.
pub(crate) trait Erased: Send + Sync {
    /// The term of one sample: variables are the weights, parameters the inputs and the desired outputs.
    fn term(&self, network: &Network) -> Result<Function, Error>;

    /// What the weights add: variables are the weights.
    fn regularise(&self, network: &Network) -> Result<Function, Error>;

    /// P from the sum of the terms of so many samples, which is called so and comes first, and the weights.
    fn whole(&self, network: &Network, sum: &str, samples: usize) -> Result<Function, Error>;

    /// What becomes of the sum, the input of this name, of all terms of so many `samples`; nothing, if it stays what it is.
    fn outer(&self, sum: &str, outputs: usize) -> Result<Option<Function>, Error>;

    fn share(&self, batch: usize, samples: usize) -> f64;

    fn desired_range(&self) -> RangeInclusive<f64>;

    fn name(&self) -> String;
}

impl<P: Performance> Erased for P {
    fn term(&self, network: &Network) -> Result<Function, Error> {
        let inputs = network.output_names().map(desired_name);
        let inputs = inputs.fold(network.recorded_inputs(), Inputs::parameter);
        let weights = network.weight_count();
        let desired = weights + network.inputs().len();
        let term = Function::record(inputs, |all| {
            let computed = network.outputs(&all[..weights], &all[weights..desired]);
            Performance::term(self, &all[desired..], &computed)
        })?;
        Ok(term.simplify())
    }

    fn regularise(&self, network: &Network) -> Result<Function, Error> {
        // Nobody sees these names: one for all spares a million of them.
        let inputs = Inputs::new().variables(EVERY_WEIGHT, network.weight_count());
        Ok(Function::record(inputs, |weights| Performance::regularise(self, weights))?.simplify())
    }

    fn whole(&self, network: &Network, sum: &str, samples: usize) -> Result<Function, Error> {
        let weights = network.weights().iter().map(|weight| &*weight.name);
        let inputs = weights.fold(Inputs::new().variable(sum), Inputs::variable);
        let share = Performance::share(self, samples, samples);
        let whole = Function::record(inputs, |all| {
            let samples = Scalar::constant(samples as f64);
            let of_samples = Performance::outer(self, all[0], samples, network.output_count());
            of_samples + Performance::regularise(self, &all[1..]) * share
        })?;
        Ok(whole.simplify())
    }

    fn outer(&self, sum: &str, outputs: usize) -> Result<Option<Function>, Error> {
        let inputs = Inputs::new().variable(sum).parameter("samples");
        let outer =
            Function::record(inputs, |v| Performance::outer(self, v[0], v[1], outputs))?.simplify();
        let is_sum = matches!(outer.graph().node(outer.outputs()[0].node), Node::Input(0));
        Ok((!is_sum).then_some(outer))
    }

    fn share(&self, batch: usize, samples: usize) -> f64 {
        Performance::share(self, batch, samples)
    }

    fn desired_range(&self) -> RangeInclusive<f64> {
        Performance::desired_range(self)
    }

    fn name(&self) -> String {
        Performance::name(self)
    }
}
