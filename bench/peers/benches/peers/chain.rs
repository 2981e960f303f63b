//! W1: value and gradient of one long chain of scalar operations.

use std::hint::black_box;

use ad_trait::AD;
use ad_trait::differentiable_function::{DerivativeMethodTrait, ForwardADMulti, ReverseAD};
use ad_trait::forward_ad::adfn::adfn;
use ad_trait::reverse_ad::adr::adr;
use echidna::Scalar as _;
use nalgebra::SVector;
use num_dual::DualSVec64;
use reverse::Gradient as _;
use uphill_bench::by_hand;
use uphill_bench::numbers::Sums;
use uphill_bench::table::Table;
use uphill_engine::tape::{Active, Tape};
use uphill_engine::{Backend, Compiler};
use uphill_graph::{Function, Scalar as _, Var};
use uphill_peers::{Code, chain};

const ABC: [f64; 3] = [1.3, 0.4, 0.3];

pub fn run() {
    for links in [1_250, 125_000] {
        of_links(links);
    }
}

fn of_links(links: usize) {
    let operations = 8 * links;
    println!("\nW1, {operations} operations");
    let mut kept = Vec::new();
    let (p, g) = by_hand::chain(ABC, links, &mut kept);
    let due = Sums::of(p, &g);
    // Others have a sine of their own, and the chain makes much of its last bit.
    let check = |what: &str, p: f64, g: &[f64]| Sums::of(p, g).check(what, due, 1e-9);

    let function = Function::record(["a", "b", "c"], |w| chain(w, Var::constant(0.5), links));
    let both = function.and_then(|f| f.with_gradient()).expect("one output");
    let program = Compiler::new().machine_code().compile(&both).expect("compiles");
    let mut workspace = program.workspace().backend(Backend::MachineCode);
    let mut outputs = [0.0; 4];
    program.run(&mut workspace, &ABC, &mut outputs).expect("shape");
    check("uphill, compiled", outputs[0], &outputs[1..]);
    let mut tape = Tape::new();
    let (p, g) = tape.gradient(&ABC, |w| chain(w, Active::constant(0.5), links)).expect("memory");
    check("uphill, fresh tape", p, &g);

    let duals = || {
        let at = SVector::from(black_box(ABC));
        num_dual::gradient(
            |abc: SVector<DualSVec64<3>, 3>| chain(abc.as_slice(), DualSVec64::from_re(0.5), links),
            &at,
        )
    };
    let (p, g) = duals();
    check("num-dual", p, g.as_slice());

    let record = || {
        echidna::record(|abc| chain(abc, echidna::BReverse::from_f(0.5), links), black_box(&ABC))
    };
    let (mut recorded, p) = record();
    check("echidna, recorded", p, &recorded.gradient(&ABC));
    let swept =
        || echidna::grad(|abc| chain(abc, echidna::Reverse::from_f(0.5), links), black_box(&ABC));
    check("echidna, swept", p, &swept());

    let forward =
        Code { inputs: 3, code: |abc: &[adfn<3>]| chain(abc, adfn::constant(0.5), links) };
    let backward = Code { inputs: 3, code: |abc: &[adr]| chain(abc, adr::constant(0.5), links) };
    let forward = || ForwardADMulti::<adfn<3>>::new().derivative(black_box(&ABC), &forward);
    let backward = || ReverseAD::new().derivative(black_box(&ABC), &backward);
    let (p, g) = forward();
    check("ad_trait, forward", p[0], g.as_slice());
    let (p, g) = backward();
    check("ad_trait, reverse", p[0], g.as_slice());

    let noted = || {
        let tape = reverse::Tape::new();
        let abc = tape.add_vars(&black_box(ABC));
        let p = chain(&abc, tape.add_var(0.5), links);
        (p.val(), p.grad().wrt(&abc))
    };
    let (p, g) = noted();
    check("reverse", p, &g);

    let mut adjoints = Vec::new();
    let title = format!("W1, {operations} operations, P and gradient");
    let mut table = Table::new(title, "ns an operation", operations as f64);
    table.row("by hand, sine and cosine stored (1)", || {
        black_box(by_hand::chain(black_box(ABC), links, &mut kept));
    });
    table.row("uphill, compiled once", || {
        program.run(&mut workspace, black_box(&ABC), &mut outputs).expect("shape");
        black_box(&outputs);
    });
    table.row("echidna, recorded once", || {
        black_box(recorded.gradient_with_buf(black_box(&ABC), &mut adjoints));
    });
    table.row("uphill, fresh tape", || {
        let mut gradient = [0.0; 3];
        let value = tape.gradient_into(black_box(&ABC), &mut gradient, |w| {
            chain(w, Active::constant(0.5), links)
        });
        black_box((value.expect("memory"), gradient));
    });
    table.row("echidna, its tape for one sweep", || {
        black_box(swept());
    });
    table.row("echidna, record and gradient", || {
        let (mut tape, _) = record();
        black_box(tape.gradient(&ABC));
    });
    table.row("ad_trait, reverse", || {
        black_box(backward());
    });
    table.row("reverse, fresh tape", || {
        black_box(noted());
    });
    table.row("num-dual, three directions forward", || {
        black_box(duals());
    });
    table.row("ad_trait, three directions forward", || {
        black_box(forward());
    });
    table.run(crate::EACH);
}
