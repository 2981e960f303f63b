//! Evaluating a network: from inputs to outputs, node after node, on any scalar.

use uphill_graph::{Function, Inputs, Scalar};

use super::{Network, Offset};
use crate::activation::{Activation, softmax};
use crate::error::{Error, check_length};

impl Network {
    /// The outputs, on any scalar: numbers, duals, variables of a recording.
    ///
    /// # Panics
    ///
    /// If the slices don't have one entry a weight and one an input; [`Network::computed`] returns an error instead.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges.
    ///
    /// ```
    /// use uphill_graph::Dual;
    /// use uphill_nn::Network;
    ///
    /// let network = Network::layered(&[1, 1]).build()?; // σ = w·x − t
    /// assert_eq!(network.outputs(&[2.0, 6.0], &[3.0]), [0.5]);
    /// let weights = [Dual::variable(2.0), Dual::constant(6.0)];
    /// let o = network.outputs(&weights, &[Dual::constant(3.0)])[0];
    /// assert_eq!(o.tangent, 3.0 * 0.5 * (1.0 - 0.5)); // ∂o/∂w = o_i·o_j(1 − o_j)
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn outputs<S: Scalar>(&self, weights: &[S], inputs: &[S]) -> Vec<S> {
        let values = self.node_outputs(weights, inputs);
        self.outputs.iter().map(|&node| values[node]).collect()
    }

    /// The outputs of all nodes, in the order of [`Network::nodes`], on any scalar.
    ///
    /// # Panics
    ///
    /// As [`Network::outputs`].
    #[track_caller]
    #[must_use]
    pub fn node_outputs<S: Scalar>(&self, weights: &[S], inputs: &[S]) -> Vec<S> {
        assert_eq!(weights.len(), self.weights.len(), "one number a weight");
        assert_eq!(inputs.len(), self.inputs.len(), "one number an input");
        let mut values: Vec<S> = Vec::with_capacity(inputs.len() + self.nodes.len());
        values.extend_from_slice(inputs);
        let mut on_edges: (Vec<S>, Vec<S>) = Default::default();
        let mut position = 0;
        while let Some(node) = self.nodes.get(position) {
            if node.activation == Activation::Softmax {
                let mates = self.nodes[position..].iter();
                let mates = mates.take_while(|mate| mate.layer == node.layer).count().max(1);
                let sigmas: Vec<S> = (position..position + mates)
                    .map(|mate| self.sigma(mate, weights, &values, &mut on_edges))
                    .collect();
                for (mate, output) in self.nodes[position..].iter().zip(softmax(&sigmas)) {
                    values.push(output.named(&mate.name));
                }
                position += mates;
            } else {
                let sigma = self.sigma(position, weights, &values, &mut on_edges);
                values.push(node.activation.output(sigma).named(&node.name));
                position += 1;
            }
        }
        values.split_off(inputs.len())
    }

    /// The sum of a node: `Σ w·o`, minus its threshold or plus its bias.
    fn sigma<S: Scalar>(
        &self,
        position: usize,
        weights: &[S],
        values: &[S],
        (on_weights, on_values): &mut (Vec<S>, Vec<S>),
    ) -> S {
        let node = &self.nodes[position];
        on_weights.clear();
        on_values.clear();
        on_weights.extend(node.incoming.iter().map(|edge| weights[edge.weight]));
        on_values.extend(node.incoming.iter().map(|edge| values[edge.from]));
        let constant = match node.offset {
            Offset::None => None,
            Offset::Threshold(weight) => Some(-weights[weight]),
            Offset::Bias(weight) => Some(weights[weight]),
        };
        match constant {
            Some(constant) if on_weights.is_empty() => constant,
            Some(constant) => S::dot(on_weights, on_values) + constant,
            None => S::dot(on_weights, on_values),
        }
    }

    /// The computed outputs, `o` on the slides, as numbers.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    ///
    /// ```
    /// use uphill_nn::Network;
    /// let network = Network::layered(&[1, 1]).build()?;
    /// assert_eq!(network.computed(&[2.0, 6.0], &[3.0])?, [0.5]);
    /// let error = network.computed(&[2.0], &[3.0]).unwrap_err();
    /// assert_eq!(error.to_string(), "weights: expected 2 numbers, got 1");
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn computed(&self, weights: &[f64], inputs: &[f64]) -> Result<Vec<f64>, Error> {
        check_length("weights", self.weights.len(), weights.len())?;
        check_length("inputs", self.inputs.len(), inputs.len())?;
        Ok(self.outputs(weights, inputs))
    }

    /// The network as a recorded function: variables are the weights, parameters the inputs, each with its name.
    ///
    /// For explanations, traces, Jacobians and compilation.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if the recording fails.
    ///
    /// ```
    /// use uphill_nn::Network;
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let slopes = network.function()?.jacobian()?; // ∂o/∂w, ∂o/∂t
    /// assert_eq!(slopes.eval(&[2.0, 6.0, 3.0])?, [0.75, -0.25]);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn function(&self) -> Result<Function, Error> {
        let count = self.weights.len();
        let inputs = self.recorded_inputs();
        Ok(Function::record_many(inputs, |all| self.outputs(&all[..count], &all[count..]))?)
    }

    /// Weights as variables and inputs as parameters.
    pub(crate) fn recorded_inputs(&self) -> Inputs {
        let weights = self
            .weights
            .iter()
            .fold(Inputs::new(), |inputs, weight| inputs.variable(&*weight.name));
        self.inputs.iter().fold(weights, |inputs, name| inputs.parameter(name))
    }
}
