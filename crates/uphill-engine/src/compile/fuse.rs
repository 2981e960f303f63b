//! Short products become products of two, sums of products fused dot products, and slopes of sigmoid and tanh one step
//! each.
//!
//! Fusing rounds a product and its addition once instead of twice (docs/adr/0008-programs.md); under `strict` it is
//! left out. The slopes keep all bits. A product that something else reads stays as it is.

use smallvec::SmallVec;
use uphill_graph::Op;

use super::draft::{Draft, Statement, Values, is};
use crate::code::Action;

/// A product of so many factors is written as products of two: what comes next looks for these, and a list costs more
/// than a few steps.
const FACTORS: u32 = 4;

/// `x·y·z` as `(x·y)·z`, which is how it is computed anyway.
pub(crate) fn products(draft: &mut Draft) {
    let is_short = |s: &Statement| is(s.action, Op::Product) && (2..=FACTORS).contains(&s.count);
    if !draft.statements.iter().any(is_short) {
        return;
    }
    let old = std::mem::take(&mut draft.statements);
    let mut statements = Vec::with_capacity(old.len());
    for statement in old {
        if !is_short(&statement) {
            statements.push(statement);
            continue;
        }
        let factors = Values::from_slice(draft.operands(&statement));
        let mut product = factors[0];
        for (k, &factor) in factors.iter().enumerate().skip(1) {
            let varies = |value: u32| draft.definitions[value as usize].is_varying();
            let value = match k + 1 == factors.len() {
                true => statement.value,
                false => draft.new_value(varies(product) || varies(factor)),
            };
            statements.push(draft.statement(Action::Op(Op::Mul), value, &[product, factor]));
            product = value;
        }
    }
    draft.statements = statements;
}

/// `d · z(1 − z)` and `d · (1 − z²)` from the output `z`.
///
/// Returns how many were found.
pub(crate) fn slopes(draft: &mut Draft) -> usize {
    let uses = draft.use_counts();
    let givers = draft.givers();
    let mut found = 0;
    for position in 0..draft.statements.len() {
        let statement = draft.statements[position];
        if !is(statement.action, Op::Mul) {
            continue;
        }
        let &[adjoint, slope] = draft.operands(&statement) else { continue };
        let private = |value: u32, op: Op| -> Option<&[u32]> {
            let giver = draft.statements.get(givers[value as usize] as usize)?;
            (uses[value as usize] == 1 && is(giver.action, op)).then(|| draft.operands(giver))
        };
        let one_minus = |value: u32| match private(value, Op::Sub) {
            Some(&[one, rest]) if draft.constant(one) == Some(1.0) => Some(rest),
            _ => None,
        };
        let pattern = match private(slope, Op::Mul) {
            Some(&[z, rest]) if one_minus(rest) == Some(z) => Some((Action::SigmoidSlope, z)),
            _ => one_minus(slope).and_then(|square| match private(square, Op::Square) {
                Some(&[z]) => Some((Action::TanhSlope, z)),
                _ => None,
            }),
        };
        if let Some((action, z)) = pattern {
            draft.statements[position] = draft.statement(action, statement.value, &[adjoint, z]);
            found += 1;
        }
    }
    if found > 0 {
        draft.sweep();
    }
    found
}

/// A term of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Term {
    Plain(u32),
    /// The product that this value is, of these factors.
    Product {
        value: u32,
        x: u32,
        y: u32,
    },
}

