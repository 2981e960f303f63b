//! What the passes find: layers, steps, samples that were written out. Results are compared in tests/conformance.rs.

use uphill_graph::{At, Function, Inputs, Scalar, Var, loops};

use super::Compiler;
use crate::code::{Action, Weights};
use crate::over::OverSamples;

fn chain(links: usize) -> Function {
    let chain = Function::record(["a", "b", "c"], |w| {
        let (mut y, mut p) = (Var::constant(0.5), Var::constant(0.0));
        for _ in 0..links {
            y = y.sin() * w[0] + w[1] * y - y * y * w[2];
            p += y;
        }
        p
    });
    chain.unwrap().with_gradient().unwrap()
}

#[test]
fn a_chain_is_as_long_as_its_link() {
    let compile = |links| Compiler::new().compile(&chain(links)).unwrap();
    let (program, longer) = (compile(1250), compile(125_000));
    let code = program.before.code();
    assert!(code.instructions.len() < 150, "{program}");
    // The links, and back again in whole blocks and what is left.
    let bodies = code.loops.iter().filter(|l| l.length > 3).count();
    assert_eq!(bodies, 3, "{program}");
    // One number a link stays for the sweep back.
    assert!(program.layout.end < 1250 + 100, "{}", program.layout.end);
    assert!(longer.before.code().instructions.len() < 160, "{longer}");
    // Without loops it is as long as it was written.
    let straight = Compiler::new().without_loops().compile(&chain(1250)).unwrap();
    assert!(straight.before.code().loops.is_empty());
    assert!(straight.before.code().instructions.len() >= 10 * 1249);
}

#[test]
fn sines_come_beside_cosines_and_sigmoids_beside_sigmoids() {
    let f = Function::record(["x", "y"], |v| {
        let (first, second) = ((v[0] + v[1]).sigmoid(), (v[0] - v[1]).sigmoid());
        let third = (first * second).sigmoid();
        (v[0].sin() * third + v[1]) * v[0].cos()
    });
    let passes = Compiler::new().passes(&f.unwrap()).unwrap();
    let pass = passes.iter().find(|pass| pass.name == "elementary functions in pairs").unwrap();
    let names: Vec<&str> =
        pass.text.lines().filter_map(|line| line.split(['=', '(']).nth(1)).map(str::trim).collect();
    // The third sigmoid needs the first two.
    let order = ["add", "sub", "sigmoid", "sigmoid", "mul", "sigmoid", "sin", "cos"];
    assert_eq!((pass.found, &names[..8]), (2, order.as_slice()), "{}", pass.text);
}

#[test]
fn samples_written_out_become_loops() {
    let inputs = Inputs::new().variables("w", 3).parameters("x", 6000);
    let function = Function::record(inputs, |v| {
        let (w, x) = v.split_at(3);
        let mut p = Var::constant(0.0);
        for s in 0..3000 {
            let e = x[3000 + s] - w[0] * (w[1] * x[s]).exp() - w[2];
            p -= e * e;
        }
        p
    });
    let function = function.unwrap().with_gradient().unwrap();
    let program = Compiler::new().compile(&function).unwrap();
    let code = program.before.code();
    assert!(!code.loops.is_empty());
    assert!(code.instructions.len() < 150, "{program}");
}

/// −Σ(d − o)² of a network of these sizes, and its gradient.
fn network<'n>(
    sizes: &'n [usize],
    activation: impl for<'g> Fn(Var<'g>) -> Var<'g> + 'n,
) -> Function {
    let weights: usize = sizes.windows(2).map(|s| s[1] * (s[0] + 1)).sum();
    let (first, last) = (sizes[0], sizes[sizes.len() - 1]);
    let inputs = Inputs::new().variables("w", weights).parameters("x", first).parameters("d", last);
    let function = Function::record(inputs, |all| {
        let (w, data) = all.split_at(weights);
        let (x, d) = data.split_at(first);
        let (mut layer, mut first) = (x.to_vec(), 0);
        for s in sizes.windows(2) {
            let neuron = |j: usize| {
                let row = &w[first + j * s[0]..][..s[0]];
                // The bias comes first here: a sum that begins with a plain term.
                let bias = w[first + s[0] * s[1] + j];
                activation(row.iter().zip(&layer).fold(bias, |sum, (&w, &o)| sum + w * o))
            };
            layer = (0..s[1]).map(neuron).collect();
            first += s[1] * (s[0] + 1);
        }
        -d.iter().zip(&layer).map(|(&d, &o)| (d - o).square()).sum::<Var<'_>>()
    });
    function.unwrap().with_gradient().unwrap()
}

