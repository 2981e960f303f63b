//! The chain rule told as a lecturer tells it: symbols first, then formulas, then numbers, then the result.
//!
//! The story follows named values. A term of the chain rule is a derivative already explained, times the derivative of
//! one formula; the latter is taken by the same rules of the op table as every gradient, and simplified for reading.
//! [`Function::explain`] tells it at a point, with numbers; [`Function::derive`] without one, with formulas to the end.

mod formulas;
mod loops;
mod teller;
mod text;

use crate::error::Error;
use crate::function::Function;
use crate::layout::{Detail, Layout};
use crate::script::Written;
use teller::{Numbers, Teller};

/// Why a derivative is what it is: see [`Function::explain`] and [`Function::derive`].
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The derivative's symbol.
    symbol: Written,
    /// What each name stands for.
    definitions: Vec<(String, Written)>,
    steps: Vec<Step>,
    digits: Option<usize>,
}

/// One derivative of the output, by one value.
#[derive(Debug, Clone)]
struct Step {
    symbol: Written,
    terms: Vec<Product>,
    result: Known,
}

/// A derivative, as far as it is known: as a formula unless that is too long to read, and as a number at a point.
#[derive(Debug, Clone, Default)]
struct Known {
    formula: Option<Written>,
    value: Option<f64>,
}

/// One term of the chain rule.
#[derive(Debug, Clone)]
struct Product {
    /// The derivative of the output by the value through which the term goes; none if that is the output itself.
    outer: Option<(Written, Known)>,
    /// The derivative of that value's formula.
    symbol: Written,
    partial: Known,
}

