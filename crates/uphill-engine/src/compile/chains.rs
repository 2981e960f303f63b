//! Very long sums become running sums: each term is added as soon as it is there.
//!
//! A sum over the steps of a long calculation would else keep all of its terms alive until the end. Sums of the table
//! and fused dot products keep their bits. The neurons of a wide layer, which read the same numbers, are left to dense blocks.

use uphill_graph::Op;

use super::draft::{Draft, Statement};
use super::rows::{Sides, layers};
use crate::code::Action;

/// From how many terms on a sum may become a running one…
const TERMS: u32 = 64;
/// …if its first and last terms are so many statements apart.
const SPAN: u32 = 2048;

/// Returns how many sums became running sums; `blocks` tells whether there will be dense blocks.
pub(crate) fn chains(draft: &mut Draft, blocks: bool) -> usize {
    let givers = draft.givers();
    let ready = |value: u32| match givers[value as usize] {
        u32::MAX => 0,
        position => position,
    };
    let mut chosen = vec![false; draft.statements.len()];
    let mut found = 0;
    for (position, statement) in draft.statements.iter().enumerate() {
        let pairs = matches!(statement.action, Action::Dot | Action::Op(Op::Dot));
        if !pairs && statement.action != Action::Op(Op::Sum) {
            continue;
        }
        let terms = if pairs { statement.count / 2 } else { statement.count };
        let mut spread = draft.operands(statement).iter().map(|&value| ready(value));
        let first = spread.next().unwrap_or(0);
        let (low, high) =
            spread.fold((first, first), |(low, high), at| (low.min(at), high.max(at)));
        chosen[position] = terms >= TERMS && high - low >= SPAN;
        found += usize::from(chosen[position]);
    }
    if found > 0 && blocks {
        let sides = Sides { one: draft.one(), ones: draft.ones() };
        for (chosen, of_layer) in chosen.iter_mut().zip(layers(draft, sides)) {
            found -= usize::from(*chosen && of_layer);
            *chosen &= !of_layer;
        }
    }
    if found == 0 {
        return 0;
    }

    // Where each step of each running sum goes: behind the statement with that position.
    let mut insertions: Vec<(u32, Statement)> = Vec::new();
    for (position, _) in chosen.iter().enumerate().filter(|(_, chosen)| **chosen) {
        let statement = draft.statements[position];
        let operands: Vec<u32> = draft.operands(&statement).to_vec();
        let varying = draft.is_varying(&statement);
        let is_varying = |draft: &Draft, x: u32| draft.definitions[x as usize].is_varying();
        let width = if statement.action == Action::Op(Op::Sum) { 1 } else { 2 };
        let mut sum = None;
        let mut sum_varies = false;
        let mut at = 0;
        let last = operands.len() / width - 1;
        for (k, term) in operands.chunks_exact(width).enumerate() {
            at = term.iter().map(|&value| ready(value)).fold(at, u32::max);
            let term_varies = term.iter().any(|&value| is_varying(draft, value));
            sum_varies |= term_varies;
            let product = |draft: &mut Draft| {
                let value = draft.new_value(term_varies);
                (value, draft.statement(Action::Op(Op::Mul), value, term))
            };
            let result = (k == last).then_some(statement.value);
            let running = |draft: &mut Draft| {
                result.unwrap_or_else(|| {
                    draft.new_value(if k == last { varying } else { sum_varies })
                })
            };
            sum = Some(match (statement.action, sum) {
                (Action::Op(Op::Sum), None) => term[0],
                (_, None) => {
                    let (value, step) = product(draft);
                    insertions.push((at, step));
                    value
                }
                (Action::Dot, Some(sum)) => {
                    let value = running(draft);
                    let step =
                        draft.statement(Action::MultiplyAdd, value, &[term[0], term[1], sum]);
                    insertions.push((at, step));
                    value
                }
                (action, Some(sum)) => {
                    let added = if action == Action::Op(Op::Sum) {
                        term[0]
                    } else {
                        let (value, step) = product(draft);
                        insertions.push((at, step));
                        value
                    };
                    let value = running(draft);
                    let step = draft.statement(Action::Op(Op::Add), value, &[sum, added]);
                    insertions.push((at, step));
                    value
                }
            });
        }
    }
    draft.insert(insertions);
    // The long sums themselves are still there, behind the last steps, which have their values.
    let mut given = vec![false; draft.definitions.len()];
    draft.statements.retain(|statement| {
        use Action::{Block, Loop, OuterTotal, Total};
        let again = matches!(statement.action, Total | OuterTotal | Block | Loop);
        again || !std::mem::replace(&mut given[statement.value as usize], true)
    });
    found
}
