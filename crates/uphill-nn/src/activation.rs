//! Activations: what a node makes of its sum σ. The lecture's sigmoid, the usual others, or any scalar code.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uphill_graph::{Function, Scalar, Var};

use crate::error::Error;
use crate::save::Formula;

/// How a node's output follows from its sum: `o = f(σ)`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// `1/(1 + e^-σ)`, the lecture's (slide "What is do/dσ?").
    #[default]
    Sigmoid,
    /// `tanh σ`.
    Tanh,
    /// `max(σ, 0)`.
    Relu,
    /// `ln(1 + e^σ)`.
    Softplus,
    /// `σ/(1 + |σ|)`.
    Softsign,
    /// `σ · sigmoid σ`, also known as swish.
    Silu,
    /// `σ · Φ(σ)` with the normal distribution function, the exact form.
    Gelu,
    /// `σ` where it is positive, else `e^σ - 1`.
    Elu,
    /// `σ` itself.
    Identity,
    /// `e^σ / Σ e^σ` over the nodes of one layer: see [`Builder::softmax`](crate::Builder::softmax).
    Softmax,
    /// A user's own: see [`Activation::custom`].
    Custom(CustomActivation),
}

/// An activation recorded from a user's code.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomActivation {
    name: String,
    function: Arc<Function>,
}

impl Activation {
    /// Any scalar code as an activation. It is recorded once, saved with the network, and differentiated like the rest.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if the recording fails.
    ///
    /// ```
    /// use uphill_graph::Scalar;
    /// use uphill_nn::{Activation, Network};
    ///
    /// let bell = Activation::custom("bell", |sigma| sigma * (-sigma.square()).exp())?;
    /// let network = Network::layered(&[1, 1]).output(bell).bias().build()?;
    /// assert_eq!(network.computed(&[1.0, 0.0], &[0.0])?, [0.0]);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn custom(
        name: impl Into<String>,
        code: impl for<'g> FnOnce(Var<'g>) -> Var<'g>,
    ) -> Result<Activation, Error> {
        let function = Function::record(["sigma"], |inputs| code(inputs[0]))?;
        Ok(Activation::Custom(CustomActivation { name: name.into(), function: Arc::new(function) }))
    }

    /// The name: `sigmoid`, `tanh`, …, or the one given to [`Activation::custom`].
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Relu => "relu",
            Activation::Softplus => "softplus",
            Activation::Softsign => "softsign",
            Activation::Silu => "silu",
            Activation::Gelu => "gelu",
            Activation::Elu => "elu",
            Activation::Identity => "identity",
            Activation::Softmax => "softmax",
            Activation::Custom(custom) => &custom.name,
        }
    }

    /// The output of one node as a function of its sum, `o` of `sigma`; a softmax over one node alone is 1.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if the recording fails.
    pub fn function(&self) -> Result<Function, Error> {
        Ok(Function::record(["sigma"], |inputs| self.output(inputs[0]).named("o"))?)
    }

    /// The output of one node; a softmax over one node alone is 1.
    pub(crate) fn output<S: Scalar>(&self, sigma: S) -> S {
        match self {
            Activation::Sigmoid => sigma.sigmoid(),
            Activation::Tanh => sigma.tanh(),
            Activation::Relu => sigma.relu(),
            Activation::Softplus => sigma.softplus(),
            Activation::Softsign => sigma.softsign(),
            Activation::Silu => sigma.silu(),
            Activation::Gelu => sigma.gelu(),
            Activation::Elu => sigma.elu(S::constant(1.0)),
            Activation::Identity => sigma,
            Activation::Softmax => softmax(&[sigma])[0],
            Activation::Custom(custom) => match custom.function.eval_scalar(&[sigma]) {
                Ok(outputs) => outputs[0],
                Err(_) => unreachable!("a custom activation has one input and one output"),
            },
        }
    }
}

/// The outputs of a softmax layer. Taking out the log-sum-exp keeps it finite for sums of any size.
pub(crate) fn softmax<S: Scalar>(sigmas: &[S]) -> Vec<S> {
    let all = S::log_sum_exp(sigmas);
    sigmas.iter().map(|&sigma| (sigma - all).exp()).collect()
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    name: String,
    formula: Formula,
}

impl Serialize for CustomActivation {
    fn serialize<Z: serde::Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        use serde::ser::Error as _;

        let formula = Formula::of(&self.function)
            .map_err(|why| Z::Error::custom(format!("activation `{}`: {why}", self.name)))?;
        Stored { name: self.name.clone(), formula }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CustomActivation {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        let function = stored.formula.function(&stored.name).map_err(serde::de::Error::custom)?;
        Ok(CustomActivation { name: stored.name, function: Arc::new(function) })
    }
}
