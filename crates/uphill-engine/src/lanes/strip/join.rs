//! Steps that are joined to the one before: a look at an instruction less, and the same arithmetic.
//!
//! A vector that is loaded only for the next step becomes an operand of that step, and a negation a part of the step
//! whose value it negates.

use super::step::{Operation, Step, form};

/// Joins the steps from `first` on.
pub(super) fn join(steps: &mut Vec<Step>, first: usize) {
    let mut end = first;
    for position in first..steps.len() {
        let mut step = steps[position];
        // These write their target on the way.
        step.keep &= !step.operation.is_curve();
        let before = (end > first).then(|| &mut steps[end - 1]);
        match before {
            Some(load) if is_plain_load(load) && step.has_room() => {
                step.form |= form::LOAD;
                step.y = load.x;
                *load = step;
            }
            Some(before) if step.operation == Operation::Neg && before.can_negate(&step) => {
                before.form |= form::NEGATIVE;
                if step.keep {
                    (before.keep, before.target) = (true, step.target);
                }
            }
            _ => {
                steps[end] = step;
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
                | Operation::Curves
                | Operation::Clamp
                | Operation::Select
                | Operation::MultiplyAdd
                | Operation::NegativeMultiplyAdd
                | Operation::MultiplySubtract
        );
        !full
    }

    /// Whether this step can do what a negation behind it does.
    fn can_negate(&self, negation: &Step) -> bool {
        let target_is_free = !self.operation.is_total() && !self.operation.is_curve();
        // Negated twice is rare.
        let is_first = self.form & form::NEGATIVE == 0 && negation.form == 0;
        is_first && !self.keep && (target_is_free || !negation.keep)
    }
}
