//! Which performance is maximised, by name or by formula, so that it can be saved and found again.
//!
//! A formula of `desired` and `computed` is the term of one output of one row; with `desired[k]` and `computed[k]`, k
//! from 1, it is that of a whole row. It becomes a function, which is evaluated on whatever scalar records the network.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uphill_formula::Formula;
use uphill_graph::{Function, Scalar};
use uphill_nn::{
    BinaryCrossEntropy, CategoricalCrossEntropy, NegativeRms, Performance, SquaredError,
};

use crate::error::Error;

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// `−Σ (d − o)²`.
    SquaredError,
    /// `−√(mean of (d − o)²)`.
    Rms,
    /// The log-likelihood of classes that exclude each other: `Σ d ln o`.
    CrossEntropy,
    /// The log-likelihood of yes or no for each output: `Σ d ln o + (1 − d) ln(1 − o)`.
    BinaryCrossEntropy,
    /// What a formula says of `desired` and `computed`, added up.
    Formula(FormulaPerformance),
}

/// A performance by formula.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FormulaPerformance {
    text: String,
    function: Arc<Function>,
    /// What each input of the function stands for.
    inputs: Vec<Place>,
}

/// Which number of a row an input stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    is_desired: bool,
    /// The output, from 0; none for each output in turn.
    output: Option<usize>,
}

/// A measure less a part of the squared weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regularised {
    /// What is measured.
    pub measure: Measure,
    /// The factor of the sum of squared weights.
    pub decay: f64,
}

impl Measure {
    /// The name for people; of a formula its text.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Measure::SquaredError => "squared error",
            Measure::Rms => "negative RMS",
            Measure::CrossEntropy => "cross-entropy",
            Measure::BinaryCrossEntropy => "binary cross-entropy",
            Measure::Formula(written) => &written.text,
        }
    }
}

impl FormulaPerformance {
    /// Reads a formula.
    ///
    /// # Errors
    ///
    /// [`Error::Formula`]; [`Error::UnknownNumber`] for names other than `desired` and `computed`;
    /// [`Error::Performance`] for both with and without an index.
    ///
    /// ```
    /// use uphill_learn::FormulaPerformance;
    ///
    /// let absolute = FormulaPerformance::read("-abs(desired - computed)")?;
    /// let error = FormulaPerformance::read("-abs(desird - computed)").unwrap_err();
    /// assert!(error.to_string().starts_with("no number of a row is named `desird`"));
    /// # Ok::<(), uphill_learn::Error>(())
    /// ```
    pub fn read(text: &str) -> Result<FormulaPerformance, Error> {
        let formula = Formula::parse(&format!("performance = {text}"))?;
        let function = formula.function_of(&["performance"])?;
        let place = |name: String| {
            let (side, index) = match name.split_once('[') {
                Some((side, rest)) => (side, rest.strip_suffix(']').and_then(|k| k.parse().ok())),
                None => (name.as_str(), Some(0)),
            };
            match (side, index) {
                ("desired" | "computed", Some(index @ 0_usize..)) => {
                    Ok(Place { is_desired: side == "desired", output: index.checked_sub(1) })
                }
                _ => Err(Error::UnknownNumber(name)),
            }
        };
        let names = || function.input_names();
        if let Some(zero) = names().find(|name| name.ends_with("[0]")) {
            let what = format!("the performance has `{zero}`: outputs are counted from 1");
            return Err(Error::Performance(what));
        }
        let inputs: Vec<Place> = names().map(place).collect::<Result<_, _>>()?;
        if inputs.is_empty() {
            let what = "the performance is the same for all weights: it has neither `desired` nor `computed`";
            return Err(Error::Performance(what.into()));
        }
        let indexed = inputs.iter().filter(|place| place.output.is_some()).count();
        if indexed != 0 && indexed != inputs.len() {
            let what = "the performance has names with and without an index; write `desired[k]` and \
                        `computed[k]` throughout, or neither";
            return Err(Error::Performance(what.into()));
        }
        Ok(FormulaPerformance { text: text.to_owned(), function: Arc::new(function), inputs })
    }

