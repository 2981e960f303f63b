//! W1: value and gradient of one long chain of scalar operations.

use std::hint::black_box;

use echidna::Scalar as _;
use uphill_bench::by_hand;
use uphill_bench::chain::ABC;
use uphill_bench::numbers::Sums;
use uphill_bench::table::Table;
use uphill_engine::Backend;
use uphill_peers::{Calls, Gradients, Number, Performance, chain, record};

pub struct Chain {
    pub links: usize,
}

impl Performance for Chain {
    fn of<N: Number>(&self, abc: &[N], constant: impl Fn(f64) -> N) -> N {
        chain(abc, constant(0.5), self.links)
    }
}

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
    let performance = Chain { links };
    let title = format!("W1, {operations} operations, P and gradient");
    let table = Table::new(title, "ns an operation", operations as f64);
    // Others have a sine of their own, and the chain makes much of its last bit.
    let mut gradients = Gradients::new(&performance, &ABC, Sums::of(p, &g), 1e-9, table);
    gradients.table.row("by hand, sine and cosine stored (1)", || {
        black_box(by_hand::chain(black_box(ABC), links, &mut kept));
    });
    let both = record(&performance, 3).with_gradient().expect("one output");
    gradients.compiled("uphill, compiled once", Calls::new(&both, Backend::MachineCode, &ABC));
    gradients.recorded();
    gradients.taped();
    gradients.table.row("echidna, record and gradient", || {
        let constant = echidna::BReverse::from_f;
        let (mut tape, _) = echidna::record(|abc| performance.of(abc, constant), black_box(&ABC));
        black_box(tape.gradient(&ABC));
    });
    gradients.forward::<3>("three");
    gradients.table.run(crate::EACH);
}
