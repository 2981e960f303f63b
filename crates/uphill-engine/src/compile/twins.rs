//! Sine and cosine of one number come next to each other.
//!
//! A gradient needs the cosine of what the function took the sine of, but much later: in the sweep back. Side by side,
//! each can be computed while the other is still on its way, the argument is reduced once where a backend computes both,
//! and the argument itself need not be kept for the cosine alone. Same bits.

use uphill_graph::Op;

use super::draft::{Draft, Statement, is};

const NONE: u32 = u32::MAX;

/// Returns how many statements were moved.
pub(crate) fn twins(draft: &mut Draft) -> usize {
    // By value: where its sine or cosine was computed first.
    let mut first = vec![NONE; draft.definitions.len()];
    let mut insertions: Vec<(u32, Statement)> = Vec::new();
    let mut moved = vec![false; draft.statements.len()];
    for (position, statement) in draft.statements.iter().enumerate() {
        if !is(statement.action, Op::Sin) && !is(statement.action, Op::Cos) {
            continue;
        }
        let number = draft.operands(statement)[0] as usize;
        match first[number] {
            NONE => first[number] = position as u32,
            partner => {
                let partner_action = draft.statements[partner as usize].action;
                if partner_action != statement.action && partner as usize + 1 != position {
                    insertions.push((partner, *statement));
                    moved[position] = true;
                }
            }
        }
    }
    let found = insertions.len();
    if found > 0 {
        draft.relocate(insertions, &moved);
    }
    found
}