/// Whatever the activation is, with a slope from its output, with a choice, or without either.
#[test]
fn layers_become_blocks_and_outer_products() {
    type Activation = for<'g> fn(Var<'g>) -> Var<'g>;
    let activations: [(&str, Activation, Option<Action>); 6] = [
        ("sigmoid", |s| s.sigmoid(), Some(Action::SigmoidSlope)),
        ("tanh", |s| s.tanh(), Some(Action::TanhSlope)),
        ("relu", |s| s.relu(), None),
        ("leaky relu", |s| Scalar::max(s, s * 0.01), None),
        ("elu", |s| Scalar::select(s.greater(Var::constant(0.0)), s, s.expm1()), None),
        ("identity", |s| s, None),
    ];
    for (name, activation, slope) in activations {
        let function = network(&[16, 24, 12, 6], activation);
        let sums = OverSamples::new(function, ["x", "d"]).unwrap().sum();
        let program = Compiler::new().compile_samples(&sums).unwrap();
        let code = program.sample.code();
        let blocks: Vec<(usize, usize)> =
            code.blocks.iter().map(|b| (b.targets.len(), b.inputs.len())).collect();
        // Forward, each with the constant input of its biases; then back, each transposed.
        let due = [(24, 17), (12, 25), (6, 13), (12, 6), (24, 12)];
        assert_eq!(blocks, due, "{name}\n{program}");
        assert!(matches!(code.blocks[3].weights, Weights::Affine { .. }), "{name}");
        let outers: Vec<(usize, usize)> =
            code.outers.iter().map(|o| (o.rows.len(), o.columns.len())).collect();
        assert_eq!(outers, [(6, 13), (12, 25), (24, 17)], "{name}\n{program}");
        let count = |action| code.instructions.iter().filter(|i| i.action == action).count();
        assert_eq!(count(Action::OuterTotal), 3, "{name}");
        if let Some(slope) = slope {
            assert_eq!(count(slope), 42, "{name}\n{program}");
        }

        // Strict keeps roundings, and so has neither.
        let strict = Compiler::new().strict().compile_samples(&sums).unwrap();
        let strict = strict.sample.code();
        assert!(strict.blocks.is_empty() && strict.outers.is_empty(), "{name}");
    }
}

/// Networks that are large enough to be looked through for loops have their layers as blocks all the same.
#[test]
fn large_layers_are_no_loops() {
    let all: [&[usize]; 7] = [
        &[64, 128, 64, 10],
        &[100; 4],
        &[784, 30, 10, 10],
        // Few inputs and many units: as many rows as a table of samples has.
        &[10, 1000, 10],
        &[4, 3000, 5],
        &[8, 1000, 8, 1000, 8],
        // So wide that each row is longer than the shortest loop.
        &[6, 4500, 4],
    ];
    for sizes in all {
        let function = network(sizes, |s| s.sigmoid());
        assert!(function.loops().found.is_empty(), "{}", function.loops());
        let sums = OverSamples::new(function, ["x", "d"]).unwrap().sum();
        let program = Compiler::new().compile_samples(&sums).unwrap();
        let code = program.sample.code();
        let forward = sizes.windows(2).map(|s| (s[1], s[0] + 1));
        let back = sizes[1..].windows(2).rev().map(|s| (s[0], s[1]));
        let due: Vec<(usize, usize)> = forward.chain(back).collect();
        let blocks = code.blocks.iter().map(|b| (b.targets.len(), b.inputs.len()));
        assert_eq!(blocks.collect::<Vec<_>>(), due, "{program}");
        assert_eq!(code.outers.len(), sizes.len() - 1, "{program}");
    }
}

/// A step of a recurrent network, in a loop: its layer is a block, of what is carried and of what moves along.
#[test]
fn layers_in_loops_are_blocks() {
    let (width, steps) = (6, 20);
    let inputs = Inputs::new().variables("w", width * (2 * width + 1)).parameters("x", 120);
    let function = Function::record(inputs, |v| {
        let (w, x) = v.split_at(width * (2 * width + 1));
        let start = vec![Var::constant(0.0); width];
        let last = loops::fold(0..steps, start, |t, state: Vec<Var<'_>>| {
            let neuron = |j: usize| {
                let row = &w[j * (2 * width + 1)..][..2 * width + 1];
                let mut net = row[2 * width];
                for (k, &weight) in row[..width].iter().enumerate() {
                    net += weight * x.at(width * t + k);
                }
                for (&weight, &state) in row[width..2 * width].iter().zip(&state) {
                    net += weight * state;
                }
                net.tanh()
            };
            (0..width).map(neuron).collect()
        });
        Var::total(&last)
    });
    let program = Compiler::new().compile(&function.unwrap()).unwrap();
    let code = program.before.code();
    let blocks: Vec<_> = code.blocks.iter().map(|b| (b.targets.len(), b.inputs.len())).collect();
    assert_eq!(blocks, [(width, 2 * width + 1)], "{program}");
    let inside = code.instructions.iter().position(|i| i.action == Action::Block).unwrap();
    let repeat = code.instructions.iter().position(|i| i.action == Action::Loop).unwrap();
    assert!(repeat < inside, "{program}");
}

#[test]
fn passes_are_shown() {
    let function = Function::record(Inputs::new().variables("w", 2).parameter("x"), |v| {
        (v[0] * v[2] + v[1]).sigmoid()
    });
    let function = function.unwrap().with_gradient().unwrap();
    let sums = OverSamples::new(function, ["x"]).unwrap().sum();
    let passes = Compiler::new().passes_over_samples(&sums).unwrap();
    let text: Vec<String> = passes
        .iter()
        .map(|pass| format!("== {} ({})\n{}", pass.name, pass.found, pass.text))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}