/// Sums with products in them: multiply-adds and dot products.
///
/// Returns how many products were fused into sums.
pub(crate) fn sums(draft: &mut Draft) -> usize {
    let uses = draft.use_counts();
    let givers = draft.givers();
    let mut absorbed = vec![false; draft.statements.len()];
    let mut found = 0;
    for position in (0..draft.statements.len()).rev() {
        if absorbed[position] {
            continue;
        }
        let statement = draft.statements[position];
        let private = |value: u32| -> Option<usize> {
            let giver = givers[value as usize] as usize;
            (uses[value as usize] == 1 && giver < draft.statements.len()).then_some(giver)
        };
        let product = |value: u32| -> Option<Term> {
            let giver = &draft.statements[private(value)?];
            if !is(giver.action, Op::Mul) {
                return None;
            }
            let &[x, y] = draft.operands(giver) else { return None };
            Some(Term::Product { value, x, y })
        };
        if is(statement.action, Op::Sub) {
            let &[x, y] = draft.operands(&statement) else { continue };
            let (action, term, other) = match (product(x), product(y)) {
                (_, Some(term)) => (Action::NegativeMultiplyAdd, term, x),
                (Some(term), None) => (Action::MultiplySubtract, term, y),
                (None, None) => continue,
            };
            if let Term::Product { value, x, y } = term {
                absorbed[givers[value as usize] as usize] = true;
                draft.statements[position] =
                    draft.statement(action, statement.value, &[x, y, other]);
                found += 1;
            }
            continue;
        }
        let Some((terms, opened)) = terms(draft, position, &private, &product) else { continue };
        if let Some((action, operands, swallowed)) = fused(draft, &terms) {
            found += swallowed.len();
            for value in swallowed {
                absorbed[givers[value as usize] as usize] = true;
            }
            for inner in opened {
                absorbed[inner] = true;
            }
            draft.statements[position] = draft.statement(action, statement.value, &operands);
        }
    }
    if found > 0 {
        draft.sweep();
    }
    found
}

/// The terms of a sum in order, and the inner sums that were opened to find them: first operands that nobody else
/// reads.
fn terms(
    draft: &Draft,
    position: usize,
    private: &dyn Fn(u32) -> Option<usize>,
    product: &dyn Fn(u32) -> Option<Term>,
) -> Option<(Vec<Term>, SmallVec<[usize; 2]>)> {
    let mut opened = SmallVec::new();
    let mut levels: SmallVec<[usize; 2]> = SmallVec::new();
    let mut current = position;
    loop {
        let statement = &draft.statements[current];
        let first = draft.operands(statement).first().copied();
        match statement.action {
            Action::Op(Op::Add | Op::Sum) => levels.push(current),
            Action::Op(Op::Dot) => {
                levels.push(current);
                break;
            }
            _ if levels.is_empty() => return None,
            _ => break,
        }
        match first.and_then(private) {
            Some(inner)
                if matches!(
                    draft.statements[inner].action,
                    Action::Op(Op::Add | Op::Sum | Op::Dot)
                ) =>
            {
                current = inner;
            }
            _ => break,
        }
    }
    let mut terms = Vec::new();
    for (depth, &level) in levels.iter().rev().enumerate() {
        let statement = &draft.statements[level];
        let operands = draft.operands(statement);
        if is(statement.action, Op::Dot) {
            let pairs = operands.chunks_exact(2);
            // A dot's own products are nobody's values.
            terms.extend(pairs.map(|pair| Term::Product {
                value: u32::MAX,
                x: pair[0],
                y: pair[1],
            }));
        } else {
            let operands = if depth > 0 { &operands[1..] } else { operands };
            terms.extend(operands.iter().map(|&x| product(x).unwrap_or(Term::Plain(x))));
        }
        if level != position {
            opened.push(level);
        }
    }
    Some((terms, opened))
}

/// The one action for these terms, its operands, and the products that it swallows; `None` to leave them.
fn fused(draft: &mut Draft, terms: &[Term]) -> Option<(Action, Values, Vec<u32>)> {
    // A dot's products can't be left alone.
    let is_of_dot = |term: &Term| matches!(term, Term::Product { value: u32::MAX, .. });
    let pair = match *terms {
        [first, second] if !is_of_dot(&first) => match (first, second) {
            (other, Term::Product { x, y, value }) | (Term::Product { x, y, value }, other) => {
                Some((x, y, value, other))
            }
            _ => return None,
        },
        _ => None,
    };
    if let Some((x, y, value, Term::Plain(other) | Term::Product { value: other, .. })) = pair {
        return Some((Action::MultiplyAdd, [x, y, other].as_slice().into(), vec![value]));
    }
    if !terms.iter().any(|term| matches!(term, Term::Product { .. })) {
        return None;
    }
    let one = draft.one();
    let mut swallowed = Vec::new();
    let mut operands = Values::new();
    for &term in terms {
        match term {
            Term::Product { value, x, y } => {
                operands.extend([x, y]);
                if value != u32::MAX {
                    swallowed.push(value);
                }
            }
            Term::Plain(value) => operands.extend([value, one]),
        }
    }
    Some((Action::Dot, operands, swallowed))
}
