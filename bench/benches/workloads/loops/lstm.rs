//! ADBench's LSTM: layers of gates whose weights are diagonal, over a text of characters of 14 bits, each predicted from
//! those before.

use std::hint::black_box;

use uphill_graph::{At, Function, Index, Inputs, Scalar, loops};

use super::rivals::{Rival, compare, total};
use super::{Case, Form, Lines};
use crate::numbers::{Random, Sums, check};

const LAYERS: usize = 2;
const BITS: usize = 14;
/// Weights of a layer, thresholds included.
const LAYER: usize = 8 * BITS;
const WEIGHTS: usize = LAYERS * LAYER + 3 * BITS;
const CHARACTERS: [usize; 3] = [128, 1_024, 8_192];

/// Weights, and the two numbers that each node of a layer starts with: first those of the outputs, then those of the cells.
struct Start {
    weights: Vec<f64>,
    state: Vec<f64>,
}

impl Start {
    fn new() -> Start {
        let mut random = Random::new(29);
        let mut draw = |count: usize| (0..count).map(|_| random.unit() - 0.5).collect();
        Start { weights: draw(WEIGHTS), state: draw(LAYERS * 2 * BITS) }
    }
}

/// The bits of each character.
fn text(characters: usize) -> Vec<f64> {
    let mut random = Random::new(31);
    (0..characters * BITS).map(|_| f64::from(u8::from(random.unit() < 0.5))).collect()
}

/// What the node gives out next, and its cell.
fn node<S: Scalar>(w: &[S], k: usize, x: S, output: S, cell: S) -> [S; 2] {
    let gate = |number: usize, x: S| x * w[number * BITS + k] + w[(4 + number) * BITS + k];
    let (forget, keep) = (gate(0, x).sigmoid(), gate(1, output).sigmoid());
    let (open, change) = (gate(2, x).sigmoid(), gate(3, output).tanh());
    let cell = cell * forget + keep * change;
    [open * cell.tanh(), cell]
}

/// How likely the bits of a character are, by what is computed for it: the logarithm, bit for bit.
fn likelihood<S: Scalar, D: Copy>(computed: &[S], bits: &[D], times: impl Fn(D, S) -> S) -> S {
    let sum: S = computed.iter().map(|y| y.exp()).sum();
    let all = (sum + 2.0).ln();
    computed.iter().zip(bits).map(|(&y, &bit)| times(bit, y - all)).sum()
}

/// What a character adds to the performance, by what is carried along: its bits go in, those of the next are desired.
fn character<S: Scalar, D: Copy>(
    w: &[S],
    state: &mut [S],
    bits: [D; BITS],
    next: [D; BITS],
    times: impl Fn(D, S) -> S,
) -> S {
    let outside = &w[LAYERS * LAYER..];
    let mut x: [S; BITS] = std::array::from_fn(|k| times(bits[k], outside[k]));
    for layer in 0..LAYERS {
        let (w, state) = (&w[layer * LAYER..], &mut state[layer * 2 * BITS..]);
        for k in 0..BITS {
            [state[k], state[BITS + k]] = node(w, k, x[k], state[k], state[BITS + k]);
            x[k] = state[k];
        }
    }
    let computed: [S; BITS] =
        std::array::from_fn(|k| x[k] * outside[BITS + k] + outside[2 * BITS + k]);
    likelihood(&computed, &next, times)
}

/// The performance over a text whose bits are numbers of any kind.
fn plain<S: Scalar, D: Copy>(
    w: &[S],
    state: &[f64],
    text: &[D],
    times: impl Fn(D, S) -> S + Copy,
) -> S {
    let mut state: Vec<S> = state.iter().map(|&x| S::constant(x)).collect();
    let bits = |t: usize| std::array::from_fn(|k| text[t * BITS + k]);
    let steps = text.len() / BITS - 1;
    let mut total = S::constant(0.0);
    for t in 0..steps {
        total += character(w, &mut state, bits(t), bits(t + 1), times);
    }
    total / (steps * BITS) as f64
}

/// The same as a loop that carries the layers' state.
fn scanned<S: Scalar>(w: &[S], state: &[f64], text: &[f64]) -> S {
    let start: Vec<S> = state.iter().map(|&x| S::constant(x)).collect();
    let bits = |t: Index<S>| std::array::from_fn(|k| (BITS * t + k).of(text));
    let steps = text.len() / BITS - 1;
    let (_, terms) = loops::scan(0..steps, start, |t, mut state| {
        let term = character(w, &mut state, bits(t), bits(t + 1), |bit, y| bit * y);
        (state, term)
    });
    loops::sum(0..steps, |t| terms.at(t)) / (steps * BITS) as f64
}

