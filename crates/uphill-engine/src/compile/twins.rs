//! Elementary functions that can be computed two at a time come next to each other.
//!
//! Sine and cosine of one number: a gradient needs the cosine of what the function took the sine of, but much later, in
//! the sweep back. Side by side, the argument is reduced once where a backend computes both, each can be computed while
//! the other is still on its way, and the argument need not be kept for the cosine alone. And two exponentials, or two
//! sigmoids, where the first is not needed for the second: machine code computes both in one register. Same bits.

use std::sync::LazyLock;

use uphill_graph::{Op, Pair};

use super::draft::{Draft, Statement, is};
use crate::code::Action;

const NONE: u32 = u32::MAX;
/// By how many statements an exponential or a sigmoid waits for another one, at most.
const WAIT: usize = 64;

/// Operations that have code for two at once: with another one of the same number, or with themselves of two numbers.
struct Pairs {
    of_one: Vec<Op>,
    of_two: Vec<Op>,
}

static PAIRS: LazyLock<Pairs> = LazyLock::new(|| {
    let all = || Op::ALL.iter().copied();
    let has_partner = |op: Op| all().any(|other| matches!(op.beside(other), Some(Pair::OfOne(_))));
    Pairs {
        of_one: all().filter(|&op| has_partner(op)).collect(),
        of_two: all().filter(|&op| matches!(op.beside(op), Some(Pair::OfTwo(_)))).collect(),
    }
});

/// Returns how many statements were moved.
pub(crate) fn twins(draft: &mut Draft) -> usize {
    let mut moves = Moves { insertions: Vec::new(), moved: vec![false; draft.statements.len()] };
    of_one_number(draft, &PAIRS.of_one, &mut moves);
    for &op in &PAIRS.of_two {
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

/// Sines and cosines, for instance: the later one goes behind the first one of its number.
fn of_one_number(draft: &Draft, ops: &[Op], moves: &mut Moves) {
    let op_of = |statement: &Statement| match statement.action {
        Action::Op(op) if ops.contains(&op) => Some(op),
        _ => None,
    };
    if draft.statements.iter().filter_map(op_of).nth(1).is_none() {
        return;
    }
    // By value: where the first of them was computed of it.
    let mut first = vec![NONE; draft.definitions.len()];
    for (position, statement) in draft.statements.iter().enumerate() {
        let Some(op) = op_of(statement) else { continue };
        let number = draft.operands(statement)[0] as usize;
        match first[number] {
            NONE => first[number] = position as u32,
            partner => {
                let other = op_of(&draft.statements[partner as usize]);
                let is_pair = other.is_some_and(|other| other.beside(op).is_some());
                if is_pair && partner as usize + 1 != position {
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