    /// Checks that a network with so many outputs has those that it speaks of.
    ///
    /// # Errors
    ///
    /// [`Error::Performance`].
    pub fn check(&self, outputs: usize) -> Result<(), Error> {
        let last = self.inputs.iter().filter_map(|place| place.output).max();
        match last {
            Some(last) if last >= outputs => Err(Error::Performance(format!(
                "the performance speaks of output {}, but there {}",
                last + 1,
                if outputs == 1 { "is only 1".to_owned() } else { format!("are only {outputs}") }
            ))),
            _ => Ok(()),
        }
    }

    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        let value = |output: usize| {
            let number = |place: &Place| {
                let side = if place.is_desired { desired } else { computed };
                side.get(place.output.unwrap_or(output)).copied()
            };
            let inputs: Option<Vec<S>> = self.inputs.iter().map(number).collect();
            let results = self.function.eval_scalar(&inputs?).ok()?;
            results.first().copied()
        };
        // The number of outputs is checked before; were it wrong, P would be no number and training would say so.
        let value = |output| value(output).unwrap_or(S::constant(f64::NAN));
        match self.inputs.iter().any(|place| place.output.is_some()) {
            true => value(0),
            false => (0..computed.len()).map(value).sum(),
        }
    }
}

impl PartialEq for FormulaPerformance {
    fn eq(&self, other: &FormulaPerformance) -> bool {
        self.text == other.text
    }
}

impl Eq for FormulaPerformance {}

impl TryFrom<String> for FormulaPerformance {
    type Error = Error;

    fn try_from(text: String) -> Result<FormulaPerformance, Error> {
        FormulaPerformance::read(&text)
    }
}

impl From<FormulaPerformance> for String {
    fn from(written: FormulaPerformance) -> String {
        written.text
    }
}

impl Regularised {
    /// Whether P is a mean over rows by itself, and no sum.
    #[must_use]
    pub fn is_mean(&self) -> bool {
        matches!(self.measure, Measure::Rms)
    }
}

impl Performance for Regularised {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        match &self.measure {
            Measure::SquaredError => SquaredError.term(desired, computed),
            Measure::Rms => NegativeRms.term(desired, computed),
            Measure::CrossEntropy => CategoricalCrossEntropy.term(desired, computed),
            Measure::BinaryCrossEntropy => BinaryCrossEntropy.term(desired, computed),
            Measure::Formula(written) => written.term(desired, computed),
        }
    }

    fn outer<S: Scalar>(&self, sum: S, samples: S, outputs: usize) -> S {
        match self.measure {
            Measure::Rms => NegativeRms.outer(sum, samples, outputs),
            _ => sum,
        }
    }

    fn regularise<S: Scalar>(&self, weights: &[S]) -> S {
        if self.decay == 0.0 { S::constant(0.0) } else { -(self.decay * S::dot(weights, weights)) }
    }

    fn share(&self, batch: usize, samples: usize) -> f64 {
        match self.measure {
            Measure::Rms => NegativeRms.share(batch, samples),
            _ => batch as f64 / samples as f64,
        }
    }

    fn desired_range(&self) -> RangeInclusive<f64> {
        match self.measure {
            Measure::SquaredError | Measure::Rms | Measure::Formula(_) => f64::MIN..=f64::MAX,
            Measure::CrossEntropy => CategoricalCrossEntropy.desired_range(),
            Measure::BinaryCrossEntropy => BinaryCrossEntropy.desired_range(),
        }
    }

    fn name(&self) -> String {
        match self.decay {
            0.0 => self.measure.name().into(),
            decay => format!("{} less {decay} of the squared weights", self.measure.name()),
        }
    }
}