const FORMS: [Form; 3] = [
    Form { name: "plain", record: record_plain, gradient: &CHARACTERS, hessian: &[] },
    Form {
        name: "plain, bits as inputs",
        record: record_bits,
        gradient: &[128, 1_024],
        hessian: &[],
    },
    Form { name: "scan", record: record_scanned, gradient: &CHARACTERS, hessian: &[] },
];

fn record_plain(characters: usize) -> Function {
    let (state, text) = (Start::new().state, text(characters));
    let inputs = Inputs::new().variables("w", WEIGHTS);
    Function::record(inputs, |w| plain(w, &state, &text, |bit, y| bit * y)).expect("names")
}

fn record_scanned(characters: usize) -> Function {
    let (state, text) = (Start::new().state, text(characters));
    let inputs = Inputs::new().variables("w", WEIGHTS);
    Function::record(inputs, |w| scanned(w, &state, &text)).expect("names")
}

fn record_bits(characters: usize) -> Function {
    let state = Start::new().state;
    let inputs = Inputs::new().variables("w", WEIGHTS).parameters("bit", characters * BITS);
    Function::record(inputs, |v| plain(&v[..WEIGHTS], &state, &v[WEIGHTS..], |bit, y| bit * y))
        .expect("names")
}

/// What a node's step leaves for the way back.
#[derive(Clone, Copy, Default)]
struct Kept {
    x: f64,
    output: f64,
    cell: f64,
    forget: f64,
    keep: f64,
    open: f64,
    change: f64,
    bend: f64,
}

struct ByHand {
    kept: Vec<Kept>,
    /// How far each bit was from what was computed for it, and what came from the last layer.
    last: Vec<[f64; 2]>,
    gradient: Vec<f64>,
}

impl ByHand {
    fn new(characters: usize) -> ByHand {
        ByHand {
            kept: vec![Kept::default(); characters * LAYERS * BITS],
            last: vec![[0.0; 2]; characters * BITS],
            gradient: vec![0.0; WEIGHTS],
        }
    }

    /// The performance, with the standard library's functions, and its gradient if that is asked for.
    fn run<const GRADIENT: bool>(&mut self, w: &[f64], state: &[f64], text: &[f64]) -> f64 {
        let (outside, steps) = (&w[LAYERS * LAYER..WEIGHTS], text.len() / BITS - 1);
        let share = 1.0 / (steps * BITS) as f64;
        let mut state: [[f64; 2 * BITS]; LAYERS] =
            std::array::from_fn(|l| std::array::from_fn(|k| state[l * 2 * BITS + k]));
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let mut total = 0.0;
        for t in 0..steps {
            let mut x: [f64; BITS] = std::array::from_fn(|k| text[t * BITS + k] * outside[k]);
            for layer in 0..LAYERS {
                let (w, state) = (&w[layer * LAYER..][..LAYER], &mut state[layer]);
                let kept = match GRADIENT {
                    true => &mut self.kept[(t * LAYERS + layer) * BITS..][..BITS],
                    false => &mut [][..],
                };
                for k in 0..BITS {
                    let gate = |number: usize, x: f64| {
                        x * w[number * BITS + k] + w[(4 + number) * BITS + k]
                    };
                    let (output, cell) = (state[k], state[BITS + k]);
                    let (forget, keep) = (sigmoid(gate(0, x[k])), sigmoid(gate(1, output)));
                    let (open, change) = (sigmoid(gate(2, x[k])), gate(3, output).tanh());
                    let next = cell * forget + keep * change;
                    let bend = next.tanh();
                    if GRADIENT {
                        kept[k] = Kept { x: x[k], output, cell, forget, keep, open, change, bend };
                    }
                    state[BITS + k] = next;
                    state[k] = open * bend;
                    x[k] = state[k];
                }
            }
            let computed: [f64; BITS] =
                std::array::from_fn(|k| x[k] * outside[BITS + k] + outside[2 * BITS + k]);
            let powers = computed.map(f64::exp);
            let sum = powers.iter().sum::<f64>() + 2.0;
            let (all, bits) = (sum.ln(), &text[(t + 1) * BITS..][..BITS]);
            let ones: f64 = bits.iter().sum();
            for k in 0..BITS {
                total += bits[k] * (computed[k] - all);
                if GRADIENT {
                    self.last[t * BITS + k] = [(bits[k] - ones * powers[k] / sum) * share, x[k]];
                }
            }
        }
        if GRADIENT {
            self.back(w, text, steps);
        }
        total * share
    }

