//! A chain of a million operations on a thread with a small stack: nothing recurses over the depth of a graph.

use uphill_graph::{Function, Scalar};

const STACK: usize = 64 << 10;
const ROUNDS: usize = 333_334;

/// Without a repetition, which would become a loop.
fn chain<S: Scalar>(w: &[S]) -> S {
    let mut state = 1_u64;
    (0..ROUNDS).fold(S::constant(0.5), |x, _| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (if state >> 63 == 0 { x.sin() } else { x.cos() }) * w[0] + w[1]
    })
}

fn on_a_small_stack<T: Send + 'static>(code: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(code).unwrap();
    thread.join().expect("the stack is large enough")
}

#[test]
fn a_million_nodes_on_a_small_stack() {
    let (value, gradient, tangent, texts) = on_a_small_stack(|| {
        let f = Function::record(["a", "b"], |w| chain(w)).unwrap();
        assert!(f.graph().len() > 1_000_000);
        let bytes = f.graph().heap_bytes() as f64 / f.graph().len() as f64;
        assert!(bytes <= 24.0, "{bytes} bytes a recorded node");

        let w = [0.9, 0.1];
        let value = f.value(&w).unwrap();
        let simple = f.simplify();
        assert_eq!(simple.value(&w).unwrap().to_bits(), value.to_bits());
        drop(simple);
        let gradient = f.gradient().unwrap();
        let jvp = f.jvp().unwrap();
        let texts = [f.summary(), gradient.summary(), jvp.summary()];
        let tangent = jvp.value(&[w[0], w[1], 1.0, 0.0]).unwrap();
        (value, gradient.eval(&w).unwrap(), tangent, texts)
    });
    assert_eq!(value.to_bits(), chain(&[0.9, 0.1]).to_bits());
    let dual = |a: f64, b: f64| {
        use uphill_graph::Dual;
        chain(&[Dual::new(0.9, a), Dual::new(0.1, b)]).tangent
    };
    for (mode, found, expected) in [
        ("dP/da", gradient[0], dual(1.0, 0.0)),
        ("dP/db", gradient[1], dual(0.0, 1.0)),
        ("jvp", tangent, dual(1.0, 0.0)),
    ] {
        assert!(
            (found - expected).abs() <= 1e-12 * expected.abs(),
            "{mode}: {found} and {expected}"
        );
    }
    assert!(
        texts[0].starts_with("P(a, b): 2 inputs, 1 output, 1000001 operations"),
        "{}",
        texts[0]
    );
    for text in texts {
        assert!(text.len() < 200, "a summary is one line: {text}");
    }
}

/// Text and Hessian of deep graphs are large, but cut or flat: they don't recurse either.
#[test]
fn long_texts_and_deep_second_derivatives() {
    on_a_small_stack(|| {
        let f = Function::record(["a", "b"], |w| {
            (0..3000).fold(w[0], |x, _| (x.sin() * w[0] + w[1]).abs() / 1.5)
        });
        let f = f.unwrap();
        assert!(f.to_string().lines().count() > 100);
        assert!(f.hessian().unwrap().eval(&[0.9, 0.1]).unwrap().iter().all(|h| h.is_finite()));
    });
}

/// Wide rather than deep: one sum of a million terms.
#[test]
fn a_sum_of_a_million_terms() {
    let f = Function::record(["x"], |x| {
        let half = 0.5 * x[0];
        (0..1_000_000).map(|_| half).sum()
    });
    let simple = f.unwrap().simplify();
    assert_eq!(simple.graph().operation_count(), 2);
    assert_eq!(simple.value(&[2.0]).unwrap(), 1e6);
    assert_eq!(simple.gradient().unwrap().value(&[2.0]).unwrap(), 5e5);
}
