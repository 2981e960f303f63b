//! W5: a chained problem with multipliers: value and gradient, and the sparse Hessian, which echidna has, too.

use std::hint::black_box;

use echidna::sparse::greedy_coloring;
use uphill_bench::chained::{ByHand, DUE, inputs, record_summed};
use uphill_bench::numbers::{Sums, Total, check};
use uphill_bench::table::Table;
use uphill_engine::{Backend, Compiler};
use uphill_peers::{Calls, Gradients, Number, Performance, chained, record};

/// As other libraries have it: multipliers are constants.
struct Chained<'a> {
    multipliers: &'a [f64],
}

impl Performance for Chained<'_> {
    fn of<N: Number>(&self, x: &[N], _constant: impl Fn(f64) -> N) -> N {
        chained(x, self.multipliers)
    }
}

pub fn run() {
    for (n, sums, hessian) in DUE {
        if n <= 10_000 {
            gradient(n, sums);
            second(n, hessian);
        }
    }
}

fn gradient(n: usize, due: Sums) {
    println!("\nW5, {n} numbers, gradient");
    let all = inputs(n);
    let (x, multipliers) = all.split_at(n);
    let performance = Chained { multipliers };
    let mut by_hand = ByHand::new(n);
    let table = Table::new(format!("W5, {n}, P and gradient"), "ns a number", n as f64);
    // A plain sum of n terms rounds n times.
    let mut gradients = Gradients::new(&performance, x, due, 1e-11, table);
    gradients.table.row("by hand (1)", || {
        black_box(by_hand.run::<false>(black_box(x), multipliers));
    });
    let both = record(&performance, n).with_gradient().expect("one output");
    gradients.compiled("uphill, compiled once", Calls::new(&both, Backend::MachineCode, x));
    gradients.recorded();
    gradients.taped();
    gradients.table.run(crate::EACH);
}

/// num-dual and ad_trait have whole Hessians alone: 10⁸ numbers for 10⁴.
fn second(n: usize, due: [f64; 2]) {
    println!("\nW5, {n} numbers, sparse Hessian");
    let all = inputs(n);
    let (x, multipliers) = all.split_at(n);
    let sum = |all: &mut dyn Iterator<Item = f64>| all.collect::<Total>().sum();
    // Both triangles are in uphill's list, one in echidna's.
    let sums = |rows: &[u32], columns: &[u32], values: &[f64]| {
        let is_diagonal = |k: &usize| rows[*k] == columns[*k];
        let times = |k: usize| if is_diagonal(&k) { 1.0 } else { 2.0 };
        let magnitudes = sum(&mut (0..values.len()).map(|k| times(k) * values[k].abs()));
        (magnitudes, sum(&mut (0..values.len()).filter(is_diagonal).map(|k| values[k])))
    };
    let check = |what: &str, (magnitudes, diagonal): (f64, f64)| {
        check(what, &[(magnitudes, due[0]), (diagonal, due[1])], 1e-12);
    };

    let record = || record(&Chained { multipliers }, n);
    let sparse = record().sparse_hessian().expect("one output");
    let mut calls = Calls::new(&sparse.function, Backend::MachineCode, x);
    let outputs = calls.run();
    let diagonal = sparse.entries.iter().zip(outputs).filter(|((row, column), _)| row == column);
    let diagonal = sum(&mut diagonal.map(|(_, &value)| value));
    check("uphill", (sum(&mut outputs.iter().map(|x| x.abs())), diagonal));
    let from_nothing = || {
        let sparse = record().sparse_hessian().expect("one output");
        let program = Compiler::new().compile(&sparse.function).expect("compiles");
        program.eval(black_box(x)).expect("shape")
    };
    let from_loops = || {
        let sparse = record_summed(n).sparse_hessian().expect("one output");
        let program = Compiler::new().compile(&sparse.function).expect("compiles");
        program.eval(black_box(&all)).expect("shape")
    };
    for values in [from_nothing(), from_loops()] {
        check("uphill, from nothing", (sum(&mut values.iter().map(|x| x.abs())), diagonal));
    }

    let (recorded, _) = echidna::record(|x| chained(x, multipliers), x);
    let pattern = recorded.detect_sparsity();
    let (colours, count) = greedy_coloring(&pattern);
    println!("  echidna: {} entries by {count} sweeps", pattern.rows.len());
    let again = || recorded.sparse_hessian_with_pattern(black_box(x), &pattern, &colours, count);
    check("echidna", sums(&pattern.rows, &pattern.cols, &again().2));
    let theirs =
        || echidna::sparse_hessian_vec::<f64, 8>(|x| chained(x, multipliers), black_box(x));
    let (_, _, pattern_again, values) = theirs();
    check("echidna, from nothing", sums(&pattern_again.rows, &pattern_again.cols, &values));

    let mut by_hand = ByHand::new(n);
    let mut table = Table::new(format!("W5, {n}, sparse Hessian"), "ns a number", n as f64);
    table.row("by hand, with value and gradient (1)", || {
        black_box(by_hand.run::<true>(black_box(x), multipliers));
    });
    table.row("uphill, compiled once", || {
        black_box(calls.run());
    });
    table.row("echidna, recorded and coloured once", || {
        black_box(again());
    });
    table.run(crate::EACH);
    let mut table = Table::new(format!("W5, {n}, from nothing to a sparse Hessian"), "ms", 1.0);
    table.row("uphill, a plain `for` (1)", || {
        black_box(from_nothing());
    });
    table.row("uphill, sums over ranges", || {
        black_box(from_loops());
    });
    table.row("echidna, eight colours a sweep", || {
        black_box(theirs());
    });
    table.run(crate::EACH);
}