    fn back(&mut self, w: &[f64], text: &[f64], steps: usize) {
        let (outside, g) = (&w[LAYERS * LAYER..WEIGHTS], &mut self.gradient[..WEIGHTS]);
        let outer = LAYERS * LAYER;
        g.fill(0.0);
        // Adjoints of what each node gave out and of its cell, as the step after has them.
        let mut adjoints = [[[0.0; 2]; BITS]; LAYERS];
        for t in (0..steps).rev() {
            let mut from_above: [f64; BITS] = std::array::from_fn(|k| {
                let [off, x] = self.last[t * BITS + k];
                g[outer + BITS + k] += off * x;
                g[outer + 2 * BITS + k] += off;
                off * outside[BITS + k]
            });
            for layer in (0..LAYERS).rev() {
                let (w, start) = (&w[layer * LAYER..][..LAYER], layer * LAYER);
                let g = &mut g[start..start + LAYER];
                let kept = &self.kept[(t * LAYERS + layer) * BITS..][..BITS];
                for k in 0..BITS {
                    let of = kept[k];
                    let output = adjoints[layer][k][0] + from_above[k];
                    let cell = adjoints[layer][k][1] + output * of.open * (1.0 - of.bend * of.bend);
                    let slope = |y: f64| y * (1.0 - y);
                    let gates = [
                        cell * of.cell * slope(of.forget),
                        cell * of.change * slope(of.keep),
                        output * of.bend * slope(of.open),
                        cell * of.keep * (1.0 - of.change * of.change),
                    ];
                    for (number, &gate) in gates.iter().enumerate() {
                        let x = if number % 2 == 0 { of.x } else { of.output };
                        g[number * BITS + k] += gate * x;
                        g[(4 + number) * BITS + k] += gate;
                    }
                    let weight = |number: usize| gates[number] * w[number * BITS + k];
                    adjoints[layer][k] = [weight(1) + weight(3), cell * of.forget];
                    from_above[k] = weight(0) + weight(2);
                }
            }
            for k in 0..BITS {
                g[outer + k] += from_above[k] * text[t * BITS + k];
            }
        }
    }
}

/// Value and gradient over 1024 characters beside the loss alone, in plain code.
pub(super) fn beside_loss() {
    let (Start { weights, state }, text) = (Start::new(), text(1_024));
    let [mut loss, mut by_hand] = [0; 2].map(|_| ByHand::new(1_024));
    let value = plain(&weights, &state, &text, |bit, y| bit * y);
    let got = loss.run::<false>(&weights, &state, &text);
    check("LSTM, 1024, by hand, the loss alone", &[(got, value)], 1e-12);
    let (weights, state, text) = (&weights, &state, &text);
    let rivals = vec![
        Rival::new("by hand, the loss alone (1)", 0, |_| {
            black_box(loss.run::<false>(black_box(weights), state, text));
        }),
        Rival::new("by hand", WEIGHTS + 1, |all| {
            all[0] = by_hand.run::<true>(black_box(weights), state, text);
            all[1..].copy_from_slice(&by_hand.gradient);
        }),
    ];
    let function = record_plain(1_024).with_gradient().expect("one output");
    compare("LSTM, 1024, value and gradient", &function, weights, total, rivals);
}

pub(super) fn run(lines: &mut Lines) {
    println!("\nLSTM, {LAYERS} layers of {BITS}");
    let Start { weights, state } = Start::new();
    for characters in CHARACTERS {
        let (text, mut by_hand) = (text(characters), ByHand::new(characters));
        let performance = by_hand.run::<true>(&weights, &state, &text);
        // There are no sums of others: the performance of the generic code on plain numbers, and uphill's gradient.
        let value = plain(&weights, &state, &text, |bit, y| bit * y);
        let due = Sums::of(performance, &by_hand.gradient);
        check(&format!("by hand, {characters} characters, P"), &[(performance, value)], 1e-12);
        for form in FORMS {
            let bits: &[f64] = if form.name.ends_with("inputs") { &text } else { &[] };
            let inputs = [&weights, bits].concat();
            let case = Case { workload: "LSTM", form: &form, size: characters, inputs: &inputs };
            case.gradient(
                lines,
                |what, all| case.sums(what, all, due, BITS * characters),
                || {
                    black_box(by_hand.run::<true>(black_box(&weights), &state, &text));
                },
            );
        }
    }
}
