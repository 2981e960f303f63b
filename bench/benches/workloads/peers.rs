//! Other libraries on W1, W3 and W4, each as its documentation says.
//!
//! echidna is 0.1, the newest that builds with the workspace's oldest Rust.

use std::hint::black_box;
use std::time::Duration;

use faer::Par;
use nalgebra::SVector;
use num_dual::{DualNum, DualSVec64};
use reverse::Gradient;

use crate::by_hand;
use crate::chain;
use crate::matrices::Matrices;
use crate::network;
use crate::numbers::{Random, Sums};
use crate::table::Table;

const LINKS: [usize; 2] = [1_250, 125_000];
const ABC: [f64; 3] = [1.3, 0.4, 0.3];

pub fn run() {
    for links in LINKS {
        long_chain(links);
    }
    layers();
    small_network();
}

/// W1 for types with num-traits' functions.
fn float_chain<T: echidna::Scalar<Float = f64>>(abc: &[T], links: usize) -> T {
    let (mut y, mut performance) = (T::from_f(0.5), T::from_f(0.0));
    for _ in 0..links {
        y = y.sin() * abc[0] + abc[1] * y - y * y * abc[2];
        performance = performance + y;
    }
    performance
}

/// W1 for num-dual.
pub fn dual_chain<T: DualNum<Primitive = f64> + Copy>(abc: &[T], links: usize) -> T {
    let (mut y, mut performance) = (T::from(0.5), T::from(0.0));
    for _ in 0..links {
        y = y.sin() * abc[0] + abc[1] * y - y * y * abc[2];
        performance += y;
    }
    performance
}

/// W1 for the crate `reverse`.
fn tape_chain<'t>(
    tape: &'t reverse::Tape,
    abc: &[reverse::Var<'t>],
    links: usize,
) -> reverse::Var<'t> {
    let (mut y, mut performance) = (tape.add_var(0.5), tape.add_var(0.0));
    for _ in 0..links {
        y = y.sin() * abc[0] + abc[1] * y - y * y * abc[2];
        performance = performance + y;
    }
    performance
}

fn long_chain(links: usize) {
    let operations = 8 * links;
    println!("\nW1 by other libraries, {operations} operations");
    let mut kept = Vec::new();
    let (p, g) = by_hand::chain(ABC, links, &mut kept);
    let due = Sums::of(p, &g);
    let duals = || {
        let at = SVector::from(black_box(ABC));
        num_dual::gradient(|abc: SVector<DualSVec64<3>, 3>| dual_chain(abc.as_slice(), links), &at)
    };
    let (p, g) = duals();
    Sums::of(p, g.as_slice()).check("num-dual", due, 1e-9);
    let (mut recorded, p) = echidna::record(|abc| float_chain(abc, links), &ABC);
    Sums::of(p, &recorded.gradient(&ABC)).check("echidna", due, 1e-9);
    let fresh = || {
        let tape = reverse::Tape::new();
        let abc = tape.add_vars(&black_box(ABC));
        let p = tape_chain(&tape, &abc, links);
        (p.val(), p.grad().wrt(&abc))
    };
    let (p, g) = fresh();
    Sums::of(p, &g).check("reverse", due, 1e-9);

    let mut adjoints = Vec::new();
    let mut tape = uphill_engine::tape::Tape::new();
    let title = format!("W1, other libraries, {operations} operations");
    let mut table = Table::new(title, "ns an operation", operations as f64);
    table.row("by hand, sine and cosine stored (1)", || {
        black_box(by_hand::chain(black_box(ABC), links, &mut kept));
    });
    table.row("num-dual, three directions forward", || {
        black_box(duals());
    });
    table.row("echidna, recorded once", || {
        black_box(recorded.gradient_with_buf(black_box(&ABC), &mut adjoints));
    });
    table.row("echidna, record and gradient", || {
        let (mut tape, _) = echidna::record(|abc| float_chain(abc, links), black_box(&ABC));
        black_box(tape.gradient(&ABC));
    });
    table.row("echidna, its tape for one sweep", || {
        black_box(echidna::grad(|abc| float_chain(abc, links), black_box(&ABC)));
    });
    table.row("reverse, fresh tape", || {
        black_box(fresh());
    });
    table.row("uphill, fresh tape", || {
        let mut gradient = [0.0; 3];
        let value = tape.gradient_into(black_box(&ABC), &mut gradient, |w| chain::chain(w, links));
        black_box((value.expect("memory"), gradient));
    });
    table.run(Duration::from_secs(1));
}

