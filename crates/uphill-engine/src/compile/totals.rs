//! Outputs that are added up over samples: plain totals, and products that need no slot of their own.
//!
//! The gradient by a weight is a sum over samples of an adjoint times an output. Adjoints that meet the same outputs
//! make one outer product: the partner of a dense block in the reverse sweep.

use rustc_hash::{FxHashMap, FxHashSet};
use uphill_graph::Op;

use super::draft::{Draft, DraftOuter, Output, Statement, is};
use crate::code::Action;

/// A product that is an output to be summed.
#[derive(Debug, Clone, Copy)]
struct Product {
    row: u32,
    column: u32,
    sum: u32,
}

/// Adds those outputs up over samples that have the number of a sum; products are fused into the sums only if `fuse`.
/// Returns how many were.
pub(crate) fn totals(draft: &mut Draft, summed: &[Option<u32>], fuse: bool) -> usize {
    if summed.iter().all(Option::is_none) {
        draft.sweep();
        return 0;
    }
    let uses = draft.use_counts();
    let givers = draft.givers();
    let mut plain: Vec<(u32, u32)> = Vec::new();
    let mut products: Vec<Product> = Vec::new();
    for (position, &sum) in summed.iter().enumerate() {
        let (Output::Value(value), Some(sum)) = (draft.outputs[position].1, sum) else { continue };
        draft.sum_count = draft.sum_count.max(sum + 1);
        draft.outputs[position].1 = Output::Sum(sum);
        let giver = draft.statements.get(givers[value as usize] as usize);
        let varying = |x: u32| draft.definitions[x as usize].is_varying();
        let product = giver.filter(|_| fuse && uses[value as usize] == 1).and_then(|giver| {
            match draft.operands(giver) {
                &[row, column] if is(giver.action, Op::Mul) => {
                    (varying(row) && varying(column)).then_some(Product { row, column, sum })
                }
                _ => None,
            }
        });
        match product {
            Some(product) => products.push(product),
            None => plain.push((value, sum)),
        }
    }
    let fused = products.len();

    // A total of an adjoint that has outer products is its product with 1: the book's threshold as a weight.
    let rows: FxHashSet<u32> = products.iter().map(|product| product.row).collect();
    let mut ones = None;
    plain.retain(|&(value, sum)| {
        if rows.contains(&value) {
            let column = *ones.get_or_insert_with(|| draft.ones());
            products.push(Product { row: value, column, sum });
        }
        !rows.contains(&value)
    });

    let ready = |value: u32| match givers.get(value as usize) {
        None | Some(&u32::MAX) => 0,
        Some(&position) => position,
    };
    let mut insertions: Vec<(u32, Statement)> = Vec::new();
    if let Some(ones) = ones {
        let one = draft.one();
        insertions.push((0, draft.statement(Action::Copy, ones, &[one])));
    }
    for outer in group(&products) {
        let at = outer.rows.iter().chain(&outer.columns).map(|&x| ready(x)).max().unwrap_or(0);
        let first = draft.outers.len() as u32;
        draft.outers.push(outer);
        let action = Action::OuterTotal;
        insertions.push((at, Statement { action, value: u32::MAX, first, count: 0 }));
    }
    for (value, sum) in plain {
        let at = ready(value);
        let mut term = value;
        if !draft.definitions[value as usize].is_varying() {
            term = draft.new_value(true);
            insertions.push((at, draft.statement(Action::Copy, term, &[value])));
        }
        insertions.push((at, draft.statement(Action::Total, sum, &[term])));
    }
    draft.insert(insertions);
    draft.sweep();
    fused
}

/// Rows that meet the same columns, together.
fn group(products: &[Product]) -> Vec<DraftOuter> {
    let mut of_row: FxHashMap<u32, usize> = FxHashMap::default();
    /// A row, and columns with sums.
    type Row = (u32, Vec<(u32, u32)>);
    let mut rows: Vec<Row> = Vec::new();
    for product in products {
        let place = *of_row.entry(product.row).or_insert_with(|| {
            rows.push((product.row, Vec::new()));
            rows.len() - 1
        });
        rows[place].1.push((product.column, product.sum));
    }
    let mut places: FxHashMap<Vec<u32>, usize> = FxHashMap::default();
    let mut outers: Vec<DraftOuter> = Vec::new();
    for (row, pairs) in rows {
        let columns: Vec<u32> = pairs.iter().map(|(column, _)| *column).collect();
        let place = *places.entry(columns).or_insert_with_key(|columns| {
            let columns = columns.clone();
            outers.push(DraftOuter { rows: Vec::new(), columns, sums: Vec::new() });
            outers.len() - 1
        });
        outers[place].rows.push(row);
        outers[place].sums.extend(pairs.iter().map(|(_, sum)| *sum));
    }
    outers
}
