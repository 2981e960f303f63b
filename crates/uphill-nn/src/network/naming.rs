//! Weights by name: finding them, reading and setting their values, freezing them; other outputs for the same nodes.

use super::Network;
use crate::error::{Error, check_length};

impl Network {
    /// The position of the weight of this name: `Robert→H1` or `Robert->H1`, `threshold→H1`, `bias→H1`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    ///
    /// ```
    /// use uphill_nn::Network;
    /// let network = Network::layered(&[2, 1]).build()?;
    /// assert_eq!(network.weight("x2->o1")?, 1);
    /// assert_eq!(network.weight("threshold→o1")?, 2);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn weight(&self, name: &str) -> Result<usize, Error> {
        let find = |name: &str| self.weights.iter().position(|weight| weight.name == name);
        find(name).or_else(|| find(&name.replace("->", "→"))).ok_or_else(|| {
            Error::unknown("weight", name, self.weights.iter().map(|weight| weight.name.as_str()))
        })
    }

    /// Values for all weights, from values by name in any order.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`], [`Error::DuplicateName`], [`Error::WrongLength`] if some weight has no value.
    ///
    /// ```
    /// use uphill_nn::Network;
    /// let network = Network::layered(&[1, 1]).build()?;
    /// assert_eq!(network.weights_from([("threshold→o1", 6.0), ("x1→o1", 2.0)])?, [2.0, 6.0]);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn weights_from<'n>(
        &self,
        values: impl IntoIterator<Item = (&'n str, f64)>,
    ) -> Result<Vec<f64>, Error> {
        let mut given: Vec<Option<f64>> = vec![None; self.weights.len()];
        for (name, value) in values {
            let weight = self.weight(name)?;
            if given[weight].replace(value).is_some() {
                let name = self.weights[weight].name.clone();
                return Err(Error::DuplicateName { first: "a value", second: "another", name });
            }
        }
        let got = given.iter().flatten().count();
        if let Some(missing) = given.iter().position(Option::is_none) {
            let what = format!("weights by name, without `{}`", self.weights[missing].name);
            return Err(Error::WrongLength { what, expected: self.weights.len(), got });
        }
        Ok(given.into_iter().flatten().collect())
    }

    /// Each weight's name with its value.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    pub fn named<'n>(
        &'n self,
        weights: &'n [f64],
    ) -> Result<impl Iterator<Item = (&'n str, f64)>, Error> {
        check_length("weights", self.weights.len(), weights.len())?;
        Ok(self.weights.iter().zip(weights).map(|(weight, &value)| (weight.name.as_str(), value)))
    }

    /// Makes training leave these weights as they are: their entries of every gradient are exactly 0.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn freeze<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Network, Error> {
        for name in names {
            let weight = self.weight(name.as_ref())?;
            self.weights[weight].frozen = true;
        }
        Ok(self)
    }

    /// Lets training change these weights again.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn unfreeze<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Network, Error> {
        for name in names {
            let weight = self.weight(name.as_ref())?;
            self.weights[weight].frozen = false;
        }
        Ok(self)
    }

    /// The same nodes and weights with other outputs: how the lecture's network learns acquaintances alone first.
    ///
    /// Weights on which no output depends have gradient 0 and stay.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`]; [`Error::Network`] without outputs or for one named twice.
    pub fn with_outputs<N: AsRef<str>>(
        &self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Network, Error> {
        let mut network = self.clone();
        network.outputs.clear();
        for name in names {
            let name = name.as_ref();
            let node = self.nodes.iter().position(|node| node.name == name).ok_or_else(|| {
                let known = self.nodes.iter().map(|node| node.name.as_str());
                Error::unknown("node (an output)", name, known)
            })?;
            network.outputs.push(node);
        }
        network.verify()?;
        Ok(network)
    }

    /// Checks that there is a finite value for each weight.
    pub(crate) fn check_weights(&self, weights: &[f64]) -> Result<(), Error> {
        for (weight, value) in self.named(weights)? {
            if !value.is_finite() {
                return Err(Error::WeightNotFinite { weight: weight.into(), value });
            }
        }
        Ok(())
    }

    /// The first node that a weight leads to.
    pub(crate) fn node_of_weight(&self, weight: usize) -> Option<&str> {
        let fed = self.nodes.iter().find(|node| {
            node.offset.weight() == Some(weight)
                || node.incoming.iter().any(|edge| edge.weight == weight)
        });
        fed.map(|node| node.name.as_str())
    }
}
