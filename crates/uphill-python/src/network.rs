//! Networks of sigmoid nodes: built, run, saved.

use std::path::PathBuf;

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use uphill_nn::{Activation, Model, NodeSpec};

use crate::arguments::vector;
use crate::error::{self, Raise};
use crate::function::Function;
use crate::texts::Picture;

/// A network of nodes, whose outputs follow from weights and inputs.
#[pyclass(frozen, module = "uphill", name = "Network")]
pub(crate) struct Network {
    pub(crate) network: uphill_nn::Network,
}

/// An activation by its name, or recorded.
fn activation(given: &Bound<'_, PyAny>) -> PyResult<Activation> {
    if let Ok(own) = given.cast::<Function>() {
        let function = own.get().function.clone();
        if (function.inputs().len(), function.output_count()) != (1, 1) {
            return Err(error::input("an activation is a function of one number with one result"));
        }
        let name = function.output_names().next().unwrap_or_default();
        // It has one input and one result: so the call can't fail.
        return Activation::custom(name, |sigma| {
            function.eval_scalar(&[sigma]).map_or(sigma, |outputs| outputs[0])
        })
        .raise();
    }
    let name: String = given.extract()?;
    Ok(match name.as_str() {
        "sigmoid" => Activation::Sigmoid,
        "tanh" => Activation::Tanh,
        "relu" => Activation::Relu,
        "softplus" => Activation::Softplus,
        "softsign" => Activation::Softsign,
        "silu" => Activation::Silu,
        "gelu" => Activation::Gelu,
        "elu" => Activation::Elu,
        "identity" => Activation::Identity,
        "softmax" => Activation::Softmax,
        other => {
            return Err(error::unknown(format!(
                "no activation is named `{other}`; known: sigmoid, tanh, relu, softplus, softsign, silu, gelu, elu, \
                 identity, softmax; or a function of one recorded value"
            )));
        }
    })
}

fn offset_error(other: &str) -> PyErr {
    error::input(format!("no offset is named `{other}`; known: threshold, bias, None"))
}

/// A node: name, what feeds it, offset, activation.
type Node<'py> = (String, Vec<String>, Option<String>, Bound<'py, PyAny>);

#[pymethods]
impl Network {
    /// Nodes in layers, each fed by all of the layer before: `[2, 3, 1]` has two inputs, three hidden nodes, one output.
    #[staticmethod]
    fn _layered(
        layers: Vec<usize>,
        hidden: &Bound<'_, PyAny>,
        output: &Bound<'_, PyAny>,
        offset: Option<&str>,
    ) -> PyResult<Network> {
        let layered = uphill_nn::Network::layered(&layers);
        let layered = layered.hidden(activation(hidden)?).output(activation(output)?);
        let layered = match offset {
            Some("threshold") => layered.threshold(),
            Some("bias") => layered.bias(),
            None => layered.no_offset(),
            Some(other) => return Err(offset_error(other)),
        };
        Ok(Network { network: layered.build().raise()? })
    }

    /// Nodes wired by name.
    #[staticmethod]
    fn _wired(
        inputs: Vec<String>,
        nodes: Vec<Node<'_>>,
        outputs: Vec<String>,
    ) -> PyResult<Network> {
        let mut builder = uphill_nn::Network::builder().inputs(inputs);
        for (name, fed_by, offset, given) in nodes {
            let spec = NodeSpec::new(name).fed_by(fed_by).activation(activation(&given)?);
            let spec = match offset.as_deref() {
                Some("threshold") => spec.threshold(),
                Some("bias") => spec.bias(),
                None => spec,
                Some(other) => return Err(offset_error(other)),
            };
            builder = builder.node(spec);
        }
        Ok(Network { network: builder.outputs(outputs).build().raise()? })
    }

    /// The names of the inputs.
    #[getter]
    fn input_names(&self) -> Vec<String> {
        self.network.inputs().to_vec()
    }

    /// The names of the outputs.
    #[getter]
    fn output_names(&self) -> Vec<String> {
        self.network.output_names().map(str::to_owned).collect()
    }

    /// The names of the weights, in order: `x1→h1`, `threshold→h1`.
    #[getter]
    fn weight_names(&self) -> Vec<String> {
        self.network.weights().iter().map(|weight| weight.name.clone()).collect()
    }

    /// How many weights there are.
    #[getter]
    fn weight_count(&self) -> usize {
        self.network.weight_count()
    }

