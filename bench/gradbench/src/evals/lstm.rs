//! `lstm`: layers of gates whose weights are diagonal, over a text of characters in bits, each predicted from those before.

use serde::Deserialize;
use serde_json::json;
use uphill::prelude::*;

use crate::compiled::Compiled;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    main_params: Vec<Vec<f64>>,
    extra_params: Vec<Vec<f64>>,
    state: Vec<Vec<f64>>,
    sequence: Vec<Vec<f64>>,
}

/// Layers, bits of a character, and characters.
#[derive(Clone, Copy)]
struct Shape {
    layers: usize,
    bits: usize,
    characters: usize,
}

impl Shape {
    /// Weights of a layer, thresholds included.
    fn layer(self) -> usize {
        8 * self.bits
    }

    fn weights(self) -> usize {
        self.layers * self.layer() + 3 * self.bits
    }

    fn states(self) -> usize {
        2 * self.layers * self.bits
    }

    /// What node `k` of a layer gives out next, and its cell.
    fn node<S: Scalar>(self, w: &[S], k: usize, x: S, output: S, cell: S) -> [S; 2] {
        let gate =
            |number: usize, x: S| x * w[number * self.bits + k] + w[(4 + number) * self.bits + k];
        let (forget, keep) = (gate(0, x).sigmoid(), gate(1, output).sigmoid());
        let (open, change) = (gate(2, x).sigmoid(), gate(3, output).tanh());
        let cell = cell * forget + keep * change;
        [open * cell.tanh(), cell]
    }

    /// How likely the bits of the next character are, by those of this one and by what is carried along.
    fn character<S: Scalar>(self, w: &[S], state: &mut [S], now: &[S], next: &[S]) -> S {
        let (bits, outside) = (self.bits, &w[self.layers * self.layer()..]);
        let mut x: Vec<S> = (0..bits).map(|k| now[k] * outside[k]).collect();
        for (layer, state) in state.chunks_exact_mut(2 * bits).enumerate() {
            for k in 0..bits {
                let w = &w[layer * self.layer()..];
                [state[k], state[bits + k]] = self.node(w, k, x[k], state[k], state[bits + k]);
                x[k] = state[k];
            }
        }
        let computed = |k: usize| x[k] * outside[bits + k] + outside[2 * bits + k];
        let computed: Vec<S> = (0..bits).map(computed).collect();
        let sum: S = computed.iter().map(|y| y.exp()).sum();
        let all = (sum + 2.0).ln();
        next.iter().zip(&computed).map(|(&bit, &y)| bit * (y - all)).sum()
    }

    fn objective<S: Scalar>(self, w: &[S], state: &[S], text: &[S]) -> S {
        let (steps, bits) = (self.characters - 1, self.bits);
        let (_, terms) = loops::scan(0..steps, state.to_vec(), |t, mut state| {
            let bits_of = |first: Index<S>| -> Vec<S> {
                (0..bits).map(|k| text.at(bits * first + k)).collect()
            };
            let term = self.character(w, &mut state, &bits_of(t), &bits_of(t + 1));
            (state, term)
        });
        -loops::sum(0..steps, |t| terms.at(t)) / (steps * bits) as f64
    }

    fn record(self) -> Result<Function, Error> {
        let inputs = Inputs::new().variables("w", self.weights());
        let inputs = inputs.parameters("state", self.states());
        Ok(Function::record(inputs.parameters("text", self.characters * self.bits), |all| {
            let (w, rest) = all.split_at(self.weights());
            let (state, text) = rest.split_at(self.states());
            self.objective(w, state, text)
        })?)
    }
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { main_params, extra_params, state, sequence } = serde_json::from_str(input)?;
    let shape = Shape {
        layers: main_params.len() / 2,
        bits: sequence.first().map_or(0, Vec::len),
        characters: sequence.len(),
    };
    let weights = [main_params.concat(), extra_params.concat()].concat();
    let (state, text) = (state.concat(), sequence.concat());
    let counts = [weights.len(), state.len(), text.len()];
    if counts != [shape.weights(), shape.states(), shape.characters * shape.bits] || text.is_empty()
    {
        return Err(Error::Input(format!(
            "{counts:?} weights, states and bits don't make {} layers of {} bits over {} characters",
            shape.layers, shape.bits, shape.characters
        )));
    }
    let all = [weights, state, text].concat();
    let prepare = || match function {
        "objective" => Compiled::new(&shape.record()?),
        "jacobian" => Compiled::new(&shape.record()?.gradient()?),
        _ => Err(Error::Function(function.into(), "objective, jacobian")),
    };
    let is_primal = function == "objective";
    let output = |p: &Compiled| if is_primal { json!(p.outputs[0]) } else { json!(p.outputs) };
    timed(runs(input)?, prepare, |p| p.run(&all), output)
}