/// W3 with matrixmultiply's products.
fn layers() {
    const SIZES: [usize; 4] = [64, 128, 64, 10];
    const SAMPLES: usize = 1000;
    println!("\nW3 by other libraries");
    let mut random = Random::new(13);
    let x: Vec<f64> = (0..SAMPLES * SIZES[0]).map(|_| 2.0 * random.unit() - 1.0).collect();
    let d: Vec<f64> = (0..SAMPLES * SIZES[3]).map(|_| random.unit()).collect();
    let w = network::weights(&SIZES, 11);
    let mut slopes = vec![0.0; w.len()];
    let mut matrices = Matrices::new(&SIZES, SAMPLES);
    let p = matrices.pass(&w, &x, &d, &mut slopes, Par::Seq);
    let due = Sums::of(p, &slopes);
    let p = matrices.pass_with(&w, &x, &d, &mut slopes, |product| product.by_matrixmultiply());
    Sums::of(p, &slopes).check("matrixmultiply", due, 1e-12);

    let mut other = (Matrices::new(&SIZES, SAMPLES), slopes.clone());
    let mut table = Table::new("W3, other libraries, one thread", "ms", 1.0);
    table.row("faer's products, vectorised sigmoids (1)", || {
        black_box(matrices.pass(&w, &x, &d, &mut slopes, Par::Seq));
    });
    table.row("matrixmultiply's products, the same sigmoids", || {
        let (matrices, slopes) = &mut other;
        black_box(matrices.pass_with(&w, &x, &d, slopes, |product| product.by_matrixmultiply()));
    });
    table.run(Duration::from_secs(1));
}

/// P of the 2-2-1 network, for num-dual.
pub fn dual_network<T: DualNum<Primitive = f64> + Copy>(w: &[T], x: [f64; 2], desired: f64) -> T {
    let sigmoid = |sum: T| ((-sum).exp() + 1.0).recip();
    let h1 = sigmoid(w[0] * x[0] + w[1] * x[1] + w[4]);
    let h2 = sigmoid(w[2] * x[0] + w[3] * x[1] + w[5]);
    let e = -sigmoid(w[6] * h1 + w[7] * h2 + w[8]) + desired;
    -e * e
}

/// The same for types with num-traits' functions.
fn float_network<T: echidna::Scalar<Float = f64>>(w: &[T], x: &[T], desired: T) -> T {
    let sigmoid = |sum: T| ((-sum).exp() + T::from_f(1.0)).recip();
    let h1 = sigmoid(w[0] * x[0] + w[1] * x[1] + w[4]);
    let h2 = sigmoid(w[2] * x[0] + w[3] * x[1] + w[5]);
    let e = desired - sigmoid(w[6] * h1 + w[7] * h2 + w[8]);
    -e * e
}

fn small_network() {
    println!("\nW4 by other libraries");
    let w: [f64; 9] = network::weights(&[2, 2, 1], 5).try_into().expect("nine");
    let x = [0.3, -0.8];
    let mut gradient = [0.0; 9];
    let p = by_hand::small_network(&w, &x, 1.0, &mut gradient);
    let due = Sums::of(p, &gradient);
    let duals = || {
        let (at, x) = (SVector::from(black_box(w)), black_box(x));
        num_dual::gradient(
            |w: SVector<DualSVec64<9>, 9>| dual_network(w.as_slice(), x, black_box(1.0)),
            &at,
        )
    };
    let (p, g) = duals();
    Sums::of(p, g.as_slice()).check("num-dual", due, 1e-12);
    let inputs: Vec<f64> = w.iter().chain(&x).chain(&[1.0]).copied().collect();
    let record =
        |inputs: &[f64]| echidna::record(|v| float_network(&v[..9], &v[9..11], v[11]), inputs);
    let (mut recorded, p) = record(&inputs);
    Sums::of(p, &recorded.gradient(&inputs)[..9]).check("echidna", due, 1e-12);

    let mut adjoints = Vec::new();
    let mut table = Table::new("W4, other libraries, 2-2-1 network", "ns", 1.0);
    table.row("by hand (1)", || {
        let x = black_box(&x);
        black_box(by_hand::small_network(black_box(&w), x, 1.0, &mut gradient));
    });
    table.row("num-dual, nine directions forward", || {
        black_box(duals());
    });
    table.row("echidna, recorded once", || {
        black_box(recorded.gradient_with_buf(black_box(&inputs), &mut adjoints));
    });
    table.row("echidna, record and gradient", || {
        let (mut tape, _) = record(black_box(&inputs));
        black_box(tape.gradient(&inputs));
    });
    table.run(Duration::from_secs(1));
}
