//! What a gradient costs: at most four operations for each of the function's own.
//!
//! Both sides are counted after `simplify`: P alone, and P together with its gradient, as `with_gradient` gives it.
//! An n-ary node does the work of a chain, so it counts as one: a sum, product or dot product of k operands as k - 1
//! operations, a mean as k, a log-sum-exp as 2k (k exponentials, k - 1 additions, a logarithm). The last column tells
//! what it would be if such a node counted as one operation: no measure of work, but of the size of graphs.

use uphill_graph::{Function, Inputs, Node, Op, Scalar};

fn operations(f: &Function) -> usize {
    let work = |id| match f.graph().node(id) {
        Node::Op(Op::Sum | Op::Product | Op::Dot, x) => x.len() - 1,
        Node::Op(Op::Mean, x) => x.len(),
        Node::Op(Op::LogSumExp, x) => 2 * x.len(),
        Node::Op(..) => 1,
        Node::Input(_) | Node::Constant(_) | Node::Copy(_) | Node::Result { .. } => 0,
    };
    f.graph().ids().map(work).sum()
}

/// The lecture's linear example.
fn linear<S: Scalar>(w: &[S]) -> S {
    let o1 = w[0] - 2.0 * w[1] + 5.0 * w[2];
    let o2 = 2.0 * w[0] - w[1] - 6.0;
    3.0 * o1 - 7.0 * o2
}

/// Two inputs, two hidden nodes, one output node, all sigmoid with bias: nine weights, then x1, x2 and d.
fn net<S: Scalar>(v: &[S]) -> S {
    let (w, x, d) = (&v[..9], &v[9..11], v[11]);
    let h1 = (w[0] * x[0] + w[1] * x[1] + w[2]).sigmoid();
    let h2 = (w[3] * x[0] + w[4] * x[1] + w[5]).sigmoid();
    let o = (w[6] * h1 + w[7] * h2 + w[8]).sigmoid();
    -(d - o).square()
}

fn rosenbrock<S: Scalar>(x: &[S]) -> S {
    -x.windows(2).map(|x| 100.0 * (x[1] - x[0] * x[0]).square() + (1.0 - x[0]).square()).sum::<S>()
}

/// One long scalar chain: eight operations a round.
fn chain<S: Scalar>(w: &[S]) -> S {
    let mut y = S::constant(0.5);
    let mut p = S::constant(0.0);
    for _ in 0..125 {
        y = y.sin() * w[0] + w[1] * y - y * y * w[2];
        p += y;
    }
    p
}

fn sum_of_products<S: Scalar>(x: &[S]) -> S {
    (0..20).map(|k| x[k] * x[k + 20]).sum()
}

/// Three classes, four features, the first class being right: ln softmax.
fn cross_entropy<S: Scalar>(v: &[S]) -> S {
    let (w, x) = (&v[..12], &v[12..]);
    let z: Vec<S> = w.chunks(4).map(|w| S::dot(w, x)).collect();
    z[0] - S::log_sum_exp(&z)
}

fn product<S: Scalar>(x: &[S]) -> S {
    x.iter().copied().product()
}

/// Two peaks on a decaying background at one sample, eight parameters, then x and y.
fn peaks<S: Scalar>(v: &[S]) -> S {
    let (b, x, y) = (&v[..8], v[8], v[9]);
    let peak = |height: S, at: S, width: S| height * (-((x - at) / width).square()).exp();
    let m = b[0] * (-b[1] * x).exp() + peak(b[2], b[3], b[4]) + peak(b[5], b[6], b[7]);
    -(y - m).square()
}

#[test]
fn a_gradient_costs_at_most_four_operations_for_one() {
    let variables = |n| Inputs::new().variables("w", n);
    let suite = [
        ("linear", Function::record(variables(3), |w| linear(w))),
        ("2-2-1 net", Function::record(variables(9).parameters("x", 3), |v| net(v))),
        ("Rosenbrock, n = 50", Function::record(variables(50), |x| rosenbrock(x))),
        ("chain of 1000", Function::record(variables(3), |w| chain(w))),
        ("20 products", Function::record(variables(40), |x| sum_of_products(x))),
        (
            "softmax cross-entropy",
            Function::record(variables(12).parameters("x", 4), |v| cross_entropy(v)),
        ),
        ("30 factors", Function::record(variables(30), |x| product(x))),
        ("two peaks", Function::record(variables(8).parameters("x", 2), |v| peaks(v))),
    ];
    let mut table =
        format!("{:<24}{:>10}{:>12}{:>8}{:>16}\n", "", "P", "P and ∇P", "ratio", "ratio of nodes");
    let mut dear = Vec::new();
    for (name, f) in suite {
        let f = f.unwrap();
        let (alone, with_gradient) = (f.simplify(), f.with_gradient().unwrap());
        let (own, both) = (operations(&alone), operations(&with_gradient));
        let ratio = both as f64 / own as f64;
        let nodes = |f: &Function| f.graph().operation_count() as f64;
        let of_nodes = nodes(&with_gradient) / nodes(&alone);
        table += &format!("{name:<24}{own:>10}{both:>12}{ratio:>8.2}{of_nodes:>16.2}\n");
        if ratio > 4.0 {
            dear.push(format!(
                "{name}: {both} operations for P and its gradient, {own} for P: {ratio:.2}"
            ));
        }
    }
    assert!(dear.is_empty(), "more than four operations for one:\n{}\n{table}", dear.join("\n"));
    insta::assert_snapshot!(table);
}
