//! Step 1 of the algorithm: choose weights randomly, or some other way.

use crate::error::Error;
use crate::network::{Network, Offset};
use crate::random::Stream;

/// How the first weights are chosen (slide "Training Algorithm", step 1).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Start {
    /// Each weight drawn evenly from −w to w.
    Uniform(f64),
    /// Each weight drawn evenly from −w to w with `w = √(6 / (edges into the node + edges out of the source))`,
    /// thresholds and biases 0 (Glorot and Bengio 2010). A shared weight goes by its first edge.
    Xavier,
    /// These, in the order of [`Network::weights`].
    Given(Vec<f64>),
}

impl Start {
    /// The weights. The same seed gives the same bits.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a width that is negative or not finite; [`Error::WrongLength`] and
    /// [`Error::WeightNotFinite`] for given weights.
    ///
    /// ```
    /// use uphill_nn::{Network, Start};
    /// let network = Network::layered(&[2, 2, 1]).build()?;
    /// let weights = Start::Uniform(0.5).weights(&network, 7)?;
    /// assert_eq!(weights, Start::Uniform(0.5).weights(&network, 7)?);
    /// assert!(weights.iter().all(|weight| weight.abs() <= 0.5));
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn weights(&self, network: &Network, seed: u64) -> Result<Vec<f64>, Error> {
        let mut stream = Stream::new(seed, 0);
        match self {
            Start::Given(weights) => {
                network.check_weights(weights)?;
                Ok(weights.clone())
            }
            Start::Uniform(width) if *width >= 0.0 && width.is_finite() => {
                Ok((0..network.weight_count()).map(|_| stream.symmetric() * width).collect())
            }
            Start::Uniform(width) => {
                Err(Error::setting(format!("the start's width is {width}; give a finite one ≥ 0")))
            }
            Start::Xavier => {
                let widths = xavier_widths(network);
                Ok(widths.into_iter().map(|width| stream.symmetric() * width).collect())
            }
        }
    }
}

fn xavier_widths(network: &Network) -> Vec<f64> {
    let mut out = vec![0_usize; network.inputs().len() + network.nodes().len()];
    for edge in network.nodes().iter().flat_map(|node| &node.incoming) {
        out[edge.from] += 1;
    }
    let mut widths: Vec<Option<f64>> = vec![None; network.weight_count()];
    for node in network.nodes() {
        for edge in &node.incoming {
            let edges = node.incoming.len() + out[edge.from];
            widths[edge.weight].get_or_insert((6.0 / edges as f64).sqrt());
        }
        if let Offset::Threshold(weight) | Offset::Bias(weight) = node.offset {
            widths[weight].get_or_insert(0.0);
        }
    }
    widths.into_iter().map(|width| width.unwrap_or(0.0)).collect()
}