impl Function {
    /// Explains the derivative of an output by an input or a named value, at `x`.
    ///
    /// The explanation prints in Unicode; [`Explanation::ascii`] and [`Explanation::latex`] are its other forms, and
    /// [`Explanation::digits`] rounds its numbers. A derivative has the sign d where a value is a function of that one
    /// variable alone, and ∂ where it is one of several.
    ///
    /// A sum over a [loop](crate::loops) of inputs is told with Σ: by a value that many iterations read, for all iterations
    /// and then for the first; by one that a few read, for these. Other loops are written out.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for an output or a value that is not there; [`Error::WrongLength`];
    /// [`Error::Unsupported`] for loops with more than 10,000 operations written out.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges; and in the length of the text.
    ///
    /// ```
    /// use uphill_graph::{Function, Scalar};
    /// let p = Function::record(["w1", "w2", "w3"], |w| {
    ///     let o1 = (w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1");
    ///     let o2 = (2.0 * w[0] - w[1] - 6.0).named("o2");
    ///     3.0 * o1 - 7.0 * o2
    /// })?;
    /// let expected = "\
    /// ∂P/∂w1, where
    ///   o1 = w1 − 2·w2 + 5·w3
    ///   o2 = 2·w1 − w2 − 6
    ///   P = 3·o1 − 7·o2
    ///
    /// ∂P/∂o1 = 3
    ///
    /// ∂P/∂o2 = −7
    ///
    /// ∂P/∂w1 = ∂P/∂o1·∂o1/∂w1 + ∂P/∂o2·∂o2/∂w1
    ///        = 3·1 + (−7)·2
    ///        = −11
    /// ";
    /// assert_eq!(p.explain("P", "w1", &[0.0, 0.0, 0.0])?.to_string(), expected);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn explain(&self, output: &str, by: &str, x: &[f64]) -> Result<Explanation, Error> {
        let mut explanations = self.explain_each(output, &[by], x)?;
        explanations.pop().ok_or_else(|| Error::unknown("value", by, std::iter::empty()))
    }

    /// Explains the derivatives of an output by several inputs or named values, in their order. What they share is looked
    /// at once.
    ///
    /// # Errors
    ///
    /// As [`Function::explain`].
    ///
    /// # Complexity
    ///
    /// Linear in nodes, and in what the explanations say.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[1])?;
    /// let both = f.explain_each("P", &["x", "y"], &[2.0, 3.0])?;
    /// assert_eq!(both.iter().map(|how| how.value()).collect::<Vec<_>>(), [Some(3.0), Some(2.0)]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn explain_each<N: AsRef<str>>(
        &self,
        output: &str,
        by: &[N],
        x: &[f64],
    ) -> Result<Vec<Explanation>, Error> {
        let function = self.select(&[output])?;
        if x.len() == self.inputs().len()
            && let Some(told) = told_with_sums(&function, by, Some(x))?
        {
            return Ok(told);
        }
        let function = function.written_out_to_read("explanations")?;
        let (flat, trace) = (function.flatten(), function.trace(x)?);
        let layout = Layout::new(&flat, Detail::Shared);
        let teller = Teller::new(&flat, &layout, Some(Numbers::new(&trace)));
        by.iter().map(|by| teller.tell(output, by.as_ref())).collect()
    }

    /// Derives the derivative of an output by an input or a named value, without a point: the same story as
    /// [`Function::explain`], with formulas instead of numbers.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for an output or a value that is not there.
    ///
    /// # Complexity
    ///
    /// As [`Function::explain`].
    ///
    /// ```
    /// use uphill_graph::{Function, Inputs, Scalar};
    /// let inputs = Inputs::new().variable("w_1").variable("w_2").parameter("o_1").parameter("o_2");
    /// let o_j = Function::record(inputs, |v| {
    ///     (v[0] * v[2] + v[1] * v[3]).named("σ").sigmoid().named("o_j")
    /// })?;
    /// let expected = "\
    /// ∂o_j/∂w_1, where
    ///   σ = w_1·o_1 + w_2·o_2
    ///   o_j = sigmoid(σ)
    ///
    /// do_j/dσ = o_j·(1 − o_j)
    ///
    /// ∂o_j/∂w_1 = do_j/dσ·∂σ/∂w_1
    ///           = o_j·(1 − o_j)·o_1
    /// ";
    /// assert_eq!(o_j.derive("o_j", "w_1")?.to_string(), expected);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn derive(&self, output: &str, by: &str) -> Result<Explanation, Error> {
        let mut derivations = self.derive_each(output, &[by])?;
        derivations.pop().ok_or_else(|| Error::unknown("value", by, std::iter::empty()))
    }

    /// Derives the derivatives of an output by several inputs or named values, in their order.
    ///
    /// # Errors
    ///
    /// As [`Function::derive`].
    ///
    /// # Complexity
    ///
    /// As [`Function::explain_each`].
    pub fn derive_each<N: AsRef<str>>(
        &self,
        output: &str,
        by: &[N],
    ) -> Result<Vec<Explanation>, Error> {
        let function = self.select(&[output])?;
        if let Some(told) = told_with_sums(&function, by, None)? {
            return Ok(told);
        }
        let flat = function.written_out_to_read("derivations")?.flatten();
        let layout = Layout::new(&flat, Detail::Shared);
        let teller = Teller::new(&flat, &layout, None);
        by.iter().map(|by| teller.tell(output, by.as_ref())).collect()
    }
}

/// The explanations of a function that is a formula of a sum over a loop, if all of them can be told by the loop.
fn told_with_sums<N: AsRef<str>>(
    function: &Function,
    by: &[N],
    point: Option<&[f64]>,
) -> Result<Option<Vec<Explanation>>, Error> {
    if !function.graph().has_loops() {
        return Ok(None);
    }
    by.iter().map(|by| loops::tell(function, by.as_ref(), point)).collect()
}

/// The derivatives of a function's one output, symbols and formulas, if it is a formula of a sum over a loop.
pub(crate) fn derivatives_of_sum(
    function: &Function,
    by: &[String],
) -> Result<Option<Vec<(Written, Written)>>, Error> {
    let Some(told) = told_with_sums(function, by, None)? else { return Ok(None) };
    let pair = |one: Explanation| Some((one.symbol.clone(), one.formula()?.clone()));
    Ok(told.into_iter().map(pair).collect())
}
