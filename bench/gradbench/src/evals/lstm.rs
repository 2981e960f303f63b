//! `lstm`: layers of gates whose weights are diagonal, over a text of characters in bits, each predicted from those before.
//!
//! Since weights are diagonal, what becomes of a bit depends on no other bit, over the whole text: the bits are samples, and a
//! sample's term is a loop over characters. Then the likelihood joins what all bits have given. Its slopes by that are the
//! weights of a sum, of which each bit takes the gradient: the chain rule across both.

use serde::Deserialize;
use serde_json::json;
use uphill::engine::{OverSamples, Samples};
use uphill::prelude::*;

use crate::compiled::{Compiled, CompiledSamples};
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    main_params: Vec<Vec<f64>>,
    extra_params: Vec<Vec<f64>>,
    state: Vec<Vec<f64>>,
    sequence: Vec<Vec<f64>>,
}

/// Layers, bits of a character, and steps from one character to the next.
#[derive(Clone, Copy)]
struct Shape {
    layers: usize,
    bits: usize,
    steps: usize,
}

/// What a node gives out next, and its cell; weights, then thresholds, of its four gates.
fn node<S: Scalar>(w: &[S], x: S, output: S, cell: S) -> [S; 2] {
    let gate = |number: usize, x: S| x * w[number] + w[4 + number];
    let (forget, keep) = (gate(0, x).sigmoid(), gate(1, output).sigmoid());
    let (open, change) = (gate(2, x).sigmoid(), gate(3, output).tanh());
    let cell = cell * forget + keep * change;
    [open * cell.tanh(), cell]
}

impl Shape {
    /// Weights of a bit: eight a layer, and three outside.
    fn weights(self) -> usize {
        8 * self.layers + 3
    }

    /// What is computed for one bit of each next character.
    fn computed<S: Scalar>(self, w: &[S], state: &[S], text: &[S]) -> Vec<S> {
        let outside = &w[8 * self.layers..];
        let (_, computed) = loops::scan(0..self.steps, state.to_vec(), |t, mut state: Vec<S>| {
            let mut x = text.at(t) * outside[0];
            for layer in 0..self.layers {
                let [output, cell] = [state[2 * layer], state[2 * layer + 1]];
                let next = node(&w[8 * layer..], x, output, cell);
                state[2 * layer..][..2].copy_from_slice(&next);
                x = next[0];
            }
            (state, x * outside[1] + outside[2])
        });
        computed
    }

    /// The objective, by what is computed for all bits, character after character.
    fn unlikely<S: Scalar>(self, computed: &[S], text: &[S]) -> S {
        let bits = self.bits;
        let sum = loops::sum(0..self.steps, |t| {
            let computed: Vec<S> = (0..bits).map(|k| computed.at(bits * t + k)).collect();
            let all = (computed.iter().map(|y| y.exp()).sum::<S>() + 2.0).ln();
            let next = |k: usize| text.at(bits * t + (bits + k));
            (0..bits).map(|k| next(k) * (computed[k] - all)).sum()
        });
        -sum / (self.steps * bits) as f64
    }

    fn inputs(self) -> Inputs {
        let inputs = Inputs::new().variables("w", self.weights());
        inputs.parameters("state", 2 * self.layers).parameters("text", self.steps)
    }

    fn split<S>(self, all: &[S]) -> (&[S], &[S], &[S]) {
        let (w, rest) = all.split_at(self.weights());
        let (state, text) = rest.split_at(2 * self.layers);
        (w, state, text)
    }

    /// What is computed for a bit, as a program over bits.
    fn all_computed(self) -> Result<CompiledSamples, Error> {
        let recorder = Recorder::new();
        let all = recorder.inputs(self.inputs())?;
        let (w, state, text) = self.split(&all);
        recorder.outputs("y", &self.computed(w, state, text));
        let term = recorder.finish()?;
        CompiledSamples::new(&OverSamples::new(term, ["w", "state", "text"])?)
    }

