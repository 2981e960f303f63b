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

/// A row, and columns with sums.
type Row = (u32, Vec<(u32, u32)>);

/// Rows of a triangle that are taken together: as many as the kernels do.
const TOGETHER: usize = 4;

/// Rows that meet the same columns, together.
fn group(products: &[Product]) -> Vec<DraftOuter> {
    let mut of_row: FxHashMap<u32, usize> = FxHashMap::default();
    let mut rows: Vec<Row> = Vec::new();
    for product in products {
        let place = *of_row.entry(product.row).or_insert_with(|| {
            rows.push((product.row, Vec::new()));
            rows.len() - 1
        });
        rows[place].1.push((product.column, product.sum));
    }
    let mut places: FxHashMap<Vec<u32>, usize> = FxHashMap::default();
    let mut same: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let columns: Vec<u32> = row.1.iter().map(|(column, _)| *column).collect();
        let place = *places.entry(columns).or_insert_with(|| {
            same.push(Vec::new());
            same.len() - 1
        });
        same[place].push(row);
    }
    let mut outers = Vec::new();
    let mut alone: Vec<Row> = Vec::new();
    for mut rows in same {
        if rows.len() == 1 {
            alone.append(&mut rows);
        } else {
            outers.push(outer(&rows));
        }
    }
    triangles(alone, &mut outers);
    outers
}

/// Rows that have some columns in common, as those of a triangle have: longest rows first, a few together.
fn triangles(rows: Vec<Row>, outers: &mut Vec<DraftOuter>) {
    // Those that meet the same column are near each other.
    let mut of_column: FxHashMap<u32, usize> = FxHashMap::default();
    let mut near: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let known = row.1.iter().find_map(|(column, _)| of_column.get(column).copied());
        let place = known.unwrap_or_else(|| {
            near.push(Vec::new());
            near.len() - 1
        });
        for (column, _) in &row.1 {
            of_column.entry(*column).or_insert(place);
        }
        near[place].push(row);
    }
    for mut rows in near {
        rows.sort_by_key(|row| std::cmp::Reverse(row.1.len()));
        for together in rows.chunks_mut(TOGETHER) {
            let (first, others) = together.split_at(1);
            let mut common: Vec<u32> = first[0].1.iter().map(|(column, _)| *column).collect();
            for (_, pairs) in others {
                let own: FxHashSet<u32> = pairs.iter().map(|(column, _)| *column).collect();
                common.retain(|column| own.contains(column));
            }
            if common.len() < TOGETHER || others.is_empty() {
                outers.extend(together.iter().map(|row| outer(std::slice::from_ref(row))));
                continue;
            }
            let mut shared: Vec<Row> = Vec::with_capacity(TOGETHER);
            let mut own: Vec<Row> = Vec::new();
            for (row, pairs) in together {
                let mut sums: FxHashMap<u32, u32> = pairs.iter().copied().collect();
                let taken = common.iter().filter_map(|column| sums.remove_entry(column)).collect();
                shared.push((*row, taken));
                pairs.retain(|(column, _)| sums.contains_key(column));
                if !pairs.is_empty() {
                    own.push((*row, std::mem::take(pairs)));
                }
            }
            outers.push(outer(&shared));
            outers.extend(own.iter().map(|row| outer(std::slice::from_ref(row))));
        }
    }
}

/// Rows with the same columns.
fn outer(rows: &[Row]) -> DraftOuter {
    DraftOuter {
        rows: rows.iter().map(|(row, _)| *row).collect(),
        columns: rows[0].1.iter().map(|(column, _)| *column).collect(),
        sums: rows.iter().flat_map(|(_, pairs)| pairs.iter().map(|(_, sum)| *sum)).collect(),
    }
}
