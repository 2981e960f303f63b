//! W4: a tiny function, many calls: a 2-2-1 network of sigmoid nodes on one sample, value and gradient by nine weights.

use std::hint::black_box;

use ad_trait::differentiable_function::{DerivativeMethodTrait, ForwardADMulti, ReverseAD};
use ad_trait::forward_ad::adfn::adfn;
use ad_trait::reverse_ad::adr::adr;
use nalgebra::SVector;
use num_dual::DualSVec64;
use reverse::Gradient as _;
use uphill_bench::by_hand;
use uphill_bench::numbers::{Sums, weights};
use uphill_bench::table::Table;
use uphill_engine::tape::Tape;
use uphill_engine::{Backend, Compiler};
use uphill_graph::{Function, Inputs};
use uphill_peers::{Code, network};

const X: [f64; 2] = [0.3, -0.8];

pub fn run() {
    println!("\nW4");
    let w: [f64; 9] = weights(&[2, 2, 1], 5).try_into().expect("nine");
    let mut gradient = [0.0; 9];
    let p = by_hand::small_network(&w, &X, 1.0, &mut gradient);
    let due = Sums::of(p, &gradient);
    let check = |what: &str, p: f64, g: &[f64]| Sums::of(p, g).check(what, due, 1e-12);
    let inputs: Vec<f64> = w.iter().chain(&X).chain(&[1.0]).copied().collect();

    let names = Inputs::new().variables("w", 9).parameters("x", 2).parameter("d");
    let function = Function::record(names, |v| network(&v[..9], [v[9], v[10]], v[11]));
    let both = function.and_then(|f| f.with_gradient()).expect("one output");
    let program = Compiler::new().machine_code().compile(&both).expect("compiles");
    let mut machine = program.workspace().backend(Backend::MachineCode);
    let mut interpreter = program.workspace().backend(Backend::Scalar);
    let (mut outputs, mut others) = ([0.0; 10], [0.0; 10]);
    program.run(&mut machine, &inputs, &mut outputs).expect("shape");
    check("uphill, machine code", outputs[0], &outputs[1..]);
    program.run(&mut interpreter, &inputs, &mut others).expect("shape");
    check("uphill, interpreter", others[0], &others[1..]);
    let mut tape = Tape::new();
    let (p, g) = tape.gradient(&w, |w| network(w, X, 1.0)).expect("memory");
    check("uphill, fresh tape", p, &g);

    let duals = || {
        let (at, x) = (SVector::from(black_box(w)), black_box(X));
        num_dual::gradient(
            |w: SVector<DualSVec64<9>, 9>| network(w.as_slice(), x, black_box(1.0)),
            &at,
        )
    };
    let (p, g) = duals();
    check("num-dual", p, g.as_slice());

    let record = |inputs: &[f64]| {
        echidna::record(|v| network(&v[..9], [v[9], v[10]], v[11]), black_box(inputs))
    };
    let (mut recorded, p) = record(&inputs);
    check("echidna, recorded", p, &recorded.gradient(&inputs)[..9]);
    let swept = || echidna::grad(|w| network(w, black_box(X), black_box(1.0)), black_box(&w));
    check("echidna, swept", p, &swept());

    let forward = Code { inputs: 9, code: |w: &[adfn<9>]| network(w, black_box(X), 1.0) };
    let backward = Code { inputs: 9, code: |w: &[adr]| network(w, black_box(X), 1.0) };
    let forward = || ForwardADMulti::<adfn<9>>::new().derivative(black_box(&w), &forward);
    let backward = || ReverseAD::new().derivative(black_box(&w), &backward);
    let (p, g) = forward();
    check("ad_trait, forward", p[0], g.as_slice());
    let (p, g) = backward();
    check("ad_trait, reverse", p[0], g.as_slice());

    let noted = || {
        let tape = reverse::Tape::new();
        let w = tape.add_vars(&black_box(w));
        let p = network(&w, black_box(X), 1.0);
        (p.val(), p.grad().wrt(&w))
    };
    let (p, g) = noted();
    check("reverse", p, &g);

    let mut adjoints = Vec::new();
    let mut table = Table::new("W4, 2-2-1 network, P and gradient of one sample", "ns", 1.0);
    table.row("by hand (1)", || {
        let x = black_box(&X);
        black_box(by_hand::small_network(black_box(&w), x, 1.0, &mut gradient));
        black_box(&gradient);
    });
    table.row("uphill, machine code", || {
        program.run(&mut machine, black_box(&inputs), &mut outputs).expect("shape");
        black_box(&outputs);
    });
    table.row("uphill, interpreter", || {
        program.run(&mut interpreter, black_box(&inputs), &mut others).expect("shape");
        black_box(&others);
    });
    table.row("echidna, recorded once", || {
        black_box(recorded.gradient_with_buf(black_box(&inputs), &mut adjoints));
    });
    table.row("uphill, fresh tape", || {
        let mut gradient = [0.0; 9];
        let value =
            tape.gradient_into(black_box(&w), &mut gradient, |w| network(w, black_box(X), 1.0));
        black_box((value.expect("memory"), gradient));
    });
    table.row("echidna, its tape for one sweep", || {
        black_box(swept());
    });
    table.row("echidna, record and gradient", || {
        let (mut tape, _) = record(&inputs);
        black_box(tape.gradient(&inputs));
    });
    table.row("ad_trait, reverse", || {
        black_box(backward());
    });
    table.row("reverse, fresh tape", || {
        black_box(noted());
    });
    table.row("num-dual, nine directions forward", || {
        black_box(duals());
    });
    table.row("ad_trait, nine directions forward", || {
        black_box(forward());
    });
    table.run(crate::EACH);
}
