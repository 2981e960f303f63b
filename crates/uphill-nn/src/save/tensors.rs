//! Weights alone as safetensors: one tensor `weights` of 64-bit floats, their names in the metadata.

use std::collections::HashMap;
use std::io::{Read, Write};

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::whole;
use crate::error::Error;
use crate::network::Network;

const TENSOR: &str = "weights";
/// The one key of the metadata: a JSON list of the weights' names. (One key alone keeps the bytes the same each time.)
const NAMES: &str = "uphill-nn weight names";

/// Writes the values of a network's weights as safetensors, for other programs to read.
///
/// # Errors
///
/// [`Error::WrongLength`], [`Error::WeightNotFinite`], [`Error::Io`].
///
/// ```
/// use uphill_nn::{Network, read_weights, write_weights};
/// let network = Network::layered(&[1, 1]).build()?;
/// let mut file = Vec::new();
/// write_weights(&network, &[0.1, -0.0], &mut file)?;
/// let weights = read_weights(&network, file.as_slice())?;
/// assert_eq!(weights[1].to_bits(), (-0.0_f64).to_bits());
/// # Ok::<(), uphill_nn::Error>(())
/// ```
pub fn write_weights(network: &Network, weights: &[f64], mut to: impl Write) -> Result<(), Error> {
    network.check_weights(weights)?;
    let bytes: Vec<u8> = weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
    let serialize = || {
        let names: Vec<&str> = network.weights().iter().map(|weight| &*weight.name).collect();
        let metadata = HashMap::from([(NAMES.to_owned(), serde_json::to_string(&names)?)]);
        let view = TensorView::new(Dtype::F64, vec![weights.len()], &bytes)?;
        safetensors::serialize([(TENSOR, view)], Some(metadata))
    };
    let file = serialize().map_err(|error| format(error.to_string()))?;
    to.write_all(&file)
        .map_err(|source| Error::Io { what: "can't write the weights".into(), source })
}

/// Reads what [`write_weights`] wrote, for the same network. More than a gibibyte is not read.
///
/// # Errors
///
/// [`Error::Format`] if it isn't safetensors, is damaged, or has weights of another network: the first that differs is
/// named. [`Error::Io`], [`Error::WeightNotFinite`].
pub fn read_weights(network: &Network, from: impl Read) -> Result<Vec<f64>, Error> {
    let bytes = whole::read_all(from, whole::LARGEST)
        .map_err(|source| Error::Io { what: "can't read the weights".into(), source })?;
    let told = |error: safetensors::SafeTensorError| format(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(told)?;
    let names = metadata.metadata().as_ref().and_then(|metadata| metadata.get(NAMES));
    let names = names.ok_or_else(|| format(format!("its metadata has no `{NAMES}`")))?;
    let names: Vec<String> = serde_json::from_str(names)
        .map_err(|error| format(format!("the list of weights' names: {error}")))?;
    let expected: Vec<&str> = network.weights().iter().map(|weight| &*weight.name).collect();
    if let Some(place) = (0..names.len().max(expected.len()))
        .find(|&place| names.get(place).map(String::as_str) != expected.get(place).copied())
    {
        let name = |name: Option<&str>| name.map_or("missing".into(), |name| format!("`{name}`"));
        return Err(format(format!(
            "weight {place} is {} there and {} in the network",
            name(names.get(place).map(String::as_str)),
            name(expected.get(place).copied()),
        )));
    }
    let tensors = SafeTensors::deserialize(&bytes).map_err(told)?;
    let tensor = tensors.tensor(TENSOR).map_err(told)?;
    if tensor.dtype() != Dtype::F64 || tensor.shape() != [expected.len()] {
        return Err(format(format!(
            "the tensor `{TENSOR}` is {:?} {:?}, expected F64 [{}]",
            tensor.dtype(),
            tensor.shape(),
            expected.len()
        )));
    }
    let (numbers, _) = tensor.data().as_chunks::<8>();
    let weights: Vec<f64> = numbers.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
    network.check_weights(&weights)?;
    Ok(weights)
}

fn format(what: String) -> Error {
    Error::Format { kind: "weights", what }
}