    /// Weights from numbers by name, `->` or `→`, in any order.
    fn weights_from<'py>(
        &self,
        py: Python<'py>,
        numbers: std::collections::HashMap<String, f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let pairs = numbers.iter().map(|(name, &number)| (name.as_str(), number));
        Ok(PyArray1::from_vec(py, self.network.weights_from(pairs).raise()?))
    }

    /// The outputs for one row of inputs or for a table of rows: an array with one row an input row.
    fn computed<'py>(
        &self,
        py: Python<'py>,
        weights: &Bound<'py, PyAny>,
        inputs: &Bound<'py, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let weights = vector(weights, "weights")?;
        let table = py.import("numpy")?.call_method1("asarray", (inputs, "float64"))?;
        let shape: Vec<usize> = table.getattr("shape")?.extract()?;
        let width = self.network.inputs().len();
        if shape.last() != Some(&width) || shape.len() > 2 {
            return Err(error::input(format!(
                "inputs of the network: expected rows of {width} numbers, got an array of shape {shape:?}"
            )));
        }
        let numbers = vector(&table, "inputs")?;
        let outputs = py.detach(|| {
            let mut outputs = Vec::new();
            for row in numbers.chunks_exact(width) {
                outputs.extend(self.network.computed(&weights, row)?);
            }
            Ok::<_, uphill_nn::Error>(outputs)
        });
        let outputs = PyArray1::from_vec(py, outputs.raise()?);
        match shape.len() {
            1 => Ok(outputs.into_any().unbind()),
            _ => Ok(outputs.reshape([shape[0], self.network.output_count()])?.into_any().unbind()),
        }
    }

    /// The outputs as a function of weights and inputs.
    fn function(&self) -> PyResult<Function> {
        Ok(Function::plain(self.network.function().raise()?))
    }

    /// A picture of the network, with these weights.
    fn picture(&self, weights: &Bound<'_, PyAny>) -> PyResult<Picture> {
        let weights = vector(weights, "weights")?;
        let picture = uphill_pictures::NetworkPicture::new(&self.network, &weights).raise()?;
        Ok(Picture { picture: picture.picture() })
    }

    /// The network with weights as a file, whole or not there, which `load_network` and Rust read.
    fn save(&self, weights: &Bound<'_, PyAny>, path: PathBuf) -> PyResult<()> {
        let weights = vector(weights, "weights")?;
        Model::new(&self.network, &weights).and_then(|model| model.save_file(path)).raise()
    }

    fn __repr__(&self) -> String {
        format!(
            "<uphill.Network: {} inputs, {} nodes, {} weights>",
            self.network.inputs().len(),
            self.network.nodes().len(),
            self.network.weight_count()
        )
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let weights = vec![0.0; self.network.weight_count()];
        let mut bytes = Vec::new();
        Model::new(&self.network, &weights).and_then(|model| model.write(&mut bytes)).raise()?;
        let restore = py.import("uphill._uphill")?.getattr("_network")?;
        Ok((restore, (PyBytes::new(py, &bytes),)))
    }
}

/// What `pickle` calls.
#[pyfunction]
pub(crate) fn _network(bytes: &[u8]) -> PyResult<Network> {
    let model = Model::read(bytes).raise()?;
    Ok(Network { network: model.network().clone() })
}

/// A network and its weights from a file. Raises `uphill.FormatError` for what is none.
#[pyfunction]
pub(crate) fn load_network(
    py: Python<'_>,
    path: PathBuf,
) -> PyResult<(Network, Bound<'_, PyArray1<f64>>)> {
    let model = Model::load_file(path).raise()?;
    let weights = PyArray1::from_slice(py, model.weights());
    Ok((Network { network: model.network().clone() }, weights))
}

/// A table with rows of numbers: the numbers and the width.
pub(crate) fn table(given: &Bound<'_, PyAny>, what: &str) -> PyResult<(Vec<f64>, usize)> {
    let numpy = given.py().import("numpy")?;
    let array = numpy.call_method1("ascontiguousarray", (given, "float64"))?;
    let dimensions: usize = array.getattr("ndim")?.extract()?;
    let array = match dimensions {
        1 => array.call_method1("reshape", (-1, 1))?,
        2 => array,
        _ => {
            return Err(error::input(format!(
                "{what}: expected a table with one row a sample, got {dimensions} dimensions"
            )));
        }
    };
    let array = array.cast_into::<PyArray2<f64>>()?;
    let width = numpy::PyUntypedArrayMethods::shape(&array)[1];
    Ok((array.try_readonly().map_err(|e| error::input(e.to_string()))?.as_slice()?.to_vec(), width))
}
