//! Named derivatives as a value of its own: for comparisons by name, and for `approx`'s assertions.
//!
//! [`Gradient`] implements [`AbsDiffEq`], [`RelativeEq`] and [`UlpsEq`], entry by entry.

use approx::{AbsDiffEq, RelativeEq, UlpsEq};
use uphill_graph::Function;

use crate::numerical::Error;

/// Numbers with names, in order: the derivatives by each input.
///
/// ```
/// use approx::assert_relative_eq;
/// use uphill_check::Gradient;
/// use uphill_graph::Function;
///
/// let p = Function::record(["x", "y"], |v| v[0] * v[1])?;
/// let computed = Gradient::of(&p, &[2.0, 3.0])?;
/// let expected = Gradient::from([("x", 3.0), ("y", 2.0)]);
/// assert_relative_eq!(computed, expected, epsilon = 1e-12);
/// # Ok::<(), uphill_check::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Gradient {
    names: Vec<String>,
    values: Vec<f64>,
}

impl Gradient {
    /// Names and numbers, in the same order.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] if there are not as many of both; [`Error::Names`] if a name comes twice.
    pub fn new<N: Into<String>>(
        names: impl IntoIterator<Item = N>,
        values: impl Into<Vec<f64>>,
    ) -> Result<Gradient, Error> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let gradient = Gradient { names, values: values.into() };
        let (expected, got) = (gradient.names.len(), gradient.values.len());
        if expected != got {
            return Err(Error::WrongLength { what: "a gradient".to_owned(), expected, got });
        }
        gradient.check()?;
        Ok(gradient)
    }

    /// The gradient of a recorded function with one output at `x`, by reverse mode, named by the variables.
    ///
    /// # Errors
    ///
    /// [`Error::Function`]: several outputs, or `x` of the wrong length.
    pub fn of(function: &Function, x: &[f64]) -> Result<Gradient, Error> {
        let values = function.gradient()?.eval(x)?;
        let inputs = function.inputs();
        let variables = (0..inputs.len()).filter(|&position| inputs.is_variable(position));
        Ok(Gradient { names: variables.map(|position| inputs.name(position)).collect(), values })
    }

    /// The names, in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The numbers, in order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The number of this name. Cost: linear in the number of entries.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        let position = self.names.iter().position(|known| known == name)?;
        Some(self.values[position])
    }

    /// Names and numbers, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, f64)> {
        self.names.iter().map(String::as_str).zip(self.values.iter().copied())
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// That no name comes twice.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut seen = std::collections::HashSet::new();
        match self.names.iter().find(|name| !seen.insert(name.as_str())) {
            Some(name) => Err(Error::Names { what: format!("`{name}` comes twice on one side") }),
            None => Ok(()),
        }
    }

    /// Whether both have the same names in the same order, and each two numbers are close.
    fn all_close(&self, other: &Gradient, close: impl Fn(&f64, &f64) -> bool) -> bool {
        self.names == other.names && self.values.iter().zip(&other.values).all(|(a, b)| close(a, b))
    }
}

impl<N: Into<String>> FromIterator<(N, f64)> for Gradient {
    fn from_iter<I: IntoIterator<Item = (N, f64)>>(entries: I) -> Gradient {
        let entries = entries.into_iter().map(|(name, value)| (name.into(), value));
        let (names, values) = entries.unzip();
        Gradient { names, values }
    }
}

impl<N: Into<String>, const COUNT: usize> From<[(N, f64); COUNT]> for Gradient {
    fn from(entries: [(N, f64); COUNT]) -> Gradient {
        entries.into_iter().collect()
    }
}

impl<N: Into<String>> From<Vec<(N, f64)>> for Gradient {
    fn from(entries: Vec<(N, f64)>) -> Gradient {
        entries.into_iter().collect()
    }
}

impl From<&Gradient> for Gradient {
    fn from(gradient: &Gradient) -> Gradient {
        gradient.clone()
    }
}

/// Gradients are close if they have the same names in the same order and every two numbers are close.
impl AbsDiffEq for Gradient {
    type Epsilon = f64;

    fn default_epsilon() -> f64 {
        f64::default_epsilon()
    }

    fn abs_diff_eq(&self, other: &Gradient, epsilon: f64) -> bool {
        self.all_close(other, |a, b| a.abs_diff_eq(b, epsilon))
    }
}

impl RelativeEq for Gradient {
    fn default_max_relative() -> f64 {
        f64::default_max_relative()
    }

    fn relative_eq(&self, other: &Gradient, epsilon: f64, max_relative: f64) -> bool {
        self.all_close(other, |a, b| a.relative_eq(b, epsilon, max_relative))
    }
}

impl UlpsEq for Gradient {
    fn default_max_ulps() -> u32 {
        f64::default_max_ulps()
    }

    fn ulps_eq(&self, other: &Gradient, epsilon: f64, max_ulps: u32) -> bool {
        self.all_close(other, |a, b| a.ulps_eq(b, epsilon, max_ulps))
    }
}
