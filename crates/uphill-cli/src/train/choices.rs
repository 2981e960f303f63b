//! What the options of `uphill train` can say: names to choose from, rates, batches and starts.

use clap::ValueEnum;
use uphill_nn::{Activation, Convention, Rate, Start};
use uphill_table::scaling::Scaling;

/// Activations of hidden nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)] // the names say it
pub enum Curve {
    Sigmoid,
    Tanh,
    Relu,
    Softplus,
    Softsign,
    Silu,
    Gelu,
    Elu,
    Identity,
}

/// Activations of output nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)] // the names say it
pub enum OutputCurve {
    Softmax,
    Sigmoid,
    Tanh,
    Relu,
    Softplus,
    Softsign,
    Silu,
    Gelu,
    Elu,
    Identity,
}

impl From<Curve> for Activation {
    fn from(curve: Curve) -> Activation {
        match curve {
            Curve::Sigmoid => Activation::Sigmoid,
            Curve::Tanh => Activation::Tanh,
            Curve::Relu => Activation::Relu,
            Curve::Softplus => Activation::Softplus,
            Curve::Softsign => Activation::Softsign,
            Curve::Silu => Activation::Silu,
            Curve::Gelu => Activation::Gelu,
            Curve::Elu => Activation::Elu,
            Curve::Identity => Activation::Identity,
        }
    }
}

impl From<OutputCurve> for Activation {
    fn from(curve: OutputCurve) -> Activation {
        match curve {
            OutputCurve::Softmax => Activation::Softmax,
            OutputCurve::Sigmoid => Activation::Sigmoid,
            OutputCurve::Tanh => Activation::Tanh,
            OutputCurve::Relu => Activation::Relu,
            OutputCurve::Softplus => Activation::Softplus,
            OutputCurve::Softsign => Activation::Softsign,
            OutputCurve::Silu => Activation::Silu,
            OutputCurve::Gelu => Activation::Gelu,
            OutputCurve::Elu => Activation::Elu,
            OutputCurve::Identity => Activation::Identity,
        }
    }
}

/// The trainable constant of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)] // the names say it
pub enum Offset {
    Threshold,
    Bias,
    None,
}

/// How columns of numbers are brought to a common size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScalingName {
    /// Mean 0 and standard deviation 1 over the training rows
    Standard,
    /// From 0 to 1 over the training rows
    Range,
    /// As they are
    None,
}

impl From<ScalingName> for Scaling {
    fn from(name: ScalingName) -> Scaling {
        match name {
            ScalingName::Standard => Scaling::Standard,
            ScalingName::Range => Scaling::Range,
            ScalingName::None => Scaling::None,
        }
    }
}

/// What is made of a gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MethodName {
    /// w + r·∇P, as in the lecture
    Plain,
    /// Part of the last change is kept
    Momentum,
    /// A step of its own size for each weight
    Adam,
}

/// The factor of the gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConventionName {
    /// β = 2(d − o)
    Slides,
    /// β = d − o
    Book,
}

impl From<ConventionName> for Convention {
    fn from(name: ConventionName) -> Convention {
        match name {
            ConventionName::Slides => Convention::Slides,
            ConventionName::Book => Convention::Book,
        }
    }
}

/// A rate as it was typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateText(pub Rate);

/// A start as it was typed.
#[derive(Debug, Clone, PartialEq)]
pub struct StartText(pub Start);

/// How many rows a change looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batch {
    /// All.
    All,
    /// So many.
    Rows(usize),
}

fn numbers(text: &str, count: usize) -> Option<Vec<f64>> {
    let numbers: Vec<f64> =
        text.split(',').map(|number| number.trim().parse()).collect::<Result<_, _>>().ok()?;
    (numbers.len() == count).then_some(numbers)
}

pub(super) fn rate(text: &str) -> Result<RateText, String> {
    let schedule = |name: &str, count| {
        text.strip_prefix(name).and_then(|rest| numbers(rest.strip_prefix(':')?, count))
    };
    let whole = |number: f64| (number >= 1.0 && number.fract() == 0.0).then_some(number as usize);
    let parsed = if let Ok(number) = text.parse() {
        Some(Rate::Constant(number))
    } else if let Some(n) = schedule("step", 3) {
        whole(n[2]).map(|every| Rate::Step { first: n[0], factor: n[1], every })
    } else if let Some(n) = schedule("exponential", 3) {
        whole(n[2]).map(|every| Rate::Exponential { first: n[0], factor: n[1], every })
    } else {
        schedule("inverse-time", 2).map(|n| Rate::InverseTime { first: n[0], decay: n[1] })
    };
    let expected = "expected a number, or step:FIRST,FACTOR,EVERY, exponential:FIRST,FACTOR,EVERY, \
                    inverse-time:FIRST,DECAY";
    parsed.map(RateText).ok_or_else(|| expected.into())
}

pub(super) fn batch(text: &str) -> Result<Batch, String> {
    match (text, text.parse()) {
        ("all", _) => Ok(Batch::All),
        (_, Ok(rows)) if rows > 0 => Ok(Batch::Rows(rows)),
        _ => Err("expected a number of rows, or `all`".into()),
    }
}

pub(super) fn start(text: &str) -> Result<StartText, String> {
    if text == "xavier" {
        return Ok(StartText(Start::Xavier));
    }
    let width = text.strip_prefix("uniform:").and_then(|width| width.parse().ok());
    let expected = "expected `xavier`, or `uniform:W` with a number W";
    width.map(|width| StartText(Start::Uniform(width))).ok_or_else(|| expected.into())
}