    /// Slopes of that by a bit's weights, summed up by how much each counts.
    fn all_slopes(self) -> Result<CompiledSamples, Error> {
        let term = Function::record(self.inputs().parameters("counts", self.steps), |all| {
            let (w, state, rest) = self.split(all);
            let (text, counts) = rest.split_at(self.steps);
            let computed = self.computed(w, state, text);
            loops::sum(0..self.steps, |t| computed.at(t) * counts.at(t))
        })?;
        let columns = ["w", "state", "text", "counts"];
        CompiledSamples::new(&OverSamples::new(term.gradient()?, columns)?)
    }

    fn likelihood(self) -> Result<Function, Error> {
        let computed = self.steps * self.bits;
        let inputs = Inputs::new().variables("y", computed);
        let inputs = inputs.parameters("text", computed + self.bits);
        Ok(Function::record(inputs, |all| {
            let (computed, text) = all.split_at(self.steps * self.bits);
            self.unlikely(computed, text)
        })?)
    }
}

/// The program over bits, that of the likelihood or its slopes, and for a gradient that of the weights.
struct Programs {
    computed: CompiledSamples,
    likelihood: Compiled,
    slopes: Option<CompiledSamples>,
    joined: Vec<f64>,
}

impl Programs {
    fn new(shape: Shape, function: &str) -> Result<Programs, Error> {
        let (computed, likelihood) = (shape.all_computed()?, shape.likelihood()?);
        let (likelihood, slopes) = match function {
            "objective" => (likelihood, None),
            "jacobian" => (likelihood.gradient()?, Some(shape.all_slopes()?)),
            _ => return Err(Error::Function(function.into(), "objective, jacobian")),
        };
        let likelihood = Compiled::new(&likelihood)?;
        Ok(Programs { computed, likelihood, slopes, joined: Vec::new() })
    }

    /// `rows`: weights, states and characters, one number a bit in each.
    fn run(&mut self, shape: Shape, rows: &[f64]) -> Result<(), Error> {
        let bits = shape.bits;
        let text = bits * (shape.weights() + 2 * shape.layers);
        let own = &rows[..rows.len() - bits];
        let mut columns: Vec<&[f64]> = own.chunks_exact(bits).collect();
        self.computed.run(&[], &Samples::columns(&columns)?)?;
        self.joined.clear();
        self.joined.extend_from_slice(&self.computed.outputs);
        self.joined.extend_from_slice(&rows[text..]);
        self.likelihood.run(&self.joined)?;
        if let Some(slopes) = &mut self.slopes {
            columns.extend(self.likelihood.outputs.chunks_exact(bits));
            slopes.run(&[], &Samples::columns(&columns)?)?;
        }
        Ok(())
    }

    fn outputs(&self) -> serde_json::Value {
        match &self.slopes {
            None => json!(self.likelihood.outputs[0]),
            Some(slopes) => json!(slopes.outputs),
        }
    }
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { main_params, extra_params, state, sequence } = serde_json::from_str(input)?;
    let shape = Shape {
        layers: main_params.len() / 2,
        bits: sequence.first().map_or(0, Vec::len),
        steps: sequence.len().saturating_sub(1),
    };
    // A row of `main_params` holds four gates, one after the other.
    let all = [main_params.concat(), extra_params.concat(), state.concat(), sequence.concat()];
    let due = [8 * shape.layers, 3, 2 * shape.layers, shape.steps + 1].map(|n| n * shape.bits);
    let counts: [usize; 4] = std::array::from_fn(|k| all[k].len());
    if counts != due || shape.steps * shape.bits == 0 {
        return Err(Error::Input(format!(
            "expected {due:?} weights of gates, weights outside, states and bits, got {counts:?}"
        )));
    }
    let rows = all.concat();
    let prepare = || Programs::new(shape, function);
    timed(runs(input)?, prepare, |p| p.run(shape, &rows), Programs::outputs)
}
