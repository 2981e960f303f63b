//! Steps that are joined to the one before: a look at an instruction less, and the same arithmetic.
//!
//! A vector that is loaded only for the next step becomes an operand of that step, and a negation a part of the step
//! whose value it negates.

use super::make::Planned;
use super::step::{Operation, Step, form};

/// Joins the steps of a strip.
pub(super) fn join(steps: &mut Vec<Planned>) {
    let mut end = 0;
    for position in 0..steps.len() {
        let mut next = steps[position];
        let before = (end > 0).then(|| &mut steps[end - 1]);
        match before {
            Some(load)
                if load.is_of_a_vector && is_plain_load(&load.step) && next.step.has_room() =>
            {
                next.step.form |= form::LOAD;
                (next.step.y, next.y) = (load.step.x, load.x);
                *load = next;
            }
            Some(Planned { step: before, target, .. })
                if next.step.operation == Operation::Neg && before.can_negate(&next.step) =>
            {
                before.form |= form::NEGATIVE;
                if next.step.keep {
                    (before.keep, before.target) = (true, next.step.target);
                    *target = next.target;
                }
            }
            _ => {
                steps[end] = next;
                end += 1;
            }
        }
    }
    steps.truncate(end);
}

fn is_plain_load(step: &Step) -> bool {
    step.operation == Operation::Load && step.form == 0 && !step.keep
}

impl Step {
    /// Whether `y` is free for a vector to be loaded first.
    fn has_room(&self) -> bool {
        let full = matches!(
            self.operation,
            Operation::Load
                | Operation::Share
                | Operation::Curves
                | Operation::Surface
                | Operation::Clamp
                | Operation::Select
                | Operation::MultiplyAdd
                | Operation::NegativeMultiplyAdd
                | Operation::MultiplySubtract
                | Operation::AddProduct
        );
        !full
    }

    /// Whether this step can do what a negation behind it does.
    fn can_negate(&self, negation: &Step) -> bool {
        let target_is_free = !self.operation.is_total() && self.operation != Operation::Curves;
        // Negated twice is rare.
        let is_first = self.form & form::NEGATIVE == 0 && negation.form == 0;
        is_first && !self.keep && (target_is_free || !negation.keep)
    }
}
