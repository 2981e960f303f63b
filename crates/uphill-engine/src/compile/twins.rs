//! Elementary functions that can be computed two at a time come next to each other.
//!
//! Sine and cosine of one number: a gradient needs the cosine of what the function took the sine of, but much later, in
//! the sweep back. Side by side, the argument is reduced once where a backend computes both, each can be computed while
//! the other is still on its way, and the argument need not be kept for the cosine alone. And two exponentials, or two
//! sigmoids, where the first is not needed for the second: machine code computes both in one register. Same bits.

use uphill_graph::Op;

use super::draft::{Draft, Statement, is};

const NONE: u32 = u32::MAX;
/// By how many statements an exponential or a sigmoid waits for another one, at most.
const WAIT: usize = 64;

/// Returns how many statements were moved.
pub(crate) fn twins(draft: &mut Draft) -> usize {
    let mut moves = Moves { insertions: Vec::new(), moved: vec![false; draft.statements.len()] };
    sines_and_cosines(draft, &mut moves);
    for op in [Op::Exp, Op::Sigmoid] {
        couples(draft, op, &mut moves);
    }
    let found = moves.insertions.len();
    if found > 0 {
        draft.relocate(moves.insertions, &moves.moved);
    }
    found
}

struct Moves {
    /// What goes behind the statement at that position.
    insertions: Vec<(u32, Statement)>,
    moved: Vec<bool>,
}

fn sines_and_cosines(draft: &Draft, moves: &mut Moves) {
    let is_one =
        |statement: &Statement| is(statement.action, Op::Sin) || is(statement.action, Op::Cos);
    if !draft.statements.iter().any(|statement| is(statement.action, Op::Cos)) {
        return;
    }
    // By value: where its sine or cosine was computed first.
    let mut first = vec![NONE; draft.definitions.len()];
    for (position, statement) in draft.statements.iter().enumerate() {
        if !is_one(statement) {
            continue;
        }
        let number = draft.operands(statement)[0] as usize;
        match first[number] {
            NONE => first[number] = position as u32,
            partner => {
                let other = draft.statements[partner as usize].action;
                if other != statement.action && partner as usize + 1 != position {
                    moves.insertions.push((partner, *statement));
                    moves.moved[position] = true;
                }
            }
        }
    }
}

/// Each waits for the next one, if nobody needs it before. For code that runs once a call: lanes have full registers.
fn couples(draft: &Draft, op: Op, moves: &mut Moves) {
    // The position of one that waits, and its value.
    let mut waiting: Option<(usize, u32)> = None;
    for (position, statement) in draft.statements.iter().enumerate() {
        if let Some((since, value)) = waiting {
            let mut is_read = false;
            draft.each_operand(statement, |operand| is_read |= operand == value);
            if is_read || position - since > WAIT {
                waiting = None;
            }
        }
        if !is(statement.action, op) || draft.is_varying(statement) {
            continue;
        }
        waiting = match waiting {
            Some((since, _)) => {
                if since + 1 < position {
                    moves.insertions.push((position as u32 - 1, draft.statements[since]));
                    moves.moved[since] = true;
                }
                None
            }
            None => Some((position, statement.value)),
        };
    }
}
